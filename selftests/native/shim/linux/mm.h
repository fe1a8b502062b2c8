/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <string.h>

#include <linux/minmax.h>

#define PAGE_SIZE 4096
#define offset_in_page(at) ((uintptr_t)(at) % PAGE_SIZE)

#endif /* SHIM_LINUX_MM_H */
