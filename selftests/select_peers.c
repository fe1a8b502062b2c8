// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects that face selects, in threads, in forked processes, and in unrelated
 * ones that know the channels' names: each pairs exactly once (C18, C21), wherever
 * the other one is killed (C41), and with the right element.
 */
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* Peers. arg: whose names, number of the second channel, of the third, rounds */

static int open_nth(const long *arg, int which)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "test-%ld-%ld", arg[0], arg[which]);
	fd = hc_open_name(name, O_RDWR);
	hc_must(fd >= 0);
	return fd;
}

/*
 * Round by round: sends its number on the one channel, or receives the same
 * number on the other. Who faces it does it the other way round, and neither can
 * be a round ahead.
 */
static int face(int fd, const long *arg)
{
	bool second = arg[2];
	int b = open_nth(arg, 1);
	struct sel s = { 0 };
	long i;

	for (i = 0; i < arg[3]; i++) {
		s.n = 0;
		if (second) {
			sel_recv(&s, fd);
			sel_send(&s, b, i);
		} else {
			sel_recv(&s, b);
			sel_send(&s, fd, i);
		}
		hc_must(sel_run(&s) >= 0);
		hc_must(hc_case_ok(&s.c[s.ret]));
		hc_must(s.ret == 1 || s.x[0] == i);
	}
	close(b);
	return 0;
}

/* What one of many has done, which it says at the end. */
struct tally {
	uint64_t sent;
	uint64_t sent_sum;
	uint64_t received;
	uint64_t received_sum;
};

/*
 * Sends and receives on both channels, whatever goes, for ever; says when it has
 * done enough, and when the channels are closed what it has done.
 */
static int mingle(int fd, const long *arg)
{
	int b = open_nth(arg, 1), results = open_nth(arg, 2);
	struct tally t = { 0 }, zero = { 0 };
	uint64_t i = (uint64_t)gettid() << 32;
	struct sel s = { 0 };
	long n = 0;

	for (;;) {
		s.n = 0;
		sel_send(&s, fd, ++i);
		sel_recv(&s, b);
		sel_send(&s, b, ++i);
		sel_recv(&s, fd);
		hc_must(sel_run(&s) >= 0);
		if (!hc_case_ok(&s.c[s.ret]))
			break;
		if (s.ret % 2) {
			t.received++;
			t.received_sum += s.x[s.ret];
		} else {
			t.sent++;
			t.sent_sum += s.x[s.ret];
		}
		if (++n == arg[3])
			hc_must(!hc_send(results, &zero, sizeof(zero)));
	}
	hc_must(!hc_send(results, &t, sizeof(t)));
	close(results);
	close(b);
	return 0;
}

/* Parks on all three for ever, to be killed. */
static int park(int fd, const long *arg)
{
	struct sel s = { 0 };

	sel_recv(&s, fd);
	sel_send(&s, fd, 1);
	sel_recv(&s, open_nth(arg, 1));
	sel_send(&s, open_nth(arg, 2), 2);
	sel_run(&s);
	return 1;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(face), HC_BODY(mingle), HC_BODY(park), {}
};

/* All by name, so that peers of any kind come to more than one of them. */
static long make(struct hc_chan *ch, uint32_t size, uint64_t cap)
{
	long number;

	hc_must(!hc_chan_make(ch, HC_UNRELATED, size, cap, 0));
	hc_must(sscanf(ch->name, "test-%*d-%ld", &number) == 1);
	return number;
}

FIXTURE(peers)
{
	struct hc_chan ch, b, c;
	struct hc_chan start;
	long nb, nc;
};

FIXTURE_VARIANT(peers)
{
	enum hc_between between;
};

FIXTURE_VARIANT_ADD(peers, threads) { HC_THREADS };
FIXTURE_VARIANT_ADD(peers, forked) { HC_FORKED };
FIXTURE_VARIANT_ADD(peers, unrelated) { HC_UNRELATED };

FIXTURE_SETUP(peers)
{
	make(&self->ch, 8, 0);
	self->nb = make(&self->b, 8, 0);
	self->start = self->ch;
	self->start.between = variant->between;
}

