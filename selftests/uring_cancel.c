// SPDX-License-Identifier: GPL-2.0-only
/*
 * A million races of a cancel against a send, and more: a command is cancelled, or its
 * deadline comes, while its partner arrives. A cancelled receive has consumed nothing,
 * and one that has is never reported as cancelled; likewise sends and selects (C39,
 * C51). Elements are numbered, so that what was moved and what was reported can be
 * compared one by one.
 *
 * In each round all the commands of a burst are parked, and then two threads go for
 * them at the same moment: one meets them, from the first on, the other one cancels
 * them, mostly from the first on, too, which is a race all along. That both outcomes
 * occur however fast the two are, the one who cancels lets the other one have some
 * first, who then does not want all. How slow he is, and how far away deadlines are, is
 * changed until about half of the commands happen.
 */
#include <pthread.h>

#include "../kselftest.h"
#include "hchan_select.h"
#include "hchan_uring.h"
#include "load.h"

#define BURST	256

enum what { RECEIVES, SENDS, SELECTS, SEND_SELECTS, DEADLINES };

/* struct race - a kind of race, and what came out */
struct race {
	const char *name;
	enum what what;
	uint64_t capacity;
	uint32_t rounds;	/* of BURST commands; before scaling */
	unsigned int setup;
};

static const struct race races[] = {
	{ "receives, capacity 0", RECEIVES, 0, 1400, 0 },
	{ "receives, capacity 256", RECEIVES, BURST, 800, 0 },
	{ "receives, the ring's own thread", RECEIVES, 0, 400,
	  IORING_SETUP_SQPOLL },
	{ "receives, work deferred", RECEIVES, 0, 700,
	  IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER },
	{ "sends, capacity 0", SENDS, 0, 800, 0 },
	{ "selects that receive", SELECTS, 0, 700, 0 },
	{ "selects that send", SEND_SELECTS, 0, 400, 0 },
	{ "deadlines of receives", DEADLINES, 0, 300, 0 },
};

/* So many receives, of selects too, are to be cancelled while sends come; before scaling. */
#define AGAINST_SENDS	1000000

/* One command, in the simplest form; @landing is what a receive got. */
struct command {
	struct hchan_xfer xfer;
	struct hchan_select sel;
	struct hchan_case c[2];
	uint32_t elem, unused;
	bool done;
	int res;
};

struct tally {
	uint32_t happened;
	uint32_t cancelled;
	uint32_t not_there;	/* cancels that came too late */
	uint32_t wrong;		/* any other result, a second one, a wrong value */
};

static const struct race *race;
static uint32_t against_sends;
static struct io_uring ring;
static int chan, other;
static struct command commands[BURST];
static pthread_barrier_t start, finish;
static bool over;

/* The partner's side: what it sent, or received. */
static uint32_t partner_moved, partner_wants, partner_first;
static bool partner_saw[BURST];

/* What makes about half of them happen: how slow the partner is, how far deadlines. */
static uint32_t pace;
static int64_t until;

static bool sends(void)
{
	return race->what == SENDS || race->what == SEND_SELECTS;
}

static void meet(void)
{
	uint32_t number, i, k;
	int ret;

	memset(partner_saw, 0, sizeof(partner_saw));
	for (i = 0; i < partner_wants; i++) {
		if (sends()) {
			ret = load_recv(chan, &number, sizeof(number), HCHAN_NOWAIT);
			if (ret != 1)
				break;	/* nobody is parked any more */
			hc_must(number < BURST && !partner_saw[number]);
			partner_saw[number] = true;
		} else {
			number = i + 1;
			if (load_send(chan, &number, sizeof(number), HCHAN_NOWAIT))
				break;
		}
		__atomic_store_n(&partner_moved, i + 1, __ATOMIC_RELAXED);
		for (k = 0; k < pace; k++)
			__asm__ volatile("" ::: "memory");
	}
}

static void *partner(void *unused)
{
	for (;;) {
		pthread_barrier_wait(&start);
		if (over)
			return NULL;
		meet();
		pthread_barrier_wait(&finish);
	}
}

