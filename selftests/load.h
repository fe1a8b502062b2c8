/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the long tests share beside hchan_test.h: how much to do, calls that cost
 * nothing but the call, numbered elements that show whether they are whole, and
 * memory that a killed process leaves behind.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../kselftest.h"
#include "hchan_test.h"

/* Of what is usually @n. A kernel with checkers is ten times slower. */
static inline uint32_t load_scale(uint32_t n)
{
	if (!getenv("HCHAN_SCALE") &&
	    !access("/sys/kernel/debug/kmemleak", F_OK))
		setenv("HCHAN_SCALE", "10", 1);
	return hc_scale(n);
}

/* For what fails only where the test cannot go on. */
#define load_must(call)							\
	({								\
		long ret_ = (call);					\
		if (ret_ < 0)						\
			ksft_exit_fail_msg("%s:%d: %s: %s\n", __func__,	\
					   __LINE__, #call,		\
					   strerror(ret_ == -1 ? errno : -ret_)); \
		ret_;							\
	})

/* As the system calls: -1 and errno. */
static inline int load_send(int fd, const void *elem, uint32_t len,
			    uint32_t flags)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)elem,
		.len = len,
		.flags = flags,
	};

	return ioctl(fd, HCHAN_IOC_SEND, &xfer);
}

static inline int load_recv(int fd, void *elem, uint32_t len, uint32_t flags)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)elem,
		.len = len,
		.flags = flags,
	};

	return ioctl(fd, HCHAN_IOC_RECV, &xfer);
}

/* HCHAN_IOC_SENDN, HCHAN_IOC_RECVN of fixed-size elements. */
static inline int load_batch(int fd, unsigned long cmd, const void *elems,
			     uint32_t size, uint32_t count, uint32_t flags)
{
	struct hchan_batch arg = {
		.buf = (uintptr_t)elems,
		.stride = size,
		.count = count,
		.flags = flags,
	};

	return ioctl(fd, cmd, &arg);
}

/* Channels there are, of all users. */
static inline long load_channels(void)
{
	FILE *f = fopen("/proc/sys/hchan/channels", "re");
	long n = -1;

	if (!f || fscanf(f, "%ld", &n) != 1)
		ksft_exit_fail_msg("no count of channels\n");
	fclose(f);
	return n;
}

/* Memory which children share and which outlives them. Zero, and mapped in. */
static inline void *load_shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		ksft_exit_fail_perror("mmap");
	return p;
}

/*
 * Waits for a worker to end, by itself or by SIGKILL; else the test is over.
 * @pids: the first of @n pids, @stride bytes apart; that of who has ended becomes 0
 * @killed: set to which of the two it was
 *
 * Return: its number.
 */
static inline uint32_t load_reap(pid_t *pids, size_t stride, uint32_t n, bool *killed)
{
	uint32_t id = 0;
	int status;
	pid_t pid = wait(&status), *at = pids;

	if (pid < 0)
		ksft_exit_fail_perror("wait");
	while (id < n && *at != pid) {
		id++;
		at = (void *)((char *)pids + id * stride);
	}
	if (id == n)
		ksft_exit_fail_msg("an unknown child\n");
	__atomic_store_n(at, 0, __ATOMIC_RELAXED);
	*killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!*killed && (!WIFEXITED(status) || WEXITSTATUS(status)))
		ksft_exit_fail_msg("a worker ended with status %#x\n", status);
	return id;
}

/* Each user has a @state of its own: no lock, and its seed repeats it. */
static inline uint32_t load_dice(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return (x ^ (x >> 31)) >> 32;
}

/*
 * An element of at least 8 bytes, a multiple of 4: whose it is, its number, and
 * what follows from these two, so that a mixture of elements shows.
 */
static inline void load_fill(void *elem, uint32_t len, uint32_t from,
			     uint32_t number)
{
	uint64_t state = (uint64_t)from << 32 | number;
	uint32_t *words = elem, i;

	words[0] = from;
	words[1] = number;
	for (i = 2; i < len / sizeof(*words); i++)
		words[i] = load_dice(&state);
}

static inline bool load_whole(const void *elem, uint32_t len)
{
	const uint32_t *words = elem;
	uint64_t state = (uint64_t)words[0] << 32 | words[1];
	uint32_t i;

	for (i = 2; i < len / sizeof(*words); i++)
		if (words[i] != load_dice(&state))
			return false;
	return true;
}

#endif /* LOAD_H */
