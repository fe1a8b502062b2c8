// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers (C29, C31): a receive-only channel without room to the eye, whose element is
 * the time when it was due. What stop and reset leave of the old setting: nothing.
 */
#include <limits.h>
#include <poll.h>

#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "hchan_timer.h"

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(ht_recv_one),
	{}
};

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

/* C29: what kind of a channel it is. */
TEST(C29_to_the_eye)
{
	int fd = ht_at(now() + HT_HOUR), i;
	struct hchan_stat stat;

	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		stat = hc_stat(fd);
		EXPECT_EQ(8, stat.elem_size);
		EXPECT_EQ(0, stat.capacity);
		EXPECT_EQ(0, stat.length);
		EXPECT_EQ(0, stat.flags);
		EXPECT_EQ(0, stat.type_tag);
		EXPECT_EQ(HCHAN_S_TIMER, stat.state);
		EXPECT_EQ(0, stat.senders);
		EXPECT_EQ(1, stat.receivers);
		EXPECT_EQ(0, stat.parked_senders);
		EXPECT_EQ(0, stat.parked_receivers);
		/* The same with an element that waits. */
		EXPECT_EQ(1, ht_set(fd, 1));
	}
	close(fd);
}

TEST(C29_receive_only)
{
	int fd = ht_at(now() + HT_HOUR), other, i;
	int ch = hc_make(8, 1, 0);
	struct hchan_sendrecv both = {
		.send_len = 8,
		.recv_len = 8,
		.recv_fd = ch,
	};
	struct hchan_batch batch = { .stride = 8, .count = 1 };
	int64_t x = 0;

	batch.buf = (uintptr_t)&x;
	both.send_buf = (uintptr_t)&x;
	both.recv_buf = (uintptr_t)&x;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(-EBADF, hc_try_send(fd, &x, 8));
		EXPECT_EQ(-EBADF, hc_write(fd, &x, 8, 0));
		EXPECT_EQ(-EBADF, hc_close(fd));
		EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_SENDN, &batch));
		EXPECT_EQ(EBADF, errno);
		EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_SENDRECV, &both));
		EXPECT_EQ(EBADF, errno);
		EXPECT_EQ(-EACCES, hc_narrow(fd, O_WRONLY));
		EXPECT_EQ(-EACCES, hc_narrow(fd, O_RDWR));
		EXPECT_EQ(1, ht_set(fd, 7));
	}
	/* A receiver's, it is as any. */
	EXPECT_EQ(-1, ioctl(ch, HCHAN_IOC_TIMER_SET, &x));
	EXPECT_EQ(ENOTTY, errno);
	other = hc_narrow(fd, O_RDONLY);
	ASSERT_LE(0, other);
	EXPECT_EQ(2, hc_stat(other).receivers);
	EXPECT_EQ(7, ht_recv(other));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	close(other);
	close(fd);
	close(ch);
}

/* Each way to receive gives the time when it was due, and once. */
TEST(C29_the_element_is_the_due_time)
{
	int64_t due, got[4];
	struct hchan_batch batch = { .stride = 8, .count = 4,
				     .flags = HCHAN_SOME };
	struct hchan_sendrecv both = { .send_len = 8, .recv_len = 8, .sent = 0 };
	int fd = ht_at(HT_NEVER), ch = hc_make(8, 1, 0);

	batch.buf = (uintptr_t)got;
	ASSERT_LE(0, fd);
	due = now() + HC_MS;
	EXPECT_EQ(0, ht_set(fd, due));
	EXPECT_EQ(due, ht_recv(fd));
	EXPECT_EQ(-EAGAIN, ht_try(fd));

	due = now() + HC_MS;
	EXPECT_EQ(0, ht_set(fd, due));
	EXPECT_EQ(8, hc_read(fd, got, 8, 0));
	EXPECT_EQ(due, got[0]);
	EXPECT_EQ(-EAGAIN, hc_read(fd, got, 8, RWF_NOWAIT));

	due = now() + HC_MS;
	EXPECT_EQ(0, ht_set(fd, due));
	EXPECT_EQ(8, hc_read(fd, got, 32, 0));
	EXPECT_EQ(due, got[0]);
	EXPECT_EQ(-EMSGSIZE, hc_read(fd, got, 7, 0));

	due = now() + HC_MS;
	EXPECT_EQ(0, ht_set(fd, due));
	EXPECT_EQ(1, ioctl(fd, HCHAN_IOC_RECVN, &batch));
	EXPECT_EQ(due, got[0]);
	EXPECT_LE(due, now());
	batch.flags = HCHAN_NOWAIT;
	EXPECT_EQ(-1, ioctl(fd, HCHAN_IOC_RECVN, &batch));
	EXPECT_EQ(EAGAIN, errno);

	due = now() + HC_MS;
	EXPECT_EQ(0, ht_set(fd, due));
	both.send_buf = (uintptr_t)&due;
	both.recv_buf = (uintptr_t)got;
	both.recv_fd = fd;
	EXPECT_EQ(1, ioctl(ch, HCHAN_IOC_SENDRECV, &both));
	EXPECT_EQ(due, got[0]);
	EXPECT_LE(due, now());
	close(fd);
	close(ch);
}

