/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include <linux/bug.h>
#include <linux/types.h>

#define FMODE_READ 1
#define FMODE_WRITE 2

struct file;
struct iov_iter;
struct kiocb;

#endif /* SHIM_LINUX_FS_H */
