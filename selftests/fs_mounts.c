// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts of hchanfs: instances, options, read-only and bind mounts, and their
 * end (C52).
 */
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "fs_fixture.h"

/* The options of a mount, as /proc/mounts has them. */
static const char *options_of(const char *dir)
{
	static char options[256];
	char where[256], type[64];
	FILE *f = fopen("/proc/self/mounts", "r");
	int found = 0;

	while (f && !found &&
	       fscanf(f, "%*s %255s %63s %255s %*d %*d", where, type,
		      options) == 3)
		found = !strcmp(where, dir) && !strcmp(type, "hchanfs");
	if (f)
		fclose(f);
	return found ? options : "";
}

TEST_F(names, instances_are_independent)
{
	struct stat st, other_st;
	char other[32];
	int fd;

	ASSERT_EQ(0, mount_at(other, NULL));
	fd = open_dir(other);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	EXPECT_EQ(0, count_names(other));
	EXPECT_EQ(-ENOENT, create_at(fd, "c", 0));
	ASSERT_EQ(0, create_at(fd, "c", HCHAN_CREATE | HCHAN_EXCL |
			       HCHAN_NO_OPEN));
	EXPECT_NE(id_at(self->fd, "c"), id_at(fd, "c"));
	ASSERT_EQ(0, fstatat(self->fd, "c", &st, 0));
	ASSERT_EQ(0, fstatat(fd, "c", &other_st, 0));
	EXPECT_NE(st.st_dev, other_st.st_dev);
	EXPECT_EQ(-EXDEV, ERR(renameat(fd, "c", self->fd, "d")));
	close(fd);
	EXPECT_EQ(0, unmount_at(other));
	EXPECT_EQ(self->channels + 1, channels());
	EXPECT_NE(0, id_at(self->fd, "c"));
}

TEST(options)
{
	const struct {
		const char *given, *shown;
		int error;
	} table[] = {
		{ NULL, "mode=777,uid=0,gid=0,msg=4096,cap=64", 0 },
		{ "", "mode=777,uid=0,gid=0,msg=4096,cap=64", 0 },
		{ "mode=700", "mode=700,uid=0,gid=0,msg=4096,cap=64", 0 },
		{ "mode=1777", "mode=1777,uid=0,gid=0,msg=4096,cap=64", 0 },
		{ "mode=0", "mode=000,uid=0,gid=0,msg=4096,cap=64", 0 },
		{ "uid=1000,gid=1001",
		  "mode=777,uid=1000,gid=1001,msg=4096,cap=64", 0 },
		{ "msg=1,cap=0", "mode=777,uid=0,gid=0,msg=1,cap=0", 0 },
		{ "msg=65535,cap=65535",
		  "mode=777,uid=0,gid=0,msg=65535,cap=65535", 0 },
		{ "cap=5,cap=7", "mode=777,uid=0,gid=0,msg=4096,cap=7", 0 },
		{ "mode=10000", NULL, -EINVAL },
		{ "mode=888", NULL, -EINVAL },
		{ "mode=-1", NULL, -EINVAL },
		{ "mode=", NULL, -EINVAL },
		{ "mode", NULL, -EINVAL },
		{ "uid=4294967295", NULL, -EINVAL },
		{ "uid=root", NULL, -EINVAL },
		{ "gid=4294967295", NULL, -EINVAL },
		{ "msg=0", NULL, -EINVAL },
		{ "msg=65536", NULL, -EINVAL },
		{ "msg=4294967297", NULL, -EINVAL },
		{ "cap=65536", NULL, -EINVAL },
		{ "cap=-1", NULL, -EINVAL },
		{ "cap=5,nonsense", NULL, -EINVAL },
		{ "size=5", NULL, -EINVAL },
	};
	const char *shown;
	struct stat st;
	unsigned int mode;
	char dir[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		EXPECT_EQ(table[i].error, mount_at(dir, table[i].given)) {
			TH_LOG("%s", table[i].given);
		}
		if (table[i].error)
			continue;
		shown = options_of(dir);
		EXPECT_NE(NULL, strstr(shown, table[i].shown)) {
			TH_LOG("%s: %s", table[i].given, shown);
		}
		/* The mount goes by what it shows. */
		ASSERT_EQ(1, sscanf(strstr(shown, "mode="), "mode=%o", &mode));
		ASSERT_EQ(0, stat(dir, &st));
		EXPECT_EQ(S_IFDIR | mode, st.st_mode);
		EXPECT_EQ(strstr(shown, "uid=1000") ? 1000 : 0, st.st_uid);
		EXPECT_EQ(strstr(shown, "gid=1001") ? 1001 : 0, st.st_gid);
		EXPECT_EQ(0, unmount_at(dir));
	}
}

