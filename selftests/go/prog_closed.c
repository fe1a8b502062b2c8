// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/closedchan: every operation on a closed channel, in each way
 * to do it there is: a call of its own, read(2) and write(2), a select of it
 * alone, a select of more, a set. Also what is left to do there: operations in
 * each of these ways are parked when the channel is closed.
 */
#include "prog.h"

/* What an operation does: an element, the end, nothing yet, or an error. */
struct way {
	int (*send)(int c, long v, bool nowait);
	int (*recv)(int c, long *v, bool nowait);
};

/* Where nothing comes. */
static int dummy = G_NIL;

static int call_send(int c, long v, bool nowait)
{
	return hc_put_by(HC_IOCTL, c, &v, sizeof(v), nowait);
}

static int call_recv(int c, long *v, bool nowait)
{
	return hc_get_by(HC_IOCTL, c, v, sizeof(*v), nowait);
}

static int file_send(int c, long v, bool nowait)
{
	return hc_put_by(HC_RW, c, &v, sizeof(v), nowait);
}

/* read(2) says the end by its return value and has no zero to give. */
static int file_recv(int c, long *v, bool nowait)
{
	int ret = hc_get_by(HC_RW, c, v, sizeof(*v), nowait);

	if (!ret)
		*v = 0;
	return ret;
}

static int by_select(struct hchan_case *cases, int n, bool nowait)
{
	const uint32_t flags = nowait ? HCHAN_NOWAIT : 0;
	int ret = hc_select_by(cases, n, flags, 0);

	if (ret < 0)
		return ret;
	hc_must(ret == n - 1);
	if (cases[ret].error)
		return cases[ret].error;
	if (cases[ret].op == HCHAN_CASE_SEND)
		return 0;
	return cases[ret].status == HCHAN_ST_OK;
}

static int select_send(int c, long v, bool nowait)
{
	struct hchan_case one = g_case_put(c, &v);

	return by_select(&one, 1, nowait);
}

static int select_recv(int c, long *v, bool nowait)
{
	struct hchan_case one = g_case_get(c, v);

	return by_select(&one, 1, nowait);
}

static int select_more_send(int c, long v, bool nowait)
{
	long none;
	struct hchan_case two[2] = {
		g_case_get(dummy, &none), g_case_put(c, &v),
	};

	return by_select(two, 2, nowait);
}

static int select_more_recv(int c, long *v, bool nowait)
{
	long none;
	struct hchan_case two[2] = {
		g_case_get(dummy, &none), g_case_get(c, v),
	};

	return by_select(two, 2, nowait);
}

static int by_set(struct hchan_case c, bool nowait)
{
	struct hchan_set_select out;
	int set = hc_set(), ret;
	long none;

	hc_must(set >= 0);
	hc_must(hc_set_add(set, g_case_get(dummy, &none)) == 0);
	hc_must(hc_set_add(set, c) == 1);
	ret = hc_set_select_by(set, nowait ? HCHAN_NOWAIT : 0, 0, &out);
	close(set);
	if (ret < 0)
		return ret;
	hc_must(ret == 1);
	if (out.error)
		return out.error;
	return c.op == HCHAN_CASE_SEND ? 0 : out.status == HCHAN_ST_OK;
}

static int set_send(int c, long v, bool nowait)
{
	return by_set(g_case_put(c, &v), nowait);
}

static int set_recv(int c, long *v, bool nowait)
{
	return by_set(g_case_get(c, v), nowait);
}

static const struct way ways[] = {
	{ call_send, call_recv },
	{ file_send, file_recv },
	{ select_send, select_recv },
	{ select_more_send, select_more_recv },
	{ set_send, set_recv },
};

/* The channel's end, by a receive that may wait or by one that must not. */
static void must_be_at_end(const struct way *way, int c)
{
	long v;
	int i;

	for (i = 0; i < 6; i++) {
		v = -1;
		hc_must(way->recv(c, &v, i % 2) == 0);
		hc_must(v == 0);
	}
}

/* A send fails, and what it had to send is nowhere to be found. */
static void must_be_closed(const struct way *way, int c)
{
	must_be_at_end(way, c);
	hc_must(way->send(c, 1, true) == -EPIPE);
	must_be_at_end(way, c);
	hc_must(way->send(c, 2, false) == -EPIPE);
	must_be_at_end(way, c);
	hc_must(hc_len(c) == 0);
}

/* arg: the way; whether to wait for what is left */
GO(find_closed)
{
	const struct way *way = &ways[arg[0]];
	long v = 0;

	dummy = ch[1];
	if (arg[1] >= 0) {
		hc_must(way->recv(ch[0], &v, arg[1]) == 1);
		hc_must(v == 1);
	}
	must_be_closed(way, ch[0]);
	g_put(ch[2], 0);
}

GO_MAIN(closed_unbuffered)
{
	int nothing = g_longs(0), done = g_longs(0);
	long way;

	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		int c = g_longs(0);

		g_close(c);
		g_go(find_closed, CH(c, nothing, done), way, -1);
		g_get(done);
		g_drop(c);
	}
}

GO_MAIN(closed_buffered)
{
	int nothing = g_longs(0), done = g_longs(0);
	long way, nowait;

	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		for (nowait = 0; nowait < 2; nowait++) {
			int c = g_longs(2);

			g_put(c, 1);
			g_close(c);
			g_go(find_closed, CH(c, nothing, done), way, nowait);
			g_get(done);
			g_drop(c);
		}
	}
}

/* Closing again, and closing what is no channel: nil. */
GO(close_again)
{
	hc_must(hc_close(ch[0]) == -EALREADY);
	g_put(ch[1], 0);
}

GO_MAIN(close_closed)
{
	int c = g_longs(0), done = g_longs(0);

	hc_must(hc_close(G_NIL) == -EBADF);
	g_close(c);
	hc_must(hc_close(c) == -EALREADY);
	g_go(close_again, CH(c, done));
	g_get(done);
}

/* Parked when the close comes. */
GO(receive_until_closed)
{
	long v = -1;

	dummy = ch[1];
	hc_must(ways[arg[0]].recv(ch[0], &v, false) == 0 && v == 0);
	g_put(ch[2], 0);
}

GO(send_until_closed)
{
	dummy = ch[1];
	hc_must(ways[arg[0]].send(ch[0], 2, false) == -EPIPE);
	g_put(ch[2], 0);
}

GO_MAIN(close_wakes_receivers)
{
	int nothing = g_longs(0), done = g_longs(0), c = g_longs(0);
	const long n = ARRAY_SIZE(ways);
	long way;

	for (way = 0; way < n; way++)
		g_go(receive_until_closed, CH(c, nothing, done), way);
	hc_must(!hc_wait_receivers(c, n));
	g_close(c);
	for (way = 0; way < n; way++)
		g_get(done);
	hc_must(hc_parked(c, 0, 0) && hc_parked(nothing, 0, 0));
}

GO_MAIN(close_wakes_senders)
{
	int nothing = g_longs(0), done = g_longs(0), c = g_longs(1);
	const long n = ARRAY_SIZE(ways);
	long way, v;

	g_put(c, 1);
	for (way = 0; way < n; way++)
		g_go(send_until_closed, CH(c, nothing, done), way);
	hc_must(!hc_wait_senders(c, n));
	g_close(c);
	for (way = 0; way < n; way++)
		g_get(done);
	hc_must(g_get(c) == 1);
	hc_must(!g_get_ok(c, &v) && hc_parked(nothing, 0, 0));
}

TEST_HARNESS_MAIN
