// SPDX-License-Identifier: GPL-2.0-only
/*
 * A select's cases on other descriptors: they win by readiness, as poll(2) tells
 * it, and are judged last (C19).
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

enum kind { SOCKET, PIPE_IN, PIPE_OUT, TIMER, EVENT, PROCESS, SIGNAL, CHANNEL, EPOLL };

/*
 * struct foreign - a descriptor of some kind that is not ready
 * @fd: to wait for
 * @other: its other end, or who else is needed to make it ready
 * @events: to ask for; what comes
 */
struct foreign {
	enum kind kind;
	int fd;
	int other;
	uint32_t events;
	uint32_t come;
	pid_t pid;
};

static void make_process(struct foreign *f)
{
	pid_t self = getpid();
	char byte;
	int pair[2];

	hc_must(!pipe2(pair, O_CLOEXEC));
	f->pid = fork();
	hc_must(f->pid >= 0);
	if (!f->pid) {
		hc_die_with(self);
		close(pair[1]);
		_exit(read(pair[0], &byte, 1));
	}
	close(pair[0]);
	f->other = pair[1];
	f->fd = syscall(SYS_pidfd_open, f->pid, 0);
}

static void make_epoll(struct foreign *f)
{
	struct epoll_event event = { .events = EPOLLIN };

	f->other = eventfd(0, EFD_CLOEXEC);
	f->fd = epoll_create1(EPOLL_CLOEXEC);
	hc_must(!epoll_ctl(f->fd, EPOLL_CTL_ADD, f->other, &event));
}

/* The pipe takes no byte more. */
static void make_full(struct foreign *f, int *pair)
{
	char page[4096] = "";

	f->fd = pair[1];
	f->other = pair[0];
	f->events = POLLOUT;
	f->come = POLLOUT;
	hc_must(!fcntl(f->fd, F_SETFL, O_NONBLOCK));
	while (write(f->fd, page, sizeof(page)) > 0)
		;
}

static void foreign_make(struct foreign *f, enum kind kind)
{
	sigset_t signals;
	int pair[2];

	*f = (struct foreign) { kind, -1, -1, POLLIN, POLLIN, 0 };
	switch (kind) {
	case SOCKET:
		hc_must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		f->fd = pair[0];
		f->other = pair[1];
		break;
	case PIPE_IN:
	case PIPE_OUT:
		hc_must(!pipe2(pair, O_CLOEXEC));
		f->fd = pair[0];
		f->other = pair[1];
		if (kind == PIPE_OUT)
			make_full(f, pair);
		break;
	case TIMER:
		f->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
		break;
	case EVENT:
		f->fd = eventfd(0, EFD_CLOEXEC);
		break;
	case PROCESS:
		make_process(f);
		break;
	case SIGNAL:
		sigemptyset(&signals);
		sigaddset(&signals, SIGUSR2);
		hc_must(!pthread_sigmask(SIG_BLOCK, &signals, NULL));
		f->fd = signalfd(-1, &signals, SFD_CLOEXEC);
		break;
	case CHANNEL:
		f->fd = sel_make(1);
		break;
	case EPOLL:
		make_epoll(f);
		break;
	}
	hc_must(f->fd >= 0);
}

static void foreign_fire(struct foreign *f)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1000 };
	uint64_t one = 1;
	char page[4096];

	switch (f->kind) {
	case SOCKET:
	case PIPE_IN:
	case PROCESS:
		hc_must(write(f->other, &one, 1) == 1);
		break;
	case PIPE_OUT:
		hc_must(read(f->other, page, sizeof(page)) == sizeof(page));
		break;
	case TIMER:
		hc_must(!timerfd_settime(f->fd, 0, &soon, NULL));
		break;
	case EVENT:
		hc_must(write(f->fd, &one, 8) == 8);
		break;
	case SIGNAL:
		hc_must(!kill(getpid(), SIGUSR2));
		break;
	case CHANNEL:
		sel_put(f->fd, 1);
		break;
	case EPOLL:
		hc_must(write(f->other, &one, 8) == 8);
		break;
	}
}

