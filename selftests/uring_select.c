// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects by io_uring commands: one case, completely, at once or after having been
 * parked on all of them (C18 to C26, C51).
 */
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_uring.h"

#define MOST	1000
#define ELEM	16

const struct hc_body_entry hc_bodies[] = { {} };

FIXTURE(sel)
{
	struct io_uring ring;
	int dev;
	int fd[3];
	uint8_t buf[3][ELEM];
	struct hchan_case c[MOST];
};

FIXTURE_SETUP(sel)
{
	struct rlimit files = { MOST + 100, MOST + 100 };
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	self->dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->dev);
	for (i = 0; i < 3; i++) {
		self->fd[i] = hc_make(ELEM, i, 0);
		ASSERT_LE(0, self->fd[i]);
	}
	memset(self->buf, HC_POISON, sizeof(self->buf));
	ASSERT_EQ(0, hu_init(&self->ring, 16, 0));
}

FIXTURE_TEARDOWN(sel)
{
	int i;

	io_uring_queue_exit(&self->ring);
	for (i = 0; i < 3; i++)
		close(self->fd[i]);
	close(self->dev);
}

#define SELECT(cmd, n, ...)						\
	hu_select(&self->ring, cmd, self->dev, self->c, n, ##__VA_ARGS__)
#define DO(cmd) hu_do(&self->ring, cmd)
#define SUBMIT() hu_submit(&self->ring)
#define WAIT(cmd) hu_wait(&self->ring, cmd)
#define PUT(i, seed) hc_put_seed(HC_IOCTL, self->fd[i], ELEM, seed, true)
#define GET(i, seed) hc_get_seed(HC_IOCTL, self->fd[i], ELEM, seed, true)
#define IS(buf, seed) hc_is(buf, ELEM, seed)

/* Receives from all three. */
static void recv_cases(struct hchan_case *c, const int *fd, uint8_t (*buf)[ELEM])
{
	int i;

	for (i = 0; i < 3; i++)
		c[i] = hc_case_recv(fd[i], buf[i], ELEM);
}

TEST_F(sel, C20_C24_at_once)
{
	struct hu_cmd cmd;
	int won[2] = {}, i;

	recv_cases(self->c, self->fd, self->buf);
	SELECT(&cmd, 3, HCHAN_NOWAIT, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd));
	hu_free(&cmd);
	SELECT(&cmd, 3, HCHAN_DEADLINE, 1);
	/* A kernel whose commands do not wait may say that instead. */
	if (DO(&cmd) != -EAGAIN || hu_parks())
		EXPECT_EQ(-ETIMEDOUT, cmd.res);
	hu_free(&cmd);
	for (i = 0; i < 200; i++) {
		recv_cases(self->c, self->fd, self->buf);
		ASSERT_EQ(0, PUT(1, i));
		ASSERT_EQ(0, PUT(2, i));
		SELECT(&cmd, 3, i % 2 ? HCHAN_NOWAIT : 0, 0);
		ASSERT_LE(1, DO(&cmd));
		ASSERT_TRUE(hc_case_ok(&self->c[cmd.res]));
		ASSERT_EQ(ELEM, self->c[cmd.res].actual);
		ASSERT_TRUE(IS(self->buf[cmd.res], i));
		ASSERT_TRUE(hc_all(self->buf[3 - cmd.res], HC_POISON, ELEM));
		memset(self->buf, HC_POISON, sizeof(self->buf));
		/* The other one is still there. */
		ASSERT_EQ(1, GET(3 - cmd.res, i));
		won[cmd.res - 1]++;
		hu_free(&cmd);
	}
	EXPECT_LT(50, won[0]);
	EXPECT_LT(50, won[1]);
}

TEST_F(sel, C20_first)
{
	struct hu_cmd cmd;
	int i;

	for (i = 0; i < 20; i++) {
		recv_cases(self->c, self->fd, self->buf);
		ASSERT_EQ(0, PUT(1, i));
		ASSERT_EQ(0, PUT(2, i));
		SELECT(&cmd, 3, HCHAN_FIRST, 0);
		ASSERT_EQ(1, DO(&cmd));
		ASSERT_EQ(1, GET(2, i));
		hu_free(&cmd);
	}
}

