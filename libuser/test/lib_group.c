// SPDX-License-Identifier: GPL-2.0-only
/* Groups of processes that fail together, by libhchan against the kernel. */
#include "lib_util.h"
#include <hchan/sync.h>

#include "../kselftest_harness.h"

#define BG	HCHAN_BACKGROUND

FIXTURE(group) {
	int open;
	int ctx, cancel;
	int gate;	/* on which those wait that are to be killed */
	struct hchan_group group;
};

FIXTURE_SETUP(group)
{
	self->open = open_now();
	self->ctx = hchan_ctx_with_cancel(BG, &self->cancel);
	ASSERT_LE(0, self->ctx) TH_LOG("%s", hchan_errmsg());
	self->gate = hchan_make(0, 0);
	ASSERT_EQ(0, hchan_group_make(&self->group, self->ctx));
	errno = EXDEV;
}

FIXTURE_TEARDOWN(group)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	hchan_group_leave(&self->group);
	hchan_drop(self->gate);
	hchan_drop(self->cancel);
	hchan_drop(self->ctx);
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

/* The first failure ends the others, and is what is told. */
TEST_F(group, first_failure)
{
	struct hchan_why why;
	int i;

	for (i = 0; i < 3; i++) {
		if (hchan_group_fork(&self->group))
			continue;
		if (i == 1)
			_exit(7);
		_exit(hchan_ctx_wait(self->group.ctx, patience()) ? 8 : 0);
	}
	EXPECT_EQ(-ECANCELED, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(7, why.code);
	EXPECT_NE(NULL, strstr(why.text, "exit status 7"));
}

/* It is over then: whatever is done to it is harmless. */
TEST_F(group, over)
{
	EXPECT_EQ(0, hchan_group_wait(&self->group, NULL));
	EXPECT_EQ(HCHAN_NIL, self->group.ctx);
	EXPECT_EQ(0, hchan_group_wait(&self->group, NULL));
}

/* What comes from above ends them, and is no failure of theirs. */
TEST_F(group, above)
{
	struct hchan_why why;

	if (!hchan_group_fork(&self->group))
		_exit(hchan_ctx_wait(self->group.ctx, patience()) ? 8 : 0);
	hchan_ctx_cancel_why(self->cancel, 5, "above");
	EXPECT_EQ(0, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(0, why.code);
	EXPECT_STREQ("", why.text);
}

/* One that fails after that has failed, and its own cause is told. */
TEST_F(group, above_and_failure)
{
	struct hchan_why why;

	if (!hchan_group_fork(&self->group))
		_exit(hchan_ctx_wait(self->group.ctx, patience()) ? 8 : 3);
	hchan_ctx_cancel_why(self->cancel, 5, "above");
	EXPECT_EQ(-ECANCELED, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(3, why.code);
}

static int gives_up(void *arg, const void *elem, void *result)
{
	return -ECANCELED;
}

/* Nor is it one of a pool's workers; but what a worker says by itself is. */
TEST_F(group, pool_above)
{
	int in = hchan_make(0, 0), soon;
	struct hchan_stage stage = { .in = in, .out = HCHAN_NIL, .fn = gives_up };
	struct hchan_why why;

	ASSERT_EQ(0, hchan_group_pool(&self->group, 2, &stage));
	EXPECT_EQ(2, hchan_wait_receivers(in, 2, patience()));
	hchan_ctx_cancel_why(self->cancel, 5, "above");
	EXPECT_EQ(0, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(0, why.code);
	EXPECT_STREQ("", why.text);

	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	ASSERT_EQ(0, hchan_group_make(&self->group, soon));
	ASSERT_EQ(0, hchan_group_pool(&self->group, 2, &stage));
	EXPECT_EQ(0, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(0, why.code);
	hchan_drop(soon);

	ASSERT_EQ(0, hchan_group_make(&self->group, BG));
	ASSERT_EQ(0, hchan_group_pool(&self->group, 1, &stage));
	EXPECT_EQ(0, hchan_send(in, NULL, 0));
	EXPECT_EQ(-ECANCELED, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(1, why.code);
	hchan_drop(in);
}

/* Waits for the end of a context, and tells. */
static void tell(int ctx, int told)
{
	int n = hchan_ctx_wait(ctx, patience());

	hchan_send(told, &n, sizeof(n));
	_exit(0);
}

/*
 * Who has made two groups is killed: both are cancelled, although each has a member that
 * was made after the other group. A child of the plain fork(2) leaves them, too.
 */
TEST_F(group, maker_killed)
{
	int told = hchan_make(sizeof(int), 2), i, n;
	struct hchan_group two[2];
	pid_t pid;

	pid = fork();
	if (!pid) {
		for (i = 0; i < 2; i++)
			if (hchan_group_make(&two[i], BG))
				_exit(1);
		for (i = 0; i < 2; i++)
			if (!hchan_group_fork(&two[i])) {
				hchan_group_leave(&two[!i]);
				tell(two[i].ctx, told);
			}
		if (!fork()) {
			for (i = 0; i < 2; i++)
				hchan_group_leave(&two[i]);
			hchan_ctx_wait(self->ctx, patience());
			_exit(0);
		}
		for (i = 0; i < 2; i++)
			hchan_wait_receivers(two[i].ctx, 1, patience());
		stay(self->gate);
	}
	EXPECT_EQ(128 + SIGKILL, killed(pid, self->gate));
	for (i = 0; i < 2; i++) {
		n = -1;
		EXPECT_EQ(1, hchan_recv_until(told, &n, sizeof(n),
					      hchan_after(10 * HCHAN_SEC)));
		EXPECT_EQ(0, n) TH_LOG("the maker is gone, the context is not done");
	}
	hchan_ctx_cancel(self->cancel);
	hchan_drop(told);
}

/* Given up: its members are cancelled. */
TEST_F(group, left)
{
	int told = hchan_make(sizeof(int), 1), n = -1, pid;

	pid = hchan_group_fork(&self->group);
	if (!pid)
		tell(self->group.ctx, told);
	EXPECT_EQ(1, hchan_wait_receivers(self->group.ctx, 1, patience()));
	hchan_group_leave(&self->group);
	EXPECT_EQ(1, hchan_recv_until(told, &n, sizeof(n), patience()));
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, exit_of(pid));
	hchan_drop(told);
}

/* Somebody else has its status: that is told, and is no failure of it. */
TEST_F(group, no_status)
{
	struct hchan_why why = { .code = 99 };
	int pid = hchan_group_fork(&self->group);

	if (!pid)
		_exit(0);
	EXPECT_EQ(0, exit_of(pid));
	EXPECT_EQ(-ECHILD, hchan_group_wait(&self->group, &why));
	EXPECT_EQ(99, why.code);
	EXPECT_EQ(0, hchan_ctx_err(self->group.ctx));
	EXPECT_EQ(-ECHILD, hchan_group_wait(&self->group, &why));
}

/* No descriptor for a new member: nothing of it has run. */
TEST_F(group, no_descriptors)
{
	int ran = hchan_make(0, 1000), spare, i, pid;
	struct rlimit old;

	getrlimit(RLIMIT_NOFILE, &old);
	for (spare = 0; spare < 3; spare++) {
		leave(spare, old);
		for (i = 0; i < 100; i++) {
			pid = hchan_group_fork(&self->group);
			if (!pid) {
				hchan_try_send(ran, NULL, 0);
				_exit(1);
			}
			ASSERT_EQ(-EMFILE, pid);
		}
		ASSERT_EQ(0, hchan_len(ran)) TH_LOG("what was refused has run");
	}
	setrlimit(RLIMIT_NOFILE, &old);
	pid = hchan_group_fork(&self->group);
	if (!pid)
		_exit(hchan_try_send(ran, NULL, 0) ? 1 : 0);
	EXPECT_LT(0, pid);
	EXPECT_EQ(0, hchan_group_wait(&self->group, NULL));
	EXPECT_EQ(1, hchan_len(ran));
	hchan_drop(ran);
}

TEST_HARNESS_MAIN
