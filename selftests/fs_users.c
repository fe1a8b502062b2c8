// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two users and one hchanfs: who may create, open, write to, rename and remove
 * what, with the sysctls that protect FIFOs and files in shared directories set
 * as Debian sets them.
 */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "fs_util.h"

FIXTURE(users) {
	char dir[32];
	int fd;
	long long channels, fifos, regular;
};

FIXTURE_SETUP(users)
{
	self->fifos = number_in("/proc/sys/fs/protected_fifos");
	self->regular = number_in("/proc/sys/fs/protected_regular");
	ASSERT_EQ(0, write_to("/proc/sys/fs/protected_fifos", "1"));
	ASSERT_EQ(0, write_to("/proc/sys/fs/protected_regular", "2"));
	self->channels = channels();
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	self->fd = open_dir(self->dir);
	ASSERT_LE(0, self->fd);
	umask(0);
}

FIXTURE_TEARDOWN(users)
{
	char text[32];

	close(self->fd);
	EXPECT_EQ(0, unmount_at(self->dir));
	EXPECT_EQ(self->channels, channels());
	snprintf(text, sizeof(text), "%lld", self->fifos);
	EXPECT_EQ(0, write_to("/proc/sys/fs/protected_fifos", text));
	snprintf(text, sizeof(text), "%lld", self->regular);
	EXPECT_EQ(0, write_to("/proc/sys/fs/protected_regular", text));
}

/* Makes a name of a user's: 0 or a negative errno. */
static int make(int dirfd, uid_t uid, const char *name, mode_t mode)
{
	struct hchan_create create = request(name, HCHAN_CREATE |
					     HCHAN_EXCL | HCHAN_NO_OPEN);

	create.mode = mode;
	return AS(uid, umask(0); ret = ioc_create(dirfd, &create));
}

/* Opens a name in two ways: 0 or a negative errno. */
static int try_open(int dirfd, const char *name, int flags)
{
	int fd = ERR(openat(dirfd, name, flags));

	return fd < 0 ? fd : close(fd);
}

static int try_ioctl(int dirfd, const char *name, int flags)
{
	struct hchan_create create = request(name, HCHAN_CREATE), before;
	int fd;

	create.open_flags = flags;
	before = create;
	fd = ioc_create(dirfd, &create);
	if (fd < 0)
		return untouched(&create, &before) ? fd : 1;
	return close(fd);
}

static int shell_as(uid_t uid, const char *dir, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && { %s; } 2>/dev/null", dir,
		 command);
	return AS(uid, ret = shell(line));
}

/* The point of the directory without a sticky bit. */
TEST_F(users, shell_writes_to_anothers_channel)
{
	struct hchan_stat stat;
	struct stat st;
	char buf[64];
	int fd;

	ASSERT_EQ(0, fstat(self->fd, &st));
	ASSERT_EQ(S_IFDIR | 0777, st.st_mode);

	/* Alice makes it by `>` as well. */
	ASSERT_EQ(0, shell_as(ALICE, self->dir,
			      "umask 0; echo one >jobs"));
	ASSERT_EQ(0, fstatat(self->fd, "jobs", &st, 0));
	EXPECT_EQ(ALICE, st.st_uid);
	EXPECT_EQ(S_IFIFO | 0666, st.st_mode);
	EXPECT_EQ(0, shell_as(BOB, self->dir, "echo two >jobs"));
	EXPECT_EQ(0, shell_as(BOB, self->dir, "echo three >>jobs"));
	EXPECT_EQ(0, shell_as(BOB, self->dir, "echo four 1<>jobs"));

	ASSERT_EQ(0, statat(self->fd, "jobs", &stat));
	EXPECT_EQ(4, stat.length);
	EXPECT_EQ(0, shell_as(BOB, self->dir,
			      "[ \"$(dd bs=4096 count=1 <jobs)\" = one ]"));
	fd = openat(self->fd, "jobs", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(4, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "two\n", 4));
	EXPECT_EQ(6, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "three\n", 6));
	EXPECT_EQ(5, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "four\n", 5));
	close(fd);

	/* And one made by the ioctl. */
	ASSERT_EQ(0, make(self->fd, ALICE, "eight", 0666));
	EXPECT_EQ(0, shell_as(BOB, self->dir, "printf 12345678 >eight"));
	EXPECT_EQ(0, AS(BOB, ret = try_ioctl(self->fd, "eight", O_RDWR)));
}

