// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches by io_uring commands: all, or as many as there were when something ended
 * it; then that many are the result, whatever it was (C39, C51).
 */
#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_uring.h"

#define MANY 3000

FIXTURE(batch)
{
	struct io_uring ring;
	int fd;
	uint8_t *buf;
};

FIXTURE_VARIANT(batch)
{
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(batch, elem0_cap0) { 0, 0 };
FIXTURE_VARIANT_ADD(batch, elem8_cap0) { 8, 0 };
FIXTURE_VARIANT_ADD(batch, elem8_cap3) { 8, 3 };
FIXTURE_VARIANT_ADD(batch, elem128_cap1) { 128, 1 };
FIXTURE_VARIANT_ADD(batch, elem200_cap3) { 200, 3 };
FIXTURE_VARIANT_ADD(batch, elem4096_cap0) { 4096, 0 };

FIXTURE_SETUP(batch)
{
	self->fd = hc_make(variant->elem, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	self->buf = malloc(variant->elem * MANY + 1);
	ASSERT_EQ(0, hu_init(&self->ring, 8, 0));
}

FIXTURE_TEARDOWN(batch)
{
	io_uring_queue_exit(&self->ring);
	free(self->buf);
	close(self->fd);
}

#define PUT(seed) hc_put_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define GET(seed) hc_get_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define FILL_BUF(n, seed)						\
	do {								\
		uint32_t i_;						\
									\
		for (i_ = 0; i_ < (n); i_++)				\
			hc_fill(self->buf + i_ * variant->elem,		\
				variant->elem, (seed) + i_);		\
	} while (0)
#define SENDN(cmd, n, ...)						\
	hu_batch(&self->ring, cmd, self->fd, HCHAN_IOC_SENDN, self->buf,	\
		 variant->elem, n, NULL, ##__VA_ARGS__)
#define RECVN(cmd, n, ...)						\
	hu_batch(&self->ring, cmd, self->fd, HCHAN_IOC_RECVN, NULL,	\
		 variant->elem, n, NULL, ##__VA_ARGS__)
#define DO(cmd) hu_do(&self->ring, cmd)
#define SUBMIT() hu_submit(&self->ring)
#define WAIT(cmd) hu_wait(&self->ring, cmd)

/* What is there, and nothing at all. */
TEST_F(batch, C39_without_waiting)
{
	uint32_t cap = variant->cap;
	struct hu_cmd cmd;

	FILL_BUF(cap + 2, 0);
	RECVN(&cmd, 2, HCHAN_NOWAIT, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd));
	hu_free(&cmd);
	RECVN(&cmd, 0, 0, 0);
	EXPECT_EQ(0, DO(&cmd));
	hu_free(&cmd);
	SENDN(&cmd, cap + 2, HCHAN_NOWAIT, 0);
	EXPECT_EQ(cap ?: -EAGAIN, DO(&cmd));
	EXPECT_EQ(cap, hc_len(self->fd));
	SENDN(&cmd, 1, HCHAN_NOWAIT, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd));
	RECVN(&cmd, cap + 2, HCHAN_NOWAIT, 0);
	EXPECT_EQ(cap ?: -EAGAIN, DO(&cmd));
	EXPECT_TRUE(!cap || hu_got_all(&cmd, cap, 0));
	hu_free(&cmd);
	if (!cap)
		return;
	/* All that it wants need not wait. */
	SENDN(&cmd, cap, 0, 0);
	EXPECT_EQ(cap, DO(&cmd));
	RECVN(&cmd, cap, 0, 0);
	EXPECT_EQ(cap, DO(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, cap, 0));
	hu_free(&cmd);
	/* One is enough for HCHAN_SOME. */
	ASSERT_EQ(0, PUT(8));
	RECVN(&cmd, 5, HCHAN_SOME, 0);
	EXPECT_EQ(1, DO(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, 1, 8));
	hu_free(&cmd);
}

/* Where nothing waits: what there is room for; EAGAIN if there is none. */
TEST_F(batch, C51_where_nothing_parks)
{
	uint32_t cap = variant->cap;
	struct hu_cmd cmd;

	if (hu_parks())
		ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	FILL_BUF(cap + 2, 0);
	SENDN(&cmd, cap + 2, 0, 0);
	EXPECT_EQ(cap ?: -EAGAIN, DO(&cmd));
	SENDN(&cmd, 2, 0, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd));
	RECVN(&cmd, cap + 2, 0, 0);
	EXPECT_EQ(cap ?: -EAGAIN, DO(&cmd));
	hu_free(&cmd);
	RECVN(&cmd, 2, HCHAN_SOME, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd));
	hu_free(&cmd);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* One element after the other, each past the buffer; it counts as one. */
TEST_F(batch, C39_receives_all)
{
	struct hu_cmd cmd;
	int i, n = 5;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECVN(&cmd, n, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	for (i = 0; i < n; i++) {
		EXPECT_TRUE(hu_waits(&self->ring, &cmd));
		EXPECT_TRUE(hc_parked(self->fd, 0, 1));
		ASSERT_EQ(0, PUT(i));
		EXPECT_EQ(0, hc_len(self->fd));
	}
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(n, WAIT(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, n, 0));
	hu_free(&cmd);
}

TEST_F(batch, C7_C39_sends_all)
{
	uint32_t n = variant->cap + 5, i;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL_BUF(n, 0);
	SENDN(&cmd, n, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	memset(self->buf, 0xee, variant->elem * n);
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	for (i = 0; i < n; i++) {
		EXPECT_TRUE(hc_parked(self->fd, i < 5, 0));
		ASSERT_EQ(1, GET(i));
	}
	EXPECT_EQ(n, WAIT(&cmd));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/* HCHAN_SOME waits for the first, and is through with it. */
TEST_F(batch, C39_some)
{
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECVN(&cmd, 5, HCHAN_SOME, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, PUT(3));
	EXPECT_EQ(1, WAIT(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, 1, 3));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	hu_free(&cmd);
}

/* More than it keeps its place for at a time, against a call and a command. */
TEST_F(batch, C39_more_than_a_stretch)
{
	struct hu_cmd send, recv;
	uint8_t *got;
	uint32_t i;
	int n;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL_BUF(MANY, 0);
	SENDN(&send, MANY, 0, 0);
	RECVN(&recv, MANY, 0, 0);
	SUBMIT();
	EXPECT_EQ(MANY, WAIT(&send));
	EXPECT_EQ(MANY, WAIT(&recv));
	EXPECT_TRUE(hu_got_all(&recv, MANY, 0));
	hu_free(&recv);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));

	/* The calls take turns: a stretch is looked at while it runs. */
	SENDN(&send, MANY, 0, 0);
	SUBMIT();
	got = malloc(variant->elem + 1);
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(1, hc_recv_by(self->fd, got, variant->elem,
					HCHAN_DEADLINE, hc_in(HC_PATIENCE),
					NULL));
		ASSERT_TRUE(hc_is(got, variant->elem, i));
	}
	free(got);
	EXPECT_EQ(MANY, WAIT(&send));

	RECVN(&recv, MANY, 0, 0);
	SUBMIT();
	/* The command's work may interrupt the call of its own task. */
	for (i = 0; i < MANY; i += n) {
		n = hc_sendn_by(self->fd, self->buf + i * variant->elem,
				variant->elem, MANY - i, NULL, HCHAN_DEADLINE,
				hc_in(HC_PATIENCE), NULL);
		ASSERT_LT(0, n);
	}
	EXPECT_EQ(MANY, WAIT(&recv));
	EXPECT_TRUE(hu_got_all(&recv, MANY, 0));
	hu_free(&recv);
}

/* Two of five, then a cancel: two. Without any it has not happened. */
TEST_F(batch, C39_C51_receive_is_cancelled)
{
	struct hu_cmd cmd, end;
	int i, n;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (n = 0; n <= 2; n += 2) {
		RECVN(&cmd, 5, 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		for (i = 0; i < n; i++)
			ASSERT_EQ(0, PUT(i));
		hu_cancel(&self->ring, &end, self->fd, &cmd);
		EXPECT_EQ(0, DO(&end));
		EXPECT_EQ(n ?: -ECANCELED, WAIT(&cmd));
		EXPECT_TRUE(!n || hu_got_all(&cmd, n, 0));
		hu_free(&cmd);
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
		EXPECT_EQ(0, hc_len(self->fd));
	}
}

TEST_F(batch, C15_C39_receive_finds_the_end)
{
	struct hu_cmd cmd[2];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 2; i++)
		RECVN(&cmd[i], 5, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 2));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, PUT(i));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(2, WAIT(&cmd[0]));
	EXPECT_TRUE(hu_got_all(&cmd[0], 2, 0));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd[0].arg.batch.status);
	EXPECT_EQ(0, WAIT(&cmd[1]));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd[1].arg.batch.status);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	for (i = 0; i < 2; i++)
		hu_free(&cmd[i]);
}

