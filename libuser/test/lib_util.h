/* SPDX-License-Identifier: GPL-2.0-only */
/* What the library's tests share. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* What a child process returned; 128 and more if a signal ended it. */
static inline int exit_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif /* LIB_UTIL_H */
