// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is built of channels, by libhchan against the kernel: that it does what it says,
 * and what it says of a participant that is killed.
 */
#include <poll.h>
#include <signal.h>

#include "lib_util.h"
#include <hchan/sync.h>

#include "../kselftest_harness.h"

#define BG	HCHAN_BACKGROUND

FIXTURE(sync) {
	int open;
	int ctx, cancel;
	int gate;	/* on which those wait that are to be killed */
};

FIXTURE_SETUP(sync)
{
	self->open = open_now();
	self->ctx = hchan_ctx_with_cancel(BG, &self->cancel);
	ASSERT_LE(0, self->ctx) TH_LOG("%s", hchan_errmsg());
	self->gate = hchan_make(0, 0);
	errno = EXDEV;
}

FIXTURE_TEARDOWN(sync)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	hchan_drop(self->gate);
	hchan_drop(self->cancel);
	hchan_drop(self->ctx);
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

static int disconnecting(size_t size, uint64_t cap)
{
	struct hchan_opts opts = {
		.elem_size = size,
		.capacity = cap,
		.flags = HCHAN_DISCONNECT,
	};

	return hchan_make_opts(&opts);
}

/* Both sides of a channel that notices who is gone. */
static void sides(int *rx, int *tx, uint64_t cap)
{
	int both = disconnecting(sizeof(int), cap);

	*rx = hchan_recv_only(both);
	*tx = hchan_send_only(both);
	hchan_drop(both);
}

/* One ends, one is killed: both have ended. */
TEST_F(sync, wait_group)
{
	int member[2], i, soon;
	struct hchan_wg wg;
	pid_t pid[2];

	ASSERT_EQ(0, hchan_wg_make(&wg));
	for (i = 0; i < 2; i++)
		member[i] = hchan_wg_add(&wg);
	for (i = 0; i < 2; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			hchan_wg_leave(&wg);
			hchan_drop(member[!i]);
			if (i)
				stay(self->gate);
			_exit(0);
		}
		hchan_drop(member[i]);
		member[i] = -1;
	}
	EXPECT_EQ(0, exit_of(pid[0]));
	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_wg_wait(&wg, soon));
	hchan_drop(soon);
	EXPECT_EQ(-EINVAL, hchan_wg_add(&wg));
	EXPECT_EQ(128 + SIGKILL, killed(pid[1], self->gate));
	EXPECT_EQ(0, hchan_wg_wait(&wg, self->ctx));
	hchan_wg_leave(&wg);
	ASSERT_EQ(0, hchan_wg_make(&wg));
	EXPECT_EQ(0, hchan_wg_wait(&wg, BG)) TH_LOG("nobody is waited for");
	hchan_wg_leave(&wg);
	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_wg_wait(&wg, soon)) TH_LOG("after leaving");
	hchan_drop(soon);
}

/* A member that sends on its descriptor has not ended by that. */
TEST_F(sync, wait_group_sent)
{
	struct hchan_wg wg;
	int member, ended;
	pid_t pid;

	ASSERT_EQ(0, hchan_wg_make(&wg));
	member = hchan_wg_add(&wg);
	pid = fork();
	if (!pid) {
		hchan_wg_leave(&wg);
		if (hchan_send(member, NULL, 0))
			_exit(1);
		stay(self->gate);
	}
	hchan_drop(member);
	ended = fork();
	if (!ended)
		_exit(hchan_wg_wait(&wg, BG) ? 2 : 0);
	EXPECT_EQ(1, hchan_wait_receivers(self->gate, 1, patience()));
	EXPECT_EQ(1, hchan_wait_receivers(wg.wait_, 1, patience()));
	hchan_wg_leave(&wg);
	EXPECT_EQ(128 + SIGKILL, killed(pid, self->gate));
	EXPECT_EQ(0, exit_of(ended));
}

