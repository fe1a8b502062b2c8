/* SPDX-License-Identifier: GPL-2.0-only */
/* What the engine's files share: see hchan.h. */
#ifndef _HCHAN_ENGINE_H
#define _HCHAN_ENGINE_H

#include <linux/poll.h>
#include <linux/string.h>

#include "pick.h"

/* The cell @i places behind the oldest one; also the one behind the newest. */
static inline u8 *hchan_slot(const struct hchan *ch, u32 i)
{
	u32 at = ch->head + i;	/* no overflow: both are at most INT_MAX */

	if (at >= ch->cap)
		at -= ch->cap;
	return ch->ring + (size_t)at * ch->cell_size;
}

static inline void hchan_advance(struct hchan *ch)
{
	if (++ch->head == ch->cap)
		ch->head = 0;
}

/* Bytes in the element in @cell. */
static inline u32 hchan_cell_len(const struct hchan *ch, const void *cell)
{
	const struct hchan_msg *msg = cell;

	return ch->flags & HCHAN_MSG ? msg->len : ch->elem_size;
}

/* The buffer of an element above HCHAN_INLINE. NULL: it is in the cell. */
static inline struct hchan_buf *hchan_cell_buf(const struct hchan *ch,
					       const void *cell)
{
	const struct hchan_msg *msg = cell;
	const union hchan_cell *fixed = cell;

	if (ch->flags & HCHAN_MSG)
		return msg->len > HCHAN_INLINE ? msg->buf : NULL;
	return ch->elem_size > HCHAN_INLINE ? fixed->buf : NULL;
}

/* What @buf takes. */
static inline s64 hchan_buf_bytes(const struct hchan_buf *buf)
{
	return (s64)sizeof(*buf) + buf->room;
}

/* A returned element in @buf is one no longer. */
static inline void hchan_not_kept(struct hchan *ch, struct hchan_buf *buf)
{
	if (likely(!buf->extra))
		return;
	hchan_charge_kept(ch->account, -hchan_buf_bytes(buf));
	buf->extra = 0;
}

/* Where the bytes of the element in @cell are. */
static inline void *hchan_cell_data(const struct hchan *ch, void *cell)
{
	struct hchan_buf *buf = hchan_cell_buf(ch, cell);
	struct hchan_msg *msg = cell;

	if (buf)
		return buf->data;
	return ch->flags & HCHAN_MSG ? msg->data : cell;
}

/* Moves an element; a buffer's ownership goes with it. */
static inline void hchan_cell_move(const struct hchan *ch, void *to,
				   const void *from)
{
	const struct hchan_msg *msg = from;
	u32 bytes = ch->cell_size;

	if (ch->flags & HCHAN_MSG)
		bytes = offsetof(struct hchan_msg, data) +
			(msg->len > HCHAN_INLINE ? sizeof(msg->buf) : msg->len);
	memcpy(to, from, bytes);
}

/* Makes @cell one of @len bytes, in @buf if it does not fit. */
static inline void hchan_cell_set(const struct hchan *ch, void *cell, u32 len,
				  struct hchan_buf *buf)
{
	union hchan_cell *fixed = cell;
	struct hchan_msg *msg = cell;

	if (ch->flags & HCHAN_MSG) {
		msg->len = len;
		if (buf)
			msg->buf = buf;
	} else if (buf) {
		fixed->buf = buf;
	}
}

static inline bool hchan_closed(const struct hchan *ch)
{
	return ch->state & HCHAN_F_CLOSED;
}

/* The side that had somebody has nobody any more, and that is asked for (C49). */
static inline bool hchan_gone(const struct hchan *ch, u8 dir)
{
	u32 had = dir == HCHAN_TX ? HCHAN_F_HAD_SENDER : HCHAN_F_HAD_RECEIVER;

	return (ch->flags & HCHAN_DISCONNECT) && (ch->state & had) &&
	       !ch->open[dir];
}

/* Why an operation in direction @dir must not park: HCHAN_ST_*. */
static __always_inline u8 hchan_ended(const struct hchan *ch, u8 dir)
{
	if (unlikely(hchan_closed(ch)))
		return HCHAN_ST_CLOSED;
	if (likely(!(ch->flags & HCHAN_DISCONNECT)))
		return HCHAN_ST_OK;
	return hchan_gone(ch, !dir) ? HCHAN_ST_DISCONNECTED : HCHAN_ST_OK;
}

/*
 * Whether elements are bytes in the ring, all of one size, and nobody has to know
 * when one is taken.
 */
static inline bool hchan_is_short(const struct hchan *ch)
{
	return !(ch->flags & (HCHAN_MSG | HCHAN_F_TIMER)) && ch->elem_size <= HCHAN_INLINE;
}