TEST_F(users, nobody_takes_anothers_name)
{
	struct stat st;
	uint64_t a, b;

	ASSERT_EQ(0, make(self->fd, ALICE, "a", 0666));
	ASSERT_EQ(0, make(self->fd, BOB, "b", 0666));
	a = id_at(self->fd, "a");
	b = id_at(self->fd, "b");

	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(unlinkat(self->fd, "a", 0))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(renameat(self->fd, "a",
						     self->fd, "x"))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(renameat(self->fd, "b",
						     self->fd, "a"))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(renameat(self->fd, "a",
						     self->fd, "b"))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(fchmodat(self->fd, "a", 0600, 0))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(fchownat(self->fd, "a", BOB, -1,
						     0))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(fchownat(self->fd, "b", ALICE, -1,
						     0))));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(fchmod(self->fd, 0700))));
	EXPECT_EQ(-EEXIST, AS(BOB, ret = create_at(self->fd, "a", HCHAN_CREATE |
						   HCHAN_EXCL)));
	EXPECT_EQ(a, id_at(self->fd, "a"));
	EXPECT_EQ(b, id_at(self->fd, "b"));
	EXPECT_EQ(2, count_names(self->dir));
	ASSERT_EQ(0, fstatat(self->fd, "a", &st, 0));
	EXPECT_EQ(S_IFIFO | 0666, st.st_mode);

	/* What is one's own. */
	EXPECT_EQ(0, AS(ALICE, ret = ERR(fchmodat(self->fd, "a", 0640, 0))));
	EXPECT_EQ(0, AS(ALICE, ret = ERR(renameat(self->fd, "a",
						  self->fd, "x"))));
	EXPECT_EQ(a, id_at(self->fd, "x"));
	EXPECT_EQ(0, AS(ALICE, ret = ERR(unlinkat(self->fd, "x", 0))));
	/* CAP_FOWNER */
	EXPECT_EQ(0, unlinkat(self->fd, "b", 0));
}

/* Who owns the directory tidies it up. */
TEST_F(users, directory_owner)
{
	uint64_t id;

	ASSERT_EQ(0, fchown(self->fd, BOB, BOB));
	ASSERT_EQ(0, make(self->fd, ALICE, "a", 0600));
	ASSERT_EQ(0, make(self->fd, 0, "r", 0600));
	id = id_at(self->fd, "a");
	EXPECT_EQ(-EPERM, AS(ALICE, ret = ERR(unlinkat(self->fd, "r", 0))));
	EXPECT_EQ(0, AS(BOB, ret = ERR(renameat(self->fd, "a",
						self->fd, "r"))));
	EXPECT_EQ(id, id_at(self->fd, "r"));
	EXPECT_EQ(0, AS(BOB, ret = ERR(unlinkat(self->fd, "r", 0))));
	EXPECT_EQ(0, count_names(self->dir));
}

