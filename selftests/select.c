// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a select does that need not wait: which case, with which outcome, and
 * nothing else (C18).
 */
#include "../kselftest_harness.h"
#include "select_thread.h"

/* Nothing ready: nothing done, nothing left. */
TEST(c24_default)
{
	struct sel s = { 0 };
	int a = sel_make(0), b = sel_make(1);

	sel_recv(&s, a);
	sel_send(&s, a, 2);
	sel_recv(&s, b);
	sel_add(&s, hc_case_nil());
	EXPECT_EQ(-EAGAIN, sel_try(&s));
	EXPECT_EQ(SEL_NOTHING, s.x[0]);
	EXPECT_EQ(SEL_NOTHING, s.x[2]);
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_TRUE(hc_parked(b, 0, 0));
	EXPECT_TRUE(sel_empty(a));
	EXPECT_EQ(-EAGAIN, sel_try_put(a, 1));
	EXPECT_EQ(-EAGAIN, hc_try_select(NULL, 0));
}

TEST(c18_one_case_happens)
{
	struct sel s = { 0 };
	int a = sel_make(1), b = sel_make(1);

	sel_recv(&s, a);
	sel_send(&s, b, 7);
	sel_put(b, 5);
	sel_put(a, 3);
	ASSERT_EQ(0, sel_try(&s));
	EXPECT_TRUE(sel_ok(&s, 0));
	EXPECT_EQ(sizeof(uint64_t), s.c[0].actual);
	EXPECT_EQ(3, s.x[0]);
	EXPECT_EQ(1, hc_len(b));
	EXPECT_EQ(-EAGAIN, sel_try(&s));
	EXPECT_EQ(5, sel_get(b));
	ASSERT_EQ(1, sel_try(&s));
	EXPECT_TRUE(sel_ok(&s, 1));
	EXPECT_EQ(0, s.c[1].actual);
	EXPECT_EQ(7, sel_get(b));
}

/* Both ready, always: one of the two moves in each call. */
TEST(c18_never_both)
{
	struct sel s = { 0 };
	int a = sel_make(100), b = sel_make(100), i;

	sel_recv(&s, a);
	sel_send(&s, b, 7);
	for (i = 0; i < 100; i++)
		sel_put(a, i);
	for (i = 1; i <= 100; i++) {
		ASSERT_LE(0, sel_try(&s));
		ASSERT_EQ(i, 100 - hc_len(a) + hc_len(b));
	}
}

/* On a nil channel never; not even its descriptor is looked at. */
TEST(c04_nil)
{
	struct hchan_case nil[] = { hc_case_nil(), hc_case_nil() };
	int64_t at = hc_in(5 * HC_MS);

	memset(&nil[1], HC_POISON, sizeof(nil[1]));
	nil[1].op = HCHAN_CASE_NIL;
	EXPECT_EQ(-EAGAIN, hc_try_select(nil, 2));
	EXPECT_EQ(-ETIMEDOUT, hc_select_by(nil, 2, HCHAN_DEADLINE, at));
	EXPECT_LE(at, hc_clock(CLOCK_MONOTONIC));
	EXPECT_EQ(-EAGAIN, hc_select_by(nil, 2, HCHAN_NOWAIT | HCHAN_READY, 0));
}

/* No case at all, no default: only the deadline ends it. */
TEST(c24_no_case)
{
	int64_t at = hc_in(5 * HC_MS);

	EXPECT_EQ(-ETIMEDOUT, hc_select_by(NULL, 0, HCHAN_DEADLINE, at));
	EXPECT_LE(at, hc_clock(CLOCK_MONOTONIC));
	EXPECT_EQ(-ETIMEDOUT, hc_select_by(NULL, 0, HCHAN_DEADLINE | HCHAN_READY,
					   hc_in(HC_MS)));
}

TEST(c23_ended_channels)
{
	struct sel r = { 0 }, s = { 0 };
	int a = sel_make(1), b = sel_make(1);

	sel_recv(&r, a);
	sel_send(&s, b, 7);
	sel_put(a, 3);
	ASSERT_EQ(0, hc_close(a));
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_TRUE(sel_ok(&r, 0));
	EXPECT_EQ(3, r.x[0]);
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_TRUE(sel_ended(&r, 0, HCHAN_ST_CLOSED));
	EXPECT_EQ(sizeof(uint64_t), r.c[0].actual);
	ASSERT_EQ(0, hc_close(b));
	ASSERT_EQ(0, sel_try(&s));
	EXPECT_TRUE(sel_broke(&s, 0, HCHAN_ST_CLOSED));
	EXPECT_EQ(0, s.c[0].actual);
	EXPECT_EQ(0, hc_len(b));
}

