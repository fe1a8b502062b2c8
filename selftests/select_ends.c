// SPDX-License-Identifier: GPL-2.0-only
/*
 * What else ends a select that is parked: its deadline (C40), a signal (C39), the
 * end of its task (C41), or that what it received can not be copied out (C38).
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

#define PAGE 4096

/* Peers. */

static int channel_b = -1;

/* Parks on @fd and on channel_b, which it has by fork. arg: send or receive */
static int select_two(int fd, const long *arg)
{
	struct sel s = { 0 };

	if (arg[0]) {
		sel_send(&s, fd, 5);
		sel_send(&s, channel_b, 6);
	} else {
		sel_recv(&s, fd);
		sel_recv(&s, channel_b);
	}
	return sel_run(&s);
}

const struct hc_body_entry hc_bodies[] = { HC_BODY(select_two), {} };

/* hc_start() would take channel_b from it. */
static pid_t start(int fd, long send)
{
	pid_t self = getpid(), pid = fork();

	hc_must(pid >= 0);
	if (!pid) {
		hc_die_with(self);
		_exit(select_two(fd, &send));
	}
	return pid;
}

/* Serves the one who is parked first, on @a: it is its first case. */
static void serve(int a, bool send)
{
	if (send)
		hc_must(sel_get(a) == 5);
	else
		sel_put(a, 5);
}

