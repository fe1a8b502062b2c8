// SPDX-License-Identifier: GPL-2.0-only
/* After-funcs, by libhchan against the kernel (C36), and what fails without descriptors. */
#include <signal.h>
#include <stdbool.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

FIXTURE(after_func) {
	int open;
	int ctx, cancel;
};

FIXTURE_SETUP(after_func)
{
	self->open = open_now();
	self->ctx = hchan_ctx_with_cancel(HCHAN_BACKGROUND, &self->cancel);
	ASSERT_LE(0, self->ctx) TH_LOG("%s", hchan_errmsg());
	errno = EXDEV;
}

FIXTURE_TEARDOWN(after_func)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(0, hchan_drop(self->cancel));
	EXPECT_EQ(0, hchan_drop(self->ctx));
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

struct ran {
	int count;
	int signals_blocked;
	int result;
	int begun, go_on;	/* channels */
	struct hchan_after_func *after;
};

static void on_done(void *arg)
{
	struct ran *ran = arg;
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	ran->signals_blocked = sigismember(&mask, SIGTERM);
	ran->count++;
}

TEST_F(after_func, runs_once)
{
	struct hchan_after_func after;
	struct ran ran = { 0 };
	int open = open_now();

	ASSERT_EQ(0, hchan_ctx_after_func(&after, self->ctx, on_done, &ran));
	EXPECT_EQ(1, hchan_wait_receivers(self->ctx, 1, patience()));
	EXPECT_EQ(0, ran.count);
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(1, ran.count);
	EXPECT_EQ(1, ran.signals_blocked);
	EXPECT_EQ(0, hchan_after_func_stop(&after));
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(open, open_now());

	/* Done already: at once. */
	ASSERT_EQ(0, hchan_ctx_after_func(&after, self->ctx, on_done, &ran));
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(2, ran.count);
	EXPECT_EQ(open, open_now());
}

TEST_F(after_func, stopped)
{
	struct hchan_after_func after, never;
	struct ran ran = { 0 };
	int open = open_now();

	ASSERT_EQ(0, hchan_ctx_after_func(&after, self->ctx, on_done, &ran));
	EXPECT_EQ(1, hchan_after_func_stop(&after));
	EXPECT_EQ(0, hchan_after_func_stop(&after));
	EXPECT_EQ(open, open_now());
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(0, ran.count);

	ASSERT_EQ(0, hchan_ctx_after_func(&never, HCHAN_BACKGROUND, on_done, &ran));
	EXPECT_EQ(1, hchan_after_func_stop(&never));
	EXPECT_EQ(0, ran.count);
	EXPECT_EQ(-EINVAL, hchan_ctx_after_func(&never, self->ctx, NULL, NULL));
	EXPECT_EQ(-EBADF, hchan_ctx_after_func(&never, -1, on_done, NULL));
	EXPECT_EQ(open, open_now());
}

static void waits_for_itself(void *arg)
{
	struct ran *ran = arg;
	char byte;

	ran->result = hchan_after_func_wait(ran->after);
	ran->count = hchan_after_func_stop(ran->after);
	hchan_close(ran->begun);
	hchan_recv(ran->go_on, &byte, 1);
}

/* A stop that comes while it runs says so, and can wait for its end. */
TEST_F(after_func, stopped_too_late)
{
	struct hchan_after_func after;
	struct ran ran = { .after = &after, .count = 9 };
	char byte;

	ran.begun = hchan_make(1, 0);
	ran.go_on = hchan_make(1, 0);
	ASSERT_EQ(0, hchan_ctx_after_func(&after, self->ctx, waits_for_itself, &ran));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(0, hchan_recv(ran.begun, &byte, 1));
	EXPECT_EQ(0, hchan_after_func_stop(&after));
	hchan_close(ran.go_on);
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(-EDEADLK, ran.result);
	EXPECT_EQ(0, ran.count);
	hchan_drop(ran.begun);
	hchan_drop(ran.go_on);
}

/* Cancels what it finds in each round, at the same moment as it is stopped. */
struct canceller {
	pthread_barrier_t start, finish;
	int cancel;
	bool over;
};

static void *do_cancel(void *arg)
{
	struct canceller *c = arg;

	for (;;) {
		pthread_barrier_wait(&c->start);
		if (c->over)
			return NULL;
		hchan_ctx_cancel(c->cancel);
		pthread_barrier_wait(&c->finish);
	}
}

/*
 * C36: stop and cancel race: it runs once, or never and the stop says so. A function
 * that is parked takes long to start, so the stop comes later: by as much as makes both
 * happen.
 */
