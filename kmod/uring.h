/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands of io_uring: what uring.c, uring_park.c and uring_ops.c share. */
#ifndef _HCHAN_URING_H
#define _HCHAN_URING_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/rbtree.h>

#include "compat.h"
#include "hchan.h"

struct hchan_cmd;

/* Elements in a command's batch: its ring is locked while they are moved. */
#define HCHAN_CMD_BATCH	65535

/*
 * struct hchan_cmd_ops - one kind of command
 * @start: do it, or park it. Return: the result, or -EIOCBQUEUED: parked;
 *	hchan_cmd_fired() is called, unless @claim is first.
 * @claim: take it back. Return: whether it is the command's again.
 * @end: it was fired (@why is 0) or claimed (@why says what for); with @gone nobody is
 *	there to take what it has received (C41). Return: as @start: a batch may be
 *	parked again.
 * @free: its memory
 *
 * All in a task's context, without locks, and by one at a time: who has the turn
 * (uring_park.c).
 */
struct hchan_cmd_ops {
	int (*start)(struct hchan_cmd *cmd);
	bool (*claim)(struct hchan_cmd *cmd);
	int (*end)(struct hchan_cmd *cmd, int why, bool gone);
	void (*free)(struct hchan_cmd *cmd);
};

/*
 * struct hchan_cmd - a command that has to wait
 * @ring, @user_data: fixed; HCHAN_URING_CANCEL finds it by them
 * @node: in the table of parked commands, guarded by its lock
 * @turn: whose turn it is, and what is new; see uring_park.c
 * @deadline: set before @start; @timer is armed if there is one
 */
struct hchan_cmd {
	struct io_uring_cmd *io;
	const struct hchan_cmd_ops *ops;
	const void *ring;
	u64 user_data;
	struct rb_node node;
	atomic_t turn;
	bool timed;
	struct hchan_deadline deadline;
	struct hrtimer timer;
};

/* uring_park.c */
int hchan_cmd_start(struct hchan_cmd *cmd, struct io_uring_cmd *io,
		    unsigned int issue_flags);
void hchan_cmd_fired(struct hchan_cmd *cmd);
void hchan_cmd_ring_cancels(struct io_uring_cmd *io);
int hchan_cmd_cancel(struct io_uring_cmd *io, u64 user_data);

/* uring_ops.c */
struct hchan_cmd *hchan_cmd_one(struct hchan *ch, struct hchan_xfer __user *uxfer,
				u8 dir);
struct hchan_cmd *hchan_cmd_batch(struct hchan *ch,
				  struct hchan_batch __user *ubatch, u8 dir);
struct hchan_cmd *hchan_cmd_select(struct hchan_select __user *usel);

#endif /* _HCHAN_URING_H */
