// SPDX-License-Identifier: GPL-2.0-only
/* <hchan/uring.h>: what each preparer prepares, and what completions are decoded to. */
#include <liburing.h>

#include <hchan/uring.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define N 8

FIXTURE(uring) {
	struct io_uring ring;
	bool parks;
	int ch;			/* room for N */
	int rendezvous;
};

FIXTURE_SETUP(uring)
{
	struct hchan_query query;

	ASSERT_EQ(0, hchan_query(&query));
	ASSERT_TRUE(query.features & HCHAN_FEAT_URING);
	self->parks = query.features & HCHAN_FEAT_URING_PARK;
	ASSERT_EQ(0, io_uring_queue_init(32, &self->ring, 0));
	self->ch = hchan_make(sizeof(int), N);
	self->rendezvous = hchan_make(sizeof(int), 0);
	ASSERT_LE(0, self->rendezvous) TH_LOG("%s", hchan_errmsg());
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->ring);
	hchan_drop(self->ch);
	hchan_drop(self->rendezvous);
}

/* The next completion. @data: its user_data; or NULL. */
static struct hchan_done next(struct io_uring *ring, uint64_t *data)
{
	struct hchan_done done = { -EIO, -1, 0 };
	struct io_uring_cqe *cqe;
	int ret;

	do {
		ret = io_uring_submit_and_wait(ring, 1);
	} while (ret == -EINTR);
	if (ret < 0 || io_uring_peek_cqe(ring, &cqe))
		return done;
	done = hchan_cqe_decode(cqe);
	if (data)
		*data = cqe->user_data;
	io_uring_cqe_seen(ring, cqe);
	return done;
}

static struct io_uring_sqe *fresh(struct io_uring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (!sqe)
		abort();
	return sqe;
}

#define SQE()		fresh(&self->ring)
#define RESULT()	next(&self->ring, NULL).result

TEST_F(uring, C51_send_and_receive)
{
	struct hchan_xfer xfer;
	struct hchan_done done;
	int x = 42, y = 0;

	hchan_prep_send(SQE(), self->ch, &xfer, &x, sizeof(x), hchan_forever());
	EXPECT_EQ(0, RESULT());
	EXPECT_EQ(1, hchan_len(self->ch));
	hchan_prep_recv(SQE(), self->ch, &xfer, &y, sizeof(y), hchan_forever());
	done = next(&self->ring, NULL);
	EXPECT_EQ(1, done.result);
	EXPECT_EQ(-1, done.buffer);
	EXPECT_EQ(0, done.more);
	EXPECT_EQ(42, y);
	EXPECT_EQ(sizeof(y), xfer.actual);

	/* An element of another size is refused, as by the calls. */
	hchan_prep_send(SQE(), self->ch, &xfer, &x, 1, hchan_forever());
	EXPECT_EQ(-EMSGSIZE, RESULT());
	hchan_prep_recv(SQE(), self->ch, &xfer, &y, SIZE_MAX, hchan_nowait());
	EXPECT_EQ(-EAGAIN, RESULT());
	hchan_prep_recv(SQE(), self->ch, &xfer, &y, sizeof(y),
			hchan_after(HCHAN_MSEC));
	EXPECT_EQ(self->parks ? -ETIMEDOUT : -EAGAIN, RESULT());
}

TEST_F(uring, C15_close)
{
	struct hchan_xfer xfer;
	int x = 1;

	hchan_prep_close(SQE(), self->ch);
	EXPECT_EQ(0, RESULT());
	hchan_prep_close(SQE(), self->ch);
	EXPECT_EQ(-EALREADY, RESULT());
	hchan_prep_recv(SQE(), self->ch, &xfer, &x, sizeof(x), hchan_forever());
	EXPECT_EQ(0, RESULT());
	EXPECT_EQ(HCHAN_ST_CLOSED, xfer.status);
	EXPECT_EQ(0, x);
	hchan_prep_send(SQE(), self->ch, &xfer, &x, sizeof(x), hchan_forever());
	EXPECT_EQ(-EPIPE, RESULT());
	EXPECT_EQ(HCHAN_ST_CLOSED, xfer.status);
}

TEST_F(uring, C39_batches)
{
	struct hchan_batch batch;
	int out[N], in[N] = {}, i;

	for (i = 0; i < N; i++)
		out[i] = i + 1;
	hchan_prep_sendn(SQE(), self->ch, &batch, out, sizeof(int), N,
			 hchan_forever());
	EXPECT_EQ(N, RESULT());
	EXPECT_EQ(N, batch.done);
	hchan_prep_recvn(SQE(), self->ch, &batch, in, sizeof(int), N - 1,
			 hchan_nowait(), 0);
	EXPECT_EQ(N - 1, RESULT());
	/* More are asked for than there are. */
	hchan_prep_recvn(SQE(), self->ch, &batch, in + N - 1, sizeof(int), N,
			 hchan_forever(), HCHAN_SOME);
	EXPECT_EQ(1, RESULT());
	EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
}

TEST_F(uring, C18_select)
{
	int x = 7, y = 0;
	struct hchan_case c[] = {
		hchan_on_recv(self->rendezvous, &y, sizeof(y)),
		hchan_on_send(self->ch, &x, sizeof(x)),
		{ .op = HCHAN_CASE_NIL },
	};
	struct hchan_select sel;

	hchan_prep_select(SQE(), self->ch, &sel, c, 3, hchan_forever(), 0);
	EXPECT_EQ(1, RESULT());
	EXPECT_EQ(1, sel.index);
	EXPECT_EQ(0, c[1].error);
	c[1] = hchan_on_recv(self->ch, &y, sizeof(y));
	hchan_prep_select(SQE(), self->ch, &sel, c, 3, hchan_forever(),
			  HCHAN_FIRST);
	EXPECT_EQ(1, RESULT());
	EXPECT_EQ(7, y);
	hchan_prep_select(SQE(), self->ch, &sel, c, 3, hchan_nowait(), 0);
	EXPECT_EQ(-EAGAIN, RESULT());
}

