// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a select leaves behind: nothing (C25). What it takes: up to eight cases no
 * memory at all, above that at most 96 bytes a case (C50).
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "allocs.h"
#include "hchan_select.h"
#include "memgroup.h"

#define SMALL	8
#define LARGEST	65535
#define PER_CASE 96
#define LARGE	5000

/* On a channel that is quiet, and on others. Elements may be of any size. */
struct bench {
	int quiet;
	int full;
	int closed;
	int large;
	int event;
	struct hchan_case c[64];
	uint8_t buf[LARGE];
};

static struct bench *b;

static void make(void)
{
	b->quiet = load_must(hc_make(8, 0, 0));
	b->full = load_must(hc_make(8, 1, 0));
	b->closed = load_must(hc_make(8, 0, 0));
	b->large = load_must(hc_make(LARGE, 0, 0));
	b->event = eventfd(0, EFD_CLOEXEC);
	load_must(hc_close(b->closed));
	load_must(load_send(b->full, b->buf, 8, 0));
}

/* The raw call, which is all that may allocate. */
static int go(uint32_t n, uint32_t flags, int64_t deadline)
{
	struct hchan_select sel = {
		.cases = (uintptr_t)b->c,
		.count = n,
		.flags = flags,
		.deadline = deadline,
	};

	return ioctl(b->quiet, HCHAN_IOC_SELECT, &sel);
}

/* @n cases none of which is ready: both ways, duplicates, some that are nil. */
static void quiet_cases(uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (i % 4 == 3)
			b->c[i] = hc_case_nil();
		else if (i % 4 == 2)
			b->c[i] = hc_case_send(b->full, b->buf, 8);
		else if (i % 4)
			b->c[i] = hc_case_send(b->quiet, b->buf, 8);
		else
			b->c[i] = hc_case_recv(b->quiet, b->buf, 8);
	}
}

/* --- nothing is left ------------------------------------------------------- */

/* Each round is five selects. */
static void lose(uint32_t rounds)
{
	uint32_t i, n;

	for (i = 0; i < rounds; i++) {
		n = i % 2 ? SMALL : 64;
		quiet_cases(n);
		hc_must(go(n, HCHAN_NOWAIT, 0) == -1 && errno == EAGAIN);
		/* It parks, with and without large elements and descriptors. */
		b->c[1] = hc_case_send(b->large, b->buf, LARGE);
		b->c[3] = hc_case_poll(b->event, POLLIN);
		hc_must(go(n, HCHAN_DEADLINE, hc_in(50000)) == -1 &&
			errno == ETIMEDOUT);
		hc_must(go(n, HCHAN_DEADLINE | HCHAN_READY, hc_in(50000)) == -1 &&
			errno == ETIMEDOUT);
		/* One of them goes, beside those that are lost. */
		b->c[0] = hc_case_recv(b->closed, b->buf, 8);
		hc_must(go(n, 0, 0) == 0);
		b->c[0].fd = -1;
		hc_must(go(n, 0, 0) == -1 && errno == EBADF);
	}
}

static int answer(uint32_t rounds)
{
	while (rounds--) {
		load_must(load_recv(b->large, b->buf, LARGE, 0));
		load_must(load_send(b->quiet, b->buf, 8, 0));
	}
	return 0;
}

/* Parked and served, in a send and in a receive. */
static void win(uint32_t rounds)
{
	int status;
	pid_t pid = load_must(fork());

	if (!pid)
		_exit(answer(rounds));
	while (rounds--) {
		quiet_cases(SMALL);
		b->c[0] = hc_case_send(b->large, b->buf, LARGE);
		b->c[1] = hc_case_nil();
		b->c[4] = hc_case_nil();
		b->c[5] = hc_case_nil();
		hc_must(go(SMALL, 0, 0) == 0);
		quiet_cases(SMALL);
		b->c[1] = hc_case_nil();
		b->c[5] = hc_case_nil();
		hc_must(go(SMALL, 0, 0) % 4 == 0);
	}
	hc_must(waitpid(pid, &status, 0) == pid && !status);
}

static void test_nothing_left(void)
{
	uint32_t rounds = load_scale(20000);
	long long before, after;
	bool good;

	lose(100);
	win(100);
	before = held_now();
	lose(rounds);
	win(rounds / 10);
	good = given_back(before, &after);
	ksft_test_result(good, "C25: %u selects: %lld bytes, were %lld\n",
			 rounds * 5 + rounds / 5, after, before);
	ksft_test_result(hc_parked(b->quiet, 0, 0) && hc_parked(b->full, 0, 0) &&
			 hc_parked(b->large, 0, 0), "C25: nobody is parked\n");
}

/* --- what a large one takes ------------------------------------------------ */

static struct hchan_case *many;

static void *park_many(void *data)
{
	struct hchan_select sel = {
		.cases = (uintptr_t)many,
		.count = LARGEST,
	};

	return (void *)(long)ioctl(b->quiet, HCHAN_IOC_SELECT, &sel);
}

