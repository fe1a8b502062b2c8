// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong with a command: one clear error, and nothing has changed (C38, C42,
 * C48); and memory that goes away while one is parked, which loses no element.
 */
#include <limits.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_uring.h"

#define ELEM	64
#define PAGE	4096

const struct hc_body_entry hc_bodies[] = { {} };

FIXTURE(bad)
{
	struct io_uring ring;
	int fd, dev;
	uint64_t cap;
	uint8_t elem[ELEM];
	uint8_t *page;		/* two; behind them is nothing, nor before them */
};

FIXTURE_VARIANT(bad)
{
	uint64_t cap;		/* with one element in it, if there is room */
};

FIXTURE_VARIANT_ADD(bad, cap0) { 0 };
FIXTURE_VARIANT_ADD(bad, cap2) { 2 };

FIXTURE_SETUP(bad)
{
	self->fd = hc_make(ELEM, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	self->dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->dev);
	hc_fill(self->elem, ELEM, 5);
	if (variant->cap)
		ASSERT_EQ(0, hc_try_send(self->fd, self->elem, ELEM));
	self->page = mmap(NULL, 4 * PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	self->page += PAGE;
	ASSERT_EQ(0, mprotect(self->page, 2 * PAGE, PROT_READ | PROT_WRITE));
	memset(self->page, HC_POISON, 2 * PAGE);
	ASSERT_EQ(0, hu_init(&self->ring, 16, 0));
}

/* Whatever was tried: nobody is parked, and the one element is still there. */
FIXTURE_TEARDOWN(bad)
{
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(!!variant->cap, hc_len(self->fd));
	if (variant->cap)
		EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, ELEM, 5, true));
	EXPECT_EQ(0, hc_stat(self->fd).state);
	io_uring_queue_exit(&self->ring);
	close(self->fd);
	close(self->dev);
}

/* A command as raw as can be. Returns the result. */
static int on(struct io_uring *ring, int fd, uint32_t request, const void *arg)
{
	struct hu_cmd cmd;

	hu_on(hu_sqe(ring, &cmd), &cmd, fd, request, (uintptr_t)arg);
	cmd.request = 0;	/* the structure is the caller's to look at */
	return hu_do(ring, &cmd);
}

#define ON(fd, request, arg) on(&self->ring, fd, request, arg)

/* One of fixed content. */
static struct hchan_xfer xfer(const void *buf, uint32_t len, uint32_t flags,
			      int64_t deadline)
{
	struct hchan_xfer x = {
		.buf = (uintptr_t)buf,
		.len = len,
		.flags = flags,
		.deadline = deadline,
	};

	return x;
}

TEST_F(bad, C48_no_such_command)
{
	static const uint32_t none[] = {
		HCHAN_IOC_QUERY, HCHAN_IOC_CREATE, HCHAN_IOC_STATAT,
		HCHAN_IOC_STAT, HCHAN_IOC_NARROW, HCHAN_IOC_WAIT,
		HCHAN_IOC_SENDRECV, HCHAN_IOC_SPIN, HCHAN_IOC_SET, HCHAN_IOC_SET_CTL,
		HCHAN_IOC_SET_SELECT, 0, 1, ~0U, HCHAN_URING_CANCEL + 1,
		HCHAN_IOC_SEND ^ (1U << _IOC_SIZESHIFT),
		HCHAN_IOC_RECV ^ (1U << _IOC_TYPESHIFT),
	};
	static const uint32_t channels_only[] = {
		HCHAN_IOC_SEND, HCHAN_IOC_RECV, HCHAN_IOC_SENDN,
		HCHAN_IOC_RECVN, HCHAN_IOC_CLOSE,
	};
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		EXPECT_EQ(-ENOTTY, ON(self->fd, none[i], self->page));
		EXPECT_EQ(-ENOTTY, ON(self->dev, none[i], self->page));
	}
	for (i = 0; i < ARRAY_SIZE(channels_only); i++)
		EXPECT_EQ(-ENOTTY, ON(self->dev, channels_only[i], NULL));
	EXPECT_TRUE(hc_all(self->page, HC_POISON, 2 * PAGE));
}

