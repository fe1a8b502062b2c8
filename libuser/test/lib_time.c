// SPDX-License-Identifier: GPL-2.0-only
/* Timers and tickers, by libhchan against the kernel (C29 to C32). */
#include <poll.h>

#include "lib_util.h"

#include "../kselftest_harness.h"

#define POISON	0x5a5a5a5a

/* Of the timers' clock. */
static int64_t now(void)
{
	return hchan_after(0).ns;
}

/* Until the clock says so. Nothing else is waited for by it. */
static void pass(int64_t ns)
{
	int64_t until = now() + ns;

	while (now() < until)
		;
}

static int is_ready(int timer)
{
	struct pollfd pollfd = { timer, POLLIN, 0 };
	int saved = errno, n = poll(&pollfd, 1, 0);

	errno = saved;
	return n;
}

FIXTURE(timer) {
	int open;
	int t;
	int64_t due;
};

FIXTURE_SETUP(timer)
{
	self->open = open_now();
	self->t = hchan_timer_at(hchan_forever());
	ASSERT_LE(0, self->t) TH_LOG("%s", hchan_errmsg());
	self->due = POISON;
	errno = EXDEV;
}

FIXTURE_TEARDOWN(timer)
{
	EXPECT_EQ(EXDEV, errno) TH_LOG("errno is not left alone");
	EXPECT_EQ(0, hchan_drop(self->t));
	EXPECT_EQ(self->open, open_now()) TH_LOG("a descriptor is left");
}

/* C29: what it is to the eye, and that it only receives. */
TEST_F(timer, is_a_channel)
{
	hchan_time typed = hchan_time_of(self->t);

	EXPECT_EQ(self->t, typed.fd);
	EXPECT_EQ(0, hchan_len(self->t));
	EXPECT_EQ(0, hchan_cap(self->t));
	EXPECT_EQ(0, hchan_check(self->t, sizeof(int64_t), 77));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->t, F_GETFD));
	EXPECT_EQ(-EBADF, hchan_try_send(self->t, &self->due, 8));
	EXPECT_EQ(-EBADF, hchan_close(self->t));
	EXPECT_EQ(-EAGAIN, HCHAN_TRY_RECV(typed, &self->due));
	EXPECT_EQ(POISON, self->due);
}

/* C29: not early, and with the time it was due, however late it is read. */
TEST_F(timer, after)
{
	int64_t before = now(), after;
	int t = hchan_timer_after(3 * HCHAN_MSEC);

	after = now();
	ASSERT_LE(0, t);
	EXPECT_EQ(1, hchan_recv(t, &self->due, sizeof(self->due)));
	EXPECT_LE(self->due, now());
	EXPECT_LE(before + 3 * HCHAN_MSEC, self->due);
	EXPECT_GE(after + 3 * HCHAN_MSEC, self->due);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(t, &self->due, sizeof(self->due)));
	EXPECT_EQ(0, hchan_drop(t));

	EXPECT_EQ(0, hchan_timer_reset_at(self->t, hchan_at((struct timespec){ 1, 5 })));
	pass(HCHAN_MSEC);
	EXPECT_EQ(1, hchan_try_recv(self->t, &self->due, sizeof(self->due)));
	EXPECT_EQ(HCHAN_SEC + 5, self->due);
}

/* C31 */
TEST_F(timer, at_once_or_never)
{
	static const int64_t at_once[] = { 0, -1, INT64_MIN };
	size_t i;
	int t;

	for (i = 0; i < ARRAY_SIZE(at_once); i++) {
		t = hchan_timer_after(at_once[i]);
		ASSERT_LE(0, t);
		EXPECT_EQ(1, hchan_try_recv(t, &self->due, sizeof(self->due)));
		EXPECT_LE(self->due, now());
		EXPECT_EQ(0, hchan_timer_reset(t, at_once[i]));
		EXPECT_EQ(1, hchan_try_recv(t, &self->due, sizeof(self->due)));
		EXPECT_EQ(0, hchan_drop(t));
	}
	t = hchan_timer_after(INT64_MAX);
	ASSERT_LE(0, t);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(t, &self->due, sizeof(self->due)));
	EXPECT_EQ(0, hchan_drop(t));
	hchan_timer_reset(self->t, INT64_MAX - 1);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &self->due, 8));
	hchan_ticker_reset(self->t, INT64_MAX);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &self->due, 8));
}

