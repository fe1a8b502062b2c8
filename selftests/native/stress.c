// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many threads do everything to a few channels, for the sanitizers to watch, and
 * every element is accounted for.
 *
 *	stress [-s SEED] [-n ROUNDS] [-t SECONDS]
 *
 * A round has channels of its own and ends when one of its threads closes them.
 * What a thread has sent and received only it knows until all have ended, so
 * nothing but the engine orders the threads.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "stress.h"

struct round this_round;

static void make_round(u64 seed)
{
	u64 random = random_start(seed, 300);
	u32 cap;
	int i;

	memset(&this_round, 0, sizeof(this_round));
	shim_checks = random_below(&random, 2);
	shim_faults = random_below(&random, 3);
	this_round.n_tasks = 3 + random_below(&random, STRESS_TASKS - 2);
	this_round.n_chans = 1 + random_below(&random, STRESS_CHANS);
	this_round.returns = random_below(&random, 2);
	this_round.ends = random_below(&random, 4) == 0;
	this_round.only_selects = random_below(&random, 4) == 0;
	this_round.leaves = random_below(&random, 4) == 0;
	for (i = 0; i < this_round.n_chans; i++) {
		cap = random_below(&random, 4) * random_below(&random, 3);
		this_round.chans[i] =
			drive_make(random_below(&random, DRIVE_FORMS), cap);
		if (!this_round.ends)
			continue;
		this_round.chans[i]->flags |= HCHAN_DISCONNECT;
		hchan_detach(this_round.chans[i], FMODE_READ);
	}
}

static void body(int id, void *arg)
{
	const struct tally *tally = &this_round.tallies[id];
	int i;

	(void)arg;
	for (i = 0; i < (id ? 2000 : 300) && tally->done[STRESS_CLOSED] < 30; i++)
		stress_step();
	/* The first ends it, for all who wait without an end. */
	for (i = 0; id == 0 && i < this_round.n_chans; i++) {
		hchan_close(this_round.chans[i]);
		SHIM_CHECK(hchan_close(this_round.chans[i]) == -EALREADY);
	}
}

static u64 left;

static void drain(struct hchan *ch)
{
	struct hchan_deadline now = { .nowait = true };
	struct hchan_call call;
	int ret;

	drive_check_idle(ch);
	if (this_round.leaves) {
		left += drive_left(ch);
		return;
	}
	for (;;) {
		hchan_call_init(&call, HCHAN_RX);
		ret = hchan_call_run(ch, &call, &now);
		if (ret)
			break;
		stress_received(-1, drive_number(ch, &call.cell));
	}
	SHIM_CHECK(ret == -EPIPE);
	SHIM_CHECK(!ch->count && !ch->n_returned);
}

/* What was sent has been received once, or was left, and nothing else. */
static void account(void)
{
	const struct tally *tally;
	int from, i;

	for (from = 0; from < this_round.n_tasks; from++) {
		tally = &this_round.tallies[from];
		for (i = 0; i < tally->sends; i++) {
			if (tally->sent[i] == this_round.received[from][i])
				continue;
			if (tally->sent[i] && left && left--)
				continue;
			fprintf(stderr, "element %d of task %d: %d times\n", i,
				from, this_round.received[from][i]);
			shim_bug("an element is lost or came twice", __FILE__,
				 __LINE__);
		}
	}
	SHIM_CHECK(!left);
}

static u64 done[STRESS_KINDS];

static void end_round(void)
{
	const struct tally *tally;
	int i, k;

	for (i = 0; i < this_round.n_tasks; i++) {
		tally = &this_round.tallies[i];
		for (k = 0; k < tally->n_numbers; k++)
			stress_received(i, tally->numbers[k]);
		for (k = 0; k < STRESS_KINDS; k++)
			done[k] += tally->done[k];
	}
	for (i = 0; i < this_round.n_chans; i++) {
		drain(this_round.chans[i]);
		hchan_put(this_round.chans[i]);
	}
	account();
	for (i = 0; i < this_round.n_tasks; i++) {
		free(this_round.tallies[i].numbers);
		this_round.tallies[i].numbers = NULL;
	}
	drive_check_empty();
}

static u64 at_seed, at_round;

static void died(void)
{
	fprintf(stderr, "in seed %llu, round %llu\n", at_seed, at_round);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { STRESS_NAMES };
	time_t seconds = 0, begin = time(NULL);
	u64 rounds = 100, own;
	int option, k, never = 0;

	at_seed = begin;
	while ((option = getopt(argc, argv, "s:n:t:")) != -1) {
		switch (option) {
		case 's':
			at_seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			rounds = strtoull(optarg, NULL, 0);
			break;
		case 't':
			seconds = strtoull(optarg, NULL, 0);
			break;
		default:
			return 2;
		}
	}
	shim_dies(died);
	for (at_round = 1; ; at_round++) {
		if (seconds ? time(NULL) - begin >= seconds : at_round > rounds)
			break;
		own = random_start(at_seed, at_round);
		make_round(own);
		tasks_run(own, this_round.n_tasks, body, NULL);
		end_round();
	}
	printf("# seed %llu: %llu rounds\n", at_seed, at_round - 1);
	for (k = 0; k < STRESS_KINDS; k++) {
		printf("# %9llu %s\n", done[k], kinds[k]);
		never += !done[k];
	}
	if (never && at_round > 20)
		printf("# some of it never came up\n");
	return never && at_round > 20 ? EXIT_FAILURE : EXIT_SUCCESS;
}
