/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All the processes below this one: as their subreaper it becomes the parent of those
 * whose own parent ends, so that none can get away by forking twice or by setsid(2).
 */
#ifndef HCHAN_TREE_H
#define HCHAN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * struct tree - what is below
 * @command: the child that was started last; 0 as soon as it has been waited for
 * @before, @n_before: children that were there already, as when a shell execs us with
 *	jobs in the background: not ours
 * @left: how many could not be killed: they are another user's
 * @unseen: there are some which /proc does not show, so they could not be killed
 */
struct tree {
	pid_t command;
	pid_t *before;
	size_t n_before;
	size_t left;
	bool unseen;
};

int tree_begin(struct tree *tree);		/* 0 or a negative errno */
pid_t tree_reap(struct tree *tree, int *status);
bool tree_is_gone(struct tree *tree);
void tree_kill(struct tree *tree,
	       void (*reaped)(void *arg, pid_t pid, int status), void *arg);
void tree_end(struct tree *tree);

#endif /* HCHAN_TREE_H */