static struct io_uring_sqe *sqe_for(uint32_t request, const void *arg,
				    uint64_t user_data)
{
	struct hchan_uring_cmd in = { .arg = (uintptr_t)arg };
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	hc_must(sqe);
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = chan;
	sqe->cmd_op = request;
	sqe->user_data = user_data;
	memcpy(sqe->cmd, &in, sizeof(in));
	return sqe;
}

static void prepare(uint32_t i, int64_t deadline)
{
	struct command *c = &commands[i];

	memset(c, 0, sizeof(*c));
	c->elem = sends() ? i : 0;
	if (race->what == SELECTS || race->what == SEND_SELECTS) {
		c->c[0] = hc_case(sends() ? HCHAN_CASE_SEND : HCHAN_CASE_RECV,
				  chan, &c->elem, sizeof(c->elem));
		c->c[1] = hc_case_recv(other, &c->unused, sizeof(c->unused));
		c->sel.cases = (uintptr_t)c->c;
		c->sel.count = 2;
		sqe_for(HCHAN_IOC_SELECT, &c->sel, (uintptr_t)c);
		return;
	}
	c->xfer.buf = (uintptr_t)&c->elem;
	c->xfer.len = sizeof(c->elem);
	if (race->what == DEADLINES) {
		c->xfer.flags = HCHAN_DEADLINE;
		c->xfer.deadline = deadline;
	}
	sqe_for(sends() ? HCHAN_IOC_SEND : HCHAN_IOC_RECV, &c->xfer,
		(uintptr_t)c);
}

/* What a command says if it has not happened. */
static int cancelled_is(void)
{
	return race->what == DEADLINES ? -ETIMEDOUT : -ECANCELED;
}

/* One completion: a command's, or (with the lowest bit) a cancel's. */
static void judge(struct io_uring_cqe *cqe, struct tally *t)
{
	struct command *c = (void *)(uintptr_t)(cqe->user_data & ~1ULL);
	int good = race->what == RECEIVES || race->what == DEADLINES;

	if (cqe->user_data & 1) {
		t->not_there += cqe->res == -ENOENT;
		t->wrong += cqe->res && cqe->res != -ENOENT;
		return;
	}
	t->wrong += c->done;
	c->done = true;
	c->res = cqe->res;
	if (cqe->res == cancelled_is()) {
		t->cancelled++;
		/* Not even a trace of it. */
		if (!sends())
			t->wrong += c->elem != 0;
	} else if (cqe->res == good) {
		t->happened++;
		if (!sends())
			t->wrong += !c->elem;
	} else {
		t->wrong++;
	}
}

static void take(uint32_t n, struct tally *t)
{
	struct __kernel_timespec patience = { .tv_sec = 20 };
	struct io_uring_cqe *cqe;
	int ret;

	while (n) {
		ret = io_uring_wait_cqe_timeout(&ring, &cqe, &patience);
		if (ret == -EINTR)
			continue;
		if (ret)
			ksft_exit_fail_msg("%s: no completion: %s\n", race->name,
					   strerror(-ret));
		judge(cqe, t);
		io_uring_cqe_seen(&ring, cqe);
		n--;
	}
}

/* Of receives: each number once, from 1 on without a gap, or still in the channel. */
static void compare_receives(struct tally *t)
{
	bool seen[BURST + 1] = {};
	uint32_t i, number, n = 0;

	for (i = 0; i < BURST; i++) {
		number = commands[i].elem;
		if (!number)
			continue;
		t->wrong += number > BURST || seen[number];
		if (number <= BURST)
			seen[number] = true;
		n++;
	}
	while (load_recv(chan, &number, sizeof(number), HCHAN_NOWAIT) == 1) {
		t->wrong += !race->capacity || number > BURST || seen[number];
		if (number <= BURST)
			seen[number] = true;
		n++;
	}
	t->wrong += n != partner_moved;
	for (i = 1; i <= partner_moved; i++)
		t->wrong += !seen[i];
}

/* Of sends: those that say so have arrived, and those alone. */
static void compare_sends(struct tally *t)
{
	uint32_t i, n = 0;

	for (i = 0; i < BURST; i++) {
		t->wrong += partner_saw[i] != (commands[i].res == 0);
		n += partner_saw[i];
	}
	t->wrong += n != partner_moved;
}

