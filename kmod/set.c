// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets: cases that are kept, so that selecting again costs by what is ready.
 *
 * Each case watches its channel. What may make the case ready marks it, in the
 * same critical section of the channel's lock; a look which finds that it is not
 * ready unmarks it, likewise. So every case that is ready is marked, always, and
 * no marked case means that nothing is ready: default is exact without a walk (C19).
 * A select takes marked cases at random until one is ready, which is a uniform
 * choice among those that are (C20). Only one that has to wait, or that meets
 * nothing but stale marks because others are faster all the time, walks all.
 *
 * A case belongs to the set. It does not hold its open file, but its channel, and
 * goes when the file does: hchan_watch_forget() puts it on @gone. Who uses the
 * set, by a select or a change, has it for himself (@busy) and takes those out
 * when he comes and before he goes; if nobody uses it, who made it go does.
 *
 * Lock order: hchan.lock, then hchan_cases.lock. hchan_cases.mutex comes before both,
 * and is held for the steps of coming, going and taking out only. Who uses the set
 * waits for it; who changes a channel, or closes the set, may be anybody and never
 * does, since its holder may be slow at will: see sweep().
 *
 * Costs: a case is one allocation and its shares of a few arrays, for which the set's
 * maker pays (C50): one lock of the accounts at each end. A select with
 * something ready: two locks of the set, and for each case that it draws one of
 * the set and one of its channel; one more of that to do it. To wait: as pick.c.
 */

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "set.h"

/* What a case costs, with its number and its watch. */
#define CASE_BYTES	(sizeof(struct hchan_set_case) + 2 * sizeof(void *))

/* What the arrays for @room cases cost: ready, walk, heads. */
static size_t array_bytes(u32 room)
{
	if (!room)
		return 0;
	return (room + 1) * (sizeof(struct hchan_set_case *) +
			     sizeof(struct hchan_pick_case *)) +
	       (sizeof(u16) << order_base_2(room));
}

static void set_put(struct hchan_cases *set)
{
	if (!refcount_dec_and_test(&set->ref))
		return;
	hchan_uncharge(set->account, 0, sizeof(*set) + array_bytes(set->room));
	xa_destroy(&set->all);
	kvfree(set->ready);
	kvfree(set);
}

static void case_put(struct hchan_set_case *c)
{
	if (!refcount_dec_and_test(&c->ref))
		return;
	hchan_put(c->p.ch);
	kfree(c);
}

/* The set has it no longer. */
static void case_drop(struct hchan_cases *set, struct hchan_set_case *c)
{
	hchan_charge_less(set->account, CASE_BYTES);
	case_put(c);
}

static void mark(struct hchan_cases *set, struct hchan_set_case *c)
{
	lockdep_assert_held(&set->lock);
	if (c->slot != HCHAN_UNMARKED || !c->enabled || c->is_gone)
		return;
	c->slot = set->n_ready;
	set->ready[set->n_ready++] = c;
}

static void unmark(struct hchan_cases *set, struct hchan_set_case *c)
{
	struct hchan_set_case *last;

	lockdep_assert_held(&set->lock);
	if (c->slot == HCHAN_UNMARKED)
		return;
	last = set->ready[--set->n_ready];
	set->ready[c->slot] = last;
	last->slot = c->slot;
	c->slot = HCHAN_UNMARKED;
}

/* Asks for a call of complete(), which then has the case and the set. */
static void ask(struct hchan_cases *set, struct hchan_set_case *c,
		struct hchan_wakes *wakes)
{
	lockdep_assert_held(&set->lock);
	if (c->asked)
		return;
	c->asked = true;
	refcount_inc(&c->ref);
	refcount_inc(&set->ref);
	c->watch.next = wakes->seen;
	wakes->seen = &c->watch;
}

static void sweep(struct hchan_cases *set);

static struct hchan_set_case *case_of(struct hchan_watch *watch)
{
	return container_of(watch, struct hchan_set_case, watch);
}

