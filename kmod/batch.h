/* SPDX-License-Identifier: GPL-2.0-only */
/* A batch under way: of a task (batch.c), or of a command (uring_ops.c). */
#ifndef _HCHAN_BATCH_H
#define _HCHAN_BATCH_H

#include "hchan.h"

struct iov_iter;

#define HCHAN_STRETCH		16
#define HCHAN_STRETCH_BYTES	512

/*
 * struct hchan_batch_call - a call's state
 * @iter: what is left of the caller's memory
 * @lens: messages: the lengths, in or out; NULL in read(2) and write(2)
 * @stride: bytes from one element to the next, and a message's room
 * @count: elements asked for
 * @done: elements moved
 * @copied: elements taken from, or given to, @iter
 * @received: bytes given to @iter
 * @error: why a send's stretch has no more elements, or 0
 * @some: wait for the first element only
 * @gone: a command's: nobody is there to receive
 * @complete: a command's: what it waits with; NULL: a task, that sleeps
 */
struct hchan_batch_call {
	struct hchan *ch;
	struct iov_iter *iter;
	u32 __user *lens;
	u32 stride;
	u32 count;
	u32 done;
	u32 copied;
	u64 received;
	int error;
	u8 dir;
	bool some;
	bool gone;
	void (*complete)(struct hchan_op *op);
	struct hchan_deadline deadline;
	struct hchan_call call;
	u8 *big;		/* a sender's stretch from the heap, or NULL */
	struct hchan_block *block;	/* a receiver's, or NULL */
	u64 seqs[HCHAN_STRETCH];
	u8 cells[HCHAN_STRETCH_BYTES] __aligned(8);
};

int hchan_batch_init(struct hchan_batch_call *b, struct iov_iter *iter,
		     struct hchan *ch, struct hchan_batch __user *ubatch,
		     u8 dir, bool nonblock, u32 most);
int hchan_batch_run(struct hchan_batch_call *b,
		    struct hchan_batch __user *ubatch);
int hchan_batch_resume(struct hchan_batch_call *b,
		       struct hchan_batch __user *ubatch, int why, bool gone);

#endif /* _HCHAN_BATCH_H */
