// SPDX-License-Identifier: GPL-2.0-only
/*
 * A select's cases on other descriptors: sockets, timers, processes, ...
 *
 * Such a case wins by readiness, as poll(2) tells it, after no channel was found
 * ready (C19). What its owner wakes us by may run in interrupt context, so it
 * claims nothing: it only wakes the task, which looks again and claims its
 * operation itself. If somebody has fired that meanwhile, that is what happened.
 *
 * Entering the descriptors' wait queues and leaving them, POLLFREE included, is
 * what poll_initwait() and poll_freewait() do for poll(2). Each entry that holds
 * makes holds its file; beyond a few on the stack it allocates pages.
 *
 * A select that only looks (HCHAN_READY) waits in this way for channels, too: it
 * is an observer and must not be found by anybody (C46).
 */

#include <linux/poll.h>
#include <linux/sched.h>

#include "engine.h"
#include "select.h"

/* The events that case @c waits for. */
static __poll_t wanted(const struct hchan_sel_case *c)
{
	if (!c->p.ch)
		return demangle_poll(c->p.w.room) | EPOLLERR | EPOLLHUP;
	return c->p.w.dir == HCHAN_RX ? EPOLLIN : EPOLLOUT;
}

/*
 * As vfs_poll(), which for a channel would enter the queues of both directions:
 * an entry for each case is what there is room for on the stack.
 */
static __poll_t poll_case(struct hchan_sel_case *c, struct file *file,
			  struct poll_table_struct *pt)
{
	struct hchan *ch = c->p.ch;

	if (!ch)
		return vfs_poll(file, pt);
	poll_wait(file, &ch->wq[c->p.w.dir], pt);
	return hchan_events(ch, c->p.w.dir == HCHAN_RX ? FMODE_READ :
							 FMODE_WRITE);
}

/*
 * Looks at the poll cases in random order, and at those of channels only if
 * @channels. Enters their queues if @pt says so. Return: whether one is ready.
 */
static bool look(struct hchan_sel *sel, struct poll_table_struct *pt,
		 bool channels)
{
	struct hchan_sel_case *c;
	struct file *file;
	__poll_t events;
	u32 i;

	for (i = 0; i < sel->pick.n; i++) {
		if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
			cond_resched();
		c = &sel->cases[sel->pick.ready[i]];
		file = sel->files ? sel->files[sel->pick.ready[i]] : NULL;
		if (!file || (c->p.ch && !channels))
			continue;
		if (pt)
			pt->_key = wanted(c);
		events = poll_case(c, file, pt) & wanted(c);
		if (!events)
			continue;
		c->p.version = mangle_poll(events);
		sel->pick.winner = &c->p;
		return true;
	}
	return false;
}

/* Whether a poll case is ready; pick.winner, then. */
bool hchan_foreign_ready(struct hchan_sel *sel)
{
	return look(sel, NULL, false);
}

/* See struct hchan_pick. */
static bool look_again(struct hchan_pick *pick)
{
	struct hchan_sel *sel = container_of(pick, struct hchan_sel, pick);

	/*
	 * Pairs with the barrier in __pollwake(): what it was woken for is seen
	 * by the look that follows, or it sets triggered again.
	 */
	smp_store_mb(sel->pwq->triggered, 0);
	return look(sel, NULL, false);
}

/**
 * hchan_foreign_park() - as hchan_sel_park(), with poll cases
 * @sel: the call
 * @deadline: how long
 */
noinline_for_stack
int hchan_foreign_park(struct hchan_sel *sel,
		       const struct hchan_deadline *deadline)
{
	struct poll_wqueues pwq;
	int ret = 0;

	poll_initwait(&pwq);
	sel->pwq = &pwq;
	sel->pick.again = &pwq.triggered;
	sel->pick.look_again = look_again;
	/* In the queues first, then the looks: nothing is missed in between. */
	if (!look(sel, &pwq.pt, false))
		ret = pwq.error ? pwq.error : hchan_sel_park(sel, deadline);
	poll_freewait(&pwq);
	return ret;
}

/**
 * hchan_foreign_watch() - wait until some case is ready, and do nothing
 * @sel: the call
 * @deadline: how long
 */
noinline_for_stack
int hchan_foreign_watch(struct hchan_sel *sel,
			const struct hchan_deadline *deadline)
{
	struct hchan_sleeper sleeper;
	struct poll_wqueues pwq;
	bool ready;
	int ret = 0;

	hchan_sleeper_init(&sleeper);
	poll_initwait(&pwq);
	ready = look(sel, &pwq.pt, true);
	if (!ready && pwq.error)
		ret = pwq.error;
	while (!ready && !ret) {
		/* Nobody but the wait queues knows of this sleeper. */
		ret = hchan_sleeper_wait(&sleeper, deadline, &pwq.triggered);
		if (ret != -EAGAIN)
			break;
		ret = 0;
		/* Pairs with the barrier in __pollwake(), as in look_again(). */
		smp_store_mb(pwq.triggered, 0);
		ready = look(sel, NULL, true);
	}
	poll_freewait(&pwq);
	return ret;
}
