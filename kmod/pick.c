// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects: one operation with cases on many channels, of which one happens (C18).
 *
 * One channel's lock at a time. First one look at each case, without a lock: those
 * that look ready are tried in random order. The first that goes is a uniform
 * choice among those that are ready, as each that turns out not to be is dropped
 * from what is drawn from (C20).
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
 * maybe later: pass_all() sees that); so if it is not fired, nothing was ready
 * in the moment in which it took itself back. That takes one round over the cases
 * whatever others do.
 *
 * Of several cases with one channel and direction one, their leader, is linked
 * for all: a random one of them. So a channel's queue has at most one entry of an
 * operation. Many receives are linked without a look for duplicates as long as the
 * queues are empty. The order of linking decides only between cases that become ready
 * after the first look and before they are linked: it is even between any two.
 *
 * Costs, for n cases: nothing in the heap of its own but, when it waits, the
 * elements of send cases that do not fit in the caller's area. Ready: n looks
 * without a lock, one lock for the case that goes. Waiting: n locks to be linked;
 * one barrier, and a lock only where somebody polls or watches and has come just then, to
 * tell that it is parked; n to leave. One wake-up.
 */

#include <linux/hash.h>
#include <linux/log2.h>
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
	pick->winner = NULL;
	pick->n_ready = 0;
	pick->went = false;
	pick->complete = pick_complete;
	if (pick->n > 1 && !pick->in_order)
		pick->rnd = mix(this_cpu_add_return(seeds, GOLDEN));
}

/* Before the operation is used; not all selects come to that. */
static void init_op(struct hchan_pick *pick)
{
	struct hchan_op *op = &pick->op;

	spin_lock_init(&op->lock);
	op->select = true;
	op->transient = false;
	op->whole = false;
	op->observed = false;
	op->fired = NULL;
	op->n = 1;
	op->done = 0;
	op->stride = 0;
	op->seqs = &pick->seq;
	op->complete = pick->complete;
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

/* Fills @ready with the numbers of all cases, in random order. */
void hchan_pick_shuffle(struct hchan_pick *pick)
{
	u32 i, other;

	for (i = 0; i < pick->n; i++) {
		breathe(i);
		other = pick->in_order ? i : hchan_pick_random(pick, i + 1);
		pick->ready[i] = pick->ready[other];
		pick->ready[other] = i;
	}
}

static void init_waiter(struct hchan_pick *pick, struct hchan_pick_case *c,
			u8 *cells)
{
	struct hchan_waiter *w = &c->w;

	w->op = &pick->op;
	w->cells = cells;
	w->error = 0;
	w->status = HCHAN_ST_OK;
}

/**
 * hchan_pick_try() - try a case that looked ready
 * @pick: the select
 * @c: the case
 *
 * Return: 0: it went, w.error tells how; -EAGAIN: somebody was faster; an error
 * of pick->prepare(), and nothing has happened.
 */
int hchan_pick_try(struct hchan_pick *pick, struct hchan_pick_case *c)
{
	bool send = c->w.dir == HCHAN_TX;
	int ret;

	pick->winner = c;
	if (pick->only_look)
		return 0;
	init_op(pick);
	init_waiter(pick, c, pick->cell.data);
	ret = pick->prepare(pick, c);
	if (ret)
		return ret;
	ret = send ? hchan_send(c->ch, &c->w, false) :
		     hchan_recv(c->ch, &c->w, false);
	if (send && ret)
		hchan_cell_free(c->ch, &pick->cell);
	if (ret == -EAGAIN)
		return ret;
	c->w.error = ret;
	return 0;
}

/* The next of those that looked ready: any, or the first listed. */
static struct hchan_pick_case *draw(struct hchan_pick *pick, u32 *from)
{
	u32 at = *from, i;

	if (pick->in_order) {
		i = pick->ready[at];
		++*from;
	} else {
		if (pick->n_ready > 1)
			at = hchan_pick_random(pick, pick->n_ready);
		i = pick->ready[at];
		pick->ready[at] = pick->ready[--pick->n_ready];
	}
	return hchan_pick_at(pick, i);
}

/*
 * Tries those that looked ready until one goes. Return: as hchan_pick_try();
 * -EAGAIN: none, and @clean, unless one of them was ready and then somebody's.
 */
static int try_ready(struct hchan_pick *pick, bool *clean)
{
	struct hchan_pick_case *c;
	u32 from = 0, i;
	int ret;

	for (i = 0; from < pick->n_ready; i++) {
		breathe(i);
		c = draw(pick, &from);
		if (!pick->only_look && pick->direct && pick->direct(pick, c)) {
			pick->winner = c;
			pick->went = true;
			return 0;
		}
		c->w.op = &pick->op;
		if (!hchan_look(c->ch, &c->w, &c->version))
			continue;
		ret = hchan_pick_try(pick, c);
		if (ret != -EAGAIN)
			return ret;
		*clean = false;
	}
	pick->n_ready = 0;
	return -EAGAIN;
}

/* One more look at all cases. Return: whether none has had news since the last. */
static bool look_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i, version;
	bool same = true;

	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (!c->ch)
			continue;
		c->w.op = &pick->op;
		if (hchan_look(c->ch, &c->w, &version))
			pick->ready[pick->n_ready++] = i;
		if (version != c->version) {
			same = false;
			/* For who only wants to know: it may have been ready. */
			pick->winner = c;
		}
		c->version = version;
	}
	return same;
}

