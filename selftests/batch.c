// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches: how many they move, that what has happened is always reported (C39),
 * and that a batch which waits keeps its place in the queue.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

/* Peers. arg: element size, count, first seed, what the call is to return */

static int send_batch(int fd, const long *arg)
{
	hc_must(hc_sendn_seed(fd, arg[0], arg[1], arg[2], 0, 0, NULL) ==
		arg[3]);
	return 0;
}

static int recv_batch(int fd, const long *arg)
{
	hc_must(hc_recvn_seed(fd, arg[0], arg[1], arg[2], 0, 0, NULL) ==
		arg[3]);
	return 0;
}

static int recv_some(int fd, const long *arg)
{
	hc_must(hc_recvn_seed(fd, arg[0], arg[1], arg[2], HCHAN_SOME, 0,
			      NULL) == arg[3]);
	return 0;
}

/* ... and was ended by a close */
static int send_batch_closed(int fd, const long *arg)
{
	struct hchan_batch out;

	hc_must(hc_sendn_seed(fd, arg[0], arg[1], arg[2], 0, 0, &out) ==
		arg[3]);
	hc_must(out.status == HCHAN_ST_CLOSED);
	return 0;
}

static int recv_batch_closed(int fd, const long *arg)
{
	struct hchan_batch out;

	hc_must(hc_recvn_seed(fd, arg[0], arg[1], arg[2], 0, 0, &out) ==
		arg[3]);
	hc_must(out.status == HCHAN_ST_CLOSED);
	return 0;
}

static int recv_until_closed(int fd, const long *arg)
{
	long n = 0;
	int ret;

	do {
		ret = hc_recvn_seed(fd, arg[0], arg[1], arg[2] + n, 0, 0, NULL);
		hc_must(ret >= 0);
		n += ret;
	} while (ret);
	hc_must(n == arg[3]);
	return 0;
}

/* arg: room for each message, count, the needed bytes, result */
static int recv_messages(int fd, const long *arg)
{
	uint32_t lens[16];
	uint8_t buf[4096];
	struct hchan_batch out;

	hc_must(hc_recvn_by(fd, buf, arg[0], arg[1], lens, 0, 0, &out) ==
		arg[3]);
	hc_must(out.actual == arg[2]);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(send_batch),
	HC_BODY(recv_batch),
	HC_BODY(recv_some),
	HC_BODY(send_batch_closed),
	HC_BODY(recv_batch_closed),
	HC_BODY(recv_until_closed),
	HC_BODY(recv_messages),
	{}
};

FIXTURE(batch)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(batch)
{
	enum hc_between between;
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(batch, threads_elem8_cap0) { HC_THREADS, 8, 0 };
FIXTURE_VARIANT_ADD(batch, threads_elem129_cap1) { HC_THREADS, 129, 1 };
FIXTURE_VARIANT_ADD(batch, threads_elem0_cap5) { HC_THREADS, 0, 5 };
FIXTURE_VARIANT_ADD(batch, forked_elem8_cap1) { HC_FORKED, 8, 1 };
FIXTURE_VARIANT_ADD(batch, forked_elem128_cap30) { HC_FORKED, 128, 30 };
FIXTURE_VARIANT_ADD(batch, unrelated_elem3_cap0) { HC_UNRELATED, 3, 0 };
FIXTURE_VARIANT_ADD(batch, unrelated_elem4096_cap5) { HC_UNRELATED, 4096, 5 };

FIXTURE_SETUP(batch)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, variant->elem,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(batch)
{
	hc_chan_drop(&self->ch);
}

#define SENDN(count, seed, flags, out) \
	hc_sendn_seed(self->fd, variant->elem, count, seed, flags, 0, out)
#define RECVN(count, seed, flags, out) \
	hc_recvn_seed(self->fd, variant->elem, count, seed, flags, 0, out)
#define GET(seed) \
	hc_get_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define START(peer, acc, body, count, seed, result) \
	hc_start(peer, &self->ch, acc, body, variant->elem, count, seed, result)

/* What fits is one call, and so is what is there. */
TEST_F(batch, C6_all_that_fit)
{
	int cap = variant->cap;

	if (cap)
		ASSERT_EQ(cap, SENDN(cap, 0, 0, NULL));
	EXPECT_EQ(cap, hc_len(self->fd));
	if (cap)
		ASSERT_EQ(cap, RECVN(cap, 0, 0, NULL));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Without waiting it moves what it can, or nothing and says EAGAIN. */
TEST_F(batch, C39_nowait_moves_what_it_can)
{
	int cap = variant->cap, k = cap ? cap : -EAGAIN;
	struct hchan_batch out;

	EXPECT_EQ(k, SENDN(cap + 3, 0, HCHAN_NOWAIT, &out));
	EXPECT_EQ(cap, out.done);
	EXPECT_EQ(-EAGAIN, SENDN(1, 0, HCHAN_NOWAIT, &out));
	EXPECT_EQ(k, RECVN(cap + 3, 0, HCHAN_NOWAIT, &out));
	EXPECT_EQ(-EAGAIN, RECVN(3, 0, HCHAN_NOWAIT, &out));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Waiting, it moves all, however small the buffer is. */
TEST_F(batch, C39_waits_until_all_are_sent)
{
	int n = variant->cap + 41, i;
	struct hc_peer peer;

	START(&peer, O_WRONLY, send_batch, n, 0, n);
	for (i = 0; i < n; i++)
		ASSERT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, variant->elem, i,
					 false));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, hc_len(self->fd));
}

