// SPDX-License-Identifier: GPL-2.0-only
/*
 * hchanfs: channels with names. The file system's type, its mounts and their
 * options:
 *
 *	mode=	the root directory's permissions, octal (777: anybody creates;
 *		fs_names.c says why it needs no sticky bit)
 *	uid=	its owner, a number (who mounts)
 *	gid=	its group, a number
 *	msg=	longest message of a channel that is made by a plain O_CREAT or
 *		mkfifo(1), 1 to 65535 bytes (4096)
 *	cap=	the capacity of such a channel, 0 to 65535 messages (64)
 *
 * Each mount is an instance of its own, and may be made in a user namespace.
 * msg= and cap= can be remounted; the root is changed by chmod(1), chown(1).
 * The channels go when the instance does, as far as nobody has them open.
 */

#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "fs.h"

#define HCHANFS_MSG_DEFAULT	4096
#define HCHANFS_CAP_DEFAULT	64
#define HCHANFS_CAP_MAX		65535

enum hchanfs_param { OPT_MODE, OPT_UID, OPT_GID, OPT_MSG, OPT_CAP };

static const struct fs_parameter_spec hchanfs_params[] = {
	fsparam_u32oct("mode", OPT_MODE),
	fsparam_u32("uid", OPT_UID),
	fsparam_u32("gid", OPT_GID),
	fsparam_u32("msg", OPT_MSG),
	fsparam_u32("cap", OPT_CAP),
	{ }
};

/* What a mount or remount asks for; @given has a bit for each hchanfs_param. */
struct hchanfs_opts {
	unsigned int given;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	struct hchanfs_info info;
};

static int hchanfs_parse_param(struct fs_context *fc,
			       struct fs_parameter *param)
{
	struct hchanfs_opts *opts = fc->fs_private;
	struct fs_parse_result result;
	int opt;

	opt = fs_parse(fc, hchanfs_params, param, &result);
	if (opt < 0)
		return opt;

	switch (opt) {
	case OPT_MODE:
		if (result.uint_32 & ~S_IALLUGO)
			goto bad;
		opts->mode = result.uint_32;
		break;
	case OPT_UID:
		opts->uid = make_kuid(current_user_ns(), result.uint_32);
		if (!kuid_has_mapping(fc->user_ns, opts->uid))
			goto bad;
		break;
	case OPT_GID:
		opts->gid = make_kgid(current_user_ns(), result.uint_32);
		if (!kgid_has_mapping(fc->user_ns, opts->gid))
			goto bad;
		break;
	case OPT_MSG:
		if (!result.uint_32 || result.uint_32 > HCHAN_ELEM_MAX)
			goto bad;
		opts->info.msg = result.uint_32;
		break;
	case OPT_CAP:
		if (result.uint_32 > HCHANFS_CAP_MAX)
			goto bad;
		opts->info.cap = result.uint_32;
		break;
	}
	opts->given |= 1U << opt;
	return 0;

bad:
	return invalfc(fc, "bad value for '%s'", param->key);
}

static int hchanfs_show_options(struct seq_file *m, struct dentry *root)
{
	const struct hchanfs_info *info = root->d_sb->s_fs_info;
	struct user_namespace *ns = seq_user_ns(m);
	const struct inode *inode = d_inode(root);

	seq_printf(m, ",mode=%03o,uid=%u,gid=%u,msg=%u,cap=%u",
		   inode->i_mode & S_IALLUGO,
		   from_kuid_munged(ns, inode->i_uid),
		   from_kgid_munged(ns, inode->i_gid),
		   READ_ONCE(info->msg), READ_ONCE(info->cap));
	return 0;
}

static const struct super_operations hchanfs_sops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
	.evict_inode	= hchanfs_evict,
	.show_options	= hchanfs_show_options,
};

