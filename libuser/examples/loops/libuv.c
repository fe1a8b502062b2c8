// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* libuv: a uv_poll for each descriptor; squares-libuv IN OUT */
#include <uv.h>

#include "squares.h"

static struct squares squares;
static uv_poll_t in, out;

/* Both handles call it; the one that was waited for is stopped first. */
static void go_on(uv_poll_t *handle, int status, int events)
{
	(void)events;
	if (status < 0)
		errx(1, "%s", uv_strerror(status));
	uv_poll_stop(handle);
	switch (squares_step(&squares)) {
	case SQUARES_IN:
		uv_poll_start(&in, UV_READABLE, go_on);
		break;
	case SQUARES_OUT:
		uv_poll_start(&out, UV_WRITABLE, go_on);
		break;
	case SQUARES_END:
		/* Nothing is started any more: the loop ends. */
		uv_close((uv_handle_t *)&in, NULL);
		uv_close((uv_handle_t *)&out, NULL);
		break;
	}
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();

	if (argc != 3)
		errx(2, "usage: squares-libuv IN OUT");
	squares_open(&squares, argv[1], argv[2]);
	if (uv_poll_init(loop, &in, squares.in) ||
	    uv_poll_init(loop, &out, squares.out))
		errx(1, "uv_poll_init");
	uv_poll_start(&in, UV_READABLE, go_on);
	uv_run(loop, UV_RUN_DEFAULT);
	squares_close(&squares);
	uv_loop_close(loop);
	return 0;
}
