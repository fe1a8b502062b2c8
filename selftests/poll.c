// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readiness (C45, C46): what poll(2) says in each state, and that epoll hears
 * of each change. An epoll instance listens from the moment a descriptor is
 * added to it, so nobody has to sleep for a change to be one that wakes.
 */
#include <poll.h>
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

#define ELEM 8

/* Peers */

/* arg: POLL*, what must come of it */
static int poll_for(int fd, const long *arg)
{
	struct pollfd p = { .fd = fd, .events = arg[0] };

	hc_must(poll(&p, 1, -1) == 1);
	hc_must(p.revents == arg[1]);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(hc_recv_one),
	HC_BODY(hc_send_one),
	HC_BODY(poll_for),
	{}
};

#define IN	(POLLIN | POLLRDNORM)
#define OUT	(POLLOUT | POLLWRNORM)
#define ALL	(IN | OUT | POLLRDHUP | POLLPRI | POLLRDBAND | POLLWRBAND)

/* All that is so now. */
static int events(int fd)
{
	struct pollfd p = { .fd = fd, .events = ALL };

	hc_must(poll(&p, 1, 0) >= 0);
	return p.revents;
}

FIXTURE(poll)
{
	struct hc_chan ch;
	int rw, ro, wo;
};

FIXTURE_VARIANT(poll)
{
	enum hc_between between;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(poll, threads_cap0) { HC_THREADS, 0 };
FIXTURE_VARIANT_ADD(poll, threads_cap1) { HC_THREADS, 1 };
FIXTURE_VARIANT_ADD(poll, forked_cap3) { HC_FORKED, 3 };
FIXTURE_VARIANT_ADD(poll, unrelated_cap0) { HC_UNRELATED, 0 };
FIXTURE_VARIANT_ADD(poll, unrelated_cap3) { HC_UNRELATED, 3 };

FIXTURE_SETUP(poll)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->rw = self->ch.fd;
	self->ro = hc_narrow(self->rw, O_RDONLY);
	ASSERT_LE(0, self->ro);
	self->wo = hc_narrow(self->rw, O_WRONLY);
	ASSERT_LE(0, self->wo);
}

FIXTURE_TEARDOWN(poll)
{
	hc_chan_drop(&self->ch);
}

static int put(int fd, int seed)
{
	return hc_put_seed(HC_IOCTL, fd, ELEM, seed, true);
}

static int get(int fd, int seed)
{
	return hc_get_seed(HC_IOCTL, fd, ELEM, seed, true);
}

#define EXPECT_EVENTS(rw_, ro_, wo_)			\
	do {						\
		EXPECT_EQ(rw_, events(self->rw));	\
		EXPECT_EQ(ro_, events(self->ro));	\
		EXPECT_EQ(wo_, events(self->wo));	\
	} while (0)

/* Room is OUT, an element is IN, each only where the direction is. */
TEST_F(poll, C45_buffer)
{
	bool full, empty;
	uint64_t i;

	EXPECT_EVENTS(variant->cap ? OUT : 0, 0, variant->cap ? OUT : 0);
	for (i = 0; i < variant->cap; i++) {
		ASSERT_EQ(0, put(self->rw, i));
		full = i + 1 == variant->cap;
		EXPECT_EVENTS(full ? IN : IN | OUT, IN, full ? 0 : OUT);
	}
	for (i = 0; i < variant->cap; i++) {
		ASSERT_EQ(1, get(self->rw, i));
		empty = i + 1 == variant->cap;
		EXPECT_EVENTS(empty ? OUT : IN | OUT, empty ? 0 : IN, OUT);
	}
}

/* A parked sender is IN, and no room. */
TEST_F(poll, C45_parked_sender)
{
	struct hc_peer peer;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, put(self->rw, i));
	hc_start(&peer, &self->ch, O_WRONLY, hc_send_one, HC_IOCTL, ELEM, i);
	ASSERT_EQ(0, hc_wait_senders(self->rw, 1));
	EXPECT_EVENTS(IN, IN, 0);
	ASSERT_EQ(1, get(self->rw, 0));
	EXPECT_EVENTS(variant->cap ? IN : 0, variant->cap ? IN : 0, 0);
	EXPECT_EQ(0, hc_join(&peer));
}

