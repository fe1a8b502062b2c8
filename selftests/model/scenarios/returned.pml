/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A holds an element, and B, which is unbuffered, has one returned before the
 * other is taken. So a default over both is never taken (C19).
 */
#define OPS 2
#define CHANNELS 2
#define CAP_A 1
#define JUDGED 0
#ifndef ALWAYS_READY
#define ALWAYS_READY true
#endif
#define START(me) ((me) != 1 || ch[B].n_returned || delivered[OPS + 1])
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"
#include "../return.pml"

init {
	atomic {
		ch[A].count = 1;
		ch[A].ring = OPS;
		taken[OPS] = 1;
		taken[OPS + 1] = 1;
		run selecter(0, A, RX, B, RX, PASSES);
		run caller(1, A, RX, PASSES, 1, 1);
		run returner(OPS, B, OPS + 1)
	};
	at_the_end()
}
