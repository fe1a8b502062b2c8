// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts between processes: a tree of 1,000 contexts in 50 processes that is cancelled
 * at its root, also while processes in the middle of it are killed (C33); descriptors that
 * are inherited, through exec too, and sent; and the right to cancel, whose last holder
 * is killed (C34).
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "fs_util.h"
#include "hchan_ctx.h"
#include "hchan_pass.h"

#define PROCESSES	50
#define NODES		20	/* of each */
#define VICTIM(i)	((i) % 10 == 1)
#define CANCELLED	HCHAN_CTX_ERR_CANCELLED

/* struct world - what all of them share */
struct world {
	int ready;
	struct {
		pid_t pid;
		int fds[NODES];
	} procs[PROCESSES];
};

static struct world *world;

static void *shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	hc_must(p != MAP_FAILED);
	return p;
}

static int until(const int *count, int n)
{
	int64_t end = hc_in(HC_PATIENCE);

	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) < n) {
		if (hc_clock(CLOCK_MONOTONIC) > end)
			return -ETIMEDOUT;
		sched_yield();
	}
	return 0;
}

/* Another process's descriptor. */
static int borrow(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int ret;

	hc_must(pidfd >= 0);
	ret = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	hc_must(ret >= 0);
	close(pidfd);
	return ret;
}

/* In which of its contexts process @i waits. */
static int waits_in(int i)
{
	return (i * 7) % NODES;
}

/* Process @i of a binary tree of processes, whose contexts hang below @parent. */
static int be_process(int i, int parent)
{
	int *fds = world->procs[i].fds, j, child;
	char none;

	/* Nothing but its own, so that a process that dies takes its contexts along. */
	close_range(3, parent - 1, 0);
	close_range(parent + 1, ~0U, 0);
	fds[0] = hc_ctx(parent, 0).fd;
	close(parent);
	for (j = 1; j < NODES; j++)
		fds[j] = hc_ctx(fds[(j - 1) / 2], 0).fd;
	world->procs[i].pid = getpid();
	for (child = 2 * i + 1; child <= 2 * i + 2 && child < PROCESSES; child++) {
		pid_t pid = fork();

		hc_must(pid >= 0);
		if (!pid)
			_exit(be_process(child, fds[NODES - 1 - child % 2]));
	}
	__atomic_fetch_add(&world->ready, 1, __ATOMIC_RELEASE);
	if (hc_recv(fds[waits_in(i)], &none, 0))
		return 1;
	for (j = 0; j < NODES; j++)
		if (!hc_ctx_wait(fds[j]) ||
		    !hc_ctx_is(fds[j], CANCELLED, 42, "the root"))
			return 2;
	return 0;
}

struct killer {
	pthread_t thread;
	pthread_barrier_t start;
	bool works;
};

static void *kill_victims(void *data)
{
	struct killer *killer = data;
	int i;

	pthread_barrier_wait(&killer->start);
	for (i = 0; i < PROCESSES && killer->works; i++)
		if (VICTIM(i))
			kill(world->procs[i].pid, SIGKILL);
	return NULL;
}

/*
 * @killed: counts the processes that SIGKILL has ended; NULL: nobody is killed
 *
 * Return: how many contexts were not done when the cancel returned; -1: a process.
 */
static int run_tree(int *killed)
{
	struct hc_ctx root = hc_ctx(hc_background(), HCHAN_CTX_CANCEL |
				    HCHAN_CTX_ON_LOSS);
	struct hchan_cause why = hc_cause(42, "the root");
	static int fds[PROCESSES][NODES];
	struct killer killer = { .works = killed };
	int i, j, status, wrong = 0, result;
	pid_t pid;
	char none;

	world->ready = 0;
	pid = fork();
	hc_must(pid >= 0);
	if (!pid)
		_exit(be_process(0, root.fd));
	hc_must(!until(&world->ready, PROCESSES));
	for (i = 0; i < PROCESSES; i++) {
		for (j = 0; j < NODES; j++) {
			fds[i][j] = borrow(world->procs[i].pid,
					   world->procs[i].fds[j]);
			hc_must(hc_ctx_err(fds[i][j]) == 0);
			if (j == waits_in(i))
				hc_must(!hc_wait_receivers(fds[i][j], 1));
			if (killed && VICTIM(i))
				close(fds[i][j]);
		}
	}
	hc_must(!pthread_barrier_init(&killer.start, NULL, 2));
	hc_must(!pthread_create(&killer.thread, NULL, kill_victims, &killer));
	pthread_barrier_wait(&killer.start);
	result = hc_ctx_cancel(root.cancel, &why);
	for (i = 0; i < PROCESSES; i++)
		for (j = 0; j < NODES; j++)
			if (!(killed && VICTIM(i)) &&
			    hc_try_recv(fds[i][j], &none, 0))
				wrong++;
	hc_must(result == 1);
	hc_must(!pthread_join(killer.thread, NULL));
	for (i = 0; i < PROCESSES; i++) {
		if (killed && VICTIM(i))
			continue;
		for (j = 0; j < NODES; j++) {
			hc_must(hc_ctx_is(fds[i][j], CANCELLED, 42, "the root"));
			close(fds[i][j]);
		}
	}
	for (i = 0; i < PROCESSES; i++) {
		pid = wait(&status);
		hc_must(pid > 0);
		for (j = 0; world->procs[j].pid != pid; j++)
			;
		if (killed && VICTIM(j) && WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL) {
			++*killed;
		} else if (status) {
			fprintf(stderr, "# process %d: %#x\n", j, status);
			wrong = -1;
		}
	}
	hc_ctx_drop(&root);
	return wrong;
}

