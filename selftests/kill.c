// SPDX-License-Identifier: GPL-2.0-only
/*
 * kill -9: who is parked vanishes from the queues, and nothing else is changed
 * by it (C41). A process can be waited for only when it has left them.
 */
#include <poll.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

#define ELEM 40

/* Peers */

/* arg: way, first seed, how many */
static int send_many(int fd, const long *arg)
{
	uint8_t *buf = malloc(ELEM * arg[2]);
	long i;

	for (i = 0; i < arg[2]; i++)
		hc_fill(buf + i * ELEM, ELEM, arg[1] + i);
	if (arg[0] == HC_RW)
		hc_write(fd, buf, ELEM * arg[2], 0);
	else
		hc_sendn_by(fd, buf, ELEM, arg[2], NULL, 0, 0, NULL);
	return 1;
}

static int recv_many(int fd, const long *arg)
{
	uint8_t *buf = malloc(ELEM * arg[2]);

	hc_recvn_by(fd, buf, ELEM, arg[2], NULL, 0, 0, NULL);
	return 1;
}

static void *park_thread(void *data)
{
	uint8_t element[ELEM];

	hc_recv((long)data, element, ELEM);
	return NULL;
}

/* arg: way, -, how many threads beside the first */
static int recv_in_threads(int fd, const long *arg)
{
	pthread_t thread;
	long i;

	for (i = 0; i < arg[2]; i++)
		hc_must(!pthread_create(&thread, NULL, park_thread,
					(void *)(long)fd));
	park_thread((void *)(long)fd);
	return 1;
}

static int wait_for_senders(int fd, const long *arg)
{
	hc_wait_senders(fd, 1000);
	return 1;
}

static int poll_it(int fd, const long *arg)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, -1);
	return 1;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(hc_recv_one),
	HC_BODY(hc_send_one),
	HC_BODY(send_many),
	HC_BODY(recv_many),
	HC_BODY(recv_in_threads),
	HC_BODY(wait_for_senders),
	HC_BODY(poll_it),
	{}
};

FIXTURE(kill)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(kill)
{
	enum hc_between between;
	enum hc_way way;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(kill, forked_ioctl_cap0) { HC_FORKED, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(kill, forked_rw_cap1) { HC_FORKED, HC_RW, 1 };
FIXTURE_VARIANT_ADD(kill, unrelated_rw_cap0) { HC_UNRELATED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(kill, unrelated_ioctl_cap6) { HC_UNRELATED, HC_IOCTL, 6 };

FIXTURE_SETUP(kill)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(kill)
{
	hc_chan_drop(&self->ch);
}

#define KILLED (256 + SIGKILL)
#define START(peer, acc, body, ...) \
	hc_start(peer, &self->ch, acc, body, variant->way, ##__VA_ARGS__)
#define PUT(seed) hc_put_seed(variant->way, self->fd, ELEM, seed, true)
#define GET(seed) hc_get_seed(variant->way, self->fd, ELEM, seed, true)

/* The one in the middle vanishes, and those around it keep their order. */
TEST_F(kill, C41_parked_receiver_vanishes)
{
	struct hc_peer peer[3];
	int i;

	for (i = 0; i < 3; i++) {
		START(&peer[i], O_RDONLY, hc_recv_one, ELEM, i / 2);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, i + 1));
	}
	EXPECT_EQ(KILLED, hc_kill(&peer[1]));
	EXPECT_TRUE(hc_parked(self->fd, 0, 2));
	ASSERT_EQ(0, PUT(0));
	ASSERT_EQ(0, PUT(1));
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[2]));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Its element was never sent; the next sender's is the next. */
TEST_F(kill, C41_parked_sender_vanishes)
{
	struct hc_peer peer[3];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	for (i = 0; i < 3; i++) {
		START(&peer[i], O_WRONLY, hc_send_one, ELEM, variant->cap + i / 2 +
		      (i == 1 ? 100 : 0));
		ASSERT_EQ(0, hc_wait_senders(self->fd, i + 1));
	}
	EXPECT_EQ(KILLED, hc_kill(&peer[1]));
	EXPECT_TRUE(hc_parked(self->fd, 2, 0));
	for (i = 0; i < variant->cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(0));
	EXPECT_EQ(0, hc_join(&peer[0]));
	EXPECT_EQ(0, hc_join(&peer[2]));
}

/* The first and the last of a queue too, and then it is as before. */
TEST_F(kill, C41_all_vanish)
{
	struct hchan_stat before = hc_stat(self->fd), after;
	struct hc_peer peer[4];
	int i;

	for (i = 0; i < 4; i++) {
		START(&peer[i], O_RDONLY, hc_recv_one, ELEM, 0);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, i + 1));
	}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(KILLED, hc_kill(&peer[i]));
		EXPECT_TRUE(hc_parked(self->fd, 0, 3 - i));
	}
	/* Its open files are gone with it. */
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(7));
	if (variant->cap)
		EXPECT_EQ(1, GET(7));
}