/* What is no channel has no such commands at all, or is not there. */
TEST_F(bad, C48_other_descriptors)
{
	struct hchan_xfer x = xfer(self->page, ELEM, HCHAN_NOWAIT, 0);
	int set = hc_set(), p[2];

	ASSERT_LE(0, set);
	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(-EOPNOTSUPP, ON(set, HCHAN_IOC_RECV, &x));
	EXPECT_EQ(-EOPNOTSUPP, ON(set, HCHAN_URING_CANCEL, NULL));
	EXPECT_EQ(-EOPNOTSUPP, ON(p[0], HCHAN_IOC_RECV, &x));
	close(p[0]);
	EXPECT_EQ(-EBADF, ON(p[0], HCHAN_IOC_RECV, &x));
	close(p[1]);
	close(set);
}

TEST_F(bad, C48_reserved)
{
	static const uint32_t all[] = {
		HCHAN_IOC_SEND, HCHAN_IOC_RECV, HCHAN_IOC_SENDN,
		HCHAN_IOC_RECVN, HCHAN_IOC_CLOSE, HCHAN_IOC_SELECT,
		HCHAN_URING_CANCEL,
	};
	struct hchan_xfer x = xfer(self->elem, ELEM, HCHAN_NOWAIT, 0);
	struct hchan_uring_cmd in = { .__reserved = 1ULL << 63 };
	struct io_uring_sqe *sqe;
	struct hu_cmd cmd;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		in.arg = all[i] == HCHAN_IOC_CLOSE ? 0 : (uintptr_t)&x;
		sqe = hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, all[i],
			    in.arg);
		memcpy(sqe->cmd, &in, sizeof(in));
		EXPECT_EQ(-EINVAL, hu_do(&self->ring, &cmd));
	}
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_CLOSE, &x));
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_CLOSE, (void *)1));
}

/* The argument itself. */
TEST_F(bad, C38_bad_structures)
{
	static const uint32_t all[] = {
		HCHAN_IOC_SEND, HCHAN_IOC_RECV, HCHAN_IOC_SENDN,
		HCHAN_IOC_RECVN, HCHAN_IOC_SELECT,
	};
	const void *bad[] = {
		NULL, (void *)8, self->page - PAGE, self->page - 8,
		self->page + 2 * PAGE - 8, self->page + 2 * PAGE,
		(void *)~0UL, (void *)(1UL << 63),
	};
	uint32_t i, k;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		for (k = 0; k < ARRAY_SIZE(bad); k++)
			EXPECT_EQ(-EFAULT, ON(self->fd, all[i], bad[k]));
	EXPECT_TRUE(hc_all(self->page, HC_POISON, 2 * PAGE));
}

/* Elements where nothing is; a receive does not even wait (C38). */
TEST_F(bad, C38_bad_elements)
{
	const uint8_t *bad[] = {
		NULL, self->page - 1, self->page + 2 * PAGE - ELEM + 1,
		(void *)(1UL << 63),
	};
	/* What would have to wait and may not is not looked at. */
	int want = variant->cap || hu_parks() ? -EFAULT : -EAGAIN;
	struct hchan_xfer x;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		x = xfer(bad[i], ELEM, 0, 0);
		EXPECT_EQ(want, ON(self->fd, HCHAN_IOC_SEND, &x));
		EXPECT_EQ(want, ON(self->fd, HCHAN_IOC_RECV, &x));
	}
	/* Memory that can be read is not memory to receive into. */
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	x = xfer(self->page, ELEM, 0, 0);
	EXPECT_EQ(want, ON(self->fd, HCHAN_IOC_RECV, &x));
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ | PROT_WRITE));
	/* Nor the structure that is to be written. */
	*(struct hchan_xfer *)self->page = xfer(self->elem, ELEM, 0, 0);
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	EXPECT_EQ(want, ON(self->fd, HCHAN_IOC_RECV, self->page));
	EXPECT_TRUE(hc_is(self->elem, ELEM, 5));
}

