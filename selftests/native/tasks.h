/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tasks that the engine's callers are, in one of two forms:
 *
 *	fibers.c	all in one thread, one after another in an order that the
 *			seed alone decides: what is found can be found again, and
 *			it is known when nothing can happen any more
 *	threads.c	real threads, for ThreadSanitizer and real caches
 *
 * Fibers change places only at task_point(). They show each order of lock
 * sections; that nothing between the locks matters is what ThreadSanitizer shows.
 */
#ifndef NATIVE_TASKS_H
#define NATIVE_TASKS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define TASKS_MAX 16

struct spinlock;

struct task {
	int id;
	unsigned long long random;
	int n_held;
	struct spinlock *held[4];
	bool signalled;
	uint32_t slept, awake;		/* the first such time, the last; or 0 */
	uint32_t quiet;			/* when nothing could happen any more */
	void *late;			/* a store that others do not see yet */
	uint32_t late_bytes;
	unsigned char late_value[8];
	unsigned long timer_slack_ns;	/* what the module asks a task for */
	struct task_self *form;		/* what fibers.c or threads.c add */
};

/* Runs body(0, arg) ... body(n - 1, arg) until all have returned. */
void tasks_run(unsigned long long seed, int n, void (*body)(int id, void *arg), void *arg);

struct task *task_self(void);
uint32_t task_random(uint32_t below);

/* Here somebody else may run. At the end of a critical section, too. */
void task_point(void);
void task_section(void);

/* A raw lock's part in struct spinlock. */
void task_lock_init(struct spinlock *lock);
void task_lock(struct spinlock *lock);
bool task_trylock(struct spinlock *lock);
void task_unlock(struct spinlock *lock);

/*
 * Sleeping, as the kernel's scheduler has it: a task says first that it is about
 * to sleep, then looks whether it has to, then sleeps unless it was woken since.
 * @turns: how long, in turns of the scheduler, or TASK_FOREVER. With fibers all
 * tasks that may be interrupted are @signalled when nothing can happen any more,
 * at their times @quiet to @quiet + 1, before any of them runs.
 * Return: false: the time is over.
 */
enum task_state {
	TASK_RUNNING,
	TASK_INTERRUPTIBLE,
	TASK_UNINTERRUPTIBLE,
};

#define TASK_FOREVER LONG_MAX

extern const bool tasks_know_the_end;	/* fibers do */

void task_set_state(enum task_state state);
bool task_sleep(long turns);
void task_wake(struct task *task);

/* Counts whatever is worth a place in a history. */
uint32_t task_clock(void);

#endif /* NATIVE_TASKS_H */