/*
 * At its time it is there, for the first who looks: whether the kernel has got
 * round to it by itself or not.
 */
TEST(C29_at_its_time)
{
	long i, rounds = hc_scale(300);
	struct pollfd p = { .events = POLLIN };
	int64_t due, x;
	int fd = ht_at(HT_NEVER);

	p.fd = fd;
	for (i = 0; i < rounds; i++) {
		due = now() + i % 7 * 20000;
		ASSERT_EQ(0, ht_set(fd, due));
		while (now() < due)
			;
		switch (i % 5) {
		case 0:
			ASSERT_EQ(due, ht_try(fd));
			break;
		case 1:
			ASSERT_EQ(1, poll(&p, 1, 0));
			ASSERT_EQ(POLLIN, p.revents);
			ASSERT_EQ(due, ht_try(fd));
			break;
		case 2:
			/* A deadline in the past is one try (C40). */
			ASSERT_EQ(due, ht_recv_by(fd, CLOCK_MONOTONIC,
						  HCHAN_DEADLINE, 1));
			break;
		case 3:
			ASSERT_EQ(8, hc_read(fd, &x, 8, RWF_NOWAIT));
			ASSERT_EQ(due, x);
			break;
		default:
			ASSERT_EQ(1, ht_stop(fd));
			ASSERT_EQ(0, poll(&p, 1, 0));
			break;
		}
		ASSERT_EQ(-EAGAIN, ht_try(fd));
		ASSERT_EQ(0, ht_stop(fd));
	}
	close(fd);
}

/* C31: what has passed is ready at once; what never comes does not. */
TEST(C31_past_and_never)
{
	static const int64_t past[] = { INT64_MIN, -1, 0, 1 };
	static const int64_t far[] = { HT_NEVER, HT_NEVER - 1, HT_NEVER - 1000 };
	unsigned int i, k;
	int64_t got;
	int fd;

	for (i = 0; i < ARRAY_SIZE(past); i++) {
		for (k = 0; k < 2; k++) {
			fd = ht_at(k ? HT_NEVER : past[i]);
			if (k)
				EXPECT_EQ(0, ht_set(fd, past[i]));
			EXPECT_EQ(1, hc_try_recv(fd, &got, 8));
			EXPECT_EQ(past[i], got);
			EXPECT_EQ(-EAGAIN, hc_try_recv(fd, &got, 8));
			EXPECT_EQ(0, ht_info(fd).armed);
			close(fd);
		}
	}
	for (i = 0; i < 2 * ARRAY_SIZE(far); i++) {
		got = far[i / 2];
		fd = ht_make(i % 2 ? HCHAN_REALTIME : 0, got, 0);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-EAGAIN, ht_try(fd));
		EXPECT_EQ(-ETIMEDOUT, ht_recv_by(fd, CLOCK_MONOTONIC,
						 HCHAN_DEADLINE,
						 now() + HC_MS));
		EXPECT_EQ(got, ht_info(fd).due);
		EXPECT_EQ(got != HT_NEVER, ht_info(fd).armed);
		EXPECT_EQ(got != HT_NEVER, ht_stop(fd));
		EXPECT_EQ(0, ht_info(fd).armed);
		close(fd);
	}
}

/* C29: stop says whether it has prevented the receive. */
TEST(C29_what_stop_says)
{
	int64_t due = now() + HT_HOUR;
	int fd = ht_at(due);

	/* To come. */
	EXPECT_EQ(1, ht_stop(fd));
	EXPECT_EQ(0, ht_stop(fd));
	/* Due, and not received. */
	EXPECT_EQ(0, ht_set(fd, 5));
	EXPECT_EQ(1, ht_stop(fd));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(0, ht_stop(fd));
	/* Received. */
	EXPECT_EQ(0, ht_set(fd, 5));
	EXPECT_EQ(5, ht_try(fd));
	EXPECT_EQ(0, ht_stop(fd));
	/* A reset likewise. */
	EXPECT_EQ(0, ht_set(fd, 6));
	EXPECT_EQ(1, ht_set(fd, due));
	EXPECT_EQ(-EAGAIN, ht_try(fd));
	EXPECT_EQ(1, ht_set(fd, 7));
	EXPECT_EQ(7, ht_try(fd));
	EXPECT_EQ(0, ht_set(fd, due));
	EXPECT_EQ(1, ht_set_by(fd, HCHAN_TIMER_TICK, 8, HT_HOUR));
	/* A ticker that has not been stopped has always a next one. */
	EXPECT_EQ(8, ht_try(fd));
	EXPECT_EQ(1, ht_stop(fd));
	EXPECT_EQ(0, ht_stop(fd));
	close(fd);
}