/* No case at all, or none that lives: never ready; a cancel or a deadline ends it. */
TEST_F(sel, C4_C24_nothing_lives)
{
	struct hu_cmd cmd[2], cancel;
	int i;

	for (i = 0; i < 3; i++)
		self->c[i] = hc_case_nil();
	SELECT(&cmd[0], 3, HCHAN_NOWAIT, 0);
	EXPECT_EQ(-EAGAIN, DO(&cmd[0]));
	hu_free(&cmd[0]);
	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	SELECT(&cmd[0], 0, HCHAN_DEADLINE, hc_in(5 * HC_MS));
	SELECT(&cmd[1], 3, 0, 0);
	EXPECT_EQ(-ETIMEDOUT, DO(&cmd[0]));
	EXPECT_TRUE(hu_waits(&self->ring, &cmd[1]));
	hu_cancel(&self->ring, &cancel, self->dev, &cmd[1]);
	EXPECT_EQ(0, DO(&cancel));
	EXPECT_EQ(-ECANCELED, WAIT(&cmd[1]));
	hu_free(&cmd[0]);
	hu_free(&cmd[1]);
}

TEST_F(sel, C51_where_nothing_parks)
{
	struct hu_cmd cmd;

	recv_cases(self->c, self->fd, self->buf);
	SELECT(&cmd, 3, 0, 0);
	SUBMIT();
	if (!hu_parks()) {
		EXPECT_EQ(-EAGAIN, WAIT(&cmd));
		hu_free(&cmd);
		EXPECT_TRUE(hc_parked(self->fd[0], 0, 0));
		return;
	}
	EXPECT_TRUE(hu_waits(&self->ring, &cmd));
	ASSERT_EQ(0, PUT(0, 1));
	EXPECT_EQ(0, WAIT(&cmd));
	hu_free(&cmd);
}

/* Parked everywhere, served by one, and nowhere then. */
TEST_F(sel, C18_receives_parked)
{
	struct hu_cmd cmd;
	int i, k;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 3; i++) {
		recv_cases(self->c, self->fd, self->buf);
		SELECT(&cmd, 3, 0, 0);
		SUBMIT();
		for (k = 0; k < 3; k++) {
			ASSERT_EQ(0, hc_wait_receivers(self->fd[k], 1));
			EXPECT_TRUE(hc_parked(self->fd[k], 0, 1));
		}
		EXPECT_TRUE(hu_waits(&self->ring, &cmd));
		ASSERT_EQ(0, PUT(i, 60 + i));
		for (k = 0; k < 3; k++)
			EXPECT_TRUE(hc_parked(self->fd[k], 0, 0));
		EXPECT_EQ(i, WAIT(&cmd));
		EXPECT_TRUE(hc_case_ok(&self->c[i]));
		EXPECT_TRUE(IS(self->buf[i], 60 + i));
		EXPECT_TRUE(hc_all(self->buf[(i + 1) % 3], HC_POISON, ELEM));
		memset(self->buf, HC_POISON, sizeof(self->buf));
		hu_free(&cmd);
	}
}

TEST_F(sel, C18_sends_parked)
{
	struct hu_cmd cmd;
	int i, k;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (k = 0; k < 3; k++)
		for (i = 0; i < k; i++)
			ASSERT_EQ(0, PUT(k, i));
	for (k = 0; k < 3; k++) {
		hc_fill(self->buf[k], ELEM, 80 + k);
		self->c[k] = hc_case_send(self->fd[k], self->buf[k], ELEM);
	}
	SELECT(&cmd, 3, 0, 0);
	SUBMIT();
	for (k = 0; k < 3; k++)
		ASSERT_EQ(0, hc_wait_senders(self->fd[k], 1));
	/* What it sends is fixed (C9). */
	memset(self->buf, 0xee, sizeof(self->buf));
	ASSERT_EQ(1, GET(2, 0));
	EXPECT_EQ(2, WAIT(&cmd));
	EXPECT_TRUE(hc_case_ok(&self->c[2]));
	hu_free(&cmd);
	EXPECT_EQ(-EAGAIN, GET(0, 80));
	EXPECT_EQ(1, GET(1, 0));
	EXPECT_EQ(-EAGAIN, GET(1, 81));
	EXPECT_EQ(1, GET(2, 1));
	EXPECT_EQ(1, GET(2, 82));
	for (k = 0; k < 3; k++)
		EXPECT_TRUE(hc_parked(self->fd[k], 0, 0));
}

