// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The nil channel: never ready (C4). Waiting on it is waiting for a signal or
 * for the deadline.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"

#ifndef SYS_futex_time64
#define SYS_futex_time64	SYS_futex
#endif

/* The kernel's, whatever the C library's time_t is. */
struct ktime {
	int64_t sec;
	long long nsec;
};

/*
 * Waits on a futex that nobody knows. Without a deadline the kernel restarts it
 * as SA_RESTART asks for; with one it never does.
 */
static int wait_futex(const struct ktime *until, bool realtime)
{
	int op = FUTEX_WAIT_BITSET_PRIVATE;
	const uint32_t word = 0;
	int saved = errno;
	int err;

	if (realtime)
		op |= FUTEX_CLOCK_REALTIME;
	do {
		err = 0;
		if (syscall(SYS_futex_time64, &word, op, 0, until, NULL,
			    FUTEX_BITSET_MATCH_ANY) < 0)
			err = -errno;
	} while (!err || err == -EAGAIN);
	errno = saved;
	return err;
}

/* Reading an absolute timer is restarted as SA_RESTART asks for. */
static int wait_timer(int64_t deadline, bool realtime)
{
	struct ktime until = { deadline / HCHAN_SEC, deadline % HCHAN_SEC };
	struct itimerspec setting = {
		.it_value = { (time_t)until.sec, (long)until.nsec },
	};
	int saved = errno;
	uint64_t expired;
	int err = 0;
	int fd;

	fd = timerfd_create(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC,
			    TFD_CLOEXEC);
	if (fd < 0) {
		/* No descriptor to spare: SA_RESTART is the smaller loss. */
		err = wait_futex(&until, realtime);
	} else {
		if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL) ||
		    syscall(SYS_read, fd, &expired, sizeof(expired)) < 0)
			err = -errno;
		else
			err = -ETIMEDOUT;
		hchan__close(fd);
	}
	errno = saved;
	return err;
}

/*
 * hchan__nil() - a send or a receive on the nil channel
 * @known: the flags which this operation knows
 *
 * Bad flags and deadlines are refused as by the kernel.
 */
int hchan__nil(uint32_t flags, int64_t deadline, uint32_t known)
{
	if (flags & ~known)
		return -EINVAL;
	if ((flags & HCHAN_NOWAIT) && flags != HCHAN_NOWAIT)
		return -EINVAL;
	if ((flags & HCHAN_REALTIME) && !(flags & HCHAN_DEADLINE))
		return -EINVAL;
	if (deadline && !(flags & HCHAN_DEADLINE))
		return -EINVAL;
	if (flags & HCHAN_NOWAIT)
		return -EAGAIN;
	if (!(flags & HCHAN_DEADLINE))
		return wait_futex(NULL, false);
	/* Zero would disarm the timer. */
	if (deadline <= 0)
		return -ETIMEDOUT;
	return wait_timer(deadline, flags & HCHAN_REALTIME);
}
