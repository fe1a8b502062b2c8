// SPDX-License-Identifier: GPL-2.0-only
/* /dev/hchan, where anonymous channels come from, and the module itself. */

#include <linux/compat.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "select.h"

static long hchan_dev_ioctl(struct file *file, unsigned int cmd,
			    unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case HCHAN_IOC_QUERY:
		return hchan_query(argp);
	case HCHAN_IOC_CREATE:
		return hchan_create_anon(argp);
	case HCHAN_IOC_SELECT:
		return hchan_select(argp, false);
	case HCHAN_IOC_SET:
		return hchan_set_create(argp);
	case HCHAN_IOC_TIMER:
		return hchan_timer_create(argp);
	case HCHAN_IOC_CTX:
		return hchan_ctx_create(NULL, argp);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations hchan_dev_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= hchan_dev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.uring_cmd	= hchan_uring_cmd,
	.llseek		= noop_llseek,
};

static struct miscdevice hchan_dev = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "hchan",
	.fops	= &hchan_dev_fops,
	.mode	= 0666,
};

static int __init hchan_init(void)
{
	int ret;

	hchan_pick_seed();
	hchan_cmd_init();
	hchan_spin_init();
	ret = hchan_caches_init();
	if (ret)
		return ret;
	ret = hchan_account_init();
	if (ret)
		goto caches;
	ret = hchan_select_init();
	if (ret)
		goto account;
	ret = hchan_timer_init();
	if (ret)
		goto select;
	ret = hchan_ctx_init();
	if (ret)
		goto timer;
	ret = hchan_anon_init();
	if (ret)
		goto ctx;
	ret = misc_register(&hchan_dev);
	if (ret)
		goto anon;
	/* Last: once it is there somebody may mount it, which can't be undone. */
	ret = hchanfs_init();
	if (ret)
		goto dev;
	return 0;
dev:
	misc_deregister(&hchan_dev);
anon:
	hchan_anon_exit();
ctx:
	hchan_ctx_exit();
timer:
	hchan_timer_exit();
select:
	hchan_select_exit();
account:
	hchan_account_exit();
caches:
	hchan_caches_exit();
	return ret;
}

static void __exit hchan_exit(void)
{
	hchanfs_exit();
	misc_deregister(&hchan_dev);
	hchan_anon_exit();
	hchan_ctx_exit();
	hchan_timer_exit();
	hchan_select_exit();
	hchan_account_exit();
	hchan_caches_exit();
}

module_init(hchan_init);
module_exit(hchan_exit);

MODULE_DESCRIPTION("Go's channels between processes");
MODULE_AUTHOR("The hchan authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS("devname:hchan");
