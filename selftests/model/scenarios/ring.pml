/* SPDX-License-Identifier: GPL-2.0-only */
/* Three selects in a ring of three channels: each has a channel with each other. */
#define OPS 3
#define CHANNELS 3
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"

init {
	atomic {
		run selecter(0, A, TX, C, RX, WAITS);
		run selecter(1, A, RX, B, TX, WAITS);
		run selecter(2, B, RX, C, TX, WAITS)
	};
	at_the_end()
}
