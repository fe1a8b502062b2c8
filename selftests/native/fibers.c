// SPDX-License-Identifier: GPL-2.0-only
/* Tasks as fibers of one thread: tasks.h. The seed decides who runs when. */

#include <string.h>
#include <ucontext.h>

#include <linux/spinlock.h>

#include "random.h"
#include "tasks.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (256 * 1024)

enum fiber_state {
	FIBER_READY,
	FIBER_LOCK,		/* for @lock to be free */
	FIBER_ASLEEP,
	FIBER_OVER,
};

struct task_self {
	ucontext_t context;
	enum fiber_state state;
	enum task_state sleep;	/* TASK_RUNNING: awake, or woken */
	struct spinlock *lock;
	void (*body)(int id, void *arg);
	void *arg;
	void *fake_stack;
	char stack[STACK_BYTES];
};

static struct task_self forms[TASKS_MAX];
static struct task tasks[TASKS_MAX];
static struct task outside = { .id = -1 };
static struct task *self = &outside;
static int n_tasks;
static unsigned long long order;		/* random numbers for who runs next */
static uint32_t eagerness;	/* one of so many points is a change */
static bool coarse;		/* ... of those at the end of a section only */
static ucontext_t scheduler;

#ifdef __SANITIZE_ADDRESS__
static const void *main_stack;
static size_t main_stack_bytes;

static void leaving(void **fake_stack, const void *stack, size_t bytes)
{
	__sanitizer_start_switch_fiber(fake_stack, stack, bytes);
}

static void arrived(void *fake_stack, const void **stack, size_t *bytes)
{
	__sanitizer_finish_switch_fiber(fake_stack, stack, bytes);
}
#else
static const void *main_stack;
static size_t main_stack_bytes;

static void leaving(void **fake_stack, const void *stack, size_t bytes)
{
	(void)fake_stack;
	(void)stack;
	(void)bytes;
}

static void arrived(void *fake_stack, const void **stack, size_t *bytes)
{
	(void)fake_stack;
	(void)stack;
	(void)bytes;
}
#endif

const bool tasks_know_the_end = true;

struct task *task_self(void)
{
	return self;
}

uint32_t task_random(uint32_t below)
{
	return random_below(&self->random, below);
}

static bool can_run(const struct task_self *form)
{
	switch (form->state) {
	case FIBER_READY:
		return true;
	case FIBER_LOCK:
		return !form->lock->holder;
	case FIBER_ASLEEP:
		return form->sleep == TASK_RUNNING;
	default:
		return false;
	}
}

/* Nothing can happen any more: whoever sleeps, and may be told, is told. */
static bool interrupt_all(void)
{
	bool any = false;
	int i;

	for (i = 0; i < n_tasks; i++) {
		if (forms[i].state == FIBER_OVER)
			continue;
		if (forms[i].state != FIBER_ASLEEP ||
		    forms[i].sleep != TASK_INTERRUPTIBLE)
			shim_bug("deadlock", __FILE__, __LINE__);
		forms[i].sleep = TASK_RUNNING;
		tasks[i].signalled = true;
		tasks[i].quiet = task_clock();
		task_clock();
		any = true;
	}
	return any;
}

/* Who runs next; NULL: all are over. */
static struct task *choose(void)
{
	struct task *ready[TASKS_MAX];
	int i, n;

	do {
		for (i = 0, n = 0; i < n_tasks; i++) {
			if (can_run(&forms[i]))
				ready[n++] = &tasks[i];
		}
		if (n)
			return ready[random_below(&order, n)];
	} while (interrupt_all());
	return NULL;
}

static void give_way(enum fiber_state state)
{
	struct task *me = self;
	struct task_self *form = me->form;

	form->state = state;
	leaving(state == FIBER_OVER ? NULL : &form->fake_stack, main_stack,
		main_stack_bytes);
	swapcontext(&form->context, &scheduler);
	arrived(form->fake_stack, &main_stack, &main_stack_bytes);
	self = me;
	form->state = FIBER_READY;
}

static void start(void)
{
	struct task_self *form = self->form;

	arrived(NULL, &main_stack, &main_stack_bytes);
	form->body(self->id, form->arg);
	give_way(FIBER_OVER);
}

static void make_fiber(unsigned long long seed, int i, void (*body)(int id, void *arg),
		       void *arg)
{
	struct task_self *form = &forms[i];

	form->state = FIBER_READY;
	form->sleep = TASK_RUNNING;
	form->body = body;
	form->arg = arg;
	form->fake_stack = NULL;
	memset(&tasks[i], 0, sizeof(tasks[i]));
	tasks[i].id = i;
	tasks[i].random = random_start(seed, i);
	tasks[i].form = form;
	getcontext(&form->context);
	form->context.uc_stack.ss_sp = form->stack;
	form->context.uc_stack.ss_size = STACK_BYTES;
	form->context.uc_link = NULL;
	makecontext(&form->context, start, 0);
}

void tasks_run(unsigned long long seed, int n, void (*body)(int id, void *arg), void *arg)
{
	static const uint32_t each[] = { 2, 3, 5, 12, 40 };
	void *fake_stack;
	int i;

	n_tasks = n;
	order = random_start(seed, 100);
	eagerness = each[random_below(&order, 5)];
	coarse = !random_below(&order, 3);
	for (i = 0; i < n; i++)
		make_fiber(seed, i, body, arg);
	while ((self = choose())) {
		leaving(&fake_stack, self->form->stack, STACK_BYTES);
		swapcontext(&scheduler, &self->form->context);
		arrived(fake_stack, NULL, NULL);
	}
	self = &outside;
}

void task_point(void)
{
	if (self != &outside && !coarse && !random_below(&order, eagerness))
		give_way(FIBER_READY);
}

void task_section(void)
{
	if (self != &outside && !random_below(&order, eagerness))
		give_way(FIBER_READY);
}

void task_lock_init(struct spinlock *lock)
{
	lock->holder = NULL;
}

void task_lock(struct spinlock *lock)
{
	if (self == &outside)
		SHIM_CHECK(!lock->holder);
	while (lock->holder) {
		self->form->lock = lock;
		give_way(FIBER_LOCK);
	}
}

bool task_trylock(struct spinlock *lock)
{
	return !lock->holder;
}

void task_unlock(struct spinlock *lock)
{
	(void)lock;
}

void task_set_state(enum task_state state)
{
	self->form->sleep = state;
	task_point();
}

bool task_sleep(long turns)
{
	struct task_self *form = self->form;
	bool in_time = true;

	if (!self->slept)
		self->slept = task_clock();
	if (turns == TASK_FOREVER) {
		give_way(FIBER_ASLEEP);
	} else {
		while (form->sleep != TASK_RUNNING && (in_time = turns-- > 0))
			give_way(FIBER_READY);
	}
	form->sleep = TASK_RUNNING;
	self->awake = task_clock();
	return in_time;
}

void task_wake(struct task *task)
{
	task_point();
	task->form->sleep = TASK_RUNNING;
	task_point();
}

uint32_t task_clock(void)
{
	static uint32_t clock;

	return ++clock;
}
