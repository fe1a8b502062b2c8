// SPDX-License-Identifier: GPL-2.0-only
/*
 * What programs make the kernel hold is charged to them and given back (C50):
 * 100,000 operations and 10,000 channels leave a control group's counters where
 * they were, and at its limit a channel is refused and nobody is killed.
 */
#include <poll.h>
#include <sys/wait.h>

#include "memgroup.h"

#define LARGE 5000

static uint8_t buf[16 * LARGE];

/* --- operations ------------------------------------------------------------ */

/* One round is ten operations. */
static void operate(int small, int large, uint32_t rounds)
{
	struct hchan_wait wait = { .flags = HCHAN_NOWAIT, .count = 1 };
	struct pollfd pollfd = { .fd = small, .events = POLLIN | POLLOUT };

	while (rounds--) {
		load_must(load_send(small, buf, 8, 0));
		load_must(load_batch(small, HCHAN_IOC_SENDN, buf, 8, 16,
				     HCHAN_NOWAIT));
		hc_must(load_send(small, buf, 9, 0) == -1);
		load_must(poll(&pollfd, 1, 0));
		load_must(load_batch(small, HCHAN_IOC_RECVN, buf, 8, 16,
				     HCHAN_SOME));
		hc_must(read(small, buf, 8) == 8);
		hc_must(ioctl(small, HCHAN_IOC_WAIT, &wait) == -1);
		load_must(load_send(large, buf, LARGE, 0));
		load_must(load_recv(large, buf, LARGE, 0));
		hc_must(load_recv(large, buf, LARGE, HCHAN_NOWAIT) == -1);
	}
}

/* Parked, for a partner or for a deadline; and a batch that is too large. */
static void operate_parked(int there, int back, uint32_t rounds)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		load_must(load_send(there, buf, 8, 0));
		load_must(load_recv(back, buf, 8, 0));
		if (i % 16 == 0)
			hc_must(hc_recv_by(back, buf, 8, HCHAN_DEADLINE,
					   hc_in(10000), NULL) == -ETIMEDOUT);
		if (i % 16 == 1)
			load_must(load_batch(there, HCHAN_IOC_SENDN, buf, 8,
					     1000, 0));
	}
}

static int answer(int there, int back, uint32_t rounds)
{
	uint32_t i;

	for (i = 0; i < rounds; i++) {
		load_must(load_recv(there, buf, 8, 0));
		load_must(load_send(back, buf, 8, 0));
		if (i % 16 == 1)
			load_must(load_batch(there, HCHAN_IOC_RECVN, buf, 8,
					     1000, 0));
	}
	return 0;
}

static void parked(uint32_t rounds)
{
	int there = load_must(hc_make(8, 0, 0));
	int back = load_must(hc_make(8, 0, 0));
	int status;
	pid_t pid;

	pid = load_must(fork());
	if (!pid)
		_exit(answer(there, back, rounds));
	operate_parked(there, back, rounds);
	hc_must(waitpid(pid, &status, 0) == pid && !status);
	close(there);
	close(back);
}

static void test_operations(void)
{
	int small = load_must(hc_make(8, 20, 0));
	int large = load_must(hc_make(LARGE, 4, 0));
	uint32_t rounds = load_scale(10000);
	long long before, after;
	bool good;

	operate(small, large, 100);
	parked(100);
	before = held_now();
	operate(small, large, rounds);
	parked(rounds / 2);
	good = given_back(before, &after);
	ksft_test_result(good, "%u operations: %lld bytes, were %lld\n",
			 rounds * 11, after, before);
	close(small);
	close(large);
}

/* --- channels -------------------------------------------------------------- */

