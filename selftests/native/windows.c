// SPDX-License-Identifier: GPL-2.0-only
/* Windows, made and done: windows.h. */

#include <string.h>

#include "random.h"
#include "windows.h"

#define WINDOW_OPS 12
#define WINDOW_TASKS 6

/* How many of what, in per cent. */
struct profile {
	u32 select, close, stat, wait, try, forever, unsure, send;
};

static u32 one_of(u64 *random, const u32 *choices, u32 n)
{
	return choices[random_below(random, n)];
}

static void make_profile(u64 *random, struct profile *profile)
{
	static const u32 selects[] = { 0, 30, 70, 100 };
	static const u32 closes[] = { 0, 0, 6, 20 };
	static const u32 stats[] = { 0, 0, 10, 25 };
	static const u32 waits[] = { 0, 0, 8, 25 };
	static const u32 tries[] = { 0, 15, 40, 80 };
	static const u32 forevers[] = { 0, 50, 90, 100 };
	static const u32 unsures[] = { 0, 30, 80 };
	static const u32 sends[] = { 50, 50, 50, 20, 80 };

	profile->select = one_of(random, selects, 4);
	profile->close = one_of(random, closes, 4);
	profile->stat = one_of(random, stats, 4);
	profile->wait = tasks_know_the_end ? one_of(random, waits, 4) : 0;
	profile->try = one_of(random, tries, 4);
	profile->forever = tasks_know_the_end ? one_of(random, forevers, 4) : 0;
	profile->unsure = one_of(random, unsures, 3);
	profile->send = one_of(random, sends, 5);
}

static bool chance(u64 *random, u32 percent)
{
	return random_below(random, 100) < percent;
}

static void make_comm(u64 *random, const struct profile *profile, int n_chans,
		      struct history_op *op, u8 *value)
{
	int i;

	op->kind = HISTORY_COMM;
	op->try = chance(random, profile->try);
	op->select = chance(random, profile->select);
	op->n_cases = op->select ? 1 + random_below(random, HISTORY_CASES) : 1;
	for (i = 0; i < op->n_cases; i++) {
		op->cases[i].ch = random_below(random, n_chans);
		op->cases[i].dir = chance(random, profile->send);
		if (op->cases[i].dir == HCHAN_TX)
			op->cases[i].value = ++*value;
	}
}

static void make_op(u64 *random, const struct profile *profile, int n_chans,
		    struct history_op *op, u8 *value)
{
	op->cases[0].ch = random_below(random, n_chans);
	op->cases[0].dir = random_below(random, 2);
	if (chance(random, profile->close)) {
		op->kind = HISTORY_CLOSE;
	} else if (chance(random, profile->stat)) {
		op->kind = HISTORY_STAT;
	} else if (chance(random, profile->wait)) {
		op->kind = HISTORY_POLL;
		op->n_cases = 1;
	} else if (chance(random, profile->wait)) {
		op->kind = HISTORY_WATCH;
		op->what = random_below(random, 3);
		op->count = 1 + random_below(random, 2);
	} else {
		make_comm(random, profile, n_chans, op, value);
	}
}

static void make_random(struct window *window, u64 *random,
			const struct profile *profile)
{
	struct history *history = &window->history;
	u32 buffered = random_below(random, 3) * 40;
	u8 value = 0;
	int i;

	history->n_chans = 1 + random_below(random, 3);
	for (i = 0; i < history->n_chans; i++) {
		if (chance(random, buffered))
			history->cap[i] = 1 + random_below(random, 2);
	}
	window->n_tasks = 2 + random_below(random, WINDOW_TASKS - 1);
	history->n_ops = window->n_tasks +
		random_below(random, WINDOW_OPS + 1 - window->n_tasks);
	for (i = 0; i < history->n_ops; i++) {
		window->owner[i] = i < window->n_tasks ? i :
				   (int)random_below(random, window->n_tasks);
		make_op(random, profile, history->n_chans, &history->ops[i],
			&value);
	}
}

static void make_scripted(struct window *window, const char *script)
{
	struct history *history = &window->history;
	int i;

	SHIM_CHECK(!history_parse_script(history, script, window->owner,
					 window->queues));
	for (i = 0; i < history->n_ops; i++) {
		if (window->n_tasks < window->owner[i])
			window->n_tasks = window->owner[i];
		window->owner[i]--;
	}
}

/* Without a known end nobody waits for what may never come. */
static bool can_be_done(const struct history *history)
{
	int i;

	for (i = 0; i < history->n_ops; i++) {
		if (!tasks_know_the_end &&
		    (history->ops[i].kind == HISTORY_POLL ||
		     history->ops[i].kind == HISTORY_WATCH))
			return false;
	}
	return true;
}

void window_make(struct window *window, u64 seed, u64 number)
{
	u64 random = random_start(seed, 200);
	struct profile profile;
	struct drive_how *how;
	u32 n_scripts = 0;
	int i;

	while (scripts[n_scripts])
		n_scripts++;
	memset(window, 0, sizeof(*window));
	shim_checks = random_below(&random, 2);
	shim_faults = random_below(&random, 2);
	make_profile(&random, &profile);
	if (number % 3 == 0)
		make_scripted(window, scripts[number / 3 % n_scripts]);
	if (number % 3 || !can_be_done(&window->history)) {
		memset(window, 0, sizeof(*window));
		make_random(window, &random, &profile);
	}
	for (i = 0; i < window->history.n_ops; i++) {
		how = &window->how[i];
		how->turns = chance(&random, profile.forever) ? TASK_FOREVER :
			     1 + random_below(&random, 40);
		how->unsure = window->queues[i] ||
			      chance(&random, profile.unsure);
		how->in_order = window->queues[i] || chance(&random, 30);
		how->short_way = chance(&random, 50);
	}
	for (i = 0; i < window->history.n_chans; i++)
		window->chans[i] = drive_make(random_below(&random, DRIVE_FORMS),
					      window->history.cap[i]);
}

static void body(int id, void *arg)
{
	struct window *window = arg;
	int i;

	for (i = 0; i < window->history.n_ops; i++) {
		if (window->owner[i] == id)
			drive_op(window->chans, &window->history.ops[i],
				 &window->how[i]);
	}
}

static void drain(struct window *window, int ch)
{
	static const struct drive_how how;
	struct history *history = &window->history;
	struct history_op *op;

	do {
		SHIM_CHECK(history->n_ops < HISTORY_OPS);
		op = &history->ops[history->n_ops++];
		memset(op, 0, sizeof(*op));
		op->kind = HISTORY_COMM;
		op->try = true;
		op->n_cases = 1;
		op->cases[0].ch = ch;
		op->cases[0].dir = HCHAN_RX;
		drive_op(window->chans, op, &how);
	} while (op->outcome == HISTORY_OK);
}

void window_run(struct window *window, u64 seed)
{
	int ch;

	body(-1, window);
	tasks_run(seed, window->n_tasks, body, window);
	for (ch = 0; ch < window->history.n_chans; ch++) {
		drive_check_idle(window->chans[ch]);
		drain(window, ch);
		hchan_put(window->chans[ch]);
	}
	drive_check_empty();
}
