// SPDX-License-Identifier: GPL-2.0-only
/*
 * What moves pages instead of bytes is refused: splice, tee, sendfile,
 * copy_file_range, from and to a channel, by name or not. Pages in a pipe know
 * nothing of where an element begins (C44), and who has them may still change
 * them while they wait (C9). Nothing moves, nothing is lost.
 */
#include <sys/sendfile.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "uring_ring.h"

const struct hc_body_entry hc_bodies[] = { {} };

#define ELEM 8

FIXTURE(splice)
{
	struct hc_chan ch;
	int fd;			/* of a channel with one element and room */
	int pipe[2];		/* with bytes and room */
	int file;		/* likewise */
};

FIXTURE_VARIANT(splice)
{
	enum hc_between between;
	uint32_t flags;
};

FIXTURE_VARIANT_ADD(splice, anonymous) { HC_THREADS, 0 };
FIXTURE_VARIANT_ADD(splice, messages) { HC_THREADS, HCHAN_MSG };
FIXTURE_VARIANT_ADD(splice, named) { HC_UNRELATED, 0 };
FIXTURE_VARIANT_ADD(splice, named_messages) { HC_UNRELATED, HCHAN_MSG };

FIXTURE_SETUP(splice)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM, 4,
				  variant->flags));
	self->fd = self->ch.fd;
	ASSERT_EQ(0, hc_try_send(self->fd, "element1", ELEM));
	ASSERT_EQ(0, pipe(self->pipe));
	ASSERT_EQ(2 * ELEM, write(self->pipe[1], "in_pipe1in_pipe2", 2 * ELEM));
	self->file = memfd_create("file", 0);
	ASSERT_LE(0, self->file);
	ASSERT_EQ(2 * ELEM, write(self->file, "in_file1in_file2", 2 * ELEM));
	ASSERT_EQ(0, lseek(self->file, 0, SEEK_SET));
}

/* Everything is where it was, and the channel still works. */
FIXTURE_TEARDOWN(splice)
{
	char buf[2 * ELEM];

	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, hc_try_recv(self->fd, buf, ELEM));
	EXPECT_EQ(0, memcmp("element1", buf, ELEM));
	EXPECT_EQ(2 * ELEM, read(self->pipe[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("in_pipe1in_pipe2", buf, sizeof(buf)));
	EXPECT_EQ(2 * ELEM, read(self->file, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp("in_file1in_file2", buf, sizeof(buf)));
	hc_chan_drop(&self->ch);
}

#define REFUSED(call)					\
	do {						\
		EXPECT_EQ(-1, call);			\
		EXPECT_EQ(EINVAL, errno);		\
	} while (0)

TEST_F(splice, C44_splice_is_refused)
{
	REFUSED(splice(self->fd, NULL, self->pipe[1], NULL, ELEM, 0));
	REFUSED(splice(self->pipe[0], NULL, self->fd, NULL, ELEM, 0));
	REFUSED(splice(self->fd, NULL, self->pipe[1], NULL, ELEM,
		       SPLICE_F_NONBLOCK));
	REFUSED(splice(self->pipe[0], NULL, self->fd, NULL, ELEM,
		       SPLICE_F_NONBLOCK | SPLICE_F_MOVE));
}

/* A name looks like a FIFO, but is not one of those whose pages can be shared. */
TEST_F(splice, C44_tee_and_vmsplice_are_refused)
{
	struct iovec iov = { .iov_base = "new_elem", .iov_len = ELEM };

	REFUSED(tee(self->pipe[0], self->fd, ELEM, 0));
	REFUSED(tee(self->fd, self->pipe[1], ELEM, 0));
	EXPECT_EQ(-1, vmsplice(self->fd, &iov, 1, 0));
	EXPECT_EQ(EBADF, errno);
}

TEST_F(splice, C44_sendfile_is_refused)
{
	REFUSED(sendfile(self->fd, self->file, NULL, ELEM));
	REFUSED(sendfile(self->file, self->fd, NULL, ELEM));
	REFUSED(sendfile(self->pipe[1], self->fd, NULL, ELEM));
	REFUSED(copy_file_range(self->file, NULL, self->fd, NULL, ELEM, 0));
	REFUSED(copy_file_range(self->fd, NULL, self->file, NULL, ELEM, 0));
}

TEST_F(splice, C51_io_uring_splice_is_refused)
{
	struct io_uring_sqe *sqe;
	struct io_uring r;

	ASSERT_EQ(0, ring_init(&r, 0));
	sqe = ring_sqe(&r, IORING_OP_SPLICE, self->fd, NULL, ELEM, 1);
	sqe->splice_fd_in = self->pipe[0];
	sqe->splice_off_in = -1;
	sqe->off = -1;
	ring_submit(&r);
	EXPECT_EQ(-EINVAL, ring_result(&r, 1));
	sqe = ring_sqe(&r, IORING_OP_SPLICE, self->pipe[1], NULL, ELEM, 2);
	sqe->splice_fd_in = self->fd;
	sqe->splice_off_in = -1;
	sqe->off = -1;
	ring_submit(&r);
	EXPECT_EQ(-EINVAL, ring_result(&r, 2));
	io_uring_queue_exit(&r);
}

TEST_HARNESS_MAIN
