/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's names for integers, and the attributes that the engine uses. */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include_next <linux/types.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define u8 uint8_t
#define u16 uint16_t
#define s16 int16_t
#define u32 uint32_t
#define u64 __u64
#define s32 int32_t
#define s64 __s64
#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX

#define gfp_t unsigned int
#define fmode_t unsigned int
#define ktime_t s64

/* Errors that never leave the kernel. */
#define ERESTARTSYS 512
#define EIOCBQUEUED 529

#define __user
#define noinline __attribute__((noinline))
#define __releases(...)
#define __acquires(...)
#define __must_hold(...)
#define __packed __attribute__((__packed__))
#define __aligned(n) __attribute__((aligned(n)))
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define fallthrough __attribute__((fallthrough))

#define __same_type(a, b) \
	__builtin_types_compatible_p(typeof(a), typeof(b))
#define container_of(ptr, type, member)	\
	((type *)((char *)(ptr) - offsetof(type, member)))

#include "../shim.h"

#endif /* SHIM_LINUX_TYPES_H */
