// SPDX-License-Identifier: GPL-2.0-only
/* What inotify tells of an hchanfs directory and of a channel in it. */
#include <sys/inotify.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fs_fixture.h"

/* Reads one event; "" is its name if it has none. 0 if there is none. */
static uint32_t next_event(int fd, char *name)
{
	static char buf[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	static size_t at, end;
	struct inotify_event *event;
	ssize_t n;

	name[0] = '\0';
	if (at == end) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return 0;
		at = 0;
		end = n;
	}
	event = (void *)(buf + at);
	at += sizeof(*event) + event->len;
	if (event->len)
		strcpy(name, event->name);
	return event->mask;
}

#define EXPECT_EVENT(expected, expected_name)				\
	do {								\
		EXPECT_EQ((expected), next_event(fd, name));		\
		EXPECT_STREQ((expected_name), name);			\
	} while (0)

TEST_F(names, directory)
{
	struct hchan_create *page;
	char name[NAME_MAX + 1];
	int fd, chan;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, inotify_add_watch(fd, self->dir, IN_CREATE | IN_DELETE |
				       IN_MOVE | IN_ATTRIB));

	ASSERT_EQ(0, create_at(self->fd, "a", HCHAN_CREATE | HCHAN_NO_OPEN));
	EXPECT_EVENT(IN_CREATE, "a");
	chan = create_at(self->fd, "b", HCHAN_CREATE | HCHAN_EXCL);
	ASSERT_LE(0, chan);
	EXPECT_EVENT(IN_CREATE, "b");
	close(chan);
	chan = openat(self->fd, "c", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, chan);
	EXPECT_EVENT(IN_CREATE, "c");
	close(chan);
	ASSERT_EQ(0, mknodat(self->fd, "d", S_IFIFO | 0600, 0));
	EXPECT_EVENT(IN_CREATE, "d");

	/* What creates nothing says nothing. */
	chan = create_at(self->fd, "a", HCHAN_CREATE);
	ASSERT_LE(0, chan);
	close(chan);
	EXPECT_EQ(-EEXIST, create_at(self->fd, "a", HCHAN_CREATE |
				     HCHAN_EXCL));
	EXPECT_EQ(-ENOENT, create_at(self->fd, "x", 0));
	EXPECT_EQ(-EPERM, ERR(mkdirat(self->fd, "x", 0777)));
	*page = request("x", HCHAN_CREATE);
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, ioc_create(self->fd, page));
	EXPECT_EVENT(0, "");

	ASSERT_EQ(0, fchmodat(self->fd, "a", 0600, 0));
	EXPECT_EVENT(IN_ATTRIB, "a");
	ASSERT_EQ(0, renameat(self->fd, "a", self->fd, "e"));
	EXPECT_EVENT(IN_MOVED_FROM, "a");
	EXPECT_EVENT(IN_MOVED_TO, "e");
	EXPECT_EQ(-EPERM, AS(ALICE, ret = ERR(unlinkat(self->fd, "e", 0))));
	EXPECT_EVENT(0, "");
	ASSERT_EQ(0, unlinkat(self->fd, "e", 0));
	EXPECT_EVENT(IN_DELETE, "e");
	EXPECT_EVENT(0, "");
	close(fd);
}

/* On the channel itself: it is opened, used, closed and gone. */
TEST_F(names, channel)
{
	char name[NAME_MAX + 1], path[64];
	uint64_t element = 0;
	uint32_t mask;
	int fd, chan;

	ASSERT_EQ(0, create_at(self->fd, "c", HCHAN_CREATE | HCHAN_NO_OPEN));
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "%s/c", self->dir);
	ASSERT_LE(0, inotify_add_watch(fd, path, IN_OPEN | IN_MODIFY |
				       IN_ACCESS | IN_CLOSE | IN_ATTRIB |
				       IN_DELETE_SELF));
	chan = openat(self->fd, "c", O_RDWR);
	ASSERT_LE(0, chan);
	EXPECT_EVENT(IN_OPEN, "");
	ASSERT_EQ(8, write(chan, &element, 8));
	EXPECT_EVENT(IN_MODIFY, "");
	ASSERT_EQ(8, read(chan, &element, 8));
	EXPECT_EVENT(IN_ACCESS, "");
	close(chan);
	EXPECT_EVENT(IN_CLOSE_WRITE, "");
	/* By ioctl. Linux before 6.5 tells of no open that is not open(2)'s. */
	chan = create_at(self->fd, "c", 0);
	ASSERT_LE(0, chan);
	mask = next_event(fd, name);
	EXPECT_TRUE(mask == IN_OPEN || !mask);
	close(chan);
	EXPECT_EVENT(IN_CLOSE_WRITE, "");
	ASSERT_EQ(0, unlinkat(self->fd, "c", 0));
	EXPECT_EVENT(IN_ATTRIB, "");
	EXPECT_EVENT(IN_DELETE_SELF, "");
	EXPECT_EVENT(IN_IGNORED, "");
	EXPECT_EVENT(0, "");
	close(fd);
}

/* Who waits for a name to come up is woken when it does, however it does. */
TEST_F(names, wakes_who_waits_for_a_name)
{
	struct pollfd poller = { .events = POLLIN };
	int pass, fd;
	pid_t pid;

	for (pass = 0; pass < 2; pass++) {
		fd = inotify_init1(IN_CLOEXEC);
		ASSERT_LE(0, fd);
		ASSERT_LE(0, inotify_add_watch(fd, self->dir, IN_CREATE));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			int made = pass ? create_at(self->fd, "n",
						    HCHAN_CREATE) :
				   openat(self->fd, "n", O_RDWR | O_CREAT,
					  0600);
			_exit(made < 0);
		}
		poller.fd = fd;
		EXPECT_EQ(1, poll(&poller, 1, -1));
		EXPECT_EQ(0, exit_status(pid));
		ASSERT_EQ(0, unlinkat(self->fd, "n", 0));
		close(fd);
	}
}

TEST_HARNESS_MAIN
