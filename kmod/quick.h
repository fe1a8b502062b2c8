/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the short ways share for a rendezvous: an element to a receiver that is
 * parked, a call that parks. Each decides in one section of hchan.lock that there
 * is nothing else to it, and else has done nothing: then comes the long way.
 */
#ifndef _HCHAN_QUICK_H
#define _HCHAN_QUICK_H

#include "engine.h"
#include "user.h"

/**
 * hchan_give_locked() - an element to the first parked receiver
 * @ch: the channel, locked, of inline elements
 * @from: the user's address
 *
 * If that is a task's call for one element, the element goes straight into its
 * landing area. A call is claimed under hchan.lock only, so its own lock guards
 * nothing here. What a copy that fails has written the next one writes again.
 *
 * Return: NULL: nothing has happened; else it went, and this is to be handed to
 * hchan_call_complete() once the lock is dropped.
 */
static __always_inline struct hchan_op *
hchan_give_locked(struct hchan *ch, const u8 __user *from)
{
	struct hchan_waiter *w = list_first_entry(&ch->queue[HCHAN_RX],
						  struct hchan_waiter, link);
	struct hchan_op *op;
	bool there;

	if (unlikely(list_empty(&ch->queue[HCHAN_RX])))
		return NULL;
	op = w->op;
	if (unlikely(op->complete != hchan_call_complete || op->n != 1 ||
		     w->room < ch->elem_size || hchan_ended(ch, HCHAN_TX)))
		return NULL;
	pagefault_disable();
	there = hchan_short_in(w->cells, from, ch->elem_size);
	pagefault_enable();
	if (unlikely(!there))
		return NULL;
	op->seqs[0] = ch->seq++;
	op->done = 1;
	op->fired = w;
	WRITE_ONCE(op->state, HCHAN_OP_FIRED);
	hchan_dequeue(&w->link, &ch->queue[HCHAN_RX]);
	ch->linked[HCHAN_RX]--;
	return op;
}

/**
 * hchan_park_one() - park a call for which nothing is ready
 * @ch: the channel
 * @w: its waiter
 * @dir: its direction
 *
 * Return: whether it is parked: nobody has to be told but who comes.
 */
static __always_inline bool hchan_park_one(struct hchan *ch,
					   struct hchan_waiter *w, u8 dir)
{
	bool parked;

	spin_lock(&ch->lock);
	w->op->state = HCHAN_OP_WAITING;
	parked = hchan_link_quick(ch, w, dir, false);
	spin_unlock(&ch->lock);
	return parked;
}

#endif /* _HCHAN_QUICK_H */
