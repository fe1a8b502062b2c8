// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways a ring runs, and those in which it orders its requests: a command is the
 * same in all of them.
 */
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_uring.h"

#define ELEM 40

const struct hc_body_entry hc_bodies[] = { {} };

#define DEFER (IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER)

FIXTURE(way)
{
	struct io_uring ring;
	int fd;
};

FIXTURE_VARIANT(way)
{
	unsigned int setup;
	unsigned int sqe;	/* IOSQE_* */
};

FIXTURE_VARIANT_ADD(way, plain) { 0, 0 };
FIXTURE_VARIANT_ADD(way, sqpoll) { IORING_SETUP_SQPOLL, 0 };
FIXTURE_VARIANT_ADD(way, defer) { DEFER, 0 };
FIXTURE_VARIANT_ADD(way, coop) { IORING_SETUP_COOP_TASKRUN, 0 };
FIXTURE_VARIANT_ADD(way, async) { 0, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(way, async_defer) { DEFER, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(way, async_sqpoll) { IORING_SETUP_SQPOLL, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(way, fixed) { 0, IOSQE_FIXED_FILE };
FIXTURE_VARIANT_ADD(way, fixed_sqpoll) { IORING_SETUP_SQPOLL, IOSQE_FIXED_FILE };
FIXTURE_VARIANT_ADD(way, fixed_async) { 0, IOSQE_FIXED_FILE | IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(way, cqe32) { IORING_SETUP_CQE32, 0 };
FIXTURE_VARIANT_ADD(way, sqe128) { IORING_SETUP_SQE128, 0 };
FIXTURE_VARIANT_ADD(way, large_async) { IORING_SETUP_SQE128 | IORING_SETUP_CQE32, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(way, drain) { 0, IOSQE_IO_DRAIN };

FIXTURE_SETUP(way)
{
	self->fd = hc_make(ELEM, 2, 0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hu_init(&self->ring, 16, variant->setup));
	if (variant->sqe & IOSQE_FIXED_FILE)
		ASSERT_EQ(0, io_uring_register_files(&self->ring, &self->fd, 1));
}

FIXTURE_TEARDOWN(way)
{
	io_uring_queue_exit(&self->ring);
	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	close(self->fd);
}

/* Submits by the variant's flags. */
#define GO(sqe_)							\
	do {								\
		struct io_uring_sqe *go_ = sqe_;			\
									\
		go_->flags |= variant->sqe;				\
		if (variant->sqe & IOSQE_FIXED_FILE)			\
			go_->fd = 0;					\
		hu_submit(&self->ring);					\
	} while (0)
#define WAIT(cmd) hu_wait(&self->ring, cmd)
#define PUT(seed) hc_put_seed(HC_IOCTL, self->fd, ELEM, seed, true)
#define GET(seed) hc_get_seed(HC_IOCTL, self->fd, ELEM, seed, true)

TEST_F(way, C51_at_once)
{
	uint8_t elem[ELEM];
	struct hu_cmd cmd;
	int i;

	for (i = 0; i < 100; i++) {
		hc_fill(elem, ELEM, i);
		GO(hu_send(&self->ring, &cmd, self->fd, elem, ELEM, 0, 0));
		ASSERT_EQ(0, WAIT(&cmd));
		GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, 0, 0));
		ASSERT_EQ(1, WAIT(&cmd));
		ASSERT_TRUE(hu_got(&cmd, ELEM, i));
		hu_free(&cmd);
	}
	GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, HCHAN_NOWAIT, 0));
	EXPECT_EQ(-EAGAIN, WAIT(&cmd));
	hu_free(&cmd);
	GO(hu_close(&self->ring, &cmd, self->fd));
	EXPECT_EQ(0, WAIT(&cmd));
	GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, 0, 0));
	EXPECT_EQ(0, WAIT(&cmd));
	hu_free(&cmd);
	GO(hu_send(&self->ring, &cmd, self->fd, elem, ELEM, 0, 0));
	EXPECT_EQ(-EPIPE, WAIT(&cmd));
}

TEST_F(way, C51_parked)
{
	uint8_t elem[ELEM];
	struct hu_cmd cmd;
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, 0, 0));
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_TRUE(hu_waits(&self->ring, &cmd));
	ASSERT_EQ(0, PUT(1));
	EXPECT_EQ(1, WAIT(&cmd));
	EXPECT_TRUE(hu_got(&cmd, ELEM, 1));
	hu_free(&cmd);

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, PUT(i));
	hc_fill(elem, ELEM, 2);
	GO(hu_send(&self->ring, &cmd, self->fd, elem, ELEM, 0, 0));
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	memset(elem, 0, ELEM);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(0, WAIT(&cmd));
}

