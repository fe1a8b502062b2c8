// SPDX-License-Identifier: GPL-2.0-only
/*
 * The matching engine: who meets whom, in which order.
 *
 * Every decision is made in one critical section of hchan.lock (C6), and what
 * follows from it (completing operations, waking pollers, freeing) happens once
 * the lock is dropped, from a list in struct hchan_wakes.
 *
 * A hand-over to a parked operation, and why nobody touches freed memory:
 *
 *	claimer (holds hchan.lock)		owner (asleep)
 *	--------------------------		--------------
 *	hchan_claim_two(): state = FIRED
 *	moves the element
 *	list_del(&w->link)
 *	drops hchan.lock
 *	next = op->next
 *	op->complete(op):
 *	    rcu_read_lock_sched()
 *	    store-release done = 1  - - - - - > load-acquire done: leaves,
 *	    wake_up_process(task)		the operation is gone
 *	    rcu_read_unlock_sched()
 *
 * The owner leaves only when it sees done, or when it has won the claim itself,
 * under hchan.lock, in hchan_cancel(); then the operation was still linked and
 * no claimer has it. So a claimer owns what it has claimed up to done, and the
 * release orders its writes to the operation before the owner's reads.
 *
 * A poller cannot miss a change: it enters hchan.wq first and judges under
 * hchan.lock second. Either that is after our critical section, then it sees
 * what we did, or before it, then our waitqueue_active() sees the poller; the
 * lock orders both.
 *
 * What an element costs, system call and copies to and from users apart:
 *
 *	send or receive, nobody waiting	one lock, one cell moved
 *	to or from a parked operation	the same, one operation lock, one wake-up
 *	receive, ring full, sender parked	one more cell moved
 *
 * No allocation, and no wake-up when nobody waits, in any of them.
 */

#include <linux/minmax.h>
#include <linux/sched.h>

#include "engine.h"

/*
 * Of a select nobody looks at op->done before it is claimed: it is linked on other
 * channels too, and may just fire there. A call's is guarded by hchan.lock.
 */
static void *cell_of(const struct hchan_waiter *w)
{
	const struct hchan_op *op = w->op;

	return op->select ? w->cells : w->cells + (size_t)op->done * op->stride;
}

static bool is_last(const struct hchan_op *op)
{
	return op->select || op->done + 1 == op->n;
}

/* The returned element that is next; NULL: the one in the reserve. */
static struct hchan_buf *first_returned(const struct hchan *ch)
{
	struct hchan_buf *buf = rb_entry_safe(rb_first(&ch->returned),
					      struct hchan_buf, node);

	return ch->reserve_used && (!buf || ch->reserve_seq < buf->seq) ? NULL : buf;
}

/*
 * struct search - who looks for a partner, and how
 * @self: its operation, if that is linked elsewhere and may be claimed by others
 *	meanwhile; then it is claimed with whatever is found. Else NULL.
 * @passing: it does not park if it finds none
 *
 * Two that pass by each other do not meet: on an unbuffered channel who is
 * passing does not see transients, which are not parked either. With a buffer
 * there is no such thing, as an element in it would be seen by both.
 */
struct search {
	struct hchan_op *self;
	bool passing;
	struct hchan_wakes *wakes;
};

static bool sees_transients(const struct hchan *ch, const struct search *s)
{
	return !s->passing || ch->cap;
}

/* Ends the search without a partner. */
static int claim_self(const struct search *s)
{
	if (!s->self || hchan_claim(s->self, HCHAN_OP_CANCELLED))
		return 0;
	return -ECANCELED;
}

/*
 * Gives @cell to @w. Return: 0; -EAGAIN: @w can not take it, and is dealt with;
 * -ECANCELED: who searches has been claimed itself.
 */
