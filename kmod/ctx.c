// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts (C33 to C37): trees whose nodes are channels that get closed, once.
 *
 * A context is one object with its done channel: the channel's last reference takes
 * it along. It holds its parent, so what is above something that lives does live, too;
 * a parent does not hold its children, they leave its list when they go.
 *
 * A cancel has the tree's mutex from beginning to end. It walks what is below breadth
 * first, over a list through the nodes themselves, which takes no memory and no
 * stack, however deep it goes. Each step has the tree's lock: a node is told why it
 * ends, its children are moved to the list, and it is held while it is closed, without
 * the lock. Who loses waits for the mutex: then all that the winner had to close
 * is closed (C33). Who adds a context has the mutex too, so nothing is added while
 * it is walked, and the walk ends. A context whose last reference is gone needs not
 * be closed; it takes itself out of its list under the lock alone.
 *
 * Two locks, because closing a channel may let go of others: what watches it may be a set
 * that drops channels whose descriptors are gone, contexts of the same tree among
 * them. So the mutex comes before the mutex of a set, and the last reference to a
 * channel may go with that held; it must not ask for the mutex again.
 *
 * Lock order: hchan_tree.mutex, then whatever hchan_close() and hchan_put() take; one
 * tree's at a time. hchan_tree.lock is the last one, but for the timer's.
 *
 * Once it is done a context is in nobody's list. To find out whether a new one is born
 * done, its parent alone is enough: whatever was cancelled above has come by the parent,
 * which was in all the lists on the way if it was not done before.
 */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "ctx.h"

static struct workqueue_struct *deadlines;
/* Contexts there are. */
static atomic_long_t contexts = ATOMIC_LONG_INIT(0);

static bool is_root(const struct hchan_context *ctx)
{
	return ctx->tree == (void *)(ctx + 1);
}

/*
 * See struct hchan_source. Nobody has a reference, so nobody can cancel or add below,
 * no work is queued, and the timer finds that there is nothing to be done.
 */
static struct hchan *free_ctx(struct hchan *ch, struct hchan_source *source)
{
	struct hchan_context *ctx = hchan_ctx_of(ch);
	struct hchan_context *parent = ctx->parent;
	struct hchan_tree *tree = ctx->tree;

	hrtimer_cancel(&ctx->timer);
	spin_lock(&tree->lock);
	if (!list_empty(&ctx->sibling)) {
		list_del(&ctx->sibling);
		/* Of one that is done they have left, and are counted no more. */
		if (!parent->err)
			parent->n_children--;
	}
	spin_unlock(&tree->lock);
	kvfree(ctx);
	if (atomic_long_dec_and_test(&contexts))
		wake_up_var(&contexts);
	/* It may be a long way up. */
	cond_resched();
	return parent ? parent->ch : NULL;
}

/*
 * Ends @top and all below it that is not done. The mutex is held, and @top.
 * @cause: what becomes its own cause; NULL: that stays
 *
 * Return: whether it was not done before.
 */
static bool end(struct hchan_context *top, u32 err, const struct hchan_cause *cause)
{
	struct hchan_tree *tree = top->tree;
	struct hchan_context *ctx;
	LIST_HEAD(list);

	lockdep_assert_held(&tree->mutex);
	spin_lock(&tree->lock);
	if (top->err) {
		spin_unlock(&tree->lock);
		return false;
	}
	if (cause)
		*top->own = *cause;
	if (!list_empty(&top->sibling))
		top->parent->n_children--;
	list_move(&top->sibling, &list);
	while (!list_empty(&list)) {
		ctx = list_first_entry(&list, struct hchan_context, sibling);
		list_del_init(&ctx->sibling);
		/* Else it is going, waits for the lock, and has no children. */
		if (!refcount_inc_not_zero(&ctx->ch->ref))
			continue;
		ctx->why = top->own;
		WRITE_ONCE(ctx->err, err);
		ctx->n_children = 0;
		list_splice_tail_init(&ctx->children, &list);
		/* If it is just running it finds that it is done. */
		hrtimer_try_to_cancel(&ctx->timer);
		spin_unlock(&tree->lock);

		hchan_close(ctx->ch);
		/* Before who waits is looked for; pairs with hchan_ctx_expire()'s wait. */
		smp_mb();
		wake_up_var(ctx);
		hchan_put(ctx->ch);
		cond_resched();
		spin_lock(&tree->lock);
	}
	spin_unlock(&tree->lock);
	return true;
}

