// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Moments on a clock. */
#include "internal.h"

struct hchan_when hchan_after(int64_t ns)
{
	struct hchan_when when;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	when = hchan_at(now);
	if (ns <= 0)
		return when;
	when.ns = ns < INT64_MAX - when.ns ? when.ns + ns : INT64_MAX;
	return when;
}
