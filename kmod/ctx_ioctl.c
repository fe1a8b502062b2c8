// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts, as programs see them: HCHAN_IOC_CTX and what works on its descriptors.
 *
 * The right to cancel is a descriptor of its own, an anonymous file that holds the
 * context. No child gets it, and a context that was made without has none (C34).
 */

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ctx.h"

/* Size of the first version. */
#define CTX_SIZE_1	64
#define CTX_STAT_SIZE_1	160

/* --- the right to cancel --------------------------------------------------- */

static int copy_cause(struct hchan_cause *cause,
		      const struct hchan_cause __user *ucause)
{
	if (copy_from_user(cause, ucause, sizeof(*cause)))
		return -EFAULT;
	if (cause->len > HCHAN_CAUSE_MAX)
		return -EINVAL;
	memset(cause->text + cause->len, 0, HCHAN_CAUSE_MAX - cause->len);
	return 0;
}

/* HCHAN_IOC_CTX_STAT. */
static int ctx_stat(struct hchan_context *ctx, struct hchan_ctx_stat __user *ustat)
{
	struct hchan_ctx_stat stat;
	u32 size;
	int ret;

	BUILD_BUG_ON(sizeof(stat) != CTX_STAT_SIZE_1);
	if (get_user(size, &ustat->size))
		return -EFAULT;
	ret = hchan_ctx_expire(ctx);
	if (ret)
		return ret;
	hchan_ctx_snapshot(ctx, &stat);
	stat.size = sizeof(stat);
	return hchan_copy_sized(ustat, size, &stat, sizeof(stat), CTX_STAT_SIZE_1);
}

/* HCHAN_IOC_CTX_CANCEL. */
static int ctx_cancel(struct hchan_context *ctx, struct hchan_cause __user *ucause)
{
	struct hchan_cause cause = { };
	int ret;

	ret = ucause ? copy_cause(&cause, ucause) : 0;
	return ret ? ret : hchan_ctx_cancel(ctx, &cause, true);
}

static long cancel_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct hchan_context *ctx = hchan_ctx_of(file->private_data);
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case HCHAN_IOC_CTX_CANCEL:
		return ctx_cancel(ctx, argp);
	case HCHAN_IOC_CTX_STAT:
		return ctx_stat(ctx, argp);
	default:
		return -ENOTTY;
	}
}

static void show(struct seq_file *m, struct hchan_context *ctx)
{
	static const char *const errors[] = { "none", "cancelled", "deadline" };
	struct hchan_ctx_stat stat;

	hchan_ctx_snapshot(ctx, &stat);
	seq_printf(m, "hchan-ctx-err:\t%s\n", errors[stat.err]);
	if (stat.deadline == KTIME_MAX)
		seq_puts(m, "hchan-ctx-deadline:\tnever\n");
	else
		seq_printf(m, "hchan-ctx-deadline:\t%lld\n", stat.deadline);
	seq_printf(m, "hchan-ctx-children:\t%u\n", stat.children);
}

static void cancel_fdinfo(struct seq_file *m, struct file *file)
{
	struct hchan *ch = file->private_data;

	seq_printf(m, "hchan-id:\t%llu\n", ch->id);
	seq_printf(m, "hchan-cancels:\t%s\n",
		   hchan_ctx_of(ch)->loss ? "on-loss" : "on-request");
	show(m, hchan_ctx_of(ch));
}

/* Nobody is left who could cancel. */
static int cancel_release(struct inode *inode, struct file *file)
{
	struct hchan *ch = file->private_data;

	hchan_ctx_lose(hchan_ctx_of(ch));
	hchan_put(ch);
	return 0;
}

static const struct file_operations cancel_fops = {
	.owner		= THIS_MODULE,
	.release	= cancel_release,
	.unlocked_ioctl	= cancel_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.show_fdinfo	= cancel_fdinfo,
	.llseek		= noop_llseek,
};

/* --- making one ------------------------------------------------------------ */

