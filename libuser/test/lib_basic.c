// SPDX-License-Identifier: GPL-2.0-only
/* libhchan on anonymous channels: each function against the kernel. */
#include "lib_util.h"

#include "../kselftest_harness.h"

#define POISON	0x5a5a5a5a

FIXTURE(channel) {
	int ch;
};

FIXTURE_VARIANT(channel) {
	unsigned int cap;
};

FIXTURE_VARIANT_ADD(channel, rendezvous) { .cap = 0 };
FIXTURE_VARIANT_ADD(channel, one) { .cap = 1 };
FIXTURE_VARIANT_ADD(channel, many) { .cap = 64 };

FIXTURE_SETUP(channel)
{
	self->ch = hchan_make(sizeof(int), variant->cap);
	ASSERT_LE(0, self->ch) TH_LOG("%s", hchan_errmsg());
	errno = EXDEV;
}

FIXTURE_TEARDOWN(channel)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(0, hchan_drop(self->ch));
}

/* C3: what is asked for is there. */
TEST_F(channel, make)
{
	struct hchan_stat st;

	ASSERT_EQ(0, hchan_stat(self->ch, &st));
	EXPECT_EQ(sizeof(st), st.size);
	EXPECT_EQ(sizeof(int), st.elem_size);
	EXPECT_EQ(variant->cap, st.capacity);
	EXPECT_EQ(0, st.flags);
	EXPECT_EQ(0, st.type_tag);
	EXPECT_EQ(1, st.senders);
	EXPECT_EQ(1, st.receivers);
	EXPECT_EQ(0, hchan_len(self->ch));
	EXPECT_EQ(variant->cap, hchan_cap(self->ch));
	EXPECT_EQ(O_RDWR, fcntl(self->ch, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->ch, F_GETFD));
}

/* A wait that may look before it sleeps is a wait. */
TEST_F(channel, spin)
{
	struct parked recv = { .ch = self->ch };
	int only = hchan_recv_only(self->ch), n = 7;

	EXPECT_EQ(0, hchan_set_spin(only, 0));
	EXPECT_EQ(0, hchan_set_spin(only, -1));
	EXPECT_EQ(-EINVAL, hchan_set_spin(self->ch, HCHAN_SPIN_MAX + 1));
	EXPECT_EQ(-EINVAL, hchan_set_spin(HCHAN_NIL, 0));
	EXPECT_EQ(-EBADF, hchan_set_spin(-1, 0));
	EXPECT_EQ(0, hchan_set_spin(self->ch, HCHAN_SPIN_MAX));
	pthread_create(&recv.thread, NULL, recv_parked, &recv);
	ASSERT_EQ(1, hchan_wait_receivers(self->ch, 1, patience()));
	EXPECT_EQ(0, hchan_send(self->ch, &n, sizeof(n)));
	pthread_join(recv.thread, NULL);
	EXPECT_EQ(1, recv.ret);
	EXPECT_EQ(0, hchan_drop(only));
}

/* C5 C6 C8: to a parked receiver, in order. */
TEST_F(channel, send_to_parked)
{
	struct parked recv[2] = { { .ch = self->ch }, { .ch = self->ch } };
	int i;

	for (i = 0; i < 2; i++) {
		pthread_create(&recv[i].thread, NULL, recv_parked, &recv[i]);
		ASSERT_EQ(i + 1, hchan_wait_receivers(self->ch, i + 1,
						      patience()));
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, hchan_send(self->ch, &i, sizeof(i)));
	for (i = 0; i < 2; i++) {
		pthread_join(recv[i].thread, NULL);
		EXPECT_EQ(1, recv[i].ret);
		EXPECT_EQ(i, recv[i].elem);
	}
}

