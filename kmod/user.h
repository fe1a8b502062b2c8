/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies between the kernel and a caller's memory, on the short ways. */
#ifndef _HCHAN_USER_H
#define _HCHAN_USER_H

#include <linux/instrumented.h>
#include <linux/nospec.h>
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

	barrier_nospec();	/* behind a look at the address that was guessed */
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

/* A word at any address, as elements lie where they may. */
struct hchan_word {
	u64 word;
} __packed;

/* A few bytes from a caller's memory. Return: whether all of them were there. */
static __always_inline bool hchan_short_in(u8 *to, const u8 __user *from, u32 len)
{
	const u64 __user *at = (const u64 __user *)from;
	u64 w0, w1;
	u8 byte;

	if (!user_read_access_begin(from, len))
		return false;
	for (; len >= 16; len -= 16, to += 16) {
		unsafe_get_user(w0, at++, fault);
		unsafe_get_user(w1, at++, fault);
		((struct hchan_word *)to)->word = w0;
		((struct hchan_word *)to)[1].word = w1;
	}
	for (; len >= 8; len -= 8, to += 8) {
		unsafe_get_user(w0, at++, fault);
		((struct hchan_word *)to)->word = w0;
	}
	for (from = (const u8 __user *)at; len; len--) {
		unsafe_get_user(byte, from++, fault);
		*to++ = byte;
	}
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/* A few bytes to it; within one page: all or nothing. */
static __always_inline bool hchan_short_out(u8 __user *to, const u8 *from, u32 len)
{
	u64 __user *at = (u64 __user *)to;

	if (!user_write_access_begin(to, len))
		return false;
	for (; len >= 16; len -= 16, from += 16) {
		unsafe_put_user(((const struct hchan_word *)from)->word, at++, fault);
		unsafe_put_user(((const struct hchan_word *)from)[1].word, at++, fault);
	}
	for (; len >= 8; len -= 8, from += 8)
		unsafe_put_user(((const struct hchan_word *)from)->word, at++, fault);
	for (to = (u8 __user *)at; len; len--)
		unsafe_put_user(*from++, to++, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

#endif /* _HCHAN_USER_H */
