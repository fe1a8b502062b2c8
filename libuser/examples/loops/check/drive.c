// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Checks a program that takes numbers from one channel and puts their squares
 * into another, or two of them in a row, with a channel between them:
 *
 *	drive [-h HAND] [-p] [-r] [-t TRACE] -- COMMAND... [-- COMMAND...]
 *
 * A command gets the names of both channels as its last arguments. -h: how many
 * elements it may have in hand (1); -p: it waits as a peer, parked in the channel,
 * and does not poll; -r: its runtime has threads; -t: the first life of the first
 * runs under strace, into this file. Prints a line for each thing that was found to
 * be so: PASS or, as the last, FAIL.
 */
#include <err.h>
#include <errno.h>
#include <hchan.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "idle.h"

#define ROOM		4	/* of each channel; the last is unbuffered */
#define TRAFFIC		300
#define PATIENCE	hchan_after(60 * HCHAN_SEC)
#define STAGES		2

/* What trace.awk looks at; of the rest strace does not even stop. */
#define TRACED "trace=ioctl,read,write,?epoll_wait,epoll_pwait,?epoll_pwait2,?poll,"	\
	"ppoll,?select,pselect6,io_uring_enter,timerfd_create,timerfd_settime,"	\
	"setitimer,timer_create,?alarm,?pause,nanosleep,clock_nanosleep,clone,"	\
	"?clone3,?fork,?vfork"

static struct stage {
	char *argv[24];
	char in[16], out[16];
	pid_t pid;
} stages[STAGES];

static int n_stages, in, out;
static int hand = 1;
static bool peer, runtime;
static const char *trace;
static uint64_t next_in, next_out;	/* numbers count up */

static void say(const char *verdict, const char *format, va_list args)
{
	printf("%s ", verdict);
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
}

static void pass(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("PASS", format, args);
	va_end(args);
}

static void fail(const char *format, ...)
{
	va_list args;
	int i;

	va_start(args, format);
	say("FAIL", format, args);
	va_end(args);
	for (i = 0; i < n_stages; i++)
		if (stages[i].pid)
			kill(stages[i].pid, SIGKILL);
	exit(1);
}

static void start(struct stage *s)
{
	char *traced[40] = {
		"strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", TRACED, "-o",
		(char *)trace, "--",
	};
	char **argv = s->argv;
	pid_t self = getpid();

	if (trace && s == stages) {
		memcpy(&traced[10], s->argv, sizeof(s->argv));
		argv = traced;
	}
	s->pid = fork();
	if (s->pid < 0)
		err(1, "fork");
	if (!s->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == self)
			execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	if (s == stages)
		trace = NULL;
}

static void kill_stage(struct stage *s)
{
	int status;

	if (kill(s->pid, SIGKILL) || waitpid(s->pid, &status, 0) != s->pid ||
	    !WIFSIGNALED(status))
		fail("it can be killed");
	s->pid = 0;
}

static void wait_idle(struct stage *s, const char *when)
{
	char seen[512];

	if (!idle_wait(s->pid, runtime, seen, sizeof(seen)))
		fail("it waits in its loop %s: %s", when, seen);
}

static void all_idle(const char *when)
{
	int i;

	for (i = 0; i < n_stages; i++)
		wait_idle(&stages[i], when);
}

static void put(int n)
{
	int ret = 0;

	for (; n > 0 && !ret; n--) {
		ret = hchan_send_until(in, &next_in, sizeof(next_in), PATIENCE);
		next_in++;
	}
	if (ret)
		fail("%s takes number %llu: %s", stages[0].argv[0],
		     (unsigned long long)next_in - 1, hchan_strerror(ret));
}

static uint64_t expected(uint64_t x)
{
	int i;

	for (i = 0; i < n_stages; i++)
		x *= x;
	return x;
}

/* The next result, @lost numbers of which may have gone with their program. */
static int get(int lost)
{
	uint64_t x;
	int ret = hchan_recv_until(out, &x, sizeof(x), PATIENCE), n = 0;

	if (ret != 1)
		fail("the square of %llu comes: %s", (unsigned long long)next_out,
		     ret ? hchan_strerror(ret) : "it has ended");
	for (; x != expected(next_out); next_out++)
		if (n++ == lost)
			fail("the square of %llu is next, not %llu",
			     (unsigned long long)next_out - n + 1,
			     (unsigned long long)x);
	next_out++;
	return n;
}

static void get_all(void)
{
	while (next_out < next_in)
		get(0);
}

