// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring by the operations that every file has (C46, C51): a READ or WRITE is
 * tried without waiting first and then armed by poll, so that nothing parks in
 * the channel and no worker thread waits for it.
 */
#include <dirent.h>

#include "uring_plain.h"

static int send_one(int fd, const long *arg)
{
	uint64_t x = arg[0];

	hc_must(!hc_send(fd, &x, ELEM));
	return 0;
}

static int recv_one(int fd, const long *arg)
{
	uint64_t x;

	hc_must(hc_recv(fd, &x, ELEM) == 1 && x == (uint64_t)arg[0]);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(send_one),
	HC_BODY(recv_one),
	{}
};

/* io_uring's worker threads of this process. */
static int workers(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], comm[32];
	int n = 0;
	FILE *f;

	hc_must(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm",
			 entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strncmp(comm, "iou-wrk", 7))
			n++;
		fclose(f);
	}
	closedir(dir);
	return n;
}

/* What can be done at once is. */
TEST_F(uring, C51_done_at_once)
{
	uint64_t x = 5, y[4] = {};

	WRITE(&x, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(1, hc_len(self->fd));
	ASSERT_EQ(0, put(self->fd, 6));
	READ(y, sizeof(y), 2);
	ring_submit(&self->r);
	EXPECT_EQ(2 * ELEM, ring_result(&self->r, 2));
	EXPECT_EQ(5, y[0]);
	EXPECT_EQ(6, y[1]);
	EXPECT_EQ(0, hc_len(self->fd));
}

/* A READ waits without being parked, and without a thread that waits for it. */
TEST_F(uring, C46_read_waits)
{
	uint64_t y = 0;

	READ(&y, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	ASSERT_EQ(0, put(self->fd, 7));
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(7, y);
	if (!variant->sqe)
		EXPECT_EQ(0, workers());
}

TEST_F(uring, C46_write_waits)
{
	uint64_t x = 3;

	ASSERT_EQ(0, put(self->fd, 1));
	ASSERT_EQ(0, put(self->fd, 2));
	WRITE(&x, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	ASSERT_EQ(1, get(self->fd));
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(2, get(self->fd));
	EXPECT_EQ(3, get(self->fd));
	if (!variant->sqe)
		EXPECT_EQ(0, workers());
}

/* As write(2) without waiting: what there is room for, and it says how much. */
TEST_F(uring, C44_a_write_of_more_than_fits_is_short)
{
	uint64_t x[3] = { 1, 2, 3 };

	WRITE(x, sizeof(x), 1);
	ring_submit(&self->r);
	EXPECT_EQ(2 * ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(1, get(self->fd));
	EXPECT_EQ(2, get(self->fd));
	EXPECT_EQ(-EAGAIN, get(self->fd));
}

/* The close ends what waits: a READ with 0, a WRITE with EPIPE and no signal. */
TEST_F(uring, C15_close)
{
	uint64_t x = 3, y = 0;

	READ(&y, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, ring_result(&self->r, 1));
	WRITE(&x, ELEM, 2);
	ring_submit(&self->r);
	EXPECT_EQ(-EPIPE, ring_result(&self->r, 2));
}

TEST_F(uring, C15_close_under_a_write)
{
	uint64_t x = 3;

	ASSERT_EQ(0, put(self->fd, 1));
	ASSERT_EQ(0, put(self->fd, 2));
	WRITE(&x, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(-EPIPE, ring_result(&self->r, 1));
	EXPECT_EQ(1, get(self->fd));
	EXPECT_EQ(2, get(self->fd));
	EXPECT_EQ(-ENODATA, get(self->fd));
}

/* Several that wait: each element goes to one of them, in the order they had. */
TEST_F(uring, C9_many_reads)
{
	enum { N = 16 };
	uint64_t y[N] = {}, seen = 0;
	struct io_uring_cqe cqe;
	int i;

	for (i = 0; i < N; i++)
		READ(&y[i], ELEM, i);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	for (i = 0; i < N; i++) {
		ASSERT_EQ(0, put(self->fd, 100 + i));
		cqe = ring_wait(&self->r);
		ASSERT_EQ(ELEM, cqe.res);
		EXPECT_EQ(100 + i, y[cqe.user_data]);
		seen |= 1ULL << cqe.user_data;
	}
	EXPECT_EQ((1ULL << N) - 1, seen);
	EXPECT_EQ(0, hc_len(self->fd));
}

/*
 * On an unbuffered channel an armed READ and an armed WRITE look at each other
 * for ever: neither is parked. One who parks serves either of them.
 */
TEST_F(uring, C46_two_armed_ends_do_not_meet)
{
	struct hc_chan ch = { .between = HC_THREADS };
	uint64_t x = 8, y = 0;
	struct hc_peer peer;

	ch.fd = hc_make(ELEM, 0, 0);
	ASSERT_LE(0, ch.fd);
	READ_OF(ch.fd, &y, ELEM, 1);
	ring_submit(&self->r);
	WRITE_TO(ch.fd, &x, ELEM, 2);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));

	hc_start(&peer, &ch, O_RDONLY, recv_one, 8);
	EXPECT_EQ(ELEM, ring_result(&self->r, 2));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_TRUE(ring_quiet(&self->r));
	hc_start(&peer, &ch, O_WRONLY, send_one, 9);
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(9, y);
	hc_chan_drop(&ch);
}

/* With room for one they do. */
TEST_F(uring, C46_a_capacity_of_one_is_enough)
{
	int fd = hc_make(ELEM, 1, 0);
	struct io_uring_cqe cqe;
	uint64_t x = 8, y = 0;
	int i;

	ASSERT_LE(0, fd);
	READ_OF(fd, &y, ELEM, 1);
	ring_submit(&self->r);
	WRITE_TO(fd, &x, ELEM, 2);
	ring_submit(&self->r);
	for (i = 0; i < 2; i++) {
		cqe = ring_wait(&self->r);
		EXPECT_EQ(ELEM, cqe.res);
	}
	EXPECT_EQ(8, y);
}

/* O_NONBLOCK does not count, as on a socket; RWF_NOWAIT does. */
TEST_F(uring, C43_nowait)
{
	int fd = hc_narrow(self->fd, O_RDONLY | O_NONBLOCK);
	uint64_t y = 0;

	ASSERT_LE(0, fd);
	READ_OF(fd, &y, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, put(self->fd, 1));
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	READ(&y, ELEM, 2)->rw_flags = RWF_NOWAIT;
	ring_submit(&self->r);
	EXPECT_EQ(-EAGAIN, ring_result(&self->r, 2));
}

/* Directions and lengths are read(2)'s and write(2)'s. */
TEST_F(uring, C42_C44_errors)
{
	int ro = hc_narrow(self->fd, O_RDONLY), wo = hc_narrow(self->fd, O_WRONLY);
	uint64_t x = 0;

	WRITE_TO(ro, &x, ELEM, 1);
	ring_submit(&self->r);
	EXPECT_EQ(-EBADF, ring_result(&self->r, 1));
	READ_OF(wo, &x, ELEM, 2);
	ring_submit(&self->r);
	EXPECT_EQ(-EBADF, ring_result(&self->r, 2));
	WRITE(&x, ELEM - 1, 3);
	ring_submit(&self->r);
	EXPECT_EQ(-EINVAL, ring_result(&self->r, 3));
	READ(&x, ELEM - 1, 4);
	ring_submit(&self->r);
	EXPECT_EQ(-EMSGSIZE, ring_result(&self->r, 4));
	WRITE((void *)8, ELEM, 5);
	ring_submit(&self->r);
	EXPECT_EQ(-EFAULT, ring_result(&self->r, 5));
	ASSERT_EQ(0, put(self->fd, 7));
	READ((void *)8, ELEM, 6);
	ring_submit(&self->r);
	EXPECT_EQ(-EFAULT, ring_result(&self->r, 6));
	EXPECT_EQ(7, get(self->fd));
}

/* A channel's descriptor may be one of the ring's own. */
TEST_F(uring, C51_fixed_file)
{
	uint64_t y = 0;

	ASSERT_EQ(0, io_uring_register_files(&self->r, &self->fd, 1));
	READ_OF(0, &y, ELEM, 1)->flags |= IOSQE_FIXED_FILE;
	ring_submit(&self->r);
	EXPECT_TRUE(ring_quiet(&self->r));
	ASSERT_EQ(0, put(self->fd, 6));
	EXPECT_EQ(ELEM, ring_result(&self->r, 1));
	EXPECT_EQ(6, y);
}

/* IOPOLL rings are for devices that are asked for completions: refused. */
TEST(C51_iopoll_is_refused)
{
	int fd = hc_make(ELEM, 1, 0), ret;
	struct io_uring r;
	uint64_t y;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ring_init(&r, IORING_SETUP_IOPOLL));
	ring_sqe(&r, IORING_OP_READ, fd, &y, ELEM, 1);
	ring_submit(&r);
	ret = ring_result(&r, 1);
	EXPECT_EQ(-EOPNOTSUPP, ret);
	io_uring_queue_exit(&r);
}

TEST_HARNESS_MAIN
