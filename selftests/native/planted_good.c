// SPDX-License-Identifier: GPL-2.0-only
/* Histories that some order explains; most are near to one of the bad ones. */

#include <stddef.h>

#include "planted.h"

const struct planted planted_good[] = {
	{ "nothing at all",
	  "chan a 0\n" },
	{ "the buffer, in order",
	  "chan a 2\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 send a 2 : ok\n"
	  "5-6 stat a : 2 0 0 open\n"
	  "7-8 recv a : 1\n"
	  "9-10 recv a : 2\n"
	  "11-12 try recv a : none\n" },
	{ "two sends at a time, in either order",
	  "chan a 2\n"
	  "1-4 send a 1 : ok\n"
	  "2-3 send a 2 : ok\n"
	  "5-6 recv a : 2\n"
	  "7-8 recv a : 1\n" },
	{ "a rendezvous",
	  "chan a 0\n"
	  "1-4 p2 send a 1 : ok\n"
	  "3-5 recv a : 1\n" },
	{ "a rendezvous of one who waits and one who does not",
	  "chan a 0\n"
	  "1-4 recv a : 1\n"
	  "2-3 try send a 1 : ok\n" },
	{ "the same elements in the order of those who were parked",
	  "chan a 0\n"
	  "1-10 p2 send a 1 : ok\n"
	  "3-11 p4 send a 2 : ok\n"
	  "5-6 recv a : 1\n"
	  "7-8 recv a : 2\n" },
	{ "who is not parked yet may be overtaken",
	  "chan a 0\n"
	  "1-10 send a 1 : ok\n"
	  "2-5 send a 2 : ok\n"
	  "3-4 recv a : 2\n"
	  "6-7 recv a : 1\n" },
	{ "a parked sender's element goes to the buffer's tail",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-12 p4 send a 2 : ok\n"
	  "5-6 recv a : 1\n"
	  "7-8 try send a 3 : none\n"
	  "9-10 recv a : 2\n" },
	{ "one case of a select",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-9 p2 select send a 1, send b 2 : 0 ok\n"
	  "3-4 recv a : 1\n"
	  "5-6 try recv b : none\n" },
	{ "two selects that face each other",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-5 select send a 1, recv b : 0 ok\n"
	  "2-6 select recv a, send b 2 : 0 1\n" },
	{ "three selects in a ring, of which two meet",
	  "chan a 0\n"
	  "chan b 0\n"
	  "chan c 0\n"
	  "1-9 p4 select send a 1, recv b : 1 2\n"
	  "2-8 p5 select send b 2, recv c : 0 ok\n"
	  "3-12 p6 select send c 3, recv a : none 10\n" },
	{ "a select with both directions of one channel meets another",
	  "chan a 0\n"
	  "1-7 p2 select send a 1, recv a : 1 2\n"
	  "3-6 select recv a, send a 2 : 1 ok\n" },
	{ "default, as the element went before the next one came",
	  "chan a 1\n"
	  "chan b 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-8 try select recv a, recv b : none\n"
	  "4-5 recv a : 1\n"
	  "6-7 send b 2 : ok\n" },
	{ "default, before the other is parked",
	  "chan a 0\n"
	  "1-8 p5 recv a : 1\n"
	  "2-3 try send a 2 : none\n"
	  "6-7 send a 1 : ok\n" },
	{ "two that do not wait miss each other",
	  "chan a 0\n"
	  "1-4 try send a 1 : none\n"
	  "2-3 try recv a : none\n" },
	{ "a select is met before it has looked at its other case",
	  "chan a 0\n"
	  "chan b 1\n"
	  "1-8 select recv a, recv b : 0 1\n"
	  "2-3 send b 2 : ok\n"
	  "4-5 try send a 1 : ok\n"
	  "6-7 recv b : 2\n" },
	{ "places taken in different orders",
	  "chan a 0\n"
	  "chan b 1\n"
	  "1-2 send b 9 : ok\n"
	  "3-14 p10 select send a 1, send b 8 : 0 ok\n"
	  "4-15 p5 send a 2 : ok\n"
	  "11-12 recv a : 1\n"
	  "13-16 recv a : 2\n" },
	{ "a close, and what is left in order",
	  "chan a 1\n"
	  "1-2 send a 1 : ok\n"
	  "3-4 close a : ok\n"
	  "5-6 close a : again\n"
	  "7-8 send a 2 : closed\n"
	  "9-10 recv a : 1\n"
	  "11-12 recv a : closed\n"
	  "13-14 stat a : 0 0 0 closed\n" },
	{ "a close wakes who is parked",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-8 p2 recv a : closed\n"
	  "3-9 p4 recv a : closed\n"
	  "5-6 close a : ok\n"
	  "10-20 p11 select send b 2, send b 3 : 1 closed\n"
	  "12-13 close b : ok\n" },
	{ "a parked select goes by another case while the close is under way",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-8 p2 select recv a, recv b : 1 1\n"
	  "3-9 close a : ok\n"
	  "4-5 stat a : 0 0 1 closed\n"
	  "6-7 send b 1 : ok\n" },
	{ "a deadline just before the close wakes",
	  "chan a 0\n"
	  "1-8 p2 recv a : none 6\n"
	  "3-9 close a : ok\n"
	  "4-5 try send a 1 : closed\n" },
	{ "a deadline, and then the element",
	  "chan a 1\n"
	  "1-8 p2 recv a : none 5\n"
	  "3-6 send a 1 : ok\n"
	  "9-10 recv a : 1\n" },
	{ "counts of who is parked",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-20 p2 recv a : none 19\n"
	  "3-21 p4 select recv a, send b 1 : none 18\n"
	  "5-6 stat a : 0 0 2 open\n"
	  "7-8 stat b : 0 1 0 open\n" },
	{ "a select that has been met elsewhere may still be counted",
	  "chan a 0\n"
	  "chan b 0\n"
	  "1-20 p2 select recv a, recv b : 0 1\n"
	  "3-4 send a 1 : ok\n"
	  "5-6 stat b : 0 0 1 open\n" },
	{ "a watcher is told, or the channel ends",
	  "chan a 1\n"
	  "1-8 watch length a 1 : ok\n"
	  "2-3 send a 1 : ok\n"
	  "9-14 watch length a 2 : closed\n"
	  "10-11 close a : ok\n" },
	{ "a poller is told for nothing",
	  "chan a 0\n"
	  "1-2 poll recv a : ok\n"
	  "3-6 poll send a : none 5\n" },
	{ NULL, NULL },
};
