// SPDX-License-Identifier: GPL-2.0-only
/* hchan run: a command, and all that it starts, under a context. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"
#include "tree.h"

/* As timeout(1) and env(1) have them. */
enum {
	RUN_FAILED = 125,
	NOT_EXECUTED = 126,
	NOT_FOUND = 127,
};

/* Above the numbers that scripts use for themselves. */
#define HIGH_FD	100

struct run {
	struct tree tree;
	int parent;		/* the context that we run under */
	int ctx;
	int cancel;
	int signals;		/* a signalfd */
	sigset_t mask;		/* as it was */
	pid_t command;
	int status;		/* of the command, as wait(2) tells it */
	bool ended;		/* the command has */
	bool in_time;		/* ... before the context was done */
	int64_t grace;
};

/*
 * All that one is likely to be ended by; but not those which we were told to ignore, as
 * by nohup(1).
 */
static int take_signals(struct run *run)
{
	static const int which[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE,
	};
	struct sigaction now;
	sigset_t taken;
	size_t i;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&taken);
	sigaddset(&taken, SIGCHLD);
	for (i = 0; i < sizeof(which) / sizeof(*which); i++)
		if (!sigaction(which[i], NULL, &now) &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&taken, which[i]);
	sigprocmask(SIG_BLOCK, &taken, &run->mask);
	run->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signals < 0 ? fail("signalfd: %m") : DONE;
}

/* The context, out of the way of a script's own descriptors. */
static int make_context(struct run *run, const char *timeout, int64_t ns)
{
	struct hchan_why why = { 0 };
	struct hchan_ctx_opts opts = {
		.why = &why,
		.flags = HCHAN_CTX_ON_LOSS,
	};
	int high;

	if (hchan_ctx_from_env(&run->parent) < 0)
		return fail("%s", hchan_errmsg());
	if (timeout) {
		opts.deadline = hchan_after(ns);
		snprintf(why.text, sizeof(why.text), "hchan run: timeout %s",
			 timeout);
	}
	run->ctx = hchan_ctx_make(run->parent, &opts, &run->cancel);
	if (run->ctx < 0)
		return fail("%s", hchan_errmsg());
	high = fcntl(run->ctx, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high >= 0) {
		hchan_drop(run->ctx);
		run->ctx = high;
	}
	return DONE;
}

/* In the child. A context above ours would only be one descriptor more. */
static void __noreturn become(struct run *run, char **argv, pid_t parent)
{
	const char *above = getenv("HCHAN_CONTEXT");
	int err;

	/* Should we be killed before our time nobody else would tell it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(RUN_FAILED);
	if (run->parent != HCHAN_BACKGROUND)
		close(atoi(above));
	err = hchan_ctx_to_env(run->ctx);
	if (err) {
		fail("%s", hchan_strerror(err));
		_exit(RUN_FAILED);
	}
	sigprocmask(SIG_SETMASK, &run->mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	fail("%s: %m", argv[0]);
	_exit(err == ENOENT ? NOT_FOUND : NOT_EXECUTED);
}

/* For the shell, which has but eight bits. */
static int plain_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

/* What the command has left behind is not wanted any more. */
static void has_ended(void *arg, pid_t pid, int status)
{
	struct run *run = arg;

	if (pid != run->command || run->ended)
		return;
	run->ended = true;
	run->status = status;
	run->in_time = hchan_ctx_cancel_why(run->cancel, plain_status(status),
					    "hchan run: the command has ended") == 1;
}

/* A key of the terminal's signals the group in front: the command may have it. */
static bool command_has(const struct run *run, const struct signalfd_siginfo *info)
{
	return (info->ssi_signo == SIGINT || info->ssi_signo == SIGQUIT) &&
	       info->ssi_code == SI_KERNEL &&
	       getpgid(run->command) == getpgrp();
}

static void take_signal(struct run *run, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;
	char text[40];

	snprintf(text, sizeof(text), "hchan run: SIG%s", sigabbrev_np(sig));
	hchan_ctx_cancel_why(run->cancel, sig, text);
	if (!run->ended && !command_has(run, info))
		kill(run->command, sig);
}

static void read_signals(struct run *run)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			take_signal(run, &info);
			continue;
		}
		while ((pid = tree_reap(&run->tree, &status)) > 0)
			has_ended(run, pid, status);
	}
}

/*
 * Until nothing of it is left, or the grace time is over. A select without the context
 * would have to open /dev/hchan, which need not be there: under a context that was
 * inherited nothing else asks for it.
 */
static void give_grace(struct run *run)
{
	struct pollfd signals = { .fd = run->signals, .events = POLLIN };
	int64_t kill_at = hchan_after(run->grace).ns;
	struct timespec left;
	int64_t ns;
	int n;

	while (!tree_is_gone(&run->tree)) {
		ns = kill_at - hchan_after(0).ns;
		if (ns <= 0)
			break;
		left.tv_sec = ns / HCHAN_SEC;
		left.tv_nsec = ns % HCHAN_SEC;
		n = ppoll(&signals, 1, &left, NULL);
		if (n > 0)
			read_signals(run);
		else if (n < 0 && errno != EINTR)
			break;
	}
}

