// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker that is an event loop: it never waits in a channel, only in
 * epoll_wait(2), for a line to come or, with one in hand, for room to send what
 * it has counted.
 *
 *	poller WHO LINES COUNTS READY
 */
#include <errno.h>
#include <hchan.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "demo.h"

static void watch(int epoll, int op, int ch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = ch };

	if (epoll_ctl(epoll, op, ch, &event))
		die("epoll_ctl", -errno);
}

/* Readiness is a hint: somebody else may have been quicker (-EAGAIN). */
static int step(const char *who, int lines, int counts, int *holding,
		char *line, size_t in_room, char *out, size_t out_room)
{
	static size_t len;
	int ret;

	if (!*holding) {
		ret = hchan_recv_msg(lines, line, in_room, &len,
				     hchan_nowait());
		if (ret <= 0)
			return ret ? ret : -ENODATA;
		len = count_line(who, line, len, out, out_room);
		*holding = 1;
	}
	ret = hchan_send_msg(counts, out, len, hchan_nowait());
	if (!ret)
		*holding = 0;
	return ret;
}

int main(int argc, char **argv)
{
	int lines, counts, ready, epoll, ret, holding = 0, held;
	size_t in_room, out_room, none;
	struct epoll_event event = { 0 };
	char *line, *out;

	if (argc != 5) {
		fprintf(stderr, "usage: poller WHO LINES COUNTS READY\n");
		return 2;
	}
	lines = open_channel(argv[2], HCHAN_O_RECV | HCHAN_O_NONBLOCK, &in_room);
	counts = open_channel(argv[3], HCHAN_O_SEND | HCHAN_O_NONBLOCK,
			      &out_room);
	ready = open_channel(argv[4], HCHAN_O_SEND, &none);
	line = malloc(in_room);
	out = malloc(out_room);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!line || !out || epoll < 0)
		return 1;
	watch(epoll, EPOLL_CTL_ADD, lines, EPOLLIN);
	watch(epoll, EPOLL_CTL_ADD, counts, 0);
	ret = hchan_send(ready, "", 0);
	if (ret)
		die(argv[4], ret);

	for (;;) {
		if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR)
			die("epoll_wait", -errno);
		if (event.data.fd == counts && event.events & EPOLLHUP)
			die(argv[3], -EPIPE);
		held = holding;
		do {
			ret = step(argv[1], lines, counts, &holding, line,
				   in_room, out, out_room);
		} while (!ret);
		if (ret == -ENODATA)
			return 0;
		if (ret != -EAGAIN)
			die(argv[1], ret);
		if (held == holding)
			continue;
		watch(epoll, EPOLL_CTL_MOD, lines, holding ? 0 : EPOLLIN);
		watch(epoll, EPOLL_CTL_MOD, counts, holding ? EPOLLOUT : 0);
	}
}
