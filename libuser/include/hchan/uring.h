/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Channel operations for io_uring. Included on its own, behind <liburing.h> if that is
 * used; needs neither libhchan nor liburing at run time.
 *
 *	struct hchan_xfer xfer;
 *
 *	sqe = io_uring_get_sqe(&ring);
 *	hchan_prep_recv(sqe, ch, &xfer, &job, sizeof(job), hchan_forever());
 *	io_uring_sqe_set_data(sqe, &xfer);
 *	io_uring_submit(&ring);
 *	...
 *	io_uring_wait_cqe(&ring, &cqe);
 *	done = hchan_cqe_decode(cqe);
 *	if (done.result == 1)
 *		work(&job);
 *
 * PREPARING fills the whole SQE, as with a fresh one: user_data is set, and flags (a fixed
 * file, a link) are added (|=), after it. It also fills the structure given beside it, which,
 * like the buffers of a receive and of a batch, is the kernel's until the completion.
 * One element that is sent is copied when the command is submitted: by
 * io_uring_submit(), with IORING_SETUP_SQPOLL and IOSQE_ASYNC before the completion.
 *
 * A COMPLETION's result is that of the function of the same name in <hchan.h>: 1 or
 * 0 of a receive, an index, a count, 0, or a negative errno. Besides:
 *
 *	-ECANCELED	cancelled: by hchan_prep_cancel(), or with the task. It has
 *			not happened; a receive has consumed nothing, a send was
 *			seen by nobody (C51).
 *	-ETIMEDOUT	its deadline has come first; likewise.
 *	-EAGAIN		it would have to wait, and hchan_nowait(), O_NONBLOCK, or a
 *			kernel without HCHAN_FEAT_URING_PARK (see hchan_query()) does
 *			not let it: poll first (IORING_OP_POLL_ADD), or read and write.
 *	fewer than n	a batch that was ended by a cancel, a deadline, the channel's
 *			end or an error after the first. Those that it counts have
 *			been moved, the others not.
 *	0 of a receive	the channel is closed or disconnected, and drained; xfer.status
 *			says which. For the link that is a success: the next one starts.
 *
 * NIL has no descriptor: what is prepared on HCHAN_NIL can't wait as a call does, and
 * completes with -EBADF. In a select it is a case that is never ready (C4).
 *
 * LINKS. The next command of a chain is issued when the one before it has completed.
 * Linux 6.12 reads its argument only then, from the submission queue, unless it has
 * IOSQE_ASYNC: so behind a command that may wait give that flag to those which follow.
 *
 * A parked command is ended by these, its ring's end, and nothing else:
 * IORING_OP_ASYNC_CANCEL and IORING_OP_LINK_TIMEOUT do not see it. A ring made
 * with IORING_SETUP_IOPOLL has no such commands (-EOPNOTSUPP).
 */
#ifndef HCHAN_URING_H
#define HCHAN_URING_H

#include <string.h>

/* liburing has a copy of its own: who uses that includes <liburing.h> first. */
#include <linux/io_uring.h>

#include <hchan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Since Linux 6.7; the headers may be older. */
#define HCHAN_OP_READ_MULTISHOT	49

/*
 * hchan_prep() - a command as <linux/hchan.h> describes it
 * @request: HCHAN_IOC_SEND, _RECV, _SENDN, _RECVN, _SELECT with @arg the structure,
 *	filled; HCHAN_IOC_CLOSE with NULL
 */
static inline void hchan_prep(struct io_uring_sqe *sqe, int ch,
			      unsigned int request, const void *arg)
{
	struct hchan_uring_cmd cmd = { (uintptr_t)arg, 0 };

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = ch;
	sqe->cmd_op = request;
	memcpy((char *)sqe + offsetof(struct io_uring_sqe, cmd), &cmd,
	       sizeof(cmd));
}

static inline void hchan__prep_xfer(struct io_uring_sqe *sqe, int ch,
				    unsigned int request,
				    struct hchan_xfer *xfer, const void *elem,
				    size_t size, struct hchan_when when)
{
	memset(xfer, 0, sizeof(*xfer));
	xfer->buf = (uintptr_t)elem;
	xfer->len = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	xfer->flags = when.flags;
	xfer->deadline = when.ns;
	hchan_prep(sqe, ch, request, xfer);
}

/*
 * hchan_prep_send(), hchan_prep_recv() - one element, or message
 * @xfer: room for the command's structure; after the completion its @status and, of a
 *	receive, @actual (a message's length, also with -EMSGSIZE) tell more
 * @elem, @size, @when: as for hchan_send_until(), hchan_recv_until()
 */
static inline void hchan_prep_send(struct io_uring_sqe *sqe, int ch,
				   struct hchan_xfer *xfer, const void *elem,
				   size_t size, struct hchan_when when)
{
	hchan__prep_xfer(sqe, ch, HCHAN_IOC_SEND, xfer, elem, size, when);
}

static inline void hchan_prep_recv(struct io_uring_sqe *sqe, int ch,
				   struct hchan_xfer *xfer, void *elem,
				   size_t size, struct hchan_when when)
{
	hchan__prep_xfer(sqe, ch, HCHAN_IOC_RECV, xfer, elem, size, when);
}

