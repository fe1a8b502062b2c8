/* SPDX-License-Identifier: GPL-2.0-only */
/* It is always 0 o'clock: a deadline is how long to wait from now on. */
#ifndef SHIM_LINUX_KTIME_H
#define SHIM_LINUX_KTIME_H

#include <linux/minmax.h>
#include <time.h>

#define KTIME_MAX LLONG_MAX
#define ktime_get() ((ktime_t)0)
#define ktime_get_real() ((ktime_t)0)

#endif /* SHIM_LINUX_KTIME_H */
