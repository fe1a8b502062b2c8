/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_REFCOUNT_H
#define SHIM_LINUX_REFCOUNT_H

#include <linux/types.h>

struct refcount {
	u32 n;
};

#define refcount_t struct refcount

static inline void refcount_set(struct refcount *ref, u32 n)
{
	__atomic_store_n(&ref->n, n, __ATOMIC_RELAXED);
}

static inline void refcount_inc(struct refcount *ref)
{
	task_point();
	SHIM_CHECK(__atomic_fetch_add(&ref->n, 1, __ATOMIC_RELAXED));
}

static inline bool refcount_dec_and_test(struct refcount *ref)
{
	u32 was;

	task_point();
	was = __atomic_fetch_sub(&ref->n, 1, __ATOMIC_ACQ_REL);
	SHIM_CHECK(was);
	return was == 1;
}

#endif /* SHIM_LINUX_REFCOUNT_H */
