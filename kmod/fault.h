/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a caller's memory can be written, for what is short. */
#ifndef _HCHAN_FAULT_H
#define _HCHAN_FAULT_H

#include <linux/align.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include <asm/futex.h>

#include "engine.h"

/*
 * The page at @at, by an atomic OR of nothing: the cheapest write that another
 * thread's write cannot get lost in. Return: false: not so, or there is no such thing.
 */
static __always_inline bool hchan_touch(unsigned long at)
{
	int old;

	return !arch_futex_atomic_op_inuser(FUTEX_OP_OR, 0, &old,
					    (u32 __user *)ALIGN_DOWN(at, 4));
}

/* hchan_fault_in(), at once if it is one page. */
static __always_inline int hchan_fault_in_short(void __user *buf, u32 len)
{
	if (likely(len && offset_in_page(buf) + len <= PAGE_SIZE &&
		   hchan_touch((unsigned long)buf)))
		return 0;
	return hchan_fault_in(buf, len);
}

#endif /* _HCHAN_FAULT_H */
