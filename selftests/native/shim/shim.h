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

/* What must not be done while a lock is held: sleep, allocate, free, wake. */
void shim_unlocked(void);

#define READ_ONCE(x) ({						\
	task_point();						\
	__atomic_load_n(&(x), __ATOMIC_RELAXED); })
#define WRITE_ONCE(x, value) do {				\
	task_point();						\
	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED);	\
} while (0)
/* As C11's. */
#define smp_load_acquire(p) ({					\
	task_point();						\
	__atomic_load_n(p, __ATOMIC_ACQUIRE); })
/* As C11's. */
#define smp_store_release(p, value) do {			\
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

#endif /* SHIM_H */
