// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names: create, open, look at, rename and remove a channel in hchanfs, by the
 * directory's ioctls and by the ordinary system calls.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "fs_fixture.h"

static const char *path(const char *dir, const char *name)
{
	static char buf[512];

	snprintf(buf, sizeof(buf), "%s/%s", dir, name);
	return buf;
}

TEST_F(names, create)
{
	struct hchan_create create, before;
	struct hchan_stat by_fd, by_name;
	struct stat st, st_fd;
	int fd;

	create = request("jobs", HCHAN_CREATE | HCHAN_DISCONNECT);
	create.type_tag = 0x1234567890abcdef;
	create.mode = 0640;
	before = create;
	fd = ioc_create(self->fd, &create);
	ASSERT_LE(0, fd);

	/* The outputs, and nothing but the outputs. */
	EXPECT_NE(POISON64, create.id);
	EXPECT_NE(0, create.id);
	EXPECT_EQ(4, create.found_capacity);
	EXPECT_EQ(0x1234567890abcdef, create.found_type_tag);
	EXPECT_EQ(8, create.found_elem_size);
	EXPECT_EQ(HCHAN_DISCONNECT, create.found_flags);
	EXPECT_EQ(0, memcmp(&create, &before, offsetof(typeof(create), id)));

	ASSERT_EQ(0, stat(path(self->dir, "jobs"), &st));
	EXPECT_TRUE(S_ISFIFO(st.st_mode));
	EXPECT_EQ(0640, st.st_mode & 07777);
	EXPECT_EQ(0, st.st_size);
	EXPECT_EQ(1, st.st_nlink);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	ASSERT_EQ(0, fstat(fd, &st_fd));
	EXPECT_EQ(st.st_ino, st_fd.st_ino);
	EXPECT_EQ(st.st_dev, st_fd.st_dev);
	EXPECT_EQ(1, count_names(self->dir));
	EXPECT_EQ(self->channels + 1, channels());

	ASSERT_EQ(0, stat_fd(fd, &by_fd));
	ASSERT_EQ(0, statat(self->fd, "jobs", &by_name));
	EXPECT_EQ(0, memcmp(&by_fd, &by_name, sizeof(by_fd)));
	EXPECT_EQ(create.id, by_fd.id);
	EXPECT_EQ(1, by_fd.senders);
	EXPECT_EQ(1, by_fd.receivers);
	close(fd);
}

/* What is sent by one who opened the name arrives at another who did. */
TEST_F(names, open_meets_create)
{
	uint64_t in = 0x1122334455667788, out = 0;
	int made, opened, ioctled;

	made = create_at(self->fd, "jobs", HCHAN_CREATE);
	ASSERT_LE(0, made);
	opened = openat(self->fd, "jobs", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, opened);
	ioctled = create_at(self->fd, "jobs", 0);
	ASSERT_LE(0, ioctled);
	EXPECT_EQ(id_of(made), id_of(opened));
	EXPECT_EQ(id_of(made), id_of(ioctled));

	ASSERT_EQ(8, write(made, &in, 8));
	ASSERT_EQ(8, read(opened, &out, 8));
	EXPECT_EQ(in, out);
	ASSERT_EQ(8, write(opened, &in, 8));
	out = 0;
	ASSERT_EQ(8, read(ioctled, &out, 8));
	EXPECT_EQ(in, out);
	close(made);
	close(opened);
	close(ioctled);
}

