// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers on CLOCK_REALTIME, and what becomes of them when that is set (C29 to C31):
 * they follow the clock, forth and back, and the others do not. The clock is put right
 * again by the one that nobody can set.
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_timer.h"

static int64_t wall(void)
{
	return hc_clock(CLOCK_REALTIME);
}

/* arg: what must come */
static int recv_one(int fd, const long *arg)
{
	hc_must(ht_recv_by(fd, CLOCK_REALTIME, 0, 0) == arg[0]);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_one),
	{}
};

static int move(int64_t ns)
{
	int64_t to = wall() + ns;
	struct timespec ts = {
		.tv_sec = to / 1000000000,
		.tv_nsec = to % 1000000000,
	};

	return clock_settime(CLOCK_REALTIME, &ts) ? -errno : 0;
}

FIXTURE(wall)
{
	int64_t offset;
	int fd;
};

FIXTURE_SETUP(wall)
{
	int64_t now = wall();

	self->offset = now - hc_clock(CLOCK_MONOTONIC);
	/* Half a day back has to be after the machine's beginning. */
	if (move(24 * HT_HOUR))
		SKIP(return, "the clock may not be set");
	self->fd = ht_make(HCHAN_REALTIME, HT_NEVER, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(wall)
{
	int64_t is = wall() - hc_clock(CLOCK_MONOTONIC);

	move(self->offset - is);
	close(self->fd);
}

TEST_F(wall, C29_on_that_clock)
{
	int64_t due = wall() + 2 * HC_MS;

	ASSERT_EQ(0, ht_set_real(self->fd, due));
	EXPECT_EQ(due, ht_recv_by(self->fd, CLOCK_REALTIME, 0, 0));
	ASSERT_EQ(0, ht_set_real(self->fd, 1));
	EXPECT_EQ(1, ht_recv_by(self->fd, CLOCK_REALTIME, 0, 0));
}

/* Set forward: what was to come in an hour comes, for who looks and who is parked. */
TEST_F(wall, C29_forward)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = self->fd };
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	int other = ht_at(hc_clock(CLOCK_MONOTONIC) + HT_HOUR);
	int64_t due = wall() + HT_HOUR;
	struct hc_peer peer;

	ASSERT_EQ(0, ht_set_real(self->fd, due));
	EXPECT_EQ(0, poll(&p, 1, 0));
	ASSERT_EQ(0, move(HT_HOUR));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(due, ht_recv_by(self->fd, CLOCK_REALTIME, HCHAN_NOWAIT, 0));

	due = wall() + HT_HOUR;
	ASSERT_EQ(0, ht_set_real(self->fd, due));
	hc_start(&peer, &ch, O_RDONLY, recv_one, due);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, move(HT_HOUR));
	EXPECT_EQ(0, hc_join(&peer));

	/* Not those on the other clock. */
	EXPECT_EQ(-EAGAIN, ht_try(other));
	EXPECT_EQ(1, ht_stop(other));
	close(other);
}

/* Set back: it comes later; what has come stays. */
TEST_F(wall, C29_back)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = self->fd };
	int64_t due = wall() + HT_HOUR / 2;
	struct hc_peer peer;

	ASSERT_EQ(0, ht_set_real(self->fd, due));
	ASSERT_EQ(0, move(-HT_HOUR));
	EXPECT_EQ(-ETIMEDOUT, ht_recv_by(self->fd, CLOCK_REALTIME,
					 HCHAN_DEADLINE,
					 hc_clock(CLOCK_MONOTONIC) + 3 * HC_MS));
	hc_start(&peer, &ch, O_RDONLY, recv_one, due);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(1, ht_info(self->fd).armed);
	ASSERT_EQ(0, move(2 * HT_HOUR));
	EXPECT_EQ(0, hc_join(&peer));

	due = wall();
	ASSERT_EQ(0, ht_set_real(self->fd, due));
	ASSERT_EQ(0, move(-HT_HOUR));
	EXPECT_EQ(1, ht_stop(self->fd));
	ASSERT_EQ(0, ht_set_real(self->fd, 5));
	ASSERT_EQ(0, move(HT_HOUR));
	EXPECT_EQ(5, ht_recv_by(self->fd, CLOCK_REALTIME, 0, 0));
}

/* A ticker loses what the clock has jumped over (C30). */
TEST_F(wall, C30_ticker)
{
	int64_t due = wall() + HT_HOUR, got;

	ASSERT_EQ(0, ht_set_by(self->fd, HCHAN_TIMER_TICK | HCHAN_REALTIME,
			       due, HT_HOUR));
	ASSERT_EQ(0, move(10 * HT_HOUR + HT_HOUR / 2));
	EXPECT_EQ(due, ht_recv_by(self->fd, CLOCK_REALTIME, 0, 0));
	EXPECT_EQ(-EAGAIN, ht_recv_by(self->fd, CLOCK_REALTIME, HCHAN_NOWAIT, 0));
	EXPECT_EQ(due + 10 * HT_HOUR, ht_info(self->fd).due);
	/* Half a day back: the next one is where it was. */
	ASSERT_EQ(0, move(-12 * HT_HOUR));
	EXPECT_EQ(-EAGAIN, ht_recv_by(self->fd, CLOCK_REALTIME, HCHAN_NOWAIT, 0));
	ASSERT_EQ(0, move(13 * HT_HOUR));
	got = ht_recv_by(self->fd, CLOCK_REALTIME, 0, 0);
	EXPECT_EQ(due + 10 * HT_HOUR, got);
	EXPECT_EQ(1, ht_stop(self->fd));
}

/* Back and forth, again and again, while it is due: it is never lost. */
TEST_F(wall, C29_while_it_moves)
{
	long i, rounds = hc_scale(300);
	int64_t due, got;

	for (i = 0; i < rounds; i++) {
		due = wall() + i % 10 * 20000;
		ASSERT_LE(0, ht_set_real(self->fd, due));
		ASSERT_EQ(0, move(i % 2 ? HC_MS : -HC_MS));
		if (i % 3 == 0)
			continue;
		/* It may have come before the clock was set back. */
		ASSERT_EQ(1, hc_recv(self->fd, &got, 8));
		ASSERT_EQ(due, got);
	}
}

TEST_HARNESS_MAIN