/* Until nothing of it is left. */
static void watch(struct run *run)
{
	struct hchan_case c[] = {
		hchan_on_done(run->ctx),
		hchan_on_poll(run->signals, POLLIN),
	};
	int went;

	while (!tree_is_gone(&run->tree)) {
		went = hchan_select(c, 2, hchan_forever(), HCHAN_FIRST);
		if (went == 1) {
			read_signals(run);
		} else if (went == 0) {
			give_grace(run);
			break;
		} else if (went != -EINTR) {
			break;
		}
	}
	tree_kill(&run->tree, has_ended, run);
}

static int outcome(struct run *run)
{
	if (run->tree.left) {
		fail("%zu processes of other users could not be killed",
		     run->tree.left);
	} else if (run->tree.unseen) {
		fail("processes that /proc does not show could not be killed");
	}
	if (!run->ended)
		return RUN_FAILED;
	if (!run->in_time && hchan_ctx_err(run->ctx) == -ETIME)
		return TIMED_OUT;
	return plain_status(run->status);
}

static int run_under(const char *timeout, int64_t ns, int64_t grace, char **argv)
{
	struct run run = { .grace = grace };
	pid_t self = getpid();
	int err;

	if (make_context(&run, timeout, ns) || take_signals(&run))
		return RUN_FAILED;
	err = tree_begin(&run.tree);
	if (err) {
		fail("/proc does not show our own processes: %s", strerror(-err));
		return RUN_FAILED;
	}
	run.command = fork();
	if (run.command < 0) {
		fail("fork: %m");
		return RUN_FAILED;
	}
	if (!run.command)
		become(&run, argv, self);
	run.tree.command = run.command;
	watch(&run);
	tree_end(&run.tree);
	return outcome(&run);
}

/* It has been said what is wrong. */
static int usage(void)
{
	see_help(&run_command);
	return RUN_FAILED;
}

static int run_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "grace", required_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *timeout = NULL;
	int64_t grace = HCHAN_SEC;
	int64_t ns = 0;
	int c;

	/* The command's options are its own. */
	while ((c = getopt_long(argc, argv, "+t:g:h", options, NULL)) != -1) {
		switch (c) {
		case 't':
			timeout = optarg;
			if (parse_duration(optarg, &ns))
				break;
			misused(BAD_TIMEOUT, optarg);
			return usage();
		case 'g':
			if (parse_duration(optarg, &grace))
				break;
			misused("--grace: '%s' is no time such as 1.5, 5s, 100ms",
				optarg);
			return usage();
		case 'h':
			return show_help(&run_command);
		default:
			return usage();
		}
	}
	if (optind == argc) {
		misused("run what? A COMMAND is missing");
		return usage();
	}
	return run_under(timeout, ns, grace, argv + optind);
}

const struct command run_command = {
	.name = "run",
	.run = run_run,
	.any_status = true,
	.summary = "run a command under a context, with a time limit",
	.help =
"usage: hchan run [OPTION]... [--] COMMAND [ARGUMENT]...\n"
"\n"
"  -t, --timeout T  the context's deadline is T from now\n"
"  -g, --grace T    how long after the context is done what is still there is\n"
"                   killed; 1s without it\n"
"\n"
"The COMMAND and all that it starts find the context in $HCHAN_CONTEXT (see 'hchan\n"
"ctx', and hchan_ctx_from_env()). It is a child of the one that hchan itself is run\n"
"under. It is done at the deadline, when that one is, when the COMMAND ends, and by\n"
"SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2 and SIGPIPE, which are\n"
"passed on to the COMMAND. What is still there when the grace time is over is killed:\n"
"the whole tree of processes, those that have forked twice or called setsid as well.\n"
"hchan ends when nothing of it is left.\n"
"\n"
"Children that hchan has from the start, as a shell's jobs when it execs hchan, are\n"
"left alone. What these leave behind when they end can not be told from the\n"
"COMMAND's: hchan waits for it, and kills it when it is time to.\n"
"\n"
"hchan needs the /proc of its own PID namespace, and says so if it can not kill what\n"
"that hides; but beside a child that it has from the start it does not notice what is\n"
"hidden, and leaves that behind.\n"
"\n"
"If hchan itself is killed, by SIGKILL or any signal that is not named here, the\n"
"context is cancelled and the COMMAND gets SIGTERM, and nobody kills what stays.\n"
"\n"
"Exit status: the COMMAND's (128 and the signal's number if one has killed it); 124\n"
"if the deadline came first; 125 hchan itself failed; 126 the COMMAND can not be\n"
"executed; 127 it was not found.\n"
};
