/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A holds an element, and B is closed before somebody, who has seen that, takes
 * the element. So a default over both is never taken (C19).
 */
#define OPS 3
#define CHANNELS 2
#define CAP_A 1
#define JUDGED 0
#ifndef ALWAYS_READY
#define ALWAYS_READY true
#endif
#define START(me) ((me) != 1 && (me) != 2 || \
		   (me) == 1 && ch[B].closed || (me) == 2 && is_over(1))
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"
#include "../close.pml"

init {
	atomic {
		ch[A].count = 1;
		ch[A].ring = OPS;
		taken[OPS] = 1;
		run selecter(0, A, RX, B, RX, PASSES);
		run caller(1, B, RX, PASSES, 1, 1);
		run caller(2, A, RX, PASSES, 1, 1);
		run closer(OPS, B)
	};
	at_the_end()
}
