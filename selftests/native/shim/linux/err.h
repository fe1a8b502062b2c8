/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ERR_H
#define SHIM_LINUX_ERR_H

#include <linux/types.h>

#define ERR_PTR(error) ((void *)(intptr_t)(error))
#define PTR_ERR(ptr) ((intptr_t)(ptr))
#define IS_ERR(ptr) ((uintptr_t)(ptr) >= (uintptr_t)-4095)
#define ERR_CAST(ptr) ((void *)(ptr))

#endif /* SHIM_LINUX_ERR_H */
