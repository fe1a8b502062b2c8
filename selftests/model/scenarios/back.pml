/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A returned element, a close, a receiver that is parked and a select that comes.
 */
#define OPS 2
#define CHANNELS 2
#define MAY_END(me) ((me) == 0)
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"
#include "../close.pml"
#include "../return.pml"

init {
	atomic {
		taken[OPS] = 1;
		run selecter(0, A, RX, B, RX, WAITS);
		run caller(1, A, RX, WAITS, 1, 1);
		run returner(OPS, A, OPS);
		run closer(OPS, A)
	};
	at_the_end()
}
