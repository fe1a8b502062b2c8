/* SPDX-License-Identifier: GPL-2.0-only */
/* What compat.h asks about, and nobody calls here. */
#ifndef SHIM_LINUX_NAMEI_H
#define SHIM_LINUX_NAMEI_H

struct path;
int follow_down(struct path *path);

#endif /* SHIM_LINUX_NAMEI_H */
