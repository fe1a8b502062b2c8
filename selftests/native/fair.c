// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of several ready cases a select takes (C20), counted.
 *
 *	fair [-s SEED]
 *
 * Cases are a word, a letter for each: r receives from a buffer with an element
 * in it, s sends into an empty one, c receives from a closed channel, d is ready
 * as r, all d from one channel, and for . and m nothing is ready; of m only the lock
 * tells that.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/sched.h>

#include "drive.h"

#define ROUNDS 10000

static int number, failed;

static void result(bool good, const char *what, const char *cases)
{
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++number, cases, what);
	failed += !good;
}

/* What a word says. */
struct scene {
	const char *word;
	int n;
	struct hchan *chans[DRIVE_CASES];	/* by case */
	struct drive_case cases[DRIVE_CASES];
	u32 went[DRIVE_CASES];
};

static void put_one(struct hchan *ch)
{
	static const struct hchan_deadline now = { .nowait = true };
	struct hchan_call call;

	hchan_call_init(&call, HCHAN_TX);
	drive_element(ch, &call.cell, 5);
	SHIM_CHECK(!hchan_call_run(ch, &call, &now));
}

static void take_one(struct hchan *ch)
{
	static const struct hchan_deadline now = { .nowait = true };
	struct hchan_call call;

	hchan_call_init(&call, HCHAN_RX);
	SHIM_CHECK(!hchan_call_run(ch, &call, &now));
	SHIM_CHECK(drive_number(ch, &call.cell) == 5);
}

static void make_scene(struct scene *scene, const char *word, bool filled)
{
	const char *first = strchr(word, 'd');
	int i;

	memset(scene, 0, sizeof(*scene));
	scene->word = word;
	scene->n = strlen(word);
	for (i = 0; i < scene->n; i++) {
		if (word[i] == 'd' && first != word + i) {
			scene->chans[i] = scene->chans[first - word];
			hchan_get(scene->chans[i]);
		} else {
			scene->chans[i] = drive_make(DRIVE_INLINE, 1);
			if (filled && strchr("rd", word[i]))
				put_one(scene->chans[i]);
		}
		if (word[i] == 'm')
			scene->chans[i]->flags |= HCHAN_DISCONNECT;
		if (word[i] == 'c')
			hchan_close(scene->chans[i]);
		scene->cases[i] = (struct drive_case){
			.ch = scene->chans[i],
			.dir = word[i] == 's' ? HCHAN_TX : HCHAN_RX,
			.number = 5,
			.room = U32_MAX,
		};
	}
}

static void end_scene(struct scene *scene)
{
	int i;

	for (i = 0; i < scene->n; i++)
		hchan_put(scene->chans[i]);
	drive_check_empty();
}

static int do_select(struct scene *scene, const struct drive_how *how)
{
	struct drive_select sel;
	int ret = drive_select(&sel, scene->cases, scene->n, false, how);

	SHIM_CHECK(ret >= 0);
	SHIM_CHECK(drive_error(&sel) == (scene->word[ret] == 'c' ? -EPIPE : 0));
	if (strchr("rd", scene->word[ret]))
		SHIM_CHECK(drive_received(&sel) == 5);
	scene->went[ret]++;
	return ret;
}

/* Whether what is ready went as often as any other, within five deviations. */
static bool evenly(const struct scene *scene, u32 rounds)
{
	u32 ready = 0, i;
	double mean, off;
	bool good = true, never;

	for (i = 0; i < (u32)scene->n; i++)
		ready += !strchr(".m", scene->word[i]);
	mean = (double)rounds / ready;
	off = 5 * sqrt(mean * (1 - 1.0 / ready));
	for (i = 0; i < (u32)scene->n; i++) {
		never = strchr(".m", scene->word[i]);
		if (never ? !scene->went[i] : fabs(scene->went[i] - mean) <= off)
			continue;
		printf("# case %u went %u times, not %.0f\n", i, scene->went[i],
		       never ? 0.0 : mean);
		good = false;
	}
	return good;
}

