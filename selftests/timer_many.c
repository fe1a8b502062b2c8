// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hundred thousand timers (C32): half of them are stopped, half fire, in random
 * order. None is early, none comes after its stop, each comes once; and when their
 * descriptors are gone nothing of them is left, whether they have come, wait to be
 * received, are to come, or were stopped.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "hchan_timer.h"
#include "memgroup.h"

#define MANY	100000

struct one {
	int fd;
	int64_t due;
	bool stopped;
	int prevented;
	bool received;
};

static struct one *all;
static uint32_t *order;	/* of all of them */
static long many;
static uint64_t rng;

static int64_t now(void)
{
	return hc_clock(CLOCK_MONOTONIC);
}

static int64_t soon(int64_t ms)
{
	return now() + (load_dice(&rng) % (ms * 1000)) * 1000;
}

static void make(long n)
{
	long i;

	for (i = 0; i < n; i++) {
		all[i].due = soon(2000);
		all[i].stopped = false;
		all[i].prevented = 0;
		all[i].received = false;
		all[i].fd = load_must(ht_at(all[i].due));
	}
}

static void shuffle(uint32_t n)
{
	uint32_t other, i;

	for (i = 0; i < n; i++) {
		other = load_dice(&rng) % (i + 1);
		order[i] = order[other];
		order[other] = i;
	}
}

/* Return: the number of faults. */
static long fire_and_stop(long n)
{
	uint32_t k;
	long faults = 0, received = 0;
	int64_t got;
	struct one *t;

	shuffle(n);
	for (k = 0; k < n; k++) {
		t = &all[order[k]];
		if (k % 2) {
			t->prevented = ht_stop(t->fd);
			t->stopped = true;
			continue;
		}
		/* ht_recv_by() looks whether it is early. */
		got = ht_try(t->fd);
		if (got == -EAGAIN)
			continue;
		faults += got != t->due;
		t->received = true;
	}
	/* All the others, in another order. */
	shuffle(n);
	for (k = 0; k < n; k++) {
		t = &all[order[k]];
		if (t->stopped || t->received) {
			got = ht_try(t->fd);
			faults += got != -EAGAIN;
			faults += t->stopped && t->prevented != 1;
			continue;
		}
		got = ht_recv(t->fd);
		faults += got != t->due;
		t->received = true;
		received++;
	}
	for (k = 0; k < n; k++)
		faults += ht_try(all[k].fd) != -EAGAIN;
	/* Of few, as what /proc has shown it keeps in memory. */
	for (k = 0; k < 20 && k < n; k++)
		faults += ht_info(all[k].fd).armed;
	ksft_print_msg("%ld were waited for\n", received);
	return faults;
}

/* In every state a timer may be in, some of it being changed just now. */
static void make_any(long n)
{
	long i;

	for (i = 0; i < n; i++) {
		switch (i % 5) {
		case 0:
			all[i].fd = load_must(ht_at(now() + HT_HOUR));
			break;
		case 1:
			all[i].fd = load_must(ht_ticker(soon(1), 1000));
			break;
		case 2:
			all[i].fd = load_must(ht_at(1));
			break;
		case 3:
			all[i].fd = load_must(ht_at(soon(300)));
			break;
		default:
			all[i].fd = load_must(ht_at(now() + HT_HOUR));
			load_must(ht_stop(all[i].fd));
			break;
		}
	}
}

static void drop(long n)
{
	long i;

	for (i = 0; i < n; i++)
		close(all[i].fd);
}

/* The work of one that fires just now may have the last reference for a moment. */
static bool all_gone(long there)
{
	int64_t end = hc_in(HC_PATIENCE);

	while (load_channels() != there && now() < end)
		sched_yield();
	return load_channels() == there;
}

int main(void)
{
	struct rlimit files = { MANY + 100, MANY + 100 };
	long long before = 0, after = 0, used = 0;
	long there = load_channels(), faults;
	bool grouped, good;

	ksft_print_header();
	ksft_set_plan(5);
	rng = hc_clock(CLOCK_REALTIME);
	many = load_scale(MANY);
	load_must(setrlimit(RLIMIT_NOFILE, &files));
	all = load_shared(many * sizeof(*all));
	order = load_shared(many * sizeof(*order));
	grouped = make_group();
	/* The table of descriptors has grown, and all caches are warm. */
	make_any(many);
	drop(many);
	good = all_gone(there);
	if (grouped)
		before = held_now();

	make(many);
	if (grouped)
		used = held_now() - before;
	faults = fire_and_stop(many);
	ksft_test_result(!faults, "C29, C32: %ld timers, half stopped, half fired: %ld faults\n",
			 many, faults);
	drop(many);
	ksft_test_result(good && all_gone(there), "C32: there is none left\n");
	if (grouped) {
		good = given_back(before, &after);
		ksft_test_result(good, "C32: %lld bytes, were %lld\n", after, before);
		ksft_test_result(used > 0 && used / many < 2048,
				 "C50: %lld bytes each, with its open file\n",
				 used / many);
	} else {
		ksft_test_result_skip("C32: no memory cgroups\n");
		ksft_test_result_skip("C50: no memory cgroups\n");
	}
	make_any(many);
	drop(many);
	good = all_gone(there) && (!grouped || given_back(before, &after));
	ksft_test_result(good, "C32: nor in any other state\n");
	leave_group();
	ksft_finished();
}
