// SPDX-License-Identifier: GPL-2.0-only
/*
 * Order: who is served first (C7, C8), and what has happened before what (C28).
 * The order in which peers park is forced by waiting until each of them is.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

#define ELEM 16

/* Peers */

/* arg: way, who, how many */
static int send_numbered(int fd, const long *arg)
{
	long i;

	for (i = 0; i < arg[2]; i++) {
		uint64_t element[2] = { arg[1], i };

		hc_must(hc_put(arg[0], fd, element, ELEM) == 0);
	}
	return 0;
}

/* Whatever comes, until the end. arg: way */
static int recv_all(int fd, const long *arg)
{
	uint8_t element[ELEM];
	int ret;

	do {
		ret = hc_get(arg[0], fd, element, ELEM);
		hc_must(ret >= 0);
	} while (ret);
	return 0;
}

/*
 * C28. The page has a word for each element. arg: way, the page's address, how
 * many, the channel's capacity
 */

static void set(long page, long i)
{
	__atomic_store_n((uint32_t *)page + i, i + 1, __ATOMIC_RELAXED);
}

static bool is_set(long page, long i)
{
	return __atomic_load_n((uint32_t *)page + i, __ATOMIC_RELAXED) == i + 1;
}

static int set_then_send(int fd, const long *arg)
{
	uint8_t element[ELEM] = {};
	long i;

	for (i = 0; i < arg[2]; i++) {
		set(arg[1], i);
		hc_must(hc_put(arg[0], fd, element, ELEM) == 0);
	}
	return 0;
}

static int set_then_recv(int fd, const long *arg)
{
	uint8_t element[ELEM];
	long i;

	for (i = 0; i < arg[2]; i++) {
		set(arg[1], i);
		hc_must(hc_get(arg[0], fd, element, ELEM) == 1);
	}
	return 0;
}

static int set_then_close(int fd, const long *arg)
{
	set(arg[1], 0);
	hc_must(hc_close(fd) == 0);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(hc_recv_one),
	HC_BODY(hc_send_one),
	HC_BODY(send_numbered),
	HC_BODY(recv_all),
	HC_BODY(set_then_send),
	HC_BODY(set_then_recv),
	HC_BODY(set_then_close),
	{}
};

