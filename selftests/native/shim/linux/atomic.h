/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

struct atomic64 {
	s64 n;
};

#define atomic64_t struct atomic64
#define ATOMIC64_INIT(value) { .n = (value) }

static inline s64 atomic64_inc_return(struct atomic64 *counter)
{
	return __atomic_add_fetch(&counter->n, 1, __ATOMIC_SEQ_CST);
}

#endif /* SHIM_LINUX_ATOMIC_H */
