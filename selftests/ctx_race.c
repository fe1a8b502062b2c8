// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two at once: cancel and cancel, cancel and deadline, and who makes or drops contexts
 * while their tree is cancelled. Whoever returns from a cancel finds all of it done,
 * whether it was the first or not (C33), by one cause (C34); what is made meanwhile too (C35).
 */
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>

#include "fs_util.h"
#include "hchan_ctx.h"
#include "hchan_select.h"
#include "load.h"

#define WIDTH	60
#define CANCELLED HCHAN_CTX_ERR_CANCELLED
#define DEADLINE HCHAN_CTX_ERR_DEADLINE

/*
 * struct arena - what both threads of a race have
 * @ctx: @n of them
 * @results: what each got
 * @round: which it is; what is tried first, and when, follows from it
 * @steps: how far the one who makes or drops has come
 * @wrong: what they found that should not be
 */
struct arena {
	struct hc_ctx ctx[WIDTH];
	int n;
	int results[2];
	int64_t due;
	uint32_t round;
	uint32_t steps;
	int set;
	uint32_t wrong;
};

struct race {
	const char *name;
	void (*setup)(struct arena *a);
	void (*first)(struct arena *a);
	void (*second)(struct arena *a);
	void (*judge)(struct arena *a);
	uint32_t rounds;
};

static pthread_barrier_t start, finish;
static struct arena arena;
static const struct race *race;
static bool over;

