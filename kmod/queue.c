// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queues of waiters: claiming, linking, unlinking, counting.
 *
 * A call's operation has one waiter, a select's one for each channel and
 * direction it waits for, all with one operation, which fires once (C18).
 * Whoever wants it claims it under its own lock. A select that is already linked
 * somewhere and meets a parked operation somewhere else must fire both or
 * neither: hchan_claim_two() holds both locks, in the order of their addresses.
 *
 * An entry whose operation is claimed is dead. Its owner takes it out, but who
 * comes across it first does not wait for that: it unlinks it and goes on, so
 * that each step of a walk gets somewhere. The owner still takes every lock once
 * (hchan_leave()): only then nobody can be looking at its memory.
 */

#include <linux/bug.h>
#include <linux/list.h>
#include <linux/sched/signal.h>

#include "engine.h"

/* Takes @op away from everybody else who may want it. */
bool hchan_claim(struct hchan_op *op, enum hchan_op_state state)
{
	bool won;

	spin_lock(&op->lock);
	won = op->state == HCHAN_OP_WAITING;
	if (won)
		WRITE_ONCE(op->state, state);
	spin_unlock(&op->lock);
	return won;
}

static int claim_one(struct hchan_op *op, bool take)
{
	if (take)
		return hchan_claim(op, HCHAN_OP_FIRED) ? 0 : -ESRCH;
	return READ_ONCE(op->state) == HCHAN_OP_WAITING ? 0 : -ESRCH;
}

/**
 * hchan_claim_two() - fire a parked operation, and end one's own search for one
 * @self: the caller's own, linked somewhere; NULL: nobody else can have it
 * @other: found by a waiter of the channel whose lock is held
 * @take_self: make @self the caller's again, which it then keeps
 * @take_other: fire @other
 *
 * All or nothing. Two locks at most, in the order of their addresses, so two
 * who claim each other do not wait for each other.
 *
 * Return: 0; -ESRCH: somebody else has @other; -ECANCELED: somebody has @self.
 */
int hchan_claim_two(struct hchan_op *self, struct hchan_op *other,
		    bool take_self, bool take_other)
{
	struct hchan_op *first = self < other ? self : other;
	struct hchan_op *second = self < other ? other : self;
	int ret = 0;

	if (!self)
		return claim_one(other, take_other);
	spin_lock(&first->lock);
	spin_lock_nested(&second->lock, SINGLE_DEPTH_NESTING);
	if (self->state != HCHAN_OP_WAITING) {
		ret = -ECANCELED;
	} else if (other->state != HCHAN_OP_WAITING) {
		ret = -ESRCH;
	} else {
		if (take_self)
			WRITE_ONCE(self->state, HCHAN_OP_CANCELLED);
		if (take_other)
			WRITE_ONCE(other->state, HCHAN_OP_FIRED);
	}
	spin_unlock(&second->lock);
	spin_unlock(&first->lock);
	return ret;
}

static bool is_linked(const struct hchan_waiter *w)
{
	return w->op->transient ? !hlist_unhashed(&w->node) :
				  !list_empty(&w->link);
}

/* Puts @w, of a claimable operation, at the tail of its queue. */
void hchan_link(struct hchan *ch, struct hchan_waiter *w,
		struct hchan_wakes *wakes)
{
	lockdep_assert_held(&ch->lock);
	if (w->op->transient) {
		hlist_add_head(&w->node, &ch->transients[w->dir]);
		return;
	}
	list_add_tail(&w->link, &ch->queue[w->dir]);
	ch->linked[w->dir]++;
	if (w->op->select)
		ch->selects[w->dir]++;
	/* A peer that parks is an event for the other side's pollers (C45). */
	hchan_news(wakes, !w->dir);
}

/* Takes @w out, and leaves it so that its owner can tell. */
void hchan_unlink(struct hchan *ch, struct hchan_waiter *w)
{
	lockdep_assert_held(&ch->lock);
	if (w->op->transient) {
		hlist_del_init(&w->node);
		return;
	}
	list_del_init(&w->link);
	ch->linked[w->dir]--;
	if (w->op->select)
		ch->selects[w->dir]--;
}