static int offer(struct hchan *ch, struct hchan_waiter *w, const void *cell,
		 u64 seq, const struct search *s)
{
	u32 len = hchan_cell_len(ch, cell);
	bool is_short = w->room < len;
	bool last = is_last(w->op);
	int ret;

	if (w->op == s->self)
		return -EAGAIN;		/* C21 */
	ret = hchan_claim_two(s->self, w->op, !is_short, is_short || last);
	if (ret == -ESRCH) {
		hchan_unlink(ch, w);
		return -EAGAIN;
	}
	if (ret)
		return ret;
	if (is_short) {
		w->error = -EMSGSIZE;
		w->room = len;
		hchan_finish(ch, w, s->wakes);
		return -EAGAIN;
	}
	hchan_cell_move(ch, cell_of(w), cell);
	w->op->seqs[w->op->done++] = seq;
	if (last)
		hchan_finish(ch, w, s->wakes);
	return 0;
}

/*
 * Gives @cell to the first parked receiver that can take it. A receiver whose
 * buffer is too short fails, and the element goes to the next one (C38).
 * Return: 0, -ECANCELED, -EAGAIN if there is none, -EINPROGRESS if the steps are
 * used up.
 */
static int give(struct hchan *ch, const void *cell, u64 seq,
		const struct search *s)
{
	struct hchan_waiter *w, *tmp;
	struct hlist_node *tmp_node;
	int ret;

	list_for_each_entry_safe(w, tmp, &ch->queue[HCHAN_RX], link) {
		if (!s->wakes->steps)
			return -EINPROGRESS;
		s->wakes->steps--;
		ret = offer(ch, w, cell, seq, s);
		if (ret != -EAGAIN)
			return ret;
	}
	if (likely(hlist_empty(&ch->transients[HCHAN_RX])) ||
	    !sees_transients(ch, s))
		return -EAGAIN;
	hlist_for_each_entry_safe(w, tmp_node, &ch->transients[HCHAN_RX], node) {
		if (!s->wakes->steps)
			return -EINPROGRESS;
		s->wakes->steps--;
		ret = offer(ch, w, cell, seq, s);
		if (ret != -EAGAIN)
			return ret;
	}
	return -EAGAIN;
}

/*
 * Asks @w for its oldest element. Return: 0: it can be moved, @w is claimed if it
 * is the last; -EMSGSIZE: longer than *@room, where its length is put;
 * -EAGAIN, -ECANCELED: as offer().
 */
static int demand(struct hchan *ch, struct hchan_waiter *w, u32 *room,
		  const struct search *s)
{
	u32 len = hchan_cell_len(ch, cell_of(w));
	bool too_long = len > *room;
	bool last = is_last(w->op);
	int ret;

	if (w->op == s->self)
		return -EAGAIN;		/* C21 */
	ret = hchan_claim_two(s->self, w->op, true, last && !too_long);
	if (ret == -ESRCH) {
		hchan_unlink(ch, w);
		return -EAGAIN;
	}
	if (ret || !too_long)
		return ret;
	*room = len;
	return -EMSGSIZE;
}

/*
 * Finds the first parked sender, to be served by take_from(). Return: 0 with
 * @found, -EMSGSIZE, -ECANCELED, -EAGAIN, -EINPROGRESS.
 */
static int find_sender(struct hchan *ch, u32 *room, const struct search *s,
		       struct hchan_waiter **found)
{
	struct hchan_waiter *w, *tmp;
	struct hlist_node *tmp_node;
	int ret;

	/* Who was parked when the end came has failed, fired yet or not (C11). */
	if (hchan_ended(ch, HCHAN_TX))
		return -EAGAIN;
	list_for_each_entry_safe(w, tmp, &ch->queue[HCHAN_TX], link) {
		if (!s->wakes->steps)
			return -EINPROGRESS;
		s->wakes->steps--;
		*found = w;
		ret = demand(ch, w, room, s);
		if (ret != -EAGAIN)
			return ret;
	}
	if (likely(hlist_empty(&ch->transients[HCHAN_TX])) ||
	    !sees_transients(ch, s))
		return -EAGAIN;
	hlist_for_each_entry_safe(w, tmp_node, &ch->transients[HCHAN_TX], node) {
		if (!s->wakes->steps)
			return -EINPROGRESS;
		s->wakes->steps--;
		*found = w;
		ret = demand(ch, w, room, s);
		if (ret != -EAGAIN)
			return ret;
	}
	return -EAGAIN;
}

