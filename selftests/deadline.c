// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may end a wait before it is served: a deadline (C40), a signal, and that
 * what has been decided before wins over both (C39).
 */
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

#define ELEM 16

enum dir { RECV, SEND };

/* A call in a thread of its own, to be interrupted. */
struct call {
	int fd;
	enum dir dir;
	enum hc_way way;
	uint32_t flags;
	int64_t deadline;
	int ret;
	pthread_t thread;
	bool done;
};

/* One element, the first with seed 0 that is buffered or parked. */
static int operate(const struct call *call)
{
	uint8_t element[ELEM];

	hc_fill(element, ELEM, 50);
	if (call->way == HC_RW)
		return call->dir == SEND ?
		       hc_put(HC_RW, call->fd, element, ELEM) :
		       hc_get(HC_RW, call->fd, element, ELEM);
	return call->dir == SEND ?
	       hc_send_by(call->fd, element, ELEM, call->flags, call->deadline,
			  NULL) :
	       hc_recv_by(call->fd, element, ELEM, call->flags, call->deadline,
			  NULL);
}

static void *run(void *data)
{
	struct call *call = data;

	call->ret = operate(call);
	__atomic_store_n(&call->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Starts it and waits until it is parked, as the only one. */
static int park(struct call *call)
{
	call->done = false;
	hc_must(!pthread_create(&call->thread, NULL, run, call));
	return hc_wait(call->fd, call->dir == SEND ? HCHAN_W_SENDERS :
						     HCHAN_W_RECEIVERS, 1);
}

static int join(struct call *call)
{
	hc_must(!pthread_join(call->thread, NULL));
	return call->ret;
}

static int handled;

static void handler(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void catch(int flags)
{
	struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = flags,
	};

	hc_must(!sigaction(SIGUSR1, &action, NULL));
}

/* Signals a call that is parked, until its handler has run. */
static void interrupt(struct call *call)
{
	int before = __atomic_load_n(&handled, __ATOMIC_SEQ_CST);

	hc_must(!pthread_kill(call->thread, SIGUSR1));
	while (__atomic_load_n(&handled, __ATOMIC_SEQ_CST) == before)
		sched_yield();
}

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

FIXTURE(wait)
{
	struct call call;
	int fd;
};

FIXTURE_VARIANT(wait)
{
	enum dir dir;
	uint64_t cap;
	bool realtime;
};

FIXTURE_VARIANT_ADD(wait, recv_cap0) { RECV, 0, false };
FIXTURE_VARIANT_ADD(wait, recv_cap2) { RECV, 2, false };
FIXTURE_VARIANT_ADD(wait, recv_cap0_realtime) { RECV, 0, true };
FIXTURE_VARIANT_ADD(wait, send_cap0) { SEND, 0, false };
FIXTURE_VARIANT_ADD(wait, send_cap2) { SEND, 2, false };
FIXTURE_VARIANT_ADD(wait, send_cap2_realtime) { SEND, 2, true };

static void fill(int fd, uint64_t cap)
{
	uint64_t i;

	for (i = 0; i < cap; i++)
		hc_must(!hc_put_seed(HC_IOCTL, fd, ELEM, i, true));
}

/* A channel on which the call has to wait. */
FIXTURE_SETUP(wait)
{
	self->fd = hc_make(ELEM, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	if (variant->dir == SEND)
		fill(self->fd, variant->cap);
	self->call.fd = self->fd;
	self->call.dir = variant->dir;
	self->call.flags = HCHAN_DEADLINE |
			   (variant->realtime ? HCHAN_REALTIME : 0);
}

FIXTURE_TEARDOWN(wait)
{
	close(self->fd);
}

static int64_t now(bool realtime)
{
	return hc_clock(realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC);
}

/* Serves what is parked, and sees that it is what the call says. */
static int serve(struct call *call, uint64_t cap)
{
	if (call->dir == RECV)
		return hc_put_seed(HC_IOCTL, call->fd, ELEM, 1, true);
	/* The oldest; the parked one's if there is nothing else. */
	return hc_get_seed(HC_IOCTL, call->fd, ELEM, cap ? 0 : 50, true) - 1;
}

/* In the past: one try. It waits for nothing, and takes what is there. */
TEST_F(wait, C40_past_is_one_try)
{
	int64_t past[] = { INT64_MIN, -1, 0, 1, now(variant->realtime) };
	struct epoll_event event = {
		.events = EPOLLET | (variant->dir == SEND ? EPOLLIN : EPOLLOUT),
	};
	int ep = epoll_create1(EPOLL_CLOEXEC), i;

	/* Were it parked, and be it briefly, that would be an event (C45). */
	ASSERT_LE(0, ep);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->fd, &event));
	epoll_wait(ep, &event, 1, 0);
	for (i = 0; i < ARRAY_SIZE(past); i++) {
		self->call.deadline = past[i];
		EXPECT_EQ(-ETIMEDOUT, operate(&self->call));
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
		EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	}
	if (variant->cap) {
		if (variant->dir == SEND)
			hc_get_seed(HC_IOCTL, self->fd, ELEM, 0, true);
		else
			fill(self->fd, 1);
		EXPECT_EQ(variant->dir == RECV, operate(&self->call));
	}
}

/* Not before its time, on its own clock; nothing of it stays in the queue. */
TEST_F(wait, C40_not_before_its_time)
{
	int i;

	for (i = 0; i < 3; i++) {
		self->call.deadline = now(variant->realtime) + (5 + i) * HC_MS;
		EXPECT_EQ(-ETIMEDOUT, operate(&self->call));
		EXPECT_LE(self->call.deadline, now(variant->realtime));
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	}
	/* Were it still there, it would be served now. */
	EXPECT_EQ(variant->dir == SEND ? variant->cap : 0, hc_len(self->fd));
	if (variant->dir == SEND && variant->cap)
		EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, ELEM, 0, true));
	EXPECT_EQ(variant->dir == SEND && variant->cap ? variant->cap - 1 : 0,
		  hc_len(self->fd));
}

