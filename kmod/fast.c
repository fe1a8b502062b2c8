// SPDX-License-Identifier: GPL-2.0-only
/*
 * The short way for one element: nobody waits, nobody watches, nothing is wrong.
 *
 * HCHAN_IOC_SEND and HCHAN_IOC_RECV come here first. An element of fixed size up
 * to HCHAN_INLINE goes straight between the caller's memory and its slot in the
 * ring: one copy, one section of hchan.lock, no allocation, no cell on the way.
 * The copy is under the lock, with page faults off, of 128 bytes at most: what
 * is not there is a matter for the long way (xfer.c), as is everything
 * else, errors included. Until HCHAN_LONG_WAY is returned nothing has happened.
 *
 * A try that fails is not worth a lock: see hchan_surely_not().
 */

#include <linux/mm.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "engine.h"

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
 * struct request - what is needed of a struct hchan_xfer
 * @out: its outputs, which lie together, as they were
 */
struct request {
	u64 buf;
	u64 out;
	u32 len;
	u32 flags;
};

/* A pair of outputs, to be written at once. */
static u64 outputs(u32 actual, u32 status)
{
	union {
		u32 pair[2];
		u64 both;
	} out = { .pair = { actual, status } };

	BUILD_BUG_ON(offsetof(struct hchan_xfer, status) !=
		     offsetof(struct hchan_xfer, actual) + sizeof(u32));
	BUILD_BUG_ON(offsetof(struct hchan_xfer, actual) % sizeof(u64));
	return out.both;
}

static __always_inline bool get_request(struct request *r,
					const struct hchan_xfer __user *uxfer)
{
	s64 deadline;

	/* Aligned, so that no word of it is on two pages. */
	if ((unsigned long)uxfer % sizeof(u64) ||
	    !user_read_access_begin(uxfer, sizeof(*uxfer)))
		return false;
	unsafe_get_user(r->buf, &uxfer->buf, fault);
	unsafe_get_user(r->len, &uxfer->len, fault);
	unsafe_get_user(r->flags, &uxfer->flags, fault);
	unsafe_get_user(deadline, &uxfer->deadline, fault);
	unsafe_get_user(r->out, (u64 __user *)&uxfer->actual, fault);
	user_read_access_end();
	return flags_ok(r->flags, deadline);
fault:
	user_read_access_end();
	return false;
}

