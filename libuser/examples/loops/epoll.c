// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * epoll, in each of its ways:
 *
 *	squares-epoll level|edge|oneshot|exclusive IN OUT
 */
#include <string.h>
#include <sys/epoll.h>

#include "squares.h"

static const struct way {
	const char *name;
	uint32_t flags;
} ways[] = {
	{ "level", 0 },
	{ "edge", EPOLLET },
	{ "oneshot", EPOLLONESHOT },
	{ "exclusive", EPOLLEXCLUSIVE },
	{}
};

static void ctl(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(ep, op, fd, &event))
		err(1, "epoll_ctl");
}

int main(int argc, char **argv)
{
	const struct way *way = ways;
	struct epoll_event event;
	enum squares_next next;
	struct squares s;
	uint32_t events;
	int ep, fd;

	while (argc == 4 && way->name && strcmp(argv[1], way->name))
		way++;
	if (argc != 4 || !way->name)
		errx(2, "usage: squares-epoll level|edge|oneshot|exclusive IN OUT");
	squares_open(&s, argv[2], argv[3]);
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		err(1, "epoll_create1");
	/* Edges are asked for once, a oneshot is armed for each wait. */
	if (way->flags & (EPOLLET | EPOLLONESHOT)) {
		events = way->flags & EPOLLET ? EPOLLIN | EPOLLOUT : 0;
		ctl(ep, EPOLL_CTL_ADD, s.in, events | way->flags);
		ctl(ep, EPOLL_CTL_ADD, s.out, events | way->flags);
	}
	while ((next = squares_step(&s)) != SQUARES_END) {
		fd = next == SQUARES_IN ? s.in : s.out;
		events = next == SQUARES_IN ? EPOLLIN : EPOLLOUT;
		if (way->flags & EPOLLONESHOT)
			ctl(ep, EPOLL_CTL_MOD, fd, events | way->flags);
		else if (!(way->flags & EPOLLET))
			ctl(ep, EPOLL_CTL_ADD, fd, events | way->flags);
		if (epoll_wait(ep, &event, 1, -1) < 0 && errno != EINTR)
			err(1, "epoll_wait");
		/*
		 * A level that nobody asks about now must not be told over and
		 * over; HUP would be, whatever the mask.
		 */
		if (!(way->flags & (EPOLLET | EPOLLONESHOT)))
			ctl(ep, EPOLL_CTL_DEL, fd, 0);
	}
	squares_close(&s);
	return 0;
}