/* C29 C30: what stop says, and that nothing old comes. */
TEST_F(timer, stop)
{
	EXPECT_EQ(0, hchan_timer_stop(self->t)) TH_LOG("it was not set");
	EXPECT_EQ(0, hchan_timer_reset(self->t, 1000 * HCHAN_SEC));
	EXPECT_EQ(1, hchan_timer_stop(self->t));
	EXPECT_EQ(0, hchan_timer_stop(self->t));
	/* One that waits to be received. */
	EXPECT_EQ(0, hchan_timer_reset(self->t, 0));
	EXPECT_EQ(1, is_ready(self->t));
	EXPECT_EQ(1, hchan_timer_stop(self->t));
	EXPECT_EQ(0, is_ready(self->t));
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &self->due, 8));
	/* One that was received. */
	EXPECT_EQ(0, hchan_timer_reset(self->t, 0));
	EXPECT_EQ(1, hchan_recv(self->t, &self->due, 8));
	EXPECT_EQ(0, hchan_timer_stop(self->t));
	/* It is not closed. */
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &self->due, 8));
	EXPECT_EQ(0, hchan_timer_reset(self->t, 0));
	EXPECT_EQ(1, hchan_recv(self->t, &self->due, 8));
}

TEST_F(timer, reset)
{
	int64_t soon;

	EXPECT_EQ(0, hchan_timer_reset(self->t, 0));
	EXPECT_EQ(1, hchan_timer_reset(self->t, 1000 * HCHAN_SEC));
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &self->due, 8));
	soon = now();
	EXPECT_EQ(1, hchan_timer_reset(self->t, HCHAN_MSEC));
	EXPECT_EQ(1, hchan_recv(self->t, &self->due, 8));
	EXPECT_LE(soon + HCHAN_MSEC, self->due);
	EXPECT_GE(now(), self->due);
}

TEST_F(timer, realtime)
{
	struct timespec past = { 1000000000, 7 };
	int64_t period = 3600 * HCHAN_SEC, due;
	int t = hchan_timer_at(hchan_at_realtime(past));

	ASSERT_LE(0, t);
	EXPECT_EQ(1, hchan_try_recv(t, &self->due, 8));
	EXPECT_EQ(1000000000LL * HCHAN_SEC + 7, self->due);
	EXPECT_EQ(0, hchan_drop(t));

	/* On the hour: the first is kept, those since then are lost. */
	t = hchan_ticker_at(hchan_at_realtime(past), period);
	ASSERT_LE(0, t);
	EXPECT_EQ(1, hchan_try_recv(t, &due, 8));
	EXPECT_EQ(self->due, due);
	EXPECT_EQ(-EAGAIN, hchan_try_recv(t, &due, 8));
	EXPECT_EQ(0, hchan_ticker_reset_at(t, hchan_at_realtime(past), period) < 0);
	/* The other clock is not taken for this one. */
	EXPECT_EQ(-EINVAL, hchan_timer_reset(t, 1));
	EXPECT_EQ(-EINVAL, hchan_timer_reset_at(t, hchan_at(past)));
	EXPECT_EQ(-EINVAL, hchan_ticker_reset(t, period));
	EXPECT_EQ(1, hchan_try_recv(t, &due, 8));
	EXPECT_EQ(self->due, due);
	EXPECT_EQ(0, hchan_drop(t));
}

