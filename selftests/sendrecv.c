// SPDX-License-Identifier: GPL-2.0-only
/*
 * A send and a receive in one call: each stage reports for itself (C39), what is
 * wrong with the second is found before the first, and a call that was ended in
 * between goes on from there.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

#define UNTOLD 77	/* what is in out fields that are not written */

static struct hchan_sendrecv pair_of(int from, void *out, void *in, uint32_t len)
{
	return (struct hchan_sendrecv) {
		.send_buf = (uintptr_t)out,
		.recv_buf = (uintptr_t)in,
		.send_len = len,
		.recv_len = len,
		.recv_fd = from,
		.send_status = UNTOLD,
		.actual = UNTOLD,
		.status = UNTOLD,
	};
}

static int sendrecv(int to, struct hchan_sendrecv *pair)
{
	int ret = ioctl(to, HCHAN_IOC_SENDRECV, pair);

	return ret < 0 ? -errno : ret;
}

/* A call in a thread of its own. */
struct call {
	int to;
	struct hchan_sendrecv pair;
	uint64_t out, in;
	int ret;
	pthread_t thread;
};

static void *run(void *data)
{
	struct call *call = data;

	call->ret = sendrecv(call->to, &call->pair);
	return NULL;
}

static void start(struct call *call, int to, int from, uint64_t value)
{
	call->to = to;
	call->out = value;
	call->in = 0;
	call->pair = pair_of(from, &call->out, &call->in, sizeof(call->out));
	hc_must(!pthread_create(&call->thread, NULL, run, call));
}

static int join(struct call *call)
{
	hc_must(!pthread_join(call->thread, NULL));
	return call->ret;
}

/* Answers each number with twice that, until there are no more. arg: the answers */
static int doubler(int fd, const long *arg)
{
	uint64_t in, out;
	struct hchan_sendrecv pair = pair_of(fd, &out, &in, sizeof(out));
	int ret = hc_recv(fd, &in, sizeof(in));

	while (ret == 1) {
		out = 2 * in;
		pair.sent = 0;
		ret = sendrecv(arg[0], &pair);
		hc_must(pair.sent == 1);
	}
	hc_must(ret == 0 && pair.status == HCHAN_ST_CLOSED);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(doubler),
	{}
};

FIXTURE(two)
{
	int to, from;
};