/* See struct hchan_watch_ops for these four. */
static void case_mark(struct hchan_watch *watch, struct hchan_wakes *wakes)
{
	struct hchan_set_case *c = case_of(watch);
	struct hchan_cases *set = c->set;

	spin_lock(&set->lock);
	mark(set, c);
	/* A poller enters @wq first and takes the lock second: see match.c. */
	if (c->slot != HCHAN_UNMARKED && waitqueue_active(&set->wq))
		ask(set, c, wakes);
	spin_unlock(&set->lock);
}

static void case_unmark(struct hchan_watch *watch)
{
	struct hchan_set_case *c = case_of(watch);

	spin_lock(&c->set->lock);
	unmark(c->set, c);
	spin_unlock(&c->set->lock);
}

static void case_lost(struct hchan_watch *watch, struct hchan_wakes *wakes)
{
	struct hchan_set_case *c = case_of(watch);
	struct hchan_cases *set = c->set;

	spin_lock(&set->lock);
	unmark(set, c);
	set->n_live -= c->enabled;
	c->is_gone = true;
	set->lost = true;
	list_add_tail(&c->gone, &set->gone);
	ask(set, c, wakes);
	spin_unlock(&set->lock);
}

static void case_complete(struct hchan_watch *watch)
{
	struct hchan_set_case *c = case_of(watch);
	struct hchan_cases *set = c->set;
	bool is_gone;

	spin_lock(&set->lock);
	c->asked = false;
	is_gone = c->is_gone;
	spin_unlock(&set->lock);
	wake_up_poll(&set->wq, EPOLLIN | EPOLLRDNORM);
	if (is_gone)
		sweep(set);
	case_put(c);
	set_put(set);
}

static const struct hchan_watch_ops case_ops = {
	.complete = case_complete,
	.mark = case_mark,
	.unmark = case_unmark,
	.lost = case_lost,
};

/* Lets go of a case that has no number any more. */
static void retire(struct hchan_cases *set, struct hchan_set_case *c)
{
	hchan_watch_del(c->p.ch, &c->watch);
	spin_lock(&set->lock);
	unmark(set, c);
	if (!c->is_gone)
		set->n_live -= c->enabled;
	else
		list_del(&c->gone);
	c->is_gone = true;
	spin_unlock(&set->lock);
	set->n--;
	case_drop(set, c);
}

/* Takes a case out for good. The caller has the set for himself. */
void hchan_set_remove(struct hchan_cases *set, struct hchan_set_case *c)
{
	xa_erase(&set->all, c->id);
	retire(set, c);
}

/* Takes out whose open file is gone. The caller has the set for himself. */
static void sweep_gone(struct hchan_cases *set)
{
	struct hchan_set_case *c;

	for (;;) {
		spin_lock(&set->lock);
		c = list_first_entry_or_null(&set->gone, struct hchan_set_case,
					     gone);
		spin_unlock(&set->lock);
		if (!c)
			return;
		hchan_set_remove(set, c);
		cond_resched();
	}
}

/* Whether something has to be taken out: what is gone, or all if the set's file is. */
static bool any_left(struct hchan_cases *set)
{
	bool any;

	spin_lock(&set->lock);
	any = !list_empty(&set->gone) ||
	      (set->released && !xa_empty(&set->all));
	spin_unlock(&set->lock);
	return any;
}

static void sweep_all(struct hchan_cases *set)
{
	struct hchan_set_case *c;
	unsigned long id;

	xa_for_each(&set->all, id, c) {
		hchan_set_remove(set, c);
		cond_resched();
	}
}

/*
 * Takes out what is gone, without waiting for anybody. Who finds the mutex taken may
 * leave it to its holder, who looks again once it is free: if that look, under the
 * lock, came before the case was put on @gone, or before the set's file was released,
 * the mutex was free before that, too.
 */
