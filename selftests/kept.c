// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel keeps for a user beside channels counts among their bytes (C50):
 * a batch that is parked, as long as one element of it is returned (C38), and sets.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "fs_util.h"
#include "hchan_batch.h"
#include "hchan_select.h"

#define BATCH	8192	/* one byte each: a block of 512 KiB */
#define BLOCK	(BATCH * 64)
#define REST	300000	/* a channel of that many bytes */

FIXTURE(kept) {
	long long channels, max_bytes;
};

FIXTURE_SETUP(kept)
{
	self->channels = channels();
	self->max_bytes = number_in(SYSCTL "max_bytes_per_user");
	ASSERT_LT(0, self->max_bytes);
}

FIXTURE_TEARDOWN(kept)
{
	EXPECT_EQ(0, set_sysctl("max_bytes_per_user", self->max_bytes));
	EXPECT_EQ(self->channels, channels());
}

/* Whether there is room for a channel of so many bytes; -EDQUOT if not. */
static int room_for(uint32_t bytes)
{
	int fd = hc_make(1, bytes, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int room(void)
{
	return room_for(REST);
}

struct batch {
	pthread_t thread;
	uint8_t *page;
	int fd;
	int ret;
	struct hchan_batch arg;
};

static void *receive(void *data)
{
	struct batch *b = data;

	b->arg = (struct hchan_batch) {
		.buf = (uintptr_t)b->page,
		.stride = 1,
		.count = BATCH,
	};
	b->ret = ioctl(b->fd, HCHAN_IOC_RECVN, &b->arg);
	b->ret = b->ret < 0 ? -errno : b->ret;
	return NULL;
}

static int start(struct batch *b)
{
	b->page = mmap(NULL, BATCH, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	b->fd = hc_make(1, 0, 0);
	if (b->page == MAP_FAILED || b->fd < 0 ||
	    pthread_create(&b->thread, NULL, receive, b))
		return -1;
	return hc_wait_receivers(b->fd, 1);
}

/* The end of the channel ends the batch, with what it has until then. */
static int end(struct batch *b)
{
	if (hc_close(b->fd) || pthread_join(b->thread, NULL))
		return -1;
	munmap(b->page, BATCH);
	return b->ret;
}

/* Sends @n, which can not be copied out, and looks what that keeps. Return: 0, or where. */
static int returned(int n, int while_kept)
{
	struct batch b;
	uint8_t x;
	int i;

	if (room() || start(&b))
		return 1;
	if (room() != -EDQUOT)
		return 2;
	for (x = 0; x < n; x++) {
		if (hc_try_send(b.fd, &x, 1))
			return 3;
	}
	if (mprotect(b.page, BATCH, PROT_READ))
		return 4;
	if (end(&b) != (n ? -EFAULT : 0) || hc_len(b.fd) != n)
		return 5;
	if (room() != while_kept)
		return 6;
	for (i = 0; i < n; i++) {
		if (hc_try_recv(b.fd, &x, 1) != 1 || x != i)
			return 7;
	}
	if (room())
		return 8;
	close(b.fd);
	return 0;
}

TEST_F(kept, C50_parked_batch)
{
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", BLOCK + REST));
	EXPECT_EQ(0, AS(ALICE, ret = returned(0, 0)));
}

/* One lies where the channel has room for it; more of them keep the block. */
TEST_F(kept, C50_returned)
{
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", BLOCK + REST));
	EXPECT_EQ(0, AS(ALICE, ret = returned(1, 0)));
	EXPECT_EQ(0, AS(ALICE, ret = returned(2, -EDQUOT)));
	EXPECT_EQ(0, AS(ALICE, ret = returned(200, -EDQUOT)));
}

static int goes_on(void)
{
	struct batch b;
	uint8_t x;

	if (start(&b))
		return 1;
	for (x = 0; x < 100; x++) {
		if (hc_send(b.fd, &x, 1))
			return 2;
	}
	if (hc_close(b.fd) || pthread_join(b.thread, NULL) || b.ret != 100)
		return 3;
	for (x = 0; x < 100; x++) {
		if (b.page[x] != x)
			return 4;
	}
	return 0;
}

/* Who may have no more goes on with what is on the stack. */
TEST_F(kept, C50_batch_at_the_limit)
{
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", BLOCK / 2));
	EXPECT_EQ(0, AS(ALICE, ret = goes_on()));
}

#define LARGE	4096
#define AT_ONCE	16	/* as many of them as a batch sends in one step */

struct one {
	pthread_t thread;
	uint8_t *buf;
	int fd;
	int ret;
};

static void *receive_one(void *data)
{
	struct one *one = data;
	struct hchan_xfer xfer = { .buf = (uintptr_t)one->buf, .len = LARGE };

	one->ret = ioctl(one->fd, HCHAN_IOC_RECV, &xfer);
	one->ret = one->ret < 0 ? -errno : one->ret;
	return NULL;
}

/* All who receive are given theirs before one of them can return it. */
static int return_large(int fd)
{
	struct one r[AT_ONCE];
	int i;

	for (i = 0; i < AT_ONCE; i++) {
		r[i].fd = fd;
		r[i].buf = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (r[i].buf == MAP_FAILED ||
		    pthread_create(&r[i].thread, NULL, receive_one, &r[i]) ||
		    hc_wait_receivers(fd, i + 1))
			return -1;
		if (mprotect(r[i].buf, LARGE, PROT_READ))
			return -1;
	}
	if (hc_sendn_seed(fd, LARGE, AT_ONCE, 0, 0, 0, NULL) != AT_ONCE)
		return -1;
	for (i = 0; i < AT_ONCE; i++) {
		if (pthread_join(r[i].thread, NULL) || r[i].ret != -EFAULT)
			return -1;
		munmap(r[i].buf, LARGE);
	}
	return hc_len(fd) == AT_ONCE ? 0 : -1;
}

static int large(void)
{
	int fd = hc_make(LARGE, 0, 0), other = hc_make(LARGE, 1, 0);
	uint8_t *buf = calloc(1, LARGE);

	if (room_for(3 * LARGE) || return_large(fd))
		return 1;
	/* One of them the channel has prepaid. */
	if (room_for(3 * LARGE) != -EDQUOT)
		return 2;
	/* And while they are so many there are no others. */
	if (hc_try_send(other, buf, LARGE) != -ENOMEM)
		return 3;
	if (hc_recvn_seed(fd, LARGE, AT_ONCE, 0, 0, 0, NULL) != AT_ONCE)
		return 4;
	if (room_for(3 * LARGE) || hc_try_send(other, buf, LARGE) || return_large(fd))
		return 5;
	/* They go with their channel. */
	close(fd);
	if (room_for(3 * LARGE))
		return 6;
	close(other);
	free(buf);
	return 0;
}

TEST_F(kept, C50_returned_large)
{
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 7 * LARGE));
	EXPECT_EQ(0, AS(ALICE, ret = large()));
}

/* Cases on one channel until there is an error, *@error. */
static int how_many(int *error)
{
	int fd = hc_make(8, 0, 0), set = hc_set(), n = 0, ret;
	uint64_t x;

	do {
		ret = hc_set_add(set, hc_case_recv(fd, &x, sizeof(x)));
	} while (ret >= 0 && ++n < 256);
	*error = ret;
	close(set);
	close(fd);
	return n;
}

static int sets(void)
{
	int error, n = how_many(&error), i;

	if (error != -EDQUOT || n < 40000 / 400 || n > 40000 / 150)
		return 1;
	/* They give back what they took. */
	for (i = 0; i < 50; i++) {
		if (how_many(&error) != n || error != -EDQUOT)
			return 2;
	}
	return 0;
}

TEST_F(kept, C50_sets)
{
	int error;

	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 40000));
	EXPECT_EQ(0, AS(ALICE, ret = sets()));
	/* Who may go above it does. */
	EXPECT_EQ(256, how_many(&error));
	ASSERT_EQ(0, set_sysctl("max_bytes_per_user", 100));
	EXPECT_EQ(-EDQUOT, AS(ALICE, ret = hc_set()));
}

TEST_HARNESS_MAIN
