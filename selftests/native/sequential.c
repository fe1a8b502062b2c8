// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequential channel, by which histories are judged. It has a buffer, two
 * queues of places, and an end. Each operation is decided in one step, at a moment
 * between its beginning and its end; two that meet on a channel without a buffer
 * are decided in one step together. A blocking operation may take its places, one
 * for each channel and direction of its cases, in steps of their own before, each
 * while that case is not ready. When its caller was seen asleep it has all of
 * them: it is parked.
 *
 * A case is ready when its channel is closed, or: a receive: there is an element, or
 * somebody else's place to send; a send: there is room, or somebody else's place to
 * receive. The rules:
 *
 *  - Who is decided with a case, does what C6 and C7 say; nothing of its others.
 *  - Whoever makes a case of a place ready decides it, in the same step, in the
 *    order of the places; and a partner without one is met only if there is none
 *    with one. So nobody running overtakes somebody parked (C8).
 *  - Two that do not wait never meet. One that waits may be met before it is
 *    parked: a select that has looked at some of its channels only.
 *  - None of the cases, that is default, a deadline or a signal, takes a moment
 *    at which none is ready (C19, C24); for the latter two after the first
 *    attempt to take it back.
 *  - A close takes away the places on its channel. Who had one runs again, and
 *    is decided before the close returns (C15): by its end, or by another case.
 *  - A look at how many are parked sees all that were parked before it began;
 *    of others at most who has all its places, or is a select that has just been
 *    decided, or somebody whom a close has yet to wake.
 */

#include <string.h>

#include <linux/bits.h>

#include "sequential.h"

const struct history *history;

static const struct history_case *went(int i)
{
	return &op_of(i)->cases[op_of(i)->index];
}

bool decided(const struct state *s, int i)
{
	return s->decided & BIT(i);
}

bool has_side(int i, int ch, int dir)
{
	const struct history_op *op = op_of(i);
	int k;

	if (op->kind != HISTORY_COMM)
		return false;
	for (k = 0; k < op->n_cases; k++) {
		if (op->cases[k].ch == ch && op->cases[k].dir == dir)
			return true;
	}
	return false;
}

bool placed(const struct state *s, int i, int ch, int dir)
{
	const struct chan *c = &s->chans[ch];

	return memchr(c->queue[dir], i, c->n[dir]);
}

/* Who has the first place, @but apart; -1: nobody. */
static int first(const struct state *s, int ch, int dir, int but)
{
	const struct chan *c = &s->chans[ch];
	int k;

	for (k = 0; k < c->n[dir]; k++) {
		if (c->queue[dir][k] != but)
			return c->queue[dir][k];
	}
	return -1;
}

bool parked(const struct state *s, int i)
{
	const struct history_op *op = op_of(i);
	int k;

	for (k = 0; k < op->n_cases; k++) {
		if (!placed(s, i, op->cases[k].ch, op->cases[k].dir) &&
		    !s->closed_by[i])
			return false;
	}
	return true;
}

bool side_ready(const struct state *s, int i, int ch, int dir)
{
	const struct chan *c = &s->chans[ch];

	/* A close that has yet to wake it may come too late. */
	if (c->closed)
		return !(s->closed_on[i] >> ch & 1);
	if (dir == RX)
		return c->count || first(s, ch, TX, i) >= 0;
	return c->count < history->cap[ch] || first(s, ch, RX, i) >= 0;
}

static bool any_ready(const struct state *s, int i)
{
	const struct history_op *op = op_of(i);
	int k;

	for (k = 0; k < op->n_cases; k++) {
		if (side_ready(s, i, op->cases[k].ch, op->cases[k].dir))
			return true;
	}
	return false;
}

static void remove_place(struct chan *c, int dir, int k)
{
	c->n[dir]--;
	memmove(&c->queue[dir][k], &c->queue[dir][k + 1], c->n[dir] - k);
	c->queue[dir][c->n[dir]] = 0;
}

static void decide(struct step *step, int i)
{
	struct state *s = &step->next;
	int ch, dir, k;

	s->decided |= BIT(i);
	if (op_of(i)->select && parked(s, i))
		s->was_parked |= BIT(i);
	if (op_of(i)->decided_from > step->from)
		step->from = op_of(i)->decided_from;
	for (ch = 0; ch < history->n_chans; ch++) {
		for (dir = 0; dir < 2; dir++) {
			for (k = s->chans[ch].n[dir]; k--; ) {
				if (s->chans[ch].queue[dir][k] == i)
					remove_place(&s->chans[ch], dir, k);
			}
		}
	}
	s->closed_by[i] = 0;
	s->closed_on[i] = 0;
}

/* Whether @i says that it went by a case of @dir on @ch. */
static bool went_by(int i, int ch, int dir)
{
	return op_of(i)->kind == HISTORY_COMM &&
	       op_of(i)->outcome == HISTORY_OK && went(i)->ch == ch &&
	       went(i)->dir == dir;
}

/* Decides the places of a buffered channel that have become ready. */
static bool settle(struct step *step, int ch)
{
	struct chan *c = &step->next.chans[ch];
	int i;

	for (;;) {
		i = c->count ? first(&step->next, ch, RX, -1) : -1;
		if (i >= 0) {
			if (!went_by(i, ch, RX) || op_of(i)->value != c->buffer[0])
				return false;
			decide(step, i);
			c->count--;
			memmove(c->buffer, c->buffer + 1, c->count);
			c->buffer[c->count] = 0;
			continue;
		}
		if (c->count == history->cap[ch] || c->closed)
			return true;
		i = first(&step->next, ch, TX, -1);
		if (i < 0)
			return true;
		if (!went_by(i, ch, TX))
			return false;
		decide(step, i);
		c->buffer[c->count++] = went(i)->value;
	}
}

