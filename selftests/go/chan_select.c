// SPDX-License-Identifier: GPL-2.0-only
/* After Go's src/runtime/chan_test.go: the tests of select. */
#include "go.h"

/* The page: round by round who may start. */
#define READY 0
#define START 1

/* A little, and another time each round. */
static void spin(long i)
{
	long n = i * 37 % 101;

	while (n--)
		asm volatile("");
}

/*
 * TestNonblockSelectRace: one channel gets ready before another ceases to be, so
 * a select over both never takes its default.
 */
GO(select_without_waiting)
{
	struct hchan_case cases[2];
	long i, v, w;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		cases[0] = g_case_get(ch[0], &v);
		cases[1] = g_case_get(ch[1], &w);
		g_count(READY, 1);
		g_await(START, i);
		spin(i + 50);
		hc_must(g_try_select(cases, 2) >= 0);
		g_put(ch[2], 0);
	}
}

GO_MAIN(nonblock_select_race)
{
	int c1 = g_longs(1), c2 = g_longs(1), done = g_longs(1);
	long n = hc_scale(3000), i, v;

	g_stay_on(0);
	g_go(select_without_waiting, CH(c1, c2, done), n);
	for (i = 1; i <= n; i++) {
		g_put(c1, 1);
		g_await(READY, i);
		g_count(START, 1);
		spin(i);
		g_put(c2, 1);
		g_try_get(c1, &v);
		g_get(done);
		g_try_get(c1, &v);
		g_try_get(c2, &v);
		hc_must(hc_len(c1) == 0 && hc_len(c2) == 0);
	}
}

/* The same, where the second gets ready by being closed. */
GO(select_without_waiting_closed)
{
	struct hchan_case cases[2];
	struct g_ref ref;
	long i, v, w;
	int c2;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[1], &ref, sizeof(ref));
		c2 = g_take(&ref);
		cases[0] = g_case_get(ch[0], &v);
		cases[1] = g_case_get(c2, &w);
		g_count(READY, 1);
		g_await(START, i);
		spin(i + 50);
		hc_must(g_try_select(cases, 2) >= 0);
		g_put(ch[2], 0);
		g_drop(c2);
	}
}

GO_MAIN(nonblock_select_race2)
{
	int c1 = g_longs(1), work = g_make(sizeof(struct g_ref), 0);
	int done = g_longs(1);
	long n = hc_scale(2000), i, v;

	g_stay_on(0);
	g_go(select_without_waiting_closed, CH(c1, work, done), n);
	for (i = 1; i <= n; i++) {
		int c2 = g_make_ref(sizeof(long), 0);
		struct g_ref ref = g_ref(c2);

		g_put(c1, 1);
		g_send(work, &ref, sizeof(ref));
		g_await(READY, i);
		g_count(START, 1);
		spin(i);
		g_close(c2);
		g_try_get(c1, &v);
		g_get(done);
		g_try_get(c1, &v);
		g_drop(c2);
	}
}

/* The page: what is sent less what is received, and the sum of both. */
#define IN 0
#define VALUES 1

/* TestSelfSelect. arg: who, rounds, whether the channel is unbuffered */
GO(select_both_ways)
{
	struct hchan_case cases[2];
	long who = arg[0], i, v;
	int send, at;

	for (i = 0; i < arg[1]; i++) {
		send = who == 0 || i % 2 == 0 ? 0 : 1;
		cases[send] = g_case_put(ch[0], &who);
		cases[!send] = g_case_get(ch[0], &v);
		at = g_select(cases, 2);
		hc_must(hc_case_ok(&cases[at]));
		if (at == send) {
			g_count(IN, 1);
			g_count(VALUES, who);
		} else {
			hc_must(v == 0 || v == 1);
			hc_must(!arg[2] || v != who);
			g_count(IN, -1);
			g_count(VALUES, -v);
		}
	}
	g_put(ch[1], 0);
}