/**
 * hchan_pick_now() - do a case that is ready
 * @pick: the select, after hchan_pick_first() for each case of a channel
 * @exact: if there is none, be sure of it
 *
 * Return: 0: pick->winner went; -EAGAIN: nothing is ready, and with @exact there
 * was a moment at which nothing was; -EBUSY: that is not sure; an error of
 * pick->prepare() with pick->winner.
 */
int hchan_pick_now(struct hchan_pick *pick, bool exact)
{
	bool clean = true, was_clean, same;
	int ret, round;

	ret = try_ready(pick, &clean);
	if (ret != -EAGAIN || !exact)
		return ret;
	for (round = 0; round < 2; round++) {
		was_clean = clean;
		same = look_all(pick);
		clean = !pick->n_ready;
		ret = try_ready(pick, &clean);
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

/*
 * Where the chain of leaders with @c's hash holds the one of @c's channel and
 * direction, or ends. For few cases, which have no chains, there is only one.
 */
static u16 *find_leader(struct hchan_pick *pick, const struct hchan_pick_case *c,
			u16 *head)
{
	struct hchan_pick_case *other;

	for (; *head != NOBODY; head = &other->next) {
		other = hchan_pick_at(pick, *head);
		if (same_queue(other, c))
			break;
	}
	return head;
}

/*
 * Makes @c, the @i-th case, a leader if it is the first of its channel and
 * direction, or instead of that one, so that each of them is as likely to be
 * it. Return: whether there is one more.
 */
static __always_inline bool lead(struct hchan_pick *pick,
				 struct hchan_pick_case *c, u32 i, u16 *said)
{
	struct hchan_pick_case *old;

	if (unlikely(*said != NOBODY))
		said = find_leader(pick, c, said);
	if (likely(*said == NOBODY)) {
		c->leads = true;
		c->version = 1;
		c->next = NOBODY;
		*said = i;
		return true;
	}
	old = hchan_pick_at(pick, *said);
	old->version++;
	c->leads = !pick->in_order &&
		   !hchan_pick_random(pick, old->version);
	if (c->leads) {
		c->version = old->version;
		c->next = old->next;
		old->leads = false;
		*said = i;
	}
	return false;
}

/*
 * Chooses the leaders, counts them, and makes those that receive ready to be
 * linked. Return: bytes of the cells of those that send, or -E2BIG.
 */
static ssize_t lead_all(struct hchan_pick *pick, u32 *leaders)
{
	size_t elements = 0, cells = 0;
	u16 only = NOBODY, *said = &only;
	struct hchan_pick_case *c;
	u32 i;

	*leaders = 0;
	pick->senders = 0;
	if (pick->heads)
		memset(pick->heads, 0xff, sizeof(u16) << pick->bits);
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		c->leads = false;
		if (!c->ch)
			continue;
		if (pick->heads)
			said = &pick->heads[hash_ptr(c->ch, pick->bits)];
		if (lead(pick, c, i, said)) {
			++*leaders;
			pick->senders += c->w.dir == HCHAN_TX;
		}
		if (c->linked)
			continue;
		init_waiter(pick, c, pick->cell.data);
	}
	if (!pick->senders)
		return 0;
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
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

	if (!pick->senders)
		return;
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		if (i == n)
			break;
		breathe(i);
		if (c->leads && c->w.dir == HCHAN_TX &&
		    !(c == pick->winner && !c->w.error))
			hchan_cell_free(c->ch, c->w.cells);
	}
}

