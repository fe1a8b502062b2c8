// SPDX-License-Identifier: GPL-2.0-only
/* libhchan and names: directories, paths, what is created and what is found. */
#include <grp.h>
#include <sys/mount.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define ALICE	1000

/* An hchanfs of the test's own, as HCHAN_DIR. */
FIXTURE(names) {
	char dir[32];
	char path[64];		/* dir/jobs */
	int next;		/* the descriptor that would come next */
};

static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

FIXTURE_SETUP(names)
{
	umask(0);
	strcpy(self->dir, "/tmp/lib_names-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, mount("none", self->dir, "hchanfs", 0, NULL));
	ASSERT_EQ(0, setenv("HCHAN_DIR", self->dir, 1));
	snprintf(self->path, sizeof(self->path), "%s/jobs", self->dir);
	self->next = next_descriptor();
}

FIXTURE_TEARDOWN(names)
{
	/* Nothing that failed has left a descriptor. */
	EXPECT_EQ(self->next, next_descriptor());
	umount(self->dir);
	rmdir(self->dir);
}

/* Open or create, then open: the same channel, by name and by path. */
TEST_F(names, create_and_open)
{
	int created = hchan_create("jobs", 8, 3);
	int opened = hchan_open("jobs", 0);
	int by_path = hchan_open(self->path, 0);
	struct hchan_stat a, b, c;
	struct stat inode;

	ASSERT_LE(0, created) TH_LOG("%s", hchan_errmsg());
	ASSERT_LE(0, opened) TH_LOG("%s", hchan_errmsg());
	ASSERT_LE(0, by_path) TH_LOG("%s", hchan_errmsg());
	ASSERT_EQ(0, hchan_stat(created, &a));
	ASSERT_EQ(0, hchan_stat(opened, &b));
	ASSERT_EQ(0, hchan_stat(by_path, &c));
	EXPECT_EQ(8, a.elem_size);
	EXPECT_EQ(3, a.capacity);
	EXPECT_EQ(a.id, b.id);
	EXPECT_EQ(a.id, c.id);
	EXPECT_EQ(FD_CLOEXEC, fcntl(opened, F_GETFD));
	ASSERT_EQ(0, stat(self->path, &inode));
	EXPECT_EQ(S_IFIFO | 0666, inode.st_mode);

	/* Again: what is there is opened and keeps its capacity. */
	close(by_path);
	by_path = hchan_create("jobs", 8, 9);
	ASSERT_LE(0, by_path);
	EXPECT_EQ(3, hchan_cap(by_path));
	close(created);
	close(opened);
	close(by_path);
}

/* C47: who states something else is told what is there. */
TEST_F(names, mismatch)
{
	struct hchan_opts opts = {
		.elem_size = 8,
		.capacity = 3,
		.tag = 0x1111,
		.flags = HCHAN_CREATE | HCHAN_EXCL,
		.mode = 0640,
	};
	struct hchan_found found;
	int ch = hchan_open_opts("jobs", &opts, &found);
	uint64_t id = found.id;
	struct stat inode;

	ASSERT_LE(0, ch) TH_LOG("%s", hchan_errmsg());
	ASSERT_EQ(0, stat(self->path, &inode));
	EXPECT_EQ(S_IFIFO | 0640, inode.st_mode);
	EXPECT_EQ(-EEXIST, hchan_open_opts("jobs", &opts, NULL));

	EXPECT_EQ(-EPROTOTYPE, hchan_create("jobs", 16, 3));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), self->path));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "of 16 bytes with no tag"));
	EXPECT_NE(NULL, strstr(hchan_errmsg(),
			       "of 8 bytes with tag 0x0000000000001111"));

	opts.flags = 0;
	opts.elem_size = 0;
	opts.capacity = 0;
	opts.mode = 0;
	opts.tag = 0x2222;
	memset(&found, 0xcc, sizeof(found));
	EXPECT_EQ(-EPROTOTYPE, hchan_open_opts("jobs", &opts, &found));
	EXPECT_EQ(id, found.id);
	EXPECT_EQ(8, found.elem_size);
	EXPECT_EQ(3, found.capacity);
	EXPECT_EQ(0x1111, found.tag);
	EXPECT_EQ(0, found.flags);

	/* Messages are not elements. */
	opts.flags = HCHAN_EXPECT | HCHAN_MSG;
	opts.elem_size = 8;
	opts.tag = 0;
	EXPECT_EQ(-EPROTOTYPE, hchan_open_opts("jobs", &opts, &found));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "messages of 8 bytes"));
	opts.flags = HCHAN_EXPECT;
	close(ch);
	ch = hchan_open_opts("jobs", &opts, &found);
	EXPECT_LE(0, ch);
	close(ch);
}