TEST_F(batch, C39_waits_until_all_are_received)
{
	int n = variant->cap + 41, i;
	struct hc_peer peer;

	START(&peer, O_RDONLY, recv_batch, n, 0, n);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, variant->elem, i,
					 false));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Batch to batch, of sizes that are no multiple of each other. */
TEST_F(batch, C8_batches_facing_each_other)
{
	int n = 50, i;
	struct hc_peer peer;

	START(&peer, O_RDONLY, recv_until_closed, 7, 0, 4 * n);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(n, SENDN(n, i * n, 0, NULL));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_join(&peer));
}

/* HCHAN_SOME waits for one and takes what else is there. */
TEST_F(batch, C39_some_takes_what_is_there)
{
	int cap = variant->cap;
	struct hc_peer peer;

	if (cap) {
		ASSERT_EQ(cap, SENDN(cap, 0, 0, NULL));
		ASSERT_EQ(cap, RECVN(cap + 2, 0, HCHAN_SOME, NULL));
	}
	START(&peer, O_RDONLY, recv_some, 9, 3, 1);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(1, SENDN(1, 3, HCHAN_NOWAIT, NULL));
	EXPECT_EQ(0, hc_join(&peer));
	/* From parked senders too. */
	START(&peer, O_WRONLY, send_batch, cap + 4, 0, cap + 4);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	EXPECT_EQ(cap + 4, RECVN(cap + 9, 0, HCHAN_SOME, NULL));
	EXPECT_EQ(0, hc_join(&peer));
}

/* A parked batch has one place, and is served there until it is done (C8). */
TEST_F(batch, C39_sender_keeps_its_place)
{
	int cap = variant->cap, i;
	struct hc_peer peer[2];

	/* The first cap elements go into the buffer, six wait. */
	START(&peer[0], O_WRONLY, send_batch, cap + 6, 0, cap + 6);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	EXPECT_EQ(cap, hc_len(self->fd));
	START(&peer[1], O_WRONLY, send_batch, 2, cap + 6, 2);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 2));
	for (i = 0; i < cap + 8; i++) {
		ASSERT_EQ(1, GET(i));
		/* It counts as one, and goes when its last one has gone. */
		EXPECT_TRUE(hc_parked(self->fd, i < 5 ? 2 : i < 7 ? 1 : 0, 0));
	}
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[1]));
}

TEST_F(batch, C39_receiver_keeps_its_place)
{
	struct hc_peer peer[2];
	int i;

	START(&peer[0], O_RDONLY, recv_batch, 6, 0, 6);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	START(&peer[1], O_RDONLY, recv_batch, 2, 6, 2);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 2));
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(1, SENDN(1, i, HCHAN_NOWAIT, NULL));
		EXPECT_TRUE(hc_parked(self->fd, 0, i < 5 ? 2 : i < 7 ? 1 : 0));
		EXPECT_EQ(0, hc_len(self->fd));
	}
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[1]));
}