TEST_F_TIMEOUT(after_func, race, 100)
{
	int open = open_now(), rounds = scaled(2000), stops = 0, i, ctx, stopped;
	unsigned int pace = 0, k;
	struct canceller c = { .over = false };
	pthread_t thread;

	pthread_barrier_init(&c.start, NULL, 2);
	pthread_barrier_init(&c.finish, NULL, 2);
	ASSERT_EQ(0, pthread_create(&thread, NULL, do_cancel, &c));
	for (i = 0; i < rounds; i++) {
		struct hchan_after_func after;
		struct ran ran = { 0 };

		ctx = hchan_ctx_with_cancel(HCHAN_BACKGROUND, &c.cancel);
		ASSERT_EQ(0, hchan_ctx_after_func(&after, ctx, on_done, &ran));
		ASSERT_EQ(1, hchan_wait_receivers(ctx, 1, patience()));
		pthread_barrier_wait(&c.start);
		for (k = 0; k < pace; k++)
			__asm__ volatile("" ::: "memory");
		stopped = hchan_after_func_stop(&after);
		hchan_after_func_wait(&after);
		pthread_barrier_wait(&c.finish);
		ASSERT_EQ(1, stopped + ran.count);
		stops += stopped;
		if (stopped)
			pace += pace / 4 + 64;
		else
			pace -= pace / 4;
		hchan_drop(ctx);
		hchan_drop(c.cancel);
	}
	c.over = true;
	pthread_barrier_wait(&c.start);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&c.start);
	pthread_barrier_destroy(&c.finish);
	EXPECT_EQ(open, open_now());
	TH_LOG("stopped %d times of %d", stops, rounds);
	/* Both, and not just now and then. */
	EXPECT_LT(rounds / 20, stops);
	EXPECT_GT(rounds - rounds / 20, stops);
}

/* Whatever it failed with, and whatever was there: stop and wait are harmless. */
TEST_F(after_func, failed)
{
	struct hchan_after_func after[2];
	int i;

	memset(after, 0, sizeof(after));
	EXPECT_EQ(-EBADF, hchan_ctx_after_func(&after[0], -1, on_done, NULL));
	EXPECT_EQ(-EINVAL, hchan_ctx_after_func(&after[1], self->ctx, NULL, NULL));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, hchan_after_func_stop(&after[i]));
		EXPECT_EQ(0, hchan_after_func_wait(&after[i]));
	}
}

/* The right to cancel is no context, though it knows of one; nor is any channel. */
TEST_F(after_func, no_context)
{
	struct hchan_after_func after;
	struct ran ran = { 0 };
	int any = hchan_make(0, 1);

	EXPECT_EQ(-ENOTTY, hchan_ctx_after_func(&after, self->cancel, on_done, &ran));
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(-ENOTTY, hchan_ctx_after_func(&after, any, on_done, &ran));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(-ENOTTY, hchan_ctx_after_func(&after, self->cancel, on_done, &ran));
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(0, ran.count);
	hchan_drop(any);
}

/* In a child there is no such function, and the parent's is not the child's to stop. */
TEST_F(after_func, forked)
{
	struct hchan_after_func after;
	struct ran ran = { 0 };
	int stopped;
	pid_t pid;

	ASSERT_EQ(0, hchan_ctx_after_func(&after, self->ctx, on_done, &ran));
	EXPECT_EQ(1, hchan_wait_receivers(self->ctx, 1, patience()));
	pid = fork();
	if (!pid) {
		stopped = hchan_after_func_stop(&after);
		_exit(stopped * 2 + hchan_after_func_wait(&after));
	}
	EXPECT_EQ(0, exit_of(pid));
	hchan_ctx_cancel(self->cancel);
	EXPECT_EQ(0, hchan_after_func_wait(&after));
	EXPECT_EQ(1, ran.count);
}

/* Without descriptors to spare nothing is left over, and nothing is written. */
TEST_F(after_func, no_descriptors)
{
	struct hchan_after_func after;
	struct ran ran = { 0 };
	int ctx, cancel, spare, err;
	struct rlimit old;

	getrlimit(RLIMIT_NOFILE, &old);
	for (spare = 0; spare < 2; spare++) {
		leave(spare, old);
		cancel = -7;
		EXPECT_EQ(-EMFILE, hchan_ctx_with_cancel(self->ctx, &cancel));
		EXPECT_EQ(-7, cancel);
		err = hchan_ctx_after_func(&after, self->ctx, on_done, &ran);
		EXPECT_EQ(-EMFILE, err);
	}
	leave(2, old);
	ctx = hchan_ctx_with_cancel(self->ctx, &cancel);
	EXPECT_LE(0, ctx);
	setrlimit(RLIMIT_NOFILE, &old);
	hchan_drop(ctx);
	hchan_drop(cancel);
	EXPECT_EQ(0, ran.count);
}

TEST_HARNESS_MAIN
