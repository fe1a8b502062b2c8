// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers among others (C29): in selects that wait and in those that do not, in sets,
 * for poll(2) and epoll. Whoever looks when the time has come finds it ready.
 */
#include <poll.h>
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "hchan_select.h"
#include "hchan_timer.h"

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

static void spin_until(int64_t when)
{
	while (now() < when)
		;
}

FIXTURE(timers)
{
	int chan, fd, other;
	int64_t got, got_other, elem;
	struct hchan_case c[3];
};

FIXTURE_SETUP(timers)
{
	self->chan = hc_make(8, 1, 0);
	self->fd = ht_at(HT_NEVER);
	self->other = ht_at(HT_NEVER);
	ASSERT_LE(0, self->chan);
	ASSERT_LE(0, self->fd);
	self->c[0] = hc_case_recv(self->chan, &self->elem, 8);
	self->c[1] = hc_case_recv(self->fd, &self->got, 8);
	self->c[2] = hc_case_recv(self->other, &self->got_other, 8);
}

FIXTURE_TEARDOWN(timers)
{
	close(self->chan);
	close(self->fd);
	close(self->other);
}

TEST_F(timers, C29_select_waits)
{
	int64_t due;
	int i;

	for (i = 0; i < 20; i++) {
		due = now() + i * 50000;
		ASSERT_EQ(0, ht_set(self->fd, due));
		ASSERT_EQ(0, ht_set(self->other, due + HT_HOUR));
		ASSERT_EQ(1, hc_select(self->c, 3));
		ASSERT_LE(due, now());
		ASSERT_TRUE(hc_case_ok(&self->c[1]));
		ASSERT_EQ(8, self->c[1].actual);
		ASSERT_EQ(due, self->got);
		ASSERT_EQ(0, ht_stop(self->fd));
		ASSERT_EQ(1, ht_stop(self->other));
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
		ASSERT_TRUE(hc_parked(self->other, 0, 0));
	}
}

/* By itself, twice in one select, and with a deadline. */
TEST_F(timers, C29_select_duplicates)
{
	int64_t due = now() + HC_MS;

	self->c[0] = self->c[1];
	ASSERT_EQ(0, ht_set(self->fd, due));
	ASSERT_LE(0, hc_select(self->c, 2));
	EXPECT_EQ(due, self->got);
	EXPECT_EQ(-EAGAIN, hc_try_select(self->c, 2));
	ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
	EXPECT_EQ(-ETIMEDOUT, hc_select_by(self->c, 2, HCHAN_DEADLINE,
					   now() + HC_MS));
	EXPECT_EQ(1, ht_set(self->fd, 5));
	EXPECT_LE(0, hc_select_by(self->c, 2, HCHAN_DEADLINE, now() + HC_MS));
	EXPECT_EQ(5, self->got);
}

/* Default is taken before its time, and not at it. */
TEST_F(timers, C24_default)
{
	long i, rounds = hc_scale(300);
	int64_t due;
	int ret;

	for (i = 0; i < rounds; i++) {
		due = now() + i % 50 * 2000;
		ASSERT_EQ(0, ht_set(self->fd, due));
		ret = hc_try_select(self->c, 3);
		if (ret == -EAGAIN) {
			spin_until(due);
			if (i % 2)
				ASSERT_EQ(1, hc_select_by(self->c, 3, HCHAN_READY |
							  HCHAN_NOWAIT, 0));
			ret = hc_try_select(self->c, 3);
		}
		ASSERT_EQ(1, ret);
		ASSERT_EQ(due, self->got);
		ASSERT_LE(due, now());
		ASSERT_EQ(-EAGAIN, hc_try_select(self->c, 3));
	}
}

/* Of several that are ready each may go (C20); the others keep what they have. */
TEST_F(timers, C20_among_others)
{
	int went[3] = { 0 }, i, ret;
	int64_t x = 4;

	for (i = 0; i < 300; i++) {
		ht_set(self->fd, 5);
		ht_set(self->other, 6);
		hc_try_send(self->chan, &x, 8);
		ret = i % 2 ? hc_select(self->c, 3) : hc_try_select(self->c, 3);
		hc_must(ret >= 0 && ret < 3);
		went[ret]++;
		ASSERT_EQ(ret == 1 ? -EAGAIN : 5, ht_try(self->fd));
		ASSERT_EQ(ret == 2 ? -EAGAIN : 6, ht_try(self->other));
		ASSERT_EQ(ret != 0, hc_len(self->chan));
	}
	EXPECT_LT(0, went[0]);
	EXPECT_LT(0, went[1]);
	EXPECT_LT(0, went[2]);
	ht_set(self->fd, 5);
	EXPECT_EQ(0, hc_try_send(self->chan, &x, 8) & ~-EAGAIN);
	EXPECT_EQ(0, hc_select_by(self->c, 3, HCHAN_FIRST, 0));
	EXPECT_EQ(1, hc_select_by(self->c, 3, HCHAN_FIRST, 0));
}

/* A select whose other case goes leaves the tick where it is. */
TEST_F(timers, C18_lost_case)
{
	int64_t x = 4;

	ASSERT_EQ(0, ht_set(self->fd, now() + HT_HOUR));
	ASSERT_EQ(0, hc_send(self->chan, &x, 8));
	EXPECT_EQ(0, hc_select(self->c, 3));
	EXPECT_EQ(1, ht_set(self->fd, 5));
	EXPECT_EQ(1, hc_select(self->c, 3));
	EXPECT_EQ(5, self->got);
}