static void sweep(struct hchan_cases *set)
{
	bool busy = false;

	while (!busy && any_left(set) && mutex_trylock(&set->mutex)) {
		busy = set->busy;	/* then who has it does that */
		if (!busy)
			sweep_gone(set);
		if (READ_ONCE(set->released))
			sweep_all(set);
		mutex_unlock(&set->mutex);
	}
}

/**
 * hchan_set_enter() - have a set for oneself
 * @set: the set
 *
 * Return: 0, or -EBUSY.
 */
int hchan_set_enter(struct hchan_cases *set)
{
	bool busy;

	mutex_lock(&set->mutex);
	busy = set->busy;
	if (!busy) {
		set->busy = true;
		sweep_gone(set);
	}
	mutex_unlock(&set->mutex);
	return busy ? -EBUSY : 0;
}

/* Who goes while nobody looks is taken out here, or by who made it go. */
void hchan_set_exit(struct hchan_cases *set)
{
	mutex_lock(&set->mutex);
	sweep_gone(set);
	set->busy = false;
	mutex_unlock(&set->mutex);
	sweep(set);
}

/*
 * Room for one case more, or in place of another one: for a moment both are
 * there, and may be marked. The arrays: ready, walk, heads.
 */
static int grow(struct hchan_cases *set, bool replace)
{
	struct hchan_set_case **ready, **old;
	u32 room = max(2 * set->room, (u32)HCHAN_SELECT_SMALL);
	int ret;

	if (set->n < set->room || (replace && set->n == set->room))
		return 0;
	if (set->n == HCHAN_SELECT_CASES)
		return -ENOSPC;
	room = min_t(u32, room, HCHAN_SELECT_CASES);
	ret = hchan_charge_more(set->account, array_bytes(room));
	if (ret)
		return ret;
	ready = kvmalloc(array_bytes(room), HCHAN_GFP_USER);
	if (!ready) {
		hchan_charge_less(set->account, array_bytes(room));
		return -ENOMEM;
	}
	spin_lock(&set->lock);
	old = set->ready;
	if (old)
		memcpy(ready, old, set->n_ready * sizeof(*ready));
	set->ready = ready;
	spin_unlock(&set->lock);
	kvfree(old);
	set->walk = (struct hchan_pick_case **)(ready + room + 1);
	set->heads = (u16 *)(set->walk + room + 1);
	hchan_charge_less(set->account, array_bytes(set->room));
	set->room = room;
	set->bits = order_base_2(room);
	return 0;
}

/* The case that @arg says, its channel and direction taken from its descriptor. */
static struct hchan_set_case *make_case(struct hchan_cases *set,
					const struct hchan_case *arg,
					struct file *file)
{
	struct hchan_set_case *c;
	int ret = hchan_charge_more(set->account, CASE_BYTES);

	if (ret)
		return ERR_PTR(ret);
	c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	if (!c) {
		hchan_charge_less(set->account, CASE_BYTES);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&c->ref, 1);
	c->set = set;
	c->p.ch = file->private_data;
	hchan_get(c->p.ch);
	c->p.w.dir = arg->op == HCHAN_CASE_SEND ? HCHAN_TX : HCHAN_RX;
	c->p.w.room = arg->len;
	c->len = arg->len;
	c->buf = arg->buf;
	c->drop = arg->flags & HCHAN_CASE_DROP;
	c->enabled = true;
	c->slot = HCHAN_UNMARKED;
	INIT_LIST_HEAD(&c->gone);
	c->watch.ops = &case_ops;
	c->watch.what = HCHAN_WATCH_CASE;
	c->watch.owner = file;
	c->watch.dir = c->p.w.dir;
	return c;
}

/* Gives a case its number: the one it has, or the lowest that is free. */
static int number(struct hchan_cases *set, struct hchan_set_case *c, bool any)
{
	if (any)
		return xa_alloc(&set->all, &c->id, c,
				XA_LIMIT(0, HCHAN_SELECT_CASES - 1),
				GFP_KERNEL_ACCOUNT);
	return xa_err(xa_store(&set->all, c->id, c, GFP_KERNEL_ACCOUNT));
}

