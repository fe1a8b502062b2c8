// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disconnection (C49): a channel that is asked to notices when the last open
 * file that can send, or that can receive, is gone. Here for anonymous ones,
 * where it is final.
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_pass.h"
#include "hchan_peer.h"

#define ELEM 24
#define IN	(POLLIN | POLLRDNORM)
#define OUT	(POLLOUT | POLLWRNORM)

/* Peers. arg: way */

static int recv_gone(int fd, const long *arg)
{
	struct hchan_xfer xfer;
	uint8_t buf[ELEM];

	if (arg[0] == HC_RW) {
		hc_must(hc_read(fd, buf, ELEM, 0) == 0);
		return 0;
	}
	hc_must(hc_recv_by(fd, buf, ELEM, 0, 0, &xfer) == 0);
	hc_must(xfer.actual == ELEM);
	hc_must(xfer.status == HCHAN_ST_DISCONNECTED);
	return 0;
}

static int send_gone(int fd, const long *arg)
{
	uint8_t buf[ELEM] = {};
	uint32_t status;

	if (arg[0] == HC_RW) {
		hc_must(hc_write(fd, buf, ELEM, 0) == -EPIPE);
		return 0;
	}
	hc_must(hc_send_by(fd, buf, ELEM, 0, 0, &status) == -EPIPE);
	hc_must(status == HCHAN_ST_DISCONNECTED);
	return 0;
}

/* Holds the descriptor until it is killed. */
static int hold(int fd, const long *arg)
{
	pause();
	return 1;
}

/* Is parked until it is killed. */
static int hold_parked(int fd, const long *arg)
{
	uint8_t buf[ELEM] = {};

	if (arg[0] == O_WRONLY)
		hc_send(fd, buf, ELEM);
	else
		hc_recv(fd, buf, ELEM);
	return 1;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_gone),
	HC_BODY(send_gone),
	HC_BODY(hold),
	HC_BODY(hold_parked),
	{}
};

static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = IN | OUT | POLLRDHUP };

	hc_must(poll(&p, 1, 0) >= 0);
	return p.revents;
}

/* A channel by a descriptor of each direction; nobody else has any. */
FIXTURE(gone)
{
	struct hc_chan ch;
	int ro, wo;
};

FIXTURE_VARIANT(gone)
{
	enum hc_between between;
	enum hc_way way;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(gone, threads_ioctl_cap0) { HC_THREADS, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(gone, threads_rw_cap1) { HC_THREADS, HC_RW, 1 };
FIXTURE_VARIANT_ADD(gone, forked_rw_cap0) { HC_FORKED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(gone, forked_ioctl_cap4) { HC_FORKED, HC_IOCTL, 4 };

FIXTURE_SETUP(gone)
{
	self->ch.between = variant->between;
	self->ch.fd = hc_make(ELEM, variant->cap, HCHAN_DISCONNECT);
	ASSERT_LE(0, self->ch.fd);
	self->ro = hc_narrow(self->ch.fd, O_RDONLY);
	ASSERT_LE(0, self->ro);
	self->wo = hc_only(self->ch.fd, O_WRONLY);
	ASSERT_LE(0, self->wo);
	self->ch.fd = -1;
}

FIXTURE_TEARDOWN(gone)
{
}

#define GET_END(fd) hc_get_seed(variant->way, fd, ELEM, 0, false)
#define PUT(fd, seed) hc_put_seed(variant->way, fd, ELEM, seed, true)

/* A peer with an open file of its own, which is narrowed from one of the test's. */
#define START(peer, from, acc, body, ...)				\
	do {								\
		self->ch.fd = (from);					\
		hc_start(peer, &self->ch, acc, body, ##__VA_ARGS__);	\
	} while (0)

/* The last that can send is gone: receivers drain, then it is the end. */
TEST_F(gone, C49_last_sender)
{
	struct hchan_xfer xfer;
	uint8_t buf[ELEM];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(self->wo, i));
	ASSERT_EQ(0, hc_stat(self->ro).state);
	close(self->wo);
	EXPECT_EQ(HCHAN_S_NO_SENDERS, hc_stat(self->ro).state);
	EXPECT_EQ(variant->cap, hc_len(self->ro));
	for (i = 0; i < variant->cap; i++) {
		EXPECT_EQ(IN | POLLRDHUP, events(self->ro));
		ASSERT_EQ(1, hc_get_seed(variant->way, self->ro, ELEM, i, true));
	}
	EXPECT_EQ(IN | POLLRDHUP | POLLHUP, events(self->ro));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, GET_END(self->ro));
	EXPECT_EQ(0, hc_recv_by(self->ro, buf, ELEM, 0, 0, &xfer));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, xfer.status);
	/* Not closed; who may not send may not close it (C16). */
	EXPECT_EQ(-EBADF, hc_close(self->ro));
}

/* The last that can receive is gone: senders fail, whatever room there is. */
TEST_F(gone, C49_last_receiver)
{
	uint8_t buf[ELEM] = {};
	uint32_t status;

	if (variant->cap)
		ASSERT_EQ(0, PUT(self->wo, 0));
	close(self->ro);
	EXPECT_EQ(HCHAN_S_NO_RECEIVERS, hc_stat(self->wo).state);
	EXPECT_EQ(OUT | POLLHUP, events(self->wo));
	EXPECT_EQ(-EPIPE, PUT(self->wo, 1));
	EXPECT_EQ(-EPIPE, hc_put(variant->way, self->wo, buf, ELEM));
	EXPECT_EQ(-EPIPE, hc_send_by(self->wo, buf, ELEM, 0, 0, &status));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, status);
	/* What is there stays there; it can still be closed. */
	EXPECT_EQ(!!variant->cap, hc_len(self->wo));
	EXPECT_EQ(0, hc_close(self->wo));
}