static bool is_due(const struct hchan_context *ctx)
{
	return ctx && ctx->deadline <= ktime_get();
}

static struct hchan_context *root_of(struct hchan_tree *tree)
{
	return (struct hchan_context *)tree - 1;
}

/*
 * The deadline's turn. A work never waits for a tree: who has its mutex is a task of a
 * user's, which may be slow at will, and the works are everybody's. If the mutex is taken
 * the context goes on the tree's list. Who puts the first one there lets the tree's work
 * try again; it is not queued then, or has yet to take the list.
 */
static void run_deadline(struct work_struct *work)
{
	struct hchan_context *ctx = container_of(work, struct hchan_context, work);
	struct hchan_tree *tree = ctx->tree;
	struct hchan *root = root_of(tree)->ch;

	if (mutex_trylock(&tree->mutex)) {
		end(ctx, HCHAN_CTX_ERR_DEADLINE, NULL);
		mutex_unlock(&tree->mutex);
		hchan_put(ctx->ch);
		return;
	}
	/* Once it is on the list its own reference may be gone. */
	hchan_get(root);
	if (llist_add(&ctx->late, &tree->late))
		queue_delayed_work(deadlines, &tree->work, 1);
	else
		hchan_put(root);
}

/* See run_deadline(). */
static void run_late(struct work_struct *work)
{
	struct hchan_tree *tree = container_of(to_delayed_work(work),
					       struct hchan_tree, work);
	struct hchan *root = root_of(tree)->ch;
	struct hchan_context *ctx, *next;
	struct llist_node *late;

	if (!mutex_trylock(&tree->mutex)) {
		queue_delayed_work(deadlines, &tree->work, 1);
		return;
	}
	/* In the order in which they came: the first one stays (C34). */
	late = llist_reverse_order(llist_del_all(&tree->late));
	llist_for_each_entry(ctx, late, late)
		end(ctx, HCHAN_CTX_ERR_DEADLINE, NULL);
	mutex_unlock(&tree->mutex);
	llist_for_each_entry_safe(ctx, next, late, late)
		hchan_put(ctx->ch);
	hchan_put(root);
}

static const struct hchan_cause lost = {
	.len = sizeof(HCHAN_CTX_LOST) - 1,
	.text = HCHAN_CTX_LOST,
};

/* As run_deadline(), and once in a context's life. */
static void run_loss(struct work_struct *work)
{
	struct hchan_loss *loss = container_of(to_delayed_work(work),
					       struct hchan_loss, work);
	struct hchan_context *ctx = loss->ctx;

	if (!mutex_trylock(&ctx->tree->mutex)) {
		queue_delayed_work(deadlines, &loss->work, 1);
		return;
	}
	end(ctx, HCHAN_CTX_ERR_CANCELLED, &lost);
	mutex_unlock(&ctx->tree->mutex);
	hchan_put(ctx->ch);
}

/* Once in a context's life. The work has the reference. */
static enum hrtimer_restart ring(struct hrtimer *timer)
{
	struct hchan_context *ctx = container_of(timer, struct hchan_context, timer);

	if (refcount_inc_not_zero(&ctx->ch->ref))
		queue_work(deadlines, &ctx->work);
	return HRTIMER_NORESTART;
}