/* Takes the argument, and looks whether it makes sense. */
static int copy_ctx(struct hchan_ctx *arg, struct hchan_ctx __user *uarg)
{
	u32 size;
	int ret;

	BUILD_BUG_ON(sizeof(*arg) != CTX_SIZE_1);
	if (get_user(size, &uarg->size))
		return -EFAULT;
	if (size < CTX_SIZE_1 || size > PAGE_SIZE)
		return -EINVAL;
	ret = copy_struct_from_user(arg, sizeof(*arg), uarg, size);
	if (ret)
		return ret;
	if (arg->flags & ~(HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS |
			   HCHAN_CTX_DETACH | HCHAN_DEADLINE) ||
	    arg->open_flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if ((arg->flags & HCHAN_CTX_ON_LOSS) && !(arg->flags & HCHAN_CTX_CANCEL))
		return -EINVAL;
	if (!(arg->flags & HCHAN_DEADLINE) && (arg->deadline || arg->cause))
		return -EINVAL;
	if (arg->key_len > HCHAN_CTX_KEY_MAX || arg->value_len > HCHAN_CTX_VALUE_MAX)
		return -EMSGSIZE;
	if (!arg->key_len && (arg->key || arg->value || arg->value_len))
		return -EINVAL;
	return 0;
}

/* Its memory, with what the caller puts into it. */
static struct hchan_context *make(struct hchan_context *parent,
				  const struct hchan_ctx *arg)
{
	const struct hchan_ctx_want want = {
		.parent = parent,
		.detached = arg->flags & HCHAN_CTX_DETACH,
		.caused = arg->flags & (HCHAN_CTX_CANCEL | HCHAN_DEADLINE),
		.on_loss = arg->flags & HCHAN_CTX_ON_LOSS,
		.key_len = arg->key_len,
		.value_len = arg->value_len,
		.deadline = arg->flags & HCHAN_DEADLINE ?
			    hchan_time_add(arg->deadline, -hchan_time_ahead()) :
			    KTIME_MAX,
	};
	struct hchan_context *ctx = hchan_ctx_alloc(&want);
	int ret = 0;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	if (arg->cause)
		ret = copy_cause(ctx->own, u64_to_user_ptr(arg->cause));
	if (!ret && (copy_from_user(ctx->key, u64_to_user_ptr(arg->key),
				    arg->key_len) ||
		     copy_from_user(ctx->key + arg->key_len,
				    u64_to_user_ptr(arg->value), arg->value_len)))
		ret = -EFAULT;
	if (!ret)
		ret = hchan_ctx_begin(ctx);
	if (ret) {
		kvfree(ctx);
		return ERR_PTR(ret);
	}
	return ctx;
}

/* Both descriptors: files[0] the context's, files[1] what cancels it, or NULL. */
static int open_files(struct hchan_context *ctx, u32 flags, bool cancels,
		      struct file **files)
{
	struct hchan *ch = ctx->ch;

	flags &= O_NONBLOCK;
	files[0] = hchan_anon_open(ch, O_RDONLY | flags);
	if (IS_ERR(files[0])) {
		hchan_put(ch);
		return PTR_ERR(files[0]);
	}
	files[1] = NULL;
	if (!cancels)
		return 0;
	hchan_get(ch);
	files[1] = anon_inode_getfile("[hchan-cancel]", &cancel_fops, ch,
				      O_RDWR | flags);
	if (!IS_ERR(files[1]))
		return 0;
	hchan_put(ch);
	fput(files[0]);
	return PTR_ERR(files[1]);
}

/* The context as @fds, which are reserved. */
static int begin(struct hchan_context *parent, const struct hchan_ctx *arg,
		 struct hchan_ctx __user *uarg, const int *fds)
{
	struct hchan_context *ctx = make(parent, arg);
	struct file *files[2];
	int ret;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	ret = open_files(ctx, arg->open_flags, fds[1] >= 0, files);
	if (ret)
		return ret;
	/* The files hold it. */
	ret = hchan_ctx_join(ctx);
	if (!ret && (put_user((s32)fds[1], &uarg->cancel_fd) ||
		     put_user(ctx->ch->id, &uarg->id)))
		ret = -EFAULT;
	if (ret) {
		fput(files[0]);
		if (files[1])
			fput(files[1]);
		return ret;
	}
	fd_install(fds[0], files[0]);
	if (files[1])
		fd_install(fds[1], files[1]);
	return 0;
}

/**
 * hchan_ctx_create() - HCHAN_IOC_CTX
 * @ch: the parent's channel; NULL: the background
 * @uarg: the caller's argument
 *
 * Return: a descriptor, or what struct hchan_ctx says.
 */
int hchan_ctx_create(struct hchan *ch, struct hchan_ctx __user *uarg)
{
	struct hchan_ctx arg;
	int fds[2] = { -1, -1 };
	int ret;

	if (ch && !(ch->flags & HCHAN_F_CTX))
		return -ENOTTY;
	ret = copy_ctx(&arg, uarg);
	if (ret)
		return ret;
	if (hchan_fault_in(uarg, sizeof(*uarg)))
		return -EFAULT;
	fds[0] = get_unused_fd_flags(arg.open_flags & O_CLOEXEC);
	if (fds[0] < 0)
		return fds[0];
	if (arg.flags & HCHAN_CTX_CANCEL) {
		fds[1] = get_unused_fd_flags(arg.open_flags & O_CLOEXEC);
		if (fds[1] < 0) {
			ret = fds[1];
			goto put_fd;
		}
	}
	ret = begin(ch ? hchan_ctx_of(ch) : NULL, &arg, uarg, fds);
	if (!ret)
		return fds[0];
	if (fds[1] >= 0)
		put_unused_fd(fds[1]);
put_fd:
	put_unused_fd(fds[0]);
	return ret;
}

/* --- on a context ---------------------------------------------------------- */

/*
 * The nearest from @ctx up that has that key (C37). Parents and values do not change,
 * and whoever has @ctx has all of them: it takes no lock, however long it is.
 */
static struct hchan_context *find(struct hchan_context *ctx, const u8 *key, u32 len)
{
	u32 steps;

	for (steps = 1; ctx; ctx = ctx->parent, steps++) {
		if (ctx->key_len == len && !memcmp(ctx->key, key, len))
			return ctx;
		if (steps % 1024)
			continue;
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
		cond_resched();
	}
	return ERR_PTR(-ENOENT);
}

/* HCHAN_IOC_CTX_VALUE. */
static int ctx_value(struct hchan_context *ctx, struct hchan_ctx_value __user *uarg)
{
	struct hchan_ctx_value arg;
	u8 key[HCHAN_CTX_KEY_MAX];
	void __user *buf;

	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (arg.__reserved)
		return -EINVAL;
	if (!arg.key_len || arg.key_len > sizeof(key))
		return put_user(0U, &uarg->actual) ? -EFAULT : -EMSGSIZE;
	if (copy_from_user(key, u64_to_user_ptr(arg.key), arg.key_len))
		return -EFAULT;
	ctx = find(ctx, key, arg.key_len);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	if (ctx->value_len > arg.len)
		return put_user((u32)ctx->value_len, &uarg->actual) ? -EFAULT :
								       -EMSGSIZE;
	buf = u64_to_user_ptr(arg.buf);
	if (hchan_fault_in(buf, ctx->value_len) ||
	    hchan_fault_in(&uarg->actual, sizeof(uarg->actual)) ||
	    copy_to_user(buf, ctx->key + ctx->key_len, ctx->value_len) ||
	    put_user((u32)ctx->value_len, &uarg->actual))
		return -EFAULT;
	return 0;
}

/* What works on a context and on no other channel. */
long hchan_ctx_ioctl(struct hchan *ch, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	if (!(ch->flags & HCHAN_F_CTX))
		return -ENOTTY;
	switch (cmd) {
	case HCHAN_IOC_CTX:
		return hchan_ctx_create(ch, argp);
	case HCHAN_IOC_CTX_STAT:
		return ctx_stat(hchan_ctx_of(ch), argp);
	case HCHAN_IOC_CTX_VALUE:
		return ctx_value(hchan_ctx_of(ch), argp);
	default:
		return -ENOTTY;
	}
}

/* The context's lines in its descriptor's fdinfo. */
void hchan_ctx_fdinfo(struct seq_file *m, struct hchan *ch)
{
	show(m, hchan_ctx_of(ch));
}
