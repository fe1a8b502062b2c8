// SPDX-License-Identifier: GPL-2.0-only
/*
 * One element, sent and received: what a send and a receive decide (C6), for
 * each way to call them and for elements that lie in the ring, are larger, or
 * have no bytes at all.
 */
#include <sys/mman.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

/* Peers. arg: way, element size, seed */

/* Says whether it got one: it must be that one. */
static int recv_one_or_end(int fd, const long *arg)
{
	int ret = hc_get_seed(arg[0], fd, arg[1], arg[2], false);

	hc_must(ret >= 0);
	return ret ? 2 : 3;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(hc_send_one),
	HC_BODY(hc_recv_one),
	HC_BODY(recv_one_or_end),
	{}
};

FIXTURE(chan)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(chan)
{
	enum hc_way way;
	enum hc_between between;
	uint32_t elem;
	uint64_t cap;
};

/* Who the peers are takes turns, as not each can meet each. */
FIXTURE_VARIANT_ADD(chan, ioctl_elem0_cap0) { HC_IOCTL, HC_THREADS, 0, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem0_cap5) { HC_IOCTL, HC_UNRELATED, 0, 5 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem1_cap0) { HC_IOCTL, HC_UNRELATED, 1, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem1_cap1) { HC_IOCTL, HC_THREADS, 1, 1 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem8_cap0) { HC_IOCTL, HC_FORKED, 8, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem8_cap5) { HC_IOCTL, HC_THREADS, 8, 5 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem128_cap0) { HC_IOCTL, HC_THREADS, 128, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem128_cap5) { HC_IOCTL, HC_UNRELATED, 128, 5 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem129_cap0) { HC_IOCTL, HC_UNRELATED, 129, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem129_cap1) { HC_IOCTL, HC_THREADS, 129, 1 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem4096_cap0) { HC_IOCTL, HC_FORKED, 4096, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem4096_cap5) { HC_IOCTL, HC_THREADS, 4096, 5 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem65535_cap0) { HC_IOCTL, HC_UNRELATED, 65535, 0 };
FIXTURE_VARIANT_ADD(chan, ioctl_elem65535_cap5) { HC_IOCTL, HC_THREADS, 65535, 5 };
FIXTURE_VARIANT_ADD(chan, rw_elem1_cap0) { HC_RW, HC_FORKED, 1, 0 };
FIXTURE_VARIANT_ADD(chan, rw_elem1_cap5) { HC_RW, HC_THREADS, 1, 5 };
FIXTURE_VARIANT_ADD(chan, rw_elem8_cap0) { HC_RW, HC_UNRELATED, 8, 0 };
FIXTURE_VARIANT_ADD(chan, rw_elem8_cap1) { HC_RW, HC_THREADS, 8, 1 };
FIXTURE_VARIANT_ADD(chan, rw_elem128_cap0) { HC_RW, HC_FORKED, 128, 0 };
FIXTURE_VARIANT_ADD(chan, rw_elem129_cap0) { HC_RW, HC_THREADS, 129, 0 };
FIXTURE_VARIANT_ADD(chan, rw_elem129_cap5) { HC_RW, HC_UNRELATED, 129, 5 };
FIXTURE_VARIANT_ADD(chan, rw_elem4096_cap5) { HC_RW, HC_UNRELATED, 4096, 5 };
FIXTURE_VARIANT_ADD(chan, rw_elem65535_cap5) { HC_RW, HC_UNRELATED, 65535, 5 };

FIXTURE_SETUP(chan)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, variant->elem,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(chan)
{
	hc_chan_drop(&self->ch);
}

#define PUT(seed) \
	hc_put_seed(variant->way, self->fd, variant->elem, seed, false)
#define TRY_PUT(seed) \
	hc_put_seed(variant->way, self->fd, variant->elem, seed, true)
#define GET(seed) \
	hc_get_seed(variant->way, self->fd, variant->elem, seed, false)
#define TRY_GET(seed) \
	hc_get_seed(variant->way, self->fd, variant->elem, seed, true)
#define START(peer, acc, body, seed) \
	hc_start(peer, &self->ch, acc, body, variant->way, variant->elem, seed)

/* As many as the capacity fit, none more, and they come out in their order. */
TEST_F(chan, C3_C6_buffer_holds_its_capacity)
{
	uint64_t i;

	for (i = 0; i < variant->cap; i++) {
		ASSERT_EQ(i, hc_len(self->fd));
		ASSERT_EQ(0, TRY_PUT(i));
	}
	EXPECT_EQ(-EAGAIN, TRY_PUT(99));
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	for (i = 0; i < variant->cap; i++) {
		ASSERT_EQ(1, TRY_GET(i));
		ASSERT_EQ(variant->cap - i - 1, hc_len(self->fd));
	}
	EXPECT_EQ(-EAGAIN, TRY_GET(99));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
}

