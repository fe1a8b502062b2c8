// SPDX-License-Identifier: GPL-2.0-only
/*
 * What <hchan/sync.h> says of those who are killed at their worst moment: what exactly is
 * lost with them, and that everybody else goes on. A moment is made by waiting for the
 * state it consists of; where it is over as soon as somebody runs, that one does not run.
 */
#include "lib_util.h"
#include <hchan/sync.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

#define BG	HCHAN_BACKGROUND
#define KILLED	(128 + SIGKILL)

/* How many numbers go through a loop, from 1 on. */
#define COUNT	20

static int kill_it(pid_t pid)
{
	kill(pid, SIGKILL);
	return exit_of(pid);
}

/* A child that does not outlive its test. */
static pid_t child(void)
{
	pid_t self = getpid(), pid = fork();

	if (!pid)
		hc_die_with(self);
	return pid;
}

/* ---- loops ---- */

struct loop {
	int ctx, cancel;
	int in, out;
	int idle;	/* a second input or output, where nobody else is */
	int first;	/* hchan_broadcast()'s first output, with room for all */
};

static int same(void *arg, const void *elem, void *result)
{
	memcpy(result, elem, sizeof(int));
	return 1;
}

static int merge(const struct loop *l)
{
	return hchan_merge(l->out, (int []){ l->idle, l->in }, 2,
			   sizeof(int), l->ctx);
}

static int split(const struct loop *l)
{
	return hchan_split(l->in, (int []){ l->idle, l->out }, 2,
			   sizeof(int), l->ctx);
}

static int broadcast(const struct loop *l)
{
	return hchan_broadcast(l->in, (int []){ l->first, l->out }, 2,
			       sizeof(int), l->ctx);
}

static int stage(const struct loop *l)
{
	const struct hchan_stage stage = {
		l->in, l->out, sizeof(int), sizeof(int), same, NULL,
	};

	return hchan_stage_run(&stage, l->ctx);
}

FIXTURE(loop) {
	int open;
	struct loop l;
};

FIXTURE_VARIANT(loop) {
	int (*run)(const struct loop *l);
};

FIXTURE_VARIANT_ADD(loop, merge) { merge };
FIXTURE_VARIANT_ADD(loop, split) { split };
FIXTURE_VARIANT_ADD(loop, broadcast) { broadcast };
FIXTURE_VARIANT_ADD(loop, stage) { stage };

FIXTURE_SETUP(loop)
{
	self->open = open_now();
	self->l.ctx = hchan_ctx_with_cancel(BG, &self->l.cancel);
	ASSERT_LE(0, self->l.ctx) TH_LOG("%s", hchan_errmsg());
	self->l.in = hchan_make(sizeof(int), COUNT);
	self->l.out = hchan_make(sizeof(int), 0);
	self->l.idle = hchan_make(sizeof(int), 0);
	self->l.first = hchan_make(sizeof(int), COUNT);
}