/* What a parked batch has moved is reported when the close comes. */
TEST_F(batch, C39_close_reports_what_was_sent)
{
	int cap = variant->cap, i;
	struct hc_peer peer;

	START(&peer, O_WRONLY, send_batch_closed, cap + 6, 0, cap + 2);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_TRUE(hc_parked(self->fd, 1, 0));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_join(&peer));
	/* And exactly those come out (C11). */
	for (i = 2; i < cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(0, GET(i));
}

TEST_F(batch, C39_close_reports_what_was_received)
{
	struct hc_peer peer;
	int i;

	START(&peer, O_RDONLY, recv_batch_closed, 6, 0, 2);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, SENDN(1, i, HCHAN_NOWAIT, NULL));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_join(&peer));
}

/* Closed before the first: EPIPE, or no more come; nothing is moved. */
TEST_F(batch, C11_C12_on_closed)
{
	int cap = variant->cap;
	struct hchan_batch out;

	if (cap)
		ASSERT_EQ(cap, SENDN(cap, 0, 0, NULL));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(-EPIPE, SENDN(3, 0, 0, &out));
	EXPECT_EQ(HCHAN_ST_CLOSED, out.status);
	if (cap) {
		EXPECT_EQ(cap, RECVN(cap + 5, 0, 0, &out));
		EXPECT_EQ(HCHAN_ST_CLOSED, out.status);
	}
	EXPECT_EQ(0, RECVN(3, 0, 0, &out));
	EXPECT_EQ(HCHAN_ST_CLOSED, out.status);
	EXPECT_EQ(0, RECVN(3, 0, HCHAN_NOWAIT, &out));
	EXPECT_EQ(0, RECVN(3, 0, HCHAN_SOME, &out));
}

/* A deadline that passes is an error only if nothing was moved. */
TEST_F(batch, C39_C40_deadline_reports_what_was_moved)
{
	int cap = variant->cap, k = cap ? cap : -ETIMEDOUT;
	uint32_t elem = variant->elem, flags = HCHAN_DEADLINE;
	struct hchan_batch out;

	EXPECT_EQ(k, hc_sendn_seed(self->fd, elem, cap + 3, 0, flags,
				   hc_in(5 * HC_MS), &out));
	EXPECT_EQ(cap, out.done);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(-ETIMEDOUT, hc_sendn_seed(self->fd, elem, 3, 0, flags,
					    hc_in(5 * HC_MS), &out));
	/* One that has passed is one try. */
	EXPECT_EQ(k, hc_recvn_seed(self->fd, elem, cap + 3, 0, flags, 1, &out));
	EXPECT_EQ(-ETIMEDOUT, hc_recvn_seed(self->fd, elem, 3, 0, flags,
					    hc_in(5 * HC_MS), &out));
	EXPECT_EQ(-ETIMEDOUT, hc_recvn_seed(self->fd, elem, 3, 0,
					    flags | HCHAN_SOME,
					    hc_in(5 * HC_MS), &out));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* None at all is nothing, open or closed, ready or not. */
TEST_F(batch, C39_empty_batch)
{
	uint32_t elem = variant->elem;
	int i;

	for (i = 0; i < 2; i++) {
		struct hchan_batch batch = {
			.stride = elem,
			.done = HC_POISON32,
		};

		EXPECT_EQ(0, ioctl(self->fd, HCHAN_IOC_SENDN, &batch));
		EXPECT_EQ(0, batch.done);
		batch.done = HC_POISON32;
		EXPECT_EQ(0, ioctl(self->fd, HCHAN_IOC_RECVN, &batch));
		EXPECT_EQ(0, batch.done);
		if (!i)
			ASSERT_EQ(0, hc_close(self->fd));
	}
	EXPECT_EQ(0, hc_len(self->fd));
}

/* What is wrong with a batch is said before it moves anything. */
TEST_F(batch, C48_wrong_arguments)
{
	uint32_t elem = variant->elem, lens[4] = { elem, elem, elem, elem };
	uint8_t buf[3 * 4096] = {};

	EXPECT_EQ(-EMSGSIZE, hc_sendn_by(self->fd, buf, elem + 1, 2, NULL,
					 0, 0, NULL));
	EXPECT_EQ(-EINVAL, hc_sendn_by(self->fd, buf, elem, 2, lens, 0, 0,
				       NULL));
	EXPECT_EQ(-EINVAL, hc_sendn_by(self->fd, buf, elem, 2, NULL,
				       HCHAN_SOME, 0, NULL));
	EXPECT_EQ(-EINVAL, hc_sendn_by(self->fd, buf, elem, 1U << 31, NULL,
				       0, 0, NULL));
	EXPECT_EQ(-EINVAL, hc_sendn_by(self->fd, buf, elem, 2, NULL, 16, 0,
				       NULL));
	EXPECT_EQ(-EINVAL, hc_recvn_by(self->fd, buf, elem, 2, NULL,
				       HCHAN_SOME | HCHAN_NOWAIT, 0, NULL));
	EXPECT_EQ(-EINVAL, hc_recvn_by(self->fd, buf, elem, 2, lens, 0, 0,
				       NULL));
	EXPECT_EQ(-EINVAL, hc_recvn_by(self->fd, buf, elem, 2, NULL,
				       HCHAN_NOWAIT, 1, NULL));
	EXPECT_EQ(0, hc_len(self->fd));
}

/*
 * A batch of more than the query's batch_bytes keeps its place for so many, and
 * queues anew for the rest.
 */
TEST(C39_a_long_batch_queues_anew)
{
	struct hchan_query query = { .size = sizeof(query) };
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peer[2];
	int elem = 4096, i, n;

	ch.fd = hc_make(elem, 0, 0);
	ASSERT_LE(0, ch.fd);
	ASSERT_EQ(0, ioctl(ch.fd, HCHAN_IOC_QUERY, &query));
	n = query.batch_bytes / elem;
	hc_start(&peer[0], &ch, O_WRONLY, send_batch, elem, n + 3, 0, n + 3);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 1));
	hc_start(&peer[1], &ch, O_WRONLY, send_batch, elem, 1, 100, 1);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 2));
	for (i = 0; i < n; i++)
		ASSERT_EQ(1, hc_get_seed(HC_IOCTL, ch.fd, elem, i, false));
	/* The other was there first now. */
	ASSERT_EQ(1, hc_get_seed(HC_IOCTL, ch.fd, elem, 100, false));
	for (; i < n + 3; i++)
		ASSERT_EQ(1, hc_get_seed(HC_IOCTL, ch.fd, elem, i, false));
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[1]));
}

