// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* libevent: an event for each descriptor; squares-libevent IN OUT */
#include <event2/event.h>

#include "squares.h"

static struct squares squares;
static struct event *in, *out;

/* Events that are not EV_PERSIST wait once. */
static void go_on(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	switch (squares_step(&squares)) {
	case SQUARES_IN:
		event_add(in, NULL);
		break;
	case SQUARES_OUT:
		event_add(out, NULL);
		break;
	case SQUARES_END:
		/* Nothing is added any more: the loop ends. */
		break;
	}
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();

	if (argc != 3)
		errx(2, "usage: squares-libevent IN OUT");
	squares_open(&squares, argv[1], argv[2]);
	in = event_new(base, squares.in, EV_READ, go_on, NULL);
	out = event_new(base, squares.out, EV_WRITE, go_on, NULL);
	if (!base || !in || !out)
		errx(1, "libevent");
	event_add(in, NULL);
	event_base_dispatch(base);
	event_free(in);
	event_free(out);
	event_base_free(base);
	squares_close(&squares);
	return 0;
}
