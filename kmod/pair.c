// SPDX-License-Identifier: GPL-2.0-only
/*
 * HCHAN_IOC_SENDRECV: a send and a receive in one call.
 *
 * For who asks and waits for the answer, and for who answers and waits for the
 * next question: two of four system calls are saved, and who is woken by the send
 * does not run before its partner waits for it. What each of the two costs is as
 * it is alone.
 *
 * A signal between the two must not send twice. That the send has happened is
 * written down in the caller's argument, which a restart reads anew; whether
 * that can be written is tried before the send. If it fails all the same, as
 * the memory has gone meanwhile, the result is EFAULT. It is written with what else
 * there is to tell, when the call ends: nobody is promised to see it before.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "fault.h"
#include "quick.h"

/* The argument, of which the out fields can be written: they are, as they are. */
static __always_inline bool get_arg(struct hchan_sendrecv *arg,
				    struct hchan_sendrecv __user *uarg)
{
	if (!user_access_begin(uarg, sizeof(*uarg)))
		return false;
	unsafe_get_user(arg->send_buf, &uarg->send_buf, fault);
	unsafe_get_user(arg->recv_buf, &uarg->recv_buf, fault);
	unsafe_get_user(arg->send_len, &uarg->send_len, fault);
	unsafe_get_user(arg->recv_len, &uarg->recv_len, fault);
	unsafe_get_user(arg->recv_fd, &uarg->recv_fd, fault);
	unsafe_get_user(arg->flags, &uarg->flags, fault);
	unsafe_get_user(arg->deadline, &uarg->deadline, fault);
	unsafe_get_user(arg->sent, &uarg->sent, fault);
	unsafe_get_user(arg->status, &uarg->status, fault);
	/* The first and the last of them, should they lie on two pages. */
	unsafe_put_user(arg->sent, &uarg->sent, fault);
	unsafe_put_user(arg->status, &uarg->status, fault);
	user_access_end();
	return true;
fault:
	user_access_end();
	return false;
}

