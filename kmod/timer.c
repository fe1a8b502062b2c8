// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers and tickers: channels on which time sends (C29 to C32).
 *
 * Such a channel is one with room for one element, which the kernel puts there when it
 * is due; to the eye it has none. What is to come is in a struct hchan_clock:
 *
 *	due	when the next element is; HCHAN_TIMER_NEVER: none
 *	waits	it has come, and lies in the ring or was returned (C38)
 *
 *	due		waits	the hrtimer
 *	NEVER		no	off
 *	to come		no	on, or has fired and its work is queued
 *	either		yes	off
 *
 * So what nobody receives costs no interrupts, however short the period: a ticker goes
 * on when its element is taken. Then what has come due meanwhile is lost, and the next
 * one is the first that is still to come (C30).
 *
 * An element comes to be in one section of hchan.lock, in which the time is read and
 * compared with @due, and which does what a send does: the first parked receiver gets
 * it, else it is put into the ring. Who does that:
 *
 * - The work that the hrtimer queues, as hchan.lock is not for interrupts. What it finds
 *   when it runs is what counts: it does nothing if the timer has been stopped, or set
 *   anew, meanwhile.
 * - Whoever looks at the channel and would find nothing: a receive that must not wait,
 *   or gives up, a select, a poll. For him what is due is there, whether that work has run or
 *   not. (Who polls a set is told by the work: set.c.)
 *   Since everybody's look makes it come, nobody knows of an element that is not there
 *   for others, and default is as exact as on any other channel (C19).
 * - Setting it, to a time that has passed (C31).
 *
 * A new setting takes away what waits of the old one, in the same section. What was
 * matched before belongs to its receiver; if that fails to copy it out it is lost (C29):
 * @first tells it.
 *
 * The work has a reference of the channel, the hrtimer has none: it is cancelled when
 * the last one goes. Works are few and short, but how often they come is their
 * readers' choice, so they run as any task does, and on no processor in particular. Who is
 * parked for many ticks (a batch, many commands) does not run for each, so for him a ticker
 * does not go faster than PARKED_NS.
 *
 * Costs: one allocation beside the channel's. A tick: an interrupt, a work, and what a send
 * costs; to take it, one hrtimer to be started.
 */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "engine.h"

/*
 * struct hchan_clock - what a timer's channel has besides
 * @source: the channel's, and its ring
 * @ch: the channel; without a reference
 * @realtime: fixed; on CLOCK_REALTIME, not CLOCK_MONOTONIC
 * @due: when the next element is
 * @ahead: for whom that was set it is so much later (time namespaces)
 * @period: from one to the next; 0: there is only one
 * @first: elements matched before this are of an old setting
 * @returned: the place of the one that was returned last
 * @timer: see above; started and cancelled under the lock
 * @work: queued by @timer alone, with a reference of @ch
 *
 * From @due to @returned guarded by hchan.lock.
 */
struct hchan_clock {
	struct hchan_source source;
	struct hchan *ch;
	bool realtime;
	s64 due;
	s64 ahead;
	s64 period;
	u64 first;
	u64 returned;
	struct hrtimer timer;
	struct work_struct work;
};

/* From one tick to the next, if both are for who is parked and does not run between. */
#define PARKED_NS	(50 * NSEC_PER_USEC)

static struct workqueue_struct *hchan_timer_wq;
/* Clocks there are: the module waits for the last to go. */
static atomic_t n_clocks = ATOMIC_INIT(0);

static struct hchan_clock *clock_of(const struct hchan *ch)
{
	return container_of(ch->source, struct hchan_clock, source);
}

static s64 now_of(const struct hchan_clock *clock)
{
	return clock->realtime ? ktime_get_real() : ktime_get();
}

/* Whether an element has come and nobody has received it. */
static bool waits(const struct hchan *ch)
{
	return ch->count || ch->n_returned;
}

static s64 add(s64 at, s64 ns)
{
	return at > HCHAN_TIMER_NEVER - ns ? HCHAN_TIMER_NEVER : at + ns;
}

/* The first time after @now that is whole periods after @from, which is not. */
static s64 next_after(s64 from, s64 period, s64 now)
{
	u64 part;

	/* It is 0 at least, and less than 2^64. */
	div64_u64_rem((u64)now - (u64)from, period, &part);
	return add(now, period - (s64)part);
}

/* The hrtimer is as it has to be, see above; it does not fire before @least. */
static void arm(struct hchan_clock *clock, s64 least)
{
	lockdep_assert_held(&clock->ch->lock);
	if (clock->due != HCHAN_TIMER_NEVER && !waits(clock->ch))
		hrtimer_start(&clock->timer, max(clock->due, least),
			      HRTIMER_MODE_ABS_SOFT);
	else
		hrtimer_try_to_cancel(&clock->timer);
}

