/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A select with a plain send and a plain receive, all of which may be ended by a
 * deadline, a signal or a kill. With FULL the buffer of A is, from the start.
 */
#define OPS 3
#define CHANNELS 2
#define MAY_END(me) true
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
#ifdef FULL
		ch[A].count = 1;
		ch[A].ring = OPS;
		taken[OPS] = 1;
#endif
		run selecter(0, A, TX, B, RX, WAITS);
		run caller(1, A, RX, WAITS, 1, 1);
		run caller(2, B, TX, WAITS, 1, 1)
	};
	at_the_end()
}