/* ... or always the first. */
static bool first_listed(const struct scene *scene, u32 rounds)
{
	return scene->went[strcspn(scene->word, "rdsc")] == rounds;
}

static void count_ready(const char *word, const char *what,
			const struct drive_how *how)
{
	struct scene scene;
	int i, went;

	make_scene(&scene, word, true);
	for (i = 0; i < ROUNDS; i++) {
		went = do_select(&scene, how);
		if (word[went] == 's')
			take_one(scene.chans[went]);
		else if (word[went] != 'c')
			put_one(scene.chans[went]);
	}
	result(how->in_order ? first_listed(&scene, ROUNDS) : evenly(&scene, ROUNDS),
	       what, word);
	for (i = 0; i < scene.n; i++)
		drive_check_idle(scene.chans[i]);
	end_scene(&scene);
}

struct meeting {
	struct scene scene;
	struct drive_how how;
};

/* Task 0 waits for what task 1 sends, once it waits. */
static void meet(int id, void *arg)
{
	struct meeting *meeting = arg;
	struct scene *scene = &meeting->scene;
	struct hchan *ch = scene->chans[strcspn(scene->word, "d")];
	struct hchan_wait wait = { .what = HCHAN_W_RECEIVERS, .count = 1 };

	if (id == 0) {
		do_select(scene, &meeting->how);
	} else {
		SHIM_CHECK(!hchan_wait_state(ch, &wait));
		put_one(ch);
	}
}

/* Of several cases for one channel, whichever: when it has to wait, too. */
static void count_parked(const char *word, const char *what,
			 const struct drive_how *how)
{
	struct meeting meeting = { .how = *how };
	int i;

	make_scene(&meeting.scene, word, false);
	for (i = 0; i < ROUNDS; i++)
		tasks_run(i, 2, meet, &meeting);
	result(how->in_order ? first_listed(&meeting.scene, ROUNDS) :
			       evenly(&meeting.scene, ROUNDS), what, word);
	end_scene(&meeting.scene);
}

int main(int argc, char **argv)
{
	static const char *const words[] = {
		"rr", "rrr", "r.r", "..r.....r..r", "rrrrrrr.", "rrrrrrrrrrrr",
		"ddr", "dddddddddddd", "ss", "srs.", "c.r", "cs.ddr..s.rc",
		"rmr", "mrmsmmr.mmd", NULL,
	};
	static const char *const parked[] = { "dd", "ddd.", "d.d.........", NULL };
	struct drive_how how = { .turns = TASK_FOREVER };
	struct drive_how straight = { .turns = TASK_FOREVER, .short_way = true };
	struct drive_how in_order = { .turns = TASK_FOREVER, .in_order = true };
	struct drive_how unsure = { .turns = TASK_FOREVER, .unsure = true };
	unsigned long long seed = time(NULL);
	int option, i;

	while ((option = getopt(argc, argv, "s:")) != -1) {
		if (option != 's')
			return 2;
		seed = strtoull(optarg, NULL, 0);
	}
	task_self()->random = seed;
	shim_faults = false;
	hchan_pick_seed();
	for (i = 0; words[i]; i++) {
		count_ready(words[i], "each as often", &how);
		count_ready(words[i], "straight, each as often", &straight);
		count_ready(words[i], "the first", &in_order);
	}
	/* Ready only when it is to be linked: of two, each. */
	count_ready("rr", "each as often when linked", &unsure);
	count_ready("r..s", "each as often when linked", &unsure);
	count_ready(".......r...r", "each as often when linked", &unsure);
	for (i = 0; parked[i]; i++) {
		count_parked(parked[i], "parked, each as often", &how);
		count_parked(parked[i], "parked, the first", &in_order);
	}
	printf("1..%d\n", number);
	printf("# seed %llu\n", seed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