/**
 * hchan_ctx_alloc() - the memory of a context
 * @want: what it is to be
 *
 * Key, value and cause are the caller's to fill in; then it is for hchan_ctx_begin(), or
 * kvfree().
 *
 * Return: it, or NULL.
 */
struct hchan_context *hchan_ctx_alloc(const struct hchan_ctx_want *want)
{
	struct hchan_context *parent = want->parent, *ctx;
	bool root = !parent || want->detached;
	size_t size = sizeof(*ctx) + want->key_len + want->value_len;
	u8 *at;

	size += root ? sizeof(*ctx->tree) : 0;
	size += want->on_loss ? sizeof(*ctx->loss) : 0;
	size += want->caused ? sizeof(*ctx->own) : 0;
	ctx = kvzalloc(size, HCHAN_GFP_USER);
	if (!ctx)
		return NULL;
	at = (u8 *)(ctx + 1);
	ctx->source.bytes = size;
	ctx->source.free = free_ctx;
	ctx->parent = parent;
	if (root) {
		ctx->tree = (void *)at;
		mutex_init(&ctx->tree->mutex);
		spin_lock_init(&ctx->tree->lock);
		init_llist_head(&ctx->tree->late);
		INIT_DELAYED_WORK(&ctx->tree->work, run_late);
		at += sizeof(*ctx->tree);
	} else {
		ctx->tree = parent->tree;
	}
	if (want->on_loss) {
		ctx->loss = (void *)at;
		ctx->loss->ctx = ctx;
		INIT_DELAYED_WORK(&ctx->loss->work, run_loss);
		at += sizeof(*ctx->loss);
	}
	if (want->caused) {
		ctx->own = (void *)at;
		at += sizeof(*ctx->own);
	}
	ctx->key = at;
	ctx->key_len = want->key_len;
	ctx->value_len = want->value_len;

