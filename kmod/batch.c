// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many elements in one call: HCHAN_IOC_SENDN, _RECVN, read(2) and write(2).
 *
 * Elements pass through a stretch of cells. While nothing has to wait it is a
 * small one on the stack, and each stretch is one critical section: one copy in
 * or out for each element, one lock for up to HCHAN_STRETCH of them, nothing
 * allocated. A batch that has to wait takes a larger stretch, one allocation for
 * up to HCHAN_BATCH_BYTES of elements, and is parked with all of it, so that it keeps its
 * place in the queue (C39); without memory it is parked with what is on the
 * stack, and loses only that.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "batch.h"
#include "engine.h"

/* A place in the queue is worth an allocation, but nobody's life. */
#define HCHAN_GFP_OPTIONAL	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | \
				 __GFP_NORETRY)

static const struct hchan_deadline one_try = { .at = KTIME_MAX, .nowait = true };

/* Elements in the stretch on the stack. */
static u32 small_stretch(const struct hchan_batch_call *b)
{
	u32 n = HCHAN_STRETCH;

	if (b->ch->cell_size)
		n = min_t(u32, n, HCHAN_STRETCH_BYTES / b->ch->cell_size);
	if (b->ch->elem_size > HCHAN_INLINE)
		n = clamp_t(u32, HCHAN_BATCH_BYTES / b->ch->elem_size, 1, n);
	return n;
}

/* Elements in the stretch with which a batch of @n more is parked. */
static u32 big_stretch(const struct hchan_batch_call *b, u32 n)
{
	u32 bytes = max3(b->ch->elem_size, b->ch->cell_size, (u32)sizeof(u64));

	return min_t(u32, n, max_t(u32, HCHAN_BATCH_BYTES / bytes, 1));
}

/* Cell @i of a sender's stretch. */
static void *cell_at(const struct hchan_batch_call *b, u8 *cells, u32 i)
{
	return cells + (size_t)i * b->ch->cell_size;
}

/* Takes the next element from the caller. */
static int copy_in(struct hchan_batch_call *b, void *cell)
{
	u32 len = b->stride;
	int ret;

	if (b->lens && get_user(len, b->lens + b->copied))
		return -EFAULT;
	if (!hchan_len_ok(b->ch, len) || len > b->stride)
		return -EMSGSIZE;
	ret = hchan_cell_alloc(b->ch, cell, len);
	if (ret)
		return ret;
	if (copy_from_iter(hchan_cell_data(b->ch, cell), len, b->iter) != len) {
		hchan_cell_free(b->ch, cell);
		return -EFAULT;
	}
	iov_iter_advance(b->iter, b->stride - len);
	b->copied++;
	return 0;
}

/* Gives the next element to the caller; its cell is free then. */
static int copy_out(struct hchan_batch_call *b, void *cell)
{
	u32 len = hchan_cell_len(b->ch, cell);

	if (copy_to_iter(hchan_cell_data(b->ch, cell), len, b->iter) != len)
		return -EFAULT;
	if (b->lens && put_user(len, b->lens + b->copied))
		return -EFAULT;
	iov_iter_advance(b->iter, b->stride - len);
	hchan_cell_free(b->ch, cell);
	b->copied++;
	b->received += len;
	return 0;
}

/*
 * Fills @cells from element @have up to @want. Return: how many there are; if
 * fewer, b->error says why.
 */
static u32 fill(struct hchan_batch_call *b, u8 *cells, u32 have, u32 want)
{
	for (b->error = 0; have < want; have++) {
		b->error = copy_in(b, cell_at(b, cells, have));
		if (b->error)
			break;
	}
	return have;
}

/* The call with @n elements of @cells, one behind the other. */
static void init_call(struct hchan_batch_call *b, u8 dir, u32 n, u8 *cells)
{
	struct hchan_waiter *w = &b->call.w;

	hchan_call_init(&b->call, dir);
	w->cells = cells;
	b->call.op.n = n;
	b->call.op.stride = b->ch->cell_size;
	b->call.op.seqs = b->seqs;
	if (dir == HCHAN_RX && (b->ch->flags & HCHAN_MSG))
		w->room = b->stride;
}