/* Those of all threads of a process. */
TEST_F(kill, C41_all_threads_vanish)
{
	struct hc_peer peer;

	START(&peer, O_RDONLY, recv_in_threads, 0, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 6));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(7));
}

/* Of a batch what was moved is moved, and the rest was never sent. */
TEST_F(kill, C41_parked_batch_vanishes)
{
	int cap = variant->cap, i;
	struct hc_peer peer;

	START(&peer, O_WRONLY, send_many, 0, cap + 5);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_TRUE(hc_parked(self->fd, 1, 0));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(cap, hc_len(self->fd));
	for (; i < cap + 2; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/* What a receiving batch has was in its own hands; no more goes there. */
TEST_F(kill, C41_parked_receiving_batch_vanishes)
{
	struct hc_peer peer;
	int i;

	/* By ioctl: read(2) waits for the first one only. */
	START(&peer, O_RDONLY, recv_many, 0, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, PUT(i));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(2));
	EXPECT_EQ(variant->cap ? 1 : -EAGAIN, GET(2));
}

/*
 * Matched, and killed before it ran again: to a blocking call it counts as
 * delivered. Nobody gets it a second time.
 */
TEST_F(kill, C41_matched_receiver_is_killed)
{
	struct hc_peer peer;

	hc_run_first();
	START(&peer, O_RDONLY, hc_recv_one, ELEM, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	/* The peer does not run between these two. */
	ASSERT_EQ(0, PUT(5));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(-EAGAIN, GET(5));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Killed first, but its entry is still there: then that is what it was. */
TEST_F(kill, C41_killed_receiver_is_matched)
{
	struct hc_peer peer;

	hc_run_first();
	START(&peer, O_RDONLY, hc_recv_one, ELEM, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, kill(peer.pid, SIGKILL));
	ASSERT_EQ(0, PUT(5));
	EXPECT_EQ(KILLED, hc_join(&peer));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(-EAGAIN, GET(5));
}

/* A sender whose element was taken has sent it, once, dead or alive. */
TEST_F(kill, C41_matched_sender_is_killed)
{
	struct hc_peer peer;
	uint64_t i;

	hc_run_first();
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	START(&peer, O_WRONLY, hc_send_one, ELEM, i);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	ASSERT_EQ(1, GET(0));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	for (i = 1; i <= variant->cap; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(i));
}

/* Those who only look or wait for a state leave nothing behind either. */
TEST_F(kill, C41_observers_vanish)
{
	struct hc_peer peer[2];
	struct hc_peer sender;

	START(&peer[0], O_RDONLY, wait_for_senders);
	hc_asleep(peer[0].pid);
	START(&peer[1], O_RDONLY, poll_it);
	hc_asleep(peer[1].pid);
	EXPECT_EQ(KILLED, hc_kill(&peer[0]));
	EXPECT_EQ(KILLED, hc_kill(&peer[1]));
	START(&sender, O_WRONLY, hc_send_one, ELEM, 3);
	ASSERT_EQ(1, hc_get_seed(variant->way, self->fd, ELEM, 3, false));
	EXPECT_EQ(0, hc_join(&sender));
	ASSERT_EQ(0, hc_close(self->fd));
}

TEST_HARNESS_MAIN