FIXTURE(tree) {
	long long channels;
	int dev;
};

FIXTURE_SETUP(tree)
{
	/* Whose parent is killed is ours to wait for. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	self->dev = hc_background();
	self->channels = channels();
	world = shared(sizeof(*world));
}

FIXTURE_TEARDOWN(tree)
{
	munmap(world, sizeof(*world));
	EXPECT_EQ(self->channels, channels());
}

TEST_F_TIMEOUT(tree, c33_thousand_in_fifty, 300)
{
	long i, n = hc_scale(3);

	for (i = 0; i < n; i++)
		EXPECT_EQ(0, run_tree(NULL));
}

TEST_F_TIMEOUT(tree, c33_while_a_tenth_is_killed, 300)
{
	long i, n = hc_scale(10);
	int killed = 0;

	/* A round is short where little is done, and one may be too late for all. */
	for (i = 0; i < n || i < 5; i++)
		EXPECT_EQ(0, run_tree(&killed));
	TH_LOG("%d killed in %ld rounds", killed, i);
	EXPECT_LT(0, killed);
}

/* A, and B below it, and C below that: B's process has been killed. */
TEST_F(tree, c33_the_middle_is_gone)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	struct hchan_cause why = hc_cause(1, "root");
	pid_t middle, below;
	int b, c, status;
	char none;

	middle = fork();
	if (!middle) {
		b = hc_ctx(a.fd, 0).fd;
		if (fork())
			pause();
		c = hc_ctx(b, 0).fd;
		close(b);
		world->procs[0].pid = getpid();
		__atomic_fetch_add(&world->ready, 1, __ATOMIC_RELEASE);
		_exit(hc_recv(c, &none, 0) || !hc_ctx_is(c, CANCELLED, 1, "root"));
	}
	ASSERT_EQ(0, until(&world->ready, 1));
	below = world->procs[0].pid;
	EXPECT_EQ(1, hc_ctx_stat(a.fd).children);
	kill(middle, SIGKILL);
	ASSERT_EQ(middle, waitpid(middle, &status, 0));
	/* What is in the middle lives on: something below it does. */
	EXPECT_EQ(1, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(self->channels + 3, channels());
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	ASSERT_EQ(below, waitpid(below, &status, 0));
	EXPECT_EQ(0, status);
	hc_ctx_drop(&a);
}

/* Before the killed process can be waited for. */
TEST_F(tree, c34_last_holder_is_killed)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	struct hc_ctx b = hc_ctx(a.fd, 0);
	pid_t pids[2];
	int i;

	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			__atomic_fetch_add(&world->ready, 1, __ATOMIC_RELEASE);
			pause();
		}
	}
	ASSERT_EQ(0, until(&world->ready, 2));
	close(a.cancel);
	a.cancel = -1;
	kill(pids[0], SIGKILL);
	ASSERT_EQ(pids[0], waitpid(pids[0], NULL, 0));
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	kill(pids[1], SIGKILL);
	ASSERT_EQ(pids[1], waitpid(pids[1], NULL, 0));
	EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 0, HCHAN_CTX_LOST));
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 0, HCHAN_CTX_LOST));
	hc_ctx_drop(&a);
	hc_ctx_drop(&b);
}

/* --- descriptors on their way ---------------------------------------------- */

