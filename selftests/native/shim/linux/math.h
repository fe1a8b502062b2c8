/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MATH_H
#define SHIM_LINUX_MATH_H

#include <linux/minmax.h>

/* Up to a multiple of @step, a power of two. */
#define round_up(n, step) ((((n) - 1) | ((typeof(n))(step) - 1)) + 1)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* SHIM_LINUX_MATH_H */
