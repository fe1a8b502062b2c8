// SPDX-License-Identifier: GPL-2.0-only
/* Select over an array, by libhchan against the kernel. */
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define POISON	0x5a5a5a5a

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);

FIXTURE(select) {
	int a, b;
	int open;
};

FIXTURE_VARIANT(select) {
	unsigned int cap;
};

FIXTURE_VARIANT_ADD(select, rendezvous) { .cap = 0 };
FIXTURE_VARIANT_ADD(select, buffered) { .cap = 3 };

FIXTURE_SETUP(select)
{
	self->a = hchan_make(sizeof(int), variant->cap);
	self->b = hchan_make(sizeof(int), variant->cap);
	ASSERT_LE(0, self->a) TH_LOG("%s", hchan_errmsg());
	ASSERT_LE(0, self->b);
	self->open = open_now();
	errno = EXDEV;
}

FIXTURE_TEARDOWN(select)
{
	struct hchan_stat st;

	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
	/* C25: nothing is left in a queue. */
	EXPECT_EQ(0, hchan_stat(self->a, &st));
	EXPECT_EQ(0, st.parked_senders + st.parked_receivers);
	EXPECT_EQ(0, hchan_stat(self->b, &st));
	EXPECT_EQ(0, st.parked_senders + st.parked_receivers);
	EXPECT_EQ(0, hchan_drop(self->a));
	EXPECT_EQ(0, hchan_drop(self->b));
}

/* A select in a thread of its own, to be parked. */
struct selecting {
	pthread_t thread;
	struct hchan_case *c;
	size_t n;
	int ret;
};

static void *select_parked(void *arg)
{
	struct selecting *s = arg;

	s->ret = hchan_select(s->c, s->n, patience(), 0);
	return NULL;
}

static void start(struct selecting *s, struct hchan_case *c, size_t n)
{
	s->c = c;
	s->n = n;
	pthread_create(&s->thread, NULL, select_parked, s);
}

/* C18: a parked select is in both queues, and one of them ends it. */
TEST_F(select, parks)
{
	int x = POISON, y = POISON, value = 5;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_recv(self->b, &y, sizeof(y)),
	};
	struct selecting s;

	start(&s, c, 2);
	ASSERT_EQ(1, hchan_wait_receivers(self->a, 1, patience()));
	ASSERT_EQ(1, hchan_wait_receivers(self->b, 1, patience()));
	EXPECT_EQ(0, hchan_try_send(self->b, &value, sizeof(value)));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ret);
	EXPECT_EQ(1, hchan_result(&c[1]));
	EXPECT_EQ(5, y);
	EXPECT_EQ(POISON, x);
	EXPECT_EQ(sizeof(int), c[1].actual);
}

/* C21: two selects that face each other pair once. */
TEST_F(select, faces_a_select)
{
	int x = 1, y = 2, in = POISON, none = POISON;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &none, sizeof(none)),
		hchan_on_recv(self->b, &in, sizeof(in)),
	};
	struct hchan_case other[] = {
		hchan_on_recv(self->a, &none, sizeof(none)),
		hchan_on_send(self->b, &y, sizeof(y)),
	};
	struct selecting s;

	start(&s, c, 2);
	ASSERT_EQ(1, hchan_wait_receivers(self->b, 1, patience()));
	EXPECT_EQ(1, hchan_select(other, 2, patience(), 0));
	EXPECT_EQ(0, hchan_result(&other[1]));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ret);
	EXPECT_EQ(2, in);
	EXPECT_EQ(POISON, none);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->b, &x, sizeof(x)));
}

/* C4 C24 C40: none is ready. */
TEST_F(select, not_ready)
{
	int x = POISON;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_recv(HCHAN_NIL, &x, sizeof(x)),
		hchan_on_nil(),
	};
	struct hchan_case before[3];

	memcpy(before, c, sizeof(c));
	EXPECT_EQ(-EAGAIN, hchan_select(c, 3, hchan_nowait(), 0));
	EXPECT_EQ(-ETIMEDOUT, hchan_select(c, 3, hchan_after(0), 0));
	EXPECT_EQ(-ETIMEDOUT,
		  hchan_select(c, 3, hchan_after(HCHAN_MSEC), HCHAN_FIRST));
	EXPECT_EQ(-ETIMEDOUT,
		  hchan_select(c + 1, 2, hchan_after(HCHAN_MSEC), 0));
	EXPECT_EQ(-EAGAIN, hchan_select(NULL, 0, hchan_nowait(), 0));
	EXPECT_EQ(-EINVAL, hchan_select(c, 3, (struct hchan_when){ 1, 0 }, 0));
	EXPECT_EQ(-EINVAL, hchan_select(c, 3, hchan_nowait(), HCHAN_SOME));
	EXPECT_EQ(0, memcmp(before, c, sizeof(c)));
	EXPECT_EQ(POISON, x);
}

