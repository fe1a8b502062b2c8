// SPDX-License-Identifier: GPL-2.0-only
/* What a set does: its cases, and a select over them. Changes are in set_ctl.c. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>

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

/* Selects over the set @arg[0]. */
static int select_set(int fd, const long *arg)
{
	return hc_set_select(arg[0], NULL);
}

/* Only looks, at the set @arg[0]. */
static int look_at_set(int fd, const long *arg)
{
	return hc_set_select_by(arg[0], HCHAN_READY, 0, NULL);
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(select_set), HC_BODY(look_at_set), { }
};

TEST(c24_ready_and_default)
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

/* The lowest number that can go, however many are marked and can not. */
TEST(c20_first_of_many)
{
	int ch[4], set = hc_set(), i, first = 0;
	uint64_t x;

	for (i = 0; i < 4; i++)
		ch[i] = make(4);
	for (i = 0; i < 4 * 200; i++)
		ASSERT_EQ(i, hc_set_add(set, hc_case_recv(ch[i / 200], &x, sizeof(x))));
	/* All are marked, as they are new. */
	put(ch[3], 3);
	EXPECT_EQ(600, hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL));
	EXPECT_EQ(3, x);
	EXPECT_EQ(-EAGAIN, hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL));
	/* Many that can go: of all of one channel, then of the other. */
	put(ch[2], 2);
	put(ch[1], 1);
	put(ch[2], 20);
	for (i = 0; i < 200; i += 2)
		ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_DISABLE, 200 + i, NULL));
	first = hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL);
	EXPECT_EQ(201, first);
	EXPECT_EQ(1, x);
	EXPECT_EQ(400, hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL));
	EXPECT_EQ(400, hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL));
	EXPECT_EQ(20, x);
	EXPECT_EQ(-EAGAIN, hc_set_select_by(set, HCHAN_FIRST | HCHAN_NOWAIT, 0, NULL));
}

TEST(c18_parks)
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

TEST(c12_drops_what_has_ended)
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

TEST(c17_goes_with_its_open_file)
{
	int a = make(1), set = hc_set();
	uint64_t x;

	put(a, 1);
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(0, close(a));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(-ENOENT, hc_set_ctl(set, HCHAN_SET_DISABLE, 0, NULL));
}

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	hc_must(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static uint64_t get(int fd)
{
	uint64_t x;

	hc_must(hc_try_recv(fd, &x, sizeof(x)) == 1);
	return x;
}

/* No case that could ever go: default, a deadline, and nothing else. */
TEST(c24_empty)
{
	int a = make(1), set = hc_set();
	int64_t at = hc_in(3 * HC_MS);
	uint64_t x;

	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(-ETIMEDOUT, hc_set_select_by(set, HCHAN_DEADLINE, at, NULL));
	EXPECT_LE(at, hc_clock(CLOCK_MONOTONIC));
	EXPECT_EQ(0, events(set));
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	put(a, 1);
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_DISABLE, 0, NULL));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(0, events(set));
	EXPECT_EQ(-ETIMEDOUT, hc_set_select_by(set, HCHAN_DEADLINE,
					       hc_in(HC_MS), NULL));
	EXPECT_EQ(1, hc_len(a));
}

/* C43: O_NONBLOCK of the set is respected; that of a channel is not asked. */
TEST(c43_nonblock)
{
	int a = make(0), set = hc_set();
	uint64_t x;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(0, fcntl(a, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-ETIMEDOUT, hc_set_select_by(set, HCHAN_DEADLINE,
					       hc_in(HC_MS), NULL));
	ASSERT_EQ(0, fcntl(set, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, hc_set_select(set, NULL));
}

/* The lowest number goes first, with the flag, also one that came later. */
TEST(c20_first)
{
	int a = make(2), b = make(2), set = hc_set(), i;
	struct hchan_case c;
	uint64_t x;

	for (i = 0; i < 2; i++) {
		put(a, i);
		put(b, i);
	}
	c = hc_case_recv(b, &x, sizeof(x));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_PUT, 7, &c));
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(i < 2 ? 0 : 7, hc_set_select_by(set, HCHAN_FIRST, 0,
							  NULL));
}