/* The farthest ones are not "now" by any arithmetic. */
TEST_F(wait, C40_the_farthest_never_comes)
{
	int64_t far[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX - 1000000000,
			  INT64_MAX / 2 };
	int i;

	for (i = 0; i < ARRAY_SIZE(far); i++) {
		self->call.deadline = far[i];
		ASSERT_EQ(0, park(&self->call));
		ASSERT_EQ(0, serve(&self->call, variant->cap));
		EXPECT_EQ(variant->dir == RECV, join(&self->call));
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
		if (variant->dir == SEND && variant->cap)
			break;		/* its element is in the buffer now */
	}
}

/* One that waits and is served in time is served. */
TEST_F(wait, C40_in_time)
{
	self->call.deadline = now(variant->realtime) + HC_PATIENCE;
	ASSERT_EQ(0, park(&self->call));
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
}

/* Restarted again and again, it still ends at its time. */
TEST_F(wait, C40_a_restart_never_extends)
{
	int64_t length = 20 * HC_MS;

	catch(SA_RESTART);
	/* On a busy machine it may be over before the first signal comes. */
	for (; !handled; length *= 2) {
		self->call.done = false;
		self->call.deadline = now(variant->realtime) + length;
		hc_must(!pthread_create(&self->call.thread, NULL, run,
					&self->call));
		/* Would each start anew, these would keep it waiting for ever. */
		while (!__atomic_load_n(&self->call.done, __ATOMIC_SEQ_CST)) {
			pthread_kill(self->call.thread, SIGUSR1);
			sched_yield();
		}
		EXPECT_EQ(-ETIMEDOUT, join(&self->call));
		EXPECT_LE(self->call.deadline, now(variant->realtime));
	}
}

/* Without SA_RESTART: EINTR, and it has not happened. */
TEST_F(wait, C39_interrupted)
{
	struct hchan_stat before = hc_stat(self->fd), after;
	int way;

	catch(0);
	self->call.flags = 0;
	for (way = HC_IOCTL; way <= HC_RW; way++) {
		self->call.way = way;
		ASSERT_EQ(0, park(&self->call));
		interrupt(&self->call);
		EXPECT_EQ(-EINTR, join(&self->call));
		after = hc_stat(self->fd);
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	}
}

