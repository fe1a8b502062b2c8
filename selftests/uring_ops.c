// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending, receiving and closing by io_uring commands, at once and parked: every
 * outcome there is, and that a command stands in the queues as any call does (C51).
 */
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_uring.h"

/* Peers. arg: element size, seed */

static int send_one(int fd, const long *arg)
{
	hc_must(hc_put_seed(HC_IOCTL, fd, arg[0], arg[1], false) == 0);
	return 0;
}

static int recv_one(int fd, const long *arg)
{
	hc_must(hc_get_seed(HC_IOCTL, fd, arg[0], arg[1], false) == 1);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(send_one),
	HC_BODY(recv_one),
	{}
};

FIXTURE(op)
{
	struct hc_chan ch;
	int fd;
	struct io_uring ring;
	uint8_t *elem;
};

FIXTURE_VARIANT(op)
{
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(op, elem0_cap0) { 0, 0 };
FIXTURE_VARIANT_ADD(op, elem0_cap2) { 0, 2 };
FIXTURE_VARIANT_ADD(op, elem8_cap0) { 8, 0 };
FIXTURE_VARIANT_ADD(op, elem8_cap2) { 8, 2 };
FIXTURE_VARIANT_ADD(op, elem128_cap0) { 128, 0 };
FIXTURE_VARIANT_ADD(op, elem128_cap2) { 128, 2 };
FIXTURE_VARIANT_ADD(op, elem129_cap1) { 129, 1 };
FIXTURE_VARIANT_ADD(op, elem65535_cap0) { 65535, 0 };
FIXTURE_VARIANT_ADD(op, elem65535_cap2) { 65535, 2 };

FIXTURE_SETUP(op)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, HC_THREADS, variant->elem,
				  variant->cap, 0));
	self->fd = self->ch.fd;
	self->elem = malloc(variant->elem + 1);
	ASSERT_EQ(0, hu_init(&self->ring, 16, 0));
}

FIXTURE_TEARDOWN(op)
{
	io_uring_queue_exit(&self->ring);
	free(self->elem);
	hc_chan_drop(&self->ch);
}

#define PUT(seed) hc_put_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define GET(seed) hc_get_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define FILL()								\
	do {								\
		uint64_t fill_;						\
									\
		for (fill_ = 0; fill_ < variant->cap; fill_++)		\
			ASSERT_EQ(0, PUT(fill_));			\
	} while (0)
