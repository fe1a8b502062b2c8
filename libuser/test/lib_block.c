// SPDX-License-Identifier: GPL-2.0-only
/* Select in the form of Go's, between threads and between processes. */
#include <poll.h>
#include <sys/eventfd.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

struct pair {
	int from;
	int n;
};

HCHAN_DECLARE(pair_chan, struct pair);
HCHAN_DECLARE(int_chan, int);

#define ROUNDS	scaled(2000)

/* Sends n = 0, 1, ... as pairs out of the clause itself; takes what comes. */
static int trade(pair_chan out, pair_chan in, int self, int rounds)
{
	int sent = 0, received = 0, r = 0;
	struct pair got;

	while (sent < rounds || received < rounds) {
		pair_chan to = sent < rounds ? out : pair_chan_nil();

		HCHAN_SELECT(r)
		HCHAN_SEND_CASE(to, &(struct pair){ self, sent }) {
			if (r < 0)
				return 1;
			sent++;
		}
		HCHAN_SEND_CASE(pair_chan_nil(), &(struct pair){ -1, r }) {
			return 5;
		}
		HCHAN_RECV_CASE(in, &got) {
			if (r == 0 || got.from != !self || got.n != received)
				return 2;
			received++;
		}
		HCHAN_UNTIL(patience()) {
			return 3;
		}
		HCHAN_ERROR {
			return 4;
		}
		HCHAN_END;
	}
	return 0;
}

FIXTURE(trade) {
	pair_chan there, back;
};

FIXTURE_VARIANT(trade) {
	unsigned int cap;
};

FIXTURE_VARIANT_ADD(trade, rendezvous) { .cap = 0 };
FIXTURE_VARIANT_ADD(trade, buffered) { .cap = 2 };

FIXTURE_SETUP(trade)
{
	self->there = pair_chan_make(variant->cap);
	self->back = pair_chan_make(variant->cap);
	ASSERT_LE(0, self->there.fd) TH_LOG("%s", hchan_errmsg());
	ASSERT_LE(0, self->back.fd);
}

FIXTURE_TEARDOWN(trade)
{
	pair_chan_drop(self->there);
	pair_chan_drop(self->back);
}

struct trader {
	pthread_t thread;
	pair_chan out, in;
	int ret;
};

static void *trade_in_thread(void *arg)
{
	struct trader *trader = arg;

	trader->ret = trade(trader->out, trader->in, 1, ROUNDS);
	return NULL;
}

/* C9 C18 C21: selects on both sides, sends on both sides; nothing is lost. */
TEST_F(trade, threads)
{
	struct trader other = { .out = self->back, .in = self->there };

	pthread_create(&other.thread, NULL, trade_in_thread, &other);
	EXPECT_EQ(0, trade(self->there, self->back, 0, ROUNDS));
	pthread_join(other.thread, NULL);
	EXPECT_EQ(0, other.ret);
	EXPECT_EQ(0, hchan_len(self->there.fd) + hchan_len(self->back.fd));
}

TEST_F(trade, processes)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(trade(self->back, self->there, 1, ROUNDS));
	EXPECT_EQ(0, trade(self->there, self->back, 0, ROUNDS));
	EXPECT_EQ(0, exit_of(pid));
}

struct source {
	pthread_t thread;
	int_chan ch;
	int first;
};

static void *produce(void *arg)
{
	struct source *source = arg;
	int i;

	for (i = source->first; i < 2000; i += 2)
		HCHAN_SEND(source->ch, &i);
	int_chan_close(source->ch);
	return NULL;
}

/* C12 C4: two sources, each of which ends: Go's ch = nil. */
TEST(merge)
{
	struct source source[2];
	int_chan a, b;
	int i, x, y, r, seen = 0, next[2] = { 0, 1 }, rounds = 0;

	for (i = 0; i < 2; i++) {
		source[i].ch = int_chan_make(i);
		source[i].first = i;
		ASSERT_LE(0, source[i].ch.fd);
		pthread_create(&source[i].thread, NULL, produce, &source[i]);
	}
	a = source[0].ch;
	b = source[1].ch;
	while (a.fd != HCHAN_NIL || b.fd != HCHAN_NIL) {
		rounds++;
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(a, &x) {
			if (r == 0) {
				a = int_chan_nil();
				continue;
			}
			EXPECT_EQ(next[0], x);
			next[0] = x + 2;
		}
		HCHAN_RECV_CASE(b, &y) {
			if (r == 0) {
				b = int_chan_nil();
				continue;
			}
			EXPECT_EQ(next[1], y);
			next[1] = y + 2;
		}
		HCHAN_END;
		seen++;
	}
	EXPECT_EQ(2000, seen);
	EXPECT_EQ(2002, rounds);
	for (i = 0; i < 2; i++) {
		pthread_join(source[i].thread, NULL);
		int_chan_drop(source[i].ch);
	}
}