/*
 * Adds a case, in place of @old if that is not NULL, which stays if it does not
 * work. @file is held, so the case can not be lost meanwhile. Return: its number.
 */
static int add(struct hchan_cases *set, const struct hchan_set_ctl *ctl,
	       struct file *file, struct hchan_set_case *old)
{
	struct hchan_set_case *c;
	int ret;

	ret = grow(set, old);
	if (ret)
		return ret;
	c = make_case(set, &ctl->c, file);
	if (IS_ERR(c))
		return PTR_ERR(c);
	c->id = ctl->id;
	if (hchan_watch_add(c->p.ch, &c->watch, true) != -EIOCBQUEUED) {
		case_drop(set, c);
		return -ENOSPC;
	}
	set->n++;
	spin_lock(&set->lock);
	set->n_live++;
	/* It may be ready as it is: the first look finds out. */
	mark(set, c);
	spin_unlock(&set->lock);
	ret = number(set, c, ctl->op == HCHAN_SET_ADD);
	if (ret) {
		retire(set, c);
		return ret;
	}
	if (c->p.ch->flags & HCHAN_F_TIMER)
		xa_set_mark(&set->all, c->id, HCHAN_SET_TIMER);
	else
		xa_clear_mark(&set->all, c->id, HCHAN_SET_TIMER);
	if (old)
		retire(set, old);
	wake_up_poll(&set->wq, EPOLLIN | EPOLLRDNORM);
	return c->id;
}

static int put_case(struct hchan_cases *set, const struct hchan_set_ctl *ctl)
{
	bool any = ctl->op == HCHAN_SET_ADD;
	struct hchan_set_case *old;
	struct file *file;
	int ret;

	if (ctl->c.flags & ~HCHAN_CASE_DROP || ctl->c.actual || ctl->c.status ||
	    ctl->c.error || ctl->c.op > HCHAN_CASE_RECV)
		return -EINVAL;
	if (any ? ctl->id || !ctl->c.op : ctl->id >= HCHAN_SELECT_CASES)
		return -EINVAL;
	old = any ? NULL : xa_load(&set->all, ctl->id);
	if (ctl->c.op == HCHAN_CASE_NIL) {
		if (old)
			hchan_set_remove(set, old);
		return 0;
	}
	file = fget(ctl->c.fd);
	if (!file)
		return -EBADF;
	ret = hchan_case_check(file, ctl->c.op == HCHAN_CASE_SEND, ctl->c.len);
	if (!ret)
		ret = add(set, ctl, file, old);
	fput(file);
	return any || ret < 0 ? ret : 0;
}

static int change_case(struct hchan_cases *set, const struct hchan_set_ctl *ctl)
{
	struct hchan_set_case *c = xa_load(&set->all, ctl->id);
	bool enable = ctl->op == HCHAN_SET_ENABLE;

	if (memchr_inv(&ctl->c, 0, sizeof(ctl->c)))
		return -EINVAL;
	if (!c)
		return -ENOENT;
	if (ctl->op == HCHAN_SET_REMOVE) {
		hchan_set_remove(set, c);
		return 0;
	}
	spin_lock(&set->lock);
	if (c->enabled != enable && !c->is_gone)
		set->n_live += enable ? 1 : -1;
	c->enabled = enable;
	if (enable)
		mark(set, c);
	else
		unmark(set, c);
	spin_unlock(&set->lock);
	if (enable)
		wake_up_poll(&set->wq, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/* HCHAN_IOC_SET_CTL. */
static int set_ctl(struct hchan_cases *set, struct hchan_set_ctl __user *uctl)
{
	struct hchan_set_ctl ctl;
	int ret;

	if (copy_from_user(&ctl, uctl, sizeof(ctl)))
		return -EFAULT;
	if (ctl.op > HCHAN_SET_REMOVE)
		return -EINVAL;
	ret = hchan_set_enter(set);
	if (ret)
		return ret;
	if (ctl.op <= HCHAN_SET_PUT)
		ret = put_case(set, &ctl);
	else
		ret = change_case(set, &ctl);
	hchan_set_exit(set);
	return ret;
}

static long set_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case HCHAN_IOC_SET_CTL:
		return set_ctl(file->private_data, argp);
	case HCHAN_IOC_SET_SELECT:
		return hchan_set_select(file, argp);
	case HCHAN_IOC_QUERY:
		return hchan_query(argp);
	default:
		return -ENOTTY;
	}
}