/* msg= and cap= are what a plain O_CREAT makes, also after a remount. */
TEST(defaults_of_plain_create)
{
	struct hchan_stat stat;
	char dir[32], shown[256];
	char buf[32] = "twelve bytes";
	int dirfd, fd;

	ASSERT_EQ(0, mount_at(dir, "msg=12,cap=2"));
	dirfd = open_dir(dir);
	fd = openat(dirfd, "a", O_RDWR | O_CREAT | O_NONBLOCK, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, stat_fd(fd, &stat));
	EXPECT_EQ(12, stat.elem_size);
	EXPECT_EQ(2, stat.capacity);
	EXPECT_EQ(-EMSGSIZE, ERR(write(fd, buf, 13)));
	EXPECT_EQ(12, write(fd, buf, 12));
	EXPECT_EQ(12, write(fd, buf, 12));
	EXPECT_EQ(-EAGAIN, ERR(write(fd, buf, 12)));
	close(fd);

	ASSERT_EQ(0, mount("none", dir, NULL, MS_REMOUNT, "msg=99,cap=0"));
	ASSERT_EQ(0, mknodat(dirfd, "b", S_IFIFO | 0600, 0));
	ASSERT_EQ(0, statat(dirfd, "b", &stat));
	EXPECT_EQ(99, stat.elem_size);
	EXPECT_EQ(0, stat.capacity);
	/* What is there stays as it is. */
	ASSERT_EQ(0, statat(dirfd, "a", &stat));
	EXPECT_EQ(12, stat.elem_size);
	EXPECT_EQ(2, stat.length);

	/* As mount(8) does it: all that /proc/mounts shows, and a change. */
	ASSERT_EQ(0, fchmod(dirfd, 0750));
	ASSERT_EQ(0, fchown(dirfd, ALICE, BOB));
	strcpy(shown, strstr(options_of(dir), "mode="));
	EXPECT_STREQ("mode=750,uid=1000,gid=1001,msg=99,cap=0", shown);
	EXPECT_EQ(0, mount("none", dir, NULL, MS_REMOUNT, shown));
	EXPECT_EQ(-EINVAL, ERR(mount("none", dir, NULL, MS_REMOUNT,
				     "mode=777,cap=9")));
	EXPECT_EQ(-EINVAL, ERR(mount("none", dir, NULL, MS_REMOUNT, "uid=0")));
	EXPECT_EQ(-EINVAL, ERR(mount("none", dir, NULL, MS_REMOUNT, "gid=0")));
	EXPECT_EQ(-EINVAL, ERR(mount("none", dir, NULL, MS_REMOUNT, "msg=0")));
	EXPECT_STREQ(shown, strstr(options_of(dir), "mode="));
	close(dirfd);
	EXPECT_EQ(0, unmount_at(dir));
}

TEST_F(names, filesystem)
{
	struct statfs fs;

	ASSERT_EQ(0, statfs(self->dir, &fs));
	EXPECT_EQ(0x6863686e, fs.f_type);
	EXPECT_EQ(HCHAN_NAME_MAX, fs.f_namelen);
	EXPECT_EQ(0, fsync(self->fd));
	EXPECT_EQ(-EISDIR, ERR(read(self->fd, &fs, 1)));
	EXPECT_EQ(-EISDIR, ERR(open(self->dir, O_RDWR)));
}

