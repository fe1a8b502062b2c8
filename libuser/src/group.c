// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Groups of processes that fail together. Members are watched by their pidfds. A new one
 * waits until it is: what can not be watched never runs.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan/sync.h>

#include "internal.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
/* glibc has it as one of an enumeration, musl not at all. */
#define BY_PIDFD	((idtype_t)3)

int hchan_group_make(struct hchan_group *group, int parent)
{
	struct hchan_ctx_opts opts = { .flags = HCHAN_CTX_ON_LOSS };

	int ctx;

	memset(group, 0, sizeof(*group));
	group->ctx = HCHAN_NIL;
	group->cancel_ = HCHAN_NIL;
	ctx = hchan_ctx_make(parent, &opts, &group->cancel_);
	if (ctx < 0)
		return ctx;
	group->ctx = ctx;
	return 0;
}

/* The right to cancel goes first: if it is the last one, that cancels. */
static void give_back(struct hchan_group *group)
{
	size_t i;

	hchan_drop(group->cancel_);
	group->cancel_ = HCHAN_NIL;
	for (i = 0; i < group->n_; i++)
		hchan__close(group->members_[i]);
	group->n_ = 0;
	free(group->members_);
	group->members_ = NULL;
}

void hchan_group_leave(struct hchan_group *group)
{
	give_back(group);
	hchan_drop(group->ctx);
	group->ctx = HCHAN_NIL;
}

/* In the child: begins when the parent says so, and ends if it never will. */
static void be_member(struct hchan_group *group, const int *gate)
{
	ssize_t ret;
	char go;

	hchan__close(gate[1]);
	do {
		ret = read(gate[0], &go, 1);
	} while (ret < 0 && errno == EINTR);
	if (ret != 1)
		_exit(1);
	hchan__close(gate[0]);
	/* The right to cancel, and the others, are the parent's. */
	give_back(group);
}

/* In the parent: the member's pidfd. Both ends of the gate are here: no SIGPIPE. */
static int watch(pid_t pid, int gate)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int err = errno;

	if (fd >= 0) {
		if (write(gate, "", 1) == 1)
			return fd;
		err = errno;
		hchan__close(fd);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -err;
}

int hchan_group_fork(struct hchan_group *group)
{
	int saved = errno, gate[2], fd, *more;
	pid_t pid;

	more = realloc(group->members_, (group->n_ + 1) * sizeof(*more));
	if (!more) {
		errno = saved;
		return -ENOMEM;
	}
	group->members_ = more;
	if (pipe2(gate, O_CLOEXEC)) {
		fd = -errno;
		errno = saved;
		return fd;
	}
	pid = fork();
	if (!pid) {
		be_member(group, gate);
		errno = saved;
		return 0;
	}
	fd = pid < 0 ? -errno : watch(pid, gate[1]);
	hchan__close(gate[0]);
	hchan__close(gate[1]);
	errno = saved;
	if (fd < 0)
		return fd;
	more[group->n_++] = fd;
	return pid;
}

/* A worker's exit status: what ended the group's context is no failure of its own. */
static int work(const struct hchan_stage *stage, int ctx)
{
	int ret = hchan_stage_run(stage, ctx);

	if ((ret == -ECANCELED || ret == -ETIME) && hchan_ctx_err(ctx) == ret)
		return 0;
	return ret < 0;
}

int hchan_group_pool(struct hchan_group *group, unsigned int n,
		     const struct hchan_stage *stage)
{
	int ret;

	while (n--) {
		ret = hchan_group_fork(group);
		if (ret < 0)
			return ret;
		if (!ret)
			_exit(work(stage, group->ctx));
	}
	return 0;
}

/* A member has ended: the first that has failed ends the others. */
static int has_ended(struct hchan_group *group, int member)
{
	struct hchan_why *why = &group->failed_;
	int saved = errno, err = 0;
	siginfo_t info = { 0 };

	while (!err && waitid(BY_PIDFD, (id_t)member, &info, WEXITED))
		if (errno != EINTR)
			err = -errno;
	errno = saved;
	if (err || (info.si_code == CLD_EXITED && !info.si_status))
		return err;
	if (why->code)
		return 0;
	if (info.si_code == CLD_EXITED) {
		why->code = info.si_status;
		snprintf(why->text, sizeof(why->text),
			 "process %d: exit status %d", (int)info.si_pid,
			 info.si_status);
	} else {
		why->code = 128 + info.si_status;
		snprintf(why->text, sizeof(why->text), "process %d: signal %d",
			 (int)info.si_pid, info.si_status);
	}
	hchan_ctx_cancel_why(group->cancel_, why->code, why->text);
	return 0;
}

int hchan_group_wait(struct hchan_group *group, struct hchan_why *why)
{
	struct hchan_case c;
	size_t i, left;
	int ret, err;

	for (left = group->n_; left; left--) {
		struct hchan_case *all = calloc(left, sizeof(*all));

		if (!all)
			return -ENOMEM;
		for (i = 0; i < left; i++)
			all[i] = hchan_on_poll(group->members_[i], POLLIN);
		do {
			ret = hchan_select(all, left, hchan_forever(), 0);
		} while (ret == -EINTR);
		c = all[ret < 0 ? 0 : ret];
		free(all);
		if (ret < 0)
			return ret;
		err = has_ended(group, c.fd);
		if (err)
			return err;
		hchan__close(c.fd);
		group->members_[ret] = group->members_[left - 1];
		group->n_ = left - 1;
	}
	if (why)
		*why = group->failed_;
	hchan_group_leave(group);
	return group->failed_.code ? -ECANCELED : 0;
}
