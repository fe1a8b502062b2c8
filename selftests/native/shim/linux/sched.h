/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks and how they sleep: tasks.h. A deadline is a number of turns. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/types.h>

#define task_struct task
#define current task_self()
#define TASK_FREEZABLE 0

#define set_current_state(state) (shim_store_now(NULL), task_set_state(state))
#define __set_current_state(state) set_current_state(state)
#define schedule() ((void)task_sleep(TASK_FOREVER))
#define wake_up_process(task) task_wake(task)
#define get_task_struct(task) ((void)(task))
/* Which processor a task has run on last: any. */
#define task_cpu(task) ((void)(task), task_random(2))
#define smp_processor_id() 0u
#define put_task_struct(task) ((void)(task))
#define signal_pending(task) ((task)->signalled)
/* Nobody is killed. */
#define fatal_signal_pending(task) ((void)(task), false)
#define rt_task(task) ((void)(task), 0)

#define cond_resched() (shim_unlocked(), task_point())

#endif /* SHIM_LINUX_SCHED_H */
