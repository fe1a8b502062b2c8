/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users' memory is memory. When page faults are off, now and then some of it is
 * not there; unless shim_faults says that all is.
 */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/mm.h>
#include <linux/types.h>

#define pagefault_disable() task_point()
#define pagefault_enable() task_point()
#define access_ok(at, bytes) ((void)(at), (void)(bytes), true)
#define u64_to_user_ptr(x) ((void *)(uintptr_t)(x))

#define user_read_access_begin(at, bytes) access_ok(at, bytes)
#define user_read_access_end() task_point()
#define user_write_access_begin(at, bytes) access_ok(at, bytes)
#define user_write_access_end() task_point()

static inline bool shim_fault(void)
{
	return shim_faults && !task_random(24);
}

#define unsafe_get_user(x, at, fault) do {	\
	bool no_ ## fault = shim_fault();	\
						\
	if (no_ ## fault)			\
		goto fault;			\
	(x) = *(at);				\
} while (0)
#define unsafe_put_user(x, at, fault) do {	\
	bool no_ ## fault = shim_fault();	\
						\
	if (no_ ## fault)			\
		goto fault;			\
	*(at) = (x);				\
} while (0)

/* Return: how many bytes were not copied. */
static inline unsigned long shim_copy(void *to, const void *from,
				      unsigned long bytes)
{
	unsigned long left = shim_fault() ? task_random(bytes + 1) : 0;

	memcpy(to, from, bytes - left);
	return left;
}

#define raw_copy_from_user(to, from, bytes) shim_copy(to, from, bytes)
#define raw_copy_to_user(to, from, bytes) shim_copy(to, from, bytes)

#endif /* SHIM_LINUX_UACCESS_H */