static int foreign_case(struct sel *s, const struct foreign *f)
{
	return sel_add(s, hc_case_poll(f->fd, f->events));
}

static bool told(const struct sel *s, int i, uint32_t events)
{
	return sel_ok(s, i) && s->c[i].actual == events;
}

FIXTURE(kind)
{
	struct foreign f;
	int a;
	struct sel s;
};

FIXTURE_VARIANT(kind)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(kind, socket) { SOCKET };
FIXTURE_VARIANT_ADD(kind, pipe_in) { PIPE_IN };
FIXTURE_VARIANT_ADD(kind, pipe_out) { PIPE_OUT };
FIXTURE_VARIANT_ADD(kind, timerfd) { TIMER };
FIXTURE_VARIANT_ADD(kind, eventfd) { EVENT };
FIXTURE_VARIANT_ADD(kind, pidfd) { PROCESS };
FIXTURE_VARIANT_ADD(kind, signalfd) { SIGNAL };
FIXTURE_VARIANT_ADD(kind, channel) { CHANNEL };
FIXTURE_VARIANT_ADD(kind, epoll) { EPOLL };

FIXTURE_SETUP(kind)
{
	self->a = sel_make(0);
	foreign_make(&self->f, variant->kind);
	foreign_case(&self->s, &self->f);
	sel_recv(&self->s, self->a);
}

FIXTURE_TEARDOWN(kind)
{
	close(self->f.fd);
	close(self->f.other);
	close(self->a);
}

/* Until it is so: a timer's and a process' end come in their own time. */
#define AWAIT_READY()							\
	do {								\
		struct pollfd p = { self->f.fd, self->f.events, 0 };	\
		ASSERT_EQ(1, poll(&p, 1, 10000));			\
	} while (0)

TEST_F(kind, c19_not_ready_then_ready)
{
	EXPECT_EQ(-EAGAIN, sel_try(&self->s));
	self->s.flags = HCHAN_DEADLINE;
	self->s.deadline = hc_in(2 * HC_MS);
	EXPECT_EQ(-ETIMEDOUT, sel_run(&self->s));
	foreign_fire(&self->f);
	AWAIT_READY();
	self->s.flags = HCHAN_NOWAIT;
	self->s.deadline = 0;
	ASSERT_EQ(0, sel_run(&self->s));
	EXPECT_TRUE(told(&self->s, 0, self->f.come));
	/* It was told, and nothing was taken. */
	self->s.flags = 0;
	ASSERT_EQ(0, sel_run(&self->s));
	self->s.flags = HCHAN_READY;
	ASSERT_EQ(0, sel_run(&self->s));
	EXPECT_EQ(self->f.come, self->s.c[0].actual);
}

TEST_F(kind, c19_wakes_one_who_is_parked)
{
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait_receivers(self->a, 1));
	foreign_fire(&self->f);
	ASSERT_EQ(0, sel_join(&self->s));
	EXPECT_TRUE(told(&self->s, 0, self->f.come));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
}

TEST_F(kind, c19_wakes_one_who_looks)
{
	self->s.flags = HCHAN_READY;
	sel_start(&self->s);
	while (!__atomic_load_n(&self->s.tid, __ATOMIC_SEQ_CST))
		sched_yield();
	hc_asleep(self->s.tid);
	foreign_fire(&self->f);
	EXPECT_EQ(0, sel_join(&self->s));
}

/* Nothing but the descriptor: no channel at all. */
TEST_F(kind, c19_alone)
{
	self->s.n = 1;
	sel_start(&self->s);
	while (!__atomic_load_n(&self->s.tid, __ATOMIC_SEQ_CST))
		sched_yield();
	hc_asleep(self->s.tid);
	foreign_fire(&self->f);
	ASSERT_EQ(0, sel_join(&self->s));
	EXPECT_TRUE(told(&self->s, 0, self->f.come));
}

