// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a READ or WRITE of io_uring ends that has not got anywhere: cancelled, by a
 * timeout, with its ring, with its process. It has not happened then, and what
 * has happened is never reported so (C41, C51).
 */
#include <linux/time_types.h>

#include "uring_plain.h"

/* Arms a READ and waits to be killed. */
static int read_and_stay(int fd, const long *arg)
{
	struct io_uring r;
	uint64_t x;

	hc_must(!ring_init(&r, 0));
	ring_sqe(&r, IORING_OP_READ, fd, &x, ELEM, 1);
	ring_submit(&r);
	hc_must(kill(getpid(), SIGSTOP) == 0);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(read_and_stay),
	{}
};

/* Cancelled: it has not happened, now or later (C51). */
TEST_F(uring, C51_cancelled_read)
{
	uint64_t y = HC_POISON64;
	uint32_t results = 0;
	int i;

	READ(&y, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ring_sqe(&self->r, IORING_OP_ASYNC_CANCEL, -1, NULL, 0, 2)->addr = 1;
	ring_submit(&self->r);
	for (i = 0; i < 2; i++) {
		struct io_uring_cqe cqe = ring_wait(&self->r);

		EXPECT_EQ(cqe.user_data == 1 ? -ECANCELED : 0, cqe.res);
		results |= cqe.user_data;
	}
	EXPECT_EQ(3, results);
	ASSERT_EQ(0, put(self->fd, 9));
	EXPECT_TRUE(ring_quiet(&self->r));
	EXPECT_EQ(HC_POISON64, y);
	EXPECT_EQ(9, get(self->fd));
}

/* A READ or WRITE with a timeout linked to it: likewise. */
TEST_F(uring, C51_timed_out)
{
	struct __kernel_timespec ts = { .tv_nsec = HC_MS };
	uint64_t x = 3, y = HC_POISON64;
	int round, i;

	for (round = 0; round < 2; round++) {
		if (round) {
			ASSERT_EQ(0, put(self->fd, 1));
			ASSERT_EQ(0, put(self->fd, 2));
			WRITE(&x, ELEM, 1)->flags |= IOSQE_IO_LINK;
		} else {
			READ(&y, ELEM, 1)->flags |= IOSQE_IO_LINK;
		}
		ring_sqe(&self->r, IORING_OP_LINK_TIMEOUT, -1, &ts, 1, 2);
		ring_submit(&self->r);
		for (i = 0; i < 2; i++) {
			struct io_uring_cqe cqe = ring_wait(&self->r);

			EXPECT_EQ(cqe.user_data == 1 ? -ECANCELED : -ETIME,
				  cqe.res);
		}
	}
	EXPECT_EQ(HC_POISON64, y);
	EXPECT_EQ(1, get(self->fd));
	EXPECT_EQ(2, get(self->fd));
	EXPECT_EQ(-EAGAIN, get(self->fd));
}

/* Done before the time is up: the timeout is what is cancelled. */
TEST_F(uring, C51_in_time)
{
	struct __kernel_timespec ts = { .tv_sec = 1000 };
	uint64_t y = 0;
	int i;

	READ(&y, ELEM, 1)->flags |= IOSQE_IO_LINK;
	ring_sqe(&self->r, IORING_OP_LINK_TIMEOUT, -1, &ts, 1, 2);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, put(self->fd, 4));
	for (i = 0; i < 2; i++) {
		struct io_uring_cqe cqe = ring_wait(&self->r);

		EXPECT_EQ(cqe.user_data == 1 ? (int)ELEM : -ECANCELED, cqe.res);
	}
	EXPECT_EQ(4, y);
}

