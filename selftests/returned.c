// SPDX-License-Identifier: GPL-2.0-only
/*
 * Elements that were matched and could not be copied out (C38), and those whose
 * receiver was killed at that very point (C41).
 *
 * A receiver's page is taken from under it while it is parked, with its
 * contents: the copy out then either fails, or stalls in userfaultfd until the
 * test says how it goes on. So nothing is left to luck.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

#define PAGE 4096

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

#define VICTIMS 3

/*
 * A receiver in a thread of its own, whose buffer ends a page, so that with
 * @count elements of a batch some lie in the page before.
 */
struct victim {
	int fd;
	uint32_t elem;
	enum hc_way way;
	uint32_t count;		/* 0: HCHAN_IOC_RECV */
	uint32_t room;		/* messages: less room than @elem */
	uint8_t *pages;
	uint8_t *buf;
	int uffd;
	int ret;
	struct hchan_xfer xfer;
	struct hchan_batch batch;
	pthread_t thread;
};

static void *receive(void *data)
{
	struct victim *v = data;

	/* The raw calls: a guard around the buffer would not be there. */
	if (v->count) {
		v->batch = (struct hchan_batch) {
			.buf = (uintptr_t)v->buf,
			.stride = v->elem,
			.count = v->count,
			.done = HC_POISON32,
		};
		v->ret = ioctl(v->fd, HCHAN_IOC_RECVN, &v->batch);
	} else if (v->way == HC_RW) {
		v->ret = read(v->fd, v->buf, v->room);
	} else {
		v->xfer = (struct hchan_xfer) {
			.buf = (uintptr_t)v->buf,
			.len = v->room,
			.actual = HC_POISON32,
			.status = HC_POISON32,
		};
		v->ret = ioctl(v->fd, HCHAN_IOC_RECV, &v->xfer);
	}
	if (v->ret < 0)
		v->ret = -errno;
	return NULL;
}

/* With two pages that are there; its buffer lies at the end of the second. */
static void prepare(struct victim *v, int fd, uint32_t elem, enum hc_way way)
{
	*v = (struct victim) {
		.fd = fd,
		.elem = elem,
		.room = elem,
		.way = way,
		.uffd = -1,
	};
	v->pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hc_must(v->pages != MAP_FAILED);
	memset(v->pages, HC_POISON, 2 * PAGE);
	v->buf = v->pages + 2 * PAGE - elem;
}

/* Waits until it is parked, as number @parked. */
static void start(struct victim *v, int parked)
{
	hc_must(!pthread_create(&v->thread, NULL, receive, v));
	hc_must(!hc_wait_receivers(v->fd, parked));
}

static int join(struct victim *v)
{
	hc_must(!pthread_join(v->thread, NULL));
	return v->ret;
}

/* The page behind is gone: the copy will fail. */
static void break_page(struct victim *v)
{
	hc_must(!munmap(v->pages + PAGE, PAGE));
}

/* The page is to be filled by us: the copy will stall. To be done when parked. */
static void arm(struct victim *v)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)v->pages + PAGE, .len = PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	v->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	hc_must(v->uffd >= 0);
	hc_must(!ioctl(v->uffd, UFFDIO_API, &api));
	hc_must(!ioctl(v->uffd, UFFDIO_REGISTER, &reg));
	hc_must(!madvise(v->pages + PAGE, PAGE, MADV_DONTNEED));
}

/* Waits until the copy stalls. */
static void stalled(struct victim *v)
{
	struct uffd_msg msg;

	hc_must(read(v->uffd, &msg, sizeof(msg)) == sizeof(msg));
	hc_must(msg.event == UFFD_EVENT_PAGEFAULT);
}

/* Lets it go on, with a page or with none. */
static void let_succeed(struct victim *v)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)v->pages + PAGE, .len = PAGE },
	};

	hc_must(!ioctl(v->uffd, UFFDIO_ZEROPAGE, &zero));
}

static void let_fail(struct victim *v)
{
	struct uffdio_range range = {
		.start = (uintptr_t)v->pages + PAGE,
		.len = PAGE,
	};

	break_page(v);
	hc_must(!ioctl(v->uffd, UFFDIO_WAKE, &range));
}

