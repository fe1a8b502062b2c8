// SPDX-License-Identifier: GPL-2.0-only
/* Sets: arrays that the kernel keeps, by libhchan. */
#include <poll.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define POISON	0x5a5a5a5a
#define N	3

FIXTURE(set) {
	int ch[N];
	int in[N];
	struct hchan_case c[N];
	struct hchan_cases set;
	int before;
};

FIXTURE_SETUP(set)
{
	int i;

	for (i = 0; i < N; i++) {
		self->ch[i] = hchan_make(sizeof(int), 2);
		ASSERT_LE(0, self->ch[i]) TH_LOG("%s", hchan_errmsg());
		self->in[i] = POISON;
		self->c[i] = hchan_on_recv(self->ch[i], &self->in[i],
					   sizeof(int));
	}
	self->set = (struct hchan_cases)HCHAN_CASES(self->c);
	errno = EXDEV;
}

FIXTURE_TEARDOWN(set)
{
	int i;

	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(0, hchan_set_drop(&self->set));
	for (i = 0; i < N; i++)
		hchan_drop(self->ch[i]);
}

static int try_set(struct hchan_cases *set)
{
	return hchan_set_select(set, hchan_nowait(), 0);
}

static int send_int(int ch, int value)
{
	return hchan_try_send(ch, &value, sizeof(value));
}

static void *select_set_parked(void *arg)
{
	return (void *)(intptr_t)hchan_set_select(arg, patience(), 0);
}

/* The array's outcome, as by hchan_select(). */
TEST_F(set, select)
{
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(-ETIMEDOUT,
		  hchan_set_select(&self->set, hchan_after(HCHAN_MSEC), 0));
	ASSERT_EQ(0, send_int(self->ch[1], 5));
	EXPECT_EQ(1, hchan_set_select(&self->set, patience(), 0));
	EXPECT_EQ(1, hchan_result(&self->c[1]));
	EXPECT_EQ(sizeof(int), self->c[1].actual);
	EXPECT_EQ(5, self->in[1]);
	EXPECT_EQ(POISON, self->in[0]);
	EXPECT_EQ(3, self->set.live);
	ASSERT_EQ(0, send_int(self->ch[2], 6));
	ASSERT_EQ(0, send_int(self->ch[0], 7));
	EXPECT_EQ(0, hchan_set_select(&self->set, patience(), HCHAN_FIRST));
	EXPECT_EQ(2, hchan_set_select(&self->set, patience(), HCHAN_READY));
	EXPECT_EQ(1, hchan_len(self->ch[2]));
	EXPECT_EQ(2, hchan_set_select(&self->set, patience(), 0));
	EXPECT_EQ(-EINVAL,
		  hchan_set_select(&self->set, hchan_nowait(), HCHAN_SOME));
}

/* C18 C25: it parks in all queues, and in none afterwards. */
TEST_F(set, parks)
{
	struct hchan_stat st;
	pthread_t thread;
	void *ret;
	int i;

	pthread_create(&thread, NULL, select_set_parked, &self->set);
	for (i = 0; i < N; i++)
		ASSERT_EQ(1, hchan_wait_receivers(self->ch[i], 1, patience()));
	EXPECT_EQ(-EBUSY, try_set(&self->set));
	EXPECT_EQ(0, send_int(self->ch[2], 9));
	pthread_join(thread, &ret);
	EXPECT_EQ((void *)2, ret);
	EXPECT_EQ(9, self->in[2]);
	for (i = 0; i < N; i++) {
		EXPECT_EQ(0, hchan_stat(self->ch[i], &st));
		EXPECT_EQ(0, st.parked_receivers);
	}
}

/* C4: change, nil, disable, enable. */
TEST_F(set, change)
{
	int out = 8;

	EXPECT_EQ(0, send_int(self->ch[0], 1));
	EXPECT_EQ(0, send_int(self->ch[0], 2));
	EXPECT_EQ(0, try_set(&self->set));
	self->c[0].fd = HCHAN_NIL;
	EXPECT_EQ(0, hchan_set_change(&self->set, 0));
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	self->c[0] = hchan_on_send(self->ch[1], &out, sizeof(out));
	EXPECT_EQ(0, hchan_set_change(&self->set, 0));
	EXPECT_EQ(0, hchan_set_select(&self->set, patience(), HCHAN_FIRST));
	EXPECT_EQ(0, hchan_result(&self->c[0]));
	EXPECT_EQ(0, hchan_set_disable(&self->set, 0));
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(8, self->in[1]);
	EXPECT_EQ(2, self->set.live);
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(0, hchan_set_disable(&self->set, 0));
	EXPECT_EQ(0, hchan_set_enable(&self->set, 0));
	EXPECT_EQ(0, try_set(&self->set));
	EXPECT_EQ(3, self->set.live);
	EXPECT_EQ(-EINVAL, hchan_set_change(&self->set, N));
}

