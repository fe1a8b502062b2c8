// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations through io_uring (C51): struct hchan_uring_cmd.
 *
 * Each command is tried first as the ioctl of the same number that must not wait: what
 * goes at once costs what the ioctl costs, without the system call, and allocates
 * nothing more. If it would have to wait, and may, it begins anew as a command that can
 * be parked (uring_park.c), or on a kernel whose commands can not be taken back it says
 * EAGAIN. A batch that may wait is not tried first, as it would be done in part.
 *
 * Nothing here sleeps for a partner, so it does not matter whether the submitter, the
 * ring's own thread or a worker issues it.
 */

#include <linux/uaccess.h>

#include "select.h"
#include "uring.h"

#if HCHAN_URING_PARKS

/* Begins anew, to wait. Return: -EIOCBQUEUED, or an error. */
static int begin(struct io_uring_cmd *io, void __user *arg,
		 unsigned int issue_flags)
{
	struct hchan *ch = io->file->private_data;
	struct hchan_cmd *cmd;

	switch (io->cmd_op) {
	case HCHAN_IOC_SEND:
		cmd = hchan_cmd_one(ch, arg, HCHAN_TX);
		break;
	case HCHAN_IOC_RECV:
		cmd = hchan_cmd_one(ch, arg, HCHAN_RX);
		break;
	case HCHAN_IOC_SENDN:
		cmd = hchan_cmd_batch(ch, arg, HCHAN_TX);
		break;
	case HCHAN_IOC_RECVN:
		cmd = hchan_cmd_batch(ch, arg, HCHAN_RX);
		break;
	default:
		cmd = hchan_cmd_select(arg);
		break;
	}
	return IS_ERR(cmd) ? PTR_ERR(cmd) : hchan_cmd_start(cmd, io, issue_flags);
}

#else

static int begin(struct io_uring_cmd *io, void __user *arg,
		 unsigned int issue_flags)
{
	return -EAGAIN;
}

#endif

/* Return: a result; -EIOCBQUEUED: it has to wait, if it may. */
static int try_channel(struct io_uring_cmd *io, void __user *arg, bool nowait)
{
	struct hchan *ch = io->file->private_data;
	int ret;

	if (hchan_direction(io->cmd_op) & ~io->file->f_mode)
		return -EBADF;
	switch (io->cmd_op) {
	case HCHAN_IOC_SEND:
		ret = hchan_fast_send(ch, arg, true);
		if (ret == HCHAN_LONG_WAY)
			ret = hchan_xfer_send(ch, arg, true);
		break;
	case HCHAN_IOC_RECV:
		ret = hchan_fast_recv(ch, arg, true);
		if (ret == HCHAN_LONG_WAY)
			ret = hchan_xfer_recv(ch, arg, true);
		break;
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_RECVN:
		if (HCHAN_URING_PARKS && !nowait)
			return -EIOCBQUEUED;
		return hchan_batch(ch, arg, io->cmd_op == HCHAN_IOC_SENDN ?
				   HCHAN_TX : HCHAN_RX, true, HCHAN_CMD_BATCH);
	case HCHAN_IOC_CLOSE:
		return arg ? -EINVAL : hchan_close(ch);
	default:
		return -ENOTTY;
	}
	return ret == -EAGAIN && !nowait ? -EIOCBQUEUED : ret;
}

static noinline int issue(struct io_uring_cmd *io, unsigned int issue_flags)
{
	const struct hchan_uring_cmd *args = hchan_uring_args(io);
	u64 arg = READ_ONCE(args->arg);
	bool nowait = io->file->f_flags & O_NONBLOCK;
	void __user *argp = u64_to_user_ptr(arg);
	int ret;

	if (READ_ONCE(args->__reserved) || (io->flags & IORING_URING_CMD_FIXED))
		return -EINVAL;
	switch (io->cmd_op) {
	case HCHAN_URING_CANCEL:
		return HCHAN_URING_PARKS ? hchan_cmd_cancel(io, arg) : -ENOENT;
	case HCHAN_IOC_SELECT:
		ret = hchan_select(argp, true);
		break;
	default:
		if (io->file->f_op != &hchan_fops)
			return -ENOTTY;
		ret = try_channel(io, argp, nowait);
		break;
	}
	return ret == -EIOCBQUEUED ? begin(io, argp, issue_flags) : ret;
}

/*
 * What is done most, at the head: one element that goes at once. Return: as
 * hchan_fast_send(), hchan_fast_recv(); HCHAN_LONG_WAY also for everything else.
 */
static __always_inline int quick(struct io_uring_cmd *io)
{
	const struct hchan_uring_cmd *args = hchan_uring_args(io);
	struct file *file = io->file;
	void __user *arg = u64_to_user_ptr(READ_ONCE(args->arg));

	if (unlikely(READ_ONCE(args->__reserved) || io->flags ||
		     file->f_op != &hchan_fops))
		return HCHAN_LONG_WAY;
	if (io->cmd_op == HCHAN_IOC_SEND && (file->f_mode & FMODE_WRITE))
		return hchan_fast_send(file->private_data, arg, false);
	if (io->cmd_op == HCHAN_IOC_RECV && (file->f_mode & FMODE_READ))
		return hchan_fast_recv(file->private_data, arg, false);
	return HCHAN_LONG_WAY;
}

static noinline int special(struct io_uring_cmd *io, unsigned int issue_flags)
{
	if (!(issue_flags & HCHAN_URING_F_CANCEL))
		return -EOPNOTSUPP;
	hchan_cmd_ring_cancels(io);
	return 0;
}

/**
 * hchan_uring_cmd() - a command, on a channel or on /dev/hchan
 * @io: io_uring's part of it
 * @issue_flags: IO_URING_F_*
 *
 * What has a result at once is completed here, also with EAGAIN, which returned would
 * mean to io_uring that it try again where one may sleep. Not every kernel takes a
 * positive result from here; 0 is safe, and cheaper so.
 *
 * Return: 0; -EIOCBQUEUED; -EOPNOTSUPP.
 */
int hchan_uring_cmd(struct io_uring_cmd *io, unsigned int issue_flags)
{
	int ret;

	if (unlikely(issue_flags & (HCHAN_URING_F_CANCEL | IO_URING_F_IOPOLL)))
		return special(io, issue_flags);
	ret = quick(io);
	if (!ret)
		return 0;
	if (unlikely(ret == HCHAN_LONG_WAY)) {
		ret = issue(io, issue_flags);
		if (ret == -EIOCBQUEUED)
			return ret;
	}
	io_uring_cmd_done(io, ret, 0, issue_flags);
	return -EIOCBQUEUED;
}
