// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/chan_test.go: the workloads of its benchmarks of
 * select: that they come to their end, and move what they are to move.
 */
#include "go.h"

#define PROCS 4
#define SUM 0

static void all_done(int done, long n)
{
	while (n--)
		g_get(done);
}

/* From whichever channel has the token to the other one. */
static void pass_on(const int *c, long rounds)
{
	struct hchan_case cases[2];
	long i, v[2];
	int k;

	for (i = 0; i < rounds; i++) {
		cases[0] = g_case_get(c[0], &v[0]);
		cases[1] = g_case_get(c[1], &v[1]);
		k = g_select(cases, 2);
		hc_must(hc_case_ok(&cases[k]) && v[k] >= 0);
		g_count(SUM, 1);
		g_put(c[!k], v[k] + 1);
	}
}

/* BenchmarkSelectUncontended: channels of one's own. */
GO(pass_on_alone)
{
	int c[2] = { g_longs(1), g_longs(1) };
	long v;

	g_put(c[0], 0);
	pass_on(c, arg[0]);
	hc_must(hc_len(c[0]) + hc_len(c[1]) == 1);
	hc_must(g_try_get(c[arg[0] % 2], &v) == 1 && v == arg[0]);
	g_put(ch[0], 0);
}

GO_MAIN(select_uncontended)
{
	long n = hc_scale(500), i;
	int done = g_longs(0);

	for (i = 0; i < PROCS; i++)
		g_go(pass_on_alone, CH(done), n);
	all_done(done, PROCS);
	hc_must(*g_word(SUM) == PROCS * n);
}

/* BenchmarkSelectAsyncContended: each brings a token; none gets lost. */
GO(pass_on_with_others)
{
	g_put(ch[0], 0);
	pass_on(ch, arg[0]);
	g_put(ch[2], 0);
}

GO_MAIN(select_async_contended)
{
	int c1 = g_longs(PROCS), c2 = g_longs(PROCS), done = g_longs(0);
	long n = hc_scale(500), i, v, sum = 0;

	for (i = 0; i < PROCS; i++)
		g_go(pass_on_with_others, CH(c1, c2, done), n);
	all_done(done, PROCS);
	hc_must(hc_len(c1) + hc_len(c2) == PROCS);
	while (g_try_get(c1, &v) == 1 || g_try_get(c2, &v) == 1)
		sum += v;
	hc_must(sum == PROCS * n);
}

/* BenchmarkSelectSyncContended: selects facing each other on three channels. */
GO(send_on_any)
{
	struct hchan_case cases[4];
	long v, none;
	int k;

	for (v = arg[0];; v++) {
		for (k = 0; k < 3; k++)
			cases[k] = g_case_put(ch[k], &v);
		cases[3] = g_case_get(ch[3], &none);
		k = g_select(cases, 4);
		if (k == 3)
			break;
		hc_must(hc_case_ok(&cases[k]));
		g_count(SUM, v);
	}
	hc_must(cases[3].status == HCHAN_ST_CLOSED);
	g_put(ch[4], 0);
}

GO(receive_from_any)
{
	struct hchan_case cases[3];
	long i, v;
	int k;

	for (i = 0; i < arg[0]; i++) {
		for (k = 0; k < 3; k++)
			cases[k] = g_case_get(ch[k], &v);
		hc_must(hc_case_ok(&cases[g_select(cases, 3)]));
		g_count(SUM, -v);
	}
	g_put(ch[4], 0);
}

GO_MAIN(select_sync_contended)
{
	int c1 = g_longs(0), c2 = g_longs(0), c3 = g_longs(0);
	int done = g_longs(0), end = g_longs(0);
	long i;

	for (i = 0; i < PROCS; i++) {
		g_go(send_on_any, CH(c1, c2, c3, done, end), i << 32);
		g_go(receive_from_any, CH(c1, c2, c3, done, end), hc_scale(300));
	}
	all_done(end, PROCS);
	g_close(done);
	all_done(end, PROCS);
	hc_must(*g_word(SUM) == 0);
}

