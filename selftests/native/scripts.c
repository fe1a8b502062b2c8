// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scripts that random ones rarely come to. Task 0 is over before the others begin.
 * What "queues" does so at once, case by case as they are listed.
 */

#include <stddef.h>

#include "windows.h"

const char *const scripts[] = {
	/* An end comes, and only then the element goes. */
	"chan a 0\nchan b 1\n0 send b 1\n"
	"1 queues try select recv a, recv b\n"
	"2 close a\n"
	"3 stat a\n3 recv b\n",
	"chan a 0\nchan b 1\n"
	"1 queues try select send a 1, send b 2\n"
	"2 close a\n"
	"3 stat a\n3 send b 3\n",
	"chan a 1\n"
	"1 queues try select recv a\n1 queues try select recv a\n"
	"2 send a 1\n2 close a\n",
	"chan a 1\n0 send a 1\n"
	"1 try select recv a\n1 try select recv a\n"
	"2 close a\n2 recv a\n",
	"chan a 0\n"
	"1 stat a\n1 try select send a 1\n1 try select send a 2\n"
	"2 recv a\n"
	"3 close a\n",
	/* An element goes round. */
	"chan a 1\nchan b 1\nchan c 1\n0 send a 1\n"
	"1 try select recv a, recv b, recv c\n"
	"2 send b 2\n2 recv a\n2 send c 3\n2 recv b\n2 send a 4\n2 recv c\n",
	"chan a 1\nchan b 1\n0 send a 1\n"
	"1 try select recv b, recv a\n"
	"2 send b 2\n2 recv a\n2 send a 3\n2 recv b\n2 send b 4\n2 recv a\n"
	"2 send a 5\n2 recv b\n"
	"3 try select recv a, recv b\n",
	"chan a 1\nchan b 1\n0 send b 1\n"
	"1 try select send b 2, send a 3\n"
	"2 recv b\n2 send a 4\n2 recv a\n2 send b 5\n2 recv b\n2 send a 6\n"
	"2 recv a\n2 send b 7\n"
	"3 try select send a 8, send b 9\n",
	/* A parked peer goes round. */
	"chan a 0\nchan b 0\n"
	"1 recv a\n"
	"2 recv b\n"
	"3 try select send a 1, send b 2\n"
	"4 try select send b 3, send a 4\n",
	/* Selects that face each other. */
	"chan a 0\nchan b 0\n"
	"1 select send a 1, recv b\n"
	"2 select send b 2, recv a\n",
	"chan a 0\nchan b 0\n"
	"1 select send a 1, recv b\n"
	"2 select send b 2, recv a\n"
	"3 select send a 3, send b 4\n"
	"4 select recv a, recv b\n",
	"chan a 0\nchan b 0\nchan c 0\n"
	"1 select send a 1, recv b\n"
	"2 select send b 2, recv c\n"
	"3 select send c 3, recv a\n",
	"chan a 0\nchan b 0\nchan c 0\n"
	"1 select recv a, recv b, recv c\n"
	"2 select send a 1, send b 2, send c 3\n"
	"3 select send c 4, recv b, send a 5\n",
	/* Both directions of one channel. */
	"chan a 0\n"
	"1 select send a 1, recv a\n"
	"2 select send a 2, recv a\n"
	"3 select send a 3, recv a\n"
	"4 recv a\n",
	"chan a 1\n"
	"1 select send a 1, recv a\n"
	"2 select send a 2, recv a\n"
	"3 try select recv a, send a 3\n"
	"4 send a 4\n",
	/* The order of the queue, with selects in it that go elsewhere. */
	"chan a 0\nchan b 0\n"
	"1 send a 1\n"
	"2 select send a 2, send b 3\n"
	"3 send a 4\n"
	"4 recv b\n"
	"5 recv a\n5 recv a\n",
	"chan a 1\nchan b 0\n0 send a 1\n"
	"1 send a 2\n"
	"2 select send a 3, recv b\n"
	"3 send a 4\n"
	"4 try send b 5\n"
	"5 recv a\n5 recv a\n5 try recv a\n",
	"chan a 2\nchan b 0\n"
	"1 recv a\n"
	"2 select recv a, recv b\n"
	"3 recv a\n"
	"4 send b 1\n"
	"5 send a 2\n5 send a 3\n",
	/* Ends. */
	"chan a 0\nchan b 0\n"
	"1 select recv a, recv b\n"
	"2 select send a 1, send b 2\n"
	"3 close a\n"
	"4 send b 3\n"
	"5 try recv a\n5 try recv b\n",
	"chan a 1\n"
	"1 send a 1\n1 send a 2\n"
	"2 send a 3\n"
	"3 close a\n"
	"4 recv a\n4 recv a\n4 try send a 4\n"
	"5 stat a\n",
	"chan a 0\nchan b 0\n"
	"1 select recv a, recv b\n"
	"2 close a\n"
	"3 close b\n3 stat a\n"
	"4 try send a 1\n4 try send b 2\n",
	/* Counts, and who waits for them. */
	"chan a 0\nchan b 1\n0 send b 9\n"
	"1 watch senders a 1\n"
	"2 select send a 1, send b 2\n"
	"3 recv b\n"
	"4 stat a\n4 stat a\n",
	"chan a 1\n"
	"1 poll recv a\n"
	"2 send a 1\n",
	"chan a 1\n0 send a 1\n"
	"1 poll send a\n"
	"2 recv a\n"
	"3 watch receivers a 1\n",
	"chan a 0\nchan b 0\n"
	"1 poll send a\n"
	"2 select recv a, recv b\n"
	"3 poll send b\n"
	"4 try send a 1\n",
	"chan a 0\n"
	"1 watch receivers a 2\n"
	"2 recv a\n"
	"3 select recv a, send a 1\n"
	"4 watch senders a 1\n",
	/* Many who do not wait, and one who does. */
	"chan a 0\nchan b 0\n"
	"1 try select send a 1, recv b\n"
	"2 try select send b 2, recv a\n"
	"3 select recv a, recv b\n"
	"4 try select send a 3, send b 4\n",
	NULL,
};
