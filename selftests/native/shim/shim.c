// SPDX-License-Identifier: GPL-2.0-only
/* What the shim's headers declare: locks' order, wait queues, memory. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hchan.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/* Nobody looks before it sleeps: no clock here. */
unsigned int hchan_spin_ns;

int hchan_spin_wait(struct hchan *ch, struct hchan_sleeper *sleeper,
		    const struct hchan_deadline *deadline)
{
	(void)ch;
	return hchan_sleeper_wait(sleeper, deadline, NULL);
}

static void (*last_words)(void);

void shim_dies(void (*say)(void))
{
	last_words = say;
}

void shim_bug(const char *what, const char *file, int line)
{
	fflush(stdout);
	fprintf(stderr, "BUG in task %d at %s:%d: %s\n", task_self()->id, file,
		line, what);
	if (last_words)
		last_words();
	abort();
}

void shim_unlocked(void)
{
	SHIM_CHECK(!task_self()->n_held);
}

bool shim_store_late(void *at, const void *value, uint32_t bytes)
{
	struct task *self = task_self();

	shim_store_now(NULL);
	if (!tasks_know_the_end || self->id < 0 || self->n_held ||
	    bytes > sizeof(self->late_value))
		return false;
	self->late = at;
	self->late_bytes = bytes;
	memcpy(self->late_value, value, bytes);
	return true;
}

void shim_store_now(const void *at)
{
	struct task *self = task_self();

	if (!self->late || (at && at != self->late))
		return;
	memcpy(self->late, self->late_value, self->late_bytes);
	self->late = NULL;
}

void shim_lock_init(struct spinlock *lock, const char *name)
{
	memset(lock, 0, sizeof(*lock));
	lock->rank = strstr(name, "op") ? 1 : 0;
	lock->audited = !!strstr(name, "ch->lock");
	task_lock_init(lock);
}

/* Whether @lock may be taken by who holds @held. */
static bool in_order(const struct spinlock *held, const struct spinlock *lock,
		     bool nested)
{
	if (held->rank != lock->rank)
		return held->rank < lock->rank;
	return lock->rank && nested && held < lock;
}

static void take(struct spinlock *lock)
{
	struct task *self = task_self();

	lock->holder = self;
	self->held[self->n_held++] = lock;
	if (lock->audited)
		shim_audit(lock, true);
}

void shim_lock(struct spinlock *lock, bool nested)
{
	struct task *self = task_self();

	SHIM_CHECK(!self->n_held ||
		   in_order(self->held[self->n_held - 1], lock, nested));
	shim_store_now(NULL);
	task_point();
	task_lock(lock);
	take(lock);
}

bool shim_trylock(struct spinlock *lock)
{
	shim_store_now(NULL);
	task_point();
	if (!task_trylock(lock))
		return false;
	take(lock);
	return true;
}

void shim_unlock(struct spinlock *lock)
{
	struct task *self = task_self();
	int i = self->n_held, rank = lock->rank;

	SHIM_CHECK(lock->holder == self);
	if (lock->audited)
		shim_audit(lock, false);
	while (self->held[--i] != lock)
		;
	for (self->n_held--; i < self->n_held; i++)
		self->held[i] = self->held[i + 1];
	lock->holder = NULL;
	task_unlock(lock);
	if (rank)
		task_point();
	else
		task_section();
}

void init_waitqueue_head(struct wait_queue_head *wq)
{
	spin_lock_init(&wq->lock);
	wq->entries = 0;
	INIT_LIST_HEAD(&wq->head);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	spin_lock(&wq->lock);
	list_add_tail(&entry->entry, &wq->head);
	WRITE_ONCE(wq->entries, wq->entries + 1);
	spin_unlock(&wq->lock);
}

void remove_wait_queue(struct wait_queue_head *wq,
		       struct wait_queue_entry *entry)
{
	spin_lock(&wq->lock);
	list_del(&entry->entry);
	WRITE_ONCE(wq->entries, wq->entries - 1);
	spin_unlock(&wq->lock);
}

/* Without the lock, as in the kernel. */
bool waitqueue_active(struct wait_queue_head *wq)
{
	return READ_ONCE(wq->entries);
}

/* Wakes all: who is exclusive and who not is not the engine's business. */
void __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	struct wait_queue_entry *entry, *next;

	shim_unlocked();
	SHIM_CHECK(nr > 0);
	spin_lock(&wq->lock);
	list_for_each_entry_safe(entry, next, &wq->head, entry)
		entry->func(entry, mode, 0, key);
	spin_unlock(&wq->lock);
}

bool shim_checks = true, shim_faults = true;

static long allocated;

/* What is not asked to be zero is something that nobody would take for zero. */
void *shim_alloc(size_t bytes, bool zero)
{
	void *memory;

	shim_unlocked();
	memory = malloc(bytes ? bytes : 1);
	if (!memory)
		shim_bug("out of memory", __FILE__, __LINE__);
	memset(memory, zero ? 0 : 0xa5, bytes);
	__atomic_add_fetch(&allocated, 1, __ATOMIC_RELAXED);
	return memory;
}

void shim_free(const void *memory)
{
	shim_unlocked();
	shim_store_now(NULL);
	if (!memory)
		return;
	__atomic_sub_fetch(&allocated, 1, __ATOMIC_RELAXED);
	free((void *)memory);
}

long shim_allocated(void)
{
	return __atomic_load_n(&allocated, __ATOMIC_RELAXED);
}