/* A place in the queue is kept by small elements in their thousands too. */
TEST(C39_a_batch_of_thousands_keeps_its_place)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peer[2];
	int n = 4000;

	ch.fd = hc_make(8, 0, 0);
	ASSERT_LE(0, ch.fd);
	hc_start(&peer[0], &ch, O_WRONLY, send_batch, 8, n, 0, n);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 1));
	hc_start(&peer[1], &ch, O_WRONLY, send_batch, 8, 1, n, 1);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 2));
	ASSERT_EQ(n + 1, hc_recvn_seed(ch.fd, 8, n + 1, 0, 0, 0, NULL));
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[1]));
	EXPECT_EQ(0, hc_len(ch.fd));
}

/* Memory that ends in the middle: what was sent before is reported (C38). */
TEST(C39_C38_memory_that_ends)
{
	uint8_t *area = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = hc_make(100, 64, 0), i;
	uint8_t *from = area + 4096 - 350;

	ASSERT_LE(0, fd);
	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, munmap(area + 4096, 4096));
	for (i = 0; i < 3; i++)
		hc_fill(from + i * 100, 100, i);
	EXPECT_EQ(3, hc_sendn_by(fd, from, 100, 20, NULL, 0, 0, NULL));
	EXPECT_EQ(3, hc_len(fd));
	EXPECT_EQ(-EFAULT, hc_sendn_by(fd, from + 300, 100, 20, NULL, 0, 0,
				       NULL));
	EXPECT_EQ(3, hc_len(fd));
	EXPECT_EQ(3, hc_recvn_seed(fd, 100, 20, 0, HCHAN_NOWAIT, 0, NULL));
}

/* A receiver's, whose first element has no place: nothing is taken. */
TEST(C39_C38_receiving_where_nothing_fits)
{
	struct hchan_batch batch = {
		.buf = 4096,
		.stride = 100,
		.count = 4,
		.done = HC_POISON32,
	};
	int fd = hc_make(100, 64, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(5, hc_sendn_seed(fd, 100, 5, 0, 0, 0, NULL));
	EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_RECVN, &batch));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, batch.done);
	EXPECT_EQ(5, hc_len(fd));
	EXPECT_EQ(5, hc_recvn_seed(fd, 100, 9, 0, HCHAN_NOWAIT, 0, NULL));
}