/* Those who are parked by then are woken. */
TEST_F(gone, C49_wakes_parked_receivers)
{
	struct hc_peer peer[3];
	int i;

	for (i = 0; i < 3; i++)
		START(&peer[i], self->ro, O_RDONLY, recv_gone, variant->way);
	ASSERT_EQ(0, hc_wait_receivers(self->ro, 3));
	close(self->wo);
	EXPECT_TRUE(hc_parked(self->ro, 0, 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
	EXPECT_EQ(HCHAN_S_NO_SENDERS, hc_stat(self->ro).state);
}

TEST_F(gone, C49_wakes_parked_senders)
{
	struct hc_peer peer[3];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(self->wo, i));
	for (i = 0; i < 3; i++)
		START(&peer[i], self->wo, O_WRONLY, send_gone, variant->way);
	ASSERT_EQ(0, hc_wait_senders(self->wo, 3));
	close(self->ro);
	EXPECT_TRUE(hc_parked(self->wo, 0, 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
	EXPECT_EQ(variant->cap, hc_len(self->wo));
}

/* Of an anonymous one it is final: no descriptor brings a side back. */
TEST_F(gone, C49_final)
{
	int fd;

	close(self->wo);
	EXPECT_EQ(-EACCES, hc_narrow(self->ro, O_RDWR));
	fd = hc_narrow(self->ro, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, GET_END(fd));
	EXPECT_EQ(0, GET_END(self->ro));
}

/* Counted are open files, not descriptors of them. */
TEST_F(gone, C49_counts_open_files)
{
	int twin = dup(self->wo), other = hc_narrow(self->wo, O_WRONLY);

	ASSERT_LE(0, twin);
	ASSERT_LE(0, other);
	EXPECT_EQ(2, hc_stat(self->ro).senders);
	close(self->wo);
	EXPECT_EQ(2, hc_stat(self->ro).senders);
	close(other);
	EXPECT_EQ(1, hc_stat(self->ro).senders);
	EXPECT_EQ(-EAGAIN, hc_get_seed(variant->way, self->ro, ELEM, 0, true));
	close(twin);
	EXPECT_EQ(0, hc_stat(self->ro).senders);
	EXPECT_EQ(0, GET_END(self->ro));
}

/* One with both directions is one of each side. */
TEST_F(gone, C49_both_directions)
{
	int rw = hc_make(ELEM, variant->cap, HCHAN_DISCONNECT);
	int ro = hc_narrow(rw, O_RDONLY);

	ASSERT_LE(0, rw);
	ASSERT_LE(0, ro);
	close(ro);
	EXPECT_EQ(0, hc_stat(rw).state);
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, PUT(rw, 0));
	ro = hc_only(rw, O_RDONLY);
	ASSERT_LE(0, ro);
	if (variant->cap)
		EXPECT_EQ(1, hc_get_seed(variant->way, ro, ELEM, 0, true));
	EXPECT_EQ(0, GET_END(ro));
	close(ro);
}

/* What a batch has moved by then is reported with it (C39). */
TEST_F(gone, C49_C39_batch)
{
	int n = variant->cap + 2;
	struct hchan_batch out;

	if (variant->cap)
		ASSERT_EQ(variant->cap, hc_sendn_seed(self->wo, ELEM, n, 0,
						      HCHAN_NOWAIT, 0, NULL));
	close(self->wo);
	if (variant->cap) {
		EXPECT_EQ(variant->cap, hc_recvn_seed(self->ro, ELEM, n, 0, 0,
						      0, &out));
		EXPECT_EQ(HCHAN_ST_DISCONNECTED, out.status);
	}
	EXPECT_EQ(0, hc_recvn_seed(self->ro, ELEM, n, 0, 0, 0, &out));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, out.status);
}

/* A call that is under way keeps its open file, whatever becomes of the number. */
TEST_F(gone, C49_C17_a_parked_call_counts)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peer;
	uint8_t buf[ELEM];
	uint64_t i;

	/* The thread's one is the last. */
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(self->wo, i));
	ch.fd = self->wo;
	hc_start(&peer, &ch, O_WRONLY, hold_parked, O_WRONLY);
	close(self->wo);
	ASSERT_EQ(0, hc_wait_senders(self->ro, 1));
	close(peer.fd);
	EXPECT_TRUE(hc_parked(self->ro, 1, 0));
	EXPECT_EQ(0, hc_stat(self->ro).state);
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(1, hc_get_seed(variant->way, self->ro, ELEM, i, true));
	ASSERT_EQ(1, hc_recv(self->ro, buf, ELEM));
	/* Its call returns, and with it goes the file. */
	EXPECT_EQ(1, hc_join(&peer));
	EXPECT_EQ(0, GET_END(self->ro));
}

