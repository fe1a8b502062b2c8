// SPDX-License-Identifier: GPL-2.0-only
/*
 * C50: what a user's channels may cost, their maxima, who is exempt, and whom a
 * channel counts for in user namespaces. A refusal allocates nothing (C1).
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "fs_userns.h"

FIXTURE(quota) {
	char dir[32];
	int fd;
	long long channels, max_channels, max_bytes;
};

FIXTURE_SETUP(quota)
{
	self->channels = channels();
	self->max_channels = number_in(SYSCTL "max_channels_per_user");
	self->max_bytes = number_in(SYSCTL "max_bytes_per_user");
	ASSERT_LT(0, self->max_channels);
	ASSERT_LT(0, self->max_bytes);
	ASSERT_EQ(0, mount_at(self->dir, NULL));
	self->fd = open_dir(self->dir);
	ASSERT_LE(0, self->fd);
	umask(0);
}

FIXTURE_TEARDOWN(quota)
{
	EXPECT_EQ(0, set_sysctl("max_channels_per_user", self->max_channels));
	EXPECT_EQ(0, set_sysctl("max_bytes_per_user", self->max_bytes));
	close(self->fd);
	EXPECT_EQ(0, unmount_at(self->dir));
	EXPECT_EQ(self->channels, channels());
}

/* An anonymous channel; a descriptor or a negative errno. */
static int anon(uint64_t capacity, uint32_t elem_size)
{
	struct hchan_create create = {
		.size = sizeof(create),
		.open_flags = O_RDWR | O_CLOEXEC,
		.elem_size = elem_size,
		.capacity = capacity,
	};
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC), fd;

	if (dev < 0)
		return -errno;
	fd = ERR(ioctl(dev, HCHAN_IOC_CREATE, &create));
	close(dev);
	return fd;
}

/*
 * How many channels of one size can be made until something refuses, which is
 * expected to be EDQUOT; they are closed again. A negative errno if not.
 */
static int how_many(uint64_t capacity, uint32_t elem_size, int most)
{
	int fds[256], n = 0, err = 0, i;

	while (n < most && n < 256) {
		fds[n] = anon(capacity, elem_size);
		if (fds[n] < 0) {
			err = fds[n];
			break;
		}
		n++;
	}
	for (i = 0; i < n; i++)
		close(fds[i]);
	return err && err != -EDQUOT ? err : n;
}

/* Expects to have a limit of three; what it finds wrong, or 0. */
static int every_kind(const char *dir, int dirfd, long long before)
{
	int fds[3], fd;

	fds[0] = anon(4, 8);
	fds[1] = create_at(dirfd, "a", HCHAN_CREATE);
	fds[2] = openat(dirfd, "b", O_RDWR | O_CREAT, 0666);
	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0)
		return 1;

	/* Not one more, in any way. */
	if (anon(0, 0) != -EDQUOT)
		return 2;
	if (create_at(dirfd, "c", HCHAN_CREATE) != -EDQUOT)
		return 3;
	if (ERR(openat(dirfd, "c", O_RDWR | O_CREAT, 0666)) != -EDQUOT)
		return 4;
	if (ERR(mknodat(dirfd, "c", S_IFIFO | 0666, 0)) != -EDQUOT)
		return 5;
	if (count_names(dir) != 2 || channels() != before + 3)
		return 6;

	/* What is there can be opened. */
	fd = create_at(dirfd, "a", HCHAN_CREATE);
	if (fd < 0)
		return 7;
	close(fd);

	/* An unlinked one counts until nobody has it. */
	if (unlinkat(dirfd, "a", 0) || anon(0, 0) != -EDQUOT)
		return 8;
	close(fds[1]);
	fds[1] = anon(0, 0);
	if (fds[1] < 0)
		return 9;

	/* One that nobody has counts as long as it has a name. */
	close(fds[2]);
	if (anon(0, 0) != -EDQUOT)
		return 10;
	if (unlinkat(dirfd, "b", 0) || anon(0, 0) < 0)
		return 11;
	return 0;
}

TEST_F(quota, channels_of_every_kind)
{
	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 3));
	EXPECT_EQ(0, AS(ALICE, ret = every_kind(self->dir, self->fd,
						self->channels)));
	EXPECT_EQ(self->channels, channels());
	EXPECT_EQ(0, count_names(self->dir));
}

