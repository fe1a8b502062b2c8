// SPDX-License-Identifier: GPL-2.0-only
/* Close: what it does to those who wait, to what is left, and that it stays. */
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"

#define ELEM 24

/* Peers. arg: way, seed */

static int recv_end(int fd, const long *arg)
{
	struct hchan_xfer xfer;
	uint8_t buf[ELEM];

	if (arg[0] == HC_RW) {
		hc_must(hc_read(fd, buf, ELEM, 0) == 0);
		return 0;
	}
	/* hc_recv_by() sees that the buffer is the zero value. */
	hc_must(hc_recv_by(fd, buf, ELEM, 0, 0, &xfer) == 0);
	hc_must(xfer.actual == ELEM && xfer.status == HCHAN_ST_CLOSED);
	return 0;
}

static int send_end(int fd, const long *arg)
{
	uint8_t buf[ELEM];
	uint32_t status;

	hc_fill(buf, ELEM, arg[1]);
	if (arg[0] == HC_RW) {
		hc_must(hc_write(fd, buf, ELEM, 0) == -EPIPE);
		return 0;
	}
	hc_must(hc_send_by(fd, buf, ELEM, 0, 0, &status) == -EPIPE);
	hc_must(status == HCHAN_ST_CLOSED);
	return 0;
}

static int close_it(int fd, const long *arg)
{
	hc_must(hc_close(fd) == 0);
	return 0;
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_end),
	HC_BODY(send_end),
	HC_BODY(hc_recv_one),
	HC_BODY(close_it),
	{}
};

FIXTURE(closing)
{
	struct hc_chan ch;
	int fd;
};

FIXTURE_VARIANT(closing)
{
	enum hc_between between;
	enum hc_way way;
	uint64_t cap;
};

FIXTURE_VARIANT_ADD(closing, threads_ioctl_cap0) { HC_THREADS, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(closing, threads_ioctl_cap1) { HC_THREADS, HC_IOCTL, 1 };
FIXTURE_VARIANT_ADD(closing, threads_rw_cap7) { HC_THREADS, HC_RW, 7 };
FIXTURE_VARIANT_ADD(closing, forked_ioctl_cap7) { HC_FORKED, HC_IOCTL, 7 };
FIXTURE_VARIANT_ADD(closing, forked_rw_cap0) { HC_FORKED, HC_RW, 0 };
FIXTURE_VARIANT_ADD(closing, forked_rw_cap1) { HC_FORKED, HC_RW, 1 };
FIXTURE_VARIANT_ADD(closing, unrelated_ioctl_cap0) { HC_UNRELATED, HC_IOCTL, 0 };
FIXTURE_VARIANT_ADD(closing, unrelated_ioctl_cap7) { HC_UNRELATED, HC_IOCTL, 7 };
FIXTURE_VARIANT_ADD(closing, unrelated_rw_cap1) { HC_UNRELATED, HC_RW, 1 };

FIXTURE_SETUP(closing)
{
	self->ch.fd = -1;
	ASSERT_EQ(0, hc_chan_make(&self->ch, variant->between, ELEM,
				  variant->cap, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(closing)
{
	hc_chan_drop(&self->ch);
}

#define START(peer, acc, body, seed) \
	hc_start(peer, &self->ch, acc, body, variant->way, seed)

/* Every parked receiver gets the zero value and that no more come. */
TEST_F(closing, C15_wakes_every_parked_receiver)
{
	struct hc_peer peer[3];
	int i;

	for (i = 0; i < 3; i++)
		START(&peer[i], O_RDONLY, recv_end, 0);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 3));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* Every parked sender fails, and its element is never delivered (C11). */
TEST_F(closing, C15_C11_wakes_every_parked_sender)
{
	struct hc_peer peer[3];
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, i, true));
	for (i = 0; i < 3; i++)
		START(&peer[i], O_WRONLY, send_end, 100 + i);
	ASSERT_EQ(0, hc_wait_senders(self->fd, 3));
	ASSERT_EQ(0, hc_close(self->fd));
	EXPECT_TRUE(hc_parked(self->fd, 0, 0));
	EXPECT_EQ(variant->cap, hc_len(self->fd));
	for (i = 0; i < variant->cap; i++)
		EXPECT_EQ(1, hc_get_seed(variant->way, self->fd, ELEM, i, true));
	EXPECT_EQ(0, hc_get_seed(variant->way, self->fd, ELEM, 0, true));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hc_join(&peer[i]));
}