/* C7 C8: full, then parked; received in the order of sending. */
TEST_F(channel, recv_from_parked)
{
	struct parked send[2] = { { .ch = self->ch }, { .ch = self->ch } };
	int value = -1;
	int i;

	for (i = 0; i < (int)variant->cap; i++)
		ASSERT_EQ(0, hchan_try_send(self->ch, &i, sizeof(i)));
	EXPECT_EQ(-EAGAIN, hchan_try_send(self->ch, &i, sizeof(i)));
	for (i = 0; i < 2; i++) {
		send[i].elem = variant->cap + i;
		pthread_create(&send[i].thread, NULL, send_parked, &send[i]);
		ASSERT_EQ(i + 1, hchan_wait_senders(self->ch, i + 1,
						    patience()));
	}
	EXPECT_EQ(variant->cap, hchan_len(self->ch));
	for (i = 0; i < (int)variant->cap + 2; i++) {
		EXPECT_EQ(1, hchan_recv(self->ch, &value, sizeof(value)));
		EXPECT_EQ(i, value);
	}
	for (i = 0; i < 2; i++) {
		pthread_join(send[i].thread, NULL);
		EXPECT_EQ(0, send[i].ret);
	}
}

/* C13 C40: nothing is there, and what has no element is not written to. */
TEST_F(channel, not_ready)
{
	int value = POISON;

	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->ch, &value, sizeof(value)));
	EXPECT_EQ(-ETIMEDOUT, hchan_recv_until(self->ch, &value, sizeof(value),
					       hchan_after(0)));
	EXPECT_EQ(-EAGAIN, hchan_recv_until(self->ch, &value, sizeof(value),
					    hchan_nowait()));
	EXPECT_EQ(-ETIMEDOUT,
		  hchan_recvn_until(self->ch, &value, sizeof(value), 1,
				    hchan_after(HCHAN_MSEC), 0));
	EXPECT_EQ(POISON, value);
	EXPECT_EQ(-EINVAL, hchan_recv_until(self->ch, &value, sizeof(value),
					    (struct hchan_when){ 1, 0 }));
}

/* C11 C12 C15 C16: the end, for those who wait and those who come. */
TEST_F(channel, close)
{
	struct parked recv = { .ch = self->ch, .elem = POISON };
	struct hchan_xfer xfer = { .buf = (uintptr_t)&recv.elem, .len = 4 };
	int value = POISON;

	pthread_create(&recv.thread, NULL, recv_parked, &recv);
	ASSERT_EQ(1, hchan_wait_receivers(self->ch, 1, patience()));
	EXPECT_EQ(0, hchan_close(self->ch));
	pthread_join(recv.thread, NULL);
	EXPECT_EQ(0, recv.ret);
	EXPECT_EQ(0, recv.elem);

	EXPECT_EQ(-EALREADY, hchan_close(self->ch));
	EXPECT_EQ(-EPIPE, hchan_send(self->ch, &value, sizeof(value)));
	EXPECT_EQ(-EPIPE, hchan_try_send(self->ch, &value, sizeof(value)));
	EXPECT_EQ(0, hchan_recv(self->ch, &value, sizeof(value)));
	EXPECT_EQ(0, value);
	EXPECT_EQ(0, hchan_recvn(self->ch, &value, sizeof(value), 1));
	EXPECT_EQ(0, hchan_xfer_recv(self->ch, &xfer));
	EXPECT_EQ(HCHAN_ST_CLOSED, xfer.status);
	EXPECT_EQ(-EPIPE, hchan_wait_receivers(self->ch, 1, patience()));
}

/* C12: what is buffered survives the close, and then it is over. */
TEST_F(channel, close_drains)
{
	unsigned int value;
	unsigned int i;

	for (i = 0; i < variant->cap; i++)
		ASSERT_EQ(0, hchan_send(self->ch, &i, sizeof(i)));
	ASSERT_EQ(0, hchan_close(self->ch));
	EXPECT_EQ(variant->cap, hchan_len(self->ch));
	for (i = 0; i < variant->cap; i++) {
		EXPECT_EQ(1, hchan_recv(self->ch, &value, sizeof(value)));
		EXPECT_EQ(i, value);
	}
	EXPECT_EQ(0, hchan_recv(self->ch, &value, sizeof(value)));
}

