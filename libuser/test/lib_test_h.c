// SPDX-License-Identifier: GPL-2.0-only
/* <hchan/test.h>: steps, barriers, and the report of a test that is stuck. */
#include <signal.h>
#include <sys/mount.h>
#include <sys/mman.h>

#include <hchan/test.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define PARTIES	4

FIXTURE(ordered) {
	char dir[32];
	struct hchan_test *t;
	/* Shared with the children. */
	unsigned int *count;
};

FIXTURE_SETUP(ordered)
{
	strcpy(self->dir, "/tmp/lib_test_h-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
	ASSERT_EQ(0, hchan_test_join(&self->t, "ordered", 100 * HCHAN_SEC));
	self->count = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->count);
}

FIXTURE_TEARDOWN(ordered)
{
	hchan_test_leave(self->t);
	EXPECT_LE(1, hchan_test_clean("ordered"));
	EXPECT_EQ(0, hchan_test_clean("ordered"));
	EXPECT_EQ(0, umount(self->dir));
	rmdir(self->dir);
}

/* Each process has every fourth step; the count says whose turn it was. */
static int every_fourth(unsigned int me, unsigned int steps,
			unsigned int *count)
{
	struct hchan_test *t;
	unsigned int k;

	if (hchan_test_join(&t, "ordered", 100 * HCHAN_SEC))
		return 1;
	for (k = me; k < steps; k += PARTIES) {
		if (hchan_test_step(t, k))
			return 2;
		/* Not atomic: whoever comes out of turn spoils it. */
		if ((*count)++ != k)
			return 3;
		if (hchan_test_done(t, k))
			return 4;
	}
	hchan_test_leave(t);
	return 0;
}

TEST_F(ordered, steps)
{
	unsigned int steps = scaled(2000) * PARTIES;
	pid_t pid[PARTIES];
	unsigned int i;

	for (i = 0; i < PARTIES; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(every_fourth(i, steps, self->count));
	}
	EXPECT_EQ(0, hchan_test_step(self->t, steps));
	EXPECT_EQ(steps, *self->count);
	for (i = 0; i < PARTIES; i++)
		EXPECT_EQ(0, exit_of(pid[i]));
}

TEST_F(ordered, steps_out_of_order)
{
	EXPECT_EQ(-EPROTO, hchan_test_done(self->t, 1));
	EXPECT_EQ(0, hchan_test_step(self->t, 0));
	EXPECT_EQ(0, hchan_test_done(self->t, 0));
	EXPECT_EQ(-EPROTO, hchan_test_done(self->t, 0));
	EXPECT_EQ(-EPROTO, hchan_test_step(self->t, 0));
	EXPECT_EQ(0, hchan_test_step(self->t, 1));
}

/* Nobody leaves round r before all are in it. */
static int rounds_of(unsigned int rounds, unsigned int *count)
{
	struct hchan_test *t;
	unsigned int r, seen;

	if (hchan_test_join(&t, "ordered", 100 * HCHAN_SEC))
		return 1;
	for (r = 0; r < rounds; r++) {
		__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
		if (hchan_test_barrier(t, "all", PARTIES))
			return 2;
		seen = __atomic_load_n(count, __ATOMIC_RELAXED);
		if (seen < PARTIES * (r + 1) || seen > PARTIES * (r + 2) - 1)
			return 3;
	}
	hchan_test_leave(t);
	return 0;
}

TEST_F(ordered, barrier)
{
	unsigned int rounds = scaled(2000);
	pid_t pid[PARTIES];
	int i;

	for (i = 0; i < PARTIES; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(rounds_of(rounds, self->count));
	}
	for (i = 0; i < PARTIES; i++)
		EXPECT_EQ(0, exit_of(pid[i]));
	EXPECT_EQ(PARTIES * rounds, *self->count);
}

