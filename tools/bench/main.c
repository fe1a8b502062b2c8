// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels against what else the kernel has: what an operation costs.
 *
 *	bench [options] [SCENARIO]...
 *
 * Prints a line "scenario variant peer value unit" for each measurement. Each
 * scenario runs in a process of its own, one after the other, in a memory
 * cgroup of their own where one can be had: allocations that are charged to one
 * cost more than those that are not, so without it peers that charge would look
 * better than in any container. See kmod/doc/bench.md.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "scenarios.h"

/* A scenario takes a few seconds of its clock; by then it hangs. */
#define LONGEST	300

struct options opt = {
	.unit = "ns",
	.cpu = { -1, -1 },
	.rounds = 3,
	.chunk = 300000,
};

static const struct scenario *const scenarios[] = {
	&seq_scenario, &try_scenario, &batch_scenario,
	&uring_scenario,
	&spsc_scenario, &mpsc_scenario, &mpmc_scenario, &broadcast_scenario,
	&pingpong_scenario,
	&select_rx_scenario, &select_one_scenario, &select_both_scenario,
	&select_blocked_scenario,
	&create_scenario, &close_scenario, &waiters_scenario,
	&memory_scenario, &scale_scenario,
};

/* In a scenario's process or one that it has started. */
static bool in_scenario;

/* Ends the scenario, whichever of its processes has found that it is wrong. */
void die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (in_scenario)
		kill(0, SIGKILL);
	_exit(1);
}

void note(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void enter_cgroup(void)
{
	const char *group = "/sys/fs/cgroup/hchan-bench";

	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if ((mkdir(group, 0755) && errno != EEXIST) ||
	    !put("/sys/fs/cgroup/hchan-bench/cgroup.procs", "0"))
		note("no memory cgroup of our own: allocations may go uncharged");
}

static void raise_limits(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MSGQUEUE, &all);
	setrlimit(RLIMIT_NPROC, &all);
	put("/proc/sys/kernel/msgmax", "65536");
	/* As root a pipe may have what it likes; threads are another matter. */
	put("/proc/sys/kernel/threads-max", "20000");
}

static bool run(const struct scenario *s)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		setpgid(0, 0);
		in_scenario = true;
		alarm(LONGEST);
		place(0);
		settle();
		s->run();
		exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	if (!status)
		return true;
	/* Whoever it has started and left behind must not disturb the next. */
	kill(-pid, SIGKILL);
	fprintf(stderr, "bench: %s failed\n", s->name);
	return false;
}

static const struct scenario *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		if (!strcmp(scenarios[i]->name, name))
			return scenarios[i];
	}
	die("no scenario %s (there are: bench --list)", name);
}

static void list(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		printf("%-15s %s\n", scenarios[i]->name, scenarios[i]->summary);
}

static const char usage[] =
"usage: bench [options] [SCENARIO]...\n"
"  --list         name the scenarios\n"
"  --icount       the clock counts instructions: say so in the unit\n"
"  --median       report medians, not minima\n"
"  --peers        ping-pong: without channels, where there is no module\n"
"  --spin         who waits for a futex never sleeps (two processors)\n"
"  --chunk US     how long a measured piece is (300)\n"
"  --no-cgroup    stay in the memory cgroup we are in\n"
"  --rounds N     how often a measurement is begun anew (3)\n"
"  --cpus A,B     processors for the two sides\n"
"  --json FILE    all values also there\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "icount", no_argument, NULL, 'i' },
		{ "median", no_argument, NULL, 'm' },
		{ "peers", no_argument, NULL, 'p' },
		{ "spin", no_argument, NULL, 's' },
		{ "chunk", required_argument, NULL, 'k' },
		{ "no-cgroup", no_argument, NULL, 'n' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "cpus", required_argument, NULL, 'c' },
		{ "json", required_argument, NULL, 'j' },
		{ }
	};
	bool good = true, own_cgroup = true;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			list();
			return 0;
		case 'i':
			opt.unit = "insn";
			break;
		case 'm':
			opt.median = true;
			break;
		case 'p':
			opt.peers = true;
			break;
		case 's':
			opt.spin = true;
			break;
		case 'r':
			opt.rounds = atoi(optarg);
			break;
		case 'k':
			opt.chunk = atoi(optarg) * 1000;
			break;
		case 'n':
			own_cgroup = false;
			break;
		case 'c':
			if (sscanf(optarg, "%d,%d", &opt.cpu[0], &opt.cpu[1]) != 2)
				die("--cpus: two numbers");
			break;
		case 'j':
			json_begin(optarg);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!opt.rounds || !opt.chunk)
		die("--rounds, --chunk: at least one");
	for (int i = optind; i < argc; i++)
		find(argv[i]);
	raise_limits();
	if (own_cgroup)
		enter_cgroup();
	if (optind == argc) {
		for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
			good &= run(scenarios[i]);
	}
	for (int i = optind; i < argc; i++)
		good &= run(find(argv[i]));
	json_end();
	note(good ? "complete" : "FAILED");
	return !good;
}