#define SEND(cmd, seed, ...)						\
	(hc_fill(self->elem, variant->elem, seed),			\
	 hu_send(&self->ring, cmd, self->fd, self->elem, variant->elem,	\
		 ##__VA_ARGS__))
#define RECV(cmd, ...)							\
	hu_recv(&self->ring, cmd, self->fd, variant->elem, ##__VA_ARGS__)
#define DO(cmd) hu_do(&self->ring, cmd)
#define SUBMIT() hu_submit(&self->ring)
#define WAIT(cmd) hu_wait(&self->ring, cmd)
#define WAITS(cmd) hu_waits(&self->ring, cmd)
#define GOT(cmd, seed) hu_got(cmd, variant->elem, seed)

/* What need not wait has completed when it was submitted. */
TEST_F(op, C51_at_once)
{
	struct hu_cmd cmd;
	uint64_t i;

	for (i = 0; i < variant->cap; i++) {
		SEND(&cmd, i, 0, 0);
		SUBMIT();
		EXPECT_FALSE(WAITS(&cmd));
		EXPECT_EQ(0, cmd.res);
		ASSERT_EQ(i + 1, hc_len(self->fd));
	}
	for (i = 0; i < variant->cap; i++) {
		RECV(&cmd, 0, 0);
		SUBMIT();
		EXPECT_FALSE(WAITS(&cmd));
		ASSERT_TRUE(GOT(&cmd, i));
		hu_free(&cmd);
	}
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Not by its own flag, not by the file's, and not on a kernel that can not. */
TEST_F(op, C43_C51_eagain)
{
	struct hu_cmd cmd;
	int i, flags;

	for (i = 0; i < 3; i++) {
		if (i == 2 && hu_parks())
			break;
		flags = i ? 0 : HCHAN_NOWAIT;
		ASSERT_EQ(0, fcntl(self->fd, F_SETFL, i == 1 ? O_NONBLOCK : 0));
		RECV(&cmd, flags, 0);
		EXPECT_EQ(-EAGAIN, DO(&cmd));
		hu_free(&cmd);
		FILL();
		SEND(&cmd, 7, flags, 0);
		EXPECT_EQ(-EAGAIN, DO(&cmd));
		EXPECT_EQ(variant->cap, hc_len(self->fd));
		while (hc_len(self->fd)) {
			RECV(&cmd, flags, 0);
			EXPECT_EQ(1, DO(&cmd));
			hu_free(&cmd);
		}
	}
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Partners that are parked in calls of their own. */
TEST_F(op, C6_meets_parked_calls)
{
	struct hc_peer peer;
	struct hu_cmd cmd;
	uint64_t i;

	hc_start(&peer, &self->ch, O_RDONLY, recv_one, variant->elem, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	SEND(&cmd, 5, 0, 0);
	EXPECT_EQ(0, DO(&cmd));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(0, hc_join(&peer));

	FILL();
	hc_start(&peer, &self->ch, O_WRONLY, send_one, variant->elem, variant->cap);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	for (i = 0; i <= variant->cap; i++) {
		RECV(&cmd, 0, 0);
		EXPECT_EQ(1, DO(&cmd));
		EXPECT_TRUE(GOT(&cmd, i));
		hu_free(&cmd);
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	}
	EXPECT_EQ(0, hc_join(&peer));
}

TEST_F(op, C51_receive_parks)
{
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&cmd, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	EXPECT_TRUE(WAITS(&cmd));
	ASSERT_EQ(0, PUT(7));
	/* Past the buffer, and it is nobody else's. */
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(-EAGAIN, GET(7));
	EXPECT_EQ(1, WAIT(&cmd));
	EXPECT_TRUE(GOT(&cmd, 7));
	hu_free(&cmd);
}

/* Its element is fixed when it is submitted (C9). */
TEST_F(op, C7_C9_send_parks)
{
	struct hu_cmd cmd;
	uint64_t i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL();
	SEND(&cmd, variant->cap, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	EXPECT_TRUE(hc_parked(self->fd, 1, 0));
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	EXPECT_TRUE(WAITS(&cmd));
	memset(self->elem, 0xee, variant->elem);
	for (i = 0; i <= variant->cap; i++) {
		ASSERT_EQ(1, GET(i));
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	}
	EXPECT_EQ(0, WAIT(&cmd));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/* Two commands of one ring: the second finds the first. */
TEST_F(op, C5_commands_meet)
{
	struct hu_cmd recv, send;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&recv, 0, 0);
	SEND(&send, 3, 0, 0);
	SUBMIT();
	EXPECT_EQ(0, WAIT(&send));
	EXPECT_EQ(1, WAIT(&recv));
	EXPECT_TRUE(GOT(&recv, 3));
	hu_free(&recv);
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Calls and commands stand in one queue, in the order in which they came. */
TEST_F(op, C8_receivers_in_order)
{
	struct hc_peer peer[2];
	struct hu_cmd cmd[2];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 2; i++) {
		RECV(&cmd[i], 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 2 * i + 1));
		hc_start(&peer[i], &self->ch, O_RDONLY, recv_one, variant->elem,
			 2 * i + 1);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 2 * i + 2));
	}
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, PUT(i));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, WAIT(&cmd[i]));
		EXPECT_TRUE(GOT(&cmd[i], 2 * i));
		EXPECT_EQ(0, hc_join(&peer[i]));
		hu_free(&cmd[i]);
	}
}

TEST_F(op, C8_senders_in_order)
{
	uint64_t cap = variant->cap, i;
	struct hc_peer peer[2];
	struct hu_cmd cmd[2];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL();
	for (i = 0; i < 2; i++) {
		SEND(&cmd[i], cap + 2 * i, 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_senders(self->fd, 2 * i + 1));
		hc_start(&peer[i], &self->ch, O_WRONLY, send_one, variant->elem,
			 cap + 2 * i + 1);
		ASSERT_EQ(0, hc_wait_senders(self->fd, 2 * i + 2));
	}
	for (i = 0; i < cap + 4; i++) {
		ASSERT_EQ(1, GET(i));
		EXPECT_TRUE(hc_parked(self->fd, i < 4 ? 3 - i : 0, 0));
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, WAIT(&cmd[i]));
		EXPECT_EQ(0, hc_join(&peer[i]));
	}
}

