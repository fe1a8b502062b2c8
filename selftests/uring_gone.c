// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings, tasks and programs that go while commands are parked, or matched: the
 * commands go with them, and no element is lost (C41, C51). The same for io_uring's
 * own READ, WRITE and POLL_ADD, which is all there is before Linux 6.7.
 */
#include <poll.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_uring.h"

#define ELEM	40
#define KILLED	(256 + SIGKILL)
#define DEFER	(IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER)

/* What a process that ends leaves for its parent to see. */
struct shared {
	uint32_t landing[64];	/* receives; 0: nothing has come */
	int ready;
};

static struct shared *shared;

static void wait_forever(void)
{
	for (;;)
		pause();
}

/* Another program, which has nothing of this but open descriptors. */
static void __attribute__((constructor)) hang_main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "--hang"))
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wait_forever();
}

static void exec_hang(void)
{
	execl("/proc/self/exe", "hang", "--hang", NULL);
	_exit(125);
}

/* A receive that lands in shared memory, of a ring's own. */
static void recv_shared(struct io_uring *ring, struct hu_cmd *cmd, int fd, int i)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	cmd->arg.xfer.buf = (uintptr_t)&shared->landing[i];
	cmd->arg.xfer.len = sizeof(shared->landing[i]);
	hu_on(sqe, cmd, fd, HCHAN_IOC_RECV, (uintptr_t)&cmd->arg);
}

/* A select that receives there, and a batch of three. */
static void select_shared(struct io_uring *ring, struct hu_cmd *cmd, int fd,
			  struct hchan_case *c, int i)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	c[0] = hc_case_recv(fd, &shared->landing[i], sizeof(shared->landing[i]));
	c[1] = hc_case_nil();
	cmd->arg.sel.cases = (uintptr_t)c;
	cmd->arg.sel.count = 2;
	hu_on(sqe, cmd, fd, HCHAN_IOC_SELECT, (uintptr_t)&cmd->arg);
}

static void batch_shared(struct io_uring *ring, struct hu_cmd *cmd, int fd, int i)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	cmd->arg.batch.buf = (uintptr_t)&shared->landing[i];
	cmd->arg.batch.stride = sizeof(shared->landing[i]);
	cmd->arg.batch.count = 3;
	hu_on(sqe, cmd, fd, HCHAN_IOC_RECVN, (uintptr_t)&cmd->arg);
}

/* --- children. arg: setup of the ring, how many --------------------------------- */

static void park(struct io_uring *ring, int fd, const long *arg)
{
	static struct hu_cmd cmd[64];
	int i;

	hc_must(!hu_init(ring, 64, arg[0]));
	for (i = 0; i < arg[1]; i++)
		recv_shared(ring, &cmd[i], fd, i);
	hu_submit(ring);
}

static int park_and_hang(int fd, const long *arg)
{
	struct io_uring ring;

	park(&ring, fd, arg);
	wait_forever();
	return 0;
}

/* Selects, or one batch. */
static int select_and_hang(int fd, const long *arg)
{
	static struct hchan_case c[64][2];
	static struct hu_cmd cmd[64];
	struct io_uring ring;
	int i;

	hc_must(!hu_init(&ring, 64, arg[0]));
	for (i = 0; i < arg[1]; i++)
		select_shared(&ring, &cmd[i], fd, c[i], i);
	hu_submit(&ring);
	wait_forever();
	return 0;
}

static int batch_and_hang(int fd, const long *arg)
{
	struct io_uring ring;
	struct hu_cmd cmd;

	hc_must(!hu_init(&ring, 64, arg[0]));
	batch_shared(&ring, &cmd, fd, 0);
	hu_submit(&ring);
	wait_forever();
	return 0;
}

static int park_and_exit(int fd, const long *arg)
{
	struct io_uring ring;

	park(&ring, fd, arg);
	hc_wait_receivers(fd, arg[1]);
	return 7;
}

/* arg[2]: keep the ring's descriptor over the exec; arg[3]: after as many ms */
static int park_and_exec(int fd, const long *arg)
{
	struct io_uring ring;

	park(&ring, fd, arg);
	if (arg[2])
		fcntl(ring.ring_fd, F_SETFD, 0);
	fcntl(fd, F_SETFD, 0);
	hc_wait_receivers(fd, arg[1]);
	__atomic_store_n(&shared->ready, 1, __ATOMIC_SEQ_CST);
	if (arg[3])
		poll(NULL, 0, arg[3]);
	exec_hang();
	return 125;
}

