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
 *	hchan_claim(): state = FIRED
 *	moves the element
 *	list_del(&w->link)
 *	drops hchan.lock
 *	next = op->next
 *	op->complete(op):
 *	    get_task_struct(task)
 *	    store-release done = 1  - - - - - > load-acquire done: leaves,
 *	    wake_up_process(task)		the operation is gone
 *	    put_task_struct(task)
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

/* Takes @op away from everybody else who may want it. */
bool hchan_claim(struct hchan_op *op, enum hchan_op_state state)
{
	bool won;

	spin_lock(&op->lock);
	won = op->state == HCHAN_OP_WAITING;
	if (won)
		op->state = state;
	spin_unlock(&op->lock);
	return won;
}

static void unlink_waiter(struct hchan *ch, struct hchan_waiter *w)
{
	lockdep_assert_held(&ch->lock);
	list_del(&w->link);
	ch->parked[w->dir]--;
}

/* @w's operation is claimed and everything in both is final. */
void hchan_finish(struct hchan *ch, struct hchan_waiter *w,
		  struct hchan_wakes *wakes)
{
	struct hchan_op *op = w->op;

	unlink_waiter(ch, w);
	op->next = NULL;
	*wakes->fired_tail = op;
	wakes->fired_tail = &op->next;
}

static void *cell_of(const struct hchan_waiter *w)
{
	return w->cells + (size_t)w->done * w->stride;
}

static struct hchan_buf *first_returned(const struct hchan *ch)
{
	return rb_entry_safe(rb_first_cached(&ch->returned), struct hchan_buf,
			     node);
}

/*
 * Gives @cell to the first parked receiver that can take it. A receiver whose
 * buffer is too short fails, and the element goes to the next one (C38).
 * Return: 0, -EAGAIN if there is none, -EINPROGRESS if the steps are used up.
 */
static int give(struct hchan *ch, const void *cell, u64 seq,
		struct hchan_wakes *wakes)
{
	u32 len = hchan_cell_len(ch, cell);
	struct hchan_waiter *w, *tmp;
	bool is_short, last;

	list_for_each_entry_safe(w, tmp, &ch->queue[HCHAN_RX], link) {
		if (!wakes->steps)
			return -EINPROGRESS;
		wakes->steps--;
		is_short = w->room < len;
		last = w->done + 1 == w->n;
		if ((is_short || last) && !hchan_claim(w->op, HCHAN_OP_FIRED))
			continue;
		if (is_short) {
			w->error = -EMSGSIZE;
			w->need = len;
			hchan_finish(ch, w, wakes);
			continue;
		}
		hchan_cell_move(ch, cell_of(w), cell);
		w->seqs[w->done++] = seq;
		if (last)
			hchan_finish(ch, w, wakes);
		return 0;
	}
	return -EAGAIN;
}

/*
 * Takes the first parked sender's oldest element, unless it is longer than
 * @room. Return: 0, -EAGAIN if no sender is parked, -EMSGSIZE with @need set.
 */
static int take_parked(struct hchan *ch, void *cell, u32 room, u32 *need,
		       struct hchan_wakes *wakes)
{
	struct hchan_waiter *w;
	bool last;
	u8 *from;

	list_for_each_entry(w, &ch->queue[HCHAN_TX], link) {
		from = cell_of(w);
		*need = hchan_cell_len(ch, from);
		if (*need > room)
			return -EMSGSIZE;
		last = w->done + 1 == w->n;
		if (last && !hchan_claim(w->op, HCHAN_OP_FIRED))
			continue;
		hchan_cell_move(ch, cell, from);
		w->done++;
		if (last)
			hchan_finish(ch, w, wakes);
		return 0;
	}
	return -EAGAIN;
}

/* A returned element comes before everything else (C38). */
static int take_returned(struct hchan *ch, void *cell, struct hchan_waiter *w,
			 struct hchan_wakes *wakes)
{
	struct hchan_buf *buf = first_returned(ch);