/* Both ready: the channel, always. */
TEST_F(kind, c19_judged_last)
{
	int i;

	foreign_fire(&self->f);
	AWAIT_READY();
	for (i = 0; i < 50; i++) {
		struct sel t = { 0 };

		sel_send(&t, self->a, i);
		sel_start(&t);
		ASSERT_EQ(0, hc_wait_senders(self->a, 1));
		ASSERT_EQ(1, sel_run(&self->s));
		ASSERT_EQ(i, self->s.x[1]);
		ASSERT_EQ(0, sel_join(&t));
	}
	ASSERT_EQ(0, hc_close(self->a));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(1, sel_run(&self->s));
}

/* Served by the channel, and then the other one is ready as well. */
TEST_F(kind, c19_comes_too_late)
{
	hc_run_first();
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait_receivers(self->a, 1));
	sel_put(self->a, 4);
	foreign_fire(&self->f);
	ASSERT_EQ(1, sel_join(&self->s));
	EXPECT_EQ(4, self->s.x[1]);
}

/*
 * The other one first, which wakes it; before it runs a sender takes it. Either
 * may win by then, but the element is where the select says that it is.
 */
TEST_F(kind, c19_exactly_one)
{
	uint64_t x = 4;
	int ret;

	hc_run_first();
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait_receivers(self->a, 1));
	foreign_fire(&self->f);
	ret = hc_try_send(self->a, &x, sizeof(x));
	ASSERT_EQ(ret ? 0 : 1, sel_join(&self->s));
	EXPECT_EQ(ret ? SEL_NOTHING : 4, self->s.x[1]);
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
}

/* The caller's descriptor goes: the call holds what is behind it. */
TEST_F(kind, c17_closed_while_parked)
{
	int fd = self->f.fd;

	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait_receivers(self->a, 1));
	if (variant->kind == TIMER || variant->kind == EVENT ||
	    variant->kind == CHANNEL || variant->kind == SIGNAL) {
		/* What makes it ready goes by the same descriptor. */
		self->f.fd = dup(fd);
		ASSERT_EQ(0, close(fd));
		sel_put(self->a, 1);
		ASSERT_EQ(1, sel_join(&self->s));
		return;
	}
	ASSERT_EQ(0, close(fd));
	self->f.fd = -1;
	foreign_fire(&self->f);
	ASSERT_EQ(0, sel_join(&self->s));
}

static void handler(int sig)
{
}

TEST_F(kind, c39_eintr)
{
	struct sigaction action = { .sa_handler = handler };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	sel_start(&self->s);
	ASSERT_EQ(0, hc_wait_receivers(self->a, 1));
	ASSERT_EQ(0, pthread_kill(self->s.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, sel_join(&self->s));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
}

/* Several ready: each has the same chance; with the flag, the first (C20). */
TEST(c20_uniform)
{
	uint32_t n[3] = { 0 }, rounds = hc_scale(9000), i;
	struct foreign f[3];
	struct sel s = { 0 };
	double chi = 0, each = rounds / 3.0;

	for (i = 0; i < 3; i++) {
		foreign_make(&f[i], i == 1 ? SOCKET : EVENT);
		foreign_fire(&f[i]);
		foreign_case(&s, &f[i]);
		sel_add(&s, hc_case_nil());
	}
	for (i = 0; i < rounds; i++) {
		ASSERT_LE(0, sel_run(&s));
		n[s.ret / 2]++;
	}
	for (i = 0; i < 3; i++)
		chi += (n[i] - each) * (n[i] - each) / each;
	/* Two degrees of freedom: one run in a million is above. */
	EXPECT_LT(chi, 27.6);
	s.flags = HCHAN_FIRST;
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, sel_run(&s));
}

/* What poll(2) always tells is told unasked. */
TEST(c19_hang_up)
{
	struct foreign f;
	struct sel s = { 0 };
	int a = sel_make(0);

	foreign_make(&f, SOCKET);
	sel_recv(&s, a);
	sel_add(&s, hc_case_poll(f.fd, 0));
	sel_start(&s);
	ASSERT_EQ(0, hc_wait_receivers(a, 1));
	foreign_fire(&f);	/* nobody has asked for that */
	EXPECT_TRUE(hc_parked(a, 0, 1));
	close(f.other);
	ASSERT_EQ(1, sel_join(&s));
	EXPECT_EQ(POLLHUP, s.c[1].actual);
}