/* Closing by a command, and what comes after. */
TEST_F(op, C11_C12_C16_close)
{
	struct hu_cmd cmd;
	uint64_t i;

	FILL();
	hu_close(&self->ring, &cmd, self->fd);
	EXPECT_EQ(0, DO(&cmd));
	hu_close(&self->ring, &cmd, self->fd);
	EXPECT_EQ(-EALREADY, DO(&cmd));
	EXPECT_EQ(-EALREADY, hc_close(self->fd));
	SEND(&cmd, 9, 0, 0);
	EXPECT_EQ(-EPIPE, DO(&cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd.arg.xfer.status);
	for (i = 0; i < variant->cap + 2; i++) {
		RECV(&cmd, 0, 0);
		EXPECT_EQ(i < variant->cap, DO(&cmd));
		EXPECT_EQ(variant->elem, cmd.arg.xfer.actual);
		EXPECT_EQ(i < variant->cap ? HCHAN_ST_OK : HCHAN_ST_CLOSED,
			  cmd.arg.xfer.status);
		EXPECT_TRUE(i >= variant->cap || GOT(&cmd, i));
		hu_free(&cmd);
	}
}

TEST_F(op, C15_close_ends_the_parked)
{
	struct hu_cmd cmd[3], end;
	int i, fd = self->fd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++)
		RECV(&cmd[i], 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(fd, 3));
	hu_close(&self->ring, &end, fd);
	EXPECT_EQ(0, DO(&end));
	EXPECT_TRUE(hc_parked(fd, 0, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, WAIT(&cmd[i]));
		EXPECT_EQ(HCHAN_ST_CLOSED, cmd[i].arg.xfer.status);
		EXPECT_EQ(variant->elem, cmd[i].arg.xfer.actual);
		hu_free(&cmd[i]);
	}
}

TEST_F(op, C11_close_ends_parked_senders)
{
	struct hu_cmd cmd[3];
	uint64_t i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL();
	for (i = 0; i < 3; i++) {
		SEND(&cmd[i], 50 + i, 0, 0);
		SUBMIT();
	}
	ASSERT_EQ(0, hc_wait_senders(self->fd, 3));
	ASSERT_EQ(0, hc_close(self->fd));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-EPIPE, WAIT(&cmd[i]));
		EXPECT_EQ(HCHAN_ST_CLOSED, cmd[i].arg.xfer.status);
	}
	/* What was in the buffer is, and no more. */
	for (i = 0; i < variant->cap; i++)
		EXPECT_EQ(1, GET(i));
	EXPECT_EQ(0, GET(50));
}

/* A kernel whose commands do not wait may say that instead. */
static bool not_in_time(int ret)
{
	return ret == -ETIMEDOUT || (ret == -EAGAIN && !hu_parks());
}

/* One that has passed: one try. */
TEST_F(op, C40_deadline_that_has_passed)
{
	int64_t past[] = { 1, hc_in(-HC_MS) };
	struct hu_cmd cmd;
	int i;

	for (i = 0; i < 2; i++) {
		RECV(&cmd, HCHAN_DEADLINE, past[i]);
		EXPECT_TRUE(not_in_time(DO(&cmd)));
		hu_free(&cmd);
		FILL();
		SEND(&cmd, 9, HCHAN_DEADLINE | HCHAN_REALTIME, past[0]);
		EXPECT_TRUE(not_in_time(DO(&cmd)));
		while (hc_len(self->fd)) {
			RECV(&cmd, HCHAN_DEADLINE, past[i]);
			EXPECT_EQ(1, DO(&cmd));
			hu_free(&cmd);
		}
	}
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

TEST_F(op, C40_deadline_to_come)
{
	int64_t mono = hc_in(30 * HC_MS);
	int64_t real = hc_clock(CLOCK_REALTIME) + 30 * HC_MS;
	struct hu_cmd cmd[4];
	uint64_t i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&cmd[0], HCHAN_DEADLINE, mono);
	RECV(&cmd[1], HCHAN_DEADLINE | HCHAN_REALTIME, real);
	SUBMIT();
	EXPECT_TRUE(hu_timed_out(&self->ring, cmd, mono, real));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));

	FILL();
	mono = hc_in(20 * HC_MS);
	real = hc_clock(CLOCK_REALTIME) + 20 * HC_MS;
	SEND(&cmd[2], 90, HCHAN_DEADLINE, mono);
	SUBMIT();
	SEND(&cmd[3], 91, HCHAN_DEADLINE | HCHAN_REALTIME, real);
	SUBMIT();
	EXPECT_TRUE(hu_timed_out(&self->ring, cmd + 2, mono, real));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	for (i = 0; i < variant->cap; i++)
		EXPECT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(90));
}

