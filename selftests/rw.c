// SPDX-License-Identifier: GPL-2.0-only
/* read(2) and write(2) (C44): whole elements, or one message per call. */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

/* The elements' number is their first byte and their last. */
static void number(uint8_t *elements, uint32_t size, int first, int n)
{
	int i;

	for (i = 0; i < n; i++)
		hc_fill(elements + i * size, size, first + i);
}

static bool numbered(const uint8_t *elements, uint32_t size, int first, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!hc_is(elements + i * size, size, first + i))
			return false;
	return true;
}

/* Peers. arg: element size, how many; all in one call */

static int write_all(int fd, const long *arg)
{
	uint8_t *buf = malloc(arg[0] * arg[1]);

	number(buf, arg[0], 0, arg[1]);
	hc_must(hc_write(fd, buf, arg[0] * arg[1], 0) == arg[0] * arg[1]);
	free(buf);
	return 0;
}

/* ... of which only arg[2] are expected to be moved */
static int write_some(int fd, const long *arg)
{
	uint8_t *buf = malloc(arg[0] * arg[1]);

	number(buf, arg[0], 0, arg[1]);
	hc_must(hc_write(fd, buf, arg[0] * arg[1], 0) == arg[0] * arg[2]);
	free(buf);
	return 0;
}

static int read_some(int fd, const long *arg)
{
	uint8_t *buf = malloc(arg[0] * arg[1]);

	hc_must(hc_read(fd, buf, arg[0] * arg[1], 0) == arg[0] * arg[2]);
	hc_must(numbered(buf, arg[0], 0, arg[2]));
	free(buf);
	return 0;
}

/* arg: length, seed */
static int write_message(int fd, const long *arg)
{
	uint8_t buf[1024];

	hc_fill(buf, arg[0], arg[1]);
	hc_must(hc_write(fd, buf, arg[0], 0) == arg[0]);
	return 0;
}

/* arg: length, seed, room */
static int read_message(int fd, const long *arg)
{
	uint8_t buf[1024];

	hc_must(hc_read(fd, buf, arg[2], 0) == arg[0]);
	hc_must(hc_is(buf, arg[0], arg[1]));
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(write_all),
	HC_BODY(write_some),
	HC_BODY(read_some),
	HC_BODY(write_message),
	HC_BODY(read_message),
	{}
};

FIXTURE(rw)
{
	struct hc_chan ch;
	int fd;
	uint8_t *buf;
};

FIXTURE_VARIANT(rw)
{
	enum hc_between between;
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(rw, threads_elem1_cap0) { HC_THREADS, 1, 0 };
FIXTURE_VARIANT_ADD(rw, threads_elem12_cap3) { HC_THREADS, 12, 3 };
FIXTURE_VARIANT_ADD(rw, threads_elem129_cap40) { HC_THREADS, 129, 40 };
FIXTURE_VARIANT_ADD(rw, forked_elem8_cap0) { HC_FORKED, 8, 0 };
FIXTURE_VARIANT_ADD(rw, forked_elem8_cap1) { HC_FORKED, 8, 1 };
FIXTURE_VARIANT_ADD(rw, forked_elem4096_cap1) { HC_FORKED, 4096, 1 };
FIXTURE_VARIANT_ADD(rw, unrelated_elem100_cap40) { HC_UNRELATED, 100, 40 };
FIXTURE_VARIANT_ADD(rw, unrelated_elem65535_cap3) { HC_UNRELATED, 65535, 3 };

FIXTURE_SETUP(rw)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, variant->elem,
				  variant->cap, 0));
	self->fd = self->ch.fd;
	self->buf = malloc(variant->elem * (variant->cap + 20));
}

FIXTURE_TEARDOWN(rw)
{
	free(self->buf);
	hc_chan_drop(&self->ch);
}

