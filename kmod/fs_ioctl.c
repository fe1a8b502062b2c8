// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an hchanfs directory can do beyond open(2): create or open a channel with
 * attributes, and look at one by name without opening it.
 *
 * A name is looked up as open(2) does, through what is mounted on it, so a
 * channel that is bind mounted from elsewhere is found here too. The same rights
 * are asked for: to write to the directory for a creation, the channel's mode
 * for opening it, unless this call created it.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "fs.h"

/* @name has room for HCHAN_NAME_MAX + 1 bytes. */
static int copy_name(char *name, u64 uname, u32 len)
{
	if (!len)
		return -EINVAL;
	if (len > HCHAN_NAME_MAX)
		return -ENAMETOOLONG;
	if (copy_from_user(name, u64_to_user_ptr(uname), len))
		return -EFAULT;
	name[len] = '\0';
	if (strlen(name) != len || strchr(name, '/') ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	return 0;
}

/* What no combination of flags and fields may be, whatever the name is. */
static int check_create(const struct hchan_create *create)
{
	const u32 stated = HCHAN_CREATE | HCHAN_EXPECT;
	const u32 attr = HCHAN_MSG | HCHAN_DISCONNECT;
	u32 flags = create->flags;

	if (flags & HCHAN_EXCL && !(flags & HCHAN_CREATE))
		return -EINVAL;
	if ((flags & stated) == stated)
		return -EINVAL;
	if (!(flags & stated) &&
	    (create->elem_size || create->capacity || flags & attr))
		return -EINVAL;
	if (create->mode & ~(flags & HCHAN_CREATE ? 0777 : 0))
		return -EINVAL;
	if (flags & HCHAN_NO_OPEN && create->open_flags)
		return -EINVAL;
	if (flags & stated &&
	    (create->elem_size > HCHAN_ELEM_MAX ||
	     (flags & HCHAN_MSG && !create->elem_size)))
		return -EMSGSIZE;
	return 0;
}

/* Whether an existing channel is what the caller takes it for (C47). */
static bool agrees(const struct hchan *ch, const struct hchan_create *create)
{
	if (create->type_tag && ch->type_tag &&
	    create->type_tag != ch->type_tag)
		return false;
	if (!(create->flags & (HCHAN_CREATE | HCHAN_EXPECT)))
		return true;
	return create->elem_size == ch->elem_size &&
	       (create->flags & HCHAN_MSG) ==
	       (ch->flags & HCHAN_MSG);
}

static struct dentry *lookup(const struct path *dir, const char *name)
{
	return lookup_one_positive_unlocked(HCHAN_NOP_IDMAP, name, dir->dentry,
					    strlen(name));
}

/*
 * Creates @name for a channel that is ready, or answers the dentry that was
 * there before. vfs_mknod() checks the rights, applies the umask, asks the
 * security modules and tells inotify; the channel reaches ->mknod() in d_fsdata,
 * which belongs to whoever has the directory locked.
 */
static struct dentry *link_channel(const struct path *dir, const char *name,
				   umode_t mode, struct hchan *ch,
				   bool *created)
{
	struct inode *inode = d_inode(dir->dentry);
	struct dentry *dentry;
	int err;

	inode_lock_nested(inode, I_MUTEX_PARENT);
	dentry = lookup_one(HCHAN_NOP_IDMAP, name, dir->dentry, strlen(name));
	if (IS_ERR(dentry) || d_is_positive(dentry))
		goto out;

	mode = S_IFIFO | (mode & ~current_umask());
	err = security_path_mknod(dir, dentry, mode, 0);
	if (!err) {
		dentry->d_fsdata = ch;
		err = vfs_mknod(HCHAN_NOP_IDMAP, inode, dentry, mode, 0);
		dentry->d_fsdata = NULL;
	}
	if (err) {
		dput(dentry);
		dentry = ERR_PTR(err);
	} else {
		*created = true;
	}
out:
	inode_unlock(inode);
	return dentry;
}

/* The channel is allocated before the directory is locked: it may take long. */
static struct dentry *create_name(struct file *dirfile, const char *name,
				  const struct hchan_create *create,
				  bool *created)
{
	const struct hchan_attr attr = {
		.flags = create->flags & (HCHAN_MSG | HCHAN_DISCONNECT),
		.elem_size = create->elem_size,
		.capacity = create->capacity,
		.type_tag = create->type_tag,
	};
	struct dentry *dentry;
	struct hchan *ch;
	int err;

	ch = hchan_alloc(&attr);
	if (IS_ERR(ch))
		return ERR_CAST(ch);
	err = mnt_want_write_file(dirfile);
	if (err) {
		dentry = ERR_PTR(err);
	} else {
		dentry = link_channel(&dirfile->f_path, name, create->mode, ch,
				      created);
		mnt_drop_write_file(dirfile);
	}
	hchan_put(ch);
	return dentry;
}

/* Takes back a name that create_name() created, unless somebody else has. */
static void uncreate_name(struct file *dirfile, struct dentry *dentry)
{
	struct inode *dir = file_inode(dirfile);

	if (mnt_want_write_file(dirfile))
		return;
	inode_lock_nested(dir, I_MUTEX_PARENT);
	if (!d_unhashed(dentry))
		vfs_unlink(HCHAN_NOP_IDMAP, dir, dentry, NULL);
	inode_unlock(dir);
	mnt_drop_write_file(dirfile);
}

/* Finds or creates @name. @path is the caller's to put on success. */
static int find_or_create(struct file *dirfile, const char *name,
			  const struct hchan_create *create, struct path *path,
			  bool *created)
{
	struct dentry *dentry = lookup(&dirfile->f_path, name);
	int err;

	if (dentry == ERR_PTR(-ENOENT) && create->flags & HCHAN_CREATE)
		dentry = create_name(dirfile, name, create, created);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);

	path->dentry = dentry;
	path->mnt = mntget(dirfile->f_path.mnt);
	err = 0;
	if (!*created)
		err = create->flags & HCHAN_EXCL ? -EEXIST :
		      hchan_follow_down(path);
	/* Something else may be mounted on the name: then it is not ours. */
	if (!err && !hchanfs_chan(d_inode(path->dentry)))
		err = -EXDEV;
	if (err)
		path_put(path);
	return err;
}

