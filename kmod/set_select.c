// SPDX-License-Identifier: GPL-2.0-only
/* HCHAN_IOC_SET_SELECT: a select over the cases of a set, see set.c. */

#include <linux/file.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "set.h"

/*
 * struct set_sel - a call
 * @set: which the call has for itself
 * @usel: the caller's argument
 */
struct set_sel {
	struct hchan_pick pick;
	struct hchan_cases *set;
	struct hchan_set_select __user *usel;
};

static struct hchan_set_case *case_of(struct hchan_pick_case *p)
{
	return container_of(p, struct hchan_set_case, p);
}

/* See struct hchan_pick. */
static int prepare(struct hchan_pick *pick, struct hchan_pick_case *p)
{
	struct set_sel *sel = container_of(pick, struct set_sel, pick);

	/* What a select before may have put there. */
	p->w.room = case_of(p)->len;
	if (hchan_fault_in(sel->usel, sizeof(*sel->usel)))
		return -EFAULT;
	return hchan_case_prepare(p, case_of(p)->buf);
}

/* See struct hchan_pick. */
static int prepare_receivers(struct hchan_pick *pick)
{
	struct set_sel *sel = container_of(pick, struct set_sel, pick);
	struct hchan_pick_case *p;
	u32 i;

	if (hchan_fault_in(sel->usel, sizeof(*sel->usel)))
		return -EFAULT;
	for (i = 0, p = hchan_pick_begin(pick); i < pick->n;
	     p = hchan_pick_next(pick, p, ++i)) {
		if (p->w.dir == HCHAN_RX &&
		    hchan_case_prepare(p, case_of(p)->buf)) {
			pick->winner = p;
			return -EFAULT;
		}
		if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
			cond_resched();
	}
	return 0;
}

/*
 * The marked case with the lowest number from @from on, or NULL. Of a few under the
 * lock, which others want with a channel's; of many by a walk without it.
 */
static struct hchan_set_case *lowest(struct hchan_cases *set, unsigned long from)
{
	struct hchan_set_case *c;
	unsigned long id;
	u32 i, n = 0;

	do {
		c = NULL;
		spin_lock(&set->lock);
		if (set->n_ready <= HCHAN_STEPS) {
			for (i = 0; i < set->n_ready; i++) {
				if (set->ready[i]->id >= from &&
				    (!c || set->ready[i]->id < c->id))
					c = set->ready[i];
			}
			spin_unlock(&set->lock);
			return c;
		}
		spin_unlock(&set->lock);
		xa_for_each_start(&set->all, id, c, from) {
			if (READ_ONCE(c->slot) != HCHAN_UNMARKED)
				return c;
			if (++n % HCHAN_STEPS == 0)
				cond_resched();
		}
		/* One that is marked behind the walk's back: only a look at all tells. */
	} while (!from && !fatal_signal_pending(current));
	return NULL;
}

/* One of those that are marked, or NULL; in order the next behind *@from. */
static struct hchan_set_case *draw(struct set_sel *sel, u32 *from)
{
	struct hchan_cases *set = sel->set;
	struct hchan_set_case *c = NULL;
	u32 i;

	if (sel->pick.in_order) {
		c = lowest(set, *from);
		if (!c && *from)
			c = lowest(set, 0);
		if (c)
			*from = c->id + 1;
		return c;
	}
	spin_lock(&set->lock);
	if (set->n_ready) {
		i = set->n_ready > 1 ?
			hchan_pick_random(&sel->pick, set->n_ready) : 0;
		c = set->ready[i];
	}
	spin_unlock(&set->lock);
	return c;
}

/* Nothing is marked. But what is due comes when somebody looks, see timer.c. */
static noinline void come_all(struct hchan_cases *set)
{
	struct hchan_set_case *c;
	unsigned long id;

	xa_for_each_marked(&set->all, id, c, HCHAN_SET_TIMER) {
		hchan_come(c->p.ch);
		cond_resched();
	}
}

/*
 * Does a case that is ready. Return: as hchan_pick_now(). Each draw does one or
 * finds a stale mark, so the cases are tried twice before it is given up as
 * unsure.
 */