/* The timer cannot be sent on, in a select neither. */
TEST_F(timers, C29_no_send_case)
{
	self->c[0] = hc_case_send(self->fd, &self->elem, 8);
	EXPECT_EQ(-EBADF, hc_try_select(self->c, 2));
	self->c[0] = hc_case_recv(self->fd, &self->elem, 7);
	EXPECT_EQ(-EMSGSIZE, hc_try_select(self->c, 2));
}

/* In a set: when nothing else is ready, a look finds what is due. */
TEST_F(timers, C29_set)
{
	long i, rounds = hc_scale(200);
	int set = hc_set(), id, ret;
	struct hchan_set_select out;
	int64_t due, x = 4;

	ASSERT_LE(0, set);
	ASSERT_EQ(0, hc_set_add(set, self->c[0]));
	id = hc_set_add(set, self->c[1]);
	ASSERT_EQ(1, id);
	ASSERT_EQ(2, hc_set_add(set, self->c[2]));
	for (i = 0; i < rounds; i++) {
		due = now() + i % 50 * 2000;
		ASSERT_EQ(0, ht_set(self->fd, due));
		ret = hc_set_try(set, &out);
		if (ret == -EAGAIN && i % 2) {
			spin_until(due);
			ret = hc_set_try(set, &out);
		} else if (ret == -EAGAIN) {
			ret = hc_set_select(set, &out);
		}
		ASSERT_EQ(id, ret);
		ASSERT_EQ(due, self->got);
		ASSERT_LE(due, now());
		ASSERT_EQ(8, out.actual);
		ASSERT_EQ(3, out.live);
		ASSERT_EQ(-EAGAIN, hc_set_try(set, NULL));
	}
	/* Disabled it is never ready; as before when it is enabled again. */
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_DISABLE, id, NULL));
	ASSERT_EQ(0, ht_set(self->fd, 5));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_ENABLE, id, NULL));
	EXPECT_EQ(id, hc_set_select(set, NULL));
	/* A case in its place, with and without a timer. */
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_PUT, 1, &self->c[0]));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_PUT, 0, &self->c[1]));
	due = now() + HC_MS;
	ASSERT_EQ(0, ht_set(self->fd, due));
	spin_until(due);
	EXPECT_EQ(0, hc_set_try(set, NULL));
	EXPECT_EQ(due, self->got);
	ASSERT_EQ(0, hc_send(self->chan, &x, 8));
	EXPECT_EQ(1, hc_set_try(set, NULL));
	/* Its descriptor goes: the case goes. */
	ASSERT_EQ(0, ht_set(self->fd, now() + HC_MS));
	close(self->fd);
	EXPECT_EQ(-EAGAIN, hc_set_try(set, &out));
	EXPECT_EQ(-ETIMEDOUT, hc_set_select_by(set, HCHAN_DEADLINE,
					       now() + 3 * HC_MS, &out));
	self->fd = -1;
	close(set);
}

/* C45: level, in the direction it has. */
TEST_F(timers, C45_poll)
{
	struct pollfd p = { .fd = self->fd, .events = ~0 };
	struct pollfd set_p = { .fd = hc_set(), .events = POLLIN };
	int64_t due = now() + 2 * HC_MS;
	int i;

	ASSERT_EQ(0, hc_set_add(set_p.fd, self->c[1]));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(0, poll(&set_p, 1, 0));
	ASSERT_EQ(0, ht_set(self->fd, due));
	ASSERT_EQ(1, poll(&p, 1, -1));
	EXPECT_LE(due, now());
	EXPECT_EQ(POLLIN | POLLRDNORM, p.revents);
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(1, poll(&set_p, 1, -1));
	/* What a stop takes away is not ready any more, after a reset neither. */
	EXPECT_EQ(1, ht_stop(self->fd));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(0, poll(&set_p, 1, 0));
	ASSERT_EQ(0, ht_set(self->fd, 5));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(1, ht_set(self->fd, now() + HT_HOUR));
	EXPECT_EQ(0, poll(&p, 1, 0));
	/* Who polls a set is woken, too. */
	for (i = 0; i < 10; i++) {
		due = now() + HC_MS;
		ht_set(self->fd, due);
		ASSERT_EQ(1, poll(&set_p, 1, -1));
		ASSERT_LE(due, now());
		ASSERT_EQ(0, hc_set_try(set_p.fd, NULL));
		ASSERT_EQ(due, self->got);
	}
	close(set_p.fd);
}

/* C45: who is told of changes only is told of every tick. */
TEST_F(timers, C45_epoll_edges)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC), i;
	long rounds = hc_scale(300);
	int64_t last = 0, got;

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(0, ht_set_by(self->fd, HCHAN_TIMER_TICK, now(), 200000));
	for (i = 0; i < rounds;) {
		ASSERT_EQ(1, epoll_wait(epoll, &event, 1, -1));
		ASSERT_EQ(EPOLLIN, event.events);
		/* It may be told twice of one (C45), but never not at all. */
		got = ht_try(self->fd);
		if (got == -EAGAIN)
			continue;
		ASSERT_LT(last, got);
		last = got;
		i++;
	}
	/* One that was not read and is taken away, and then the next. */
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(1, ht_set(self->fd, now() + i % 3 * 50000));
		ASSERT_EQ(1, epoll_wait(epoll, &event, 1, -1));
	}
	close(epoll);
}

TEST_HARNESS_MAIN
