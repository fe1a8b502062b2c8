/* SPDX-License-Identifier: GPL-2.0-only */
/* The sanitizers see copies as they are. */
#ifndef SHIM_LINUX_INSTRUMENTED_H
#define SHIM_LINUX_INSTRUMENTED_H

#define instrument_copy_from_user_before(to, from, n) \
	((void)(to), (void)(from), (void)(n))
#define instrument_copy_from_user_after(to, from, n, left) \
	((void)(to), (void)(from), (void)(n), (void)(left))
#define instrument_copy_to_user(to, from, n) \
	((void)(to), (void)(from), (void)(n))

#endif /* SHIM_LINUX_INSTRUMENTED_H */
