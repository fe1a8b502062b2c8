// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Sets: the kernel's copy of an array of cases, index for number. The array is
 * what counts. Whenever the copy may differ, because a change was refused or the
 * kernel says that a descriptor has gone, it is made again from the array.
 */
#include <errno.h>

#include "internal.h"

/* In a case's flags, here only: disabled. */
#define OFF	0x8000U

#define NONE	UINT32_MAX

static bool is_nil(const struct hchan_case *c)
{
	return c->fd == HCHAN_NIL || c->op == HCHAN_CASE_NIL;
}

/* Whether the kernel is to know of it. */
static bool counts(const struct hchan_case *c)
{
	return !is_nil(c) && !(c->flags & OFF);
}

/* Case @i, as it is in the array, into the kernel. */
static int put(const struct hchan_cases *set, uint32_t i)
{
	struct hchan_set_ctl ctl = { .op = HCHAN_SET_PUT, .id = i };
	const struct hchan_case *c = &set->c[i];

	if (counts(c)) {
		ctl.c.fd = c->fd;
		ctl.c.op = c->op;
		ctl.c.flags = c->flags;
		ctl.c.buf = c->buf;
		ctl.c.len = c->len;
	}
	return hchan__ioctl(set->fd, HCHAN_IOC_SET_CTL, &ctl);
}

static int put_all(struct hchan_cases *set)
{
	uint32_t i;
	int err;

	set->untrue_ = 1;
	for (i = 0; i < set->n; i++) {
		err = put(set, i);
		if (err)
			return hchan__blame(set->c, set->n, i, err);
	}
	set->untrue_ = 0;
	return 0;
}

int hchan_set_make(struct hchan_cases *set)
{
	struct hchan_set request = { .open_flags = O_CLOEXEC };
	size_t i = 0;
	int ret;

	if (set->fd >= 0)
		return set->fd;
	if (set->n > UINT32_MAX)
		return -EINVAL;
	/* What polls is no channel; it is refused when it is put. */
	while (i < set->n && (!counts(&set->c[i]) || set->c[i].op == HCHAN_CASE_POLL))
		i++;
	ret = i < set->n ? hchan__ask(set->c[i].fd, HCHAN_IOC_SET, &request) :
			   hchan__ask_device(HCHAN_IOC_SET, &request, NULL);
	if (ret < 0)
		return hchan__blame(set->c, set->n, ret == -EBADF ? i : NONE,
				    ret);
	set->fd = ret;
	ret = put_all(set);
	if (ret) {
		hchan_set_drop(set);
		return ret;
	}
	return set->fd;
}

int hchan_set_drop(struct hchan_cases *set)
{
	int fd = set->fd;

	set->fd = -1;
	set->live = 0;
	return fd < 0 ? 0 : hchan__close(fd);
}

/* Tells the kernel of case @i by operation @op of its own, or anew. */
static int tell(struct hchan_cases *set, size_t i, uint32_t op)
{
	struct hchan_set_ctl ctl = { .op = op, .id = (uint32_t)i };
	int err = -ENOENT;

	if (set->fd < 0)
		return 0;
	if (op != HCHAN_SET_PUT)
		err = hchan__ioctl(set->fd, HCHAN_IOC_SET_CTL, &ctl);
	if (err == -ENOENT)
		err = put(set, (uint32_t)i);
	if (err)
		set->untrue_ = 1;
	return err;
}

int hchan_set_change(struct hchan_cases *set, size_t i)
{
	if (i >= set->n)
		return -EINVAL;
	set->c[i].flags &= (uint16_t)~OFF;
	return tell(set, i, HCHAN_SET_PUT);
}

int hchan_set_disable(struct hchan_cases *set, size_t i)
{
	if (i >= set->n)
		return -EINVAL;
	set->c[i].flags |= OFF;
	return tell(set, i, HCHAN_SET_DISABLE);
}

int hchan_set_enable(struct hchan_cases *set, size_t i)
{
	if (i >= set->n)
		return -EINVAL;
	set->c[i].flags &= (uint16_t)~OFF;
	return tell(set, i, HCHAN_SET_ENABLE);
}

/* What came of case @i goes where a select over the array would leave it. */
static void tell_case(struct hchan_cases *set, size_t i,
		      const struct hchan_set_select *select)
{
	struct hchan_case *c = &set->c[i];

	c->actual = select->actual;
	c->status = select->status;
	c->error = select->error;
	if (c->status != HCHAN_ST_OK && (c->flags & HCHAN_CASE_DROP))
		c->fd = HCHAN_NIL;
}

int hchan_set_select(struct hchan_cases *set, struct hchan_when when,
		     unsigned int flags)
{
	struct hchan_set_select select = {
		.flags = when.flags | flags | HCHAN_LOST,
		.id = NONE,
		.deadline = when.ns,
	};
	int ret;

	if (!hchan__select_flags(when, flags))
		return -EINVAL;
	ret = hchan_set_make(set);
	if (ret < 0)
		return ret;
	do {
		ret = set->untrue_ ? put_all(set) : 0;
		if (ret)
			return ret;
		ret = hchan__ioctl(set->fd, HCHAN_IOC_SET_SELECT, &select);
		set->untrue_ = ret == -ESTALE;
	} while (ret == -ESTALE);
	if (ret < 0)
		return hchan__blame(set->c, set->n, select.id, ret);
	set->live = select.live;
	if ((size_t)ret < set->n && !(flags & HCHAN_READY))
		tell_case(set, (size_t)ret, &select);
	return ret;
}