/* Nobody gets from himself, and nothing is lost or doubled. */
GO_MAIN(self_select)
{
	const long caps[] = { 0, 10 };
	long n = hc_scale(1000), v;
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(caps); k++) {
		int c = g_longs(caps[k]), done = g_longs(0);

		memset(g_page(), 0, G_PAGE_BYTES);
		g_go(select_both_ways, CH(c, done), 0, n, !caps[k]);
		g_go(select_both_ways, CH(c, done), 1, n, !caps[k]);
		g_get(done);
		g_get(done);
		hc_must(hc_parked(c, 0, 0));
		hc_must(*g_word(IN) == hc_len(c));
		while (g_try_get(c, &v) == 1)
			g_count(VALUES, -v);
		hc_must(*g_word(VALUES) == 0);
		g_drop(c);
		g_drop(done);
	}
}

/*
 * TestSelectStress: on each of four channels one sends and one receives, one
 * sends on all four in a select, and one receives from all four in a select.
 */
GO(send_many)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		g_put(ch[0], arg[1]);
	g_put(ch[1], 0);
}

GO(receive_many)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		hc_must(g_get(ch[0]) == arg[1]);
	g_put(ch[1], 0);
}

GO(select_send_many)
{
	static const int order[4] = { 3, 2, 0, 1 };
	static const long number[4] = { 0, 1, 2, 3 };
	struct hchan_case cases[4];
	long sent[4] = {}, i;
	int k;

	for (k = 0; k < 4; k++)
		cases[k] = g_case_put(ch[order[k]], &number[order[k]]);
	for (i = 0; i < 4 * arg[0]; i++) {
		k = g_select(cases, 4);
		hc_must(hc_case_ok(&cases[k]));
		if (++sent[k] == arg[0])
			cases[k] = hc_case_nil();
	}
	g_put(ch[4], 0);
}

GO(select_receive_many)
{
	struct hchan_case cases[4];
	long got[4] = {}, v[4], i;
	int k;

	for (k = 0; k < 4; k++)
		cases[k] = g_case_get(ch[k], &v[k]);
	for (i = 0; i < 4 * arg[0]; i++) {
		k = g_select(cases, 4);
		hc_must(hc_case_ok(&cases[k]) && v[k] == k);
		if (++got[k] == arg[0])
			cases[k] = hc_case_nil();
	}
	g_put(ch[4], 0);
}

GO_MAIN(select_stress)
{
	int c[4] = { g_longs(0), g_longs(0), g_longs(2), g_longs(3) };
	int done = g_longs(0), k;
	long n = hc_scale(1000);

	for (k = 0; k < 4; k++) {
		g_go(send_many, CH(c[k], done), n, k);
		g_go(receive_many, CH(c[k], done), n, k);
	}
	g_go(select_send_many, CH(c[0], c[1], c[2], c[3], done), n);
	g_go(select_receive_many, CH(c[0], c[1], c[2], c[3], done), n);
	for (k = 0; k < 10; k++)
		g_get(done);
	for (k = 0; k < 4; k++)
		hc_must(hc_len(c[k]) == 0 && hc_parked(c[k], 0, 0));
}

/* TestSelectFairness: two ready cases behind two that never are. */
GO(select_and_tell)
{
	struct hchan_case in[4], out[2];
	char b, none;
	int k;

	do {
		b = 0;
		for (k = 0; k < 4; k++)
			in[k] = g_case(HCHAN_CASE_RECV, ch[k], &b, 1);
		g_select(in, 4);
		out[0] = g_case(HCHAN_CASE_SEND, ch[4], &b, 1);
		out[1] = g_case(HCHAN_CASE_RECV, ch[5], &none, 1);
	} while (g_select(out, 2) == 0);
	g_count(READY, 1);
}

