// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ABI's structures that carry their size, in and out of a caller's memory.
 *
 * A later kernel may know longer ones: what a caller gives beyond what we know
 * must be zero, what it has room for beyond what we know is filled with zero.
 */

#include <linux/uaccess.h>

#include "compat.h"
#include "hchan.h"

/**
 * hchan_copy_sized() - give a structure that carries its size
 * @to: the caller's
 * @size: what the caller takes it to be
 * @from: ours
 * @known: our size of it
 * @least: the first version's
 *
 * Return: 0, -EFAULT or -EINVAL; then the caller's memory is as it was.
 */
int hchan_copy_sized(void __user *to, u32 size, const void *from, u32 known,
		     u32 least)
{
	if (size < least || size > PAGE_SIZE)
		return -EINVAL;
	/* All of it or nothing: a failed call leaves the caller's memory alone. */
	if (hchan_fault_in(to, size) ||
	    copy_to_user(to, from, min(size, known)))
		return -EFAULT;
	if (size > known && clear_user(to + known, size - known))
		return -EFAULT;
	return 0;
}

/* Size of the first version of each. */
#define QUERY_SIZE_1	48
#define STAT_SIZE_1	64
#define CREATE_SIZE_1	80

/* HCHAN_IOC_STAT. */
int hchan_copy_stat(struct hchan *ch, struct hchan_stat __user *ustat)
{
	struct hchan_stat stat;
	u32 size;

	BUILD_BUG_ON(sizeof(stat) != STAT_SIZE_1);
	if (get_user(size, &ustat->size))
		return -EFAULT;
	hchan_snapshot(ch, &stat);
	stat.size = sizeof(stat);
	return hchan_copy_sized(ustat, size, &stat, sizeof(stat), STAT_SIZE_1);
}

/* HCHAN_IOC_QUERY. */
int hchan_query(struct hchan_query __user *uquery)
{
	struct hchan_query query = {
		.size = sizeof(query),
		.version = HCHAN_ABI_VERSION,
		.features = HCHAN_FEAT_FS | HCHAN_FEAT_BATCH |
			    HCHAN_FEAT_DISCONNECT | HCHAN_FEAT_WAIT |
			    HCHAN_FEAT_SELECT | HCHAN_FEAT_SET | HCHAN_FEAT_SPIN |
			    HCHAN_FEAT_TIMER | HCHAN_FEAT_CTX |
			    (IS_ENABLED(CONFIG_IO_URING) ? HCHAN_FEAT_URING : 0) |
			    (IS_ENABLED(CONFIG_IO_URING) && HCHAN_URING_PARKS ?
			     HCHAN_FEAT_URING_PARK : 0),
		.elem_max = HCHAN_ELEM_MAX,
		.inline_size = HCHAN_INLINE,
		.batch_bytes = HCHAN_BATCH_BYTES,
		.cap_max = HCHAN_CAP_MAX,
		.select_cases = HCHAN_SELECT_CASES,
		.select_bytes = HCHAN_SELECT_BYTES,
	};
	u32 size;

	BUILD_BUG_ON(sizeof(query) != QUERY_SIZE_1);
	if (get_user(size, &uquery->size))
		return -EFAULT;
	return hchan_copy_sized(uquery, size, &query, sizeof(query), QUERY_SIZE_1);
}

/**
 * hchan_copy_create() - take the argument of HCHAN_IOC_CREATE
 * @create: filled
 * @ucreate: the caller's
 *
 * Return: 0, -EFAULT, -E2BIG, or -EINVAL (size, unknown flags).
 */
int hchan_copy_create(struct hchan_create *create,
		      struct hchan_create __user *ucreate)
{
	u32 size;
	int ret;

	BUILD_BUG_ON(sizeof(*create) != CREATE_SIZE_1);
	if (get_user(size, &ucreate->size))
		return -EFAULT;
	if (size < CREATE_SIZE_1 || size > PAGE_SIZE)
		return -EINVAL;
	ret = copy_struct_from_user(create, sizeof(*create), ucreate, size);
	if (ret)
		return ret;
	if (create->flags & ~(HCHAN_MSG | HCHAN_DISCONNECT | HCHAN_CREATE |
			      HCHAN_EXCL | HCHAN_EXPECT | HCHAN_NO_OPEN))
		return -EINVAL;
	return 0;
}

/* What the channel is, which one who opens it may not have known (C47). */
int hchan_copy_found(struct hchan *ch, struct hchan_create __user *ucreate)
{
	if (put_user(ch->id, &ucreate->id) ||
	    put_user((u64)ch->cap, &ucreate->found_capacity) ||
	    put_user(ch->type_tag, &ucreate->found_type_tag) ||
	    put_user(ch->elem_size, &ucreate->found_elem_size) ||
	    put_user(ch->flags, &ucreate->found_flags))
		return -EFAULT;
	return 0;
}
