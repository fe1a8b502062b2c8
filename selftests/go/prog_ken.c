// SPDX-License-Identifier: GPL-2.0-only
/* After Go's test/ken/chan and chan1. */
#include "prog.h"

/*
 * chan: on each channel a run of numbers of its own; who sends knows what comes
 * next, who receives what must. Plain senders and receivers, and selects of up
 * to four of each, in every combination, with buffers of four sizes.
 */
#define RUN 76

static long run_length(void)
{
	long n = hc_scale(RUN / 2);

	return n < RUN ? n : RUN;
}

/* The page */
#define ENDED	P_OWN
#define SENT	(P_OWN + 1)
#define CAME	(P_OWN + 2)

/* Now and then lets others go first; not the same for all. */
static void dawdle(unsigned int *seed, unsigned int n)
{
	*seed = (*seed + 10007) % 1000000;
	for (n = *seed % n; n > 0; n--)
		sched_yield();
}

/* arg: the first number, how many */
GO(send_run)
{
	unsigned int seed = arg[0];
	long i;

	for (i = 0; i < arg[1]; i++) {
		dawdle(&seed, 10);
		g_put(ch[0], arg[0] + i);
		g_count(SENT, 1);
	}
	g_count(ENDED, 1);
}

GO(receive_run)
{
	unsigned int seed = arg[0];
	long i;

	for (i = 0; i < arg[1]; i++) {
		dawdle(&seed, 10);
		hc_must(g_get(ch[0]) == arg[0] + i);
		g_count(CAME, 1);
	}
	g_count(ENDED, 1);
}

/*
 * Up to four channels to receive from and four to send on, which become nil when
 * their runs are over. arg: how many numbers, the first ones' base; channel by
 * channel they are a hundred apart, by places given in arg[2].
 */
GO(select_runs)
{
	unsigned int seed = arg[1];
	struct hchan_case cases[8];
	long next[8], left[8], v, out[8];
	int c[8], live = 0, k;

	for (k = 0; k < 8; k++) {
		c[k] = ch[k];
		left[k] = arg[0];
		next[k] = arg[1] + (arg[2] >> (4 * k) & 15) * 100;
		live += c[k] != G_NIL;
	}
	while (live) {
		dawdle(&seed, 5);
		for (k = 0; k < 4; k++)
			cases[k] = g_case_get(c[k], &v);
		for (; k < 8; k++) {
			out[k] = next[k];
			cases[k] = g_case_put(c[k], &out[k]);
		}
		k = g_select(cases, 8);
		hc_must(hc_case_ok(&cases[k]));
		if (k < 4)
			hc_must(v == next[k]);
		g_count(k < 4 ? CAME : SENT, 1);
		next[k]++;
		if (--left[k])
			continue;
		c[k] = G_NIL;
		live--;
	}
	g_count(ENDED, 1);
}

/* How many goroutines, in all stages. */
static long started;

/* Of one stage: channels, and the base of their numbers. */
struct stage {
	int c[12];
	int n;
	long base, run;
};

static void make_stage(struct stage *stage, int n, uint64_t cap)
{
	static long base;
	int k;

	for (k = 0; k < n; k++)
		stage->c[k] = g_longs(cap);
	stage->n = n;
	stage->base = base;
	stage->run = run_length();
	base += n * 100;
}

/* All that it has started have come to their end. */
static void end_stage(struct stage *stage)
{
	int k;

	g_await(ENDED, started);
	for (k = 0; k < stage->n; k++) {
		hc_must(hc_len(stage->c[k]) == 0);
		hc_must(hc_parked(stage->c[k], 0, 0));
		g_drop(stage->c[k]);
	}
}

static void start_send(struct stage *s, int k)
{
	started++;
	g_go(send_run, CH(s->c[k]), s->base + k * 100, s->run);
}

static void start_receive(struct stage *s, int k)
{
	started++;
	g_go(receive_run, CH(s->c[k]), s->base + k * 100, s->run);
}

/* @from, @to: the first of four channels to receive from or send on, or -1. */
static void start_select(struct stage *s, int from, int to)
{
	long places = 0;
	int c[8], k, i;

	for (k = 0; k < 8; k++) {
		i = k < 4 ? from : to;
		i = i < 0 ? -1 : i + k % 4;
		c[k] = i < 0 ? G_NIL : s->c[i];
		places |= (i < 0 ? 0L : i) << (4 * k);
	}
	started++;
	g_go(select_runs, CH(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]),
	     s->run, s->base, places);
}

static void all_stages(uint64_t cap)
{
	struct stage s;
	int k;

	make_stage(&s, 4, cap);		/* plain to plain */
	for (k = 0; k < 4; k++) {
		start_send(&s, k);
		start_receive(&s, k);
	}
	end_stage(&s);
	make_stage(&s, 4, cap);		/* plain to a select */
	for (k = 0; k < 4; k++)
		start_send(&s, k);
	start_select(&s, 0, -1);
	end_stage(&s);
	make_stage(&s, 4, cap);		/* a select to plain */
	for (k = 0; k < 4; k++)
		start_receive(&s, k);
	start_select(&s, -1, 0);
	end_stage(&s);
	make_stage(&s, 4, cap);		/* a select to a select */
	start_select(&s, -1, 0);
	start_select(&s, 0, -1);
	end_stage(&s);
	make_stage(&s, 8, cap);		/* two that do both, to each other */
	start_select(&s, 4, 0);
	start_select(&s, 0, 4);
	end_stage(&s);
	make_stage(&s, 12, cap);	/* all of it */
	for (k = 4; k < 8; k++)
		start_send(&s, k);
	for (k = 8; k < 12; k++)
		start_receive(&s, k);
	start_select(&s, 4, 0);
	start_select(&s, 0, 8);
	end_stage(&s);
}

GO_MAIN(ken_chan)
{
	static const uint64_t caps[] = { 0, 1, 10, 100 };
	long k;

	for (k = 0; k < ARRAY_SIZE(caps); k++)
		all_stages(caps[k]);
	hc_must(*g_word(SENT) == 4 * (4 * 4 + 8 + 12) * run_length());
	hc_must(*g_word(CAME) == *g_word(SENT));
}

/*
 * chan1: ten receive, each by a select of one case, what one sends through a
 * small buffer. In the page is written down what has been sent, and is received.
 */
#define NUMBERS		1000
#define RECEIVERS	10
#define MARKS		(P_OWN + 3)

GO(receive_marked)
{
	struct hchan_case c;
	long v;

	for (;;) {
		c = g_case_get(ch[0], &v);
		hc_must(g_select(&c, 1) == 0 && hc_case_ok(&c));
		hc_must(v >= 0 && v < NUMBERS);
		hc_must(*g_word(MARKS + v) == 1);
		*g_word(MARKS + v) = 2;
		g_count(CAME, 1);
	}
}

GO_MAIN(ken_chan1)
{
	long n = hc_scale(NUMBERS), i;
	int c = g_longs(2);

	n = n < NUMBERS ? n : NUMBERS;
	for (i = 0; i < RECEIVERS; i++)
		g_go(receive_marked, CH(c));
	for (i = 0; i < n; i++) {
		hc_must(*g_word(MARKS + i) == 0);
		*g_word(MARKS + i) = 1;
		g_put(c, i);
	}
	g_await(CAME, n);
	for (i = 0; i < n; i++)
		hc_must(*g_word(MARKS + i) == 2);
}

TEST_HARNESS_MAIN