static bool case_ready(struct hchan_set_case *c)
{
	struct hchan_waiter w = { .op = NULL, .dir = c->p.w.dir };

	return hchan_watch_ready(c->p.ch, &c->watch, &w);
}

/* Whether a case is ready; stale marks go. They are as many as there are cases. */
static __poll_t set_poll(struct file *file, struct poll_table_struct *pt)
{
	struct hchan_cases *set = file->private_data;
	struct hchan_set_case *c;
	bool ready = false;
	u32 left;

	poll_wait(file, &set->wq, pt);
	for (left = HCHAN_SELECT_CASES; left && !ready; left--) {
		spin_lock(&set->lock);
		c = set->n_ready ? set->ready[0] : NULL;
		if (c)
			refcount_inc(&c->ref);
		spin_unlock(&set->lock);
		if (!c)
			return 0;
		ready = case_ready(c);
		case_put(c);
		cond_resched();
	}
	return EPOLLIN | EPOLLRDNORM;
}

static void set_fdinfo(struct seq_file *m, struct file *file)
{
	struct hchan_cases *set = file->private_data;
	u32 live, marked;

	spin_lock(&set->lock);
	live = set->n_live;
	marked = set->n_ready;
	spin_unlock(&set->lock);
	seq_printf(m, "hchan-set-live:\t%u\n", live);
	seq_printf(m, "hchan-set-marked:\t%u\n", marked);
}

static int set_release(struct inode *inode, struct file *file)
{
	struct hchan_cases *set = file->private_data;

	/*
	 * Nobody selects any more; who takes out lost cases may be at it, and takes the
	 * others out, too: whoever releases the file may do so for everybody's files.
	 */
	spin_lock(&set->lock);
	WRITE_ONCE(set->released, true);
	spin_unlock(&set->lock);
	sweep(set);
	set_put(set);
	return 0;
}

static const struct file_operations set_fops = {
	.owner		= THIS_MODULE,
	.release	= set_release,
	.poll		= set_poll,
	.unlocked_ioctl	= set_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.show_fdinfo	= set_fdinfo,
	.llseek		= noop_llseek,
};

/**
 * hchan_set_create() - HCHAN_IOC_SET
 * @uset: the caller's argument
 *
 * Return: a descriptor, or what struct hchan_set says.
 */
int hchan_set_create(struct hchan_set __user *uset)
{
	struct hchan_account *account;
	struct hchan_cases *cases;
	struct hchan_set arg;
	int ret;

	if (copy_from_user(&arg, uset, sizeof(arg)))
		return -EFAULT;
	if (arg.__reserved || arg.open_flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	account = hchan_charge(0, sizeof(*cases));
	if (IS_ERR(account))
		return PTR_ERR(account);
	cases = kvzalloc(sizeof(*cases), GFP_KERNEL_ACCOUNT);
	if (!cases) {
		hchan_uncharge(account, 0, sizeof(*cases));
		return -ENOMEM;
	}
	cases->account = account;
	refcount_set(&cases->ref, 1);
	mutex_init(&cases->mutex);
	spin_lock_init(&cases->lock);
	xa_init_flags(&cases->all, XA_FLAGS_ALLOC | XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&cases->gone);
	init_waitqueue_head(&cases->wq);
	ret = anon_inode_getfd("[hchan-set]", &set_fops, cases,
			       O_RDWR | arg.open_flags);
	if (ret < 0)
		set_put(cases);
	return ret;
}
