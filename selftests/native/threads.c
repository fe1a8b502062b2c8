// SPDX-License-Identifier: GPL-2.0-only
/* Tasks as threads: tasks.h. */

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include <linux/spinlock.h>

#include "random.h"
#include "tasks.h"

struct task_self {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	enum task_state sleep;	/* TASK_RUNNING: awake, or woken */
	void (*body)(int id, void *arg);
	void *arg;
};

static struct task_self forms[TASKS_MAX];
static struct task tasks[TASKS_MAX];
static struct task outside = { .id = -1 };
static __thread struct task *self = &outside;

const bool tasks_know_the_end;		/* false */

struct task *task_self(void)
{
	return self;
}

uint32_t task_random(uint32_t below)
{
	return random_below(&self->random, below);
}

static void *start(void *arg)
{
	struct task *task = arg;

	self = task;
	task->form->body(task->id, task->form->arg);
	return NULL;
}

void tasks_run(unsigned long long seed, int n, void (*body)(int id, void *arg), void *arg)
{
	int i;

	for (i = 0; i < n; i++) {
		memset(&tasks[i], 0, sizeof(tasks[i]));
		tasks[i].id = i;
		tasks[i].random = random_start(seed, i);
		tasks[i].form = &forms[i];
		pthread_mutex_init(&forms[i].mutex, NULL);
		pthread_cond_init(&forms[i].wake, NULL);
		forms[i].sleep = TASK_RUNNING;
		forms[i].body = body;
		forms[i].arg = arg;
	}
	for (i = 0; i < n; i++) {
		if (pthread_create(&forms[i].thread, NULL, start, &tasks[i]))
			shim_bug("no thread", __FILE__, __LINE__);
	}
	for (i = 0; i < n; i++)
		pthread_join(forms[i].thread, NULL);
}

/* Mostly nothing, as it happens; else a short while, or the processor is let go. */
void task_point(void)
{
	uint32_t i, spin;

	if (self == &outside)
		return;
	i = task_random(64);
	if (i == 0)
		sched_yield();
	else if (i < 4)
		for (spin = task_random(200); spin; spin--)
			__asm__ volatile("" ::: "memory");
}

void task_section(void)
{
	task_point();
}

void task_lock_init(struct spinlock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
}

void task_lock(struct spinlock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

bool task_trylock(struct spinlock *lock)
{
	return !pthread_mutex_trylock(&lock->mutex);
}

void task_unlock(struct spinlock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

/*
 * As with the kernel's barriers: if this comes after a wake-up, then what was
 * written before that is seen; if not, the wake-up is what stays.
 */
void task_set_state(enum task_state state)
{
	__atomic_exchange_n(&self->form->sleep, state, __ATOMIC_ACQ_REL);
	task_point();
}

static bool asleep(const struct task_self *form)
{
	return __atomic_load_n(&form->sleep, __ATOMIC_SEQ_CST) != TASK_RUNNING;
}

bool task_sleep(long turns)
{
	struct task_self *form = self->form;
	bool in_time = true;

	if (!self->slept)
		self->slept = task_clock();
	if (turns == TASK_FOREVER) {
		pthread_mutex_lock(&form->mutex);
		while (asleep(form))
			pthread_cond_wait(&form->wake, &form->mutex);
		pthread_mutex_unlock(&form->mutex);
	} else {
		while (asleep(form) && (in_time = turns-- > 0))
			sched_yield();
	}
	__atomic_store_n(&form->sleep, TASK_RUNNING, __ATOMIC_SEQ_CST);
	self->awake = task_clock();
	return in_time;
}

void task_wake(struct task *task)
{
	struct task_self *form = task->form;

	pthread_mutex_lock(&form->mutex);
	__atomic_exchange_n(&form->sleep, TASK_RUNNING, __ATOMIC_ACQ_REL);
	pthread_cond_signal(&form->wake);
	pthread_mutex_unlock(&form->mutex);
}

/*
 * Orders the tasks that ask, so under ThreadSanitizer it would hide from it what
 * it looks for. Nobody asks for histories there.
 */
uint32_t task_clock(void)
{
#ifdef NATIVE_TSAN
	return 1;
#else
	static uint32_t clock;

	return __atomic_add_fetch(&clock, 1, __ATOMIC_SEQ_CST);
#endif
}