/* C4: a nil case lives again with a channel. */
TEST_F(select, nil)
{
	int x = POISON, value = 9;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_recv(self->b, &x, sizeof(x)),
	};
	struct parked send = { .ch = self->a, .elem = 9 };

	pthread_create(&send.thread, NULL, send_parked, &send);
	c[0].fd = HCHAN_NIL;
	EXPECT_EQ(-ETIMEDOUT, hchan_select(c, 2, hchan_after(1000), 0));
	c[0].fd = self->a;
	EXPECT_EQ(0, hchan_select(c, 2, patience(), 0));
	EXPECT_EQ(value, x);
	pthread_join(send.thread, NULL);
}

/* C12 C23: the end of channels is ready. */
TEST_F(select, closed)
{
	int x = POISON, value = 1;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_send(self->a, &value, sizeof(value)),
	};

	ASSERT_EQ(0, hchan_close(self->a));
	EXPECT_EQ(0, hchan_select(c, 2, patience(), HCHAN_FIRST));
	EXPECT_EQ(0, hchan_result(&c[0]));
	EXPECT_EQ(HCHAN_ST_CLOSED, c[0].status);
	EXPECT_EQ(0, x);
	c[0].fd = HCHAN_NIL;
	EXPECT_EQ(1, hchan_select(c, 2, patience(), 0));
	EXPECT_EQ(-EPIPE, hchan_result(&c[1]));
	EXPECT_EQ(HCHAN_ST_CLOSED, c[1].status);
}

/* C48 C38: what is wrong with a case is found in that case. */
TEST_F(select, wrong)
{
	int x = POISON;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_recv(self->b, &x, sizeof(x)),
	};
	int rx = hchan_recv_only(self->a);
	FILE *file = tmpfile();

	ASSERT_LE(0, rx);
	ASSERT_NE(NULL, file);
	c[1].fd = -1;
	EXPECT_EQ(-EBADF, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EBADF, c[1].error);
	EXPECT_EQ(0, c[0].error);
	c[0].fd = fileno(file);
	EXPECT_EQ(-EBADF, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EBADF, c[0].error);
	EXPECT_EQ(0, c[1].error);
	c[0] = hchan_on_recv(self->a, &x, sizeof(x));
	c[1] = hchan_on_send(rx, &x, sizeof(x));
	EXPECT_EQ(-EBADF, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EBADF, c[1].error);
	c[1] = hchan_on_send(self->b, &x, sizeof(x) + 1);
	EXPECT_EQ(-EMSGSIZE, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EMSGSIZE, c[1].error);
	c[1] = hchan_on_recv(self->b, &x, sizeof(x) - 1);
	EXPECT_EQ(-EMSGSIZE, hchan_select(c, 2, hchan_nowait(), 0));
	c[1] = hchan_on_poll(fileno(file), POLLIN);
	EXPECT_EQ(-EPERM, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EPERM, c[1].error);
	EXPECT_EQ(-EPERM, hchan_select(c + 1, 1, hchan_nowait(), 0));
	EXPECT_EQ(-EPERM, c[1].error);
	c[1] = hchan_on_nil();
	c[1].op = 9;
	EXPECT_EQ(-EAGAIN, hchan_select(c, 2, hchan_nowait(), 0));
	c[1].fd = self->b;
	EXPECT_EQ(-EINVAL, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EINVAL, c[1].error);
	EXPECT_EQ(POISON, x);
	fclose(file);
	hchan_drop(rx);
}

/* C19: other descriptors, alone and beside channels. */
TEST_F(select, polls)
{
	int fd = eventfd(0, EFD_CLOEXEC), x = POISON;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_poll(fd, POLLIN),
	};
	struct selecting s;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EAGAIN, hchan_select(c, 2, hchan_nowait(), 0));
	EXPECT_EQ(-EAGAIN, hchan_select(c + 1, 1, hchan_nowait(), 0));
	start(&s, c, 2);
	ASSERT_EQ(1, hchan_wait_receivers(self->a, 1, patience()));
	ASSERT_EQ(0, eventfd_write(fd, 1));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ret);
	EXPECT_EQ(POLLIN, hchan_result(&c[1]));
	EXPECT_EQ(0, hchan_select(c + 1, 1, patience(), 0));
	c[1] = hchan_on_poll(fd, POLLIN | POLLOUT);
	EXPECT_EQ(0, hchan_select(c + 1, 1, patience(), 0));
	EXPECT_EQ(POLLIN | POLLOUT, hchan_result(&c[1]));
	close(fd);
}

/* C20, the flag; C46. */
TEST_F(select, flags)
{
	int one = 1, two = 2, x = POISON, i;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_send(self->b, &two, sizeof(two)),
	};

	if (!variant->cap)
		return;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, hchan_send(self->a, &one, sizeof(one)));
	EXPECT_EQ(0, hchan_select(c, 2, patience(), HCHAN_FIRST | HCHAN_READY));
	EXPECT_EQ(3, hchan_len(self->a));
	EXPECT_EQ(POISON, x);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, hchan_select(c, 2, patience(), HCHAN_FIRST));
	EXPECT_EQ(0, hchan_len(self->b));
	EXPECT_EQ(1, x);
	EXPECT_EQ(1, hchan_select(c, 2, patience(), HCHAN_FIRST));
	EXPECT_EQ(1, hchan_len(self->b));
	EXPECT_EQ(0, hchan_result(&c[1]));
}

