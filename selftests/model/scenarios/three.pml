/* SPDX-License-Identifier: GPL-2.0-only */
/* Three selects over two channels: two that face each other, and one for both. */
#define OPS 3
#define CHANNELS 2
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"

init {
	atomic {
		run selecter(0, A, TX, B, RX, WAITS);
		run selecter(1, A, RX, B, TX, WAITS);
		run selecter(2, A, RX, B, RX, WAITS)
	};
	at_the_end()
}
