/* SPDX-License-Identifier: GPL-2.0-only */
/* A user namespace with users of its own, for a test that root runs. */
#ifndef FS_USERNS_H
#define FS_USERNS_H

#include <sys/prctl.h>

#include "fs_util.h"

/*
 * Enters a new namespace in which user n is uids[n], as its user 0, with all
 * capabilities there. 0 or a negative errno.
 */
static inline int new_namespace(const uid_t *uids, int n)
{
	pid_t me = getpid(), pid;
	int ready[2], status, i;
	char path[64], map[256];
	char *end = map;
	char c;

	if (pipe(ready))
		return -errno;
	/* Only somebody outside, who may be any of them, can write the map. */
	pid = fork();
	if (!pid) {
		close(ready[1]);
		if (read(ready[0], &c, 1) != 1)
			_exit(1);
		for (i = 0; i < n; i++)
			end += sprintf(end, "%d %u 1\n", i, uids[i]);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", me);
		if (write_to(path, map))
			_exit(2);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", me);
		_exit(write_to(path, map) ? 3 : 0);
	}
	if (setresgid(uids[0], uids[0], uids[0]) ||
	    setresuid(uids[0], uids[0], uids[0]) || unshare(CLONE_NEWUSER))
		return -errno;
	if (write(ready[1], "", 1) != 1)
		return -EPIPE;
	close(ready[0]);
	close(ready[1]);
	if (waitpid(pid, &status, 0) != pid || status)
		return -ECHILD;
	return 0;
}

#endif /* FS_USERNS_H */
