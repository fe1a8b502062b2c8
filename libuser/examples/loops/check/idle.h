/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
#ifndef IDLE_H
#define IDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Waits until a process waits in an event loop: one thread sleeps in a call that
 * waits for descriptors, without a timeout, and there is no other thread; with
 * @runtime there may be such as sleep on a futex. Returns false after half a
 * minute, and in @seen what was seen instead.
 */
bool idle_wait(pid_t pid, bool runtime, char *seen, size_t size);

#endif /* IDLE_H */