static void cancel_all(uint64_t *rng)
{
	uint32_t backward = load_dice(rng) % 3 == 0, n = 0, i;
	struct command *c;

	/* Nobody else is after them yet, so it gets so far. */
	while (__atomic_load_n(&partner_moved, __ATOMIC_RELAXED) < partner_first)
		sched_yield();
	for (i = 0; i < BURST; i++) {
		c = &commands[backward ? BURST - 1 - i : i];
		sqe_for(HCHAN_URING_CANCEL, c, (uintptr_t)c | 1);
		if (n--)
			continue;
		n = load_dice(rng) % 32;
		hc_must(io_uring_submit(&ring) >= 0);
	}
	hc_must(io_uring_submit(&ring) >= 0);
}

static void burst(uint64_t *rng, struct tally *t)
{
	int64_t deadline = hc_in(until);
	uint32_t i, before = t->happened;

	for (i = 0; i < BURST; i++)
		prepare(i, deadline + i * until / (4 * BURST));
	hc_must(io_uring_submit(&ring) >= 0);
	if (race->what != DEADLINES)
		load_must(sends() ? hc_wait_senders(chan, BURST) :
			  hc_wait_receivers(chan, BURST));
	partner_moved = 0;
	partner_first = load_dice(rng) % (BURST / 8);
	partner_wants = BURST / 2 + load_dice(rng) % (BURST / 2);
	pthread_barrier_wait(&start);
	if (race->what != DEADLINES)
		cancel_all(rng);
	take(race->what == DEADLINES ? BURST : 2 * BURST, t);
	pthread_barrier_wait(&finish);
	if (sends())
		compare_sends(t);
	else
		compare_receives(t);
	t->wrong += !hc_parked(chan, 0, 0);
	before = t->happened - before;
	if (before < BURST / 8) {
		pace /= 2;
		until *= 2;
	} else if (before < BURST / 2) {
		pace -= pace / 16;
		until += until / 16;
	} else {
		pace += pace / 4 + 64;
		until -= until / 4;
	}
}

static void run(void)
{
	uint32_t rounds = load_scale(race->rounds), i;
	int64_t took = hc_clock(CLOCK_MONOTONIC);
	struct tally t = {};
	pthread_t thread;
	uint64_t rng = 1;

	chan = load_must(hc_make(sizeof(uint32_t), race->capacity, 0));
	other = load_must(hc_make(sizeof(uint32_t), 0, 0));
	load_must(hu_init(&ring, 2 * BURST, race->setup));
	over = false;
	pace = 0;
	until = 2 * HC_MS;
	load_must(-pthread_create(&thread, NULL, partner, NULL));
	for (i = 0; i < rounds; i++)
		burst(&rng, &t);
	over = true;
	pthread_barrier_wait(&start);
	pthread_join(thread, NULL);
	io_uring_queue_exit(&ring);
	close(chan);
	close(other);
	if (!sends() && race->what != DEADLINES)
		against_sends += t.happened + t.cancelled;
	took = hc_clock(CLOCK_MONOTONIC) - took;
	ksft_print_msg("%s: %u happened, %u cancelled, %u cancels too late, %u ms\n",
		       race->name, t.happened, t.cancelled, t.not_there,
		       (unsigned int)(took / HC_MS));
	ksft_test_result(!t.wrong && t.happened + t.cancelled == rounds * BURST,
			 "%s: what was reported is what happened (%u)\n",
			 race->name, t.wrong);
	/* Both, and not just now and then. */
	ksft_test_result(t.happened > rounds * BURST / 100 &&
			 t.cancelled > rounds * BURST / 100,
			 "%s: both happened\n", race->name);
}

int main(void)
{
	ksft_print_header();
	if (!hu_parks())
		ksft_exit_skip(HU_NO_PARKING "\n");
	ksft_set_plan(2 * ARRAY_SIZE(races) + 1);
	pthread_barrier_init(&start, NULL, 2);
	pthread_barrier_init(&finish, NULL, 2);
	for (race = races; race < races + ARRAY_SIZE(races); race++)
		run();
	ksft_test_result(against_sends >= load_scale(AGAINST_SENDS),
			 "C39: %u times a cancel against a send\n", against_sends);
	ksft_finished();
}