static void test_per_case(void)
{
	long long before, taken, after;
	pthread_t thread;
	uint32_t i;
	bool good;
	void *ret;

	many = load_shared(LARGEST * sizeof(*many));
	for (i = 0; i < LARGEST; i++)
		many[i] = hc_case_recv(b->quiet, b->buf, 8);
	before = held_now();
	hc_must(!pthread_create(&thread, NULL, park_many, NULL));
	hc_must(!hc_wait_receivers(b->quiet, 1));
	taken = held_now() - before;
	load_must(load_send(b->quiet, b->buf, 8, 0));
	hc_must(!pthread_join(thread, &ret));
	good = given_back(before, &after);
	ksft_test_result(taken > 0 && taken <= LARGEST * PER_CASE + SLACK,
			 "C50: %u cases: %lld bytes, %lld each\n", LARGEST,
			 taken, taken / LARGEST);
	ksft_test_result((long)ret >= 0 && good, "C50: and gives them back\n");
	munmap(many, LARGEST * sizeof(*many));
}

/* --- no allocation --------------------------------------------------------- */

/* Each returns 0 if the select did what it should. */
static int a_ready_receive(void)
{
	quiet_cases(SMALL);
	b->c[SMALL - 1] = hc_case_recv(b->full, b->buf, 8);
	return go(SMALL, 0, 0) != SMALL - 1 ||
	       load_send(b->full, b->buf, 8, 0);
}

static int a_ready_send(void)
{
	if (load_recv(b->full, b->buf, 8, 0) != 1)
		return 1;
	quiet_cases(SMALL);
	return go(SMALL, HCHAN_FIRST, 0) != 2;
}

static int a_default(void)
{
	quiet_cases(SMALL);
	return go(SMALL, HCHAN_NOWAIT, 0) != -1 || errno != EAGAIN;
}

static int a_deadline(void)
{
	quiet_cases(SMALL);
	return go(SMALL, HCHAN_DEADLINE, hc_in(2 * HC_MS)) != -1 ||
	       errno != ETIMEDOUT;
}

static int an_end(void)
{
	quiet_cases(SMALL);
	b->c[4] = hc_case_recv(b->closed, b->buf, 8);
	return go(SMALL, 0, 0) != 4;
}

static int a_look(void)
{
	quiet_cases(SMALL);
	return go(SMALL, HCHAN_DEADLINE | HCHAN_READY, hc_in(2 * HC_MS)) != -1 ||
	       errno != ETIMEDOUT;
}

static int a_descriptor(void)
{
	quiet_cases(SMALL);
	b->c[3] = hc_case_poll(b->event, POLLIN);
	return go(SMALL, HCHAN_DEADLINE, hc_in(2 * HC_MS)) != -1 ||
	       errno != ETIMEDOUT;
}

static const struct {
	const char *name;
	int (*call)(void);
} calls[] = {
	{ "a receive that is ready", a_ready_receive },
	{ "a send that is ready", a_ready_send },
	{ "default", a_default },
	{ "parked until a deadline", a_deadline },
	{ "a channel that is closed", an_end },
	{ "a look", a_look },
	{ "parked, a descriptor too", a_descriptor },
};

#define CALLS ARRAY_SIZE(calls)

static void skip(unsigned int n, const char *what)
{
	while (n--)
		ksft_test_result_code(KSFT_SKIP, what, "not in this kernel");
}

static void test_faults(void)
{
	uint32_t i, k, rounds = load_scale(300);
	int fd, bad;

	if (!faults_there()) {
		skip(CALLS, "fault injection");
		return;
	}
	faults_set(true);
	fd = faults_open();
	for (i = 0; i < CALLS; i++) {
		bad = calls[i].call();
		faults_ask(fd, true);
		for (k = 0; k < rounds && !bad; k++)
			bad = calls[i].call();
		faults_ask(fd, false);
		ksft_test_result(!bad, "C50: %s, where all allocations fail\n",
				 calls[i].name);
	}
	close(fd);
	faults_set(false);
}

static void test_traces(void)
{
	uint32_t i, k, rounds = load_scale(300);
	unsigned int allocated;
	int bad;

	if (!traces_open()) {
		skip(CALLS + 1, "trace events");
		return;
	}
	for (i = 0; i < CALLS; i++) {
		bad = calls[i].call();
		traces_start(getpid(), getpid());
		for (k = 0; k < rounds && !bad; k++)
			bad = calls[i].call();
		allocated = traces_stop();
		ksft_test_result(!bad && !allocated,
				 "C50: %s, by trace events: %u\n",
				 calls[i].name, allocated);
	}
	/* That the trace sees one. */
	quiet_cases(SMALL + 1);
	traces_start(getpid(), getpid());
	go(SMALL + 1, HCHAN_NOWAIT, 0);
	allocated = traces_stop();
	ksft_test_result(allocated >= 1, "nine cases are seen: %u\n", allocated);
	traces_close();
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(4 + CALLS + CALLS + 1);
	b = load_shared(sizeof(*b));
	make();
	if (make_group()) {
		test_nothing_left();
		test_per_case();
		leave_group();
	} else {
		skip(4, "a control group");
	}
	test_faults();
	test_traces();
	ksft_finished();
}
