// SPDX-License-Identifier: GPL-2.0-only
/*
 * To look for the partner for a moment before going to sleep.
 *
 * A wake-up of another processor costs more than the way there and back of an
 * answer that is already being made. To look for as long as a sleep and a wake-up take
 * costs at most twice what the better of the two would have, whatever the partner does
 * ("competitive spinning": Karlin, Manasse, McGeoch and Owicki, 1991); what has been
 * seen last decides whether it is worth a try at all.
 *
 * Who spins is parked as if it slept: it is linked, counted and claimed like any
 * other, its partner wakes it up all the same, and only the one who waits knows.
 */

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "hchan.h"

/* Where nobody has said anything and the processor is surely no guest's. */
#define SPIN_DEFAULT	4000

/* From that score on a wait spins, and so many there are. */
#define SCORE_SPIN	16
#define SCORE_MAX	24

/* What hchan.spin does not say: the parameter, or what it means here. */
unsigned int hchan_spin_ns __read_mostly;

static int spin_ns = -1;

static void in_force(void)
{
	int ns = spin_ns;

	if (ns < 0)
		ns = hchan_is_bare() ? SPIN_DEFAULT : 0;
	WRITE_ONCE(hchan_spin_ns, ns);
}

static int spin_ns_set(const char *text, const struct kernel_param *param)
{
	int ns, ret;

	ret = kstrtoint(text, 0, &ns);
	if (ret)
		return ret;
	if (ns < -1 || ns > (int)HCHAN_SPIN_MAX)
		return -EINVAL;
	spin_ns = ns;
	in_force();
	return 0;
}

static const struct kernel_param_ops spin_ns_ops = {
	.set = spin_ns_set,
	.get = param_get_int,
};

module_param_cb(spin_ns, &spin_ns_ops, &spin_ns, 0644);
MODULE_PARM_DESC(spin_ns, "Nanoseconds to look for a partner on another processor before sleeping, at most 50000; 0: none; -1: 4000, or 0 in a guest");

void hchan_spin_init(void)
{
	in_force();
}

/**
 * hchan_set_spin() - HCHAN_IOC_SPIN
 * @ch: the channel
 * @uns: the caller's argument: nanoseconds, or HCHAN_SPIN_DEFAULT
 *
 * The next wait tries it, whatever has been seen before.
 *
 * Return: 0, -EFAULT or -EINVAL.
 */
int hchan_set_spin(struct hchan *ch, const u32 __user *uns)
{
	u32 ns;

	BUILD_BUG_ON(HCHAN_SPIN_MAX / NSEC_PER_USEC + 1 > U8_MAX);
	if (get_user(ns, uns))
		return -EFAULT;
	if (ns > HCHAN_SPIN_MAX && ns != HCHAN_SPIN_DEFAULT)
		return -EINVAL;
	WRITE_ONCE(ch->score, SCORE_SPIN);
	WRITE_ONCE(ch->spin, ns == HCHAN_SPIN_DEFAULT ? 0 :
			     1 + DIV_ROUND_UP(ns, NSEC_PER_USEC));
	return 0;
}

/* How long, at most: not beyond the deadline, not with one processor. */
static u64 limit(const struct hchan *ch, const struct hchan_deadline *deadline)
{
	u8 spin = READ_ONCE(ch->spin);
	s64 ns, left;

	if (num_online_cpus() == 1)
		return 0;
	ns = spin ? (spin - 1) * NSEC_PER_USEC : READ_ONCE(hchan_spin_ns);
	if (ns && deadline->at != KTIME_MAX) {
		left = deadline->at - (deadline->clock == CLOCK_REALTIME ?
				       ktime_get_real() : ktime_get());
		ns = clamp_t(s64, left, 0, ns);
	}
	return ns;
}

/* Return: whether it was completed meanwhile. */
static bool spin(const struct hchan_sleeper *sleeper, u64 ns)
{
	u64 start = local_clock();

	do {
		if (hchan_sleeper_done(sleeper))
			return true;
		if (need_resched() || signal_pending(current))
			return false;
		cpu_relax();
		/* On another processor it may be less: then that was long enough. */
	} while (local_clock() - start < ns);
	return false;
}

/**
 * hchan_spin_wait() - hchan_sleeper_wait(), and a look before
 * @ch: the channel, for which hchan_may_spin()
 * @sleeper: this task's
 * @deadline: how long
 *
 * hchan.score says whether it is worth it. Below SCORE_SPIN nobody spins; a wait
 * that ends by a partner on another processor adds one, so one in 16 of these
 * tries. A try that succeeds adds two, one that does not takes one, and all if it was the
 * last above. A partner on this processor can not come while we look: it takes
 * all at once.
 *
 * The score is a hint: those who wait at the same time may overwrite each other's.
 *
 * Return: as hchan_sleeper_wait().
 */
int hchan_spin_wait(struct hchan *ch, struct hchan_sleeper *sleeper,
		    const struct hchan_deadline *deadline)
{
	u8 was = READ_ONCE(ch->score), score = was;
	bool tried = false, came = false;
	u64 ns = limit(ch, deadline);
	int ret;

	if (!ns)
		return hchan_sleeper_wait(sleeper, deadline, NULL);
	if (was >= SCORE_SPIN) {
		tried = true;
		came = spin(sleeper, ns);
	}
	if (!came) {
		ret = hchan_sleeper_wait(sleeper, deadline, NULL);
		if (ret)
			return ret;
	}
	if (sleeper->done == HCHAN_DONE_NEAR)
		score = 0;
	else if (came)
		score = min(was + 2, SCORE_MAX);
	else if (!tried)
		score = was + 1;
	else
		score = was > SCORE_SPIN ? was - 1 : 0;
	if (score != was && READ_ONCE(ch->score) == was)
		WRITE_ONCE(ch->score, score);
	return 0;
}
