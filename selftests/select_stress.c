// SPDX-License-Identifier: GPL-2.0-only
/*
 * 64 processes select over the same 512 channels, in plain selects and through
 * sets, beside plain operations and a few closes, and are killed at random,
 * wherever they are, and started again (C9, C15, C18, C19, C25, C38, C41).
 *
 * Each call of a process has a number, which is in the element of each of its
 * send cases. So of a number one element may arrive at most: exactly one if the
 * call said that it has sent, none if it said anything else, and who was killed
 * in the call has left it in doubt. A receive case lands in a place of its own in
 * shared memory, emptied before: what a killed one has not written down is found
 * there, and more than one place that is not empty would be two cases that
 * happened.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "hchan_select.h"
#include "load.h"

#define WORKERS		64
#define CHANNELS	512
#define MAY_CLOSE	64	/* so many of them, one for every few calls */
#define CASES		48
#define SET_CASES	24
#define CALLS		1500
#define SMALL_ELEM	16
#define LARGE_ELEM	200
#define KILL_EVERY	1500	/* calls */
#define EMPTY		UINT32_MAX

enum state { UNTRIED, TRIED, NOT_SENT, SENT, DOUBTFUL };

/* A call. */
struct record {
	uint32_t life;		/* who received its element; 0: nobody */
	uint16_t channel;	/* of what was sent */
	uint8_t state;
};

struct worker {
	pid_t pid;		/* 0: none that may be killed */
	uint32_t life;		/* who it is, never used again; from 1 */
	uint32_t next;		/* its next call */
	uint32_t landing[CASES][LARGE_ELEM / sizeof(uint32_t)];
};

struct world {
	uint32_t calls;
	uint32_t elements;
	uint32_t defaults;
	uint32_t deadlines;
	uint32_t ends;
	uint32_t doubled;
	uint32_t torn;		/* elements that nobody has sent there */
	uint32_t two;		/* cases of one call that happened */
	uint32_t wrong;		/* errors that there is no reason for */
	struct worker worker[WORKERS];
	struct record record[];	/* WORKERS times @total */
};

/* What one life works with, in its own memory. */
struct hands {
	struct worker *me;
	uint64_t rng;
	int set;
	uint32_t set_n;
	uint16_t set_channel[SET_CASES];
	bool set_sends[SET_CASES];
	struct hchan_case c[CASES];
	uint16_t channel[CASES];
	uint32_t out[CASES][LARGE_ELEM / sizeof(uint32_t)];
};

static struct world *world;
static uint32_t total;
static int channels[CHANNELS], event;

