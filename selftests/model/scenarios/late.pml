/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An element comes to B and then the end, while a default that was linked there
 * takes itself back: the end is not to be had before the element (C12).
 */
#define OPS 2
#define CHANNELS 2
#define CAP_B 1
#define JUDGED 0
#define START(me) ((me) < 2 || is_over(1))
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"
#include "../close.pml"

init {
	atomic {
		run selecter(0, A, RX, B, RX, PASSES);
		run caller(1, B, TX, PASSES, 1, 1);
		run closer(OPS, B)
	};
	at_the_end()
}
