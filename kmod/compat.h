/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels hchan is built for, found out from their
 * headers: by the macros they define and the types their functions have. There
 * are no version numbers here and no differences anywhere else.
 */
#ifndef _HCHAN_COMPAT_H
#define _HCHAN_COMPAT_H

#ifdef CONFIG_X86
#include <linux/cpufeature.h>
#endif
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mnt_idmapping.h>
#include <linux/namei.h>
#include <linux/sysctl.h>

#ifdef HCHAN_HAVE_URING_CMD_H	/* the Makefile looks: sparse has no __has_include */
#include <linux/io_uring/cmd.h>
#else
#include <linux/io_uring.h>
#endif

/* A variable on the stack that needs no zeroes. */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized __attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

/*
 * How a mount maps user ids, as inode operations get it: a user namespace, or a
 * type of its own. hchanfs does not allow mapped mounts (FS_ALLOW_IDMAP), so it
 * is always HCHAN_NOP_IDMAP. What is not chosen is not compiled into anything,
 * so it need not exist.
 */
struct mnt_idmap;
extern struct mnt_idmap nop_mnt_idmap;

#define HCHAN_NOP_IDMAP							\
	__builtin_choose_expr(__same_type(simple_setattr,		\
					  int (struct user_namespace *,	\
					       struct dentry *,		\
					       struct iattr *)),	\
			      &init_user_ns, &nop_mnt_idmap)

#define hchan_idmap_t	typeof(*HCHAN_NOP_IDMAP)

/* follow_down() has got flags, which are about automounts. */
static inline int hchan_follow_1(int (*follow)(struct path *),
				 struct path *path)
{
	return follow(path);
}

static inline int hchan_follow_2(int (*follow)(struct path *, unsigned int),
				 struct path *path)
{
	return follow(path, 0);
}

#define HCHAN_FOLLOW							\
	__builtin_choose_expr(__same_type(follow_down,			\
					  int (struct path *)),		\
			      hchan_follow_1, hchan_follow_2)

/* Goes on from @path to what is mounted on it. */
static inline int hchan_follow_down(struct path *path)
{
	return HCHAN_FOLLOW(&follow_down, path);
}

/* The file in a struct fd. */
#ifndef fd_file
#define fd_file(f)	((f).file)
#endif

/*
 * A command of io_uring may be parked where its ring can ask for it back. Where it
 * can, its arguments are in the SQE; before, there was a pointer to them alone.
 */
#ifdef IORING_URING_CMD_CANCELABLE
#define HCHAN_URING_PARKS	1
#define HCHAN_URING_F_CANCEL	IO_URING_F_CANCEL
#define hchan_uring_args(io)	((const struct hchan_uring_cmd *)(io)->sqe->cmd)
#else
#define HCHAN_URING_PARKS	0
#define HCHAN_URING_F_CANCEL	0
#define hchan_uring_args(io)	((const struct hchan_uring_cmd *)(io)->cmd)
#endif

/* Whether the processor is surely no guest's, so that a wait in it costs its user alone. */
#ifdef CONFIG_X86
#define hchan_is_bare()	(!boot_cpu_has(X86_FEATURE_HYPERVISOR))
#else
#define hchan_is_bare()	false
#endif

/* Tables of sysctls end with an empty entry, unless their length is passed. */
#ifdef register_sysctl
#define HCHAN_SYSCTL_END
#else
#define HCHAN_SYSCTL_END	{ }
#endif

#endif /* _HCHAN_COMPAT_H */
