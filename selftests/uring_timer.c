// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers through io_uring (C29, C30, C51): commands that receive, at once and parked, one
 * and many, selects, deadlines and cancels; reads and polls of the ring's own.
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_select.h"
#include "hchan_timer.h"
#include "hchan_uring.h"

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

FIXTURE(ring)
{
	struct io_uring ring;
	struct hu_cmd cmd, other;
	int fd;
};

FIXTURE_SETUP(ring)
{
	ASSERT_EQ(0, hu_init(&self->ring, 8, 0));
	self->fd = ht_at(HT_NEVER);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(ring)
{
	io_uring_queue_exit(&self->ring);
	close(self->fd);
}

/* What a receive brought; its buffer is let go. */
static int64_t got(struct hu_cmd *cmd)
{
	int64_t due;

	hc_must(cmd->res == 1 && cmd->arg.xfer.actual == 8);
	memcpy(&due, cmd->area, 8);
	hc_must(now() >= due);
	free(cmd->area - HC_GUARD);
	return due;
}

TEST_F(ring, C29_at_once)
{
	struct hu_cmd *cmd = &self->cmd;
	int64_t due;
	int i;

	for (i = 0; i < 20; i++) {
		due = now() + i * 1000;
		ASSERT_EQ(0, ht_set(self->fd, due));
		while (now() < due)
			;
		hu_recv(&self->ring, cmd, self->fd, 8, HCHAN_NOWAIT, 0);
		ASSERT_EQ(1, hu_do(&self->ring, cmd));
		ASSERT_EQ(due, got(cmd));
		hu_recv(&self->ring, cmd, self->fd, 8, HCHAN_NOWAIT, 0);
		ASSERT_EQ(-EAGAIN, hu_do(&self->ring, cmd));
		free(cmd->area - HC_GUARD);
	}
}

TEST_F(ring, C29_parked)
{
	struct hu_cmd *cmd = &self->cmd;
	int64_t due;
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 20; i++) {
		hu_recv(&self->ring, cmd, self->fd, 8, 0, 0);
		hu_submit(&self->ring);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
		ASSERT_EQ(1, ht_stop(self->fd));
		hu_check_waiting(cmd);
		due = now() + i * 10000;
		ASSERT_EQ(0, ht_set(self->fd, due));
		ASSERT_EQ(1, hu_wait(&self->ring, cmd));
		ASSERT_EQ(due, got(cmd));
	}
	/* One that must not wait that long; one that is taken back. */
	ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
	hu_recv(&self->ring, cmd, self->fd, 8, HCHAN_DEADLINE, now() + HC_MS);
	ASSERT_EQ(-ETIMEDOUT, hu_do(&self->ring, cmd));
	free(cmd->area - HC_GUARD);
	due = now() + HC_MS;
	ASSERT_EQ(1, ht_set(self->fd, due));
	hu_recv(&self->ring, cmd, self->fd, 8, HCHAN_DEADLINE, due);
	ASSERT_EQ(1, hu_do(&self->ring, cmd));
	ASSERT_EQ(due, got(cmd));
	ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
	hu_recv(&self->ring, cmd, self->fd, 8, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	hu_cancel(&self->ring, &self->other, self->fd, cmd);
	ASSERT_EQ(0, hu_do(&self->ring, &self->other));
	ASSERT_EQ(-ECANCELED, hu_wait(&self->ring, cmd));
	free(cmd->area - HC_GUARD);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(1, ht_set(self->fd, 5));
	EXPECT_EQ(5, ht_try(self->fd));
}

/* A batch gets one tick after the other. */
TEST_F(ring, C30_batch)
{
	struct hu_cmd *cmd = &self->cmd;
	int64_t due = now(), ticks[40];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	ASSERT_EQ(0, ht_set_by(self->fd, HCHAN_TIMER_TICK, due, 100000));
	hu_batch(&self->ring, cmd, self->fd, HCHAN_IOC_RECVN, NULL, 8, 40, NULL, 0,
		 0);
	ASSERT_EQ(40, hu_do(&self->ring, cmd));
	memcpy(ticks, cmd->area, sizeof(ticks));
	free(cmd->area - HC_GUARD);
	EXPECT_EQ(due, ticks[0]);
	for (i = 1; i < 40; i++) {
		ASSERT_LT(ticks[i - 1], ticks[i]);
		ASSERT_EQ(0, (ticks[i] - due) % 100000);
	}
	EXPECT_LE(ticks[39], now());
}

TEST_F(ring, C29_select)
{
	int chan = hc_make(8, 0, 0), dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	int64_t elem, due = -1, when;
	struct hchan_case c[2] = {
		hc_case_recv(chan, &elem, 8),
		hc_case_recv(self->fd, &due, 8),
	};
	struct hu_cmd *cmd = &self->cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	when = now() + HC_MS;
	ASSERT_EQ(0, ht_set(self->fd, when));
	hu_select(&self->ring, cmd, dev, c, 2, 0, 0);
	ASSERT_EQ(1, hu_do(&self->ring, cmd));
	EXPECT_EQ(when, due);
	free(cmd->cases);
	hu_select(&self->ring, cmd, dev, c, 2, HCHAN_NOWAIT, 0);
	ASSERT_EQ(-EAGAIN, hu_do(&self->ring, cmd));
	free(cmd->cases);
	close(chan);
	close(dev);
}

/* IORING_OP_READ and IORING_OP_POLL_ADD. */
TEST_F(ring, C29_read_and_poll)
{
	struct hu_cmd *cmd = &self->cmd;
	int64_t due, x = 0;
	int i;

	for (i = 0; i < 10; i++) {
		due = now() + i * 50000;
		hu_other(&self->ring, cmd, io_uring_prep_poll_add, self->fd, POLLIN);
		hu_submit(&self->ring);
		ASSERT_EQ(0, ht_set(self->fd, due));
		ASSERT_EQ(POLLIN, hu_wait(&self->ring, cmd) & POLLIN);
		ASSERT_LE(due, now());
		ASSERT_EQ(due, ht_try(self->fd));
		due = now() + i * 50000;
		hu_other(&self->ring, cmd, io_uring_prep_read, self->fd, &x, 8, 0);
		hu_submit(&self->ring);
		ASSERT_EQ(0, ht_set(self->fd, due));
		ASSERT_EQ(8, hu_wait(&self->ring, cmd));
		ASSERT_EQ(due, x);
		ASSERT_LE(due, now());
	}
}

/* C32: the ring goes with what is parked. */
TEST_F(ring, C32_ring_goes)
{
	struct io_uring ring;
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	ASSERT_EQ(0, hu_init(&ring, 8, 0));
	ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
	hu_recv(&ring, &cmd, self->fd, 8, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	io_uring_queue_exit(&ring);
	while (hc_stat(self->fd).parked_receivers)
		sched_yield();
	EXPECT_EQ(1, ht_set(self->fd, 5));
	EXPECT_EQ(5, ht_try(self->fd));
}

TEST_HARNESS_MAIN
