/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Sets: an array of cases that the kernel keeps, for selecting over many
 * channels again and again. What selects over an array
 *
 *	for (;;) {
 *		i = hchan_select(c, 512, hchan_forever(), 0);
 *		...
 *
 * does so over a set by one line more and another call:
 *
 *	struct hchan_cases set = HCHAN_CASES(c);
 *
 *	for (;;) {
 *		i = hchan_set_select(&set, hchan_forever(), 0);
 *		...
 *
 * and what came of case i is in c[i] as before. Only: who changes c[i] says so,
 * by hchan_set_change(&set, i). Nil, default, deadlines and errors are as for
 * hchan_select() (<hchan/select.h>).
 *
 * It is also a change if c[i].fd was dropped and its number has become another
 * channel's. A set notices that by itself when with the descriptor its open file
 * has gone, and not while a copy of it is open: one made by dup(2), or a child's.
 * It then goes on with the old channel, as epoll(7) would.
 *
 * Sets are of channels: no hchan_on_poll(). But a set can itself be polled, by
 * hchan_on_poll(set.fd, POLLIN) in another select, by poll(2) and epoll(7).
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_SET_H
#define HCHAN_SET_H

#include <hchan/select.h>

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/*
 * struct hchan_cases - an array of cases, and the set that keeps it
 * @c: the array. It belongs to the program and has to stay until
 *	hchan_set_drop(), and so do the elements and buffers that it names.
 * @n: cases there, up to the query's select_cases; those to come are nil
 * @fd: the set's descriptor, close-on-exec, or -1: not made yet
 * @live: set by hchan_set_select(): cases that are not nil, not disabled and
 *	not dropped. 0: nothing will ever come.
 *
 * Made by HCHAN_CASES(), with an array, or as { c, n, -1, 0, 0 }. One thread at a
 * time may use it (another's select is -EBUSY).
 */
struct hchan_cases {
	struct hchan_case *c;
	size_t n;
	int fd;
	uint32_t live;
	int untrue_;	/* the kernel may have other cases than @c */
};

#define HCHAN_CASES(array) \
	{ (array), sizeof(array) / sizeof(*(array)), -1, 0, 0 }

/*
 * HCHAN_CASE_DROP in a case's @flags: it goes out of the set when it has found
 * its channel's end. That is told once, and @fd becomes HCHAN_NIL: Go's ch = nil.
 *
 *	c[i] = HCHAN_ON_RECV(jobs[i], &job[i]);
 *	c[i].flags = HCHAN_CASE_DROP;			for all i
 *	do {
 *		i = hchan_set_select(&set, hchan_forever(), 0);
 *		...
 *	} while (set.live);
 */

/*
 * hchan_set_select() - do one of a set's cases, exactly one
 *
 * As hchan_select(set->c, set->n, when, flags), HCHAN_FIRST meaning the lowest
 * index. The first call makes the set. A case whose descriptor has been closed
 * since is looked at anew: -EBADF, or the channel which has the number now.
 *
 * Cost: one system call. It costs by the cases that are ready, not by all, and
 * if it has to wait by those that are live (C25). The first, and one after a
 * descriptor was closed: one more for each case.
 *
 * Errors: as for hchan_select(), -EMFILE, -ENFILE; -ENOSPC (256 sets and waiters
 * watch one of the channels), -EINVAL also for a case that polls; -EBUSY.
 */
int hchan_set_select(struct hchan_cases *set, struct hchan_when when,
		     unsigned int flags);

/*
 * hchan_set_change() - the program has changed set->c[i]
 *
 * Anything of it: another channel, direction or buffer, nil, or a new case in
 * the place of a nil one. It is enabled. Returns 0. Cost: one system call, none
 * if the set is not made yet.
 *
 * Errors: -EINVAL (no such @i), and what hchan_set_select() would say of such a
 * case, which it then does until the case is changed again.
 */
int hchan_set_change(struct hchan_cases *set, size_t i);

/*
 * hchan_set_disable() - case @i is never ready, as if it were nil
 * hchan_set_enable() - ... until now
 *
 * Returns 0; it may be so already. Costs and errors: hchan_set_change().
 */
int hchan_set_disable(struct hchan_cases *set, size_t i);
int hchan_set_enable(struct hchan_cases *set, size_t i);

/*
 * hchan_set_make() - make the set now, for its descriptor
 *
 * What the first hchan_set_select() does otherwise. Returns set->fd. Errors: as
 * there.
 */
int hchan_set_make(struct hchan_cases *set);

/*
 * hchan_set_drop() - give the set back
 *
 * The channels, their descriptors and the array stay as they are; the next
 * hchan_set_select() makes a new set of it. Returns 0.
 */
int hchan_set_drop(struct hchan_cases *set);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif /* HCHAN_SET_H */
