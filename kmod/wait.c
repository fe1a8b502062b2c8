// SPDX-License-Identifier: GPL-2.0-only
/* How a task waits: for its operation, or for a state of a channel. */

#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/wait.h>

#include "quick.h"

/*
 * A wake-up by who is about to sleep: the scheduler may let the task go on here. Its
 * flag for that is its own, but wait queues give it; this one is ours alone.
 */
static noinline void wake_sync(struct task_struct *task)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(head);
	struct wait_queue_entry entry;

	init_waitqueue_entry(&entry, task);
	__add_wait_queue(&head, &entry);
	__wake_up_sync_key(&head, TASK_NORMAL, NULL);
}

/*
 * Hands what @sleeper waits for back to it. The store is the last touch of the
 * sleeper's stack: its release pairs with the acquire in hchan_sleeper_done(), and
 * a wake-up has the barrier that pairs with set_current_state()'s, so
 * either the sleeper sees done before it sleeps or we see it asleep. A task that
 * has exited meanwhile is still there, as it is freed after a grace period.
 */
static __always_inline void wake(struct hchan_sleeper *sleeper, bool sync)
{
	struct task_struct *task;
	bool far;

	rcu_read_lock_sched();
	task = sleeper->task;
	far = task_cpu(task) != smp_processor_id();
	sync = sync && far;
	if (sync)
		get_task_struct(task);	/* a wait queue's lock may sleep */
	/* Pairs with hchan_sleeper_done(). */
	smp_store_release(&sleeper->done, far ? HCHAN_DONE_FAR : HCHAN_DONE_NEAR);
	if (!sync)
		wake_up_process(task);
	rcu_read_unlock_sched();
	if (sync) {
		wake_sync(task);
		put_task_struct(task);
	}
}

void hchan_sleeper_wake(struct hchan_sleeper *sleeper)
{
	wake(sleeper, false);
}

/* Sleeps at most until then. Return: whether it is then. */
static noinline bool sleep_until(const struct hchan_deadline *deadline)
{
	u64 slack = rt_task(current) ? 0 : current->timer_slack_ns;
	ktime_t at = deadline->at;

	return !schedule_hrtimeout_range_clock(&at, slack, HRTIMER_MODE_ABS,
					       deadline->clock);
}