/* C49: created, looked at, and nobody counts. */
TEST_F(names, without_opening)
{
	struct hchan_opts opts = {
		.elem_size = 8,
		.flags = HCHAN_CREATE | HCHAN_NO_OPEN | HCHAN_DISCONNECT,
	};
	struct hchan_found found;
	struct hchan_stat st;

	ASSERT_EQ(0, hchan_open_opts("jobs", &opts, &found));
	ASSERT_EQ(0, hchan_stat_name("jobs", &st));
	EXPECT_EQ(found.id, st.id);
	EXPECT_EQ(0, st.senders);
	EXPECT_EQ(0, st.receivers);
	EXPECT_EQ(HCHAN_DISCONNECT, st.flags);
	opts.how = HCHAN_O_RECV;
	EXPECT_EQ(-EINVAL, hchan_open_opts("jobs", &opts, &found));
}

TEST_F(names, refused)
{
	struct hchan_opts opts = { .flags = HCHAN_CREATE | HCHAN_EXPECT };
	struct hchan_stat st;

	EXPECT_EQ(-ENOENT, hchan_open("none", 0));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "none: No such channel"));
	EXPECT_EQ(-ENOENT, hchan_stat_name("none", &st));
	EXPECT_EQ(-ENOENT, hchan_remove("none"));
	EXPECT_EQ(-EINVAL, hchan_open("none", 1U << 9));
	EXPECT_EQ(-EINVAL, hchan_open("", 0));
	EXPECT_EQ(-EINVAL, hchan_create(".", 1, 1));
	EXPECT_EQ(-EMSGSIZE, hchan_create("none", HCHAN_ELEM_MAX + 1, 1));
	EXPECT_EQ(-EINVAL, hchan_open_opts("none", &opts, NULL));
	opts.flags = HCHAN_EXCL;
	EXPECT_EQ(-EINVAL, hchan_open_opts("none", &opts, NULL));
	opts.flags = HCHAN_CREATE;
	opts.mode = 01777;
	EXPECT_EQ(-EINVAL, hchan_open_opts("none", &opts, NULL));
	EXPECT_EQ(-ENOENT, hchan_open("none", 0));
}

TEST_F(names, remove)
{
	int ch = hchan_create("jobs", 1, 1);

	ASSERT_LE(0, ch);
	ASSERT_EQ(0, hchan_remove("jobs"));
	EXPECT_EQ(-ENOENT, hchan_open("jobs", 0));
	/* It lives on, and is open. */
	EXPECT_EQ(0, hchan_send(ch, "x", 1));
	close(ch);
}