TEST_F(ordered, barrier_of_another_size)
{
	struct hchan_test *t;

	EXPECT_EQ(0, hchan_test_barrier(self->t, "all", 1));
	EXPECT_EQ(-EINVAL, hchan_test_barrier(self->t, "all", 0));
	EXPECT_EQ(-EINVAL, hchan_test_barrier(self->t, "a/b", 2));
	ASSERT_EQ(0, hchan_test_join(&t, "ordered", 0));
	/* Alone, and out of time: but now there is a barrier for two. */
	EXPECT_EQ(-ETIMEDOUT, hchan_test_meet(t, "all"));
	EXPECT_EQ(-EPROTO, hchan_test_barrier(self->t, "all", 3));
	EXPECT_EQ(-EPROTO, hchan_test_barrier(t, "all", 3));
	hchan_test_leave(t);
}

TEST_F(ordered, bad_names)
{
	struct hchan_test *t = self->t;

	EXPECT_EQ(-EINVAL, hchan_test_join(&t, "", 1));
	EXPECT_EQ(-EINVAL, hchan_test_join(&t, "a/b", 1));
	EXPECT_EQ(-EINVAL, hchan_test_clean(""));
	EXPECT_EQ(self->t, t);
	/* A name that only begins like it is another test's. */
	ASSERT_EQ(0, hchan_test_join(&t, "ordered2", 1));
	hchan_test_leave(t);
	EXPECT_EQ(1, hchan_test_clean("ordered"));
	EXPECT_EQ(1, hchan_test_clean("ordered2"));
	/* For the teardown. */
	hchan_test_leave(self->t);
	ASSERT_EQ(0, hchan_test_join(&self->t, "ordered", 1));
}

/* Runs out of time while @ch has a receiver; what it prints goes to @out. */
static int stuck(int ch, int out)
{
	struct hchan_test *t;
	int ret;

	dup2(out, STDERR_FILENO);
	ret = hchan_test_join(&t, "ordered", 0);
	if (!ret)
		ret = hchan_test_watch(t, "the jobs", ch);
	if (!ret)
		ret = hchan_test_receivers(t, ch, 2);
	hchan_test_leave(t);
	return ret == -ETIMEDOUT ? 0 : 1;
}

/* The report names the channel, how it stands, and who is parked on it. */
TEST_F(ordered, report)
{
	char text[8192] = "", line[80];
	int ch = hchan_make(4, 3);
	int value = 0;
	ssize_t len;
	int out[2];
	pid_t pid;

	ASSERT_LE(0, ch);
	ASSERT_EQ(0, pipe(out));
	pid = fork();
	if (!pid)
		_exit(hchan_recv(ch, &value, sizeof(value)) == 1 ? 0 : 1);
	ASSERT_EQ(0, hchan_test_receivers(self->t, ch, 1));
	EXPECT_EQ(0, stuck(ch, out[1]));
	len = read(out[0], text, sizeof(text) - 1);
	ASSERT_LT(0, len);

	EXPECT_NE(NULL, strstr(text, "hchan_test: ordered: process"));
	EXPECT_NE(NULL, strstr(text, "lib_test_h.c:"));
	EXPECT_NE(NULL, strstr(text,
			       "waits for 2 parked receivers on the jobs"));
	EXPECT_NE(NULL, strstr(text,
			       "length 0 of 3, parked: 0 senders, 1 receivers"));
	snprintf(line, sizeof(line),
		 "%d (lib_test_h), thread %d: descriptor %d, in a receive",
		 pid, pid, ch);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("no '%s' in\n%s", line,
						   text);
	snprintf(line, sizeof(line), "%d (lib_test_h): descriptor %d, not in a",
		 getpid(), ch);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("no '%s' in\n%s", line,
						   text);
	EXPECT_NE(NULL, strstr(text, "channel ordered.steps (id"));

	EXPECT_EQ(0, hchan_send(ch, &value, sizeof(value)));
	EXPECT_EQ(0, exit_of(pid));
	close(ch);
}

TEST_HARNESS_MAIN