static void take_from(struct hchan *ch, void *cell, struct hchan_waiter *from,
		      struct hchan_wakes *wakes)
{
	hchan_cell_move(ch, cell, cell_of(from));
	if (++from->op->done == from->op->n)
		hchan_finish(ch, from, wakes);
}

/* A returned element comes before everything else (C38). */
static int take_returned(struct hchan *ch, struct hchan_waiter *w,
			 const struct search *s)
{
	struct hchan_buf *buf = first_returned(ch);
	u32 len = buf ? buf->len : ch->reserve_len;
	void *cell = cell_of(w);
	int ret;

	ret = claim_self(s);
	if (ret)
		return ret;
	if (len > w->room) {
		w->room = len;
		return -EMSGSIZE;
	}
	WRITE_ONCE(ch->n_returned, ch->n_returned - 1);
	w->op->seqs[w->op->done] = buf ? buf->seq : ch->reserve_seq;
	if (buf) {
		rb_erase(&buf->node, &ch->returned);
		hchan_not_kept(ch, buf);
	} else {
		ch->reserve_used = false;
	}
	if (len > HCHAN_INLINE) {
		hchan_cell_set(ch, cell, len, buf);
		return 0;
	}
	hchan_cell_set(ch, cell, len, NULL);
	memcpy(hchan_cell_data(ch, cell), buf ? buf->data : ch->reserve, len);
	if (buf) {
		buf->next = s->wakes->bufs;
		s->wakes->bufs = buf;
	}
	return 0;
}

/*
 * From the ring, and the first parked sender's element into it (C7). The sender
 * is found first, so that a walk which takes too long has changed nothing.
 */
static int take_buffered(struct hchan *ch, struct hchan_waiter *w,
			 const struct search *s)
{
	u8 *slot = hchan_slot(ch, 0);
	u32 len = hchan_cell_len(ch, slot), any = U32_MAX;
	struct hchan_waiter *sender = NULL;
	int ret;

	ret = len > w->room ? -EAGAIN : find_sender(ch, &any, s, &sender);
	if (ret == -EAGAIN) {
		sender = NULL;
		ret = claim_self(s);
	}
	if (ret)
		return ret;
	if (len > w->room) {
		w->room = len;
		return -EMSGSIZE;
	}
	hchan_cell_move(ch, cell_of(w), slot);
	w->op->seqs[w->op->done] = ch->seq++;
	hchan_advance(ch);
	if (sender) {
		take_from(ch, hchan_slot(ch, ch->count - 1), sender, s->wakes);
		return 0;
	}
	WRITE_ONCE(ch->count, ch->count - 1);
	hchan_news(s->wakes, HCHAN_TX);
	return 0;
}

/* The order of decisions of a receive, C6 and C7, for one element. */
static int take(struct hchan *ch, struct hchan_waiter *w,
		const struct search *s)
{
	struct hchan_waiter *sender;
	int ret;

	if (ch->n_returned) {
		ret = take_returned(ch, w, s);
	} else if (ch->count) {
		ret = take_buffered(ch, w, s);
	} else {
		ret = find_sender(ch, &w->room, s, &sender);
		if (!ret) {
			take_from(ch, cell_of(w), sender, s->wakes);
			w->op->seqs[w->op->done] = ch->seq++;
		}
		if (ret != -EAGAIN)
			return ret;
		w->status = hchan_ended(ch, HCHAN_RX);
		if (!w->status)
			return -EAGAIN;
		ret = claim_self(s);
		return ret ? ret : -EPIPE;
	}
	/* Drained now: what poll(2) calls HUP begins here (C45). */
	if (!ret && !ch->count && !ch->n_returned && hchan_ended(ch, HCHAN_RX))
		hchan_news_end(s->wakes);
	if (!ret && unlikely(ch->flags & HCHAN_F_TIMER))
		ch->source->ops->taken(ch);
	return ret;
}

