// SPDX-License-Identifier: GPL-2.0-only
/*
 * HCHAN_IOC_WAIT, on which all the other tests rely: what it sees (C10: only
 * what is really parked), what it misses (nothing), and what it changes
 * (nothing).
 */
#include <poll.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

#define ELEM 8

/* Peers. arg: seed */

static int recv_one(int fd, const long *arg)
{
	hc_must(hc_get_seed(HC_IOCTL, fd, ELEM, arg[0], false) == 1);
	return 0;
}

static int send_one(int fd, const long *arg)
{
	hc_must(hc_put_seed(HC_IOCTL, fd, ELEM, arg[0], false) == 0);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_one),
	HC_BODY(send_one),
	{}
};

/* One who waits for a state, in a thread. */
struct waiter {
	int fd;
	struct hchan_wait wait;
	int ret;
	bool done;
	pid_t tid;
	pthread_t thread;
};

static void *wait_thread(void *data)
{
	struct waiter *waiter = data;

	__atomic_store_n(&waiter->tid, gettid(), __ATOMIC_SEQ_CST);
	waiter->ret = hc_wait_for(waiter->fd, &waiter->wait);
	__atomic_store_n(&waiter->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Waits until it sleeps, which it does nowhere but there. */
static void start(struct waiter *waiter, int fd, uint32_t what, uint64_t count)
{
	*waiter = (struct waiter) {
		.fd = fd,
		.wait.what = what,
		.wait.count = count,
	};
	hc_must(!pthread_create(&waiter->thread, NULL, wait_thread, waiter));
	while (!__atomic_load_n(&waiter->tid, __ATOMIC_SEQ_CST))
		sched_yield();
	hc_asleep(waiter->tid);
}

static int join(struct waiter *waiter)
{
	hc_must(!pthread_join(waiter->thread, NULL));
	return waiter->ret;
}

/* What a wait answers at once: NOWAIT. */
static int look(int fd, uint32_t what, uint64_t count, uint64_t *seen)
{
	struct hchan_wait wait = {
		.what = what,
		.flags = HCHAN_NOWAIT,
		.count = count,
	};
	int ret = hc_wait_for(fd, &wait);

	*seen = wait.seen;
	return ret;
}

FIXTURE(wait)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(wait)
{
	enum hc_between between;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(wait, threads_cap0) { HC_THREADS, 0 };
FIXTURE_VARIANT_ADD(wait, forked_cap3) { HC_FORKED, 3 };
FIXTURE_VARIANT_ADD(wait, unrelated_cap1) { HC_UNRELATED, 1 };

FIXTURE_SETUP(wait)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(wait)
{
	hc_chan_drop(&self->ch);
}

#define PUT(seed) hc_put_seed(HC_IOCTL, self->fd, ELEM, seed, true)
#define GET(seed) hc_get_seed(HC_IOCTL, self->fd, ELEM, seed, true)

/* It tells how many there are, and is content with more than asked for. */
TEST_F(wait, sees_what_is_so)
{
	struct hc_peer peer[2];
	uint64_t seen, i;

	EXPECT_EQ(0, look(self->fd, HCHAN_W_RECEIVERS, 0, &seen));
	EXPECT_EQ(0, seen);
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_RECEIVERS, 1, &seen));
	for (i = 0; i < 2; i++) {
		hc_start(&peer[i], &self->ch, O_RDONLY, recv_one, i);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, i + 1));
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, look(self->fd, HCHAN_W_RECEIVERS, i, &seen));
		EXPECT_EQ(2, seen);
	}
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_RECEIVERS, 3, &seen));
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_SENDERS, 1, &seen));
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_LENGTH, 1, &seen));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, PUT(i));
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_RECEIVERS, 1, &seen));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	EXPECT_EQ(0, look(self->fd, HCHAN_W_LENGTH, variant->cap, &seen));
	EXPECT_EQ(variant->cap, seen);
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_LENGTH, ~0ULL, &seen));
	hc_start(&peer[0], &self->ch, O_WRONLY, send_one, i);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	EXPECT_EQ(0, look(self->fd, HCHAN_W_SENDERS, 1, &seen));
	EXPECT_EQ(1, seen);
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_RECEIVERS, 1, &seen));
	for (i = 0; i <= variant->cap; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(-EAGAIN, look(self->fd, HCHAN_W_SENDERS, 1, &seen));
}