/* A nil case is never ready; nil, which nobody has, can't be submitted on. */
TEST_F(uring, C4_nil)
{
	int x = 7, y = 0;
	struct hchan_case c[] = {
		hchan_on_recv(HCHAN_NIL, &y, sizeof(y)),
		hchan_on_done(HCHAN_BACKGROUND),
		hchan_on_send(self->ch, &x, sizeof(x)),
	};
	struct hchan_select sel;
	struct hchan_batch batch;
	struct hchan_xfer xfer;

	hchan_prep_select(SQE(), self->ch, &sel, c, 3, hchan_forever(), HCHAN_FIRST);
	EXPECT_EQ(2, RESULT());
	hchan_prep_select(SQE(), self->ch, &sel, c, 2, hchan_nowait(), 0);
	EXPECT_EQ(-EAGAIN, RESULT());
	c[0] = hchan_on_recv(-1, &y, sizeof(y));
	hchan_prep_select(SQE(), self->ch, &sel, c, 3, hchan_forever(), 0);
	EXPECT_EQ(-EBADF, RESULT());
	EXPECT_EQ(1, hchan_len(self->ch));

	hchan_prep_select(SQE(), HCHAN_NIL, &sel, c + 2, 1, hchan_nowait(), 0);
	EXPECT_EQ(-EBADF, RESULT());
	hchan_prep_send(SQE(), HCHAN_NIL, &xfer, &x, sizeof(x), hchan_nowait());
	EXPECT_EQ(-EBADF, RESULT());
	hchan_prep_recv(SQE(), HCHAN_NIL, &xfer, &y, sizeof(y), hchan_nowait());
	EXPECT_EQ(-EBADF, RESULT());
	hchan_prep_recvn(SQE(), HCHAN_NIL, &batch, &y, sizeof(y), 1, hchan_nowait(), 0);
	EXPECT_EQ(-EBADF, RESULT());
	hchan_prep_close(SQE(), HCHAN_NIL);
	EXPECT_EQ(-EBADF, RESULT());
}

/* What waits meets a call, or is cancelled, and then it has not happened. */
TEST_F(uring, C51_waits_and_is_cancelled)
{
	struct io_uring_sqe *sqe;
	struct hchan_xfer xfer;
	struct hchan_done done;
	int x = 9, y = 0, i;
	uint64_t data;

	hchan_prep_cancel(SQE(), self->ch, 1);
	EXPECT_EQ(-ENOENT, RESULT());
	hchan_prep_recv(SQE(), self->rendezvous, &xfer, &y, sizeof(y),
			hchan_forever());
	if (!self->parks) {
		EXPECT_EQ(-EAGAIN, RESULT());
		return;
	}
	io_uring_submit(&self->ring);
	EXPECT_EQ(1, hchan_wait_receivers(self->rendezvous, 1, patience()));
	EXPECT_EQ(0, hchan_send(self->rendezvous, &x, sizeof(x)));
	EXPECT_EQ(1, RESULT());
	EXPECT_EQ(9, y);

	sqe = SQE();
	hchan_prep_recv(sqe, self->rendezvous, &xfer, &y, sizeof(y),
			hchan_forever());
	io_uring_sqe_set_data64(sqe, 1);
	io_uring_submit(&self->ring);
	EXPECT_EQ(1, hchan_wait_receivers(self->rendezvous, 1, patience()));
	sqe = SQE();
	hchan_prep_cancel(sqe, self->ch, 1);
	io_uring_sqe_set_data64(sqe, 2);
	for (i = 0; i < 2; i++) {
		done = next(&self->ring, &data);
		EXPECT_EQ(data == 1 ? -ECANCELED : 0, done.result);
	}
	EXPECT_EQ(-EAGAIN, hchan_try_send(self->rendezvous, &x, sizeof(x)));
}

TEST_F(uring, C44_receives_again_and_again)
{
	struct io_uring_probe *probe = io_uring_get_probe();
	int buffers[2][N] = {}, x, i;
	bool there;
	struct hchan_done done;

	ASSERT_NE(NULL, probe);
	there = io_uring_opcode_supported(probe, HCHAN_OP_READ_MULTISHOT);
	io_uring_free_probe(probe);
	io_uring_prep_provide_buffers(SQE(), buffers, sizeof(buffers[0]), 2, 5, 0);
	EXPECT_LE(0, RESULT());
	hchan_prep_recv_multishot(SQE(), self->ch, 5);
	if (!there) {
		EXPECT_EQ(-EINVAL, RESULT());
		return;
	}
	io_uring_submit(&self->ring);
	for (i = 0; i < 2; i++) {
		x = 10 + i;
		EXPECT_EQ(0, hchan_send(self->ch, &x, sizeof(x)));
		done = next(&self->ring, NULL);
		EXPECT_EQ(sizeof(x), done.result);
		EXPECT_EQ(1, done.more);
		ASSERT_LE(0, done.buffer);
		ASSERT_GT(2, done.buffer);
		EXPECT_EQ(x, buffers[done.buffer][0]);
	}
	EXPECT_EQ(0, hchan_send(self->ch, &x, sizeof(x)));
	done = next(&self->ring, NULL);
	EXPECT_EQ(-ENOBUFS, done.result);
	EXPECT_EQ(0, done.more);
	EXPECT_EQ(1, hchan_len(self->ch));
}

TEST_HARNESS_MAIN
