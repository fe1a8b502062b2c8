// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/typeparam/chans and orderedmap: small machines out of channels
 * and selects. Each also listens to a context's done channel, which is nil in
 * what Go checks; here one is also closed.
 */
#include "prog.h"

/* arg: numbers to send, then the channel is closed */
GO(send_and_close)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		g_put(ch[0], arg[1 + i]);
	g_close(ch[0]);
}

/* All that comes, until the channel is closed, or until @done is: then -1. */
static int read_all(int done, int c, long *values, int room)
{
	struct hchan_case cases[2];
	long v, none;
	int n = 0;

	for (;;) {
		cases[0] = g_case_get(done, &none);
		cases[1] = g_case_get(c, &v);
		if (g_select(cases, 2) == 0)
			return -1;
		if (!hc_case_ok(&cases[1]))
			return n;
		hc_must(n < room);
		values[n++] = v;
	}
}

GO_MAIN(read_all_of_one)
{
	int c = g_longs(0);
	long v[3];

	g_go(send_and_close, CH(c), 3, 4, 2, 5);
	hc_must(read_all(G_NIL, c, v, 3) == 3);
	hc_must(v[0] == 4 && v[1] == 2 && v[2] == 5);
}

/* ch: done, two in, out. Who is closed becomes nil. */
GO(merge)
{
	int c[3] = { ch[0], ch[1], ch[2] }, k;
	struct hchan_case cases[3];
	long v;

	while (c[1] != G_NIL || c[2] != G_NIL) {
		for (k = 0; k < 3; k++)
			cases[k] = g_case_get(c[k], &v);
		k = g_select(cases, 3);
		if (k == 0)
			break;
		if (hc_case_ok(&cases[k]))
			g_put(ch[3], v);
		else
			c[k] = G_NIL;
	}
	g_close(ch[3]);
}

GO_MAIN(merge_two)
{
	int c1 = g_longs(0), c2 = g_longs(0), out = g_longs(0), i;
	long v[6], odd = 1, even = 2;

	g_go(send_and_close, CH(c1), 3, 1, 3, 5);
	g_go(send_and_close, CH(c2), 3, 2, 4, 6);
	g_go(merge, CH(G_NIL, c1, c2, out));
	hc_must(read_all(G_NIL, out, v, 6) == 6);
	/* Each in its order; together as it comes. */
	for (i = 0; i < 6; i++) {
		long *next = v[i] % 2 ? &odd : &even;

		hc_must(v[i] == *next);
		*next += 2;
	}
}

/* The machine comes to its end, whatever it waits for. */
GO_MAIN(merge_cancelled)
{
	int c1 = g_longs(0), c2 = g_longs(0), out = g_longs(0);
	int done = g_longs(0);
	long v;

	g_go(merge, CH(done, c1, c2, out));
	hc_must(!hc_wait_receivers(done, 1));
	hc_must(hc_parked(c1, 0, 1) && hc_parked(c2, 0, 1));
	g_close(done);
	hc_must(!g_get_ok(out, &v));
	hc_must(hc_parked(c1, 0, 0) && hc_parked(c2, 0, 0));
	hc_must(read_all(done, c1, &v, 1) == -1);
}

/* ch: done, in, out. Only what is even goes on. */
GO(filter)
{
	struct hchan_case cases[2];
	long v, none;

	for (;;) {
		cases[0] = g_case_get(ch[0], &none);
		cases[1] = g_case_get(ch[1], &v);
		if (g_select(cases, 2) == 0 || !hc_case_ok(&cases[1]))
			break;
		if (v % 2 == 0)
			g_put(ch[2], v);
	}
	g_close(ch[2]);
}

GO_MAIN(filter_one)
{
	int c = g_longs(0), out = g_longs(0);
	long v[1];

	g_go(send_and_close, CH(c), 3, 1, 2, 3);
	g_go(filter, CH(G_NIL, c, out));
	hc_must(read_all(G_NIL, out, v, 1) == 1 && v[0] == 2);
}

