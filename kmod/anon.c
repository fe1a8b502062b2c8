// SPDX-License-Identifier: GPL-2.0-only
/*
 * The open file of a channel without a name, without a dentry of its own.
 *
 * anon_inode_getfile() makes a dentry for each file: more memory than the
 * channel's, and a quarter of what it costs to make and close it. All they are
 * good for is the text in /proc/PID/fd, so here all such files share one dentry,
 * on the inode that all anonymous files share.
 *
 * For a module dentry_open() is the way to an open file on a dentry that is
 * there. It takes the file operations from the inode, and the shared inode's
 * refuse (ENXIO), which is what has to become of an attempt to open the file
 * once more through /proc. So it opens @within, an inode of our own that nobody
 * else ever gets to see, and the file is moved to @shown before anybody has it.
 * Not even fanotify may see it, as events hold what they are about; once the file
 * is moved, it is notified of like any other.
 *
 * Nothing that may stay behind points at the module: a file lets go of the module
 * before it lets go of its dentry, and who looks at /proc/PID/fd or opens a
 * descriptor with O_PATH holds the dentry without the module. @shown, its inode
 * and their mount are the kernel's own; @within is held by calls that create
 * an endpoint, and those hold the module.
 */

#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/path.h>

#include "hchan.h"

static struct path shown;
static struct path within;

/* Moves a file that nobody has seen, and what do_dentry_open() counted. */
static void show(struct file *file)
{
	struct inode *inode = d_inode(shown.dentry);

	if (!(file->f_mode & FMODE_WRITE)) {
		i_readcount_dec(file->f_inode);
		i_readcount_inc(inode);
	}
	file->f_flags &= ~__FMODE_NONOTIFY;
	file->f_mode &= ~FMODE_NONOTIFY;
	file->f_path.dentry = dget(shown.dentry);
	file->f_inode = inode;
	file->f_mapping = inode->i_mapping;
	dput(within.dentry);
}

/**
 * hchan_anon_open() - make an endpoint of a channel
 * @ch: the channel; the file takes over the caller's reference if it works
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, with O_NONBLOCK; others are ignored
 *
 * Return: the open file, or an ERR_PTR.
 */
struct file *hchan_anon_open(struct hchan *ch, int flags)
{
	struct file *file;

	flags = (flags & (O_ACCMODE | O_NONBLOCK)) | __FMODE_NONOTIFY;
	file = dentry_open(&within, flags, current_cred());
	if (IS_ERR(file))
		return file;
	show(file);
	hchan_endpoint_init(file, ch);
	return file;
}

int __init hchan_anon_init(void)
{
	struct inode *inode;
	struct file *file;

	/* Only its path is of use. It may be freed late: nothing of ours in it. */
	file = anon_inode_getfile("[hchan]", &generic_ro_fops, NULL, O_RDONLY);
	if (IS_ERR(file))
		return PTR_ERR(file);
	shown = file->f_path;
	path_get(&shown);
	fput(file);

	inode = alloc_anon_inode(shown.mnt->mnt_sb);
	if (IS_ERR(inode)) {
		path_put(&shown);
		return PTR_ERR(inode);
	}
	/* A FIFO, as the named ones: its writers are not counted. */
	inode->i_mode |= S_IFIFO;
	inode->i_fop = &hchan_fops;
	within.mnt = mntget(shown.mnt);
	within.dentry = d_make_root(inode);
	if (!within.dentry) {
		mntput(within.mnt);
		path_put(&shown);
		return -ENOMEM;
	}
	return 0;
}

void hchan_anon_exit(void)
{
	path_put(&within);
	path_put(&shown);
}