/* A channel on its own, in a directory of another kind. */
TEST_F(names, bound_alone)
{
	char alone[] = "/tmp/lib_names-alone-XXXXXX";
	char link[] = "/tmp/lib_names-link-XXXXXX";
	struct hchan_opts opts = { .elem_size = 8, .flags = HCHAN_EXPECT };
	int ch = hchan_create("jobs", 8, 1);
	struct hchan_stat st, st_name;
	struct hchan_found found;
	int fd = mkstemp(alone);

	ASSERT_LE(0, ch);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, hchan_stat(ch, &st));
	/* Before the mount it is a file like others. */
	EXPECT_EQ(-ENOTTY, hchan_open(alone, 0));
	ASSERT_EQ(0, mount(self->path, alone, NULL, MS_BIND, NULL));
	fd = mkstemp(link);
	ASSERT_LE(0, fd);
	close(fd);
	unlink(link);
	ASSERT_EQ(0, symlink(alone, link));

	fd = hchan_open(alone, HCHAN_O_SEND);
	ASSERT_LE(0, fd) TH_LOG("%s", hchan_errmsg());
	EXPECT_EQ(O_WRONLY, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, hchan_send(fd, "12345678", 8));
	close(fd);
	fd = hchan_open(link, HCHAN_O_INHERIT | HCHAN_O_NONBLOCK);
	ASSERT_LE(0, fd) TH_LOG("%s", hchan_errmsg());
	EXPECT_EQ(O_RDWR | O_NONBLOCK,
		  fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
	close(fd);
	fd = hchan_open_opts(alone, &opts, &found);
	ASSERT_LE(0, fd);
	EXPECT_EQ(st.id, found.id);
	close(fd);
	fd = hchan_create(alone, 8, 5);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-EPROTOTYPE, hchan_create(alone, 9, 5));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), alone));
	opts.flags = HCHAN_CREATE | HCHAN_EXCL;
	EXPECT_EQ(-EEXIST, hchan_open_opts(alone, &opts, &found));
	opts.flags = 0;
	EXPECT_EQ(-EINVAL, hchan_open_opts(alone, &opts, &found));
	EXPECT_EQ(0, hchan_stat_name(alone, &st_name));
	EXPECT_EQ(st.id, st_name.id);
	EXPECT_EQ(-EBUSY, hchan_remove(alone));

	unlink(link);
	umount(alone);
	unlink(alone);
	close(ch);
}

/* What is opened is a channel or is not opened: pipes would block. */
TEST_F(names, pipes)
{
	char pipe[] = "/tmp/lib_names-pipe-XXXXXX";
	struct hchan_stat st;

	ASSERT_NE(NULL, mkdtemp(pipe));
	rmdir(pipe);
	ASSERT_EQ(0, mkfifo(pipe, 0666));
	EXPECT_EQ(-ENOTTY, hchan_open(pipe, HCHAN_O_RECV));
	EXPECT_EQ(-ENOTTY, hchan_open(pipe, HCHAN_O_SEND));
	EXPECT_EQ(-ENOTTY, hchan_open(pipe, 0));
	EXPECT_EQ(-ENOTTY, hchan_stat_name(pipe, &st));
	EXPECT_EQ(-ENOTTY, hchan_open("/dev/null", 0));
	EXPECT_EQ(-ENOTTY, hchan_open("/tmp", 0));
	EXPECT_EQ(-ENOTTY, hchan_remove(pipe));
	unlink(pipe);
}

/* Another user: a mode is a mode, and a directory need not be readable. */
TEST_F(names, users)
{
	struct hchan_opts opts = {
		.elem_size = 1,
		.capacity = 1,
		.flags = HCHAN_CREATE | HCHAN_NO_OPEN,
		.mode = 0604,
	};
	struct hchan_stat st;
	int status = 0;
	pid_t pid;
	int ch;

	ASSERT_EQ(0, hchan_open_opts("jobs", &opts, NULL));
	ch = hchan_create("open", 1, 1);
	ASSERT_LE(0, ch);
	close(ch);
	ASSERT_EQ(0, chmod(self->dir, 0711));
	pid = fork();
	if (!pid) {
		if (setgroups(0, NULL) || setresgid(ALICE, ALICE, ALICE) ||
		    setresuid(ALICE, ALICE, ALICE))
			_exit(1);
		ch = hchan_open("jobs", HCHAN_O_RECV);
		status |= (ch < 0) << 1;
		status |= (hchan_open("jobs", HCHAN_O_SEND) != -EACCES) << 2;
		status |= (hchan_open("jobs", 0) != -EACCES) << 3;
		status |= (hchan_open("open", 0) < 0) << 4;
		status |= !!hchan_stat_name("jobs", &st) << 5;
		_exit(status);
	}
	EXPECT_EQ(0, exit_of(pid));
}

TEST_HARNESS_MAIN
