// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several cases ready: each has the same chance (C20), wherever it stands among
 * others that are not ready, and whether it shares its channel with others.
 *
 * Two: over n rounds |p - 1/2| stays within 4.891676 / (2 sqrt n), which one fair
 * choice in a million does not. More: chi-squared, with the same probability.
 */
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

#define CASES 64

/* Above which chi-squared is once in a million, for 1 to 7 degrees of freedom. */
static const double chi_limit[] = { 0, 23.93, 27.63, 30.66, 33.38, 35.89, 38.26, 40.52 };

/*
 * struct choice - many rounds over cases that stay ready, or not
 * @n: how often each went
 */
struct choice {
	struct hchan_case c[CASES];
	uint32_t count;
	uint32_t n[CASES];
};

/* A receive from a closed channel is ready for ever. */
static int ready_channel(void)
{
	int fd = hc_make(0, 0, 0);

	hc_must(!hc_close(fd));
	return fd;
}

/* Returns whether no other case went than those in @ready. */
static bool choose(struct choice *ch, uint32_t rounds, uint64_t ready)
{
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC), ret;
	struct hchan_select sel = {
		.cases = (uintptr_t)ch->c,
		.count = ch->count,
	};

	memset(ch->n, 0, sizeof(ch->n));
	while (rounds--) {
		ret = ioctl(dev, HCHAN_IOC_SELECT, &sel);
		if (ret < 0 || !(ready >> ret & 1))
			return false;
		ch->n[ret]++;
	}
	close(dev);
	return true;
}

static bool two_even(uint32_t one, uint32_t other)
{
	double n = one + other, p = one / n;
	double bound = 4.891676 / 2;

	/* |p - 1/2| <= bound / sqrt n, without a square root. */
	if ((p - 0.5) * (p - 0.5) * n <= bound * bound)
		return true;
	fprintf(stderr, "# %u to %u\n", one, other);
	return false;
}

static bool even(const struct choice *ch, uint64_t ready)
{
	double chi = 0, all = 0, each, d;
	int i, n = 0;

	for (i = 0; i < ch->count; i++) {
		all += ch->n[i];
		n += ready >> i & 1;
	}
	each = all / n;
	for (i = 0; i < ch->count; i++) {
		d = ch->n[i] - each;
		chi += ready >> i & 1 ? d * d / each : 0;
	}
	if (n > 1 && n <= ARRAY_SIZE(chi_limit) && chi <= chi_limit[n - 1])
		return true;
	fprintf(stderr, "# chi-squared %d.%02d of %d\n", (int)chi,
		(int)(chi * 100) % 100, n);
	return false;
}

/* @count cases of which those in @ready are, on one channel or on many. */
static void set_up(struct choice *ch, uint32_t count, uint64_t ready,
		   bool one_channel)
{
	int yes = ready_channel(), no = hc_make(0, 0, 0), i;

	ch->count = count;
	for (i = 0; i < count; i++) {
		if (!(ready >> i & 1))
			ch->c[i] = hc_case_recv(no, NULL, 0);
		else
			ch->c[i] = hc_case_recv(one_channel ? yes :
						ready_channel(), NULL, 0);
	}
}

TEST(c20_two)
{
	struct choice ch = { 0 };

	set_up(&ch, 2, 3, false);
	ASSERT_TRUE(choose(&ch, hc_scale(10000), 3));
	EXPECT_TRUE(two_even(ch.n[0], ch.n[1]));
}

TEST(c20_two_duplicates)
{
	struct choice ch = { 0 };

	set_up(&ch, 2, 3, true);
	ASSERT_TRUE(choose(&ch, hc_scale(10000), 3));
	EXPECT_TRUE(two_even(ch.n[0], ch.n[1]));
}

/* Elements that come and go, as Go's own test has it. */
TEST(c20_two_with_elements)
{
	uint32_t n[2] = { 0 }, i, rounds = hc_scale(10000);
	int a = sel_make(1), b = sel_make(1);
	struct sel s = { 0 };

	sel_recv(&s, a);
	sel_recv(&s, b);
	sel_put(a, 1);
	sel_put(b, 1);
	for (i = 0; i < rounds; i++) {
		ASSERT_LE(0, sel_run(&s));
		n[s.ret]++;
		sel_put(s.ret ? b : a, 1);
	}
	EXPECT_TRUE(two_even(n[0], n[1]));
}