TEST_F(bad, C48_flags_and_lengths)
{
	const struct hchan_xfer einval[] = {
		xfer(self->page, ELEM, 0x80, 0),
		xfer(self->page, ELEM, HCHAN_SOME, 0),
		xfer(self->page, ELEM, HCHAN_FIRST, 0),
		xfer(self->page, ELEM, HCHAN_REALTIME, 0),
		xfer(self->page, ELEM, HCHAN_NOWAIT | HCHAN_DEADLINE, 1),
		xfer(self->page, ELEM, 0, 1),
	};
	struct hchan_batch b = {
		.buf = (uintptr_t)self->page,
		.stride = ELEM,
		.count = 1U + INT_MAX,
	};
	struct hchan_xfer x;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(einval); i++) {
		x = einval[i];
		EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_SEND, &x));
		EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_RECV, &x));
		EXPECT_EQ(0, memcmp(&x, &einval[i], sizeof(x)));
	}
	x = xfer(self->page, ELEM - 1, 0, 0);
	EXPECT_EQ(-EMSGSIZE, ON(self->fd, HCHAN_IOC_SEND, &x));
	EXPECT_EQ(-EMSGSIZE, ON(self->fd, HCHAN_IOC_RECV, &x));
	EXPECT_EQ(ELEM, x.actual);
	x = xfer(self->page, ELEM + 1, 0, 0);
	EXPECT_EQ(-EMSGSIZE, ON(self->fd, HCHAN_IOC_SEND, &x));
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_SENDN, &b));
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_RECVN, &b));
	b.count = 1;
	b.flags = HCHAN_SOME;
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_SENDN, &b));
	b.flags = 0;
	b.lens = (uintptr_t)self->page;
	EXPECT_EQ(-EINVAL, ON(self->fd, HCHAN_IOC_RECVN, &b));
	b.lens = 0;
	b.stride = ELEM - 1;
	EXPECT_GT(0, ON(self->fd, HCHAN_IOC_SENDN, &b));
	EXPECT_GT(0, ON(self->fd, HCHAN_IOC_RECVN, &b));
	b.stride = ELEM;
	b.buf = (uintptr_t)self->page + 2 * PAGE;
	EXPECT_EQ(-EFAULT, ON(self->fd, HCHAN_IOC_SENDN, &b));
	EXPECT_EQ(-EFAULT, ON(self->fd, HCHAN_IOC_RECVN, &b));
}

TEST_F(bad, C42_wrong_direction)
{
	struct hchan_xfer x = xfer(self->page, ELEM, 0, 0);
	struct hchan_batch b = {
		.buf = (uintptr_t)self->page,
		.stride = ELEM,
		.count = 1,
	};
	int rx = hc_narrow(self->fd, O_RDONLY);
	int tx = hc_narrow(self->fd, O_WRONLY);

	EXPECT_EQ(-EBADF, ON(rx, HCHAN_IOC_SEND, &x));
	EXPECT_EQ(-EBADF, ON(rx, HCHAN_IOC_SENDN, &b));
	EXPECT_EQ(-EBADF, ON(rx, HCHAN_IOC_CLOSE, NULL));
	EXPECT_EQ(-EBADF, ON(tx, HCHAN_IOC_RECV, &x));
	EXPECT_EQ(-EBADF, ON(tx, HCHAN_IOC_RECVN, &b));
	EXPECT_TRUE(hc_all(self->page, HC_POISON, 2 * PAGE));
	close(rx);
	close(tx);
}

/* Returns the result; the index it left goes to @index. */
static int select_on(struct io_uring *ring, int fd, struct hchan_case *c,
		     uint32_t n, uint32_t flags, uint32_t *index)
{
	struct hu_cmd cmd;
	int ret;

	hu_select(ring, &cmd, fd, c, n, flags, 0);
	ret = hu_do(ring, &cmd);
	*index = cmd.arg.sel.index;
	hu_free(&cmd);
	return ret;
}