/* An element has come: all there is to say. */
static __always_inline bool tell(struct hchan_sendrecv __user *uarg, u32 actual)
{
	if (!user_write_access_begin(uarg, sizeof(*uarg)))
		return false;
	unsafe_put_user(1, &uarg->sent, fault);
	unsafe_put_user(actual, &uarg->actual, fault);
	unsafe_put_user(HCHAN_ST_OK, &uarg->status, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/* What is checked before anything is done. Return: 0, -EBADF, -EMSGSIZE, -EFAULT. */
static __always_inline int check(const struct hchan *ch, const struct file *from,
				 const struct hchan_sendrecv *arg,
				 struct hchan_sendrecv __user *uarg)
{
	void __user *buf = u64_to_user_ptr(arg->recv_buf);
	const struct hchan *from_ch = from->private_data;

	if (from->f_op != &hchan_fops || !(from->f_mode & FMODE_READ))
		return -EBADF;
	if (!arg->sent && unlikely(arg->send_len != ch->elem_size) &&
	    !hchan_len_ok(ch, arg->send_len))
		return -EMSGSIZE;
	if (likely(arg->recv_len == from_ch->elem_size))
		return hchan_fault_in_short(buf, arg->recv_len);
	return hchan_recv_check(from_ch, buf, arg->recv_len, &uarg->actual);
}

/* The send if somebody waits for it, as who asks and who answers do. */
static __always_inline bool give(struct hchan *ch, const u8 __user *buf,
				 bool sleeps)
{
	struct hchan_op *op;

	if (list_empty(&ch->queue[HCHAN_RX]) || !hchan_is_short(ch))
		return false;
	spin_lock(&ch->lock);
	op = hchan_give_locked(ch, buf);
	hchan_unlock_news(ch, HCHAN_RX, false);
	if (unlikely(!op))
		return false;
	if (likely(sleeps))
		hchan_call_complete_sync(op);
	else
		hchan_call_complete(op);
	return true;
}

static noinline int send(struct hchan *ch, const struct hchan_sendrecv *arg,
			 const struct hchan_deadline *deadline,
			 struct hchan_sendrecv __user *uarg)
{
	const void __user *buf = u64_to_user_ptr(arg->send_buf);
	u8 status;
	int ret;

	if (hchan_fast_put(ch, buf))
		return 0;
	ret = hchan_send_one(ch, buf, arg->send_len, deadline, &status);
	if (ret == -EPIPE && put_user((u32)status, &uarg->send_status))
		ret = -EFAULT;
	return ret;
}

/* After the send, or instead of it. */
static __always_inline int receive(struct hchan *ch,
				   const struct hchan_sendrecv *arg,
				   const struct hchan_deadline *deadline,
				   struct hchan_sendrecv __user *uarg)
{
	void __user *buf = u64_to_user_ptr(arg->recv_buf);
	struct hchan_call call __uninitialized;
	bool told;
	int ret;

	hchan_call_init(&call, HCHAN_RX);
	hchan_sleeper_init(&call.sleeper);
	call.w.room = arg->recv_len;
	if (likely(!deadline->nowait && deadline->at == KTIME_MAX) &&
	    likely(hchan_park_one(ch, &call.w, HCHAN_RX)))
		ret = hchan_call_wait(ch, &call, deadline);
	else
		ret = hchan_call_run(ch, &call, deadline);
	if (likely(!ret) && hchan_is_short(ch)) {
		if (likely(hchan_short_out(buf, call.cell.data, ch->elem_size) &&
			   tell(uarg, ch->elem_size)))
			return 1;
		hchan_cell_undo(ch, &call.cell, call.seq, NULL, false);
		ret = -EFAULT;
	} else {
		ret = hchan_recv_out(ch, &call, ret, buf, &uarg->actual, false);
	}
	told = arg->sent || !put_user(1, &uarg->sent);
	/* After anything else the caller may go on by what he reads in @sent. */
	return ret < 0 && !told ? -EFAULT : ret;
}

static __always_inline int both(struct hchan *ch, struct file *from,
				const struct hchan_sendrecv *arg,
				struct hchan_sendrecv __user *uarg, bool nonblock)
{
	struct hchan_deadline deadline __uninitialized;
	bool nowait;
	int ret;

	ret = hchan_deadline_init(&deadline, arg->flags, arg->deadline, nonblock);
	if (unlikely(ret))
		return ret;
	ret = check(ch, from, arg, uarg);
	if (unlikely(ret))
		return ret;
	nowait = (from->f_flags & O_NONBLOCK) || (arg->flags & HCHAN_NOWAIT);
	if (!arg->sent &&
	    unlikely(!give(ch, u64_to_user_ptr(arg->send_buf), !nowait))) {
		ret = send(ch, arg, &deadline, uarg);
		if (ret)
			return ret;
	}
	deadline.nowait = nowait;
	return receive(from->private_data, arg, &deadline, uarg);
}

/**
 * hchan_sendrecv() - HCHAN_IOC_SENDRECV
 * @ch: the channel to send to
 * @uarg: the caller's argument
 * @nonblock: O_NONBLOCK of the descriptor that sends
 *
 * Return: 1, 0 or what struct hchan_sendrecv says.
 */
int hchan_sendrecv(struct hchan *ch, struct hchan_sendrecv __user *uarg,
		   bool nonblock)
{
	struct hchan_sendrecv arg __uninitialized;
	struct fd from;
	int ret;

	if (!get_arg(&arg, uarg))
		return -EFAULT;
	if (arg.sent > 1)
		return -EINVAL;
	from = fdget(arg.recv_fd);
	if (!fd_file(from))
		return -EBADF;
	ret = both(ch, fd_file(from), &arg, uarg, nonblock);
	fdput(from);
	return ret;
}
