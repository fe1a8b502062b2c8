// SPDX-License-Identifier: GPL-2.0-only
/* Typed handles of one direction, and the loop over a channel, in the kernel. */
#include <sys/mount.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(int_chan, int);

FIXTURE(directions) {
	char dir[32];
};

FIXTURE_SETUP(directions)
{
	strcpy(self->dir, "/tmp/lib_dirs-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
}

FIXTURE_TEARDOWN(directions)
{
	umount(self->dir);
	rmdir(self->dir);
}

/* C42: what the compiler refuses the kernel refuses, too. */
TEST_F(directions, c42_narrowed)
{
	job_chan jobs = job_chan_make(2);
	job_chan_tx tx = job_chan_send_only(jobs);
	job_chan_rx rx = job_chan_recv_only(jobs);
	struct job job = { 1, "one" };

	ASSERT_LE(0, jobs.fd);
	ASSERT_LE(0, tx.fd);
	ASSERT_LE(0, rx.fd);
	EXPECT_NE(jobs.fd, tx.fd);
	EXPECT_EQ(O_WRONLY, fcntl(tx.fd, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(O_RDONLY, fcntl(rx.fd, F_GETFL) & O_ACCMODE);

	EXPECT_EQ(0, HCHAN_SEND(tx, &job));
	EXPECT_EQ(1, HCHAN_LEN(rx));
	EXPECT_EQ(2, HCHAN_CAP(tx));
	EXPECT_EQ(-EBADF, hchan_try_recv(tx.fd, &job, sizeof(job)));
	EXPECT_EQ(-EBADF, hchan_try_send(rx.fd, &job, sizeof(job)));
	EXPECT_EQ(-EBADF, hchan_close(rx.fd));
	EXPECT_EQ(-EACCES, hchan_recv_only(tx.fd));
	EXPECT_EQ(1, HCHAN_LEN(jobs));
	EXPECT_EQ(1, HCHAN_RECV(rx, &job));
	EXPECT_EQ(0, HCHAN_CLOSE(tx));
	EXPECT_EQ(-EALREADY, job_chan_tx_close(tx));
	EXPECT_EQ(0, HCHAN_RECV(rx, &job));
	EXPECT_EQ(0, HCHAN_DROP(tx));
	EXPECT_EQ(0, job_chan_rx_drop(rx));
	EXPECT_EQ(0, HCHAN_DROP(jobs));
}

TEST_F(directions, views)
{
	job_chan jobs = job_chan_make(1);
	job_chan_tx tx = job_chan_as_tx(jobs);
	job_chan_rx rx = job_chan_as_rx(jobs);
	struct job job = { 7, "" };

	EXPECT_EQ(jobs.fd, tx.fd);
	EXPECT_EQ(jobs.fd, rx.fd);
	EXPECT_EQ(0, HCHAN_SEND(tx, &job));
	job.id = 0;
	EXPECT_EQ(1, HCHAN_RECV(rx, &job));
	EXPECT_EQ(7, job.id);
	job_chan_drop(jobs);
}

/* C47 and C42 by name. */
TEST_F(directions, names)
{
	job_chan_tx tx = job_chan_create_tx("jobs", 3);
	job_chan_rx rx = job_chan_open_rx("jobs");
	struct job job = { 1, "one" };
	struct hchan_stat st;

	ASSERT_LE(0, tx.fd) TH_LOG("%s", hchan_errmsg());
	ASSERT_LE(0, rx.fd) TH_LOG("%s", hchan_errmsg());
	ASSERT_EQ(0, hchan_stat(tx.fd, &st));
	EXPECT_EQ(hchan_tag("struct job", sizeof(struct job)), st.type_tag);
	EXPECT_EQ(3, st.capacity);
	EXPECT_EQ(1, st.senders);
	EXPECT_EQ(1, st.receivers);
	EXPECT_EQ(0, HCHAN_SEND(tx, &job));
	EXPECT_EQ(-EBADF, hchan_try_recv(tx.fd, &job, sizeof(job)));
	EXPECT_EQ(1, HCHAN_RECV(rx, &job));
	EXPECT_EQ(-EPROTOTYPE, int_chan_open_tx("jobs").fd);
	EXPECT_EQ(-EPROTOTYPE, int_chan_create_rx("jobs", 3).fd);
	EXPECT_EQ(-EPROTOTYPE, int_chan_tx_of(tx.fd).fd);
	EXPECT_EQ(tx.fd, job_chan_tx_of(tx.fd).fd);
	EXPECT_EQ(rx.fd, job_chan_rx_of(rx.fd).fd);
	EXPECT_EQ(-ENOENT, job_chan_open_rx("others").fd);
	HCHAN_DROP(tx);
	HCHAN_DROP(rx);
	tx = job_chan_open_tx("jobs");
	rx = job_chan_create_rx("jobs", 9);
	EXPECT_EQ(O_WRONLY, fcntl(tx.fd, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(O_RDONLY, fcntl(rx.fd, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(3, HCHAN_CAP(rx));
	HCHAN_DROP(tx);
	HCHAN_DROP(rx);
}

/* C4: nil of each direction. */
TEST_F(directions, nil)
{
	job_chan_tx tx = job_chan_tx_nil();
	job_chan_rx rx = job_chan_rx_nil();
	struct job job = { 0, "" };
	int r;

	EXPECT_EQ(-EAGAIN, HCHAN_TRY_SEND(tx, &job));
	EXPECT_EQ(-ETIMEDOUT, HCHAN_RECV_UNTIL(rx, &job, hchan_after(1)));
	EXPECT_EQ(-EINVAL, HCHAN_CLOSE(tx));
	EXPECT_EQ(0, HCHAN_LEN(rx) + HCHAN_CAP(tx));
	EXPECT_EQ(0, HCHAN_DROP(tx) + HCHAN_DROP(rx));
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(rx, &job)
		r = 100;
	HCHAN_SEND_CASE(tx, &job)
		r = 101;
	HCHAN_DEFAULT
		r = 102;
	HCHAN_END;
	EXPECT_EQ(102, r);
}

/* A goroutine's way of a pipeline, each stage with the direction it needs. */
static void *squares(void *arg)
{
	int *fd = arg, n, r;
	int_chan_rx in = { fd[0] };
	int_chan_tx out = { fd[1] };

	HCHAN_RANGE(r, in, &n)
		HCHAN_SEND(out, &(int){ n * n });
	HCHAN_CLOSE(out);
	return NULL;
}

TEST_F(directions, range_to_the_end)
{
	int_chan a = int_chan_make(0), b = int_chan_make(0);
	int fd[2] = { a.fd, b.fd }, n, r, sum = 0, bodies = 0;
	pthread_t thread;
	uint64_t i;

	pthread_create(&thread, NULL, squares, fd);
	for (i = 0; i < 3; i++) {
		n = i + 1;
		ASSERT_EQ(0, HCHAN_SEND(a, &n));
		ASSERT_EQ(1, HCHAN_RECV(b, &n));
		sum += n;
	}
	EXPECT_EQ(14, sum);
	HCHAN_CLOSE(a);
	r = 5;
	HCHAN_RANGE(r, int_chan_as_rx(b), &n)
		bodies++;
	EXPECT_EQ(0, r);
	EXPECT_EQ(0, bodies);
	pthread_join(thread, NULL);
	HCHAN_DROP(a);
	HCHAN_DROP(b);
}

static int looks;

static int_chan_rx look(int_chan_rx ch)
{
	looks++;
	return ch;
}

/* The channel is evaluated once, the place for each receive (as in Go). */
TEST_F(directions, range_in_detail)
{
	int_chan both = int_chan_make(8);
	int_chan_rx rx = int_chan_as_rx(both);
	int got[8] = { 0 }, i, r, n, m, seen = 0, inner = 0;

	for (i = 1; i <= 8; i++)
		HCHAN_SEND(both, &i);
	i = 0;
	HCHAN_RANGE(r, look(rx), &got[i]) {
		if (++i == 3)
			break;
	}
	EXPECT_EQ(1, looks);
	EXPECT_EQ(1, r);
	EXPECT_EQ(3, got[2]);
	EXPECT_EQ(5, HCHAN_LEN(rx));

	HCHAN_CLOSE(both);
	HCHAN_RANGE(r, rx, &n) {
		if (n == 4)
			continue;
		seen += n;
		HCHAN_RANGE(m, rx, &n) {
			inner += n;
			if (n == 7)
				break;
		}
		EXPECT_EQ(seen > 5 ? 0 : 1, m);
	}
	EXPECT_EQ(0, r);
	EXPECT_EQ(5 + 8, seen);
	EXPECT_EQ(6 + 7, inner);
	HCHAN_DROP(both);
}

/* An error ends it, and is no end. */
TEST_F(directions, range_ends_by_an_error)
{
	int_chan both = int_chan_make(1);
	int_chan_tx tx = int_chan_send_only(both);
	int_chan_rx wrong = { tx.fd }, stray = { -1 };
	int n = 1, r, bodies = 0;

	HCHAN_SEND(both, &n);
	HCHAN_RANGE(r, wrong, &n)
		bodies++;
	EXPECT_EQ(-EBADF, r);
	HCHAN_RANGE(r, stray, &n)
		bodies++;
	EXPECT_EQ(-EBADF, r);
	fcntl(both.fd, F_SETFL, O_NONBLOCK);
	HCHAN_RANGE(r, both, &n)
		bodies++;
	EXPECT_EQ(-EAGAIN, r);
	EXPECT_EQ(1, bodies);
	HCHAN_DROP(tx);
	HCHAN_DROP(both);
}

TEST_HARNESS_MAIN