/* On its way through a socket it is still there; with the socket it goes. */
TEST_F(gone, C49_in_flight)
{
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	ASSERT_EQ(0, hc_pass(pair[0], self->wo));
	close(self->wo);
	EXPECT_EQ(1, hc_stat(self->ro).senders);
	EXPECT_EQ(-EAGAIN, hc_get_seed(variant->way, self->ro, ELEM, 0, true));
	close(pair[0]);
	close(pair[1]);
	EXPECT_EQ(0, GET_END(self->ro));
}

/* A side that never had anybody is not gone. */
TEST(C49_never_had_a_receiver)
{
	struct hchan_create create = hc_request(ELEM, 1, HCHAN_DISCONNECT);
	uint8_t buf[ELEM] = {};
	int fd;

	create.open_flags = O_WRONLY | O_CLOEXEC;
	fd = hc_create(&create);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, hc_stat(fd).state);
	EXPECT_EQ(OUT, events(fd));
	EXPECT_EQ(0, hc_send(fd, buf, ELEM));
	EXPECT_EQ(0, events(fd));
	EXPECT_EQ(-ETIMEDOUT, hc_send_by(fd, buf, ELEM, HCHAN_DEADLINE,
					 hc_in(HC_MS), NULL));
}

TEST(C49_never_had_a_sender)
{
	struct hchan_create create = hc_request(ELEM, 1, HCHAN_DISCONNECT);
	uint8_t buf[ELEM];
	int fd;

	create.open_flags = O_RDONLY | O_CLOEXEC;
	fd = hc_create(&create);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, hc_stat(fd).state);
	EXPECT_EQ(0, events(fd));
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(fd, buf, ELEM, HCHAN_DEADLINE,
					 hc_in(HC_MS), NULL));
}

/*
 * By kill -9: before the dead one can be waited for. So the test need not wait
 * for anything, and must not: the very next look has to show it.
 */
FIXTURE(killed)
{
	struct hc_chan ch;
	struct hc_peer peer;
	int keep;
};

FIXTURE_VARIANT(killed)
{
	enum hc_between between;
	int acc;		/* the side that is killed */
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(killed, forked_sender_cap0) { HC_FORKED, O_WRONLY, 0 };
FIXTURE_VARIANT_ADD(killed, forked_sender_cap2) { HC_FORKED, O_WRONLY, 2 };
FIXTURE_VARIANT_ADD(killed, forked_receiver_cap0) { HC_FORKED, O_RDONLY, 0 };
FIXTURE_VARIANT_ADD(killed, forked_receiver_cap2) { HC_FORKED, O_RDONLY, 2 };
FIXTURE_VARIANT_ADD(killed, unrelated_sender_cap2) { HC_UNRELATED, O_WRONLY, 2 };
FIXTURE_VARIANT_ADD(killed, unrelated_receiver_cap0) { HC_UNRELATED, O_RDONLY, 0 };

/* The test keeps the other side alone. */
FIXTURE_SETUP(killed)
{
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, HCHAN_DISCONNECT));
	self->keep = hc_narrow(self->ch.fd, variant->acc == O_WRONLY ?
					    O_RDONLY : O_WRONLY);
	ASSERT_LE(0, self->keep);
}