static int try_marked(struct set_sel *sel)
{
	bool timers = xa_marked(&sel->set->all, HCHAN_SET_TIMER);
	u32 left = 2 * sel->set->n + 1;
	struct hchan_set_case *c;
	u32 from = 0;
	int ret;

	for (; left; left--) {
		c = draw(sel, &from);
		if (!c && unlikely(timers)) {
			timers = false;
			come_all(sel->set);
			c = draw(sel, &from);
		}
		sel->pick.winner = c ? &c->p : NULL;
		if (!c)
			return -EAGAIN;
		c->p.w.op = &sel->pick.op;
		if (!sel->pick.only_look &&
		    hchan_fast_case(c->p.ch, c->p.w.dir, c->buf,
				    &sel->usel->actual)) {
			sel->pick.went = true;
			return 0;
		}
		if (hchan_watch_ready(c->p.ch, &c->watch, &c->p.w)) {
			ret = hchan_pick_try(&sel->pick, &c->p);
			if (ret != -EAGAIN)
				return ret;
		}
		if (left % HCHAN_STEPS == 0) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -ERESTARTSYS;
		}
	}
	return -EBUSY;
}

static noinline_for_stack
int park(struct set_sel *sel, const struct hchan_deadline *deadline)
{
	u8 area[HCHAN_SELECT_SMALL * sizeof(union hchan_cell)] __aligned(8);
	struct hchan_cases *set = sel->set;
	struct hchan_set_case *c;
	unsigned long id;
	u32 n = 0;

	xa_for_each(&set->all, id, c) {
		if (!c->enabled || READ_ONCE(c->is_gone))
			continue;
		c->p.w.room = c->len;
		set->walk[n++] = &c->p;
		if (n % HCHAN_STEPS == 0)
			cond_resched();
	}
	sel->pick.n = n;
	sel->pick.list = set->walk;
	sel->pick.heads = n > HCHAN_SELECT_SMALL ? set->heads : NULL;
	sel->pick.bits = set->bits;
	return hchan_pick_wait(&sel->pick, deadline, area, sizeof(area));
}

/* Waits as poll(2) would, for HCHAN_READY. */
static noinline_for_stack
int watch(struct set_sel *sel, struct file *file,
	  const struct hchan_deadline *deadline)
{
	struct hchan_sleeper sleeper;
	struct poll_wqueues pwq;
	int ret;

	hchan_sleeper_init(&sleeper);
	poll_initwait(&pwq);
	pwq.pt._key = EPOLLIN;
	poll_wait(file, &sel->set->wq, &pwq.pt);
	for (;;) {
		ret = pwq.error ? pwq.error : try_marked(sel);
		/* Also if one of them came and went: as poll(2). */
		if (ret == -EBUSY)
			ret = 0;
		if (ret != -EAGAIN)
			break;
		/* Nobody but the wait queue knows of this sleeper. */
		ret = hchan_sleeper_wait(&sleeper, deadline, &pwq.triggered);
		if (ret != -EAGAIN)
			break;
		/* Pairs with the barrier in __pollwake(). */
		smp_store_mb(pwq.triggered, 0);
	}
	poll_freewait(&pwq);
	return ret;
}

static int run(struct set_sel *sel, struct file *file,
	       const struct hchan_deadline *deadline)
{
	int why_not = hchan_must_not_wait(deadline);
	int ret;

	ret = try_marked(sel);
	if (ret == -EBUSY && sel->pick.only_look)
		return 0;	/* one of them came and went: as poll(2) */
	if (ret == -EBUSY && why_not)
		ret = park(sel, NULL);
	if (ret != -EAGAIN && ret != -EBUSY)
		return ret;
	if (why_not)
		return why_not;
	if (sel->pick.only_look)
		return watch(sel, file, deadline);
	return park(sel, deadline);
}

