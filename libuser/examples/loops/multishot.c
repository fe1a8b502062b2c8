// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * io_uring's READ_MULTISHOT: one operation receives all that comes, each element
 * into a buffer from a pool; squares-multishot IN OUT
 *
 * What it has received is this program's, also while it lies in a buffer: if it
 * is killed then up to BUFFERS elements go with it, and not one as elsewhere.
 */
#include <liburing.h>
#include <string.h>

#include "squares.h"

#define READ_MULTISHOT	49	/* IORING_OP_READ_MULTISHOT: since Linux 6.7 */
#define BUFFERS		4
#define GROUP		1

enum { READ, WRITE, GIVE };	/* user_data */

static struct io_uring ring;
static uint64_t buffers[BUFFERS];
static uint16_t fifo[BUFFERS];	/* buffers with something in them, in order */
static unsigned int head, tail;

static struct io_uring_sqe *get_sqe(uint64_t data)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe)
		errx(1, "the ring is full");
	memset(sqe, 0, sizeof(*sqe));
	sqe->user_data = data;
	return sqe;
}

/* Into the pool: buffers from @first on. */
static void give(int first, int n)
{
	struct io_uring_sqe *sqe = get_sqe(GIVE);

	io_uring_prep_provide_buffers(sqe, &buffers[first], sizeof(*buffers), n,
				      GROUP, first);
	sqe->user_data = GIVE;
}

static void start_read(int fd)
{
	struct io_uring_sqe *sqe = get_sqe(READ);

	sqe->opcode = READ_MULTISHOT;
	sqe->fd = fd;
	sqe->flags = IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
}

static void start_write(int fd)
{
	uint64_t *x = &buffers[fifo[head % BUFFERS]];
	struct io_uring_sqe *sqe = get_sqe(WRITE);

	*x *= *x;
	io_uring_prep_write(sqe, fd, x, sizeof(*x), 0);
	sqe->user_data = WRITE;
}

/* Asked, not guessed from a version. */
static bool has_multishot(void)
{
	struct io_uring_probe *probe = io_uring_get_probe_ring(&ring);
	bool has = probe && io_uring_opcode_supported(probe, READ_MULTISHOT);

	io_uring_free_probe(probe);
	return has;
}

static void run(struct squares *s)
{
	bool reading = true, writing = false, end = false;
	struct io_uring_cqe *cqe;

	give(0, BUFFERS);
	start_read(s->in);
	while (!end || writing) {
		if (io_uring_submit_and_wait(&ring, 1) < 0 ||
		    io_uring_wait_cqe(&ring, &cqe))
			continue;	/* a signal */
		if (cqe->user_data == READ) {
			reading = cqe->flags & IORING_CQE_F_MORE;
			if (cqe->res > 0)
				fifo[tail++ % BUFFERS] =
					cqe->flags >> IORING_CQE_BUFFER_SHIFT;
			else if (cqe->res == 0)
				end = true;
			else if (cqe->res != -ENOBUFS)
				errx(1, "read: %s", strerror(-cqe->res));
		} else if (cqe->user_data == WRITE) {
			if (cqe->res != sizeof(*buffers))
				errx(1, "write: %s", strerror(-cqe->res));
			give(fifo[head++ % BUFFERS], 1);
			writing = false;
			/* It ended for want of a buffer. */
			if (!reading && !end) {
				start_read(s->in);
				reading = true;
			}
		} else if (cqe->res < 0) {
			errx(1, "provide buffers: %s", strerror(-cqe->res));
		}
		io_uring_cqe_seen(&ring, cqe);
		if (!writing && head != tail) {
			start_write(s->out);
			writing = true;
		}
	}
}

int main(int argc, char **argv)
{
	struct squares s;

	if (argc != 3)
		errx(2, "usage: squares-multishot IN OUT");
	squares_open(&s, argv[1], argv[2]);
	if (io_uring_queue_init(8, &ring, 0))
		errx(1, "no io_uring here");
	if (!has_multishot())
		errx(3, "this kernel has no READ_MULTISHOT");
	run(&s);
	io_uring_queue_exit(&ring);
	squares_close(&s);
	return 0;
}