/* The ring's end is not the order's end: it goes round some times. */
TEST_F(chan, C7_order_over_the_ring_end)
{
	uint64_t in = 0, out = 0, i;

	while (variant->cap && out < 3 * variant->cap + 1) {
		for (i = 0; i < (variant->cap + 1) / 2; i++)
			ASSERT_EQ(0, TRY_PUT(in++));
		while (out < in)
			ASSERT_EQ(1, TRY_GET(out++));
	}
	EXPECT_EQ(0, hc_len(self->fd));
}

/* A blocking call that need not wait does not: it is the same as a try. */
TEST_F(chan, C6_blocking_forms_with_room)
{
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, PUT(i));
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(1, GET(i));
}

/* Whatever room the buffer has, a parked receiver is served, past it. */
TEST_F(chan, C6_parked_receiver_gets_it_directly)
{
	struct hc_peer peer;

	START(&peer, O_RDONLY, hc_recv_one, 7);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	EXPECT_TRUE(hc_parked(self->fd, 0, 1));
	ASSERT_EQ(0, TRY_PUT(7));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(0, hc_join(&peer));
}

/* One element ends the waiting of one receiver, and it is received once. */
TEST_F(chan, C9_exactly_one_receiver_once)
{
	struct hc_peer peer[3];
	int i, got = 0;

	for (i = 0; i < 3; i++)
		START(&peer[i], O_RDONLY, recv_one_or_end, 7);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	ASSERT_EQ(0, TRY_PUT(7));
	EXPECT_TRUE(hc_parked(self->fd, 0, 2));
	ASSERT_EQ(0, hc_close(self->fd));
	for (i = 0; i < 3; i++) {
		int result = hc_join(&peer[i]);

		EXPECT_TRUE(result == 2 || result == 3);
		got += result == 2;
	}
	EXPECT_EQ(1, got);
}

/* A full buffer parks a sender; with capacity 0 that is the rendezvous (C5). */
TEST_F(chan, C5_C6_full_buffer_parks_sender)
{
	struct hc_peer peer;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, TRY_PUT(i));
	START(&peer, O_WRONLY, hc_send_one, i);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	/* It has not happened, so it does not count (C3). */
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 1, 0));
	ASSERT_EQ(1, TRY_GET(0));
	/* Head out, the sender's to the tail: with one receive it has. */
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	EXPECT_EQ(0, hc_join(&peer));
	for (i = 1; i <= variant->cap; i++)
		ASSERT_EQ(1, TRY_GET(i));
	EXPECT_EQ(-EAGAIN, TRY_GET(99));
}

/* First in, first out over the buffer and the parked senders together. */
TEST_F(chan, C7_full_buffer_parked_senders_in_order)
{
	struct hc_peer peer[3];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, TRY_PUT(i));
	for (i = 0; i < 3; i++) {
		START(&peer[i], O_WRONLY, hc_send_one, variant->cap + i);
		ASSERT_EQ(0, hc_wait_senders(self->fd, i + 1));
	}
	for (i = 0; i < variant->cap + 3; i++) {
		ASSERT_EQ(1, TRY_GET(i));
		EXPECT_TRUE(hc_parked(self->fd, i < 3 ? 2 - i : 0, 0));
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
	EXPECT_EQ(-EAGAIN, TRY_GET(99));
}

/* Closed: EPIPE and no signal, also where there is room and a receiver's due. */
TEST_F(chan, C11_send_on_closed)
{
	uint32_t status;

	/* A SIGPIPE would end the test. */
	signal(SIGPIPE, SIG_DFL);
	if (variant->cap)
		ASSERT_EQ(0, TRY_PUT(0));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(-EPIPE, PUT(1));
	EXPECT_EQ(-EPIPE, TRY_PUT(1));
	if (!variant->elem) {
		EXPECT_EQ(-EPIPE, hc_send_by(self->fd, NULL, 0, 0, 0, &status));
		EXPECT_EQ(HCHAN_ST_CLOSED, status);
	}
	EXPECT_EQ(!!variant->cap, hc_len(self->fd));
}

/* Closed: what is left in its order, then the zero value for ever. */
TEST_F(chan, C12_receive_on_closed)
{
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, TRY_PUT(i));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(1, GET(i));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, GET(99));
		EXPECT_EQ(0, TRY_GET(99));
	}
}

