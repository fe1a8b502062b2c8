// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects: one operation with cases on many channels, of which one happens (C18).
 *
 * One channel's lock at a time. First the cases are tried one by one, in random
 * order. The first that is ready goes, which is a uniform choice, as the order
 * is a uniformly random permutation (C20).
 *
 * Nothing ready, and it may wait: hchan_enter() looks at each channel once more
 * and links the operation there, in one critical section. When two selects face
 * each other the one who comes to that channel second finds the first and fires
 * it, and itself with it, or neither (hchan_claim_two()). So a partner is missed
 * only by who is found by him. Then it sleeps; who wants it claims it.
 *
 * Nothing ready, and it must not wait: default is right only if there was a moment at
 * which nothing was ready (C19). Two passes that find nothing and see each
 * channel at the same version: it was so all the time between them. If that
 * does not come out twice, the select becomes a transient: it links itself
 * everywhere and takes itself back. Who makes one of its cases ready after that
 * was linked finds it there and fires it (a close, which fires a few at a time,
 * maybe later: leave_all() sees that); so if it is not fired, nothing was ready
 * in the moment in which it took itself back. That takes one round over the cases
 * whatever others do.
 *
 * Of several cases with one channel and direction one, their leader, is linked
 * for all: the first in the random order. So a channel's queue has at most one
 * entry of an operation, and a leader is as good a choice as any.
 *
 * Costs, for n cases: nothing in the heap of its own but, when it waits, the
 * elements of send cases that do not fit in the caller's area. Ready: one look
 * (one lock) for each case up to the first that is, one more lock for that.
 * Waiting: n looks; n locks to be linked; n, but none for a single one, to tell
 * pollers that it is parked; n to leave. One wake-up.
 */

#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "engine.h"

/* In hchan_pick.heads and hchan_pick_case.next: nobody. No case has this number. */
#define NOBODY U16_MAX

#define GOLDEN 0x9e3779b97f4a7c15ULL

static DEFINE_PER_CPU(u64, seeds);

/* In a walk over all cases. */
static void breathe(u32 i)
{
	if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
		cond_resched();
}

static void pick_complete(struct hchan_op *op)
{
	hchan_sleeper_wake(&container_of(op, struct hchan_pick, op)->sleeper);
}