FIXTURE(order)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(order)
{
	enum hc_between between;
	enum hc_way way;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(order, threads_ioctl_cap0) { HC_THREADS, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(order, threads_rw_cap1) { HC_THREADS, HC_RW, 1 };
FIXTURE_VARIANT_ADD(order, threads_ioctl_cap9) { HC_THREADS, HC_IOCTL, 9 };
FIXTURE_VARIANT_ADD(order, forked_rw_cap0) { HC_FORKED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(order, forked_ioctl_cap1) { HC_FORKED, HC_IOCTL, 1 };
FIXTURE_VARIANT_ADD(order, forked_rw_cap9) { HC_FORKED, HC_RW, 9 };
FIXTURE_VARIANT_ADD(order, unrelated_ioctl_cap0) { HC_UNRELATED, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(order, unrelated_rw_cap0) { HC_UNRELATED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(order, unrelated_ioctl_cap1) { HC_UNRELATED, HC_IOCTL, 1 };
FIXTURE_VARIANT_ADD(order, unrelated_rw_cap9) { HC_UNRELATED, HC_RW, 9 };

FIXTURE_SETUP(order)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(order)
{
	hc_chan_drop(&self->ch);
}

#define START(peer, acc, body, ...) \
	hc_start(peer, &self->ch, acc, body, variant->way, ##__VA_ARGS__)

/* Who parked first gets the first element. */
TEST_F(order, C8_parked_receivers_first_in_first_out)
{
	struct hc_peer peer[4];
	int i;

	for (i = 0; i < 4; i++) {
		START(&peer[i], O_RDONLY, hc_recv_one, ELEM, i);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, i + 1));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, i, true));
		EXPECT_TRUE(hc_parked(self->fd, 0, 3 - i));
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* Who parked first is received first, after everything that is buffered. */
TEST_F(order, C7_C8_parked_senders_first_in_first_out)
{
	struct hc_peer peer[4];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, i, true));
	for (i = 0; i < 4; i++) {
		START(&peer[i], O_WRONLY, hc_send_one, ELEM, variant->cap + i);
		ASSERT_EQ(0, hc_wait_senders(self->fd, i + 1));
	}
	for (i = 0; i < variant->cap + 4; i++)
		ASSERT_EQ(1, hc_get_seed(variant->way, self->fd, ELEM, i, true));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* A receive makes room, but not for one who comes now: it is the parked one's. */
TEST_F(order, C8_nobody_overtakes_a_parked_sender)
{
	struct hc_peer peer;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, i, true));
	START(&peer, O_WRONLY, hc_send_one, ELEM, variant->cap);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	EXPECT_EQ(-EAGAIN, hc_put_seed(variant->way, self->fd, ELEM, 99, true));
	ASSERT_EQ(1, hc_get_seed(variant->way, self->fd, ELEM, 0, true));
	EXPECT_EQ(-EAGAIN, hc_put_seed(variant->way, self->fd, ELEM, 99, true));
	for (i = 1; i <= variant->cap; i++)
		ASSERT_EQ(1, hc_get_seed(variant->way, self->fd, ELEM, i, true));
	EXPECT_EQ(0, hc_join(&peer));
}

/* One who tries now does not get what a parked one waits for. */
TEST_F(order, C8_nobody_overtakes_a_parked_receiver)
{
	struct hc_peer peer;

	START(&peer, O_RDONLY, hc_recv_one, ELEM, 1);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_EQ(-EAGAIN, hc_get_seed(variant->way, self->fd, ELEM, 1, true));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, 1, true));
	EXPECT_EQ(-EAGAIN, hc_get_seed(variant->way, self->fd, ELEM, 1, true));
	EXPECT_EQ(0, hc_join(&peer));
}