/* C39: batches report what they moved. */
TEST_F(channel, batches)
{
	int out[64], in[70];
	int i;

	for (i = 0; i < 64; i++)
		out[i] = i;
	EXPECT_EQ(0, hchan_sendn(self->ch, out, sizeof(*out), 0));
	if (!variant->cap) {
		EXPECT_EQ(-EAGAIN,
			  hchan_sendn_until(self->ch, out, sizeof(*out), 64,
					    hchan_nowait()));
		return;
	}
	EXPECT_EQ(variant->cap,
		  hchan_sendn_until(self->ch, out, sizeof(*out), 64,
				    hchan_nowait()));
	memset(in, 0x5a, sizeof(in));
	EXPECT_EQ(variant->cap,
		  hchan_recvn_until(self->ch, in, sizeof(*in), 70,
				    hchan_forever(), HCHAN_SOME));
	EXPECT_EQ(0, memcmp(in, out, variant->cap * sizeof(*in)));
	EXPECT_EQ(POISON, in[variant->cap]);
	EXPECT_EQ(-EINVAL, hchan_recvn_until(self->ch, in, sizeof(*in), 1,
					     hchan_nowait(), HCHAN_SOME));
}

/* C38: sizes are checked, and nothing is lost by it. */
TEST_F(channel, sizes)
{
	struct parked send = { .ch = self->ch, .elem = 7 };
	long long value = 0;

	EXPECT_EQ(-EMSGSIZE, hchan_try_send(self->ch, &value, 3));
	EXPECT_EQ(-EMSGSIZE, hchan_try_send(self->ch, &value, sizeof(value)));
	/* On 32 bits this is 4 less than the largest size. */
	EXPECT_EQ(-EMSGSIZE, hchan_try_send(self->ch, &value,
					    SIZE_MAX / 2 + 1 + 4));
	pthread_create(&send.thread, NULL, send_parked, &send);
	ASSERT_EQ(1, variant->cap ? hchan_wait_len(self->ch, 1, patience()) :
				    hchan_wait_senders(self->ch, 1, patience()));
	EXPECT_EQ(-EMSGSIZE, hchan_recv(self->ch, &value, 3));
	EXPECT_EQ(1, hchan_recv(self->ch, &value, sizeof(value)));
	EXPECT_EQ(7, value);
	pthread_join(send.thread, NULL);
	EXPECT_EQ(0, send.ret);
}

/* C17: dropping a descriptor says nothing; C42: narrower ones stay narrow. */
TEST_F(channel, narrow)
{
	int tx = hchan_send_only(self->ch);
	int rx = hchan_recv_only(self->ch);
	struct hchan_stat st, other;
	int value = 3;

	ASSERT_LE(0, tx);
	ASSERT_LE(0, rx);
	EXPECT_EQ(-EBADF, hchan_try_recv(tx, &value, sizeof(value)));
	EXPECT_EQ(-EBADF, hchan_try_send(rx, &value, sizeof(value)));
	EXPECT_EQ(-EBADF, hchan_close(rx));
	EXPECT_EQ(-EACCES, hchan_send_only(rx));
	EXPECT_EQ(-EACCES, hchan_recv_only(tx));
	EXPECT_EQ(FD_CLOEXEC, fcntl(rx, F_GETFD));
	ASSERT_EQ(0, hchan_stat(rx, &st));
	ASSERT_EQ(0, hchan_stat(self->ch, &other));
	EXPECT_EQ(other.id, st.id);
	EXPECT_EQ(2, st.senders);
	EXPECT_EQ(2, st.receivers);
	EXPECT_EQ(0, hchan_drop(tx));
	EXPECT_EQ(-EBADF, hchan_drop(tx));
	ASSERT_EQ(0, hchan_stat(rx, &st));
	EXPECT_EQ(0, st.state);
	EXPECT_EQ(1, st.senders);
	EXPECT_EQ(0, hchan_drop(rx));
}

/* C47: a descriptor that came from elsewhere. */
TEST_F(channel, check)
{
	EXPECT_EQ(0, hchan_check(self->ch, sizeof(int), 0));
	EXPECT_EQ(0, hchan_check(self->ch, sizeof(int), 5));
	EXPECT_EQ(-EPROTOTYPE, hchan_check(self->ch, 5, 0));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "of 5 bytes"));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "of 4 bytes"));
}

