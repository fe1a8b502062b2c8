/* SPDX-License-Identifier: GPL-2.0-only */
/* What set.c and set_select.c share. */
#ifndef _HCHAN_SET_H
#define _HCHAN_SET_H

#include <linux/mutex.h>
#include <linux/xarray.h>

#include "engine.h"
#include "select.h"

#define HCHAN_UNMARKED	U32_MAX

/* Of hchan_cases.all: the cases on timers. */
#define HCHAN_SET_TIMER	XA_MARK_1

/*
 * struct hchan_set_case - a case that is kept
 * @p: its channel, held, and what pick.c needs
 * @watch: on the channel
 * @set: whose it is
 * @ref: the set's, one for a call of complete() that is due, and a poller's
 * @gone: in hchan_cases.gone
 * @slot: its place in hchan_cases.ready, or HCHAN_UNMARKED
 * @is_gone: its open file is gone, or it is out of the set
 * @asked: complete() will be called
 * @enabled: not disabled
 *
 * From @gone to @enabled it is guarded by the set's lock; the others do not
 * change, or belong to who has the set for himself.
 */
struct hchan_set_case {
	struct hchan_pick_case p;
	struct hchan_watch watch;
	struct hchan_cases *set;
	refcount_t ref;
	u32 id;
	u64 buf;
	u32 len;
	bool drop;

	bool is_gone;
	bool asked;
	bool enabled;
	struct list_head gone;
	u32 slot;
};

/*
 * struct hchan_cases - a set
 * @ref: its open file's, and one for each call of complete() that is due
 * @wq: its pollers
 * @all: its cases by number
 * @n: how many
 * @room: how many there may be before the arrays have to grow
 * @account: of who made it: itself, its arrays, and its cases (C50)
 * @walk: for a select that waits: all that are live
 * @heads: see struct hchan_pick
 * @bits: likewise
 * @mutex: guards @busy; with it clear also what belongs to who has set it
 * @busy: somebody has the set for himself, and what is above
 * @lock: guards what is below it and is taken inside hchan.lock
 * @lost: a case has gone with its open file, and nobody has been told
 * @released: its own file is gone, and all cases have to be taken out
 * @ready: the cases that are marked, @n_ready of them
 * @n_live: cases that are neither disabled nor gone
 * @gone: cases whose open file is gone, to be taken out
 */
struct hchan_cases {
	refcount_t ref;
	wait_queue_head_t wq;
	struct xarray all;
	u32 n;
	u32 room;
	struct hchan_account *account;
	struct hchan_pick_case **walk;
	u16 *heads;
	u8 bits;

	struct mutex mutex;	/* see above */
	bool busy;
	spinlock_t lock;	/* see above */
	bool lost;
	bool released;
	u32 n_ready;
	u32 n_live;
	struct hchan_set_case **ready;
	struct list_head gone;
};

/* set.c */
int hchan_set_enter(struct hchan_cases *set);
void hchan_set_exit(struct hchan_cases *set);
void hchan_set_remove(struct hchan_cases *set, struct hchan_set_case *c);

/* set_select.c */
int hchan_set_select(struct file *file, struct hchan_set_select __user *usel);

#endif /* _HCHAN_SET_H */