/* Waits in the ring, as a loop would. */
static int park_and_wait(int fd, const long *arg)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;

	park(&ring, fd, arg);
	for (;;) {
		if (!io_uring_wait_cqe(&ring, &cqe))
			io_uring_cqe_seen(&ring, cqe);
	}
	return 0;
}

/*
 * io_uring's own, on a channel without an element and one without room: arg[0] is the
 * ring's setup, arg[1] flags of the SQEs, arg[2] how it ends: 0 exit, 1 exec, 2 hang.
 */
static int plain_and_go(int fd, const long *arg)
{
	static uint64_t buf[4];
	struct io_uring_sqe *sqe;
	struct hu_cmd cmd[5];
	struct io_uring ring;
	int i, full;

	full = hc_make(sizeof(*buf), 0, 0);
	hc_must(full >= 0 && !hu_init(&ring, 16, arg[0]));
	for (i = 0; i < 4; i++) {
		if (i < 2)
			sqe = hu_other(&ring, &cmd[i], io_uring_prep_read, fd,
				       buf, sizeof(*buf), -1);
		else
			sqe = hu_other(&ring, &cmd[i], io_uring_prep_write, full,
				       buf, sizeof(*buf), -1);
		sqe->flags = arg[1];
	}
	hu_other(&ring, &cmd[4], io_uring_prep_poll_multishot, fd, POLLIN);
	hu_submit(&ring);
	__atomic_store_n(&shared->ready, 1, __ATOMIC_SEQ_CST);
	if (arg[2] == 1)
		exec_hang();
	if (arg[2] == 2)
		wait_forever();
	return 7;
}

const struct hc_body_entry hc_bodies[] = { {} };

/* --- tests ------------------------------------------------------------------------ */

FIXTURE(gone)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(gone)
{
	unsigned int setup;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(gone, plain_cap0) { 0, 0 };
FIXTURE_VARIANT_ADD(gone, plain_cap3) { 0, 3 };
FIXTURE_VARIANT_ADD(gone, defer_cap0) { DEFER, 0 };
FIXTURE_VARIANT_ADD(gone, sqpoll_cap1) { IORING_SETUP_SQPOLL, 1 };

FIXTURE_SETUP(gone)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, hc_chan_make(&self->ch, HC_FORKED, sizeof(uint32_t),
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

/* Whoever has gone has let go of everything. */
FIXTURE_TEARDOWN(gone)
{
	struct hchan_stat stat;

	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	EXPECT_TRUE(hu_until((stat = hc_stat(self->fd), stat.receivers == 1 &&
			      stat.senders == 1)));
	hc_chan_drop(&self->ch);
}

#define START(peer, body, ...) \
	hc_start(peer, &self->ch, O_RDWR, body, variant->setup, ##__VA_ARGS__)

static int put(int fd, uint32_t number)
{
	return hc_try_send(fd, &number, sizeof(number));
}

/*
 * Each of the numbers below @sent, which start at 1, was received by the one that has
 * gone, or is still there; not both.
 */
static bool all_there(int fd, uint32_t sent)
{
	uint8_t seen[256] = {};
	uint32_t number, i, n = 0;

	for (i = 0; i < ARRAY_SIZE(shared->landing); i++) {
		number = shared->landing[i];
		n += !!number;
		if (number && (number >= sent || seen[number]++))
			return false;
	}
	while (hc_try_recv(fd, &number, sizeof(number)) == 1) {
		n++;
		if (!number || number >= sent || seen[number]++)
			return false;
	}
	if (n != sent - 1)
		fprintf(stderr, "# %u of %u\n", n, sent - 1);
	return n == sent - 1;
}

/* Who is killed, exits or becomes another program takes what is parked with him. */
TEST_F(gone, C41_killed)
{
	struct hc_peer peer;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	START(&peer, park_and_hang, 3);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	EXPECT_EQ(KILLED, hc_kill(&peer));
	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, put(self->fd, 1));
	EXPECT_TRUE(all_there(self->fd, variant->cap ? 2 : 1));
}

TEST_F(gone, C41_exits)
{
	struct hc_peer peer;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	START(&peer, park_and_exit, 3);
	EXPECT_EQ(7, hc_join(&peer));
	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN, put(self->fd, 1));
	EXPECT_TRUE(all_there(self->fd, variant->cap ? 2 : 1));
}

/* The process goes on; the ring does, or does not. */
TEST_F(gone, C41_execs)
{
	struct hc_peer peer;
	int keep;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (keep = 0; keep < 2; keep++) {
		shared->ready = 0;
		START(&peer, park_and_exec, 3, keep, 0);
		ASSERT_TRUE(hu_until(__atomic_load_n(&shared->ready,
						     __ATOMIC_SEQ_CST)));
		EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
		EXPECT_EQ(variant->cap ? 0 : -EAGAIN, put(self->fd, 1));
		EXPECT_TRUE(all_there(self->fd, variant->cap ? 2 : 1));
		EXPECT_EQ(KILLED, hc_kill(&peer));
	}
}

/*
 * Matched, and killed before it ran: returned, the same element once, ahead of what
 * came later.
 */
TEST_F(gone, C41_matched_and_killed)
{
	static hc_body * const bodies[] = {
		park_and_hang, select_and_hang, batch_and_hang,
	};
	struct sched_param ordinary = {};
	uint32_t i, k, number;
	struct hc_peer peer;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	/* Here it would be the ring's own thread that runs, and it may. */
	if (variant->setup & IORING_SETUP_SQPOLL)
		return;
	for (k = 0; k < ARRAY_SIZE(bodies); k++) {
		hc_run_first();
		START(&peer, bodies[k], 3);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, k == 2 ? 1 : 3));
		/* The peer does not run between these. */
		for (i = 1; i <= 3; i++)
			ASSERT_EQ(0, put(self->fd, i));
		EXPECT_TRUE(hc_parked(self->fd, 0, 0));
		EXPECT_EQ(0, hc_len(self->fd));
		EXPECT_EQ(KILLED, hc_kill(&peer));
		ASSERT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &ordinary));
		EXPECT_TRUE(hu_until(hc_len(self->fd) == 3));
		if (variant->cap)
			ASSERT_EQ(0, put(self->fd, 4));
		for (i = 1; i <= 3 + !!variant->cap; i++) {
			ASSERT_EQ(1, hc_try_recv(self->fd, &number,
						 sizeof(number)));
			EXPECT_EQ(i, number);
		}
		for (i = 0; i < 3; i++)
			EXPECT_EQ(0, shared->landing[i]);
	}
}