/* Users do not count for each other, and a chown changes nobody's count. */
TEST_F(quota, per_user)
{
	struct hchan_create create;

	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 2));
	create = request("a", HCHAN_CREATE | HCHAN_NO_OPEN);
	ASSERT_EQ(0, AS(ALICE, ret = ioc_create(self->fd, &create)));
	create = request("b", HCHAN_CREATE | HCHAN_NO_OPEN);
	ASSERT_EQ(0, AS(ALICE, ret = ioc_create(self->fd, &create)));
	EXPECT_EQ(0, AS(ALICE, ret = how_many(0, 0, 10)));
	EXPECT_EQ(2, AS(BOB, ret = how_many(0, 0, 10)));

	ASSERT_EQ(0, fchownat(self->fd, "a", BOB, BOB, 0));
	EXPECT_EQ(0, AS(ALICE, ret = how_many(0, 0, 10)));
	EXPECT_EQ(2, AS(BOB, ret = how_many(0, 0, 10)));
	ASSERT_EQ(0, AS(BOB, ret = ERR(unlinkat(self->fd, "a", 0))));
	EXPECT_EQ(1, AS(ALICE, ret = how_many(0, 0, 10)));
	EXPECT_EQ(2, AS(BOB, ret = how_many(0, 0, 10)));
}

/*
 * The same after many rounds of it. One channel is there all the time, as the
 * count of a user who has none begins anew.
 */
static int how_many_after(int rounds, uint64_t capacity, uint32_t elem_size)
{
	int anchor = anon(0, 0);

	if (anchor < 0)
		return anchor;
	while (rounds--)
		how_many(capacity, elem_size, 200);
	return how_many(capacity, elem_size, 200);
}

TEST_F(quota, bytes)
{
	int small, large, again;

	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 100000));
	/* A ring of more than that, in small elements and in large ones. */
	EXPECT_EQ(-EDQUOT, AS(ALICE, ret = anon(12501, 8)));
	EXPECT_EQ(-EDQUOT, AS(ALICE, ret = anon(2, 65535)));
	EXPECT_EQ(self->channels, channels());

	small = AS(ALICE, ret = how_many_after(0, 100, 8));
	EXPECT_LT(100000 / 2 / (100 * 8) / 2, small);
	EXPECT_GE(100000 / (100 * 8), small);
	large = AS(ALICE, ret = how_many(1, 16384, 200));
	EXPECT_LE(1, large);
	EXPECT_GE(100000 / 16384, large);
	/* Refusals have booked nothing, and closing gave everything back. */
	again = AS(ALICE, ret = how_many_after(50, 100, 8));
	EXPECT_EQ(small, again);

	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 0));
	EXPECT_EQ(-EDQUOT, AS(ALICE, ret = anon(0, 0)));
}

/* Lowering a limit below the use takes nothing away and refuses what is new. */
TEST_F(quota, lowered)
{
	int to[2], from[2], status;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		uint64_t element = 3;
		int fds[4], i;

		if (become(ALICE))
			_exit(1);
		for (i = 0; i < 4; i++)
			fds[i] = anon(4, 8);
		if (write(from[1], "", 1) != 1 || read(to[0], &c, 1) != 1)
			_exit(2);
		if (fds[3] < 0 || anon(4, 8) != -EDQUOT)
			_exit(3);
		if (write(fds[3], &element, 8) != 8)
			_exit(4);
		close(fds[0]);
		close(fds[1]);
		if (anon(4, 8) != -EDQUOT)
			_exit(5);
		close(fds[2]);
		_exit(anon(4, 8) < 0 ? 6 : 0);
	}
	ASSERT_EQ(1, read(from[0], &c, 1));
	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 2));
	ASSERT_EQ(1, write(to[1], "", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
}

/* Becomes @uid with one capability and no other. */
static int become_with(uid_t uid, int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};
	int ret;

	prctl(PR_SET_KEEPCAPS, 1);
	ret = become(uid);
	if (ret)
		return ret;
	data[CAP_TO_INDEX(cap)].effective = CAP_TO_MASK(cap);
	data[CAP_TO_INDEX(cap)].permitted = CAP_TO_MASK(cap);
	return ERR(syscall(SYS_capset, &header, data));
}

static int make_two(int dirfd)
{
	int ret;

	ret = create_at(dirfd, "a", HCHAN_CREATE | HCHAN_NO_OPEN);
	if (!ret)
		ret = create_at(dirfd, "b", HCHAN_CREATE | HCHAN_NO_OPEN);
	return ret;
}

