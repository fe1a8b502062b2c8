/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#include <linux/types.h>

static inline u32 hash_long(unsigned long value, unsigned int bits)
{
	return (value * 0x61c8864680b583ebULL) >> (64 - bits);
}

#define hash_ptr(at, bits) hash_long((unsigned long)(at), bits)

#endif /* SHIM_LINUX_HASH_H */