/* @i sends to @j, without a buffer. */
static bool meet(struct step *step, int i, int j, int ch)
{
	const struct state *s = &step->next;
	int sender = first(s, ch, TX, j), receiver = first(s, ch, RX, i);

	if (i == j || (op_of(i)->try && op_of(j)->try))
		return false;
	if ((sender >= 0 && sender != i) || (receiver >= 0 && receiver != j))
		return false;
	decide(step, i);
	decide(step, j);
	return true;
}

static bool send_ok(struct step *step, int i)
{
	int ch = went(i)->ch, j;
	struct chan *c = &step->next.chans[ch];

	if (c->closed)
		return false;
	if (history->cap[ch]) {
		if (c->count == history->cap[ch])
			return false;
		decide(step, i);
		c->buffer[c->count++] = went(i)->value;
		return settle(step, ch);
	}
	for (j = 0; j < history->n_ops; j++) {
		if (!decided(&step->next, j) && went_by(j, ch, RX) &&
		    op_of(j)->value == went(i)->value)
			return meet(step, i, j, ch);
	}
	return false;
}

static bool recv_ok(struct step *step, int i)
{
	int ch = went(i)->ch;
	struct chan *c = &step->next.chans[ch];

	/* Without a buffer it is the sender's step. */
	if (!c->count || c->buffer[0] != op_of(i)->value)
		return false;
	decide(step, i);
	c->count--;
	memmove(c->buffer, c->buffer + 1, c->count);
	c->buffer[c->count] = 0;
	return settle(step, ch);
}

static bool comm(struct step *step, int i)
{
	const struct history_op *op = op_of(i);
	const struct chan *c = &step->next.chans[went(i)->ch];

	switch (op->outcome) {
	case HISTORY_NONE:
		if (any_ready(&step->next, i))
			return false;
		decide(step, i);
		return true;
	case HISTORY_CLOSED:
		if (!c->closed || (went(i)->dir == RX && c->count))
			return false;
		decide(step, i);
		return true;
	default:
		return went(i)->dir == TX ? send_ok(step, i) : recv_ok(step, i);
	}
}

/* The close @by takes away a place of @i's. */
static void wake(struct state *s, int i, int by)
{
	uint8_t *closed_by = &s->closed_by[i];

	s->closed_on[i] |= 1 << op_of(by)->cases[0].ch;
	if (!*closed_by || op_of(by)->end < op_of(*closed_by - 1)->end)
		*closed_by = 1 + by;
}

static bool close_chan(struct step *step, int i)
{
	struct state *s = &step->next;
	struct chan *c = &s->chans[op_of(i)->cases[0].ch];
	int dir, k;

	if (!!c->closed != (op_of(i)->outcome == HISTORY_NONE))
		return false;
	decide(step, i);
	c->closed = 1;
	for (dir = 0; dir < 2; dir++) {
		for (k = 0; k < c->n[dir]; k++)
			wake(s, c->queue[dir][k], i);
		memset(c->queue[dir], 0, c->n[dir]);
		c->n[dir] = 0;
	}
	return true;
}

/* How many are parked for certain, and at most, to who looks from @begin on. */
static void count_parked(const struct state *s, int ch, int dir, uint32_t begin,
			 uint32_t *least, uint32_t *most)
{
	const struct history_op *op;
	int i;

	*least = 0;
	*most = 0;
	for (i = 0; i < history->n_ops; i++) {
		op = op_of(i);
		if (!has_side(i, ch, dir))
			continue;
		if (decided(s, i)) {
			*most += (s->was_parked & BIT(i)) && op->end > begin;
		} else if (s->closed_by[i]) {
			(*most)++;
		} else if (placed(s, i, ch, dir) && parked(s, i)) {
			(*most)++;
			*least += !op->select ||
				  (op->parked_by && op->parked_by < begin);
		}
	}
}

static bool stat_chan(struct step *step, int i)
{
	const struct history_op *op = op_of(i);
	int ch = op->cases[0].ch, dir;
	const struct chan *c = &step->next.chans[ch];
	uint32_t least, most;

	if (op->length != c->count || op->closed != c->closed)
		return false;
	for (dir = 0; dir < 2; dir++) {
		count_parked(&step->next, ch, dir, op->begin, &least, &most);
		if (op->parked[dir] < least || op->parked[dir] > most)
			return false;
	}
	decide(step, i);
	return true;
}

static bool watch(struct step *step, int i)
{
	const struct history_op *op = op_of(i);
	int ch = op->cases[0].ch;
	const struct chan *c = &step->next.chans[ch];
	uint32_t least = c->count, most = c->count;

	if (op->what != HISTORY_LENGTH)
		count_parked(&step->next, ch, op->what, op->decided_from, &least,
			     &most);
	if (op->outcome == HISTORY_OK ? most < op->count : least >= op->count)
		return false;
	if (op->outcome == HISTORY_CLOSED ? !c->closed :
	    op->outcome == HISTORY_NONE && c->closed)
		return false;
	decide(step, i);
	return true;
}

bool decision(struct step *step, int i)
{
	switch (op_of(i)->kind) {
	case HISTORY_CLOSE:
		return close_chan(step, i);
	case HISTORY_STAT:
		return stat_chan(step, i);
	case HISTORY_WATCH:
		return watch(step, i);
	case HISTORY_POLL:
		if (op_of(i)->outcome == HISTORY_NONE &&
		    any_ready(&step->next, i))
			return false;
		decide(step, i);
		return true;
	default:
		return comm(step, i);
	}
}