FIXTURE_TEARDOWN(loop)
{
	hchan_drop(self->l.in);
	hchan_drop(self->l.out);
	hchan_drop(self->l.idle);
	hchan_drop(self->l.first);
	hchan_drop(self->l.cancel);
	hchan_drop(self->l.ctx);
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

static pid_t start(const struct loop *l, int (*run)(const struct loop *l))
{
	pid_t pid = child();
	int ret;

	if (pid)
		return pid;
	ret = run(l);
	hchan_close(l->out);
	_exit(-ret);
}

/* Two who run the loop and wait; the first number goes to the first one. */
static void start_both(const struct loop *l,
		       int (*run)(const struct loop *l), pid_t *pid)
{
	int i;

	for (i = 0; i < 2; i++) {
		pid[i] = start(l, run);
		hc_must(hchan_wait_receivers(l->in, i + 1, patience()) == i + 1);
	}
}

/* All numbers are there; two run the loop, parked with 1 and 2 in their hands. */
static void start_both_sending(const struct loop *l,
			       int (*run)(const struct loop *l), pid_t *pid)
{
	int i, n;

	for (n = 1; n <= COUNT; n++)
		hc_must(!hchan_try_send(l->in, &n, sizeof(n)));
	for (i = 0; i < 2; i++) {
		pid[i] = start(l, run);
		hc_must(hchan_wait_senders(l->out, i + 1, patience()) == i + 1);
	}
	hc_must(hchan_len(l->in) == COUNT - 2);
}

/*
 * The first one is dead. A sender goes on with the numbers from @next on, the second one
 * with passing them on, and here is received what comes, from @from on: all of it.
 */
static void go_on(struct __test_metadata *_metadata,
		  const struct loop *l, pid_t second, int next, int from)
{
	pid_t sender = child();
	int n, ret = 0;

	if (!sender) {
		for (n = next; n <= COUNT && !ret; n++)
			ret = hchan_send(l->in, &n, sizeof(n));
		hchan_close(l->in);
		hchan_close(l->idle);
		_exit(-ret);
	}
	for (; from <= COUNT; from++) {
		n = 0;
		ASSERT_EQ(1, hchan_recv_until(l->out, &n, sizeof(n),
					      hchan_after(10 * HCHAN_SEC)))
			TH_LOG("%d is lost", from);
		ASSERT_EQ(from, n);
	}
	EXPECT_EQ(0, hchan_recv_until(l->out, &n, sizeof(n), patience()))
		TH_LOG("%d once more", n);
	EXPECT_EQ(0, exit_of(sender));
	EXPECT_EQ(0, exit_of(second));
}

/* The numbers that all outputs but the last one have, by hchan_broadcast() alone. */
static void have_before(struct __test_metadata *_metadata,
			const struct loop *l, bool casts, int from)
{
	int n;

	for (; casts && from <= COUNT; from++) {
		n = 0;
		ASSERT_EQ(1, hchan_try_recv(l->first, &n, sizeof(n)));
		ASSERT_EQ(from, n);
	}
	EXPECT_EQ(0, hchan_len(l->first));
}

/* While it waits for an element: nothing. */
TEST_F(loop, with_nothing)
{
	pid_t pid[2];

	start_both(&self->l, variant->run, pid);
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	go_on(_metadata, &self->l, pid[1], 1, 1);
	have_before(_metadata, &self->l, variant->run == broadcast, 1);
}

/* Has been given an element and does not know yet: that one. */
TEST_F(loop, just_given)
{
	pid_t pid[2];
	int n = 1;

	hc_run_first();
	start_both(&self->l, variant->run, pid);
	EXPECT_EQ(0, hchan_try_send(self->l.in, &n, sizeof(n)));
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	go_on(_metadata, &self->l, pid[1], 2, 2);
	have_before(_metadata, &self->l, variant->run == broadcast, 2);
}

/* With an element in its hand: that one, but for outputs that have it. */
TEST_F(loop, in_hand)
{
	pid_t pid[2];

	start_both_sending(&self->l, variant->run, pid);
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	EXPECT_TRUE(hc_parked(self->l.out, 1, 0));
	go_on(_metadata, &self->l, pid[1], COUNT + 1, 2);
	have_before(_metadata, &self->l, variant->run == broadcast, 1);
}

/* Has got rid of it and does not know yet: nothing. */
TEST_F(loop, just_taken)
{
	pid_t pid[2];
	int n = 0;

	hc_run_first();
	start_both_sending(&self->l, variant->run, pid);
	EXPECT_EQ(1, hchan_try_recv(self->l.out, &n, sizeof(n)));
	EXPECT_EQ(1, n);
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	go_on(_metadata, &self->l, pid[1], COUNT + 1, 2);
	have_before(_metadata, &self->l, variant->run == broadcast, 1);
}

/* A context's end, too, takes what is in the hand of each, and nothing more. */
TEST_F(loop, cancelled)
{
	pid_t pid[2];
	int n, i;

	start_both_sending(&self->l, variant->run, pid);
	hchan_ctx_cancel(self->l.cancel);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(ECANCELED, exit_of(pid[i]));
	EXPECT_TRUE(hc_parked(self->l.out, 0, 0));
	for (i = 3; i <= COUNT; i++) {
		EXPECT_EQ(1, hchan_try_recv(self->l.in, &n, sizeof(n)));
		EXPECT_EQ(i, n);
	}
	EXPECT_EQ(0, hchan_len(self->l.in));
	EXPECT_EQ(variant->run == broadcast ? 2 : 0, hchan_len(self->l.first));
}

/* ---- worker pool ---- */

struct job {
	int gate;	/* where who gets it stays, or HCHAN_NIL */
	int number;
};

static int work(void *arg, const void *elem, void *result)
{
	const struct job *job = elem;

	if (job->gate != HCHAN_NIL)
		stay(job->gate);
	memcpy(result, &job->number, sizeof(int));
	return 1;
}

/* One is killed in the middle of its job, the others wait: that job, and no other. */
TEST(pool)
{
	int in = hchan_make(sizeof(struct job), COUNT), gate = hchan_make(0, 0);
	int out = hchan_make(sizeof(int), 2 * COUNT), pid, i, n;
	struct hchan_stage stage = {
		in, out, sizeof(struct job), sizeof(int), work, NULL,
	};
	struct job job = { gate, 99 };
	struct hchan_group group;
	struct hchan_why why;

	ASSERT_EQ(0, hchan_group_make(&group, BG));
	pid = hchan_group_fork(&group);
	if (!pid)
		_exit(hchan_stage_run(&stage, group.ctx) < 0);
	EXPECT_EQ(0, hchan_send(in, &job, sizeof(job)));
	EXPECT_EQ(1, hchan_wait_receivers(gate, 1, patience()));
	/* Work in hand does not hold up the others. */
	ASSERT_EQ(0, hchan_group_pool(&group, 2, &stage));
	job.gate = HCHAN_NIL;
	for (job.number = 1; job.number <= COUNT; job.number++)
		EXPECT_EQ(0, hchan_send(in, &job, sizeof(job)));
	EXPECT_EQ(COUNT, hchan_wait_len(out, COUNT, patience()));
	EXPECT_EQ(2, hchan_wait_receivers(in, 2, patience()));
	kill(pid, SIGKILL);
	EXPECT_EQ(-ECANCELED, hchan_group_wait(&group, &why));
	EXPECT_EQ(KILLED, why.code);
	/* The next pool has what comes then. */
	EXPECT_EQ(0, hchan_len(in));
	EXPECT_EQ(0, hchan_send(in, &job, sizeof(job)));
	hchan_close(in);
	ASSERT_EQ(0, hchan_group_make(&group, BG));
	ASSERT_EQ(0, hchan_group_pool(&group, 2, &stage));
	EXPECT_EQ(0, hchan_group_wait(&group, &why));
	for (i = 1, n = 0; hchan_try_recv(out, &job.number, sizeof(int)) == 1; i++) {
		EXPECT_NE(99, job.number);
		n += job.number;
	}
	EXPECT_EQ(COUNT + 1, i - 1) TH_LOG("more is lost than one, or less");
	EXPECT_EQ((COUNT + 1) * (COUNT + 2) / 2, n);
	hchan_drop(gate);
	hchan_drop(in);
	hchan_drop(out);
}

/* ---- semaphore ---- */

/* When a victim is killed: let in and not run since, or at one of its steps. */
enum { LET_IN, NOT_SAID_YET, INSIDE, TAKEN_BACK };

FIXTURE(semaphore) {
};

FIXTURE_VARIANT(semaphore) {
	int moment;
};

FIXTURE_VARIANT_ADD(semaphore, let_in) { LET_IN };
FIXTURE_VARIANT_ADD(semaphore, not_said_yet) { NOT_SAID_YET };
FIXTURE_VARIANT_ADD(semaphore, inside) { INSIDE };
FIXTURE_VARIANT_ADD(semaphore, taken_back) { TAKEN_BACK };

FIXTURE_SETUP(semaphore)
{
}

FIXTURE_TEARDOWN(semaphore)
{
}

/* As the header says: it says that it is inside once it is, and takes that back before. */
static void visit(int sem, int inside, int moment, int gate)
{
	if (hchan_sem_acquire(sem, BG))
		_exit(1);
	if (moment == NOT_SAID_YET)
		stay(gate);
	if (hchan_try_send(inside, NULL, 0))
		_exit(2);
	if (moment == INSIDE)
		stay(gate);
	if (hchan_try_recv(inside, NULL, 0) != 1)
		_exit(3);
	if (moment == TAKEN_BACK)
		stay(gate);
	_exit(hchan_sem_release(sem) ? 4 : 0);
}

/*
 * Two places, both in use, and two who wait. The first of them is killed: never are more
 * inside than there are places, the other one gets in, and what is lost is a place, or
 * nothing, if it said that it was inside.
 */
TEST_F(semaphore, killed)
{
	int sem = hchan_sem_make(2), inside[2], gate = hchan_make(0, 0), i;
	bool lost = variant->moment != INSIDE;
	pid_t pid[2];

	hc_run_first();
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, hchan_sem_try_acquire(sem));
	for (i = 0; i < 2; i++) {
		inside[i] = hchan_make(0, 1);
		pid[i] = child();
		if (!pid[i])
			visit(sem, inside[i], i ? LET_IN : variant->moment, gate);
		EXPECT_EQ(i + 1, hchan_wait_senders(sem, i + 1, patience()));
	}
	EXPECT_EQ(0, hchan_sem_release(sem));
	if (variant->moment != LET_IN)
		EXPECT_EQ(1, hchan_wait_receivers(gate, 1, patience()));
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	EXPECT_TRUE(hc_parked(sem, 1, 0)) TH_LOG("one too many went in");
	EXPECT_EQ(-EAGAIN, hchan_sem_try_acquire(sem));
	EXPECT_EQ(lost ? -EAGAIN : 1, hchan_try_recv(inside[0], NULL, 0));
	/* In its place, and then for ourselves. */
	if (!lost)
		EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, hchan_sem_release(sem));
	EXPECT_EQ(0, exit_of(pid[1]));
	/* Nobody is inside. */
	EXPECT_EQ(lost, hchan_len(sem));
	EXPECT_EQ(0, hchan_sem_try_acquire(sem));
	EXPECT_EQ(lost ? -EAGAIN : 0, hchan_sem_try_acquire(sem));
	hchan_drop(inside[0]);
	hchan_drop(inside[1]);
	hchan_drop(gate);
	hchan_drop(sem);
}