/* As many whole elements as there is room for and there are, in one call. */
TEST_F(rw, C44_read_takes_whole_elements)
{
	uint32_t elem = variant->elem;
	int cap = variant->cap, n = cap > 1 ? cap - 1 : cap;
	size_t room;

	number(self->buf, elem, 0, cap);
	if (cap)
		ASSERT_EQ(cap * elem, hc_write(self->fd, self->buf, cap * elem,
					       RWF_NOWAIT));
	/* Room for n and a bit, unless that bit is an element. */
	room = n * elem + elem - 1;
	if (n) {
		ASSERT_EQ(n * elem, hc_read(self->fd, self->buf, room, 0));
		EXPECT_TRUE(numbered(self->buf, elem, 0, n));
	}
	EXPECT_EQ(cap - n, hc_len(self->fd));
	if (cap - n) {
		/* More room than elements: it does not wait for more. */
		ASSERT_EQ(elem, hc_read(self->fd, self->buf, 3 * elem, 0));
		EXPECT_TRUE(numbered(self->buf, elem, n, 1));
	}
	EXPECT_EQ(-EAGAIN, hc_read(self->fd, self->buf, elem, RWF_NOWAIT));
}

/* Waits for the first one only. */
TEST_F(rw, C44_read_blocks_for_the_first_only)
{
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_RDONLY, read_some, variant->elem, 5, 1);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	number(self->buf, variant->elem, 0, 1);
	ASSERT_EQ(variant->elem, hc_write(self->fd, self->buf, variant->elem,
					  RWF_NOWAIT));
	EXPECT_EQ(0, hc_join(&peer));
}

/* Takes from parked senders as well, as far as there is room. */
TEST_F(rw, C44_read_takes_from_parked_senders)
{
	/* Those of a write that are parked at the same time (C39). */
	int n = variant->cap + (variant->elem > 4096 ? 1 : 3);
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_WRONLY, write_all, variant->elem, n);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	ASSERT_EQ((n - 1) * variant->elem,
		  hc_read(self->fd, self->buf, n * variant->elem - 1, 0));
	EXPECT_TRUE(numbered(self->buf, variant->elem, 0, n - 1));
	ASSERT_EQ(variant->elem,
		  hc_read(self->fd, self->buf, n * variant->elem, 0));
	EXPECT_TRUE(numbered(self->buf, variant->elem, n - 1, 1));
	EXPECT_EQ(0, hc_join(&peer));
}

/* A blocking write writes all, whatever the capacity. */
TEST_F(rw, C44_write_writes_all)
{
	int n = variant->cap + 17, i;
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_WRONLY, write_all, variant->elem, n);
	for (i = 0; i < n; i++)
		ASSERT_EQ(1, hc_get_seed(HC_RW, self->fd, variant->elem, i,
					 false));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, hc_len(self->fd));
}

/* It ends early by a close, and says how far it came, to the element (C39). */
TEST_F(rw, C44_C39_write_until_closed)
{
	int cap = variant->cap, n = cap + 7, i;
	struct hc_peer peer;

	hc_start(&peer, &self->ch, O_WRONLY, write_some, variant->elem, n,
		 cap + 2);
	for (i = 0; i < 3; i++) {
		/* A long one queues anew, so wait for each time. */
		ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
		if (i == 2)
			break;
		ASSERT_EQ(1, hc_get_seed(HC_RW, self->fd, variant->elem, i,
					 true));
	}
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(cap, hc_len(self->fd));
	for (i = 2; i < cap + 2; i++)
		ASSERT_EQ(1, hc_get_seed(HC_RW, self->fd, variant->elem, i,
					 true));
	EXPECT_EQ(0, hc_read(self->fd, self->buf, variant->elem, 0));
}

