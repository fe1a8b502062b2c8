/* SPDX-License-Identifier: GPL-2.0-only */
/* A round of the stress, and what its tasks do. */
#ifndef NATIVE_STRESS_H
#define NATIVE_STRESS_H

#include <engine.h>

#include "drive.h"

#define STRESS_TASKS 8
#define STRESS_CHANS 4
#define STRESS_SENDS 8192		/* by one task */

enum stress_kind {
	STRESS_SENT,
	STRESS_RECEIVED,
	STRESS_SELECTED,
	STRESS_PARKED,
	STRESS_NONE,
	STRESS_TIMEOUT,
	STRESS_CLOSED,
	STRESS_DISCONNECTED,
	STRESS_SHORT,
	STRESS_RETURNED,
	STRESS_PARTLY,
	STRESS_TOLD,
	STRESS_POLLED,
	STRESS_SHORT_WAY,
	STRESS_LARGE,
	STRESS_DIRECT,
	STRESS_KINDS,
};

#define STRESS_NAMES							\
	"elements sent", "elements received", "selects went",		\
	"operations parked", "found nothing ready", "gave up",		\
	"found a channel closed", "found the other side gone",		\
	"messages did not fit", "elements returned",			\
	"batches were done in part", "watchers told",		\
	"polls found it ready", "elements went the short way",		\
	"... of them large", "... of selects"

/* What a task knows of itself. */
struct tally {
	int sends;			/* numbers used */
	u8 sent[STRESS_SENDS];		/* whether that succeeded */
	u64 *numbers;			/* received */
	int n_numbers, room;
	u64 last[STRESS_CHANS][STRESS_TASKS];	/* the newest of each sender's */
	u64 done[STRESS_KINDS];
};

struct round {
	int n_tasks, n_chans;
	bool returns;			/* elements are returned now and then */
	bool ends;			/* the receiving side goes and comes */
	bool only_selects;
	bool leaves;			/* what is left goes with the channel */
	struct hchan *chans[STRESS_CHANS];
	struct tally tallies[STRESS_TASKS];
	u8 received[STRESS_TASKS][STRESS_SENDS];
};

extern struct round this_round;

/* One operation of this task. */
void stress_step(void);

/* Counts an element as received; afterwards. */
void stress_received(int by, u64 number);

#endif /* NATIVE_STRESS_H */
