// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects that only look (HCHAN_READY): they tell which case would go, do
 * nothing, and are nobody's partner (C46). And what those who look see of a
 * select that is parked (C45).
 */
#include <poll.h>
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	hc_must(poll(&p, 1, 0) >= 0);
	return p.revents;
}

/* A thread that waits for readiness sleeps when this returns. */
static void start_looking(struct sel *s)
{
	s->flags |= HCHAN_READY;
	sel_start(s);
	while (!__atomic_load_n(&s->tid, __ATOMIC_SEQ_CST))
		sched_yield();
	hc_asleep(s->tid);
}

/* It tells, and does nothing: neither to the channel nor to the case. */
TEST(c46_nothing_is_done)
{
	struct sel s = { .flags = HCHAN_READY };
	int a = sel_make(2), b = sel_make(1), i;

	sel_recv(&s, a);
	sel_send(&s, b, 1);
	sel_put(a, 3);
	sel_put(b, 4);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, sel_run(&s));
		EXPECT_EQ(HC_POISON32, s.c[0].actual);
		EXPECT_EQ(SEL_NOTHING, s.x[0]);
	}
	EXPECT_EQ(3, sel_get(a));
	EXPECT_EQ(4, sel_get(b));
	EXPECT_EQ(1, sel_run(&s));
	EXPECT_EQ(0, hc_len(b));
	sel_put(b, 4);
	EXPECT_EQ(-EAGAIN, sel_try(&s));
	s.flags = HCHAN_READY | HCHAN_DEADLINE;
	s.deadline = hc_in(2 * HC_MS);
	EXPECT_EQ(-ETIMEDOUT, sel_run(&s));
	EXPECT_LE(s.deadline, hc_clock(CLOCK_MONOTONIC));
}

/* An element that is not there yet is no reason to refuse a look. */
TEST(c46_ended_is_ready)
{
	struct sel s = { .flags = HCHAN_READY }, t = { .flags = HCHAN_READY };
	int a = sel_make(0);

	sel_recv(&s, a);
	sel_send(&t, a, 1);
	ASSERT_EQ(0, hc_close(a));
	EXPECT_EQ(0, sel_run(&s));
	EXPECT_EQ(0, sel_run(&t));
	EXPECT_EQ(HC_POISON32, s.c[0].status);
	EXPECT_EQ(HC_POISON32, t.c[0].error);
}

/* Two that look face each other for ever. */
TEST(c46_two_that_look)
{
	struct sel s = { 0 }, t = { .flags = HCHAN_READY };
	int a = sel_make(0);

	sel_recv(&s, a);
	sel_send(&t, a, 1);
	start_looking(&s);
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_EQ(0, events(a));
	EXPECT_EQ(-EAGAIN, sel_try(&t));
	EXPECT_EQ(-EAGAIN, sel_try_put(a, 1));
	t.flags = HCHAN_READY | HCHAN_DEADLINE;
	t.deadline = hc_in(20 * HC_MS);
	EXPECT_EQ(-ETIMEDOUT, sel_run(&t));
	ASSERT_EQ(0, hc_close(a));
	EXPECT_EQ(0, sel_join(&s));
}

FIXTURE(woken)
{
	int a, b;
	struct sel look, other;
};

FIXTURE_VARIANT(woken)
{
	uint64_t cap;
	bool send;
};

FIXTURE_VARIANT_ADD(woken, receiver_cap0) { 0, false };
FIXTURE_VARIANT_ADD(woken, receiver_cap1) { 1, false };
FIXTURE_VARIANT_ADD(woken, sender_cap0) { 0, true };
FIXTURE_VARIANT_ADD(woken, sender_cap1) { 1, true };

FIXTURE_SETUP(woken)
{
	self->a = sel_make(variant->cap);
	self->b = sel_make(0);
	sel_add(&self->look, hc_case_nil());
	if (variant->send) {
		if (variant->cap)
			sel_put(self->a, 100);
		sel_send(&self->look, self->a, 1);
		sel_recv(&self->other, self->a);
	} else {
		sel_recv(&self->look, self->a);
		sel_send(&self->other, self->a, 1);
	}
	sel_recv(&self->look, self->b);
	sel_recv(&self->other, self->b);
	start_looking(&self->look);
}

FIXTURE_TEARDOWN(woken)
{
	close(self->a);
	close(self->b);
}

/* By a plain peer that parks, or an element or room that comes. */
TEST_F(woken, c46_by_a_select)
{
	sel_start(&self->other);
	EXPECT_EQ(1, sel_join(&self->look));
	if (!variant->cap) {
		/* It found one who is parked, and left it there. */
		EXPECT_TRUE(hc_parked(self->a, !variant->send, variant->send));
		ASSERT_EQ(0, hc_close(self->a));
	}
	EXPECT_EQ(0, sel_join(&self->other));
}

TEST_F(woken, c46_by_close)
{
	ASSERT_EQ(0, hc_close(self->a));
	EXPECT_EQ(1, sel_join(&self->look));
}

TEST_F(woken, c46_by_the_other_channel)
{
	ASSERT_EQ(0, hc_close(self->b));
	EXPECT_EQ(2, sel_join(&self->look));
}

TEST_F(woken, c46_by_a_plain_operation)
{
	uint64_t x = 1;

	if (variant->cap) {
		hc_must(variant->send ? sel_get(self->a) == 100 :
					!sel_try_put(self->a, 1));
		EXPECT_EQ(1, sel_join(&self->look));
		return;
	}
	self->other.n = 1;	/* which a plain operation is, too */
	sel_start(&self->other);
	EXPECT_EQ(1, sel_join(&self->look));
	hc_must(variant->send ? !hc_try_send(self->a, &x, sizeof(x)) :
				hc_try_recv(self->a, &x, sizeof(x)) == 1);
	EXPECT_EQ(0, sel_join(&self->other));
}

static void handler(int sig)
{
}

TEST_F(woken, c39_by_a_signal)
{
	struct sigaction action = { .sa_handler = handler };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, pthread_kill(self->look.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, sel_join(&self->look));
}

/* A select that is parked is there for poll(2), level and edge (C45). */
TEST(c45_parked_select)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int a = sel_make(0), b = sel_make(1), ep = epoll_create1(EPOLL_CLOEXEC);
	struct sel s = { 0 };

	sel_put(b, 7);
	sel_recv(&s, a);
	sel_send(&s, b, 8);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, a, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	sel_start(&s);
	/* Once it is told it is so: a sender would find it. */
	ASSERT_EQ(1, epoll_wait(ep, &event, 1, 10000));
	while (events(a) != POLLOUT)
		sched_yield();
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	EXPECT_EQ(POLLOUT, events(a));
	EXPECT_EQ(POLLIN, events(b));
	EXPECT_EQ(7, sel_get(b));
	EXPECT_EQ(1, sel_join(&s));
	EXPECT_EQ(0, events(a));
	EXPECT_EQ(POLLIN, events(b));
	EXPECT_EQ(8, sel_get(b));
}

/* On both sides of a rendezvous it is ready for both, and is not its own. */
TEST(c45_on_both_sides)
{
	struct sel s = { 0 };
	int a = sel_make(0);
	uint64_t x = 1;

	sel_send(&s, a, 1);
	sel_recv(&s, a);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	EXPECT_EQ(POLLIN | POLLOUT, events(a));
	ASSERT_EQ(0, hc_try_send(a, &x, sizeof(x)));
	EXPECT_EQ(1, sel_join(&s));
	EXPECT_EQ(0, events(a));
}

TEST_HARNESS_MAIN
