// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The nil channel (C4), stray descriptors, moments and tags: no kernel needed. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <hchan.h>

#include "check.h"

#define RESTARTING	SIGUSR1
#define INTERRUPTING	SIGUSR2

/* Written by handlers and threads, read by others: atomically. */
static int restarting_seen, interrupting_seen;

static void on_signal(int number)
{
	__atomic_add_fetch(number == RESTARTING ? &restarting_seen :
						  &interrupting_seen,
			   1, __ATOMIC_SEQ_CST);
}

static int load(const int *value)
{
	return __atomic_load_n(value, __ATOMIC_SEQ_CST);
}

static void handle(int number, int flags)
{
	struct sigaction action = { .sa_handler = on_signal };

	action.sa_flags = flags;
	sigaction(number, &action, NULL);
}

/* A thread that waits on nil, and what came of it. */
struct waiter {
	pthread_t thread;
	struct hchan_when when;
	int tid;
	int ret;
	int restarts_at_return;
};

static void *wait_on_nil(void *arg)
{
	struct waiter *waiter = arg;
	char byte;

	__atomic_store_n(&waiter->tid, (int)syscall(SYS_gettid),
			 __ATOMIC_SEQ_CST);
	waiter->ret = hchan_recv_until(HCHAN_NIL, &byte, 1, waiter->when);
	waiter->restarts_at_return = load(&interrupting_seen) * 100 +
				     load(&restarting_seen);
	return NULL;
}

/* Until the thread sleeps: the kernel says so, no time passes. */
static void until_asleep(struct waiter *waiter)
{
	char path[64], line[256], *state;
	FILE *stat;

	for (;; sched_yield()) {
		if (!load(&waiter->tid))
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
			 waiter->tid);
		stat = fopen(path, "r");
		if (!stat)
			return;		/* it has returned */
		if (!fgets(line, sizeof(line), stat))
			line[0] = '\0';
		fclose(stat);
		state = strrchr(line, ')');
		if (state && state[2] == 'S')
			return;
	}
}

/* One signal that restarts, one that interrupts: the second must end it. */
static void signals(const char *restarts, const char *interrupts,
		    struct hchan_when when)
{
	struct waiter waiter = { .when = when };

	restarting_seen = 0;
	interrupting_seen = 0;
	pthread_create(&waiter.thread, NULL, wait_on_nil, &waiter);
	until_asleep(&waiter);
	pthread_kill(waiter.thread, RESTARTING);
	while (!load(&restarting_seen))
		sched_yield();
	until_asleep(&waiter);
	pthread_kill(waiter.thread, INTERRUPTING);
	pthread_join(waiter.thread, NULL);
	check_eq(interrupts, -EINTR, waiter.ret);
	check_eq(restarts, 101, waiter.restarts_at_return);
}

static void operations(void)
{
	struct hchan_batch batch = { .count = 2, .stride = 1, .done = 9 };
	struct hchan_xfer xfer = { .flags = HCHAN_SOME };
	struct hchan_when bad = { 1, 0 };
	char bytes[2] = "";
	struct hchan_stat st;

	errno = EXDEV;
	check_eq("C4 try_send on nil is not ready", -EAGAIN,
		 hchan_try_send(HCHAN_NIL, bytes, 1));
	check_eq("C4 try_recv on nil is not ready", -EAGAIN,
		 hchan_try_recv(HCHAN_NIL, bytes, 1));
	check_eq("C4 a batch on nil is not ready", -EAGAIN,
		 hchan_recvn_until(HCHAN_NIL, bytes, 1, 2, hchan_nowait(), 0));
	check_eq("C4 closing nil", -EINVAL, hchan_close(HCHAN_NIL));
	check_eq("C4 length of nil", 0, hchan_len(HCHAN_NIL));
	check_eq("C4 capacity of nil", 0, hchan_cap(HCHAN_NIL));
	check_eq("C4 nil is not waited on so", -EINVAL, hchan_set_spin(HCHAN_NIL, 0));
	check_eq("dropping nil", 0, hchan_drop(HCHAN_NIL));
	check_eq("looking at nil", -EINVAL, hchan_stat(HCHAN_NIL, &st));
	check_eq("narrowing nil", -EINVAL, hchan_send_only(HCHAN_NIL));
	check_eq("checking nil", -EINVAL, hchan_check(HCHAN_NIL, 1, 0));
	check_eq("waiting for nil's receivers", -EINVAL,
		 hchan_wait_receivers(HCHAN_NIL, 0, hchan_nowait()));

	check_eq("C4 C40 a deadline ends a send on nil", -ETIMEDOUT,
		 hchan_send_until(HCHAN_NIL, bytes, 1, hchan_after(1000)));
	check_eq("C4 C40 a deadline ends a receive on nil", -ETIMEDOUT,
		 hchan_recv_until(HCHAN_NIL, bytes, 1, hchan_after(1000)));
	check_eq("C40 one in the past, too", -ETIMEDOUT,
		 hchan_recv_until(HCHAN_NIL, bytes, 1, hchan_after(-1)));
	check_eq("C40 and one at zero", -ETIMEDOUT,
		 hchan_recv_until(HCHAN_NIL, bytes, 1,
				  hchan_at((struct timespec){ 0, 0 })));
	check_eq("C40 realtime, in the past", -ETIMEDOUT,
		 hchan_recvn_until(HCHAN_NIL, bytes, 1, 2,
				   hchan_at_realtime((struct timespec){ 1, 0 }),
				   HCHAN_SOME));
	check_eq("C48 a deadline without its flag", -EINVAL,
		 hchan_send_until(HCHAN_NIL, bytes, 1, bad));
	check_eq("C48 a flag of batches", -EINVAL,
		 hchan_xfer_recv(HCHAN_NIL, &xfer));
	batch.flags = HCHAN_SOME;
	check_eq("C48 a flag of receives", -EINVAL,
		 hchan_batch_send(HCHAN_NIL, &batch));
	batch.flags = HCHAN_NOWAIT;
	check_eq("a batch on nil", -EAGAIN, hchan_batch_send(HCHAN_NIL, &batch));
	check_eq("... has done nothing", 0, batch.done);
	check_eq("an empty batch on nil", 0, hchan_sendn(HCHAN_NIL, bytes, 1, 0));
	check_eq("errno is left alone", EXDEV, errno);
}

