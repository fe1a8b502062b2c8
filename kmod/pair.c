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
 * the memory has gone meanwhile, the call is not restarted.
 */

#include <linux/file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "engine.h"
#include "user.h"

/* What is checked before anything is done. Return: 0, -EBADF, -EMSGSIZE, -EFAULT. */
static int check(const struct hchan *ch, const struct file *from,
		 const struct hchan_sendrecv *arg,
		 struct hchan_sendrecv __user *uarg)
{
	if (from->f_op != &hchan_fops || !(from->f_mode & FMODE_READ))
		return -EBADF;
	if (!arg->sent && (!hchan_len_ok(ch, arg->send_len) ||
			   put_user(0, &uarg->sent)))
		return hchan_len_ok(ch, arg->send_len) ? -EFAULT : -EMSGSIZE;
	return hchan_recv_check(from->private_data,
				u64_to_user_ptr(arg->recv_buf), arg->recv_len,
				&uarg->actual);
}

static int send(struct hchan *ch, const struct hchan_sendrecv *arg,
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

static int both(struct hchan *ch, struct file *from,
		const struct hchan_sendrecv *arg,
		struct hchan_sendrecv __user *uarg, bool nonblock)
{
	struct hchan_deadline deadline;
	bool told = true;
	int ret;

	ret = hchan_deadline_init(&deadline, arg->flags, arg->deadline, false);
	if (ret)
		return ret;
	ret = check(ch, from, arg, uarg);
	if (ret)
		return ret;
	if (!arg->sent) {
		deadline.nowait = nonblock || (arg->flags & HCHAN_NOWAIT);
		ret = send(ch, arg, &deadline, uarg);
		if (ret)
			return ret;
		told = !put_user(1, &uarg->sent);
	}
	deadline.nowait = (from->f_flags & O_NONBLOCK) ||
			  (arg->flags & HCHAN_NOWAIT);
	ret = hchan_recv_run(from->private_data, u64_to_user_ptr(arg->recv_buf),
			     arg->recv_len, &deadline, &uarg->actual);
	return ret == -ERESTARTSYS && !told ? -EINTR : ret;
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
	struct hchan_sendrecv arg;
	struct fd from;
	int ret;

	if (!access_ok(uarg, sizeof(arg)) ||
	    hchan_copy_in(&arg, uarg, sizeof(arg)))
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
