/* SPDX-License-Identifier: GPL-2.0-only */
/* Go's statements, for goroutines: what can not fail in Go must not fail here. */
#ifndef HCHAN_GO_CHAN_H
#define HCHAN_GO_CHAN_H

/* c <- v, of any element size */
static inline void g_send(int c, const void *v, uint32_t size)
{
	int ret = hc_send(c, v, size);

	if (ret)
		hc_broken("send: %s", strerror(-ret));
}

/* *v, ok = <-c */
static inline bool g_recv_ok(int c, void *v, uint32_t size)
{
	int ret = hc_recv(c, v, size);

	if (ret < 0)
		hc_broken("receive: %s", strerror(-ret));
	return ret;
}

/* *v = <-c, from a channel that is not closed */
static inline void g_recv(int c, void *v, uint32_t size)
{
	hc_must(g_recv_ok(c, v, size));
}

/* The same for channels of longs. */
static inline void g_put(int c, long v)
{
	g_send(c, &v, sizeof(v));
}

static inline bool g_get_ok(int c, long *v)
{
	return g_recv_ok(c, v, sizeof(*v));
}

static inline long g_get(int c)
{
	long v;

	g_recv(c, &v, sizeof(v));
	return v;
}

/* select { case c <- v: true; default: false } */
static inline bool g_try_put(int c, long v)
{
	int ret = hc_try_send(c, &v, sizeof(v));

	if (ret && ret != -EAGAIN)
		hc_broken("send: %s", strerror(-ret));
	return !ret;
}

/* The same with a receive; 0 if the channel is closed, -EAGAIN for default. */
static inline int g_try_get(int c, long *v)
{
	int ret = hc_try_recv(c, v, sizeof(*v));

	if (ret < 0 && ret != -EAGAIN)
		hc_broken("receive: %s", strerror(-ret));
	return ret;
}

static inline void g_close(int c)
{
	int ret = hc_close(c);

	if (ret)
		hc_broken("close: %s", strerror(-ret));
}

/* A case of a select, a nil one if the channel is. */
static inline struct hchan_case g_case(uint16_t op, int c, const void *v,
				       uint32_t size)
{
	return c == G_NIL ? hc_case_nil() : hc_case(op, c, v, size);
}

/* case c <- *v; case *v = <-c */
static inline struct hchan_case g_case_put(int c, const long *v)
{
	return g_case(HCHAN_CASE_SEND, c, v, sizeof(*v));
}

static inline struct hchan_case g_case_get(int c, long *v)
{
	return g_case(HCHAN_CASE_RECV, c, v, sizeof(*v));
}

/* Which case went. Whether a receive's ok is true, or a send done: hc_case_ok() */
static inline int g_select(struct hchan_case *cases, uint32_t n)
{
	int ret = hc_select_on(g_dev, cases, n, 0, 0, NULL);

	if (ret < 0)
		hc_broken("select: %s", strerror(-ret));
	return ret;
}

/* With a default, which is -1. */
static inline int g_try_select(struct hchan_case *cases, uint32_t n)
{
	int ret = hc_select_on(g_dev, cases, n, HCHAN_NOWAIT, 0, NULL);

	if (ret < 0 && ret != -EAGAIN)
		hc_broken("select: %s", strerror(-ret));
	return ret < 0 ? -1 : ret;
}

#endif /* HCHAN_GO_CHAN_H */