/* Wherever they are: received, or there again. How it ends takes turns. */
TEST_F_TIMEOUT(gone, C41_nothing_is_lost, 120)
{
	static hc_body * const bodies[] = {
		park_and_hang, park_and_wait, park_and_exec,
	};
	uint32_t round, sent, rounds = hc_scale(90);
	struct hc_peer peer;
	bool parked;
	int status;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (round = 0; round < rounds; round++) {
		memset(shared, 0, sizeof(*shared));
		START(&peer, bodies[round % 3], 50, round % 2, 1);
		/* Who execs may have done so before anybody looks. */
		if (round % 3 == 2)
			parked = hu_until(__atomic_load_n(&shared->ready,
							  __ATOMIC_SEQ_CST));
		else
			parked = !hc_wait_receivers(self->fd, 50);
		ASSERT_TRUE(parked);
		for (sent = 1; sent <= 50; sent++) {
			if (sent == 1 + round % 50 && round % 3 != 2)
				ASSERT_EQ(0, kill(peer.pid, SIGKILL));
			if (put(self->fd, sent))
				break;
		}
		/* Who execs does so when he likes. */
		if (round % 3 == 2) {
			EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
			ASSERT_EQ(0, kill(peer.pid, SIGKILL));
		}
		ASSERT_EQ(peer.pid, waitpid(peer.pid, &status, 0));
		EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
		/* The last file of it is gone, so all was returned that was. */
		EXPECT_TRUE(hu_until(hc_stat(self->fd).receivers == 1));
		ASSERT_TRUE(all_there(self->fd, sent));
	}
}