/* With no descriptor to spare a deadline still ends it. */
static void without_descriptors(void)
{
	struct rlimit old, none;
	char byte = 0;

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	check_eq("C4 a deadline ends it without descriptors", -ETIMEDOUT,
		 hchan_send_until(HCHAN_NIL, &byte, 1, hchan_after(1000)));
	setrlimit(RLIMIT_NOFILE, &old);
}

static void strays(void)
{
	char byte = 0;

	check_eq("C4 a stray -1", -EBADF, hchan_send(-1, &byte, 1));
	check_eq("C4 a failed open's result", -EBADF,
		 hchan_recv(-ENOENT, &byte, 1));
	check_eq("C4 a stray -1 behind nil", -EBADF,
		 hchan_sendrecv_until(HCHAN_NIL, &byte, 1, -1, &byte, 1, hchan_nowait()));
	check_eq("no channel behind nil", -EBADF,
		 hchan_sendrecv_until(HCHAN_NIL, &byte, 1, STDOUT_FILENO, &byte, 1,
				      hchan_nowait()));
	check_eq("a stray drop", -EBADF, hchan_drop(-1));
	check_eq("no channel", -ENOTTY, hchan_send(STDOUT_FILENO, &byte, 1));
	check_eq("no channel to close", -ENOTTY, hchan_close(STDOUT_FILENO));
	check_eq("no channel to look at", -ENOTTY, hchan_len(STDOUT_FILENO));
}

static void bad_names(void)
{
	char longest[HCHAN_NAME_MAX + 2];
	char dir[] = "/tmp/hchan-check-XXXXXX";
	char path[64];
	FILE *file;

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	if (!mkdtemp(dir))
		return;
	setenv("HCHAN_DIR", dir, 1);
	check_eq("an empty name", -EINVAL, hchan_open("", 0));
	check_eq("a directory as a name", -EINVAL, hchan_open("..", 0));
	check_eq("a path that ends in a slash", -EINVAL, hchan_open("/tmp/", 0));
	check_eq("a name that is too long", -ENAMETOOLONG,
		 hchan_open(longest, 0));
	check_eq("no such name", -ENOENT, hchan_open("none", 0));
	check_eq("a plain directory can't hold channels", -ENOTTY,
		 hchan_create("none", 1, 1));
	snprintf(path, sizeof(path), "%s/none", dir);
	check_eq("the message names the channel", 0,
		 strncmp(hchan_errmsg(), path, strlen(path)));
	check_eq("no such directory", -ENOENT, hchan_open("/nowhere/none", 0));

	snprintf(path, sizeof(path), "%s/fi\nle", dir);
	file = fopen(path, "w");
	if (file)
		fclose(file);
	check_eq("a file is no channel", -ENOTTY, hchan_open("fi\nle", 0));
	check_eq("the message is one line", 0, !!strchr(hchan_errmsg(), '\n'));
	check_eq("a file is not removed", -ENOTTY, hchan_remove("fi\nle"));
	check_eq("... and still there", 0, unlink(path));
	rmdir(dir);
}

static void moments(void)
{
	struct hchan_when now = hchan_after(0);
	struct timespec late = { 0, 0 };

	check_eq("C31 the farthest moment", INT64_MAX,
		 hchan_after(INT64_MAX).ns);
	check_eq("C31 a negative time is now", 1,
		 hchan_after(INT64_MIN).ns >= now.ns &&
		 hchan_after(INT64_MIN).ns < hchan_after(HCHAN_SEC).ns);
	check_eq("seconds and nanoseconds", 2000000003LL,
		 hchan_at((struct timespec){ 2, 3 }).ns);
	check_eq("a moment before the clock's first", 0,
		 hchan_at((struct timespec){ -5, 3 }).ns);
	late.tv_sec = (time_t)(1LL << 40);
	if (sizeof(late.tv_sec) > 4)
		check_eq("a moment after its last", INT64_MAX,
			 hchan_at(late).ns);
}

/* Computed by other means: tags are compared between versions. */
static void tags(void)
{
	const struct hchan_member members[] = { { "id", 0, 4 }, { "x", 4, 60 } };

	check_eq("a tag", 0xabef2fab4b7e86e9LL, hchan_tag("struct job", 64));
	check_eq("a tag of a layout", 0xa1a0aa832d3f1680LL,
		 hchan_tag_layout("struct job", 64, members, 2));
}

int main(void)
{
	handle(RESTARTING, SA_RESTART);
	handle(INTERRUPTING, 0);
	operations();
	signals("C39 SA_RESTART: nil is waited on again",
		"C39 without it: -EINTR", hchan_forever());
	signals("C39 SA_RESTART, with a deadline",
		"C39 without it, with a deadline", hchan_after(INT64_MAX));
	without_descriptors();
	strays();
	bad_names();
	moments();
	tags();
	return check_end();
}
