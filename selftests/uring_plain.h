/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of io_uring's READ and WRITE on channels: a ring of each kind and
 * a channel with room for two numbers.
 */
#ifndef URING_PLAIN_H
#define URING_PLAIN_H

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "uring_ring.h"

#define ELEM sizeof(uint64_t)

#define DEFERRED (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

static inline int put(int fd, uint64_t x)
{
	return hc_try_send(fd, &x, ELEM);
}

/* The element that is there, or a negative errno. */
static inline int64_t get(int fd)
{
	uint64_t x;
	int ret = hc_try_recv(fd, &x, ELEM);

	return ret == 1 ? (int64_t)x : ret ? ret : -ENODATA;
}

FIXTURE(uring)
{
	struct io_uring r;
	struct hc_chan ch;	/* capacity 2 */
	int fd;
};

FIXTURE_VARIANT(uring)
{
	uint32_t setup;
	uint8_t sqe;		/* flags of each READ and WRITE */
};

FIXTURE_VARIANT_ADD(uring, plain) { 0, 0 };
FIXTURE_VARIANT_ADD(uring, deferred) { DEFERRED, 0 };
FIXTURE_VARIANT_ADD(uring, sqpoll) { IORING_SETUP_SQPOLL, 0 };
FIXTURE_VARIANT_ADD(uring, async) { 0, IOSQE_ASYNC };

FIXTURE_SETUP(uring)
{
	ASSERT_EQ(0, ring_init(&self->r, variant->setup));
	ASSERT_EQ(0, hc_chan_make(&self->ch, HC_THREADS, ELEM, 2, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->r);
	hc_chan_drop(&self->ch);
}

static inline struct io_uring_sqe *op(struct io_uring *r, uint8_t op, uint8_t flags,
				      int fd, void *buf, uint32_t len,
				      uint64_t user_data)
{
	struct io_uring_sqe *sqe = ring_sqe(r, op, fd, buf, len, user_data);

	sqe->flags = flags;
	return sqe;
}

/* On the fixture's ring, as its variant does it. */
#define READ_OF(fd, buf, len, data)					\
	op(&self->r, IORING_OP_READ, variant->sqe, fd, buf, len, data)
#define WRITE_TO(fd, buf, len, data)					\
	op(&self->r, IORING_OP_WRITE, variant->sqe, fd, buf, len, data)
#define READ(buf, len, data)	READ_OF(self->fd, buf, len, data)
#define WRITE(buf, len, data)	WRITE_TO(self->fd, buf, len, data)

#endif /* URING_PLAIN_H */