/* With it, it waits on: it is parked again, and served. */
TEST_F(wait, C39_restarted)
{
	catch(SA_RESTART);
	self->call.flags = 0;
	self->call.way = variant->cap ? HC_RW : HC_IOCTL;
	ASSERT_EQ(0, park(&self->call));
	interrupt(&self->call);
	/* Its old place is gone since before the handler ran. */
	ASSERT_EQ(0, hc_wait(self->fd, variant->dir == SEND ?
			     HCHAN_W_SENDERS : HCHAN_W_RECEIVERS, 1));
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
}

/* A signal comes between the match and its return: it has happened. */
TEST_F(wait, C39_success_wins_over_a_signal)
{
	catch(0);
	hc_run_first();
	self->call.flags = 0;
	ASSERT_EQ(0, park(&self->call));
	/* It does not run again before join(). */
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	ASSERT_EQ(0, pthread_kill(self->call.thread, SIGUSR1));
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
	EXPECT_EQ(1, handled);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* The signal came first, but so far nobody has taken the call back. */
TEST_F(wait, C39_match_before_the_signal_is_seen)
{
	catch(0);
	hc_run_first();
	self->call.flags = 0;
	ASSERT_EQ(0, park(&self->call));
	ASSERT_EQ(0, pthread_kill(self->call.thread, SIGUSR1));
	EXPECT_EQ(0, handled);
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
	EXPECT_EQ(1, handled);
}

/* Parks it with a deadline that is near, though not so near that it passes. */
static int park_briefly(struct call *call, bool realtime)
{
	struct hchan_wait wait = {
		.what = call->dir == SEND ? HCHAN_W_SENDERS : HCHAN_W_RECEIVERS,
		.flags = call->flags,
		.count = 1,
	};
	int64_t length = 10 * HC_MS;

	do {
		length *= 2;
		call->deadline = now(realtime) + length;
		wait.deadline = call->deadline;
		hc_must(!pthread_create(&call->thread, NULL, run, call));
		if (!hc_wait_for(call->fd, &wait))
			return 0;
		hc_must(join(call) == -ETIMEDOUT);
	} while (length < HC_PATIENCE);
	return -ETIMEDOUT;
}

/* The same with the deadline, which passes after the match, */
TEST_F(wait, C39_success_wins_over_the_deadline)
{
	hc_run_first();
	ASSERT_EQ(0, park_briefly(&self->call, variant->realtime));
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	while (now(variant->realtime) <= self->call.deadline + HC_MS)
		;
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* ... or before it, but nobody has taken the call back so far. */
TEST_F(wait, C39_match_before_the_deadline_is_seen)
{
	hc_run_first();
	ASSERT_EQ(0, park_briefly(&self->call, variant->realtime));
	while (now(variant->realtime) <= self->call.deadline + HC_MS)
		;
	ASSERT_EQ(0, serve(&self->call, variant->cap));
	EXPECT_EQ(variant->dir == RECV, join(&self->call));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Flags that go together, and those that do not. */
TEST_F(wait, C40_flags)
{
	struct { uint32_t flags; int64_t deadline; int error; } table[] = {
		{ HCHAN_NOWAIT, 0, EAGAIN },
		{ HCHAN_DEADLINE, 0, ETIMEDOUT },
		{ HCHAN_DEADLINE | HCHAN_REALTIME, 0, ETIMEDOUT },
		{ 0, 1, EINVAL },
		{ HCHAN_NOWAIT, 1, EINVAL },
		{ HCHAN_NOWAIT | HCHAN_DEADLINE, 0, EINVAL },
		{ HCHAN_NOWAIT | HCHAN_REALTIME, 0, EINVAL },
		{ HCHAN_REALTIME, 0, EINVAL },
		{ HCHAN_SOME, 0, EINVAL },
		{ HCHAN_NOWAIT | 1 << 4, 0, EINVAL },
		{ HCHAN_NOWAIT | 1U << 31, 0, EINVAL },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		self->call.flags = table[i].flags;
		self->call.deadline = table[i].deadline;
		EXPECT_EQ(-table[i].error, operate(&self->call));
	}
	/* The file's O_NONBLOCK does not wait for a deadline either (C43). */
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	self->call.flags = HCHAN_DEADLINE;
	self->call.deadline = hc_in(HC_PATIENCE);
	EXPECT_EQ(-EAGAIN, operate(&self->call));
}

/* Batches and read(2), write(2) that are interrupted: arg in the struct. */
struct many {
	int fd;
	enum dir dir;
	enum hc_way way;
	int n;
	ssize_t ret;
	pthread_t thread;
};

static void *run_many(void *data)
{
	struct many *many = data;
	uint8_t *buf = calloc(many->n, ELEM);

	if (many->way == HC_RW) {
		many->ret = many->dir == SEND ?
			    hc_write(many->fd, buf, many->n * ELEM, 0) :
			    hc_read(many->fd, buf, many->n * ELEM, 0);
		if (many->ret > 0)
			many->ret /= ELEM;
	} else {
		many->ret = many->dir == SEND ?
			    hc_sendn_by(many->fd, buf, ELEM, many->n, NULL, 0,
					0, NULL) :
			    hc_recvn_by(many->fd, buf, ELEM, many->n, NULL, 0,
					0, NULL);
	}
	free(buf);
	return NULL;
}

FIXTURE(many)
{
	struct many many;
};

FIXTURE_VARIANT(many)
{
	enum dir dir;
	enum hc_way way;
	int flags;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(many, sendn_cap0) { SEND, HC_IOCTL, 0, 0 };
FIXTURE_VARIANT_ADD(many, sendn_cap1_restart) { SEND, HC_IOCTL, SA_RESTART, 1 };
FIXTURE_VARIANT_ADD(many, recvn_cap0_restart) { RECV, HC_IOCTL, SA_RESTART, 0 };
FIXTURE_VARIANT_ADD(many, recvn_cap1) { RECV, HC_IOCTL, 0, 1 };
FIXTURE_VARIANT_ADD(many, write_cap0_restart) { SEND, HC_RW, SA_RESTART, 0 };
FIXTURE_VARIANT_ADD(many, write_cap1) { SEND, HC_RW, 0, 1 };

FIXTURE_SETUP(many)
{
	self->many = (struct many) {
		.dir = variant->dir,
		.way = variant->way,
		.n = variant->cap + 5,
	};
	self->many.fd = hc_make(ELEM, variant->cap, 0);
	ASSERT_LE(0, self->many.fd);
	catch(variant->flags);
}

FIXTURE_TEARDOWN(many)
{
	close(self->many.fd);
}

/* k > 0 were moved: the signal is no error, restart or not. */
TEST_F(many, C39_interrupted_batch_reports_what_was_moved)
{
	struct many *many = &self->many;
	uint8_t element[ELEM] = {};
	int i, k = 2;

	ASSERT_EQ(0, pthread_create(&many->thread, NULL, run_many, many));
	ASSERT_EQ(0, hc_wait(many->fd, many->dir == SEND ? HCHAN_W_SENDERS :
						   HCHAN_W_RECEIVERS, 1));
	for (i = 0; i < k; i++) {
		int ret = many->dir == SEND ?
			  hc_try_recv(many->fd, element, ELEM) - 1 :
			  hc_try_send(many->fd, element, ELEM);

		ASSERT_EQ(0, ret);
	}
	ASSERT_EQ(0, pthread_kill(many->thread, SIGUSR1));
	ASSERT_EQ(0, pthread_join(many->thread, NULL));
	/* Those in the buffer are sent as well. */
	if (many->dir == SEND)
		k += variant->cap;
	EXPECT_EQ(k, many->ret);
	EXPECT_EQ(1, handled);
	EXPECT_TRUE(hc_parked(many->fd, 0, 0));
	EXPECT_EQ(many->dir == SEND ? variant->cap : 0, hc_len(many->fd));
}

TEST_HARNESS_MAIN