static inline void hchan__prep_batch(struct io_uring_sqe *sqe, int ch,
				     unsigned int request,
				     struct hchan_batch *batch,
				     const void *elems, size_t size, size_t n,
				     struct hchan_when when)
{
	memset(batch, 0, sizeof(*batch));
	batch->buf = (uintptr_t)elems;
	batch->stride = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	batch->count = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	batch->flags = when.flags;
	batch->deadline = when.ns;
	hchan_prep(sqe, ch, request, batch);
}

/*
 * hchan_prep_sendn(), hchan_prep_recvn() - several elements, in order (C39)
 * @batch: room for the command's structure; its @done and @status tell more
 * @elems, @size, @when, @flags: as for hchan_sendn_until(), hchan_recvn_until()
 * @n: at most 65,535
 */
static inline void hchan_prep_sendn(struct io_uring_sqe *sqe, int ch,
				    struct hchan_batch *batch,
				    const void *elems, size_t size, size_t n,
				    struct hchan_when when)
{
	hchan__prep_batch(sqe, ch, HCHAN_IOC_SENDN, batch, elems, size, n, when);
}

static inline void hchan_prep_recvn(struct io_uring_sqe *sqe, int ch,
				    struct hchan_batch *batch, void *elems,
				    size_t size, size_t n,
				    struct hchan_when when, unsigned int flags)
{
	hchan__prep_batch(sqe, ch, HCHAN_IOC_RECVN, batch, elems, size, n, when);
	batch->flags |= flags;
}

/*
 * hchan_prep_select() - one of several cases, exactly one (C18)
 * @ch: any channel, or /dev/hchan: what carries the command
 * @sel: room for the command's structure
 * @cases: @n cases on channels; the result is the index of the one that went, whose
 *	@error, @status and @actual tell how
 * @flags: 0 or HCHAN_FIRST
 *
 * A case on HCHAN_NIL, or on the background's end, is made HCHAN_CASE_NIL, which the
 * kernel knows nil by, and stays that: to live again it is filled anew.
 */
static inline void hchan_prep_select(struct io_uring_sqe *sqe, int ch,
				     struct hchan_select *sel,
				     struct hchan_case *cases, size_t n,
				     struct hchan_when when, unsigned int flags)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cases[i].fd == HCHAN_NIL)
			cases[i].op = HCHAN_CASE_NIL;
	memset(sel, 0, sizeof(*sel));
	sel->cases = (uintptr_t)cases;
	sel->count = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	sel->flags = when.flags | flags;
	sel->deadline = when.ns;
	hchan_prep(sqe, ch, HCHAN_IOC_SELECT, sel);
}

/* hchan_prep_close() - close the channel, for everybody (C15) */
static inline void hchan_prep_close(struct io_uring_sqe *sqe, int ch)
{
	hchan_prep(sqe, ch, HCHAN_IOC_CLOSE, NULL);
}

/*
 * hchan_prep_cancel() - ask a parked command of this ring to end
 * @ch: any channel, or /dev/hchan
 * @user_data: the command's; of several with the same one of them
 *
 * 0: it was asked, and its own completion says whether it has happened; -ENOENT: there
 * is no such command parked.
 */
static inline void hchan_prep_cancel(struct io_uring_sqe *sqe, int ch,
				     uint64_t user_data)
{
	struct hchan_uring_cmd cmd = { user_data, 0 };

	hchan_prep(sqe, ch, HCHAN_URING_CANCEL, NULL);
	memcpy((char *)sqe + offsetof(struct io_uring_sqe, cmd), &cmd,
	       sizeof(cmd));
}

/*
 * hchan_prep_recv_multishot() - receive again and again, a completion each
 * @group: buffers that were provided to the ring, of at least the element's size
 *
 * A read(2) that repeats itself (IORING_OP_READ_MULTISHOT, Linux 6.7): it takes as
 * many whole elements as fit in a buffer, or one message, and goes on while a
 * completion has @more. It polls: it is no peer on an unbuffered channel, so two
 * such ends never meet (C46). Cancelled by IORING_OP_ASYNC_CANCEL. It needs its flag
 * IOSQE_BUFFER_SELECT: others are added to it.
 */
static inline void hchan_prep_recv_multishot(struct io_uring_sqe *sqe, int ch,
					     unsigned short group)
{
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = HCHAN_OP_READ_MULTISHOT;
	sqe->fd = ch;
	sqe->flags = IOSQE_BUFFER_SELECT;
	sqe->buf_group = group;
	sqe->off = UINT64_MAX;
}

/*
 * struct hchan_done - what a completion says
 * @result: see above. Of a multishot receive: bytes received, 0 at the end of what
 *	there is to receive, or a negative errno (-ENOBUFS: no buffer was left)
 * @buffer: the provided buffer's number, to be given back by the caller; or -1
 * @more: this command will have more completions
 */
struct hchan_done {
	int result;
	int buffer;
	int more;
};

/* hchan_cqe_decode() - all that a completion says, of any command prepared here */
static inline struct hchan_done hchan_cqe_decode(const struct io_uring_cqe *cqe)
{
	struct hchan_done done = { cqe->res, -1, 0 };

	if (cqe->flags & IORING_CQE_F_BUFFER)
		done.buffer = (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
	if (cqe->flags & IORING_CQE_F_MORE)
		done.more = 1;
	return done;
}

#ifdef __cplusplus
}
#endif

#endif /* HCHAN_URING_H */
