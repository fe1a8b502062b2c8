// SPDX-License-Identifier: GPL-2.0-only
/*
 * Default is never taken while something is ready (C19, C24). Something always is:
 * others move it from channel to channel, and it has come to the next one before
 * it leaves the last. Nothing that they or anybody else does makes the judging
 * endless: each test is a number of rounds and has to come to its end.
 */
#include "../kselftest_harness.h"
#include "hchan_peer.h"
#include "select_thread.h"

/* For those in hchan_peer.h; there are no others here. */
const struct hc_body_entry hc_bodies[] = { {} };

#define CHANNELS	64
#define NOISES		2

/*
 * struct world - channels among which it moves
 * @at: the one where it is, by the mover's word
 * @over: everybody is to stop
 * @moves: so far
 * @on, @go, @gone: of the senders, one for each channel
 * @set: with the same cases, or 0
 */
struct world {
	int n;
	int fd[CHANNELS];
	int noise[NOISES];
	int at;
	bool over;
	uint32_t moves;
	bool on[CHANNELS];
	int go[CHANNELS];
	int gone[CHANNELS];
	struct hchan_case c[CHANNELS + NOISES];
	uint64_t x[CHANNELS + NOISES];
	int count;
	int set;
};

struct helper {
	struct world *w;
	int i;
	pthread_t thread;
};

/* Without that nothing has been shown: some rounds more, then. */
static bool moved(struct world *w)
{
	return __atomic_load_n(&w->moves, __ATOMIC_RELAXED);
}

static bool over(struct world *w)
{
	return __atomic_load_n(&w->over, __ATOMIC_SEQ_CST);
}

static void start(struct helper *h, struct world *w, int i, void *(*run)(void *))
{
	h->w = w;
	h->i = i;
	hc_must(!pthread_create(&h->thread, NULL, run, h));
}

static void stop(struct helper *h)
{
	hc_must(!pthread_join(h->thread, NULL));
}

/*
 * Traffic that never makes a receive ready: a receiver parks, and who sends does
 * so to one who is parked, or not at all. Each of it is news on that channel.
 */
static void *noise_receiver(void *data)
{
	struct helper *h = data;
	uint64_t x;

	while (hc_recv(h->w->noise[h->i], &x, sizeof(x)) == 1)
		;
	return NULL;
}

static void *noise_sender(void *data)
{
	struct helper *h = data;

	while (!over(h->w))
		sel_try_put(h->w->noise[h->i], 1);
	hc_must(!hc_close(h->w->noise[h->i]));
	return NULL;
}

static void make(struct world *w, int n, uint64_t cap, bool noise)
{
	int i;

	memset(w, 0, sizeof(*w));
	w->n = n;
	for (i = 0; i < n; i++) {
		w->fd[i] = sel_make(cap);
		w->c[i] = hc_case_recv(w->fd[i], &w->x[i], 8);
	}
	w->count = n;
	for (i = 0; i < NOISES && noise; i++) {
		w->noise[i] = sel_make(0);
		w->c[w->count] = hc_case_recv(w->noise[i], &w->x[w->count], 8);
		w->count++;
	}
}

/* The raw call: the others are to run meanwhile, not to be compared. */
static int try(struct world *w, uint32_t flags)
{
	struct hchan_set_select from_set = { .flags = HCHAN_NOWAIT | flags };
	struct hchan_select sel = {
		.cases = (uintptr_t)w->c,
		.count = w->count,
		.flags = HCHAN_NOWAIT | flags,
	};
	int ret = w->set ? ioctl(w->set, HCHAN_IOC_SET_SELECT, &from_set) :
			   ioctl(w->fd[0], HCHAN_IOC_SELECT, &sel);

	return ret < 0 ? -errno : ret;
}

/* From now on by a set. */
static void make_set(struct world *w)
{
	int i;

	w->set = hc_set();
	hc_must(w->set > 0);
	for (i = 0; i < w->count; i++)
		hc_must(hc_set_add(w->set, w->c[i]) == i);
}

FIXTURE(moving)
{
	struct world w;
	struct helper mover, noise[2 * NOISES], sender[CHANNELS];
};

FIXTURE_VARIANT(moving)
{
	int n;
	bool noise;
	bool set;
};

FIXTURE_VARIANT_ADD(moving, between_2) { 2, false, false };
FIXTURE_VARIANT_ADD(moving, between_3) { 3, false, false };
FIXTURE_VARIANT_ADD(moving, between_20) { 20, false, false };
FIXTURE_VARIANT_ADD(moving, between_64) { 64, false, false };
FIXTURE_VARIANT_ADD(moving, between_2_noise) { 2, true, false };
FIXTURE_VARIANT_ADD(moving, between_9_noise) { 9, true, false };
FIXTURE_VARIANT_ADD(moving, between_64_noise) { 64, true, false };
FIXTURE_VARIANT_ADD(moving, set_of_2) { 2, false, true };
FIXTURE_VARIANT_ADD(moving, set_of_9_noise) { 9, true, true };
FIXTURE_VARIANT_ADD(moving, set_of_64) { 64, false, true };

