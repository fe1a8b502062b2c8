/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A memory control group for the calling process, and what its counters say the
 * kernel holds for it.
 */
#ifndef MEMGROUP_H
#define MEMGROUP_H

#include <linux/membarrier.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fs_util.h"
#include "load.h"

#define CGROUPS "/sys/fs/cgroup/"

/* Not a byte for each channel: what a processor keeps at hand of its own. */
#define SLACK (64 * 1024)

static char group[64];

static inline const char *group_file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return path;
}

static inline bool make_group(void)
{
	write_to(CGROUPS "cgroup.subtree_control", "+memory");
	snprintf(group, sizeof(group), CGROUPS "hchan-%d", getpid());
	return !mkdir(group, 0755) && !access(group_file("memory.stat"), R_OK) &&
	       !write_to(group_file("cgroup.procs"), "0");
}

static inline void leave_group(void)
{
	write_to(CGROUPS "cgroup.procs", "0");
	rmdir(group);
}

/* A line of memory.stat, memory.events, in bytes or times; -1: there is none. */
static inline long long counter(const char *file, const char *name)
{
	char line[128], word[64];
	long long value, found = -1;
	FILE *f;

	/* To read this one adds up what the processors have counted. */
	f = fopen(group_file("cpu.stat"), "re");
	while (f && fgets(line, sizeof(line), f))
		;
	if (f)
		fclose(f);

	f = fopen(group_file(file), "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lld", word, &value) == 2 &&
		    !strcmp(word, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

/* Objects and large buffers. */
static inline long long held(void)
{
	long long vmalloc = counter("memory.stat", "vmalloc");

	return counter("memory.stat", "slab") + (vmalloc > 0 ? vmalloc : 0);
}

static inline long long held_now(void)
{
	syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	return held();
}

/*
 * Whether no more is held than before. What is given back after a grace period
 * takes its time; what is lost never comes.
 */
static inline bool given_back(long long before, long long *after)
{
	const struct timespec pause = { .tv_nsec = 10 * HC_MS };
	int64_t end = hc_in(20000 * HC_MS);

	do {
		*after = held_now();
		if (*after <= before + SLACK)
			return true;
		nanosleep(&pause, NULL);
	} while (hc_clock(CLOCK_MONOTONIC) < end);
	return false;
}

#endif /* MEMGROUP_H */
