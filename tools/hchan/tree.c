// SPDX-License-Identifier: GPL-2.0-only
/*
 * Killing a tree from the top: only children are ever killed, whose numbers can't
 * become another's before they are waited for. A child that is gone leaves its
 * children to us, before it can be waited for. So once there is no child there is
 * nothing below at all.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"
#include "tree.h"

/* The parent of a process, as /proc/PID/stat tells it behind the name; or 0. */
static pid_t parent_of(const char *pid)
{
	char path[64], line[512];
	const char *name_end;
	FILE *stat;
	int parent;
	bool got;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	stat = fopen(path, "re");
	if (!stat)
		return 0;
	got = fgets(line, sizeof(line), stat);
	fclose(stat);
	name_end = got ? strrchr(line, ')') : NULL;
	if (!name_end || sscanf(name_end + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

/* That of another PID namespace tells numbers that mean others to kill(2). */
static bool proc_is_ours(void)
{
	char text[16] = "";

	return readlink("/proc/self", text, sizeof(text) - 1) > 0 &&
	       atoi(text) == getpid();
}

/* Calls @each with each child that /proc shows. False: there is none to look at. */
static bool each_child(struct tree *tree,
		       void (*each)(struct tree *tree, pid_t child))
{
	struct dirent *entry;
	pid_t self = getpid();
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		return false;
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    parent_of(entry->d_name) == self)
			each(tree, atoi(entry->d_name));
	closedir(proc);
	return true;
}

static void remember(struct tree *tree, pid_t child)
{
	size_t room = (tree->n_before + 1) * sizeof(*tree->before);
	pid_t *more = realloc(tree->before, room);

	if (!more)
		out_of_memory();
	tree->before = more;
	more[tree->n_before++] = child;
}

int tree_begin(struct tree *tree)
{
	memset(tree, 0, sizeof(*tree));
	if (!proc_is_ours())
		return -ENOENT;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -errno;
	return each_child(tree, remember) ? 0 : -ENOENT;
}

void tree_end(struct tree *tree)
{
	free(tree->before);
}

static bool was_before(const struct tree *tree, pid_t child)
{
	size_t i;

	for (i = 0; i < tree->n_before; i++)
		if (tree->before[i] == child)
			return true;
	return false;
}

/* Its number may be another's from now on. */
static void forget(struct tree *tree, pid_t child)
{
	size_t i;

	if (child == tree->command)
		tree->command = 0;
	for (i = 0; i < tree->n_before; i++)
		if (tree->before[i] == child)
			tree->before[i] = tree->before[--tree->n_before];
}

static pid_t reap(struct tree *tree, int *status, int flags)
{
	pid_t pid;

	do {
		pid = waitpid(-1, status, flags | __WALL);
	} while (pid < 0 && errno == EINTR);
	if (pid > 0)
		forget(tree, pid);
	return pid;
}

/* A child that has ended; 0 if none has; -1 if there is none. */
pid_t tree_reap(struct tree *tree, int *status)
{
	return reap(tree, status, WNOHANG);
}

/* What kill_one() has found in a pass. */
static size_t killed, refused;

static void kill_one(struct tree *tree, pid_t child)
{
	if (was_before(tree, child))
		return;
	if (kill(child, SIGKILL) && errno == EPERM)
		refused++;
	else
		killed++;
}

static void count_one(struct tree *tree, pid_t child)
{
	if (!was_before(tree, child))
		killed++;
}

/*
 * Whether nothing is below but what was there before. Beside that only /proc can tell
 * of more than the command.
 */
bool tree_is_gone(struct tree *tree)
{
	siginfo_t info;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL))
		return errno == ECHILD;
	if (!tree->n_before || tree->command)
		return false;
	killed = 0;
	return each_child(tree, count_one) && !killed;
}

/*
 * Until nothing is left that can be killed; each that ends is told to @reaped. A child
 * may be hidden (hidepid=), or /proc not be readable for want of descriptors: then the
 * command at least is known without it.
 */
void tree_kill(struct tree *tree,
	       void (*reaped)(void *arg, pid_t pid, int status), void *arg)
{
	int status;
	pid_t pid;

	while (!tree_is_gone(tree)) {
		killed = 0;
		refused = 0;
		each_child(tree, kill_one);
		if (!killed && tree->command && !kill(tree->command, SIGKILL))
			killed++;
		tree->left = refused;
		tree->unseen = !killed && !refused;
		/* Once for the first to go, then for all that have. */
		pid = reap(tree, &status, killed ? 0 : WNOHANG);
		if (!killed && pid <= 0)
			return;
		for (; pid > 0; pid = tree_reap(tree, &status))
			reaped(arg, pid, status);
	}
	tree->left = 0;
	tree->unseen = false;
}