/* A signal's queue goes with its task (POLLFREE), and not under the select. */
TEST(c19_signalfd_of_one_who_goes)
{
	struct sel s = { 0 };
	int pair[2], a, status;
	pid_t pid;

	ASSERT_EQ(0, pipe2(pair, O_CLOEXEC));
	a = sel_make(0);
	pid = fork();
	if (!pid) {
		struct foreign f;

		/* A thread selects over it, and the process ends. */
		foreign_make(&f, SIGNAL);
		foreign_case(&s, &f);
		sel_recv(&s, a);
		sel_start(&s);
		hc_must(!hc_wait_receivers(a, 1));
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(hc_parked(a, 0, 0));
}

/* One of many pages of queue entries, and the last of them. */
TEST(c26_many)
{
	const int n = 500;
	struct hchan_case *c = calloc(n, sizeof(*c));
	int e = eventfd(0, EFD_CLOEXEC), last = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 1;
	int i;

	for (i = 0; i < n; i++)
		c[i] = hc_case_poll(i == n - 1 ? last : e, POLLIN);
	EXPECT_EQ(-ETIMEDOUT, hc_select_by(c, n, HCHAN_DEADLINE,
					   hc_in(2 * HC_MS)));
	ASSERT_EQ(8, write(last, &one, 8));
	EXPECT_EQ(n - 1, hc_select(c, n));
	EXPECT_EQ(POLLIN, c[n - 1].actual);
}

/* Nothing that can be polled: its index, and nothing has happened (C48). */
TEST(c48_eperm)
{
	int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int a = sel_make(1);
	struct sel s = { 0 };

	if (file < 0)
		file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, file);
	sel_send(&s, a, 1);
	sel_add(&s, hc_case_poll(file, POLLIN));
	EXPECT_EQ(-EPERM, sel_run(&s));
	EXPECT_EQ(1, s.index);
	EXPECT_EQ(0, hc_len(a));
	s.c[1].fd = -1;
	EXPECT_EQ(-EBADF, sel_run(&s));
	EXPECT_EQ(1, s.index);
	/* A socket is no channel. */
	s.c[1] = hc_case_recv(0, &s.x[1], 8);
	s.c[1].fd = eventfd(0, EFD_CLOEXEC);
	EXPECT_EQ(-EBADF, sel_run(&s));
	EXPECT_EQ(1, s.index);
	EXPECT_EQ(0, hc_len(a));
}

/* Both kinds, raced: as many elements as were received, no more, no less. */
struct race {
	int a, event, turns;
};

static void *fire_both(void *data)
{
	struct race *r = data;
	uint64_t one = 1;
	int i;

	for (i = 0; i < r->turns; i++) {
		if (i % 2)
			hc_must(write(r->event, &one, 8) == 8);
		hc_must(!hc_send(r->a, &one, 8));
		if (i % 2 == 0)
			hc_must(write(r->event, &one, 8) == 8);
	}
	hc_must(!hc_close(r->a));
	return NULL;
}

TEST(c18_exactly_once_against_both)
{
	struct race r = { sel_make(0), eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			  hc_scale(5000) };
	uint64_t events = 0, x;
	struct sel s = { 0 };
	int elements = 0;
	pthread_t thread;

	sel_recv(&s, r.a);
	sel_add(&s, hc_case_poll(r.event, POLLIN));
	ASSERT_EQ(0, pthread_create(&thread, NULL, fire_both, &r));
	for (;;) {
		ASSERT_LE(0, sel_run(&s));
		if (s.ret) {
			ASSERT_EQ(8, read(r.event, &x, 8));
			events += x;
		} else if (s.c[0].status == HCHAN_ST_OK) {
			elements++;
		} else {
			break;
		}
	}
	if (read(r.event, &x, 8) == 8)
		events += x;
	EXPECT_EQ(r.turns, elements);
	EXPECT_EQ(r.turns, events);
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