/* On a timer: what is due comes now. Return: whether something is there. */
static inline bool hchan_come(struct hchan *ch)
{
	return unlikely(ch->flags & HCHAN_F_TIMER) && ch->source->ops->come(ch);
}

/* Whether nobody waits in direction @dir, dead or alive. */
static inline bool hchan_nobody(const struct hchan *ch, u8 dir)
{
	return list_empty(&ch->queue[dir]) && hlist_empty(&ch->transients[dir]);
}

/*
 * Whether somebody polls for direction @dir, or watches. What orders it with their
 * looking at the channel is hchan.lock (see match.c), or the caller's barrier.
 */
static inline bool hchan_is_watched(struct hchan *ch, u8 dir)
{
	/* See above. */
	return !hlist_empty(&ch->watchers) || waitqueue_active(&ch->wq[dir]);
}

/* Elements moved or operations fired before the lock is dropped for others. */
#define HCHAN_STEPS 64

static inline void hchan_wakes_init(struct hchan_wakes *wakes)
{
	wakes->fired = NULL;
	wakes->fired_tail = &wakes->fired;
	wakes->seen = NULL;
	wakes->bufs = NULL;
	wakes->poll[HCHAN_RX] = 0;
	wakes->poll[HCHAN_TX] = 0;
	wakes->n_poll[HCHAN_RX] = 0;
	wakes->n_poll[HCHAN_TX] = 0;
	wakes->steps = HCHAN_STEPS;
}

/* One more reason for a poller of direction @dir to look. */
static inline void hchan_news(struct hchan_wakes *wakes, u8 dir)
{
	wakes->poll[dir] |= dir == HCHAN_RX ? EPOLLIN | EPOLLRDNORM :
					      EPOLLOUT | EPOLLWRNORM;
	wakes->n_poll[dir]++;
}

/* Something that all pollers have to know. */
static inline void hchan_news_end(struct hchan_wakes *wakes)
{
	wakes->poll[HCHAN_RX] |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP;
	wakes->poll[HCHAN_TX] |= EPOLLOUT | EPOLLWRNORM | EPOLLHUP;
	wakes->n_poll[HCHAN_RX] = INT_MAX;
	wakes->n_poll[HCHAN_TX] = INT_MAX;
}

/* chan.c */
struct hchan_buf *hchan_buf_must(u32 room);

/* queue.c */
int hchan_claim_two(struct hchan_op *self, struct hchan_op *other,
		    bool take_self, bool take_other);
void hchan_link(struct hchan *ch, struct hchan_waiter *w,
		struct hchan_wakes *wakes);
void hchan_unlink(struct hchan *ch, struct hchan_waiter *w);
u32 hchan_parked(const struct hchan *ch, u8 dir);
void hchan_finish(struct hchan *ch, struct hchan_waiter *w,
		  struct hchan_wakes *wakes);

/* match.c */
int hchan_ready(struct hchan *ch, const struct hchan_waiter *w, u32 *steps);

/* state.c */
void hchan_unlock(struct hchan *ch, struct hchan_wakes *wakes)
	__releases(&ch->lock);
void hchan_unlock_watched(struct hchan *ch, u8 dir, bool news)
	__releases(&ch->lock);
void hchan_wake_poller(struct hchan *ch, u8 dir);

static inline void hchan_count_up(struct hchan *ch)
{
	/* hchan_surely_not(): who sees the version sees what it is about. */
	smp_store_release(&ch->version, ch->version + 1);
}

/**
 * hchan_unlock_news() - hchan_unlock() after one element, if anything
 * @ch: the channel, locked
 * @dir: who may be waiting for that
 * @news: whether there is something for them
 */
static inline void hchan_unlock_news(struct hchan *ch, u8 dir, bool news)
	__releases(&ch->lock)
{
	if (IS_ENABLED(CONFIG_HCHAN_DEBUG) || IS_ENABLED(CONFIG_PROVE_LOCKING) ||
	    unlikely(!hlist_empty(&ch->watchers))) {
		hchan_unlock_watched(ch, dir, news);
		return;
	}
	if (likely(news))
		hchan_count_up(ch);
	spin_unlock(&ch->lock);
	/* A poller sees the news or is seen: hchan.lock orders it, see match.c. */
	if (likely(news) && unlikely(waitqueue_active(&ch->wq[dir])))
		hchan_wake_poller(ch, dir);
}

/* Each reason for a try to go is absent, each at a moment of its own. */
static __always_inline bool hchan_seems_not(const struct hchan *ch, u8 dir)
{
	if ((READ_ONCE(ch->state) & HCHAN_F_CLOSED) ||
	    (ch->flags & (HCHAN_DISCONNECT | HCHAN_F_TIMER)) ||
	    !list_empty(&ch->queue[!dir]))
		return false;
	if (dir == HCHAN_RX)
		return !READ_ONCE(ch->count) && !READ_ONCE(ch->n_returned);
	return READ_ONCE(ch->count) >= ch->cap;
}

