// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random scripts on a few channels, their histories, and whether those can be
 * explained: linear.c.
 *
 *	explore [-s SEED] [-n WINDOWS] [-t SECONDS] [-w WINDOW] [-v]
 *
 * A window is a handful of tasks with up to a dozen operations together, made
 * from the seed and its number (windows.c); -w does one of them, -v prints
 * histories. With fibers a window that fails does so again.
 */

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "linear.h"
#include "random.h"
#include "windows.h"

/* What came up, by which one sees whether the windows are worth anything. */
static struct {
	u64 windows, states, ops, slept, none, defaults, selects, woken;
	unsigned int most_states;
} seen;

static void count(const struct history *history, unsigned int states)
{
	const struct history_op *op;
	int i;

	seen.windows++;
	seen.states += states;
	seen.ops += history->n_ops;
	if (states > seen.most_states)
		seen.most_states = states;
	for (i = 0; i < history->n_ops; i++) {
		op = &history->ops[i];
		seen.slept += op->parked_by && op->outcome == HISTORY_OK;
		seen.woken += op->parked_by && op->outcome == HISTORY_CLOSED;
		seen.none += op->parked_by && op->outcome == HISTORY_NONE;
		seen.defaults += op->select && op->try &&
				 op->outcome == HISTORY_NONE;
		seen.selects += op->select && op->outcome != HISTORY_NONE;
	}
}

static bool explore(u64 seed, u64 number, bool verbose)
{
	u64 own = random_start(seed, number);
	struct window window;
	unsigned int states;
	enum linear answer;

	window_make(&window, own, number);
	window_run(&window, own);
	answer = linear_check(&window.history, &states);
	count(&window.history, states);
	if (answer == LINEAR_YES && !verbose)
		return true;
	printf("# seed %llu, window %llu: %s, %u states\n",
	       seed, number,
	       answer == LINEAR_YES ? "linearizable" :
	       answer == LINEAR_NO ? "NOT LINEARIZABLE" : "TOO LARGE", states);
	history_print(&window.history, stdout);
	return answer == LINEAR_YES;
}

/* Where it was, if the engine does not survive it. */
static u64 at_seed, at_number;

static void died(void)
{
	fprintf(stderr, "in seed %llu, window %llu\n",
		at_seed, at_number);
}

static u64 number_of(const char *text)
{
	return strtoull(text, NULL, 0);
}

int main(int argc, char **argv)
{
	u64 windows = 1000, only = 0;
	bool verbose = false, good = true;
	time_t seconds = 0, begin = time(NULL);
	int option;

	at_seed = begin;
	while ((option = getopt(argc, argv, "s:n:t:w:v")) != -1) {
		switch (option) {
		case 's':
			at_seed = number_of(optarg);
			break;
		case 'n':
			windows = number_of(optarg);
			break;
		case 't':
			seconds = number_of(optarg);
			break;
		case 'w':
			only = number_of(optarg);
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return 2;
		}
	}
	shim_dies(died);
	if (only) {
		at_number = only;
		return !explore(at_seed, only, verbose);
	}
	for (at_number = 1; good; at_number++) {
		if (seconds ? time(NULL) - begin >= seconds :
			      at_number > windows)
			break;
		good = explore(at_seed, at_number, verbose);
	}
	printf("# seed %llu: %llu windows, %llu operations, %llu states (at most %u)\n",
	       at_seed, seen.windows,
	       seen.ops, seen.states,
	       seen.most_states);
	printf("# %llu parked and met, %llu parked and closed, %llu parked and interrupted\n",
	       seen.slept, seen.woken,
	       seen.none);
	printf("# %llu selects went, %llu took their default\n",
	       seen.selects,
	       seen.defaults);
	if (good && seen.windows > 100 &&
	    (!seen.slept || !seen.woken || !seen.none || !seen.selects ||
	     !seen.defaults)) {
		printf("# something never came up\n");
		good = false;
	}
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
