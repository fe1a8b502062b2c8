// SPDX-License-Identifier: GPL-2.0-only
/*
 * A select that is parked: on all its channels or on none, as one operation
 * among the others of each, and served once (C8, C10, C18, C21, C22).
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

static bool served(struct sel *s, int i)
{
	return sel_join(s) == i && sel_ok(s, i);
}

/* Counted on all channels; served on one, it is gone from all. */
TEST(c18_served_on_one)
{
	struct sel s = { 0 };
	int a = sel_make(0), b = sel_make(3), c = sel_make(1), i;

	for (i = 0; i < 3; i++) {
		s.n = 0;
		sel_recv(&s, a);
		sel_recv(&s, b);
		sel_send(&s, c, 5);
		sel_put(c, 1);
		sel_start(&s);
		ASSERT_EQ(0, hc_wait_receivers(a, 1));
		EXPECT_TRUE(hc_parked(b, 0, 1));
		EXPECT_TRUE(hc_parked(c, 1, 0));
		if (i == 2)
			hc_must(sel_get(c) == 1);
		else
			sel_put(i ? b : a, 9);
		ASSERT_TRUE(served(&s, i));
		EXPECT_EQ(i == 0 ? 9 : SEL_NOTHING, s.x[0]);
		EXPECT_EQ(i == 1 ? 9 : SEL_NOTHING, s.x[1]);
		EXPECT_TRUE(hc_parked(a, 0, 0));
		EXPECT_TRUE(hc_parked(b, 0, 0));
		EXPECT_TRUE(hc_parked(c, 0, 0));
		EXPECT_EQ(0, hc_len(b));
		EXPECT_EQ(i == 2 ? 5 : 1, sel_get(c));
		EXPECT_TRUE(sel_empty(c));
	}
}

/*
 * Served, but it has not run since: it counts nowhere any more, nobody is told
 * that it is there, and nobody can meet it.
 */
TEST(c18_served_is_gone_at_once)
{
	struct pollfd p;
	struct sel s = { 0 };
	int a = sel_make(0), b = sel_make(0);
	uint64_t x = 2;

	hc_run_first();
	sel_recv(&s, a);
	sel_recv(&s, b);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	sel_put(a, 1);
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_TRUE(hc_parked(b, 0, 0));
	p = (struct pollfd) { .fd = b, .events = POLLIN | POLLOUT };
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(-EAGAIN, sel_try_put(b, x));
	EXPECT_EQ(-EAGAIN, sel_try_put(a, x));
	EXPECT_TRUE(served(&s, 0));
	EXPECT_EQ(1, s.x[0]);
}

/* Many at once on the same two channels, each served once. */
TEST(c18_each_of_many_once)
{
	struct sel s[8] = { 0 };
	int a = sel_make(0), b = sel_make(0), i;
	uint64_t sum = 0;

	hc_run_first();
	for (i = 0; i < 8; i++) {
		sel_recv(&s[i], i % 2 ? a : b);
		sel_recv(&s[i], i % 2 ? b : a);
		sel_start(&s[i]);
		ASSERT_EQ(0, hc_wait_receivers(a, i + 1));
	}
	for (i = 0; i < 8; i++) {
		EXPECT_TRUE(hc_parked(a, 0, 8 - i));
		EXPECT_TRUE(hc_parked(b, 0, 8 - i));
		sel_put(i % 3 ? a : b, 1 << i);
	}
	for (i = 0; i < 8; i++) {
		ASSERT_LE(0, sel_join(&s[i]));
		EXPECT_EQ(SEL_NOTHING, s[i].x[!s[i].ret]);
		sum += s[i].x[s[i].ret];
	}
	EXPECT_EQ(0xff, sum);
}

/* Its place in each queue is its own: first in, first out, on all of them. */
TEST(c08_in_turn)
{
	struct sel s[3] = { 0 };
	int a = sel_make(0), b = sel_make(0), i;

	for (i = 0; i < 3; i++) {
		sel_recv(&s[i], a);
		if (i == 1)
			sel_recv(&s[i], b);
		sel_start(&s[i]);
		ASSERT_EQ(0, hc_wait_receivers(a, i + 1));
	}
	for (i = 0; i < 3; i++) {
		sel_put(a, i);
		ASSERT_TRUE(served(&s[i], 0));
		EXPECT_EQ(i, s[i].x[0]);
	}
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

/* Senders likewise, with those who are served elsewhere left out. */
TEST(c08_senders_in_turn)
{
	struct sel s[4] = { 0 };
	int a = sel_make(1), b = sel_make(0), i;

	sel_put(a, 100);
	for (i = 0; i < 4; i++) {
		sel_send(&s[i], a, i);
		if (i == 1)
			sel_send(&s[i], b, 50);
		sel_start(&s[i]);
		ASSERT_EQ(0, hc_wait_senders(a, i + 1));
	}
	EXPECT_EQ(50, sel_get(b));
	ASSERT_TRUE(served(&s[1], 1));
	EXPECT_TRUE(hc_parked(a, 3, 0));
	EXPECT_EQ(100, sel_get(a));
	EXPECT_EQ(0, sel_get(a));
	EXPECT_EQ(2, sel_get(a));
	EXPECT_EQ(3, sel_get(a));
	EXPECT_TRUE(sel_empty(a));
	ASSERT_TRUE(served(&s[0], 0));
	ASSERT_TRUE(served(&s[2], 0));
	ASSERT_TRUE(served(&s[3], 0));
}

/* A sender's element is the one of the call, whatever is written there later. */
TEST(c09_fixed_at_the_call)
{
	struct sel s = { 0 };
	int a = sel_make(0), b = sel_make(0);

	sel_send(&s, a, 1);
	sel_send(&s, b, 2);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(b, 1));
	s.x[0] = 11;
	s.x[1] = 12;
	EXPECT_EQ(2, sel_get(b));
	EXPECT_TRUE(served(&s, 1));
}

