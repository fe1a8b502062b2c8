// SPDX-License-Identifier: GPL-2.0-only
/*
 * One element between the engine and a caller's memory: HCHAN_IOC_SEND, _RECV,
 * read(2) and write(2) of one.
 *
 * One copy in, one copy out, both outside hchan.lock. Up to HCHAN_INLINE bytes
 * the element passes through the caller's stack and nothing is allocated;
 * above, it is copied into a buffer once, of which only the pointer moves.
 */

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "fault.h"

/**
 * hchan_fault_in() - make sure that memory can be written, without changing it
 * @buf: the user's address
 * @len: bytes
 *
 * For a receive, before it takes anything (C38). Where hchan_touch() can not, the page
 * tables are walked.
 *
 * Return: 0 or -EFAULT.
 */
int hchan_fault_in(void __user *buf, size_t len)
{
	unsigned long at = (unsigned long)buf;
	unsigned long end = at + len;

	if (!len)
		return 0;
	if (!access_ok(buf, len))
		return -EFAULT;
	for (; at < end; at = PAGE_ALIGN(at + 1)) {
		if (!hchan_touch(at))
			return fault_in_safe_writeable((char __user *)at,
						       end - at) ? -EFAULT : 0;
	}
	return 0;
}

/* Bytes that a sender may give: exactly the element's, or 1 to the longest. */
bool hchan_len_ok(const struct hchan *ch, u32 len)
{
	if (ch->flags & HCHAN_MSG)
		return len && len <= ch->elem_size;
	return len == ch->elem_size;
}

/**
 * hchan_cell_copy_in() - make an element out of a caller's memory
 * @ch: the channel
 * @cell: filled; the caller's, to be sent or freed
 * @buf: the user's address
 * @len: its bytes
 *
 * Return: 0, -EFAULT, -ENOMEM.
 */
int hchan_cell_copy_in(struct hchan *ch, void *cell, const void __user *buf,
		       u32 len)
{
	int ret = hchan_cell_alloc(ch, cell, len);

	if (ret)
		return ret;
	if (!copy_from_user(hchan_cell_data(ch, cell), buf, len))
		return 0;
	hchan_cell_free(ch, cell);
	return -EFAULT;
}

/**
 * hchan_send_one() - send one element
 * @ch: the channel
 * @buf: the user's address
 * @len: its bytes
 * @deadline: how long it may wait
 * @status: with -EPIPE: HCHAN_ST_*
 *
 * Return: 0 or what struct hchan_xfer says.
 */
int hchan_send_one(struct hchan *ch, const void __user *buf, u32 len,
		   const struct hchan_deadline *deadline, u8 *status)
{
	struct hchan_call call __uninitialized;
	int ret;

	if (!hchan_len_ok(ch, len))
		return -EMSGSIZE;
	ret = hchan_cell_copy_in(ch, &call.cell, buf, len);
	if (ret)
		return ret;
	hchan_call_init(&call, HCHAN_TX);
	ret = hchan_call_run(ch, &call, deadline);
	if (!ret)
		return 0;	/* the element is the receiver's */
	*status = call.w.status;
	hchan_cell_free(ch, &call.cell);
	return ret;
}

/* What a receive says of itself. @at: where, actual and status; or NULL. */
static int tell(u32 __user *at, u32 actual, u32 status)
{
	if (at && (put_user(actual, at) || put_user(status, at + 1)))
		return -EFAULT;
	return 0;
}

/* Nothing was received because nothing more comes: the zero value (C12). */
static int copy_end(const struct hchan *ch, void __user *buf, u8 status,
		    u32 __user *at)
{
	u32 len = ch->flags & HCHAN_MSG ? 0 : ch->elem_size;

	if (!at)
		return 0;
	return clear_user(buf, len) ? -EFAULT : tell(at, len, status);
}

/**
 * hchan_recv_check() - what has to be so before a receive
 * @ch: the channel
 * @buf: the user's address
 * @room: bytes there
 * @at: where the caller is told: u32 actual and u32 status; or NULL
 *
 * Return: 0, -EFAULT, -EMSGSIZE.
 */
int hchan_recv_check(const struct hchan *ch, void __user *buf, u32 room,
		     u32 __user *at)
{
	if (!(ch->flags & HCHAN_MSG) && room < ch->elem_size) {
		if (at && put_user(ch->elem_size, at))
			return -EFAULT;
		return -EMSGSIZE;
	}
	if (hchan_fault_in(buf, min(room, ch->elem_size)) ||
	    (at && hchan_fault_in(at, 2 * sizeof(u32))))
		return -EFAULT;
	return 0;
}