/* C30: one tick at most, the first; its time, and the next's, are on the grid. */
TEST_F(timer, ticker)
{
	int64_t period = 2 * HCHAN_MSEC, first, next, before;
	int t = hchan_ticker(period);
	int i;

	ASSERT_LE(0, t);
	EXPECT_EQ(1, hchan_recv(t, &first, 8));
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(1, hchan_recv(t, &next, 8));
		EXPECT_LT(self->due == POISON ? first : self->due, next);
		EXPECT_EQ(0, (next - first) % period);
		EXPECT_LE(next, now());
		self->due = next;
	}
	pass(5 * period);
	before = now();
	EXPECT_EQ(1, hchan_recv(t, &next, 8));
	EXPECT_GE(before - 4 * period, next) TH_LOG("not the first that nobody had");
	EXPECT_EQ(1, hchan_recv(t, &next, 8));
	EXPECT_LT(before, next) TH_LOG("ticks have piled up");
	EXPECT_EQ(0, (next - first) % period);
	EXPECT_EQ(1, hchan_timer_stop(t));
	EXPECT_EQ(-EAGAIN, hchan_try_recv(t, &next, 8));
	EXPECT_EQ(0, hchan_drop(t));

	EXPECT_EQ(-EINVAL, hchan_ticker(0));
	EXPECT_EQ(-EINVAL, hchan_ticker(-1));
	EXPECT_EQ(0, hchan_timer_reset(self->t, 0));
	EXPECT_EQ(-EINVAL, hchan_ticker_reset(self->t, 0));
	EXPECT_EQ(1, hchan_try_recv(self->t, &next, 8)) TH_LOG("something has changed");
	EXPECT_EQ(0, hchan_ticker_reset(self->t, HCHAN_MSEC));
	EXPECT_EQ(1, hchan_recv(self->t, &next, 8));
	EXPECT_EQ(1, hchan_recv(self->t, &next, 8));
	EXPECT_EQ(1, hchan_timer_reset(self->t, 0)) TH_LOG("a timer again");
	EXPECT_EQ(1, hchan_recv(self->t, &next, 8));
	EXPECT_EQ(-EAGAIN, hchan_try_recv(self->t, &next, 8));
}

/* Beside channels, in both forms of a case. */
TEST_F(timer, select)
{
	hchan_time typed = hchan_time_on(self->t);
	int ch = hchan_make(sizeof(int), 0), went = 0, n = 4, r;

	hchan_timer_reset(self->t, HCHAN_MSEC);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(ch, &n, sizeof(n))) {
		went = 1;
	}
	HCHAN_RECV_CASE(typed, &self->due) {
		went = 2;
	}
	HCHAN_END
	EXPECT_EQ(2, went);
	EXPECT_EQ(1, r);
	EXPECT_LE(self->due, now());

	went = 0;
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_time(self->t, &self->due)) {
		went = 1;
	}
	HCHAN_DEFAULT {
		went = 2;
	}
	HCHAN_END
	EXPECT_EQ(2, went);
	hchan_timer_reset(self->t, 0);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_time(self->t, &self->due)) {
		went = 1;
	}
	HCHAN_DEFAULT {
		went = 2;
	}
	HCHAN_END
	EXPECT_EQ(1, went);
	EXPECT_EQ(0, hchan_drop(ch));
}

/* The parent waits, a child sets: one timer, two processes. */
TEST_F(timer, processes)
{
	struct hchan_when nine = hchan_at((struct timespec){ 0, 9 });
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (hchan_wait_receivers(self->t, 1, patience()) != 1)
			_exit(1);
		_exit(hchan_timer_reset_at(self->t, nine));
	}
	EXPECT_EQ(1, hchan_recv_until(self->t, &self->due, 8, patience()));
	EXPECT_EQ(9, self->due);
	EXPECT_EQ(0, exit_of(pid));
	pid = fork();
	if (!pid) {
		hchan_timer_reset(self->t, 0);
		_exit(0);
	}
	EXPECT_EQ(0, exit_of(pid));
	EXPECT_EQ(1, hchan_timer_stop(self->t)) TH_LOG("it died with who had set it");
}

TEST_F(timer, refused)
{
	struct hchan_when none = { 5, 0 };
	int ch = hchan_make(8, 1);

	EXPECT_EQ(-ENOTTY, hchan_timer_stop(ch));
	EXPECT_EQ(-ENOTTY, hchan_timer_reset(ch, 5));
	EXPECT_EQ(-ENOTTY, hchan_ticker_reset(ch, 5));
	EXPECT_EQ(-EBADF, hchan_timer_stop(-1));
	EXPECT_EQ(-EINVAL, hchan_timer_stop(HCHAN_NIL));
	EXPECT_EQ(-EINVAL, hchan_timer_at(hchan_nowait()));
	EXPECT_NE(NULL, strstr(hchan_errmsg(), "new timer"));
	EXPECT_EQ(-EINVAL, hchan_timer_reset_at(self->t, none));
	EXPECT_EQ(0, hchan_drop(ch));
}

TEST_HARNESS_MAIN
