/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the shim's headers have in common. Every lock, unlock and marked access
 * is a point at which another task may come in: tasks.h.
 */
#ifndef SHIM_H
#define SHIM_H

#include <linux/types.h>

#include "../tasks.h"

/* Says where and why, and aborts. */
void shim_bug(const char *what, const char *file, int line)
	__attribute__((noreturn));
/* Calls @say before. */
void shim_dies(void (*say)(void));

#define SHIM_CHECK(condition) do {				\
	if (!(condition))					\
		shim_bug(#condition, __FILE__, __LINE__);	\
} while (0)

/* The module's own checks are on; users' memory is not always there. */
extern bool shim_checks, shim_faults;

/* What must not be done while a lock is held: sleep, allocate, free, wake. */
void shim_unlocked(void);

/*
 * With fibers a marked store that is made without a lock may be seen late by
 * others, as processors do it: until the next one, a lock, or a barrier.
 * Return: whether it will.
 */
bool shim_store_late(void *at, const void *value, uint32_t bytes);
/* @at: if it is there; NULL: wherever */
void shim_store_now(const void *at);

#define READ_ONCE(x) ({						\
	__auto_type once_at_ = &(x);				\
								\
	shim_store_now(once_at_);				\
	task_point();						\
	__atomic_load_n(once_at_, __ATOMIC_RELAXED); })
#define WRITE_ONCE(x, value) do {				\
	__auto_type once_at_ = &(x);				\
	__typeof__(*once_at_) once_ = (value);			\
								\
	task_point();						\
	if (!shim_store_late(once_at_, &once_, sizeof(once_)))	\
		__atomic_store_n(once_at_, once_, __ATOMIC_RELAXED);	\
} while (0)
/* As C11's. */
#define smp_load_acquire(p) ({					\
	task_point();						\
	__atomic_load_n(p, __ATOMIC_ACQUIRE); })
/* As C11's. */
#define smp_store_release(p, value) do {			\
	shim_store_now(NULL);					\
	task_point();						\
	__atomic_store_n(p, (value), __ATOMIC_RELEASE);		\
} while (0)

/* Loads are in order on most machines; ThreadSanitizer knows of no fences. */
static inline void smp_rmb(void)
{
#if !defined(__x86_64__) && !defined(NATIVE_TSAN)
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
	__asm__ volatile("" ::: "memory");
	task_point();
}

/* One that ThreadSanitizer takes no notice of: what is in order by it, is not. */
static inline void smp_mb(void)
{
	shim_store_now(NULL);
#ifdef __x86_64__
	__asm__ volatile("lock; addl $0, -4(%%rsp)" ::: "memory", "cc");
#elif !defined(NATIVE_TSAN)
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
	task_point();
}

#endif /* SHIM_H */
