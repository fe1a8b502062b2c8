// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tickers (C30): one tick at most waits, the first; those that come due meanwhile are
 * lost. Periods that are none. Sums that are beyond all times (C31). A ticker that
 * nobody reads does nothing, however short its period.
 */
#include <limits.h>
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_timer.h"
#include "load.h"

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

/* arg: how many */
static int recv_some(int fd, const long *arg)
{
	int64_t last = 0, got;
	long i;

	for (i = 0; i < arg[0]; i++) {
		got = ht_recv(fd);
		hc_must(got > last);
		last = got;
	}
	return 0;
}

/* arg: first, period, how many; where in @seen they are counted */
static uint32_t *seen;

static int recv_each(int fd, const long *arg)
{
	int64_t got;
	long i;

	for (i = 0; i < arg[2]; i++) {
		got = ht_recv(fd);
		hc_must((got - arg[0]) % arg[1] == 0);
		got = (got - arg[0]) / arg[1];
		if (got < arg[3])
			__atomic_fetch_add(&seen[got], 1, __ATOMIC_RELAXED);
	}
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_some),
	HC_BODY(recv_each),
	{}
};

/* Each tick is a whole number of periods after the first, and none comes twice. */
TEST(C30_ticks)
{
	int64_t due = now() + HC_MS, period = 300000, last = 0, got;
	int fd = ht_ticker(due, period), i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 100; i++) {
		got = ht_recv(fd);
		ASSERT_LT(last, got);
		ASSERT_EQ(0, (got - due) % period);
		if (!i)
			ASSERT_EQ(due, got);
		last = got;
	}
	EXPECT_EQ(1, ht_stop(fd));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	close(fd);
}

/* A slow reader finds the first, and then none that was due before he took it. */
TEST(C30_slow_readers_lose_ticks)
{
	int64_t period = HC_MS, due = now() + period, before, got;
	struct pollfd p = { .events = POLLIN };
	int i;

	p.fd = ht_ticker(due, period);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(1, poll(&p, 1, -1));
		ht_until(now() + 5 * period);
		/* It waits, and costs nothing. */
		EXPECT_EQ(0, ht_info(p.fd).armed);
		EXPECT_EQ(0, hc_len(p.fd));
		before = now();
		got = ht_try(p.fd);
		if (!i)
			ASSERT_EQ(due, got);
		ASSERT_GT(before - 5 * period, got);
		got = ht_recv(p.fd);
		ASSERT_LT(before, got);
	}
	close(p.fd);
}

/* However many are asked for. Without a clock: ten periods have passed already. */
TEST(C30_one_at_most)
{
	/* A machine may be younger than that. */
	int64_t due = now() - 10 * HT_HOUR - 5, got[8], next;
	struct hchan_batch batch = {
		.buf = (uintptr_t)got,
		.stride = 8,
		.count = 8,
		.flags = HCHAN_NOWAIT,
	};
	int fd, k;

	fd = ht_ticker(due, HT_HOUR);
	for (k = 0; k < 3; k++) {
		ASSERT_EQ(0, ht_info(fd).armed);
		if (k == 0) {
			ASSERT_EQ(1, ioctl(fd, HCHAN_IOC_RECVN, &batch));
		} else if (k == 1) {
			batch.flags = HCHAN_SOME;
			ASSERT_EQ(1, ioctl(fd, HCHAN_IOC_RECVN, &batch));
		} else {
			ASSERT_EQ(8, read(fd, got, sizeof(got)));
		}
		ASSERT_EQ(due, got[0]);
		ASSERT_EQ(-EAGAIN, hc_try_recv(fd, got, 8));
		/* The next one is the first that is still to come. */
		next = ht_info(fd).due;
		ASSERT_EQ(0, (next - due) % HT_HOUR);
		ASSERT_LT(now(), next);
		ASSERT_GE(now() + HT_HOUR, next);
		ASSERT_EQ(1, ht_info(fd).armed);
		ASSERT_EQ(1, ht_set_by(fd, HCHAN_TIMER_TICK, due, HT_HOUR));
	}
	close(fd);
}

/* A period of no time, or less, is none; nor is one without ticks. */
TEST(C30_bad_periods)
{
	static const int64_t bad[] = { 0, -1, INT64_MIN };
	int64_t due = now() + HT_HOUR;
	int fd = ht_ticker(due, 77), other = ht_at(HT_NEVER);
	struct ht_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, ht_ticker(due, bad[i]));
		EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_TIMER_TICK, 1, bad[i]));
		if (bad[i])
			EXPECT_EQ(-EINVAL, ht_make(0, due, bad[i]));
		if (bad[i])
			EXPECT_EQ(-EINVAL, ht_set_by(fd, 0, 1, bad[i]));
	}
	EXPECT_EQ(-EINVAL, ht_make(0, due, 1));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, 0, 1, 1));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_TIMER_STOP, 0, 1));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_TIMER_STOP, 1, 0));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_TIMER_STOP | HCHAN_TIMER_TICK,
				     0, 1));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_TIMER_STOP | HCHAN_TIMER_TICK,
				     0, 0));
	/* A moment of the other clock. */
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_REALTIME, 1, 0));
	EXPECT_EQ(-EINVAL, ht_set_by(fd, HCHAN_REALTIME | HCHAN_TIMER_TICK, 1, 1));
	/* It is as it was. */
	info = ht_info(fd);
	EXPECT_EQ(due, info.due);
	EXPECT_EQ(77, info.period);
	EXPECT_EQ(1, info.armed);
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(0, ht_stop(other));
	close(other);
	close(fd);
}

