// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Timers and tickers. The kernel has them; here durations become moments. */
#include <errno.h>

#include "internal.h"

/* A moment, as the kernel takes it; false if @when is none. */
static bool due_of(struct hchan_when when, __s64 *due)
{
	if (when.flags & ~(HCHAN_DEADLINE | HCHAN_REALTIME))
		return false;
	if (when.flags & HCHAN_DEADLINE) {
		*due = when.ns;
		return true;
	}
	*due = HCHAN_TIMER_NEVER;
	return !when.flags && !when.ns;
}

static int make(struct hchan_when when, uint32_t flags, int64_t period)
{
	struct hchan_timer request = {
		.flags = flags | (when.flags & HCHAN_REALTIME),
		.open_flags = O_CLOEXEC,
		.period = period,
	};

	if (!due_of(when, &request.due))
		return hchan__fail("new timer", -EINVAL);
	return hchan__ask_device(HCHAN_IOC_TIMER, &request, "new timer");
}

static int set(int timer, struct hchan_when when, uint32_t flags, int64_t period)
{
	struct hchan_timer_set request = {
		.flags = flags | (when.flags & HCHAN_REALTIME),
		.period = period,
	};

	if (timer == HCHAN_NIL || !due_of(when, &request.due) ||
	    (flags && period <= 0))
		return -EINVAL;
	/* Never is so on either clock. */
	if (!when.flags)
		return hchan_timer_stop(timer);
	return hchan__ioctl(timer, HCHAN_IOC_TIMER_SET, &request);
}

int hchan_timer_at(struct hchan_when when)
{
	return make(when, 0, 0);
}

int hchan_timer_after(int64_t ns)
{
	return make(hchan_after(ns), 0, 0);
}

int hchan_timer_stop(int timer)
{
	struct hchan_timer_set request = { .flags = HCHAN_TIMER_STOP };

	if (timer == HCHAN_NIL)
		return -EINVAL;
	return hchan__ioctl(timer, HCHAN_IOC_TIMER_SET, &request);
}

int hchan_timer_reset_at(int timer, struct hchan_when when)
{
	return set(timer, when, 0, 0);
}

int hchan_timer_reset(int timer, int64_t ns)
{
	return set(timer, hchan_after(ns), 0, 0);
}

int hchan_ticker_at(struct hchan_when first, int64_t period)
{
	return make(first, HCHAN_TIMER_TICK, period);
}

int hchan_ticker(int64_t period)
{
	return make(hchan_after(period), HCHAN_TIMER_TICK, period);
}

int hchan_ticker_reset_at(int timer, struct hchan_when first, int64_t period)
{
	return set(timer, first, HCHAN_TIMER_TICK, period);
}

int hchan_ticker_reset(int timer, int64_t period)
{
	return set(timer, hchan_after(period), HCHAN_TIMER_TICK, period);
}
