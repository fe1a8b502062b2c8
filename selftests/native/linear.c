// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is there an order of steps of the sequential channel (sequential.c) that
 * explains a history?
 *
 * The search is Wing's and Gong's: next comes any step of an operation that begins
 * before every undecided one has ended. States that were seen are not looked at
 * again. Places are taken as late as can be, as they only forbid: when the next
 * step would be too late for who has to be parked by then, or before a close, or when
 * they are counted.
 */

#include <stdlib.h>
#include <string.h>

#include "linear.h"
#include "sequential.h"

#define STATES_MAX 400000
#define SLOTS 0x100000

static int by_end[HISTORY_OPS];
static struct state *states;
static unsigned int n_states;
static uint32_t *slots;			/* 1 + index in states */
static bool too_large;

/* What has to come before what, in a state. */
struct limits {
	uint32_t end;		/* somebody has to be decided before */
	uint32_t parked;	/* ... and @first has to be parked before */
	int first;
};

static void set_limits(const struct state *s, struct limits *limits)
{
	const struct history_op *op;
	uint32_t end;
	int i;

	limits->end = UINT32_MAX;
	limits->parked = UINT32_MAX;
	limits->first = -1;
	for (i = 0; i < history->n_ops; i++) {
		if (decided(s, i))
			continue;
		op = op_of(i);
		end = op->end;
		if (s->closed_by[i] && op_of(s->closed_by[i] - 1)->end < end)
			end = op_of(s->closed_by[i] - 1)->end;
		if (end < limits->end)
			limits->end = end;
		if (op->parked_by && op->parked_by < limits->parked &&
		    !parked(s, i)) {
			limits->parked = op->parked_by;
			limits->first = i;
		}
	}
}

static bool in_time(const struct limits *limits, uint32_t from)
{
	return from < limits->end && from < limits->parked;
}

static uint32_t hash(const struct state *s)
{
	const uint8_t *bytes = (const uint8_t *)s;
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < sizeof(*s); i++)
		h = (h ^ bytes[i]) * 0x100000001b3ULL;
	return (h ^ h >> 29) & (SLOTS - 1);
}

/* Whether @s is new; then it is kept. */
static bool is_new(const struct state *s)
{
	uint32_t at = hash(s);

	for (; slots[at]; at = (at + 1) & (SLOTS - 1)) {
		if (!memcmp(&states[slots[at] - 1], s, sizeof(*s)))
			return false;
	}
	if (n_states == STATES_MAX) {
		too_large = true;
		return false;
	}
	states[n_states++] = *s;
	slots[at] = n_states;
	return true;
}

static bool search(const struct state *s);

static bool take_place(const struct state *s, const struct limits *limits,
		       int i, int ch, int dir)
{
	struct step step = { .next = *s };
	struct chan *c = &step.next.chans[ch];

	if (decided(s, i) || op_of(i)->try || !has_side(i, ch, dir) ||
	    placed(s, i, ch, dir) || side_ready(s, i, ch, dir) || c->closed ||
	    !in_time(limits, op_of(i)->begin))
		return false;
	if (c->n[dir] == QUEUE_MAX) {
		too_large = true;
		return false;
	}
	c->queue[dir][c->n[dir]++] = i;
	return search(&step.next);
}

/* It would be in time, but for who has to be parked. */
static bool is_late(const struct limits *limits, uint32_t from)
{
	return from > limits->parked && from < limits->end;
}

/*
 * Who has to be parked first takes a place, or somebody else does before it in
 * the same queue; if anybody's step waits for that. In which order the queues come
 * does not matter.
 */
static bool park_first(const struct state *s, const struct limits *limits)
{
	const struct history_op *op = op_of(limits->first);
	const struct history_case *c = NULL;
	bool needed = false;
	int i, k;

	for (i = 0; i < history->n_ops; i++)
		needed |= !decided(s, i) && (is_late(limits, op_of(i)->begin) ||
					     is_late(limits, op_of(i)->decided_from));
	for (k = 0; needed && k < op->n_cases; k++) {
		c = &op->cases[k];
		if (!placed(s, limits->first, c->ch, c->dir) &&
		    !side_ready(s, limits->first, c->ch, c->dir))
			break;
	}
	if (!needed || k == op->n_cases)
		return false;
	for (i = 0; i < history->n_ops; i++) {
		if (take_place(s, limits, i, c->ch, c->dir))
			return true;
	}
	return false;
}

/*
 * @i counts, or closes: who waits on its channel takes places, to be found there,
 * or somebody else does before it in the same queues.
 */
static bool be_found(const struct state *s, const struct limits *limits, int i)
{
	bool closes = op_of(i)->kind == HISTORY_CLOSE;
	int ch = op_of(i)->cases[0].ch, q, j, queues = 0;

	for (j = 0; j < history->n_ops; j++) {
		for (q = 0; q < 2 * history->n_chans; q++) {
			if (has_side(j, q / 2, q % 2) && !decided(s, j) &&
			    (has_side(j, ch, RX) || has_side(j, ch, TX)) &&
			    (!closes || q / 2 == ch))
				queues |= 1 << q;
		}
	}
	for (q = 0; queues >> q; q++) {
		for (j = 0; queues >> q & 1 && j < history->n_ops; j++) {
			if (take_place(s, limits, j, q / 2, q % 2))
				return true;
		}
	}
	return false;
}

static bool search(const struct state *s)
{
	struct limits limits;
	struct step step;
	int i, k;

	if (s->decided == (uint32_t)((1ULL << history->n_ops) - 1))
		return true;
	if (!is_new(s))
		return false;
	set_limits(s, &limits);
	for (k = 0; k < history->n_ops; k++) {
		i = by_end[k];
		if (decided(s, i) || !in_time(&limits, op_of(i)->decided_from))
			continue;
		step.next = *s;
		step.from = 0;
		if (decision(&step, i) && in_time(&limits, step.from) &&
		    search(&step.next))
			return true;
		if (op_of(i)->kind != HISTORY_COMM &&
		    op_of(i)->kind != HISTORY_POLL && be_found(s, &limits, i))
			return true;
	}
	return limits.first >= 0 && park_first(s, &limits);
}

/* Who ends first is decided first, more often than not. */
static void sort_by_end(void)
{
	int i, k;

	for (i = 0; i < history->n_ops; i++) {
		for (k = i; k && op_of(by_end[k - 1])->end > op_of(i)->end; k--)
			by_end[k] = by_end[k - 1];
		by_end[k] = i;
	}
}

enum linear linear_check(const struct history *h, unsigned int *n)
{
	struct state start;
	uint32_t i, at;
	bool found;

	if (!states) {
		states = malloc(STATES_MAX * sizeof(*states));
		slots = calloc(SLOTS, sizeof(*slots));
		if (!states || !slots)
			abort();
	}
	history = h;
	sort_by_end();
	n_states = 0;
	too_large = false;
	memset(&start, 0, sizeof(start));
	found = search(&start);
	*n = n_states;
	/* Leaves the table empty. */
	for (i = 0; i < n_states; i++) {
		for (at = hash(&states[i]); slots[at]; at = (at + 1) & (SLOTS - 1))
			slots[at] = 0;
	}
	if (found)
		return LINEAR_YES;
	return too_large ? LINEAR_TOO_LARGE : LINEAR_NO;
}
