/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_HRTIMER_H
#define SHIM_LINUX_HRTIMER_H

#include <linux/ktime.h>
#include <linux/sched.h>

#define HRTIMER_MODE_ABS 0

/* Return: 0: the time is over. */
static inline int schedule_hrtimeout_range_clock(const ktime_t *at, u64 slack,
						 int mode, clockid_t clock)
{
	(void)slack;
	(void)mode;
	(void)clock;
	return task_sleep(at ? *at : TASK_FOREVER);
}

#endif /* SHIM_LINUX_HRTIMER_H */