/* Without waiting: what fits, else EAGAIN. By the flag of the call and the file. */
TEST_F(rw, C44_C43_write_what_fits)
{
	int elem = variant->elem, cap = variant->cap, i;
	ssize_t fit = cap ? cap * elem : -EAGAIN;

	number(self->buf, elem, 0, cap + 2);
	EXPECT_EQ(fit,
		  hc_write(self->fd, self->buf, (cap + 2) * elem, RWF_NOWAIT));
	EXPECT_EQ(-EAGAIN, hc_write(self->fd, self->buf, elem, RWF_NOWAIT));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, hc_write(self->fd, self->buf, elem, 0));
	for (i = 0; i < cap; i++)
		ASSERT_EQ(1, hc_get_seed(HC_RW, self->fd, elem, i, false));
	EXPECT_EQ(-EAGAIN, hc_read(self->fd, self->buf, elem, 0));
	number(self->buf, elem, 0, cap + 2);
	EXPECT_EQ(fit,
		  hc_write(self->fd, self->buf, (cap + 2) * elem, 0));
	EXPECT_EQ(fit,
		  hc_read(self->fd, self->buf, (cap + 2) * elem, 0));
	EXPECT_TRUE(numbered(self->buf, elem, 0, cap));
}

/* Lengths: less than an element's, not a multiple, and none. Nothing happens. */
TEST_F(rw, C44_lengths)
{
	struct hchan_stat before, after;
	uint32_t elem = variant->elem;
	int rounds;

	/* Open, then closed: a length is wrong or nothing all the same. */
	for (rounds = 0; rounds < 2; rounds++) {
		if (variant->cap && !rounds)
			ASSERT_EQ(0, hc_put_seed(HC_RW, self->fd, elem, 1, true));
		before = hc_stat(self->fd);
		EXPECT_EQ(0, hc_read(self->fd, self->buf, 0, 0));
		EXPECT_EQ(0, hc_write(self->fd, self->buf, 0, 0));
		EXPECT_EQ(0, read(self->fd, NULL, 0));
		EXPECT_EQ(0, write(self->fd, NULL, 0));
		if (elem > 1) {
			EXPECT_EQ(-EMSGSIZE, hc_read(self->fd, self->buf,
						     elem - 1, 0));
			EXPECT_EQ(-EMSGSIZE, hc_read(self->fd, self->buf, 1, 0));
			EXPECT_EQ(-EINVAL, hc_write(self->fd, self->buf,
						    elem - 1, 0));
			EXPECT_EQ(-EINVAL, hc_write(self->fd, self->buf,
						    elem + 1, 0));
			EXPECT_EQ(-EINVAL, hc_write(self->fd, self->buf,
						    3 * elem - 1, RWF_NOWAIT));
		}
		after = hc_stat(self->fd);
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
		if (!rounds)
			ASSERT_EQ(0, hc_close(self->fd));
	}
}

/* The pieces of a vector need not be elements. */
TEST_F(rw, C44_vectors)
{
	uint32_t elem = variant->elem;
	uint8_t *in = calloc(2, elem), *out = calloc(2, elem);
	struct iovec iov[3] = {
		{ .iov_base = in, .iov_len = elem / 2 },
		{ .iov_base = in + elem / 2, .iov_len = elem },
		{ .iov_base = in + elem / 2 + elem, .iov_len = elem - elem / 2 },
	};
	struct hc_peer peer;

	number(in, elem, 0, 2);
	if (variant->cap > 1) {
		ASSERT_EQ(2 * elem, writev(self->fd, iov, 3));
		iov[0].iov_base = out;
		iov[1].iov_base = out + elem / 2;
		iov[2].iov_base = out + elem / 2 + elem;
		ASSERT_EQ(2 * elem, readv(self->fd, iov, 3));
		EXPECT_TRUE(numbered(out, elem, 0, 2));
	} else {
		hc_start(&peer, &self->ch, O_RDONLY, read_some, elem, 1, 1);
		iov[1].iov_len = elem - elem / 2;
		ASSERT_EQ(elem, writev(self->fd, iov, 2));
		EXPECT_EQ(0, hc_join(&peer));
	}
	free(in);
	free(out);
}