	ctx->deadline = root ? KTIME_MAX : parent->deadline;
	ctx->timed = root ? NULL : parent->timed;
	if (want->deadline < ctx->deadline) {
		ctx->deadline = want->deadline;
		ctx->timed = ctx;
	}
	hrtimer_init(&ctx->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	ctx->timer.function = ring;
	INIT_WORK(&ctx->work, run_deadline);
	INIT_LIST_HEAD(&ctx->children);
	INIT_LIST_HEAD(&ctx->sibling);
	return ctx;
}

/**
 * hchan_ctx_begin() - make it a channel
 * @ctx: from hchan_ctx_alloc()
 *
 * If that works it belongs to its channel, of which the caller has the reference, and
 * has one to its parent; it is not in its tree yet.
 *
 * Return: 0, or as hchan_alloc().
 */
int hchan_ctx_begin(struct hchan_context *ctx)
{
	const struct hchan_attr attr = {
		.source = &ctx->source,
		.flags = HCHAN_F_CTX,
	};
	struct hchan *ch = hchan_alloc(&attr);

	if (IS_ERR(ch))
		return PTR_ERR(ch);
	ctx->ch = ch;
	if (ctx->parent)
		hchan_get(ctx->parent->ch);
	atomic_long_inc(&contexts);
	return 0;
}

static bool is_closed(const struct hchan_context *ctx)
{
	return READ_ONCE(ctx->ch->state) & HCHAN_F_CLOSED;
}

/**
 * hchan_ctx_expire() - if its deadline has come, wait until that is done
 * @ctx: held
 *
 * The deadline's work does it and not the caller, who may be slow and has no right to
 * keep others waiting for it.
 *
 * Return: 0, or -EINTR (being killed).
 */
int hchan_ctx_expire(struct hchan_context *ctx)
{
	if (is_closed(ctx) || !is_due(ctx->timed))
		return 0;
	return wait_var_event_killable(ctx, is_closed(ctx)) ? -EINTR : 0;
}

/**
 * hchan_ctx_join() - take its place in the tree, from where it can be cancelled
 * @ctx: from hchan_ctx_begin()
 *
 * It is born done if its parent is, or its deadline has passed (C35).
 *
 * Return: 0, or -EINTR (being killed).
 */
int hchan_ctx_join(struct hchan_context *ctx)
{
	struct hchan_context *parent = is_root(ctx) ? NULL : ctx->parent;
	struct hchan_tree *tree = ctx->tree;

	if ((parent && hchan_ctx_expire(parent)) ||
	    mutex_lock_killable(&tree->mutex))
		return -EINTR;
	spin_lock(&tree->lock);
	if (parent && parent->err) {
		ctx->err = parent->err;
		ctx->why = parent->why;
	} else if (ctx->timed == ctx && is_due(ctx)) {
		ctx->err = HCHAN_CTX_ERR_DEADLINE;
		ctx->why = ctx->own;
	} else {
		if (parent) {
			list_add_tail(&ctx->sibling, &parent->children);
			parent->n_children++;
		}
		if (ctx->timed == ctx)
			hrtimer_start(&ctx->timer, ctx->deadline,
				      HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock(&tree->lock);
	mutex_unlock(&tree->mutex);
	if (READ_ONCE(ctx->err))
		hchan_close(ctx->ch);
	return 0;
}

/**
 * hchan_ctx_cancel() - cancel it with all below (C33, C34)
 * @ctx: held; it has a cause of its own
 * @cause: why
 * @killable: give up if the caller is killed before it has begun
 *
 * Return: 1, or 0 if it was done before, or -EINTR.
 */
int hchan_ctx_cancel(struct hchan_context *ctx, const struct hchan_cause *cause,
		     bool killable)
{
	struct hchan_tree *tree = ctx->tree;
	bool first;

	if (!killable)
		mutex_lock(&tree->mutex);
	/* What was due before comes first. */
	else if (hchan_ctx_expire(ctx) || mutex_lock_killable(&tree->mutex))
		return -EINTR;
	first = end(ctx, HCHAN_CTX_ERR_CANCELLED, cause);
	mutex_unlock(&tree->mutex);
	return first;
}

/**
 * hchan_ctx_lose() - nobody is left who could cancel
 * @ctx: held; with HCHAN_CTX_ON_LOSS it is cancelled
 */
void hchan_ctx_lose(struct hchan_context *ctx)
{
	if (!ctx->loss)
		return;
	if (!(current->flags & PF_KTHREAD)) {
		hchan_ctx_cancel(ctx, &lost, false);
		return;
	}
	/* It closes files for everybody, one after the other. */
	hchan_get(ctx->ch);
	queue_delayed_work(deadlines, &ctx->loss->work, 0);
}

/*
 * Fills everything in @stat but its size. It is done once its channel is closed: then it
 * has an error, which was set in an earlier section of the lock.
 */
void hchan_ctx_snapshot(struct hchan_context *ctx, struct hchan_ctx_stat *stat)
{
	struct hchan_tree *tree = ctx->tree;

	memset(stat, 0, sizeof(*stat));
	stat->id = ctx->ch->id;
	stat->deadline = hchan_time_add(ctx->deadline, hchan_time_ahead());
	spin_lock(&tree->lock);
	stat->children = ctx->n_children;
	if (is_closed(ctx)) {
		stat->err = ctx->err;
		stat->cause = *ctx->why;
	}
	spin_unlock(&tree->lock);
}

int hchan_ctx_init(void)
{
	/* A walk may be long, hence not bound. */
	deadlines = alloc_workqueue("hchan-ctx", WQ_UNBOUND, 0);
	return deadlines ? 0 : -ENOMEM;
}

/*
 * No descriptor is left. A work that is queued may still hold a context and those above,
 * whose timers may ask for more of them; once there is no context there is no such
 * timer. What the last work does behind that is waited for by destroy_workqueue().
 */
void hchan_ctx_exit(void)
{
	wait_var_event(&contexts, !atomic_long_read(&contexts));
	destroy_workqueue(deadlines);
}