TEST_F(quota, exempt)
{
	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 1));
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 1));
	/* Root without CAP_SYS_RESOURCE is a user like others. */
	EXPECT_EQ(5, AS(0, ret = how_many(100, 8, 5)));
	EXPECT_EQ(0, AS(0, ret = become_with(0, CAP_SYS_ADMIN) ?:
				 how_many(100, 8, 5)));
	EXPECT_EQ(0, AS(ALICE, ret = how_many(100, 8, 5)));
	EXPECT_EQ(5, AS(0, ret = become_with(ALICE, CAP_SYS_RESOURCE) ?:
				 how_many(100, 8, 5)));

	/* What is made by one who is exempt counts all the same. */
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", self->max_bytes));
	EXPECT_EQ(0, AS(0, ret = become_with(ALICE, CAP_SYS_RESOURCE) ?:
				 make_two(self->fd)));
	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 3));
	EXPECT_EQ(1, AS(ALICE, ret = how_many(0, 0, 10)));
}

/* Alice's namespace, with two users of hers in it. */
static const uid_t hers[] = { ALICE, 5000, 5001 };

/* Enters it as one of these, and perhaps another one in there. */
static int enter(uid_t uid, bool another)
{
	int ret = new_namespace(hers, ARRAY_SIZE(hers));

	if (!ret && uid)
		ret = ERR(setresuid(uid, uid, uid));
	if (!ret && another)
		ret = ERR(unshare(CLONE_NEWUSER));
	return ret;
}

/* Expects to have a limit of three; what it finds wrong, or 0. */
static int all_of_hers(void)
{
	int fds[3];

	if (new_namespace(hers, ARRAY_SIZE(hers)) || setresuid(1, 0, 0))
		return 1;
	fds[0] = anon(0, 0);
	fds[1] = anon(0, 0);
	if (setresuid(2, 0, 0))
		return 2;
	fds[2] = anon(0, 0);
	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0)
		return 3;
	/* 5001 has one, 5000 two, and Alice, the namespace's owner, three. */
	if (anon(0, 0) != -EDQUOT)
		return 4;
	if (setresuid(0, 0, 0) || anon(0, 0) != -EDQUOT)
		return 5;
	close(fds[0]);
	close(fds[2]);
	if (anon(0, 0) < 0 || anon(0, 0) < 0 || anon(0, 0) != -EDQUOT)
		return 6;
	return 0;
}

/* All users of one's own namespaces together have what one has oneself. */
TEST_F(quota, namespaces)
{
	ASSERT_EQ(0, set_sysctl("max_channels_per_user", 3));
	/* Once, as user and owner; and its capabilities exempt from nothing. */
	EXPECT_EQ(3, AS(0, ret = enter(0, false) ?: how_many(0, 0, 10)));
	EXPECT_EQ(3, AS(0, ret = enter(0, true) ?: how_many(0, 0, 10)));
	EXPECT_EQ(3, AS(0, ret = enter(1, false) ?: how_many(0, 0, 10)));
	EXPECT_EQ(3, AS(0, ret = enter(1, true) ?: how_many(0, 0, 10)));
	EXPECT_EQ(0, AS(0, ret = all_of_hers()));
	EXPECT_EQ(self->channels, channels());

	/* What she has is not there for them, whom nobody else keeps off. */
	ASSERT_EQ(0, AS(ALICE, ret = make_two(self->fd)));
	EXPECT_EQ(1, AS(0, ret = enter(0, false) ?: how_many(0, 0, 10)));
	EXPECT_EQ(1, AS(0, ret = enter(1, false) ?: how_many(0, 0, 10)));
	EXPECT_EQ(1, AS(0, ret = enter(1, true) ?: how_many(0, 0, 10)));
	EXPECT_EQ(3, AS(5000, ret = how_many(0, 0, 10)));
}

/* As deep as the kernel lets namespaces nest. */
static int deepest(void)
{
	int depth = 1, fd;

	if (new_namespace(hers, 1))
		return 1;
	while (!unshare(CLONE_NEWUSER)) {
		/* Its new rights have made its files in /proc root's. */
		prctl(PR_SET_DUMPABLE, 1);
		if (write_to("/proc/self/setgroups", "deny") ||
		    write_to("/proc/self/uid_map", "0 0 1") ||
		    write_to("/proc/self/gid_map", "0 0 1"))
			return 2;
		depth++;
	}
	if (errno != ENOSPC || depth < 30)
		return 3;
	fd = anon(4, 8);
	return fd < 0 ? fd : 0;
}

TEST_F(quota, deepest)
{
	EXPECT_EQ(0, AS(0, ret = deepest()));
	EXPECT_EQ(self->channels, channels());
}