/* Element i has come to victim i, who cannot go on yet. */
static void stall_all(struct victim *v, int fd)
{
	int i;

	for (i = 0; i < VICTIMS; i++) {
		start(&v[i], i + 1);
		arm(&v[i]);
	}
	for (i = 0; i < VICTIMS; i++) {
		hc_must(!hc_put_seed(v[i].way, fd, v[i].elem, i, true));
		stalled(&v[i]);
	}
}

FIXTURE(returned)
{
	int fd;
	struct victim victim[VICTIMS];
};

FIXTURE_VARIANT(returned)
{
	uint32_t elem;
	uint64_t cap;
	enum hc_way way;
};

FIXTURE_VARIANT_ADD(returned, elem8_cap0_ioctl) { 8, 0, HC_IOCTL };
FIXTURE_VARIANT_ADD(returned, elem8_cap4_rw) { 8, 4, HC_RW };
FIXTURE_VARIANT_ADD(returned, elem128_cap1_ioctl) { 128, 1, HC_IOCTL };
FIXTURE_VARIANT_ADD(returned, elem129_cap0_rw) { 129, 0, HC_RW };
FIXTURE_VARIANT_ADD(returned, elem4096_cap1_ioctl) { 4096, 1, HC_IOCTL };
FIXTURE_VARIANT_ADD(returned, elem2000_cap4_ioctl) { 2000, 4, HC_IOCTL };

FIXTURE_SETUP(returned)
{
	int i;

	self->fd = hc_make(variant->elem, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < 3; i++)
		prepare(&self->victim[i], self->fd, variant->elem, variant->way);
}

FIXTURE_TEARDOWN(returned)
{
	close(self->fd);
}

#define PUT(seed) hc_put_seed(variant->way, self->fd, variant->elem, seed, true)
#define GET(seed) hc_get_seed(variant->way, self->fd, variant->elem, seed, true)

static bool untouched(const struct victim *v)
{
	return v->count || v->way == HC_RW ||
	       (v->xfer.actual == HC_POISON32 && v->xfer.status == HC_POISON32);
}

/* Returned: the send stays successful, and the next receive gets it. */
TEST_F(returned, C38_element_is_returned)
{
	struct victim *v = &self->victim[0];
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	int i;

	for (i = 0; i < 3; i++) {
		prepare(v, self->fd, variant->elem, variant->way);
		start(v, 1);
		break_page(v);
		ASSERT_EQ(0, PUT(i));
		EXPECT_EQ(-EFAULT, join(v));
		EXPECT_TRUE(untouched(v));
		/* It counts, also above the capacity (C3), and is to be seen. */
		EXPECT_EQ(1, hc_len(self->fd));
		EXPECT_EQ(1, poll(&p, 1, 0));
		EXPECT_EQ(0, hc_wait(self->fd, HCHAN_W_LENGTH, 1));
		ASSERT_EQ(1, GET(i));
		EXPECT_EQ(0, hc_len(self->fd));
		EXPECT_EQ(-EAGAIN, GET(i));
	}
}

/* The same with memory that may not be written any more. */
TEST_F(returned, C38_read_only_by_then)
{
	struct victim *v = &self->victim[0];

	start(v, 1);
	ASSERT_EQ(0, mprotect(v->pages, 2 * PAGE, PROT_READ));
	ASSERT_EQ(0, PUT(5));
	EXPECT_EQ(-EFAULT, join(v));
	EXPECT_TRUE(hc_all(v->buf, HC_POISON, variant->elem));
	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, GET(5));
}