/* One that is never reached keeps nobody from being served, or cancelled. */
TEST_F(op, C31_farthest_deadline)
{
	struct hu_cmd cmd[2], cancel;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&cmd[0], HCHAN_DEADLINE, INT64_MAX);
	RECV(&cmd[1], HCHAN_DEADLINE | HCHAN_REALTIME, INT64_MAX);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 2));
	EXPECT_TRUE(WAITS(&cmd[0]) && WAITS(&cmd[1]));
	ASSERT_EQ(0, PUT(4));
	EXPECT_EQ(1, WAIT(&cmd[0]));
	EXPECT_TRUE(GOT(&cmd[0], 4));
	hu_cancel(&self->ring, &cancel, self->fd, &cmd[1]);
	EXPECT_EQ(0, DO(&cancel));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd[1]));
	hu_free(&cmd[0]);
	hu_free(&cmd[1]);
}

/* Cancelled: it has not happened. What is no more there can not be. */
TEST_F(op, C51_cancel_receive)
{
	struct hu_cmd cmd[3], cancel, again;
	struct io_uring other;
	int dev, i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++)
		RECV(&cmd[i], 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	/* Another ring's are not seen. */
	ASSERT_EQ(0, hu_init(&other, 4, 0));
	hu_cancel(&other, &cancel, self->fd, &cmd[1]);
	EXPECT_EQ(-ENOENT, hu_do(&other, &cancel));
	io_uring_queue_exit(&other);
	EXPECT_TRUE(WAITS(&cmd[1]));
	/* Of another channel's descriptor, or none's. */
	dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	hu_cancel(&self->ring, &cancel, dev, &cmd[1]);
	EXPECT_EQ(0, DO(&cancel));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd[1]));
	EXPECT_TRUE(hc_parked(self->fd, 0, 2));
	hu_cancel(&self->ring, &again, dev, &cmd[1]);
	EXPECT_EQ(-ENOENT, DO(&again));
	hu_cancel(&self->ring, &again, dev, &again);
	EXPECT_EQ(-ENOENT, DO(&again));
	close(dev);
	/* Those around it keep their places. */
	ASSERT_EQ(0, PUT(0));
	ASSERT_EQ(0, PUT(2));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(3));
	for (i = 0; i < 3; i += 2) {
		EXPECT_EQ(1, WAIT(&cmd[i]));
		EXPECT_TRUE(GOT(&cmd[i], i));
	}
	for (i = 0; i < 3; i++)
		hu_free(&cmd[i]);
}

TEST_F(op, C51_cancel_send)
{
	uint64_t cap = variant->cap, i;
	struct hu_cmd cmd[3], cancel;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	FILL();
	for (i = 0; i < 3; i++) {
		SEND(&cmd[i], cap + i / 2 + (i == 1 ? 100 : 0), 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_senders(self->fd, i + 1));
	}
	hu_cancel(&self->ring, &cancel, self->fd, &cmd[1]);
	EXPECT_EQ(0, DO(&cancel));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd[1]));
	EXPECT_TRUE(hc_parked(self->fd, 2, 0));
	for (i = 0; i < cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(0));
	EXPECT_EQ(0, WAIT(&cmd[0]));
	EXPECT_EQ(0, WAIT(&cmd[2]));
	/* One that has happened is not there to be cancelled. */
	hu_cancel(&self->ring, &cancel, self->fd, &cmd[0]);
	EXPECT_EQ(-ENOENT, DO(&cancel));
}

/* Of several with one user_data one goes at a time. */
TEST_F(op, C51_cancel_one_of_many)
{
	struct hu_cmd cmd[3], cancel;
	struct io_uring_cqe *cqe;
	int i, n;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++)
		RECV(&cmd[i], 0, 0)->user_data = 77;
	SUBMIT();
	for (n = 2; n >= 0; n--) {
		hu_on(hu_sqe(&self->ring, &cancel), &cancel, self->fd,
		      HCHAN_URING_CANCEL, 77);
		SUBMIT();
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(0, io_uring_wait_cqe(&self->ring, &cqe));
			EXPECT_EQ(cqe->user_data == 77 ? -ECANCELED : 0, cqe->res);
			io_uring_cqe_seen(&self->ring, cqe);
		}
		EXPECT_TRUE(hc_parked(self->fd, 0, n));
	}
	for (i = 0; i < 3; i++)
		hu_free(&cmd[i]);
}

