// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* In which system calls the threads of a process sleep, as /proc tells. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "idle.h"

#define PATIENCE_S 30

enum doing { WAITS, FUTEX, OTHER };

/* Does this call wait for descriptors, as long as it takes? */
static bool waits_for_ever(long nr, const unsigned long *arg)
{
	switch (nr) {
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
	case SYS_epoll_pwait:
		return (int)arg[3] == -1;
	case SYS_epoll_pwait2:
		return !arg[3];
#ifdef SYS_poll
	case SYS_poll:
		return (int)arg[2] == -1;
#endif
	case SYS_ppoll:
		return !arg[2];
#ifdef SYS_select
	case SYS_select:
#endif
	case SYS_pselect6:
		return !arg[4];
	case SYS_io_uring_enter:	/* not with IORING_ENTER_EXT_ARG */
		return arg[2] > 0 && !(arg[3] & 8);
	default:
		return false;
	}
}

static bool read_line(pid_t pid, const char *tid, const char *file, char *line,
		      int size)
{
	char path[300];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, tid, file);
	f = fopen(path, "r");
	ok = f && fgets(line, size, f);
	if (f)
		fclose(f);
	return ok;
}

static enum doing doing(pid_t pid, const char *tid, char *seen, size_t size)
{
	char stat[512], call[256], *state;
	unsigned long arg[6];
	long nr;

	if (!read_line(pid, tid, "stat", stat, sizeof(stat)) ||
	    !read_line(pid, tid, "syscall", call, sizeof(call)))
		return OTHER;
	call[strcspn(call, "\n")] = 0;
	snprintf(seen, size, "thread %s in call %s", tid, call);
	state = strrchr(stat, ')');
	if (!state || state[2] != 'S' ||
	    sscanf(call, "%ld %lx %lx %lx %lx %lx %lx", &nr, &arg[0], &arg[1],
		   &arg[2], &arg[3], &arg[4], &arg[5]) != 7)
		return OTHER;
	if (nr == SYS_futex)
		return FUTEX;
	return waits_for_ever(nr, arg) ? WAITS : OTHER;
}

static bool is_idle(pid_t pid, bool runtime, char *seen, size_t size)
{
	int n[OTHER + 1] = {};
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir) {
		snprintf(seen, size, "no process");
		return false;
	}
	snprintf(seen, size, "no thread");
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			n[doing(pid, entry->d_name, seen, size)]++;
	closedir(dir);
	return n[WAITS] == 1 && !n[OTHER] && (runtime || !n[FUTEX]);
}

bool idle_wait(pid_t pid, bool runtime, char *seen, size_t size)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (!is_idle(pid, runtime, seen, size)) {
		if (time(NULL) > end)
			return false;
		sched_yield();
	}
	return true;
}