TEST_F(names, open_or_create)
{
	struct hchan_create create, before;
	int fd, again;

	/* Not there, and not to be created. */
	create = request("jobs", 0);
	before = create;
	EXPECT_EQ(-ENOENT, ioc_create(self->fd, &create));
	EXPECT_NOTHING_CHANGED(create, before);
	create = request("jobs", HCHAN_EXPECT);
	before = create;
	EXPECT_EQ(-ENOENT, ioc_create(self->fd, &create));
	EXPECT_NOTHING_CHANGED(create, before);

	fd = create_at(self->fd, "jobs", HCHAN_CREATE | HCHAN_EXCL);
	ASSERT_LE(0, fd);

	create = request("jobs", HCHAN_CREATE | HCHAN_EXCL);
	before = create;
	EXPECT_EQ(-EEXIST, ioc_create(self->fd, &create));
	EXPECT_TRUE(untouched(&create, &before));
	EXPECT_EQ(self->channels + 1, channels());

	/* There: it keeps its capacity, mode and C49, and says what they are. */
	create = request("jobs", HCHAN_CREATE | HCHAN_DISCONNECT);
	create.capacity = 1000;
	create.mode = 0;
	again = ioc_create(self->fd, &create);
	ASSERT_LE(0, again);
	EXPECT_EQ(id_of(fd), create.id);
	EXPECT_EQ(id_of(fd), id_of(again));
	EXPECT_EQ(4, create.found_capacity);
	EXPECT_EQ(0, create.found_flags);
	EXPECT_EQ(self->channels + 1, channels());
	close(again);
	close(fd);
}

/* C47: what an open states must agree, and only that. */
TEST_F(names, c47_expect)
{
	const struct {
		uint32_t flags, elem_size;
		uint64_t type_tag;
		int error;
	} table[] = {
		{ HCHAN_EXPECT, 8, 7, 0 },
		{ HCHAN_EXPECT, 8, 0, 0 },
		{ HCHAN_EXPECT, 8, 6, -EPROTOTYPE },
		{ HCHAN_EXPECT, 4, 7, -EPROTOTYPE },
		{ HCHAN_EXPECT, 0, 7, -EPROTOTYPE },
		{ HCHAN_EXPECT, 65535, 0, -EPROTOTYPE },
		{ HCHAN_EXPECT | HCHAN_MSG, 8, 7, -EPROTOTYPE },
		{ HCHAN_CREATE, 8, 7, 0 },
		{ HCHAN_CREATE, 8, 6, -EPROTOTYPE },
		{ HCHAN_CREATE, 16, 7, -EPROTOTYPE },
		{ HCHAN_CREATE | HCHAN_MSG, 8, 7, -EPROTOTYPE },
		{ HCHAN_CREATE | HCHAN_NO_OPEN, 16, 7, -EPROTOTYPE },
		{ 0, 0, 0, 0 },
		{ 0, 0, 7, 0 },
		{ 0, 0, 6, -EPROTOTYPE },
		{ HCHAN_NO_OPEN, 0, 6, -EPROTOTYPE },
		{ HCHAN_NO_OPEN | HCHAN_EXPECT, 4, 0, -EPROTOTYPE },
	};
	struct hchan_create create, before;
	struct hchan_stat stat;
	uint64_t id;
	size_t i;
	int ret;

	create = request("jobs", HCHAN_CREATE | HCHAN_NO_OPEN);
	create.type_tag = 7;
	ASSERT_EQ(0, ioc_create(self->fd, &create));
	id = create.id;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		create = request("jobs", table[i].flags);
		create.elem_size = table[i].elem_size;
		create.type_tag = table[i].type_tag;
		before = create;
		ret = ioc_create(self->fd, &create);
		EXPECT_EQ(table[i].error, ret < 0 ? ret : 0) {
			TH_LOG("row %zu", i);
		}
		if (ret > 0)
			close(ret);
		EXPECT_EQ(id, create.id);
		EXPECT_EQ(4, create.found_capacity);
		EXPECT_EQ(7, create.found_type_tag);
		EXPECT_EQ(8, create.found_elem_size);
		EXPECT_EQ(0, create.found_flags);
		EXPECT_EQ(0, memcmp(&create, &before,
				    offsetof(typeof(create), id)));
		EXPECT_EQ(self->next_fd, next_fd());
	}
	ASSERT_EQ(0, statat(self->fd, "jobs", &stat));
	EXPECT_EQ(0, stat.senders);
	EXPECT_EQ(0, stat.receivers);

	/* A channel without a tag agrees with every tag. */
	ASSERT_EQ(0, create_at(self->fd, "free", HCHAN_CREATE | HCHAN_NO_OPEN));
	create = request("free", HCHAN_EXPECT);
	create.type_tag = 99;
	ret = ioc_create(self->fd, &create);
	ASSERT_LE(0, ret);
	EXPECT_EQ(0, create.found_type_tag);
	close(ret);
}