/* The mode is asked for what it is asked by open(2), by the ioctl too. */
TEST_F(users, modes)
{
	const struct {
		mode_t mode;
		uid_t uid;
		int rdonly, wronly, rdwr;
	} table[] = {
		{ 0600, ALICE, 0, 0, 0 },
		{ 0600, BOB, -EACCES, -EACCES, -EACCES },
		{ 0666, BOB, 0, 0, 0 },
		{ 0644, BOB, 0, -EACCES, -EACCES },
		{ 0622, BOB, -EACCES, 0, -EACCES },
		{ 0466, ALICE, 0, -EACCES, -EACCES },
		{ 0066, ALICE, -EACCES, -EACCES, -EACCES },
		{ 0000, BOB, -EACCES, -EACCES, -EACCES },
		{ 0000, 0, 0, 0, 0 },
		{ 0111, BOB, -EACCES, -EACCES, -EACCES },
	};
	struct hchan_create create;
	struct hchan_stat stat;
	int flags, expected;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		ASSERT_EQ(0, make(self->fd, ALICE, "c", table[i].mode));
		for (flags = O_RDONLY; flags <= O_RDWR; flags++) {
			expected = flags == O_RDONLY ? table[i].rdonly :
				   flags == O_WRONLY ? table[i].wronly :
				   table[i].rdwr;
			EXPECT_EQ(expected, AS(table[i].uid,
					       ret = try_open(self->fd, "c",
							      flags))) {
				TH_LOG("row %zu open %d", i, flags);
			}
			EXPECT_EQ(expected, AS(table[i].uid,
					       ret = try_ioctl(self->fd, "c",
							       flags))) {
				TH_LOG("row %zu ioctl %d", i, flags);
			}
		}
		/* Looking needs no right, as with stat(2). */
		EXPECT_EQ(0, AS(BOB, ret = statat(self->fd, "c", &stat)));
		create = request("c", HCHAN_NO_OPEN | HCHAN_EXPECT);
		EXPECT_EQ(0, AS(BOB, ret = ioc_create(self->fd, &create)));
		ASSERT_EQ(0, unlinkat(self->fd, "c", 0));
	}
}

/* The directory's mode decides who creates and who looks. */
TEST_F(users, directory_modes)
{
	struct hchan_stat stat;

	ASSERT_EQ(0, make(self->fd, ALICE, "c", 0666));
	ASSERT_EQ(0, fchmod(self->fd, 0755));
	EXPECT_EQ(-EACCES, make(self->fd, ALICE, "d", 0666));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = ERR(mknodat(self->fd, "d",
						       S_IFIFO | 0600, 0))));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = ERR(openat(self->fd, "d", O_RDWR |
						      O_CREAT, 0600))));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = ERR(unlinkat(self->fd, "c", 0))));
	EXPECT_EQ(0, AS(ALICE, ret = try_ioctl(self->fd, "c", O_RDWR)));
	EXPECT_EQ(-ENOENT, AS(ALICE, ret = create_at(self->fd, "d", 0)));
	EXPECT_EQ(1, count_names(self->dir));
	EXPECT_EQ(self->channels + 1, channels());

	ASSERT_EQ(0, fchmod(self->fd, 0766));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = create_at(self->fd, "c", 0)));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = create_at(self->fd, "d",
						     HCHAN_CREATE)));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = statat(self->fd, "c", &stat)));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = statat(self->fd, "d", &stat)));
	ASSERT_EQ(0, fchmod(self->fd, 0777));
}

/* Out of open files, of which only others than root can be: all undone. */
TEST_F(users, no_files_left)
{
	long long max = number_in("/proc/sys/fs/file-max");
	char text[32];
	int result;

	ASSERT_LT(0, max);
	snprintf(text, sizeof(text), "%lld", max);
	ASSERT_EQ(0, write_to("/proc/sys/fs/file-max", "0"));
	result = AS(ALICE, ret = try_ioctl(self->fd, "c", O_RDWR));
	ASSERT_EQ(0, write_to("/proc/sys/fs/file-max", text));
	EXPECT_EQ(-ENFILE, result);
	EXPECT_EQ(0, count_names(self->dir));
	EXPECT_EQ(self->channels, channels());
}

/* A new name belongs to who made it, the group is set by the rules of files. */
TEST_F(users, ownership)
{
	struct stat st;

	ASSERT_EQ(0, fchown(self->fd, 0, BOB));
	ASSERT_EQ(0, make(self->fd, ALICE, "a", 0600));
	ASSERT_EQ(0, fstatat(self->fd, "a", &st, 0));
	EXPECT_EQ(ALICE, st.st_uid);
	EXPECT_EQ(ALICE, st.st_gid);
	ASSERT_EQ(0, fchmod(self->fd, 02777));
	ASSERT_EQ(0, make(self->fd, ALICE, "b", 0600));
	ASSERT_EQ(0, fstatat(self->fd, "b", &st, 0));
	EXPECT_EQ(ALICE, st.st_uid);
	EXPECT_EQ(BOB, st.st_gid);
}

TEST_HARNESS_MAIN