TEST_F(channel, wait)
{
	EXPECT_EQ(0, hchan_wait_len(self->ch, 0, hchan_nowait()));
	EXPECT_EQ(-EAGAIN, hchan_wait_len(self->ch, 1, hchan_nowait()));
	EXPECT_EQ(-ETIMEDOUT, hchan_wait_senders(self->ch, 1, hchan_after(0)));
	EXPECT_EQ(-EINVAL, hchan_wait_senders(self->ch, 1,
					      (struct hchan_when){ 5, 0 }));
}

FIXTURE(messages) {
	int ch;
};

FIXTURE_SETUP(messages)
{
	struct hchan_opts opts = {
		.elem_size = 100,
		.capacity = 4,
		.flags = HCHAN_MSG,
	};

	self->ch = hchan_make_opts(&opts);
	ASSERT_LE(0, self->ch) TH_LOG("%s", hchan_errmsg());
}

FIXTURE_TEARDOWN(messages)
{
	EXPECT_EQ(0, hchan_drop(self->ch));
}

/* C38: lengths come along; a message without room stays. */
TEST_F(messages, lengths)
{
	size_t len = POISON;
	char buf[100];

	ASSERT_EQ(0, hchan_send_msg(self->ch, "hello", 5, hchan_nowait()));
	EXPECT_EQ(-EMSGSIZE, hchan_send_msg(self->ch, buf, 0, hchan_nowait()));
	EXPECT_EQ(-EMSGSIZE, hchan_send_msg(self->ch, buf, 101,
					    hchan_nowait()));
	EXPECT_EQ(-EMSGSIZE, hchan_recv_msg(self->ch, buf, 4, &len,
					    hchan_nowait()));
	EXPECT_EQ(5, len);
	EXPECT_EQ(1, hchan_recv_msg(self->ch, buf, sizeof(buf), &len,
				    hchan_nowait()));
	EXPECT_EQ(5, len);
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	len = POISON;
	EXPECT_EQ(-EAGAIN, hchan_recv_msg(self->ch, buf, sizeof(buf), &len,
					  hchan_nowait()));
	EXPECT_EQ(POISON, len);
	ASSERT_EQ(0, hchan_close(self->ch));
	EXPECT_EQ(0, hchan_recv_msg(self->ch, buf, sizeof(buf), &len,
				    hchan_forever()));
	EXPECT_EQ(0, len);
}

/* C39: the kernel's own structure, for batches of messages. */
TEST_F(messages, batch)
{
	uint32_t lens[3] = { 3, 1, 2 }, got[3];
	char out[3][4] = { "abc", "x", "de" };
	char in[3][4];
	struct hchan_batch batch = {
		.buf = (uintptr_t)out,
		.lens = (uintptr_t)lens,
		.stride = 4,
		.count = 3,
	};

	EXPECT_EQ(3, hchan_batch_send(self->ch, &batch));
	EXPECT_EQ(3, batch.done);
	batch.buf = (uintptr_t)in;
	batch.lens = (uintptr_t)got;
	batch.done = 0;
	EXPECT_EQ(3, hchan_batch_recv(self->ch, &batch));
	EXPECT_EQ(0, memcmp(got, lens, sizeof(lens)));
	EXPECT_EQ(0, memcmp(in[0], "abc", 3));
	EXPECT_EQ(0, memcmp(in[2], "de", 2));
}

/* C1: what can't be made leaves no descriptor and says why. */
TEST(make_fails)
{
	struct hchan_opts opts = { .flags = HCHAN_MSG };
	int before = dup(0);

	close(before);
	EXPECT_EQ(-EMSGSIZE, hchan_make(HCHAN_ELEM_MAX + 1, 0));
	EXPECT_NE(0, *hchan_errmsg());
	EXPECT_EQ(-EOVERFLOW, hchan_make(1, UINT64_MAX));
	EXPECT_EQ(-EMSGSIZE, hchan_make_opts(&opts));
	opts.flags = HCHAN_CREATE;
	EXPECT_EQ(-EINVAL, hchan_make_opts(&opts));
	opts.flags = 1U << 31;
	EXPECT_EQ(-EINVAL, hchan_make_opts(&opts));
	opts.flags = 0;
	opts.mode = 0600;
	EXPECT_EQ(-EINVAL, hchan_make_opts(&opts));
	EXPECT_EQ(before, dup(0));
}

