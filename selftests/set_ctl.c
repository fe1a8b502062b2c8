// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing a set: numbers, limits, what is refused and then leaves everything as
 * it was (C26, C48), and cases that go with their open file.
 */
#include <poll.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

static uint64_t x;

static struct hchan_case recv_case(int fd)
{
	return hc_case_recv(fd, &x, sizeof(x));
}

static int put(int set, uint32_t id, struct hchan_case c)
{
	return hc_set_ctl(set, HCHAN_SET_PUT, id, &c);
}

static int change(int set, uint32_t op, uint32_t id)
{
	return hc_set_ctl(set, op, id, NULL);
}

/* The lowest that is free; put makes any. */
TEST(numbers)
{
	int a = sel_make(1), set = hc_set(), i;

	for (i = 0; i < 10; i++)
		ASSERT_EQ(i, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(0, change(set, HCHAN_SET_REMOVE, 4));
	ASSERT_EQ(0, change(set, HCHAN_SET_REMOVE, 2));
	EXPECT_EQ(-ENOENT, change(set, HCHAN_SET_REMOVE, 2));
	ASSERT_EQ(2, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(4, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(10, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(0, put(set, 65534, recv_case(a)));
	ASSERT_EQ(0, put(set, 65534, hc_case_nil()));
	EXPECT_EQ(-ENOENT, change(set, HCHAN_SET_ENABLE, 65534));
	ASSERT_EQ(0, put(set, 12, recv_case(a)));
	ASSERT_EQ(11, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(13, hc_set_add(set, recv_case(a)));
}

/* Go's ch = nil, and back; another channel and direction in its place. */
TEST(c04_put)
{
	int a = sel_make(1), b = sel_make(1), set = hc_set();
	struct hchan_set_select out;
	uint64_t y = 8;

	ASSERT_EQ(0, hc_set_add(set, recv_case(a)));
	sel_put(a, 1);
	ASSERT_EQ(0, put(set, 0, hc_case_nil()));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	ASSERT_EQ(0, put(set, 0, hc_case_send(b, &y, sizeof(y))));
	ASSERT_EQ(0, hc_set_try(set, &out));
	EXPECT_EQ(1, out.live);
	EXPECT_EQ(8, sel_get(b));
	EXPECT_EQ(1, sel_get(a));
	ASSERT_EQ(0, change(set, HCHAN_SET_DISABLE, 0));
	ASSERT_EQ(0, change(set, HCHAN_SET_DISABLE, 0));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	/* A case that is put is enabled. */
	ASSERT_EQ(0, put(set, 0, recv_case(a)));
	sel_put(a, 2);
	ASSERT_EQ(0, hc_set_try(set, &out));
	EXPECT_EQ(1, out.live);
	EXPECT_EQ(2, x);
}

/* How many are live after each change. */
TEST(live)
{
	int end = sel_make(0), a = sel_make(0), set = hc_set(), dup;
	struct hchan_set_select out;
	struct hchan_case c;

	ASSERT_EQ(0, hc_close(end));
	ASSERT_EQ(0, hc_set_add(set, recv_case(end)));
	ASSERT_EQ(1, hc_set_add(set, recv_case(a)));
	dup = hc_narrow(a, O_RDONLY);
	ASSERT_EQ(2, hc_set_add(set, recv_case(dup)));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(3, out.live);
	ASSERT_EQ(0, close(dup));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(2, out.live);
	ASSERT_EQ(0, change(set, HCHAN_SET_DISABLE, 1));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(1, out.live);
	ASSERT_EQ(0, change(set, HCHAN_SET_ENABLE, 1));
	ASSERT_EQ(0, change(set, HCHAN_SET_ENABLE, 1));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(2, out.live);
	c = recv_case(end);
	c.flags = HCHAN_CASE_DROP;
	ASSERT_EQ(0, put(set, 0, c));
	ASSERT_EQ(0, hc_set_select(set, &out));
	EXPECT_EQ(1, out.live);
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
}

/* Whether the set is as it was: one case, 0, on an empty channel. */
static bool same(int set, int a)
{
	uint64_t was = x = 77;

	sel_put(a, was + 1);
	return hc_set_try(set, NULL) == 0 && x == was + 1 &&
	       hc_set_try(set, NULL) == -EAGAIN &&
	       change(set, HCHAN_SET_DISABLE, 1) == -ENOENT;
}

TEST(c48_refused)
{
	int a = sel_make(1), set = hc_set(), fd = hc_make(0, 0, 0);
	struct hchan_set_ctl ctl = { .op = HCHAN_SET_REMOVE + 1 };
	struct hchan_case bad[12];
	int error[12], n = 0, i;

	ASSERT_EQ(0, hc_set_add(set, recv_case(a)));
#define BAD(c, e) do { bad[n] = (c); error[n++] = (e); } while (0)
	BAD(recv_case(-1), -EBADF);
	BAD(recv_case(set), -EBADF);
	BAD(recv_case(hc_narrow(a, O_WRONLY)), -EBADF);
	BAD(hc_case_send(hc_narrow(a, O_RDONLY), &x, 8), -EBADF);
	BAD(hc_case_send(a, &x, 7), -EMSGSIZE);
	BAD(hc_case_recv(a, &x, 7), -EMSGSIZE);
	BAD(hc_case_poll(a, POLLIN), -EINVAL);
	BAD(hc_case(9, a, &x, 8), -EINVAL);
	BAD(recv_case(a), -EINVAL);
	bad[n - 1].flags = 2;
	for (i = 0; i < n; i++) {
		EXPECT_EQ(error[i], hc_set_add(set, bad[i]));
		EXPECT_EQ(error[i], put(set, 0, bad[i]));
		EXPECT_EQ(error[i], put(set, 5, bad[i]));
		EXPECT_TRUE(same(set, a));
	}
	EXPECT_EQ(-EINVAL, hc_set_add(set, hc_case_nil()));
	EXPECT_EQ(-EINVAL, put(set, 65535, recv_case(a)));
	EXPECT_EQ(-EINVAL, put(set, UINT32_MAX, recv_case(a)));
	EXPECT_EQ(-ENOENT, change(set, HCHAN_SET_DISABLE, UINT32_MAX));
	EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SET_CTL, &ctl));
	EXPECT_EQ(EINVAL, errno);
	/* What is said of no case has to be zero. */
	for (i = 0; i < sizeof(ctl.c); i++) {
		ctl = (struct hchan_set_ctl) { .op = HCHAN_SET_DISABLE };
		((uint8_t *)&ctl.c)[i] = 1;
		EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SET_CTL, &ctl));
		EXPECT_EQ(EINVAL, errno);
	}
	for (i = offsetof(struct hchan_case, actual); i < sizeof(ctl.c); i += 4) {
		ctl = (struct hchan_set_ctl) { .c = recv_case(a) };
		memset(&ctl.c.actual, 0, 12);
		((uint8_t *)&ctl.c)[i] = 1;
		EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SET_CTL, &ctl));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SET_CTL, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SET_SELECT, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(set, HCHAN_IOC_SEND, NULL));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_SET_SELECT, NULL));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-EINVAL, hc_set_select_by(set, 0x80, 0, NULL));
	EXPECT_EQ(-EINVAL, hc_set_select_by(set, 0, 1, NULL));
	EXPECT_EQ(-EINVAL, hc_set_select_by(set, HCHAN_NOWAIT | HCHAN_DEADLINE,
					    0, NULL));
	EXPECT_TRUE(same(set, a));
}

