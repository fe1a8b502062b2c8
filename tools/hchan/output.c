// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody whose output nobody reads any more would receive one more element,
 * only to find that it can't be written, and it would be lost. So standard
 * output, if it is a pipe or a socket, is looked at before each receive, and
 * while one waits a thread watches it and ends the program. The kernel takes
 * care that it has then received nothing, unless it was just about to (C41).
 *
 * Neither side misses the other: the one first says that it waits and then looks
 * at the output; the other sees the output break and then looks who waits.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static bool watched;
static bool breakable;
static atomic_bool waiting;

static bool broken(int timeout)
{
	/* POLLERR and POLLHUP need not be asked for. */
	struct pollfd output = { .fd = STDOUT_FILENO };

	return poll(&output, 1, timeout) > 0;
}

static void *watch(void *arg)
{
	while (!broken(-1))
		;
	if (atomic_load(&waiting))
		_exit(FAILED);
	return arg;
}

bool output_is_watched(void)
{
	return watched;
}

void output_init(void)
{
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st))
		breakable = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
}

/* From now on. Who never has to wait needs no thread. */
void output_watch(void)
{
	pthread_t thread;

	watched = true;
	/* Without the thread it is noticed by the next element only. */
	if (breakable && !pthread_create(&thread, NULL, watch, NULL))
		pthread_detach(thread);
}

/* Says whether we wait from now on. False: nobody reads what would come. */
bool output_wanted(bool wait)
{
	atomic_store(&waiting, wait);
	return !wait || !breakable || !broken(0);
}