/* Go's ch = nil, by itself: until nothing can come any more. */
TEST_F(set, drop_case)
{
	int i, ends = 0, elements = 0;

	for (i = 0; i < N; i++) {
		self->c[i].flags = HCHAN_CASE_DROP;
		ASSERT_EQ(0, send_int(self->ch[i], i));
		ASSERT_EQ(0, hchan_close(self->ch[i]));
	}
	do {
		i = hchan_set_select(&self->set, patience(), 0);
		ASSERT_LE(0, i);
		if (hchan_result(&self->c[i])) {
			EXPECT_EQ(i, self->in[i]);
			elements++;
		} else {
			EXPECT_EQ(HCHAN_NIL, self->c[i].fd);
			ends++;
		}
	} while (self->set.live);
	EXPECT_EQ(N, elements);
	EXPECT_EQ(N, ends);
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(-ETIMEDOUT,
		  hchan_set_select(&self->set, hchan_after(HCHAN_MSEC), 0));
}

/* Not dropped unless asked to be: each time it is chosen it has ended. */
TEST_F(set, end)
{
	ASSERT_EQ(0, hchan_close(self->ch[1]));
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(0, hchan_result(&self->c[1]));
	EXPECT_EQ(HCHAN_ST_CLOSED, self->c[1].status);
	EXPECT_EQ(0, self->in[1]);
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(3, self->set.live);
	self->c[1] = hchan_on_send(self->ch[1], &self->in[1], sizeof(int));
	EXPECT_EQ(0, hchan_set_change(&self->set, 1));
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(-EPIPE, hchan_result(&self->c[1]));
}

/* A descriptor that is closed, and one that takes over its number. */
TEST_F(set, descriptors)
{
	int number = self->ch[1], other;

	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(0, hchan_set_disable(&self->set, 0));
	EXPECT_EQ(0, hchan_drop(number));
	EXPECT_EQ(-EBADF, try_set(&self->set));
	EXPECT_EQ(-EBADF, self->c[1].error);
	EXPECT_EQ(0, self->c[0].error | self->c[2].error);
	EXPECT_EQ(-EBADF, try_set(&self->set));

	other = hchan_make(sizeof(int), 1);
	ASSERT_EQ(number, dup3(other, number, O_CLOEXEC));
	close(other);
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(0, send_int(number, 77));
	EXPECT_EQ(0, send_int(self->ch[0], 78));
	EXPECT_EQ(1, hchan_set_select(&self->set, patience(), HCHAN_FIRST));
	EXPECT_EQ(77, self->in[1]);
	EXPECT_EQ(0, hchan_set_enable(&self->set, 0));
	EXPECT_EQ(0, try_set(&self->set));

	other = hchan_make(sizeof(int), 1);
	ASSERT_EQ(number, dup3(other, number, O_CLOEXEC));
	close(other);
	EXPECT_EQ(0, send_int(number, 79));
	EXPECT_EQ(1, hchan_set_select(&self->set, patience(), 0));
	EXPECT_EQ(79, self->in[1]);
}

/* C48: errors are in the case, and stay until it is changed. */
TEST_F(set, wrong)
{
	int pipes[2];

	self->c[2].len = 3;
	EXPECT_EQ(-EMSGSIZE, try_set(&self->set));
	EXPECT_EQ(-EMSGSIZE, self->c[2].error);
	EXPECT_EQ(-1, self->set.fd);
	self->c[2].len = 4;
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	ASSERT_EQ(0, pipe(pipes));
	self->c[1].fd = pipes[0];
	EXPECT_EQ(-EBADF, hchan_set_change(&self->set, 1));
	EXPECT_EQ(-EBADF, try_set(&self->set));
	EXPECT_EQ(-EBADF, self->c[1].error);
	self->c[1] = hchan_on_poll(pipes[0], POLLIN);
	EXPECT_EQ(-EINVAL, hchan_set_change(&self->set, 1));
	EXPECT_EQ(-EINVAL, try_set(&self->set));
	EXPECT_EQ(-EINVAL, self->c[1].error);
	self->c[1] = hchan_on_recv(self->ch[1], NULL, 4);
	EXPECT_EQ(0, hchan_set_change(&self->set, 1));
	EXPECT_EQ(0, send_int(self->ch[1], 3));
	EXPECT_EQ(-EFAULT, try_set(&self->set));
	EXPECT_EQ(-EFAULT, self->c[1].error);
	EXPECT_EQ(1, hchan_len(self->ch[1]));
	close(pipes[0]);
	close(pipes[1]);
}