/* Before everything that was buffered or parked meanwhile. */
TEST_F(returned, C38_returned_comes_first)
{
	struct victim *v = &self->victim[0];
	uint64_t i;

	start(v, 1);
	arm(v);
	ASSERT_EQ(0, PUT(0));
	stalled(v);
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(1 + i));
	EXPECT_EQ(-EAGAIN, PUT(99));
	let_fail(v);
	EXPECT_EQ(-EFAULT, join(v));
	EXPECT_EQ(variant->cap + 1, hc_len(self->fd));
	/* It takes no place of the buffer's, and gives none. */
	EXPECT_EQ(-EAGAIN, PUT(99));
	for (i = 0; i < variant->cap + 1; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/* A copy that stalls keeps nobody waiting but its own receiver. */
TEST_F(returned, C38_stalled_copy_stalls_nobody)
{
	struct victim *v = &self->victim[0];
	uint64_t i, round;

	start(v, 1);
	arm(v);
	ASSERT_EQ(0, PUT(0));
	stalled(v);
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < variant->cap; i++)
			ASSERT_EQ(0, PUT(i));
		for (i = 0; i < variant->cap; i++)
			ASSERT_EQ(1, GET(i));
	}
	/* It was only slow. */
	let_succeed(v);
	EXPECT_EQ(variant->way == HC_RW ? variant->elem : 1, join(v));
	EXPECT_TRUE(hc_is(v->buf, variant->elem, 0));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Several: in the order of their sends, whichever failed first. */
TEST_F(returned, C38_returned_in_send_order)
{
	int order[] = { 2, 0, 1 };
	int i;

	stall_all(self->victim, self->fd);
	for (i = 0; i < 3; i++) {
		let_fail(&self->victim[order[i]]);
		EXPECT_EQ(-EFAULT, join(&self->victim[order[i]]));
		EXPECT_EQ(i + 1, hc_len(self->fd));
	}
	if (variant->cap)
		ASSERT_EQ(0, PUT(3));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, GET(i));
	if (variant->cap)
		ASSERT_EQ(1, GET(3));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/* Closed meanwhile, and even seen as drained: it still comes (C12). */
TEST_F(returned, C38_returned_after_close)
{
	struct victim *v = &self->victim[0];
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct pollfd p = { .events = POLLIN };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, ep);
	p.fd = hc_narrow(self->fd, O_RDONLY);
	ASSERT_LE(0, p.fd);
	start(v, 1);
	arm(v);
	ASSERT_EQ(0, PUT(0));
	stalled(v);
	if (variant->cap)
		ASSERT_EQ(0, PUT(1));
	ASSERT_EQ(0, hc_close(self->fd));
	if (variant->cap)
		ASSERT_EQ(1, GET(1));
	ASSERT_EQ(0, GET(0));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, p.fd, &event));
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
	let_fail(v);
	EXPECT_EQ(-EFAULT, join(v));
	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN, p.revents);
	/* Both are transitions, and an event each (C45). */
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
	EXPECT_EQ(EPOLLIN, event.events);
	EXPECT_EQ(1, GET(0));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN | POLLHUP, p.revents);
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
	EXPECT_EQ(EPOLLIN | EPOLLHUP, event.events);
	EXPECT_EQ(0, GET(0));
	EXPECT_EQ(-EPIPE, PUT(0));
}

/* Who is parked by then is the one it goes to. */
TEST_F(returned, C38_returned_to_a_parked_receiver)
{
	struct victim *v = &self->victim[0], *next = &self->victim[1];

	start(v, 1);
	arm(v);
	ASSERT_EQ(0, PUT(0));
	stalled(v);
	start(next, 1);
	let_fail(v);
	EXPECT_EQ(-EFAULT, join(v));
	EXPECT_EQ(variant->way == HC_RW ? variant->elem : 1, join(next));
	EXPECT_TRUE(hc_is(next->buf, variant->elem, 0));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* It can fail again, and is still not lost. */
TEST_F(returned, C38_returned_again_and_again)
{
	int i;

	for (i = 0; i < 3; i++) {
		start(&self->victim[i], i + 1);
		break_page(&self->victim[i]);
	}
	/* The first fails and gives it to the second, that to the third. */
	ASSERT_EQ(0, PUT(7));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EFAULT, join(&self->victim[i]));
	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, GET(7));
	EXPECT_EQ(-EAGAIN, GET(7));
}

/* Returned and never fetched: it goes with the channel. */
TEST_F(returned, C38_returned_and_left)
{
	int i;

	stall_all(self->victim, self->fd);
	for (i = 0; i < 3; i++) {
		let_fail(&self->victim[i]);
		EXPECT_EQ(-EFAULT, join(&self->victim[i]));
	}
	EXPECT_EQ(3, hc_len(self->fd));
}

