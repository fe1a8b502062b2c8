// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop and reset against expiry and receivers (C29): nothing of an old setting is
 * received once they have returned, each setting's element is received once or its
 * end has been prevented, never both and never neither. Elements that were matched
 * and could not be copied out (C38), before and after a stop. Receivers and owners
 * that are killed (C32, C41).
 *
 * A setting's number is in the time at which it is due, so an element says whose it is.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "hchan_pass.h"
#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_timer.h"
#include "load.h"

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(ht_recv_one),
	{}
};

/* --- stale elements -------------------------------------------------------- */

#define NUMBERS	0x100000L	/* and so many nanoseconds of due times are rounded */
#define LAST	(NUMBERS - 1)
#define RACERS	4

static int timer_fd, stop_fd;
#define PREVENTED 200
static uint8_t *received;	/* by number: how often, or PREVENTED */
static long in_force;		/* the last number whose setting has returned */
static bool over;

static void got_one(int64_t due, long oldest)
{
	long number = due & (NUMBERS - 1);

	hc_must(now() >= due);
	if (number == LAST)
		return;
	/* What began after a setting had returned gets nothing older. */
	hc_must(number >= oldest);
	hc_must(!__atomic_fetch_add(&received[number], 1, __ATOMIC_RELAXED));
}

static void *race(void *data)
{
	long how = (long)data, oldest;
	int64_t due, x;
	struct hchan_case c[2] = {
		hc_case_recv(timer_fd, &due, 8),
		hc_case_recv(stop_fd, &x, 8),
	};
	int ret;

	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		oldest = __atomic_load_n(&in_force, __ATOMIC_SEQ_CST);
		switch (how) {
		case 0:
			due = ht_try(timer_fd);
			if (due != -EAGAIN)
				got_one(due, oldest);
			break;
		case 1:
			due = ht_recv_by(timer_fd, CLOCK_MONOTONIC,
					 HCHAN_DEADLINE, now() + 30000);
			if (due != -ETIMEDOUT)
				got_one(due, oldest);
			break;
		case 2:
			c[0].actual = HC_POISON32;
			ret = hc_select(c, 2);
			if (ret == 0)
				got_one(due, oldest);
			break;
		default:
			due = ht_recv(timer_fd);
			got_one(due, oldest);
			break;
		}
	}
	return NULL;
}

/* When it is due, with its number in it: at once, or a little later. */
static int64_t due_of(long number, uint64_t *rng)
{
	int64_t due = now() + load_dice(rng) % (NUMBERS / 2) - NUMBERS / 4;

	return (due & ~(NUMBERS - 1)) | number;
}

TEST(C29_never_stale)
{
	uint64_t rng = now();
	long n = hc_scale(20000), i, was_received = 0, was_prevented = 0;
	pthread_t threads[RACERS];
	int prevented, x = 0;

	hc_must(n < LAST);
	received = load_shared(NUMBERS);
	timer_fd = ht_at(HT_NEVER);
	stop_fd = hc_make(8, 0, 0);
	for (i = 0; i < RACERS; i++)
		hc_must(!pthread_create(&threads[i], NULL, race, (void *)i));
	/* The receivers' only element is of the setting before. */
	for (i = 1; i < n; i++) {
		prevented = ht_set(timer_fd, due_of(i, &rng));
		__atomic_store_n(&in_force, i, __ATOMIC_SEQ_CST);
		if (i > 1) {
			was_prevented += prevented;
			/* Who has received it may have yet to say so. */
			hc_must(!prevented || !received[i - 1]);
			if (prevented)
				received[i - 1] = PREVENTED;
			else
				was_received++;
		}
		if (load_dice(&rng) % 4 == 0)
			ht_until(now() + load_dice(&rng) % 100000);
		if (load_dice(&rng) % 8)
			continue;
		/* A stop between two settings. */
		prevented = ht_stop(timer_fd);
		hc_must(prevented == 0 || !received[i]);
		if (prevented) {
			received[i] = PREVENTED;
			was_prevented++;
		} else {
			was_received++;
		}
		hc_must(ht_stop(timer_fd) == 0);
		i++;
		prevented = ht_set(timer_fd, due_of(i, &rng));
		hc_must(prevented == 0);
		__atomic_store_n(&in_force, i, __ATOMIC_SEQ_CST);
	}
	ht_stop(timer_fd);
	/* They are to end: who is parked gets one more. */
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	n = i - 1;
	for (i = 0; i < RACERS; i++) {
		while (pthread_tryjoin_np(threads[i], NULL)) {
			ht_set(timer_fd, LAST);
			hc_try_send(stop_fd, &x, 8);
			sched_yield();
		}
	}
	for (i = 1; i < n; i++)
		ASSERT_TRUE(received[i] == 1 || received[i] == PREVENTED);
	TH_LOG("%ld received, %ld prevented", was_received, was_prevented);
	EXPECT_LT(0, was_received);
	EXPECT_LT(0, was_prevented);
	close(timer_fd);
	close(stop_fd);
}