/* A parked receiver is OUT. */
TEST_F(poll, C45_parked_receiver)
{
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_RDONLY, hc_recv_one, HC_IOCTL, ELEM, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->rw, 1));
	EXPECT_EVENTS(OUT, 0, OUT);
	ASSERT_EQ(0, put(self->rw, 5));
	EXPECT_EVENTS(variant->cap ? OUT : 0, 0, variant->cap ? OUT : 0);
	EXPECT_EQ(0, hc_join(&peer));
}

/*
 * Closed: a receive and a send are both ready; HUP where nothing is possible any
 * more, and so for who receives only when nothing is left.
 */
TEST_F(poll, C45_closed)
{
	if (variant->cap) {
		ASSERT_EQ(0, put(self->rw, 1));
		ASSERT_EQ(0, hc_close(self->rw));
		EXPECT_EVENTS(IN | OUT | POLLRDHUP, IN | POLLRDHUP,
			      OUT | POLLHUP);
		ASSERT_EQ(1, get(self->rw, 1));
	} else {
		ASSERT_EQ(0, hc_close(self->rw));
	}
	EXPECT_EVENTS(IN | OUT | POLLRDHUP | POLLHUP,
		      IN | POLLRDHUP | POLLHUP, OUT | POLLHUP);
}

/* Looking changes nothing. */
TEST_F(poll, C45_without_side_effects)
{
	struct hchan_stat before, after;

	if (variant->cap)
		ASSERT_EQ(0, put(self->rw, 1));
	before = hc_stat(self->rw);
	EXPECT_EVENTS(variant->cap ? IN | (variant->cap > 1 ? OUT : 0) : 0,
		      variant->cap ? IN : 0, variant->cap > 1 ? OUT : 0);
	after = hc_stat(self->rw);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

/* One who sleeps in poll(2) is woken by an element, by a peer, and by the end. */
TEST_F(poll, C45_wakes_a_sleeper)
{
	struct hc_peer peer, other;
	uint64_t i;

	hc_start(&peer, &self->ch, O_RDONLY, poll_for, POLLIN | POLLOUT, POLLIN);
	hc_start(&other, &self->ch, O_WRONLY, hc_send_one, HC_IOCTL, ELEM, 0);
	EXPECT_EQ(0, hc_join(&peer));
	ASSERT_EQ(1, hc_get_seed(HC_IOCTL, self->rw, ELEM, 0, false));
	EXPECT_EQ(0, hc_join(&other));

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, put(self->rw, i));
	hc_start(&peer, &self->ch, O_WRONLY, poll_for, POLLIN | POLLOUT,
		 POLLOUT);
	hc_start(&other, &self->ch, O_RDONLY, hc_recv_one, HC_IOCTL, ELEM, 0);
	EXPECT_EQ(0, hc_join(&peer));
	ASSERT_EQ(0, put(self->rw, 0));
	EXPECT_EQ(0, hc_join(&other));

	hc_start(&peer, &self->ch, O_WRONLY, poll_for, 0, POLLHUP);
	hc_start(&other, &self->ch, O_RDONLY, poll_for, POLLRDHUP,
		 variant->cap ? POLLRDHUP : POLLRDHUP | POLLHUP);
	ASSERT_EQ(0, hc_close(self->rw));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, hc_join(&other));
}

/* epoll */

static int watch(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, op, fd, &event) ? -errno : 0;
}

/* The events that are to be reported for a descriptor; 0: none by then. */
static uint32_t reported_in(int ep, int ms)
{
	struct epoll_event event = {};

	hc_must(epoll_wait(ep, &event, 1, ms) >= 0);
	return event.events;
}

static uint32_t reported(int ep)
{
	return reported_in(ep, 0);
}

FIXTURE(epoll)
{
	struct hc_chan ch;
	int rw, ro, wo;
	int in, out;		/* listen to ro, wo */
};

