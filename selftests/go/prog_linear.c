// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chanlinear: who leaves a long queue from wherever it stands
 * does not walk along it.
 *
 * Many wait in selects for the same channels, where nothing comes, and each for
 * one of its own, by which it is let go and comes back, all in turn. Then one
 * more, at the tails of these queues, gives up again and again: that takes no
 * longer than when nobody else is there.
 */
#include "prog.h"

#define QUEUES	14
#define MOST	700
#define ROUNDS	3
#define PROBES	100
#define TRIES	8

static int of_queues(struct hchan_case *cases, const int *c, long *v)
{
	int k;

	for (k = 0; k < QUEUES; k++)
		cases[k] = g_case_get(c[k], v);
	return QUEUES;
}

/* ch: the queues, its own. arg: its number */
GO(leave_and_come_back)
{
	struct hchan_case cases[QUEUES + 1];
	long v, i;
	int n;

	for (i = 0;; i++) {
		n = of_queues(cases, ch, &v);
		cases[n] = g_case_get(ch[n], &v);
		hc_must(g_select(cases, n + 1) == n && v == i);
		g_count(P_OWN, 1);
	}
}

/* The shortest time from the deadline to the end of the call, of many, in ns. */
static int64_t give_up(const int *c)
{
	struct hchan_case cases[QUEUES];
	int64_t best = INT64_MAX, at;
	long v, i;

	of_queues(cases, c, &v);
	for (i = 0; i < PROBES; i++) {
		/* Long enough to be parked everywhere by then. */
		at = hc_in(HC_MS);
		hc_must(hc_select_by(cases, QUEUES, HCHAN_DEADLINE, at) ==
			-ETIMEDOUT);
		at = hc_clock(CLOCK_MONOTONIC) - at;
		best = at < best ? at : best;
	}
	return best;
}

GO_MAIN_TIMEOUT(chanlinear, 60)
{
	long n = p_goroutines(MOST, MOST, 60), i, round;
	int64_t alone[TRIES], behind;
	int c[QUEUES], own[MOST], k, try;
	struct g_chans chans;

	n = n < MOST ? n : MOST;
	for (k = 0; k < QUEUES; k++)
		c[k] = g_longs(0);
	for (try = 0; try < TRIES; try++)
		alone[try] = give_up(c);
	chans = CH(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9],
		   c[10], c[11], c[12], c[13]);
	for (i = 0; i < n; i++) {
		own[i] = g_longs(0);
		chans.ch[QUEUES] = own[i];
		chans.n = QUEUES + 1;
		g_go(leave_and_come_back, chans);
	}
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < n; i++)
			g_put(own[i], round);
		g_await(P_OWN, (round + 1) * n);
	}
	for (i = 0; i < n; i++)
		hc_must(!hc_wait_receivers(own[i], 1));
	for (k = 0; k < QUEUES; k++)
		hc_must(hc_parked(c[k], 0, n));
	for (try = 0; try < TRIES; try++) {
		behind = give_up(c);
		fprintf(stderr, "# %ld alone, %ld behind %ld\n",
			(long)alone[try], (long)behind, n);
		/* Fewer would not be felt. */
		if (n < 500 || behind < alone[try] * 3 / 2)
			break;
	}
	hc_must(try < TRIES);
}

TEST_HARNESS_MAIN