/* Killed when it waits and has nothing: nothing is lost. */
static void kill_idle(struct stage *s)
{
	put(ROOM);
	get_all();
	all_idle("for a number");
	kill_stage(s);
	put(ROOM - 1);
	start(s);
	get_all();
	pass("%s was killed while it waited, and nothing is lost", s->argv[0]);
}

/* Killed with elements before it and in its hand: those before it stay. */
static void kill_full(struct stage *s)
{
	int64_t left;

	put(hand + ROOM);
	left = hchan_wait_len(in, ROOM, PATIENCE);
	wait_idle(s, "for a receiver");
	kill_stage(s);
	if (left != ROOM || hchan_len(in) != ROOM)
		fail("%d elements stay", ROOM);
	next_out += hand;
	start(s);
	get_all();
	pass("killed with %d in hand: the %d that it had not taken came, in order",
	     hand, ROOM);
}

static void *sender(void *data)
{
	(void)data;
	put(TRAFFIC);
	return NULL;
}

/* Killed wherever it just is. */
static void kill_busy(struct stage *s)
{
	uint64_t end = next_in + TRAFFIC, middle = next_out + TRAFFIC / 3;
	pthread_t thread;
	int lost;

	if (pthread_create(&thread, NULL, sender, NULL))
		err(1, "pthread_create");
	while (next_out < middle)
		get(0);
	kill_stage(s);
	start(s);
	lost = get(hand);
	while (next_out < end)
		get(0);
	pthread_join(thread, NULL);
	pass("killed in traffic: %d gone with it, the other %d came, in order",
	     lost, TRAFFIC - lost);
}

/* The end goes through all of them, and they end. */
static void the_end(void)
{
	uint64_t x;
	int i, status;

	hchan_close(in);
	if (hchan_recv_until(out, &x, sizeof(x), PATIENCE) != 0)
		fail("the end comes through");
	for (i = 0; i < n_stages; i++) {
		if (waitpid(stages[i].pid, &status, 0) != stages[i].pid || status)
			fail("%s ends well: %#x", stages[i].argv[0], status);
		stages[i].pid = 0;
	}
	pass("the channel's end is the program's");
}

/* "-- COMMAND... -- COMMAND..." */
static void parse(int argc, char **argv)
{
	int i, n = 0;

	for (i = optind; i <= argc; i++) {
		struct stage *s = &stages[n_stages];

		if (i < argc && strcmp(argv[i], "--")) {
			if (n_stages == STAGES || n == 20)
				errx(2, "too many words");
			s->argv[n++] = argv[i];
			continue;
		}
		if (!n)
			continue;
		snprintf(s->in, sizeof(s->in), "loops-%d", n_stages++);
		snprintf(s->out, sizeof(s->out), "loops-%d", n_stages);
		s->argv[n++] = s->in;
		s->argv[n++] = s->out;
		n = 0;
	}
	if (!n_stages)
		errx(2, "usage: drive [-h HAND] [-p] [-r] [-t TRACE] -- COMMAND... [-- COMMAND...]");
}

int main(int argc, char **argv)
{
	struct hchan_stat st;
	int opt, i, ch;

	while ((opt = getopt(argc, argv, "+h:prt:")) != -1) {
		if (opt == 'h')
			hand = atoi(optarg);
		else if (opt == 'p')
			peer = true;
		else if (opt == 'r')
			runtime = true;
		else if (opt == 't')
			trace = optarg;
		else
			return 2;
	}
	parse(argc, argv);
	in = hchan_create(stages[0].in, sizeof(uint64_t), ROOM);
	for (i = 0; i < n_stages; i++) {
		ch = hchan_create(stages[i].out, sizeof(uint64_t),
				  i + 1 < n_stages ? ROOM : 0);
		if (ch < 0)
			errx(1, "%s", hchan_errmsg());
		out = ch;
	}
	for (i = 0; i < n_stages; i++)
		start(&stages[i]);

	all_idle("for the first number");
	if (hchan_stat(in, &st) || st.parked_receivers != peer)
		fail("parked in the channel is who is a peer, and no other");
	for (i = 0; i < 8; i++) {
		put(1);
		get(0);
		all_idle("for the next number");
	}
	pass("it waits in its loop, for ever, and in no other thread");
	if (n_stages == 1) {
		kill_full(&stages[0]);
		kill_busy(&stages[0]);
	}
	for (i = 0; i < n_stages; i++)
		kill_idle(&stages[i]);
	the_end();
	hchan_remove(stages[0].in);
	for (i = 0; i < n_stages; i++)
		hchan_remove(stages[i].out);
	return 0;
}
