/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks are never freed. */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#define rcu_read_lock_sched() ((void)0)
#define rcu_read_unlock_sched() ((void)0)

#endif /* SHIM_LINUX_RCUPDATE_H */
