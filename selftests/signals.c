// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sender and a receiver under a rain of signals, one for every few elements:
 * each element happens entirely or not at all, whether the handler restarts
 * calls or not (C39). What EINTR says has not happened is done again, what a
 * short count says has happened is not; the receiver must see each number once
 * and in order.
 */
#include <sched.h>
#include <sys/wait.h>

#include "load.h"

#define SIZE	16
#define BATCH	16
#define TOTAL	10000

enum way { ONE, BATCHES, READ_WRITE };

static const char * const way_names[] = { "one by one", "batches", "read, write" };

struct world {
	pid_t pids[2];		/* the sender, the receiver */
	uint32_t total;
	bool begun;
	uint32_t moved;		/* by either side */
	uint32_t signals;	/* that were handled */
	uint32_t interrupted;	/* calls that said EINTR */
	uint32_t pieces;	/* batches that said less */
	bool over;
};

static struct world *world;
static enum way way;
static int chan;

static void handler(int sig)
{
	__atomic_fetch_add(&world->signals, 1, __ATOMIC_RELAXED);
}

static void catch(int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	load_must(sigaction(SIGUSR1, &action, NULL));
}

/* Up to @n elements, as long as the call is interrupted. Return: how many. */
static int go_on(unsigned long cmd, uint32_t *elems, uint32_t n, uint64_t *rng)
{
	struct hchan_xfer one = { .buf = (uintptr_t)elems, .len = SIZE };
	struct hchan_batch many = {
		.buf = (uintptr_t)elems,
		.stride = SIZE,
		.count = n,
	};
	bool out = cmd == HCHAN_IOC_SEND;
	int ret;

	/* With a deadline the wait is another one. */
	if (load_dice(rng) % 2) {
		one.flags = HCHAN_DEADLINE;
		one.deadline = hc_in(3600 * 1000 * HC_MS);
		many.flags = one.flags;
		many.deadline = one.deadline;
	}
	for (;;) {
		switch (way) {
		case ONE:
			ret = ioctl(chan, cmd, &one);
			ret = out && !ret ? 1 : ret;
			break;
		case BATCHES:
			ret = ioctl(chan, out ? HCHAN_IOC_SENDN :
				    HCHAN_IOC_RECVN, &many);
			break;
		default:
			ret = out ? write(chan, elems, n * SIZE) :
				    read(chan, elems, n * SIZE);
			if (ret > 0)
				ret = ret % SIZE ? 0 : ret / SIZE;
			break;
		}
		if (ret > 0 && ret < n && way != ONE)
			__atomic_fetch_add(&world->pieces, 1, __ATOMIC_RELAXED);
		if (ret >= 0 || errno != EINTR)
			break;
		__atomic_fetch_add(&world->interrupted, 1, __ATOMIC_RELAXED);
	}
	if (ret > 0)
		__atomic_fetch_add(&world->moved, ret, __ATOMIC_RELAXED);
	/* The other one is about to run, or to wait for us. */
	if (load_dice(rng) % 2)
		kill(world->pids[out], SIGUSR1);
	return ret;
}

static uint32_t amount(uint32_t left, uint64_t *rng)
{
	uint32_t n = way == ONE ? 1 : 1 + load_dice(rng) % BATCH;

	return n < left ? n : left;
}

static int sender(void)
{
	uint32_t elems[BATCH * SIZE / sizeof(uint32_t)];
	uint32_t next = 0, n, i;
	uint64_t rng = 1;
	int ret;

	while (next < world->total) {
		n = amount(world->total - next, &rng);
		for (i = 0; i < n; i++)
			load_fill(elems + i * 4, SIZE, 7, next + i);
		ret = go_on(HCHAN_IOC_SEND, elems, n, &rng);
		if (ret <= 0)
			return 1;
		next += ret;
	}
	return 0;
}

/* Return: 0, 1: a call failed, 2: another element than the next. */
static int receiver(void)
{
	uint32_t elems[BATCH * SIZE / sizeof(uint32_t)];
	uint32_t next = 0;
	uint64_t rng = 2;
	int ret, i;

	while (next < world->total) {
		ret = go_on(HCHAN_IOC_RECV, elems, amount(world->total - next, &rng),
			    &rng);
		if (ret <= 0)
			return 1;
		for (i = 0; i < ret; i++, next++)
			if (elems[i * 4] != 7 || elems[i * 4 + 1] != next ||
			    !load_whole(elems + i * 4, SIZE)) {
				hc_close(chan);	/* ends the sender too */
				return 2;
			}
	}
	return 0;
}

/* To either side, wherever it is, whenever a few elements have moved. */
static int rain(void)
{
	uint32_t seen = 0, now;
	uint64_t rng = 3;

	while (!__atomic_load_n(&world->over, __ATOMIC_RELAXED)) {
		now = __atomic_load_n(&world->moved, __ATOMIC_RELAXED);
		if (now - seen < load_dice(&rng) % 8)
			sched_yield();
		else
			kill(world->pids[load_dice(&rng) % 2], SIGUSR1);
		seen = now;
	}
	return 0;
}

static pid_t start(int (*role)(void))
{
	pid_t pid = load_must(fork());

	if (pid)
		return pid;
	while (!__atomic_load_n(&world->begun, __ATOMIC_ACQUIRE))
		sched_yield();
	_exit(role());
}

static int join(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Return: calls that were interrupted. */
static uint32_t storm(uint32_t capacity, int flags)
{
	pid_t cloud;
	int sent, received;
	char name[64];

	snprintf(name, sizeof(name), "capacity %u, %s, %s", capacity,
		 way_names[way], flags ? "restarting" : "not restarting");
	memset(world, 0, sizeof(*world));
	world->total = load_scale(TOTAL);
	chan = load_must(hc_make(SIZE, capacity, 0));
	catch(flags);
	world->pids[0] = start(sender);
	world->pids[1] = start(receiver);
	cloud = start(rain);
	__atomic_store_n(&world->begun, true, __ATOMIC_RELEASE);

	/* Whoever is still waiting then waits for what is lost. */
	sent = join(world->pids[0]);
	hc_close(chan);
	received = join(world->pids[1]);
	__atomic_store_n(&world->over, true, __ATOMIC_RELAXED);
	join(cloud);

	ksft_print_msg("%u signals, %u calls interrupted, %u batches in pieces\n",
		       world->signals, world->interrupted, world->pieces);
	ksft_test_result(!sent && !received && !hc_len(chan) &&
			 hc_parked(chan, 0, 0),
			 "%s: each once and in order (%d, %d)\n", name, sent,
			 received);
	ksft_test_result(world->signals > world->total / 50 &&
			 (!flags || !world->interrupted),
			 "%s: signals are handled, EINTR as asked for\n", name);
	close(chan);
	return world->interrupted;
}

int main(void)
{
	static const uint32_t capacities[] = { 0, 1, 64 };
	uint32_t interrupted, i;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(way_names) * (4 * ARRAY_SIZE(capacities) + 1));
	world = load_shared(sizeof(*world));
	for (way = ONE; way <= READ_WRITE; way++) {
		interrupted = 0;
		for (i = 0; i < ARRAY_SIZE(capacities); i++) {
			storm(capacities[i], SA_RESTART);
			interrupted += storm(capacities[i], 0);
		}
		ksft_test_result(interrupted, "%s: calls are interrupted (%u)\n",
				 way_names[way], interrupted);
	}
	ksft_finished();
}
