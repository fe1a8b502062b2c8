// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eight processes, four that send and four that receive, move 8 times 100,000
 * elements through one channel, and are killed at random, wherever they are,
 * and started again (C5, C7, C8, C9, C14, C15, C39, C41, C44).
 *
 * The accounting is exact, as nothing it needs dies with a process:
 *
 * - A sender writes down which numbers it is about to send, and afterwards that
 *   it has. If it is killed in between, exactly these are in doubt: each of them
 *   may arrive once or never, but none that is followed by one which arrived.
 *   The next life goes on behind them.
 * - A receiver receives into shared memory that it has emptied. What it has not
 *   written down when it dies is found there: the dead one's own hands. That
 *   memory is mapped, so copying out to it takes no fault, which is all that
 *   could fail under a SIGKILL.
 * - Each receive has a stamp from before its call and one from after it, from
 *   one clock for all. If a later element of a sender was received by a call
 *   that had ended before the call began which received an earlier one, that
 *   sender's elements were not in order.
 */
#include <sys/wait.h>

#include "load.h"

#define SENDERS		4
#define WORKERS		8
#define BATCH		8
#define ELEM_MAX	256
#define NOBODY		UINT32_MAX	/* a sender: the slot is empty */
#define NEVER		UINT32_MAX	/* a stamp: the call did not return */

struct worker {
	pid_t pid;		/* 0: none that may be killed */
	uint32_t life;		/* who it is, never used again; from 1 */
	/* A sender: numbers below @sent are, those below @tried may be. */
	uint32_t sent;
	uint32_t tried;
	/* A receiver: its call's first stamp, and the elements it got. */
	uint32_t begin;
	uint32_t landing[BATCH * ELEM_MAX / sizeof(uint32_t)];
};

/* An element: which life received it (0: nobody), and when. */
struct record {
	uint32_t life;
	uint32_t begin;
	uint32_t end;
	bool doubtful;		/* its sender was killed */
	bool last_tried;	/* ... and this is the last of that call */
};

struct world {
	uint32_t clock;		/* from 1 */
	uint32_t moved;
	uint32_t doubled;
	uint32_t torn;		/* elements that nobody has sent */
	uint32_t disorder;	/* in one call */
	struct worker worker[WORKERS];
	struct record record[];	/* SENDERS times @total */
};

struct run {
	const char *name;
	uint32_t elem_size;
	uint32_t capacity;
	uint32_t total;		/* of each sender; before scaling */
	uint32_t kill_every;	/* elements received */
};

static const struct run runs[] = {
	{ "capacity 0", 16, 0, 200000, 2000 },
	{ "capacity 1", 16, 1, 200000, 2000 },
	{ "capacity 64", 16, 64, 200000, 2000 },
	{ "capacity 4, above the inline size", ELEM_MAX, 4, 10000, 100 },
};

static const struct run *run;
static struct world *world;
static uint32_t total;
static int chan;

static struct record *record_of(uint32_t sender, uint32_t number)
{
	return &world->record[(size_t)sender * total + number];
}

static uint32_t *slot(struct worker *w, unsigned int i)
{
	return w->landing + i * run->elem_size / sizeof(uint32_t);
}

/* One word, so that a kill cannot leave half of it. */
static void empty(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		__atomic_store_n(slot(w, i), NOBODY, __ATOMIC_RELAXED);
}

