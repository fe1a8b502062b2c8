// SPDX-License-Identifier: GPL-2.0-only
/* Must forms and panics, with channels: Go's words, and which channel it is. */
#include <signal.h>
#include <sys/mount.h>

#include <hchan/must.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE(long_chan, int64_t);

FIXTURE(must) {
	char dir[32];
};

FIXTURE_SETUP(must)
{
	strcpy(self->dir, "/tmp/lib_must-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
}

FIXTURE_TEARDOWN(must)
{
	umount(self->dir);
	rmdir(self->dir);
}

/* As Go has it, word by word. */
TEST_F(must, words_of_go)
{
	int_chan ch = HCHAN_MUST_CREATE(int_chan, "numbers", 2);
	static int panics;
	struct hchan_stat st;
	char path[64];
	int n = 1;

	ASSERT_EQ(0, hchan_stat(ch.fd, &st));
	snprintf(path, sizeof(path), "%s/numbers", self->dir);
	HCHAN_MUST_SEND(ch, &n);
	EXPECT_EQ(1, HCHAN_MUST_TRY_SEND(ch, &n));
	EXPECT_EQ(0, HCHAN_MUST_TRY_SEND(ch, &n));
	EXPECT_EQ(1, HCHAN_MUST_RECV(ch, &n));
	HCHAN_MUST_CLOSE(ch);
	HCHAN_TRY {
		HCHAN_MUST_SEND(ch, &n);
	} HCHAN_RECOVER(p) {
		EXPECT_STREQ("send on closed channel", p->message);
		EXPECT_STREQ("HCHAN_MUST_SEND(ch, &n)", p->what);
		EXPECT_STREQ(path, p->name);
		EXPECT_EQ(-EPIPE, p->code);
		EXPECT_EQ(st.id, p->id);
		EXPECT_EQ(ch.fd, p->fd);
		panics++;
	}
	HCHAN_TRY {
		HCHAN_MUST_TRY_SEND(ch, &n);
	} HCHAN_RECOVER(p) {
		EXPECT_STREQ("send on closed channel", p->message);
		panics++;
	}
	HCHAN_TRY {
		HCHAN_MUST_CLOSE(ch);
	} HCHAN_RECOVER(p) {
		EXPECT_STREQ("close of closed channel", p->message);
		EXPECT_EQ(-EALREADY, p->code);
		panics++;
	}
	EXPECT_EQ(3, panics);
	EXPECT_EQ(1, HCHAN_MUST_RECV(ch, &n));
	EXPECT_EQ(0, HCHAN_MUST_RECV(ch, &n));
	HCHAN_DROP(ch);
}

/* C49: disconnected is not closed. */
TEST_F(must, disconnected)
{
	struct hchan_opts opts = { .capacity = 1, .flags = HCHAN_DISCONNECT };
	int_chan both = HCHAN_MUST_CHANNEL(int_chan_make_opts(&opts));
	int_chan_tx tx = HCHAN_MUST_CHANNEL(int_chan_send_only(both));
	static int panics;
	int n = 1;

	HCHAN_DROP(both);
	HCHAN_TRY {
		HCHAN_MUST_SEND(tx, &n);
	} HCHAN_RECOVER(p) {
		EXPECT_STREQ("send on disconnected channel", p->message);
		EXPECT_STREQ("", p->name);
		EXPECT_NE(0, p->id);
		panics++;
	}
	EXPECT_EQ(1, panics);
	HCHAN_DROP(tx);
}

TEST_F(must, open)
{
	int_chan ch = HCHAN_MUST_CREATE(int_chan, "numbers", 2);
	static int panics;

	HCHAN_TRY {
		HCHAN_MUST_OPEN(long_chan, "numbers", 0);
	} HCHAN_RECOVER(p) {
		EXPECT_EQ(-EPROTOTYPE, p->code);
		EXPECT_NE(NULL, strstr(p->message, "/numbers: expected"));
		panics++;
	}
	HCHAN_TRY {
		HCHAN_MUST_CHANNEL(long_chan_open_tx("none"));
	} HCHAN_RECOVER(p) {
		EXPECT_EQ(-ENOENT, p->code);
		EXPECT_STREQ("long_chan_open_tx(\"none\")", p->what);
		panics++;
	}
	HCHAN_TRY {
		HCHAN_MUST_CHANNEL(int_chan_send_only((int_chan){ -1 }));
	} HCHAN_RECOVER(p) {
		EXPECT_EQ(-EBADF, p->code);
		EXPECT_NE(NULL, strstr(p->message, "descriptor -1: "));
		panics++;
	}
	EXPECT_EQ(3, panics);
	HCHAN_DROP(ch);
}

/* In a select's body, as Go does: the send case that was chosen panics (C23). */
TEST_F(must, select)
{
	int_chan ch = HCHAN_MUST_MAKE(int_chan, 1);
	static int panics;
	int n = 1, r;

	HCHAN_MUST_CLOSE(ch);
	HCHAN_TRY {
		HCHAN_SELECT(r)
		HCHAN_SEND_CASE(ch, &n)
			HCHAN_MUST_ON(ch, r);
		HCHAN_END
	} HCHAN_RECOVER(p) {
		EXPECT_EQ(-EPIPE, p->code);
		EXPECT_STREQ("send on closed channel", p->message);
		EXPECT_EQ(ch.fd, p->fd);
		EXPECT_NE(0, p->id);
		panics++;
	}
	EXPECT_EQ(1, panics);
	HCHAN_DROP(ch);
}

static int signals;

static void note(int sig)
{
	__atomic_add_fetch(&signals, 1, __ATOMIC_SEQ_CST);
}

static void *close_later(void *arg)
{
	pthread_t *who = arg;
	int ch = *(int *)(who + 1);

	/* It waits; the signal finds it there, and it waits again. */
	hchan_wait_receivers(ch, 1, patience());
	pthread_kill(*who, SIGUSR1);
	while (!__atomic_load_n(&signals, __ATOMIC_SEQ_CST))
		sched_yield();
	hchan_wait_receivers(ch, 1, patience());
	hchan_close(ch);
	return NULL;
}

/* C39: a handler without SA_RESTART makes no must form panic. */
TEST_F(must, signals)
{
	struct sigaction act = { .sa_handler = note };
	int_chan ch = HCHAN_MUST_MAKE(int_chan, 0);
	struct {
		pthread_t who;
		int ch;
	} arg = { pthread_self(), ch.fd };
	pthread_t thread;
	int n;

	sigaction(SIGUSR1, &act, NULL);
	pthread_create(&thread, NULL, close_later, &arg);
	EXPECT_EQ(0, HCHAN_MUST_RECV(ch, &n));
	EXPECT_EQ(1, signals);
	pthread_join(thread, NULL);
	HCHAN_DROP(ch);
}

/* Nobody takes it: the line says all, and the program is gone. */
TEST_F(must, abort)
{
	int_chan ch = HCHAN_MUST_CREATE(int_chan, "numbers", 2);
	char line[500] = "", expected[300];
	struct hchan_stat st;
	int fd[2], n = 1, at;
	pid_t pid;

	ASSERT_EQ(0, hchan_stat(ch.fd, &st));
	HCHAN_MUST_CLOSE(ch);
	ASSERT_EQ(0, pipe(fd));
	at = __LINE__ + 4;
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDERR_FILENO);
		HCHAN_MUST_SEND(ch, &n);
		_exit(0);
	}
	close(fd[1]);
	EXPECT_EQ(128 + SIGABRT, exit_of(pid));
	EXPECT_LT(0, read(fd[0], line, sizeof(line) - 1));
	snprintf(expected, sizeof(expected),
		 "hchan: panic: send on closed channel (channel %llu, %s/numbers, descriptor %d), HCHAN_MUST_SEND(ch, &n) at %s:%d\n",
		 (unsigned long long)st.id, self->dir, ch.fd, __FILE__, at);
	EXPECT_STREQ(expected, line);
	close(fd[0]);
	HCHAN_DROP(ch);
}

TEST_HARNESS_MAIN