static u64 mix(u64 z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/*
 * The caller sets what is above @op. The seed is mixed, or one select's second
 * number would be the next one's first.
 */
void hchan_pick_init(struct hchan_pick *pick)
{
	struct hchan_op *op = &pick->op;

	pick->winner = NULL;
	spin_lock_init(&op->lock);
	op->select = true;
	op->transient = false;
	op->whole = false;
	op->fired = NULL;
	op->seqs = &pick->seq;
	op->complete = pick_complete;
	if (pick->n > 1 && !pick->in_order)
		pick->rnd = mix(this_cpu_add_return(seeds, GOLDEN));
}

/* At the module's start. */
void hchan_pick_seed(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(seeds, cpu) = get_random_u64();
}

/*
 * One of 0 to @n - 1, for @n up to 65,536 as good as uniform. The generator is
 * SplitMix64 (Steele, Lea, Flood 2014): any 64 bits will do as its state. Those
 * come from a counter of the processor's, which begins at random: it is about
 * fairness, and nobody gains by a guess.
 */
u32 hchan_pick_random(struct hchan_pick *pick, u32 n)
{
	pick->rnd += GOLDEN;
	return ((mix(pick->rnd) >> 32) * n) >> 32;
}

/* Makes order[i] a random one of those that have not been drawn yet. */
static void draw(struct hchan_pick *pick, u32 i)
{
	u32 left = pick->n - i, other;

	if (pick->in_order || left <= 1)
		return;
	other = i + hchan_pick_random(pick, left);
	swap(pick->order[i], pick->order[other]);
}

/* Draws all of them, if they are not going to be drawn one by one. */
void hchan_pick_shuffle(struct hchan_pick *pick)
{
	u32 i;

	for (i = 0; i < pick->n; i++)
		draw(pick, i);
}

static void init_waiter(struct hchan_pick *pick, struct hchan_pick_case *c,
			u8 *cells)
{
	struct hchan_waiter *w = &c->w;

	w->op = &pick->op;
	w->cells = cells;
	w->n = 1;
	w->done = 0;
	w->stride = 0;
	w->error = 0;
	w->status = HCHAN_ST_OK;
}

/**
 * hchan_pick_try() - try a case that looked ready
 * @pick: the select
 * @c: the case
 * @fast: only if it is as simple as that: hchan_fast_cell()
 *
 * Return: 0: it went, w.error tells how; -EAGAIN: somebody was faster; an error
 * of pick->prepare(), and nothing has happened.
 */
int hchan_pick_try(struct hchan_pick *pick, struct hchan_pick_case *c, bool fast)
{
	bool send = c->w.dir == HCHAN_TX;
	int ret;

	pick->winner = c;
	if (pick->only_look)
		return 0;
	init_waiter(pick, c, pick->cell.data);
	ret = pick->prepare(pick, c);
	if (ret)
		return ret;
	if (fast)
		ret = hchan_fast_cell(c->ch, &pick->cell, &pick->seq,
				      c->w.dir) ? 0 : -EAGAIN;
	else
		ret = send ? hchan_send(c->ch, &c->w, false) :
			     hchan_recv(c->ch, &c->w, false);
	if (send && ret)
		hchan_cell_free(c->ch, &pick->cell);
	if (ret == -EAGAIN)
		return ret;
	c->w.error = ret;
	return 0;
}

/*
 * Looks at all cases until one goes. Return: as hchan_pick_try(). @clean: none
 * was ready, and @same: each has the version that the pass before saw.
 */
static int pass(struct hchan_pick *pick, bool first, bool *clean, bool *same)
{
	struct hchan_pick_case *c;
	u32 i, version;
	bool ready;
	int ret;

	*clean = true;
	*same = true;
	for (i = 0; i < pick->n; i++) {
		breathe(i);
		if (first)
			draw(pick, i);
		c = pick->at(pick, pick->order[i]);
		if (!c->ch)
			continue;
		if (!pick->only_look && hchan_fast_likely(c->ch, c->w.dir)) {
			ret = hchan_pick_try(pick, c, true);
			if (ret != -EAGAIN)
				return ret;
		}
		c->w.op = &pick->op;
		ready = hchan_look(c->ch, &c->w, &version);
		if (first || version != c->version) {
			*same = false;
			/* For who only wants to know: it may have been ready. */
			pick->winner = c;
		}
		c->version = version;
		if (!ready)
			continue;
		ret = hchan_pick_try(pick, c, false);
		if (ret != -EAGAIN)
			return ret;
		*clean = false;
	}
	return -EAGAIN;
}

/**
 * hchan_pick_now() - do a case that is ready
 * @pick: the select
 * @exact: if there is none, be sure of it
 *
 * Return: 0: pick->winner went; -EAGAIN: nothing is ready, and with @exact there
 * was a moment at which nothing was; -EBUSY: that is not sure; an error of
 * pick->prepare() with pick->winner.
 */
int hchan_pick_now(struct hchan_pick *pick, bool exact)
{
	bool clean, same, was_clean;
	int ret, round;

	ret = pass(pick, true, &clean, &same);
	if (ret != -EAGAIN || !exact)
		return ret;
	if (pick->n <= 1)
		return ret;
	for (round = 0; round < 2; round++) {
		was_clean = clean;
		ret = pass(pick, false, &clean, &same);
		if (ret != -EAGAIN || (was_clean && clean && same))
			return ret;
	}
	return -EBUSY;
}

static bool same_queue(const struct hchan_pick_case *a,
		       const struct hchan_pick_case *b)
{
	return a->ch == b->ch && a->w.dir == b->w.dir;
}

/* Whether @c, the @i-th in order, is the first of its channel and direction. */
static bool is_leader(struct hchan_pick *pick, struct hchan_pick_case *c, u32 i)
{
	struct hchan_pick_case *other;
	u16 *head, at;
	u32 j;

	if (!pick->heads) {
		for (j = 0; j < i; j++) {
			other = pick->at(pick, pick->order[j]);
			if (other->leads && same_queue(other, c))
				return false;
		}
		return true;
	}
	head = &pick->heads[hash_long((unsigned long)c->ch + c->w.dir,
				      pick->bits)];
	for (at = *head; at != NOBODY; at = other->next) {
		other = pick->at(pick, at);
		if (same_queue(other, c))
			return false;
	}
	c->next = *head;
	*head = pick->order[i];
	return true;
}

/*
 * Chooses the leaders, and counts them. Return: bytes of the cells of those that
 * send, or -E2BIG.
 */
static ssize_t lead(struct hchan_pick *pick, u32 *leaders)
{
	size_t elements = 0, cells = 0;
	struct hchan_pick_case *c;
	u32 i;

	*leaders = 0;
	if (pick->heads)
		memset(pick->heads, 0xff, sizeof(u16) << pick->bits);
	for (i = 0; i < pick->n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		c->linked = false;
		c->leads = c->ch && is_leader(pick, c, i);
		*leaders += c->leads;
		if (!c->leads || c->w.dir == HCHAN_RX)
			continue;
		elements += c->w.room;
		cells += round_up(c->ch->cell_size, sizeof(u64));
	}
	return elements > HCHAN_SELECT_BYTES ? -E2BIG : (ssize_t)cells;
}

/* Frees the elements that the first @n cases have not sent. */
static void drop_unsent(struct hchan_pick *pick, u32 n)
{
	struct hchan_pick_case *c;
	u32 i;

	for (i = 0; i < n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		if (c->leads && c->w.dir == HCHAN_TX &&
		    !(c == pick->winner && !c->w.error))
			hchan_cell_free(c->ch, c->w.cells);
	}
}

/* Makes all leaders ready to be linked, with send cells from @cells on. */
static int prepare_all(struct hchan_pick *pick, u8 *cells)
{
	struct hchan_pick_case *c;
	u32 i;
	int ret;

	for (i = 0; i < pick->n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		if (!c->leads)
			continue;
		if (c->w.dir == HCHAN_TX) {
			init_waiter(pick, c, cells);
			cells += round_up(c->ch->cell_size, sizeof(u64));
		} else {
			init_waiter(pick, c, pick->cell.data);
		}
		ret = pick->prepare(pick, c);
		if (ret) {
			drop_unsent(pick, i);
			pick->winner = c;
			return ret;
		}
	}
	return 0;
}

/*
 * Links the leaders. Return: 0: pick->winner went by itself; -EIOCBQUEUED: all are linked;
 * -ECANCELED: somebody has claimed it.
 */
static int enter_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i;
	int ret;

	for (i = 0; i < pick->n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		if (!c->leads)
			continue;
		/* The answer of hchan_enter(), without its lock. */
		if (READ_ONCE(pick->op.state) != HCHAN_OP_WAITING)
			return -ECANCELED;
		ret = hchan_enter(c->ch, &c->w);
		if (ret == -ECANCELED)
			return ret;
		if (ret != -EIOCBQUEUED) {
			c->w.error = ret;
			pick->winner = c;
			return 0;
		}
		c->linked = true;
	}
	return -EIOCBQUEUED;
}