/* A try that fails has changed nothing, and nothing is left behind by it. */
TEST_F(chan, C13_try_leaves_nothing_behind)
{
	struct hchan_stat before, after;
	uint64_t i;

	before = hc_stat(self->fd);
	EXPECT_EQ(-EAGAIN, TRY_GET(99));
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, TRY_PUT(i));
	before = hc_stat(self->fd);
	EXPECT_EQ(-EAGAIN, TRY_PUT(99));
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

/* A receiver that has more room gets its element and not a byte more. */
TEST_F(chan, C14_only_the_element_is_written)
{
	uint8_t *buf = malloc(variant->elem + 100);
	struct hchan_xfer xfer;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, TRY_PUT(i));
	ASSERT_EQ(0, hc_close(self->fd));
	/* hc_recv_by() and hc_read() look at what is behind it. */
	for (i = 0; i < variant->cap && variant->way == HC_IOCTL; i++) {
		ASSERT_EQ(1, hc_recv_by(self->fd, buf, variant->elem + 100, 0, 0,
					&xfer));
		EXPECT_EQ(variant->elem, xfer.actual);
		EXPECT_TRUE(hc_is(buf, variant->elem, i));
	}
	/* The zero value has the element's size, no more and no less (C12). */
	if (variant->way == HC_IOCTL) {
		ASSERT_EQ(0, hc_recv_by(self->fd, buf, variant->elem + 100, 0,
					0, &xfer));
		EXPECT_EQ(variant->elem, xfer.actual);
		EXPECT_EQ(HCHAN_ST_CLOSED, xfer.status);
	}
	/* Not whole elements' room: whole elements come out (C44). */
	for (i = 0; i < variant->cap && variant->way == HC_RW; i++)
		ASSERT_EQ(variant->elem,
			  hc_read(self->fd, buf, 2 * variant->elem - 1, 0));
	free(buf);
}

FIXTURE(element)
{
	int fd;
	uint8_t *page;
};

FIXTURE_VARIANT(element)
{
	uint32_t elem;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(element, inline_cap1) { .elem = 8, .cap = 1 };
FIXTURE_VARIANT_ADD(element, inline_cap3) { .elem = 128, .cap = 3 };
FIXTURE_VARIANT_ADD(element, buffer_cap1) { .elem = 129, .cap = 1 };
FIXTURE_VARIANT_ADD(element, buffer_cap3) { .elem = 4096, .cap = 3 };

/* Two pages for elements, and behind them one that is not there. */
FIXTURE_SETUP(element)
{
	self->fd = hc_make(variant->elem, variant->cap, 0);
	ASSERT_LE(0, self->fd);
	self->page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_EQ(0, munmap(self->page + 2 * 4096, 4096));
	memset(self->page, HC_POISON, 2 * 4096);
}

FIXTURE_TEARDOWN(element)
{
	close(self->fd);
}

/* The length must be right to the byte; a wrong one is not begun. */
TEST_F(element, C38_send_of_a_wrong_length)
{
	uint32_t elem = variant->elem;
	uint8_t *buf = self->page;

	EXPECT_EQ(-EMSGSIZE, hc_send(self->fd, buf, elem - 1));
	EXPECT_EQ(-EMSGSIZE, hc_send(self->fd, buf, elem + 1));
	EXPECT_EQ(-EMSGSIZE, hc_try_send(self->fd, buf, 0));
	EXPECT_EQ(-EMSGSIZE, hc_try_send(self->fd, buf, ~0U));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(0, hc_try_send(self->fd, buf, elem));
}

/* Too little room: told how much it takes, and the element stays. */
TEST_F(element, C38_receive_with_too_little_room)
{
	struct hchan_xfer xfer;
	uint8_t buf[4096];

	/* Before there is anything, too. */
	EXPECT_EQ(-EMSGSIZE, hc_recv_by(self->fd, buf, variant->elem - 1, 0, 0,
					&xfer));
	EXPECT_EQ(variant->elem, xfer.actual);
	ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, variant->elem, 5, true));
	EXPECT_EQ(-EMSGSIZE, hc_recv_by(self->fd, buf, 0, 0, 0, &xfer));
	EXPECT_EQ(variant->elem, xfer.actual);
	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, variant->elem, 5, true));
}

/* A send that cannot be copied in has not happened, whatever part is there. */
TEST_F(element, C38_send_from_bad_memory)
{
	uint8_t *end = self->page + 2 * 4096;

	EXPECT_EQ(-EFAULT, hc_send(self->fd, end, variant->elem));
	EXPECT_EQ(-EFAULT, hc_send(self->fd, end - variant->elem + 1,
				   variant->elem));
	EXPECT_EQ(-EFAULT, hc_send(self->fd, NULL, variant->elem));
	EXPECT_EQ(-EFAULT, hc_send(self->fd, (void *)~0UL, variant->elem));
	EXPECT_EQ(-EFAULT, hc_write(self->fd, end - 1, variant->elem, 0));
	EXPECT_EQ(0, hc_len(self->fd));
	EXPECT_EQ(0, hc_send(self->fd, end - variant->elem, variant->elem));
	EXPECT_EQ(1, hc_len(self->fd));
}

