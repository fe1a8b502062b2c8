// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/chan_test.go: TestChan, for each capacity from 0, and
 * TestNonblockRecvRace. What is asserted there after a sleep is asserted here
 * when the goroutines are parked.
 */
#include "go.h"

#define CAPS 20

/* The page: how many goroutines are through. */
#define THROUGH 0

GO(receive_one)
{
	hc_must(g_get(ch[0]) == arg[0]);
	g_count(THROUGH, 1);
}

GO(send_one)
{
	g_put(ch[0], arg[0]);
	g_count(THROUGH, 1);
}

/* Sends 0 to arg[0] - 1. */
GO(send_numbers)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		g_put(ch[0], i);
}

/* Receives arg[0] numbers below arg[1]; then the page's word for each is more. */
GO(count_numbers)
{
	long i, v;

	for (i = 0; i < arg[0]; i++) {
		v = g_get(ch[0]);
		hc_must(v >= 0 && v < arg[1]);
		g_count(1 + v, 1);
	}
	g_put(ch[1], 0);
}

GO(see_the_end)
{
	long v = 1;

	hc_must(!g_get_ok(ch[0], &v));
	g_put(ch[1], v);
}

/* A receive from an empty channel waits, and does not when it must not. */
GO_MAIN(chan_receive_from_empty)
{
	long cap, v;

	for (cap = 0; cap < hc_scale(CAPS); cap++) {
		int c = g_longs(cap);

		*g_word(THROUGH) = 0;
		g_go(receive_one, CH(c), 7);
		g_go(receive_one, CH(c), 7);
		hc_must(!hc_wait_receivers(c, 2));
		hc_must(g_try_get(c, &v) == -EAGAIN);
		hc_must(hc_parked(c, 0, 2) && *g_word(THROUGH) == 0);
		g_put(c, 7);
		g_put(c, 7);
		g_await(THROUGH, 2);
		hc_must(hc_parked(c, 0, 0) && hc_len(c) == 0);
		g_drop(c);
	}
}

/* A send to a full channel waits, and does not when it must not. */
GO_MAIN(chan_send_to_full)
{
	long cap, i;

	for (cap = 0; cap < hc_scale(CAPS); cap++) {
		int c = g_longs(cap);

		*g_word(THROUGH) = 0;
		for (i = 0; i < cap; i++)
			g_put(c, i);
		g_go(send_one, CH(c), cap);
		hc_must(!hc_wait_senders(c, 1));
		hc_must(!g_try_put(c, 99));
		hc_must(hc_parked(c, 1, 0) && *g_word(THROUGH) == 0);
		for (i = 0; i <= cap; i++)
			hc_must(g_get(c) == i);
		g_await(THROUGH, 1);
		g_drop(c);
	}
}

/* A closed channel gives what is left, then zeroes. */
GO_MAIN(chan_receive_from_closed)
{
	long cap, i, v;

	for (cap = 0; cap < hc_scale(CAPS); cap++) {
		int c = g_longs(cap);

		for (i = 0; i < cap; i++)
			g_put(c, i + 1);
		g_close(c);
		for (i = 0; i < cap; i++)
			hc_must(g_get(c) == i + 1);
		for (i = 0; i < 2; i++) {
			v = 1;
			hc_must(!g_get_ok(c, &v) && v == 0);
			v = 1;
			hc_must(g_try_get(c, &v) == 0 && v == 0);
		}
		g_drop(c);
	}
}

GO_MAIN(chan_close_unblocks_receive)
{
	long cap;

	for (cap = 0; cap < hc_scale(CAPS); cap++) {
		int c = g_longs(cap), done = g_longs(0);

		g_go(see_the_end, CH(c, done));
		hc_must(!hc_wait_receivers(c, 1));
		g_close(c);
		hc_must(g_get(done) == 0);
		g_drop(c);
		g_drop(done);
	}
}

GO_MAIN(chan_fifo)
{
	long cap, i, v;

	for (cap = 0; cap < hc_scale(CAPS); cap++) {
		int c = g_longs(cap);

		g_go(send_numbers, CH(c), 100);
		for (i = 0; i < 100; i++)
			hc_must(g_get(c) == i);
		g_go(send_numbers, CH(c), 100);
		for (i = 0; i < 100; i++)
			hc_must(g_get_ok(c, &v) && v == i);
		g_drop(c);
	}
}

/* Four senders and four receivers: each number comes as often as it was sent. */
GO_MAIN(chan_four_to_four)
{
	const long caps[] = { 0, 1, 7, 19, 199 };
	long n = hc_scale(500), i;
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(caps); k++) {
		int c = g_longs(caps[k]), done = g_longs(0);

		memset(g_page(), 0, G_PAGE_BYTES);
		for (i = 0; i < 4; i++) {
			g_go(send_numbers, CH(c), n);
			g_go(count_numbers, CH(c, done), n, n);
		}
		for (i = 0; i < 4; i++)
			g_get(done);
		for (i = 0; i < n; i++)
			hc_must(*g_word(1 + i) == 4);
		hc_must(hc_len(c) == 0);
		g_drop(c);
		g_drop(done);
	}
}

GO_MAIN(chan_len_and_cap)
{
	struct hchan_stat stat;
	long cap, i;

	for (cap = 0; cap < 10 * CAPS; cap++) {
		int c = g_longs(cap);

		for (i = 0; i <= cap; i++) {
			stat = hc_stat(c);
			hc_must(stat.length == i && stat.capacity == cap);
			hc_must(g_try_put(c, i) == (i < cap));
		}
		g_drop(c);
	}
}

/* The page, here: round by round who is ready to race, and when to start. */
#define READY 0
#define START 1

/* TestNonblockRecvRace: element or end, something is always there. */
GO(receive_without_waiting)
{
	struct g_ref ref;
	long i, v;
	int c;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[0], &ref, sizeof(ref));
		c = g_take(&ref);
		g_count(READY, 1);
		g_await(START, i);
		hc_must(g_try_get(c, &v) != -EAGAIN);
		g_drop(c);
	}
	g_put(ch[1], 0);
}

GO_MAIN(nonblock_recv_race)
{
	int work = g_make(sizeof(struct g_ref), 0), done = g_longs(0);
	long n = hc_scale(2000), i, v;

	g_stay_on(0);
	g_go(receive_without_waiting, CH(work, done), n);
	for (i = 1; i <= n; i++) {
		int c = g_make_ref(sizeof(long), 1);
		struct g_ref ref = g_ref(c);

		g_put(c, 1);
		g_send(work, &ref, sizeof(ref));
		g_await(READY, i);
		g_count(START, 1);
		g_close(c);
		g_get_ok(c, &v);
		g_drop(c);
	}
	g_get(done);
}

TEST_HARNESS_MAIN