FIXTURE_TEARDOWN(peers)
{
	hc_chan_drop(&self->ch);
	hc_chan_drop(&self->b);
}

#define START(peer, body, ...) \
	hc_start(peer, &self->start, O_RDWR, body, getpid(), self->nb, \
		 ##__VA_ARGS__)

TEST_F(peers, c21_facing)
{
	long rounds = hc_scale(3000);
	struct hc_peer peer[2];

	START(&peer[0], face, 0, rounds);
	START(&peer[1], face, 1, rounds);
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[1]));
	EXPECT_TRUE(hc_parked(self->ch.fd, 0, 0));
	EXPECT_TRUE(hc_parked(self->b.fd, 0, 0));
}

/* Two, then an odd number, then many, each on both sides of both channels. */
TEST_F(peers, c21_on_all_sides)
{
	static const int numbers[] = { 2, 3, 8 };
	struct hc_chan a, b, c;
	struct hc_peer peer[8];
	struct tally t, all;
	long nb, nc;
	int i, k, n;

	for (k = 0; k < ARRAY_SIZE(numbers); k++) {
		n = numbers[k];
		memset(&all, 0, sizeof(all));
		make(&a, 8, 0);
		nb = make(&b, 8, 0);
		nc = make(&c, sizeof(t), 16);
		self->start = a;
		self->start.between = variant->between;
		for (i = 0; i < n; i++)
			hc_start(&peer[i], &self->start, O_RDWR, mingle,
				 getpid(), nb, nc, hc_scale(6000) / n);
		/* All have done enough; they go on all the time. */
		for (i = 0; i < n; i++) {
			ASSERT_EQ(1, hc_recv(c.fd, &t, sizeof(t)));
			ASSERT_EQ(0, t.sent);
		}
		ASSERT_EQ(0, hc_close(a.fd));
		ASSERT_EQ(0, hc_close(b.fd));
		for (i = 0; i < n; i++) {
			ASSERT_EQ(1, hc_recv(c.fd, &t, sizeof(t)));
			all.sent += t.sent;
			all.sent_sum += t.sent_sum;
			all.received += t.received;
			all.received_sum += t.received_sum;
			EXPECT_EQ(0, hc_join(&peer[i]));
		}
		EXPECT_EQ(all.sent, all.received);
		EXPECT_EQ(all.sent_sum, all.received_sum);
		EXPECT_TRUE(hc_parked(a.fd, 0, 0));
		EXPECT_TRUE(hc_parked(b.fd, 0, 0));
		hc_chan_drop(&a);
		hc_chan_drop(&b);
		hc_chan_drop(&c);
	}
}

/* Killed where it is parked: gone from each of its channels, both sides. */
TEST_F(peers, c41_killed)
{
	struct hc_peer peer;
	int i;

	if (variant->between == HC_THREADS)
		return;
	self->nc = make(&self->c, 8, 0);
	for (i = 0; i < 3; i++) {
		START(&peer, park, self->nc, 0);
		ASSERT_EQ(0, hc_wait_senders(self->c.fd, 1));
		EXPECT_TRUE(hc_parked(self->ch.fd, 1, 1));
		EXPECT_TRUE(hc_parked(self->b.fd, 0, 1));
		EXPECT_EQ(256 + SIGKILL, hc_kill(&peer));
		EXPECT_TRUE(hc_parked(self->ch.fd, 0, 0));
		EXPECT_TRUE(hc_parked(self->b.fd, 0, 0));
		EXPECT_TRUE(hc_parked(self->c.fd, 0, 0));
		EXPECT_EQ(-EAGAIN, sel_try_put(self->ch.fd, 1));
		EXPECT_EQ(-EAGAIN, sel_try_put(self->b.fd, 1));
		EXPECT_TRUE(sel_empty(self->ch.fd));
		EXPECT_TRUE(sel_empty(self->c.fd));
	}
	hc_chan_drop(&self->c);
}

TEST_HARNESS_MAIN