/* The last of several has been linked: only now it is parked, everywhere. */
static void tell_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i;

	/*
	 * For hchan_parked(). Who judges under a channel's lock before
	 * hchan_whole() takes it is told by that; who judges after it sees this.
	 */
	WRITE_ONCE(pick->op.whole, true);
	for (i = 0; i < pick->n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		if (READ_ONCE(pick->op.state) != HCHAN_OP_WAITING)
			break;
		if (c->linked)
			hchan_whole(c->ch, &c->w);
	}
}

/* Return: a case whose channel has ended, if it was not fired for that; or NULL. */
static struct hchan_pick_case *leave_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c, *ended = NULL;
	u32 i;

	for (i = 0; i < pick->n; i++) {
		breathe(i);
		c = pick->at(pick, pick->order[i]);
		if (c->linked && &c->w != pick->op.fired &&
		    hchan_leave(c->ch, &c->w))
			ended = c;
	}
	return ended;
}

/* Sleeps until it is over. Return: 0: pick->winner went; or why not. */
static int sleep(struct hchan_pick *pick, const struct hchan_deadline *deadline)
{
	int ret;

	for (;;) {
		ret = hchan_sleeper_wait(&pick->sleeper, deadline, pick->again);
		if (!ret)
			return -ECANCELED;
		if (ret == -EAGAIN) {
			if (!pick->look_again(pick))
				continue;
			ret = 0;
		}
		/* Success that is decided wins over all of them (C39). */
		return hchan_claim(&pick->op, HCHAN_OP_CANCELLED) ? ret :
								    -ECANCELED;
	}
}

