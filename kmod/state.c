// SPDX-License-Identifier: GPL-2.0-only
/*
 * A channel's state: its end, who is there, who wants to know.
 *
 * Close and disconnection set what ends the channel first, so that nothing new
 * parks, and fire what is parked then, a bounded number at a time.
 */

#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "engine.h"

/* The first in a queue that is not dead, of its first few; debug builds only. */
static struct hchan_op *first_alive(const struct hchan *ch, u8 dir)
{
	const struct hchan_waiter *w;
	u32 left = HCHAN_STEPS;

	list_for_each_entry(w, &ch->queue[dir], link) {
		if (READ_ONCE(w->op->state) == HCHAN_OP_WAITING)
			return w->op;
		if (!left--)
			break;
	}
	return NULL;
}

/*
 * C10, over whole critical sections. A select that has just put an element into
 * a buffer may still be linked as a receiver of it: it is dead, then.
 */
static void check_invariants(const struct hchan *ch)
{
	const struct hchan_op *rx, *tx;

	if (!IS_ENABLED(CONFIG_HCHAN_DEBUG) && !IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;
	lockdep_assert_held(&ch->lock);
	WARN_ON_ONCE(list_empty(&ch->queue[HCHAN_RX]) == !!ch->linked[HCHAN_RX]);
	WARN_ON_ONCE(list_empty(&ch->queue[HCHAN_TX]) == !!ch->linked[HCHAN_TX]);
	WARN_ON_ONCE(ch->count > ch->cap);
	if (hchan_closed(ch))		/* what is still parked is about to be fired */
		return;
	rx = first_alive(ch, HCHAN_RX);
	tx = first_alive(ch, HCHAN_TX);
	WARN_ON_ONCE((ch->count || ch->n_returned) && rx);
	WARN_ON_ONCE(ch->count < ch->cap && tx && !hchan_gone(ch, HCHAN_RX));
	WARN_ON_ONCE(rx && tx && rx != tx);
}

/* A timer's tick is no element to the eye before it is received (C29). */
static u64 hchan_length(const struct hchan *ch)
{
	return ch->flags & HCHAN_F_TIMER ? 0 : (u64)ch->count + ch->n_returned;
}

/* How many are parked, counted once in a critical section: it may be a walk. */
struct parked {
	u64 n[2];
	bool counted[2];
};

static u64 count_parked(const struct hchan *ch, struct parked *parked, u8 dir)
{
	if (!parked->counted[dir]) {
		parked->n[dir] = hchan_parked(ch, dir);
		parked->counted[dir] = true;
	}
	return parked->n[dir];
}

/* Whether what @watch waits for is so, or can not come (C10, HCHAN_IOC_WAIT). */
static bool judge(const struct hchan *ch, struct hchan_watch *watch,
		  struct parked *parked)
{
	switch (watch->what) {
	case HCHAN_W_RECEIVERS:
		watch->seen = count_parked(ch, parked, HCHAN_RX);
		break;
	case HCHAN_W_SENDERS:
		watch->seen = count_parked(ch, parked, HCHAN_TX);
		break;
	default:
		watch->seen = hchan_length(ch);
		break;
	}
	watch->error = 0;
	if (watch->seen >= watch->count)
		return true;
	watch->error = -EPIPE;
	return hchan_closed(ch);
}

/* Takes the watchers off whose state has come; those who stay are told. */
static void notice(struct hchan *ch, struct hchan_wakes *wakes)
{
	struct parked parked = { };
	struct hchan_watch *watch;
	struct hlist_node *tmp;

	hlist_for_each_entry_safe(watch, tmp, &ch->watchers, node) {
		if (watch->what == HCHAN_WATCH_CASE) {
			if (wakes->poll[watch->dir])
				watch->ops->mark(watch, wakes);
			continue;
		}
		if (!judge(ch, watch, &parked))
			continue;
		hlist_del_init(&watch->node);
		ch->n_watchers--;
		watch->next = wakes->seen;
		wakes->seen = watch;
	}
}

/* As many exclusive ones as there are elements or places that are new. */
static void wake_pollers(struct hchan *ch, u8 dir, struct hchan_wakes *wakes)
{
	/* A poller sees the news or is seen: hchan.lock orders it, see match.c. */
	if (wakes->poll[dir] && waitqueue_active(&ch->wq[dir]))
		__wake_up(&ch->wq[dir], TASK_NORMAL, wakes->n_poll[dir],
			  poll_to_key(wakes->poll[dir]));
}

/* What a critical section has left to do. Ownership goes back to the owners. */
static void settle(struct hchan *ch, struct hchan_wakes *wakes)
{
	struct hchan_watch *watch, *next_watch;
	struct hchan_buf *buf, *next_buf;
	struct hchan_op *op, *next;

	for (op = wakes->fired; op; op = next) {
		next = op->next;
		op->complete(op);
	}
	for (watch = wakes->seen; watch; watch = next_watch) {
		next_watch = watch->next;
		watch->ops->complete(watch);
	}
	for (buf = wakes->bufs; buf; buf = next_buf) {
		next_buf = buf->next;
		hchan_buf_free(buf);
	}
	wake_pollers(ch, HCHAN_RX, wakes);
	wake_pollers(ch, HCHAN_TX, wakes);
}

/**
 * hchan_unlock() - end a critical section that may have changed the channel
 * @ch: the channel, locked
 * @wakes: what it has left to do; done here, without the lock
 */
void hchan_unlock(struct hchan *ch, struct hchan_wakes *wakes)
	__releases(&ch->lock)
{
	check_invariants(ch);
	if (wakes->poll[HCHAN_RX] | wakes->poll[HCHAN_TX])
		hchan_count_up(ch);
	if (unlikely(!hlist_empty(&ch->watchers)))
		notice(ch, wakes);
	spin_unlock(&ch->lock);
	settle(ch, wakes);
}

/* hchan_unlock_news() where somebody watches, or all is checked. */
void hchan_unlock_watched(struct hchan *ch, u8 dir, bool news)
	__releases(&ch->lock)
{
	struct hchan_wakes wakes;

	hchan_wakes_init(&wakes);
	if (news)
		hchan_news(&wakes, dir);
	hchan_unlock(ch, &wakes);
}

/* One more element, or place, for the pollers of direction @dir. */
void hchan_wake_poller(struct hchan *ch, u8 dir)
{
	__wake_up(&ch->wq[dir], TASK_NORMAL, 1,
		  poll_to_key(dir == HCHAN_RX ? EPOLLIN | EPOLLRDNORM :
						EPOLLOUT | EPOLLWRNORM));
}

/* Fires @w, or finds it dead. */
static void fire_end(struct hchan *ch, struct hchan_waiter *w,
		     struct hchan_wakes *wakes)
{
	wakes->steps--;
	if (!hchan_claim(w->op, HCHAN_OP_FIRED)) {
		hchan_unlink(ch, w);
		return;
	}
	w->status = hchan_ended(ch, w->dir);
	w->error = -EPIPE;
	hchan_finish(ch, w, wakes);
}

/*
 * Fires what is parked in direction @dir of a channel that has ended for it, a
 * bounded number at a time. Nothing new parks meanwhile; if it is a
 * disconnection and somebody opens the channel again, the rest stays (C49).
 */
static void flush(struct hchan *ch, u8 dir)
{
	struct hchan_waiter *w, *tmp;
	struct hlist_node *tmp_node;
	struct hchan_wakes wakes;

	do {
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		if (hchan_ended(ch, dir)) {
			list_for_each_entry_safe(w, tmp, &ch->queue[dir], link) {
				if (!wakes.steps)
					break;
				fire_end(ch, w, &wakes);
			}
			hlist_for_each_entry_safe(w, tmp_node,
						  &ch->transients[dir], node) {
				if (!wakes.steps)
					break;
				fire_end(ch, w, &wakes);
			}
		}
		hchan_unlock(ch, &wakes);
		cond_resched();
	} while (!wakes.steps);
}

/**
 * hchan_close() - close the channel (C15)
 * @ch: the channel
 *
 * Return: 0, or -EALREADY (C16).
 */
int hchan_close(struct hchan *ch)
{
	struct hchan_wakes wakes;

	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	if (hchan_closed(ch)) {
		spin_unlock(&ch->lock);
		return -EALREADY;
	}
	WRITE_ONCE(ch->state, ch->state | HCHAN_F_CLOSED);
	hchan_news_end(&wakes);
	hchan_unlock(ch, &wakes);
	flush(ch, HCHAN_RX);
	flush(ch, HCHAN_TX);
	return 0;
}

/* An open file of the channel comes to be. */
void hchan_attach(struct hchan *ch, fmode_t mode)
{
	spin_lock(&ch->lock);
	if (mode & FMODE_READ) {
		ch->open[HCHAN_RX]++;
		WRITE_ONCE(ch->state, ch->state | HCHAN_F_HAD_RECEIVER);
	}
	if (mode & FMODE_WRITE) {
		ch->open[HCHAN_TX]++;
		WRITE_ONCE(ch->state, ch->state | HCHAN_F_HAD_SENDER);
	}
	spin_unlock(&ch->lock);
}

/* ... and goes. The last of a side is what the other side may have asked for. */
void hchan_detach(struct hchan *ch, fmode_t mode)
{
	struct hchan_wakes wakes;
	bool no_tx, no_rx;

	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	if (mode & FMODE_READ)
		ch->open[HCHAN_RX]--;
	if (mode & FMODE_WRITE)
		ch->open[HCHAN_TX]--;
	no_tx = (mode & FMODE_WRITE) && hchan_gone(ch, HCHAN_TX);
	no_rx = (mode & FMODE_READ) && hchan_gone(ch, HCHAN_RX);
	if (no_tx || no_rx)
		hchan_news_end(&wakes);
	hchan_unlock(ch, &wakes);
	if (no_tx)
		flush(ch, HCHAN_RX);
	if (no_rx)
		flush(ch, HCHAN_TX);
}

/* Fills everything in @stat but its size (C3). */
void hchan_snapshot(struct hchan *ch, struct hchan_stat *stat)
{
	spin_lock(&ch->lock);
	stat->flags = ch->flags & (HCHAN_MSG | HCHAN_DISCONNECT);
	stat->id = ch->id;
	stat->capacity = ch->flags & HCHAN_F_TIMER ? 0 : ch->cap;
	stat->length = hchan_length(ch);
	stat->type_tag = ch->type_tag;
	stat->elem_size = ch->elem_size;
	stat->state = (hchan_closed(ch) ? HCHAN_S_CLOSED : 0) |
		      (hchan_gone(ch, HCHAN_TX) ? HCHAN_S_NO_SENDERS : 0) |
		      (hchan_gone(ch, HCHAN_RX) ? HCHAN_S_NO_RECEIVERS : 0) |
		      (ch->flags & HCHAN_F_TIMER ? HCHAN_S_TIMER : 0) |
		      (ch->flags & HCHAN_F_CTX ? HCHAN_S_CTX : 0);
	stat->parked_senders = hchan_parked(ch, HCHAN_TX);
	stat->parked_receivers = hchan_parked(ch, HCHAN_RX);
	stat->senders = ch->open[HCHAN_TX];
	stat->receivers = ch->open[HCHAN_RX];
	spin_unlock(&ch->lock);
}

/* What poll(2) says to a descriptor with @mode (C45). */
__poll_t hchan_events(struct hchan *ch, fmode_t mode)
{
	bool rx_end, tx_end, drained;
	__poll_t events = 0;

	hchan_come(ch);
	spin_lock(&ch->lock);
	rx_end = hchan_ended(ch, HCHAN_RX);
	tx_end = hchan_ended(ch, HCHAN_TX);
	drained = !ch->count && !ch->n_returned;
	if (mode & FMODE_READ) {
		if (!drained || rx_end || hchan_parked(ch, HCHAN_TX))
			events |= EPOLLIN | EPOLLRDNORM;
		if (rx_end)
			events |= EPOLLRDHUP;
	}
	if (mode & FMODE_WRITE) {
		if (ch->count < ch->cap || tx_end || hchan_parked(ch, HCHAN_RX))
			events |= EPOLLOUT | EPOLLWRNORM;
	}
	if ((!(mode & FMODE_READ) || (rx_end && drained)) &&
	    (!(mode & FMODE_WRITE) || tx_end))
		events |= EPOLLHUP;
	spin_unlock(&ch->lock);
	return events;
}

/* One walks the watchers under the lock after each change: so not too many. */
#define HCHAN_WATCHERS_MAX 256

/**
 * hchan_watch_add() - wait for a state
 * @ch: the channel
 * @watch: what, and from which count on
 * @may_park: wait if it is not so
 *
 * Return: 0: it is so, and watch->seen how much; -EPIPE: it can not become so;
 * -EAGAIN; -EIOCBQUEUED: watch->ops->complete() comes, unless hchan_watch_del() is
 * first; -EBUSY: too many wait already.
 *
 * A set's case stays until hchan_watch_del(): -EIOCBQUEUED, and watch->ops->mark() is
 * called, under the channel's lock, for everything that may make it ready.
 */
int hchan_watch_add(struct hchan *ch, struct hchan_watch *watch, bool may_park)
{
	int ret;

	bool room;

	spin_lock(&ch->lock);
	room = may_park && ch->n_watchers < HCHAN_WATCHERS_MAX;
	if (room) {
		hlist_add_head(&watch->node, &ch->watchers);
		ch->n_watchers++;
	}
	if (watch->what != HCHAN_WATCH_CASE &&
	    judge(ch, watch, &(struct parked){ })) {
		ret = watch->error;
		if (room) {
			hlist_del_init(&watch->node);
			ch->n_watchers--;
		}
	} else if (room) {
		ret = -EIOCBQUEUED;
	} else {
		ret = may_park ? -EBUSY : -EAGAIN;
	}
	spin_unlock(&ch->lock);
	return ret;
}

/* Return: true: @watch is the caller's again; false: as in hchan_cancel(). */
bool hchan_watch_del(struct hchan *ch, struct hchan_watch *watch)
{
	bool won;

	spin_lock(&ch->lock);
	won = !hlist_unhashed(&watch->node);
	if (won) {
		hlist_del_init(&watch->node);
		ch->n_watchers--;
	}
	spin_unlock(&ch->lock);
	return won;
}

/**
 * hchan_watch_ready() - whether a set's case would go now
 * @ch: the channel
 * @watch: of the case
 * @w: what would go
 *
 * If not, the case is unmarked in the same critical section, so it is marked
 * exactly as long as it may be ready.
 */
bool hchan_watch_ready(struct hchan *ch, struct hchan_watch *watch,
		       struct hchan_waiter *w)
{
	u32 steps;
	int ret;

	hchan_come(ch);
	do {
		steps = HCHAN_STEPS;
		spin_lock(&ch->lock);
		ret = hchan_ready(ch, w, &steps);
		if (!ret)
			watch->ops->unmark(watch);
		spin_unlock(&ch->lock);
		if (ret == -EINPROGRESS)
			cond_resched();
	} while (ret == -EINPROGRESS);
	return ret;
}

/* Takes the cases of @owner, an open file that goes, off the channel. */
void hchan_watch_forget(struct hchan *ch, const void *owner)
{
	struct hchan_watch *watch;
	struct hchan_wakes wakes;
	struct hlist_node *tmp;

	/* Those of this owner are here already: it was open when they came. */
	if (hlist_empty(&ch->watchers))
		return;
	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	hlist_for_each_entry_safe(watch, tmp, &ch->watchers, node) {
		if (watch->what != HCHAN_WATCH_CASE || watch->owner != owner)
			continue;
		hlist_del_init(&watch->node);
		ch->n_watchers--;
		watch->ops->lost(watch, &wakes);
	}
	hchan_unlock(ch, &wakes);
}