/* A send of a length that is wrong stops there; what was before it is sent. */
TEST(C39_messages_of_a_wrong_length)
{
	int fd = hc_make(64, 16, HCHAN_MSG);
	uint32_t lens[4] = { 5, 64, 65, 1 };
	uint8_t buf[4 * 100];

	ASSERT_LE(0, fd);
	memset(buf, 7, sizeof(buf));
	EXPECT_EQ(2, hc_sendn_by(fd, buf, 100, 4, lens, 0, 0, NULL));
	EXPECT_EQ(-EMSGSIZE, hc_sendn_by(fd, buf, 100, 2, lens + 2, 0, 0, NULL));
	lens[2] = 0;
	EXPECT_EQ(-EMSGSIZE, hc_sendn_by(fd, buf, 100, 2, lens + 2, 0, 0, NULL));
	/* Longer than its place in the caller's memory. */
	lens[2] = 11;
	EXPECT_EQ(-EMSGSIZE, hc_sendn_by(fd, buf, 10, 2, lens + 2, 0, 0, NULL));
	EXPECT_EQ(2, hc_len(fd));
}

/* Messages keep their lengths, and what is behind them in their places. */
TEST(C14_messages_in_a_batch)
{
	uint32_t lens[4] = { 1, 200, 128, 129 }, got[4];
	int fd = hc_make(300, 16, HCHAN_MSG), i;
	uint8_t buf[4 * 300], out[4 * 256];

	ASSERT_LE(0, fd);
	for (i = 0; i < 4; i++)
		hc_fill(buf + i * 300, lens[i], i);
	ASSERT_EQ(4, hc_sendn_by(fd, buf, 300, 4, lens, 0, 0, NULL));
	/* hc_recvn_by() looks at what is behind each of them. */
	ASSERT_EQ(4, hc_recvn_by(fd, out, 256, 4, got, 0, 0, NULL));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(lens[i], got[i]);
		EXPECT_TRUE(hc_is(out + i * 256, lens[i], i));
	}
}

/* One that is too long for its place ends the batch, and stays (C38). */
TEST(C39_C38_messages_too_long_for_a_receiver)
{
	uint32_t lens[3] = { 4, 4, 90 }, got[4];
	struct hc_chan ch = { .between = HC_THREADS };
	struct hchan_batch out;
	struct hc_peer peer;
	uint8_t buf[4 * 100] = {};

	ch.fd = hc_make(100, 3, HCHAN_MSG);
	ASSERT_LE(0, ch.fd);
	ASSERT_EQ(3, hc_sendn_by(ch.fd, buf, 100, 3, lens, 0, 0, NULL));
	EXPECT_EQ(2, hc_recvn_by(ch.fd, buf, 50, 4, got, 0, 0, &out));
	EXPECT_EQ(90, out.actual);
	EXPECT_EQ(-EMSGSIZE, hc_recvn_by(ch.fd, buf, 50, 4, got, 0, 0, &out));
	EXPECT_EQ(90, out.actual);
	EXPECT_EQ(1, hc_len(ch.fd));
	EXPECT_EQ(1, hc_recvn_by(ch.fd, buf, 90, 4, got, HCHAN_NOWAIT, 0, NULL));
	/* The same for one that is parked and has some already. */
	hc_start(&peer, &ch, O_RDONLY, recv_messages, 50, 4, 90, 2);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	ASSERT_EQ(3, hc_sendn_by(ch.fd, buf, 100, 3, lens, 0, 0, NULL));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(1, hc_len(ch.fd));
}

/* Messages may lie gigabytes apart: what is not sent is taken back all the same. */
TEST(C39_C48_messages_far_apart)
{
	uint32_t lens[3] = { 1, 1, 1 };
	struct hchan_batch batch = {
		.stride = 0x80000000u,
		.lens = (uintptr_t)lens,
		.count = 3,
		.flags = HCHAN_NOWAIT,
	};
	int fd = hc_make(8, 0, HCHAN_MSG);
	void *far;

	ASSERT_LE(0, fd);
	far = mmap(NULL, 6UL << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
		   MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, far);
	batch.buf = (uintptr_t)far;
	EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_SENDN, &batch));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, batch.done);
	munmap(far, 6UL << 30);
}

TEST_HARNESS_MAIN
