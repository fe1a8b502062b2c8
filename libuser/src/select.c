// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Select over an array. The kernel does it; here nil is put into its words, a
 * descriptor is found to ask on, and an error is put where it belongs.
 */
#include <errno.h>

#include "internal.h"

#define WHEN_FLAGS	(HCHAN_NOWAIT | HCHAN_DEADLINE | HCHAN_REALTIME)

/* No case's index. */
#define NONE		UINT32_MAX

/* What is in an array, apart from nil. */
struct content {
	uint32_t channel;	/* the first one's index, or NONE */
	bool polls;
	bool hidden;
};

/*
 * The kernel knows nil by its op, programs by the descriptor. A nil case's op
 * waits in its error, which is nobody's: no case that failed is nil.
 */
static struct content hide_nil(struct hchan_case *c, uint32_t n)
{
	struct content content = { .channel = NONE };
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (c[i].fd == HCHAN_NIL) {
			c[i].error = c[i].op;
			c[i].op = HCHAN_CASE_NIL;
			content.hidden = true;
		} else if (c[i].op == HCHAN_CASE_POLL) {
			content.polls = true;
		} else if (c[i].op != HCHAN_CASE_NIL &&
			   content.channel == NONE) {
			content.channel = i;
		}
	}
	return content;
}

static void show_nil(struct hchan_case *c, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (c[i].fd == HCHAN_NIL) {
			c[i].op = (uint16_t)c[i].error;
			c[i].error = 0;
		}
	}
}

bool hchan__select_flags(struct hchan_when when, unsigned int flags)
{
	return !(when.flags & ~WHEN_FLAGS) &&
	       !(flags & ~(HCHAN_FIRST | HCHAN_READY));
}

int hchan__blame(struct hchan_case *c, size_t n, size_t index, int err)
{
	size_t i;

	if (err == -EBADF || err == -EPERM || err == -EMSGSIZE ||
	    err == -EINVAL || err == -EFAULT)
		for (i = 0; i < n; i++)
			c[i].error = i == index ? err : 0;
	return err;
}

/*
 * hchan__ask() - an ioctl on a case's descriptor, hoped to be a channel's
 *
 * In a select what is no channel is -EBADF (C48). -ENOTTY is left to a channel
 * whose module does not know the ioctl.
 */
int hchan__ask(int ch, unsigned int request, void *arg)
{
	struct hchan_stat st;
	int ret;

	ret = hchan__ioctl(ch, request, arg);
	if (ret == -ENOTTY && hchan_stat(ch, &st))
		ret = -EBADF;
	return ret;
}

int hchan_select(struct hchan_case *cases, size_t n, struct hchan_when when,
		 unsigned int flags)
{
	struct hchan_select select = {
		.cases = (uintptr_t)cases,
		.count = (uint32_t)n,
		.flags = when.flags | flags,
		.deadline = when.ns,
		.index = NONE,
	};
	struct content content;
	int ret;

	if (n > UINT32_MAX || !hchan__select_flags(when, flags))
		return -EINVAL;

	content = hide_nil(cases, select.count);
	if (content.channel != NONE) {
		ret = hchan__ask(cases[content.channel].fd, HCHAN_IOC_SELECT,
				 &select);
		/* Not even the kernel knew which. */
		if (ret == -EBADF && select.index == NONE)
			select.index = content.channel;
	} else if (content.polls) {
		ret = hchan__ask_device(HCHAN_IOC_SELECT, &select, NULL);
	} else {
		ret = hchan__nil(when.flags, when.ns, WHEN_FLAGS);
	}
	if (content.hidden)
		show_nil(cases, select.count);
	if (ret < 0)
		hchan__blame(cases, n, select.index, ret);
	return ret;
}