	w->need = buf->len;
	if (buf->len > w->room)
		return -EMSGSIZE;
	rb_erase_cached(&buf->node, &ch->returned);
	ch->n_returned--;
	w->seqs[w->done] = buf->seq;
	if (buf->len > HCHAN_INLINE) {
		hchan_cell_set(ch, cell, buf->len, buf);
		return 0;
	}
	hchan_cell_set(ch, cell, buf->len, NULL);
	memcpy(hchan_cell_data(ch, cell), buf->data, buf->len);
	if (!ch->reserve && !buf->block) {
		ch->reserve = buf;
	} else {
		buf->next = wakes->bufs;
		wakes->bufs = buf;
	}
	return 0;
}

/* From the ring, and the first parked sender's element into it (C7). */
static int take_buffered(struct hchan *ch, void *cell, struct hchan_waiter *w,
			 struct hchan_wakes *wakes)
{
	u8 *slot = hchan_slot(ch, 0);
	u32 need;

	w->need = hchan_cell_len(ch, slot);
	if (w->need > w->room)
		return -EMSGSIZE;
	hchan_cell_move(ch, cell, slot);
	w->seqs[w->done] = ch->seq++;
	hchan_advance(ch);
	ch->count--;
	if (!take_parked(ch, hchan_slot(ch, ch->count), U32_MAX, &need, wakes))
		ch->count++;
	else
		hchan_news(wakes, HCHAN_TX);
	return 0;
}

/* The order of decisions of a receive, C6 and C7, for one element. */
static int take(struct hchan *ch, struct hchan_waiter *w,
		struct hchan_wakes *wakes)
{
	void *cell = cell_of(w);
	int ret;

	if (ch->n_returned) {
		ret = take_returned(ch, cell, w, wakes);
	} else if (ch->count) {
		ret = take_buffered(ch, cell, w, wakes);
	} else {
		ret = take_parked(ch, cell, w->room, &w->need, wakes);
		if (!ret)
			w->seqs[w->done] = ch->seq++;
		if (ret != -EAGAIN)
			return ret;
		w->status = hchan_ended(ch, HCHAN_RX);
		return w->status ? -EPIPE : -EAGAIN;
	}
	/* Drained now: what poll(2) calls HUP begins here (C45). */
	if (!ret && !ch->count && !ch->n_returned && hchan_ended(ch, HCHAN_RX))
		hchan_news_end(wakes);
	return ret;
}

/* The order of decisions of a send, C6, for one element. */
static int put(struct hchan *ch, struct hchan_waiter *w, struct hchan_wakes *wakes)
{
	void *cell = cell_of(w);
	int ret;

	w->status = hchan_ended(ch, HCHAN_TX);
	if (w->status)
		return -EPIPE;
	ret = give(ch, cell, ch->seq, wakes);
	if (!ret)
		ch->seq++;
	if (ret != -EAGAIN)
		return ret;
	if (ch->count == ch->cap)
		return -EAGAIN;
	hchan_cell_move(ch, hchan_slot(ch, ch->count), cell);
	ch->count++;
	hchan_news(wakes, HCHAN_RX);
	return 0;
}

static void park(struct hchan *ch, struct hchan_waiter *w,
		 struct hchan_wakes *wakes)
{
	lockdep_assert_held(&ch->lock);
	w->op->state = HCHAN_OP_WAITING;
	list_add_tail(&w->link, &ch->queue[w->dir]);
	ch->parked[w->dir]++;
	/* A peer that parks is an event for the other side's pollers (C45). */
	hchan_news(wakes, !w->dir);
}

typedef int (*move_one)(struct hchan *ch, struct hchan_waiter *w,
			struct hchan_wakes *wakes);

static __always_inline int move(struct hchan *ch, struct hchan_waiter *w,
				bool may_park, move_one one)
{
	struct hchan_wakes wakes;
	int ret;

	for (;;) {
		ret = 0;
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		while (!ret && w->done < w->n) {
			if (!wakes.steps) {
				ret = -EINPROGRESS;
				break;
			}
			wakes.steps--;
			ret = one(ch, w, &wakes);
			if (!ret)
				w->done++;
		}
		if (ret == -EAGAIN && may_park) {
			park(ch, w, &wakes);
			ret = -EIOCBQUEUED;
		}
		hchan_unlock(ch, &wakes);
		if (ret != -EINPROGRESS)
			return ret;
		cond_resched();
	}
}