/*
 * An element has come, or has been taken: what comes next? If somebody is parked for
 * that already, it does not take a reader that runs to make another one come: then not
 * at once.
 */
static void go_on(struct hchan_clock *clock, s64 now)
{
	bool parked = !hchan_nobody(clock->ch, HCHAN_RX);

	if (clock->period && clock->due <= now && !waits(clock->ch))
		clock->due = next_after(clock->due, clock->period, now);
	arm(clock, parked ? add(now, PARKED_NS) : 0);
}

/*
 * Makes the element that is due. Return: 1; 0: none is; -EINPROGRESS: the steps are used
 * up, it is still to be made.
 */
static int make(struct hchan_clock *clock, struct hchan_wakes *wakes)
{
	struct hchan *ch = clock->ch;
	s64 now = now_of(clock);
	s64 due = clock->due;
	s64 told = hchan_time_add(due, clock->ahead);
	int ret;

	lockdep_assert_held(&ch->lock);
	if (waits(ch) || due > now)
		return 0;
	ret = hchan_emit(ch, &told, wakes);
	if (ret)
		return ret;
	clock->due = clock->period ? add(due, clock->period) : HCHAN_TIMER_NEVER;
	go_on(clock, now);
	return 1;
}

/* See struct hchan_source_ops. */
static bool come(struct hchan *ch)
{
	struct hchan_clock *clock = clock_of(ch);
	struct hchan_wakes wakes;
	bool there;
	int ret;

	for (;;) {
		hchan_wakes_init(&wakes);
		spin_lock(&ch->lock);
		ret = make(clock, &wakes);
		/* It may have fired before its clock was set back. */
		if (!ret && !hrtimer_is_queued(&clock->timer))
			arm(clock, 0);
		there = waits(ch);
		hchan_unlock(ch, &wakes);
		if (ret != -EINPROGRESS)
			return there;
		cond_resched();
	}
}

/* See struct hchan_source_ops. */
static void taken(struct hchan *ch)
{
	struct hchan_clock *clock = clock_of(ch);

	go_on(clock, now_of(clock));
}

/* See struct hchan_source_ops. One waits at most (C30): the first. */
static bool returns(struct hchan *ch, u64 seq, struct hchan_wakes *wakes)
{
	struct hchan_clock *clock = clock_of(ch);

	lockdep_assert_held(&ch->lock);
	if (seq < clock->first || (ch->n_returned && clock->returned < seq))
		return false;
	hchan_discard(ch, wakes);
	clock->returned = seq;
	return true;
}

static void clock_work(struct work_struct *work)
{
	struct hchan *ch = container_of(work, struct hchan_clock, work)->ch;

	come(ch);
	hchan_put(ch);
}

/*
 * Nobody else queues the work, and one hrtimer's calls come one after the other. If it is
 * pending it has yet to begin: then it will see that it is time.
 */
static enum hrtimer_restart fired(struct hrtimer *timer)
{
	struct hchan_clock *clock = container_of(timer, struct hchan_clock, timer);

	if (!work_pending(&clock->work) && refcount_inc_not_zero(&clock->ch->ref))
		queue_work(hchan_timer_wq, &clock->work);
	return HRTIMER_NORESTART;
}

static void clock_free(struct hchan_clock *clock)
{
	kfree(clock);
	if (atomic_dec_and_test(&n_clocks))
		wake_up_var(&n_clocks);
}

static struct hchan *source_free(struct hchan *ch, struct hchan_source *source)
{
	struct hchan_clock *clock = clock_of(ch);

	hrtimer_cancel(&clock->timer);
	clock_free(clock);
	return NULL;
}

static const struct hchan_source_ops clock_ops = {
	.come = come,
	.taken = taken,
	.returns = returns,
};

/* Return: whether a receive is prevented by that. */
static bool set(struct hchan *ch, s64 due, s64 period)
{
	struct hchan_clock *clock = clock_of(ch);
	s64 ahead = clock->realtime ? 0 : hchan_time_ahead();
	struct hchan_wakes wakes;
	bool prevented;
	int ret;

	hchan_wakes_init(&wakes);
	spin_lock(&ch->lock);
	prevented = waits(ch) || clock->due != HCHAN_TIMER_NEVER;
	hchan_discard(ch, &wakes);
	clock->first = ch->seq;
	clock->due = hchan_time_add(due, -ahead);
	clock->ahead = ahead;
	clock->period = period;
	/* What was ready is so no more: two looks must not take that for no change. */
	hchan_count_up(ch);
	ret = make(clock, &wakes);
	if (!ret)
		arm(clock, 0);
	hchan_unlock(ch, &wakes);
	if (ret == -EINPROGRESS)
		come(ch);
	return prevented;
}

static struct hchan *make_channel(bool realtime)
{
	struct hchan_attr attr = { .flags = HCHAN_F_TIMER, .elem_size = sizeof(s64),
				   .capacity = 1 };
	struct hchan_clock *clock;
	struct hchan *ch;

