// SPDX-License-Identifier: GPL-2.0-only
/*
 * Standard input in pieces. What is there is read at once, so that many lines
 * can go in one batch; but no line waits for the next one to come.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* Room for two elements, also when each of their bytes is two digits. */
#define INPUT_ROOM	(4 * HCHAN_ELEM_MAX + 16)

void input_init(struct input *in, enum cut how, size_t size)
{
	memset(in, 0, sizeof(*in));
	in->how = how;
	in->size = size;
	in->buf = malloc(INPUT_ROOM);
	if (!in->buf)
		out_of_memory();
}

static void take(struct input *in, const char **piece, size_t *len, size_t skip)
{
	*piece = in->buf + in->begin;
	in->begin += *len + skip;
}

/* The next piece of what was read; it is good until the next input_wait(). */
bool input_next(struct input *in, const char **piece, size_t *len)
{
	size_t there = in->end - in->begin;
	const char *end;

	if (in->done)
		return false;
	switch (in->how) {
	case CUT_LINES:
	case CUT_NULS:
		end = memchr(in->buf + in->begin,
			     in->how == CUT_LINES ? '\n' : '\0', there);
		if (end) {
			*len = end - (in->buf + in->begin);
			take(in, piece, len, 1);
			return true;
		}
		break;
	case CUT_SIZE:
		if (there >= in->size) {
			*len = in->size;
			take(in, piece, len, 0);
			return true;
		}
		break;
	case CUT_NOT:
		break;
	}
	/* The last one needs no end of its own; an empty input is one whole. */
	if (in->eof && (there || in->how == CUT_NOT)) {
		*len = there;
		take(in, piece, len, 0);
		in->done = true;
		return true;
	}
	return false;
}

/* A piece that is longer than any element. */
bool input_full(const struct input *in)
{
	return in->end - in->begin == INPUT_ROOM;
}

static int wait_readable(struct hchan_when when)
{
	struct pollfd readable = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec now;
	int64_t left = -1;
	int ret;

	for (;;) {
		if (when.flags & HCHAN_DEADLINE) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			left = when.ns - hchan_at(now).ns;
			left = left > 0 ? (left - 1) / HCHAN_MSEC + 1 : 0;
			if (left > INT_MAX)
				left = INT_MAX;
		}
		ret = poll(&readable, 1, (int)left);
		if (ret > 0)
			return 0;
		if (ret < 0 && errno != EINTR)
			return -errno;
		if (!ret && left < INT_MAX)
			return -ETIMEDOUT;
	}
}

/* Reads what there is, waiting until it is something. A negative errno. */
int input_wait(struct input *in, struct hchan_when when)
{
	ssize_t n;
	int err;

	memmove(in->buf, in->buf + in->begin, in->end - in->begin);
	in->end -= in->begin;
	in->begin = 0;
	for (;;) {
		if (when.flags & HCHAN_DEADLINE) {
			err = wait_readable(when);
			if (err)
				return err;
		}
		n = read(STDIN_FILENO, in->buf + in->end,
			 INPUT_ROOM - in->end);
		if (n >= 0)
			break;
		if (errno == EAGAIN)
			err = wait_readable(when);
		else
			err = errno == EINTR ? 0 : -errno;
		if (err)
			return err;
	}
	in->end += n;
	in->eof = !n;
	return 0;
}