TEST_F(way, C39_batch_parked)
{
	struct hu_cmd cmd;
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	GO(hu_batch(&self->ring, &cmd, self->fd, HCHAN_IOC_RECVN, NULL, ELEM, 5,
		    NULL, 0, 0));
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, PUT(i));
	EXPECT_EQ(5, WAIT(&cmd));
	EXPECT_TRUE(hu_got_all(&cmd, 5, 0));
	hu_free(&cmd);
}

TEST_F(way, C18_select_parked)
{
	uint8_t buf[2][ELEM];
	struct hchan_case c[2];
	struct hu_cmd cmd;
	int i, other;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	other = hc_make(ELEM, 0, 0);
	for (i = 0; i < 2; i++)
		c[i] = hc_case_recv(i ? self->fd : other, buf[i], ELEM);
	GO(hu_select(&self->ring, &cmd, self->fd, c, 2, 0, 0));
	ASSERT_EQ(0, hc_wait_receivers(other, 1));
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, PUT(3));
	EXPECT_EQ(1, WAIT(&cmd));
	EXPECT_TRUE(hc_is(buf[1], ELEM, 3));
	EXPECT_TRUE(hc_parked(other, 0, 0));
	hu_free(&cmd);
	close(other);
}

TEST_F(way, C40_C51_ended)
{
	struct hu_cmd cmd, end;
	int64_t at;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	at = hc_in(20 * HC_MS);
	GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, HCHAN_DEADLINE, at));
	EXPECT_EQ(-ETIMEDOUT, WAIT(&cmd));
	EXPECT_LE(at, hc_clock(CLOCK_MONOTONIC));
	hu_free(&cmd);
	/* What is drained would wait for what it is to end: not cancelled so. */
	if (variant->sqe & IOSQE_IO_DRAIN)
		return;
	GO(hu_recv(&self->ring, &cmd, self->fd, ELEM, 0, 0));
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	GO(hu_cancel(&self->ring, &end, self->fd, &cmd));
	EXPECT_EQ(0, WAIT(&end));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd));
	hu_free(&cmd);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* --- order within a ring -------------------------------------------------------- */

FIXTURE(link)
{
	struct io_uring ring;
	int fd, other;
};

FIXTURE_VARIANT(link)
{
	unsigned int setup;
};

FIXTURE_VARIANT_ADD(link, plain) { 0 };
FIXTURE_VARIANT_ADD(link, sqpoll) { IORING_SETUP_SQPOLL };
FIXTURE_VARIANT_ADD(link, defer) { DEFER };

FIXTURE_SETUP(link)
{
	self->fd = hc_make(ELEM, 2, 0);
	ASSERT_LE(0, self->fd);
	self->other = hc_make(ELEM, 2, 0);
	ASSERT_LE(0, self->other);
	ASSERT_EQ(0, hu_init(&self->ring, 8, variant->setup));
}

FIXTURE_TEARDOWN(link)
{
	io_uring_queue_exit(&self->ring);
	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	close(self->fd);
	close(self->other);
}

#define RECV(cmd, ...) hu_recv(&self->ring, cmd, self->fd, ELEM, ##__VA_ARGS__)

/* A failed one ends its chain, but for a hard link; the end of a channel is none. */
TEST_F(link, C51_at_once)
{
	const struct {
		unsigned int flags;
		bool closed;
		int first, second;
	} chains[] = {
		{ IOSQE_IO_LINK, false, -EAGAIN, -ECANCELED },
		{ IOSQE_IO_HARDLINK, false, -EAGAIN, 0 },
		{ IOSQE_IO_LINK, true, 0, 0 },
	};
	struct hu_cmd recv, nop;
	int i;

	for (i = 0; i < 3; i++) {
		if (chains[i].closed)
			ASSERT_EQ(0, hc_close(self->fd));
		RECV(&recv, HCHAN_NOWAIT, 0)->flags = chains[i].flags;
		hu_nop(&self->ring, &nop);
		hu_submit(&self->ring);
		EXPECT_EQ(chains[i].first, WAIT(&recv));
		EXPECT_EQ(chains[i].second, WAIT(&nop));
		hu_free(&recv);
	}
}