/* Who asks twice before anything has come of it has asked two of them. */
TEST_F(op, C51_cancel_two_at_once)
{
	struct __kernel_timespec patience = { .tv_sec = HC_PATIENCE / 1000000000 };
	struct hu_cmd cmd[3], cancel[2];
	struct io_uring_cqe *cqe;
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++)
		RECV(&cmd[i], 0, 0)->user_data = 77;
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	for (i = 0; i < 2; i++)
		hu_on(hu_sqe(&self->ring, &cancel[i]), &cancel[i], self->fd,
		      HCHAN_URING_CANCEL, 77);
	SUBMIT();
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, io_uring_wait_cqe_timeout(&self->ring, &cqe, &patience));
		EXPECT_EQ(cqe->user_data == 77 ? -ECANCELED : 0, cqe->res);
		io_uring_cqe_seen(&self->ring, cqe);
	}
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	io_uring_queue_exit(&self->ring);
	for (i = 0; i < 3; i++)
		hu_free(&cmd[i]);
	ASSERT_EQ(0, hu_init(&self->ring, 4, 0));
}

/* A command that waits is one as any other, and counts as long as it does. */
TEST_F(op, C10_counted_as_parked)
{
	struct hu_cmd cmd[4];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 4; i++) {
		RECV(&cmd[i], 0, 0);
		SUBMIT();
		EXPECT_EQ(0, hc_wait_receivers(self->fd, i + 1));
		EXPECT_TRUE(hc_parked(self->fd, 0, i + 1));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, PUT(i));
		EXPECT_TRUE(hc_parked(self->fd, 0, 3 - i));
		EXPECT_EQ(1, WAIT(&cmd[i]));
		EXPECT_TRUE(GOT(&cmd[i], i));
		hu_free(&cmd[i]);
	}
}

/*
 * Another ring's are not seen: of many rings, as it may depend on where they lie
 * whether one's commands are near another one's.
 */
TEST(C51_cancel_from_other_rings)
{
	enum { RINGS = 200, COMMANDS = 32 };
	static struct io_uring other[RINGS];
	static struct hu_cmd cmd[COMMANDS], cancel[COMMANDS];
	int fd = hc_make(8, 0, 0), i, k;
	struct io_uring ring;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	ASSERT_EQ(0, hu_init(&ring, COMMANDS, 0));
	for (i = 0; i < COMMANDS; i++)
		hu_recv(&ring, &cmd[i], fd, 8, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(fd, COMMANDS));
	for (k = 0; k < RINGS; k++) {
		ASSERT_EQ(0, hu_init(&other[k], COMMANDS, 0));
		for (i = 0; i < COMMANDS; i++)
			hu_cancel(&other[k], &cancel[i], fd, &cmd[i]);
		hu_submit(&other[k]);
		for (i = 0; i < COMMANDS; i++)
			ASSERT_EQ(-ENOENT, hu_wait(&other[k], &cancel[i]));
	}
	EXPECT_TRUE(hu_waits(&ring, &cmd[0]));
	EXPECT_TRUE(hc_parked(fd, 0, COMMANDS));
	for (k = 0; k < RINGS; k++)
		io_uring_queue_exit(&other[k]);
	io_uring_queue_exit(&ring);
	EXPECT_TRUE(hu_until_parked(fd, 0, 0));
	close(fd);
}

/* --- disconnection ----------------------------------------------------------- */

FIXTURE(gone)
{
	struct io_uring ring;
	int rx, tx;
};

FIXTURE_SETUP(gone)
{
	self->rx = hc_make(8, 0, HCHAN_DISCONNECT);
	ASSERT_LE(0, self->rx);
	self->tx = hc_narrow(self->rx, O_WRONLY);
	ASSERT_LE(0, self->tx);
	self->rx = hc_only(self->rx, O_RDONLY);
	ASSERT_EQ(0, hu_init(&self->ring, 8, 0));
}

FIXTURE_TEARDOWN(gone)
{
	io_uring_queue_exit(&self->ring);
	close(self->rx);
	close(self->tx);
}

/* The command holds its own side, and sees the other one go. */
TEST_F(gone, C49_receiver_sees_senders_go)
{
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_recv(&self->ring, &cmd, self->rx, 8, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->rx, 1));
	close(self->tx);
	EXPECT_EQ(0, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, cmd.arg.xfer.status);
	hu_free(&cmd);
}