/* Each sender's elements come in its order, all of them and each once. */
TEST_F(order, C8_C9_every_sender_in_its_order)
{
	long n = hc_scale(300), next[3] = {}, i;
	struct hc_peer peer[3];

	for (i = 0; i < 3; i++)
		START(&peer[i], O_WRONLY, send_numbered, i, n);
	for (i = 0; i < 3 * n; i++) {
		uint64_t element[2];

		ASSERT_EQ(1, hc_get(variant->way, self->fd, element, ELEM));
		ASSERT_GT(3, element[0]);
		ASSERT_EQ(next[element[0]]++, element[1]);
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Waits for the peers, so that the test's own thread can go on looking meanwhile. */
struct peers {
	struct hc_peer senders[3];
	struct hc_peer receivers[3];
	int fd;
	bool idle;		/* the senders are done, and the receivers wait */
};

static void *until_idle(void *data)
{
	struct peers *p = data;
	int i;

	for (i = 0; i < 3; i++)
		hc_must(hc_join(&p->senders[i]) == 0);
	hc_must(hc_wait_receivers(p->fd, 3) == 0);
	__atomic_store_n(&p->idle, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool idle(const struct peers *p)
{
	return __atomic_load_n(&p->idle, __ATOMIC_ACQUIRE);
}

/*
 * At most one queue is non-empty, and what is buffered keeps none waiting: seen by one
 * who does nothing but look, from full with senders waiting to empty with receivers
 * waiting, and whatever there is in between.
 */
TEST_F(order, C10_invariants_over_parked_operations)
{
	long n = hc_scale(300) + variant->cap, i;
	struct peers p = { .fd = self->fd };
	struct hchan_stat stat;
	pthread_t thread;

	for (i = 0; i < 3; i++)
		START(&p.senders[i], O_WRONLY, send_numbered, i, n);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 3));
	stat = hc_stat(self->fd);
	ASSERT_EQ(variant->cap, stat.length);
	ASSERT_EQ(0, stat.parked_receivers);
	for (i = 0; i < 3; i++)
		START(&p.receivers[i], O_RDONLY, recv_all);
	/* Only now, as nothing is forked any more. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, until_idle, &p));
	do {
		stat = hc_stat(self->fd);
		ASSERT_FALSE(stat.parked_senders && stat.parked_receivers);
		ASSERT_FALSE(stat.length && stat.parked_receivers);
		ASSERT_FALSE(stat.length < variant->cap && stat.parked_senders);
		ASSERT_LE(stat.length, variant->cap);
	} while (!idle(&p));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_TRUE(hc_parked(self->fd, 0, 3));
	EXPECT_EQ(0, hc_len(self->fd));
	ASSERT_EQ(0, hc_close(self->fd));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&p.receivers[i]));
}

/* C28 is about a page that both sides have: threads, or a process and its child. */

FIXTURE(page)
{
	struct hc_chan ch;
	int fd;
	long page;
	long n;
};

FIXTURE_VARIANT(page)
{
	enum hc_between between;
	enum hc_way way;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(page, threads_ioctl_cap0) { HC_THREADS, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(page, threads_rw_cap1) { HC_THREADS, HC_RW, 1 };
FIXTURE_VARIANT_ADD(page, threads_ioctl_cap9) { HC_THREADS, HC_IOCTL, 9 };
FIXTURE_VARIANT_ADD(page, forked_rw_cap0) { HC_FORKED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(page, forked_ioctl_cap1) { HC_FORKED, HC_IOCTL, 1 };
FIXTURE_VARIANT_ADD(page, forked_rw_cap9) { HC_FORKED, HC_RW, 9 };

#define PAGE_BYTES 65536

FIXTURE_SETUP(page)
{
	void *page;

	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->fd = self->ch.fd;
	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	self->page = (long)page;
	self->n = hc_scale(1000);
	if (self->n > PAGE_BYTES / 4)
		self->n = PAGE_BYTES / 4;
}

FIXTURE_TEARDOWN(page)
{
	hc_chan_drop(&self->ch);
}

/* The k-th send happens before the k-th receive completes. */
TEST_F(page, C28_send_before_its_receive)
{
	long i;
	uint8_t element[ELEM];
	struct hc_peer peer;

	START(&peer, O_WRONLY, set_then_send, self->page, self->n);
	for (i = 0; i < self->n; i++) {
		ASSERT_EQ(1, hc_get(variant->way, self->fd, element, ELEM));
		ASSERT_TRUE(is_set(self->page, i));
	}
	EXPECT_EQ(0, hc_join(&peer));
}

/* The k-th receive happens before the (k + cap)-th send completes. */
TEST_F(page, C28_receive_before_the_send_a_capacity_later)
{
	long cap = variant->cap, i;
	uint8_t element[ELEM] = {};
	struct hc_peer peer;

	START(&peer, O_RDONLY, set_then_recv, self->page, self->n);
	for (i = 0; i < self->n; i++) {
		ASSERT_EQ(0, hc_put(variant->way, self->fd, element, ELEM));
		if (i >= cap)
			ASSERT_TRUE(is_set(self->page, i - cap));
	}
	EXPECT_EQ(0, hc_join(&peer));
}

/* Close happens before a receive that sees it. */
TEST_F(page, C28_close_before_a_receive_that_sees_it)
{
	uint8_t element[ELEM];
	struct hc_peer peer;

	START(&peer, O_WRONLY, set_then_close, self->page);
	ASSERT_EQ(0, hc_get(variant->way, self->fd, element, ELEM));
	EXPECT_TRUE(is_set(self->page, 0));
	EXPECT_EQ(0, hc_join(&peer));
}

TEST_HARNESS_MAIN