/* The order of decisions of a send that may happen. */
static __always_inline int deliver(struct hchan *ch, const void *cell,
				   const struct search *s)
{
	int ret = give(ch, cell, ch->seq, s);

	if (!ret)
		ch->seq++;
	if (ret != -EAGAIN || ch->count == ch->cap)
		return ret;
	ret = claim_self(s);
	if (ret)
		return ret;
	hchan_cell_move(ch, hchan_slot(ch, ch->count), cell);
	WRITE_ONCE(ch->count, ch->count + 1);
	hchan_news(s->wakes, HCHAN_RX);
	return 0;
}

/* The order of decisions of a send, C6, for one element. */
static int put(struct hchan *ch, struct hchan_waiter *w, const struct search *s)
{
	void *cell = cell_of(w);
	int ret;

	w->status = hchan_ended(ch, HCHAN_TX);
	if (w->status) {
		ret = claim_self(s);
		return ret ? ret : -EPIPE;
	}
	return deliver(ch, cell, s);
}

/**
 * hchan_emit() - the kernel itself sends, an inline element
 * @ch: the channel, locked; nobody closes it
 * @cell: the element
 * @wakes: for hchan_unlock()
 *
 * Return: 0; -EAGAIN: no receiver and no room; -EINPROGRESS: the steps are used up, and
 * the lock is to be dropped before it is tried again.
 */
int hchan_emit(struct hchan *ch, const void *cell, struct hchan_wakes *wakes)
{
	struct search s = { .wakes = wakes };

	lockdep_assert_held(&ch->lock);
	return deliver(ch, cell, &s);
}

typedef int (*move_one)(struct hchan *ch, struct hchan_waiter *w,
			const struct search *s);

static __always_inline int move(struct hchan *ch, struct hchan_waiter *w,
				bool may_park, move_one one)
{
	struct hchan_wakes wakes;
	struct search s = { .passing = !may_park, .wakes = &wakes };
	int ret;

	for (;;) {
		ret = 0;
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		while (!ret && w->op->done < w->op->n) {
			if (!wakes.steps) {
				ret = -EINPROGRESS;
				break;
			}
			wakes.steps--;
			ret = one(ch, w, &s);
			if (!ret)
				w->op->done++;
		}
		if (ret == -EAGAIN && may_park) {
			w->op->state = HCHAN_OP_WAITING;
			hchan_link(ch, w, &wakes);
			ret = -EIOCBQUEUED;
		}
		hchan_unlock(ch, &wakes);
		if (ret != -EINPROGRESS)
			return ret;
		cond_resched();
	}
}

/**
 * hchan_send() - send the elements in w->cells, from op->done up to op->n
 * @ch: the channel
 * @w: the operation's waiter; the cells that are moved are no longer the caller's
 * @may_park: park it if it can not go on
 *
 * Return: 0: all are sent; -EPIPE: closed or disconnected, w->status says
 * which; -EAGAIN: no receiver and no room; -EIOCBQUEUED: parked, op->complete()
 * comes, unless hchan_cancel() is first. op->done counts in all cases.
 */
int hchan_send(struct hchan *ch, struct hchan_waiter *w, bool may_park)
{
	return move(ch, w, may_park, put);
}

/**
 * hchan_recv() - receive elements into w->cells, from op->done up to op->n
 * @ch: the channel
 * @w: the operation's waiter; the cells that are filled are the caller's
 * @may_park: park it if it can not go on
 *
 * Return: as hchan_send(); -EPIPE: drained, and closed or disconnected;
 * -EMSGSIZE: the next element takes w->room bytes and stays where it is.
 */
int hchan_recv(struct hchan *ch, struct hchan_waiter *w, bool may_park)
{
	int ret = move(ch, w, may_park, take);

	if (ret == -EAGAIN && hchan_come(ch))
		ret = move(ch, w, may_park, take);
	return ret;
}