/* C31: what would be beyond the farthest time never comes. */
TEST(C31_no_overflow)
{
	int64_t got;
	int fd;

	fd = ht_ticker(100, HT_NEVER - 50);
	EXPECT_EQ(100, ht_try(fd));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(HT_NEVER, ht_info(fd).due);
	EXPECT_EQ(0, ht_info(fd).armed);
	close(fd);

	fd = ht_ticker(1, HT_NEVER - 5);
	EXPECT_EQ(1, ht_try(fd));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(HT_NEVER - 4, ht_info(fd).due);
	EXPECT_EQ(1, ht_info(fd).armed);
	close(fd);

	/* From the one end to the other in two steps. */
	fd = ht_ticker(INT64_MIN, INT64_MAX);
	EXPECT_EQ(1, hc_try_recv(fd, &got, 8));
	EXPECT_EQ(INT64_MIN, got);
	EXPECT_EQ(-EAGAIN, hc_try_recv(fd, &got, 8));
	EXPECT_EQ(HT_NEVER - 1, ht_info(fd).due);
	close(fd);

	fd = ht_ticker(HT_NEVER - 10, 100);
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(HT_NEVER - 10, ht_info(fd).due);
	EXPECT_EQ(1, ht_stop(fd));
	close(fd);

	fd = ht_ticker(HT_NEVER, 1);
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(0, ht_info(fd).armed);
	EXPECT_EQ(0, ht_stop(fd));
	close(fd);
}

/* One of a nanosecond: off as long as nobody reads, and then as fast as he is. */
TEST(C30_a_nanosecond)
{
	int64_t due = now(), got, last, before;
	int fd = ht_ticker(due, 1), i;
	struct hc_chan ch = { .between = HC_THREADS, .fd = fd };
	long n = hc_scale(20000);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct hc_peer peer;
	long close_by = 0;
	int64_t *many = calloc(n, sizeof(*many));
	struct hchan_batch batch = {
		.buf = (uintptr_t)many,
		.stride = 8,
		.count = n,
	};

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ht_info(fd).armed);
	ht_until(now() + 20 * HC_MS);
	EXPECT_EQ(0, ht_info(fd).armed);
	last = ht_try(fd);
	EXPECT_EQ(due, last);
	for (i = 0; i < n; i++) {
		before = now();
		got = i % 2 ? ht_recv(fd) : ht_try(fd);
		/* The nanosecond is over long since. */
		ASSERT_LT(last, got);
		last = got;
		if (i % 1000 == 0) {
			ASSERT_EQ(1, poll(&p, 1, -1));
			ASSERT_EQ(0, ht_info(fd).armed);
			ASSERT_LT(before, ht_info(fd).due);
		}
	}
	/* For one who is parked; and who is parked for many. */
	hc_start(&peer, &ch, O_RDONLY, recv_some, n / 10 + 1);
	EXPECT_EQ(0, hc_join(&peer));
	ASSERT_EQ(n, ioctl(fd, HCHAN_IOC_RECVN, &batch));
	/* That one does not run meanwhile, so it is not to be as fast as can be. */
	for (i = 1; i < n; i++) {
		ASSERT_LT(many[i - 1], many[i]);
		close_by += many[i] - many[i - 1] < 50000;
	}
	EXPECT_GE(16 + n / 1000, close_by);
	ASSERT_GE(now(), many[n - 1]);
	ASSERT_EQ(1, poll(&p, 1, -1));
	EXPECT_EQ(0, ht_info(fd).armed);
	free(many);
	close(fd);
}

/* Several receivers, in several processes: each tick is somebody's, once. */
TEST(C30_shared)
{
	struct hc_chan ch = { .between = HC_FORKED };
	int64_t due = now() + HC_MS, period = 50000;
	struct hc_peer peers[4];
	long n = hc_scale(500), most = 1000000;
	uint32_t got = 0;
	int i;

	seen = load_shared(most * sizeof(*seen));
	ch.fd = ht_ticker(due, period);
	for (i = 0; i < 4; i++)
		hc_start(&peers[i], &ch, O_RDONLY, recv_each, due, period, n,
			 most);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, hc_join(&peers[i]));
	for (i = 0; i < most; i++) {
		ASSERT_GE(1, seen[i]);
		got += seen[i];
	}
	EXPECT_LT(0, got);
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
	hc_chan_drop(&ch);
}

/* A deadline that is not before its time does not come before it (C39). */
TEST(C30_deadlines)
{
	int64_t due, got;
	int fd = ht_at(HT_NEVER), i;

	for (i = 0; i < hc_scale(200); i++) {
		due = now() + 100000;
		ASSERT_EQ(0, ht_set(fd, due));
		got = ht_recv_by(fd, CLOCK_MONOTONIC, HCHAN_DEADLINE, due);
		ASSERT_EQ(due, got);
	}
	EXPECT_EQ(0, ht_set(fd, now() + HT_HOUR));
	EXPECT_EQ(-ETIMEDOUT, ht_recv_by(fd, CLOCK_MONOTONIC, HCHAN_DEADLINE,
					 now() + 100000));
	EXPECT_EQ(1, ht_stop(fd));
	close(fd);
}

TEST_HARNESS_MAIN
