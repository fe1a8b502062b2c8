/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's channels, driven as the module's callers do. */
#ifndef NATIVE_DRIVE_H
#define NATIVE_DRIVE_H

#include <hchan.h>

#include "history.h"

/* Forms of elements: each has its own way through the engine. */
enum drive_form {
	DRIVE_INLINE,		/* 8 bytes, in the ring */
	DRIVE_ODD,		/* 21 bytes */
	DRIVE_LARGE,		/* 200 bytes, in buffers */
	DRIVE_MESSAGES,		/* 8 to 263 bytes */
	DRIVE_FORMS,
};

struct hchan *drive_make(enum drive_form form, u32 capacity);
/* Nobody waits, nothing is left behind by who did. */
void drive_check_idle(struct hchan *ch);
/* Frees the last channel: nothing is left of any. */
void drive_check_empty(void);

/* What the last task leaves in @ch goes with it. */
u64 drive_left(const struct hchan *ch);

/* An element is a number in its first 8 bytes, from which the others follow. */
void drive_element(struct hchan *ch, void *cell, u64 number);
u64 drive_number(struct hchan *ch, void *cell);
u32 drive_length(const struct hchan *ch, u64 number);

/* How to go about it; no result depends on it. */
struct drive_how {
	long turns;		/* how long to wait: task_sleep() */
	bool unsure;		/* a select: skip what it can do without queueing */
	bool in_order;		/* a select: try the cases as they are listed */
	bool short_way;		/* a call: fast.c first */
};

/*
 * The short way (fast.c) for one element. Return: 1: it went; 0: as if nothing had
 * happened; -EAGAIN: it can not go.
 */
int drive_short(struct hchan *ch, u8 dir, u64 *number, bool try);
/* ... for up to @n of DRIVE_INLINE's. Return: how many went. */
u32 drive_run(struct hchan *ch, u8 dir, u64 *numbers, u32 n);

/* Does @op on @chans, and fills what @op has of results and times. */
void drive_op(struct hchan *const *chans, struct history_op *op,
	      const struct drive_how *how);

/* A select as the module's. Return: the case, or a negative errno. */
#define DRIVE_CASES 12

struct drive_case {
	struct hchan *ch;	/* NULL: nil */
	u8 dir;
	u64 number;
	u32 room;		/* receive */
};

struct drive_select {
	struct hchan_pick pick;
	struct hchan_pick_case cases[DRIVE_CASES];
	u16 order[DRIVE_CASES];
	u16 heads[2 * DRIVE_CASES];
	u64 numbers[DRIVE_CASES];
};

int drive_select(struct drive_select *sel, const struct drive_case *cases,
		 int n, bool try, const struct drive_how *how);

#endif /* NATIVE_DRIVE_H */
