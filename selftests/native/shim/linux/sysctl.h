/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SYSCTL_H
#define SHIM_LINUX_SYSCTL_H

#endif /* SHIM_LINUX_SYSCTL_H */