TEST_F(bad, C48_selects)
{
	int rx = hc_narrow(self->fd, O_RDONLY), tx = hc_narrow(self->fd, O_WRONLY);
	struct hchan_case c[2] = { hc_case_nil(), hc_case_nil() };
	uint8_t *page = self->page;
	int set = hc_set(), p[2], i;
	uint32_t index;
	const struct {
		struct hchan_case c;
		int error;
	} bad[] = {
		{ hc_case_send(rx, page, ELEM), -EBADF },
		{ hc_case_recv(tx, page, ELEM), -EBADF },
		{ hc_case_recv(-1, page, ELEM), -EBADF },
		{ hc_case_recv(set, page, ELEM), -EBADF },
		{ hc_case_recv(self->dev, page, ELEM), -EBADF },
		{ hc_case_recv(self->fd, page, ELEM - 1), -EMSGSIZE },
		{ hc_case_send(self->fd, page, ELEM + 1), -EMSGSIZE },
		{ hc_case_recv(self->fd, page + 2 * PAGE, ELEM), -EFAULT },
		{ hc_case_recv(self->fd, NULL, ELEM), -EFAULT },
		{ hc_case_poll(self->fd, 1), -EINVAL },
		{ hc_case(4, self->fd, page, ELEM), -EINVAL },
	};

	ASSERT_EQ(0, pipe(p));
	for (i = 0; i < (int)ARRAY_SIZE(bad); i++) {
		/* Not looked at where it would have to wait and may not. */
		if (bad[i].error == -EFAULT && !variant->cap && !hu_parks())
			continue;
		c[1] = bad[i].c;
		index = HC_POISON32;
		EXPECT_EQ(bad[i].error, select_on(&self->ring, self->fd, c, 2,
						  0, &index));
		EXPECT_EQ(1, index);
	}
	c[1] = hc_case_poll(p[0], 1);
	EXPECT_EQ(-EINVAL, select_on(&self->ring, self->dev, c, 2, 0, &index));
	c[1] = hc_case_recv(p[0], page, ELEM);
	EXPECT_EQ(-EBADF, select_on(&self->ring, self->dev, c, 2, 0, &index));
	c[1] = hc_case_recv(self->fd, page, ELEM);
	c[1].flags = HCHAN_CASE_DROP;
	EXPECT_EQ(-EINVAL, select_on(&self->ring, self->dev, c, 2, 0, &index));
	c[1].flags = 0;
	EXPECT_EQ(-EINVAL, select_on(&self->ring, self->dev, c, 2, HCHAN_READY,
				     &index));
	EXPECT_EQ(-EINVAL, select_on(&self->ring, self->dev, c, 2, 0x80, &index));
	EXPECT_EQ(-EINVAL, select_on(&self->ring, self->dev, c, 2,
				     HCHAN_NOWAIT | HCHAN_DEADLINE, &index));
	close(p[0]);
	close(p[1]);
	close(set);
	close(rx);
	close(tx);
	EXPECT_TRUE(hc_all(page, HC_POISON, 2 * PAGE));
}

/* Completion is by task work, which a ring that is polled for it does not have. */
TEST_F(bad, C51_iopoll_ring)
{
	struct hchan_xfer x = xfer(self->page, ELEM, HCHAN_NOWAIT, 0);
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	struct hu_cmd cmd;

	ASSERT_EQ(0, hu_init(&ring, 4, IORING_SETUP_IOPOLL));
	hu_on(hu_sqe(&ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECV, (uintptr_t)&x);
	hu_submit(&ring);
	ASSERT_EQ(0, io_uring_peek_cqe(&ring, &cqe));
	EXPECT_EQ(-EOPNOTSUPP, cqe->res);
	io_uring_cqe_seen(&ring, cqe);
	io_uring_queue_exit(&ring);
	EXPECT_TRUE(hc_all(self->page, HC_POISON, 2 * PAGE));
}

/* --- memory that goes while a command is parked -------------------------------- */

FIXTURE(away)
{
	struct io_uring ring;
	int fd;
	uint8_t *page;
};

FIXTURE_VARIANT(away)
{
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(away, elem8_cap0) { 8, 0 };
FIXTURE_VARIANT_ADD(away, elem128_cap2) { 128, 2 };
FIXTURE_VARIANT_ADD(away, elem4096_cap0) { 4096, 0 };
FIXTURE_VARIANT_ADD(away, elem4096_cap1) { 4096, 1 };

FIXTURE_SETUP(away)
{
	if (!hu_parks())
		SKIP(return, HU_NO_PARKING);
	self->fd = hc_make(variant->elem, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	self->page = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	memset(self->page, HC_POISON, 4 * PAGE);
	ASSERT_EQ(0, hu_init(&self->ring, 16, 0));
}

FIXTURE_TEARDOWN(away)
{
	if (!hu_parks())
		return;
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_len(self->fd));
	io_uring_queue_exit(&self->ring);
	close(self->fd);
}

#define PUT(seed) hc_put_seed(HC_IOCTL, self->fd, variant->elem, seed, true)
#define GET(seed) hc_get_seed(HC_IOCTL, self->fd, variant->elem, seed, true)

/* @cmd gets EFAULT for the element 1, sent meanwhile; it is the next one's. */
#define RETURNED(cmd)							\
	do {								\
		ASSERT_EQ(0, PUT(1));					\
		EXPECT_EQ(-EFAULT, hu_wait(&self->ring, cmd));		\
		EXPECT_EQ(1, hc_len(self->fd));				\
		if (variant->cap)					\
			ASSERT_EQ(0, PUT(2));				\
		EXPECT_EQ(1, GET(1));					\
		if (variant->cap)					\
			EXPECT_EQ(1, GET(2));				\
	} while (0)

TEST_F(away, C38_buffer)
{
	struct hchan_xfer x = xfer(self->page, variant->elem, 0, 0);
	struct hu_cmd cmd;

	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECV,
	      (uintptr_t)&x);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, munmap(self->page, PAGE));
	RETURNED(&cmd);
	x = xfer(self->page + 2 * PAGE, variant->elem, 0, 0);
	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECV,
	      (uintptr_t)&x);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, mprotect(self->page + 2 * PAGE, PAGE, PROT_READ));
	RETURNED(&cmd);
	EXPECT_TRUE(hc_all(self->page + 2 * PAGE, HC_POISON, PAGE));
}