/**
 * hchan_surely_not() - whether a try would fail now, without the lock
 * @ch: the channel
 * @dir: what is tried
 * @version: set to the channel's version at that moment
 *
 * Everything that can make a yes of a no is stored before the version is (see
 * hchan_count_up()). If the version is the same before and after, nothing of
 * the kind has happened in between; so whatever was a no when it was looked at
 * was still one at the end, all of it at one moment.
 *
 * Return: true: there was that moment; false: the lock has to tell.
 */
static __always_inline bool hchan_surely_not(const struct hchan *ch, u8 dir, u32 *version)
{
	*version = smp_load_acquire(&ch->version);	/* hchan_count_up() */
	if (!hchan_seems_not(ch, dir))
		return false;
	smp_rmb();	/* the looks before the version; hchan_count_up() */
	return READ_ONCE(ch->version) == *version;
}

/**
 * hchan_case_check() - whether a case on a channel can be
 * @file: its descriptor's open file
 * @send: its direction
 * @len: a send's length, a receive's room
 *
 * Return: 0; -EBADF: no channel, or not this direction; -EMSGSIZE.
 */
static inline int hchan_case_check(const struct file *file, bool send, u32 len)
{
	const struct hchan *ch;

	if (file->f_op != &hchan_fops ||
	    !(file->f_mode & (send ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	ch = file->private_data;
	if (likely(len == ch->elem_size))
		return 0;
	if (send ? !hchan_len_ok(ch, len) :
		   !(ch->flags & HCHAN_MSG) && len < ch->elem_size)
		return -EMSGSIZE;
	return 0;
}

/**
 * hchan_pick_first() - the first look at a case, without a lock
 * @pick: the select; the case is the @i-th
 * @c: the case, of a channel
 * @i: its number
 * @dir: its direction
 *
 * If a later look sees the same version nothing has changed in between, so this
 * one saw everything as it was at one moment.
 */
static __always_inline void hchan_pick_first(struct hchan_pick *pick,
					     struct hchan_pick_case *c, u32 i,
					     u8 dir)
{
	c->version = smp_load_acquire(&c->ch->version);	/* hchan_count_up() */
	if (!hchan_seems_not(c->ch, dir))
		pick->ready[pick->n_ready++] = i;
}

/*
 * list_add_tail() and list_del_init() for a queue. More often than not nobody else is
 * there: then there are no neighbours for a hardened list to look at.
 */
static __always_inline void hchan_enqueue(struct list_head *link,
					  struct list_head *queue)
{
	if (unlikely(!list_empty(queue))) {
		list_add_tail(link, queue);
		return;
	}
	link->next = queue;
	link->prev = queue;
	queue->prev = link;
	WRITE_ONCE(queue->next, link);
}

static __always_inline void hchan_dequeue(struct list_head *link,
					  struct list_head *queue)
{
	if (unlikely(queue->next != link || queue->prev != link)) {
		list_del_init(link);
		return;
	}
	INIT_LIST_HEAD(queue);
	INIT_LIST_HEAD(link);
}

/**
 * hchan_link_quick() - hchan_link(), if there is nothing else to do
 * @ch: the channel, locked
 * @w: the waiter, not a transient's
 * @dir: its direction
 * @select: whether it is a select's
 *
 * Return: whether it is linked: nothing is ready for it, nobody is on the other
 * side, and nobody wants to know of it.
 */
static __always_inline bool hchan_link_quick(struct hchan *ch,
					     struct hchan_waiter *w, u8 dir,
					     bool select)
{
	if (unlikely(hchan_ended(ch, dir)) || unlikely(!hchan_nobody(ch, !dir)) ||
	    (dir == HCHAN_RX ? unlikely(ch->count || ch->n_returned) :
			       unlikely(ch->count < ch->cap)) ||
	    unlikely(hchan_is_watched(ch, !dir)))
		return false;
	hchan_enqueue(&w->link, &ch->queue[dir]);
	ch->linked[dir]++;
	if (select)
		ch->selects[dir]++;
	hchan_count_up(ch);
	return true;
}

/* hchan_leave() for who has not to know whether the channel has ended. */
static __always_inline void hchan_leave_quick(struct hchan *ch,
					      struct hchan_waiter *w)
{
	u8 dir = w->dir;

	spin_lock(&ch->lock);
	if (likely(!list_empty(&w->link))) {
		hchan_dequeue(&w->link, &ch->queue[dir]);
		ch->linked[dir]--;
		ch->selects[dir]--;
	}
	spin_unlock(&ch->lock);
}

#endif /* _HCHAN_ENGINE_H */