/* A batch that can copy out only some: those it has, the others are returned. */
TEST_F(returned, C38_C39_batch_returns_the_rest)
{
	struct victim *v = &self->victim[0];
	uint32_t elem = variant->elem, fit = 2, i;
	/* As many as are parked at the same time, or some. */
	uint32_t n = elem == 8 ? 600 : 5;
	int pages = n * elem / PAGE + 5;

	/* Two elements in front of a page's end, the others behind it. */
	munmap(v->pages, 2 * PAGE);
	v->pages = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, v->pages);
	memset(v->pages, HC_POISON, pages * PAGE);
	v->count = n;
	v->buf = v->pages + 3 * PAGE - fit * elem;
	start(v, 1);
	ASSERT_EQ(0, munmap(v->pages + 3 * PAGE, (pages - 3) * PAGE));
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, PUT(i));
	EXPECT_EQ(fit, join(v));
	EXPECT_EQ(fit, v->batch.done);
	for (i = 0; i < fit; i++)
		EXPECT_TRUE(hc_is(v->buf + i * elem, elem, i));
	EXPECT_EQ(n - fit, hc_len(self->fd));
	for (; i < n; i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(-EAGAIN, GET(0));
}

/*
 * Killed while the copy stalls: delivered, to a task that is no more (C41). It
 * is not returned, nobody waits for ever, and the next element is the next.
 */
TEST_F(returned, C41_killed_with_a_matched_element)
{
	int pipefd[2], status;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(pipefd));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct victim *v = &self->victim[0];

		hc_die_with(getppid());
		start(v, 1);
		arm(v);
		hc_must(!PUT(0));
		stalled(v);
		hc_must(write(pipefd[1], "", 1) == 1);
		pause();
		_exit(1);
	}
	close(pipefd[1]);
	ASSERT_EQ(1, read(pipefd[0], &byte, 1));
	if (variant->cap)
		ASSERT_EQ(0, PUT(1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(!!variant->cap, hc_len(self->fd));
	EXPECT_EQ(variant->cap ? 1 : -EAGAIN, GET(1));
	EXPECT_EQ(-EAGAIN, GET(0));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* Messages: lengths are checked at the match. */

FIXTURE(message)
{
	int fd;
	struct victim victim[3];
};

FIXTURE_VARIANT(message)
{
	uint64_t cap;
	enum hc_way way;
};

FIXTURE_VARIANT_ADD(message, cap0_ioctl) { 0, HC_IOCTL };
FIXTURE_VARIANT_ADD(message, cap2_rw) { 2, HC_RW };

FIXTURE_SETUP(message)
{
	int i;

	self->fd = hc_make(1000, variant->cap, HCHAN_MSG);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < 3; i++)
		prepare(&self->victim[i], self->fd, 1000, variant->way);
}

FIXTURE_TEARDOWN(message)
{
	close(self->fd);
}

/* The parked one without room is told, and the next one that has room gets it. */
TEST_F(message, C38_too_little_room_at_a_parked_receive)
{
	struct victim *small = &self->victim[0], *large = &self->victim[2];
	uint8_t buf[1000];

	small->room = 10;
	self->victim[1].room = 299;
	start(small, 1);
	start(&self->victim[1], 2);
	start(large, 3);
	hc_fill(buf, 300, 5);
	ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, 300));
	EXPECT_EQ(-EMSGSIZE, join(small));
	EXPECT_EQ(-EMSGSIZE, join(&self->victim[1]));
	EXPECT_EQ(variant->way == HC_RW ? 300 : 1, join(large));
	if (variant->way == HC_IOCTL) {
		EXPECT_EQ(300, small->xfer.actual);
		EXPECT_EQ(HC_POISON32, small->xfer.status);
		EXPECT_EQ(300, self->victim[1].xfer.actual);
		EXPECT_EQ(300, large->xfer.actual);
	}
	EXPECT_TRUE(hc_all(small->buf, HC_POISON, 1000));
	EXPECT_TRUE(hc_is(large->buf, 300, 5));
	EXPECT_TRUE(hc_all(large->buf + 300, HC_POISON, 700));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* A shorter one is theirs, in their order: no longer one is in between. */
