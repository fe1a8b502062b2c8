/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's channels, driven as the module's callers do. */
#ifndef NATIVE_DRIVE_H
#define NATIVE_DRIVE_H

#include <pick.h>

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
	bool short_way;		/* a call, a case that looks ready: fast.c first */
};

/*
 * The short way (fast.c) for one element, by an ioctl or by read(2) and write(2).
 * Return: 1: it went; 0: as if nothing had happened; -EAGAIN: it can not go.
 */
int drive_short(struct hchan *ch, u8 dir, u64 *number, bool try);
/* ... for up to @n <= DRIVE_RUN inline ones. Return: how many went. */
#define DRIVE_RUN 8
u32 drive_run(struct hchan *ch, u8 dir, u64 *numbers, u32 n);

/* Does @op on @chans, and fills what @op has of results and times. */
void drive_op(struct hchan *const *chans, struct history_op *op,
	      const struct drive_how *how);

/* A select as the module's. Return: the case, or a negative errno. */
#define DRIVE_CASES 12
#define DRIVE_BYTES 264		/* of an element, at most */

struct drive_case {
	struct hchan *ch;	/* NULL: nil */
	u8 dir;
	u64 number;
	u32 room;		/* receive */
};

/*
 * struct drive_select - a call, and the caller's memory
 * @numbers: to be sent, by case
 * @number: received the short way
 * @user, @told: a case's buffer, and what is said of it
 */
struct drive_select {
	struct hchan_pick pick;
	struct hchan_pick_case cases[DRIVE_CASES];
	struct hchan_pick_case *list[DRIVE_CASES];
	u16 ready[DRIVE_CASES];
	u16 heads[2 * DRIVE_CASES];
	u64 numbers[DRIVE_CASES];
	u64 number;
	u8 user[DRIVE_CASES][DRIVE_BYTES] __aligned(8);
	u32 told[DRIVE_CASES][3];
};

int drive_select(struct drive_select *sel, const struct drive_case *cases,
		 int n, bool try, const struct drive_how *how);
/* ... of the case that went: 0 or an error; of a receive, the element. */
int drive_error(const struct drive_select *sel);
u64 drive_received(struct drive_select *sel);

/* As poll(2), for so many turns. Return: whether it is ready. */
bool drive_poll(struct hchan *ch, u8 dir, long turns);

#endif /* NATIVE_DRIVE_H */