/* C30: who waits for one that is stopped goes on waiting: it is not closed. */
TEST(C30_stop_does_not_close)
{
	struct hc_chan ch = { .between = HC_THREADS };
	int64_t due = now() + HT_HOUR;
	struct hc_peer peer;

	ch.fd = ht_at(due);
	hc_start(&peer, &ch, O_RDONLY, ht_recv_one, 9);
	ASSERT_EQ(0, hc_wait_receivers(ch.fd, 1));
	EXPECT_EQ(1, ht_stop(ch.fd));
	EXPECT_EQ(HCHAN_S_TIMER, hc_stat(ch.fd).state);
	ASSERT_TRUE(hc_parked(ch.fd, 0, 1));
	EXPECT_EQ(0, ht_set(ch.fd, due));
	ASSERT_TRUE(hc_parked(ch.fd, 0, 1));
	/* And gets the first that comes, of a later setting. */
	EXPECT_EQ(1, ht_set(ch.fd, 9));
	EXPECT_EQ(0, hc_join(&peer));
	EXPECT_EQ(0, ht_stop(ch.fd));
	hc_chan_drop(&ch);
}

/* First come, first served (C8). */
TEST(C29_one_element_one_receiver)
{
	struct hc_chan ch = { .between = HC_THREADS };
	struct hc_peer peers[3];
	int i;

	ch.fd = ht_at(HT_NEVER);
	for (i = 0; i < 3; i++) {
		hc_start(&peers[i], &ch, O_RDONLY, ht_recv_one, i + 1);
		ASSERT_EQ(0, hc_wait_receivers(ch.fd, i + 1));
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, ht_set(ch.fd, i + 1));
		EXPECT_EQ(0, hc_join(&peers[i]));
		EXPECT_TRUE(hc_parked(ch.fd, 0, 2 - i));
	}
	EXPECT_EQ(-EAGAIN, ht_try(ch.fd));
	hc_chan_drop(&ch);
}

/* The length is 0 always, and who waits for another one waits in vain. */
TEST(C29_wait_for_a_length)
{
	struct hchan_wait wait = { .what = HCHAN_W_LENGTH, .count = 0 };
	int fd = ht_at(1);

	EXPECT_EQ(0, hc_wait_for(fd, &wait));
	EXPECT_EQ(0, wait.seen);
	wait.count = 1;
	wait.flags = HCHAN_NOWAIT;
	EXPECT_EQ(-EAGAIN, hc_wait_for(fd, &wait));
	EXPECT_EQ(1, ht_try(fd));
	close(fd);
}

/* O_NONBLOCK, from the beginning and later (C43); O_CLOEXEC; on any channel. */
TEST(descriptors)
{
	int ch = hc_make(8, 0, 0), fd, other;

	fd = ht_make_by(ch, 0, O_NONBLOCK, HT_NEVER, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_NONBLOCK | O_RDONLY,
		  fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
	EXPECT_EQ(-EAGAIN, ht_recv(fd));
	other = ht_make_by(fd, 0, O_CLOEXEC, 3, 0);
	ASSERT_LE(0, other);
	EXPECT_EQ(FD_CLOEXEC, fcntl(other, F_GETFD));
	EXPECT_NE(hc_stat(fd).id, hc_stat(other).id);
	EXPECT_EQ(3, ht_recv(other));
	ASSERT_EQ(0, fcntl(other, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, ht_recv(other));
	close(other);
	close(fd);
	close(ch);
}

TEST(fdinfo)
{
	int64_t due = now() + HT_HOUR;
	struct ht_info info;
	int fd = ht_at(due);

	info = ht_info(fd);
	EXPECT_TRUE(info.timer && !info.realtime);
	EXPECT_EQ(due, info.due);
	EXPECT_EQ(0, info.period);
	EXPECT_EQ(1, info.armed);
	EXPECT_EQ(1, ht_set_by(fd, HCHAN_TIMER_TICK, due + 1, 17));
	info = ht_info(fd);
	EXPECT_EQ(due + 1, info.due);
	EXPECT_EQ(17, info.period);
	EXPECT_EQ(1, ht_stop(fd));
	info = ht_info(fd);
	EXPECT_EQ(HT_NEVER, info.due);
	EXPECT_EQ(0, info.armed);
	close(fd);
	fd = ht_make(HCHAN_REALTIME, HT_NEVER - 1, 0);
	EXPECT_EQ(-EINVAL, ht_set(fd, 1));
	EXPECT_EQ(HT_NEVER - 1, ht_info(fd).due);
	EXPECT_TRUE(ht_info(fd).realtime);
	close(fd);
	fd = hc_make(8, 0, 0);
	EXPECT_FALSE(ht_info(fd).timer);
	close(fd);
}

TEST(the_query_says_so)
{
	struct hchan_query query = { .size = sizeof(query) };
	int fd = open("/dev/hchan", O_RDWR | O_CLOEXEC);

	ASSERT_EQ(0, ioctl(fd, HCHAN_IOC_QUERY, &query));
	EXPECT_EQ(HCHAN_FEAT_TIMER, query.features & HCHAN_FEAT_TIMER);
	close(fd);
}

TEST_HARNESS_MAIN