/* A send beside a receive. */
TEST(c20_send_and_receive)
{
	uint32_t n[2] = { 0 }, i, rounds = hc_scale(10000);
	int a = sel_make(2);
	struct sel s = { 0 };

	sel_recv(&s, a);
	sel_send(&s, a, 1);
	for (i = 0; i < rounds; i++) {
		sel_put(a, 1);
		ASSERT_LE(0, sel_run(&s));
		n[s.ret]++;
		while (!sel_empty(a))
			;
	}
	EXPECT_TRUE(two_even(n[0], n[1]));
}

TEST(c20_eight)
{
	struct choice ch = { 0 };

	set_up(&ch, 8, 0xff, false);
	ASSERT_TRUE(choose(&ch, hc_scale(20000), 0xff));
	EXPECT_TRUE(even(&ch, 0xff));
	set_up(&ch, 8, 0xff, true);
	ASSERT_TRUE(choose(&ch, hc_scale(20000), 0xff));
	EXPECT_TRUE(even(&ch, 0xff));
}

/* Two of three: where the third stands makes no difference. */
TEST(c20_two_of_three)
{
	struct choice ch = { 0 };
	uint64_t ready;
	int not;

	for (not = 0; not < 3; not++) {
		ready = 7 & ~(1 << not);
		set_up(&ch, 3, ready, false);
		ASSERT_TRUE(choose(&ch, hc_scale(10000), ready));
		EXPECT_TRUE(two_even(ch.n[!not], ch.n[not == 2 ? 1 : 2]));
	}
}

/*
 * Three of 64, next to each other and far apart, at each place. Counted by their
 * order too, over all places, where each has the same share.
 */
TEST(c20_three_of_many)
{
	static const int gaps[][2] = { { 1, 2 }, { 1, 40 }, { 20, 43 } };
	uint32_t rounds = hc_scale(600);
	struct choice ch = { 0 }, all;
	uint64_t ready;
	int g, at, i, k;

	for (g = 0; g < ARRAY_SIZE(gaps); g++) {
		memset(&all, 0, sizeof(all));
		all.count = 3;
		for (at = 0; at < CASES; at++) {
			ready = 1ULL << at | 1ULL << (at + gaps[g][0]) % CASES |
				1ULL << (at + gaps[g][1]) % CASES;
			set_up(&ch, CASES, ready, at % 2);
			ASSERT_TRUE(choose(&ch, rounds, ready));
			EXPECT_TRUE(even(&ch, ready));
			for (i = 0, k = 0; i < CASES; i++)
				if (ready >> i & 1)
					all.n[k++] += ch.n[i];
			for (i = 0; i < CASES; i++)
				close(ch.c[i].fd);
		}
		EXPECT_TRUE(even(&all, 7));
	}
}

/* Of duplicates that are parked it is any that is served. */
TEST(c20_parked_duplicates)
{
	uint32_t i, rounds = hc_scale(2000);
	struct choice n = { .count = 3 };
	int a = sel_make(0);
	struct sel s = { 0 };

	hc_run_first();
	for (i = 0; i < rounds; i++) {
		s.n = 0;
		sel_recv(&s, a);
		sel_recv(&s, a);
		sel_recv(&s, a);
		sel_start(&s);
		ASSERT_EQ(0, hc_wait_receivers(a, 1));
		sel_put(a, 1);
		ASSERT_LE(0, sel_join(&s));
		n.n[s.ret]++;
	}
	EXPECT_TRUE(even(&n, 7));
}

/* Of two channels that were made ready before it comes from its sleep: the first. */
TEST(c20_parked_is_first_come)
{
	int a = sel_make(1), b = sel_make(1), i;
	struct sel s = { 0 };

	hc_run_first();
	for (i = 0; i < 50; i++) {
		s.n = 0;
		sel_recv(&s, a);
		sel_recv(&s, b);
		sel_start(&s);
		ASSERT_EQ(0, hc_wait_receivers(a, 1));
		sel_put(i % 2 ? a : b, 1);
		sel_put(i % 2 ? b : a, 1);
		ASSERT_EQ(!(i % 2), sel_join(&s));
		EXPECT_EQ(1, sel_get(i % 2 ? b : a));
	}
}

TEST_HARNESS_MAIN
