// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan: doubleselect, fifo, goroutines, nonblock, perm, sendstmt
 * and zerosize.
 */
#include "prog.h"

/*
 * doubleselect: a counter goes to any of four channels, which come together
 * again. No number comes twice, and none is missing.
 */
GO(count_to_any)
{
	struct hchan_case cases[4];
	long i;
	int k;

	for (i = 0; i < arg[0]; i++) {
		for (k = 0; k < 4; k++)
			cases[k] = g_case_put(ch[k], &i);
		hc_must(hc_case_ok(&cases[g_select(cases, 4)]));
	}
	for (k = 0; k < 4; k++)
		g_close(ch[k]);
}

GO(bring_together)
{
	long v;

	while (g_get_ok(ch[1], &v))
		g_put(ch[0], v);
	g_put(ch[2], 0);
}

GO(close_after_four)
{
	int i;

	for (i = 0; i < 4; i++)
		g_get(ch[1]);
	g_close(ch[0]);
}

GO_MAIN(doubleselect)
{
	int together = g_longs(0), done = g_longs(0), c[4], k;
	long n = hc_scale(2000), came = 0, v;
	bool *seen = calloc(n, 1);

	for (k = 0; k < 4; k++)
		c[k] = g_longs(0);
	g_go(count_to_any, CH(c[0], c[1], c[2], c[3]), n);
	for (k = 0; k < 4; k++)
		g_go(bring_together, CH(together, c[k], done));
	g_go(close_after_four, CH(together, done));
	for (; g_get_ok(together, &v); came++) {
		hc_must(v >= 0 && v < n && !seen[v]);
		seen[v] = true;
	}
	hc_must(came == n);
	free(seen);
}

/* fifo: through a buffer, */
#define FIFO 10

GO(receive_in_order)
{
	long i;

	for (i = 0; i < FIFO; i++)
		hc_must(g_get(ch[0]) == i);
	g_put(ch[1], 0);
}

GO_MAIN(fifo_buffered)
{
	int c = g_longs(FIFO), done = g_longs(0);
	long i;

	for (i = 0; i < FIFO; i++)
		g_put(c, i);
	for (i = 0; i < FIFO; i++)
		hc_must(g_get(c) == i);
	for (i = 0; i < FIFO; i++)
		g_put(c, i);
	g_go(receive_in_order, CH(c, done));
	g_get(done);
}

/* and by a daisy chain of receivers, of which each lets the next one go. */
GO(link_of_chain)
{
	g_get(ch[1]);
	hc_must(g_get(ch[0]) == arg[0]);
	g_put(ch[2], 1);
}

GO_MAIN(fifo_chain)
{
	int c = g_longs(0), start = g_longs(0), in = start, out;
	long i;

	for (i = 0; i < FIFO; i++) {
		out = g_longs(0);
		g_go(link_of_chain, CH(c, in, out), i);
		in = out;
	}
	g_put(start, 0);
	for (i = 0; i < FIFO; i++)
		g_put(c, i);
	hc_must(g_get(in) == 1);
}

/* goroutines: many, each of which hands one element on to the one before. */
GO(hand_on)
{
	g_put(ch[0], g_get(ch[1]));
}

GO(send_the_first)
{
	g_put(ch[0], 1);
}

GO_MAIN_TIMEOUT(goroutines, 60)
{
	long n = p_goroutines(1000, 250, 80), i;
	int leftmost = g_longs(0), left = leftmost, right;

	for (i = 0; i < n; i++) {
		right = g_longs(0);
		g_go(hand_on, CH(left, right));
		if (left != leftmost)
			g_drop(left);
		left = right;
	}
	g_go(send_the_first, CH(left));
	hc_must(g_get(leftmost) == 1);
}

/*
 * nonblock: elements of several sizes. Where Go tries again for a while, the
 * other one is known to be parked here: the first try must do.
 */
static const uint32_t sizes[] = { 4, 8, 1, 16 };

GO(receive_sized)
{
	uint8_t element[16];

	g_recv(ch[0], element, arg[0]);
	hc_must(hc_is(element, arg[0], 123));
	g_put(ch[1], 0);
}

GO(send_sized)
{
	uint8_t element[16];

	hc_fill(element, arg[0], 234);
	g_send(ch[0], element, arg[0]);
	g_put(ch[1], 0);
}

static void nonblock_one(uint32_t size, uint64_t cap)
{
	int c = g_make(size, cap), sync = g_longs(0);
	struct hchan_case select;
	uint8_t element[16];

	select = g_case(HCHAN_CASE_RECV, c, element, size);
	hc_must(g_try_select(&select, 1) == -1);
	hc_must(hc_try_recv(c, element, size) == -EAGAIN);

	g_go(receive_sized, CH(c, sync), size);
	hc_must(!hc_wait_receivers(c, 1));
	hc_fill(element, size, 123);
	select = g_case(HCHAN_CASE_SEND, c, element, size);
	hc_must(g_try_select(&select, 1) == 0 && hc_case_ok(&select));
	g_get(sync);

	g_go(send_sized, CH(c, sync), size);
	if (cap)
		g_get(sync);
	else
		hc_must(!hc_wait_senders(c, 1));
	select = g_case(HCHAN_CASE_RECV, c, element, size);
	hc_must(g_try_select(&select, 1) == 0 && hc_case_ok(&select));
	hc_must(hc_is(element, size, 234));
	if (!cap)
		g_get(sync);
	g_drop(c);
	g_drop(sync);
}

