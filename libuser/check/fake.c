// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* See fake.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fake.h"
#include "wrap.h"

struct fake fake;

static int fails(int err)
{
	errno = err;
	return -1;
}

static int is_channel(int fd)
{
	return fd >= CH && fd < CH + 100;
}

/* The case goes, or the error is about it. */
static int outcome(struct hchan_case *c, unsigned int n)
{
	if (fake.err)
		return fails(fake.err);
	if (n > (unsigned int)fake.ret && c[fake.ret].op == HCHAN_CASE_SEND)
		memcpy(fake.element, (void *)(uintptr_t)c[fake.ret].buf,
		       c[fake.ret].len < sizeof(fake.element) ?
		       c[fake.ret].len : sizeof(fake.element));
	return fake.ret;
}

static int do_select(struct hchan_select *arg)
{
	struct hchan_case *c = (struct hchan_case *)(uintptr_t)arg->cases;
	unsigned int n = arg->count < FAKE_CASES ? arg->count : FAKE_CASES;
	int ret;

	fake.calls++;
	fake.select = *arg;
	if (n)
		memcpy(fake.cases, c, n * sizeof(*c));
	if (fake.err && fake.index != UINT32_MAX)
		arg->index = fake.index;
	ret = outcome(c, n);
	if (ret < 0)
		return ret;
	arg->index = (unsigned int)ret;
	c[ret].actual = fake.actual;
	c[ret].status = fake.status;
	c[ret].error = fake.error;
	return ret;
}

static int do_control(const struct hchan_set_ctl *arg)
{
	fake.controls++;
	fake.control = *arg;
	switch (arg->op) {
	case HCHAN_SET_PUT:
		if (arg->c.op != HCHAN_CASE_NIL &&
		    (!is_channel(arg->c.fd) || arg->c.fd == fake.refused))
			return fails(EBADF);
		fake.set[arg->id] = arg->c;
		fake.disabled[arg->id] = 0;
		return 0;
	case HCHAN_SET_DISABLE:
	case HCHAN_SET_ENABLE:
		if (fake.set[arg->id].op == HCHAN_CASE_NIL)
			return fails(ENOENT);
		fake.disabled[arg->id] = arg->op == HCHAN_SET_DISABLE;
		return 0;
	default:
		return fails(EINVAL);
	}
}

static int do_set_select(struct hchan_set_select *arg)
{
	int ret, i;

	fake.calls++;
	fake.set_select = *arg;
	if (fake.lost) {
		fake.lost--;
		memset(fake.set, 0, sizeof(fake.set));
		return fails(ESTALE);
	}
	if (fake.err && fake.index != UINT32_MAX)
		arg->id = fake.index;
	ret = outcome(fake.set, FAKE_CASES);
	if (ret < 0)
		return ret;
	arg->id = (unsigned int)ret;
	arg->actual = fake.actual;
	arg->status = fake.status;
	arg->error = fake.error;
	arg->live = 0;
	for (i = 0; i < FAKE_CASES; i++)
		arg->live += fake.set[i].op && !fake.disabled[i];
	return ret;
}

int played_ioctl(int fd, unsigned int request, void *arg)
{
	if (fd == SET) {
		switch (request) {
		case HCHAN_IOC_SET_CTL:
			return do_control((struct hchan_set_ctl *)arg);
		case HCHAN_IOC_SET_SELECT:
			return do_set_select((struct hchan_set_select *)arg);
		}
		return fails(ENOTTY);
	}
	fake.fd = fd;
	if (fd < 0)
		return fails(EBADF);
	if (!is_channel(fd) && fd != DEVICE)
		return fails(ENOTTY);
	switch (request) {
	case HCHAN_IOC_STAT:
		return 0;
	case HCHAN_IOC_SELECT:
		return fake.no_select ? fails(ENOTTY) :
					do_select((struct hchan_select *)arg);
	case HCHAN_IOC_SET:
		return fake.no_select ? fails(ENOTTY) : SET;
	default:
		return fails(ENOTTY);
	}
}

int played_open(void)
{
	fake.opened++;
	return DEVICE;
}

int played_close(int fd)
{
	if (fd != DEVICE && fd != SET)
		return 0;
	fake.closed++;
	return 1;
}

void fake_answer(int ret, int err)
{
	memset(&fake, 0, sizeof(fake));
	fake.ret = ret;
	fake.err = err;
	fake.index = UINT32_MAX;
}