/* What another closes is closed here too. */
TEST_F(closing, C15_closed_by_a_peer)
{
	struct hc_peer peer;
	uint8_t buf[ELEM];

	START(&peer, O_WRONLY, close_it, 0);
	EXPECT_EQ(0, hc_get(variant->way, self->fd, buf, ELEM));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(HCHAN_S_CLOSED, hc_stat(self->fd).state);
	EXPECT_EQ(-EPIPE, hc_put(variant->way, self->fd, buf, ELEM));
}

/* What is left is for every receiver, in order; the end for all of them. */
TEST_F(closing, C12_the_rest_for_every_receiver)
{
	struct hc_peer peer;
	uint64_t i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, i, true));
	ASSERT_EQ(0, hc_close(self->fd));
	for (i = 0; i < variant->cap; i++) {
		hc_start(&peer, &self->ch, O_RDONLY, hc_recv_one, variant->way,
			 ELEM, i);
		EXPECT_EQ(0, hc_join(&peer));
		EXPECT_EQ(variant->cap - i - 1, hc_len(self->fd));
	}
	for (i = 0; i < 2; i++) {
		START(&peer, O_RDONLY, recv_end, 0);
		EXPECT_EQ(0, hc_join(&peer));
	}
}

/* A second close says so and changes nothing; a receiver's may not at all. */
TEST_F(closing, C16_second_close_changes_nothing)
{
	struct hchan_stat before, after;
	int ro = hc_narrow(self->fd, O_RDONLY);
	int wo = hc_narrow(self->fd, O_WRONLY);

	ASSERT_LE(0, ro);
	ASSERT_LE(0, wo);
	before = hc_stat(self->fd);
	EXPECT_EQ(-EBADF, hc_close(ro));
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	if (variant->cap)
		ASSERT_EQ(0, hc_put_seed(variant->way, self->fd, ELEM, 1, true));
	ASSERT_EQ(0, hc_close(wo));
	before = hc_stat(self->fd);
	EXPECT_EQ(HCHAN_S_CLOSED, before.state);
	EXPECT_EQ(!!variant->cap, before.length);
	EXPECT_EQ(-EALREADY, hc_close(wo));
	EXPECT_EQ(-EALREADY, hc_close(self->fd));
	EXPECT_EQ(-EBADF, hc_close(ro));
	after = hc_stat(self->fd);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	close(ro);
	close(wo);
}

/* Neither a new descriptor nor a new open of the name opens it again. */
TEST_F(closing, C16_never_reopens)
{
	uint8_t buf[ELEM] = {};
	int fd;

	ASSERT_EQ(0, hc_close(self->fd));
	fd = hc_narrow(self->fd, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPIPE, hc_try_send(fd, buf, ELEM));
	EXPECT_EQ(0, hc_try_recv(fd, buf, ELEM));
	close(fd);
	if (variant->between != HC_UNRELATED)
		return;
	close(self->fd);
	self->ch.fd = hc_open_name(self->ch.name, O_RDWR);
	ASSERT_LE(0, self->ch.fd);
	EXPECT_EQ(-EPIPE, hc_try_send(self->ch.fd, buf, ELEM));
	EXPECT_EQ(0, hc_try_recv(self->ch.fd, buf, ELEM));
}

