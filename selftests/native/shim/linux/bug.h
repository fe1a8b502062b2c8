/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/types.h>

/* What the kernel warns of, ends the program here. */
#define WARN_ON_ONCE(condition) ({				\
	bool wrong_ = (condition);				\
								\
	if (wrong_)						\
		shim_bug(#condition, __FILE__, __LINE__);	\
	wrong_; })
#define WARN_ON(condition) WARN_ON_ONCE(condition)

#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "BUILD_BUG_ON")

/* Checks that a configuration may ask for. Without them some ways are shorter. */
#define IS_ENABLED(...) shim_checks

#endif /* SHIM_LINUX_BUG_H */
