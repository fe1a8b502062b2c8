// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does in the kernel, on request, what the runner must notice:
 * insmod misbehave.ko how=warn. Only for the runner's own test.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *how = "";
module_param(how, charp, 0444);
MODULE_PARM_DESC(how, "warn, taint, oops, trap, stuck, atomic, overrun, inversion or leak");

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(one);
static DEFINE_MUTEX(two);

/* All processors, interrupts off: no task of the guest's can report it. */
static void stuck(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void overrun(void)
{
	char *p = kmalloc(24, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	p[24] = 1;
	kfree(p);
}

static void inversion(void)
{
	mutex_lock(&one);
	mutex_lock(&two);
	mutex_unlock(&two);
	mutex_unlock(&one);
	mutex_lock(&two);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&two);
}

static int __init misbehave_init(void)
{
	if (!strcmp(how, "warn")) {
		WARN_ON(1);
	} else if (!strcmp(how, "taint")) {
		/* What a warning leaves behind if its text is lost. */
		add_taint(TAINT_WARN, LOCKDEP_STILL_OK);
	} else if (!strcmp(how, "oops")) {
		int *nowhere = NULL;

		OPTIMIZER_HIDE_VAR(nowhere);
		WRITE_ONCE(*nowhere, 1);
	} else if (!strcmp(how, "trap")) {
		asm volatile("int3");
	} else if (!strcmp(how, "stuck")) {
		on_each_cpu(stuck, NULL, 0);
	} else if (!strcmp(how, "atomic")) {
		spin_lock(&lock);
		msleep(20);
		spin_unlock(&lock);
	} else if (!strcmp(how, "overrun")) {
		overrun();
	} else if (!strcmp(how, "inversion")) {
		inversion();
	} else if (!strcmp(how, "leak")) {
		char *p = kmalloc(100, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(p);
	} else {
		return -EINVAL;
	}
	return 0;
}

static void __exit misbehave_exit(void)
{
}

module_init(misbehave_init);
module_exit(misbehave_exit);
MODULE_DESCRIPTION("Misbehaviour for the test runner's own test");
MODULE_LICENSE("GPL");
