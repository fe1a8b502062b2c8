/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An element moves from A to B and back, the other place being filled before the
 * first is emptied. So a default over both is never taken (C19).
 */
#define OPS 5
#define CHANNELS 2
#define CAP_A 1
#define CAP_B 1
#define JUDGED 0
#ifndef ALWAYS_READY
#define ALWAYS_READY true
#endif
#define START(me) (me < 2 || is_over(me - 1))
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
		ch[A].count = 1;
		ch[A].ring = OPS;
		taken[OPS] = 1;
		run selecter(0, A, RX, B, RX, PASSES);
		run caller(1, B, TX, PASSES, 1, 1);
		run caller(2, A, RX, PASSES, 1, 1);
		run caller(3, A, TX, PASSES, 1, 1);
		run caller(4, B, RX, PASSES, 1, 1)
	};
	at_the_end()
}