/* Whether @dir has a partner in the other queue; who is dead goes out of it. */
static int has_partner(struct hchan *ch, const struct hchan_op *self, u8 dir,
		       u32 *steps)
{
	struct hchan_waiter *w, *tmp;

	list_for_each_entry_safe(w, tmp, &ch->queue[!dir], link) {
		if (!(*steps)--)
			return -EINPROGRESS;
		if (w->op == self)
			continue;
		if (READ_ONCE(w->op->state) == HCHAN_OP_WAITING)
			return 1;
		hchan_unlink(ch, w);
	}
	return 0;
}

/*
 * Whether @w would go now, under the channel's lock. -EINPROGRESS: @steps are
 * used up, there is more to see.
 */
int hchan_ready(struct hchan *ch, const struct hchan_waiter *w, u32 *steps)
{
	bool ready;

	lockdep_assert_held(&ch->lock);
	if (hchan_ended(ch, w->dir))
		return 1;
	if (w->dir == HCHAN_RX)
		ready = ch->n_returned || ch->count;
	else
		ready = ch->count < ch->cap;
	return ready ? 1 : has_partner(ch, w->op, w->dir, steps);
}

/**
 * hchan_look() - whether a send or a receive would go now
 * @ch: the channel
 * @w: who asks; nothing is done to it
 * @version: set to the channel's version at this moment
 *
 * Two looks with one version and the answer no: it was no all the time between
 * them, and a third party's look at another channel meanwhile saw the same
 * moment (C19). Whatever makes a yes of a no counts the version up: an element,
 * room, an end, a return, a partner that is linked.
 */
bool hchan_look(struct hchan *ch, struct hchan_waiter *w, u32 *version)
{
	u32 steps;
	int ret;

	if (hchan_surely_not(ch, w->dir, version))
		return false;
	hchan_come(ch);
	do {
		steps = HCHAN_STEPS;
		spin_lock(&ch->lock);
		*version = ch->version;
		ret = hchan_ready(ch, w, &steps);
		spin_unlock(&ch->lock);
		if (ret == -EINPROGRESS)
			cond_resched();
	} while (ret == -EINPROGRESS);
	return ret;
}

/**
 * hchan_enter() - one case of a select: go now, or be linked
 * @ch: the channel
 * @w: the waiter, for one element; its operation is HCHAN_OP_WAITING, a
 *	select's, and may be linked on other channels already
 *
 * Looks for a partner and is linked in one critical section, so that of two who
 * face each other one finds the other (C21). A transient is linked apart: it
 * only stays to see whether anybody comes for it until all its cases are
 * linked, and is no partner for others who do not park.
 *
 * Return: 0, -EPIPE, -EMSGSIZE: it went, as hchan_send() and hchan_recv(), and
 * the operation is its owner's; -EIOCBQUEUED: linked; -ECANCELED: somebody has
 * claimed the operation, and op->complete() comes.
 */
int hchan_enter(struct hchan *ch, struct hchan_waiter *w)
{
	move_one one = w->dir == HCHAN_TX ? put : take;
	struct hchan_wakes wakes;
	struct search s = {
		.self = w->op,
		.passing = w->op->transient,
		.wakes = &wakes,
	};
	int ret;

	for (;;) {
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		ret = one(ch, w, &s);
		if (ret == -EAGAIN) {
			hchan_link(ch, w, &wakes);
			ret = -EIOCBQUEUED;
		}
		hchan_unlock(ch, &wakes);
		if (ret != -EINPROGRESS)
			return ret;
		cond_resched();
	}
}

static bool sent_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hchan_buf, node)->seq <
	       rb_entry(b, struct hchan_buf, node)->seq;
}

/*
 * A channel has prepaid room for as many large elements as it has capacity, and one.
 * When more are there, as all were received before any was returned, or small ones
 * need room, that is booked too. A block has been booked with whoever received.
 */
static void keep(struct hchan *ch, struct hchan_buf *buf)
{
	buf->extra = !buf->block &&
		     (ch->elem_size <= HCHAN_INLINE ||
		      (u64)ch->count + ch->n_spares + ch->n_returned > ch->cap);
	if (buf->extra)
		hchan_charge_kept(ch->account, hchan_buf_bytes(buf));
	rb_add(&buf->node, &ch->returned, sent_before);
}

