/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Selects for the tests, as hchan_test.h has the other operations: outputs are
 * poisoned before, and whatever the call must not have touched is compared.
 */
#ifndef HCHAN_SELECT_H
#define HCHAN_SELECT_H

#include "hchan_test.h"

/* Cases, outputs poisoned. */
static inline struct hchan_case hc_case(uint16_t op, int fd, const void *buf,
					uint32_t len)
{
	struct hchan_case c = {
		.fd = fd,
		.op = op,
		.buf = (uintptr_t)buf,
		.len = len,
		.actual = HC_POISON32,
		.status = HC_POISON32,
		.error = HC_POISON32,
	};

	return c;
}

static inline struct hchan_case hc_case_send(int fd, const void *buf, uint32_t len)
{
	return hc_case(HCHAN_CASE_SEND, fd, buf, len);
}

static inline struct hchan_case hc_case_recv(int fd, void *buf, uint32_t len)
{
	return hc_case(HCHAN_CASE_RECV, fd, buf, len);
}

static inline struct hchan_case hc_case_poll(int fd, uint32_t events)
{
	return hc_case(HCHAN_CASE_POLL, fd, NULL, events);
}

static inline struct hchan_case hc_case_nil(void)
{
	return hc_case(HCHAN_CASE_NIL, -1, NULL, 0);
}

/*
 * A select with everything chosen, on @on. Returns the case that went, with its
 * outputs in @cases, or a negative errno; @index, or NULL: as it was left.
 */
static inline int hc_select_on(int on, struct hchan_case *cases, uint32_t count,
			       uint32_t flags, int64_t deadline,
			       uint32_t *index)
{
	struct hchan_select sel = {
		.cases = (uintptr_t)cases,
		.count = count,
		.flags = flags,
		.deadline = deadline,
		.index = HC_POISON32,
	};
	struct hchan_select before_sel = sel;
	size_t bytes = count * sizeof(*cases);
	struct hchan_case *before = malloc(bytes + 1);
	int ret;

	memcpy(before, cases, bytes);
	ret = ioctl(on, HCHAN_IOC_SELECT, &sel);
	if (ret < 0)
		ret = -errno;
	if (index)
		*index = sel.index;
	if (ret >= 0) {
		hc_must((uint32_t)ret < count && sel.index == (uint32_t)ret);
		before[ret].actual = cases[ret].actual;
		if (!(flags & HCHAN_READY)) {
			hc_must(cases[ret].status <= HCHAN_ST_DISCONNECTED);
			hc_must(cases[ret].error <= 0);
			before[ret].status = cases[ret].status;
			before[ret].error = cases[ret].error;
		}
	}
	if (ret >= 0 || ret == -EBADF || ret == -EPERM || ret == -EMSGSIZE ||
	    ret == -EINVAL || ret == -EFAULT)
		before_sel.index = sel.index;
	hc_must(!memcmp(&before_sel, &sel, sizeof(sel)));
	hc_must(!memcmp(before, cases, bytes));
	free(before);
	return ret;
}

/* On /dev/hchan, so that it can have no case at all. */
static inline int hc_select_by(struct hchan_case *cases, uint32_t count,
			       uint32_t flags, int64_t deadline)
{
	static __thread int dev = -1;

	if (dev < 0)
		dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	hc_must(dev >= 0);
	return hc_select_on(dev, cases, count, flags, deadline, NULL);
}

static inline int hc_select(struct hchan_case *cases, uint32_t count)
{
	return hc_select_by(cases, count, 0, 0);
}

/* -EAGAIN is default. */
static inline int hc_try_select(struct hchan_case *cases, uint32_t count)
{
	return hc_select_by(cases, count, HCHAN_NOWAIT, 0);
}

/* Whether a case that went found an element (a receive's ok, a send's success). */
static inline bool hc_case_ok(const struct hchan_case *c)
{
	return !c->error && c->status == HCHAN_ST_OK;
}

/* Sets: a descriptor, a case's number, 0; or a negative errno. */
static inline int hc_set(void)
{
	struct hchan_set set = { .open_flags = O_CLOEXEC };
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	int ret;

	hc_must(dev >= 0);
	ret = ioctl(dev, HCHAN_IOC_SET, &set);
	if (ret < 0)
		ret = -errno;
	close(dev);
	return ret;
}

static inline int hc_set_ctl(int set, uint32_t op, uint32_t id,
			     const struct hchan_case *c)
{
	struct hchan_set_ctl ctl = { .op = op, .id = id };
	struct hchan_set_ctl before;
	int ret;

	if (c) {
		ctl.c = *c;
		ctl.c.actual = 0;
		ctl.c.status = 0;
		ctl.c.error = 0;
	}
	before = ctl;
	ret = ioctl(set, HCHAN_IOC_SET_CTL, &ctl);
	hc_must(!memcmp(&before, &ctl, sizeof(ctl)));
	return ret < 0 ? -errno : ret;
}

static inline int hc_set_add(int set, struct hchan_case c)
{
	return hc_set_ctl(set, HCHAN_SET_ADD, 0, &c);
}

/* Returns the case that went; @out, or NULL: its outputs. */
static inline int hc_set_select_by(int set, uint32_t flags, int64_t deadline,
				   struct hchan_set_select *out)
{
	struct hchan_set_select sel = {
		.flags = flags,
		.id = HC_POISON32,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
		.error = HC_POISON32,
		.live = HC_POISON32,
	};
	struct hchan_set_select before = sel;
	int ret = ioctl(set, HCHAN_IOC_SET_SELECT, &sel);

	if (ret < 0)
		ret = -errno;
	if (ret >= 0) {
		hc_must(sel.id == (uint32_t)ret && sel.live != HC_POISON32);
		hc_must(sel.error <= 0);
	} else {
		if (ret == -EFAULT)
			before.id = sel.id;
		hc_must(!memcmp(&before, &sel, sizeof(sel)));
	}
	if (out)
		*out = sel;
	return ret;
}

static inline int hc_set_select(int set, struct hchan_set_select *out)
{
	return hc_set_select_by(set, 0, 0, out);
}

static inline int hc_set_try(int set, struct hchan_set_select *out)
{
	return hc_set_select_by(set, HCHAN_NOWAIT, 0, out);
}

#endif /* HCHAN_SELECT_H */
