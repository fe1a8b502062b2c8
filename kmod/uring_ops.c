// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a parked command does: one element, a batch, a select. See uring_park.c.
 *
 * An element to be sent is copied in when the command is made, but for what is beyond
 * HCHAN_BATCH_BYTES of a batch, which is read as it gets on; one that is received is
 * copied out in the submitter's task. One that can not be, or whose command's task is
 * gone, is returned to the channel (C38, C41).
 */

#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "batch.h"
#include "engine.h"
#include "select.h"
#include "uring.h"

#if HCHAN_URING_PARKS

/* One element. The file of the command holds @ch, in all of these. */
struct one {
	struct hchan_cmd cmd;
	struct hchan *ch;
	struct hchan_xfer __user *uxfer;
	void __user *buf;
	struct hchan_call call;
};

static struct one *one_of(struct hchan_cmd *cmd)
{
	return container_of(cmd, struct one, cmd);
}

/* @ret: of the engine. Return: of the command. */
static int one_out(struct one *one, int ret, bool gone)
{
	struct hchan_waiter *w = &one->call.w;

	if (w->dir == HCHAN_RX && !gone)
		return hchan_recv_out(one->ch, &one->call, ret, one->buf,
				      &one->uxfer->actual, true);
	if (w->dir == HCHAN_RX) {
		if (!ret)
			hchan_return(one->ch, &one->call.cell, one->call.seq,
				     NULL);
		return -ECANCELED;
	}
	if (!ret)
		return 0;	/* the element is the receiver's */
	hchan_cell_free(one->ch, &one->call.cell);
	if (ret == -EPIPE && !gone &&
	    put_user((u32)w->status, &one->uxfer->status))
		return -EFAULT;
	return ret;
}

static int one_start(struct hchan_cmd *cmd)
{
	struct one *one = one_of(cmd);
	int ret = hchan_call_begin(one->ch, &one->call, &cmd->deadline);

	return ret == -EIOCBQUEUED ? ret : one_out(one, ret, false);
}

static bool one_claim(struct hchan_cmd *cmd)
{
	struct one *one = one_of(cmd);

	return hchan_cancel(one->ch, &one->call.w);
}

static int one_end(struct hchan_cmd *cmd, int why, bool gone)
{
	struct one *one = one_of(cmd);

	return one_out(one, why ? why : one->call.w.error, gone);
}

static void one_free(struct hchan_cmd *cmd)
{
	kfree(one_of(cmd));
}

static void one_complete(struct hchan_op *op)
{
	hchan_cmd_fired(&container_of(op, struct one, call.op)->cmd);
}

static const struct hchan_cmd_ops one_ops = {
	.start = one_start,
	.claim = one_claim,
	.end = one_end,
	.free = one_free,
};

static int one_init(struct one *one, struct hchan *ch,
		    struct hchan_xfer __user *uxfer, u8 dir)
{
	struct hchan_call *call = &one->call;
	struct hchan_xfer xfer;
	int ret;

	ret = hchan_xfer_copy_in(&xfer, &one->cmd.deadline, uxfer, false);
	if (ret)
		return ret;
	one->cmd.ops = &one_ops;
	one->ch = ch;
	one->uxfer = uxfer;
	one->buf = u64_to_user_ptr(xfer.buf);
	hchan_call_init(call, dir);
	call->op.complete = one_complete;
	if (dir == HCHAN_RX) {
		call->w.room = xfer.len;
		return hchan_recv_check(ch, one->buf, xfer.len, &uxfer->actual);
	}
	if (!hchan_len_ok(ch, xfer.len))
		return -EMSGSIZE;
	return hchan_cell_copy_in(ch, &call->cell, one->buf, xfer.len);
}

/**
 * hchan_cmd_one() - a command for HCHAN_IOC_SEND or HCHAN_IOC_RECV
 * @ch: the channel
 * @uxfer: the caller's argument
 * @dir: HCHAN_TX or HCHAN_RX
 *
 * Return: the command, to be started; or what struct hchan_xfer says.
 */
struct hchan_cmd *hchan_cmd_one(struct hchan *ch, struct hchan_xfer __user *uxfer,
				u8 dir)
{
	struct one *one = kmalloc(sizeof(*one), HCHAN_GFP_USER);
	int ret;

	if (!one)
		return ERR_PTR(-ENOMEM);
	ret = one_init(one, ch, uxfer, dir);
	if (!ret)
		return &one->cmd;
	kfree(one);
	return ERR_PTR(ret);
}

/* A batch. */
struct several {
	struct hchan_cmd cmd;
	struct hchan_batch __user *ubatch;
	struct iov_iter iter;
	struct hchan_batch_call b;
};

static struct several *several_of(struct hchan_cmd *cmd)
{
	return container_of(cmd, struct several, cmd);
}

