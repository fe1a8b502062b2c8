/* SPDX-License-Identifier: GPL-2.0-only */
/* Wait queues: entries with a function each, called under the queue's lock. */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

#include <linux/list.h>
#include <linux/spinlock.h>

#define TASK_NORMAL 3

struct wait_queue_head {
	spinlock_t lock;	/* guards the list */
	u32 entries;		/* read without the lock */
	struct list_head head;
};

#define wait_queue_head_t struct wait_queue_head

struct wait_queue_entry {
	struct list_head entry;
	struct task *task;
	int (*func)(struct wait_queue_entry *entry, unsigned int mode,
		    int flags, void *key);
};

void init_waitqueue_head(struct wait_queue_head *wq);
void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *wq,
		       struct wait_queue_entry *entry);
/* Read without the queue's lock. */
bool waitqueue_active(struct wait_queue_head *wq);
void __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key);

/* A queue of one's own, for one task that is woken: its entry is all there is to it. */
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(head) struct wait_queue_entry *(head)

static inline void init_waitqueue_entry(struct wait_queue_entry *e, struct task *task)
{
	e->task = task;
}

static inline void __add_wait_queue(struct wait_queue_entry **wq,
				    struct wait_queue_entry *e)
{
	*wq = e;
}

static inline void __wake_up_sync_key(struct wait_queue_entry **wq,
				      unsigned int mode, void *key)
{
	(void)mode;
	(void)key;
	task_wake((*wq)->task);
}

#define poll_to_key(events) ((void *)(uintptr_t)(events))
#define key_to_poll(key) ((__poll_t)(uintptr_t)(key))

#endif /* SHIM_LINUX_WAIT_H */