/* BenchmarkSelectNonblock: four channels, on each a select with a default. */
GO(select_nothing)
{
	static const long zero;
	struct hchan_case c;
	long i, v;

	for (i = 0; i < arg[0]; i++) {
		c = g_case_get(ch[0], &v);
		hc_must(g_try_select(&c, 1) == -1);
		c = g_case_put(ch[1], &zero);
		hc_must(g_try_select(&c, 1) == -1);
		c = g_case_get(ch[2], &v);
		hc_must(g_try_select(&c, 1) == -1);
		c = g_case_put(ch[3], &zero);
		if (g_try_select(&c, 1) == 0)
			g_count(SUM, 1);
	}
	g_put(ch[4], 0);
}

GO_MAIN(select_nonblock)
{
	int c[4] = { g_longs(0), g_longs(0), g_longs(1), g_longs(1) };
	int done = g_longs(0), i;

	for (i = 0; i < PROCS; i++)
		g_go(select_nothing, CH(c[0], c[1], c[2], c[3], done),
		     hc_scale(500));
	all_done(done, PROCS);
	hc_must(*g_word(SUM) == 1 && hc_len(c[3]) == 1);
}

/*
 * BenchmarkSelectProdCons: producers and consumers that would also listen to
 * two channels on which nothing comes.
 */
GO(select_produce)
{
	struct hchan_case cases[3];
	long i, v, none;

	for (i = 1; i <= arg[0]; i++) {
		v = i;
		cases[0] = g_case_put(ch[0], &v);
		cases[1] = g_case_get(ch[1], &none);
		cases[2] = g_case_get(ch[2], &none);
		hc_must(g_select(cases, 3) == 0);
		g_count(SUM, i);
	}
	g_put(ch[0], 0);
	g_put(ch[3], 0);
}

GO(select_consume)
{
	struct hchan_case cases[3];
	long v, none;

	do {
		cases[0] = g_case_get(ch[0], &v);
		cases[1] = g_case_get(ch[1], &none);
		cases[2] = g_case_get(ch[2], &none);
		hc_must(g_select(cases, 3) == 0);
		g_count(SUM, -v);
	} while (v);
	g_put(ch[3], 0);
}

GO_MAIN(select_prod_cons)
{
	int c = g_longs(128), timer = g_longs(0), end = g_longs(0);
	int done = g_longs(0);
	long n = hc_scale(500), i;

	for (i = 0; i < 2; i++) {
		g_go(select_produce, CH(c, timer, end, done), n);
		g_go(select_consume, CH(c, timer, end, done));
	}
	all_done(done, 4);
	hc_must(*g_word(SUM) == 0 && hc_len(c) == 0);
	hc_must(hc_parked(timer, 0, 0) && hc_parked(end, 0, 0));
}

/* BenchmarkChanPopular: all select on one channel that stays quiet. */
#define FANS 60

GO(select_popular)
{
	struct hchan_case cases[2];
	long i, v[2];

	for (i = 0; i < arg[0]; i++) {
		cases[0] = g_case_get(ch[0], &v[0]);
		cases[1] = g_case_get(ch[1], &v[1]);
		hc_must(g_select(cases, 2) == 1 && v[1] == i);
	}
	g_put(ch[2], 0);
}

GO_MAIN(chan_popular)
{
	int c = g_longs(0), done = g_longs(0), d[FANS];
	long fans = hc_scale(FANS), n = 5, i, k;

	if (fans > FANS)
		fans = FANS;
	for (k = 0; k < fans; k++) {
		d[k] = g_longs(0);
		g_go(select_popular, CH(c, d[k], done), n);
	}
	for (i = 0; i < n; i++) {
		hc_must(!hc_wait_receivers(c, fans));
		for (k = 0; k < fans; k++)
			g_put(d[k], i);
	}
	all_done(done, fans);
	hc_must(hc_parked(c, 0, 0));
}

TEST_HARNESS_MAIN