/*
 * Puts an element among the returned ones, in the order of the sends (C38): in its
 * own buffer @buf; else in the reserve if that is free, since @buf may be a small part
 * of a large block. Return: whether it is kept; *@used: whether in @buf.
 */
static bool keep_returned(struct hchan *ch, void *cell, u64 seq,
			  struct hchan_buf *buf, bool *used)
{
	u32 len = hchan_cell_len(ch, cell);

	*used = buf && (ch->reserve_used || buf == hchan_cell_buf(ch, cell));
	if (*used) {
		buf->len = len;
		buf->seq = seq;
		/* Its home, if it has one, is where it lies, or just before. */
		if (buf != hchan_cell_buf(ch, cell))
			memmove(buf->data, hchan_cell_data(ch, cell), len);
		keep(ch, buf);
	} else if (!ch->reserve_used) {
		ch->reserve_used = true;
		ch->reserve_len = len;
		ch->reserve_seq = seq;
		memcpy(ch->reserve, hchan_cell_data(ch, cell), len);
	} else {
		return false;
	}
	WRITE_ONCE(ch->n_returned, ch->n_returned + 1);
	return true;
}

/**
 * hchan_return() - give back an element that could not be copied out (C38)
 * @ch: the channel
 * @cell: the element, received before; no longer the caller's
 * @seq: what hchan_recv() said of it
 * @home: a buffer to keep it in, with a reference to its block; or NULL
 *
 * To a parked receiver, else in front of all that is buffered. In the element's
 * own buffer, the room that the channel has prepaid, or @home; only if there is
 * none of them, in a buffer that is allocated. A timer may not want it any more.
 */
void hchan_return(struct hchan *ch, void *cell, u64 seq, struct hchan_buf *home)
{
	struct hchan_buf *own = hchan_cell_buf(ch, cell);
	struct hchan_buf *buf = own ? own : home;
	struct hchan_wakes wakes;
	struct search s = { .wakes = &wakes };
	bool used = false;
	int ret;

	for (;;) {
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		if (unlikely(ch->flags & HCHAN_F_TIMER) &&
		    !ch->source->ops->returns(ch, seq, &wakes)) {
			hchan_unlock(ch, &wakes);
			break;
		}
		/*
		 * Those do not get it who were parked when the close came (C15). A
		 * disconnection may end before it has come to all of them.
		 */
		ret = hchan_closed(ch) ? -EAGAIN : give(ch, cell, seq, &s);
		if (ret == -EAGAIN) {
			if (keep_returned(ch, cell, seq, buf, &used)) {
				hchan_news(&wakes, HCHAN_RX);
				ret = 0;
				if (unlikely(ch->flags & HCHAN_F_TIMER))
					ch->source->ops->taken(ch);
			}
		}
		hchan_unlock(ch, &wakes);
		if (!ret)
			break;
		if (ret == -EAGAIN)
			buf = hchan_buf_must(HCHAN_INLINE);
		cond_resched();
	}
	/* Given away: an own buffer went along, any other one is left over. */
	if (home && !(used && buf == home))
		hchan_buf_free(home);
	if (buf && buf != own && buf != home && !used)
		hchan_buf_free(buf);
}

/* Takes away what is buffered, inline elements, and the one that is returned, if any. */
void hchan_discard(struct hchan *ch, struct hchan_wakes *wakes)
{
	struct hchan_buf *buf;

	lockdep_assert_held(&ch->lock);
	WRITE_ONCE(ch->count, 0);
	if (!ch->n_returned)
		return;
	buf = first_returned(ch);
	if (buf) {
		rb_erase(&buf->node, &ch->returned);
		hchan_not_kept(ch, buf);
		buf->next = wakes->bufs;
		wakes->bufs = buf;
	} else {
		ch->reserve_used = false;
	}
	WRITE_ONCE(ch->n_returned, ch->n_returned - 1);
}