FIXTURE_VARIANT(epoll)
{
	uint32_t mode;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(epoll, level_cap0) { 0, 0 };
FIXTURE_VARIANT_ADD(epoll, level_cap2) { 0, 2 };
FIXTURE_VARIANT_ADD(epoll, edge_cap0) { EPOLLET, 0 };
FIXTURE_VARIANT_ADD(epoll, edge_cap2) { EPOLLET, 2 };
FIXTURE_VARIANT_ADD(epoll, edge_exclusive_cap2) { EPOLLET | EPOLLEXCLUSIVE, 2 };

FIXTURE_SETUP(epoll)
{
	self->ch.between = HC_THREADS;
	self->ch.fd = hc_make(ELEM, variant->cap, 0);
	ASSERT_LE(0, self->ch.fd);
	self->rw = self->ch.fd;
	self->ro = hc_narrow(self->rw, O_RDONLY);
	ASSERT_LE(0, self->ro);
	self->wo = hc_narrow(self->rw, O_WRONLY);
	ASSERT_LE(0, self->wo);
	self->in = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->in);
	self->out = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->out);
	ASSERT_EQ(0, watch(self->in, EPOLL_CTL_ADD, self->ro,
			   EPOLLIN | variant->mode));
	ASSERT_EQ(0, watch(self->out, EPOLL_CTL_ADD, self->wo,
			   EPOLLOUT | variant->mode));
}

FIXTURE_TEARDOWN(epoll)
{
	hc_chan_drop(&self->ch);
}

/*
 * What is still so is reported again to who wants the level, else not. The first
 * report may be a moment behind the change, if that is another task's.
 */
#define EXPECT_REPORT(ep, events)					\
	do {								\
		uint32_t want_ = (events);				\
		int ep_ = (ep);						\
									\
		EXPECT_EQ(want_, reported_in(ep_, HC_PATIENCE / HC_MS));\
		EXPECT_EQ(variant->mode & EPOLLET ? 0 : want_,		\
			  reported(ep_));				\
	} while (0)

/* Each time that there is an element where there was none. */
TEST_F(epoll, C45_an_element_comes)
{
	struct hc_peer peer;
	int i;

	EXPECT_EQ(0, reported(self->in));
	for (i = 0; i < 3; i++) {
		hc_start(&peer, &self->ch, O_WRONLY, hc_send_one, HC_IOCTL, ELEM, i);
		ASSERT_EQ(0, hc_wait(self->rw, variant->cap ? HCHAN_W_LENGTH :
							HCHAN_W_SENDERS, 1));
		EXPECT_REPORT(self->in, EPOLLIN);
		ASSERT_EQ(1, get(self->rw, i));
		EXPECT_EQ(0, reported(self->in));
		EXPECT_EQ(0, hc_join(&peer));
	}
}

/* Each time that there is room, or somebody who takes it, and was not. */
TEST_F(epoll, C45_room_comes)
{
	struct hc_peer peer;
	uint64_t i;

	if (variant->cap)
		EXPECT_REPORT(self->out, EPOLLOUT);
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, put(self->rw, i));
	EXPECT_EQ(0, reported(self->out));
	for (i = 0; i < 3; i++) {
		hc_start(&peer, &self->ch, O_RDONLY, hc_recv_one, HC_IOCTL, ELEM, i);
		if (variant->cap)	/* it need not wait: until it is done */
			hc_join(&peer);
		else
			hc_wait_receivers(self->rw, 1);
		EXPECT_REPORT(self->out, EPOLLOUT);
		ASSERT_EQ(0, put(self->rw, variant->cap + i));
		EXPECT_EQ(0, reported(self->out));
		if (!variant->cap)
			hc_join(&peer);
		EXPECT_EQ(0, peer.result);
	}
}

