// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that look for their partner for a moment before they sleep: the module's
 * parameter spin_ns and HCHAN_IOC_SPIN. What a call does is the same with and without.
 */
#include <sched.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "hchan_batch.h"
#include "hchan_peer.h"

#define ELEM		8
#define PARAMETER	"/sys/module/hchan/parameters/spin_ns"
#define ROUNDS		100
#define EXCHANGES	10000
#define LONG_WHILE	20000
#define LONGEST		HCHAN_SPIN_MAX
/* When a partner comes who is to find one awake: who goes to sleep does before. */
#define LATER(n)	(LONGEST / 8 * (1 + (n) % 4))

static int set_spin(int fd, uint32_t ns)
{
	return ioctl(fd, HCHAN_IOC_SPIN, &ns) ? -errno : 0;
}

static int set_parameter(const char *text)
{
	int fd = open(PARAMETER, O_WRONLY | O_CLOEXEC), ret;

	hc_must(fd >= 0);
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static void get_parameter(char *text, size_t size)
{
	FILE *f = fopen(PARAMETER, "r");

	hc_must(f && fgets(text, size, f));
	fclose(f);
}

static char before[16];

static void put_back(void)
{
	set_parameter(before);
}

/* The tests are children that do not come to exit(3); who started them does. */
static void __attribute__((constructor)) remember(void)
{
	get_parameter(before, sizeof(before));
	hc_must(!atexit(put_back));
}

static bool stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return !sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Peers. arg: seed */

static int recv_one(int fd, const long *arg)
{
	return hc_get_seed(HC_IOCTL, fd, ELEM, arg[0], false) == 1 ? 0 : 1;
}

static int send_one(int fd, const long *arg)
{
	return hc_put_seed(HC_IOCTL, fd, ELEM, arg[0], false) ? 1 : 0;
}

/* arg: how many, the channel to answer on, processor */
static int answer(int fd, const long *arg)
{
	uint64_t n, got;

	stay_on(arg[2]);
	for (n = 0; n < (uint64_t)arg[0]; n++) {
		hc_must(hc_recv(fd, &got, ELEM) == 1 && got == n);
		got = ~n;
		hc_must(!hc_send(arg[1], &got, ELEM));
	}
	return 0;
}

/* arg: processor. Each LATER after somebody has come to wait for it; for ever. */
static int send_later(int fd, const long *arg)
{
	int64_t at;
	long n;

	stay_on(arg[0]);
	for (n = 0;; n++) {
		while (!hc_stat(fd).parked_receivers)
			;
		at = hc_in(LATER(n));
		while (hc_clock(CLOCK_MONOTONIC) < at)
			;
		hc_must(!hc_send(fd, &n, ELEM));
	}
}

const struct hc_body_entry hc_bodies[] = {
	HC_BODY(recv_one),
	HC_BODY(send_one),
	{}
};

FIXTURE(spin)
{
	struct hc_chan ch;
	int fd;
};

/* @parameter, and @channel on top of it */
FIXTURE_VARIANT(spin)
{
	const char *parameter;
	uint32_t channel;
	bool spins;
};

FIXTURE_VARIANT_ADD(spin, off) { "0", HCHAN_SPIN_DEFAULT, false };
FIXTURE_VARIANT_ADD(spin, off_by_channel) { "50000", 0, false };
FIXTURE_VARIANT_ADD(spin, by_parameter) { "50000", HCHAN_SPIN_DEFAULT, true };
FIXTURE_VARIANT_ADD(spin, by_channel) { "0", LONGEST, true };

FIXTURE_SETUP(spin)
{
	ASSERT_EQ(0, set_parameter(variant->parameter));
	ASSERT_EQ(0, hc_chan_make(&self->ch, HC_FORKED, ELEM, 0, 0));
	self->fd = self->ch.fd;
}

FIXTURE_TEARDOWN(spin)
{
	hc_chan_drop(&self->ch);
	put_back();
}

/* The next wait tries it, whatever those before have seen. */
#define AGAIN() ASSERT_EQ(0, set_spin(self->fd, variant->channel))

/* C10: who looks is parked: it is seen, counted and found. */
TEST_F(spin, is_parked)
{
	struct hc_peer peer;
	int i;

	for (i = 0; i < hc_scale(ROUNDS); i++) {
		AGAIN();
		if (i & 1) {
			hc_start(&peer, &self->ch, O_WRONLY, send_one, i);
			ASSERT_EQ(0, hc_wait_senders(self->fd, 1));
			ASSERT_TRUE(hc_parked(self->fd, 1, 0));
			ASSERT_EQ(1, hc_get_seed(HC_IOCTL, self->fd, ELEM, i,
						 true));
		} else {
			hc_start(&peer, &self->ch, O_RDONLY, recv_one, i);
			ASSERT_EQ(0, hc_wait_receivers(self->fd, 1));
			ASSERT_TRUE(hc_parked(self->fd, 0, 1));
			ASSERT_EQ(0, hc_put_seed(HC_IOCTL, self->fd, ELEM, i,
						 true));
		}
		ASSERT_EQ(0, hc_join(&peer));
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
	}
}

/* C41 */
TEST_F(spin, kill)
{
	struct hc_peer peer;
	int i;

	for (i = 0; i < hc_scale(ROUNDS); i++) {
		AGAIN();
		hc_start(&peer, &self->ch, i & 1 ? O_WRONLY : O_RDONLY,
			 i & 1 ? send_one : recv_one, i);
		ASSERT_EQ(0, i & 1 ? hc_wait_senders(self->fd, 1) :
				     hc_wait_receivers(self->fd, 1));
		ASSERT_EQ(256 + SIGKILL, hc_kill(&peer));
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
	}
}

struct call {
	int fd;
	uint64_t element;
	int ret;
	struct hchan_xfer xfer;
	pid_t tid;
	pthread_t thread;
};

static void *call_thread(void *data)
{
	struct call *call = data;

	__atomic_store_n(&call->tid, gettid(), __ATOMIC_SEQ_CST);
	call->ret = hc_recv_by(call->fd, &call->element, ELEM, 0, 0, &call->xfer);
	return NULL;
}

/* Until there are @n that wait. */
static void begin(struct call *call, int fd, int n)
{
	*call = (struct call) { .fd = fd };
	hc_must(!pthread_create(&call->thread, NULL, call_thread, call));
	hc_must(!hc_wait_receivers(fd, n));
}

static void on_signal(int sig)
{
}

/* C39 */
TEST_F(spin, signal)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct call call;
	int i;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < hc_scale(ROUNDS); i++) {
		AGAIN();
		begin(&call, self->fd, 1);
		ASSERT_EQ(0, pthread_kill(call.thread, SIGUSR1));
		ASSERT_EQ(0, pthread_join(call.thread, NULL));
		ASSERT_EQ(-EINTR, call.ret);
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
	}
}