static __always_inline int sleeper_wait(struct hchan_sleeper *sleeper,
					const struct hchan_deadline *deadline,
					const int *again)
{
	int ret = 0;

	while (!hchan_sleeper_done(sleeper)) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (hchan_sleeper_done(sleeper))
			break;
		if (again && READ_ONCE(*again)) {
			ret = -EAGAIN;
			break;
		}
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (likely(deadline->at == KTIME_MAX)) {
			schedule();
		} else if (sleep_until(deadline)) {
			ret = -ETIMEDOUT;
			break;
		}
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

/**
 * hchan_sleeper_wait() - sleep until it is done
 * @sleeper: this task's
 * @deadline: how long
 * @again: NULL, or what somebody sets, and wakes this task, to interrupt it
 *
 * Return: 0: done; -EAGAIN: *@again; -ERESTARTSYS: a signal; -ETIMEDOUT.
 */
int hchan_sleeper_wait(struct hchan_sleeper *sleeper,
		       const struct hchan_deadline *deadline, const int *again)
{
	return sleeper_wait(sleeper, deadline, again);
}

/* Somebody has claimed it and is between that and done: a few steps away. */
void hchan_sleeper_finish(struct hchan_sleeper *sleeper)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (hchan_sleeper_done(sleeper))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/**
 * hchan_deadline_check() - how long an operation may wait
 * @deadline: filled
 * @flags: HCHAN_NOWAIT, HCHAN_DEADLINE, HCHAN_REALTIME and no others
 * @at: absolute nanoseconds; 0 without HCHAN_DEADLINE
 * @nonblock: the descriptor says O_NONBLOCK (C43)
 *
 * Return: 0 or -EINVAL.
 */
int hchan_deadline_check(struct hchan_deadline *deadline, u32 flags, s64 at,
			 bool nonblock)
{
	if (flags & ~(HCHAN_NOWAIT | HCHAN_DEADLINE | HCHAN_REALTIME))
		return -EINVAL;
	if ((flags & HCHAN_NOWAIT) && flags != HCHAN_NOWAIT)
		return -EINVAL;
	if (!(flags & HCHAN_DEADLINE) && (at || (flags & HCHAN_REALTIME)))
		return -EINVAL;
	deadline->nowait = nonblock || (flags & HCHAN_NOWAIT);
	deadline->clock = flags & HCHAN_REALTIME ? CLOCK_REALTIME :
						   CLOCK_MONOTONIC;
	deadline->at = KTIME_MAX;
	if (flags & HCHAN_DEADLINE) {
		if (deadline->clock == CLOCK_MONOTONIC)
			at = hchan_time_add(at, -hchan_time_ahead());
		deadline->at = max_t(s64, at, 0);
	}
	return 0;
}

/*
 * Why nothing may be parked now: 0 if it may, -EAGAIN, or -ETIMEDOUT, since a
 * deadline that has passed means one try (C40).
 */
int hchan_must_not_wait(const struct hchan_deadline *deadline)
{
	ktime_t now;

	if (deadline->nowait)
		return -EAGAIN;
	if (deadline->at == KTIME_MAX)
		return 0;
	now = deadline->clock == CLOCK_REALTIME ? ktime_get_real() :
						  ktime_get();
	return deadline->at <= now ? -ETIMEDOUT : 0;
}

/* What completes an operation of struct hchan_call, and of nobody else. */
void hchan_call_complete(struct hchan_op *op)
{
	wake(&container_of(op, struct hchan_call, op)->sleeper, false);
}

/* The same by who is about to sleep. */
void hchan_call_complete_sync(struct hchan_op *op)
{
	wake(&container_of(op, struct hchan_call, op)->sleeper, true);
}

static __always_inline int begin(struct hchan *ch, struct hchan_call *call,
				 int why_not)
{
	struct hchan_waiter *w = &call->w;
	int ret;

	ret = w->dir == HCHAN_TX ? hchan_send(ch, w, !why_not) :
				   hchan_recv(ch, w, !why_not);
	return ret == -EAGAIN ? why_not : ret;
}

/* hchan_call_run() without sleeping: -EIOCBQUEUED: parked, op.complete() comes. */
int hchan_call_begin(struct hchan *ch, struct hchan_call *call,
		     const struct hchan_deadline *deadline)
{
	return begin(ch, call, hchan_must_not_wait(deadline));
}

/* The rest of hchan_call_run(), once it is parked: hchan_park_one(). */
int hchan_call_wait(struct hchan *ch, struct hchan_call *call,
		    const struct hchan_deadline *deadline)
{
	int ret;

	if (unlikely(hchan_may_spin(ch)))
		ret = hchan_spin_wait(ch, &call->sleeper, deadline);
	else
		ret = sleeper_wait(&call->sleeper, deadline, NULL);
	if (unlikely(ret)) {
		if (hchan_cancel(ch, &call->w))
			return ret;
		hchan_sleeper_finish(&call->sleeper);
	}
	return call->w.error;
}

/**
 * hchan_call_run() - do it, waiting if need be
 * @ch: the channel
 * @call: from hchan_call_init()
 * @deadline: how long
 *
 * What has been decided wins over a signal and over the deadline (C39).
 *
 * Return: 0: all elements are moved; else call->op.done tells how many, and:
 * -EPIPE with w.status, -EMSGSIZE with w.room, -EAGAIN, -ETIMEDOUT,
 * -ERESTARTSYS.
 */
int hchan_call_run(struct hchan *ch, struct hchan_call *call,
		   const struct hchan_deadline *deadline)
{
	int why_not = hchan_must_not_wait(deadline);
	struct hchan_waiter *w = &call->w;
	int ret;

	hchan_sleeper_init(&call->sleeper);
	if (!why_not && hchan_seems_not(ch, w->dir) &&
	    (w->dir == HCHAN_TX ? hchan_park_one(ch, w, HCHAN_TX) :
				  hchan_park_one(ch, w, HCHAN_RX)))
		return hchan_call_wait(ch, call, deadline);
	ret = begin(ch, call, why_not);
	return ret == -EIOCBQUEUED ? hchan_call_wait(ch, call, deadline) : ret;
}

struct watch_call {
	struct hchan_watch watch;
	struct hchan_sleeper sleeper;
};

static void watch_complete(struct hchan_watch *watch)
{
	hchan_sleeper_wake(&container_of(watch, struct watch_call, watch)->sleeper);
}

static const struct hchan_watch_ops watch_ops = {
	.complete = watch_complete,
};

/**
 * hchan_wait_state() - HCHAN_IOC_WAIT
 * @ch: the channel
 * @wait: what for; @seen is set on success
 *
 * Return: 0, -EINVAL, -EAGAIN, -EBUSY, -EPIPE, -ETIMEDOUT, -ERESTARTSYS.
 */
int hchan_wait_state(struct hchan *ch, struct hchan_wait *wait)
{
	struct hchan_deadline deadline;
	struct watch_call call = {
		.watch.what = wait->what,
		.watch.count = wait->count,
		.watch.ops = &watch_ops,
	};
	int why_not, ret;

	if (wait->what > HCHAN_W_LENGTH)
		return -EINVAL;
	ret = hchan_deadline_init(&deadline, wait->flags, wait->deadline, false);
	if (ret)
		return ret;
	why_not = hchan_must_not_wait(&deadline);
	hchan_sleeper_init(&call.sleeper);
	ret = hchan_watch_add(ch, &call.watch, !why_not);
	if (ret == -EAGAIN)
		return why_not;
	if (ret == -EIOCBQUEUED) {
		ret = hchan_sleeper_wait(&call.sleeper, &deadline, NULL);
		if (ret && !hchan_watch_del(ch, &call.watch)) {
			hchan_sleeper_finish(&call.sleeper);
			ret = 0;
		}
		if (!ret)
			ret = call.watch.error;
	}
	if (!ret)
		wait->seen = call.watch.seen;
	return ret;
}
