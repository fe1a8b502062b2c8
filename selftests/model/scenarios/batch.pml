/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A receive of two elements, which the deadline may end after none or one, with two
 * selects that send to it. One of them may receive from the other, too.
 */
#define OPS 3
#define CHANNELS 2
#define MAY_END(me) ((me) == 2)
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
		run selecter(0, A, TX, B, TX, WAITS);
		run selecter(1, A, TX, B, RX, WAITS);
		run caller(2, A, RX, WAITS, 2, 1)
	};
	at_the_end()
}