/* The bounds of select_fair.c, over two of many, and over duplicates. */
TEST(c20_fair)
{
	uint32_t n[3], i, rounds = hc_scale(10000);
	int set = hc_set(), quiet = make(0), ret;
	int end = make(0), other = make(0), two;
	uint64_t x;
	double p;

	ASSERT_EQ(0, hc_close(end));
	ASSERT_EQ(0, hc_close(other));
	for (two = 0; two < 2; two++) {
		for (i = 0; i < 40; i++) {
			struct hchan_case c = hc_case_recv(quiet, &x, 8);

			if (i == 3)
				c.fd = end;
			if (i == 38)
				c.fd = two ? end : other;
			ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_PUT, i, &c));
		}
		memset(n, 0, sizeof(n));
		for (i = 0; i < rounds; i++) {
			ret = hc_set_select(set, NULL);
			ASSERT_TRUE(ret == 3 || ret == 38);
			n[ret == 38]++;
		}
		p = (double)n[1] / rounds - 0.5;
		EXPECT_LE(p * p * rounds, 4.891676 * 4.891676 / 4);
	}
}

/* Level: as long as a case is ready. */
TEST(c45_polled)
{
	int a = make(2), b = make(0), set = hc_set();
	uint64_t x;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(1, hc_set_add(set, hc_case_send(b, &x, sizeof(x))));
	EXPECT_EQ(0, events(set));
	put(a, 1);
	EXPECT_EQ(POLLIN, events(set));
	EXPECT_EQ(POLLIN, events(set));
	put(a, 2);
	get(a);
	EXPECT_EQ(POLLIN, events(set));
	get(a);
	EXPECT_EQ(0, events(set));
	ASSERT_EQ(0, hc_close(b));
	EXPECT_EQ(POLLIN, events(set));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_DISABLE, 1, NULL));
	EXPECT_EQ(0, events(set));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_ENABLE, 1, NULL));
	EXPECT_EQ(POLLIN, events(set));
	ASSERT_EQ(0, hc_set_ctl(set, HCHAN_SET_REMOVE, 1, NULL));
	EXPECT_EQ(0, events(set));
}

/* Edge: an event for all that may have made a case ready, marked or not. */
TEST(c45_edges)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int a = make(3), set = hc_set(), ep = epoll_create1(EPOLL_CLOEXEC), i;
	uint64_t x;

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, set, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	while (epoll_wait(ep, &event, 1, 0))
		;
	for (i = 0; i < 3; i++) {
		put(a, i);
		EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
		EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_set_try(set, NULL));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	ASSERT_EQ(0, hc_close(a));
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
}

/* Woken from poll(2), by an element and by a case that is added ready. */
TEST(c46_looks)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(1) };
	int b = make(1), set = hc_set(), i;
	struct hc_peer peer;
	uint64_t x = 5;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(ch.fd, &x, sizeof(x))));
	for (i = 0; i < 20; i++) {
		hc_start(&peer, &ch, O_RDWR, look_at_set, set);
		put(ch.fd, 1);
		EXPECT_EQ(0, hc_join(&peer));
		EXPECT_EQ(5, x);
		EXPECT_EQ(1, get(ch.fd));
	}
	EXPECT_EQ(-EAGAIN, hc_set_select_by(set, HCHAN_READY | HCHAN_NOWAIT, 0,
					    NULL));
	ASSERT_EQ(1, hc_set_add(set, hc_case_send(b, &x, sizeof(x))));
	EXPECT_EQ(1, hc_set_select_by(set, HCHAN_READY, 0, NULL));
	EXPECT_EQ(0, hc_len(b));
}

/* Two sets over the same channels, the one's sends the other's receives. */
struct side {
	int set;
	uint64_t out, in;
	int rounds;
	int sends;
};

static void *face(void *data)
{
	struct side *side = data;
	int i, ret;

	for (i = 0; i < side->rounds; i++) {
		side->out = i;
		ret = hc_set_select(side->set, NULL);
		hc_must(ret == 0 || ret == 1);
		side->sends += !ret;
		hc_must(!ret || side->in == i);
	}
	return NULL;
}

TEST(c21_facing)
{
	struct side side[2] = { 0 };
	int ch[2] = { make(0), make(0) }, i;
	struct hchan_case c;
	pthread_t thread;

	for (i = 0; i < 2; i++) {
		side[i].set = hc_set();
		side[i].rounds = hc_scale(3000);
		c = hc_case_send(ch[i], &side[i].out, 8);
		ASSERT_EQ(0, hc_set_add(side[i].set, c));
		c = hc_case_recv(ch[!i], &side[i].in, 8);
		ASSERT_EQ(1, hc_set_add(side[i].set, c));
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, face, &side[0]));
	face(&side[1]);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(side[0].rounds, side[0].sends + side[1].sends);
	EXPECT_TRUE(hc_parked(ch[0], 0, 0));
	EXPECT_TRUE(hc_parked(ch[1], 0, 0));
}