/* A creation fails, what is there can be used: a FIFO is not the mount's data. */
TEST_F(names, read_only)
{
	struct hchan_create create, before;
	uint64_t in = 7, out = 0;
	char bind[] = "/tmp/hchan-ro-XXXXXX";
	int pass, dirfd, fd;

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	ASSERT_NE(NULL, mkdtemp(bind));
	ASSERT_EQ(0, mount(self->dir, bind, NULL, MS_BIND, NULL));
	ASSERT_EQ(0, mount(NULL, bind, NULL,
			   MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	for (pass = 0; pass < 2; pass++) {
		/* First the bind mount alone, then the file system itself. */
		if (pass)
			ASSERT_EQ(0, mount("none", self->dir, NULL,
					   MS_REMOUNT | MS_RDONLY, NULL));
		dirfd = pass ? self->fd : open_dir(bind);
		ASSERT_LE(0, dirfd);
		create = request("new", HCHAN_CREATE);
		before = create;
		EXPECT_EQ(-EROFS, ioc_create(dirfd, &create));
		EXPECT_TRUE(untouched(&create, &before));
		EXPECT_EQ(-EROFS, create_at(dirfd, "new", HCHAN_CREATE |
					    HCHAN_EXCL | HCHAN_NO_OPEN));
		EXPECT_EQ(-EROFS, ERR(openat(dirfd, "new", O_RDWR | O_CREAT,
					     0600)));
		EXPECT_EQ(-EROFS, ERR(mknodat(dirfd, "new", S_IFIFO | 0600,
					      0)));
		EXPECT_EQ(-EROFS, ERR(unlinkat(dirfd, "c", 0)));
		EXPECT_EQ(-EROFS, ERR(renameat(dirfd, "c", dirfd, "d")));
		EXPECT_EQ(-EROFS, ERR(fchmodat(dirfd, "c", 0600, 0)));
		EXPECT_EQ(-ENOENT, create_at(dirfd, "new", 0));
		EXPECT_EQ(-EEXIST, create_at(dirfd, "c", HCHAN_CREATE |
					     HCHAN_EXCL));

		fd = create_at(dirfd, "c", HCHAN_CREATE);
		ASSERT_LE(0, fd);
		EXPECT_EQ(8, write(fd, &in, 8));
		close(fd);
		fd = openat(dirfd, "c", O_RDWR | O_CREAT | O_TRUNC, 0600);
		ASSERT_LE(0, fd);
		EXPECT_EQ(8, read(fd, &out, 8));
		EXPECT_EQ(in, out);
		close(fd);
		if (!pass)
			close(dirfd);
	}
	EXPECT_EQ(self->channels + 1, channels());
	EXPECT_EQ(0, umount(bind));
	EXPECT_EQ(0, rmdir(bind));
}

/* One channel under another name somewhere else, as for a container. */
TEST_F(names, bind_mounted_channel)
{
	char file[] = "/tmp/hchan-file-XXXXXX", other[32], from[64], path[64];
	struct hchan_create create;
	struct hchan_stat stat;
	int fd, dirfd;
	uint64_t id;

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	id = id_at(self->fd, "c");
	snprintf(from, sizeof(from), "%s/c", self->dir);

	/* Onto a plain file. */
	fd = mkstemp(file);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, mount(from, file, NULL, MS_BIND, NULL));
	fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(id, id_of(fd));
	close(fd);
	ASSERT_EQ(0, umount(file));

	/* Onto a channel of another instance: open(2) and the ioctls agree. */
	ASSERT_EQ(0, mount_at(other, NULL));
	dirfd = open_dir(other);
	ASSERT_LE(0, dirfd);
	create = request("x", HCHAN_CREATE | HCHAN_NO_OPEN);
	create.elem_size = 3;
	ASSERT_EQ(0, ioc_create(dirfd, &create));
	snprintf(path, sizeof(path), "%s/x", other);
	ASSERT_EQ(0, mount(from, path, NULL, MS_BIND, NULL));
	fd = openat(dirfd, "x", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(id, id_of(fd));
	close(fd);
	create = request("x", HCHAN_CREATE);
	fd = ioc_create(dirfd, &create);
	ASSERT_LE(0, fd);
	EXPECT_EQ(id, id_of(fd));
	EXPECT_EQ(id, create.id);
	EXPECT_EQ(8, create.found_elem_size);
	ASSERT_EQ(0, statat(dirfd, "x", &stat));
	EXPECT_EQ(id, stat.id);
	EXPECT_EQ(1, stat.senders);
	close(fd);
	EXPECT_EQ(-EEXIST, create_at(dirfd, "x", HCHAN_CREATE | HCHAN_EXCL));
	EXPECT_EQ(-EBUSY, ERR(unlinkat(dirfd, "x", 0)));
	/* The mode that counts is that of the channel which is opened. */
	ASSERT_EQ(0, fchmodat(self->fd, "c", 0600, 0));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = create_at(dirfd, "x", 0)));
	EXPECT_EQ(0, umount(path));
	EXPECT_NE(id, id_at(dirfd, "x"));

	/* Something else on top of it is no channel. */
	ASSERT_EQ(0, mount(file, path, NULL, MS_BIND, NULL));
	create = request("x", HCHAN_CREATE);
	EXPECT_EQ(-EXDEV, ioc_create(dirfd, &create));
	EXPECT_EQ(-EXDEV, create_at(dirfd, "x", HCHAN_NO_OPEN));
	EXPECT_EQ(-EXDEV, statat(dirfd, "x", &stat));
	EXPECT_EQ(0, umount(path));
	close(dirfd);
	EXPECT_EQ(0, unmount_at(other));
	EXPECT_EQ(0, unlink(file));
}