/* Killed inside: stays inside, until who waits for the process says otherwise. */
TEST_F(sync, semaphore)
{
	int sem = hchan_sem_make(2);
	pid_t pid;

	EXPECT_EQ(-EINVAL, hchan_sem_make(0));
	EXPECT_EQ(-EINVAL, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_acquire(sem, self->ctx));
	pid = fork();
	if (!pid) {
		if (hchan_sem_acquire(sem, BG))
			_exit(1);
		stay(self->gate);
	}
	EXPECT_EQ(128 + SIGKILL, killed(pid, self->gate));
	EXPECT_EQ(-EAGAIN, hchan_sem_try_acquire(sem));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_try_acquire(sem));
	/* Killed while it waits for a place: it has none, and takes none. */
	pid = fork();
	if (!pid) {
		hchan_sem_acquire(sem, BG);
		_exit(1);
	}
	EXPECT_EQ(1, hchan_wait_senders(sem, 1, patience()));
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, exit_of(pid));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_try_acquire(sem));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(-ECANCELED, hchan_sem_acquire(sem, self->ctx));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(-EINVAL, hchan_sem_release(sem));
	hchan_drop(sem);
}

/*
 * Inside, and says so on a channel of its own after that; takes that back before it goes
 * out. So who waits for it knows what to do when it is killed.
 */
static pid_t victim(int sem, int inside, int gate)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (hchan_sem_acquire(sem, BG) || hchan_try_send(inside, NULL, 0))
		_exit(1);
	stay(gate);
	_exit(0);
}

/* Released is for the one that was inside, not for the one that only waited. */
TEST_F(sync, semaphore_victims)
{
	int sem = hchan_sem_make(1), inside[2], i;
	pid_t pid[2];

	for (i = 0; i < 2; i++)
		inside[i] = hchan_make(0, 1);
	pid[0] = victim(sem, inside[0], self->gate);
	EXPECT_EQ(1, hchan_wait_receivers(self->gate, 1, patience()));
	pid[1] = victim(sem, inside[1], self->gate);
	EXPECT_EQ(1, hchan_wait_senders(sem, 1, patience()));
	kill(pid[1], SIGKILL);
	EXPECT_EQ(128 + SIGKILL, exit_of(pid[1]));
	EXPECT_EQ(-EAGAIN, hchan_try_recv(inside[1], NULL, 0));
	EXPECT_EQ(1, hchan_len(sem)) TH_LOG("there was nothing to release");
	EXPECT_EQ(-EAGAIN, hchan_sem_try_acquire(sem));
	EXPECT_EQ(128 + SIGKILL, killed(pid[0], self->gate));
	EXPECT_EQ(1, hchan_try_recv(inside[0], NULL, 0));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_try_acquire(sem));
	for (i = 0; i < 2; i++)
		hchan_drop(inside[i]);
	hchan_drop(sem);
}

/* Killed while doing it: the next one does it, once it is known. */
TEST_F(sync, once)
{
	struct hchan_once once;
	pid_t pid, other;
	int soon;

	ASSERT_EQ(0, hchan_once_make(&once));
	pid = fork();
	if (!pid) {
		if (hchan_once_begin(&once, BG) != 1)
			_exit(1);
		stay(self->gate);
	}
	EXPECT_EQ(1, hchan_wait_receivers(self->gate, 1, patience()));
	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_once_begin(&once, soon));
	hchan_drop(soon);
	EXPECT_EQ(128 + SIGKILL, killed(pid, self->gate));
	EXPECT_EQ(0, hchan_once_failed(&once));
	EXPECT_EQ(1, hchan_once_begin(&once, self->ctx));
	other = fork();
	if (!other)
		_exit(10 + hchan_once_begin(&once, BG));
	EXPECT_EQ(1, hchan_wait_senders(once.turn_, 1, patience()));
	/* Killed while it waits: it was not doing it, nothing is to be said. */
	pid = fork();
	if (!pid)
		_exit(10 + hchan_once_begin(&once, BG));
	EXPECT_EQ(2, hchan_wait_senders(once.turn_, 2, patience()));
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, exit_of(pid));
	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_once_begin(&once, soon));
	hchan_drop(soon);
	EXPECT_EQ(0, hchan_once_done(&once));
	EXPECT_EQ(10, exit_of(other));
	EXPECT_EQ(0, hchan_once_begin(&once, self->ctx));
	hchan_once_drop(&once);
}

