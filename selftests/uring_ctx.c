// SPDX-License-Identifier: GPL-2.0-only
/* A context's end, waited for by commands of io_uring (C33, C51). */
#include "../kselftest_harness.h"
#include "hchan_ctx.h"
#include "hchan_select.h"
#include "hchan_uring.h"

#define CANCELLED HCHAN_CTX_ERR_CANCELLED

FIXTURE(uring_ctx) {
	struct io_uring ring;
	struct hchan_cause why;
	struct hc_ctx root, ctx;
};

FIXTURE_SETUP(uring_ctx)
{
	ASSERT_EQ(0, hu_init(&self->ring, 8, 0));
	self->why = hc_cause(5, "go");
	self->root = hc_ctx(hc_background(), HCHAN_CTX_CANCEL);
	self->ctx = hc_ctx(self->root.fd, 0);
}

FIXTURE_TEARDOWN(uring_ctx)
{
	io_uring_queue_exit(&self->ring);
}

TEST_F(uring_ctx, c51_tried)
{
	struct hu_cmd cmd;

	hu_recv(&self->ring, &cmd, self->ctx.fd, 0, HCHAN_NOWAIT, 0);
	EXPECT_EQ(-EAGAIN, hu_do(&self->ring, &cmd));
	hu_free(&cmd);
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	hu_recv(&self->ring, &cmd, self->ctx.fd, 0, 0, 0);
	EXPECT_EQ(0, hu_do(&self->ring, &cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, cmd.arg.xfer.status);
	hu_free(&cmd);
	hu_close(&self->ring, &cmd, self->ctx.fd);
	EXPECT_EQ(-EBADF, hu_do(&self->ring, &cmd));
}

/* A context's own ioctls are no commands, nor is the right to cancel a file for them. */
TEST_F(uring_ctx, c48_not_commands)
{
	static const uint32_t requests[] = {
		HCHAN_IOC_CTX, HCHAN_IOC_CTX_STAT, HCHAN_IOC_CTX_VALUE,
		HCHAN_IOC_CTX_CANCEL,
	};
	struct hchan_ctx_stat stat = { .size = sizeof(stat) };
	struct hu_cmd cmd;
	int i;

	for (i = 0; i < 4; i++) {
		hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->ctx.fd, requests[i],
		      (uintptr_t)&stat);
		EXPECT_EQ(-ENOTTY, hu_do(&self->ring, &cmd));
	}
	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->root.cancel,
	      HCHAN_IOC_CTX_CANCEL, 0);
	EXPECT_EQ(-EOPNOTSUPP, hu_do(&self->ring, &cmd));
	EXPECT_TRUE(hc_ctx_alive(self->ctx.fd));
}

TEST_F(uring_ctx, c33_parked)
{
	struct hu_cmd cmd[3];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++)
		hu_recv(&self->ring, &cmd[i], self->ctx.fd, 0, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->ctx.fd, 3));
	EXPECT_TRUE(hu_waits(&self->ring, &cmd[0]));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_TRUE(hc_parked(self->ctx.fd, 0, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, hu_wait(&self->ring, &cmd[i]));
		EXPECT_EQ(HCHAN_ST_CLOSED, cmd[i].arg.xfer.status);
		hu_free(&cmd[i]);
	}
	EXPECT_TRUE(hc_ctx_is(self->ctx.fd, CANCELLED, 5, "go"));
}

TEST_F(uring_ctx, c33_parked_select)
{
	int ch = hc_make(8, 0, 0);
	uint64_t x = 0;
	struct hchan_case cases[] = {
		hc_case_recv(ch, &x, sizeof(x)),
		hc_case_recv(self->ctx.fd, &x, 0),
	};
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_select(&self->ring, &cmd, ch, cases, 2, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->ctx.fd, 1));
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(1, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, cases[1].status);
	EXPECT_TRUE(hc_parked(ch, 0, 0));
	hu_free(&cmd);
}

/* The command is cancelled, the context is not; and the other way round. */
TEST_F(uring_ctx, c51_cancelled_command)
{
	struct hu_cmd cmd, cancel;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_recv(&self->ring, &cmd, self->ctx.fd, 0, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->ctx.fd, 1));
	hu_cancel(&self->ring, &cancel, self->ctx.fd, &cmd);
	EXPECT_EQ(0, hu_do(&self->ring, &cancel));
	EXPECT_EQ(-ECANCELED, hu_wait(&self->ring, &cmd));
	EXPECT_TRUE(hc_ctx_alive(self->ctx.fd));
	hu_free(&cmd);
}

/* The command has its file; the descriptors are gone (C17). */
TEST_F(uring_ctx, c33_parked_alone)
{
	struct hu_cmd cmd;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	hu_recv(&self->ring, &cmd, self->ctx.fd, 0, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->ctx.fd, 1));
	close(self->ctx.fd);
	close(self->root.fd);
	EXPECT_TRUE(hu_waits(&self->ring, &cmd));
	EXPECT_EQ(1, hc_ctx_stat(self->root.cancel).children);
	EXPECT_EQ(1, hc_ctx_cancel(self->root.cancel, &self->why));
	EXPECT_EQ(0, hu_wait(&self->ring, &cmd));
	hu_free(&cmd);
}

TEST_HARNESS_MAIN
