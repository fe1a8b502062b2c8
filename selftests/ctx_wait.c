// SPDX-License-Identifier: GPL-2.0-only
/*
 * A done channel is a channel: waiting for it in a receive, a select, a set, poll and
 * epoll, in threads and in processes, and all of them let go by a cancel (C33).
 */
#include <sys/epoll.h>

#include "../kselftest_harness.h"
#include "hchan_ctx.h"
#include "hchan_peer.h"
#include "hchan_select.h"

#define CANCELLED HCHAN_CTX_ERR_CANCELLED

static int receive(int fd, const long *arg)
{
	char none;

	return hc_recv(fd, &none, 0) ? 1 : !hc_ctx_is(fd, CANCELLED, 5, "go");
}

/* Selects over the context and a channel to receive from, one to send to. */
static int choose(int fd, const long *arg)
{
	uint64_t x = 0, y = 7;
	struct hchan_case cases[] = {
		hc_case_recv(arg[0], &x, sizeof(x)),
		hc_case_recv(fd, &x, 0),
		hc_case_send(arg[1], &y, sizeof(y)),
	};
	int ret = hc_select(cases, 3);

	return ret != 1 ? 1 : cases[1].status != HCHAN_ST_CLOSED || cases[1].error;
}

static int choose_in_set(int fd, const long *arg)
{
	struct hchan_set_select out;
	int ret = hc_set_select(arg[0], &out);

	return ret != 1 || out.status != HCHAN_ST_CLOSED;
}

static int poll_it(int fd, const long *arg)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, -1) != 1 ||
	       pollfd.revents != (POLLIN | POLLHUP);
}

static int only_look(int fd, const long *arg)
{
	char none;
	struct hchan_case cases[] = { hc_case_recv(fd, &none, 0) };

	return hc_select_by(cases, 1, HCHAN_READY, 0);
}

const struct hc_body_entry hc_bodies[] = { { } };

FIXTURE(wait) {
	struct hchan_cause why;
	struct hc_ctx root;
	struct hc_chan ch;
	int a, b;
};

FIXTURE_SETUP(wait)
{
	self->why = hc_cause(5, "go");
	self->root = hc_ctx(hc_background(), HCHAN_CTX_CANCEL);
	self->ch.between = HC_THREADS;
	self->ch.fd = hc_ctx(self->root.fd, 0).fd;
	self->a = hc_make(8, 0, 0);
	self->b = hc_make(8, 0, 0);
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(wait)
{
}

/* Half of them in other processes. */
TEST_F(wait, c33_receive)
{
	struct hc_peer peers[8];
	int i;

	for (i = 0; i < 8; i++) {
		self->ch.between = i % 2 ? HC_FORKED : HC_THREADS;
		hc_start(&peers[i], &self->ch, O_RDONLY, receive);
	}
	ASSERT_EQ(0, hc_wait_receivers(self->ch.fd, 8));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_TRUE(hc_parked(self->ch.fd, 0, 0));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, hc_join(&peers[i]));
}

/* The other cases leave nothing behind (C25). */
TEST_F(wait, c33_select)
{
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_RDONLY, choose, self->a, self->b);
	ASSERT_EQ(0, hc_wait_receivers(self->ch.fd, 1));
	EXPECT_TRUE(hc_parked(self->a, 0, 1));
	EXPECT_TRUE(hc_parked(self->b, 1, 0));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
	EXPECT_TRUE(hc_parked(self->b, 0, 0));
}

TEST_F(wait, c33_select_now)
{
	uint64_t x = 0;
	struct hchan_case cases[] = {
		hc_case_recv(self->a, &x, sizeof(x)),
		hc_case_recv(self->ch.fd, &x, 0),
	};

	EXPECT_EQ(-EAGAIN, hc_try_select(cases, 2));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(1, hc_try_select(cases, 2));
	EXPECT_EQ(HCHAN_ST_CLOSED, cases[1].status);
	EXPECT_EQ(0, cases[1].actual);
	/* There is no other side to it. */
	cases[1] = hc_case_send(self->ch.fd, &x, 0);
	EXPECT_EQ(-EBADF, hc_try_select(cases, 2));
}

TEST_F(wait, c33_set)
{
	int set = hc_set();
	struct hchan_case done;
	struct hc_peer peer;
	uint64_t x = 0;

	done = hc_case_recv(self->ch.fd, &x, 0);
	done.flags = HCHAN_CASE_DROP;
	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(self->a, &x, sizeof(x))));
	ASSERT_EQ(1, hc_set_add(set, done));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	hc_start(&peer, &self->ch, O_RDONLY, choose_in_set, set);
	ASSERT_EQ(0, hc_wait_receivers(self->ch.fd, 1));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(0, hc_join(&peer));
	/* It is told once, as it was asked to be. */
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
	EXPECT_TRUE(hc_parked(self->a, 0, 0));
}

