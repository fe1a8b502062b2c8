// SPDX-License-Identifier: GPL-2.0-only
/* Futexes, and the gates that keep processes in step. */

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

void gate_wait(uint32_t *gate, uint32_t level)
{
	uint32_t at;

	while ((at = __atomic_load_n(gate, __ATOMIC_ACQUIRE)) < level) {
		if (futex(gate, FUTEX_WAIT, at) && errno != EAGAIN &&
		    errno != EINTR)
			die("futex: %s", strerror(errno));
	}
}

void gate_raise(uint32_t *gate, uint32_t level)
{
	__atomic_store_n(gate, level, __ATOMIC_RELEASE);
	futex(gate, FUTEX_WAKE, INT32_MAX);
}
