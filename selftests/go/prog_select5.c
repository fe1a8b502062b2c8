// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan/select5, which generates a program with one function for
 * each combination of: an operation alone or in a select; a default or none; a
 * send and a receive on a channel where nothing comes, and on the nil channel,
 * each there or not; several places for what is received. One of the cases can
 * go, or with a default none. Here a loop runs through the same combinations,
 * with the case that goes at each place among the others.
 *
 * That the operands are evaluated once and in order is the caller's affair: of
 * libhchan's macros, whose own checks see to it.
 */
#include "prog.h"

/* A sequence of decisions, all of them in turn: an odometer. */
static struct {
	int value, limit;
} wheel[32];

static int wheels, at_wheel;

static int choose(int limit)
{
	if (at_wheel == wheels)
		wheel[wheels++].limit = limit;
	hc_must(wheel[at_wheel].limit == limit);
	return wheel[at_wheel++].value;
}

static bool maybe(void)
{
	return choose(2);
}

/* Begins with 0 for all, and ends when all have been at their limits. */
static bool next(void)
{
	at_wheel = 0;
	while (wheels && ++wheel[wheels - 1].value == wheel[wheels - 1].limit)
		wheel[--wheels].value = 0;
	return wheels;
}

/* The others: those that must not go. What they receive goes nowhere. */
static const long unsent = -1;

static uint32_t add_others(struct hchan_case *cases, uint32_t n, int quiet,
			   void *nowhere)
{
	if (maybe())
		cases[n++] = g_case_put(quiet, &unsent);
	if (maybe())
		cases[n++] = g_case_get(quiet, nowhere);
	if (maybe())
		cases[n++] = g_case_put(G_NIL, &unsent);
	if (maybe())
		cases[n++] = g_case_get(G_NIL, nowhere);
	return n;
}

static void *make_nowhere(void)
{
	void *nowhere = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	hc_must(nowhere != MAP_FAILED);
	return nowhere;
}

/* Puts @c among them, and does one of them: that. */
static void must_go(struct hchan_case *cases, uint32_t others,
		    struct hchan_case c)
{
	uint32_t at = choose(others + 1);
	bool nowait = maybe();

	memmove(cases + at + 1, cases + at, (others - at) * sizeof(*cases));
	cases[at] = c;
	hc_must(p_select(cases, others + 1, nowait) == at);
	hc_must(hc_case_ok(&cases[at]));
}

/* Where it is received: at once, or into room that is more, or not aligned. */
static long receive_somehow(int c, int quiet, void *nowhere)
{
	static char room[2 * sizeof(long)];
	struct hchan_case cases[5], own;
	uint32_t n;
	long v = 0;

	switch (choose(3)) {
	case 0:
		hc_must(g_try_get(c, &v) == 1);
		return v;
	case 1:
		hc_must(hc_read(c, &v, sizeof(v), 0) == sizeof(v));
		return v;
	}
	n = add_others(cases, 0, quiet, nowhere);
	switch (choose(4)) {
	case 0:
		own = g_case_get(c, &v);
		must_go(cases, n, own);
		return v;
	case 1:
		own = g_case(HCHAN_CASE_RECV, c, room, sizeof(room));
		break;
	case 2:
		own = g_case_get(c, (long *)(room + 3));
		must_go(cases, n, own);
		memcpy(&v, room + 3, sizeof(v));
		return v;
	default:
		/* Over the border of a page. */
		own = g_case_get(c, nowhere + 4096 - 4);
		must_go(cases, n, own);
		memcpy(&v, nowhere + 4096 - 4, sizeof(v));
		memset(nowhere + 4096 - 4, 0, sizeof(v));
		return v;
	}
	memset(room, HC_POISON, sizeof(room));
	must_go(cases, n, own);
	hc_must(hc_all(room + sizeof(v), HC_POISON, sizeof(v)));
	memcpy(&v, room, sizeof(v));
	return v;
}

/* Who sends before and receives behind, one number for each case. */
GO(feed)
{
	long i;

	for (i = 1; i <= arg[0]; i++)
		g_put(ch[0], i);
}

GO_MAIN(select5_receive)
{
	void *nowhere = make_nowhere();
	int c = g_longs(1), quiet = g_longs(0);
	long n = 0;

	g_go(feed, CH(c), LONG_MAX);
	do {
		hc_must(!hc_wait(c, HCHAN_W_LENGTH, 1));
		hc_must(receive_somehow(c, quiet, nowhere) == ++n);
	} while (next());
	/* Two without a select; places for each number of others; default. */
	hc_must(n == 2 + 4 * (1 + 4 * 2 + 6 * 3 + 4 * 4 + 5) * 2);
	hc_must(hc_parked(quiet, 0, 0) && hc_all(nowhere, 0, 8192));
}

GO(check_and_confirm)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		hc_must(g_get(ch[0]) == i);
		g_put(ch[1], i);
	}
}

static void send_somehow(int c, long v, int quiet, void *nowhere)
{
	struct hchan_case cases[5];
	uint32_t n;

	switch (choose(3)) {
	case 0:
		hc_must(g_try_put(c, v));
		break;
	case 1:
		hc_must(hc_write(c, &v, sizeof(v), 0) == sizeof(v));
		break;
	default:
		n = add_others(cases, 0, quiet, nowhere);
		must_go(cases, n, g_case_put(c, &v));
	}
}

GO_MAIN(select5_send)
{
	void *nowhere = make_nowhere();
	int c = g_longs(1), back = g_longs(0), quiet = g_longs(0);
	long n = 0;

	g_go(check_and_confirm, CH(c, back), LONG_MAX);
	do {
		send_somehow(c, ++n, quiet, nowhere);
		hc_must(g_get(back) == n);
	} while (next());
	hc_must(n == 2 + (1 + 4 * 2 + 6 * 3 + 4 * 4 + 5) * 2);
	hc_must(hc_parked(quiet, 0, 0) && hc_all(nowhere, 0, 8192));
}

/*
 * Nothing can go: default. Places that can not be written, of receives that do
 * not happen, are not looked at.
 */
GO(select_nothing)
{
	void *const bad = (void *)8;
	struct hchan_case cases[8];
	long n = 0, v = 7;
	uint32_t k;

	do {
		k = 0;
		if (maybe())
			cases[k++] = g_case_put(ch[0], &unsent);
		if (maybe())
			cases[k++] = g_case_put(G_NIL, &unsent);
		if (maybe())
			cases[k++] = g_case_get(ch[0], bad);
		if (maybe())
			cases[k++] = g_case_get(ch[0], &v);
		if (maybe())
			cases[k++] = g_case_get(G_NIL, bad);
		if (maybe())
			cases[k++] = g_case_get(G_NIL, &v);
		/* Sends have no element to read either (C26). */
		if (maybe())
			cases[k++] = g_case_put(ch[0], bad);
		hc_must(g_try_select(cases, k) == -1 && v == 7);
		n++;
	} while (next());
	hc_must(n == 128);
	hc_must(hc_parked(ch[0], 0, 0));
	g_put(ch[1], n);
}

GO_MAIN(select5_nothing)
{
	int quiet = g_longs(0), done = g_longs(0);

	g_go(select_nothing, CH(quiet, done));
	hc_must(g_get(done) == 128);
}

TEST_HARNESS_MAIN
