/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Messages; many elements in one call; operations with all that the kernel tells of
 * them. Included by <hchan.h>, which says what is common to all.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_BATCH_H
#define HCHAN_BATCH_H

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/* ---- one message (channels with HCHAN_MSG) ---- */

/*
 * hchan_send_msg() - send one message
 * @msg: @len bytes, at least one
 *
 * As hchan_send_until(). -EMSGSIZE: empty, or longer than the channel takes.
 */
int hchan_send_msg(int ch, const void *msg, size_t len, struct hchan_when when);

/*
 * hchan_recv_msg() - receive one message
 * @buf: where to put it
 * @room: bytes there
 * @len: its length; 0 at the end; with -EMSGSIZE the room it needs (it stays in
 *	the channel). Not written by other errors. May be NULL.
 *
 * As hchan_recv_until().
 */
int hchan_recv_msg(int ch, void *buf, size_t room, size_t *len,
		   struct hchan_when when);

/* ---- several elements in one call (C39) ---- */

/*
 * hchan_sendn() - send @n elements, in order; wait until all are sent
 * hchan_recvn() - receive @n elements; wait until all are there
 * @elems: @n elements of @size bytes, one behind the other
 * @n: at most INT_MAX; 0 does nothing
 *
 * Returns how many were moved: all, or fewer if a close, a signal or a deadline
 * has ended it; the next call says which. A receive returns 0 on a closed (or
 * disconnected) and drained channel. Other senders' elements may come between,
 * see struct hchan_batch. Cost: one system call for all.
 *
 * Errors, only if nothing was moved: as for hchan_send() and hchan_recv();
 * -ENOMEM (it has to wait, with more than the inline size); -EINVAL (@n).
 */
int hchan_sendn(int ch, const void *elems, size_t size, size_t n);
int hchan_recvn(int ch, void *elems, size_t size, size_t n);

/*
 * hchan_sendn_until(), hchan_recvn_until() - the same up to a moment
 * @flags: 0, or HCHAN_SOME: wait for the first element only, then take those
 *	that are there
 *
 * With hchan_nowait() they move what they can and wait for nothing: -EAGAIN if
 * that is nothing. -ETIMEDOUT if none was moved before @when. -EINVAL: @flags or
 * @when is none, or HCHAN_SOME with hchan_nowait().
 */
int hchan_sendn_until(int ch, const void *elems, size_t size, size_t n,
		      struct hchan_when when);
int hchan_recvn_until(int ch, void *elems, size_t size, size_t n,
		      struct hchan_when when, unsigned int flags);

/* ---- the kernel's own structures: every field, and nil as well ---- */

/*
 * hchan_xfer_send() ... - an operation as <linux/hchan.h> describes it
 *
 * For what the functions above do not tell: whether it was closed or
 * disconnected (@status, C49), and batches of messages (@lens). Return values
 * are as above.
 */
int hchan_xfer_send(int ch, struct hchan_xfer *xfer);
int hchan_xfer_sendrecv(int to, struct hchan_sendrecv *pair);
int hchan_xfer_recv(int ch, struct hchan_xfer *xfer);
int hchan_batch_send(int ch, struct hchan_batch *batch);
int hchan_batch_recv(int ch, struct hchan_batch *batch);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif /* HCHAN_BATCH_H */
