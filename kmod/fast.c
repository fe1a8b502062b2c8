// SPDX-License-Identifier: GPL-2.0-only
/*
 * The short way for one element: nobody waits, or a task for just that; nobody watches,
 * nothing is wrong.
 *
 * HCHAN_IOC_SEND, HCHAN_IOC_RECV, read(2) and write(2) come here first. An element
 * of fixed size up to SHORT_MAX goes straight between the caller's memory and its
 * slot in the ring, or the slot's buffer: one copy, one section of hchan.lock, no
 * allocation, no cell on the way. The copy is under the lock, with page faults off:
 * what is not there is a matter for the long way (xfer.c, batch.c), as is everything
 * else, errors included. Until the long way begins nothing has happened. To a receiver
 * that is parked the element goes in the same manner: quick.h.
 *
 * A try that fails is not worth a lock: see hchan_surely_not().
 */

#include <linux/mm.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "engine.h"
#include "quick.h"

/* Bytes that are copied in one critical section. */
#define SHORT_MAX	2048

static inline bool is_short(const struct hchan *ch)
{
	return !(ch->flags & (HCHAN_MSG | HCHAN_F_TIMER)) && ch->elem_size <= SHORT_MAX;
}

/* Flags and deadline of an operation that does not have to wait after all. */
static bool flags_ok(u32 flags, s64 deadline)
{
	if (likely(!flags))
		return !deadline;
	if (flags == HCHAN_NOWAIT)
		return !deadline;
	return flags == HCHAN_DEADLINE ||
	       flags == (HCHAN_DEADLINE | HCHAN_REALTIME);
}

/*
 * struct told - what the caller is told of an operation, where its argument is
 * @at: in the argument: u32 actual, status, and a case's s32 error
 * @n: words of it, known when it is compiled
 * @now: to be written
 * @before: what was there
 */
struct told {
	u32 __user *at;
	u32 n;
	u32 now[3];
	u32 before[3];
};