FIXTURE_TEARDOWN(killed)
{
	hc_chan_drop(&self->ch);
}

static uint32_t gone_state(int acc)
{
	return acc == O_WRONLY ? HCHAN_S_NO_SENDERS : HCHAN_S_NO_RECEIVERS;
}

/* The end as the side sees it that is left. */
static bool is_end(int acc, int fd)
{
	uint8_t buf[ELEM] = {};
	int ret;

	if (acc == O_RDONLY)
		return hc_try_send(fd, buf, ELEM) == -EPIPE;
	do
		ret = hc_try_recv(fd, buf, ELEM);
	while (ret == 1);
	return ret == 0;
}

/* How many there are of the other side. */
static uint32_t others(int acc, int fd)
{
	struct hchan_stat stat = hc_stat(fd);

	return acc == O_WRONLY ? stat.senders : stat.receivers;
}

/* It does nothing but hold it. */
TEST_F(killed, C49_holder)
{
	hc_start(&self->peer, &self->ch, variant->acc, hold);
	close(self->ch.fd);
	self->ch.fd = -1;
	/* An unrelated one opens it when it gets there. */
	while (others(variant->acc, self->keep) != 1)
		sched_yield();
	hc_asleep(self->peer.pid);
	EXPECT_FALSE(is_end(variant->acc, self->keep));
	EXPECT_EQ(256 + SIGKILL, hc_kill(&self->peer));
	EXPECT_EQ(gone_state(variant->acc), hc_stat(self->keep).state);
	EXPECT_TRUE(is_end(variant->acc, self->keep));
}

/* It is parked in it. */
TEST_F(killed, C49_parked_holder)
{
	uint64_t i;

	for (i = 0; variant->acc == O_WRONLY && i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->ch.fd, ELEM, i, true));
	hc_start(&self->peer, &self->ch, variant->acc, hold_parked,
		 variant->acc);
	ASSERT_EQ(0, hc_wait(self->keep, variant->acc == O_WRONLY ?
			     HCHAN_W_SENDERS : HCHAN_W_RECEIVERS, 1));
	close(self->ch.fd);
	self->ch.fd = -1;
	EXPECT_EQ(0, hc_stat(self->keep).state);
	EXPECT_EQ(256 + SIGKILL, hc_kill(&self->peer));
	EXPECT_EQ(gone_state(variant->acc), hc_stat(self->keep).state);
	EXPECT_TRUE(hc_parked(self->keep, 0, 0));
	EXPECT_TRUE(is_end(variant->acc, self->keep));
}

/* The other side is parked and sleeps: the death wakes it. */
TEST_F(killed, C49_wakes_the_other_side)
{
	struct hc_chan ch = { .between = HC_THREADS, .fd = self->keep };
	struct hc_peer other;
	uint64_t i;

	hc_start(&self->peer, &self->ch, variant->acc, hold);
	for (i = 0; variant->acc == O_RDONLY && i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->ch.fd, ELEM, i, true));
	while (others(variant->acc, self->keep) != 2)
		sched_yield();
	hc_asleep(self->peer.pid);
	close(self->ch.fd);
	self->ch.fd = -1;
	hc_start(&other, &ch, variant->acc == O_WRONLY ? O_RDONLY : O_WRONLY,
		 variant->acc == O_WRONLY ? recv_gone : send_gone, HC_IOCTL);
	ASSERT_EQ(0, hc_wait(self->keep, variant->acc == O_WRONLY ?
			     HCHAN_W_RECEIVERS : HCHAN_W_SENDERS, 1));
	EXPECT_EQ(256 + SIGKILL, hc_kill(&self->peer));
	EXPECT_TRUE(hc_parked(self->keep, 0, 0));
	EXPECT_EQ(0, hc_join(&other));
}

TEST_HARNESS_MAIN
