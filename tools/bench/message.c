// SPDX-License-Identifier: GPL-2.0-only
/* Messages that can be told from each other, and whether all have come. */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct msg *msg_new(size_t size)
{
	struct msg *msg = calloc(1, sizeof(*msg) + size);

	if (!msg)
		die("no memory");
	msg->type = 1;
	memset(msg->data, 0x5a, size);
	return msg;
}

void mutilated(uint64_t seq)
{
	die("message %llu is not as it was sent", (unsigned long long)seq);
}

void tally_merge(struct tally *to, const struct tally *from)
{
	__atomic_fetch_add(&to->count, from->count, __ATOMIC_RELAXED);
	__atomic_fetch_add(&to->sum, from->sum, __ATOMIC_RELAXED);
}

void compare(const struct tally *sent, const struct tally *received,
	     const char *what)
{
	if (sent->count == received->count && sent->sum == received->sum &&
	    sent->count)
		return;
	die("%s: sent %llu messages (sum %llu), received %llu (sum %llu)", what,
	    (unsigned long long)sent->count, (unsigned long long)sent->sum,
	    (unsigned long long)received->count,
	    (unsigned long long)received->sum);
}
