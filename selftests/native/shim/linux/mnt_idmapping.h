/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MNT_IDMAPPING_H
#define SHIM_LINUX_MNT_IDMAPPING_H

#endif /* SHIM_LINUX_MNT_IDMAPPING_H */