/**
 * hchan_send() - send the elements in w->cells, from w->done up to w->n
 * @ch: the channel
 * @w: the operation's waiter; the cells that are moved are no longer the caller's
 * @may_park: park it if it can not go on
 *
 * Return: 0: all are sent; -EPIPE: closed or disconnected, w->status says
 * which; -EAGAIN: no receiver and no room; -EIOCBQUEUED: parked, op->complete()
 * comes, unless hchan_cancel() is first. w->done counts in all cases.
 */
int hchan_send(struct hchan *ch, struct hchan_waiter *w, bool may_park)
{
	return move(ch, w, may_park, put);
}

/**
 * hchan_recv() - receive elements into w->cells, from w->done up to w->n
 * @ch: the channel
 * @w: the operation's waiter; the cells that are filled are the caller's
 * @may_park: park it if it can not go on
 *
 * Return: as hchan_send(); -EPIPE: drained, and closed or disconnected;
 * -EMSGSIZE: the next element takes w->need bytes and stays where it is.
 */
int hchan_recv(struct hchan *ch, struct hchan_waiter *w, bool may_park)
{
	return move(ch, w, may_park, take);
}

/**
 * hchan_cancel() - take back an operation that is parked
 * @ch: the channel
 * @w: the operation's waiter
 *
 * Return: true: it is the caller's again; false: somebody else has claimed it,
 * and op->complete() has been called or will be, at once.
 */
bool hchan_cancel(struct hchan *ch, struct hchan_waiter *w)
{
	bool won;

	spin_lock(&ch->lock);
	won = hchan_claim(w->op, HCHAN_OP_CANCELLED);
	if (won)
		unlink_waiter(ch, w);
	spin_unlock(&ch->lock);
	return won;
}

static bool sent_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hchan_buf, node)->seq <
	       rb_entry(b, struct hchan_buf, node)->seq;
}

/* Puts an element among the returned ones, in the order of the sends (C38). */
static void keep_returned(struct hchan *ch, const void *cell, u64 seq,
			  struct hchan_buf *buf)
{
	buf->len = hchan_cell_len(ch, cell);
	buf->seq = seq;
	/* Its home, if it has one, is where it lies already, or just before. */
	if (buf != hchan_cell_buf(ch, cell))
		memmove(buf->data, hchan_cell_data(ch, (void *)cell), buf->len);
	rb_add_cached(&buf->node, &ch->returned, sent_before);
	ch->n_returned++;
}

/**
 * hchan_return() - give back an element that could not be copied out (C38)
 * @ch: the channel
 * @cell: the element, received before; no longer the caller's
 * @seq: what hchan_recv() said of it
 * @home: a buffer to keep it in, with a reference to its block; or NULL
 *
 * To a parked receiver, else in front of all that is buffered. In the element's
 * own buffer, @home, or the one that the channel has prepaid; only if there is
 * none of them, in one that is allocated.
 */
void hchan_return(struct hchan *ch, void *cell, u64 seq, struct hchan_buf *home)
{
	struct hchan_buf *own = hchan_cell_buf(ch, cell);
	struct hchan_buf *buf = own ? own : home;
	struct hchan_wakes wakes;
	bool kept = false;
	int ret;

	for (;;) {
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		ret = give(ch, cell, seq, &wakes);
		if (ret == -EAGAIN && !buf)
			swap(buf, ch->reserve);
		if (ret == -EAGAIN && buf) {
			keep_returned(ch, cell, seq, buf);
			kept = true;
			hchan_news(&wakes, HCHAN_RX);
			ret = 0;
		}
		hchan_unlock(ch, &wakes);
		if (!ret)
			break;
		if (ret == -EAGAIN)
			buf = hchan_buf_must(HCHAN_INLINE);
		cond_resched();
	}
	/* Given away: an own buffer went along, any other one is left over. */
	if (home && !(kept && buf == home))
		hchan_buf_free(home);
	if (buf && buf != own && buf != home && !kept)
		hchan_buf_free(buf);
}