/* --- elements that come back ----------------------------------------------- */

#define PAGE 4096

/* A receiver whose page is taken from under it when it is parked. */
struct victim {
	int fd;
	uint8_t *page;
	int uffd;
	int64_t got;
	struct hchan_xfer xfer;
	int ret;
	pthread_t thread;
};

static void *receive(void *data)
{
	struct victim *v = data;

	v->xfer = (struct hchan_xfer) { .buf = (uintptr_t)v->page, .len = 8 };
	v->ret = ioctl(v->fd, HCHAN_IOC_RECV, &v->xfer) < 0 ? -errno : 1;
	return NULL;
}

static void park(struct victim *v, int fd, int parked)
{
	v->fd = fd;
	v->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	hc_must(v->page != MAP_FAILED);
	hc_must(!pthread_create(&v->thread, NULL, receive, v));
	hc_must(!hc_wait_receivers(fd, parked));
}

/* Its copy will stall until the test says how it goes on. */
static void park_stalling(struct victim *v, int fd, int parked)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range.len = PAGE,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	park(v, fd, parked);
	reg.range.start = (uintptr_t)v->page;
	v->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	hc_must(v->uffd >= 0);
	hc_must(!ioctl(v->uffd, UFFDIO_API, &api));
	hc_must(!ioctl(v->uffd, UFFDIO_REGISTER, &reg));
	hc_must(!madvise(v->page, PAGE, MADV_DONTNEED));
}

static void stalled(struct victim *v)
{
	struct uffd_msg msg;

	hc_must(read(v->uffd, &msg, sizeof(msg)) == sizeof(msg));
	hc_must(msg.event == UFFD_EVENT_PAGEFAULT);
}

static int fail(struct victim *v)
{
	struct uffdio_range range = { .start = (uintptr_t)v->page, .len = PAGE };

	hc_must(!munmap(v->page, PAGE));
	hc_must(!ioctl(v->uffd, UFFDIO_WAKE, &range));
	hc_must(!pthread_join(v->thread, NULL));
	close(v->uffd);
	return v->ret;
}

/* C38: it is there again, once; a stop takes it away, and says so. */
TEST(C38_returned)
{
	int fd = ht_at(HT_NEVER), i;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct victim v;

	for (i = 0; i < 6; i++) {
		park(&v, fd, 1);
		hc_must(!munmap(v.page, PAGE));
		ASSERT_EQ(0, ht_set(fd, 7 + i));
		hc_must(!pthread_join(v.thread, NULL));
		ASSERT_EQ(-EFAULT, v.ret);
		ASSERT_EQ(1, poll(&p, 1, 0));
		ASSERT_EQ(0, hc_len(fd));
		if (i % 3 == 0) {
			ASSERT_EQ(7 + i, ht_try(fd));
			ASSERT_EQ(0, ht_stop(fd));
		} else if (i % 3 == 1) {
			ASSERT_EQ(1, ht_stop(fd));
		} else {
			ASSERT_EQ(1, ht_set(fd, HT_NEVER));
		}
		ASSERT_EQ(-EAGAIN, ht_try(fd));
		ASSERT_EQ(0, poll(&p, 1, 0));
	}
	close(fd);
}

/* C29: matched before the stop, it comes back after it: it is gone. */
TEST(C29_returned_too_late)
{
	int fd = ht_at(HT_NEVER), i;
	struct victim v;

	for (i = 0; i < 3; i++) {
		park_stalling(&v, fd, 1);
		ASSERT_EQ(0, ht_set(fd, 7));
		stalled(&v);
		/* It was received, so nothing is prevented. */
		ASSERT_EQ(0, i ? ht_set(fd, i == 1 ? 8 : HT_NEVER) : ht_stop(fd));
		ASSERT_EQ(-EFAULT, fail(&v));
		if (i == 1)
			ASSERT_EQ(8, ht_try(fd));
		ASSERT_EQ(-EAGAIN, ht_try(fd));
		ASSERT_EQ(0, ht_stop(fd));
	}
	/* Not stopped, it is there. */
	park_stalling(&v, fd, 1);
	ASSERT_EQ(0, ht_set(fd, 7));
	stalled(&v);
	ASSERT_EQ(-EAGAIN, ht_try(fd));
	ASSERT_EQ(-EFAULT, fail(&v));
	ASSERT_EQ(7, ht_try(fd));
	close(fd);
}