static __always_inline bool tell(const struct told *told, const u32 *words)
{
	/* On two pages it might be told in part. */
	if (offset_in_page(told->at) + told->n * sizeof(u32) > PAGE_SIZE ||
	    !user_write_access_begin(told->at, told->n * sizeof(u32)))
		return false;
	unsafe_put_user(words[0], told->at, fault);
	unsafe_put_user(words[1], told->at + 1, fault);
	if (told->n == 3)
		unsafe_put_user(words[2], told->at + 2, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/*
 * struct request - what is needed of a struct hchan_xfer
 */
struct request {
	u64 buf;
	u32 len;
	u32 flags;
};

/* @told: for what may be written there, and may have to be put back; or NULL. */
static __always_inline bool get_request(struct request *r,
					struct hchan_xfer __user *uxfer,
					struct told *told)
{
	s64 deadline;
	u32 status;

	BUILD_BUG_ON(offsetof(struct hchan_xfer, status) !=
		     offsetof(struct hchan_xfer, actual) + sizeof(u32));
	if (!user_read_access_begin(uxfer, sizeof(*uxfer)))
		return false;
	unsafe_get_user(r->buf, &uxfer->buf, fault);
	unsafe_get_user(r->len, &uxfer->len, fault);
	unsafe_get_user(r->flags, &uxfer->flags, fault);
	unsafe_get_user(deadline, &uxfer->deadline, fault);
	if (told)
		unsafe_get_user(told->before[0], &uxfer->actual, fault);
	/* The last of it: what is cut off is refused, whether it is needed or not. */
	unsafe_get_user(status, &uxfer->status, fault);
	user_read_access_end();
	if (told) {
		told->at = &uxfer->actual;
		told->n = 2;
		told->before[1] = status;
	}
	return flags_ok(r->flags, deadline);
fault:
	user_read_access_end();
	return false;
}

/* From a caller's memory. Return: whether all of it was there. */
static __always_inline bool copy_in(u8 *to, const u8 __user *from, u32 len)
{
	if (len > HCHAN_INLINE)
		return access_ok(from, len) && !hchan_copy_in(to, from, len);
	return hchan_short_in(to, from, len);
}

/* To a caller's memory; within one page: all or nothing. */
static __always_inline bool copy_out(u8 __user *to, const u8 *from, u32 len)
{
	if (len > HCHAN_INLINE)
		return access_ok(to, len) && !hchan_copy_out(to, from, len);
	return hchan_short_out(to, from, len);
}

/* A spare buffer becomes the next slot's. Return: whether it did. */
static noinline bool put_large(struct hchan *ch, const u8 __user *from)
{
	struct hchan_buf *buf = ch->spares;

	if (!buf || buf->room < ch->elem_size ||
	    !copy_in(buf->data, from, ch->elem_size))
		return false;
	ch->spares = buf->next;
	ch->n_spares--;
	buf->len = ch->elem_size;
	hchan_cell_set(ch, hchan_slot(ch, ch->count), buf->len, buf);
	return true;
}

/* The oldest slot's buffer becomes a spare one; as hchan_cell_free(). */
static noinline bool take_large(struct hchan *ch, u8 __user *to)
{
	struct hchan_buf *buf = hchan_cell_buf(ch, hchan_slot(ch, 0));

	if (ch->n_spares + ch->count > ch->cap + 1 ||
	    !copy_out(to, buf->data, ch->elem_size))
		return false;
	buf->next = ch->spares;
	ch->spares = buf;
	ch->n_spares++;
	return true;
}

static noinline struct hchan_op *give(struct hchan *ch, const u8 __user *from)
{
	return hchan_is_short(ch) ? hchan_give_locked(ch, from) : NULL;
}

/* One element into the buffer, or to who waits. Return: whether it is there. */
static __always_inline bool put_one(struct hchan *ch, const u8 __user *from)
{
	struct hchan_op *op;
	bool done;

	spin_lock(&ch->lock);
	if (unlikely(!list_empty(&ch->queue[HCHAN_RX]))) {
		op = give(ch, from);
		hchan_unlock_news(ch, HCHAN_RX, false);
		if (op)
			hchan_call_complete(op);
		return op;
	}
	pagefault_disable();
	done = ch->count < ch->cap && hchan_nobody(ch, HCHAN_RX) &&
	       !hchan_ended(ch, HCHAN_TX);
	if (likely(done))
		done = likely(ch->elem_size <= HCHAN_INLINE) ?
		       copy_in(hchan_slot(ch, ch->count), from, ch->elem_size) :
		       put_large(ch, from);
	pagefault_enable();
	if (likely(done))
		WRITE_ONCE(ch->count, ch->count + 1);
	hchan_unlock_news(ch, HCHAN_RX, done);
	return done;
}

/* Whether put_one() may do, seen without the lock. */
static __always_inline bool may_put(const struct hchan *ch)
{
	return READ_ONCE(ch->count) < ch->cap || !list_empty(&ch->queue[HCHAN_RX]);
}

/* One element out of it. @told: what to say of that; NULL: nothing. */
static __always_inline bool take_one(struct hchan *ch, u8 __user *to,
				     const struct told *told)
{
	u32 size = ch->elem_size;
	bool done;

	/* Over two pages a copy might end in the middle. */
	if (offset_in_page(to) + size > PAGE_SIZE &&
	    (size <= HCHAN_INLINE || hchan_fault_in(to, size)))
		return false;
	spin_lock(&ch->lock);
	pagefault_disable();
	done = ch->count && !ch->n_returned && hchan_nobody(ch, HCHAN_TX) &&
	       !hchan_ended(ch, HCHAN_RX) && (!told || tell(told, told->now));
	/* Last, so that nobody sees an element whose receive fails. */
	if (likely(done)) {
		done = likely(size <= HCHAN_INLINE) ?
		       copy_out(to, hchan_slot(ch, 0), size) :
		       take_large(ch, to);
		if (told && !done)
			tell(told, told->before);
	}
	pagefault_enable();
	if (likely(done)) {
		hchan_advance(ch);
		WRITE_ONCE(ch->count, ch->count - 1);
		ch->seq++;
	}
	hchan_unlock_news(ch, HCHAN_TX, done);
	return done;
}

/* What a try says if it fails for sure. */
static __always_inline int fails(const struct hchan *ch, u8 dir, bool nowait)
{
	u32 version;

	return nowait && hchan_surely_not(ch, dir, &version) ? -EAGAIN :
							       HCHAN_LONG_WAY;
}

/**
 * hchan_fast_send() - HCHAN_IOC_SEND into the buffer
 * @ch: the channel
 * @uxfer: the caller's argument
 * @nonblock: O_NONBLOCK
 *
 * Return: 0, -EAGAIN, or HCHAN_LONG_WAY.
 */
int hchan_fast_send(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock)
{
	struct request r __uninitialized;

	if (!is_short(ch) || !get_request(&r, uxfer, NULL) || r.len != ch->elem_size)
		return HCHAN_LONG_WAY;
	if (!may_put(ch))
		return fails(ch, HCHAN_TX, (r.flags & HCHAN_NOWAIT) || nonblock);
	return put_one(ch, u64_to_user_ptr(r.buf)) ? 0 : HCHAN_LONG_WAY;
}

/**
 * hchan_fast_recv() - HCHAN_IOC_RECV from the buffer
 * @ch: the channel
 * @uxfer: the caller's argument
 * @nonblock: O_NONBLOCK
 *
 * Return: 1, -EAGAIN, or HCHAN_LONG_WAY.
 */
int hchan_fast_recv(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock)
{
	struct request r __uninitialized;
	struct told told __uninitialized;

	if (!is_short(ch) || !get_request(&r, uxfer, &told) || r.len < ch->elem_size)
		return HCHAN_LONG_WAY;
	if (!READ_ONCE(ch->count))
		return fails(ch, HCHAN_RX, (r.flags & HCHAN_NOWAIT) || nonblock);
	told.now[0] = ch->elem_size;
	told.now[1] = HCHAN_ST_OK;
	return take_one(ch, u64_to_user_ptr(r.buf), &told) ? 1 : HCHAN_LONG_WAY;
}

/* One element of the channel's length. Return: whether it went. */
bool hchan_fast_put(struct hchan *ch, const void __user *buf)
{
	return is_short(ch) && may_put(ch) && put_one(ch, (const u8 __user *)buf);
}

/**
 * hchan_fast_case() - one case of a select, to or from the buffer
 * @ch: the channel
 * @dir: HCHAN_RX receives
 * @buf: the user's address of the element, of the length that it has to have
 * @at: where actual, status and error of the case lie in the caller's memory
 *
 * Return: whether it went. If not, nothing has happened.
 */
bool hchan_fast_case(struct hchan *ch, u8 dir, u64 buf, u32 __user *at)
{
	struct told told __uninitialized;

	if (!is_short(ch) || !(dir == HCHAN_RX ? READ_ONCE(ch->count) : may_put(ch)))
		return false;
	told.at = at;
	told.n = 3;
	if (!user_read_access_begin(at, sizeof(told.now)))
		return false;
	unsafe_get_user(told.before[0], at, fault);
	unsafe_get_user(told.before[1], at + 1, fault);
	unsafe_get_user(told.before[2], at + 2, fault);
	user_read_access_end();
	told.now[0] = dir == HCHAN_RX ? ch->elem_size : 0;
	told.now[1] = HCHAN_ST_OK;
	told.now[2] = 0;
	if (dir == HCHAN_RX)
		return take_one(ch, u64_to_user_ptr(buf), &told);
	/* A send's result must not fail after it. */
	if (!tell(&told, told.now))
		return false;
	if (put_one(ch, u64_to_user_ptr(buf)))
		return true;
	tell(&told, told.before);
	return false;
fault:
	user_read_access_end();
	return false;
}

/* read(2): one element, or what hchan_read_slow() says (C44). */
ssize_t hchan_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct hchan *ch = file->private_data;

	if (likely(len == ch->elem_size && is_short(ch) && len)) {
		if (READ_ONCE(ch->count)) {
			if (take_one(ch, (u8 __user *)buf, NULL))
				return len;
		} else if (fails(ch, HCHAN_RX, file->f_flags & O_NONBLOCK) < 0) {
			return -EAGAIN;
		}
	}
	return hchan_read_slow(file, buf, len);
}

/* write(2), likewise. */
ssize_t hchan_write(struct file *file, const char __user *buf, size_t len,
		    loff_t *pos)
{
	struct hchan *ch = file->private_data;

	if (likely(len == ch->elem_size && is_short(ch) && len)) {
		if (may_put(ch)) {
			if (put_one(ch, (const u8 __user *)buf))
				return len;
		} else if (fails(ch, HCHAN_TX, file->f_flags & O_NONBLOCK) < 0) {
			return -EAGAIN;
		}
	}
	return hchan_write_slow(file, buf, len);
}

/* Copies the elements from index @i on, as far as they lie together. */
static u32 copy_run(struct hchan *ch, char __user *at, u32 i, u32 n, u8 dir)
{
	u32 size = ch->elem_size, bytes, left;
	u8 *slot = hchan_slot(ch, i);

	n = min_t(u32, n, ch->cap - (slot - ch->ring) / size);
	bytes = n * size;
	left = dir == HCHAN_TX ? hchan_copy_in(slot, at, bytes) :
				 hchan_copy_out(at, slot, bytes);
	return (bytes - left) / size;
}

/**
 * hchan_fast_run() - move several elements between a caller and the buffer
 * @ch: the channel
 * @at: the user's address, of elements one behind the other; a receiver's has
 *	been faulted in
 * @n: how many
 * @dir: HCHAN_RX receives
 *
 * Return: how many were moved; then comes the long way.
 */
u32 hchan_fast_run(struct hchan *ch, char __user *at, u32 n, u8 dir)
{
	struct hchan_wakes wakes;
	u32 done = 0, moved;

	if (!hchan_is_short(ch) || !ch->elem_size || !access_ok(at, n * ch->elem_size))
		return 0;
	n = min3(n, (u32)HCHAN_STEPS, (u32)SHORT_MAX / ch->elem_size);
	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	pagefault_disable();
	if (!hchan_nobody(ch, !dir) || ch->n_returned || hchan_ended(ch, dir))
		n = 0;
	n = min(n, dir == HCHAN_TX ? ch->cap - ch->count : ch->count);
	while (done < n) {
		moved = copy_run(ch, at + done * ch->elem_size,
				 dir == HCHAN_TX ? ch->count : 0, n - done, dir);
		if (!moved)
			break;
		if (dir == HCHAN_TX) {
			WRITE_ONCE(ch->count, ch->count + moved);
		} else {
			WRITE_ONCE(ch->count, ch->count - moved);
			ch->seq += moved;
			ch->head = (ch->head + moved) % ch->cap;
		}
		done += moved;
	}
	pagefault_enable();
	if (done) {
		hchan_news(&wakes, !dir);
		wakes.n_poll[!dir] = done;
	}
	hchan_unlock(ch, &wakes);
	return done;
}