/* Moves what a try has left over into a stretch with which it can be parked. */
static u32 fill_big(struct hchan_batch_call *b, u32 left)
{
	u32 want = big_stretch(b, b->count - b->done);
	struct hchan_waiter *w = &b->call.w;
	u32 i;

	if (want <= left)
		return left;
	b->big = kvmalloc_array(want, max(b->ch->cell_size, 1U),
				HCHAN_GFP_OPTIONAL);
	if (!b->big)
		return left;
	for (i = 0; i < left; i++)
		hchan_cell_move(b->ch, cell_at(b, b->big, i),
				cell_at(b, w->cells, b->call.op.done + i));
	return fill(b, b->big, left, want);
}

/* Whether a try's outcome, with @done elements, means that it has to be parked. */
static bool must_wait(const struct hchan_batch_call *b, u32 done, int ret)
{
	return ret == -EAGAIN && !b->deadline.nowait && !(b->some && done);
}

/*
 * Elements that were copied in and are not sent. For write(2) the iterator is
 * the caller's and has to tell; a batch's may have any stride, and is our own.
 */
static void drop_unsent(struct hchan_batch_call *b)
{
	struct hchan_op *op = &b->call.op;

	if (!b->lens)
		iov_iter_revert(b->iter, (size_t)(op->n - op->done) * b->stride);
	for (; op->done < op->n; op->done++)
		hchan_cell_free(b->ch, cell_at(b, b->call.w.cells, op->done));
}

/*
 * With all of the stretch in the queue. Return: as hchan_call_run(); a command:
 * -EIOCBQUEUED: it is parked, and goes on with hchan_batch_resume().
 */
static int park(struct hchan_batch_call *b)
{
	if (!b->complete)
		return hchan_call_run(b->ch, &b->call, &b->deadline);
	b->call.op.complete = b->complete;
	return hchan_call_begin(b->ch, &b->call, &b->deadline);
}

static int send_end(struct hchan_batch_call *b, int ret)
{
	b->done += b->call.op.done;
	drop_unsent(b);
	return ret ? ret : b->error;
}

/* One stretch. Return: 0: go on; else why not. */
static int send_stretch(struct hchan_batch_call *b)
{
	u32 want = min(small_stretch(b), b->count - b->done);
	struct hchan_op *op = &b->call.op;
	u32 n, left;
	u8 *rest;
	int ret;

	n = fill(b, b->cells, 0, want);
	if (!n)
		return b->error;
	init_call(b, HCHAN_TX, n, b->cells);
	ret = hchan_call_run(b->ch, &b->call, &one_try);
	if (!must_wait(b, b->done + op->done, ret))
		return send_end(b, ret);
	b->done += op->done;
	left = n - op->done;
	n = b->error ? left : fill_big(b, left);
	rest = b->big ? b->big : cell_at(b, b->cells, op->done);
	init_call(b, HCHAN_TX, n, rest);
	ret = park(b);
	return ret == -EIOCBQUEUED ? ret : send_end(b, ret);
}

/* Where the element in @cell can be kept if it has to be returned, or NULL. */
static struct hchan_buf *home_of(const struct hchan_batch_call *b, u8 *cell)
{
	struct hchan_buf *home;

	if (!b->block)
		return NULL;
	refcount_inc(&b->block->ref);
	home = (struct hchan_buf *)(cell - sizeof(*home));
	home->block = b->block;
	home->room = b->ch->cell_size;
	return home;
}

/* An element that was received and can not be handed out (C38, C41). */
static void undo(struct hchan_batch_call *b, u32 i)
{
	const struct hchan_op *op = &b->call.op;
	u8 *cell = b->call.w.cells + (size_t)i * op->stride;

	hchan_cell_undo(b->ch, cell, op->seqs[i], home_of(b, cell), b->complete);
	cond_resched();
}

/* Hands out what was received, and returns what can not be. */
static int recv_out(struct hchan_batch_call *b)
{
	const struct hchan_op *op = &b->call.op;
	int error = 0;
	u32 i;

	for (i = 0; i < op->done && !b->gone; i++) {
		error = copy_out(b, b->call.w.cells + (size_t)i * op->stride);
		if (error)
			break;
		b->done++;
	}
	for (; i < op->done; i++)
		undo(b, i);
	return error;
}

static int recv_end(struct hchan_batch_call *b, int ret)
{
	int error = recv_out(b);

	return error ? error : ret;
}