/* The next one starts when the parked one has completed. */
TEST_F(link, C51_after_a_parked_one)
{
	static const int flags[] = { IOSQE_IO_LINK, IOSQE_IO_HARDLINK };
	struct hu_cmd recv, nop, end;
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 2; i++) {
		RECV(&recv, 0, 0)->flags = flags[i];
		hu_nop(&self->ring, &nop);
		hu_submit(&self->ring);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		EXPECT_TRUE(hu_waits(&self->ring, &recv));
		EXPECT_FALSE(nop.done);
		ASSERT_EQ(0, PUT(1));
		EXPECT_EQ(1, WAIT(&recv));
		EXPECT_EQ(0, WAIT(&nop));
		hu_free(&recv);
	}
	for (i = 0; i < 2; i++) {
		RECV(&recv, 0, 0)->flags = flags[i];
		hu_nop(&self->ring, &nop);
		hu_submit(&self->ring);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		hu_cancel(&self->ring, &end, self->fd, &recv);
		hu_submit(&self->ring);
		EXPECT_EQ(0, WAIT(&end));
		EXPECT_EQ(-ECANCELED, WAIT(&recv));
		EXPECT_EQ(i ? 0 : -ECANCELED, WAIT(&nop));
		hu_free(&recv);
	}
	/* The end of the channel is a success. */
	RECV(&recv, 0, 0)->flags = IOSQE_IO_LINK;
	hu_nop(&self->ring, &nop);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, WAIT(&recv));
	EXPECT_EQ(0, WAIT(&nop));
	hu_free(&recv);
}

/* A relay: what a linked send sends is read when its turn comes. */
TEST_F(link, C9_relay)
{
	struct hu_cmd recv, send, nop[20];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&recv, 0, 0)->flags = IOSQE_IO_LINK;
	hu_send(&self->ring, &send, self->other, recv.area, ELEM, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_TRUE(hu_waits(&self->ring, &recv));
	EXPECT_EQ(0, hc_len(self->other));
	ASSERT_EQ(0, PUT(9));
	EXPECT_EQ(1, WAIT(&recv));
	EXPECT_EQ(0, WAIT(&send));
	EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->other, ELEM, 9, true));
	hu_free(&recv);

	/*
	 * io_uring reads a linked SQE late, too, when others may have taken its place,
	 * unless it has been told to make it asynchronous.
	 */
	RECV(&recv, 0, 0)->flags = IOSQE_IO_LINK;
	hu_send(&self->ring, &send, self->other, recv.area, ELEM, 0, 0)->flags =
		IOSQE_ASYNC;
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	for (i = 0; i < 20; i++) {
		hu_nop(&self->ring, &nop[i]);
		hu_submit(&self->ring);
		EXPECT_EQ(0, WAIT(&nop[i]));
	}
	ASSERT_EQ(0, PUT(10));
	EXPECT_EQ(1, WAIT(&recv));
	EXPECT_EQ(0, WAIT(&send));
	EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->other, ELEM, 10, true));
	hu_free(&recv);
}

/* What is drained waits for parked ones, too, and holds up the next ones. */
TEST_F(link, C51_drain)
{
	struct hu_cmd recv, nop[2];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&recv, 0, 0);
	hu_nop(&self->ring, &nop[0])->flags = IOSQE_IO_DRAIN;
	hu_nop(&self->ring, &nop[1]);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_TRUE(hu_waits(&self->ring, &recv));
	EXPECT_FALSE(nop[0].done || nop[1].done);
	ASSERT_EQ(0, PUT(1));
	EXPECT_EQ(1, WAIT(&recv));
	EXPECT_EQ(0, WAIT(&nop[0]));
	EXPECT_EQ(0, WAIT(&nop[1]));
	hu_free(&recv);
}

/* io_uring's own ways to cancel do not see what is parked. */
TEST_F(link, C51_ring_s_own_cancel)
{
	struct __kernel_timespec soon = { .tv_nsec = HC_MS };
	struct hu_cmd recv, end;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	RECV(&recv, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	hu_other(&self->ring, &end, io_uring_prep_cancel, &recv, 0);
	hu_submit(&self->ring);
	EXPECT_EQ(-ENOENT, WAIT(&end));
	hu_other(&self->ring, &end, io_uring_prep_cancel_fd, self->fd,
		 IORING_ASYNC_CANCEL_ALL);
	hu_submit(&self->ring);
	EXPECT_GE(0, WAIT(&end));
	EXPECT_TRUE(hu_waits(&self->ring, &recv));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	ASSERT_EQ(0, PUT(1));
	EXPECT_EQ(1, WAIT(&recv));
	hu_free(&recv);

	RECV(&recv, 0, 0)->flags = IOSQE_IO_LINK;
	hu_other(&self->ring, &end, io_uring_prep_link_timeout, &soon, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_EQ(-ENOENT, WAIT(&end));
	EXPECT_TRUE(hu_waits(&self->ring, &recv));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	ASSERT_EQ(0, PUT(2));
	EXPECT_EQ(1, WAIT(&recv));
	EXPECT_TRUE(hu_got(&recv, ELEM, 2));
	hu_free(&recv);
}

/* More completions than there is room for: none is lost. */
TEST_F(link, C51_overflow)
{
	enum { N = 64 };
	static struct hu_cmd cmd[N];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < N; i++)
		RECV(&cmd[i], 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, N));
	for (i = 0; i < N; i++)
		ASSERT_EQ(0, PUT(i));
	for (i = 0; i < N; i++) {
		EXPECT_EQ(1, WAIT(&cmd[i]));
		EXPECT_TRUE(hu_got(&cmd[i], ELEM, i));
		hu_free(&cmd[i]);
	}
}