/* Makes those that send ready to be linked, with cells from @cells on. */
static int prepare_senders(struct hchan_pick *pick, u8 *cells)
{
	struct hchan_pick_case *c;
	u32 i;
	int ret;

	if (!pick->senders)
		return 0;
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (!c->leads || c->w.dir == HCHAN_RX)
			continue;
		init_waiter(pick, c, cells);
		cells += round_up(c->ch->cell_size, sizeof(u64));
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
 * Links a case. @alone: only if nobody is in its queue, so that it is not its own
 * duplicate there.
 *
 * Return: 0: pick->winner went by itself; -EIOCBQUEUED: it is linked; -ECANCELED:
 * somebody has claimed it; -EAGAIN: not @alone.
 */
static __always_inline int enter(struct hchan_pick *pick,
				 struct hchan_pick_case *c, bool alone)
{
	bool quick = false, crowded;
	int ret;

	/* The answer of hchan_enter(), without its lock. */
	if (READ_ONCE(pick->op.state) != HCHAN_OP_WAITING)
		return -ECANCELED;
	if (likely(!pick->op.transient)) {
		spin_lock(&c->ch->lock);
		crowded = alone && !list_empty(&c->ch->queue[HCHAN_RX]);
		if (likely(!crowded))
			quick = alone || c->w.dir == HCHAN_RX ?
				hchan_link_quick(c->ch, &c->w, HCHAN_RX, true) :
				hchan_link_quick(c->ch, &c->w, HCHAN_TX, true);
		spin_unlock(&c->ch->lock);
		if (alone && unlikely(!quick))
			return -EAGAIN;
	}
	ret = likely(quick) ? -EIOCBQUEUED : hchan_enter(c->ch, &c->w);
	c->linked = ret == -EIOCBQUEUED;
	if (ret == -ECANCELED || c->linked)
		return ret;
	c->w.error = ret;
	pick->winner = c;
	return 0;
}

/*
 * Links the leaders, or, @alone, all there are. Return: as enter(), for all of them;
 * -EAGAIN: there are leaders to be chosen.
 */
static __always_inline int enter_all(struct hchan_pick *pick, bool alone)
{
	u32 room = roundup_pow_of_two(max(pick->n, 1U)), mask = 0;
	struct hchan_pick_case *c;
	u32 i, k;
	int ret;

	/* Any two of them in either order, as likely. */
	if (!pick->in_order && room > 1)
		mask = hchan_pick_random(pick, room);
	for (k = 0; k < room; k++) {
		breathe(k);
		i = k ^ mask;
		if (i >= pick->n)
			continue;
		c = hchan_pick_at(pick, i);
		if (alone) {
			if (!c->ch)
				continue;
			init_waiter(pick, c, pick->cell.data);
		} else if (!c->leads || c->linked) {
			continue;
		}
		ret = enter(pick, c, alone);
		if (ret != -EIOCBQUEUED)
			return ret;
	}
	return -EIOCBQUEUED;
}

/* The last of several has been linked: only now it is parked, everywhere. */
static void tell_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i;

	/*
	 * For hchan_parked(). Who judges after this sees it. Who has judged
	 * before has said so, and is told by hchan_whole(), if he is a poller or a
	 * watcher, as which he has let himself be seen before. The barrier pairs
	 * with that of seen_whole().
	 */
	WRITE_ONCE(pick->op.whole, true);
	smp_mb();	/* see above */
	if (likely(!READ_ONCE(pick->op.observed)))
		return;
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (c->linked && hchan_is_watched(c->ch, !c->w.dir))
			hchan_whole(c->ch, &c->w);
	}
}

/* Takes out what is still linked. What fired need not be: its claimer said done. */
static void leave_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i;

	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (unlikely(!c->linked))
			continue;
		c->linked = false;
		if (likely(&c->w != pick->op.fired))
			hchan_leave_quick(c->ch, &c->w);
	}
}