/* Sends and receives, nil between them; both directions of one channel (C21). */
TEST_F(sel, C21_C22_both_directions)
{
	struct hu_cmd cmd;
	int way;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (way = 0; way < 2; way++) {
		hc_fill(self->buf[0], ELEM, 9);
		self->c[0] = hc_case_send(self->fd[0], self->buf[0], ELEM);
		self->c[1] = hc_case_nil();
		self->c[2] = hc_case_recv(self->fd[0], self->buf[1], ELEM);
		self->c[3] = hc_case_recv(self->fd[0], self->buf[2], ELEM);
		SELECT(&cmd, 4, 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_senders(self->fd[0], 1));
		ASSERT_EQ(0, hc_wait_receivers(self->fd[0], 1));
		/* Not with itself. */
		EXPECT_TRUE(hu_waits(&self->ring, &cmd));
		if (way) {
			ASSERT_EQ(1, GET(0, 9));
			EXPECT_EQ(0, WAIT(&cmd));
		} else {
			ASSERT_EQ(0, PUT(0, 10));
			EXPECT_LE(2, WAIT(&cmd));
			EXPECT_TRUE(IS(self->buf[cmd.res - 1], 10));
		}
		EXPECT_TRUE(hc_parked(self->fd[0], 0, 0));
		hu_free(&cmd);
	}
}

/* The same channel many times: one of them. */
TEST_F(sel, C22_duplicates)
{
	static uint8_t buf[9][ELEM];
	struct hu_cmd cmd;
	int i, taken = 0;

	memset(buf, HC_POISON, sizeof(buf));
	for (i = 0; i < 9; i++)
		self->c[i] = hc_case_recv(self->fd[1], buf[i], ELEM);
	ASSERT_EQ(0, PUT(1, 4));
	SELECT(&cmd, 9, 0, 0);
	ASSERT_LE(0, DO(&cmd));
	EXPECT_TRUE(IS(buf[cmd.res], 4));
	memset(buf, HC_POISON, sizeof(buf));
	hu_free(&cmd);
	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 9; i++)
		self->c[i] = hc_case_recv(self->fd[1], buf[i], ELEM);
	SELECT(&cmd, 9, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd[1], 1));
	ASSERT_EQ(0, PUT(1, 5));
	ASSERT_EQ(0, PUT(1, 6));
	ASSERT_LE(0, WAIT(&cmd));
	for (i = 0; i < 9; i++)
		taken += !hc_all(buf[i], HC_POISON, ELEM);
	EXPECT_EQ(1, taken);
	EXPECT_TRUE(IS(buf[cmd.res], 5));
	EXPECT_EQ(1, GET(1, 6));
	hu_free(&cmd);
}

/* 9, 65 and 1,000 cases: past what lies in the command. */
TEST_F(sel, C26_many)
{
	static const uint32_t counts[] = { 8, 9, 64, 65, MOST };
	static uint8_t buf[MOST][ELEM];
	int *fd = malloc(MOST * sizeof(*fd));
	struct hu_cmd cmd, cancel;
	uint32_t i, n, k;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < MOST; i++) {
		fd[i] = hc_make(ELEM, i % 2, 0);
		ASSERT_LE(0, fd[i]);
	}
	for (k = 0; k < ARRAY_SIZE(counts); k++) {
		n = counts[k];
		for (i = 0; i < n; i++) {
			hc_fill(buf[i], ELEM, 1000 + i);
			self->c[i] = i % 4 == 2 ?
				hc_case_send(fd[i], buf[i], ELEM) :
				hc_case_recv(fd[i], buf[i], ELEM);
		}
		/* Served at the last. */
		SELECT(&cmd, n, 0, 0);
		SUBMIT();
		for (i = 0; i < n; i += n / 7)
			ASSERT_EQ(0, i % 4 == 2 ? hc_wait_senders(fd[i], 1) :
				  hc_wait_receivers(fd[i], 1));
		i = (n - 1) % 4 == 2 ? n - 2 : n - 1;
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, fd[i], ELEM, 7, true));
		ASSERT_EQ(i, WAIT(&cmd));
		EXPECT_TRUE(IS(buf[i], 7));
		hu_free(&cmd);
		for (i = 0; i < n; i++)
			ASSERT_TRUE(hc_parked(fd[i], 0, 0));
		/* And cancelled. */
		SELECT(&cmd, n, 0, 0);
		SUBMIT();
		ASSERT_EQ(0, hc_wait_receivers(fd[0], 1));
		hu_cancel(&self->ring, &cancel, self->dev, &cmd);
		EXPECT_EQ(0, DO(&cancel));
		EXPECT_EQ(-ECANCELED, WAIT(&cmd));
		hu_free(&cmd);
		for (i = 0; i < n; i++)
			ASSERT_TRUE(hc_parked(fd[i], 0, 0));
	}
	for (i = 0; i < MOST; i++)
		close(fd[i]);
	free(fd);
}