/* C12 */
TEST_F(spin, close)
{
	struct call call;
	int i, fd;

	for (i = 0; i < hc_scale(ROUNDS); i++) {
		fd = hc_make(ELEM, 0, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, set_spin(fd, variant->channel));
		begin(&call, fd, 1);
		ASSERT_EQ(0, hc_close(fd));
		ASSERT_EQ(0, pthread_join(call.thread, NULL));
		ASSERT_EQ(0, call.ret);
		ASSERT_EQ(HCHAN_ST_CLOSED, call.xfer.status);
		close(fd);
	}
}

/* C40: one that comes before the look is over, and one after it. */
TEST_F(spin, deadline)
{
	static const int64_t in[] = { LONGEST / 4, 2 * LONGEST };
	uint64_t element;
	int64_t at;
	int i;

	for (i = 0; i < hc_scale(ROUNDS); i++) {
		AGAIN();
		at = hc_in(in[i & 1]);
		ASSERT_EQ(-ETIMEDOUT, hc_recv_by(self->fd, &element, ELEM,
						 HCHAN_DEADLINE, at, NULL));
		ASSERT_LE(at, hc_clock(CLOCK_MONOTONIC));
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
	}
}

/* Nobody looks for ever, in a batch neither. */
TEST_F(spin, sleeps_in_the_end)
{
	uint64_t two[2] = { 5, 6 };
	struct call call[2];

	AGAIN();
	begin(&call[0], self->fd, 1);
	hc_asleep(call[0].tid);
	AGAIN();
	begin(&call[1], self->fd, 2);
	hc_asleep(call[1].tid);
	ASSERT_EQ(2, hc_sendn_by(self->fd, two, ELEM, 2, NULL, 0, 0, NULL));
	ASSERT_EQ(0, pthread_join(call[0].thread, NULL));
	ASSERT_EQ(0, pthread_join(call[1].thread, NULL));
	EXPECT_EQ(1, call[0].ret);
	EXPECT_EQ(5, call[0].element);
	EXPECT_EQ(1, call[1].ret);
	EXPECT_EQ(6, call[1].element);
}