/* Many at once: the limit is reached and never passed. */
TEST_F(quota, never_passed)
{
	enum { PROCESSES = 8, EACH = 8, LIMIT = 19 };
	int start[2], result[2], total = 0, i, n;
	pid_t pids[PROCESSES];
	char c;

	ASSERT_EQ(0, set_sysctl("max_channels_per_user", LIMIT));
	ASSERT_EQ(0, pipe(start));
	ASSERT_EQ(0, pipe(result));
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i]) {
			close(start[1]);
			n = 0;
			if (become(ALICE) || read(start[0], &c, 1))
				_exit(1);
			while (n < EACH && anon(4, 8) >= 0)
				n++;
			c = n;
			if (write(result[1], &c, 1) != 1)
				_exit(2);
			/* Keep them until all have had their turn. */
			pause();
		}
	}
	close(start[0]);
	close(start[1]);
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(1, read(result[0], &c, 1));
		total += c;
	}
	EXPECT_EQ(LIMIT, total);
	EXPECT_EQ(self->channels + LIMIT, channels());
	for (i = 0; i < PROCESSES; i++) {
		kill(pids[i], SIGKILL);
		ASSERT_EQ(pids[i], waitpid(pids[i], NULL, 0));
	}
	EXPECT_EQ(self->channels, channels());
	close(result[0]);
	close(result[1]);
}

/*
 * A process in a memory cgroup of 8 MiB: what it may not have there it does not
 * get from a channel. What it finds wrong, or 0.
 */
#define CGROUP "/sys/fs/cgroup/hchan-quota"
#define MIB (1024 * 1024)

static int in_cgroup(int dirfd)
{
	long long before, with;
	char name[32];
	int fd, i;

	if (write_to(CGROUP "/cgroup.procs", "0"))
		return 1;
	before = number_in(CGROUP "/memory.current");
	fd = anon(4 * MIB / 8, 8);
	with = number_in(CGROUP "/memory.current");
	/* The kernel accounts for some pages in advance. */
	if (fd < 0 || before < 0 || with < before + 3 * MIB)
		return 2;
	/* No more than is left, and nobody killed for it. */
	if (anon(5 * MIB / 8, 8) != -ENOMEM)
		return 3;
	if (with + MIB < number_in(CGROUP "/memory.current"))
		return 4;
	close(fd);
	fd = anon(5 * MIB / 8, 8);
	if (fd < 0)
		return 5;
	close(fd);

	/* Names cost too: what stat(2) needs, and the name. */
	before = number_in(CGROUP "/memory.current");
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "channel-%d", i);
		if (create_at(dirfd, name, HCHAN_CREATE | HCHAN_NO_OPEN))
			return 6;
	}
	with = number_in(CGROUP "/memory.current");
	return with < before + 1000 * 700 ? 7 : 0;
}

TEST_F(quota, memory_cgroup)
{
	if (access("/sys/fs/cgroup/cgroup.controllers", F_OK))
		SKIP(return, "no cgroup2 at /sys/fs/cgroup");
	ASSERT_EQ(0, write_to("/sys/fs/cgroup/cgroup.subtree_control",
			      "+memory"));
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	EXPECT_EQ(0, write_to(CGROUP "/memory.max", "8M"));
	EXPECT_EQ(0, AS(0, ret = in_cgroup(self->fd)));
	EXPECT_EQ(0, rmdir(CGROUP));
}

TEST_F(quota, sysctls)
{
	static const char * const bad[] = { "x", "-1", "99999999999999999999999" };
	struct stat st;
	size_t i;

	ASSERT_EQ(0, stat(SYSCTL "max_channels_per_user", &st));
	EXPECT_EQ(S_IFREG | 0644, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	ASSERT_EQ(0, stat(SYSCTL "max_bytes_per_user", &st));
	EXPECT_EQ(S_IFREG | 0644, st.st_mode);
	ASSERT_EQ(0, stat(SYSCTL "channels", &st));
	EXPECT_EQ(S_IFREG | 0444, st.st_mode);
	EXPECT_EQ(-EACCES, AS(ALICE, ret = set_sysctl("max_channels_per_user",
						      5)));
	EXPECT_EQ(-EACCES, AS(ALICE, ret = set_sysctl("channels", 5)));
	EXPECT_NE(0, set_sysctl("channels", 5));

	/* Nonsense changes nothing. */
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		write_to(SYSCTL "max_channels_per_user", bad[i]);
		EXPECT_EQ(self->max_channels,
			  number_in(SYSCTL "max_channels_per_user")) {
			TH_LOG("after \"%s\"", bad[i]);
		}
	}
}

TEST_HARNESS_MAIN