/* C15: the end of one channel ends the whole. */
TEST(c15_closed)
{
	struct sel r = { 0 }, s = { 0 };
	int a = sel_make(0), b = sel_make(3), c = sel_make(0);

	sel_recv(&r, a);
	sel_recv(&r, b);
	sel_start(&r);
	ASSERT_EQ(0, hc_wait_receivers(b, 1));
	ASSERT_EQ(0, hc_close(b));
	ASSERT_EQ(1, sel_join(&r));
	EXPECT_TRUE(sel_ended(&r, 1, HCHAN_ST_CLOSED));
	EXPECT_TRUE(hc_parked(a, 0, 0));
	sel_send(&s, a, 1);
	sel_send(&s, c, 2);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(c, 1));
	ASSERT_EQ(0, hc_close(a));
	ASSERT_EQ(0, sel_join(&s));
	EXPECT_TRUE(sel_broke(&s, 0, HCHAN_ST_CLOSED));
	EXPECT_TRUE(hc_parked(c, 0, 0));
	EXPECT_TRUE(sel_empty(c));
}

/* C49: the last one on the other side goes. */
TEST(c49_disconnected)
{
	int a = hc_make(8, 0, HCHAN_DISCONNECT), b = sel_make(0);
	int rx = hc_narrow(a, O_RDONLY), tx = hc_only(a, O_WRONLY);
	struct sel r = { 0 }, s = { 0 };
	int c = hc_make(8, 0, HCHAN_DISCONNECT);
	int crx = hc_narrow(c, O_RDONLY), ctx = hc_only(c, O_WRONLY);

	sel_recv(&r, rx);
	sel_recv(&r, b);
	sel_start(&r);
	ASSERT_EQ(0, hc_wait_receivers(b, 1));
	close(tx);
	ASSERT_EQ(0, sel_join(&r));
	EXPECT_TRUE(sel_ended(&r, 0, HCHAN_ST_DISCONNECTED));
	sel_send(&s, b, 1);
	sel_send(&s, ctx, 1);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(b, 1));
	close(crx);
	ASSERT_EQ(1, sel_join(&s));
	EXPECT_TRUE(sel_broke(&s, 1, HCHAN_ST_DISCONNECTED));
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

/*
 * C17: descriptors that another thread closes are only descriptors: the call
 * holds what is behind them, which also counts as being there (C49).
 */
TEST(c17_descriptor_closed_while_parked)
{
	int a = hc_make(8, 0, HCHAN_DISCONNECT), b = sel_make(0);
	int rx = hc_narrow(a, O_RDONLY), tx = hc_only(a, O_WRONLY);
	struct sel s = { 0 };

	sel_recv(&s, rx);
	sel_recv(&s, b);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(b, 1));
	close(rx);
	close(b);
	EXPECT_TRUE(hc_parked(tx, 0, 1));
	EXPECT_EQ(0, hc_stat(tx).state);
	sel_put(tx, 4);
	ASSERT_TRUE(served(&s, 0));
	EXPECT_EQ(4, s.x[0]);
	EXPECT_EQ(HCHAN_S_NO_RECEIVERS, hc_stat(tx).state);
}

/* C21: alone on both sides of an unbuffered channel it waits, and counts. */
TEST(c21_not_with_itself)
{
	struct sel s = { .flags = HCHAN_DEADLINE }, t = { 0 };
	int a = sel_make(0);

	s.deadline = hc_in(5 * HC_MS);
	sel_send(&s, a, 1);
	sel_recv(&s, a);
	sel_send(&s, a, 2);
	sel_recv(&s, a);
	EXPECT_EQ(-ETIMEDOUT, sel_run(&s));
	EXPECT_EQ(-EAGAIN, sel_try(&(struct sel) { .n = 4, .c = {
		  s.c[0], s.c[1], s.c[2], s.c[3] } }));
	EXPECT_EQ(SEL_NOTHING, s.x[1]);
	EXPECT_TRUE(hc_parked(a, 0, 0));
	s.flags = 0;
	s.deadline = 0;
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	EXPECT_TRUE(hc_parked(a, 1, 1));
	/* C10: the one exception. Each partner finds its own side. */
	sel_recv(&t, a);
	ASSERT_EQ(0, sel_try(&t));
	EXPECT_TRUE(t.x[0] == 1 || t.x[0] == 2);
	ASSERT_EQ(t.x[0] == 1 ? 0 : 2, sel_join(&s));
	EXPECT_TRUE(hc_parked(a, 0, 0));
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(a, 1));
	sel_put(a, 9);
	EXPECT_TRUE(sel_join(&s) % 2);
	EXPECT_EQ(9, s.x[s.ret]);
	EXPECT_TRUE(hc_parked(a, 0, 0));
}