/* ---- once ---- */

/* Is given the turn after a failure, and is killed before it knows: the turn is lost. */
TEST(once_given_the_turn)
{
	struct hchan_once once;
	pid_t pid[2];
	int soon, i;

	hc_run_first();
	ASSERT_EQ(0, hchan_once_make(&once));
	EXPECT_EQ(1, hchan_once_begin(&once, BG));
	for (i = 0; i < 2; i++) {
		pid[i] = child();
		if (!pid[i])
			_exit(10 + hchan_once_begin(&once, BG));
		EXPECT_EQ(i + 1, hchan_wait_senders(once.turn_, i + 1, patience()));
	}
	EXPECT_EQ(0, hchan_once_failed(&once));
	EXPECT_EQ(KILLED, kill_it(pid[0]));
	/* The others wait, and their contexts end that. */
	EXPECT_TRUE(hc_parked(once.turn_, 1, 0)) TH_LOG("two would do it");
	soon = hchan_ctx_with_timeout(BG, HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_once_begin(&once, soon));
	hchan_drop(soon);
	EXPECT_TRUE(hc_parked(once.turn_, 1, 0));
	/* Who knows of all others that they only wait can say it in its place. */
	EXPECT_EQ(0, hchan_once_failed(&once));
	EXPECT_EQ(11, exit_of(pid[1]));
	EXPECT_EQ(0, hchan_once_done(&once));
	EXPECT_EQ(0, hchan_once_begin(&once, BG));
	hchan_once_drop(&once);
}

/* Has done it, and is killed before it has said so: another one does it again. */
TEST(once_not_said_yet)
{
	int count = hchan_make(0, 2), gate = hchan_make(0, 0);
	struct hchan_once once;
	pid_t pid;

	ASSERT_EQ(0, hchan_once_make(&once));
	pid = child();
	if (!pid) {
		if (hchan_once_begin(&once, BG) != 1 || hchan_send(count, NULL, 0))
			_exit(1);
		stay(gate);
	}
	EXPECT_EQ(KILLED, killed(pid, gate));
	EXPECT_EQ(1, hchan_len(count));
	EXPECT_EQ(0, hchan_once_failed(&once));
	EXPECT_EQ(1, hchan_once_begin(&once, BG));
	EXPECT_EQ(0, hchan_once_done(&once));
	EXPECT_EQ(0, hchan_once_begin(&once, BG));
	hchan_once_drop(&once);
	hchan_drop(count);
	hchan_drop(gate);
}

TEST_HARNESS_MAIN