/* One process is killed in its turn: the others have theirs, and not too soon. */
TEST_F(sync, limit)
{
	int64_t period = 2 * HCHAN_MSEC, begin = hchan_after(0).ns;
	int limit = hchan_limit_make(period), i;
	pid_t pid = fork();

	EXPECT_EQ(-EINVAL, hchan_limit_make(0));
	if (!pid) {
		if (hchan_limit_take(limit, BG))
			_exit(1);
		stay(self->gate);
	}
	EXPECT_EQ(128 + SIGKILL, killed(pid, self->gate));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, hchan_limit_take(limit, self->ctx));
	EXPECT_LE(begin + 4 * period, hchan_after(0).ns);
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(-ECANCELED, hchan_limit_take(limit, self->ctx));
	hchan_drop(limit);
}

/* Sends @n numbers from @from on, then ends, or stays to be killed. */
static pid_t producer(int tx, int from, int n, int gate)
{
	pid_t pid = fork();
	int i;

	if (pid)
		return pid;
	for (i = from; i < from + n; i++)
		if (hchan_send(tx, &i, sizeof(i)))
			_exit(1);
	if (gate >= 0)
		stay(gate);
	_exit(0);
}

/* Killed between two elements: its channel has ended, the others' go on. */
TEST_F(sync, merge)
{
	int rx[3], tx[3], out = hchan_make(sizeof(int), 0), i, n, sum = 0;
	pid_t pid[3], merger;

	for (i = 0; i < 3; i++)
		sides(&rx[i], &tx[i], 0);
	for (i = 0; i < 3; i++)
		pid[i] = producer(tx[i], 100 * i, 5, i == 1 ? self->gate : -1);
	for (i = 0; i < 3; i++)
		hchan_drop(tx[i]);
	merger = fork();
	if (!merger) {
		n = hchan_merge(out, rx, 3, sizeof(int), self->ctx);
		hchan_close(out);
		_exit(-n);
	}
	for (i = 0; i < 15; i++) {
		ASSERT_EQ(1, hchan_recv(out, &n, sizeof(n)));
		sum += n;
	}
	EXPECT_EQ(10 + 510 + 1010, sum);
	EXPECT_EQ(128 + SIGKILL, killed(pid[1], self->gate));
	EXPECT_EQ(0, hchan_recv(out, &n, sizeof(n)));
	EXPECT_EQ(0, exit_of(merger));
	EXPECT_EQ(0, exit_of(pid[0]));
	EXPECT_EQ(0, exit_of(pid[2]));
	EXPECT_EQ(-EINVAL, hchan_merge(out, rx, 0, 4, BG));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(-ECANCELED,
		  hchan_merge(self->gate, &self->gate, 1, 0, self->ctx));
	EXPECT_EQ(-EBADF, hchan_merge(out, (int []){ -1 }, 1, 4, BG));
	for (i = 0; i < 3; i++)
		hchan_drop(rx[i]);
	hchan_drop(out);
}

/* Receives until the end, and sends what it had to @sum; @die: is killed before. */
static pid_t consumer(const int *rx, int sum, int die, int gate)
{
	pid_t pid = fork();
	int n, all = 0;

	if (pid)
		return pid;
	hchan_drop(rx[!die]);
	if (die)
		stay(gate);
	while (hchan_recv(rx[die], &n, sizeof(n)) == 1)
		all += n;
	hchan_send(sum, &all, sizeof(all));
	_exit(0);
}