TEST_F(gone, C49_sender_sees_receivers_go)
{
	uint64_t element = 5;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_send(&self->ring, &cmd, self->tx, &element, 8, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_senders(self->tx, 1));
	close(self->rx);
	EXPECT_EQ(-EPIPE, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, cmd.arg.xfer.status);
	hu_send(&self->ring, &cmd, self->tx, &element, 8, 0, 0);
	EXPECT_EQ(-EPIPE, hu_do(&self->ring, &cmd));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, cmd.arg.xfer.status);
}

/* A descriptor that is closed ends no command that goes through it (C17). */
TEST_F(gone, C17_descriptor_of_a_parked_one)
{
	uint64_t element = 6;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_recv(&self->ring, &cmd, self->rx, 8, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->tx, 1));
	close(self->rx);
	EXPECT_TRUE(hu_waits(&self->ring, &cmd));
	EXPECT_TRUE(hc_parked(self->tx, 0, 1));
	ASSERT_EQ(0, hc_try_send(self->tx, &element, 8));
	EXPECT_EQ(1, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(0, memcmp(cmd.area, &element, 8));
	hu_free(&cmd);
	/* Now the last one is gone. */
	EXPECT_EQ(-EPIPE, hc_send(self->tx, &element, 8));
}

/* --- messages ---------------------------------------------------------------- */

FIXTURE(msg)
{
	struct io_uring ring;
	int fd;
};

FIXTURE_VARIANT(msg)
{
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(msg, cap0) { 0 };
FIXTURE_VARIANT_ADD(msg, cap3) { 3 };

FIXTURE_SETUP(msg)
{
	self->fd = hc_make(1000, variant->cap, HCHAN_MSG);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hu_init(&self->ring, 8, 0));
}

FIXTURE_TEARDOWN(msg)
{
	io_uring_queue_exit(&self->ring);
	close(self->fd);
}

/* A parked one that is too short is told how much it needs; the next gets it. */
TEST_F(msg, C38_parked_and_too_short)
{
	struct hu_cmd cmd[3];
	uint8_t elem[1000];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_recv(&self->ring, &cmd[0], self->fd, 99, 0, 0);
	hu_recv(&self->ring, &cmd[1], self->fd, 1000, 0, 0);
	hc_fill(elem, 100, 5);
	hu_send(&self->ring, &cmd[2], self->fd, elem, 100, 0, 0);
	hu_submit(&self->ring);
	EXPECT_EQ(0, hu_wait(&self->ring, &cmd[2]));
	EXPECT_EQ(-EMSGSIZE, hu_wait(&self->ring, &cmd[0]));
	EXPECT_EQ(100, cmd[0].arg.xfer.actual);
	EXPECT_EQ(1, hu_wait(&self->ring, &cmd[1]));
	EXPECT_TRUE(hu_got(&cmd[1], 100, 5));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	hu_free(&cmd[0]);
	hu_free(&cmd[1]);
}

/* At once too: it stays where it is. Lengths that can not be are not sent. */
TEST_F(msg, C38_too_short_and_too_long)
{
	uint8_t elem[1001] = {};
	struct hu_cmd cmd;

	hu_send(&self->ring, &cmd, self->fd, elem, 0, 0, 0);
	EXPECT_EQ(-EMSGSIZE, hu_do(&self->ring, &cmd));
	hu_send(&self->ring, &cmd, self->fd, elem, 1001, 0, 0);
	EXPECT_EQ(-EMSGSIZE, hu_do(&self->ring, &cmd));
	if (!variant->cap)
		return;
	hc_fill(elem, 200, 6);
	hu_send(&self->ring, &cmd, self->fd, elem, 200, 0, 0);
	EXPECT_EQ(0, hu_do(&self->ring, &cmd));
	hu_recv(&self->ring, &cmd, self->fd, 199, 0, 0);
	EXPECT_EQ(-EMSGSIZE, hu_do(&self->ring, &cmd));
	EXPECT_EQ(200, cmd.arg.xfer.actual);
	hu_free(&cmd);
	hu_recv(&self->ring, &cmd, self->fd, 1000, 0, 0);
	EXPECT_EQ(1, hu_do(&self->ring, &cmd));
	EXPECT_TRUE(hu_got(&cmd, 200, 6));
	hu_free(&cmd);
}

TEST_HARNESS_MAIN
