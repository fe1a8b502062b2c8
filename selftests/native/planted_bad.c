// SPDX-License-Identifier: GPL-2.0-only
/* Histories that no order explains. */

#include <stddef.h>

#include "planted.h"

const struct planted planted_bad[] = {
	{ "an element is lost in the buffer",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 try recv a : none\n" },
	{ "an element is lost between two",
	  "chan a 0\n"
	  "1-8 p2 send a 1 : ok\n"
	  "3-7 recv a : 2\n"
	  "4-6 p5 send a 2 : ok\n" },
	{ "an element comes twice",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 recv a : 1\n"
	  "5-6 recv a : 1\n" },
	{ "an element reaches two parked receivers",
	  "chan a 0\n"
	  "1-10 p2 recv a : 1\n"
	  "3-11 p4 recv a : 1\n"
	  "5-6 send a 1 : ok\n" },
	{ "a value from nowhere",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 recv a : 2\n" },
	{ "the buffer is not first in, first out",
	  "chan a 2\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 send a 2 : ok\n"
	  "5-6 recv a : 2\n"
	  "7-8 recv a : 1\n" },
	{ "more than the capacity is buffered",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 send a 2 : ok\n"
	  "5-6 recv a : 1\n"
	  "7-8 recv a : 2\n" },
	{ "a rendezvous without a receiver",
	  "chan a 0\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 recv a : 1\n" },
	{ "a rendezvous with one who took nothing",
	  "chan a 0\n"
	  "1-5 p2 recv a : none 4\n"
	  "3-6 send a 1 : ok\n" },
	{ "two cases of one select",
	  "chan a 1\n"
	  "chan b 1\n"
	  "1-2 select send a 1, send b 2 : 0 ok\n"
	  "3-4 recv a : 1\n"
	  "5-6 recv b : 2\n" },
	{ "two cases of one parked select",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-9 p2 select send a 1, send b 2 : 0 ok\n"
	  "3-5 recv a : 1\n"
	  "4-6 recv b : 2\n" },
	{ "a select receives from itself",
	  "chan a 0\n"
	  "1-2 select send a 1, recv a : 1 1\n" },
	{ "a select sends to itself",
	  "chan a 0\n"
	  "1-2 select send a 1, recv a : 0 ok\n" },
	{ "two selects that face each other go by different cases",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-5 select send a 1, recv b : 0 ok\n"
	  "2-6 select recv a, send b 2 : 1 ok\n" },
	{ "default, though a case was ready throughout",
	  "chan a 1\n"
	  "chan b 0\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 try select recv a, recv b : none\n"
	  "5-6 recv a : 1\n" },
	{ "default, though an element only moved from case to case",
	  "chan a 1\n"
	  "chan b 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-8 try select recv a, recv b : none\n"
	  "4-5 send b 2 : ok\n"
	  "6-7 recv a : 1\n" },
	{ "default, though a close came before the element went",
	  "chan a 1\n"
	  "chan b 0\n"
	  "1-2 send a 1 : ok\n"
	  "3-8 try select recv a, recv b : none\n"
	  "4-5 close b : ok\n"
	  "6-7 recv a : 1\n" },
	{ "default, though a receiver was parked throughout",
	  "chan a 0\n"
	  "1-8 p2 recv a : 1\n"
	  "3-4 try send a 2 : none\n"
	  "5-6 send a 1 : ok\n" },
	{ "default, though a select was parked throughout",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-8 p2 select recv b, send a 1 : 0 2\n"
	  "3-4 try recv a : none\n"
	  "5-6 send b 2 : ok\n" },
	{ "two that do not wait meet",
	  "chan a 0\n"
	  "1-4 try send a 1 : ok\n"
	  "2-3 try recv a : 1\n" },
	{ "a parked sender is overtaken",
	  "chan a 0\n"
	  "1-10 p2 send a 1 : ok\n"
	  "3-6 send a 2 : ok\n"
	  "4-5 recv a : 2\n"
	  "7-8 recv a : 1\n" },
	{ "a parked receiver is overtaken",
	  "chan a 0\n"
	  "1-10 p2 recv a : 2\n"
	  "3-11 p4 recv a : 1\n"
	  "5-6 send a 1 : ok\n"
	  "7-8 send a 2 : ok\n" },
	{ "a parked select is overtaken",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-10 p2 select send b 9, send a 1 : 1 ok\n"
	  "3-6 send a 2 : ok\n"
	  "4-5 recv a : 2\n"
	  "7-8 recv a : 1\n" },
	{ "who parks behind a full buffer is overtaken",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-12 p4 send a 2 : ok\n"
	  "5-6 recv a : 1\n"
	  "7-8 try send a 3 : ok\n"
	  "9-10 recv a : 3\n"
	  "11-13 recv a : 2\n" },
	{ "one who is known to be parked only by a count is overtaken",
	  "chan a 0\n"
	  "1-12 send a 1 : ok\n"
	  "2-3 stat a : 0 1 0 open\n"
	  "4-7 send a 2 : ok\n"
	  "5-6 recv a : 2\n"
	  "8-9 recv a : 1\n" },
	{ "a send succeeds on a closed channel",
	  "chan a 1\n"
	  "1-2 close a : ok\n"
	  "3-4 send a 1 : ok\n" },
	{ "the element of a send that the close ended is delivered",
	  "chan a 0\n"
	  "1-10 p2 send a 1 : closed\n"
	  "3-6 close a : ok\n"
	  "4-5 recv a : 1\n" },
	{ "a parked sender succeeds after others have seen the end",
	  "chan a 0\n"
	  "1-10 p2 send a 1 : ok\n"
	  "3-11 close a : ok\n"
	  "4-5 try send a 2 : closed\n"
	  "6-7 recv a : 1\n" },
	{ "a receive finds an open channel closed",
	  "chan a 0\n"
	  "1-2 recv a : closed\n"
	  "3-4 close a : ok\n" },
	{ "a receive finds the end before the last element",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 close a : ok\n"
	  "5-6 recv a : closed\n"
	  "7-8 recv a : 1\n" },
	{ "a channel is closed twice",
	  "chan a 0\n"
	  "1-4 close a : ok\n"
	  "2-3 close a : ok\n" },
	{ "a first close finds the channel closed",
	  "chan a 0\n"
	  "1-2 close a : again\n"
	  "3-4 close a : ok\n" },
	{ "a close does not wake who is parked",
	  "chan a 0\n"
	  "1-8 p2 recv a : none 7\n"
	  "3-4 close a : ok\n" },
	{ "a parked select goes by another case after the close is over",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-8 p2 select recv a, recv b : 1 1\n"
	  "3-4 close a : ok\n"
	  "5-6 send b 1 : ok\n" },
	{ "two partners sleep until both are interrupted",
	  "chan a 0\n"
	  "1-7 p2 send a 1 : none 5\n"
	  "3-8 p4 recv a : none 6\n" },
	{ "two selects that face each other sleep until both are interrupted",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-7 p2 select send a 1, recv b : none 5\n"
	  "3-8 p4 select send b 2, recv a : none 6\n" },
	{ "an element is there, and a receiver sleeps until it is interrupted",
	  "chan a 1\n"
	  "1-8 p2 recv a : none 5\n"
	  "3-4 send a 1 : ok\n"
	  "9-10 recv a : 1\n" },
	{ "there is room, and a sender sleeps until it is interrupted",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-10 p4 send a 2 : none 8\n"
	  "5-6 recv a : 1\n" },
	{ "the length counts who is parked",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-10 p4 send a 2 : none 9\n"
	  "5-6 stat a : 2 1 0 open\n" },
	{ "who is parked is not counted",
	  "chan a 0\n"
	  "1-10 p2 recv a : none 9\n"
	  "3-4 stat a : 0 0 0 open\n" },
	{ "one who is not there is counted",
	  "chan a 0\n"
	  "1-2 try recv a : none\n"
	  "3-4 stat a : 0 0 1 open\n" },
	{ "a select is counted that still has a case that is ready",
	  "chan a 0\n"
	  "chan b 1\n"
	  "1-2 send b 1 : ok\n"
	  "3-8 select recv a, recv b : 1 1\n"
	  "4-5 stat a : 0 0 1 open\n" },
	{ "a poller is not told",
	  "chan a 1\n"
	  "1-8 poll recv a : none 5\n"
	  "2-3 send a 1 : ok\n" },
	{ "a watcher is not told",
	  "chan a 0\n"
	  "1-8 watch senders a 1 : none 5\n"
	  "2-10 p3 send a 1 : none 9\n" },
	{ "a watcher is told of one who is not there",
	  "chan a 0\n"
	  "1-3 watch receivers a 1 : ok\n"
	  "2-4 send a 1 : none\n" },
	{ NULL, NULL },
};
