/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include <linux/bug.h>
#include <linux/types.h>

#include <fcntl.h>

#define FMODE_READ 1
#define FMODE_WRITE 2

struct iov_iter;
struct kiocb;

struct file {
	const struct file_operations *f_op;
	fmode_t f_mode;
	unsigned int f_flags;
	void *private_data;
};

#endif /* SHIM_LINUX_FS_H */