/* Return: a case whose channel has ended, if it was not fired for that; or NULL. */
static struct hchan_pick_case *pass_all(struct hchan_pick *pick)
{
	struct hchan_pick_case *c, *ended = NULL;
	u32 i;

	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (!c->linked)
			continue;
		c->linked = false;
		if (&c->w != pick->op.fired && hchan_leave(c->ch, &c->w))
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

/*
 * Chooses the leaders when some cases are linked already: those who do not lead, as
 * another case of the channel does, leave. Return: as enter_all().
 */
static noinline int lead_late(struct hchan_pick *pick)
{
	struct hchan_pick_case *c;
	u32 i;

	lead_all(pick, &pick->leaders);
	for (i = 0, c = hchan_pick_begin(pick); i < pick->n;
	     c = hchan_pick_next(pick, c, ++i)) {
		breathe(i);
		if (!c->linked || c->leads)
			continue;
		hchan_leave_quick(c->ch, &c->w);
		c->linked = false;
	}
	return enter_all(pick, false);
}

/*
 * Links the operation wherever it waits. Return: 0: pick->winner went by itself;
 * -EIOCBQUEUED: it is parked; -ECANCELED: somebody has claimed it.
 */
static int link_all(struct hchan_pick *pick, bool transient)
{
	struct hchan_op *op = &pick->op;
	int ret;

	init_op(pick);
	op->state = HCHAN_OP_WAITING;
	op->transient = transient;
	op->whole = pick->leaders == 1;
	if (pick->receives && !transient) {
		ret = enter_all(pick, true);
		if (ret == -EAGAIN)
			ret = lead_late(pick);
	} else {
		ret = enter_all(pick, false);
	}
	if (ret == -EIOCBQUEUED && !transient && !op->whole)
		tell_all(pick);
	return ret;
}

/*
 * The operation is its owner's again, and leaves all queues. @ret: -ECANCELED: it
 * was fired; 0: pick->winner went; else why it was taken back. Return: 0 or @ret.
 */
static int leave(struct hchan_pick *pick, int ret)
{
	struct hchan_pick_case *ended = NULL;

	if (ret == -ECANCELED) {
		pick->winner = container_of(pick->op.fired,
					    struct hchan_pick_case, w);
		ret = 0;
	}
	if (pick->op.transient)
		ended = pass_all(pick);
	else
		leave_all(pick);
	/*
	 * A close that has not come to its waiters yet is an end all the same:
	 * others may have seen it before what made the rest not ready.
	 */
	if (ret == -EAGAIN && ended) {
		ended->w.error = -EPIPE;
		pick->winner = ended;
		ret = 0;
	}
	if (ret)
		pick->winner = NULL;
	return ret;
}

/* @deadline: NULL: as a transient. Return: 0, -EAGAIN, or as sleep(). */
static int queue(struct hchan_pick *pick, const struct hchan_deadline *deadline)
{
	int ret;

	hchan_sleeper_init(&pick->sleeper);
	ret = link_all(pick, !deadline);
	if (ret == -EIOCBQUEUED) {
		if (deadline)
			ret = sleep(pick, deadline);
		else
			ret = hchan_claim(&pick->op, HCHAN_OP_CANCELLED) ?
			      -EAGAIN : -ECANCELED;
	}
	if (ret == -ECANCELED)
		hchan_sleeper_finish(&pick->sleeper);
	return leave(pick, ret);
}

static void drop_cells(struct hchan_pick *pick)
{
	drop_unsent(pick, pick->n);
	if (pick->cells != pick->area)
		kvfree(pick->cells);
}

/*
 * Makes the cases ready to be linked, and chooses the leaders, unless that may not be
 * needed. @area, @room: see hchan_pick_wait().
 */
static int prepare_all(struct hchan_pick *pick, bool transient, u8 *area,
		       size_t room)
{
	ssize_t bytes;
	int ret;

	pick->winner = NULL;
	pick->area = area;
	pick->cells = area;
	pick->leaders = 0;
	pick->senders = 0;
	ret = pick->prepare_receivers(pick);
	if (ret || (pick->receives && !transient))
		return ret;
	bytes = lead_all(pick, &pick->leaders);
	if (bytes < 0)
		return bytes;
	if (bytes > room) {
		pick->cells = kvmalloc(bytes, HCHAN_GFP_USER);
		if (!pick->cells)
			return -ENOMEM;
	}
	ret = prepare_senders(pick, pick->cells);
	if (ret && pick->cells != area)
		kvfree(pick->cells);
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
	int ret = prepare_all(pick, !deadline, area, room);

	if (ret)
		return ret;
	ret = queue(pick, deadline);
	drop_cells(pick);
	return ret;
}

/**
 * hchan_pick_park() - nothing is ready: wait for it without sleeping
 * @pick: the select, after hchan_pick_now(); its @complete is the caller's
 *
 * Return: as hchan_pick_wait(); -EIOCBQUEUED: it is parked. Then pick->complete is
 * called, unless the caller wins hchan_claim(); hchan_pick_unpark() comes after either.
 */
int hchan_pick_park(struct hchan_pick *pick)
{
	int ret = prepare_all(pick, false, NULL, 0);

	if (ret)
		return ret;
	ret = link_all(pick, false);
	if (ret == -ECANCELED || ret == -EIOCBQUEUED)
		return -EIOCBQUEUED;
	ret = leave(pick, ret);
	drop_cells(pick);
	return ret;
}

/**
 * hchan_pick_unpark() - the other end of hchan_pick_park()
 * @pick: the select
 * @why: 0: it was fired; else why the caller has claimed it
 *
 * Return: 0: pick->winner went; @why.
 */
int hchan_pick_unpark(struct hchan_pick *pick, int why)
{
	bool fired = !why;
	int ret;

	ret = leave(pick, fired ? -ECANCELED : -EINTR);
	drop_cells(pick);
	return fired ? ret : why;
}
