// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tries against what goes on at the same time: a close, and each other (C13).
 */
#include <pthread.h>
#include <sched.h>

#include "../kselftest_harness.h"
#include "hchan_test.h"

/*
 * Go's TestNonblockRecvRace: of a channel with an element that is closed and
 * drained meanwhile, a try gets the element or the end, never EAGAIN. Without a
 * buffer the element is a parked sender's, who is told which.
 */
FIXTURE(ends)
{
	pthread_barrier_t start;
};

FIXTURE_VARIANT(ends)
{
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(ends, cap0) { 0 };
FIXTURE_VARIANT_ADD(ends, cap1) { 1 };

FIXTURE_SETUP(ends)
{
	ASSERT_EQ(0, pthread_barrier_init(&self->start, NULL, 2));
}

FIXTURE_TEARDOWN(ends)
{
	pthread_barrier_destroy(&self->start);
}

struct race {
	int fd;
	int ret;
	uint64_t element;
	pthread_barrier_t *start;
};

static void *try_recv(void *data)
{
	struct race *race = data;

	pthread_barrier_wait(race->start);
	race->ret = hc_try_recv(race->fd, &race->element, sizeof(race->element));
	return NULL;
}

static void *park_sender(void *data)
{
	struct race *race = data;

	race->ret = hc_send(race->fd, &race->element, sizeof(race->element));
	return NULL;
}

TEST_F(ends, C13_try_against_close_and_drain)
{
	struct race receiver = { .start = &self->start }, sender = {};
	pthread_t receiving, sending;
	uint64_t element;
	long i;

	for (i = 0; i < hc_scale(300); i++) {
		int got, fd = hc_make(sizeof(element), variant->cap, 0);

		ASSERT_LE(0, fd);
		receiver.fd = fd;
		sender.fd = fd;
		sender.element = i + 1;
		ASSERT_EQ(0, pthread_create(&sending, NULL, park_sender, &sender));
		ASSERT_EQ(0, hc_wait(fd, variant->cap ? HCHAN_W_LENGTH :
						      HCHAN_W_SENDERS, 1));
		ASSERT_EQ(0, pthread_create(&receiving, NULL, try_recv, &receiver));
		pthread_barrier_wait(&self->start);
		ASSERT_EQ(0, hc_close(fd));
		got = hc_recv(fd, &element, sizeof(element));
		ASSERT_EQ(0, pthread_join(receiving, NULL));
		ASSERT_EQ(0, pthread_join(sending, NULL));
		/* Of the two one got it, or the sender still has it. */
		ASSERT_TRUE(receiver.ret == 0 || receiver.ret == 1);
		ASSERT_TRUE(sender.ret == 0 || (!variant->cap && sender.ret == -EPIPE));
		ASSERT_EQ(sender.ret == 0, got + receiver.ret);
		if (got)
			ASSERT_EQ(i + 1, element);
		if (receiver.ret)
			ASSERT_EQ(i + 1, receiver.element);
		close(fd);
	}
}

/*
 * Two senders and two receivers, of whom one side tries, or both do: each element
 * once. Without a buffer two who try do not meet, so one side waits.
 */
FIXTURE(tries)
{
	int fd;
};

FIXTURE_VARIANT(tries)
{
	bool senders;	/* they try; else they wait */
	bool receivers;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(tries, senders_cap0) { true, false, 0 };
FIXTURE_VARIANT_ADD(tries, receivers_cap0) { false, true, 0 };
FIXTURE_VARIANT_ADD(tries, both_cap1) { true, true, 1 };
FIXTURE_VARIANT_ADD(tries, both_cap3) { true, true, 3 };

FIXTURE_SETUP(tries)
{
	self->fd = hc_make(sizeof(uint64_t), variant->cap, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(tries)
{
	close(self->fd);
}

/* @times: how often each element was received; all of them, of both senders */
struct trier {
	pthread_t thread;
	int fd;
	bool tries;
	uint64_t from, to;	/* a sender's elements, that one not */
	uint64_t n;
	uint8_t *times;
};

static void *try_senders(void *data)
{
	struct trier *t = data;
	uint64_t i = t->from;
	int ret;

	while (i < t->to) {
		ret = hc_put_by(HC_IOCTL, t->fd, &i, sizeof(i), t->tries);
		hc_must(ret == 0 || (t->tries && ret == -EAGAIN));
		if (ret)
			sched_yield();
		else
			i++;
	}
	return NULL;
}

static void *try_receivers(void *data)
{
	struct trier *t = data;
	uint64_t i;
	int ret;

	do {
		ret = hc_get_by(HC_IOCTL, t->fd, &i, sizeof(i), t->tries);
		hc_must(ret == 1 || ret == 0 || (t->tries && ret == -EAGAIN));
		if (ret == 1) {
			hc_must(i < t->n);
			__atomic_fetch_add(&t->times[i], 1, __ATOMIC_RELAXED);
		} else if (ret) {
			sched_yield();
		}
	} while (ret);
	return NULL;
}

TEST_F(tries, C13_try_loses_nothing)
{
	uint64_t each = hc_scale(2000), n = 2 * each, i;
	uint8_t *times = calloc(n, 1);
	struct trier t[4];

	for (i = 0; i < 4; i++) {
		t[i] = (struct trier) {
			.fd = self->fd,
			.tries = i < 2 ? variant->senders : variant->receivers,
			.from = i * each,
			.to = (i + 1) * each,
			.n = n,
			.times = times,
		};
		ASSERT_EQ(0, pthread_create(&t[i].thread, NULL,
					    i < 2 ? try_senders : try_receivers, &t[i]));
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(t[i].thread, NULL));
	ASSERT_EQ(0, hc_close(self->fd));
	for (; i < 4; i++)
		ASSERT_EQ(0, pthread_join(t[i].thread, NULL));
	for (i = 0; i < n; i++)
		ASSERT_EQ(1, times[i]);
	free(times);
}

TEST_HARNESS_MAIN