TEST_F(away, C38_structure)
{
	struct hchan_xfer *x = (void *)self->page;
	struct hu_cmd cmd;

	*x = xfer(self->page + PAGE, variant->elem, 0, 0);
	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECV,
	      (uintptr_t)x);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, munmap(self->page, PAGE));
	RETURNED(&cmd);
}

/* It goes to who waits behind, not to the buffer. */
TEST_F(away, C38_next_one_is_parked)
{
	struct hchan_xfer x = xfer(self->page, variant->elem, 0, 0);
	struct hu_cmd cmd, next;

	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECV,
	      (uintptr_t)&x);
	hu_recv(&self->ring, &next, self->fd, variant->elem, 0, 0);
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 2));
	ASSERT_EQ(0, munmap(self->page, PAGE));
	ASSERT_EQ(0, PUT(1));
	EXPECT_EQ(-EFAULT, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(1, hu_wait(&self->ring, &next));
	EXPECT_TRUE(hu_got(&next, variant->elem, 1));
	hu_free(&next);
}

TEST_F(away, C38_select)
{
	struct hchan_case *c = (void *)(self->page + PAGE);
	struct hchan_select sel = { .cases = (uintptr_t)c, .count = 2 };
	struct hu_cmd cmd;
	int what;

	/* The element's place first, then the cases'. */
	for (what = 0; what < 2; what++) {
		int other = hc_make(8, 0, 0);

		c[0] = hc_case_recv(other, self->page + 3 * PAGE, 8);
		c[1] = hc_case_recv(self->fd, self->page +
				    (what ? 2 * PAGE : 0), variant->elem);
		hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd,
		      HCHAN_IOC_SELECT, (uintptr_t)&sel);
		cmd.request = 0;
		hu_submit(&self->ring);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		ASSERT_EQ(0, munmap(self->page + (what ? PAGE : 0), PAGE));
		RETURNED(&cmd);
		EXPECT_TRUE(hc_parked(other, 0, 0));
		close(other);
	}
}

/* Of a batch those that have come count; the others are there, in their order. */
TEST_F(away, C38_C39_batch)
{
	uint32_t elem = variant->elem, n = 2 * PAGE / elem, i;
	struct hchan_batch b = {
		.buf = (uintptr_t)self->page,
		.stride = elem,
		.count = n,
	};
	struct hu_cmd cmd;

	hu_on(hu_sqe(&self->ring, &cmd), &cmd, self->fd, HCHAN_IOC_RECVN,
	      (uintptr_t)&b);
	cmd.request = 0;
	hu_submit(&self->ring);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	ASSERT_EQ(0, munmap(self->page + PAGE, PAGE));
	for (i = 0; i < n; i++) {
		/* It may have run already, and then there is the buffer. */
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, elem, i, true));
		if (hc_len(self->fd))
			break;
	}
	EXPECT_EQ(n / 2, hu_wait(&self->ring, &cmd));
	EXPECT_EQ(n / 2, b.done);
	for (i = 0; i < n / 2; i++)
		ASSERT_TRUE(hc_is(self->page + i * elem, elem, i));
	for (; hc_len(self->fd); i++)
		ASSERT_EQ(1, GET(i));
	EXPECT_EQ(n, i);
}

TEST_HARNESS_MAIN
