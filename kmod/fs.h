/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of hchanfs share. */
#ifndef _HCHAN_FS_H
#define _HCHAN_FS_H

#include "compat.h"
#include "hchan.h"

#define HCHANFS_MAGIC	0x6863686e	/* "hchn", in statfs(2) */

/*
 * struct hchanfs_info - a mount's options, at super_block.s_fs_info
 *
 * What a plain O_CREAT and mkfifo(1) make: a channel of messages of at most
 * @msg bytes, @cap of them buffered. A remount changes the two one after the
 * other; a channel that is made meanwhile may get one old and one new.
 */
struct hchanfs_info {
	u32 msg;
	u32 cap;
};

/* The channel behind an inode, NULL if it is none. The inode holds it. */
static inline struct hchan *hchanfs_chan(const struct inode *inode)
{
	return inode->i_fop == &hchan_fops ? inode->i_private : NULL;
}

/* fs_names.c */
struct inode *hchanfs_root(struct super_block *sb, umode_t mode, kuid_t uid,
			   kgid_t gid);
void hchanfs_evict(struct inode *inode);

/* fs_ioctl.c */
long hchanfs_dir_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* _HCHAN_FS_H */