/* What it had found before it waited counts too. */
TEST_F(batch, C39_C40_receive_times_out)
{
	int n = variant->cap, i;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, PUT(i));
	RECVN(&cmd, n + 5, HCHAN_DEADLINE, hc_in(30 * HC_MS));
	EXPECT_EQ(n ?: -ETIMEDOUT, DO(&cmd));
	EXPECT_TRUE(!n || hu_got_all(&cmd, n, 0));
	hu_free(&cmd);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Two more than fit are taken; what is not stays unsent. */
TEST_F(batch, C39_C51_send_is_cancelled)
{
	uint32_t cap = variant->cap, i;
	struct hu_cmd cmd, end;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL_BUF(cap + 5, 0);
	SENDN(&cmd, cap + 5, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_TRUE(hc_parked(self->fd, 1, 0));
	hu_cancel(&self->ring, &end, self->fd, &cmd);
	EXPECT_EQ(0, DO(&end));
	EXPECT_EQ(cap + 2, WAIT(&cmd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	for (; i < cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(i));

	if (cap)
		return;
	SENDN(&cmd, 5, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	hu_cancel(&self->ring, &end, self->fd, &cmd);
	EXPECT_EQ(0, DO(&end));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd));
	EXPECT_EQ(-EAGAIN, GET(0));
}

TEST_F(batch, C11_C39_send_finds_the_end)
{
	uint32_t cap = variant->cap, i;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL_BUF(cap + 5, 0);
	SENDN(&cmd, cap + 5, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, GET(i));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(cap + 2, WAIT(&cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd.arg.batch.status);
	for (; i < cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(0, GET(i));
}

TEST_F(batch, C39_C40_send_times_out)
{
	uint32_t cap = variant->cap, i;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL_BUF(cap + 5, 0);
	SENDN(&cmd, cap + 5, HCHAN_DEADLINE, hc_in(30 * HC_MS));
	EXPECT_EQ(cap ?: -ETIMEDOUT, DO(&cmd));
	for (i = 0; i < cap; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(i));
}

/* Closed before the first: as a single one. */
TEST_F(batch, C11_C12_on_closed)
{
	struct hu_cmd cmd;
	uint32_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	ASSERT_EQ(0, hc_close(self->fd));
	SENDN(&cmd, 2, 0, 0);
	EXPECT_EQ(-EPIPE, DO(&cmd));
	RECVN(&cmd, variant->cap + 2, 0, 0);
	EXPECT_EQ(variant->cap, DO(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, variant->cap, 0));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd.arg.batch.status);
	hu_free(&cmd);
	RECVN(&cmd, 2, 0, 0);
	EXPECT_EQ(0, DO(&cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd.arg.batch.status);
	hu_free(&cmd);
}

/* Messages, with their lengths. */
TEST(C44_messages)
{
	uint32_t lens[] = { 1, 300, 20 }, i, got;
	int fd = hc_make(300, 0, HCHAN_MSG);
	struct hu_cmd send, recv;
	uint8_t buf[3 * 300];
	struct io_uring ring;

	ASSERT_LE(0, fd);
	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	ASSERT_EQ(0, hu_init(&ring, 8, 0));
	for (i = 0; i < 3; i++)
		hc_fill(buf + i * 300, lens[i], i);
	hu_batch(&ring, &recv, fd, HCHAN_IOC_RECVN, NULL, 300, 3, lens, 0, 0);
	hu_batch(&ring, &send, fd, HCHAN_IOC_SENDN, buf, 300, 3, lens, 0, 0);
	EXPECT_EQ(3, hu_do(&ring, &send));
	EXPECT_EQ(3, hu_wait(&ring, &recv));
	for (i = 0; i < 3; i++) {
		memcpy(&got, recv.lens + i * sizeof(got), sizeof(got));
		EXPECT_EQ(lens[i], got);
		EXPECT_TRUE(hc_is(recv.area + i * 300, lens[i], i));
	}
	hu_free(&recv);

	/* The second does not fit: one, and it is there for the next. */
	hu_batch(&ring, &recv, fd, HCHAN_IOC_RECVN, NULL, 299, 3, lens, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(fd, 1));
	hu_batch(&ring, &send, fd, HCHAN_IOC_SENDN, buf, 300, 3, lens, 0, 0);
	hu_submit(&ring);
	EXPECT_EQ(1, hu_wait(&ring, &recv));
	EXPECT_EQ(300, recv.arg.batch.actual);
	hu_free(&recv);
	ASSERT_EQ(0, hc_wait_senders(fd, 1));
	EXPECT_EQ(1, hc_try_recv(fd, buf, 300));
	EXPECT_EQ(1, hc_try_recv(fd, buf, 300));
	EXPECT_EQ(3, hu_wait(&ring, &send));
	io_uring_queue_exit(&ring);
	close(fd);
}

TEST_HARNESS_MAIN