GO_MAIN_TIMEOUT(select_fairness, 60)
{
	long n = hc_scale(10000), i, count[3] = {}, d;
	int c1 = g_make(1, n + 1), c2 = g_make(1, n + 1);
	int c3 = g_make(1, 0), c4 = g_make(1, 0);
	int out = g_make(1, 0), done = g_make(1, 0);
	unsigned char b;

	for (i = 0; i <= n; i++) {
		g_send(c1, "\1", 1);
		g_send(c2, "\2", 1);
	}
	g_go(select_and_tell, CH(c3, c4, c1, c2, out, done));
	for (i = 0; i < n; i++) {
		g_recv(out, &b, 1);
		hc_must(b == 1 || b == 2);
		count[b]++;
	}
	g_close(done);
	g_await(READY, 1);
	/*
	 * |count / n - 1/2| <= 4.891676 / (2 sqrt(n)), squared: six nines that
	 * a fair one passes.
	 */
	d = count[1] - count[2];
	fprintf(stderr, "# %ld and %ld\n", count[1], count[2]);
	hc_must(d * d * 1000 <= 23928L * n);
}

/* TestChanSendInterface: a full channel, two cases that would send, a default. */
GO_MAIN(chan_send_interface)
{
	const long m[2] = { 1, 10 };	/* a type, a pointer */
	long other[2] = { 1, 20 };
	int c = g_make(sizeof(m), 1);
	struct hchan_case cases[2];

	cases[0] = g_case(HCHAN_CASE_SEND, c, m, sizeof(m));
	cases[1] = g_case(HCHAN_CASE_SEND, c, other, sizeof(other));
	g_send(c, m, sizeof(m));
	hc_must(g_try_select(cases, 1) == -1);
	hc_must(g_try_select(cases, 2) == -1);
	hc_must(hc_len(c) == 1);
	g_recv(c, other, sizeof(other));
	hc_must(other[1] == 10);
	hc_must(hc_len(c) == 0 && hc_parked(c, 0, 0));
}

/* TestPseudoRandomSend: two cases of one channel; the page has what came. */
GO(receive_into_page)
{
	long i;

	for (i = 0; i < arg[0]; i++) {
		sched_yield();
		*g_word(i) = g_get(ch[0]);
	}
	g_put(ch[1], 0);
}

GO_MAIN(pseudo_random_send)
{
	const long n = 100, one = 1, zero = 0;
	const long caps[] = { 0, n };
	unsigned int k;
	long i, ones;

	for (k = 0; k < ARRAY_SIZE(caps); k++) {
		int c = g_longs(caps[k]), done = g_longs(0);
		struct hchan_case cases[2];

		g_go(receive_into_page, CH(c, done), n);
		cases[0] = g_case_put(c, &one);
		cases[1] = g_case_put(c, &zero);
		for (i = 0; i < n; i++)
			g_select(cases, 2);
		g_get(done);
		for (i = 0, ones = 0; i < n; i++) {
			hc_must(*g_word(i) == 0 || *g_word(i) == 1);
			ones += *g_word(i);
		}
		hc_must(ones > n / 10 && n - ones > n / 10);
		g_drop(c);
		g_drop(done);
	}
}

/*
 * TestSelectDuplicateChannel: one that waits twice for a channel is let go by
 * another channel; who waits behind it is served next.
 */
GO(select_twice_the_same)
{
	struct hchan_case cases[3];
	long v = 0, w = 0;

	cases[0] = g_case_get(ch[0], &v);
	cases[1] = g_case_get(ch[0], &v);
	cases[2] = g_case_get(ch[1], &w);
	hc_must(g_select(cases, 3) == 2 && w == 7 && v == 0);
	g_put(ch[2], 9);
}

GO(receive_behind)
{
	g_put(ch[1], g_get(ch[0]));
}

GO_MAIN(select_duplicate_channel)
{
	int c = g_longs(0), d = g_longs(0), e = g_longs(0), f = g_longs(0);

	g_go(select_twice_the_same, CH(c, d, e));
	hc_must(!hc_wait_receivers(d, 1));
	hc_must(hc_parked(c, 0, 1));
	g_go(receive_behind, CH(c, f));
	hc_must(!hc_wait_receivers(c, 2));
	g_put(d, 7);
	hc_must(g_get(e) == 9);
	hc_must(hc_parked(c, 0, 1));
	g_put(c, 8);
	hc_must(g_get(f) == 8);
	hc_must(hc_parked(c, 0, 0) && hc_parked(d, 0, 0));
}

TEST_HARNESS_MAIN
