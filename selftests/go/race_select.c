// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/race/testdata/select_test.go: what has happened before
 * what when selects meet (C28), and, of the cases with a race, what they do with
 * their channels.
 */
#include "go.h"

/* Words of the page. */
#define X 0
#define START 1
#define COUNT 2

#define ROUNDS 200

static void set(int word, long v)
{
	__atomic_store_n(g_word(word), v, __ATOMIC_RELAXED);
}

static long look(int word)
{
	return __atomic_load_n(g_word(word), __ATOMIC_RELAXED);
}

/* Selects over two channels. Which case went, done. */
static int select_two(struct hchan_case a, struct hchan_case b)
{
	struct hchan_case cases[2] = { a, b };
	int k = g_select(cases, 2);

	hc_must(hc_case_ok(&cases[k]));
	return k;
}

/*
 * NoRaceSelect1: two selects that could meet on two channels, but on one only:
 * on the other both send.
 */
GO(write_and_select)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		set(X, i);
		hc_must(select_two(g_case_put(ch[0], &i),
				   g_case_put(ch[1], &i)) == 0);
		g_put(ch[2], 0);
	}
}

GO_MAIN(no_race_select1)
{
	int c = g_longs(0), c1 = g_longs(0), next = g_longs(0);
	long n = hc_scale(ROUNDS), i, v;

	g_go(write_and_select, CH(c, c1, next), n);
	for (i = 1; i <= n; i++) {
		hc_must(select_two(g_case_get(c, &v), g_case_put(c1, &i)) == 0);
		hc_must(v == i && look(X) == i);
		set(X, -i);
		g_get(next);
	}
}

/* NoRaceSelect2: a close before a select that sees it. */
GO(select_the_end)
{
	struct hchan_case cases[2];
	struct g_ref ref;
	long i, v;
	int c, k;

	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[0], &ref, sizeof(ref));
		c = g_take(&ref);
		g_count(START, 1);
		v = 1;
		cases[0] = g_case_get(c, &v);
		cases[1] = g_case_get(ch[1], &v);
		k = g_select(cases, 2);
		hc_must(k == 0 && !hc_case_ok(&cases[0]) && v == 0);
		hc_must(look(X) == i);
		set(X, -i);
		g_drop(c);
		g_put(ch[2], 0);
	}
}

GO_MAIN(no_race_select2)
{
	int work = g_make(sizeof(struct g_ref), 0), c1 = g_longs(0);
	int next = g_longs(0);
	long n = hc_scale(ROUNDS) / 2 + 2, i;

	g_go(select_the_end, CH(work, c1, next), n);
	for (i = 1; i <= n; i++) {
		int c = g_make_ref(sizeof(long), 0);
		struct g_ref ref = g_ref(c);

		g_send(work, &ref, sizeof(ref));
		g_await(START, i);
		if (i % 2)
			hc_must(!hc_wait_receivers(c, 1));
		set(X, i);
		g_close(c);
		g_get(next);
		hc_must(look(X) == -i);
		g_drop(c);
	}
}

/* NoRaceSelect3: a select that sends into a buffer. */
GO_MAIN(no_race_select3)
{
	int c = g_longs(10), c1 = g_longs(0), next = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	g_go(write_and_select, CH(c, c1, next), n);
	for (i = 1; i <= n; i++) {
		hc_must(g_get(c) == i && look(X) == i);
		set(X, -i);
		g_get(next);
	}
}

/* NoRaceSelect4: tasks, and where to tell that they are done, both by selects. */
struct task {
	long value;
	struct g_ref done;
};

GO(select_tasks)
{
	struct task task;
	struct hchan_case c;
	const long one = 1;
	int done;

	for (;;) {
		c = g_case(HCHAN_CASE_RECV, ch[0], &task, sizeof(task));
		hc_must(g_select(&c, 1) == 0 && hc_case_ok(&c));
		done = g_take(&task.done);
		set(X, task.value);
		c = g_case_put(done, &one);
		hc_must(g_select(&c, 1) == 0 && hc_case_ok(&c));
		g_drop(done);
	}
}

GO_MAIN(no_race_select4)
{
	int queue = g_make(sizeof(struct task), 0), dummy = g_longs(0);
	long n = hc_scale(ROUNDS) / 2 + 1, i, v, none;

	g_go(select_tasks, CH(queue));
	for (i = 1; i <= n; i++) {
		int done = g_make_ref(sizeof(long), 1);
		struct task task = { .value = i, .done = g_ref(done) };

		hc_must(select_two(g_case(HCHAN_CASE_SEND, queue, &task,
					  sizeof(task)),
				   g_case_get(dummy, &none)) == 0);
		hc_must(select_two(g_case_get(done, &v),
				   g_case_get(dummy, &none)) == 0);
		hc_must(v == 1 && look(X) == i);
		g_drop(done);
	}
}

