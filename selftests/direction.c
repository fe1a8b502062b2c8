// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a descriptor may do (C42) and whether it waits (C43): its access mode is
 * its direction, and nothing makes it wider.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_pass.h"

#define ELEM 8

FIXTURE(direction)
{
	int rw, ro, wo;
};

FIXTURE_VARIANT(direction)
{
	/* The narrow ones are made as such, or narrowed. */
	bool narrowed;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(direction, narrowed_cap0) { true, 0 };
FIXTURE_VARIANT_ADD(direction, narrowed_cap2) { true, 2 };
FIXTURE_VARIANT_ADD(direction, created_cap2) { false, 2 };

static int create(uint64_t cap, int open_flags)
{
	struct hchan_create create = hc_request(ELEM, cap, 0);

	create.open_flags = open_flags | O_CLOEXEC;
	return hc_create(&create);
}

FIXTURE_SETUP(direction)
{
	self->rw = hc_make(ELEM, variant->cap, 0);
	ASSERT_LE(0, self->rw);
	if (variant->narrowed) {
		self->ro = hc_narrow(self->rw, O_RDONLY);
		self->wo = hc_narrow(self->rw, O_WRONLY);
	} else {
		/* Channels of their own: what they cannot do is the same. */
		self->ro = create(variant->cap, O_RDONLY);
		self->wo = create(variant->cap, O_WRONLY);
	}
	ASSERT_LE(0, self->ro);
	ASSERT_LE(0, self->wo);
}

FIXTURE_TEARDOWN(direction)
{
	close(self->rw);
	close(self->ro);
	close(self->wo);
}

/* Whether a descriptor can send and receive; by every way to do so. */
static bool can_send(int fd)
{
	uint8_t element[ELEM] = {};
	int ret = hc_try_send(fd, element, ELEM);
	int want = ret == -EBADF ? -EBADF : ret ? -EAGAIN : 0;

	/* It must be the same by all of them. Each that works takes a place. */
	hc_must(ret == want);
	if (ret == -EBADF) {
		hc_must(hc_send(fd, element, ELEM) == -EBADF);
		hc_must(hc_write(fd, element, ELEM, 0) == -EBADF);
		hc_must(hc_write(fd, element, ELEM, RWF_NOWAIT) == -EBADF);
		hc_must(ioctl(fd, HCHAN_IOC_SENDN, NULL) && errno == EBADF);
		hc_must(hc_close(fd) == -EBADF);
	}
	return ret != -EBADF;
}

static bool can_receive(int fd)
{
	uint8_t element[ELEM];
	int ret = hc_try_recv(fd, element, ELEM);

	hc_must(ret == -EBADF || ret == -EAGAIN || ret == 1);
	if (ret == -EBADF) {
		hc_must(hc_recv(fd, element, ELEM) == -EBADF);
		hc_must(hc_read(fd, element, ELEM, 0) == -EBADF);
		hc_must(hc_read(fd, element, ELEM, RWF_NOWAIT) == -EBADF);
		hc_must(ioctl(fd, HCHAN_IOC_RECVN, NULL) && errno == EBADF);
	}
	return ret != -EBADF;
}

#define EXPECT_CAN(fd, send, receive)			\
	do {						\
		int fd_ = (fd);				\
							\
		EXPECT_EQ(send, can_send(fd_));		\
		EXPECT_EQ(receive, can_receive(fd_));	\
	} while (0)

/* Read-only receives, write-only sends, by every call there is. */
TEST_F(direction, C42_access_mode_is_direction)
{
	struct hchan_stat before, after;

	EXPECT_CAN(self->rw, true, true);
	before = hc_stat(self->ro);
	EXPECT_CAN(self->ro, false, true);
	after = hc_stat(self->ro);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_CAN(self->wo, true, false);
	EXPECT_EQ(!!variant->cap, hc_len(self->wo));
	EXPECT_EQ(O_RDWR, fcntl(self->rw, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(O_RDONLY, fcntl(self->ro, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(O_WRONLY, fcntl(self->wo, F_GETFL) & O_ACCMODE);
}

/* Both count where they can (stat), and looking needs no direction. */
TEST_F(direction, C42_counted_by_direction)
{
	struct hchan_stat stat = hc_stat(self->ro);

	EXPECT_EQ(variant->narrowed ? 2 : 0, stat.senders);
	EXPECT_EQ(variant->narrowed ? 2 : 1, stat.receivers);
	stat = hc_stat(self->wo);
	EXPECT_EQ(variant->narrowed ? 2 : 1, stat.senders);
	EXPECT_EQ(variant->narrowed ? 2 : 0, stat.receivers);
}

/* A holder hands on what it has or less, and the channel is the same. */
TEST_F(direction, C42_narrower_never_wider)
{
	int from[] = { self->ro, self->wo, self->rw };
	int mode[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int i, j;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < 3; j++) {
			struct hchan_stat before = hc_stat(from[i]), after;
			int fd = hc_narrow(from[i], mode[j]);

			if (i == j || i == 2) {
				EXPECT_LE(0, fd);
				EXPECT_EQ(before.id, hc_stat(fd).id);
				EXPECT_EQ(mode[j], fcntl(fd, F_GETFL) &
						   O_ACCMODE);
				EXPECT_CAN(fd, j != 0, j != 1);
				close(fd);
			} else {
				EXPECT_EQ(-EACCES, fd);
				after = hc_stat(from[i]);
				EXPECT_EQ(0, memcmp(&before, &after,
						    sizeof(before)));
			}
		}
	}
}

/* Nothing else that makes descriptors of descriptors makes a wider one. */
TEST_F(direction, C42_no_way_around)
{
	int fds[] = { self->ro, self->wo, self->rw };
	int mode[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct hchan_stat before = hc_stat(self->ro), after;
	char path[64];
	int i, j, fd;

	for (i = 0; i < 3; i++) {
		/* An anonymous channel has nothing that could be opened. */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		for (j = 0; j < 3; j++)
			EXPECT_GT(0, open(path, mode[j] | O_CLOEXEC));
		/* F_SETFL does not touch the access mode. */
		EXPECT_EQ(0, fcntl(fds[i], F_SETFL, O_RDWR));
		EXPECT_EQ(mode[i], fcntl(fds[i], F_GETFL) & O_ACCMODE);
		EXPECT_EQ(0, fcntl(fds[i], F_SETFL, O_WRONLY));
		EXPECT_EQ(mode[i], fcntl(fds[i], F_GETFL) & O_ACCMODE);
		fd = dup(fds[i]);
		EXPECT_CAN(fd, i != 0, i != 1);
		close(fd);
	}
	after = hc_stat(self->ro);
	EXPECT_EQ(before.senders, after.senders);
	EXPECT_EQ(before.receivers, after.receivers);
}

/* Nor for those who have more rights, or less. */
TEST_F(direction, C42_no_way_around_for_anybody)
{
	int fds[] = { self->ro, self->wo, self->rw };
	int mode[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char path[64];
	int i, j, status;
	pid_t pid;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		for (j = 0; j < 3; j++) {
			EXPECT_EQ(-1, open(path, mode[j] | O_CLOEXEC));
			EXPECT_EQ(geteuid() ? EACCES : ENXIO, errno);
			EXPECT_EQ(-1, open(path, mode[j] | O_NONBLOCK |
						 O_NOFOLLOW | O_CLOEXEC));
		}
	}
	if (geteuid())
		return;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		hc_must(!setresuid(1000, 1000, 1000));
		for (j = 0; j < 3; j++)
			hc_must(open(path, mode[j]) == -1 && errno == EACCES);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* What can be had is a descriptor that can do nothing, and leads to nothing. */
TEST_F(direction, C42_only_a_path)
{
	struct hchan_narrow narrow = { .open_flags = O_RDONLY };
	char path[64], text[64] = "";
	uint8_t element[ELEM];
	struct stat stat;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->rw);
	EXPECT_EQ(18, readlink(path, text, sizeof(text) - 1));
	EXPECT_STREQ("anon_inode:[hchan]", text);
	fd = open(path, O_PATH | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_NARROW, &narrow));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, read(fd, element, ELEM));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, fstat(fd, &stat));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(-1, open(path, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(geteuid() ? EACCES : ENXIO, errno);
	close(fd);
}

/*
 * To stat(2) all anonymous files are one, the kernel's, and what is done to it
 * is done to no channel.
 */
TEST_F(direction, C42_as_all_anonymous_files)
{
	int fds[] = { self->ro, self->wo, self->rw }, event, fd, i;
	int mode[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct stat one, other;

	event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, fstat(event, &one));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, fstat(fds[i], &other));
		EXPECT_EQ(one.st_dev, other.st_dev);
		EXPECT_EQ(one.st_ino, other.st_ino);
		EXPECT_EQ(one.st_mode, other.st_mode);
		EXPECT_EQ(-1, lseek(fds[i], 0, SEEK_SET));
		EXPECT_EQ(ESPIPE, errno);
		EXPECT_EQ(mode[i], fcntl(fds[i], F_GETFL));
	}
	/* Not all kernels allow it. */
	if (!fchmod(event, 0)) {
		EXPECT_CAN(self->rw, true, true);
		fd = hc_narrow(self->rw, O_RDONLY);
		EXPECT_CAN(fd, false, true);
		close(fd);
		EXPECT_EQ(0, fchmod(self->ro, one.st_mode & 07777));
	}
	ASSERT_EQ(0, fstat(event, &other));
	EXPECT_EQ(one.st_mode, other.st_mode);
	close(event);
}

/* A descriptor that goes through a socket arrives as what it is. */
TEST_F(direction, C42_through_a_socket)
{
	int fds[] = { self->ro, self->wo, self->rw };
	int pair[2], i, status;
	pid_t pid;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
		ASSERT_EQ(0, hc_pass(pair[0], fds[i]));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			int fd = hc_passed(pair[1]);

			hc_must(fd >= 0);
			hc_must(can_send(fd) == (i != 0));
			hc_must(can_receive(fd) == (i != 1));
			hc_must(i == 2 || hc_narrow(fd, O_RDWR) == -EACCES);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		close(pair[0]);
		close(pair[1]);
	}
}

/* The same for one that is taken from its holder. */
TEST_F(direction, C42_through_a_pidfd)
{
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0), fd;

	ASSERT_LE(0, pidfd);
	fd = syscall(SYS_pidfd_getfd, pidfd, self->ro, 0);
	ASSERT_LE(0, fd);
	EXPECT_CAN(fd, false, true);
	EXPECT_EQ(hc_stat(self->ro).id, hc_stat(fd).id);
	close(fd);
	close(pidfd);
}