/* A peer that parks is an event also where the level was so before. */
TEST_F(epoll, C45_a_peer_parks)
{
	struct hc_peer peer[2];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, put(self->rw, i));
	if (variant->cap)
		EXPECT_REPORT(self->in, EPOLLIN);
	for (i = 0; i < 2; i++) {
		hc_start(&peer[i], &self->ch, O_WRONLY, hc_send_one, HC_IOCTL, ELEM,
			 variant->cap + i);
		ASSERT_EQ(0, hc_wait_senders(self->rw, i + 1));
		EXPECT_REPORT(self->in, EPOLLIN);
	}
	for (i = 0; i < variant->cap + 2; i++)
		ASSERT_EQ(1, get(self->rw, i));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
	reported(self->out);
	for (i = 0; i < 2; i++) {
		hc_start(&peer[i], &self->ch, O_RDONLY, hc_recv_one, HC_IOCTL, ELEM, i);
		ASSERT_EQ(0, hc_wait_receivers(self->rw, i + 1));
		EXPECT_REPORT(self->out, EPOLLOUT);
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, put(self->rw, i));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* The close is one, and so is the moment when what was left has gone. */
TEST_F(epoll, C45_closed_then_drained)
{
	if (variant->cap) {
		ASSERT_EQ(0, put(self->rw, 1));
		EXPECT_REPORT(self->in, EPOLLIN);
		reported(self->out);
	}
	ASSERT_EQ(0, hc_close(self->rw));
	EXPECT_REPORT(self->out, EPOLLOUT | EPOLLHUP);
	if (variant->cap) {
		EXPECT_REPORT(self->in, EPOLLIN);
		ASSERT_EQ(1, get(self->rw, 1));
	}
	EXPECT_REPORT(self->in, EPOLLIN | EPOLLHUP);
}

/* HUP and RDHUP come to one who asked for nothing else. */
TEST_F(epoll, C45_hangup_alone)
{
	ASSERT_EQ(0, watch(self->in, EPOLL_CTL_DEL, self->ro, 0));
	ASSERT_EQ(0, watch(self->in, EPOLL_CTL_ADD, self->ro, variant->mode));
	if (variant->cap)
		ASSERT_EQ(0, put(self->rw, 1));
	EXPECT_EQ(0, reported(self->in));
	ASSERT_EQ(0, hc_close(self->rw));
	if (variant->cap) {
		EXPECT_EQ(0, reported(self->in));
		ASSERT_EQ(1, get(self->rw, 1));
	}
	EXPECT_REPORT(self->in, EPOLLHUP);
}

/* Once, and again once it is armed again, though nothing has changed. */
TEST(C45_oneshot)
{
	int fd = hc_make(ELEM, 4, 0), ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, ep);
	ASSERT_EQ(0, watch(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT));
	EXPECT_EQ(0, reported(ep));
	ASSERT_EQ(0, put(fd, 0));
	EXPECT_EQ(EPOLLIN, reported(ep));
	EXPECT_EQ(0, reported(ep));
	ASSERT_EQ(0, put(fd, 1));
	EXPECT_EQ(0, reported(ep));
	ASSERT_EQ(0, watch(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT));
	EXPECT_EQ(EPOLLIN, reported(ep));
	EXPECT_EQ(0, reported(ep));
	ASSERT_EQ(1, get(fd, 0));
	ASSERT_EQ(1, get(fd, 1));
	ASSERT_EQ(0, watch(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT));
	EXPECT_EQ(0, reported(ep));
}