/* A mount with an open channel is busy; without one its channels go with it. */
TEST(umount_drops_channels)
{
	long long before = channels();
	int dirfd, fds[2], i;
	char dir[32];

	ASSERT_EQ(0, mount_at(dir, NULL));
	dirfd = open_dir(dir);
	ASSERT_LE(0, dirfd);
	for (i = 0; i < 10; i++) {
		char name[] = { 'a' + i, 0 };

		ASSERT_EQ(0, create_at(dirfd, name, HCHAN_CREATE |
				       HCHAN_NO_OPEN));
	}
	fds[0] = create_at(dirfd, "a", 0);
	ASSERT_LE(0, fds[0]);
	close(dirfd);
	EXPECT_EQ(-EBUSY, ERR(umount(dir)));
	EXPECT_EQ(before + 10, channels());
	close(fds[0]);
	EXPECT_EQ(0, unmount_at(dir));
	EXPECT_EQ(before, channels());
}

/* Detached, it lives as long as somebody has a channel of it. */
TEST(lazy_umount)
{
	long long before = channels();
	uint64_t in = 9, out = 0;
	int dirfd, a, b;
	char dir[32];

	ASSERT_EQ(0, mount_at(dir, NULL));
	dirfd = open_dir(dir);
	ASSERT_LE(0, dirfd);
	a = create_at(dirfd, "a", HCHAN_CREATE);
	b = create_at(dirfd, "a", 0);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, umount2(dir, MNT_DETACH));
	EXPECT_EQ(0, rmdir(dir));
	EXPECT_EQ(8, write(a, &in, 8));
	EXPECT_EQ(8, read(b, &out, 8));
	EXPECT_EQ(in, out);
	/* The directory that is still open is a directory still. */
	EXPECT_EQ(0, create_at(dirfd, "b", HCHAN_CREATE | HCHAN_NO_OPEN));
	EXPECT_EQ(before + 2, channels());
	close(dirfd);
	close(a);
	EXPECT_EQ(before + 2, channels());
	close(b);
	EXPECT_EQ(before, channels());
}

/* C52: each mount and each descriptor holds the module, and for no longer. */
TEST(c52_module_is_held)
{
	const char *refs = "/sys/module/hchan/refcnt";
	long long before = number_in(refs), mounted;
	int dirfd, fd, narrow, dev;
	struct hchan_narrow request_narrow = { .open_flags = O_RDONLY };
	char dir[32];

	if (before < 0)
		SKIP(return, "hchan is not a module here");
	ASSERT_EQ(0, mount_at(dir, NULL));
	mounted = number_in(refs);
	EXPECT_LT(before, mounted);
	EXPECT_EQ(-EAGAIN, ERR(syscall(SYS_delete_module, "hchan",
				       O_NONBLOCK)));
	dirfd = open_dir(dir);
	fd = create_at(dirfd, "c", HCHAN_CREATE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlinkat(dirfd, "c", 0));
	close(dirfd);
	EXPECT_LT(mounted, number_in(refs));
	/* Without a name and without a mount. */
	ASSERT_EQ(0, umount2(dir, MNT_DETACH));
	EXPECT_EQ(0, rmdir(dir));
	EXPECT_LT(before, number_in(refs));
	EXPECT_EQ(-EAGAIN, ERR(syscall(SYS_delete_module, "hchan",
				       O_NONBLOCK)));
	narrow = ioctl(fd, HCHAN_IOC_NARROW, &request_narrow);
	ASSERT_LE(0, narrow);
	close(fd);
	EXPECT_LT(before, number_in(refs));
	close(narrow);
	EXPECT_EQ(before, number_in(refs));

	dev = open("/dev/hchan", O_RDWR);
	ASSERT_LE(0, dev);
	EXPECT_EQ(before + 1, number_in(refs));
	close(dev);
	EXPECT_EQ(before, number_in(refs));

	/* A mount that fails holds nothing. */
	EXPECT_EQ(-EINVAL, mount_at(dir, "nonsense"));
	EXPECT_EQ(-EINVAL, mount_at(dir, "msg=0"));
	EXPECT_EQ(before, number_in(refs));
}

TEST(many_mounts)
{
	long long before = channels();
	char dir[32];
	int i, dirfd;

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, mount_at(dir, "msg=100"));
		dirfd = open_dir(dir);
		ASSERT_EQ(0, create_at(dirfd, "c", HCHAN_CREATE |
				       HCHAN_NO_OPEN));
		close(dirfd);
		ASSERT_EQ(0, unmount_at(dir));
	}
	EXPECT_EQ(before, channels());
}

TEST_HARNESS_MAIN
