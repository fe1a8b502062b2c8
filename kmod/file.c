// SPDX-License-Identifier: GPL-2.0-only
/* A channel's open file: one endpoint, its access mode is its direction (C42). */

#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "select.h"

/* Makes @file an endpoint of @ch, whose reference it takes over. */
void hchan_endpoint_init(struct file *file, struct hchan *ch)
{
	file->private_data = ch;
	hchan_attach(ch, file->f_mode);
}

/* The inode has a channel if it has a name; else it is anon.c that opens. */
static int hchan_file_open(struct inode *inode, struct file *file)
{
	struct hchan *ch = inode->i_private;

	stream_open(inode, file);
	file->f_mode |= FMODE_NOWAIT;
	if (ch) {
		hchan_get(ch);
		hchan_endpoint_init(file, ch);
	}
	return 0;
}

static int hchan_file_release(struct inode *inode, struct file *file)
{
	struct hchan *ch = file->private_data;

	hchan_watch_forget(ch, file);
	hchan_detach(ch, file->f_mode);
	hchan_put(ch);
	return 0;
}

static __poll_t hchan_file_poll(struct file *file, struct poll_table_struct *pt)
{
	struct hchan *ch = file->private_data;

	/* First the queues, then the judgement: see match.c. */
	if (file->f_mode & FMODE_READ)
		poll_wait(file, &ch->wq[HCHAN_RX], pt);
	if (file->f_mode & FMODE_WRITE)
		poll_wait(file, &ch->wq[HCHAN_TX], pt);
	return hchan_events(ch, file->f_mode);
}

static void hchan_file_fdinfo(struct seq_file *m, struct file *file)
{
	struct hchan *ch = file->private_data;
	struct hchan_stat stat;

	hchan_snapshot(ch, &stat);
	seq_printf(m, "hchan-id:\t%llu\n", stat.id);
	seq_printf(m, "hchan-kind:\t%s\n",
		   stat.flags & HCHAN_MSG ? "messages" : "elements");
	seq_printf(m, "hchan-elem-size:\t%u\n", stat.elem_size);
	seq_printf(m, "hchan-type-tag:\t%#llx\n", stat.type_tag);
	seq_printf(m, "hchan-length:\t%llu\n", stat.length);
	seq_printf(m, "hchan-capacity:\t%llu\n", stat.capacity);
	seq_printf(m, "hchan-parked-senders:\t%u\n", stat.parked_senders);
	seq_printf(m, "hchan-parked-receivers:\t%u\n", stat.parked_receivers);
	seq_printf(m, "hchan-senders:\t%u\n", stat.senders);
	seq_printf(m, "hchan-receivers:\t%u\n", stat.receivers);
	seq_printf(m, "hchan-state:\t%s%s%s\n",
		   stat.state & HCHAN_S_CLOSED ? "closed" : "open",
		   stat.state & HCHAN_S_NO_SENDERS ? " no-senders" : "",
		   stat.state & HCHAN_S_NO_RECEIVERS ? " no-receivers" : "");
	if (stat.state & HCHAN_S_TIMER)
		hchan_timer_show(m, ch);
	if (ch->flags & HCHAN_F_CTX)
		hchan_ctx_fdinfo(m, ch);
}

/**
 * hchan_open_flags() - check what a caller wants a descriptor to be
 * @open_flags: O_RDONLY, O_WRONLY or O_RDWR, with O_CLOEXEC, O_NONBLOCK
 *
 * Return: the flags, or -EINVAL.
 */