	clock = kzalloc(sizeof(*clock), GFP_KERNEL_ACCOUNT);
	if (!clock)
		return ERR_PTR(-ENOMEM);
	atomic_inc(&n_clocks);
	clock->source.bytes = sizeof(*clock);
	clock->source.free = source_free;
	clock->source.ops = &clock_ops;
	clock->realtime = realtime;
	clock->due = HCHAN_TIMER_NEVER;
	INIT_WORK(&clock->work, clock_work);
	hrtimer_init(&clock->timer, realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC,
		     HRTIMER_MODE_ABS_SOFT);
	clock->timer.function = fired;
	attr.source = &clock->source;
	ch = hchan_alloc(&attr);
	if (IS_ERR(ch))
		clock_free(clock);
	else
		clock->ch = ch;
	return ch;
}

static bool period_ok(u32 flags, s64 period)
{
	return flags & HCHAN_TIMER_TICK ? period > 0 : !period;
}

/**
 * hchan_timer_create() - HCHAN_IOC_TIMER
 * @utimer: the caller's argument
 *
 * Return: a descriptor, or what struct hchan_timer says.
 */
int hchan_timer_create(const struct hchan_timer __user *utimer)
{
	struct hchan_timer arg;
	struct file *file;
	struct hchan *ch;
	int fd;

	if (copy_from_user(&arg, utimer, sizeof(arg)))
		return -EFAULT;
	if (arg.flags & ~(HCHAN_REALTIME | HCHAN_TIMER_TICK) ||
	    arg.open_flags & ~(O_CLOEXEC | O_NONBLOCK) ||
	    !period_ok(arg.flags, arg.period))
		return -EINVAL;
	fd = get_unused_fd_flags(arg.open_flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	ch = make_channel(arg.flags & HCHAN_REALTIME);
	if (IS_ERR(ch)) {
		put_unused_fd(fd);
		return PTR_ERR(ch);
	}
	file = hchan_anon_open(ch, O_RDONLY | (arg.open_flags & O_NONBLOCK));
	if (IS_ERR(file)) {
		hchan_put(ch);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	set(ch, arg.due, arg.period);
	fd_install(fd, file);
	return fd;
}

/**
 * hchan_timer_set() - HCHAN_IOC_TIMER_SET
 * @ch: the channel
 * @uset: the caller's argument
 *
 * Return: 1, 0, or what struct hchan_timer_set says.
 */
int hchan_timer_set(struct hchan *ch, const struct hchan_timer_set __user *uset)
{
	struct hchan_timer_set arg;
	u32 clock;

	if (!(ch->flags & HCHAN_F_TIMER))
		return -ENOTTY;
	clock = clock_of(ch)->realtime ? HCHAN_REALTIME : 0;
	if (copy_from_user(&arg, uset, sizeof(arg)))
		return -EFAULT;
	if (arg.__reserved || !period_ok(arg.flags, arg.period))
		return -EINVAL;
	if (arg.flags == HCHAN_TIMER_STOP) {
		if (arg.due)
			return -EINVAL;
		arg.due = HCHAN_TIMER_NEVER;
	} else if ((arg.flags & ~HCHAN_TIMER_TICK) != clock) {
		return -EINVAL;
	}
	return set(ch, arg.due, arg.period);
}

/* What a timer's fdinfo says besides. */
void hchan_timer_show(struct seq_file *m, struct hchan *ch)
{
	struct hchan_clock *clock = clock_of(ch);
	s64 due, period;
	bool armed;

	spin_lock(&ch->lock);
	due = clock->due;
	if (!clock->realtime)
		due = hchan_time_add(due, hchan_time_ahead());
	period = clock->period;
	armed = hrtimer_is_queued(&clock->timer);
	spin_unlock(&ch->lock);
	seq_printf(m, "hchan-timer:\t%s\n",
		   clock->realtime ? "realtime" : "monotonic");
	if (due == HCHAN_TIMER_NEVER)
		seq_puts(m, "hchan-due:\tnever\n");
	else
		seq_printf(m, "hchan-due:\t%lld\n", due);
	seq_printf(m, "hchan-period:\t%lld\n", period);
	seq_printf(m, "hchan-armed:\t%d\n", armed);
}

int __init hchan_timer_init(void)
{
	hchan_timer_wq = alloc_workqueue("hchan", WQ_UNBOUND, 0);
	return hchan_timer_wq ? 0 : -ENOMEM;
}

/*
 * No file is open, but the last reference of a timer's channel may be its work's. Once
 * there is no clock no hrtimer can queue one; the end of the last is then waited for.
 */
void hchan_timer_exit(void)
{
	wait_var_event(&n_clocks, !atomic_read(&n_clocks));
	destroy_workqueue(hchan_timer_wq);
}