/* An HCHAN_IOC_RECV that must fail with EFAULT, and what it may not touch. */
static int recv_fault(int fd, void *buf, uint32_t len, uint32_t flags)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)buf,
		.len = len,
		.flags = flags,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	struct hchan_xfer before = xfer;
	int ret = ioctl(fd, HCHAN_IOC_RECV, &xfer) < 0 ? -errno : 0;

	hc_must(!memcmp(&before, &xfer, sizeof(xfer)));
	return ret;
}

/* A receive looks at its memory first: a bad one takes nothing. */
TEST_F(element, C38_receive_into_bad_memory)
{
	uint8_t *end = self->page + 2 * 4096;
	uint32_t elem = variant->elem;
	uint64_t i;

	/* Not even waits: the channel is empty. */
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, end, elem, 0));
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, elem, i, true));
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, end, elem, 0));
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, end - elem + 1, elem, 0));
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, NULL, elem, HCHAN_NOWAIT));
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, (void *)~0UL, elem, 0));
	ASSERT_EQ(0, mprotect(self->page, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, recv_fault(self->fd, self->page, elem, 0));
	EXPECT_EQ(-1, read(self->fd, self->page, elem));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(hc_all(self->page, HC_POISON, 2 * 4096));
	/* Nothing is lost and nothing has changed its place. */
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, elem, i, true));
}

/* The structure itself where it cannot be written: nothing is taken. */
TEST_F(element, C38_receive_with_a_read_only_argument)
{
	struct hchan_xfer *xfer = (void *)self->page;
	uint8_t buf[4096];

	ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, variant->elem, 5, true));
	memset(xfer, 0, sizeof(*xfer));
	xfer->buf = (uintptr_t)buf;
	xfer->len = variant->elem;
	ASSERT_EQ(0, mprotect(self->page, 4096, PROT_READ));
	EXPECT_EQ(-1, ioctl(self->fd, HCHAN_IOC_RECV, xfer));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, hc_len(self->fd));
	EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, variant->elem, 5, true));
}

/* Memory that is there only once it is touched is good memory. */
TEST_F(element, C38_receive_into_memory_not_yet_there)
{
	uint8_t *area = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)area + 4096 - variant->elem / 2,
		.len = variant->elem,
	};

	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, variant->elem, 5, true));
	ASSERT_EQ(1, ioctl(self->fd, HCHAN_IOC_RECV, &xfer));
	EXPECT_TRUE(hc_is((void *)(uintptr_t)xfer.buf, variant->elem, 5));
	EXPECT_EQ(0, area[4096 - variant->elem / 2 - 1]);
	EXPECT_EQ(0, area[4096 - variant->elem / 2 + variant->elem]);
}

/* What a parked sender does to its memory afterwards changes nothing. */
struct fixed {
	int fd;
	uint8_t buf[4096];
	uint32_t len;
};

static void *send_fixed(void *data)
{
	struct fixed *fixed = data;

	/* Not hc_send(): the memory is to change under the call. */
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)fixed->buf,
		.len = fixed->len,
	};

	return ioctl(fixed->fd, HCHAN_IOC_SEND, &xfer) ? "failed" : NULL;
}

TEST_F(element, C9_element_is_fixed_at_the_call)
{
	struct fixed fixed = { .fd = self->fd, .len = variant->elem };
	pthread_t thread;
	void *result;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, variant->elem, i,
					 true));
	hc_fill(fixed.buf, fixed.len, i);
	ASSERT_EQ(0, pthread_create(&thread, NULL, send_fixed, &fixed));
	ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
	memset(fixed.buf, 0xee, sizeof(fixed.buf));
	for (i = 0; i <= variant->cap; i++)
		EXPECT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, variant->elem, i,
					 true));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(NULL, result);
}

/* A stray -1 is an error, not a channel on which one waits for ever. */
TEST(C4_a_stray_descriptor_is_EBADF)
{
	uint64_t element = 0;

	EXPECT_EQ(-EBADF, hc_send(-1, &element, sizeof(element)));
	EXPECT_EQ(-EBADF, hc_recv(-1, &element, sizeof(element)));
	EXPECT_EQ(-EBADF, hc_close(-1));
}

TEST_HARNESS_MAIN