/* NoRaceSelect5: a write on each side of a meeting, by a select or not. */
GO(write_and_meet)
{
	long i, none;

	for (i = 1; i <= arg[0]; i++) {
		if (i % 3 == 0)
			hc_must(!hc_wait_receivers(ch[0], 1));
		set(X, i);
		if (arg[1])
			hc_must(select_two(g_case_put(ch[0], &i),
					   g_case_get(ch[1], &none)) == 0);
		else
			g_put(ch[0], i);
		g_put(ch[2], 0);
		g_get(ch[3]);
	}
}

GO(meet_and_write)
{
	long i, v, none;

	for (i = 1; i <= arg[0]; i++) {
		if (i % 3 == 1)
			hc_must(!hc_wait_senders(ch[0], 1));
		if (arg[1])
			hc_must(select_two(g_case_get(ch[0], &v),
					   g_case_get(ch[1], &none)) == 0);
		else
			v = g_get(ch[0]);
		hc_must(v == i && look(X) == i);
		set(X, -i);
		g_put(ch[2], 0);
	}
}

GO_MAIN(no_race_select5)
{
	int by_select;

	for (by_select = 0; by_select < 2; by_select++) {
		int c = g_longs(0), c1 = g_longs(0), done = g_longs(0);
		long n = hc_scale(ROUNDS), i;
		int next = g_longs(0);

		g_go(write_and_meet, CH(c, c1, done, next), n, by_select);
		g_go(meet_and_write, CH(c, c1, done), n, by_select);
		for (i = 1; i <= n; i++) {
			g_get(done);
			g_get(done);
			hc_must(look(X) == -i);
			g_put(next, 0);
		}
	}
}

/* RaceSelect1: two selects of the same cases, one receiver: both are served. */
GO(select_to_send)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		hc_must(select_two(g_case_put(ch[0], &arg[1]),
				   g_case_put(ch[1], &arg[1])) == 0);
	g_put(ch[2], 0);
}

GO_MAIN(race_select1)
{
	int c = g_longs(0), c1 = g_longs(0), done = g_longs(0);
	long n = hc_scale(ROUNDS), i, sum = 0;

	g_go(select_to_send, CH(c, c1, done), n, 1);
	g_go(select_to_send, CH(c, c1, done), n, 1000);
	for (i = 0; i < 2 * n; i++)
		sum += g_get(c);
	g_get(done);
	g_get(done);
	hc_must(sum == 1001 * n && hc_parked(c1, 0, 0));
}

/* RaceSelect2: a select over a channel that is closed before, or never used. */
GO_MAIN(race_select2)
{
	int c = g_longs(0), c1 = g_longs(0);
	struct hchan_case cases[2];
	long v = 1, w = 1;

	g_close(c);
	cases[0] = g_case_get(c1, &w);
	cases[1] = g_case_get(c, &v);
	hc_must(g_select(cases, 2) == 1 && !hc_case_ok(&cases[1]));
	hc_must(v == 0 && w == 1 && cases[1].status == HCHAN_ST_CLOSED);
}

/* RaceSelect3: a plain receive from a select. */
GO_MAIN(race_select3)
{
	int c = g_longs(0), c1 = g_longs(0), done = g_longs(0);
	long i;

	g_go(select_to_send, CH(c, c1, done), 1, 7);
	hc_must(!hc_wait_senders(c1, 1));
	hc_must(g_get(c) == 7);
	g_get(done);
	for (i = 0; i < 2; i++)
		hc_must(hc_parked(i ? c : c1, 0, 0));
}

/* RaceSelect4: nothing but a default. */
GO(select_default)
{
	hc_must(g_try_select(NULL, 0) == -1);
	g_put(ch[0], 1);
}

GO_MAIN(race_select4)
{
	int done = g_longs(1);

	g_go(select_default, CH(done));
	hc_must(g_get(done) == 1);
}

/* RaceSelect5: of a send with room and one without, the one with room. */
GO(select_room)
{
	const long one = 1;

	hc_must(select_two(g_case_put(ch[0], &one),
			   g_case_put(ch[1], &one)) == 0);
	g_count(COUNT, 1);
}

GO_MAIN(race_select5)
{
	int c1 = g_longs(1), c2 = g_longs(0);

	g_go(select_room, CH(c1, c2));
	g_await(COUNT, 1);
	hc_must(hc_len(c1) == 1 && hc_parked(c2, 0, 0));
}

TEST_HARNESS_MAIN
