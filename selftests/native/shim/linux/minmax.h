/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#include <linux/types.h>

#define min_t(type, a, b) ({			\
	type a_ = (a), b_ = (b);		\
	a_ < b_ ? a_ : b_; })
#define max_t(type, a, b) ({			\
	type a_ = (a), b_ = (b);		\
	a_ > b_ ? a_ : b_; })
#define min(a, b) min_t(typeof(a), a, b)
#define min3(a, b, c) min_t(typeof(a), a, min_t(typeof(a), b, c))
#define max(a, b) max_t(typeof(a), a, b)

#define swap(a, b) do {				\
	typeof(a) *x_ = &(a), *y_ = &(b), z_;	\
						\
	z_ = *x_;				\
	*x_ = *y_;				\
	*y_ = z_;				\
} while (0)

#endif /* SHIM_LINUX_MINMAX_H */
