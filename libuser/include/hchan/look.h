/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Looking at a channel, and waiting for a state of it. Included by <hchan.h>.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_LOOK_H
#define HCHAN_LOOK_H

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/* ---- looking at a channel (C3): snapshots, true when they were taken ---- */

/*
 * hchan_len() - elements buffered; hchan_cap() - how many can be
 *
 * 0 for nil. Errors: -EBADF, -ENOTTY (no channel).
 */
int64_t hchan_len(int ch);
int64_t hchan_cap(int ch);

/*
 * hchan_stat() - everything about a channel
 * @st: written on success; its @size need not be set
 *
 * Needs no direction. Returns 0. Errors: -EBADF, -ENOTTY (no channel), -EFAULT;
 * -EINVAL (nil).
 */
int hchan_stat(int ch, struct hchan_stat *st);

/*
 * hchan_stat_name() - the same by name  [msg]
 *
 * Opens nothing and so counts nowhere (C49), a channel bound on its own
 * excepted: that is opened for a moment. Needs no permission on the channel,
 * with the same exception. Returns 0. Errors: as for hchan_open().
 */
int hchan_stat_name(const char *name, struct hchan_stat *st);

/*
 * hchan_set_spin() - how long calls that wait may look for their partner before they sleep
 * @ns: nanoseconds at most, 0 to HCHAN_SPIN_MAX, rounded up to microseconds; negative:
 *	as the kernel's module is set, and as a new channel is
 *
 * For all who have the channel; a hint, which changes nothing but how long a call
 * takes: it spares a wake-up when the partner runs on another processor and comes in
 * that time, and uses up this processor meanwhile. Needs no direction. Returns 0. Errors:
 * -EBADF, -ENOTTY (no channel, or a kernel that does not know it); -EINVAL (nil, too
 * long).
 */
int hchan_set_spin(int ch, int64_t ns);

/*
 * hchan_wait_receivers() - wait until @n receive operations are parked (C10)
 * hchan_wait_senders() - wait until @n send operations are
 * hchan_wait_len() - wait until @n elements are buffered
 *
 * Whoever learns so that others wait knows it: this orders several processes
 * without sleeping. A select that waits counts once in each of its channels and
 * directions. Changes nothing in the channel. Returns how many there were,
 * at least @n, also if they are gone by now.
 *
 * Errors: -ETIMEDOUT, -EAGAIN (hchan_nowait()), -EPIPE (the channel is closed:
 * it can't come true any more), -EBUSY (256 tasks wait so for this channel),
 * -EINTR, -EBADF, -ENOTTY (no channel); -EINVAL (nil, @when).
 */
int64_t hchan_wait_receivers(int ch, uint64_t n, struct hchan_when when);
int64_t hchan_wait_senders(int ch, uint64_t n, struct hchan_when when);
int64_t hchan_wait_len(int ch, uint64_t n, struct hchan_when when);

/*
 * hchan_query() - what this kernel can do
 * @query: written on success; its @size need not be set
 *
 * Returns 0. Errors: -ENOENT, -ENXIO, -ENODEV or -EACCES (/dev/hchan can't be
 * opened), -EMFILE, -ENFILE, -EFAULT.
 */
int hchan_query(struct hchan_query *query);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif /* HCHAN_LOOK_H */
