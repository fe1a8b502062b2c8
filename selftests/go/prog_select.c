// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan: select, select2, select4, select6, select7 and select8,
 * and test/typeparam/select. Of those that are about the compiler's work it is
 * what the select has to do.
 */
#include "prog.h"

/*
 * select: a send to each of two channels, which are nil once they were sent to;
 * default is for when both are.
 */
#define EVALUATED P_OWN

GO(send_to_both)
{
	struct hchan_case cases[2];
	int c[2] = { ch[0], ch[1] }, k;
	long shift = arg[0], v[2], n = 0;

	for (;; shift++) {
		for (k = 0; k < 2; k++) {
			v[k] = 1L << shift;
			g_count(EVALUATED, 1);
			cases[k] = g_case_put(c[k], &v[k]);
		}
		k = g_try_select(cases, 2);
		if (k < 0)
			break;
		hc_must(hc_case_ok(&cases[k]));
		c[k] = G_NIL;
		n++;
	}
	g_put(ch[2], n);
}

GO_MAIN(select_until_nil)
{
	int a = g_longs(1), b = g_longs(1), done = g_longs(0);

	g_go(send_to_both, CH(a, b, done), 0);
	hc_must(g_get(done) == 2);
	hc_must((g_get(a) | g_get(b)) == 3);
	g_go(send_to_both, CH(a, G_NIL, done), 2);
	hc_must(g_get(done) == 1);
	hc_must(g_get(a) == 4);
	hc_must(*g_word(EVALUATED) == 10);
}

/*
 * select2: that many selects, of which one channel stays quiet, cost no memory.
 * The first round is for what is allocated once.
 */
#define QUIET 8

GO(send_ones)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		g_put(ch[0], 1);
}

static void select_from_one_of(int c, int dummy, long n, int cases_n)
{
	struct hchan_case cases[1 + QUIET];
	const uint16_t ops[2] = { HCHAN_CASE_SEND, HCHAN_CASE_RECV };
	char none[200] = {};
	long i, v;
	int k;

	for (i = 0; i < n; i++) {
		cases[0] = g_case_get(c, &v);
		for (k = 1; k < cases_n; k++)
			cases[k] = g_case(ops[k % 2], dummy, none,
					  sizeof(none));
		hc_must(g_select(cases, cases_n) == 0 && v == 1);
	}
}

static void cost_of(int cases_n)
{
	int c = g_longs(0), dummy = g_make(200, 0), round;
	long n = hc_scale(8000), before = 0, cost;

	/* As others in the machine come and go, the best of a few counts. */
	for (round = 0; round < 6; round++) {
		g_go(send_ones, CH(c), n);
		select_from_one_of(c, dummy, n, cases_n);
		hc_must(hc_parked(dummy, 0, 0) && hc_parked(c, 0, 0));
		cost = p_kernel_memory() - before;
		before += cost;
		/* In kB; 64 bytes for each would be n / 16. */
		if (round && cost < n / 40 + 16)
			break;
	}
	hc_must(round < 6 || p_kernel_keeps_freed());
	g_drop(c);
	g_drop(dummy);
}

GO_MAIN(select2_two_cases)
{
	cost_of(2);
}

GO_MAIN(select2_nine_cases)
{
	cost_of(1 + QUIET);
}

/* select4: the place for what a case receives is not touched if another goes. */
GO(send_42)
{
	g_put(ch[0], 42);
}

GO_MAIN(select4)
{
	int c = g_longs(1), c1 = g_longs(0), dflt;
	long *nowhere, v;
	struct hchan_case cases[2];

	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hc_must(nowhere != MAP_FAILED);
	for (dflt = 0; dflt < 2; dflt++) {
		g_go(send_42, CH(c));
		hc_must(!hc_wait(c, HCHAN_W_LENGTH, 1));
		v = 0;
		cases[0] = g_case_get(c1, nowhere);
		cases[1] = g_case_get(c, &v);
		hc_must(p_select(cases, 2, dflt) == 1);
		hc_must(v == 42);
	}
}

/*
 * select6: a select waits last in the queue of one channel and is let go by
 * another one; who waits in that queue then, before and behind, is served.
 */
GO(receive_once)
{
	g_get(ch[0]);
	g_put(ch[1], 0);
}

GO(select_then_receive)
{
	struct hchan_case cases[2];
	long v;

	cases[0] = g_case_get(ch[0], &v);
	cases[1] = g_case_get(ch[1], &v);
	hc_must(g_select(cases, 2) == 1);
	g_put(ch[2], 1);
	g_get(ch[0]);
	g_put(ch[3], 0);
}