static struct file *open_channel(const struct path *path, int open_flags,
				 bool created)
{
	int err = 0;

	if (!created)
		err = inode_permission(HCHAN_NOP_IDMAP, d_inode(path->dentry),
				       MAY_OPEN | ACC_MODE(open_flags));
	if (err)
		return ERR_PTR(err);
	return dentry_open(path, open_flags & ~O_CLOEXEC, current_cred());
}

/*
 * HCHAN_IOC_CREATE. Whatever may fail comes before the descriptor is installed,
 * as that can not be undone; the one name that may have to be undone is one
 * which this call created, should the caller's memory have gone or an open file
 * not be had. Others may have seen it meanwhile.
 */
static int ioc_create(struct file *dirfile, struct hchan_create __user *ucreate)
{
	char name[HCHAN_NAME_MAX + 1];
	struct hchan_create create;
	struct file *file = NULL;
	bool created = false;
	int open_flags, err;
	struct path path;
	struct hchan *ch;
	int fd = 0;

	err = hchan_copy_create(&create, ucreate);
	if (!err)
		err = check_create(&create);
	if (err)
		return err;
	open_flags = hchan_open_flags(create.open_flags);
	if (open_flags < 0)
		return open_flags;
	err = copy_name(name, create.name, create.name_len);
	if (err)
		return err;
	err = hchan_fault_in(ucreate, sizeof(*ucreate));
	if (err)
		return err;

	if (!(create.flags & HCHAN_NO_OPEN)) {
		fd = get_unused_fd_flags(open_flags & O_CLOEXEC);
		if (fd < 0)
			return fd;
	}
	err = find_or_create(dirfile, name, &create, &path, &created);
	if (err)
		goto out_fd;
	ch = hchanfs_chan(d_inode(path.dentry));

	if (!created && !agrees(ch, &create)) {
		err = hchan_copy_found(ch, ucreate) ?: -EPROTOTYPE;
		goto out_path;
	}
	if (!(create.flags & HCHAN_NO_OPEN)) {
		file = open_channel(&path, open_flags, created);
		if (IS_ERR(file)) {
			err = PTR_ERR(file);
			file = NULL;
			goto out_path;
		}
	}
	err = hchan_copy_found(ch, ucreate);
	if (!err && file) {
		fd_install(fd, file);
		file = NULL;
	}

out_path:
	if (err && created)
		uncreate_name(dirfile, path.dentry);
	if (file)
		fput(file);
	path_put(&path);
out_fd:
	if (err && !(create.flags & HCHAN_NO_OPEN))
		put_unused_fd(fd);
	return err ?: fd;
}

static int ioc_statat(struct file *dirfile, struct hchan_statat __user *ustatat)
{
	char name[HCHAN_NAME_MAX + 1];
	struct hchan_statat statat;
	struct dentry *dentry;
	struct path path;
	struct hchan *ch;
	int err;

	if (copy_from_user(&statat, ustatat, sizeof(statat)))
		return -EFAULT;
	if (statat.__reserved)
		return -EINVAL;
	err = copy_name(name, statat.name, statat.name_len);
	if (err)
		return err;

	dentry = lookup(&dirfile->f_path, name);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	path.dentry = dentry;
	path.mnt = mntget(dirfile->f_path.mnt);
	err = hchan_follow_down(&path);
	if (!err) {
		ch = hchanfs_chan(d_inode(path.dentry));
		err = ch ? hchan_copy_stat(ch, u64_to_user_ptr(statat.stat)) :
			   -EXDEV;
	}
	path_put(&path);
	return err;
}

long hchanfs_dir_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case HCHAN_IOC_QUERY:
		return hchan_query(uarg);
	case HCHAN_IOC_CREATE:
		return ioc_create(file, uarg);
	case HCHAN_IOC_STATAT:
		return ioc_statat(file, uarg);
	}
	return -ENOTTY;
}
