/* SPDX-License-Identifier: GPL-2.0-only */
/* What the ports of the programs in Go's test/ share, beyond go.h. */
#ifndef HCHAN_PROG_H
#define HCHAN_PROG_H

#include "go.h"

/* Words of the page for this header; a program's own ones begin behind them. */
#define P_TID	0
#define P_DONE	1
#define P_OWN	2

/* How many goroutines: processes cost more than threads. */
static inline long p_goroutines(long threads, long forked, long unrelated)
{
	if (g_form == HC_THREADS)
		return hc_scale(threads);
	return hc_scale(g_form == HC_FORKED ? forked : unrelated);
}

/* Go's <-chan (O_RDONLY) and chan<- (O_WRONLY), of a channel for both. */
static inline int p_only(int c, int open_flags)
{
	char name[48];
	int ret;

	if (g_form == HC_UNRELATED) {
		hc_must(g_name(c, name, sizeof(name)));
		ret = hc_open_name(name, open_flags);
	} else {
		ret = hc_narrow(c, open_flags);
	}
	hc_must(ret >= 0);
	return ret;
}

/* A channel of messages of up to @longest bytes. */
static inline int p_make_msg(uint32_t longest, uint64_t cap)
{
	struct hchan_create create = hc_request(longest, cap, HCHAN_MSG);
	static int n;
	char name[48];
	int on = g_dev, c;

	if (g_form == HC_UNRELATED) {
		on = hc_dir();
		sprintf(name, "go-%d-%d-msg%d", getppid(), getpid(), n++);
		create.name = (uintptr_t)name;
		create.name_len = strlen(name);
		create.mode = 0600;
		create.flags |= HCHAN_CREATE | HCHAN_EXCL;
	}
	c = hc_create_at(on, &create);
	if (c < 0)
		hc_broken("make: %s", strerror(-c));
	if (on != g_dev)
		close(on);
	return c;
}

/* A select with a default, which is -1, or without. */
static inline int p_select(struct hchan_case *cases, uint32_t n, bool nowait)
{
	if (nowait)
		return g_try_select(cases, n);
	return g_select(cases, n);
}

/*
 * Whether a goroutine blocks for ever, where no channel can tell: it says
 * p_blocking() before what must not return, and p_not_blocked() behind it.
 */
static inline void p_blocking(void)
{
	hc_must(g_count(P_TID, syscall(SYS_gettid)) > 0);
}

static inline void p_not_blocked(void)
{
	g_count(P_DONE, 1);
}

/* Waits until the only goroutine that is about to block is asleep. */
static inline void p_must_block(void)
{
	g_await(P_TID, 1);
	hc_asleep(*g_word(P_TID));
	hc_must(*g_word(P_DONE) == 0);
	*g_word(P_TID) = 0;
}

/* What the kernel has allocated for itself, in kB. */
static inline long p_kernel_memory(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	hc_must(f);
	while (kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "SUnreclaim: %ld", &kb);
	fclose(f);
	hc_must(kb >= 0);
	return kb;
}

/* KASAN does: there its numbers say nothing, and kmemleak looks instead. */
static inline bool p_kernel_keeps_freed(void)
{
	char line[256];
	bool keeps = false;
	FILE *f = fopen("/proc/kallsyms", "r");

	hc_must(f);
	while (!keeps && fgets(line, sizeof(line), f))
		keeps = strstr(line, " kasan_report\n");
	fclose(f);
	return keeps;
}

#endif /* HCHAN_PROG_H */