/* Only what is a descriptor's: unknown flags, and what open(2) may not be. */
TEST_F(direction, C48_C42_flags_of_a_descriptor)
{
	struct hchan_narrow narrow = { .open_flags = O_RDONLY };
	uint32_t bad[] = { O_ACCMODE, O_CREAT, O_APPEND, O_TRUNC, O_PATH,
			   1U << 31, O_DIRECT, O_ASYNC };
	int i, fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, create(1, bad[i]));
		EXPECT_EQ(-EINVAL, hc_narrow(self->rw, bad[i]));
	}
	narrow.__reserved = 1;
	EXPECT_EQ(-1, ioctl(self->rw, HCHAN_IOC_NARROW, &narrow));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->rw, HCHAN_IOC_NARROW, NULL));
	EXPECT_EQ(EFAULT, errno);
	/* Each flag does what it says and no more. */
	narrow.__reserved = 0;
	fd = ioctl(self->rw, HCHAN_IOC_NARROW, &narrow);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
	narrow.open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	fd = ioctl(self->rw, HCHAN_IOC_NARROW, &narrow);
	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
}

/* Whether a receive and a read wait is the open file's business. */
TEST_F(direction, C43_nonblock_is_shared_by_the_open_file)
{
	uint8_t element[ELEM];
	int twin = dup(self->ro), other = hc_narrow(self->ro, O_RDONLY);
	int fd = hc_narrow(self->ro, O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, twin);
	ASSERT_LE(0, other);
	ASSERT_LE(0, fd);
	/* From the start. */
	EXPECT_EQ(-EAGAIN, hc_recv(fd, element, ELEM));
	EXPECT_EQ(-EAGAIN, hc_read(fd, element, ELEM, 0));
	EXPECT_EQ(-EAGAIN, hc_recvn_seed(fd, ELEM, 2, 0, 0, 0, NULL));
	/* Set later, by another descriptor of the same open file. */
	ASSERT_EQ(0, fcntl(twin, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, hc_recv(self->ro, element, ELEM));
	EXPECT_EQ(-EAGAIN, hc_read(self->ro, element, ELEM, 0));
	/* Another open file has its own. */
	EXPECT_EQ(0, fcntl(other, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(other, element, ELEM, HCHAN_DEADLINE,
					 hc_in(HC_MS), NULL));
	ASSERT_EQ(0, fcntl(twin, F_SETFL, 0));
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(self->ro, element, ELEM,
					 HCHAN_DEADLINE, hc_in(HC_MS), NULL));
	EXPECT_TRUE(hc_parked(self->ro, 0, 0));
}

/* A call's own flag is the call's: the file, and others' calls, still wait. */
TEST_F(direction, C43_nowait_is_the_calls_own)
{
	uint8_t element[ELEM];

	EXPECT_EQ(-EAGAIN, hc_try_recv(self->ro, element, ELEM));
	EXPECT_EQ(-EAGAIN, hc_read(self->ro, element, ELEM, RWF_NOWAIT));
	EXPECT_EQ(0, fcntl(self->ro, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(-ETIMEDOUT, hc_recv_by(self->ro, element, ELEM,
					 HCHAN_DEADLINE, hc_in(HC_MS), NULL));
}

TEST_HARNESS_MAIN