/* The receiver's memory for @n elements, before it takes any of them. */
static int fault_in(struct hchan_batch_call *b, u32 n)
{
	size_t len = min(b->stride, b->ch->elem_size);
	char __user *at;

	if (b->lens && hchan_fault_in(b->lens + b->copied, n * sizeof(u32)))
		return -EFAULT;
	/* What is between two messages is none of our business. */
	if (b->stride == len) {
		len *= n;
		n = 1;
	}
	if (!iter_is_ubuf(b->iter)) {
		if (!user_backed_iter(b->iter))
			return 0;
		return fault_in_iov_iter_writeable(b->iter, len) ? -EFAULT : 0;
	}
	at = b->iter->ubuf + b->iter->iov_offset;
	for (; n; n--, at += b->stride) {
		if (hchan_fault_in(at, len))
			return -EFAULT;
	}
	return 0;
}

/*
 * A stretch to be parked with, in one block: the sequence numbers, and each
 * cell behind a struct hchan_buf in which it can be returned. Return: its
 * elements, or 0 without memory, or if the caller has as much as they may have.
 */
static u32 init_big_recv(struct hchan_batch_call *b, u32 n)
{
	size_t head = ALIGN(sizeof(struct hchan_block), sizeof(u64));
	struct hchan_waiter *w = &b->call.w;
	u32 stride = sizeof(struct hchan_buf) +
		     round_up(b->ch->cell_size, sizeof(u64));
	size_t bytes = head + (size_t)n * (sizeof(u64) + stride);
	struct hchan_account *account = hchan_charge(0, bytes);
	u8 *big;

	if (IS_ERR(account))
		return 0;
	big = kvmalloc(bytes, HCHAN_GFP_OPTIONAL);
	if (!big) {
		hchan_uncharge(account, 0, bytes);
		return 0;
	}
	b->block = (struct hchan_block *)big;
	refcount_set(&b->block->ref, 1);
	b->block->account = account;
	b->block->bytes = bytes;
	init_call(b, HCHAN_RX, n, NULL);
	b->call.op.seqs = (u64 *)(big + head);
	w->cells = big + head + n * sizeof(u64) + sizeof(struct hchan_buf);
	b->call.op.stride = stride;
	return n;
}

static int recv_stretch(struct hchan_batch_call *b)
{
	u32 n = min(small_stretch(b), b->count - b->done);
	u32 want;
	int ret;

	ret = fault_in(b, n);
	if (ret)
		return ret;
	init_call(b, HCHAN_RX, n, b->cells);
	ret = recv_end(b, hchan_call_run(b->ch, &b->call, &one_try));
	if (!must_wait(b, b->done, ret))
		return ret;

	want = b->some ? 1 : big_stretch(b, b->count - b->done);
	n = want > small_stretch(b) ? init_big_recv(b, want) : 0;
	if (!n) {
		n = min(small_stretch(b), want);
		init_call(b, HCHAN_RX, n, b->cells);
	}
	ret = fault_in(b, n);
	if (ret)
		return ret;
	ret = park(b);
	return ret == -EIOCBQUEUED ? ret : recv_end(b, ret);
}

/*
 * A run of elements that neither waits nor passes through a stretch. Return:
 * 0: go on, with what is left by the long way; -EFAULT.
 */
static int fast(struct hchan_batch_call *b, u32 *moved)
{
	u32 n = min_t(u32, b->count - b->done, HCHAN_STEPS);
	int ret;

	*moved = 0;
	if (b->lens || !iter_is_ubuf(b->iter) || b->stride != b->ch->elem_size)
		return 0;
	if (b->dir == HCHAN_RX) {
		if (!READ_ONCE(b->ch->count))
			return 0;
		ret = fault_in(b, n);
		if (ret)
			return ret;
	}
	*moved = hchan_fast_run(b->ch, b->iter->ubuf + b->iter->iov_offset, n,
				b->dir);
	b->done += *moved;
	b->copied += *moved;
	b->received += (u64)*moved * b->stride;
	iov_iter_advance(b->iter, (size_t)*moved * b->stride);
	return 0;
}

static void drop_stretch(struct hchan_batch_call *b)
{
	kvfree(b->big);
	if (b->block)
		hchan_block_put(b->block);
}

/*
 * The whole batch. Return: 0: all of it; else what has ended it; a command also
 * -EIOCBQUEUED.
 */