/* Each of several is woken when its own count is reached, and not before. */
TEST_F(wait, several_for_different_counts)
{
	struct waiter waiter[3];
	struct hc_peer peer[3];
	int i;

	for (i = 0; i < 3; i++)
		start(&waiter[i], self->fd, HCHAN_W_RECEIVERS, i + 1);
	for (i = 0; i < 3; i++) {
		hc_start(&peer[i], &self->ch, O_RDONLY, recv_one, i);
		EXPECT_EQ(0, join(&waiter[i]));
		EXPECT_EQ(i + 1, waiter[i].wait.seen);
	}
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, PUT(i));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* A length that has come and gone before the one who waits runs again. */
TEST(seen_though_it_is_gone)
{
	int fd = hc_make(ELEM, 1, 0);
	struct waiter waiter;

	ASSERT_LE(0, fd);
	hc_run_first();
	start(&waiter, fd, HCHAN_W_LENGTH, 1);
	/* It does not run before join(). */
	ASSERT_EQ(0, hc_put_seed(HC_IOCTL, fd, ELEM, 0, true));
	ASSERT_EQ(1, hc_get_seed(HC_IOCTL, fd, ELEM, 0, true));
	EXPECT_EQ(0, hc_len(fd));
	EXPECT_EQ(0, join(&waiter));
	EXPECT_EQ(1, waiter.wait.seen);
}

/* The same for those who parked and gave up. */
static void give_up(struct waiter *waiter, bool send)
{
	int64_t length = 2 * HC_MS;
	uint8_t buf[ELEM] = {};
	int ret;

	do {
		/* In case that it was over before it was parked. */
		length *= 2;
		ret = send ? hc_send_by(waiter->fd, buf, ELEM, HCHAN_DEADLINE,
					hc_in(length), NULL) :
			     hc_recv_by(waiter->fd, buf, ELEM, HCHAN_DEADLINE,
					hc_in(length), NULL);
		hc_must(ret == -ETIMEDOUT);
		hc_must(hc_parked(waiter->fd, 0, 0));
	} while (!__atomic_load_n(&waiter->done, __ATOMIC_SEQ_CST));
}

TEST_F(wait, seen_though_they_gave_up)
{
	struct waiter waiter;
	uint64_t i;

	start(&waiter, self->fd, HCHAN_W_RECEIVERS, 1);
	give_up(&waiter, false);
	EXPECT_EQ(0, join(&waiter));
	EXPECT_EQ(1, waiter.wait.seen);
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	start(&waiter, self->fd, HCHAN_W_SENDERS, 1);
	give_up(&waiter, true);
	EXPECT_EQ(0, join(&waiter));
	EXPECT_EQ(1, waiter.wait.seen);
}

/* Closed: what can not come any more is said, to those who wait and who come. */
TEST_F(wait, closed)
{
	struct waiter waiter[3];
	uint64_t seen;
	uint32_t what;

	for (what = 0; what < 3; what++)
		start(&waiter[what], self->fd, what, variant->cap + 2);
	if (variant->cap)
		ASSERT_EQ(0, PUT(0));
	ASSERT_EQ(0, hc_close(self->fd));
	for (what = 0; what < 3; what++)
		EXPECT_EQ(-EPIPE, join(&waiter[what]));
	for (what = 0; what < 3; what++) {
		/* At once, however one asks. */
		EXPECT_EQ(-EPIPE, look(self->fd, what, variant->cap + 1, &seen));
		EXPECT_EQ(-EPIPE, hc_wait(self->fd, what, variant->cap + 1));
		EXPECT_EQ(0, look(self->fd, what, 0, &seen));
	}
	/* What is so is so, closed or not (C3). */
	EXPECT_EQ(variant->cap ? 0 : -EPIPE,
		  look(self->fd, HCHAN_W_LENGTH, 1, &seen));
}