/* One that is not chosen has failed for nobody. */
TEST(c23_only_if_chosen)
{
	struct sel s = { .flags = HCHAN_FIRST };
	int a = sel_make(1), b = sel_make(0);

	sel_send(&s, a, 7);
	sel_send(&s, b, 7);
	ASSERT_EQ(0, hc_close(b));
	ASSERT_EQ(0, sel_try(&s));
	EXPECT_TRUE(sel_ok(&s, 0));
	/* The first one is not ready any more. */
	ASSERT_EQ(1, sel_try(&s));
	EXPECT_TRUE(sel_broke(&s, 1, HCHAN_ST_CLOSED));
}

/* C49: gone before the select comes, which says so. */
TEST(c49_disconnected_before)
{
	struct sel r = { 0 }, s = { 0 };
	int a = hc_make(8, 1, HCHAN_DISCONNECT), b = hc_make(8, 1, HCHAN_DISCONNECT);

	sel_put(a, 3);
	sel_recv(&r, hc_only(a, O_RDONLY));
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_EQ(3, r.x[0]);
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_TRUE(sel_ended(&r, 0, HCHAN_ST_DISCONNECTED));
	sel_send(&s, hc_only(b, O_WRONLY), 7);
	ASSERT_EQ(0, sel_try(&s));
	EXPECT_TRUE(sel_broke(&s, 0, HCHAN_ST_DISCONNECTED));
}

/* The first listed wins, with the flag; of duplicates too. */
TEST(c20_first_listed)
{
	struct sel s = { .flags = HCHAN_FIRST };
	int a = sel_make(100), b = sel_make(100), i;

	sel_recv(&s, a);
	sel_recv(&s, a);
	sel_recv(&s, b);
	for (i = 0; i < 100; i++) {
		sel_put(a, i);
		sel_put(b, i);
	}
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(i < 100 ? 0 : 2, sel_run(&s));
		ASSERT_EQ(i % 100, s.x[s.ret]);
	}
}

/* C7: the head goes, and the parked sender's element takes the free place. */
TEST(c07_takes_the_head)
{
	struct sel r = { 0 }, s = { 0 };
	int a = sel_make(2);

	sel_put(a, 1);
	sel_put(a, 2);
	sel_send(&s, a, 3);
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_senders(a, 1));
	sel_recv(&r, a);
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_EQ(1, r.x[0]);
	EXPECT_EQ(0, sel_join(&s));
	EXPECT_EQ(2, hc_len(a));
	EXPECT_EQ(2, sel_get(a));
	EXPECT_EQ(3, sel_get(a));
}

/* No descriptor's O_NONBLOCK has a say. */
TEST(c43_nonblock_has_no_say)
{
	struct sel s = { .flags = HCHAN_DEADLINE };
	int a = sel_make(0);

	ASSERT_EQ(0, fcntl(a, F_SETFL, O_NONBLOCK));
	sel_recv(&s, a);
	EXPECT_EQ(-ETIMEDOUT, hc_select_on(a, s.c, 1, HCHAN_DEADLINE,
					   hc_in(HC_MS), NULL));
	EXPECT_EQ(-EAGAIN, hc_select_on(a, s.c, 1, HCHAN_NOWAIT, 0, NULL));
}

/* Each direction of a descriptor is enough for its cases. */
TEST(c42_directions)
{
	struct sel s = { .flags = HCHAN_FIRST };
	int a = sel_make(1), rx = hc_narrow(a, O_RDONLY), tx = hc_narrow(a, O_WRONLY);

	sel_recv(&s, rx);
	sel_send(&s, tx, 6);
	ASSERT_EQ(1, sel_try(&s));
	ASSERT_EQ(0, sel_try(&s));
	EXPECT_EQ(6, s.x[0]);
	s.n = 0;
	sel_recv(&s, rx);
	sel_recv(&s, tx);
	EXPECT_EQ(-EBADF, sel_try(&s));
	EXPECT_EQ(1, s.index);
	s.n = 0;
	sel_send(&s, rx, 6);
	EXPECT_EQ(-EBADF, sel_try(&s));
	EXPECT_EQ(0, s.index);
}

FIXTURE(size)
{
	uint8_t *in;
	uint8_t *out;
	int fd;
};

