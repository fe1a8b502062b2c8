// SPDX-License-Identifier: GPL-2.0-only
/* hchanfs mounted in a user namespace, by one who is nobody outside. */
#include "../kselftest_harness.h"
#include "fs_userns.h"

static const uid_t users[] = { ALICE, 5000 };

/* A namespace of Alice's with mounts of its own. 0 or a negative errno. */
static int enter(void)
{
	int ret = new_namespace(users, ARRAY_SIZE(users));

	if (!ret)
		ret = ERR(unshare(CLONE_NEWNS));
	if (!ret)
		ret = ERR(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	return ret;
}

/* For a process in the namespace, which the harness knows nothing of. */
#define MUST(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "# %s:%d: %s (%s)\n", __func__,	\
				__LINE__, #condition, strerror(errno));	\
			_exit(1);					\
		}							\
	} while (0)

static int as_root_inside(void)
{
	char dir[32], name[40];
	struct hchan_stat stat;
	int dirfd, fd;
	struct stat st;
	pid_t pid;

	MUST(!enter());
	MUST(!mount_at(dir, NULL));
	dirfd = open_dir(dir);
	MUST(dirfd >= 0 && !fstat(dirfd, &st));
	MUST(st.st_uid == 0 && st.st_gid == 0 && st.st_mode == (S_IFDIR | 0777));

	/* Everything that can be done outside. */
	fd = create_at(dirfd, "c", HCHAN_CREATE | HCHAN_EXCL);
	MUST(fd >= 0 && !statat(dirfd, "c", &stat) && stat.senders == 1);
	close(fd);
	MUST(!fstatat(dirfd, "c", &st, 0) && st.st_uid == 0);
	MUST(!fchmodat(dirfd, "c", 0600, 0));
	fd = openat(dirfd, "d", O_RDWR | O_CREAT, 0666);
	MUST(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
	MUST(!mknodat(dirfd, "e", S_IFIFO | 0600, 0));
	MUST(!renameat(dirfd, "e", dirfd, "f"));
	MUST(!fchownat(dirfd, "f", 1, 1, 0));
	/* A user whom the namespace does not know can own nothing. */
	MUST(ERR(fchownat(dirfd, "f", 2, 2, 0)) == -EINVAL);

	/* Another user of it has the rights of another user, and no more. */
	pid = fork();
	if (!pid) {
		if (setresgid(1, 1, 1) || setresuid(1, 1, 1))
			_exit(1);
		if (ERR(unlinkat(dirfd, "c", 0)) != -EPERM)
			_exit(2);
		if (create_at(dirfd, "c", 0) != -EACCES)
			_exit(3);
		if (create_at(dirfd, "g", HCHAN_CREATE) < 0)
			_exit(4);
		_exit(unlinkat(dirfd, "f", 0) ? 5 : 0);
	}
	MUST(exit_status(pid) == 0);
	MUST(!fstatat(dirfd, "g", &st, 0) && st.st_uid == 1 && st.st_gid == 1);
	MUST(!unlinkat(dirfd, "g", 0));
	MUST(!mount("none", dir, NULL, MS_REMOUNT, "msg=9"));
	MUST(ERR(mount("none", dir, NULL, MS_REMOUNT, "uid=1")) == -EINVAL);
	MUST(!mount("none", dir, NULL, MS_REMOUNT, "uid=0,gid=0,mode=777"));
	close(dirfd);
	MUST(!unmount_at(dir));

	/* The options speak of the namespace's users. */
	MUST(mount_at(dir, "uid=2") == -EINVAL);
	MUST(mount_at(dir, "gid=1000") == -EINVAL);
	MUST(!mount_at(dir, "uid=1,gid=1,mode=755"));
	MUST(!lstat(dir, &st) && st.st_uid == 1 && st.st_gid == 1);
	snprintf(name, sizeof(name), "%s/c", dir);
	MUST(!mkfifo(name, 0600));
	MUST(!unmount_at(dir));
	return 0;
}

TEST(root_inside)
{
	long long before = channels();

	EXPECT_EQ(0, AS(0, umask(0); ret = as_root_inside()));
	EXPECT_EQ(before, channels());
}

static int nobody_inside(void)
{
	char dir[32];

	/* Nobody has mapped a user into it yet. */
	MUST(!unshare(CLONE_NEWUSER | CLONE_NEWNS));
	MUST(mount_at(dir, NULL) == -EOVERFLOW);
	return 0;
}

TEST(without_users)
{
	EXPECT_EQ(0, AS(ALICE, ret = nobody_inside()));
}

static int stay_inside(int ready, int go)
{
	char dir[32];
	int dirfd;
	char c;

	MUST(!enter());
	MUST(!mount_at(dir, NULL));
	dirfd = open_dir(dir);
	MUST(dirfd >= 0);
	MUST(!create_at(dirfd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	MUST(write(ready, dir, sizeof(dir)) == sizeof(dir));
	MUST(read(go, &c, 1) == 0);
	MUST(count_names(dir) == 1);
	close(dirfd);
	MUST(!unmount_at(dir));
	return 0;
}

/* From outside, a user whom the instance can not name can create nothing. */
TEST(users_from_outside)
{
	struct hchan_create create, before;
	int ready[2], go[2], dirfd, fd;
	long long count = channels();
	char dir[32], path[96];
	pid_t pid;

	umask(0);
	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(go, O_CLOEXEC));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(go[1]);
		_exit(stay_inside(ready[1], go[0]));
	}
	ASSERT_EQ(sizeof(dir), read(ready[0], dir, sizeof(dir)));
	snprintf(path, sizeof(path), "/proc/%d/root%s", pid, dir);
	dirfd = open_dir(path);
	ASSERT_LE(0, dirfd);

	create = request("x", HCHAN_CREATE);
	before = create;
	EXPECT_EQ(-EOVERFLOW, ioc_create(dirfd, &create));
	EXPECT_TRUE(untouched(&create, &before));
	EXPECT_EQ(-EOVERFLOW, AS(BOB, ret = ioc_create(dirfd, &create)));
	EXPECT_EQ(-EOVERFLOW, ERR(openat(dirfd, "x", O_RDWR | O_CREAT, 0600)));
	EXPECT_EQ(-EOVERFLOW, ERR(mknodat(dirfd, "x", S_IFIFO | 0600, 0)));
	EXPECT_EQ(count + 1, channels());
	/* What is there opens by its mode. Alice is as good as root inside. */
	EXPECT_EQ(0, AS(BOB, fd = create_at(dirfd, "c", HCHAN_CREATE);
			ret = fd < 0 ? fd : 0));
	EXPECT_EQ(-EPERM, AS(BOB, ret = ERR(unlinkat(dirfd, "c", 0))));
	EXPECT_EQ(0, AS(ALICE, fd = create_at(dirfd, "x", HCHAN_CREATE);
			ret = fd < 0 ? fd : 0));
	EXPECT_EQ(0, AS(ALICE, ret = ERR(unlinkat(dirfd, "x", 0))));

	close(dirfd);
	close(go[1]);
	EXPECT_EQ(0, exit_status(pid));
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
	EXPECT_EQ(count, channels());
}

TEST_HARNESS_MAIN