/* A deadline in the past is one look; in the future it is not before its time. */
TEST_F(wait, C40_deadline)
{
	int64_t past[] = { INT64_MIN, 0, 1, hc_in(0) };
	struct hchan_wait wait = { .count = 1 };
	int i;

	wait.flags = HCHAN_DEADLINE;
	for (i = 0; i < ARRAY_SIZE(past); i++) {
		wait.deadline = past[i];
		EXPECT_EQ(-ETIMEDOUT, hc_wait_for(self->fd, &wait));
	}
	wait.deadline = hc_in(5 * HC_MS);
	EXPECT_EQ(-ETIMEDOUT, hc_wait_for(self->fd, &wait));
	EXPECT_LE(wait.deadline, hc_in(0));
	wait.flags = HCHAN_DEADLINE | HCHAN_REALTIME;
	wait.deadline = hc_clock(CLOCK_REALTIME) + 5 * HC_MS;
	EXPECT_EQ(-ETIMEDOUT, hc_wait_for(self->fd, &wait));
	EXPECT_LE(wait.deadline, hc_clock(CLOCK_REALTIME));
	/* One that is so needs no time. */
	wait.count = 0;
	wait.deadline = 0;
	EXPECT_EQ(0, hc_wait_for(self->fd, &wait));
}