/* Tells the caller of the case that went. */
static int case_out(struct set_sel *sel, struct hchan_set_case *c)
{
	struct hchan_set_select __user *usel = sel->usel;
	struct hchan_waiter *w = &c->p.w;
	struct hchan_cases *set = sel->set;
	u32 actual = 0, status = HCHAN_ST_OK, live;
	bool recv = w->dir == HCHAN_RX, end = w->error == -EPIPE;
	int error = w->error, ret = 0;

	if (sel->pick.only_look) {
		error = 0;
		recv = false;
		end = false;
	} else if (recv) {
		ret = hchan_sel_recv_out(&sel->pick, c->buf, &actual, &status,
					 &error);
	} else if (end) {
		status = w->status;
	}
	spin_lock(&set->lock);
	live = set->n_live - (end && c->drop && c->enabled && !c->is_gone);
	spin_unlock(&set->lock);
	if (!ret &&
	    (put_user(c->id, &usel->id) || put_user(actual, &usel->actual) ||
	     put_user(status, &usel->status) || put_user(error, &usel->error) ||
	     put_user(live, &usel->live)))
		ret = -EFAULT;
	if (recv && !w->error) {
		if (ret)
			hchan_cell_undo(c->p.ch, &sel->pick.cell, sel->pick.seq,
					NULL, false);
		else
			hchan_cell_free(c->p.ch, &sel->pick.cell);
	} else if (!recv && !end) {
		ret = 0;	/* it has happened, see case_out() in select.c */
	}
	if (ret)
		return ret;
	ret = c->id;
	if (end && c->drop)
		hchan_set_remove(set, c);
	return ret;
}

/* ... that went the short way, and has told already what became of it. */
static int direct_out(struct set_sel *sel, struct hchan_set_case *c)
{
	u32 live;

	spin_lock(&sel->set->lock);
	live = sel->set->n_live;
	spin_unlock(&sel->set->lock);
	/* It has happened, and the result tells. */
	if (!put_user(c->id, &sel->usel->id))
		(void)!put_user(live, &sel->usel->live);
	return c->id;
}

/* Whether a case has gone by itself since this was asked last. */
static bool has_lost(struct hchan_cases *set)
{
	bool lost;

	spin_lock(&set->lock);
	lost = set->lost;
	set->lost = false;
	spin_unlock(&set->lock);
	return lost;
}

/**
 * hchan_set_select() - HCHAN_IOC_SET_SELECT
 * @file: the set's
 * @usel: the caller's argument
 *
 * Return: a case's number, or what struct hchan_set_select says.
 */
int hchan_set_select(struct file *file, struct hchan_set_select __user *usel)
{
	struct hchan_deadline deadline;
	struct hchan_set_select arg;
	struct set_sel sel;
	int ret;

	if (copy_from_user(&arg, usel, sizeof(arg)))
		return -EFAULT;
	ret = hchan_deadline_init(&deadline, arg.flags & ~(HCHAN_FIRST |
							   HCHAN_READY |
							   HCHAN_LOST),
				  arg.deadline, file->f_flags & O_NONBLOCK);
	if (ret)
		return ret;
	sel.set = file->private_data;
	ret = hchan_set_enter(sel.set);
	if (ret)
		return ret;
	sel.usel = usel;
	sel.pick.n = sel.set->n;
	sel.pick.receives = false;
	sel.pick.in_order = arg.flags & HCHAN_FIRST;
	sel.pick.only_look = arg.flags & HCHAN_READY;
	sel.pick.list = NULL;
	sel.pick.direct = NULL;
	sel.pick.prepare = prepare;
	sel.pick.prepare_receivers = prepare_receivers;
	sel.pick.again = NULL;
	sel.pick.look_again = NULL;
	hchan_pick_init(&sel.pick);
	if ((arg.flags & HCHAN_LOST) && has_lost(sel.set))
		ret = -ESTALE;
	else
		ret = run(&sel, file, &deadline);
	if (!ret && sel.pick.went)
		ret = direct_out(&sel, case_of(sel.pick.winner));
	else if (!ret)
		ret = case_out(&sel, case_of(sel.pick.winner));
	if (ret == -EFAULT && sel.pick.winner &&
	    put_user(case_of(sel.pick.winner)->id, &usel->id))
		ret = -EFAULT;
	hchan_set_exit(sel.set);
	return ret;
}