/* Two of that kind on one channel pair once, and both are gone. */
TEST(c21_two_on_both_sides)
{
	struct sel s[2] = { 0 };
	int a = sel_make(0), i, round;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < 2; i++) {
			s[i].n = 0;
			sel_send(&s[i], a, 1 + i);
			sel_recv(&s[i], a);
		}
		sel_start(&s[0]);
		ASSERT_EQ(0, hc_wait_senders(a, 1));
		ASSERT_LE(0, sel_run(&s[1]));
		ASSERT_EQ(!s[1].ret, sel_join(&s[0]));
		ASSERT_EQ(s[0].ret ? 2 : 1, s[s[1].ret].x[1]);
		ASSERT_TRUE(hc_parked(a, 0, 0));
	}
}

/* Facing each other over two channels, one parked, the other coming. */
TEST(c21_facing)
{
	struct sel s = { 0 }, t = { 0 };
	int a = sel_make(0), b = sel_make(0);

	sel_send(&s, a, 1);
	sel_recv(&s, b);
	sel_send(&t, b, 2);
	sel_recv(&t, a);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(a, 1));
	ASSERT_LE(0, sel_run(&t));
	ASSERT_EQ(!t.ret, sel_join(&s));
	EXPECT_EQ(t.ret ? 1 : SEL_NOTHING, t.x[1]);
	EXPECT_EQ(s.ret ? 2 : SEL_NOTHING, s.x[1]);
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

/* One channel many times, both ways: one of them goes, with its own element. */
TEST(c22_duplicates)
{
	struct sel s = { 0 };
	int a = sel_make(0), i, n;

	for (n = 0; n < 20; n++) {
		s.n = 0;
		for (i = 0; i < 4; i++) {
			sel_recv(&s, a);
			sel_send(&s, a, 100 + i * 2 + 1);
		}
		sel_start(&s);
		ASSERT_EQ(0, hc_wait_receivers(a, 1));
		/* One operation, however often it lists the channel. */
		EXPECT_TRUE(hc_parked(a, 1, 1));
		if (n % 2) {
			EXPECT_EQ(100, sel_get(a) - sel_join(&s));
			continue;
		}
		sel_put(a, 7);
		ASSERT_TRUE(sel_join(&s) % 2 == 0);
		for (i = 0; i < 8; i += 2)
			EXPECT_EQ(i == s.ret ? 7 : SEL_NOTHING, s.x[i]);
	}
}

/* Two descriptors of one channel are one channel. */
TEST(c22_one_channel_by_two_descriptors)
{
	int a = sel_make(0), b = hc_narrow(a, O_RDWR);
	struct sel s = { 0 };

	sel_send(&s, a, 1);
	sel_recv(&s, b);
	s.flags = HCHAN_DEADLINE;
	s.deadline = hc_in(2 * HC_MS);
	EXPECT_EQ(-ETIMEDOUT, sel_run(&s));
}

/* C38: too little room for what comes; the next in the queue gets it. */
TEST(c38_short_receiver)
{
	int m = hc_make(300, 0, HCHAN_MSG), b = sel_make(0);
	struct sel s = { 0 }, t = { 0 };
	uint8_t text[300], got[300], short_one[300];

	hc_fill(text, 300, 1);
	memset(short_one, HC_POISON, 300);
	sel_add(&s, hc_case_recv(m, short_one, 99));
	sel_recv(&s, b);
	sel_add(&t, hc_case_recv(m, got, 300));
	sel_recv(&t, b);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(m, 1));
	sel_start(&t);
	ASSERT_EQ(0, hc_wait_receivers(m, 2));
	ASSERT_EQ(0, hc_try_send(m, text, 100));
	ASSERT_EQ(0, sel_join(&s));
	EXPECT_EQ(-EMSGSIZE, s.c[0].error);
	EXPECT_EQ(HCHAN_ST_OK, s.c[0].status);
	EXPECT_EQ(100, s.c[0].actual);
	EXPECT_TRUE(hc_all(short_one, HC_POISON, 300));
	ASSERT_EQ(0, sel_join(&t));
	EXPECT_TRUE(sel_ok(&t, 0));
	EXPECT_EQ(100, t.c[0].actual);
	EXPECT_EQ(0, memcmp(text, got, 100));
	EXPECT_TRUE(hc_parked(m, 0, 0));
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

TEST_HARNESS_MAIN