GO(send_once)
{
	g_put(ch[0], 1);
}

GO_MAIN(select6)
{
	int c1 = g_longs(0), c2 = g_longs(0), c3 = g_longs(0);
	int served = g_longs(0);

	g_go(receive_once, CH(c1, served));
	hc_must(!hc_wait_receivers(c1, 1));
	g_go(select_then_receive, CH(c1, c2, c3, served));
	hc_must(!hc_wait_receivers(c2, 1));
	hc_must(hc_parked(c1, 0, 2));
	g_go(send_once, CH(c2));
	g_get(c3);
	hc_must(!hc_wait_receivers(c1, 2));
	g_put(c1, 1);
	g_put(c1, 1);
	g_get(served);
	g_get(served);
	hc_must(hc_parked(c1, 0, 0));
}

/*
 * select7: three ways to send meet three ways to receive: a plain operation, a
 * select of one case, a select of two. The receiver is parked first.
 */
enum { PLAIN, SELECT, SELECT_OTHER, WAYS };	/* of so many cases */

GO(receive_in_a_way)
{
	int other = g_longs(0);
	struct hchan_case cases[2];
	long v = 0, w;

	cases[0] = g_case_get(ch[0], &v);
	cases[1] = g_case_get(other, &w);
	if (arg[0] == PLAIN)
		v = g_get(ch[0]);
	else
		hc_must(g_select(cases, arg[0]) == 0);
	hc_must(v == 1);
	g_drop(other);
	g_put(ch[1], 0);
}

static void send_in_a_way(int c, int way)
{
	int other = g_longs(0);
	struct hchan_case cases[2];
	const long one = 1;

	cases[0] = g_case_put(c, &one);
	cases[1] = g_case_put(other, &one);
	if (way == PLAIN) {
		g_put(c, 1);
	} else {
		hc_must(g_select(cases, way) == 0);
		hc_must(hc_case_ok(&cases[0]));
	}
	g_drop(other);
}

GO_MAIN(select7)
{
	int send, recv;

	for (recv = PLAIN; recv < WAYS; recv++) {
		for (send = PLAIN; send < WAYS; send++) {
			int c = g_longs(0), done = g_longs(0);

			g_go(receive_in_a_way, CH(c, done), recv);
			hc_must(!hc_wait_receivers(c, 1));
			send_in_a_way(c, send);
			g_get(done);
			g_drop(c);
			g_drop(done);
		}
	}
}

/*
 * select8: selects of one, two and three cases (default is one) on a channel to
 * which somebody sends without end: a receive can go at once, and its own send
 * meets nobody.
 */
GO(send_five_for_ever)
{
	for (;;)
		g_put(ch[0], 5);
}

GO_MAIN(select8)
{
	int c = g_longs(0);
	struct hchan_case cases[2];
	const long ten = 10;
	long v;

	cases[0] = g_case_get(c, &v);
	cases[1] = g_case_put(c, &ten);
	g_go(send_five_for_ever, CH(c));
	hc_must(g_select(cases, 1) == 0 && v == 5);
	hc_must(g_try_select(cases, 0) == -1);
	hc_must(!hc_wait_senders(c, 1));
	hc_must(g_try_select(cases, 1) == 0 && v == 5);
	hc_must(!hc_wait_senders(c, 1));
	v = 0;
	hc_must(g_try_select(cases, 2) == 0 && v == 5);
	hc_must(!hc_wait_senders(c, 1));
	v = 0;
	hc_must(g_select(cases, 2) == 0 && v == 5);
}

/* test/typeparam/select: two are ready, two selects take one each. */
GO(send_one_of_two)
{
	g_put(ch[0], arg[0]);
	g_put(ch[1], arg[1]);
	g_put(ch[2], 0);
}

GO_MAIN(select_both_of_two)
{
	int c = g_longs(1), d = g_longs(1), done = g_longs(0);
	struct hchan_case cases[2];
	long v[2] = {}, sum = 0;
	int i, k;

	g_go(send_one_of_two, CH(c, d, done), 5, 6);
	g_get(done);
	for (i = 0; i < 2; i++) {
		cases[0] = g_case_get(c, &v[0]);
		cases[1] = g_case_get(d, &v[1]);
		k = g_select(cases, 2);
		hc_must(hc_case_ok(&cases[k]) && v[k] == 5 + k);
		sum += v[k];
	}
	hc_must(sum == 11);
}

TEST_HARNESS_MAIN