/* Channels that go with something in them. */
static void create_and_close(int dir, uint32_t rounds)
{
	int fd, rx;

	while (rounds--) {
		fd = load_must(hc_make(8, 16, 0));
		load_must(load_batch(fd, HCHAN_IOC_SENDN, buf, 8, 10, 0));
		close(fd);

		fd = load_must(hc_make(LARGE, 2, HCHAN_DISCONNECT));
		load_must(load_send(fd, buf, LARGE, 0));
		load_must(load_recv(fd, buf, LARGE, 0));
		load_must(load_send(fd, buf, LARGE, 0));
		close(fd);

		fd = load_must(hc_make(300, 4, HCHAN_MSG));
		rx = load_must(hc_narrow(fd, O_RDONLY));
		load_must(load_send(fd, buf, 300, 0));
		load_must(load_send(fd, buf, 3, 0));
		load_must(hc_close(fd));
		close(fd);
		load_must(load_recv(rx, buf, 300, 0));
		close(rx);

		fd = load_must(create_at(dir, "name", HCHAN_CREATE));
		load_must(load_send(fd, buf, 8, 0));
		load_must(unlinkat(dir, "name", 0));
		close(fd);

		load_must(create_at(dir, "name", HCHAN_CREATE | HCHAN_NO_OPEN));
		load_must(unlinkat(dir, "name", 0));
	}
}

static void test_channels(void)
{
	uint32_t rounds = load_scale(2000);
	long long before, after;
	char dir[64];
	long there;
	bool good;
	int fd;

	hc_must(!mount_at(dir, NULL));
	fd = load_must(open_dir(dir));
	create_and_close(fd, 100);
	there = load_channels();
	before = held_now();
	create_and_close(fd, rounds);
	good = given_back(before, &after);
	ksft_test_result(good, "%u channels: %lld bytes, were %lld\n",
			 rounds * 5, after, before);
	ksft_test_result(load_channels() == there, "no channel is left\n");
	close(fd);
	hc_must(!unmount_at(dir));
}

/* --- the limit ------------------------------------------------------------- */

/* Eight megabytes show, as a ring and as elements, as long as they are there. */
static void test_charged(void)
{
	long long before = held_now(), ring, elements, after;
	int i, fd, sender;

	fd = load_must(hc_make(64, 1 << 17, 0));
	ring = held_now() - before;
	sender = load_must(hc_make(LARGE, 1600, 0));
	for (i = 0; i < 1600; i++)
		load_must(load_send(sender, buf, LARGE, 0));
	elements = held_now() - before - ring;
	close(fd);
	close(sender);
	ksft_test_result(ring >= 8 << 20, "a ring is charged: %lld\n", ring);
	ksft_test_result(elements >= 1600 * LARGE,
			 "elements are charged: %lld\n", elements);
	ksft_test_result(given_back(before, &after),
			 "both are given back: %lld, %lld before\n", after,
			 before);
}

/* A neighbour in the same group, which would be killed as well as we. */
static pid_t neighbour(int *life)
{
	int pair[2];
	pid_t pid;

	hc_must(!pipe(pair));
	pid = load_must(fork());
	if (!pid) {
		close(pair[1]);
		_exit(read(pair[0], buf, 1));
	}
	close(pair[0]);
	*life = pair[1];
	return pid;
}

static void test_limit(void)
{
	int life, refused, fd, status;
	pid_t pid = neighbour(&life);
	long before = load_channels();
	long long killed;

	hc_must(!write_to(group_file("memory.max"), "33554432"));
	write_to(group_file("memory.swap.max"), "0");
	refused = hc_make(64, 1 << 20, 0);
	ksft_test_result(refused == -ENOMEM && load_channels() == before,
			 "64 MiB where there are 32: %d\n", refused);
	fd = hc_make(64, 1 << 10, 0);
	ksft_test_result(fd >= 0, "64 KiB in the same place: %d\n", fd);
	close(fd);
	hc_must(!write_to(group_file("memory.max"), "max"));

	killed = counter("memory.events", "oom_kill");
	ksft_test_result(!killed && !waitpid(pid, &status, WNOHANG),
			 "nobody was killed: %lld\n", killed);
	close(life);
	waitpid(pid, &status, 0);
}

int main(void)
{
	static const char * const names[] = {
		"operations", "channels", "no channel", "a ring", "elements",
		"both", "64 MiB", "64 KiB", "nobody",
	};
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(names));
	if (!make_group()) {
		for (i = 0; i < ARRAY_SIZE(names); i++)
			ksft_test_result_code(KSFT_SKIP, names[i],
					      "no control group to be had");
		ksft_finished();
	}
	test_operations();
	test_channels();
	test_charged();
	test_limit();
	leave_group();
	ksft_finished();
}
