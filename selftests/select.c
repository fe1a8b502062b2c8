// SPDX-License-Identifier: GPL-2.0-only
/* What a select does: which case, with which outcome, and nothing else (C18). */
#define _GNU_SOURCE
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"

/* A channel of 64-bit numbers. */
static int make(uint64_t capacity)
{
	return hc_make(sizeof(uint64_t), capacity, 0);
}

static uint64_t get(int fd)
{
	uint64_t x;

	hc_must(hc_try_recv(fd, &x, sizeof(x)) == 1);
	return x;
}

static void put(int fd, uint64_t x)
{
	hc_must(!hc_try_send(fd, &x, sizeof(x)));
}

/* Sends @arg[0]. */
static int send_one(int fd, const long *arg)
{
	uint64_t x = arg[0];

	hc_must(!hc_send(fd, &x, sizeof(x)));
	return 0;
}

/* Receives @arg[0]. */
static int recv_one(int fd, const long *arg)
{
	uint64_t x;

	hc_must(hc_recv(fd, &x, sizeof(x)) == 1 && x == (uint64_t)arg[0]);
	return 0;
}

static int close_it(int fd, const long *arg)
{
	hc_must(!hc_close(fd));
	return 0;
}

/* Selects over receives from two channels: @fd and the descriptor @arg[0]. */
static int select_two(int fd, const long *arg)
{
	uint64_t x[2];
	struct hchan_case c[2] = {
		hc_case_recv(fd, &x[0], sizeof(x[0])),
		hc_case_recv(arg[0], &x[1], sizeof(x[1])),
	};
	int i = hc_select(c, 2);

	hc_must(i >= 0);
	return i * 10 + (c[i].status == HCHAN_ST_OK ? (int)x[i] : 9);
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(send_one), HC_BODY(recv_one), HC_BODY(close_it),
	HC_BODY(select_two), { }
};

TEST(c24_default)
{
	uint64_t x = 1, y = 2;
	int a = make(0), b = make(1);
	struct hchan_case c[] = {
		hc_case_recv(a, &x, sizeof(x)),
		hc_case_send(a, &y, sizeof(y)),
		hc_case_recv(b, &x, sizeof(x)),
		hc_case_nil(),
	};

	EXPECT_EQ(-EAGAIN, hc_try_select(c, 4));
	EXPECT_EQ(-EAGAIN, hc_try_select(c, 0));
	EXPECT_EQ(-EAGAIN, hc_try_select(&c[3], 1));
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_EQ(1, x);
}

TEST(c18_one_case_happens)
{
	uint64_t x = 0, y = 7;
	int a = make(1), b = make(1);
	struct hchan_case c[] = {
		hc_case_recv(a, &x, sizeof(x)),
		hc_case_send(b, &y, sizeof(y)),
	};

	put(b, 5);
	put(a, 3);
	ASSERT_EQ(0, hc_try_select(c, 2));
	EXPECT_TRUE(hc_case_ok(&c[0]));
	EXPECT_EQ(sizeof(x), c[0].actual);
	EXPECT_EQ(3, x);
	EXPECT_EQ(1, hc_len(b));
	EXPECT_EQ(-EAGAIN, hc_try_select(c, 2));
	EXPECT_EQ(5, get(b));
	ASSERT_EQ(1, hc_try_select(c, 2));
	EXPECT_TRUE(hc_case_ok(&c[1]));
	EXPECT_EQ(0, c[1].actual);
	EXPECT_EQ(7, get(b));
}

TEST(c23_ended_channels)
{
	uint64_t x = 1, y = 7;
	int a = make(1), b = make(1);
	struct hchan_case c[] = {
		hc_case_recv(a, &x, sizeof(x)),
		hc_case_send(b, &y, sizeof(y)),
	};

	put(a, 3);
	ASSERT_EQ(0, hc_close(a));
	ASSERT_EQ(0, hc_try_select(c, 1));
	EXPECT_EQ(3, x);
	ASSERT_EQ(0, hc_try_select(c, 1));
	EXPECT_EQ(0, x);
	EXPECT_EQ(HCHAN_ST_CLOSED, c[0].status);
	EXPECT_EQ(0, c[0].error);
	ASSERT_EQ(0, hc_close(b));
	ASSERT_EQ(0, hc_try_select(&c[1], 1));
	EXPECT_EQ(-EPIPE, c[1].error);
	EXPECT_EQ(HCHAN_ST_CLOSED, c[1].status);
}

TEST(first_listed)
{
	uint64_t x;
	int a = make(100), b = make(100), i;
	struct hchan_case c[] = {
		hc_case_recv(a, &x, sizeof(x)),
		hc_case_recv(b, &x, sizeof(x)),
	};

	for (i = 0; i < 100; i++) {
		put(a, i);
		put(b, i);
	}
	for (i = 0; i < 200; i++)
		ASSERT_EQ(i >= 100, hc_select_by(c, 2, HCHAN_FIRST, 0));
}

TEST(parked_then_sent)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(0) };
	struct hc_peer peer;
	int b = make(0);

	hc_start(&peer, &ch, O_RDWR, select_two, b);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	/* Whole: on all channels or on none. */
	EXPECT_TRUE(hc_parked(b, 0, 1));
	put(b, 4);
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
	EXPECT_EQ(14, hc_join(&peer));
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

TEST(parked_then_closed)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(0) };
	struct hc_peer peer;
	int b = make(3);

	hc_start(&peer, &ch, O_RDWR, select_two, b);
	ASSERT_EQ(0, hc_wait_receivers(b, 1));
	ASSERT_EQ(0, hc_close(b));
	EXPECT_EQ(19, hc_join(&peer));
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
}

TEST(sends_park)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(0) };
	struct hc_peer peer;
	uint64_t x = 6, y = 8;
	int b = make(1);
	struct hchan_case c[] = {
		hc_case_send(ch.fd, &x, sizeof(x)),
		hc_case_send(b, &y, sizeof(y)),
	};

	put(b, 1);
	hc_start(&peer, &ch, O_RDWR, recv_one, 6);
	ASSERT_EQ(0, hc_select(c, 2));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_TRUE(hc_parked(b, 0, 0));
	EXPECT_EQ(1, get(b));
}

TEST(c21_not_with_itself)
{
	uint64_t x = 1, y = 2;
	int a = make(0);
	struct hchan_case c[] = {
		hc_case_send(a, &x, sizeof(x)),
		hc_case_recv(a, &y, sizeof(y)),
		hc_case_send(a, &x, sizeof(x)),
		hc_case_recv(a, &y, sizeof(y)),
	};

	EXPECT_EQ(-ETIMEDOUT, hc_select_by(c, 4, HCHAN_DEADLINE, hc_in(5 * HC_MS)));
	EXPECT_EQ(2, y);
	EXPECT_TRUE(hc_parked(a, 0, 0));
}

TEST_HARNESS_MAIN