/* --- two rings ------------------------------------------------------------------ */

#define DEPTH	64
#define AMOUNT	20000

FIXTURE(two)
{
	int ch[2];
};

FIXTURE_VARIANT(two)
{
	unsigned int setup[2];
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(two, plain) { { 0, 0 }, 0 };
FIXTURE_VARIANT_ADD(two, plain_cap4) { { 0, 0 }, 4 };
FIXTURE_VARIANT_ADD(two, defer) { { DEFER, DEFER }, 0 };
FIXTURE_VARIANT_ADD(two, sqpoll) { { IORING_SETUP_SQPOLL, IORING_SETUP_SQPOLL }, 0 };
FIXTURE_VARIANT_ADD(two, defer_and_sqpoll) { { DEFER, IORING_SETUP_SQPOLL }, 0 };
FIXTURE_VARIANT_ADD(two, plain_and_defer) { { 0, DEFER }, 2 };

FIXTURE_SETUP(two)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->ch[i] = hc_make(sizeof(uint64_t), variant->cap, 0);
		ASSERT_LE(0, self->ch[i]);
	}
}

FIXTURE_TEARDOWN(two)
{
	close(self->ch[0]);
	close(self->ch[1]);
}

/* A command that is submitted again as soon as it has completed. */
struct lane {
	struct hchan_xfer xfer;
	uint64_t element;
	bool busy;
};

static void start_lane(struct io_uring *ring, struct lane *lane, int fd,
		       uint32_t request)
{
	struct hchan_uring_cmd in = { .arg = (uintptr_t)&lane->xfer };
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(ring)))
		hc_must(io_uring_submit(ring) >= 0);
	memset(sqe, 0, sizeof(*sqe));
	memset(&lane->xfer, 0, sizeof(lane->xfer));
	lane->xfer.buf = (uintptr_t)&lane->element;
	lane->xfer.len = sizeof(lane->element);
	lane->busy = true;
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = request;
	memcpy(sqe->cmd, &in, sizeof(in));
	sqe->user_data = (uintptr_t)lane;
}

/* Sends all and receives all, as many of both at a time as the ring holds. */
static int pump(unsigned int setup, int tx, int rx, uint32_t total)
{
	uint32_t sending = 0, sent = 0, receiving = 0, got = 0, i;
	static struct lane send[DEPTH], recv[DEPTH];
	uint8_t *seen = calloc(total, 1);
	struct __kernel_timespec patience = { .tv_sec = 20 };
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	struct lane *lane;
	int ret;

	hc_must(!hu_init(&ring, 2 * DEPTH, setup));
	while (sent < total || got < total) {
		for (i = 0; i < DEPTH; i++) {
			if (!recv[i].busy && receiving < total) {
				start_lane(&ring, &recv[i], rx, HCHAN_IOC_RECV);
				receiving++;
			}
			if (!send[i].busy && sending < total) {
				send[i].element = sending++;
				start_lane(&ring, &send[i], tx, HCHAN_IOC_SEND);
			}
		}
		hc_must(io_uring_submit(&ring) >= 0);
		ret = io_uring_wait_cqe_timeout(&ring, &cqe, &patience);
		hc_must(!ret || ret == -EINTR);
		while (!io_uring_peek_cqe(&ring, &cqe)) {
			lane = io_uring_cqe_get_data(cqe);
			hc_must(lane->busy);
			lane->busy = false;
			if (lane >= recv && lane < recv + DEPTH) {
				hc_must(cqe->res == 1);
				hc_must(lane->element < total);
				hc_must(!seen[lane->element]++);
				got++;
			} else {
				hc_must(cqe->res == 0);
				sent++;
			}
			io_uring_cqe_seen(&ring, cqe);
		}
	}
	io_uring_queue_exit(&ring);
	free(seen);
	return 0;
}

/* Each fills the other one's ring, and both are through in the end. */
TEST_F_TIMEOUT(two, C51_full_against_full, 120)
{
	uint32_t total = hc_scale(AMOUNT);
	int i, status;
	pid_t pid[2];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 2; i++) {
		pid[i] = fork();
		ASSERT_LE(0, pid[i]);
		if (!pid[i]) {
			hc_die_with(getppid());
			_exit(pump(variant->setup[i], self->ch[i],
				   self->ch[!i], total));
		}
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(hc_parked(self->ch[i], 0, 0));
		EXPECT_EQ(0, hc_len(self->ch[i]));
	}
}

TEST_HARNESS_MAIN