/* To a process that is older than the context. */
TEST_F(tree, c33_sent)
{
	struct hchan_cause why = hc_cause(9, "by mail");
	int pair[2], status;
	struct hc_ctx a;
	pid_t pid;
	char none;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	if (!pid) {
		int fd = hc_passed(pair[1]);
		struct hc_ctx b = hc_ctx(fd, 0);

		hc_must(fd >= 0 && !hc_pass(pair[1], b.fd));
		_exit(hc_recv(b.fd, &none, 0) ||
		      !hc_ctx_is(b.fd, CANCELLED, 9, "by mail") ||
		      !hc_ctx_is(fd, CANCELLED, 9, "by mail"));
	}
	a = hc_ctx(self->dev, HCHAN_CTX_CANCEL);
	hc_must(!hc_pass(pair[0], a.fd));
	status = hc_passed(pair[0]);
	ASSERT_LE(0, status);
	ASSERT_EQ(0, hc_wait_receivers(status, 1));
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	EXPECT_TRUE(hc_ctx_is(status, CANCELLED, 9, "by mail"));
	close(status);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	hc_ctx_drop(&a);
}

/* Who has the right can hand it on; on its way it is not lost. */
TEST_F(tree, c34_right_is_sent)
{
	struct hc_ctx a = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	struct hc_ctx b = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	struct hchan_cause why = hc_cause(10, "other");
	int pair[2], status;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	hc_must(!hc_pass(pair[0], a.cancel));
	close(a.cancel);
	EXPECT_TRUE(hc_ctx_alive(a.fd));
	pid = fork();
	if (!pid) {
		int fd = hc_passed(pair[1]);

		hc_must(fd >= 0);
		_exit(hc_ctx_cancel(fd, &why) != 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(hc_ctx_is(a.fd, CANCELLED, 10, "other"));
	/* Nobody takes it: it is lost with the socket. */
	hc_must(!hc_pass(pair[0], b.cancel));
	close(b.cancel);
	EXPECT_TRUE(hc_ctx_alive(b.fd));
	close(pair[0]);
	close(pair[1]);
	EXPECT_TRUE(hc_ctx_is(b.fd, CANCELLED, 0, HCHAN_CTX_LOST));
	close(a.fd);
	close(b.fd);
}

/* Another program: it has the descriptor's number and nothing else. */
static void __attribute__((constructor)) be_program(int argc, char **argv)
{
	struct hc_ctx c;
	char none;
	int fd;

	if (argc != 3 || strcmp(argv[1], "--context"))
		return;
	fd = atoi(argv[2]);
	c = hc_ctx(fd, 0);
	hc_must(!hc_recv(c.fd, &none, 0));
	_exit(hc_ctx_is(c.fd, CANCELLED, 11, "exec") ? 0 : 1);
}

/*
 * Two sockets that nobody has any more, the right to cancel in one of them: it is lost
 * once the kernel finds that out, which closes it in a thread of its own.
 */
TEST_F(tree, c34_right_is_lost_in_a_circle)
{
	struct hc_ctx c = hc_ctx(self->dev, HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);
	int sock[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sock));
	ASSERT_EQ(0, hc_pass(sock[1], c.cancel));
	ASSERT_EQ(0, hc_pass(sock[1], sock[0]));
	close(c.cancel);
	EXPECT_TRUE(hc_ctx_alive(c.fd));
	close(sock[0]);
	close(sock[1]);
	/* The next one that goes makes it look. */
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sock));
	close(sock[0]);
	close(sock[1]);
	EXPECT_TRUE(hc_ctx_wait(c.fd));
	EXPECT_TRUE(hc_ctx_is(c.fd, CANCELLED, 0, HCHAN_CTX_LOST));
	close(c.fd);
}

TEST_F(tree, c33_through_exec)
{
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL);
	struct hchan_cause why = hc_cause(11, "exec");
	char number[16];
	struct hc_ctx a;
	int64_t end = hc_in(HC_PATIENCE);
	int status;
	pid_t pid;

	arg.open_flags = 0;
	ASSERT_LE(0, hc_ctx_by(self->dev, &arg, &a));
	ASSERT_EQ(0, fcntl(a.cancel, F_SETFD, FD_CLOEXEC));
	snprintf(number, sizeof(number), "%d", a.fd);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "ctx_tree", "--context", number,
		      (char *)NULL);
		_exit(125);
	}
	while (!hc_ctx_stat(a.fd).children && hc_clock(CLOCK_MONOTONIC) < end)
		sched_yield();
	EXPECT_EQ(1, hc_ctx_stat(a.fd).children);
	EXPECT_EQ(1, hc_ctx_cancel(a.cancel, &why));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	hc_ctx_drop(&a);
}

TEST_HARNESS_MAIN
