/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_FREEZER_H
#define SHIM_LINUX_FREEZER_H

#include <linux/sched.h>

#endif /* SHIM_LINUX_FREEZER_H */