TEST_F(message, C38_C8_short_message_to_the_first)
{
	struct victim *small = &self->victim[0], *large = &self->victim[1];
	uint8_t buf[1000];

	small->room = 10;
	start(small, 1);
	start(large, 2);
	hc_fill(buf, 10, 1);
	ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, 10));
	EXPECT_EQ(variant->way == HC_RW ? 10 : 1, join(small));
	EXPECT_TRUE(hc_is(small->buf, 10, 1));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, 10));
	EXPECT_EQ(variant->way == HC_RW ? 10 : 1, join(large));
}

/* Nobody has room: all are told, and the send goes on as if they were not. */
TEST_F(message, C38_nobody_has_room)
{
	uint8_t buf[1000] = {};
	int i;

	for (i = 0; i < 3; i++) {
		self->victim[i].room = 10 + i;
		start(&self->victim[i], i + 1);
	}
	EXPECT_EQ(variant->cap ? 0 : -EAGAIN,
		  hc_try_put(variant->way, self->fd, buf, 100));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EMSGSIZE, join(&self->victim[i]));
	EXPECT_EQ(!!variant->cap, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* More of them than are told at once, and the last has room. */
TEST(C38_a_crowd_with_too_little_room)
{
	int fd = hc_make(1000, 0, HCHAN_MSG), n = 150, i;
	struct victim *victim = calloc(n, sizeof(*victim));
	uint8_t buf[1000];

	ASSERT_LE(0, fd);
	for (i = 0; i < n; i++) {
		prepare(&victim[i], fd, 1000, HC_IOCTL);
		victim[i].room = i < n - 1 ? i : 1000;
		start(&victim[i], i + 1);
	}
	hc_fill(buf, 500, 5);
	ASSERT_EQ(0, hc_try_send(fd, buf, 500));
	for (i = 0; i < n - 1; i++) {
		EXPECT_EQ(-EMSGSIZE, join(&victim[i]));
		EXPECT_EQ(500, victim[i].xfer.actual);
	}
	EXPECT_EQ(1, join(&victim[i]));
	EXPECT_TRUE(hc_is(victim[i].buf, 500, 5));
	EXPECT_TRUE(hc_parked(fd, 0, 0));
	free(victim);
}

/* A returned message for which there is no room stays the first. */
TEST_F(message, C38_returned_message_and_too_little_room)
{
	struct victim *v = &self->victim[0];
	struct hchan_xfer xfer;
	uint8_t buf[1000];

	start(v, 1);
	break_page(v);
	hc_fill(buf, 200, 5);
	ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, 200));
	EXPECT_EQ(-EFAULT, join(v));
	if (variant->cap)
		ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, 3));
	EXPECT_EQ(-EMSGSIZE, hc_recv_by(self->fd, buf, 100, 0, 0, &xfer));
	EXPECT_EQ(200, xfer.actual);
	EXPECT_EQ(-EMSGSIZE, hc_read(self->fd, buf, 100, 0));
	EXPECT_EQ(variant->cap ? 2 : 1, hc_len(self->fd));
	EXPECT_EQ(200, hc_read(self->fd, buf, 1000, RWF_NOWAIT));
	EXPECT_TRUE(hc_is(buf, 200, 5));
}

/* Short and long ones among the returned keep their lengths. */
TEST_F(message, C38_returned_messages_of_each_kind)
{
	uint32_t lens[] = { 1, 128, 129 };
	uint8_t buf[1000];
	int i;

	for (i = 0; i < 3; i++) {
		self->victim[i].buf = self->victim[i].pages + PAGE;
		start(&self->victim[i], i + 1);
		arm(&self->victim[i]);
	}
	for (i = 0; i < 3; i++) {
		hc_fill(buf, lens[i], i);
		ASSERT_EQ(0, hc_try_put(variant->way, self->fd, buf, lens[i]));
		stalled(&self->victim[i]);
	}
	for (i = 2; i >= 0; i--) {
		let_fail(&self->victim[i]);
		EXPECT_EQ(-EFAULT, join(&self->victim[i]));
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(lens[i], hc_read(self->fd, buf, 1000, RWF_NOWAIT));
		EXPECT_TRUE(hc_is(buf, lens[i], i));
	}
}

TEST_HARNESS_MAIN