/* C2: empty elements are counted. */
TEST(empty_elements)
{
	int ch = hchan_make(0, 2);

	ASSERT_LE(0, ch);
	EXPECT_EQ(0, hchan_send(ch, NULL, 0));
	EXPECT_EQ(1, hchan_sendn(ch, NULL, 0, 1));
	EXPECT_EQ(-EAGAIN, hchan_try_send(ch, NULL, 0));
	EXPECT_EQ(2, hchan_recvn(ch, NULL, 0, 2));
	EXPECT_EQ(0, hchan_drop(ch));
}

/* What a descriptor is like: C42 C43. */
TEST(how)
{
	struct hchan_opts opts = {
		.elem_size = 1,
		.capacity = 1,
		.how = HCHAN_O_RECV | HCHAN_O_NONBLOCK | HCHAN_O_INHERIT,
	};
	int ch = hchan_make_opts(&opts);
	char byte;

	ASSERT_LE(0, ch);
	EXPECT_EQ(-EAGAIN, hchan_recv(ch, &byte, 1));
	EXPECT_EQ(-EBADF, hchan_send(ch, &byte, 1));
	EXPECT_EQ(0, fcntl(ch, F_GETFD));
	EXPECT_EQ(0, hchan_drop(ch));
}

/* C49: the last sender has gone; the status says that it is no close. */
TEST(disconnect)
{
	struct hchan_opts opts = {
		.elem_size = 4,
		.flags = HCHAN_DISCONNECT,
		.how = HCHAN_O_SEND | HCHAN_O_RECV,
	};
	struct hchan_xfer xfer = { .len = 4 };
	int ch = hchan_make_opts(&opts);
	int value = POISON;
	int rx;

	ASSERT_LE(0, ch);
	rx = hchan_recv_only(ch);
	ASSERT_LE(0, rx);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(rx, &value, sizeof(value)));
	EXPECT_EQ(0, hchan_drop(ch));
	EXPECT_EQ(0, hchan_recv(rx, &value, sizeof(value)));
	EXPECT_EQ(0, value);
	xfer.buf = (uintptr_t)&value;
	EXPECT_EQ(0, hchan_xfer_recv(rx, &xfer));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, xfer.status);
	EXPECT_EQ(0, hchan_drop(rx));
}

TEST(query)
{
	struct hchan_query query;

	ASSERT_EQ(0, hchan_query(&query));
	EXPECT_EQ(sizeof(query), query.size);
	EXPECT_EQ(HCHAN_ABI_VERSION, query.version);
	EXPECT_EQ(HCHAN_ELEM_MAX, query.elem_max);
	EXPECT_LE(64, query.inline_size);
}

static void on_alarm(int number)
{
}

/* C39: -EINTR without SA_RESTART, with errno left alone. */
static void *doubler(void *data)
{
	const int *ch = data;
	int n, ret = hchan_recv(ch[0], &n, sizeof(n));

	while (ret == 1) {
		n *= 2;
		ret = hchan_sendrecv(ch[1], &n, sizeof(n), ch[0], &n, sizeof(n));
	}
	return ret ? data : NULL;
}