/* No offset: it is a stream of elements. */
TEST_F(rw, C44_no_position)
{
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, self->buf, variant->elem, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, self->buf, variant->elem, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(0, hc_len(self->fd));
}

/* Zero-size elements: 0 could not be told from the end. */
TEST(C44_zero_size_elements)
{
	int fd = hc_make(0, 2, 0);
	uint8_t buf[8];

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hc_send(fd, NULL, 0));
	EXPECT_EQ(-EINVAL, hc_read(fd, buf, 8, 0));
	EXPECT_EQ(-EINVAL, hc_read(fd, buf, 0, 0));
	EXPECT_EQ(-EINVAL, hc_write(fd, buf, 8, 0));
	EXPECT_EQ(-EINVAL, hc_write(fd, buf, 0, 0));
	EXPECT_EQ(1, hc_len(fd));
}

/* A write from memory that ends says how far it came; nothing is torn (C38). */
TEST(C44_C38_write_from_memory_that_ends)
{
	uint8_t *area = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = hc_make(100, 64, 0), i;
	uint8_t *from = area + 4096 - 250;

	ASSERT_LE(0, fd);
	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, munmap(area + 4096, 4096));
	number(from, 100, 0, 2);
	EXPECT_EQ(200, hc_write(fd, from, 400, 0));
	EXPECT_EQ(2, hc_len(fd));
	EXPECT_EQ(-EFAULT, hc_write(fd, from + 200, 100, 0));
	EXPECT_EQ(2, hc_len(fd));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(1, hc_get_seed(HC_RW, fd, 100, i, true));
}

/* Messages of variable length. */

FIXTURE(message)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(message)
{
	enum hc_between between;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(message, threads_cap0) { HC_THREADS, 0 };
FIXTURE_VARIANT_ADD(message, forked_cap1) { HC_FORKED, 1 };
FIXTURE_VARIANT_ADD(message, unrelated_cap4) { HC_UNRELATED, 4 };

#define LONGEST 700

FIXTURE_SETUP(message)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, LONGEST,
				  variant->cap, HCHAN_MSG));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(message)
{
	hc_chan_drop(&self->ch);
}

/* Lengths around where a message lies elsewhere, and the shortest. */
static const int lengths[] = { 1, 7, 8, 127, 128, 129, 500, LONGEST };

/* One message per call, its length with it, however much room there is. */
TEST_F(message, C44_one_message_per_call)
{
	struct hc_peer peer[ARRAY_SIZE(lengths)];
	uint8_t buf[1024];
	int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		hc_start(&peer[i], &self->ch, O_WRONLY, write_message,
			 lengths[i], i);
		ASSERT_EQ(0, i < variant->cap ?
			  hc_wait(self->fd, HCHAN_W_LENGTH, i + 1) :
			  hc_wait_senders(self->fd, i + 1 - variant->cap));
	}
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		/* hc_read() sees that nothing behind it is touched (C14). */
		ASSERT_EQ(lengths[i], hc_read(self->fd, buf, sizeof(buf), 0));
		EXPECT_TRUE(hc_is(buf, lengths[i], i));
	}
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* To a parked receiver as well. */
TEST_F(message, C44_to_a_parked_receiver)
{
	struct hc_peer peer;
	uint8_t buf[1024];
	int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		hc_start(&peer, &self->ch, O_RDONLY, read_message, lengths[i],
			 i, LONGEST);
		ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
		hc_fill(buf, lengths[i], i);
		ASSERT_EQ(lengths[i], hc_write(self->fd, buf, lengths[i],
					       RWF_NOWAIT));
		EXPECT_EQ(0, hc_join(&peer));
	}
}