/* From a caller's memory. Return: whether all of it was there. */
static __always_inline bool copy_in(u8 *to, const u8 __user *from, u32 len)
{
	u64 x;
	u8 b;

	if (!user_read_access_begin(from, len))
		return false;
	for (; len >= sizeof(x); len -= sizeof(x)) {
		unsafe_get_user(x, (const u64 __user *)from, fault);
		memcpy(to, &x, sizeof(x));
		from += sizeof(x);
		to += sizeof(x);
	}
	for (; len; len--) {
		unsafe_get_user(b, from++, fault);
		*to++ = b;
	}
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/* To a caller's memory, within one page: all or nothing. */
static __always_inline bool copy_out(u8 __user *to, const u8 *from, u32 len)
{
	u64 x;

	if (!user_write_access_begin(to, len))
		return false;
	for (; len >= sizeof(x); len -= sizeof(x)) {
		memcpy(&x, from, sizeof(x));
		unsafe_put_user(x, (u64 __user *)to, fault);
		from += sizeof(x);
		to += sizeof(x);
	}
	for (; len; len--)
		unsafe_put_user(*from++, to++, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

static __always_inline bool tell(struct hchan_xfer __user *uxfer, u64 out)
{
	if (!user_write_access_begin(&uxfer->actual, sizeof(out)))
		return false;
	unsafe_put_user(out, (u64 __user *)&uxfer->actual, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/* One element into the buffer. Return: whether it is there. */
static __always_inline bool put_one(struct hchan *ch, const u8 __user *from)
{
	bool done;

	spin_lock(&ch->lock);
	pagefault_disable();
	done = ch->count < ch->cap && hchan_nobody(ch, HCHAN_RX) &&
	       !hchan_ended(ch, HCHAN_TX) &&
	       copy_in(hchan_slot(ch, ch->count), from, ch->elem_size);
	pagefault_enable();
	if (done)
		WRITE_ONCE(ch->count, ch->count + 1);
	hchan_unlock_news(ch, HCHAN_RX, done);
	return done;
}

/*
 * One element out of it. @uxfer: where to tell so, and @before: what to leave
 * there if it does not work; or NULL.
 */
static __always_inline bool take_one(struct hchan *ch, u8 __user *to,
				     struct hchan_xfer __user *uxfer, u64 before)
{
	u32 size = ch->elem_size;
	bool done;

	if (offset_in_page(to) + size > PAGE_SIZE)
		return false;
	spin_lock(&ch->lock);
	pagefault_disable();
	done = ch->count && !ch->n_returned && hchan_nobody(ch, HCHAN_TX) &&
	       !hchan_ended(ch, HCHAN_RX) &&
	       (!uxfer || tell(uxfer, outputs(size, HCHAN_ST_OK)));
	/* Last, so that nobody sees an element whose receive fails. */
	if (done && !copy_out(to, hchan_slot(ch, 0), size)) {
		if (uxfer)
			tell(uxfer, before);
		done = false;
	}
	pagefault_enable();
	if (done) {
		hchan_advance(ch);
		WRITE_ONCE(ch->count, ch->count - 1);
		ch->seq++;
	}
	hchan_unlock_news(ch, HCHAN_TX, done);
	return done;
}

/* What a try says if it fails for sure. */
static int fails(const struct hchan *ch, u8 dir, bool nowait)
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
	struct request r;

	if (!hchan_is_short(ch) || !get_request(&r, uxfer) || r.len != ch->elem_size)
		return HCHAN_LONG_WAY;
	if (READ_ONCE(ch->count) == ch->cap)
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
	struct request r;

	if (!hchan_is_short(ch) || !get_request(&r, uxfer) || r.len < ch->elem_size)
		return HCHAN_LONG_WAY;
	if (!READ_ONCE(ch->count))
		return fails(ch, HCHAN_RX, (r.flags & HCHAN_NOWAIT) || nonblock);
	return take_one(ch, u64_to_user_ptr(r.buf), uxfer, r.out) ?
	       1 : HCHAN_LONG_WAY;
}

/**
 * hchan_fast_rw() - read(2) and write(2) of exactly one element
 * @ch: the channel
 * @buf: the user's address
 * @len: bytes
 * @dir: HCHAN_RX reads
 * @nonblock: O_NONBLOCK
 *
 * Return: @len, -EAGAIN, or 0 for the long way.
 */
ssize_t hchan_fast_rw(struct hchan *ch, u8 __user *buf, size_t len, u8 dir,
		      bool nonblock)
{
	int ret;

	if (!hchan_is_short(ch) || len != ch->elem_size || !len)
		return 0;
	if (READ_ONCE(ch->count) == (dir == HCHAN_RX ? 0 : ch->cap)) {
		ret = fails(ch, dir, nonblock);
		return ret < 0 ? ret : 0;
	}
	if (dir == HCHAN_RX ? take_one(ch, buf, NULL, 0) : put_one(ch, buf))
		return len;
	return 0;
}

/* Several elements, in one critical section: so many bytes at most. */
#define RUN_BYTES 2048

/* Copies the elements from index @i on, as far as they lie together. */
static u32 copy_run(struct hchan *ch, char __user *at, u32 i, u32 n, u8 dir)
{
	u32 size = ch->elem_size, bytes, left;
	u8 *slot = hchan_slot(ch, i);

	n = min_t(u32, n, ch->cap - (slot - ch->ring) / size);
	bytes = n * size;
	left = dir == HCHAN_TX ? __copy_from_user_inatomic(slot, at, bytes) :
				 __copy_to_user_inatomic(at, slot, bytes);
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
	n = min3(n, (u32)HCHAN_STEPS, (u32)RUN_BYTES / ch->elem_size);
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