/* @w's operation is claimed and everything in both is final. */
void hchan_finish(struct hchan *ch, struct hchan_waiter *w,
		  struct hchan_wakes *wakes)
{
	struct hchan_op *op = w->op;

	hchan_unlink(ch, w);
	op->fired = w;
	op->next = NULL;
	*wakes->fired_tail = op;
	wakes->fired_tail = &op->next;
}

/**
 * hchan_cancel() - take back a call's operation that is parked
 * @ch: the channel
 * @w: the operation's only waiter
 *
 * Return: true: it is the caller's again; false: somebody else has claimed it,
 * and op->complete() has been called or will be, at once.
 */
bool hchan_cancel(struct hchan *ch, struct hchan_waiter *w)
{
	bool won;

	/* Who is being killed takes nothing that is not his yet (C41). */
	if (!fatal_signal_pending(current))
		hchan_come(ch);
	spin_lock(&ch->lock);
	won = hchan_claim(w->op, HCHAN_OP_CANCELLED);
	if (won)
		hchan_unlink(ch, w);
	spin_unlock(&ch->lock);
	return won;
}

/**
 * hchan_whole() - one more waiter of a select is parked now
 * @ch: its channel
 * @w: the waiter; op->whole is set, as the last of them has been linked
 *
 * Tells who looks at the channel, if it is still so.
 */
void hchan_whole(struct hchan *ch, struct hchan_waiter *w)
{
	struct hchan_wakes wakes;

	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	if (is_linked(w))
		hchan_news(&wakes, !w->dir);
	hchan_unlock(ch, &wakes);
}

/**
 * hchan_leave() - take a waiter of a claimed operation out of its queue
 * @ch: its channel
 * @w: the waiter; need not be linked any more
 *
 * Once for each waiter that was linked, whether it looks linked or not: who
 * unlinked it may still be at it, under the lock that is taken here. Only the
 * one which fired needs it not: its claimer has said done.
 *
 * Return: whether the channel has ended for it, and for a receive is drained;
 * w->status says how. Elements at an ended channel came after the claim, when the
 * dead entry kept nobody from the buffer: then the end came after it, too.
 */
bool hchan_leave(struct hchan *ch, struct hchan_waiter *w)
{
	bool ended;

	spin_lock(&ch->lock);
	if (is_linked(w))
		hchan_unlink(ch, w);
	w->status = hchan_ended(ch, w->dir);
	ended = w->status && (w->dir == HCHAN_TX ||
			      (!ch->count && !ch->n_returned));
	spin_unlock(&ch->lock);
	return ended;
}

/*
 * Whether all of a select is linked, so that it is parked. If it is not, it is told that
 * somebody wants to know: see tell_all() in pick.c.
 */
static bool seen_whole(struct hchan_op *op)
{
	if (READ_ONCE(op->whole))
		return true;
	WRITE_ONCE(op->observed, true);
	smp_mb();	/* pairs with that of tell_all() */
	return READ_ONCE(op->whole);
}

/* Walks no more of them than this to tell the parked from the others. */
#define HCHAN_COUNTED 256

/**
 * hchan_parked() - how many are parked
 * @ch: the channel, locked
 * @dir: their direction
 *
 * Who is linked but not everywhere yet, or is dead, counts nowhere. Only selects
 * can be so; who is behind the first HCHAN_COUNTED of a longer queue counts as
 * parked unseen.
 */
u32 hchan_parked(const struct hchan *ch, u8 dir)
{
	u32 n = ch->linked[dir], left = HCHAN_COUNTED;
	const struct hchan_waiter *w;

	lockdep_assert_held(&ch->lock);
	if (!ch->selects[dir])
		return n;
	list_for_each_entry(w, &ch->queue[dir], link) {
		if (!left--)
			break;
		if (READ_ONCE(w->op->state) != HCHAN_OP_WAITING ||
		    !seen_whole(w->op))
			n--;
	}
	return n;
}