/* A batch is one critical section, and still an event for who waits for room. */
TEST(C45_a_batch_is_an_event)
{
	int fd = hc_make(ELEM, 4, 0), ep = epoll_create1(EPOLL_CLOEXEC);
	uint64_t elements[4] = {};

	ASSERT_LE(0, fd);
	ASSERT_LE(0, ep);
	ASSERT_EQ(0, watch(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(sizeof(elements), hc_write(fd, elements, sizeof(elements), 0));
	EXPECT_EQ(EPOLLIN, reported(ep));
	ASSERT_EQ(0, watch(ep, EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLET));
	EXPECT_EQ(0, reported(ep));
	ASSERT_EQ(sizeof(elements), hc_read(fd, elements, sizeof(elements), 0));
	EXPECT_EQ(EPOLLOUT, reported(ep));
}

/*
 * Workers of which each has an epoll instance of its own that listens
 * exclusively, and edge-triggered: each takes what it can get when it is told.
 * If one event were lost, the last elements would lie there for ever.
 */
#define WORKERS 3

struct work {
	int fd;
	uint32_t mode;
	long *taken;
};

static void *worker(void *data)
{
	struct work *work = data;
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;
	uint64_t element;
	int ret;

	hc_must(ep >= 0);
	hc_must(!watch(ep, EPOLL_CTL_ADD, work->fd, EPOLLIN | work->mode));
	do {
		hc_must(epoll_wait(ep, &event, 1, -1) == 1);
		do {
			ret = hc_try_recv(work->fd, &element, ELEM);
			if (ret == 1)
				__atomic_fetch_add(work->taken, 1,
						   __ATOMIC_SEQ_CST);
		} while (ret == 1);
	} while (ret == -EAGAIN);
	hc_must(ret == 0);
	close(ep);
	return NULL;
}

static void no_event_lost(struct __test_metadata *_metadata, uint32_t mode,
			  uint64_t cap)
{
	long taken = 0, n = hc_scale(500), i;
	struct work work = { .mode = mode, .taken = &taken };
	pthread_t thread[WORKERS];
	uint64_t element = 0;
	int fd = hc_make(ELEM, cap, 0);

	ASSERT_LE(0, fd);
	work.fd = hc_narrow(fd, O_RDONLY);
	ASSERT_LE(0, work.fd);
	for (i = 0; i < WORKERS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, worker, &work));
	/* Each send waits for a taker: one that sleeps on is a hang here. */
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, hc_send(fd, &element, ELEM));
	ASSERT_EQ(0, hc_close(fd));
	for (i = 0; i < WORKERS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	EXPECT_EQ(n, taken);
}

TEST(C45_no_event_is_lost_level)
{
	no_event_lost(_metadata, 0, 0);
}

TEST(C45_no_event_is_lost_edge)
{
	no_event_lost(_metadata, EPOLLET, 1);
}

TEST(C45_no_event_is_lost_exclusive)
{
	no_event_lost(_metadata, EPOLLEXCLUSIVE, 0);
}

TEST(C45_no_event_is_lost_exclusive_edge)
{
	no_event_lost(_metadata, EPOLLEXCLUSIVE | EPOLLET, 1);
}

/* Who only looks is nobody's peer: two of them do not make each other ready. */
TEST(C46_observers_are_not_peers)
{
	int fd = hc_make(ELEM, 0, 0), in = epoll_create1(0);
	int out = epoll_create1(0);
	int ro = hc_narrow(fd, O_RDONLY), wo = hc_narrow(fd, O_WRONLY);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, ro);
	ASSERT_LE(0, wo);
	ASSERT_EQ(0, watch(in, EPOLL_CTL_ADD, ro, EPOLLIN | EPOLLET));
	ASSERT_EQ(0, watch(out, EPOLL_CTL_ADD, wo, EPOLLOUT | EPOLLET));
	EXPECT_EQ(0, reported(in));
	EXPECT_EQ(0, reported(out));
	EXPECT_EQ(0, events(ro));
	EXPECT_EQ(0, events(wo));
	EXPECT_EQ(0, events(fd));
	EXPECT_TRUE(hc_parked(fd, 0, 0));
}

/* The same with two who sleep: they are woken by a third only. */
TEST(C46_two_sleeping_observers)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer in, out, sender;

	ch.fd = hc_make(ELEM, 0, 0);
	ASSERT_LE(0, ch.fd);
	hc_start(&in, &ch, O_RDONLY, poll_for, POLLIN, POLLIN);
	hc_start(&out, &ch, O_WRONLY, poll_for, POLLOUT, POLLOUT | POLLHUP);
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
	hc_start(&sender, &ch, O_WRONLY, hc_send_one, HC_IOCTL, ELEM, 3);
	EXPECT_EQ(0, hc_join(&in));
	ASSERT_EQ(1, hc_get_seed(HC_IOCTL, ch.fd, ELEM, 3, false));
	EXPECT_EQ(0, hc_join(&sender));
	/* The other has seen nothing of all that. */
	ASSERT_EQ(0, hc_close(ch.fd));
	EXPECT_EQ(0, hc_join(&out));
}

TEST_HARNESS_MAIN
