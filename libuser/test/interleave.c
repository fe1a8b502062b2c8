// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worked example of <hchan/test.h>. Three programs that are no relatives and
 * know only names - a sender and two receivers - are forced into one exact
 * interleaving:
 *
 *	receiver a	receiver b	sender
 *	parks
 *			parks
 *					sends 42
 *	logs 42
 *					closes
 *			logs the end
 *
 * Or the same with a and b exchanged: which of them parks first is drawn anew
 * for each round, and the job must go to that one every time (C8), and the end
 * to the other (C15). They are started in an order that is drawn, too, so it is
 * not the order of their births that decides.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>

#include "interleave.h"
#include "lib_util.h"

#include "../kselftest_harness.h"

#define PROGRAMS	3

static pid_t start(const char *program, char *who, char *step)
{
	char path[PATH_MAX];
	char *slash, *argv[] = { path, who, step, NULL };
	ssize_t len;
	pid_t pid;

	/* They lie beside this program. */
	len = readlink("/proc/self/exe", path, sizeof(path) / 2);
	if (len < 0)
		return -1;
	path[len] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash + 1, sizeof(path) / 2, "%s", program);
	return posix_spawn(&pid, path, NULL, NULL, argv, environ) ? -1 : pid;
}

static pid_t start_one(int which, bool b_first)
{
	switch (which) {
	case 0:
		return start("interleave_receiver", "a", b_first ? "1" : "0");
	case 1:
		return start("interleave_receiver", "b", b_first ? "0" : "1");
	default:
		return start("interleave_sender", NULL, NULL);
	}
}

FIXTURE(interleave) {
	char dir[32];
	pid_t pid[PROGRAMS];
};

FIXTURE_SETUP(interleave)
{
	strcpy(self->dir, "/tmp/interleave-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
}

FIXTURE_TEARDOWN(interleave)
{
	int i;

	/* Whoever is left over after a failure. */
	for (i = 0; i < PROGRAMS; i++)
		if (self->pid[i] > 0)
			kill(self->pid[i], SIGKILL);
	umount(self->dir);
	rmdir(self->dir);
}

TEST_F_TIMEOUT(interleave, thousand, 500)
{
	unsigned int rounds = scaled(1000), seed = 1, as_wanted = 0, i, n;
	unsigned int b_first, b_first_rounds = 0;
	struct entry log[PROGRAMS];
	log_chan logged;
	job_chan jobs;

	for (i = 0; i < rounds; i++) {
		ASSERT_LE(0, hchan_test_clean(TEST_NAME));
		jobs = job_chan_create(JOBS, i % 3);
		logged = log_chan_create(LOG, PROGRAMS);
		ASSERT_LE(0, jobs.fd) TH_LOG("%s", hchan_errmsg());
		ASSERT_LE(0, logged.fd) TH_LOG("%s", hchan_errmsg());

		b_first = rand_r(&seed) >> 8 & 1;
		b_first_rounds += b_first;
		n = rand_r(&seed) >> 8;
		self->pid[0] = start_one(n % 3, b_first);
		self->pid[1] = start_one((n + 1 + n / 3 % 2) % 3, b_first);
		self->pid[2] = start_one((n + 2 - n / 3 % 2) % 3, b_first);
		for (n = 0; n < PROGRAMS; n++) {
			ASSERT_LT(0, self->pid[n]);
			ASSERT_EQ(0, exit_of(self->pid[n]));
			self->pid[n] = 0;
		}

		memset(log, 0xcc, sizeof(log));
		ASSERT_EQ(2, HCHAN_RECVN_UNTIL(logged, log, PROGRAMS,
					       hchan_nowait(), 0));
		if (log[0].who == (b_first ? 'b' : 'a') && log[0].ret == 1 &&
		    log[0].job == 42 &&
		    log[1].who == (b_first ? 'a' : 'b') && log[1].ret == 0 &&
		    log[1].job == 0)
			as_wanted++;
		job_chan_drop(jobs);
		log_chan_drop(logged);
	}
	TH_LOG("%u of %u rounds as wanted, %u of them with b first", as_wanted,
	       rounds, b_first_rounds);
	EXPECT_EQ(rounds, as_wanted);
	EXPECT_LT(0, b_first_rounds);
	EXPECT_GT(rounds, b_first_rounds);
	hchan_test_clean(TEST_NAME);
}

TEST_HARNESS_MAIN