/* C39: a question and its answer. */
TEST(sendrecv)
{
	int ch[2] = { hchan_make(sizeof(int), 0), hchan_make(sizeof(int), 0) };
	struct hchan_sendrecv pair = { .recv_fd = HCHAN_NIL };
	int i, n, full = hchan_make(sizeof(int), 1);
	pthread_t thread;
	void *wrong;

	ASSERT_EQ(0, pthread_create(&thread, NULL, doubler, ch));
	for (i = 0; i < 100; i++) {
		n = i;
		ASSERT_EQ(1, hchan_sendrecv(ch[0], &n, sizeof(n), ch[1], &n,
					    sizeof(n)));
		EXPECT_EQ(2 * i, n);
	}
	EXPECT_EQ(0, hchan_close(ch[0]));
	ASSERT_EQ(0, pthread_join(thread, &wrong));
	EXPECT_EQ(NULL, wrong);
	EXPECT_EQ(-EPIPE, hchan_sendrecv(ch[0], &n, sizeof(n), ch[1], &n,
					 sizeof(n)));
	EXPECT_EQ(-EMSGSIZE, hchan_sendrecv(ch[0], &n, 1, ch[1], &n, sizeof(n)));
	EXPECT_EQ(-ETIMEDOUT, hchan_sendrecv_until(full, &n, sizeof(n), ch[1],
						   &n, sizeof(n),
						   hchan_after(1000000)));
	/* C4: nil, in either place */
	EXPECT_EQ(1, hchan_try_recv(full, &n, sizeof(n)));
	EXPECT_EQ(-EAGAIN, hchan_sendrecv_until(HCHAN_NIL, &n, sizeof(n), full,
						&n, sizeof(n), hchan_nowait()));
	pair.send_buf = (uintptr_t)&n;
	pair.send_len = sizeof(n);
	pair.flags = HCHAN_NOWAIT;
	EXPECT_EQ(-EAGAIN, hchan_xfer_sendrecv(full, &pair));
	EXPECT_EQ(1, pair.sent);
	EXPECT_EQ(1, hchan_len(full));
	EXPECT_EQ(-EAGAIN, hchan_xfer_sendrecv(full, &pair));
	EXPECT_EQ(1, hchan_len(full));
	pair.sent = 2;
	EXPECT_EQ(-EINVAL, hchan_xfer_sendrecv(full, &pair));
	for (i = 0; i < 2; i++)
		hchan_drop(ch[i]);
	hchan_drop(full);
}

/* C4: what is wrong with the second is found, though nil keeps the first for ever. */
TEST(sendrecv_nil_wrong)
{
	int ch = hchan_make(sizeof(int), 1), only = hchan_send_only(ch), n = 7;
	struct hchan_sendrecv pair = {
		.recv_buf = (uintptr_t)&n, .recv_len = sizeof(n), .recv_fd = ch,
		.flags = HCHAN_NOWAIT, .sent = 2,
	};
	int wrong[] = { -1, 0, only }, i;

	EXPECT_EQ(0, hchan_send(ch, &n, sizeof(n)));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EBADF, hchan_sendrecv_until(HCHAN_NIL, &n, sizeof(n), wrong[i],
						       &n, sizeof(n), hchan_nowait()));
	EXPECT_EQ(-EMSGSIZE, hchan_sendrecv_until(HCHAN_NIL, &n, sizeof(n), ch, &n, 1,
						  hchan_nowait()));
	EXPECT_EQ(-EINVAL, hchan_xfer_sendrecv(HCHAN_NIL, &pair));
	/* As it would be with another channel. */
	EXPECT_EQ(-EINVAL, hchan_xfer_sendrecv(ch, &pair));
	pair.sent = 0;
	pair.flags = HCHAN_SOME;
	EXPECT_EQ(-EINVAL, hchan_xfer_sendrecv(HCHAN_NIL, &pair));
	pair.flags = HCHAN_NOWAIT;
	EXPECT_EQ(-EAGAIN, hchan_xfer_sendrecv(HCHAN_NIL, &pair));
	EXPECT_EQ(0, pair.sent);
	EXPECT_EQ(-ETIMEDOUT, hchan_sendrecv_until(HCHAN_NIL, &n, sizeof(n), ch, &n,
						   sizeof(n), hchan_after(HCHAN_MSEC)));
	EXPECT_EQ(1, hchan_len(ch));
	hchan_drop(only);
	hchan_drop(ch);
}

TEST(interrupted)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct parked recv = { .ch = hchan_make(4, 0) };

	ASSERT_LE(0, recv.ch);
	sigaction(SIGALRM, &action, NULL);
	pthread_create(&recv.thread, NULL, recv_parked, &recv);
	ASSERT_EQ(1, hchan_wait_receivers(recv.ch, 1, patience()));
	pthread_kill(recv.thread, SIGALRM);
	pthread_join(recv.thread, NULL);
	EXPECT_EQ(-EINTR, recv.ret);
	EXPECT_EQ(0, hchan_drop(recv.ch));
}

TEST_HARNESS_MAIN
