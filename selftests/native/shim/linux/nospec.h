/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing is guessed here. */
#ifndef SHIM_LINUX_NOSPEC_H
#define SHIM_LINUX_NOSPEC_H

#define barrier_nospec()	do { } while (0)

#endif /* SHIM_LINUX_NOSPEC_H */
