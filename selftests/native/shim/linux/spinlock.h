/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks that know their holder and their order: a channel's is taken with no
 * other held, an operation's may follow, and a second operation's if its
 * address is higher. The class is told, as lockdep tells it, from where a lock
 * is initialised: by the expression, in which an operation is called op.
 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <pthread.h>

#include <linux/types.h>

struct spinlock {
	pthread_mutex_t mutex;	/* with threads */
	struct task *holder;
	int rank;		/* 0: a channel's, 1: an operation's */
	bool audited;		/* really a channel's: shim_audit() */
	bool ready[2];
	u32 version;
};

#define spinlock_t struct spinlock

/* A section of hchan.lock begins, or is about to end: drive.c. */
void shim_audit(struct spinlock *lock, bool begins);

void shim_lock_init(struct spinlock *lock, const char *name);
void shim_lock(struct spinlock *lock, bool nested);
bool shim_trylock(struct spinlock *lock);
void shim_unlock(struct spinlock *lock);

#define SINGLE_DEPTH_NESTING 1

#define spin_lock_init(lock) shim_lock_init(lock, #lock)
#define spin_lock(lock) shim_lock(lock, false)
#define spin_lock_nested(lock, depth) shim_lock(lock, (depth) != 0)
#define spin_trylock(lock) shim_trylock(lock)
#define spin_unlock(lock) shim_unlock(lock)
/* There are no interrupts here. */
#define spin_lock_irq(lock) shim_lock(lock, false)
#define spin_unlock_irq(lock) shim_unlock(lock)
#define spin_lock_irqsave(lock, flags) ((flags) = 0, shim_lock(lock, false))
#define spin_lock_irqsave_nested(lock, flags, depth)	\
	((flags) = 0, shim_lock(lock, (depth) != 0))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), shim_unlock(lock))

#define lockdep_assert_held(lock) SHIM_CHECK((lock)->holder == task_self())

#endif /* SHIM_LINUX_SPINLOCK_H */