static int reap(pid_t pid)
{
	int status;

	hc_must(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

#define KILLED (256 + SIGKILL)

FIXTURE(ends)
{
	int a, b;
	struct sel s;
};

FIXTURE_VARIANT(ends)
{
	bool send;
	bool realtime;
};

FIXTURE_VARIANT_ADD(ends, receives) { false, false };
FIXTURE_VARIANT_ADD(ends, sends_realtime) { true, true };

FIXTURE_SETUP(ends)
{
	self->a = sel_make(0);
	self->b = sel_make(1);
	channel_b = self->b;
	if (variant->send) {
		sel_put(self->b, 77);
		sel_send(&self->s, self->a, 5);
		sel_send(&self->s, self->b, 6);
	} else {
		sel_recv(&self->s, self->a);
		sel_recv(&self->s, self->b);
	}
}

FIXTURE_TEARDOWN(ends)
{
	close(self->a);
	close(self->b);
}

#define NOW() hc_clock(variant->realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC)
#define WHAT (variant->send ? HCHAN_W_SENDERS : HCHAN_W_RECEIVERS)
#define UNTIL(at)							\
	do {								\
		self->s.flags = HCHAN_DEADLINE |			\
			(variant->realtime ? HCHAN_REALTIME : 0);	\
		self->s.deadline = (at);				\
	} while (0)

/* Nothing of it is left, and b holds what it held. */
#define EXPECT_NOTHING_LEFT()						\
	do {								\
		EXPECT_TRUE(hc_parked(self->a, 0, 0));			\
		EXPECT_TRUE(hc_parked(self->b, 0, 0));			\
		EXPECT_TRUE(sel_empty(self->a));			\
		EXPECT_EQ(-EAGAIN, sel_try_put(self->a, 1));		\
		if (variant->send)					\
			EXPECT_EQ(77, sel_get(self->b));		\
		EXPECT_TRUE(sel_empty(self->b));			\
	} while (0)

/*
 * Starts it with a deadline @span from now, and waits until it is parked; again, with
 * more time, if the machine is so slow that it was over before.
 */
#define START_UNTIL(span)						\
	do {								\
		struct hchan_wait wait = {				\
			.what = WHAT,					\
			.flags = HCHAN_DEADLINE,			\
			.count = 1,					\
		};							\
		int64_t ns = (span);					\
		int seen;						\
									\
		for (;; ns *= 4) {					\
			UNTIL(NOW() + ns);				\
			wait.deadline = hc_in(ns);			\
			sel_start(&self->s);				\
			seen = hc_wait_for(self->a, &wait);		\
			if (!seen)					\
				break;					\
			ASSERT_EQ(-ETIMEDOUT, seen);			\
			ASSERT_EQ(-ETIMEDOUT, sel_join(&self->s));	\
		}							\
	} while (0)

TEST_F(ends, c40_past_is_one_try)
{
	int64_t past[] = { INT64_MIN, -1, 0, 1, NOW() };
	int i;

	for (i = 0; i < ARRAY_SIZE(past); i++) {
		UNTIL(past[i]);
		EXPECT_EQ(-ETIMEDOUT, sel_run(&self->s));
	}
	/* It takes what is there. */
	if (variant->send)
		hc_must(sel_get(self->b) == 77);
	else
		sel_put(self->b, 6);
	EXPECT_EQ(1, sel_run(&self->s));
	EXPECT_EQ(6, variant->send ? sel_get(self->b) : self->s.x[1]);
}

TEST_F(ends, c40_not_before_its_time)
{
	int i;

	for (i = 0; i < 3; i++) {
		UNTIL(NOW() + (5 + i) * HC_MS);
		EXPECT_EQ(-ETIMEDOUT, sel_run(&self->s));
		EXPECT_LE(self->s.deadline, NOW());
	}
	EXPECT_NOTHING_LEFT();
}

/* The farthest does not overflow into now. */
TEST_F(ends, c31_farthest)
{
	UNTIL(INT64_MAX);
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	serve(self->a, variant->send);
	EXPECT_EQ(0, sel_join(&self->s));
}

/* What is decided wins over the deadline that has passed meanwhile. */
TEST_F(ends, c39_success_wins_over_deadline)
{
	hc_run_first();
	START_UNTIL(300 * HC_MS);
	serve(self->a, variant->send);
	/* Nobody else runs here before it has passed. */
	while (NOW() < self->s.deadline)
		;
	EXPECT_EQ(0, sel_join(&self->s));
	EXPECT_TRUE(sel_ok(&self->s, 0));
}

static int handled;

static void handler(int sig)
{
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void catch(int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	hc_must(!sigaction(SIGUSR1, &action, NULL));
}

TEST_F(ends, c39_eintr)
{
	catch(0);
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait(self->b, WHAT, 1));
	ASSERT_EQ(0, pthread_kill(self->s.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, sel_join(&self->s));
	EXPECT_EQ(1, handled);
	EXPECT_NOTHING_LEFT();
}

/* What is decided wins over the signal, which is there all the same. */
TEST_F(ends, c39_success_wins_over_signal)
{
	hc_run_first();
	catch(0);
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	serve(self->a, variant->send);
	ASSERT_EQ(0, pthread_kill(self->s.thread, SIGUSR1));
	EXPECT_EQ(0, sel_join(&self->s));
	EXPECT_TRUE(sel_ok(&self->s, 0));
	EXPECT_EQ(1, handled);
}

/* Restarted as often as one likes: the deadline stays where it is. */
TEST_F(ends, c39_c40_restarts)
{
	int n = 0;

	catch(SA_RESTART);
	START_UNTIL(60 * HC_MS);
	while (NOW() < self->s.deadline - 10 * HC_MS) {
		ASSERT_EQ(0, pthread_kill(self->s.thread, SIGUSR1));
		n++;
		while (__atomic_load_n(&handled, __ATOMIC_SEQ_CST) < n)
			sched_yield();
	}
	EXPECT_EQ(-ETIMEDOUT, sel_join(&self->s));
	EXPECT_LE(self->s.deadline, NOW());
	EXPECT_NOTHING_LEFT();
}

TEST_F(ends, c39_served_after_a_restart)
{
	catch(SA_RESTART);
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	ASSERT_EQ(0, pthread_kill(self->s.thread, SIGUSR1));
	while (!__atomic_load_n(&handled, __ATOMIC_SEQ_CST))
		sched_yield();
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	if (variant->send) {
		while (hc_try_recv(self->a, &self->s.x[2], 8) == -EAGAIN)
			sched_yield();
		EXPECT_EQ(5, self->s.x[2]);
	} else {
		while (sel_try_put(self->a, 5) == -EAGAIN)
			sched_yield();
	}
	EXPECT_EQ(0, sel_join(&self->s));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
	EXPECT_TRUE(hc_parked(self->b, 0, 0));
}

/* The one in the middle vanishes from all queues; the next one is served. */
TEST_F(ends, c41_killed)
{
	pid_t pid[3];
	int i;

	for (i = 0; i < 3; i++) {
		pid[i] = start(self->a, variant->send);
		ASSERT_EQ(0, hc_wait(self->a, WHAT, i + 1));
	}
	ASSERT_EQ(0, kill(pid[1], SIGKILL));
	EXPECT_EQ(KILLED, reap(pid[1]));
	EXPECT_TRUE(hc_parked(self->a, variant->send * 2, !variant->send * 2));
	EXPECT_TRUE(hc_parked(self->b, variant->send * 2, !variant->send * 2));
	serve(self->a, variant->send);
	if (variant->send)	/* ... and the parked one's goes there (C7) */
		hc_must(sel_get(self->b) == 77);
	else
		sel_put(self->b, 1);
	EXPECT_EQ(0, reap(pid[0]));
	EXPECT_EQ(1, reap(pid[2]));
	EXPECT_EQ(!variant->send ? 0 : 1, hc_len(self->b));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
	EXPECT_TRUE(hc_parked(self->b, 0, 0));
}

/* Killed before it ran again: what was matched has happened, and only that. */
TEST_F(ends, c41_matched_and_killed)
{
	pid_t pid;

	hc_run_first();
	pid = start(self->a, variant->send);
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	serve(self->a, variant->send);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(KILLED, reap(pid));
	EXPECT_NOTHING_LEFT();
}

/* The signal is there, but it is still parked: then it is matched. */
TEST_F(ends, c41_killed_and_matched)
{
	pid_t pid;

	hc_run_first();
	pid = start(self->a, variant->send);
	ASSERT_EQ(0, hc_wait(self->a, WHAT, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	serve(self->a, variant->send);
	EXPECT_EQ(KILLED, reap(pid));
	EXPECT_NOTHING_LEFT();
}

/* The receiver's page goes while it is parked: the element is returned. */
static void returned(struct __test_metadata *_metadata, uint32_t size,
		     uint64_t cap)
{
	int a = hc_make(size, cap, 0), b = sel_make(0);
	uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *elem = malloc(size);
	struct sel s = { 0 };

	ASSERT_NE(MAP_FAILED, page);
	hc_fill(elem, size, 1);
	sel_recv(&s, b);
	sel_add(&s, hc_case_recv(a, page, size));
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	ASSERT_EQ(0, munmap(page, PAGE));
	ASSERT_EQ(0, hc_try_send(a, elem, size));
	EXPECT_EQ(-EFAULT, sel_join(&s));
	EXPECT_EQ(1, s.index);
	EXPECT_EQ(1, hc_len(a));
	if (cap) {
		hc_fill(elem, size, 2);
		ASSERT_EQ(0, hc_try_send(a, elem, size));
	}
	EXPECT_EQ(1, hc_try_recv(a, elem, size));
	EXPECT_TRUE(hc_is(elem, size, 1));
	if (cap) {
		EXPECT_EQ(1, hc_try_recv(a, elem, size));
		EXPECT_TRUE(hc_is(elem, size, 2));
	}
	EXPECT_EQ(0, hc_len(a));
	EXPECT_TRUE(hc_parked(b, 0, 0));
}

TEST(c38_returned_inline) { returned(_metadata, 40, 0); }
TEST(c38_returned_inline_buffered) { returned(_metadata, 40, 3); }
TEST(c38_returned_above_inline) { returned(_metadata, 3000, 0); }

/* The cases themselves go: no place to say what happened. */
struct raw {
	struct hchan_select sel;
	int ret;
	pthread_t thread;
};

static void *raw_select(void *data)
{
	struct raw *raw = data;
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);

	raw->ret = ioctl(dev, HCHAN_IOC_SELECT, &raw->sel);
	if (raw->ret < 0)
		raw->ret = -errno;
	close(dev);
	return NULL;
}

TEST(c38_cases_unmapped)
{
	int a = sel_make(0);
	struct hchan_case *c = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct raw raw = { .sel = { .cases = (uintptr_t)c, .count = 2 } };
	uint64_t x = 0;

	ASSERT_NE(MAP_FAILED, c);
	c[0] = hc_case_nil();
	c[1] = hc_case_recv(a, &x, sizeof(x));
	ASSERT_EQ(0, pthread_create(&raw.thread, NULL, raw_select, &raw));
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	ASSERT_EQ(0, munmap(c, PAGE));
	sel_put(a, 3);
	ASSERT_EQ(0, pthread_join(raw.thread, NULL));
	EXPECT_EQ(-EFAULT, raw.ret);
	EXPECT_EQ(1, raw.sel.index);
	EXPECT_EQ(1, hc_len(a));
	EXPECT_EQ(3, sel_get(a));
}

TEST_HARNESS_MAIN