#define WRONG_IF(a, condition)						\
	do {								\
		if (condition) {					\
			__atomic_fetch_add(&(a)->wrong, 1, __ATOMIC_RELAXED); \
			fprintf(stderr, "# %s: %s\n", race->name, #condition); \
		}							\
	} while (0)

static bool is_done(int fd)
{
	char none;

	return hc_try_recv(fd, &none, 0) == 0;
}

/* A tree of three children each, as deep as it gets. */
static void grow(struct arena *a, uint32_t flags)
{
	int i;

	a->ctx[0] = hc_ctx(hc_background(), HCHAN_CTX_CANCEL | flags);
	for (i = 1; i < WIDTH; i++)
		a->ctx[i] = hc_ctx(a->ctx[(i - 1) / 3].fd, HCHAN_CTX_CANCEL);
	a->n = WIDTH;
}

static void grow_plain(struct arena *a)
{
	grow(a, 0);
}

/* Cancels number @i, and looks at all below at once: first at those that come last. */
static void cancel_as(struct arena *a, int side, int i)
{
	struct hchan_cause why = hc_cause(side + 1, side ? "one" : "zero");
	int64_t end = hc_in(a->round / 2 % 64 * 5000);
	bool all = true;
	int j;

	/* In turn one of them is later, by some part of what a cancel takes. */
	while (side == (int)a->round % 2 && hc_in(0) < end)
		;
	a->results[side] = hc_ctx_cancel(a->ctx[i].cancel, &why);
	for (j = a->n - 1; j >= i; j--) {
		int up = j;

		while (up > i)
			up = (up - 1) / 3;
		if (up == i)
			all = all && is_done(a->ctx[j].fd);
	}
	WRONG_IF(a, !all);
}

static void cancel_root_0(struct arena *a)
{
	cancel_as(a, 0, 0);
}

static void cancel_root_1(struct arena *a)
{
	cancel_as(a, 1, 0);
}

static void cancel_child_1(struct arena *a)
{
	cancel_as(a, 1, 2);
}

static bool has_cause(struct arena *a, int i, int side)
{
	return hc_ctx_is(a->ctx[i].fd, CANCELLED, side + 1, side ? "one" : "zero");
}

static void judge_roots(struct arena *a)
{
	int i, winner = a->results[1] == 1;

	WRONG_IF(a, a->results[0] + a->results[1] != 1);
	for (i = 0; i < a->n; i++)
		WRONG_IF(a, !has_cause(a, i, winner));
}

/* The root is always cancelled by the first; the child by whoever was. */
static void judge_root_and_child(struct arena *a)
{
	int i, up;

	WRONG_IF(a, a->results[0] != 1);
	for (i = 0; i < a->n; i++) {
		for (up = i; up > 2;)
			up = (up - 1) / 3;
		WRONG_IF(a, !has_cause(a, i, up == 2 && a->results[1] == 1));
	}
	a->results[0] = !a->results[1];
}

/* --- deadlines ------------------------------------------------------------- */

static void grow_due(struct arena *a)
{
	struct hchan_cause why = hc_cause(7, "due");
	int i;

	a->due = hc_in(HC_MS);
	a->ctx[0] = hc_ctx_until(hc_background(), HCHAN_CTX_CANCEL, a->due, &why);
	for (i = 1; i < 10; i++)
		a->ctx[i] = hc_ctx(a->ctx[(i - 1) / 3].fd, 0);
	a->n = 10;
}

/* Before it, more and more often, as far as a call may take. */
static void cancel_when_due(struct arena *a)
{
	while (hc_clock(CLOCK_MONOTONIC) < a->due - a->round % 100 * 2000)
		;
	cancel_as(a, 0, 0);
}

static void wait_root(struct arena *a)
{
	char none;

	WRONG_IF(a, hc_recv(a->ctx[1].fd, &none, 0));
}

static void judge_due(struct arena *a)
{
	int i;

	for (i = 0; i < a->n; i++) {
		if (a->results[0] == 1)
			WRONG_IF(a, !has_cause(a, i, 0));
		else
			WRONG_IF(a, !hc_ctx_is(a->ctx[i].fd, DEADLINE, 7, "due"));
	}
}

/* --- who comes and goes ---------------------------------------------------- */

static void grow_one(struct arena *a)
{
	a->ctx[0] = hc_ctx(hc_background(), HCHAN_CTX_CANCEL);
	a->n = 1;
}

static void step(struct arena *a)
{
	__atomic_fetch_add(&a->steps, 1, __ATOMIC_RELEASE);
}

/* Below what it has made before, so that it may be faster than the walk. */
static void make_many(struct arena *a)
{
	int i;

	for (i = 1; i < WIDTH; i++) {
		step(a);
		a->ctx[i] = hc_ctx(a->ctx[i - 1 - (i % 3 == 0)].fd, HCHAN_CTX_CANCEL);
	}
}

static void cancel_alone(struct arena *a)
{
	struct hchan_cause why = hc_cause(1, "zero");

	while (__atomic_load_n(&a->steps, __ATOMIC_ACQUIRE) < a->round % (WIDTH - 1))
		;
	a->results[0] = hc_ctx_cancel(a->ctx[0].cancel, &why);
}

static void judge_made(struct arena *a)
{
	int i;

	a->n = WIDTH;
	WRONG_IF(a, a->results[0] != 1);
	for (i = 0; i < a->n; i++)
		WRONG_IF(a, !has_cause(a, i, 0));
}

static void drop_many(struct arena *a)
{
	int i;

	for (i = WIDTH - 1; i; i--) {
		step(a);
		hc_ctx_drop(&a->ctx[i * 7 % WIDTH]);
	}
}

static void judge_dropped(struct arena *a)
{
	WRONG_IF(a, a->results[0] != 1);
	WRONG_IF(a, hc_ctx_stat(a->ctx[0].fd).children);
}

static void grow_on_loss(struct arena *a)
{
	grow(a, HCHAN_CTX_ON_LOSS);
}

static void lose_the_right(struct arena *a)
{
	close(a->ctx[0].cancel);
	a->ctx[0].cancel = -1;
	WRONG_IF(a, !is_done(a->ctx[WIDTH - 1].fd));
}

static void judge_lost(struct arena *a)
{
	int i, up;

	for (i = 0; i < a->n; i++) {
		for (up = i; up > 2;)
			up = (up - 1) / 3;
		if (up == 2 && a->results[1] == 1)
			WRONG_IF(a, !has_cause(a, i, 1));
		else
			WRONG_IF(a, !hc_ctx_is(a->ctx[i].fd, CANCELLED, 0,
					       HCHAN_CTX_LOST));
	}
	a->results[0] = !a->results[1];
}

/*
 * A set has cases on all of them, and somebody polls it: closing one of them may take
 * the last reference of another, whose descriptor has gone.
 */
static void grow_watched(struct arena *a)
{
	static char none;
	int i;

	grow(a, 0);
	a->set = hc_set();
	for (i = 1; i < WIDTH; i++)
		hc_must(hc_set_add(a->set, hc_case_recv(a->ctx[i].fd, &none, 0)) >= 0);
}

static void select_and_drop(struct arena *a)
{
	struct pollfd pollfd = { .fd = a->set, .events = POLLIN };
	struct hchan_set_select out;
	int i;

	for (i = WIDTH - 1; i; i--) {
		step(a);
		poll(&pollfd, 1, 0);
		hc_ctx_drop(&a->ctx[i]);
		hc_set_select_by(a->set, HCHAN_READY | HCHAN_DEADLINE, hc_in(1000),
				 &out);
	}
}

static void judge_watched(struct arena *a)
{
	WRONG_IF(a, a->results[0] != 1);
	WRONG_IF(a, hc_set_try(a->set, NULL) != -EAGAIN);
	close(a->set);
}

static const struct race races[] = {
	{ "two cancel the root", grow_plain, cancel_root_0, cancel_root_1,
	  judge_roots, 400 },
	{ "one cancels a child", grow_plain, cancel_root_0, cancel_child_1,
	  judge_root_and_child, 400 },
	{ "a cancel and a deadline", grow_due, cancel_when_due, wait_root,
	  judge_due, 1000 },
	{ "a cancel and new ones", grow_one, cancel_alone, make_many,
	  judge_made, 400 },
	{ "a cancel and who drops", grow_plain, cancel_alone, drop_many,
	  judge_dropped, 400 },
	{ "the loss of the right", grow_on_loss, lose_the_right, cancel_child_1,
	  judge_lost, 400 },
	{ "a cancel and a set", grow_watched, cancel_alone, select_and_drop,
	  judge_watched, 300 },
};

static void *other_side(void *unused)
{
	for (;;) {
		pthread_barrier_wait(&start);
		if (over)
			return NULL;
		race->second(&arena);
		pthread_barrier_wait(&finish);
	}
}

static void run(void)
{
	uint32_t rounds = load_scale(race->rounds), i, won[3] = { 0 };
	int j;

	arena.wrong = 0;
	for (i = 0; i < rounds; i++) {
		for (j = 0; j < WIDTH; j++)
			arena.ctx[j] = (struct hc_ctx){ .fd = -1, .cancel = -1 };
		arena.results[0] = -1;
		arena.results[1] = -1;
		arena.steps = 0;
		arena.round = i;
		race->setup(&arena);
		pthread_barrier_wait(&start);
		race->first(&arena);
		pthread_barrier_wait(&finish);
		race->judge(&arena);
		won[arena.results[0] == 1]++;
		for (j = 0; j < WIDTH; j++)
			hc_ctx_drop(&arena.ctx[j]);
	}
	ksft_print_msg("%s: first %u times, not %u times\n", race->name, won[1],
		       won[0]);
	ksft_test_result(!arena.wrong, "%s, %u times (%u)\n", race->name, rounds,
			 arena.wrong);
}

/* --- anything -------------------------------------------------------------- */

#define THREADS	4
#define SLOTS	32

static int slots[SLOTS];

static void keep(uint64_t *rng, int fd)
{
	fd = __atomic_exchange_n(&slots[load_dice(rng) % SLOTS], fd, __ATOMIC_ACQ_REL);
	if (fd >= 0)
		close(fd);
}

/* What it does may be refused: somebody has closed the descriptor. */
static void *anything(void *data)
{
	uint64_t rng = (uintptr_t)data;
	uint32_t i, n = load_scale(30000);

	for (i = 0; i < n; i++) {
		int fd = __atomic_load_n(&slots[load_dice(&rng) % SLOTS],
					 __ATOMIC_ACQUIRE);
		struct hchan_ctx_stat stat = { .size = sizeof(stat) };
		struct hchan_ctx arg = hc_ctx_request(0);
		char none;
		int ret;

		switch (load_dice(&rng) % 8) {
		case 0:
		case 1:
		case 2:
			arg.flags = load_dice(&rng) & (HCHAN_CTX_CANCEL |
						       HCHAN_CTX_DETACH);
			if (arg.flags & HCHAN_CTX_CANCEL && load_dice(&rng) % 2)
				arg.flags |= HCHAN_CTX_ON_LOSS;
			if (load_dice(&rng) % 3 == 0) {
				arg.flags |= HCHAN_DEADLINE;
				arg.deadline = hc_in(load_dice(&rng) % 2000000);
			}
			ret = ioctl(fd, HCHAN_IOC_CTX, &arg);
			if (ret < 0)
				ret = ioctl(hc_background(), HCHAN_IOC_CTX, &arg);
			if (ret < 0)
				break;
			keep(&rng, ret);
			if (arg.cancel_fd >= 0)
				keep(&rng, arg.cancel_fd);
			break;
		case 3:
			ioctl(fd, HCHAN_IOC_CTX_CANCEL, NULL);
			break;
		case 4:
			keep(&rng, dup(fd));
			break;
		case 5:
			hc_recv_by(fd, &none, 0, HCHAN_DEADLINE, hc_in(50000), NULL);
			break;
		default:
			ioctl(fd, HCHAN_IOC_CTX_STAT, &stat);
			break;
		}
	}
	return NULL;
}

/* A work that is on its way holds its context a moment longer. */
static bool nothing_left(long there)
{
	int64_t end = hc_in(HC_PATIENCE);

	while (load_channels() != there && hc_clock(CLOCK_MONOTONIC) < end)
		sched_yield();
	return load_channels() == there;
}

static void test_anything(void)
{
	long there = load_channels();
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < SLOTS; i++)
		slots[i] = -1;
	for (i = 0; i < THREADS; i++)
		load_must(-pthread_create(&threads[i], NULL, anything,
					  (void *)(uintptr_t)(i + 1)));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < SLOTS; i++)
		if (slots[i] >= 0)
			close(slots[i]);
	ksft_test_result(nothing_left(there), "anything, and nothing is left\n");
}

int main(void)
{
	long there = load_channels();
	pthread_t thread;
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(races) + 2);
	hc_background();
	hc_must(!pthread_barrier_init(&start, NULL, 2));
	hc_must(!pthread_barrier_init(&finish, NULL, 2));
	hc_must(!pthread_create(&thread, NULL, other_side, NULL));
	for (i = 0; i < ARRAY_SIZE(races); i++) {
		race = &races[i];
		run();
	}
	over = true;
	pthread_barrier_wait(&start);
	pthread_join(thread, NULL);
	ksft_test_result(nothing_left(there), "nothing is left\n");
	test_anything();
	ksft_finished();
}