/* @deadline: NULL: as a transient. Return: 0, -EAGAIN, or as sleep(). */
static int queue(struct hchan_pick *pick, u32 leaders,
		 const struct hchan_deadline *deadline)
{
	struct hchan_op *op = &pick->op;
	struct hchan_pick_case *ended;
	int ret;

	op->state = HCHAN_OP_WAITING;
	op->transient = !deadline;
	op->whole = leaders <= 1;
	hchan_sleeper_init(&pick->sleeper);
	ret = enter_all(pick);
	if (ret == -EIOCBQUEUED) {
		if (op->transient) {
			ret = hchan_claim(op, HCHAN_OP_CANCELLED) ? -EAGAIN :
								    -ECANCELED;
		} else {
			if (!op->whole)
				tell_all(pick);
			ret = sleep(pick, deadline);
		}
	}
	if (ret == -ECANCELED) {
		hchan_sleeper_finish(&pick->sleeper);
		pick->winner = container_of(op->fired, struct hchan_pick_case, w);
		ret = 0;
	}
	ended = leave_all(pick);
	/*
	 * A close that has not come to its waiters yet is an end all the same:
	 * others may have seen it before what made the rest not ready.
	 */
	if (ret == -EAGAIN && ended) {
		ended->w.error = -EPIPE;
		pick->winner = ended;
		ret = 0;
	}
	return ret;
}

/**
 * hchan_pick_wait() - nothing is ready: wait for it, or make sure of it
 * @pick: the select, after hchan_pick_now()
 * @deadline: how long; NULL: not at all, as the answer was -EBUSY
 * @area: room for the cells of send cases, to save an allocation
 * @room: its bytes
 *
 * Return: 0: pick->winner went; -EAGAIN (without @deadline): nothing was ready;
 * -ETIMEDOUT, -ERESTARTSYS; -E2BIG, -ENOMEM, -EFAULT: it could not wait, the
 * latter two may be about pick->winner.
 */
int hchan_pick_wait(struct hchan_pick *pick,
		    const struct hchan_deadline *deadline, u8 *area, size_t room)
{
	u8 *cells = area;
	ssize_t bytes;
	u32 leaders;
	int ret;

	pick->winner = NULL;
	bytes = lead(pick, &leaders);
	if (bytes < 0)
		return bytes;
	if (bytes > room) {
		cells = kvmalloc(bytes, HCHAN_GFP_USER);
		if (!cells)
			return -ENOMEM;
	}
	ret = prepare_all(pick, cells);
	if (!ret) {
		ret = queue(pick, leaders, deadline);
		if (ret)
			pick->winner = NULL;
		drop_unsent(pick, pick->n);
	}
	if (cells != area)
		kvfree(cells);
	return ret;
}
