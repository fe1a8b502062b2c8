/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <linux/types.h>

#define get_random_u64() ((u64)task_random(U32_MAX) << 32 | task_random(U32_MAX))

#endif /* SHIM_LINUX_RANDOM_H */