FIXTURE_VARIANT(size)
{
	uint32_t size;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(size, none_cap0) { 0, 0 };
FIXTURE_VARIANT_ADD(size, none_cap2) { 0, 2 };
FIXTURE_VARIANT_ADD(size, one_cap1) { 1, 1 };
FIXTURE_VARIANT_ADD(size, inline_cap0) { 64, 0 };
FIXTURE_VARIANT_ADD(size, above_inline_cap0) { 200, 0 };
FIXTURE_VARIANT_ADD(size, above_inline_cap2) { 200, 2 };
FIXTURE_VARIANT_ADD(size, pages_cap0) { 10000, 0 };
FIXTURE_VARIANT_ADD(size, largest_cap1) { HCHAN_ELEM_MAX, 1 };

FIXTURE_SETUP(size)
{
	self->fd = hc_make(variant->size, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	self->in = hc_guarded(variant->size);
	self->out = malloc(variant->size + 1);
	hc_fill(self->out, variant->size, 77);
}

FIXTURE_TEARDOWN(size)
{
	close(self->fd);
}

/* Elements of each size, in a select's send and in its receive (C2, C18). */
TEST_F(size, c02_c18_elements)
{
	struct sel r = { 0 }, s = { 0 };
	bool same = true;

	sel_add(&r, hc_case_recv(self->fd, self->in, variant->size));
	sel_add(&s, hc_case_send(self->fd, self->out, variant->size));
	EXPECT_EQ(-EAGAIN, sel_try(&r));
	r.flags = 0;
	if (variant->cap) {
		ASSERT_EQ(0, sel_try(&s));
		EXPECT_EQ(1, hc_len(self->fd));
		ASSERT_EQ(0, sel_run(&r));
	} else {
		sel_start(&s);
		ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
		ASSERT_EQ(0, sel_try(&r));
		ASSERT_EQ(0, sel_join(&s));
	}
	EXPECT_TRUE(sel_ok(&s, 0));
	EXPECT_TRUE(sel_ok(&r, 0));
	EXPECT_EQ(variant->size, r.c[0].actual);
	if (variant->size)
		same = hc_is(self->in, variant->size, 77);
	EXPECT_TRUE(same);
	hc_unguard(self->in, self->out, variant->size, variant->size);
}

/* The same to one who is parked before. */
TEST_F(size, c02_c18_parked_receiver)
{
	struct sel r = { 0 }, s = { 0 };

	sel_add(&r, hc_case_recv(self->fd, self->in, variant->size));
	sel_add(&s, hc_case_send(self->fd, self->out, variant->size));
	sel_start(&r);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, sel_try(&s));
	ASSERT_EQ(0, sel_join(&r));
	EXPECT_TRUE(sel_ok(&r, 0));
	EXPECT_EQ(variant->size, r.c[0].actual);
	EXPECT_EQ(0, hc_len(self->fd));
	if (variant->size)
		EXPECT_TRUE(hc_is(self->in, variant->size, 77));
	hc_unguard(self->in, self->out, variant->size, variant->size);
}

/* Messages: as long as they are, and one that is too long stays (C38, C44). */
TEST(c38_messages)
{
	struct sel r = { 0 }, s = { 0 };
	int m = hc_make(300, 2, HCHAN_MSG);
	uint8_t text[300], got[300];

	hc_fill(text, 300, 1);
	sel_add(&s, hc_case_send(m, text, 200));
	ASSERT_EQ(0, sel_try(&s));
	memset(got, HC_POISON, sizeof(got));
	sel_add(&r, hc_case_recv(m, got, 199));
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_EQ(-EMSGSIZE, r.c[0].error);
	EXPECT_EQ(HCHAN_ST_OK, r.c[0].status);
	EXPECT_EQ(200, r.c[0].actual);
	EXPECT_TRUE(hc_all(got, HC_POISON, sizeof(got)));
	EXPECT_EQ(1, hc_len(m));
	r.c[0].len = 300;
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_TRUE(sel_ok(&r, 0));
	EXPECT_EQ(200, r.c[0].actual);
	EXPECT_EQ(0, memcmp(text, got, 200));
	EXPECT_TRUE(hc_all(got + 200, HC_POISON, 100));
	ASSERT_EQ(0, hc_close(m));
	r.c[0].buf = 0;
	r.c[0].len = 0;
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_EQ(HCHAN_ST_CLOSED, r.c[0].status);
	EXPECT_EQ(0, r.c[0].actual);
	EXPECT_EQ(0, r.c[0].error);
}

/* Room for more than an element is not touched. */
TEST(c14_no_more_than_the_element)
{
	struct sel r = { 0 };
	uint8_t got[16];
	int a = sel_make(1);

	memset(got, HC_POISON, sizeof(got));
	sel_add(&r, hc_case_recv(a, got, sizeof(got)));
	sel_put(a, 0x1111111111111111);
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_EQ(8, r.c[0].actual);
	EXPECT_TRUE(hc_all(got, 0x11, 8));
	EXPECT_TRUE(hc_all(got + 8, HC_POISON, 8));
	ASSERT_EQ(0, hc_close(a));
	ASSERT_EQ(0, sel_try(&r));
	EXPECT_TRUE(hc_all(got, 0, 8));
	EXPECT_TRUE(hc_all(got + 8, HC_POISON, 8));
}

TEST_HARNESS_MAIN