/* One of two has gone: all go to the other, but to nobody twice. */
TEST_F(sync, split)
{
	int rx[2], tx[2], in = hchan_make(sizeof(int), 20), sum, i, all = 0;
	pid_t pid[2];

	sum = hchan_make(sizeof(int), 2);
	for (i = 0; i < 2; i++)
		sides(&rx[i], &tx[i], 0);
	for (i = 0; i < 2; i++)
		pid[i] = consumer(rx, sum, i, self->gate);
	for (i = 0; i < 2; i++)
		hchan_drop(rx[i]);
	EXPECT_EQ(128 + SIGKILL, killed(pid[1], self->gate));
	for (i = 1; i <= 10; i++)
		hchan_send(in, &i, sizeof(i));
	hchan_close(in);
	EXPECT_EQ(0, hchan_split(in, tx, 2, sizeof(int), self->ctx));
	for (i = 0; i < 2; i++)
		hchan_close(tx[i]);
	EXPECT_EQ(0, exit_of(pid[0]));
	EXPECT_EQ(1, hchan_recv(sum, &all, sizeof(all)));
	EXPECT_EQ(55, all);
	for (i = 0; i < 2; i++)
		hchan_drop(tx[i]);
	hchan_drop(in);
	hchan_drop(sum);
}

/* Nobody is left: it ends with that. */
TEST_F(sync, outputs)
{
	int rx[2], tx[2], in = hchan_make(sizeof(int), 9), n = 1, i;

	for (i = 0; i < 2; i++)
		sides(&rx[i], &tx[i], 4);
	hchan_send(in, &n, sizeof(n));
	n = 2;
	hchan_send(in, &n, sizeof(n));
	hchan_drop(rx[0]);
	/* One has gone before: the other has all. */
	hchan_close(in);
	EXPECT_EQ(0, hchan_broadcast(in, tx, 2, sizeof(int), self->ctx));
	EXPECT_EQ(1, hchan_recv(rx[1], &n, sizeof(n)));
	EXPECT_EQ(1, n);
	EXPECT_EQ(1, hchan_recv(rx[1], &n, sizeof(n)));
	EXPECT_EQ(2, n);
	hchan_drop(rx[1]);
	hchan_drop(in);
	in = hchan_make(sizeof(int), 9);
	hchan_send(in, &n, sizeof(n));
	hchan_send(in, &n, sizeof(n));
	EXPECT_EQ(-EPIPE, hchan_broadcast(in, tx, 2, sizeof(int), self->ctx));
	EXPECT_EQ(1, hchan_len(in)) TH_LOG("more than the one in hand is lost");
	EXPECT_EQ(-EPIPE, hchan_split(in, tx, 2, sizeof(int), self->ctx));
	hchan_drop(in);
	hchan_drop(tx[0]);
	hchan_drop(tx[1]);
}

/* All get all, also when one of them is killed in the middle. */
TEST_F(sync, broadcast)
{
	int rx[3], tx[3], in = hchan_make(sizeof(int), 0), sum, i, n, all;
	pid_t pid[3], caster;

	sum = hchan_make(sizeof(int), 3);
	for (i = 0; i < 3; i++)
		sides(&rx[i], &tx[i], 1);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			for (n = 0; n < 3; n++)
				if (n != i)
					hchan_drop(rx[n]);
			if (i == 1) {
				hchan_recv(rx[i], &n, sizeof(n));
				stay(self->gate);
			}
			all = 0;
			while (hchan_recv(rx[i], &n, sizeof(n)) == 1)
				all += n;
			hchan_send(sum, &all, sizeof(all));
			_exit(0);
		}
	}
	for (i = 0; i < 3; i++)
		hchan_drop(rx[i]);
	caster = fork();
	if (!caster) {
		n = hchan_broadcast(in, tx, 3, sizeof(int), self->ctx);
		for (i = 0; i < 3; i++)
			hchan_close(tx[i]);
		_exit(-n);
	}
	n = 1;
	EXPECT_EQ(0, hchan_send(in, &n, sizeof(n)));
	EXPECT_EQ(128 + SIGKILL, killed(pid[1], self->gate));
	for (n = 2; n <= 10; n++)
		EXPECT_EQ(0, hchan_send(in, &n, sizeof(n)));
	hchan_close(in);
	EXPECT_EQ(0, exit_of(caster));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, hchan_recv(sum, &all, sizeof(all)));
		EXPECT_EQ(55, all);
		EXPECT_EQ(0, exit_of(pid[2 * i]));
	}
	for (i = 0; i < 3; i++)
		hchan_drop(tx[i]);
	hchan_drop(in);
	hchan_drop(sum);
}