/**
 * hchan_recv_out() - what comes of a receive, to the caller
 * @ch: the channel
 * @call: the operation
 * @ret: what hchan_call_run() said of it
 * @buf: the user's address
 * @at: where the caller is told: u32 actual and u32 status; NULL: by @buf alone,
 *	which the end leaves as it is
 * @command: as for hchan_cell_undo()
 *
 * Return: 1, 0 or what struct hchan_xfer says.
 */
int hchan_recv_out(struct hchan *ch, struct hchan_call *call, int ret,
		   void __user *buf, u32 __user *at, bool command)
{
	u32 len;

	switch (ret) {
	case 0:
		break;
	case -EPIPE:
		return copy_end(ch, buf, call->w.status, at);
	case -EMSGSIZE:
		if (at && put_user(call->w.room, at))
			return -EFAULT;
		return ret;
	default:
		return ret;
	}

	len = hchan_cell_len(ch, &call->cell);
	if (copy_to_user(buf, hchan_cell_data(ch, &call->cell), len) ||
	    tell(at, len, HCHAN_ST_OK)) {
		hchan_cell_undo(ch, &call->cell, call->seq, NULL, command);
		return -EFAULT;
	}
	hchan_cell_free(ch, &call->cell);
	return 1;
}

/**
 * hchan_recv_one() - receive one element
 * @ch: the channel
 * @buf: the user's address
 * @room: bytes there
 * @deadline: how long it may wait
 * @at: as for hchan_recv_out()
 *
 * Return: 1, 0 or what struct hchan_xfer says.
 */
int hchan_recv_one(struct hchan *ch, void __user *buf, u32 room,
		   const struct hchan_deadline *deadline, u32 __user *at)
{
	struct hchan_call call __uninitialized;
	int ret = hchan_recv_check(ch, buf, room, at);

	if (ret)
		return ret;
	hchan_call_init(&call, HCHAN_RX);
	call.w.room = room;
	ret = hchan_call_run(ch, &call, deadline);
	return hchan_recv_out(ch, &call, ret, buf, at, false);
}

/* A caller's argument, and how long it may wait. Return: 0, -EFAULT, -EINVAL. */
int hchan_xfer_copy_in(struct hchan_xfer *xfer, struct hchan_deadline *deadline,
		       const struct hchan_xfer __user *uxfer, bool nonblock)
{
	if (copy_from_user(xfer, uxfer, sizeof(*xfer)))
		return -EFAULT;
	return hchan_deadline_init(deadline, xfer->flags, xfer->deadline,
				   nonblock);
}

/* HCHAN_IOC_SEND, by the long way; @nonblock: O_NONBLOCK. */
int hchan_xfer_send(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock)
{
	struct hchan_deadline deadline;
	struct hchan_xfer xfer;
	u8 status;
	int ret;

	ret = hchan_xfer_copy_in(&xfer, &deadline, uxfer, nonblock);
	if (ret)
		return ret;
	ret = hchan_send_one(ch, u64_to_user_ptr(xfer.buf), xfer.len, &deadline,
			     &status);
	if (ret == -EPIPE && put_user((u32)status, &uxfer->status))
		ret = -EFAULT;
	return ret;
}

/* HCHAN_IOC_RECV, likewise. */
int hchan_xfer_recv(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock)
{
	struct hchan_deadline deadline;
	struct hchan_xfer xfer;
	int ret;

	BUILD_BUG_ON(offsetof(struct hchan_xfer, status) !=
		     offsetof(struct hchan_xfer, actual) + sizeof(u32));
	ret = hchan_xfer_copy_in(&xfer, &deadline, uxfer, nonblock);
	if (ret)
		return ret;
	return hchan_recv_one(ch, u64_to_user_ptr(xfer.buf), xfer.len, &deadline,
			      &uxfer->actual);
}

/**
 * hchan_cell_undo() - a received element could not be copied out
 * @ch: the channel
 * @cell: the element, no longer the caller's
 * @seq: its place
 * @home: as for hchan_return()
 * @command: of io_uring
 *
 * It is returned (C38), unless its receiver is being killed: then it counts as
 * delivered, but not to a command (C41).
 */
void hchan_cell_undo(struct hchan *ch, void *cell, u64 seq,
		     struct hchan_buf *home, bool command)
{
	if (command || !fatal_signal_pending(current)) {
		hchan_return(ch, cell, seq, home);
		return;
	}
	hchan_cell_free(ch, cell);
	if (home)
		hchan_buf_free(home);
}