GO_MAIN(nonblock)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		nonblock_one(sizes[i], 0);
		nonblock_one(sizes[i], 1);
	}
}

/*
 * perm: what the compiler refuses there the kernel refuses here, as a call and
 * as a case of a select, and what is allowed goes.
 */
static void only_receives(int c)
{
	struct hchan_case select[2];
	const long zero = 0;
	uint32_t index;
	long v;

	hc_must(hc_send(c, &zero, sizeof(zero)) == -EBADF);
	hc_must(hc_try_send(c, &zero, sizeof(zero)) == -EBADF);
	hc_must(hc_write(c, &zero, sizeof(zero), 0) == -EBADF);
	hc_must(hc_close(c) == -EBADF);
	hc_must(hc_narrow(c, O_RDWR) == -EACCES);
	hc_must(hc_narrow(c, O_WRONLY) == -EACCES);
	select[0] = g_case_get(c, &v);
	select[1] = g_case_put(c, &zero);
	hc_must(hc_select_on(g_dev, select, 2, 0, 0, &index) == -EBADF);
	hc_must(index == 1);
	hc_must(g_select(select, 1) == 0 && v == 7);
	hc_must(g_get(c) == 8);
}

static void only_sends(int c)
{
	struct hchan_case select[2];
	const long seven = 7;
	uint32_t index;
	long v;

	hc_must(hc_recv(c, &v, sizeof(v)) == -EBADF);
	hc_must(hc_try_recv(c, &v, sizeof(v)) == -EBADF);
	hc_must(hc_read(c, &v, sizeof(v), 0) == -EBADF);
	hc_must(hc_narrow(c, O_RDWR) == -EACCES);
	hc_must(hc_narrow(c, O_RDONLY) == -EACCES);
	select[0] = g_case_put(c, &seven);
	select[1] = g_case_get(c, &v);
	hc_must(hc_select_on(g_dev, select, 2, 0, 0, &index) == -EBADF);
	hc_must(index == 1);
	hc_must(g_select(select, 1) == 0);
	g_put(c, 8);
	g_close(c);
}

GO(send_with_one_direction)
{
	int only = p_only(ch[0], O_WRONLY);

	only_sends(only);
	hc_must(!close(only));
}

GO_MAIN(perm)
{
	int c = g_longs(0), only = p_only(c, O_RDONLY);
	struct hchan_case select;
	long v;

	g_go(send_with_one_direction, CH(c));
	only_receives(only);
	hc_must(!g_get_ok(only, &v) && v == 0);
	/* <-n, n <- 2, close(n), where n is no channel */
	hc_must(hc_send(g_dev, &v, sizeof(v)) == -ENOTTY);
	hc_must(hc_recv(g_dev, &v, sizeof(v)) == -ENOTTY);
	hc_must(hc_close(g_dev) == -ENOTTY);
	select = g_case_get(g_dev, &v);
	hc_must(hc_select(&select, 1) == -EBADF);
}

/* sendstmt: a channel out of a channel, and a send to it, in one statement. */
GO(send_to_what_comes)
{
	struct g_ref ref;
	int c;

	g_recv(ch[0], &ref, sizeof(ref));
	c = g_take(&ref);
	hc_must(g_try_put(c, 2));
	g_drop(c);
}

GO_MAIN(sendstmt)
{
	int cc = g_make(sizeof(struct g_ref), 1), c = g_make_ref(sizeof(long), 1);
	struct g_ref ref = g_ref(c);
	int flags = g_make(1, 1);
	bool flag = true;

	g_send(cc, &ref, sizeof(ref));
	g_go(send_to_what_comes, CH(cc));
	hc_must(g_get(c) == 2);

	g_send(flags, &flag, 1);
	flag = false;
	g_recv(flags, &flag, 1);
	hc_must(flag);
}

/* zerosize: elements of no bytes can be had, are counted, and come. */
GO(send_nothing)
{
	g_send(ch[0], NULL, 0);
}

GO_MAIN(zerosize)
{
	uint64_t cap;

	for (cap = 0; cap < 2; cap++) {
		int c = g_make(0, cap);
		uint64_t i;

		for (i = 0; i < cap; i++) {
			g_send(c, NULL, 0);
			hc_must(hc_len(c) == i + 1);
		}
		hc_must(hc_try_send(c, NULL, 0) == -EAGAIN);
		g_go(send_nothing, CH(c));
		hc_must(!hc_wait_senders(c, 1));
		for (i = 0; i < cap + 1; i++)
			g_recv(c, NULL, 0);
		hc_must(hc_try_recv(c, NULL, 0) == -EAGAIN);
		g_close(c);
		hc_must(!g_recv_ok(c, NULL, 0));
		g_drop(c);
	}
}

TEST_HARNESS_MAIN