/* Squares; of a number under 0 there is none; at 13 it fails, at 666 it stays. */
static int square(void *arg, const void *elem, void *result)
{
	const int *n = elem;

	if (*n == 13)
		return -ERANGE;
	if (*n == 666)
		stay(*(int *)arg);
	*(long long *)result = (long long)*n * *n;
	return *n >= 0;
}

TEST_F(sync, stage)
{
	int in = hchan_make(sizeof(int), 9), out = hchan_make(sizeof(long long), 9);
	struct hchan_stage stage = { in, out, sizeof(int), sizeof(long long), square, NULL };
	static const int numbers[] = { 3, -1, 100000, 13, 5 };
	long long n;

	EXPECT_EQ(5, hchan_sendn(in, numbers, sizeof(int), 5));
	EXPECT_EQ(-ERANGE, hchan_stage_run(&stage, self->ctx));
	EXPECT_EQ(1, hchan_recv(out, &n, sizeof(n)));
	EXPECT_EQ(9, n);
	EXPECT_EQ(1, hchan_recv(out, &n, sizeof(n)));
	EXPECT_EQ(10000000000LL, n);
	EXPECT_EQ(0, hchan_len(out));
	hchan_close(in);
	EXPECT_EQ(0, hchan_stage_run(&stage, self->ctx));
	EXPECT_EQ(1, hchan_len(out));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(-ECANCELED, hchan_stage_run(&stage, self->ctx));
	hchan_drop(in);
	hchan_drop(out);
}

/* A pool does all of it; one that is killed with a job in its hand ends the group. */
TEST_F(sync, pool)
{
	int in = hchan_make(sizeof(int), 0), out = hchan_make(sizeof(long long), 200);
	struct hchan_stage stage = {
		in, out, sizeof(int), sizeof(long long), square, &self->gate,
	};
	struct hchan_group group;
	struct hchan_why why;
	long long n, sum = 0;
	int i, pid;

	ASSERT_EQ(0, hchan_group_make(&group, self->ctx));
	ASSERT_EQ(0, hchan_group_pool(&group, 3, &stage));
	for (i = 100; i < 200; i++)
		EXPECT_EQ(0, hchan_send(in, &i, sizeof(i)));
	hchan_close(in);
	EXPECT_EQ(0, hchan_group_wait(&group, &why));
	EXPECT_EQ(100, hchan_len(out));
	while (hchan_try_recv(out, &n, sizeof(n)) == 1)
		sum += n;
	EXPECT_EQ(2318350, sum);
	hchan_drop(in);

	in = hchan_make(sizeof(int), 0);
	stage.in = in;
	ASSERT_EQ(0, hchan_group_make(&group, self->ctx));
	pid = hchan_group_fork(&group);
	if (!pid)
		_exit(hchan_stage_run(&stage, group.ctx) < 0);
	i = 666;
	EXPECT_EQ(0, hchan_send(in, &i, sizeof(i)));
	EXPECT_EQ(1, hchan_wait_receivers(self->gate, 1, patience()));
	ASSERT_EQ(0, hchan_group_pool(&group, 2, &stage));
	EXPECT_EQ(2, hchan_wait_receivers(in, 2, patience()));
	kill(pid, SIGKILL);
	EXPECT_EQ(-ECANCELED, hchan_group_wait(&group, &why));
	EXPECT_EQ(128 + SIGKILL, why.code);
	EXPECT_NE(NULL, strstr(why.text, "signal 9"));
	EXPECT_EQ(0, hchan_ctx_err(self->ctx)) TH_LOG("it went upwards");
	hchan_drop(in);
	hchan_drop(out);
}

TEST_HARNESS_MAIN