/* C7: each element once and in order, both ways, on one processor and on two. It takes a while. */
TEST_F_TIMEOUT(spin, exchange, 300)
{
	uint64_t n, element, count = hc_scale(EXCHANGES);
	pid_t pid, self_pid = getpid();
	int back, cpu, status;

	back = hc_make(ELEM, 0, 0);
	ASSERT_LE(0, back);
	ASSERT_EQ(0, set_spin(back, variant->channel));
	for (cpu = 1; cpu >= 0; cpu--) {
		const long arg[HC_ARGS] = { count, back, cpu };

		AGAIN();
		ASSERT_TRUE(stay_on(0));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			hc_die_with(self_pid);
			_exit(answer(self->fd, arg));
		}
		for (n = 0; n < count; n++) {
			ASSERT_EQ(0, hc_send(self->fd, &n, ELEM));
			ASSERT_EQ(1, hc_recv(back, &element, ELEM));
			ASSERT_EQ(~n, element);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status);
		ASSERT_TRUE(hc_parked(self->fd, 0, 0));
	}
	close(back);
}

static long times_slept(void)
{
	struct rusage usage;

	hc_must(!getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_nvcsw;
}

/*
 * Who comes while the other one looks finds it awake. How often depends on what else
 * the machine does: once is enough to see that it is so, and may take a while.
 */
TEST_F(spin, is_found_awake)
{
	long i, slept, awake = 0, rounds = hc_scale(5 * ROUNDS);
	uint64_t element;
	struct hc_peer peer;

	if (!stay_on(1))
		SKIP(return, "one processor");
	hc_start(&peer, &self->ch, O_WRONLY, send_later, 0);
	for (i = 0; i < rounds || (variant->spins && !awake && i < LONG_WHILE); i++) {
		AGAIN();
		slept = times_slept();
		ASSERT_EQ(1, hc_recv(self->fd, &element, ELEM));
		ASSERT_EQ(i, element);
		awake += times_slept() == slept;
	}
	ASSERT_EQ(256 + SIGKILL, hc_kill(&peer));
	TH_LOG("awake %ld times of %ld", awake, i);
	if (variant->spins)
		EXPECT_LT(0, awake);
}

TEST(C48_what_a_channel_takes)
{
	static const uint32_t good[] = {
		0, 1, 999, 1000, 1001, LONGEST - 1, LONGEST, HCHAN_SPIN_DEFAULT,
	};
	static const uint32_t bad[] = {
		LONGEST + 1, 1U << 16, INT32_MAX, 1U << 31, HCHAN_SPIN_DEFAULT - 1,
	};
	struct hchan_query query = { .size = sizeof(query) };
	int fd[3], i, j, dev;

	fd[0] = hc_make(ELEM, 1, 0);
	fd[1] = hc_narrow(fd[0], O_RDONLY);
	fd[2] = hc_narrow(fd[0], O_WRONLY);
	ASSERT_LE(0, fd[2]);
	ASSERT_EQ(0, ioctl(fd[0], HCHAN_IOC_QUERY, &query));
	EXPECT_TRUE(query.features & HCHAN_FEAT_SPIN);
	for (i = 0; i < 3; i++) {
		for (j = 0; j < ARRAY_SIZE(good); j++)
			EXPECT_EQ(0, set_spin(fd[i], good[j]));
		for (j = 0; j < ARRAY_SIZE(bad); j++)
			EXPECT_EQ(-EINVAL, set_spin(fd[i], bad[j]));
		EXPECT_EQ(-1, ioctl(fd[i], HCHAN_IOC_SPIN, NULL));
		EXPECT_EQ(EFAULT, errno);
	}
	dev = open("/dev/hchan", O_RDWR);
	ASSERT_LE(0, dev);
	EXPECT_EQ(-ENOTTY, set_spin(dev, 0));
}

TEST(what_the_parameter_takes)
{
	static const char * const good[] = { "0", "1", "50000", "-1" };
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "-2", -EINVAL }, { "50001", -EINVAL }, { "x", -EINVAL },
		{ "1 2", -EINVAL }, { "4294967295", -ERANGE },
		{ "4294967296", -ERANGE },
	};
	char text[16], now[16];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ASSERT_EQ(0, set_parameter(good[i]));
		snprintf(text, sizeof(text), "%s\n", good[i]);
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			EXPECT_EQ(bad[j].error, set_parameter(bad[j].text));
			get_parameter(now, sizeof(now));
			EXPECT_STREQ(text, now);
		}
	}
	put_back();
}

TEST_HARNESS_MAIN