TEST_F(names, umask_and_mode)
{
	const mode_t masks[] = { 0, 022, 027, 077, 0777 };
	const mode_t modes[] = { 0, 0400, 0222, 0644, 0666, 0777 };
	struct hchan_create create;
	struct stat st;
	size_t i, j;
	int fd;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		for (j = 0; j < ARRAY_SIZE(modes); j++) {
			umask(masks[i]);
			create = request("c", HCHAN_CREATE | HCHAN_EXCL);
			create.mode = modes[j];
			/* As with open(2), the mode is for those who follow. */
			fd = AS(ALICE, umask(masks[i]);
				ret = ioc_create(self->fd, &create);
				ret = ret < 0 ? ret : 0);
			ASSERT_EQ(0, fd);
			ASSERT_EQ(0, fstatat(self->fd, "c", &st, 0));
			EXPECT_EQ(modes[j] & ~masks[i], st.st_mode & 07777);
			EXPECT_EQ(ALICE, st.st_uid);
			ASSERT_EQ(0, unlinkat(self->fd, "c", 0));

			fd = openat(self->fd, "c", O_RDWR | O_CREAT | O_EXCL,
				    modes[j]);
			ASSERT_LE(0, fd);
			ASSERT_EQ(0, fstat(fd, &st));
			EXPECT_EQ(modes[j] & ~masks[i], st.st_mode & 07777);
			close(fd);
			ASSERT_EQ(0, unlinkat(self->fd, "c", 0));
		}
	}
	umask(0);
}