/* A ring that goes takes its READ along, and no element. */
TEST_F(uring, C51_the_ring_goes)
{
	uint64_t y = HC_POISON64;
	struct io_uring r;
	int ro;

	ro = hc_narrow(self->fd, O_RDONLY);
	ASSERT_LE(0, ro);
	ASSERT_EQ(0, ring_init(&r, variant->setup));
	op(&r, IORING_OP_READ, variant->sqe, ro, &y, ELEM, 1);
	ring_submit(&r);
	EXPECT_TRUE(ring_quiet(&r));
	close(ro);
	io_uring_queue_exit(&r);
	/* A moment later it is torn down, and lets go of the open file. */
	while (hc_stat(self->fd).receivers > 1)
		sched_yield();
	ASSERT_EQ(0, put(self->fd, 5));
	EXPECT_EQ(HC_POISON64, y);
	EXPECT_EQ(5, get(self->fd));
}

/* kill -9 of who has armed a READ: the element stays for the next. */
TEST(C41_killed_with_a_read)
{
	struct hc_chan ch = { .between = HC_FORKED };
	struct hc_peer peer;
	int status;

	ch.fd = hc_make(ELEM, 1, 0);
	ASSERT_LE(0, ch.fd);
	hc_start(&peer, &ch, O_RDONLY, read_and_stay, 0);
	ASSERT_EQ(peer.pid, waitpid(peer.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(256 + SIGKILL, hc_kill(&peer));
	while (hc_stat(ch.fd).receivers > 1)
		sched_yield();
	ASSERT_EQ(0, put(ch.fd, 5));
	EXPECT_EQ(5, get(ch.fd));
	hc_chan_drop(&ch);
}

/*
 * A cancel that races with the element: either the READ has it, and says so, or
 * it is in the channel.
 */
struct race {
	int fd;
	uint64_t rounds;
	uint64_t go, sending, done;
};

static void *race_sender(void *data)
{
	struct race *race = data;
	uint64_t i;

	for (i = 1; i <= race->rounds; i++) {
		while (__atomic_load_n(&race->go, __ATOMIC_ACQUIRE) < i)
			sched_yield();
		__atomic_store_n(&race->sending, i, __ATOMIC_RELEASE);
		hc_must(!put(race->fd, i));
		__atomic_store_n(&race->done, i, __ATOMIC_RELEASE);
	}
	return NULL;
}

TEST(C51_cancel_against_send)
{
	struct race race = { .rounds = hc_scale(3000) };
	uint64_t i, got = 0, left = 0;
	struct io_uring_cqe cqe;
	pthread_t sender;
	struct io_uring r;
	int n, res;

	race.fd = hc_make(ELEM, 1, 0);
	ASSERT_LE(0, race.fd);
	ASSERT_EQ(0, ring_init(&r, 0));
	ASSERT_EQ(0, pthread_create(&sender, NULL, race_sender, &race));
	for (i = 1; i <= race.rounds; i++) {
		uint64_t y = HC_POISON64;

		ring_sqe(&r, IORING_OP_READ, race.fd, &y, ELEM, 1);
		ring_submit(&r);
		__atomic_store_n(&race.go, i, __ATOMIC_RELEASE);
		/* Now from the one, now from the other side of the moment. */
		while (i & 1 && __atomic_load_n(&race.sending, __ATOMIC_ACQUIRE) < i)
			sched_yield();
		for (n = i % 256 * 16; n; n--)
			__asm__ __volatile__("" ::: "memory");
		ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, NULL, 0, 2)->addr = 1;
		ring_submit(&r);
		for (n = 0, res = 0; n < 2; n++) {
			cqe = ring_wait(&r);
			if (cqe.user_data == 1)
				res = cqe.res;
		}
		while (__atomic_load_n(&race.done, __ATOMIC_ACQUIRE) < i)
			sched_yield();
		if (res == ELEM) {
			ASSERT_EQ(i, y);
			ASSERT_EQ(-EAGAIN, get(race.fd));
			got++;
		} else {
			ASSERT_TRUE(res == -ECANCELED || res == -EINTR);
			ASSERT_EQ(HC_POISON64, y);
			ASSERT_EQ(i, get(race.fd));
			left++;
		}
	}
	ASSERT_EQ(0, pthread_join(sender, NULL));
	TH_LOG("%llu read, %llu cancelled", (unsigned long long)got,
	       (unsigned long long)left);
	io_uring_queue_exit(&r);
}

TEST_HARNESS_MAIN
