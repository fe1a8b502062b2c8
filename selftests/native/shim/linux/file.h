/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_FILE_H
#define SHIM_LINUX_FILE_H

#include <linux/fs.h>

#endif /* SHIM_LINUX_FILE_H */