/* C26: many, most of them nil. */
TEST_F(select, many)
{
	struct hchan_case *c = calloc(65536, sizeof(*c));
	int x = POISON, value = 3, i;
	struct selecting s;

	ASSERT_NE(NULL, c);
	for (i = 0; i < 65535; i++)
		c[i] = hchan_on_recv(i % 2 ? HCHAN_NIL : self->a, &x,
				     sizeof(x));
	c[40001] = hchan_on_recv(self->b, &x, sizeof(x));
	start(&s, c, 65535);
	ASSERT_EQ(1, hchan_wait_receivers(self->b, 1, patience()));
	EXPECT_EQ(0, hchan_try_send(self->b, &value, sizeof(value)));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(40001, s.ret);
	EXPECT_EQ(3, x);
	EXPECT_EQ(HCHAN_CASE_RECV, c[1].op);
	EXPECT_EQ(-EINVAL, hchan_select(c, 65536, hchan_nowait(), 0));
	EXPECT_EQ(HCHAN_CASE_RECV, c[1].op);
	free(c);
}

static void on_signal(int number)
{
}

/* C39 */
TEST_F(select, interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	int x = POISON;
	struct hchan_case c[] = {
		hchan_on_recv(self->a, &x, sizeof(x)),
		hchan_on_recv(self->b, &x, sizeof(x)),
	};
	struct selecting s;

	sigaction(SIGALRM, &action, NULL);
	start(&s, c, 2);
	ASSERT_EQ(1, hchan_wait_receivers(self->b, 1, patience()));
	pthread_kill(s.thread, SIGALRM);
	pthread_join(s.thread, NULL);
	EXPECT_EQ(-EINTR, s.ret);
	EXPECT_EQ(POISON, x);
}

/* C44: the length of a message; one without room stays. */
TEST(messages)
{
	struct hchan_opts opts = {
		.elem_size = 100,
		.capacity = 4,
		.flags = HCHAN_MSG,
	};
	int ch = hchan_make_opts(&opts);
	char buf[100];
	struct hchan_case c[] = {
		hchan_on_recv(ch, buf, 3),
		hchan_on_send(ch, "hello", 5),
	};

	ASSERT_LE(0, ch);
	EXPECT_EQ(1, hchan_select(c, 2, patience(), 0));
	EXPECT_EQ(0, hchan_select(c, 1, patience(), 0));
	EXPECT_EQ(-EMSGSIZE, hchan_result(&c[0]));
	EXPECT_EQ(5, c[0].actual);
	c[0].len = sizeof(buf);
	EXPECT_EQ(0, hchan_select(c, 1, patience(), 0));
	EXPECT_EQ(1, hchan_result(&c[0]));
	EXPECT_EQ(5, c[0].actual);
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	hchan_drop(ch);
}

/* C49: the status tells a disconnection from a close. */
TEST(disconnect)
{
	struct hchan_opts opts = { .elem_size = 4, .flags = HCHAN_DISCONNECT };
	int ch = hchan_make_opts(&opts), rx = hchan_recv_only(ch);
	int x = POISON;
	struct hchan_case c = hchan_on_recv(rx, &x, sizeof(x));
	struct selecting s;

	ASSERT_LE(0, rx);
	start(&s, &c, 1);
	ASSERT_EQ(1, hchan_wait_receivers(rx, 1, patience()));
	hchan_drop(ch);
	pthread_join(s.thread, NULL);
	EXPECT_EQ(0, s.ret);
	EXPECT_EQ(0, hchan_result(&c));
	EXPECT_EQ(HCHAN_ST_DISCONNECTED, c.status);
	EXPECT_EQ(0, x);
	hchan_drop(rx);
}

TEST(typed)
{
	job_chan in = job_chan_make(1), out = job_chan_make(1);
	struct job job = { 7, "seven" }, got = { 0 };
	struct hchan_case c[] = {
		HCHAN_ON_RECV(in, &got),
		HCHAN_ON_SEND(out, &job),
		HCHAN_ON_SEND(job_chan_nil(), &job),
	};

	ASSERT_LE(0, in.fd);
	ASSERT_LE(0, out.fd);
	EXPECT_EQ(1, hchan_select(c, 3, patience(), 0));
	c[0] = HCHAN_ON_RECV(out, &got);
	EXPECT_EQ(0, hchan_select(c, 3, patience(), 0));
	EXPECT_EQ(0, memcmp(&job, &got, sizeof(job)));
	job_chan_drop(in);
	job_chan_drop(out);
}

/* /dev/hchan is opened only for polls, and says so if that fails. */
TEST(no_descriptor_to_spare)
{
	int fd = eventfd(1, EFD_CLOEXEC);
	struct hchan_case c[] = {
		hchan_on_poll(fd, POLLIN),
		hchan_on_recv(hchan_make(1, 1), &fd, 1),
	};
	struct rlimit limit = { 0, 0 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(-EMFILE, hchan_select(c, 1, hchan_nowait(), 0));
	EXPECT_EQ(0, hchan_select(c, 2, hchan_nowait(), 0));
}

TEST_HARNESS_MAIN
