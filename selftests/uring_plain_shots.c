// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one operation of io_uring tells many times: POLL_ADD for each event (C45),
 * READ_MULTISHOT for each element, into buffers that were provided (C51).
 */
#include <poll.h>

#include "uring_plain.h"

#define GROUP 7		/* of provided buffers */

const struct hc_body_entry hc_bodies[] = { {} };

/* POLL_ADD: once; and for each event that comes, until it is taken back. */
TEST_F(uring, C45_poll_add)
{
	ring_sqe(&self->r, IORING_OP_POLL_ADD, self->fd, NULL, 0, 1)
		->poll32_events = POLLIN;
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, put(self->fd, 1));
	EXPECT_EQ(POLLIN, ring_result(&self->r, 1));
	EXPECT_EQ(1, get(self->fd));
	ASSERT_EQ(0, put(self->fd, 2));
	EXPECT_TRUE(ring_quiet(&self->r));
}

TEST_F(uring, C45_poll_add_multishot)
{
	struct io_uring_cqe cqe;
	int i;

	ring_sqe(&self->r, IORING_OP_POLL_ADD, self->fd, NULL,
		 IORING_POLL_ADD_MULTI, 1)->poll32_events = POLLIN;
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, put(self->fd, i));
		cqe = ring_wait(&self->r);
		EXPECT_EQ(POLLIN, cqe.res);
		EXPECT_TRUE(cqe.flags & IORING_CQE_F_MORE);
		EXPECT_EQ(i, get(self->fd));
		EXPECT_TRUE(ring_quiet(&self->r));
	}
	ASSERT_EQ(0, hc_close(self->fd));
	cqe = ring_wait(&self->r);
	EXPECT_EQ(1, cqe.user_data);
	EXPECT_EQ(POLLIN | POLLRDHUP | POLLHUP, cqe.res);
}

static void provide(struct io_uring *r, void *buffers, uint32_t size, int n)
{
	struct io_uring_sqe *sqe;

	sqe = ring_sqe(r, IORING_OP_PROVIDE_BUFFERS, n, buffers, size, 99);
	sqe->buf_group = GROUP;
	ring_submit(r);
	hc_must(ring_result(r, 99) >= 0);
}

/* A READ that takes its buffer from a pool when there is something to read. */
TEST_F(uring, C51_read_of_a_provided_buffer)
{
	uint64_t buffers[2] = { HC_POISON64, HC_POISON64 };
	struct io_uring_sqe *sqe;
	struct io_uring_cqe cqe;
	int i;

	provide(&self->r, buffers, ELEM, 2);
	for (i = 0; i < 2; i++) {
		sqe = READ(NULL, ELEM, i);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = GROUP;
		ring_submit(&self->r);
		EXPECT_TRUE(ring_quiet(&self->r));
		ASSERT_EQ(0, put(self->fd, 20 + i));
		cqe = ring_wait(&self->r);
		ASSERT_EQ(ELEM, cqe.res);
		ASSERT_TRUE(cqe.flags & IORING_CQE_F_BUFFER);
		EXPECT_EQ(20 + i, buffers[cqe.flags >> IORING_CQE_BUFFER_SHIFT]);
	}
}

/*
 * One READ_MULTISHOT for all that comes. Without a buffer it ends, and what it
 * had no buffer for stays in the channel. Kernels without it say so when asked.
 */
TEST_F(uring, C51_read_multishot)
{
	uint64_t buffers[4] = {};
	struct io_uring_cqe cqe;
	struct io_uring_sqe *sqe;
	int i, left = 4;

	if (!ring_probe(&self->r, RING_OP_READ_MULTISHOT)) {
		ring_sqe(&self->r, RING_OP_READ_MULTISHOT, self->fd, NULL, 0, 1);
		ring_submit(&self->r);
		EXPECT_EQ(-EINVAL, ring_result(&self->r, 1));
		return;
	}
	provide(&self->r, buffers, ELEM, left);
	sqe = ring_sqe(&self->r, RING_OP_READ_MULTISHOT, self->fd, NULL, 0, 1);
	sqe->flags |= IOSQE_BUFFER_SELECT | variant->sqe;
	sqe->buf_group = GROUP;
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	for (i = 0; i < left; i++) {
		ASSERT_EQ(0, put(self->fd, 30 + i));
		cqe = ring_wait(&self->r);
		ASSERT_EQ(ELEM, cqe.res);
		ASSERT_TRUE(cqe.flags & IORING_CQE_F_MORE);
		EXPECT_EQ(30 + i, buffers[cqe.flags >> IORING_CQE_BUFFER_SHIFT]);
	}
	ASSERT_EQ(0, put(self->fd, 34));
	cqe = ring_wait(&self->r);
	EXPECT_EQ(-ENOBUFS, cqe.res);
	EXPECT_FALSE(cqe.flags & IORING_CQE_F_MORE);
	EXPECT_EQ(34, get(self->fd));
}

/* It ends with the channel, having read all that was left there. */
TEST_F(uring, C12_read_multishot_to_the_end)
{
	uint64_t buffers[4] = {}, sum = 0;
	struct io_uring_cqe cqe;
	struct io_uring_sqe *sqe;

	if (!ring_probe(&self->r, RING_OP_READ_MULTISHOT))
		return;		/* the test above is about that */
	provide(&self->r, buffers, ELEM, 4);
	ASSERT_EQ(0, put(self->fd, 1));
	ASSERT_EQ(0, put(self->fd, 2));
	sqe = ring_sqe(&self->r, RING_OP_READ_MULTISHOT, self->fd, NULL, 0, 1);
	sqe->flags |= IOSQE_BUFFER_SELECT | variant->sqe;
	sqe->buf_group = GROUP;
	ASSERT_EQ(0, hc_close(self->fd));
	ring_submit(&self->r);
	do {
		cqe = ring_wait(&self->r);
		if (cqe.res)
			sum += buffers[cqe.flags >> IORING_CQE_BUFFER_SHIFT];
	} while (cqe.flags & IORING_CQE_F_MORE);
	EXPECT_EQ(0, cqe.res);
	EXPECT_EQ(3, sum);
}

TEST_HARNESS_MAIN