TEST_F(wait, c33_set_is_polled)
{
	int set = hc_set();
	struct pollfd pollfd = { .fd = set, .events = POLLIN };
	char none;

	ASSERT_EQ(0, hc_set_add(set, hc_case_recv(self->ch.fd, &none, 0)));
	EXPECT_EQ(0, poll(&pollfd, 1, 0));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(1, poll(&pollfd, 1, 0));
	/* The case goes with the descriptor. */
	close(self->ch.fd);
	EXPECT_EQ(0, poll(&pollfd, 1, 0));
	EXPECT_EQ(-EAGAIN, hc_set_try(set, NULL));
}

TEST_F(wait, c45_poll)
{
	struct hc_peer peer;

	/* A process's sleep can be seen. */
	self->ch.between = HC_FORKED;
	hc_start(&peer, &self->ch, O_RDONLY, poll_it);
	hc_asleep(peer.pid);
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(0, hc_join(&peer));
	hc_start(&peer, &self->ch, O_RDONLY, only_look);
	EXPECT_EQ(0, hc_join(&peer));
}

TEST_F(wait, c45_epoll)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET }, out;
	int level = epoll_create1(EPOLL_CLOEXEC), edge = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, epoll_ctl(edge, EPOLL_CTL_ADD, self->ch.fd, &event));
	event.events = EPOLLIN;
	ASSERT_EQ(0, epoll_ctl(level, EPOLL_CTL_ADD, self->ch.fd, &event));
	EXPECT_EQ(0, epoll_wait(edge, &out, 1, 0));
	EXPECT_EQ(0, epoll_wait(level, &out, 1, 0));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(1, epoll_wait(edge, &out, 1, 0));
	EXPECT_EQ(EPOLLIN | EPOLLHUP, out.events);
	EXPECT_EQ(0, epoll_wait(edge, &out, 1, 0));
	EXPECT_EQ(1, epoll_wait(level, &out, 1, 0));
	EXPECT_EQ(1, epoll_wait(level, &out, 1, 0));
	/* What cancels has nothing to wait for. */
	EXPECT_EQ(-1, epoll_ctl(edge, EPOLL_CTL_ADD, self->root.cancel, &event));
	EXPECT_EQ(EPERM, errno);
}

/* Everything else that channels can. */
TEST_F(wait, c33_as_any_channel)
{
	int more = hc_narrow(self->ch.fd, O_RDONLY);
	struct hchan_wait wait = { .what = HCHAN_W_RECEIVERS, .count = 1,
				   .flags = HCHAN_NOWAIT };
	struct hchan_batch batch = { .count = 3, .flags = HCHAN_NOWAIT };
	uint32_t spin = 10;
	char none;

	ASSERT_LE(0, more);
	EXPECT_EQ(2, hc_stat(more).receivers);
	EXPECT_EQ(-EAGAIN, hc_wait_for(more, &wait));
	EXPECT_EQ(0, ioctl(more, HCHAN_IOC_SPIN, &spin));
	EXPECT_EQ(-1, ioctl(more, HCHAN_IOC_RECVN, &batch));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(more, &none, 0, HCHAN_DEADLINE, 1, NULL));
	/* A channel of zero-size elements: read(2) has no answer (C44). */
	EXPECT_EQ(-EINVAL, hc_read(more, &none, 1, 0));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(-EPIPE, hc_wait_for(more, &wait));
	EXPECT_EQ(0, ioctl(more, HCHAN_IOC_RECVN, &batch));
	EXPECT_EQ(HCHAN_ST_CLOSED, batch.status);
	EXPECT_TRUE(hc_ctx_is(more, CANCELLED, 5, "go"));
	/* A child of it, by any of its descriptors. */
	EXPECT_TRUE(hc_ctx_done(hc_ctx(more, 0).fd));
	EXPECT_EQ(-EBADF, hc_close(more));
}

/* A request whose answer is a context's end. */
TEST_F(wait, c33_sendrecv)
{
	uint64_t x = 1;
	int ch = hc_make(8, 1, 0);
	struct hchan_sendrecv arg = {
		.send_buf = (uintptr_t)&x,
		.send_len = sizeof(x),
		.recv_fd = self->ch.fd,
	};

	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(0, ioctl(ch, HCHAN_IOC_SENDRECV, &arg));
	EXPECT_EQ(1, arg.sent);
	EXPECT_EQ(HCHAN_ST_CLOSED, arg.status);
	/* It can not be sent to. */
	arg.sent = 0;
	EXPECT_EQ(-1, ioctl(self->ch.fd, HCHAN_IOC_SENDRECV, &arg));
	EXPECT_EQ(EBADF, errno);
}

TEST_HARNESS_MAIN