/* ch: done, in, and where it tells how many came */
GO(sink)
{
	struct hchan_case cases[2];
	long v, none, n = 0;

	for (;;) {
		cases[0] = g_case_get(ch[0], &none);
		cases[1] = g_case_get(ch[1], &v);
		if (g_select(cases, 2) == 0 || !hc_case_ok(&cases[1]))
			break;
		n++;
	}
	g_put(ch[2], n);
}

GO_MAIN(sink_takes_all)
{
	int c = g_longs(0), end = g_longs(0);
	struct hchan_case one;
	long v;

	g_go(sink, CH(G_NIL, c, end));
	for (v = 1; v <= 3; v++) {
		one = g_case_put(c, &v);
		hc_must(hc_select_by(&one, 1, HCHAN_DEADLINE,
				     hc_in(HC_PATIENCE)) == 0);
	}
	g_close(c);
	hc_must(g_get(end) == 3);
}

/*
 * A buffer of one is a lock: who has taken the token has what it stands for,
 * here the word of the page.
 */
#define GUARDED P_OWN

GO(count_with_token)
{
	long *guarded = g_word(GUARDED), i, token, v;

	for (i = 0; i < arg[0]; i++) {
		token = g_get(ch[0]);
		/* Nobody else does. */
		v = __atomic_load_n(guarded, __ATOMIC_RELAXED);
		__atomic_store_n(guarded, v + 1, __ATOMIC_RELAXED);
		hc_must(g_try_put(ch[0], token));
	}
	g_put(ch[1], 0);
}

GO_MAIN(exclusive)
{
	int lock = g_longs(1), done = g_longs(0);
	long n = hc_scale(500);

	g_put(lock, 1);
	g_go(count_with_token, CH(lock, done), n);
	g_go(count_with_token, CH(lock, done), n);
	g_get(done);
	g_get(done);
	hc_must(*g_word(GUARDED) == 2 * n && hc_len(lock) == 1);
}

GO(must_not_get_token)
{
	long v;

	hc_must(g_try_get(ch[0], &v) == -EAGAIN);
	g_put(ch[1], 0);
}

GO_MAIN(exclusive_try)
{
	int lock = g_longs(1), done = g_longs(0);
	long token;

	g_put(lock, 1);
	hc_must(g_try_get(lock, &token) == 1 && token == 1);
	g_go(must_not_get_token, CH(lock, done));
	g_get(done);
	hc_must(g_try_put(lock, token));
	hc_must(!g_try_put(lock, token));
	hc_must(g_try_get(lock, &token) == 1 && token == 1);
}

/*
 * A receiver that goes away says so by closing a channel, to which the sender
 * listens as it sends. Of an iterator over something ordered, test/orderedmap's.
 */
static bool send_unless_gone(int values, int gone, long v)
{
	struct hchan_case cases[3] = { hc_case_nil() };
	long none;

	cases[1] = g_case_put(values, &v);
	cases[2] = g_case_get(gone, &none);
	return g_select(cases, 3) == 1;
}

/* arg: how many it takes before it goes */
GO(receive_some_and_go)
{
	long i;

	for (i = 1; i <= arg[0]; i++)
		hc_must(g_get(ch[0]) == i);
	hc_must(!hc_wait_senders(ch[0], 1));
	g_close(ch[1]);
}

GO_MAIN(ranger)
{
	int values = g_longs(0), gone = g_longs(0);
	long i;

	g_go(receive_some_and_go, CH(values, gone), 3);
	for (i = 1; send_unless_gone(values, gone, i); i++)
		;
	hc_must(i == 4);
	hc_must(!send_unless_gone(values, gone, i));
	hc_must(hc_parked(values, 0, 0));
}

/* In order, and to the end. */
GO(iterate)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		hc_must(send_unless_gone(ch[0], ch[1], i * i));
	g_close(ch[0]);
}

GO_MAIN(ranger_to_the_end)
{
	int values = g_longs(0), gone = g_longs(0);
	long v[8];
	int i;

	g_go(iterate, CH(values, gone), 8);
	hc_must(read_all(G_NIL, values, v, 8) == 8);
	for (i = 0; i < 8; i++)
		hc_must(v[i] == i * i);
}

TEST_HARNESS_MAIN
