/* SPDX-License-Identifier: GPL-2.0-only */
/* A default against a select that waits, both may meet a plain operation. */
#define OPS 3
#define CHANNELS 2
#define JUDGED 0
#define MAY_END(me) true
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
		run selecter(0, A, TX, B, RX, PASSES);
		run selecter(1, A, RX, B, TX, WAITS);
		run caller(2, A, RX, WAITS, 1, 1)
	};
	at_the_end()
}