/* C24 C40 C19: default, deadline, another descriptor, errors. */
TEST(clauses)
{
	int fd = eventfd(0, EFD_CLOEXEC), r = 1, x = 0, body = 0;
	int_chan ch = int_chan_make(0);

	ASSERT_LE(0, ch.fd);
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(ch, &x) {
		body = 1;
	}
	HCHAN_POLL_CASE(fd, POLLIN) {
		body = 2;
	}
	HCHAN_DEFAULT {
		body = 3;
	}
	HCHAN_END;
	EXPECT_EQ(3, body);
	EXPECT_EQ(-EAGAIN, r);

	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(ch, &x) {
		body = 1;
	}
	HCHAN_UNTIL(hchan_after(HCHAN_MSEC)) {
		body = 4;
	}
	HCHAN_END;
	EXPECT_EQ(4, body);
	EXPECT_EQ(-ETIMEDOUT, r);

	eventfd_write(fd, 1);
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(ch, &x) {
		body = 1;
	}
	HCHAN_POLL_CASE(fd, POLLIN) {
		body = 2;
	}
	HCHAN_END;
	EXPECT_EQ(2, body);
	EXPECT_EQ(POLLIN, r);

	int_chan_drop(ch);
	HCHAN_SELECT(r)
	HCHAN_POLL_CASE(fd, POLLOUT) {
		body = 2;
	}
	HCHAN_RECV_CASE(ch, &x) {
		body = 1;
	}
	HCHAN_ERROR {
		body = 5;
		EXPECT_EQ(ch.fd, HCHAN_WENT->fd);
	}
	HCHAN_END;
	EXPECT_EQ(5, body);
	EXPECT_EQ(-EBADF, r);
	close(fd);
}

/* The same loop over a set: in rounds the clauses change what they list. */
TEST(over_a_set)
{
	struct hchan_case room[4];
	struct hchan_cases set = HCHAN_CASES(room);
	struct source source[2];
	int_chan a, b, done = int_chan_make(1);
	int i, x[2], y, r, seen = 0, last = 0, slot = 0;

	for (i = 0; i < 2; i++) {
		source[i].ch = int_chan_make(i);
		source[i].first = i;
		ASSERT_LE(0, source[i].ch.fd);
		pthread_create(&source[i].thread, NULL, produce, &source[i]);
	}
	a = source[0].ch;
	b = source[1].ch;
	while (!last) {
		int_chan end = done;

		if (a.fd != HCHAN_NIL || b.fd != HCHAN_NIL)
			end = int_chan_nil();
		HCHAN_SELECT_IN(r, &set)
		HCHAN_RECV_CASE(a, &x[slot & 1]) {
			if (r == 0) {
				a = int_chan_nil();
			} else {
				EXPECT_EQ(0, x[slot & 1] & 1);
				slot++;
				seen++;
			}
		}
		HCHAN_RECV_CASE(b, &y) {
			if (r == 0)
				b = int_chan_nil();
			else
				seen++;
		}
		HCHAN_SEND_CASE(end, &(int){ seen }) {
			last = seen;
		}
		HCHAN_UNTIL(patience()) {
			break;
		}
		HCHAN_END;
		ASSERT_LE(0, r);
	}
	EXPECT_EQ(2000, last);
	EXPECT_EQ(1, HCHAN_TRY_RECV(done, &y));
	EXPECT_EQ(2000, y);
	EXPECT_EQ(0, hchan_set_drop(&set));
	for (i = 0; i < 2; i++)
		pthread_join(source[i].thread, NULL);
}

TEST_HARNESS_MAIN