/* Two that face each other pair exactly once, wherever they could (C21). */
TEST_F(sel, C21_face_each_other)
{
	uint8_t out[2][ELEM], in[2][ELEM];
	struct hchan_case a[2], b[2];
	struct hu_cmd cmd[2], rest;
	struct io_uring other;
	int i, round;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	ASSERT_EQ(0, hu_init(&other, 4, 0));
	for (round = 0; round < 200; round++) {
		int fd[2] = { self->fd[0], hc_make(ELEM, 0, 0) };

		for (i = 0; i < 2; i++) {
			hc_fill(out[i], ELEM, round * 2 + i);
			memset(in[i], HC_POISON, ELEM);
		}
		/* Each sends on one and receives on the other. */
		a[0] = hc_case_send(fd[0], out[0], ELEM);
		a[1] = hc_case_recv(fd[1], in[0], ELEM);
		b[0] = hc_case_send(fd[1], out[1], ELEM);
		b[1] = hc_case_recv(fd[0], in[1], ELEM);
		hu_select(&self->ring, &cmd[0], self->dev, a, 2, 0, 0);
		hu_select(&other, &cmd[1], self->dev, b, 2, 0, 0);
		SUBMIT();
		hu_submit(&other);
		WAIT(&cmd[0]);
		hu_wait(&other, &cmd[1]);
		ASSERT_EQ(1, cmd[0].res + cmd[1].res);
		i = cmd[0].res;	/* 1: the second one sent */
		ASSERT_TRUE(IS(in[!i], round * 2 + i));
		ASSERT_TRUE(hc_all(in[i], HC_POISON, ELEM));
		for (i = 0; i < 2; i++) {
			ASSERT_TRUE(hc_parked(fd[i], 0, 0));
			hu_free(&cmd[i]);
		}
		close(fd[1]);
	}
	/* On one channel, a plain command between them. */
	a[0] = hc_case_recv(self->fd[0], in[0], ELEM);
	hu_select(&self->ring, &cmd[0], self->fd[1], a, 1, 0, 0);
	hu_send(&other, &rest, self->fd[0], out[0], ELEM, 0, 0);
	SUBMIT();
	EXPECT_EQ(0, hu_do(&other, &rest));
	EXPECT_EQ(0, WAIT(&cmd[0]));
	hu_free(&cmd[0]);
	io_uring_queue_exit(&other);
}

/* Closed: ready at once, and for who is parked. A send fails only if it is chosen. */
TEST_F(sel, C15_C23_close)
{
	struct hu_cmd cmd;

	ASSERT_EQ(0, hc_close(self->fd[2]));
	recv_cases(self->c, self->fd, self->buf);
	SELECT(&cmd, 3, 0, 0);
	EXPECT_EQ(2, DO(&cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, self->c[2].status);
	EXPECT_EQ(0, self->c[2].error);
	EXPECT_TRUE(hc_all(self->buf[2], 0, ELEM));
	hu_free(&cmd);
	self->c[2] = hc_case_send(self->fd[2], self->buf[2], ELEM);
	SELECT(&cmd, 3, 0, 0);
	EXPECT_EQ(2, DO(&cmd));
	EXPECT_EQ(-EPIPE, self->c[2].error);
	EXPECT_EQ(HCHAN_ST_CLOSED, self->c[2].status);
	hu_free(&cmd);
	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	memset(self->buf, HC_POISON, sizeof(self->buf));
	self->c[2] = hc_case_send(self->fd[0], self->buf[2], ELEM);
	SELECT(&cmd, 3, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd[1], 1));
	ASSERT_EQ(0, hc_close(self->fd[1]));
	EXPECT_EQ(1, WAIT(&cmd));
	EXPECT_EQ(HCHAN_ST_CLOSED, self->c[1].status);
	EXPECT_TRUE(hc_all(self->buf[1], 0, ELEM));
	EXPECT_TRUE(hc_parked(self->fd[0], 0, 0));
	hu_free(&cmd);
	/* The sending side of a parked one. */
	self->c[0] = hc_case_send(self->fd[0], self->buf[0], ELEM);
	SELECT(&cmd, 1, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_senders(self->fd[0], 1));
	ASSERT_EQ(0, hc_close(self->fd[0]));
	EXPECT_EQ(0, WAIT(&cmd));
	EXPECT_EQ(-EPIPE, self->c[0].error);
	hu_free(&cmd);
}