int hchan_open_flags(u32 open_flags)
{
	if (open_flags & ~(O_ACCMODE | O_CLOEXEC | O_NONBLOCK) ||
	    (open_flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return open_flags;
}

static noinline int hchan_narrow(struct file *from, struct hchan_narrow __user *unarrow)
{
	struct hchan *ch = from->private_data;
	struct hchan_narrow narrow;
	struct file *file;
	int flags, fd;

	if (copy_from_user(&narrow, unarrow, sizeof(narrow)))
		return -EFAULT;
	flags = hchan_open_flags(narrow.open_flags);
	if (flags < 0 || narrow.__reserved)
		return -EINVAL;
	if (OPEN_FMODE(flags) & ~from->f_mode & (FMODE_READ | FMODE_WRITE))
		return -EACCES;
	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	if (file_inode(from)->i_fop == &hchan_fops) {
		file = dentry_open(&from->f_path, flags & ~O_CLOEXEC,
				   current_cred());
	} else {
		hchan_get(ch);
		file = hchan_anon_open(ch, flags);
		if (IS_ERR(file))
			hchan_put(ch);
	}
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static noinline int wait_state(struct hchan *ch, struct hchan_wait __user *uwait)
{
	struct hchan_wait wait;
	int ret;

	if (copy_from_user(&wait, uwait, sizeof(wait)))
		return -EFAULT;
	ret = hchan_wait_state(ch, &wait);
	if (!ret && put_user(wait.seen, &uwait->seen))
		ret = -EFAULT;
	return ret;
}

/* The direction that a command needs: 0 is none. */
fmode_t hchan_direction(unsigned int cmd)
{
	switch (cmd) {
	case HCHAN_IOC_SEND:
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_SENDRECV:
	case HCHAN_IOC_CLOSE:
		return FMODE_WRITE;
	case HCHAN_IOC_RECV:
	case HCHAN_IOC_RECVN:
		return FMODE_READ;
	default:
		return 0;
	}
}

static long hchan_file_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	bool nonblock = file->f_flags & O_NONBLOCK;
	struct hchan *ch = file->private_data;
	void __user *argp = (void __user *)arg;
	int ret;

	if (hchan_direction(cmd) & ~file->f_mode)
		return -EBADF;
	switch (cmd) {
	case HCHAN_IOC_SEND:
		ret = hchan_fast_send(ch, argp, nonblock);
		if (ret != HCHAN_LONG_WAY)
			return ret;
		return hchan_xfer_send(ch, argp, nonblock);
	case HCHAN_IOC_RECV:
		ret = hchan_fast_recv(ch, argp, nonblock);
		if (ret != HCHAN_LONG_WAY)
			return ret;
		return hchan_xfer_recv(ch, argp, nonblock);
	case HCHAN_IOC_SENDN:
		return hchan_batch(ch, argp, HCHAN_TX, nonblock, INT_MAX);
	case HCHAN_IOC_RECVN:
		return hchan_batch(ch, argp, HCHAN_RX, nonblock, INT_MAX);
	case HCHAN_IOC_SENDRECV:
		return hchan_sendrecv(ch, argp, nonblock);
	case HCHAN_IOC_CLOSE:
		return arg ? -EINVAL : hchan_close(ch);
	case HCHAN_IOC_STAT:
		return hchan_copy_stat(ch, argp);
	case HCHAN_IOC_NARROW:
		return hchan_narrow(file, argp);
	case HCHAN_IOC_WAIT:
		return wait_state(ch, argp);
	case HCHAN_IOC_SPIN:
		return hchan_set_spin(ch, argp);
	case HCHAN_IOC_SELECT:
		return hchan_select(argp, false);
	case HCHAN_IOC_SET:
		return hchan_set_create(argp);
	case HCHAN_IOC_QUERY:
		return hchan_query(argp);
	case HCHAN_IOC_TIMER:
		return hchan_timer_create(argp);
	case HCHAN_IOC_TIMER_SET:
		return hchan_timer_set(ch, argp);
	case HCHAN_IOC_CTX:
	case HCHAN_IOC_CTX_STAT:
	case HCHAN_IOC_CTX_VALUE:
		return hchan_ctx_ioctl(ch, cmd, arg);
	default:
		return -ENOTTY;
	}
}

const struct file_operations hchan_fops = {
	.owner		= THIS_MODULE,
	.open		= hchan_file_open,
	.release	= hchan_file_release,
	.read		= hchan_read,
	.write		= hchan_write,
	.read_iter	= hchan_read_iter,
	.write_iter	= hchan_write_iter,
	.poll		= hchan_file_poll,
	.unlocked_ioctl	= hchan_file_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.uring_cmd	= hchan_uring_cmd,
	.show_fdinfo	= hchan_file_fdinfo,
	.llseek		= noop_llseek,
};

/**
 * hchan_create_anon() - HCHAN_IOC_CREATE on /dev/hchan
 * @ucreate: the caller's argument
 *
 * Return: a descriptor, or what struct hchan_create says.
 */
int hchan_create_anon(struct hchan_create __user *ucreate)
{
	struct hchan_create create;
	struct hchan_attr attr;
	struct file *file;
	struct hchan *ch;
	int flags, fd, ret;

	ret = hchan_copy_create(&create, ucreate);
	if (ret)
		return ret;
	flags = hchan_open_flags(create.open_flags);
	if (flags < 0 || create.name || create.name_len || create.mode ||
	    (create.flags & ~(HCHAN_MSG | HCHAN_DISCONNECT)))
		return -EINVAL;
	if (hchan_fault_in(ucreate, sizeof(*ucreate)))
		return -EFAULT;
	attr.flags = create.flags;
	attr.elem_size = create.elem_size;
	attr.capacity = create.capacity;
	attr.type_tag = create.type_tag;

	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	ch = hchan_alloc(&attr);
	if (IS_ERR(ch)) {
		ret = PTR_ERR(ch);
		goto put_fd;
	}
	file = hchan_anon_open(ch, flags);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		hchan_put(ch);
		goto put_fd;
	}
	ret = hchan_copy_found(ch, ucreate);
	if (ret) {
		fput(file);
		goto put_fd;
	}
	fd_install(fd, file);
	return fd;
put_fd:
	put_unused_fd(fd);
	return ret;
}