static int run(struct hchan_batch_call *b)
{
	u32 moved;
	int ret = 0;

	while (!ret && b->done < b->count) {
		ret = fast(b, &moved);
		if (!ret && !moved) {
			b->big = NULL;
			b->block = NULL;
			ret = b->dir == HCHAN_TX ? send_stretch(b) :
						   recv_stretch(b);
			if (ret == -EIOCBQUEUED)
				return ret;
			drop_stretch(b);
		}
		cond_resched();
		/* Neither readiness nor a full ring ends it for a kill -9. */
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

static void batch_init(struct hchan_batch_call *b, struct hchan *ch, u8 dir,
		       struct iov_iter *iter)
{
	b->ch = ch;
	b->dir = dir;
	b->iter = iter;
	b->lens = NULL;
	b->done = 0;
	b->copied = 0;
	b->received = 0;
	b->some = false;
	b->gone = false;
	b->complete = NULL;
	b->call.w.status = HCHAN_ST_OK;
	b->call.w.room = 0;
}

static int check_batch(const struct hchan *ch, const struct hchan_batch *arg,
		       u8 dir, u32 most)
{
	bool msg = ch->flags & HCHAN_MSG;

	if (arg->count > most)
		return -EINVAL;
	if ((arg->flags & HCHAN_SOME) &&
	    (dir == HCHAN_TX || (arg->flags & HCHAN_NOWAIT)))
		return -EINVAL;
	if (msg != !!arg->lens && arg->count)
		return -EINVAL;
	if (!msg && arg->stride != ch->elem_size)
		return -EMSGSIZE;
	if ((u64)arg->stride * arg->count > LONG_MAX)
		return -EINVAL;
	return 0;
}

/* Tells what has become of it; what has happened, by the result if it can't. */
static int report(struct hchan_batch_call *b, struct hchan_batch __user *ubatch,
		  int ret)
{
	if (put_user(b->done, &ubatch->done) ||
	    put_user((u32)b->call.w.status, &ubatch->status) ||
	    (ret == -EMSGSIZE && b->dir == HCHAN_RX &&
	     put_user(b->call.w.room, &ubatch->actual)))
		ret = -EFAULT;
	if (b->done)
		return b->done;
	return b->dir == HCHAN_RX && ret == -EPIPE ? 0 : ret;
}

/**
 * hchan_batch_init() - HCHAN_IOC_SENDN, HCHAN_IOC_RECVN
 * @b: the call, to be filled
 * @iter: likewise
 * @ch: the channel
 * @ubatch: the caller's argument
 * @dir: HCHAN_TX or HCHAN_RX
 * @nonblock: O_NONBLOCK
 * @most: elements that it may ask for
 *
 * Return: 0, or what struct hchan_batch says.
 */
int hchan_batch_init(struct hchan_batch_call *b, struct iov_iter *iter,
		     struct hchan *ch, struct hchan_batch __user *ubatch,
		     u8 dir, bool nonblock, u32 most)
{
	struct hchan_batch arg;
	size_t bytes;
	int ret;

	if (copy_from_user(&arg, ubatch, sizeof(arg)))
		return -EFAULT;
	if (put_user(0, &ubatch->done))
		return -EFAULT;
	ret = check_batch(ch, &arg, dir, most);
	if (ret)
		return ret;
	batch_init(b, ch, dir, iter);
	b->lens = u64_to_user_ptr(arg.lens);
	b->stride = arg.stride;
	b->count = arg.count;
	b->some = arg.flags & HCHAN_SOME;
	ret = hchan_deadline_init(&b->deadline, arg.flags & ~HCHAN_SOME,
				  arg.deadline, nonblock);
	if (ret)
		return ret;
	bytes = (size_t)arg.stride * arg.count;
	if (bytes && !access_ok(u64_to_user_ptr(arg.buf), bytes))
		return -EFAULT;
	iov_iter_ubuf(iter, dir == HCHAN_TX ? WRITE : READ,
		      u64_to_user_ptr(arg.buf), bytes);
	return 0;
}

/**
 * hchan_batch_run() - move its elements
 * @b: the call, from hchan_batch_init()
 * @ubatch: the caller's argument
 *
 * Return: elements moved, or what struct hchan_batch says; with @b->complete
 * -EIOCBQUEUED: parked, hchan_batch_resume() is next.
 */
int hchan_batch_run(struct hchan_batch_call *b,
		    struct hchan_batch __user *ubatch)
{
	int ret = run(b);

	return ret == -EIOCBQUEUED ? ret : report(b, ubatch, ret);
}

/**
 * hchan_batch_resume() - a command's batch that was parked is its owner's again
 * @b: the call
 * @ubatch: the caller's argument
 * @why: 0: it was completed; else why its owner has taken it back
 * @gone: nobody is there to take anything (C41)
 *
 * Return: as hchan_batch_run().
 */
int hchan_batch_resume(struct hchan_batch_call *b,
		       struct hchan_batch __user *ubatch, int why, bool gone)
{
	int ret = why ? why : b->call.w.error;

	b->gone = gone;
	ret = b->dir == HCHAN_TX ? send_end(b, ret) : recv_end(b, ret);
	drop_stretch(b);
	if (gone)
		return b->done ? b->done : -ECANCELED;
	return ret ? report(b, ubatch, ret) : hchan_batch_run(b, ubatch);
}

/* HCHAN_IOC_SENDN and _RECVN. Return: elements moved, or see struct hchan_batch. */
int hchan_batch(struct hchan *ch, struct hchan_batch __user *ubatch, u8 dir,
		bool nonblock, u32 most)
{
	struct hchan_batch_call b;
	struct iov_iter iter;
	int ret;

	ret = hchan_batch_init(&b, &iter, ch, ubatch, dir, nonblock, most);
	return ret ? ret : hchan_batch_run(&b, ubatch);
}

/* read(2) and write(2) (C44). */
static ssize_t rw(struct kiocb *iocb, struct iov_iter *iter, u8 dir)
{
	struct hchan *ch = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(iter);
	struct hchan_batch_call b;
	int ret;

	if (!ch->elem_size)
		return -EINVAL;
	if (!len)
		return 0;
	batch_init(&b, ch, dir, iter);
	b.some = dir == HCHAN_RX;
	hchan_deadline_init(&b.deadline, 0, 0,
			    (iocb->ki_filp->f_flags & O_NONBLOCK) ||
			    (iocb->ki_flags & IOCB_NOWAIT));
	if (ch->flags & HCHAN_MSG) {
		b.stride = min_t(size_t, len, U32_MAX);
		b.count = 1;
	} else {
		if (dir == HCHAN_TX && len % ch->elem_size)
			return -EINVAL;
		if (len < ch->elem_size)
			return -EMSGSIZE;
		b.stride = ch->elem_size;
		b.count = min_t(size_t, len / ch->elem_size, INT_MAX);
	}
	ret = run(&b);
	if (b.done)
		return dir == HCHAN_RX ? b.received : (size_t)b.done * b.stride;
	return dir == HCHAN_RX && ret == -EPIPE ? 0 : ret;
}

/*
 * A plain read(2) or write(2) that is not as simple as that, see fast.c: one
 * element may have to wait, more of them are a batch.
 */
ssize_t hchan_read_slow(struct file *file, char __user *buf, size_t len)
{
	struct hchan *ch = file->private_data;
	struct hchan_deadline deadline;
	struct iov_iter iter;
	struct kiocb iocb;
	int ret;

	if (len == ch->elem_size && len && !(ch->flags & HCHAN_MSG)) {
		hchan_deadline_init(&deadline, 0, 0, file->f_flags & O_NONBLOCK);
		ret = hchan_recv_one(ch, buf, len, &deadline, NULL);
		return ret == 1 ? (ssize_t)len : ret;
	}
	init_sync_kiocb(&iocb, file);
	iov_iter_ubuf(&iter, READ, buf, len);
	return rw(&iocb, &iter, HCHAN_RX);
}

ssize_t hchan_write_slow(struct file *file, const char __user *buf, size_t len)
{
	struct hchan *ch = file->private_data;
	struct hchan_deadline deadline;
	struct iov_iter iter;
	struct kiocb iocb;
	u8 status;
	int ret;

	if (len == ch->elem_size && len && !(ch->flags & HCHAN_MSG)) {
		hchan_deadline_init(&deadline, 0, 0, file->f_flags & O_NONBLOCK);
		ret = hchan_send_one(ch, buf, len, &deadline, &status);
		return ret ? ret : (ssize_t)len;
	}
	init_sync_kiocb(&iocb, file);
	iov_iter_ubuf(&iter, WRITE, (char __user *)buf, len);
	return rw(&iocb, &iter, HCHAN_TX);
}

ssize_t hchan_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return rw(iocb, to, HCHAN_RX);
}

ssize_t hchan_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return rw(iocb, from, HCHAN_TX);
}