/* A child's select uses its own memory, and its death leaves the set free. */
TEST(c41_forked)
{
	int a = make(0), b = make(1), set = hc_set(), status;
	static uint64_t x = 1;
	pid_t pid, self = getpid();

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, &x, sizeof(x))));
	ASSERT_EQ(1, hc_set_add(set, hc_case_send(b, &x, sizeof(x))));
	put(b, 9);
	pid = fork();
	if (!pid) {
		hc_die_with(self);
		hc_must(hc_set_select(set, NULL) == 0 && x == 4);
		hc_set_select(set, NULL);
		_exit(1);
	}
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	EXPECT_EQ(-EBUSY, hc_set_try(set, NULL));
	put(a, 4);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	EXPECT_EQ(1, x);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_TRUE(hc_parked(a, 0, 0));
	EXPECT_TRUE(hc_parked(b, 0, 0));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(9, get(b));
	EXPECT_EQ(1, hc_set_try(set, NULL));
	EXPECT_EQ(1, get(b));
}

/* The set's descriptor goes while another thread is parked in it (C17). */
TEST(c17_set_closed_while_parked)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = make(0) };
	int set = hc_set();
	struct hc_peer peer;
	uint64_t x = 0;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(ch.fd, &x, sizeof(x))));
	hc_start(&peer, &ch, O_RDWR, select_set, set);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	ASSERT_EQ(0, close(set));
	EXPECT_TRUE(hc_parked(ch.fd, 0, 1));
	put(ch.fd, 3);
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(3, x);
}

static void *select_out(void *data)
{
	void **p = data;

	return (void *)(long)hc_set_select(*(int *)p[0], p[1]);
}

/*
 * The open file of a case goes while the select is parked: the call is not ended
 * by that, and what it says at its end is right.
 */
TEST(c17_case_lost_while_parked)
{
	struct hchan_set_select out;
	int a = make(0), rx, set = hc_set(), i;
	void *arg[] = { &set, &out };
	struct hchan_case c;
	pthread_t thread;
	uint64_t x = 1;
	void *ret;

	for (i = 0; i < 2; i++) {
		rx = hc_narrow(a, O_RDONLY);
		c = hc_case_recv(rx, &x, sizeof(x));
		c.flags = HCHAN_CASE_DROP;
		ASSERT_EQ(0, hc_set_add(set, c));
		ASSERT_EQ(0, pthread_create(&thread, NULL, select_out, arg));
		ASSERT_EQ(0, hc_wait_receivers(a, 1));
		ASSERT_EQ(0, close(rx));
		if (i)
			hc_must(!hc_close(a));
		else
			put(a, 6);
		ASSERT_EQ(0, pthread_join(thread, &ret));
		EXPECT_EQ(0, (long)ret);
		EXPECT_EQ(i ? 0 : 6, x);
		EXPECT_EQ(0, out.live);
		EXPECT_EQ(-ENOENT, hc_set_ctl(set, HCHAN_SET_REMOVE, 0, NULL));
	}
}

/* C38: what can not be copied out is returned; a message too long stays. */
TEST(c38_copies)
{
	int a = make(1), m = hc_make(100, 1, HCHAN_MSG), set = hc_set();
	struct hchan_set_select out;
	uint8_t text[100];
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(a, page, 8)));
	ASSERT_EQ(1, hc_set_add(set, hc_case_recv(m, text, 20)));
	put(a, 3);
	ASSERT_EQ(0, munmap(page, 4096));
	EXPECT_EQ(-EFAULT, hc_set_try(set, &out));
	EXPECT_EQ(0, out.id);
	EXPECT_EQ(1, hc_len(a));
	EXPECT_EQ(3, get(a));
	hc_fill(text, 100, 1);
	ASSERT_EQ(0, hc_try_send(m, text, 21));
	ASSERT_EQ(1, hc_set_try(set, &out));
	EXPECT_EQ(-EMSGSIZE, out.error);
	EXPECT_EQ(21, out.actual);
	EXPECT_EQ(1, hc_len(m));
}

TEST_HARNESS_MAIN
