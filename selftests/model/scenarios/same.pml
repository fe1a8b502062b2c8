/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Selects that send to and receive from the same channel (C22): one alone meets
 * nobody, with two both go, and of three one is left (C21).
 */
#define OPS 3
#define CHANNELS 1
#define went(x) (op[x].result == MOVED)
#define PAIRED (went(0) + went(1) + went(2) == (CAP_A -> SELECTS : SELECTS / 2 * 2))
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"

init {
	atomic {
		run selecter(0, A, TX, A, RX, WAITS);
#if SELECTS > 1
		run selecter(1, A, TX, A, RX, WAITS);
#endif
#if SELECTS > 2
		run selecter(2, A, TX, A, RX, WAITS);
#endif
	};
	at_the_end()
}
