// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inodes of hchanfs: one flat directory, and a FIFO for every channel.
 *
 * A FIFO to stat(2) and to the VFS, as it is that in every respect but its file
 * operations: no truncation by O_TRUNC, no freeze protection while somebody is
 * parked, and it opens on a mount of a user namespace. Dentries are pinned from
 * creation to unlink, as in ramfs; the inode holds a reference to the channel.
 *
 * Anybody who may write to the directory can create a name, but a name is only
 * taken away by its owner, the directory's, or CAP_FOWNER. That is the rule of
 * a sticky directory, and the root is none all the same: fs.protected_fifos and
 * fs.protected_regular would refuse `>` to another user's channel in it.
 */

#include <linux/fs.h>
#include <linux/security.h>

#include "fs.h"

static void stamp(struct inode *inode, unsigned int which)
{
	struct timespec64 now = current_time(inode);
	struct iattr attr = {
		.ia_valid = which,
		.ia_atime = now,
		.ia_mtime = now,
		.ia_ctime = now,
	};

	setattr_copy(HCHAN_NOP_IDMAP, inode, &attr);
}

static int hchanfs_setattr(hchan_idmap_t *idmap, struct dentry *dentry,
			   struct iattr *attr)
{
	/* truncate(2) refuses a FIFO and open(2) does not truncate it. */
	if (attr->ia_valid & ATTR_SIZE)
		return -EINVAL;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations hchanfs_chan_iops = {
	.setattr = hchanfs_setattr,
};

static struct hchan *plain_channel(struct super_block *sb)
{
	const struct hchanfs_info *info = sb->s_fs_info;
	struct hchan_attr attr = {
		.flags = HCHAN_MSG,
		.elem_size = READ_ONCE(info->msg),
		.capacity = READ_ONCE(info->cap),
	};

	return hchan_alloc(&attr);
}

/*
 * mkfifo(1), plain O_CREAT, and HCHAN_IOC_CREATE, which brings the channel along
 * in d_fsdata. Either all of it is made, or nothing.
 */
static int hchanfs_mknod(hchan_idmap_t *idmap, struct inode *dir,
			 struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct hchan *ch = dentry->d_fsdata;
	struct inode *inode;
	int err;

	if (!S_ISFIFO(mode))
		return -EPERM;

	if (ch)
		hchan_get(ch);
	else
		ch = plain_channel(dir->i_sb);
	if (IS_ERR(ch))
		return PTR_ERR(ch);

	inode = new_inode(dir->i_sb);
	if (!inode) {
		hchan_put(ch);
		return -ENOMEM;
	}
	/* From here on the inode's end is the end of this reference too. */
	inode->i_private = ch;
	inode->i_ino = get_next_ino();
	inode_init_owner(idmap, inode, dir, mode);
	inode->i_op = &hchanfs_chan_iops;
	inode->i_fop = &hchan_fops;
	stamp(inode, ATTR_ATIME | ATTR_MTIME | ATTR_CTIME);

	err = security_inode_init_security(inode, dir, &dentry->d_name, NULL,
					   NULL);
	if (err && err != -EOPNOTSUPP) {
		iput(inode);
		return err;
	}

	d_instantiate(dentry, inode);
	dget(dentry);
	stamp(dir, ATTR_MTIME | ATTR_CTIME);
	return 0;
}

static int hchanfs_create(hchan_idmap_t *idmap, struct inode *dir,
			  struct dentry *dentry, umode_t mode, bool excl)
{
	return hchanfs_mknod(idmap, dir, dentry,
			     S_IFIFO | (mode & S_IALLUGO), 0);
}

static int hchanfs_unlink(struct inode *dir, struct dentry *dentry)
{
	if (__check_sticky(HCHAN_NOP_IDMAP, dir, d_inode(dentry)))
		return -EPERM;
	return simple_unlink(dir, dentry);
}

/* There is one directory only, so both are the same. */
static int hchanfs_rename(hchan_idmap_t *idmap, struct inode *old_dir,
			  struct dentry *old_dentry, struct inode *new_dir,
			  struct dentry *new_dentry, unsigned int flags)
{
	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	if (__check_sticky(idmap, old_dir, d_inode(old_dentry)))
		return -EPERM;
	if (d_really_is_positive(new_dentry) &&
	    __check_sticky(idmap, new_dir, d_inode(new_dentry)))
		return -EPERM;
	return simple_rename(idmap, old_dir, old_dentry, new_dir, new_dentry,
			     flags);
}

static const struct inode_operations hchanfs_dir_iops = {
	.lookup		= simple_lookup,
	.create		= hchanfs_create,
	.mknod		= hchanfs_mknod,
	.unlink		= hchanfs_unlink,
	.rename		= hchanfs_rename,
	.setattr	= hchanfs_setattr,
};

static const struct file_operations hchanfs_dir_fops = {
	.owner		= THIS_MODULE,
	.open		= dcache_dir_open,
	.release	= dcache_dir_close,
	.llseek		= dcache_dir_lseek,
	.read		= generic_read_dir,
	.iterate_shared	= dcache_readdir,
	.fsync		= noop_fsync,
	.unlocked_ioctl	= hchanfs_dir_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

/* The root directory's inode, or NULL. */
struct inode *hchanfs_root(struct super_block *sb, umode_t mode, kuid_t uid,
			   kgid_t gid)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = S_IFDIR | mode;
	inode->i_uid = uid;
	inode->i_gid = gid;
	set_nlink(inode, 2);
	inode->i_op = &hchanfs_dir_iops;
	inode->i_fop = &hchanfs_dir_fops;
	stamp(inode, ATTR_ATIME | ATTR_MTIME | ATTR_CTIME);
	return inode;
}

/* The name is gone, and everybody who had it open. */
void hchanfs_evict(struct inode *inode)
{
	struct hchan *ch = hchanfs_chan(inode);

	clear_inode(inode);
	if (ch)
		hchan_put(ch);
}
