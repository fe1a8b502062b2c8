// SPDX-License-Identifier: GPL-2.0-only
/* What a set does: its cases, and a select over them. */
#define _GNU_SOURCE
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"

static int make(uint64_t capacity)
{
	return hc_make(sizeof(uint64_t), capacity, 0);
}

static void put(int fd, uint64_t x)
{
	hc_must(!hc_try_send(fd, &x, sizeof(x)));
}

/* Selects over the set @arg[0], which gets a number from @fd into @arg[1]. */
static int select_set(int fd, const long *arg)
{
	return hc_set_select(arg[0], NULL);
}

const struct hc_body_entry hc_bodies[] = { HC_BODY(select_set), { } };

TEST(ready_and_default)
{
	struct hchan_set_select out;
	int a = make(2), b = make(2), set = hc_set();
	uint64_t x = 0, y = 9;

	ASSERT_GE(set, 0);
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(1, hc_set_add(set, hc_case_send(b, &y, sizeof(y))));
	ASSERT_EQ(1, hc_set_try(set, &out));
	EXPECT_EQ(2, out.live);
	EXPECT_EQ(0, out.error);
	ASSERT_EQ(1, hc_set_try(set, NULL));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	put(a, 4);
	ASSERT_EQ(0, hc_set_try(set, &out));
	EXPECT_EQ(4, x);
	EXPECT_EQ(sizeof(x), out.actual);
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
}

TEST(parks)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(0) };
	int b = make(0), set = hc_set();
	struct hc_peer peer;
	uint64_t x = 0, y = 0;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(ch.fd, &x, sizeof(x))));
	ASSERT_EQ(1, hc_set_add(set, hc_case_recv(b, &y, sizeof(y))));
	hc_start(&peer, &ch, O_RDWR, select_set, set);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	EXPECT_TRUE(hc_parked(b, 0, 1));
	EXPECT_EQ(-EBUSY, hc_set_try(set, NULL));
	EXPECT_EQ(-EBUSY, hc_set_ctl(set, HCHAN_SET_REMOVE, 0, NULL));
	put(b, 8);
	EXPECT_EQ(1, hc_join(&peer));
	EXPECT_EQ(8, y);
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
}

TEST(drops_what_has_ended)
{
	struct hchan_set_select out;
	int a = make(1), set = hc_set();
	struct hchan_case c;
	uint64_t x = 1;

	c = hc_case_recv(a, &x, sizeof(x));
	c.flags = HCHAN_CASE_DROP;
	ASSERT_EQ(0, hc_set_add(set, c));
	ASSERT_EQ(0, hc_close(a));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(HCHAN_ST_CLOSED, out.status);
	EXPECT_EQ(0, out.live);
	EXPECT_EQ(0, x);
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(-ENOENT, hc_set_ctl(set, HCHAN_SET_REMOVE, 0, NULL));
}

TEST(goes_with_its_open_file)
{
	int a = make(1), set = hc_set();
	uint64_t x;

	put(a, 1);
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(0, close(a));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(-ENOENT, hc_set_ctl(set, HCHAN_SET_DISABLE, 0, NULL));
}

TEST_HARNESS_MAIN