static void count(uint32_t *what)
{
	__atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

static uint32_t stamp(void)
{
	return __atomic_fetch_add(&world->clock, 1, __ATOMIC_SEQ_CST);
}

/* Every so many elements somebody has to go, perhaps the caller. */
static void count_moved(uint32_t n, uint64_t *rng)
{
	uint32_t before = __atomic_fetch_add(&world->moved, n, __ATOMIC_RELAXED);
	pid_t victim;

	if (before / run->kill_every == (before + n) / run->kill_every)
		return;
	victim = __atomic_load_n(&world->worker[load_dice(rng) % WORKERS].pid,
				 __ATOMIC_RELAXED);
	if (victim > 0)
		kill(victim, SIGKILL);
}

/* Writes down that @life received @elem. A life may say so twice. */
static void book(const uint32_t *elem, uint32_t life, uint32_t begin,
		 uint32_t end)
{
	struct record *rec;
	uint32_t was = 0;

	if (elem[0] >= SENDERS || elem[1] >= total ||
	    !load_whole(elem, run->elem_size)) {
		count(&world->torn);
		return;
	}
	rec = record_of(elem[0], elem[1]);
	if (!__atomic_compare_exchange_n(&rec->life, &was, life, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
	    was != life) {
		count(&world->doubled);
		return;
	}
	/* Also if it died between the above and the below. */
	if (!rec->end) {
		rec->begin = begin;
		rec->end = end;
	}
}

static void check_call(struct worker *me, unsigned int n)
{
	uint32_t next[SENDERS] = { 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint32_t sender = slot(me, i)[0], number = slot(me, i)[1];

		if (sender >= SENDERS)
			continue;
		if (number < next[sender])
			count(&world->disorder);
		next[sender] = number + 1;
	}
}

static int die(const char *what)
{
	ksft_print_msg("%s: %s\n", what, strerror(errno));
	return 1;
}

static int receiver(struct worker *me, uint64_t *rng)
{
	uint32_t size = run->elem_size, end;
	unsigned int i, want;
	long n;

	for (;;) {
		want = 1 + load_dice(rng) % BATCH;
		empty(me);
		me->begin = stamp();
		switch (load_dice(rng) % 4) {
		case 0:
			n = load_recv(chan, me->landing, size, 0);
			break;
		case 1:
			n = load_batch(chan, HCHAN_IOC_RECVN, me->landing, size,
				       want, 0);
			break;
		case 2:
			n = load_batch(chan, HCHAN_IOC_RECVN, me->landing, size,
				       want, HCHAN_SOME);
			break;
		default:
			n = read(chan, me->landing, want * size);
			n = n > 0 ? n / size : n;
			break;
		}
		end = stamp();
		if (n < 0)
			return die("a receive");
		if (!n)
			return 0;
		check_call(me, n);
		for (i = 0; i < n; i++)
			book(slot(me, i), me->life, me->begin, end);
		count_moved(n, rng);
	}
}

static int sender(struct worker *me, uint64_t *rng)
{
	uint32_t elems[BATCH * ELEM_MAX / sizeof(uint32_t)];
	uint32_t size = run->elem_size, id = me - world->worker;
	uint32_t first, want, i;
	long n;

	for (;;) {
		first = me->sent;
		want = load_dice(rng) % 2 ? 1 : 1 + load_dice(rng) % BATCH;
		if (want > total - first)
			want = total - first;
		if (!want)
			return 0;
		for (i = 0; i < want; i++)
			load_fill((uint8_t *)elems + i * size, size, id,
				  first + i);
		__atomic_store_n(&me->tried, first + want, __ATOMIC_SEQ_CST);
		if (want == 1) {
			n = load_send(chan, elems, size, 0);
			n = n ? n : 1;
		} else if (load_dice(rng) % 2) {
			n = load_batch(chan, HCHAN_IOC_SENDN, elems, size, want, 0);
		} else {
			n = write(chan, elems, want * size);
			n = n > 0 ? n / size : n;
		}
		if (n != want)
			return die("a send");
		__atomic_store_n(&me->sent, first + want, __ATOMIC_SEQ_CST);
	}
}

static void start(uint32_t id)
{
	static uint32_t lives;
	struct worker *me = &world->worker[id];
	uint64_t rng = ++lives;
	pid_t pid;

	me->life = lives;
	pid = fork();
	if (pid < 0)
		ksft_exit_fail_perror("fork");
	if (!pid)
		_exit(id < SENDERS ? sender(me, &rng) : receiver(me, &rng));
	__atomic_store_n(&me->pid, pid, __ATOMIC_RELAXED);
}

/* What a life that was killed has left behind. */
static void bury(uint32_t id)
{
	struct worker *w = &world->worker[id];
	uint32_t i;

	if (id < SENDERS) {
		for (i = w->sent; i < w->tried; i++) {
			record_of(id, i)->doubtful = true;
			record_of(id, i)->last_tried = i + 1 == w->tried;
		}
		w->sent = w->tried;
		return;
	}
	for (i = 0; i < BATCH; i++)
		if (*slot(w, i) != NOBODY)
			book(slot(w, i), w->life, w->begin, NEVER);
	empty(w);
}

/*
 * Waits for somebody to end and starts who was killed again. Return: who is
 * through with its work.
 */
static uint32_t reap(uint32_t *killed)
{
	bool was_killed;
	uint32_t id;

	for (;;) {
		id = load_reap(&world->worker[0].pid, sizeof(world->worker[0]),
			       WORKERS, &was_killed);
		if (!was_killed)
			return id;
		++*killed;
		bury(id);
		start(id);
	}
}

struct verdict {
	uint32_t lost;
	uint32_t untold;	/* in doubt, did not arrive */
	uint32_t in_hand;	/* of a receiver that was killed */
	uint32_t disorder;	/* between calls */
};

static void judge(uint32_t sender, struct verdict *v)
{
	uint32_t i = total, earliest_end = NEVER;
	const struct record *rec;
	bool arrived = false;	/* a later one of the same call */

	while (i--) {
		rec = record_of(sender, i);
		if (!rec->doubtful || rec->last_tried)
			arrived = false;
		if (!rec->life) {
			if (!rec->doubtful || arrived)
				v->lost++;
			else
				v->untold++;
			continue;
		}
		arrived = true;
		if (earliest_end < rec->begin)
			v->disorder++;
		if (rec->end < earliest_end)
			earliest_end = rec->end;
		if (rec->end == NEVER)
			v->in_hand++;
	}
}

static void stress(void)
{
	uint32_t id, busy = SENDERS, killed = 0;
	struct verdict v = { 0 };
	int64_t took = hc_clock(CLOCK_MONOTONIC);
	size_t bytes;

	total = load_scale(run->total);
	bytes = sizeof(*world) + sizeof(world->record[0]) * SENDERS * total;
	world = load_shared(bytes);
	world->clock = 1;
	chan = load_must(hc_make(run->elem_size, run->capacity, 0));
	for (id = SENDERS; id < WORKERS; id++)
		empty(&world->worker[id]);
	for (id = 0; id < WORKERS; id++)
		start(id);

	while (busy) {
		if (reap(&killed) >= SENDERS)
			ksft_exit_fail_msg("a receiver saw an end too early\n");
		busy--;
	}
	/* What is buffered is still received, by those who are still killed. */
	load_must(hc_close(chan));
	for (busy = WORKERS - SENDERS; busy; busy--)
		reap(&killed);
	took = hc_clock(CLOCK_MONOTONIC) - took;

	for (id = 0; id < SENDERS; id++)
		judge(id, &v);
	ksft_print_msg("%s: %u elements in %u ms, %u kills\n", run->name,
		       world->moved, (unsigned int)(took / HC_MS), killed);
	ksft_print_msg("in the hands of the dead: %u; not sent by them: %u\n",
		       v.in_hand, v.untold);
	ksft_test_result(!world->doubled, "%s: none twice (%u)\n", run->name,
			 world->doubled);
	ksft_test_result(!v.lost, "%s: none lost (%u)\n", run->name, v.lost);
	ksft_test_result(!world->torn, "%s: each as it was sent (%u)\n",
			 run->name, world->torn);
	ksft_test_result(!v.disorder && !world->disorder,
			 "%s: in order per sender (%u, %u)\n", run->name,
			 v.disorder, world->disorder);
	ksft_test_result(killed >= total / run->kill_every,
			 "%s: enough were killed (%u)\n", run->name, killed);
	ksft_test_result(!hc_len(chan) && hc_parked(chan, 0, 0),
			 "%s: nobody and nothing is left\n", run->name);
	close(chan);
	munmap(world, bytes);
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(6 * ARRAY_SIZE(runs));
	for (run = runs; run < runs + ARRAY_SIZE(runs); run++)
		stress();
	ksft_finished();
}