/* The set is made on a channel: not on a case that is as if nil, nor on one that polls. */
TEST_F(set, made_on)
{
	int pipes[2], i;

	ASSERT_EQ(0, pipe(pipes));
	self->c[0].fd = pipes[0];
	EXPECT_EQ(0, hchan_set_disable(&self->set, 0));
	EXPECT_EQ(0, send_int(self->ch[1], 5));
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(5, self->in[1]);
	EXPECT_EQ(2, self->set.live);
	EXPECT_EQ(0, hchan_set_drop(&self->set));
	self->c[0].fd = -1;
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(0, hchan_set_drop(&self->set));
	for (i = 1; i < N; i++)
		EXPECT_EQ(0, hchan_set_disable(&self->set, i));
	EXPECT_EQ(-EAGAIN, try_set(&self->set)) TH_LOG("all of them");
	EXPECT_EQ(0, hchan_set_drop(&self->set));

	/* First among channels, then alone. */
	self->c[0] = hchan_on_poll(pipes[0], POLLIN);
	for (i = 1; i < N; i++)
		EXPECT_EQ(0, hchan_set_enable(&self->set, i));
	EXPECT_EQ(-EINVAL, try_set(&self->set));
	EXPECT_EQ(-EINVAL, self->c[0].error);
	for (i = 1; i < N; i++)
		self->c[i] = hchan_on_nil();
	EXPECT_EQ(-EINVAL, try_set(&self->set));
	EXPECT_EQ(-EINVAL, self->c[0].error);
	EXPECT_EQ(-1, self->set.fd);
	EXPECT_EQ(0, hchan_set_disable(&self->set, 0));
	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	close(pipes[0]);
	close(pipes[1]);
}

/* A set can be polled, also by a select. */
TEST_F(set, polled)
{
	struct hchan_case outer[] = {
		hchan_on_poll(hchan_set_make(&self->set), POLLIN),
		hchan_on_recv(HCHAN_NIL, NULL, 0),
	};
	struct pollfd pfd = { .fd = self->set.fd, .events = POLLIN };

	ASSERT_LE(0, self->set.fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->set.fd, F_GETFD));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(-EAGAIN, hchan_select(outer, 2, hchan_nowait(), 0));
	ASSERT_EQ(0, send_int(self->ch[1], 5));
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(POLLIN, pfd.revents);
	EXPECT_EQ(0, hchan_select(outer, 2, patience(), 0));
	EXPECT_EQ(1, try_set(&self->set));
	EXPECT_EQ(0, poll(&pfd, 1, 0));
}

/* A set of its own after it was dropped; an empty one. */
TEST_F(set, again)
{
	struct hchan_cases none = { NULL, 0, -1, 0, 0 };

	EXPECT_EQ(-EAGAIN, try_set(&self->set));
	EXPECT_EQ(0, hchan_set_drop(&self->set));
	EXPECT_EQ(0, send_int(self->ch[2], 5));
	EXPECT_EQ(2, try_set(&self->set));
	EXPECT_EQ(-EAGAIN, try_set(&none));
	EXPECT_EQ(0, hchan_set_drop(&none));
}

/* C22 C26: many cases, the same channel twice. */
TEST(many)
{
	const int n = 512;
	struct hchan_case *c = calloc(2 * n, sizeof(*c));
	struct hchan_cases set = { c, 2 * n, -1, 0, 0 };
	int *seen = calloc(n, sizeof(*seen));
	int i, in, *ch = calloc(n, sizeof(*ch));

	for (i = 0; i < n; i++) {
		ch[i] = hchan_make(sizeof(int), 4);
		ASSERT_LE(0, ch[i]) TH_LOG("%s", hchan_errmsg());
		c[i] = hchan_on_recv(ch[i], &in, sizeof(in));
		c[2 * n - 1 - i] = c[i];
	}
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, send_int(ch[(i * 7) % n], i));
	for (i = 0; i < n; i++) {
		int went = hchan_set_select(&set, patience(), 0);

		ASSERT_LE(0, went);
		if (went >= n)
			went = 2 * n - 1 - went;
		EXPECT_EQ(went, (in * 7) % n);
		seen[in]++;
	}
	for (i = 0; i < n; i++)
		EXPECT_EQ(1, seen[i]);
	EXPECT_EQ(-EAGAIN, try_set(&set));
	EXPECT_EQ(2 * n, set.live);
	hchan_set_drop(&set);
}

TEST_HARNESS_MAIN