/* Nothing is no message; and one that is too long is none either. */
TEST_F(message, C44_lengths)
{
	uint8_t buf[1024] = {};

	EXPECT_EQ(0, hc_write(self->fd, buf, 0, 0));
	EXPECT_EQ(0, hc_read(self->fd, buf, 0, 0));
	EXPECT_EQ(-EMSGSIZE, hc_write(self->fd, buf, LONGEST + 1, 0));
	EXPECT_EQ(-EMSGSIZE, hc_write(self->fd, buf, LONGEST + 1, RWF_NOWAIT));
	EXPECT_EQ(-EMSGSIZE, hc_send(self->fd, buf, 0));
	EXPECT_EQ(-EMSGSIZE, hc_send(self->fd, buf, LONGEST + 1));
	EXPECT_EQ(0, hc_len(self->fd));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_read(self->fd, buf, sizeof(buf), 0));
	EXPECT_EQ(-EPIPE, hc_write(self->fd, buf, 1, 0));
}

/* Too little room: the message stays whole, and where it is (C38). */
TEST_F(message, C44_C38_too_little_room)
{
	struct hchan_xfer xfer;
	struct hc_peer peer;
	uint8_t buf[1024];

	hc_start(&peer, &self->ch, O_WRONLY, write_message, 300, 5);
	ASSERT_EQ(0, hc_wait(self->fd, variant->cap ? HCHAN_W_LENGTH :
						      HCHAN_W_SENDERS, 1));
	EXPECT_EQ(-EMSGSIZE, hc_read(self->fd, buf, 299, 0));
	EXPECT_EQ(-EMSGSIZE, hc_recv_by(self->fd, buf, 1, 0, 0, &xfer));
	EXPECT_EQ(300, xfer.actual);
	EXPECT_EQ(!!variant->cap, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, !variant->cap, 0));
	EXPECT_EQ(300, hc_read(self->fd, buf, 300, 0));
	EXPECT_TRUE(hc_is(buf, 300, 5));
	EXPECT_EQ(0, hc_join(&peer));
}

/* A vector is one message. */
TEST_F(message, C44_vector_is_one_message)
{
	struct hc_peer peer;
	uint8_t buf[1024];
	struct iovec iov[3] = {
		{ .iov_base = buf, .iov_len = 100 },
		{ .iov_base = buf + 100, .iov_len = 0 },
		{ .iov_base = buf + 100, .iov_len = 60 },
	};

	hc_start(&peer, &self->ch, O_RDONLY, read_message, 160, 9, 1000);
	hc_fill(buf, 160, 9);
	ASSERT_EQ(160, writev(self->fd, iov, 3));
	EXPECT_EQ(0, hc_join(&peer));
}

/* The ioctl's end of messages: no bytes, and the length says so (C12). */
TEST_F(message, C12_end_of_messages)
{
	struct hchan_xfer xfer;
	uint8_t buf[64];

	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(0, hc_recv_by(self->fd, buf, sizeof(buf), 0, 0, &xfer));
	EXPECT_EQ(0, xfer.actual);
	EXPECT_EQ(HCHAN_ST_CLOSED, xfer.status);
	EXPECT_EQ(0, hc_recv_by(self->fd, NULL, 0, 0, 0, &xfer));
	EXPECT_EQ(0, xfer.actual);
}

/* A short message after a long one shows nothing of it, in the same place. */
TEST_F(message, C14_nothing_of_the_last_message_shows)
{
	uint8_t buf[1024];
	int i;

	for (i = 0; variant->cap && i < 20; i++) {
		int len = i % 2 ? 3 : 120 + i;

		memset(buf, i % 2 ? 1 : 0xee, sizeof(buf));
		ASSERT_EQ(len, hc_write(self->fd, buf, len, RWF_NOWAIT));
		/* hc_read() sees that all behind the message is untouched. */
		ASSERT_EQ(len, hc_read(self->fd, buf, sizeof(buf), 0));
		EXPECT_TRUE(hc_all(buf, i % 2 ? 1 : 0xee, len));
	}
}

TEST_HARNESS_MAIN