TEST(c48_create)
{
	struct hchan_set arg = { .open_flags = O_APPEND };
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC), a = sel_make(0), set;

	EXPECT_EQ(-1, ioctl(dev, HCHAN_IOC_SET, &arg));
	EXPECT_EQ(EINVAL, errno);
	arg = (struct hchan_set) { .__reserved = 1 };
	EXPECT_EQ(-1, ioctl(dev, HCHAN_IOC_SET, &arg));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(dev, HCHAN_IOC_SET, NULL));
	EXPECT_EQ(EFAULT, errno);
	arg = (struct hchan_set) { .open_flags = O_CLOEXEC | O_NONBLOCK };
	set = ioctl(a, HCHAN_IOC_SET, &arg);
	ASSERT_LE(0, set);
	EXPECT_EQ(FD_CLOEXEC, fcntl(set, F_GETFD));
	EXPECT_EQ(-EAGAIN, hc_set_select(set, NULL));
}

/* 256 watch a channel; what is in their place stays when there is no more. */
TEST(c50_watchers)
{
	int a = sel_make(1), b = sel_make(1), set = hc_set(), i;

	for (i = 0; i < 256; i++)
		ASSERT_EQ(i, hc_set_add(set, recv_case(a)));
	EXPECT_EQ(-ENOSPC, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(256, hc_set_add(set, recv_case(b)));
	EXPECT_EQ(-ENOSPC, put(set, 256, recv_case(a)));
	sel_put(b, 5);
	EXPECT_EQ(256, hc_set_try(set, NULL));
	EXPECT_EQ(5, x);
	EXPECT_EQ(-EBUSY, hc_wait_senders(a, 1));
	ASSERT_EQ(0, change(set, HCHAN_SET_REMOVE, 9));
	EXPECT_EQ(9, hc_set_add(set, recv_case(a)));
	/* All of them are told. */
	sel_put(a, 1);
	EXPECT_LE(0, hc_set_try(set, NULL));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
}

FIXTURE(many)
{
};

FIXTURE_SETUP(many)
{
}

FIXTURE_TEARDOWN(many)
{
}

/* As many cases as there may be, and no more. */
TEST_F_TIMEOUT(many, c26_many, 200)
{
	int set = hc_set(), i, fd[264];
	struct rlimit files = { 400, 400 };

	setrlimit(RLIMIT_NOFILE, &files);
	for (i = 0; i < 264; i++)
		fd[i] = sel_make(1);
	for (i = 0; i < 65535; i++)
		ASSERT_EQ(i, hc_set_add(set, recv_case(fd[i % 264])));
	EXPECT_EQ(-ENOSPC, hc_set_add(set, recv_case(fd[0])));
	EXPECT_EQ(-ENOSPC, hc_set_add(set, recv_case(fd[263])));
	/* One in place of another is no more. */
	EXPECT_EQ(0, put(set, 100, recv_case(fd[263])));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_EQ(-ETIMEDOUT, hc_set_select_by(set, HCHAN_DEADLINE,
					       hc_in(HC_MS), NULL));
	sel_put(fd[77], 4);
	EXPECT_EQ(77, hc_set_select(set, NULL) % 264);
	EXPECT_EQ(4, x);
	EXPECT_TRUE(hc_parked(fd[5], 0, 0));
	close(set);
	EXPECT_EQ(-ETIMEDOUT, hc_wait_for(fd[0], &(struct hchan_wait) {
		  .what = HCHAN_W_SENDERS, .count = 1,
		  .flags = HCHAN_DEADLINE, .deadline = hc_in(HC_MS) }));
}

/* Whoever keeps a copy of the set is told that a case has gone by itself. */
TEST(c17_lost)
{
	int a = sel_make(1), b = sel_make(1), set = hc_set();

	ASSERT_EQ(0, hc_set_add(set, recv_case(a)));
	ASSERT_EQ(1, hc_set_add(set, recv_case(b)));
	sel_put(b, 2);
	ASSERT_EQ(1, hc_set_select_by(set, HCHAN_LOST, 0, NULL));
	ASSERT_EQ(0, close(a));
	sel_put(b, 3);
	EXPECT_EQ(-ESTALE, hc_set_select_by(set, HCHAN_LOST, 0, NULL));
	EXPECT_EQ(1, hc_len(b));
	EXPECT_EQ(1, hc_set_select_by(set, HCHAN_LOST, 0, NULL));
	EXPECT_EQ(-ENOENT, change(set, HCHAN_SET_REMOVE, 0));
	EXPECT_EQ(0, hc_set_add(set, recv_case(b)));
}

/* A case's last descriptor may be closed by anybody, in the middle of anything. */
struct closer {
	int queue;
	int rounds;
};

static void *close_them(void *data)
{
	struct closer *closer = data;
	uint64_t fd;

	while (hc_recv(closer->queue, &fd, sizeof(fd)) == 1)
		close(fd);
	return NULL;
}

/* Only a select of another task makes the set busy. */
TEST(c17_lost_is_nobody_at_work)
{
	struct closer closer = { sel_make(4), hc_scale(3000) };
	int a = sel_make(0), set = hc_set(), i, k, ret;
	pthread_t thread;
	uint64_t fd;

	ASSERT_EQ(0, pthread_create(&thread, NULL, close_them, &closer));
	for (i = 0; i < closer.rounds; i++) {
		fd = hc_narrow(a, O_RDONLY);
		ret = hc_set_add(set, recv_case(fd));
		ASSERT_LE(0, ret);
		ASSERT_EQ(0, hc_send(closer.queue, &fd, sizeof(fd)));
		for (k = 0; k < 20; k++)
			ASSERT_EQ(-EAGAIN, hc_set_try(set, NULL));
	}
	ASSERT_EQ(0, hc_close(closer.queue));
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

/* The select costs by what is ready: many quiet cases are not looked at. */
TEST(cost)
{
	int set[2] = { hc_set(), hc_set() }, n[2] = { 2, 512 }, i, k, fd;
	int64_t took[2] = { INT64_MAX, INT64_MAX }, begin;
	struct rlimit files = { 700, 700 };
	int rounds = hc_scale(2000);

	setrlimit(RLIMIT_NOFILE, &files);
	for (i = 0; i < 2; i++) {
		for (k = 1; k < n[i]; k++)
			ASSERT_LE(0, hc_set_add(set[i], recv_case(sel_make(0))));
		fd = sel_make(0);
		ASSERT_EQ(0, hc_close(fd));
		ASSERT_LE(0, hc_set_add(set[i], recv_case(fd)));
		ASSERT_EQ(n[i] - 1, hc_set_try(set[i], NULL));
	}
	/* The best of several, as others use the machine too. */
	for (k = 0; k < 10; k++) {
		for (i = 0; i < 2; i++) {
			begin = hc_clock(CLOCK_MONOTONIC);
			for (fd = 0; fd < rounds / 10; fd++)
				hc_set_try(set[i], NULL);
			begin = hc_clock(CLOCK_MONOTONIC) - begin;
			took[i] = begin < took[i] ? begin : took[i];
		}
	}
	TH_LOG("2: %lld ns, 512: %lld ns", (long long)took[0],
	       (long long)took[1]);
	EXPECT_LT(took[1], 3 * took[0]);
}

TEST_HARNESS_MAIN
