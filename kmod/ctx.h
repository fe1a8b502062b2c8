/* SPDX-License-Identifier: GPL-2.0-only */
/* What ctx.c and ctx_ioctl.c share. */
#ifndef _HCHAN_CTX_H
#define _HCHAN_CTX_H

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "hchan.h"

/*
 * struct hchan_tree - what hangs together
 * @mutex: one at a time cancels, or adds a context. Held for all of a cancel, so who
 *	has had it finds everything closed that was cancelled before.
 * @lock: guards hchan_context.children to .why, and contents of .own. Held for one
 *	step; on the way from a channel's last reference, where @mutex must not be taken
 * @late: contexts whose deadline found @mutex taken, each with a reference
 * @work: tries again for these; with a reference to the root as long as it is queued
 *
 * Lies in the root, which lives as long as anything below.
 */
struct hchan_tree {
	struct mutex mutex;	/* see above */
	spinlock_t lock;	/* see above */
	struct llist_head late;
	struct delayed_work work;
};

/*
 * struct hchan_loss - the loss of the right to cancel, where a kernel thread sees it
 * @work: with a reference to the context as long as it is queued
 *
 * Others' descriptors wait for that thread, which must not wait for a tree.
 */
struct hchan_loss {
	struct hchan_context *ctx;
	struct delayed_work work;
};

/*
 * struct hchan_context - a context; one object with its done channel, @ch
 * @source: what that channel knows of it
 * @ch: the channel; no reference
 * @parent: whom it has its values from, by a reference to @parent's channel; NULL: the
 *	background. In the same tree unless it is a root, detached
 * @tree: its tree
 * @timed: whose own @deadline counts here, itself or one above in its tree; NULL: none
 * @own: its own cause, if it can be the first that is cancelled: of its deadline, and
 *	then that of a cancel; else NULL
 * @key: @key_len bytes, and @value_len of the value behind them
 * @loss: with HCHAN_CTX_ON_LOSS; else NULL
 * @deadline: KTIME_MAX: none
 * @timer: runs if @timed is itself, until it is done
 * @work: what the timer asks for; with a reference to @ch as long as it is queued
 * @late: in tree->late
 * @children: in its tree, not done
 * @sibling: in parent->children, or in the list of those about to be cancelled; empty
 *	in a root and once it is done
 * @n_children: how many, unless it is done
 * @err: HCHAN_CTX_ERR_*; the first stays
 * @why: the cause, with @err: @own of itself or of one above in its tree
 *
 * Up to @deadline nothing changes once it is there.
 */
struct hchan_context {
	struct hchan_source source;
	struct hchan *ch;
	struct hchan_context *parent;
	struct hchan_tree *tree;
	struct hchan_context *timed;
	struct hchan_cause *own;
	u8 *key;
	u16 key_len;
	u16 value_len;
	struct hchan_loss *loss;
	ktime_t deadline;
	struct hrtimer timer;
	struct work_struct work;
	struct llist_node late;

	struct list_head children;
	struct list_head sibling;
	u32 n_children;
	u32 err;
	const struct hchan_cause *why;
};

static inline struct hchan_context *hchan_ctx_of(struct hchan *ch)
{
	return container_of(ch->source, struct hchan_context, source);
}

/*
 * struct hchan_ctx_want - what a context is made from
 * @parent: or NULL
 * @detached: of @parent it has the values only
 * @caused: it can be the first that is cancelled
 * @on_loss: see HCHAN_CTX_ON_LOSS
 * @deadline: its own; KTIME_MAX: none
 */
struct hchan_ctx_want {
	struct hchan_context *parent;
	bool detached;
	bool caused;
	bool on_loss;
	u32 key_len;
	u32 value_len;
	ktime_t deadline;
};

/* ctx.c */
struct hchan_context *hchan_ctx_alloc(const struct hchan_ctx_want *want);
int hchan_ctx_begin(struct hchan_context *ctx);
int hchan_ctx_join(struct hchan_context *ctx);
int hchan_ctx_expire(struct hchan_context *ctx);
int hchan_ctx_cancel(struct hchan_context *ctx, const struct hchan_cause *cause,
		     bool killable);
void hchan_ctx_lose(struct hchan_context *ctx);
void hchan_ctx_snapshot(struct hchan_context *ctx, struct hchan_ctx_stat *stat);

#endif /* _HCHAN_CTX_H */