TEST_F(sel, C40_deadline)
{
	int64_t mono = hc_in(20 * HC_MS);
	int64_t real = hc_clock(CLOCK_REALTIME) + 20 * HC_MS;
	struct hu_cmd cmd[2];
	int i;

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	recv_cases(self->c, self->fd, self->buf);
	SELECT(&cmd[0], 3, HCHAN_DEADLINE, mono);
	SELECT(&cmd[1], 2, HCHAN_DEADLINE | HCHAN_REALTIME, real);
	SUBMIT();
	EXPECT_TRUE(hu_timed_out(&self->ring, cmd, mono, real));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(hc_parked(self->fd[i], 0, 0));
}

/* The cases' descriptors may go meanwhile: it holds the channels itself. */
TEST_F(sel, C17_descriptors_closed_while_parked)
{
	struct hu_cmd cmd[2];
	int i, keep[2];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	for (i = 0; i < 2; i++) {
		int fd = hc_make(ELEM, 0, HCHAN_DISCONNECT);

		keep[i] = hc_narrow(fd, O_WRONLY);
		fd = hc_only(fd, O_RDONLY);
		self->c[i] = hc_case_recv(fd, self->buf[i], ELEM);
	}
	SELECT(&cmd[0], 2, 0, 0);
	SUBMIT();
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, hc_wait_receivers(keep[i], 1));
		close(self->c[i].fd);
	}
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(hc_parked(keep[i], 0, 1));
	EXPECT_TRUE(hu_waits(&self->ring, &cmd[0]));
	hc_fill(self->buf[2], ELEM, 3);
	EXPECT_EQ(0, hc_try_send(keep[1], self->buf[2], ELEM));
	EXPECT_EQ(1, WAIT(&cmd[0]));
	EXPECT_TRUE(IS(self->buf[1], 3));
	hu_free(&cmd[0]);
	/* With it the last receiver has gone, from both. */
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(-EPIPE, hc_send(keep[i], self->buf[2], ELEM));
		close(keep[i]);
	}
	/* The descriptor that carried it, too. */
	recv_cases(self->c, self->fd, self->buf);
	SELECT(&cmd[1], 3, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(self->fd[2], 1));
	close(self->dev);
	EXPECT_TRUE(hu_waits(&self->ring, &cmd[1]));
	ASSERT_EQ(0, PUT(2, 1));
	EXPECT_EQ(2, WAIT(&cmd[1]));
	hu_free(&cmd[1]);
}

/* A message that is too long for a parked case: that is what it says (C38). */
TEST_F(sel, C38_message_too_long)
{
	int fd = hc_make(100, 0, HCHAN_MSG);
	struct hu_cmd cmd, send;
	uint8_t elem[100];

	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	self->c[0] = hc_case_recv(fd, self->buf[0], ELEM);
	SELECT(&cmd, 1, 0, 0);
	SUBMIT();
	ASSERT_EQ(0, hc_wait_receivers(fd, 1));
	hc_fill(elem, 50, 1);
	hu_send(&self->ring, &send, fd, elem, 50, 0, 0);
	SUBMIT();
	EXPECT_EQ(0, WAIT(&cmd));
	EXPECT_EQ(-EMSGSIZE, self->c[0].error);
	EXPECT_EQ(50, self->c[0].actual);
	EXPECT_TRUE(hc_all(self->buf[0], HC_POISON, ELEM));
	hu_free(&cmd);
	/* It is still sent to who takes it. */
	EXPECT_TRUE(hu_waits(&self->ring, &send));
	EXPECT_EQ(1, hc_try_recv(fd, elem, 100));
	EXPECT_EQ(0, WAIT(&send));
	close(fd);
}

TEST_HARNESS_MAIN
