/* SPDX-License-Identifier: GPL-2.0-only */
/* Windows: what a handful of tasks do to a few channels. */
#ifndef NATIVE_WINDOWS_H
#define NATIVE_WINDOWS_H

#include "drive.h"
#include "history.h"

struct window {
	struct history history;
	int n_tasks;
	int owner[HISTORY_OPS];		/* by operation; -1: before the tasks */
	bool queues[HISTORY_OPS];	/* in order, without a look before */
	struct drive_how how[HISTORY_OPS];
	struct hchan *chans[HISTORY_CHANS];
};

/* By its number a script, or at random; the seed decides the rest. */
void window_make(struct window *window, u64 seed, u64 number);

/* Does it, and frees the channels. What was left in them is received last. */
void window_run(struct window *window, u64 seed);

/* Ends with NULL. */
extern const char *const scripts[];

#endif /* NATIVE_WINDOWS_H */