/* A ring that is closed, each kind of command, its task alive. */
TEST_F(gone, C51_ring_is_closed)
{
	uint64_t element = 5;
	int tx, any = hc_make(8, 0, 0), i;
	struct hchan_case c[12];
	struct hu_cmd cmd[5];
	struct io_uring ring;
	uint8_t buf[12][8];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	tx = hc_make(8, 0, HCHAN_DISCONNECT);
	ASSERT_EQ(0, hu_init(&ring, 16, variant->setup));
	for (i = 0; i < 12; i++)
		c[i] = hc_case_recv(any, buf[i], 8);
	hu_recv(&ring, &cmd[0], self->fd, 4, 0, 0);
	hu_batch(&ring, &cmd[1], self->fd, HCHAN_IOC_RECVN, NULL, 4, 100, NULL,
		 0, 0);
	hu_recv(&ring, &cmd[2], self->fd, 4, HCHAN_DEADLINE, hc_in(HC_PATIENCE));
	hu_send(&ring, &cmd[3], tx, &element, 8, 0, 0);
	hu_select(&ring, &cmd[4], any, c, 12, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	ASSERT_EQ(0, hc_wait_receivers(any, 1));
	ASSERT_EQ(0, hc_wait_senders(tx, 1));
	io_uring_queue_exit(&ring);
	EXPECT_TRUE(hu_until_parked(self->fd, 0, 0));
	EXPECT_TRUE(hu_until_parked(any, 0, 0));
	EXPECT_TRUE(hu_until_parked(tx, 0, 0));
	EXPECT_EQ(-EAGAIN, hc_try_recv(tx, &element, 8));
	for (i = 0; i < 5; i++)
		hu_free(&cmd[i]);
	close(any);
	close(tx);
}

static struct hu_cmd one, others[2];

static void *submit_and_exit(void *data)
{
	struct io_uring *ring = data;

	hu_submit(ring);
	return NULL;
}

static void *submit_and_stay(void *data)
{
	hu_submit(data);
	return wait_forever(), NULL;
}

/* Its thread has gone, the ring has not: received, or there again and cancelled. */
TEST_F(gone, C51_thread_exits)
{
	uint32_t number = 0;
	struct io_uring ring;
	pthread_t thread;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	if (variant->setup & DEFER)
		return;	/* a ring of one task only */
	ASSERT_EQ(0, hu_init(&ring, 8, variant->setup));
	hu_recv(&ring, &one, self->fd, 4, 0, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, submit_and_exit, &ring));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, put(self->fd, 9));
	if (hu_wait(&ring, &one) == 1) {
		memcpy(&number, one.area, sizeof(number));
	} else {
		EXPECT_EQ(-ECANCELED, one.res);
		EXPECT_EQ(1, hc_len(self->fd));
		EXPECT_EQ(1, hc_try_recv(self->fd, &number, sizeof(number)));
	}
	EXPECT_EQ(9, number);
	EXPECT_EQ(0, hc_len(self->fd));
	hu_free(&one);
	io_uring_queue_exit(&ring);
}