/* C42: the access mode is the direction; the other flags are as open(2)'s. */
TEST_F(names, open_flags)
{
	const struct {
		uint32_t flags;
		bool sends, receives;
	} table[] = {
		{ O_RDONLY, false, true },
		{ O_WRONLY, true, false },
		{ O_RDWR, true, true },
		{ O_RDONLY | O_NONBLOCK, false, true },
		{ O_WRONLY | O_CLOEXEC, true, false },
		{ O_RDWR | O_CLOEXEC | O_NONBLOCK, true, true },
	};
	struct hchan_create create;
	struct hchan_stat stat;
	uint64_t element = 1;
	size_t i;
	int fd;

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	for (i = 0; i < 2 * ARRAY_SIZE(table); i++) {
		/* Both, one that is there and one that is created. */
		create = request(i % 2 ? "c" : "new", i % 2 ? 0 : HCHAN_CREATE);
		create.open_flags = table[i / 2].flags;
		fd = ioc_create(self->fd, &create);
		ASSERT_LE(0, fd);
		EXPECT_EQ(table[i / 2].flags & (O_ACCMODE | O_NONBLOCK),
			  fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
		EXPECT_EQ(!!(table[i / 2].flags & O_CLOEXEC),
			  fcntl(fd, F_GETFD) & FD_CLOEXEC);
		ASSERT_EQ(0, stat_fd(fd, &stat));
		EXPECT_EQ(table[i / 2].sends, stat.senders);
		EXPECT_EQ(table[i / 2].receives, stat.receivers);
		EXPECT_EQ(table[i / 2].sends ? 8 : -EBADF,
			  ERR(write(fd, &element, 8)));
		if (table[i / 2].receives && table[i / 2].sends)
			EXPECT_EQ(8, read(fd, &element, 8));
		if (!table[i / 2].receives)
			EXPECT_EQ(-EBADF, ERR(read(fd, &element, 8)));
		close(fd);
		ASSERT_EQ(0, statat(self->fd, i % 2 ? "c" : "new", &stat));
		EXPECT_EQ(0, stat.senders);
		EXPECT_EQ(0, stat.receivers);
		while (stat.length--) {
			fd = openat(self->fd, i % 2 ? "c" : "new", O_RDONLY);
			EXPECT_EQ(8, read(fd, &element, 8));
			close(fd);
		}
		if (i % 2 == 0)
			ASSERT_EQ(0, unlinkat(self->fd, "new", 0));
	}
}

/* C49: creating and looking at a channel by name counts nowhere. */
TEST_F(names, c49_no_open_counts_nowhere)
{
	struct hchan_create create;
	struct hchan_stat stat;
	uint64_t element = 5;
	int fd;

	create = request("c", HCHAN_CREATE | HCHAN_NO_OPEN | HCHAN_DISCONNECT);
	ASSERT_EQ(0, ioc_create(self->fd, &create));
	EXPECT_EQ(self->next_fd, next_fd());
	EXPECT_EQ(HCHAN_DISCONNECT, create.found_flags);

	/* One who can send only: no side is gone that never was. */
	fd = openat(self->fd, "c", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(8, write(fd, &element, 8));
	create = request("c", HCHAN_NO_OPEN);
	ASSERT_EQ(0, ioc_create(self->fd, &create));
	ASSERT_EQ(0, statat(self->fd, "c", &stat));
	EXPECT_EQ(1, stat.senders);
	EXPECT_EQ(0, stat.receivers);
	EXPECT_EQ(1, stat.length);
	EXPECT_EQ(0, stat.state);
	EXPECT_EQ(8, write(fd, &element, 8));
	close(fd);
}

TEST_F(names, statat)
{
	struct hchan_stat stat, before;

	EXPECT_EQ(-ENOENT, statat(self->fd, "c", &stat));
	memset(&before, POISON, sizeof(before));
	before.size = sizeof(before);
	EXPECT_EQ(0, memcmp(&stat, &before, sizeof(stat)));

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	ASSERT_EQ(0, statat(self->fd, "c", &stat));
	EXPECT_EQ(sizeof(stat), stat.size);
	EXPECT_EQ(8, stat.elem_size);
	EXPECT_EQ(4, stat.capacity);
	EXPECT_EQ(0, stat.length);
	EXPECT_EQ(0, stat.flags);
	EXPECT_EQ(0, stat.state);
	EXPECT_EQ(0, stat.senders);
	EXPECT_EQ(0, stat.receivers);
	EXPECT_EQ(0, stat.parked_senders);
	EXPECT_EQ(0, stat.parked_receivers);
}

TEST_F(names, directory_ioctls)
{
	struct hchan_query query;
	struct hchan_xfer xfer = { 0 };
	int path_fd;

	memset(&query, POISON, sizeof(query));
	query.size = sizeof(query);
	ASSERT_EQ(0, ioctl(self->fd, HCHAN_IOC_QUERY, &query));
	EXPECT_EQ(HCHAN_ABI_VERSION, query.version);
	EXPECT_TRUE(query.features & HCHAN_FEAT_FS);

	/* C48 */
	EXPECT_EQ(-ENOTTY, ERR(ioctl(self->fd, HCHAN_IOC_SEND, &xfer)));
	EXPECT_EQ(-ENOTTY, ERR(ioctl(self->fd, HCHAN_IOC_CLOSE, 0)));
	EXPECT_EQ(-ENOTTY, ERR(ioctl(self->fd, _IO(HCHAN_IOC_MAGIC, 0xff), 0)));
	EXPECT_EQ(-ENOTTY, ERR(ioctl(self->fd, 0, 0)));

	path_fd = open(self->dir, O_PATH | O_DIRECTORY);
	ASSERT_LE(0, path_fd);
	EXPECT_EQ(-EBADF, create_at(path_fd, "c", HCHAN_CREATE));
	close(path_fd);
	EXPECT_EQ(0, count_names(self->dir));
}

/* A plain O_CREAT makes messages with the mount's defaults; `>` works. */
TEST_F(names, plain_create)
{
	struct hchan_stat stat;
	char buf[8192];
	int fd, again;

	fd = open(path(self->dir, "c"), O_RDWR | O_CREAT | O_EXCL, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, stat_fd(fd, &stat));
	EXPECT_EQ(HCHAN_MSG, stat.flags);
	EXPECT_EQ(4096, stat.elem_size);
	EXPECT_EQ(64, stat.capacity);
	EXPECT_EQ(0, stat.type_tag);
	EXPECT_EQ(-EEXIST, ERR(open(path(self->dir, "c"),
				    O_RDWR | O_CREAT | O_EXCL, 0600)));
	EXPECT_EQ(3, write(fd, "job", 3));

	/* O_TRUNC takes nothing away. */
	again = open(path(self->dir, "c"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, again);
	EXPECT_EQ(id_of(fd), id_of(again));
	EXPECT_EQ(-EINVAL, ERR(truncate(path(self->dir, "c"), 0)));
	EXPECT_EQ(-EINVAL, ERR(ftruncate(fd, 0)));
	EXPECT_EQ(3, read(again, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "job", 3));
	close(again);
	close(fd);

	ASSERT_EQ(0, mkfifo(path(self->dir, "f"), 0644));
	ASSERT_EQ(0, statat(self->fd, "f", &stat));
	EXPECT_EQ(HCHAN_MSG, stat.flags);
	EXPECT_EQ(4096, stat.elem_size);
	EXPECT_EQ(-EEXIST, ERR(mkfifo(path(self->dir, "f"), 0644)));
	fd = open(path(self->dir, "f"), O_RDWR);
	ASSERT_LE(0, fd);
	/* A pipe's own ioctls and fcntls have no business here. */
	EXPECT_EQ(-EBADF, ERR(fcntl(fd, F_GETPIPE_SZ)));
	EXPECT_EQ(-EBADF, ERR(fcntl(fd, F_SETPIPE_SZ, 65536)));
	EXPECT_EQ(-ESPIPE, ERR(lseek(fd, 0, SEEK_SET)));
	EXPECT_EQ(-ESPIPE, ERR(pread(fd, buf, 8, 0)));
	EXPECT_EQ(-ENODEV, ERR((intptr_t)mmap(NULL, 4096, PROT_READ,
					      MAP_SHARED, fd, 0)));
	close(fd);
}

/* Nothing but channels, and no second level. */
TEST_F(names, nothing_else)
{
	const mode_t types[] = { S_IFREG, S_IFCHR, S_IFBLK, S_IFSOCK };
	struct hchan_stat stat;
	size_t i;

	EXPECT_EQ(-EPERM, ERR(mkdirat(self->fd, "d", 0777)));
	EXPECT_EQ(-EPERM, ERR(symlinkat("a", self->fd, "s")));
	for (i = 1; i < ARRAY_SIZE(types); i++)
		EXPECT_EQ(-EPERM, ERR(mknodat(self->fd, "n", types[i] | 0666,
					      0x103)));
	EXPECT_EQ(-EOPNOTSUPP, ERR(openat(self->fd, ".", O_TMPFILE | O_RDWR,
					  0600)));
	EXPECT_EQ(0, count_names(self->dir));

	/* mknod of a regular file is creat(2), so it makes a channel too. */
	EXPECT_EQ(0, mknodat(self->fd, "c", S_IFREG | 0666, 0));
	EXPECT_EQ(0, statat(self->fd, "c", &stat));
	EXPECT_EQ(-EPERM, ERR(linkat(self->fd, "c", self->fd, "l", 0)));
	EXPECT_EQ(-ENOTDIR, ERR(openat(self->fd, "c/x", O_RDWR | O_CREAT, 0)));
	EXPECT_EQ(-ENOTDIR, ERR(unlinkat(self->fd, "c", AT_REMOVEDIR)));
	EXPECT_EQ(1, count_names(self->dir));
}

/* An unlinked channel lives on in its descriptors; the name is free. */
TEST_F(names, unlink)
{
	uint64_t in = 42, out = 0;
	int fd, other, next;
	struct stat st;

	fd = create_at(self->fd, "c", HCHAN_CREATE);
	ASSERT_LE(0, fd);
	other = openat(self->fd, "c", O_RDWR);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, unlinkat(self->fd, "c", 0));
	EXPECT_EQ(-ENOENT, ERR(unlinkat(self->fd, "c", 0)));
	EXPECT_EQ(-ENOENT, ERR(openat(self->fd, "c", O_RDWR)));
	EXPECT_EQ(-ENOENT, create_at(self->fd, "c", 0));
	EXPECT_EQ(0, count_names(self->dir));
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0, st.st_nlink);

	next = create_at(self->fd, "c", HCHAN_CREATE | HCHAN_EXCL);
	ASSERT_LE(0, next);
	EXPECT_NE(id_of(fd), id_of(next));
	EXPECT_EQ(8, write(fd, &in, 8));
	EXPECT_EQ(8, read(other, &out, 8));
	EXPECT_EQ(in, out);
	EXPECT_EQ(self->channels + 2, channels());
	close(fd);
	EXPECT_EQ(self->channels + 2, channels());
	close(other);
	EXPECT_EQ(self->channels + 1, channels());
	close(next);
	EXPECT_EQ(self->channels + 1, channels());
	ASSERT_EQ(0, unlinkat(self->fd, "c", 0));
	EXPECT_EQ(self->channels, channels());
}

static int rename2(int dirfd, const char *from, const char *to, int flags)
{
	return ERR(syscall(SYS_renameat2, dirfd, from, dirfd, to, flags));
}

TEST_F(names, rename)
{
	uint64_t a, b;

	ASSERT_EQ(0, create_at(self->fd, "a", HCHAN_CREATE | HCHAN_NO_OPEN));
	ASSERT_EQ(0, create_at(self->fd, "b", HCHAN_CREATE | HCHAN_NO_OPEN));
	a = id_at(self->fd, "a");
	b = id_at(self->fd, "b");

	EXPECT_EQ(-EEXIST, rename2(self->fd, "a", "b", 1));
	EXPECT_EQ(-EINVAL, rename2(self->fd, "a", "b", 2));
	EXPECT_EQ(-EINVAL, rename2(self->fd, "a", "x", 4));
	EXPECT_EQ(a, id_at(self->fd, "a"));
	EXPECT_EQ(b, id_at(self->fd, "b"));
	EXPECT_EQ(self->channels + 2, channels());

	EXPECT_EQ(0, rename2(self->fd, "a", "c", 1));
	EXPECT_EQ(a, id_at(self->fd, "c"));
	EXPECT_EQ(0, id_at(self->fd, "a"));
	EXPECT_EQ(0, rename2(self->fd, "c", "b", 0));
	EXPECT_EQ(a, id_at(self->fd, "b"));
	EXPECT_EQ(1, count_names(self->dir));
	/* The one that was there has gone. */
	EXPECT_EQ(self->channels + 1, channels());

	EXPECT_EQ(0, rename2(self->fd, "b", "b", 0));
	EXPECT_EQ(-EXDEV, ERR(renameat(self->fd, "b", AT_FDCWD, "/tmp/b")));
	EXPECT_EQ(-ENOENT, rename2(self->fd, "a", "d", 0));
	EXPECT_EQ(a, id_at(self->fd, "b"));
}

TEST_F(names, attributes)
{
	struct timespec times[2] = { { 1, 2 }, { 3, 4 } };
	struct stat st;

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	EXPECT_EQ(0, fchmodat(self->fd, "c", 0604, 0));
	EXPECT_EQ(0, fchownat(self->fd, "c", ALICE, BOB, 0));
	EXPECT_EQ(0, utimensat(self->fd, "c", times, 0));
	ASSERT_EQ(0, fstatat(self->fd, "c", &st, 0));
	EXPECT_EQ(S_IFIFO | 0604, st.st_mode);
	EXPECT_EQ(ALICE, st.st_uid);
	EXPECT_EQ(BOB, st.st_gid);
	EXPECT_EQ(3, st.st_mtim.tv_sec);

	EXPECT_EQ(0, fchmod(self->fd, 0700));
	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ(S_IFDIR | 0700, st.st_mode);
}

TEST_F(names, many)
{
	enum { MANY = 1000 };
	char name[32];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "channel-%d", i);
		ASSERT_EQ(0, create_at(self->fd, name, HCHAN_CREATE |
				       HCHAN_EXCL | HCHAN_NO_OPEN));
	}
	EXPECT_EQ(MANY, count_names(self->dir));
	EXPECT_EQ(self->channels + MANY, channels());
	for (i = 0; i < MANY; i += 2) {
		snprintf(name, sizeof(name), "channel-%d", i);
		ASSERT_EQ(0, unlinkat(self->fd, name, 0));
	}
	EXPECT_EQ(MANY / 2, count_names(self->dir));
	EXPECT_EQ(self->channels + MANY / 2, channels());
}

TEST_HARNESS_MAIN