FIXTURE_SETUP(moving)
{
}

FIXTURE_TEARDOWN(moving)
{
}

#define ROUNDS(n) ((n) < 10 ? hc_scale(12000) : hc_scale(3000))

static void noises_start(struct world *w, struct helper *noise)
{
	int i;

	for (i = 0; i < NOISES && w->noise[0]; i++) {
		start(&noise[2 * i], w, i, noise_receiver);
		start(&noise[2 * i + 1], w, i, noise_sender);
	}
}

static void all_stop(struct world *w, struct helper *noise)
{
	int i;

	__atomic_store_n(&w->over, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < 2 * NOISES && w->noise[0]; i++)
		stop(&noise[i]);
}

/* An element, which who finds it puts back where it was. */
static void *move_element(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;
	uint64_t x;
	int next;

	while (!over(w)) {
		next = (w->at + 1) % w->n;
		sel_put(w->fd[next], 1);
		hc_must(hc_recv(w->fd[w->at], &x, sizeof(x)) == 1);
		w->at = next;
		__atomic_fetch_add(&w->moves, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(moving, c19_element)
{
	uint32_t rounds = ROUNDS(variant->n), i;
	struct world *w = &self->w;
	int ret;

	make(w, variant->n, 1, variant->noise);
	sel_put(w->fd[0], 1);
	if (variant->set)
		make_set(w);
	noises_start(w, self->noise);
	start(&self->mover, w, 0, move_element);
	for (i = 0; i < rounds || !moved(w); i++) {
		ret = try(w, i % 8 == 7 ? HCHAN_READY : 0);
		ASSERT_LE(0, ret);
		if (i % 8 == 7)
			continue;
		ASSERT_GT(variant->n, ret);
		sel_put(w->fd[ret], 1);
	}
	all_stop(w, self->noise);
	stop(&self->mover);
	TH_LOG("%u moves in %u rounds", w->moves, rounds);
}

/* In the other direction: a place among full buffers. */
static void *move_place(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;
	uint64_t x;
	int next;

	while (!over(w)) {
		next = (w->at + 1) % w->n;
		x = sel_get(w->fd[next]);
		hc_must(!hc_send(w->fd[w->at], &x, sizeof(x)));
		w->at = next;
		__atomic_fetch_add(&w->moves, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(moving, c19_place)
{
	uint32_t rounds = ROUNDS(variant->n), i;
	struct world *w = &self->w;
	int ret;

	make(w, variant->n, 1, variant->noise);
	for (i = 0; i < w->n; i++) {
		w->c[i].op = HCHAN_CASE_SEND;
		if (i)
			sel_put(w->fd[i], 1);
	}
	if (variant->set)
		make_set(w);
	noises_start(w, self->noise);
	start(&self->mover, w, 0, move_place);
	for (i = 0; i < rounds || !moved(w); i++) {
		ret = try(w, 0);
		ASSERT_LE(0, ret);
		ASSERT_GT(variant->n, ret);
		sel_get(w->fd[ret]);
	}
	all_stop(w, self->noise);
	stop(&self->mover);
}

/* A sender for each channel, which sends there as long as it is on. */
static void *sender(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;
	uint64_t x = h->i;

	while (hc_recv(w->go[h->i], &x, sizeof(x)) == 1) {
		while (__atomic_load_n(&w->on[h->i], __ATOMIC_SEQ_CST))
			hc_send(w->fd[h->i], &x, sizeof(x));
		sel_put(w->gone[h->i], 1);
	}
	return NULL;
}

static void switch_on(struct world *w, int i)
{
	__atomic_store_n(&w->on[i], true, __ATOMIC_SEQ_CST);
	sel_put(w->go[i], 1);
	hc_must(!hc_wait_senders(w->fd[i], 1));
}

/* Takes what it sends until it sends no more. */
static void switch_off(struct world *w, int i)
{
	struct sel s = { 0 };

	__atomic_store_n(&w->on[i], false, __ATOMIC_SEQ_CST);
	sel_recv(&s, w->fd[i]);
	sel_recv(&s, w->gone[i]);
	do {
		hc_must(sel_run(&s) >= 0);
	} while (!s.ret);
}

static void *move_peer(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;
	int next, last;

	while (!over(w)) {
		last = w->at;
		next = (last + 1) % w->n;
		switch_on(w, next);
		__atomic_store_n(&w->at, next, __ATOMIC_SEQ_CST);
		switch_off(w, last);
		__atomic_fetch_add(&w->moves, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(moving, c19_parked_peer)
{
	uint32_t rounds = ROUNDS(variant->n) / 4 + 1, i;
	struct world *w = &self->w;
	int ret;

	make(w, variant->n, 0, variant->noise);
	for (i = 0; i < w->n; i++) {
		w->go[i] = sel_make(1);
		w->gone[i] = sel_make(1);
		start(&self->sender[i], w, i, sender);
	}
	switch_on(w, 0);
	if (variant->set)
		make_set(w);
	noises_start(w, self->noise);
	start(&self->mover, w, 0, move_peer);
	for (i = 0; i < rounds || !moved(w); i++) {
		ret = try(w, i % 8 == 7 ? HCHAN_READY : 0);
		ASSERT_LE(0, ret);
		if (i % 8 == 7)
			continue;
		ASSERT_GT(variant->n, ret);
		/* Its sender parks again, or the mover has switched it off. */
		while (!hc_stat(w->fd[ret]).parked_senders &&
		       __atomic_load_n(&w->on[ret], __ATOMIC_SEQ_CST))
			;
	}
	all_stop(w, self->noise);
	stop(&self->mover);
	switch_off(w, w->at);
	for (i = 0; i < w->n; i++) {
		hc_close(w->go[i]);
		stop(&self->sender[i]);
	}
}

/* One that is closed before the last element leaves, with new channels each time. */
static void *close_one(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;

	hc_must(!hc_close(w->fd[w->n - 1 - h->i % 2]));
	sel_empty(w->fd[0]);
	return NULL;
}

TEST_F(moving, c19_close)
{
	uint32_t rounds = hc_scale(variant->n < 10 ? 1500 : 300), i, k;
	struct world *w = &self->w;

	for (i = 0; i < rounds; i++) {
		make(w, variant->n, 1, false);
		if (i % 4 == 1)	/* the closed one comes first */
			w->c[0] = hc_case_recv(w->fd[w->n - 1], &w->x[0], 8);
		if (i % 4 == 1)
			w->c[w->n - 1] = hc_case_recv(w->fd[0], &w->x[1], 8);
		sel_put(w->fd[0], 1);
		if (variant->set)
			make_set(w);
		start(&self->mover, w, 0, close_one);
		for (k = 0; k < 1 + i % 5; k++)
			ASSERT_LE(0, try(w, HCHAN_READY));
		ASSERT_LE(0, try(w, 0));
		stop(&self->mover);
		if (w->set)
			close(w->set);
		for (k = 0; k < w->n; k++)
			close(w->fd[k]);
	}
}

/* Nothing is ever ready: it is told so each time, and there is an end to it. */
TEST_F(moving, c19_ends_under_traffic)
{
	uint32_t rounds = ROUNDS(variant->n) / 4 + 1, i;
	struct world *w = &self->w;

	make(w, variant->n, 0, true);
	if (variant->set)
		make_set(w);
	noises_start(w, self->noise);
	for (i = 0; i < rounds; i++)
		ASSERT_EQ(-EAGAIN, try(w, 0));
	all_stop(w, self->noise);
	for (i = 0; i < w->n; i++)
		EXPECT_TRUE(hc_parked(w->fd[i], 0, 0));
}

/*
 * Two that must not wait face each other, both ways on one rendezvous: neither is
 * parked, so each may say default; if one goes, the other does.
 */
static void *try_both(void *data)
{
	struct helper *h = data;
	struct world *w = h->w;
	uint64_t out = 1, in;
	struct hchan_case c[] = {
		hc_case_send(w->fd[0], &out, 8), hc_case_recv(w->fd[1], &in, 8),
		hc_case_recv(w->fd[0], &in, 8), hc_case_send(w->fd[1], &out, 8),
	};
	struct hchan_select sel = {
		.cases = (uintptr_t)c,
		.count = 4,
		.flags = HCHAN_NOWAIT,
	};
	uint32_t i, rounds = hc_scale(20000);
	long sum = 0;

	for (i = 0; i < rounds; i++) {
		int ret = ioctl(w->fd[0], HCHAN_IOC_SELECT, &sel);

		hc_must(ret >= 0 || errno == EAGAIN);
		if (ret >= 0)
			sum += ret == 0 || ret == 3 ? 1 : -1;
	}
	return (void *)sum;
}

TEST(c13_nobody_parks)
{
	struct world w;
	struct helper h[2], noise[2];
	void *sum[2];

	make(&w, 2, 0, true);
	start(&noise[0], &w, 0, noise_receiver);
	start(&noise[1], &w, 0, noise_sender);
	start(&h[0], &w, 0, try_both);
	start(&h[1], &w, 1, try_both);
	hc_must(!pthread_join(h[0].thread, &sum[0]));
	hc_must(!pthread_join(h[1].thread, &sum[1]));
	__atomic_store_n(&w.over, true, __ATOMIC_SEQ_CST);
	stop(&noise[0]);
	stop(&noise[1]);
	EXPECT_EQ(0, (long)sum[0] + (long)sum[1]);
	EXPECT_TRUE(hc_parked(w.fd[0], 0, 0));
	EXPECT_TRUE(hc_parked(w.fd[1], 0, 0));
}

TEST_HARNESS_MAIN