/* A ring that a child has too: it goes with the last of them. */
TEST_F(gone, C51_ring_over_fork)
{
	struct io_uring ring;
	uint32_t number = 0;
	int status;
	pid_t pid;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	if (variant->setup & DEFER)
		return;	/* a ring of one task only */
	ASSERT_EQ(0, hu_init(&ring, 8, variant->setup));
	hu_recv(&ring, &one, self->fd, 4, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	/* The child's end does nothing to the parent's command. */
	pid = fork();
	if (!pid)
		_exit(0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	EXPECT_TRUE(hu_waits(&ring, &one));
	ASSERT_EQ(0, put(self->fd, 3));
	EXPECT_EQ(1, hu_wait(&ring, &one));
	hu_free(&one);
	if (variant->setup & IORING_SETUP_SQPOLL)
		goto out;	/* its thread has the parent's memory */

	/* Nor does it when the child takes another program: that ends its threads' alone. */
	hu_recv(&ring, &one, self->fd, 4, 0, 0);
	hu_submit(&ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	pid = fork();
	if (!pid) {
		pthread_t thread;

		hu_recv(&ring, &others[0], self->fd, 4, 0, 0);
		hc_must(!pthread_create(&thread, NULL, submit_and_stay, &ring));
		hc_must(!hc_wait_receivers(self->fd, 2));
		hu_recv(&ring, &others[1], self->fd, 4, 0, 0);
		hu_submit(&ring);
		hc_must(!hc_wait_receivers(self->fd, 3));
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(hu_until(hc_parked(self->fd, 0, 1)));
	EXPECT_TRUE(hu_waits(&ring, &one));
	ASSERT_EQ(0, put(self->fd, 3));
	EXPECT_EQ(1, hu_wait(&ring, &one));
	hu_free(&one);
	/* What the child has submitted the parent's side of the ring does not know. */
	io_uring_queue_exit(&ring);
	ASSERT_EQ(0, hu_init(&ring, 8, variant->setup));

	/* A child's command, in the child's memory. */
	hu_recv(&ring, &one, self->fd, 4, 0, 0);
	pid = fork();
	if (!pid) {
		hu_submit(&ring);
		hc_must(hu_wait(&ring, &one) == 1);
		hc_must(one.area[0] == 4);
		_exit(0);
	}
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, put(self->fd, 4));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(hc_all(one.area, HC_POISON, 4));
	hu_free(&one);
	io_uring_queue_exit(&ring);

	/* One whose child is gone, killed, and the ring is not. */
	ASSERT_EQ(0, hu_init(&ring, 8, variant->setup));
	hu_recv(&ring, &one, self->fd, 4, 0, 0);
	pid = fork();
	if (!pid) {
		hu_submit(&ring);
		wait_forever();
	}
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	if (put(self->fd, 5) == 0) {
		EXPECT_TRUE(hu_until(hc_len(self->fd) == 1));
		EXPECT_EQ(1, hc_try_recv(self->fd, &number, sizeof(number)));
		EXPECT_EQ(5, number);
	}
	EXPECT_EQ(-ECANCELED, hu_wait(&ring, &one));
	hu_free(&one);
out:
	io_uring_queue_exit(&ring);
}

/* --- io_uring's own requests -------------------------------------------------------- */

FIXTURE(own)
{
	struct hc_chan ch;
	long channels;
};

FIXTURE_VARIANT(own)
{
	unsigned int setup;
	unsigned int sqe;
};

FIXTURE_VARIANT_ADD(own, plain) { 0, 0 };
FIXTURE_VARIANT_ADD(own, sqpoll) { IORING_SETUP_SQPOLL, 0 };
FIXTURE_VARIANT_ADD(own, defer) { DEFER, 0 };
FIXTURE_VARIANT_ADD(own, async) { 0, IOSQE_ASYNC };
FIXTURE_VARIANT_ADD(own, async_sqpoll) { IORING_SETUP_SQPOLL, IOSQE_ASYNC };

/* Channels there are. */
static long count_channels(void)
{
	FILE *f = fopen("/proc/sys/hchan/channels", "re");
	long n = -1;

	hc_must(f && fscanf(f, "%ld", &n) == 1);
	fclose(f);
	return n;
}

FIXTURE_SETUP(own)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, hc_chan_make(&self->ch, HC_FORKED, sizeof(uint64_t), 1, 0));
	self->channels = count_channels();
}

FIXTURE_TEARDOWN(own)
{
	struct hchan_stat stat;
	uint64_t element = 6;

	/* No file is kept, and the child's own channel is gone. */
	EXPECT_TRUE(hu_until_parked(self->ch.fd, 0, 0));
	EXPECT_TRUE(hu_until((stat = hc_stat(self->ch.fd), stat.receivers == 1 &&
			      stat.senders == 1)));
	EXPECT_TRUE(hu_until(count_channels() == self->channels));
	EXPECT_EQ(0, hc_try_send(self->ch.fd, &element, sizeof(element)));
	EXPECT_EQ(1, hc_try_recv(self->ch.fd, &element, sizeof(element)));
	hc_chan_drop(&self->ch);
}

#define GO(peer, how)							\
	do {								\
		hc_start(peer, &self->ch, O_RDWR, plain_and_go,		\
			 variant->setup, variant->sqe, how);		\
		ASSERT_TRUE(hu_until(__atomic_load_n(&shared->ready,	\
						     __ATOMIC_SEQ_CST))); \
	} while (0)

TEST_F(own, C51_exit)
{
	struct hc_peer peer;

	GO(&peer, 0);
	EXPECT_EQ(7, hc_join(&peer));
}

TEST_F(own, C51_exec)
{
	struct hchan_stat stat;
	struct hc_peer peer;

	GO(&peer, 1);
	/* All of them close on exec, so they go while the process lives. */
	EXPECT_TRUE(hu_until((stat = hc_stat(self->ch.fd),
			      stat.receivers == 1)));
	EXPECT_EQ(KILLED, hc_kill(&peer));
}

TEST_F(own, C51_kill)
{
	struct hc_peer peer;

	GO(&peer, 2);
	EXPECT_EQ(KILLED, hc_kill(&peer));
}

TEST_HARNESS_MAIN