/* C30: a tick that comes back takes the place of a later one, and of none before. */
TEST(C30_returned_ticks)
{
	int64_t first, second, due;
	int fd = ht_at(HT_NEVER), i;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct victim v[2];

	for (i = 0; i < 2; i++) {
		park_stalling(&v[0], fd, 1);
		park_stalling(&v[1], fd, 2);
		first = now() + HC_MS;
		ASSERT_EQ(0, ht_set_by(fd, HCHAN_TIMER_TICK, first, HC_MS));
		stalled(&v[0]);
		stalled(&v[1]);
		/* A third one waits. */
		ASSERT_EQ(1, poll(&p, 1, -1));
		ASSERT_EQ(0, ht_info(fd).armed);
		/* The later one first, or last. */
		ASSERT_EQ(-EFAULT, fail(&v[!i]));
		ASSERT_EQ(1, poll(&p, 1, 0));
		ASSERT_EQ(0, ht_info(fd).armed);
		ASSERT_EQ(-EFAULT, fail(&v[i]));
		ASSERT_EQ(0, ht_info(fd).armed);
		due = now();
		ASSERT_EQ(first, ht_try(fd));
		/* The others are lost, and it goes on. */
		second = ht_recv(fd);
		ASSERT_LT(due, second);
		ASSERT_EQ(0, (second - first) % HC_MS);
		ASSERT_EQ(1, ht_stop(fd));
	}
	close(fd);
}

/* --- other processes ------------------------------------------------------- */

/* C41: who is killed while it is parked gets nothing, and nobody loses anything. */
TEST(C41_killed_receivers)
{
	struct hc_chan ch = { .between = HC_FORKED };
	struct hc_peer peers[3];
	int i;

	ch.fd = ht_at(HT_NEVER);
	for (i = 0; i < 3; i++) {
		hc_start(&peers[i], &ch, O_RDONLY, ht_recv_one, 7);
		ASSERT_EQ(0, hc_wait_receivers(ch.fd, i + 1));
	}
	ASSERT_EQ(256 + SIGKILL, hc_kill(&peers[0]));
	ASSERT_TRUE(hc_parked(ch.fd, 0, 2));
	ASSERT_EQ(0, ht_set(ch.fd, 7));
	EXPECT_EQ(0, hc_join(&peers[1]));
	ASSERT_EQ(256 + SIGKILL, hc_kill(&peers[2]));
	ASSERT_EQ(0, ht_set(ch.fd, 8));
	EXPECT_EQ(8, ht_try(ch.fd));
	hc_chan_drop(&ch);
}

/* C32: with its last descriptor it is gone, also by kill -9 in the middle of it. */
TEST(C32_killed_owner)
{
	long there = load_channels(), i;
	int status, ready[2], fd = -1, k;
	char byte;
	pid_t pid;

	for (i = 0; i < hc_scale(20); i++) {
		hc_must(!pipe(ready));
		pid = fork();
		if (!pid) {
			for (k = 0; k < 100; k++) {
				fd = ht_ticker(now() + k * 10000,
					       1 + k % 7 * 10000);
				hc_must(fd >= 0);
			}
			hc_must(write(ready[1], "x", 1) == 1);
			for (;;)
				ht_recv(fd);
		}
		hc_must(read(ready[0], &byte, 1) == 1);
		hc_must(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
		close(ready[0]);
		close(ready[1]);
	}
	/* A work may be under way that has the last reference; not for long. */
	while (load_channels() != there)
		sched_yield();
	EXPECT_EQ(there, load_channels());
}

/* C29: in another process it is the same: set here, received or stopped there. */
TEST(C29_between_processes)
{
	int pair[2], fd, narrow, status;
	int64_t due = now() + 2 * HC_MS;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	pid = fork();
	if (!pid) {
		fd = hc_passed(pair[1]);
		hc_must(fd >= 0);
		hc_must(ht_recv(fd) == due);
		/* Set by another one: it goes to who has another descriptor. */
		hc_must(ht_set(fd, 7) == 0);
		hc_must(hc_stat(fd).state == HCHAN_S_TIMER);
		close(fd);
		_exit(0);
	}
	fd = ht_at(due);
	narrow = hc_narrow(fd, O_RDONLY);
	hc_must(!hc_pass(pair[0], narrow));
	close(narrow);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(7, ht_try(fd));
	EXPECT_EQ(0, ht_set(fd, now() + HT_HOUR));
	pid = fork();
	if (!pid)
		_exit(ht_stop(fd));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(1, WEXITSTATUS(status));
	EXPECT_EQ(0, ht_stop(fd));
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

TEST_HARNESS_MAIN
