/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two selects that face each other over two channels, in any order: what one
 * sends the other receives. They pair exactly once (C21). With ENDS a deadline,
 * a signal or a kill may come to both.
 */
#define OPS 2
#define CHANNELS 2
#ifdef ENDS
#define MAY_END(me) true
#else
#define PAIRED (op[0].result == MOVED && op[1].result == MOVED)
#endif
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"

init {
	atomic {
		run selecter(0, A, TX, B, RX, WAITS);
		run selecter(1, A, RX, B, TX, WAITS)
	};
	at_the_end()
}
