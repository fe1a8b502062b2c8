/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ways to see that a call allocates nothing: make every allocation fail
 * (where the kernel has fault injection), and look at what was allocated (where
 * it has trace events).
 */
#ifndef ALLOCS_H
#define ALLOCS_H

#include <sys/stat.h>

#include "load.h"

#define FAULTS "/sys/kernel/debug/"

/* Return: whether it could be written. */
static inline bool set_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return good;
}

/* --- faults ---------------------------------------------------------------- */

/*
 * What is set to what, and what it was at boot. In this order to begin with, as
 * no other task may be hit before the filter is there, nor after it is gone.
 */
static const char * const fault_settings[][3] = {
	{ "failslab/task-filter", "Y", "N" },
	{ "failslab/ignore-gfp-wait", "N", "Y" },
	{ "failslab/verbose", "0", "0" },
	{ "failslab/times", "-1", "1" },
	{ "failslab/probability", "100", "0" },
	{ "fail_page_alloc/task-filter", "Y", "N" },
	{ "fail_page_alloc/ignore-gfp-wait", "N", "Y" },
	{ "fail_page_alloc/ignore-gfp-highmem", "N", "Y" },
	{ "fail_page_alloc/min-order", "0", "1" },
	{ "fail_page_alloc/verbose", "0", "0" },
	{ "fail_page_alloc/times", "-1", "1" },
	{ "fail_page_alloc/probability", "100", "0" },
};

static inline bool faults_there(void)
{
	return !access(FAULTS "failslab/probability", W_OK) &&
	       !access(FAULTS "fail_page_alloc/probability", W_OK) &&
	       !access("/proc/self/make-it-fail", W_OK);
}

/* Every allocation fails, but only in tasks that ask for it. */
static inline void faults_set(bool on)
{
	const unsigned int n = ARRAY_SIZE(fault_settings);
	char path[128];
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		j = on ? i : n - 1 - i;
		snprintf(path, sizeof(path), FAULTS "%s", fault_settings[j][0]);
		if (!set_file(path, fault_settings[j][on ? 1 : 2]))
			ksft_exit_fail_msg("%s: %s\n", path, strerror(errno));
	}
}

/*
 * For the calling task: a file to be kept open, as opening one allocates. Its
 * memory is all there first, as a page fault allocates too.
 */
static inline int faults_open(void)
{
	load_must(mlockall(MCL_CURRENT | MCL_FUTURE));
	return load_must(open("/proc/thread-self/make-it-fail",
			      O_WRONLY | O_CLOEXEC));
}

static inline void faults_ask(int fd, bool on)
{
	if (pwrite(fd, on ? "1" : "0", 1, 0) != 1)
		abort();
}

/* --- traces ---------------------------------------------------------------- */

#define TRACES "/sys/kernel/tracing/instances/hchan-allocs/"

static const char * const trace_events[] = {
	"kmalloc", "kmem_cache_alloc", "mm_page_alloc",
};

static int traces_on = -1;	/* kept open, as opening it allocates */

/* What is in a file of all events. Return: whether it could be written. */
static inline bool traces_set(const char *file, const char *text)
{
	char path[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(trace_events); i++) {
		snprintf(path, sizeof(path), TRACES "events/kmem/%s/%s",
			 trace_events[i], file);
		if (!set_file(path, text))
			return false;
	}
	return true;
}

static inline bool traces_open(void)
{
	if (mkdir(TRACES, 0700) && errno != EEXIST)
		return false;
	traces_on = open(TRACES "tracing_on", O_WRONLY | O_CLOEXEC);
	if (traces_on < 0 || pwrite(traces_on, "0", 1, 0) != 1)
		return false;
	return traces_set("enable", "1");
}

static inline void traces_close(void)
{
	close(traces_on);
	rmdir(TRACES);
}

/*
 * For those processes. By filters, as set_event_pid patches the scheduler's code
 * each time, which an emulated processor does not always survive.
 */
static inline void traces_start(pid_t one, pid_t other)
{
	char pids[80];
	int fd;

	snprintf(pids, sizeof(pids), "common_pid == %d || common_pid == %d",
		 one, other);
	fd = load_must(open(TRACES "trace", O_WRONLY | O_TRUNC | O_CLOEXEC));
	close(fd);
	if (!traces_set("filter", pids) ||
	    pwrite(traces_on, "1", 1, 0) != 1)
		ksft_exit_fail_perror("tracing");
}

/*
 * Return: allocations since then. An interrupt's are not its task's, and a
 * debugging kernel keeps books about locks and timers that need memory.
 */
static inline unsigned int traces_stop(void)
{
	static const char * const not_ours[] = {
		"fill_pool", "stack_depot", "kmemleak", "mem_pool_alloc",
	};
	unsigned int n = 0, i;
	char line[512], *flags;
	FILE *f;

	if (pwrite(traces_on, "0", 1, 0) != 1)
		ksft_exit_fail_perror("tracing");
	f = fopen(TRACES "trace", "re");
	if (!f)
		ksft_exit_fail_perror("the trace");
	while (fgets(line, sizeof(line), f)) {
		flags = strchr(line, ']');
		if (line[0] == '#' || !flags || strchr("hHsZz", flags[4]))
			continue;
		for (i = 0; i < ARRAY_SIZE(not_ours); i++)
			if (strstr(line, not_ours[i]))
				break;
		if (i < ARRAY_SIZE(not_ours))
			continue;
		if (!n++)
			ksft_print_msg("%s", line);
	}
	fclose(f);
	return n;
}

#endif /* ALLOCS_H */
