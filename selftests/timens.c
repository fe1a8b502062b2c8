// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who lives in a time namespace has a CLOCK_MONOTONIC of their own, and means that
 * one: in deadlines (C40), timers (C29, C31) and contexts (C35). Here it is a day
 * ahead, so whatever took it for the machine's would wait for a day.
 */
#include <sched.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "hchan_ctx.h"
#include "hchan_select.h"
#include "hchan_timer.h"

#define DAY 86400

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int enter(void)
{
	static const char offsets[] = "monotonic 86400 0\n";
	int fd, ret;

	if (unshare(CLONE_NEWTIME))
		return -errno;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, offsets, strlen(offsets));
	close(fd);
	return ret == (int)strlen(offsets) ? 0 : -EIO;
}

/* Runs @body in a child that lives there. Returns what it says, or why not. */
static int there(int (*body)(void))
{
	int64_t outside = hc_clock(CLOCK_MONOTONIC);
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (enter())
			_exit(100);
		/* For its children. */
		pid = fork();
		if (!pid) {
			if (hc_clock(CLOCK_MONOTONIC) < outside + DAY * 1000 * HC_MS)
				_exit(101);
			_exit(body());
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			_exit(102);
		_exit(WEXITSTATUS(status));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int deadlines(void)
{
	int fd = hc_make(4, 1, 0);
	struct hchan_case c;
	char element[4];

	/* One that has passed here has passed. */
	if (hc_recv_by(fd, element, 4, HCHAN_DEADLINE, hc_in(-HC_MS), NULL) != -ETIMEDOUT)
		return 1;
	if (hc_recv_by(fd, element, 4, HCHAN_DEADLINE, hc_in(20 * HC_MS), NULL) !=
	    -ETIMEDOUT)
		return 2;
	c = hc_case_recv(fd, element, 4);
	if (hc_select_by(&c, 1, HCHAN_DEADLINE, hc_in(20 * HC_MS)) != -ETIMEDOUT)
		return 3;
	/* The far end of time stays there. */
	if (hc_try_send(fd, "four", 4) ||
	    hc_recv_by(fd, element, 4, HCHAN_DEADLINE, INT64_MAX - 1, NULL) != 1 ||
	    hc_recv_by(fd, element, 4, HCHAN_DEADLINE, INT64_MIN, NULL) != -ETIMEDOUT)
		return 4;
	/* CLOCK_REALTIME is everybody's. */
	if (hc_recv_by(fd, element, 4, HCHAN_DEADLINE | HCHAN_REALTIME,
		       hc_clock(CLOCK_REALTIME) + 20 * HC_MS, NULL) != -ETIMEDOUT)
		return 5;
	return 0;
}

static int timers(void)
{
	int64_t due = hc_in(20 * HC_MS), told = 0;
	int fd = ht_at(due);

	if (hc_recv(fd, &told, sizeof(told)) != 1 || told != due)
		return 1;
	due = hc_in(-HC_MS);
	if (ht_set(fd, due) || hc_try_recv(fd, &told, sizeof(told)) != 1 || told != due)
		return 2;
	due = hc_in(10 * HC_MS);
	fd = ht_ticker(due, 10 * HC_MS);
	if (hc_recv(fd, &told, sizeof(told)) != 1 || told != due)
		return 3;
	if (hc_recv(fd, &told, sizeof(told)) != 1 || told <= due ||
	    (told - due) % (10 * HC_MS))
		return 4;
	due = hc_clock(CLOCK_REALTIME);
	fd = ht_make(HCHAN_REALTIME, due, 0);
	if (hc_recv(fd, &told, sizeof(told)) != 1 || told != due)
		return 5;
	return 0;
}

static int contexts(void)
{
	int64_t due = hc_in(20 * HC_MS);
	struct hc_ctx c = hc_ctx_until(hc_background(), 0, due, NULL);

	if (hc_ctx_stat(c.fd).deadline != due)
		return 1;
	if (!hc_ctx_wait(c.fd) ||
	    !hc_ctx_is(c.fd, HCHAN_CTX_ERR_DEADLINE, 0, ""))
		return 2;
	c = hc_ctx(hc_background(), 0);
	if (hc_ctx_stat(c.fd).deadline != HC_NEVER)
		return 3;
	return 0;
}

FIXTURE(timens) { };

FIXTURE_SETUP(timens)
{
	if (access("/proc/self/timens_offsets", F_OK))
		SKIP(return, "a kernel without time namespaces");
}

FIXTURE_TEARDOWN(timens)
{
}

TEST_F(timens, c40_deadlines)
{
	EXPECT_EQ(0, there(deadlines));
}

TEST_F(timens, c29_timers)
{
	EXPECT_EQ(0, there(timers));
}

TEST_F(timens, c35_contexts)
{
	EXPECT_EQ(0, there(contexts));
}

TEST_HARNESS_MAIN