static int several_start(struct hchan_cmd *cmd)
{
	struct several *several = several_of(cmd);

	return hchan_batch_run(&several->b, several->ubatch);
}

static bool several_claim(struct hchan_cmd *cmd)
{
	struct hchan_batch_call *b = &several_of(cmd)->b;

	return hchan_cancel(b->ch, &b->call.w);
}

static int several_end(struct hchan_cmd *cmd, int why, bool gone)
{
	struct several *several = several_of(cmd);

	return hchan_batch_resume(&several->b, several->ubatch, why, gone);
}

static void several_free(struct hchan_cmd *cmd)
{
	kfree(several_of(cmd));
}

static void several_complete(struct hchan_op *op)
{
	hchan_cmd_fired(&container_of(op, struct several, b.call.op)->cmd);
}

static const struct hchan_cmd_ops several_ops = {
	.start = several_start,
	.claim = several_claim,
	.end = several_end,
	.free = several_free,
};

/* As hchan_cmd_one(), for HCHAN_IOC_SENDN or HCHAN_IOC_RECVN. */
struct hchan_cmd *hchan_cmd_batch(struct hchan *ch,
				  struct hchan_batch __user *ubatch, u8 dir)
{
	struct several *several = kmalloc(sizeof(*several), HCHAN_GFP_USER);
	int ret;

	if (!several)
		return ERR_PTR(-ENOMEM);
	ret = hchan_batch_init(&several->b, &several->iter, ch, ubatch, dir, false,
			       HCHAN_CMD_BATCH);
	if (ret) {
		kfree(several);
		return ERR_PTR(ret);
	}
	several->b.complete = several_complete;
	several->cmd.ops = &several_ops;
	several->cmd.deadline = several->b.deadline;
	several->ubatch = ubatch;
	return &several->cmd;
}

/* A select. It holds the files of its cases. */
struct any {
	struct hchan_cmd cmd;
	struct hchan_sel sel;
};

static struct any *any_of(struct hchan_cmd *cmd)
{
	return container_of(cmd, struct any, cmd);
}

static void any_complete(struct hchan_op *op)
{
	hchan_cmd_fired(&container_of(op, struct any, sel.pick.op)->cmd);
}

static int any_run(struct hchan_cmd *cmd)
{
	struct hchan_sel *sel = &any_of(cmd)->sel;
	int why_not = hchan_must_not_wait(&cmd->deadline);
	int ret;

	ret = hchan_pick_now(&sel->pick, why_not);
	if (ret == -EBUSY)
		ret = hchan_sel_park(sel, NULL);
	if (ret != -EAGAIN)
		return ret;
	sel->pick.winner = NULL;
	if (why_not)
		return why_not;
	sel->pick.complete = any_complete;
	return hchan_pick_park(&sel->pick);
}

static int any_start(struct hchan_cmd *cmd)
{
	struct hchan_sel *sel = &any_of(cmd)->sel;
	int ret = hchan_sel_begin(sel);

	if (!ret)
		ret = any_run(cmd);
	return ret == -EIOCBQUEUED ? ret : hchan_sel_end(sel, ret);
}

static bool any_claim(struct hchan_cmd *cmd)
{
	return hchan_claim(&any_of(cmd)->sel.pick.op, HCHAN_OP_CANCELLED);
}

static int any_end(struct hchan_cmd *cmd, int why, bool gone)
{
	struct hchan_sel *sel = &any_of(cmd)->sel;
	int ret = hchan_pick_unpark(&sel->pick, why);

	return gone ? hchan_sel_abandon(sel, ret) : hchan_sel_end(sel, ret);
}

static void any_free(struct hchan_cmd *cmd)
{
	hchan_sel_free(&any_of(cmd)->sel);
	kfree(any_of(cmd));
}

static const struct hchan_cmd_ops any_ops = {
	.start = any_start,
	.claim = any_claim,
	.end = any_end,
	.free = any_free,
};

/* As hchan_cmd_one(), for HCHAN_IOC_SELECT. */
struct hchan_cmd *hchan_cmd_select(struct hchan_select __user *usel)
{
	struct any *any = kmalloc(sizeof(*any), HCHAN_GFP_USER);
	int ret;

	if (!any)
		return ERR_PTR(-ENOMEM);
	ret = hchan_sel_init(&any->sel, &any->cmd.deadline, usel);
	if (ret) {
		kfree(any);
		return ERR_PTR(ret);
	}
	any->cmd.ops = &any_ops;
	any->sel.shared = true;		/* it outlives the call */
	ret = hchan_sel_room(&any->sel);
	if (!ret)
		return &any->cmd;
	any_free(&any->cmd);
	return ERR_PTR(ret);
}

#endif /* HCHAN_URING_PARKS */