FIXTURE_VARIANT(two)
{
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(two, cap0) { 0 };
FIXTURE_VARIANT_ADD(two, cap1) { 1 };

FIXTURE_SETUP(two)
{
	self->to = hc_make(8, variant->cap, 0);
	self->from = hc_make(8, variant->cap, 0);
	ASSERT_LE(0, self->to);
	ASSERT_LE(0, self->from);
}

FIXTURE_TEARDOWN(two)
{
	close(self->to);
	close(self->from);
}

TEST_F(two, c39_requests_and_replies)
{
	struct hc_chan questions = {
		.between = HC_THREADS,
		.fd = self->to,
	};
	struct hc_peer peer;
	uint64_t i, in;

	hc_start(&peer, &questions, O_RDONLY, doubler, self->from);
	for (i = 0; i < (uint64_t)hc_scale(2000); i++) {
		struct hchan_sendrecv pair = pair_of(self->from, &i, &in, 8);

		ASSERT_EQ(1, sendrecv(self->to, &pair));
		ASSERT_EQ(2 * i, in);
		ASSERT_EQ(1, pair.sent);
		ASSERT_EQ(8, pair.actual);
		ASSERT_EQ(HCHAN_ST_OK, pair.status);
		ASSERT_EQ(UNTOLD, pair.send_status);
	}
	ASSERT_EQ(0, hc_close(self->to));
	ASSERT_EQ(0, hc_join(&peer));
}

TEST_F(two, c39_receives_only_when_sent)
{
	uint64_t out = 5, in = 0, other = 9;
	struct hchan_sendrecv pair = pair_of(self->from, &out, &in, 8);
	struct call call;

	/* Nobody has sent anything to receive: that is the second stage. */
	start(&call, self->to, self->from, out);
	ASSERT_EQ(1, hc_recv(self->to, &other, 8));
	ASSERT_EQ(out, other);
	ASSERT_EQ(0, hc_wait_receivers(self->from, 1));
	ASSERT_EQ(0, hc_send(self->from, &other, 8));
	ASSERT_EQ(1, join(&call));
	ASSERT_EQ(1, call.pair.sent);

	pair.sent = 1;
	pair.flags = HCHAN_NOWAIT;
	ASSERT_EQ(-EAGAIN, sendrecv(self->to, &pair));
	ASSERT_EQ(1, pair.sent);
	ASSERT_EQ(0, hc_len(self->to));
	ASSERT_TRUE(hc_parked(self->to, 0, 0));
}

TEST_F(two, c13_neither_waits)
{
	uint64_t out = 5, in = 3;
	struct hchan_sendrecv pair = pair_of(self->from, &out, &in, 8);

	pair.flags = HCHAN_NOWAIT;
	ASSERT_EQ(-EAGAIN, sendrecv(self->to, &pair));
	ASSERT_EQ(variant->cap, pair.sent);
	ASSERT_EQ(variant->cap, hc_len(self->to));
	/* With room or without: what was sent is not sent again. */
	ASSERT_EQ(-EAGAIN, sendrecv(self->to, &pair));
	ASSERT_EQ(variant->cap, hc_len(self->to));
	ASSERT_EQ(3, in);
	ASSERT_EQ(UNTOLD, pair.actual);
	ASSERT_EQ(UNTOLD, pair.status);
}

TEST_F(two, c40_one_deadline_for_both)
{
	uint64_t out = 5, in = 3;
	struct hchan_sendrecv pair = pair_of(self->from, &out, &in, 8);

	pair.flags = HCHAN_DEADLINE;
	pair.deadline = hc_in(20 * 1000 * 1000);
	ASSERT_EQ(-ETIMEDOUT, sendrecv(self->to, &pair));
	ASSERT_LE(pair.deadline, hc_clock(CLOCK_MONOTONIC));
	ASSERT_EQ(variant->cap, pair.sent);
	ASSERT_TRUE(hc_parked(self->to, 0, 0));
	ASSERT_TRUE(hc_parked(self->from, 0, 0));
	ASSERT_EQ(3, in);
}

TEST_F(two, c11_send_on_closed)
{
	uint64_t out = 5, in = 3, other = 4;
	struct hchan_sendrecv pair = pair_of(self->from, &out, &in, 8);

	if (variant->cap)
		ASSERT_EQ(0, hc_send(self->from, &other, 8));
	ASSERT_EQ(0, hc_close(self->to));
	ASSERT_EQ(-EPIPE, sendrecv(self->to, &pair));
	ASSERT_EQ(0, pair.sent);
	ASSERT_EQ(HCHAN_ST_CLOSED, pair.send_status);
	ASSERT_EQ(UNTOLD, pair.status);
	ASSERT_EQ(3, in);
	ASSERT_EQ(variant->cap, hc_len(self->from));
}

TEST_F(two, c12_receive_at_the_end)
{
	struct call call;
	uint64_t other;

	start(&call, self->to, self->from, 5);
	ASSERT_EQ(1, hc_recv(self->to, &other, 8));
	call.in = 3;
	ASSERT_EQ(0, hc_close(self->from));
	ASSERT_EQ(0, join(&call));
	ASSERT_EQ(1, call.pair.sent);
	ASSERT_EQ(HCHAN_ST_CLOSED, call.pair.status);
	ASSERT_EQ(8, call.pair.actual);
	ASSERT_EQ(0, call.in);
}

TEST_F(two, c15_closed_while_it_waits_to_send)
{
	uint64_t other = 1;
	struct call call;

	if (variant->cap)
		ASSERT_EQ(0, hc_send(self->to, &other, 8));
	start(&call, self->to, self->from, 5);
	ASSERT_EQ(0, hc_wait_senders(self->to, 1));
	ASSERT_EQ(0, hc_close(self->to));
	ASSERT_EQ(-EPIPE, join(&call));
	ASSERT_EQ(0, call.pair.sent);
	ASSERT_TRUE(hc_parked(self->from, 0, 0));
}

static void handler(int sig)
{
}

static void catch(int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	hc_must(!sigaction(SIGUSR1, &action, NULL));
}

/* Interrupted when it has sent: what was sent is sent once. */
static void interrupted(struct __test_metadata *_metadata, int to, int from,
			bool restart)
{
	uint64_t other = 0;
	struct call call;

	catch(restart ? SA_RESTART : 0);
	start(&call, to, from, 5);
	ASSERT_EQ(1, hc_recv(to, &other, 8));
	ASSERT_EQ(0, hc_wait_receivers(from, 1));
	ASSERT_EQ(0, pthread_kill(call.thread, SIGUSR1));
	if (!restart) {
		ASSERT_EQ(-EINTR, join(&call));
		ASSERT_EQ(1, call.pair.sent);
		/* The same call goes on. */
		hc_must(!pthread_create(&call.thread, NULL, run, &call));
	}
	other = 6;
	ASSERT_EQ(0, hc_send(from, &other, 8));
	ASSERT_EQ(1, join(&call));
	ASSERT_EQ(6, call.in);
	ASSERT_EQ(1, call.pair.sent);
	ASSERT_EQ(0, hc_len(to));
	ASSERT_TRUE(hc_parked(to, 0, 0));
}

TEST_F(two, c39_restarted)
{
	interrupted(_metadata, self->to, self->from, true);
}

TEST_F(two, c39_interrupted)
{
	interrupted(_metadata, self->to, self->from, false);
}

TEST_F(two, c41_killed)
{
	uint64_t other = 0, out = 5, in;
	struct hchan_sendrecv pair;
	pid_t pid = fork();

	hc_must(pid >= 0);
	if (!pid) {
		pair = pair_of(self->from, &out, &in, 8);
		_exit(sendrecv(self->to, &pair));
	}
	ASSERT_EQ(1, hc_recv(self->to, &other, 8));
	ASSERT_EQ(5, other);
	ASSERT_EQ(0, hc_wait_receivers(self->from, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_TRUE(hc_parked(self->from, 0, 0));
}

/* Whoever must fail: the first stage has not begun. */
static void is_wrong(struct __test_metadata *_metadata, int to, int from, int error,
		     struct hchan_sendrecv *pair)
{
	uint64_t in = *(uint64_t *)(uintptr_t)pair->send_buf;

	pair->flags |= HCHAN_NOWAIT;
	ASSERT_EQ(error, sendrecv(to, pair));
	ASSERT_EQ(in, *(uint64_t *)(uintptr_t)pair->send_buf);
	ASSERT_EQ(0, hc_len(to));
	ASSERT_EQ(1, hc_len(from));
}

#define WRONG(error, ...) do {						\
	struct hchan_sendrecv pair = pair_of(from, &out, &in, 8);	\
									\
	__VA_ARGS__;							\
	is_wrong(_metadata, to, from, error, &pair);			\
} while (0)

TEST(c48_what_is_wrong)
{
	int to = hc_make(8, 2, 0), from = hc_make(8, 2, 0);
	uint64_t out = 5, in = 0, other = 1;
	int only_send = hc_narrow(from, O_WRONLY);
	struct hchan_sendrecv pair = pair_of(from, &out, &in, 8), *ro;
	uint8_t *page;

	ASSERT_EQ(0, hc_send(from, &other, 8));
	WRONG(-EBADF, pair.recv_fd = -1);
	WRONG(-EBADF, pair.recv_fd = 1000000);
	WRONG(-EBADF, pair.recv_fd = 0);
	WRONG(-EBADF, pair.recv_fd = only_send);
	WRONG(-EINVAL, pair.sent = 2);
	WRONG(-EINVAL, pair.sent = UINT32_MAX);
	WRONG(-EINVAL, pair.flags = 0x8);
	WRONG(-EINVAL, pair.flags = 0x80000000);
	WRONG(-EINVAL, pair.deadline = 1);
	WRONG(-EMSGSIZE, pair.send_len = 7);
	WRONG(-EMSGSIZE, pair.send_len = 9);
	WRONG(-EMSGSIZE, pair.recv_len = 7);
	WRONG(-EFAULT, pair.recv_buf = 0);
	WRONG(-EFAULT, pair.recv_buf = UINT64_MAX - 3);
	/* By a descriptor that can not send. */
	ASSERT_EQ(-EBADF, sendrecv(hc_narrow(to, O_RDONLY), &pair));
	/* What the send reads. */
	pair.send_buf = 1;
	ASSERT_EQ(-EFAULT, sendrecv(to, &pair));
	ASSERT_EQ(0, pair.sent);
	ASSERT_EQ(0, hc_len(to));
	/* An argument that is not there, or can only be read. */
	ASSERT_EQ(-EFAULT, sendrecv(to, NULL));
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ro = (void *)page;
	*ro = pair_of(from, &out, &in, 8);
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	ASSERT_EQ(-EFAULT, sendrecv(to, ro));
	ASSERT_EQ(0, hc_len(to));
	ASSERT_EQ(1, hc_len(from));
}

TEST(c44_one_channel_for_both)
{
	int fd = hc_make(8, 1, 0);
	uint64_t out = 5, in = 0;
	struct hchan_sendrecv pair = pair_of(fd, &out, &in, 8);

	ASSERT_EQ(1, sendrecv(fd, &pair));
	ASSERT_EQ(5, in);
	ASSERT_EQ(0, hc_len(fd));
}

TEST(c43_each_with_its_own_flags)
{
	int to = hc_make(8, 0, 0), from = hc_make(8, 1, 0);
	uint64_t out = 5, in = 0, other;
	struct hchan_sendrecv pair = pair_of(from, &out, &in, 8);
	struct call call;

	/* O_NONBLOCK of the one that receives: the send waits all the same. */
	ASSERT_EQ(0, fcntl(from, F_SETFL, O_NONBLOCK));
	start(&call, to, from, 5);
	ASSERT_EQ(0, hc_wait_senders(to, 1));
	ASSERT_EQ(1, hc_recv(to, &other, 8));
	ASSERT_EQ(-EAGAIN, join(&call));
	ASSERT_EQ(1, call.pair.sent);
	ASSERT_EQ(0, fcntl(from, F_SETFL, 0));
	/* ... of the one that sends. */
	ASSERT_EQ(0, fcntl(to, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(-EAGAIN, sendrecv(to, &pair));
	ASSERT_EQ(0, pair.sent);
}

TEST(c38_messages)
{
	int to = hc_make(100, 1, HCHAN_MSG), from = hc_make(5000, 1, HCHAN_MSG);
	uint8_t out[100], in[5000];
	struct hchan_sendrecv pair = pair_of(from, out, in, 0);

	hc_fill(out, 100, 1);
	pair.send_len = 33;
	pair.recv_len = 10;
	ASSERT_EQ(0, hc_send(from, out, 11));
	ASSERT_EQ(-EMSGSIZE, sendrecv(to, &pair));
	ASSERT_EQ(1, pair.sent);
	ASSERT_EQ(11, pair.actual);
	ASSERT_EQ(1, hc_len(from));
	pair.recv_len = 11;
	ASSERT_EQ(1, sendrecv(to, &pair));
	ASSERT_EQ(11, pair.actual);
	ASSERT_EQ(0, memcmp(in, out, 11));
	ASSERT_EQ(1, hc_len(to));
	ASSERT_EQ(0, hc_len(from));
}

TEST(c49_disconnected)
{
	int to = hc_make(8, 0, HCHAN_DISCONNECT), from = hc_make(8, 0, 0);
	uint64_t out = 5, in = 0;
	struct hchan_sendrecv pair = pair_of(from, &out, &in, 8);
	int tx = hc_narrow(to, O_WRONLY);

	ASSERT_EQ(0, close(to));
	ASSERT_EQ(-EPIPE, sendrecv(tx, &pair));
	ASSERT_EQ(0, pair.sent);
	ASSERT_EQ(HCHAN_ST_DISCONNECTED, pair.send_status);
}

TEST_HARNESS_MAIN
