// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * io_uring by liburing, with operations that every file has, and with those of
 * channels, which are peers like any call:
 *
 *	squares-uring poll IN OUT	multishot POLL_ADD tells, calls transfer
 *	squares-uring read IN OUT	READ and WRITE wait and transfer
 *	squares-uring command IN OUT	commands do; Linux 6.7
 */
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <string.h>

#include <hchan/uring.h>

#include "squares.h"

static struct io_uring ring;

static struct io_uring_sqe *get_sqe(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe)
		errx(1, "the ring is full");
	return sqe;
}

struct done {
	int fd;
	int res;
	bool more;
};

/* Submits what there is, and takes one completion. */
static struct done next_done(void)
{
	struct io_uring_cqe *cqe;
	struct done done;
	int ret;

	do {
		ret = io_uring_submit_and_wait(&ring, 1);
	} while (ret == -EINTR);
	if (ret >= 0)
		ret = io_uring_wait_cqe(&ring, &cqe);
	if (ret < 0)
		errx(1, "io_uring: %s", strerror(-ret));
	done.fd = cqe->user_data;
	done.res = cqe->res;
	done.more = cqe->flags & IORING_CQE_F_MORE;
	io_uring_cqe_seen(&ring, cqe);
	return done;
}

/* Tells of each event from now on, like an edge-triggered epoll. */
static void watch(int fd, unsigned int events)
{
	struct io_uring_sqe *sqe = get_sqe();

	io_uring_prep_poll_multishot(sqe, fd, events);
	io_uring_sqe_set_data64(sqe, fd);
}

static void by_poll(struct squares *s)
{
	struct done done;

	watch(s->in, POLLIN);
	watch(s->out, POLLOUT);
	io_uring_submit(&ring);
	while (squares_step(s) != SQUARES_END) {
		done = next_done();
		if (done.res < 0)
			errx(1, "poll: %s", strerror(-done.res));
		if (!done.more)
			watch(done.fd, done.fd == s->in ? POLLIN : POLLOUT);
	}
}

static void by_read(struct squares *s)
{
	struct done done;
	uint64_t x;

	for (;;) {
		io_uring_prep_read(get_sqe(), s->in, &x, sizeof(x), 0);
		done = next_done();
		if (done.res == 0)
			return;
		if (done.res != sizeof(x))
			errx(1, "read: %s", strerror(-done.res));
		x *= x;
		io_uring_prep_write(get_sqe(), s->out, &x, sizeof(x), 0);
		done = next_done();
		if (done.res != sizeof(x))
			errx(1, "write: %s", strerror(-done.res));
	}
}

static void by_command(struct squares *s)
{
	struct hchan_xfer xfer;
	struct done done;
	uint64_t x;

	/* A command waits only where a call would. */
	fcntl(s->in, F_SETFL, 0);
	fcntl(s->out, F_SETFL, 0);
	for (;;) {
		hchan_prep_recv(get_sqe(), s->in, &xfer, &x, sizeof(x),
				hchan_forever());
		done = next_done();
		if (done.res == 0)
			return;
		if (done.res < 0)
			errx(1, "receive: %s", hchan_strerror(done.res));
		x *= x;
		hchan_prep_send(get_sqe(), s->out, &xfer, &x, sizeof(x),
				hchan_forever());
		done = next_done();
		if (done.res < 0)
			errx(1, "send: %s", hchan_strerror(done.res));
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct squares *s);
	} ways[] = {
		{ "poll", by_poll }, { "read", by_read }, { "command", by_command },
	};
	struct squares s;
	int i = 0;

	while (argc == 4 && i < 3 && strcmp(argv[1], ways[i].name))
		i++;
	if (argc != 4 || i == 3)
		errx(2, "usage: squares-uring poll|read|command IN OUT");
	squares_open(&s, argv[2], argv[3]);
	if (io_uring_queue_init(8, &ring, 0))
		errx(1, "no io_uring here");
	ways[i].run(&s);
	io_uring_queue_exit(&ring);
	squares_close(&s);
	return 0;
}