static int hchanfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct hchanfs_opts *opts = fc->fs_private;
	struct hchanfs_info *info;
	struct inode *root;

	/* Without a mapping nobody could use the root, not even who mounts. */
	if (!kuid_has_mapping(sb->s_user_ns, opts->uid) ||
	    !kgid_has_mapping(sb->s_user_ns, opts->gid))
		return -EOVERFLOW;

	/* Freed by hchanfs_kill_sb(), whatever happens here. */
	info = kmemdup(&opts->info, sizeof(*info), GFP_KERNEL_ACCOUNT);
	if (!info)
		return -ENOMEM;
	sb->s_fs_info = info;

	sb->s_magic = HCHANFS_MAGIC;
	sb->s_op = &hchanfs_sops;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_time_gran = 1;
	sb->s_flags |= SB_NOEXEC | SB_NOSUID | SB_NODEV;
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;

	root = hchanfs_root(sb, opts->mode, opts->uid, opts->gid);
	if (!root)
		return -ENOMEM;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int hchanfs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, hchanfs_fill_super);
}

/*
 * mount(8) repeats all the options it finds in /proc/mounts, so one that states
 * what is there is no error.
 */
static int hchanfs_reconfigure(struct fs_context *fc)
{
	const struct hchanfs_opts *opts = fc->fs_private;
	struct hchanfs_info *info = fc->root->d_sb->s_fs_info;
	const struct inode *root = d_inode(fc->root);

	if ((opts->given & (1U << OPT_MODE) &&
	     opts->mode != (root->i_mode & S_IALLUGO)) ||
	    (opts->given & (1U << OPT_UID) &&
	     !uid_eq(opts->uid, root->i_uid)) ||
	    (opts->given & (1U << OPT_GID) &&
	     !gid_eq(opts->gid, root->i_gid)))
		return invalfc(fc, "mode, uid and gid change by chmod, chown");

	if (opts->given & (1U << OPT_MSG))
		WRITE_ONCE(info->msg, opts->info.msg);
	if (opts->given & (1U << OPT_CAP))
		WRITE_ONCE(info->cap, opts->info.cap);
	return 0;
}

static void hchanfs_free_fc(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations hchanfs_context_ops = {
	.parse_param	= hchanfs_parse_param,
	.get_tree	= hchanfs_get_tree,
	.reconfigure	= hchanfs_reconfigure,
	.free		= hchanfs_free_fc,
};

static int hchanfs_init_fs_context(struct fs_context *fc)
{
	struct hchanfs_opts *opts;

	opts = kzalloc(sizeof(*opts), GFP_KERNEL_ACCOUNT);
	if (!opts)
		return -ENOMEM;
	opts->mode = 0777;
	opts->uid = current_fsuid();
	opts->gid = current_fsgid();
	opts->info.msg = HCHANFS_MSG_DEFAULT;
	opts->info.cap = HCHANFS_CAP_DEFAULT;
	fc->fs_private = opts;
	fc->ops = &hchanfs_context_ops;
	return 0;
}

/* The inodes, and with them the channels, go first. */
static void hchanfs_kill_sb(struct super_block *sb)
{
	struct hchanfs_info *info = sb->s_fs_info;

	kill_litter_super(sb);
	kfree(info);
}

/* A mount holds the module through @owner, a channel's open file by its own. */
static struct file_system_type hchanfs_type = {
	.owner			= THIS_MODULE,
	.name			= "hchanfs",
	.init_fs_context	= hchanfs_init_fs_context,
	.parameters		= hchanfs_params,
	.kill_sb		= hchanfs_kill_sb,
	.fs_flags		= FS_USERNS_MOUNT,
};
MODULE_ALIAS_FS("hchanfs");

int __init hchanfs_init(void)
{
	return register_filesystem(&hchanfs_type);
}

/*
 * No mount is left. Inodes that are still to be freed after a grace period are
 * freed by the VFS, without any of our code.
 */
void hchanfs_exit(void)
{
	unregister_filesystem(&hchanfs_type);
}
