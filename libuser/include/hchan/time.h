/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Timers and tickers: channels on which the kernel sends (C29 to C32). Included by
 * <hchan.h>.
 *
 *	int tick = hchan_ticker(HCHAN_SEC);
 *	int64_t due;
 *
 *	for (;;) {
 *		HCHAN_SELECT(r)				select {
 *		HCHAN_RECV_CASE(jobs, &job) {		case job := <-jobs:
 *			...
 *		}
 *		HCHAN_CASE(hchan_on_time(tick, &due)) {	case due = <-tick.C:
 *			...
 *		}
 *		HCHAN_END
 *	}
 *
 * A timer is a descriptor that can receive and nothing else: of elements of eight bytes,
 * each an int64_t, the nanoseconds on the timer's clock at which it was due, not those
 * at which it was read (C29). It goes wherever a channel goes: hchan_recv(), select,
 * sets, poll(2), io_uring, execve(2), a socket. It is given back with hchan_drop(), and
 * costs nothing after its last descriptor is gone (C32). Who has a descriptor can set
 * and stop it. Typed: see hchan_time.
 *
 * To wait once, up to a moment, needs no timer: HCHAN_UNTIL(), hchan_recv_until().
 *
 * Results and errors are as in <hchan.h>. None of the functions marked [msg] is
 * async-signal-safe, the others are.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_TIME_H
#define HCHAN_TIME_H

#include <hchan/select.h>
#include <hchan/typed.h>

/*
 * hchan_time - a timer's channel as a typed one, which only receives
 *
 * hchan_time_on(hchan_timer_after(ns)) is a handle for HCHAN_RECV(), HCHAN_RECV_CASE() ...
 * with an int64_t; a timer that could not be made has the error as its .fd. There are
 * also hchan_time_of(), hchan_time_nil() and hchan_time_drop(), as <hchan/typed.h> has
 * them, and none of those that make, open, narrow or close: a timer is made below.
 */
typedef union hchan_time {
	int fd;
	int64_t *elem_;
	int64_t *can_recv_;

	HCHAN_CXX_(int64_t, hchan_tag("int64_t", sizeof(int64_t)))
} hchan_time;

HCHAN_HANDLE_(hchan_time)
HCHAN_OF_(hchan_time, int64_t, hchan_tag("int64_t", sizeof(int64_t)))

static inline hchan_time hchan_time_on(int timer)
{
	return hchan_time_fd_(timer);
}

/* hchan_on_time() - a case of a select: the timer's next element; @due may not be NULL */
static inline struct hchan_case hchan_on_time(int timer, int64_t *due)
{
	return hchan_on_recv(timer, due, sizeof(*due));
}

#ifdef __cplusplus
extern "C" {
#endif

/*
 * hchan_timer_after() - a timer that is due @ns nanoseconds from now: Go's NewTimer  [msg]
 * hchan_timer_at() - one that is due at a moment of either clock
 * @when: hchan_at(), hchan_at_realtime(), hchan_after(); hchan_forever(): never, until
 *	it is set
 *
 * What is 0 or less from now, or has passed, is ready at once; what is too far for the
 * clock is its last moment, which is never (C31). One on CLOCK_REALTIME follows that
 * clock when it is set. Returns a descriptor which the caller owns, close-on-exec. Cost:
 * three system calls; nothing while it waits.
 *
 * Errors: -EINVAL (@when is hchan_nowait(), or none), -EDQUOT (it counts as a channel),
 * -ENOMEM, -EMFILE, -ENFILE, -ENOTTY (the kernel's module knows no timers), those of
 * /dev/hchan as hchan_make().
 */
int hchan_timer_after(int64_t ns);
int hchan_timer_at(struct hchan_when when);

/*
 * hchan_timer_stop() - stop a timer or a ticker
 *
 * Nothing of the old setting is received once it has returned, not even what had come
 * due and was waiting (C29). The channel is not closed (C30): who waits on it waits on.
 *
 * Returns 1 if that has prevented a receive: it was set, and nobody had received its
 * element (a ticker's next one); else 0. Errors: -EBADF, -ENOTTY (no timer); -EINVAL (nil).
 */
int hchan_timer_stop(int timer);

/*
 * hchan_timer_reset() - stop it, and set it to @ns nanoseconds from now
 * hchan_timer_reset_at() - to a moment: of the timer's own clock, which stays
 *
 * A ticker becomes a timer by it. hchan_timer_reset() is for those on CLOCK_MONOTONIC: a
 * timer that was made with hchan_at_realtime() is set by a moment. Returns and errors as
 * hchan_timer_stop(); -EINVAL also: @when is hchan_nowait(), none, or of the other clock.
 */
int hchan_timer_reset(int timer, int64_t ns);
int hchan_timer_reset_at(int timer, struct hchan_when when);

/*
 * hchan_ticker() - a timer that is due every @period nanoseconds, first in one period: Go's
 *	NewTicker  [msg]
 * hchan_ticker_at() - with the first tick at a moment of either clock: on the minute, say
 *
 * At most one tick is kept, the first that nobody has received; those that come due
 * meanwhile are lost (C30). Errors: as hchan_timer_at(), and -EINVAL (@period is 0 or less).
 */
int hchan_ticker(int64_t period);
int hchan_ticker_at(struct hchan_when first, int64_t period);

/*
 * hchan_ticker_reset() - stop it, and tick every @period nanoseconds from now on
 * hchan_ticker_reset_at() - with the first tick at a moment of the timer's own clock
 *
 * A timer becomes a ticker by it. Returns and errors as hchan_timer_reset(); -EINVAL also:
 * @period is 0 or less, and nothing has changed then.
 */
int hchan_ticker_reset(int timer, int64_t period);
int hchan_ticker_reset_at(int timer, struct hchan_when first, int64_t period);

#ifdef __cplusplus
}
#endif

#endif /* HCHAN_TIME_H */
