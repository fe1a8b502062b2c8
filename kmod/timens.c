// SPDX-License-Identifier: GPL-2.0-only
/* Time namespaces: whose CLOCK_MONOTONIC says something else than the machine's. */

#include <linux/ktime.h>
#include <linux/nsproxy.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/time_namespace.h>

#include "hchan.h"

/*
 * What the caller's CLOCK_MONOTONIC has more than the machine's: see
 * time_namespaces(7). All times are kept as the machine's.
 */
s64 hchan_time_ahead(void)
{
#ifdef CONFIG_TIME_NS
	const struct nsproxy *nsproxy = current->nsproxy;

	if (nsproxy)
		return timespec64_to_ktime(nsproxy->time_ns->offsets.monotonic);
#endif
	return 0;
}

/* @at moved by @ns. What is too far off stays there, and never (S64_MAX) stays never. */
s64 hchan_time_add(s64 at, s64 ns)
{
	s64 sum;

	if (at == S64_MAX)
		return at;
	if (check_add_overflow(at, ns, &sum))
		return ns < 0 ? S64_MIN : S64_MAX;
	return sum;
}