static void count(uint32_t *what)
{
	__atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

static uint32_t size_of(uint32_t channel)
{
	return channel % 2 ? LARGE_ELEM : SMALL_ELEM;
}

static uint32_t word(uint32_t from, uint32_t number, uint32_t i)
{
	return (from * 31 + number) * 2654435761u + i;
}

/* From 1, so that a zero value is nobody's. */
static void fill(uint32_t *elem, uint32_t from, uint32_t number, uint32_t channel)
{
	uint32_t i;

	elem[0] = from + 1;
	elem[1] = number;
	elem[2] = channel;
	for (i = 3; i < size_of(channel) / sizeof(*elem); i++)
		elem[i] = word(from + 1, number, i);
}

static bool whole(const uint32_t *elem, uint32_t channel)
{
	uint32_t i;

	if (!elem[0] || elem[0] > WORKERS || elem[1] >= total ||
	    elem[2] != channel)
		return false;
	for (i = 3; i < size_of(channel) / sizeof(*elem); i++)
		if (elem[i] != word(elem[0], elem[1], i))
			return false;
	return true;
}

static struct record *record_of(uint32_t worker, uint32_t number)
{
	return &world->record[(size_t)worker * total + number];
}

/* Writes down that @life received @elem. A life may say so twice. */
static void book(const uint32_t *elem, uint32_t channel, uint32_t life)
{
	struct record *rec;
	uint32_t was = 0;

	if (!whole(elem, channel)) {
		count(&world->torn);
		return;
	}
	rec = record_of(elem[0] - 1, elem[1]);
	if (!__atomic_compare_exchange_n(&rec->life, &was, life, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		if (was != life)
			count(&world->doubled);
		return;
	}
	count(&world->elements);
}

static void empty(struct worker *w)
{
	uint32_t i;

	for (i = 0; i < CASES; i++)
		__atomic_store_n(&w->landing[i][0], EMPTY, __ATOMIC_RELAXED);
}

/* Whether no place but @i is taken. */
static bool only(const struct worker *w, int i)
{
	int k;

	for (k = 0; k < CASES; k++)
		if (k != i && w->landing[k][0] != EMPTY)
			return false;
	return true;
}

/* --- one call -------------------------------------------------------------- */

static uint32_t dice(struct hands *h, uint32_t n)
{
	return load_dice(&h->rng) % n;
}

/* Case @i on a channel, its element not yet made. */
static struct hchan_case make_case(struct hands *h, uint32_t i, uint32_t channel)
{
	uint32_t size = size_of(channel);

	if (dice(h, 2))
		return hc_case_send(channels[channel], h->out[i], size);
	return hc_case_recv(channels[channel], h->me->landing[i], size);
}

/* What is known of a call that has returned. */
static void said(struct hands *h, uint32_t number, int i, bool send,
		 uint32_t channel, uint32_t status, int error)
{
	struct record *rec = record_of(h->me - world->worker, number);

	if (error && error != -EPIPE)
		count(&world->wrong);
	if (status != HCHAN_ST_OK)
		count(&world->ends);
	else if (send)
		rec->channel = channel;
	else
		book(h->me->landing[i], channel, h->me->life);
	if (!only(h->me, send ? -1 : i))
		count(&world->two);
	__atomic_store_n(&rec->state, send && status == HCHAN_ST_OK ?
			 SENT : NOT_SENT, __ATOMIC_RELAXED);
}

/* It has ended without a case. */
static void nothing(struct hands *h, uint32_t number, int error)
{
	if (error == EAGAIN)
		count(&world->defaults);
	else if (error == ETIMEDOUT)
		count(&world->deadlines);
	else
		count(&world->wrong);
	if (!only(h->me, -1))
		count(&world->two);
	record_of(h->me - world->worker, number)->state = NOT_SENT;
}

/* Default, no time at all, a little, or enough. */
static uint32_t patience(struct hands *h, __s64 *deadline)
{
	static const uint32_t us[] = { 0, 50, 1000, 20000 };
	uint32_t i = dice(h, 6);

	*deadline = 0;
	if (i >= ARRAY_SIZE(us))
		return HCHAN_NOWAIT;
	*deadline = hc_in(us[i] * 1000);
	return HCHAN_DEADLINE;
}

static void do_select(struct hands *h, uint32_t number)
{
	uint32_t from = h->me - world->worker, n = 1 + dice(h, CASES), i;
	struct hchan_select sel = { .cases = (uintptr_t)h->c, .count = n };
	int ret;

	for (i = 0; i < n; i++) {
		h->channel[i] = dice(h, CHANNELS);
		/* A channel more than once, now and then. */
		if (i && dice(h, 4) == 0)
			h->channel[i] = h->channel[i - 1];
		h->c[i] = make_case(h, i, h->channel[i]);
		fill(h->out[i], from, number, h->channel[i]);
	}
	if (dice(h, 8) == 0)
		h->c[dice(h, n)] = hc_case_poll(event, POLLIN);
	if (dice(h, 8) == 0)
		h->c[dice(h, n)] = hc_case_nil();
	sel.flags = patience(h, &sel.deadline);
	if (dice(h, 8) == 0)
		sel.flags |= HCHAN_FIRST;
	if (dice(h, 16) == 0)
		sel.flags |= HCHAN_READY;
	ret = ioctl(channels[0], HCHAN_IOC_SELECT, &sel);
	if (ret < 0)
		nothing(h, number, errno);
	else if (sel.flags & HCHAN_READY || h->c[ret].op == HCHAN_CASE_POLL)
		nothing(h, number, EAGAIN);
	else
		said(h, number, ret, h->c[ret].op == HCHAN_CASE_SEND,
		     h->channel[ret], h->c[ret].status, h->c[ret].error);
}

static void do_plain(struct hands *h, uint32_t number)
{
	uint32_t channel = dice(h, CHANNELS), size = size_of(channel);
	struct hchan_xfer xfer = { .len = size };
	bool send = dice(h, 2);
	int ret;

	fill(h->out[0], h->me - world->worker, number, channel);
	xfer.buf = send ? (uintptr_t)h->out[0] : (uintptr_t)h->me->landing[0];
	xfer.flags = patience(h, &xfer.deadline);
	ret = ioctl(channels[channel], send ? HCHAN_IOC_SEND : HCHAN_IOC_RECV,
		    &xfer);
	if (ret < 0 && errno != EPIPE)
		nothing(h, number, errno);
	else
		said(h, number, 0, send, channel,
		     ret < 0 || (!send && !ret) ? HCHAN_ST_CLOSED : HCHAN_ST_OK,
		     0);
}

/* Case @i of the set is another one now. */
static void put_case(struct hands *h, uint32_t i)
{
	struct hchan_case c;

	h->set_channel[i] = dice(h, CHANNELS);
	c = make_case(h, i, h->set_channel[i]);
	h->set_sends[i] = c.op == HCHAN_CASE_SEND;
	if (hc_set_ctl(h->set, HCHAN_SET_PUT, i, &c))
		count(&world->wrong);
}

static void change_set(struct hands *h)
{
	uint32_t i = dice(h, h->set_n), op = dice(h, 3);

	if (!op)
		put_case(h, i);
	else if (hc_set_ctl(h->set, op == 1 ? HCHAN_SET_DISABLE :
			    HCHAN_SET_ENABLE, i, NULL))
		count(&world->wrong);
}

/* In the same places as do_select(). */
static void do_set(struct hands *h, uint32_t number)
{
	uint32_t from = h->me - world->worker, i;
	struct hchan_set_select sel = { 0 };
	int ret;

	if (dice(h, 4) == 0)
		change_set(h);
	for (i = 0; i < h->set_n; i++)
		fill(h->out[i], from, number, h->set_channel[i]);
	sel.flags = patience(h, &sel.deadline);
	if (dice(h, 8) == 0)
		sel.flags |= HCHAN_FIRST;
	ret = ioctl(h->set, HCHAN_IOC_SET_SELECT, &sel);
	if (ret < 0) {
		nothing(h, number, errno);
		return;
	}
	said(h, number, ret, h->set_sends[ret], h->set_channel[ret], sel.status,
	     sel.error);
	if (sel.status != HCHAN_ST_OK &&
	    hc_set_ctl(h->set, HCHAN_SET_DISABLE, ret, NULL))
		count(&world->wrong);
}

static void make_set(struct hands *h)
{
	uint32_t i;

	h->set = load_must(hc_set());
	h->set_n = 1 + dice(h, SET_CASES);
	for (i = 0; i < h->set_n; i++)
		put_case(h, i);
}

/* Somebody who is there: some are not yet, or not any more. 0: nobody. */
static pid_t find_victim(struct hands *h)
{
	uint32_t first = dice(h, WORKERS), i;
	pid_t pid = 0;

	for (i = 0; i < WORKERS && pid <= 0; i++)
		pid = __atomic_load_n(&world->worker[(first + i) % WORKERS].pid,
				      __ATOMIC_RELAXED);
	return pid;
}

/* Now and then somebody has to go, perhaps the caller; and a channel. */
static void count_call(struct hands *h)
{
	uint32_t n = __atomic_fetch_add(&world->calls, 1, __ATOMIC_RELAXED);
	uint32_t every = WORKERS * total / MAY_CLOSE;
	uint64_t one = 1;
	pid_t victim;

	if (n % 64 == 0 && write(event, &one, 8) < 0 && errno != EAGAIN)
		count(&world->wrong);
	if (n % 64 == 1 && read(event, &one, 8) < 0 && errno != EAGAIN)
		count(&world->wrong);
	if (n % every == every - 1)
		hc_close(channels[n / every * CHANNELS / MAY_CLOSE % CHANNELS]);
	if (n % (KILL_EVERY * total / CALLS + 1))
		return;
	victim = find_victim(h);
	if (victim > 0)
		kill(victim, SIGKILL);
}

static int work(struct worker *me, uint64_t seed)
{
	static struct hands hands;
	struct hands *h = &hands;
	uint32_t number;

	h->me = me;
	h->rng = seed;
	make_set(h);
	while (me->next < total) {
		number = me->next;
		empty(me);
		record_of(me - world->worker, number)->state = TRIED;
		__atomic_store_n(&me->next, number + 1, __ATOMIC_SEQ_CST);
		switch (dice(h, 4)) {
		case 0:
			do_plain(h, number);
			break;
		case 1:
			do_set(h, number);
			break;
		default:
			do_select(h, number);
			break;
		}
		count_call(h);
	}
	return 0;
}

/* --- lives ----------------------------------------------------------------- */

static void start(uint32_t id)
{
	static uint32_t lives;
	struct worker *me = &world->worker[id];
	pid_t pid;

	me->life = ++lives;
	pid = fork();
	if (pid < 0)
		ksft_exit_fail_perror("fork");
	if (!pid) {
		load_must(setpriority(PRIO_PROCESS, 0, 0));
		_exit(work(me, lives * 7919ull));
	}
	__atomic_store_n(&me->pid, pid, __ATOMIC_RELAXED);
}

/* What a life that was killed has left behind. */
static void bury(uint32_t id)
{
	struct worker *w = &world->worker[id];
	struct record *rec;
	uint32_t i, n = 0;

	for (i = 0; i < CASES; i++) {
		if (w->landing[i][0] == EMPTY)
			continue;
		n++;
		if (w->landing[i][0])	/* else it found an end */
			book(w->landing[i], w->landing[i][2] % CHANNELS, w->life);
	}
	if (n > 1)
		count(&world->two);
	empty(w);
	if (!w->next)
		return;
	rec = record_of(id, w->next - 1);
	if (rec->state == TRIED)
		rec->state = DOUBTFUL;
}

static uint32_t run_all(void)
{
	uint32_t id, busy = WORKERS, killed = 0;
	bool was_killed;

	/* Who was killed is to be there again before the next is chosen. */
	load_must(setpriority(PRIO_PROCESS, 0, -20));
	for (id = 0; id < WORKERS; id++)
		start(id);
	while (busy) {
		id = load_reap(&world->worker[0].pid, sizeof(world->worker[0]),
			       WORKERS, &was_killed);
		if (!was_killed) {
			busy--;
			continue;
		}
		killed++;
		bury(id);
		start(id);
	}
	return killed;
}

/* What is left in the buffers has been sent too. */
static void drain(void)
{
	uint32_t elem[LARGE_ELEM / sizeof(uint32_t)], i;

	for (i = 0; i < CHANNELS; i++)
		while (load_recv(channels[i], elem, size_of(i), HCHAN_NOWAIT) == 1)
			book(elem, i, UINT32_MAX);
}

struct verdict {
	uint32_t lost;
	uint32_t unsent;	/* arrived, though the call said no */
	uint32_t doubtful;
	uint32_t sent;
};

static void judge(struct verdict *v)
{
	const struct record *rec;
	size_t i;

	for (i = 0; i < (size_t)WORKERS * total; i++) {
		rec = &world->record[i];
		v->sent += rec->state == SENT;
		v->doubtful += rec->state == DOUBTFUL;
		v->lost += rec->state == SENT && !rec->life;
		v->unsent += rec->state == NOT_SENT && rec->life;
	}
}

int main(void)
{
	struct rlimit files = { CHANNELS + 200, CHANNELS + 200 };
	struct verdict v = { 0 };
	uint32_t i, killed;
	bool quiet = true;

	ksft_print_header();
	ksft_set_plan(7);
	total = load_scale(CALLS);
	load_must(setrlimit(RLIMIT_NOFILE, &files));
	world = load_shared(sizeof(*world) +
			    sizeof(world->record[0]) * WORKERS * total);
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (i = 0; i < CHANNELS; i++)
		channels[i] = load_must(hc_make(size_of(i), i / 2 % 3 * 2, 0));
	for (i = 0; i < WORKERS; i++)
		empty(&world->worker[i]);
	killed = run_all();
	for (i = 0; i < CHANNELS; i++)
		quiet = quiet && hc_parked(channels[i], 0, 0);
	drain();
	judge(&v);
	ksft_print_msg("%u calls, %u elements, %u defaults, %u deadlines, %u ends, %u in doubt\n",
		       world->calls, world->elements, world->defaults,
		       world->deadlines, world->ends, v.doubtful);
	ksft_test_result(!world->doubled, "none twice (%u)\n", world->doubled);
	ksft_test_result(!v.lost && v.sent, "none lost (%u of %u)\n", v.lost,
			 v.sent);
	ksft_test_result(!v.unsent && !world->torn,
			 "none that was not sent (%u, %u)\n", v.unsent,
			 world->torn);
	ksft_test_result(!world->two, "one case of each call (%u)\n",
			 world->two);
	ksft_test_result(!world->wrong, "no other errors (%u)\n", world->wrong);
	ksft_test_result(killed >= WORKERS / 5, "enough were killed (%u)\n",
			 killed);
	ksft_test_result(quiet, "nobody is left\n");
	ksft_finished();
}