/* The last sender's close(2) says nothing: it is not asked for (C49). */
TEST_F(closing, C17_dropping_a_descriptor_says_nothing)
{
	struct hc_peer peer;
	struct pollfd p;
	int ro, wo;

	hc_start(&peer, &self->ch, O_RDONLY, hc_recv_one, variant->way,
		 ELEM, 5);
	ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
	wo = hc_narrow(self->fd, O_WRONLY);
	ASSERT_LE(0, wo);
	ro = hc_narrow(self->fd, O_RDONLY);
	ASSERT_LE(0, ro);
	/* Of several senders one goes. */
	close(self->fd);
	self->ch.fd = -1;
	EXPECT_TRUE(hc_parked(ro, 0, 1));
	if (variant->between != HC_UNRELATED) {
		ASSERT_EQ(0, hc_put_seed(variant->way, wo, ELEM, 5, false));
		close(wo);
	} else {
		/* And all of them; a name has others later. */
		close(wo);
		EXPECT_EQ(0, hc_stat(ro).senders);
		EXPECT_TRUE(hc_parked(ro, 0, 1));
		EXPECT_EQ(0, hc_stat(ro).state);
		wo = hc_open_name(self->ch.name, O_WRONLY);
		ASSERT_LE(0, wo);
		ASSERT_EQ(0, hc_put_seed(variant->way, wo, ELEM, 5, false));
		close(wo);
	}
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, hc_stat(ro).senders);
	EXPECT_EQ(0, hc_stat(ro).state);
	EXPECT_EQ(-EAGAIN, hc_get_seed(variant->way, ro, ELEM, 0, true));
	p = (struct pollfd){ .fd = ro, .events = POLLIN | POLLRDHUP };
	EXPECT_EQ(0, poll(&p, 1, 0));
	close(ro);
}

/* close(2) of the descriptor that a parked call came through does not end it. */
TEST(C17_parked_through_a_descriptor_that_goes)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peer;

	ch.fd = hc_make(ELEM, 0, 0);
	ASSERT_LE(0, ch.fd);
	hc_start(&peer, &ch, O_RDONLY, hc_recv_one, HC_IOCTL, ELEM, 5);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	ASSERT_EQ(0, close(peer.fd));
	EXPECT_TRUE(hc_parked(ch.fd, 0, 1));
	/* Its open file is there as long as the call. */
	EXPECT_EQ(2, hc_stat(ch.fd).receivers);
	ASSERT_EQ(0, hc_put_seed(HC_IOCTL, ch.fd, ELEM, 5, true));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(1, hc_stat(ch.fd).receivers);

	hc_start(&peer, &ch, O_WRONLY, send_end, HC_RW, 5);
	ASSERT_EQ(0, hc_wait_senders(ch.fd, 1));
	ASSERT_EQ(0, close(peer.fd));
	EXPECT_TRUE(hc_parked(ch.fd, 1, 0));
	ASSERT_EQ(0, hc_close(ch.fd));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(1, hc_stat(ch.fd).senders);
}

/* More of them than are woken at once, of both kinds one after the other. */
#define CROWD 150

static void crowd(struct __test_metadata *_metadata, bool senders)
{
	struct hc_chan ch = { .fd = -1 };
	struct hc_peer *peer = calloc(CROWD, sizeof(*peer));
	int i;

	ASSERT_EQ(0, hc_chan_make(&ch, HC_THREADS, ELEM, 0, 0));
	for (i = 0; i < CROWD; i++)
		hc_start(&peer[i], &ch, senders ? O_WRONLY : O_RDONLY,
			 senders ? send_end : recv_end, HC_IOCTL, i);
	ASSERT_EQ(0, hc_wait(ch.fd, senders ? HCHAN_W_SENDERS :
					      HCHAN_W_RECEIVERS, CROWD));
	ASSERT_EQ(0, hc_close(ch.fd));
	EXPECT_TRUE(hc_parked(ch.fd, 0, 0));
	for (i = 0; i < CROWD; i++)
		ASSERT_EQ(0, hc_join(&peer[i]));
	free(peer);
	hc_chan_drop(&ch);
}

TEST(C15_wakes_a_crowd_of_receivers)
{
	crowd(_metadata, false);
}

TEST(C15_wakes_a_crowd_of_senders)
{
	crowd(_metadata, true);
}

TEST_HARNESS_MAIN
