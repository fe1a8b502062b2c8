/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies between the kernel and a caller's memory, on the short ways. */
#ifndef _HCHAN_USER_H
#define _HCHAN_USER_H

#include <linux/instrumented.h>
#include <linux/uaccess.h>

/*
 * As copy_from_user() and copy_to_user(), for addresses that access_ok() has seen,
 * where our side is of a size that the caller knows: the checks which those make of
 * it at run time cost more than a copy of some hundred bytes. What could not be
 * copied is left as it is. Return: bytes left.
 */
static __always_inline unsigned long
hchan_copy_in(void *to, const void __user *from, unsigned long n)
{
	unsigned long left;

	instrument_copy_from_user_before(to, from, n);
	left = raw_copy_from_user(to, from, n);
	instrument_copy_from_user_after(to, from, n, left);
	return left;
}

static __always_inline unsigned long
hchan_copy_out(void __user *to, const void *from, unsigned long n)
{
	instrument_copy_to_user(to, from, n);
	return raw_copy_to_user(to, from, n);
}

#endif /* _HCHAN_USER_H */
