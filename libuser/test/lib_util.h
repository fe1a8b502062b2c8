/* SPDX-License-Identifier: GPL-2.0-only */
/* What the library's tests share. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan.h>

/* How much of the usual amount to do, from the runner, in per cent. */
static inline unsigned int scaled(unsigned int usual)
{
	const char *scale = getenv("HCHAN_SCALE");
	unsigned int amount = usual / 100 * (scale ? atoi(scale) : 100);

	return amount ? amount : 1;
}

/* Far enough that only a hang gets there. */
static inline struct hchan_when patience(void)
{
	return hchan_after(100 * HCHAN_SEC);
}

/* An operation in a thread of its own, to be parked. */
struct parked {
	pthread_t thread;
	int ch;
	int elem;
	int ret;
};

static inline void *recv_parked(void *arg)
{
	struct parked *parked = arg;

	parked->ret = hchan_recv_until(parked->ch, &parked->elem,
				       sizeof(parked->elem), patience());
	return NULL;
}

static inline void *send_parked(void *arg)
{
	struct parked *parked = arg;

	parked->ret = hchan_send_until(parked->ch, &parked->elem,
				       sizeof(parked->elem), patience());
	return NULL;
}

/* How many descriptors are open. */
static inline int open_now(void)
{
	int saved = errno, fd, n = 0;

	for (fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	errno = saved;
	return n;
}

/* What a child process returned; 128 and more if a signal ended it. */
static inline int exit_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A child in its worst moment: parked on the gate, until it is killed. */
static inline void stay(int gate)
{
	hchan_recv(gate, NULL, 0);
	_exit(99);
}

static inline int killed(pid_t pid, int gate)
{
	if (hchan_wait_receivers(gate, 1, patience()) < 1)
		return -1;
	kill(pid, SIGKILL);
	return exit_of(pid);
}

/* Leaves so many descriptors that can be made. */
static inline void leave(rlim_t spare, struct rlimit limit)
{
	int fd;

	for (fd = 0; spare || fcntl(fd, F_GETFD) >= 0; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			spare--;
	limit.rlim_cur = fd;
	setrlimit(RLIMIT_NOFILE, &limit);
	errno = EXDEV;
}

#endif /* LIB_UTIL_H */