/* Arguments that are none; nothing is written, nothing waited for. */
TEST_F(wait, C48_arguments)
{
	struct hchan_wait table[] = {
		{ .what = 3 },
		{ .what = ~0U },
		{ .flags = HCHAN_SOME },
		{ .flags = 1 << 4 },
		{ .flags = HCHAN_NOWAIT | HCHAN_DEADLINE },
		{ .flags = HCHAN_REALTIME },
		{ .deadline = 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		EXPECT_EQ(-EINVAL, hc_wait_for(self->fd, &table[i]));
	EXPECT_EQ(-1, ioctl(self->fd, HCHAN_IOC_WAIT, NULL));
	EXPECT_EQ(EFAULT, errno);
}

/* Whoever has a descriptor may look: it needs no direction. O_NONBLOCK or not. */
TEST_F(wait, C42_needs_no_direction)
{
	int ro = hc_narrow(self->fd, O_RDONLY | O_NONBLOCK);
	int wo = hc_narrow(self->fd, O_WRONLY);
	uint64_t seen;
	uint32_t what;

	ASSERT_LE(0, ro);
	ASSERT_LE(0, wo);
	for (what = 0; what < 3; what++) {
		EXPECT_EQ(0, look(ro, what, 0, &seen));
		EXPECT_EQ(0, look(wo, what, 0, &seen));
		EXPECT_EQ(-EAGAIN, look(wo, what, 1, &seen));
	}
	close(ro);
	close(wo);
}

/* Who waits is no peer and no reader: nothing is changed by it (C46). */
TEST_F(wait, changes_nothing)
{
	struct hchan_stat before = hc_stat(self->fd), after;
	struct pollfd p = { .fd = self->fd, .events = POLLIN | POLLOUT };
	int revents[2];
	struct waiter waiter[3];
	uint32_t what;

	poll(&p, 1, 0);
	revents[0] = p.revents;
	for (what = 0; what < 3; what++)
		start(&waiter[what], self->fd, what, 100);
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	poll(&p, 1, 0);
	revents[1] = p.revents;
	EXPECT_EQ(revents[0], revents[1]);
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(1));
	EXPECT_EQ(variant->cap ? 1 : -EAGAIN, GET(1));
	ASSERT_EQ(0, hc_close(self->fd));
	for (what = 0; what < 3; what++)
		EXPECT_EQ(-EPIPE, join(&waiter[what]));
}

static int handled;

static void handler(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void interrupt(struct waiter *waiter, int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	int before = __atomic_load_n(&handled, __ATOMIC_SEQ_CST);

	hc_must(!sigaction(SIGUSR1, &action, NULL));
	hc_must(!pthread_kill(waiter->thread, SIGUSR1));
	while (__atomic_load_n(&handled, __ATOMIC_SEQ_CST) == before)
		sched_yield();
}

/* A signal ends it, or restarts it, and it leaves no trace. */
TEST_F(wait, C39_signals)
{
	struct hc_peer peer;
	struct waiter waiter;

	start(&waiter, self->fd, HCHAN_W_RECEIVERS, 1);
	interrupt(&waiter, 0);
	EXPECT_EQ(-EINTR, join(&waiter));
	start(&waiter, self->fd, HCHAN_W_RECEIVERS, 1);
	interrupt(&waiter, SA_RESTART);
	hc_start(&peer, &self->ch, O_RDONLY, recv_one, 3);
	EXPECT_EQ(0, join(&waiter));
	ASSERT_EQ(0, PUT(3));
	EXPECT_EQ(0, hc_join(&peer));
}

/*
 * So many may wait at a time, no more: each costs a step under the lock. The
 * one too many is told, and the others are not bothered.
 */
#define WAITERS 256

static void *crowd_thread(void *data)
{
	struct waiter *waiter = data;

	/* The test itself may have been in the way. */
	do
		waiter->ret = hc_wait_for(waiter->fd, &waiter->wait);
	while (waiter->ret == -EBUSY);
	return NULL;
}

TEST(too_many_is_EBUSY)
{
	struct waiter *waiter = calloc(WAITERS, sizeof(*waiter));
	int fd = hc_make(ELEM, 1, 0), i, ret;
	struct hchan_wait wait = { .what = HCHAN_W_LENGTH, .count = 1 };
	pthread_attr_t attr;
	uint8_t element[ELEM] = {};

	ASSERT_LE(0, fd);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < WAITERS; i++) {
		waiter[i].fd = fd;
		waiter[i].wait = wait;
		ASSERT_EQ(0, pthread_create(&waiter[i].thread, &attr,
					    crowd_thread, &waiter[i]));
	}
	/* Until all of them are there, there is room for this one. */
	wait.flags = HCHAN_DEADLINE;
	do {
		wait.deadline = hc_in(20 * HC_MS);
		ret = hc_wait_for(fd, &wait);
	} while (ret == -ETIMEDOUT);
	EXPECT_EQ(-EBUSY, ret);
	/* Who need not wait need not be counted. */
	wait.count = 0;
	EXPECT_EQ(0, hc_wait_for(fd, &wait));
	ASSERT_EQ(0, hc_send(fd, element, ELEM));
	for (i = 0; i < WAITERS; i++) {
		EXPECT_EQ(0, join(&waiter[i]));
		EXPECT_EQ(1, waiter[i].wait.seen);
	}
	free(waiter);
}

/* An operation counts as parked when the kernel has it, not when it is called. */
TEST(C10_parked_counts_operations)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peer;
	uint64_t seen;

	ch.fd = hc_make(ELEM, 0, 0);
	ASSERT_LE(0, ch.fd);
	EXPECT_EQ(-EAGAIN, hc_put_seed(HC_IOCTL, ch.fd, ELEM, 0, true));
	EXPECT_EQ(-EAGAIN, look(ch.fd, HCHAN_W_SENDERS, 1, &seen));
	hc_start(&peer, &ch, O_WRONLY, send_one, 4);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 1));
	/* So a try finds it, at once. */
	EXPECT_EQ(1, hc_get_seed(HC_IOCTL, ch.fd, ELEM, 4, true));
	EXPECT_EQ(0, hc_join(&peer));
}

TEST_HARNESS_MAIN
