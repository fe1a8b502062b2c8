// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs in libuser/examples/patterns, each run as it is. They check their
 * results themselves; here it is looked at what they tell the reader.
 */
#include <sys/resource.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define NOBODY	65534

/* They lie beside this program. */
static void run(const char *name)
{
	char path[PATH_MAX];
	ssize_t len;
	char *slash;

	len = readlink("/proc/self/exe", path, sizeof(path) / 2);
	if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
		snprintf(slash + 1, sizeof(path) / 2, "pattern_%s", name);
		execl(path, name, NULL);
	}
	_exit(127);
}

static pid_t start(const char *name, int out)
{
	pid_t pid = fork();

	if (!pid) {
		dup2(out, STDOUT_FILENO);
		run(name);
	}
	return pid;
}

FIXTURE(patterns) {
};

FIXTURE_VARIANT(patterns) {
	const char *name;
	const char *said;
};

#define PATTERN(program, text) \
	FIXTURE_VARIANT_ADD(patterns, program) { .name = #program, .said = text }

PATTERN(close_one_to_one, "1 + ... + 10 = 55\n");
PATTERN(close_one_to_many, "4 receivers have added up 500500\n");
PATTERN(close_many_to_one, "100 items were enough, 3 senders have left\n");
PATTERN(close_many_to_many, "asked by a receiver, all 7 have left\n");
PATTERN(stop_signal, "one close has stopped 4 workers\n");
PATTERN(timed_task, "the quick one: 42\nthe stuck one: The deadline has passed\n");
PATTERN(producer_consumer, "500 of 1000 numbers are even\n");
PATTERN(limited_concurrency,
	"3 work, 9 wait\n12 have worked, never more than 3 at once\n");
PATTERN(prime_sieve,
	"2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71\n");
PATTERN(fibonacci, "0 1 1 2 3 5 8 13 21 34\n");
PATTERN(leak, "no buffer: 1 sender waits, and would for ever\n"
	"room for one: the sender is gone, the answer is there: 1\n"
	"disconnected: the sender was told, and is gone\n");
PATTERN(supervisor, "12 jobs done, 3 workers replaced\n");
PATTERN(first_answer, "the answer is 42; 1 has won, 4 were told\n");

FIXTURE_SETUP(patterns)
{
}

FIXTURE_TEARDOWN(patterns)
{
}

TEST_F_TIMEOUT(patterns, run, 100)
{
	char said[1000] = "";
	size_t len = 0;
	ssize_t more;
	int out[2];
	pid_t pid;

	ASSERT_EQ(0, pipe2(out, O_CLOEXEC));
	pid = start(variant->name, out[1]);
	ASSERT_LT(0, pid);
	close(out[1]);
	do {
		more = read(out[0], said + len, sizeof(said) - 1 - len);
		len += more > 0 ? more : 0;
	} while (more > 0);
	EXPECT_STREQ(variant->said, said);
	EXPECT_EQ(0, exit_of(pid));
	close(out[0]);
}

/* Where no process more can be had it ends: as nobody, of whom one may be. */
TEST(supervisor_without_fork)
{
	const struct rlimit one = { 1, 1 };
	char said[300] = "";
	int out[2];
	pid_t pid;

	ASSERT_EQ(0, pipe2(out, O_CLOEXEC));
	pid = fork();
	if (!pid) {
		dup2(out[1], STDERR_FILENO);
		/* What goes on for ever is ended. */
		alarm(30);
		if (setrlimit(RLIMIT_NPROC, &one) || setuid(NOBODY))
			_exit(126);
		run("supervisor");
	}
	ASSERT_LT(0, pid);
	close(out[1]);
	EXPECT_EQ(1, exit_of(pid));
	EXPECT_LT(0, read(out[0], said, sizeof(said) - 1));
	EXPECT_STREQ("supervisor: fork: Resource temporarily unavailable\n", said);
	close(out[0]);
}

TEST_HARNESS_MAIN
