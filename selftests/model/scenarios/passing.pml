/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two defaults that face each other, and a try. None of them parks, so on
 * unbuffered channels nobody ever meets. With ONE_PARKS a send that parks in place
 * of the try.
 */
#define OPS 3
#define CHANNELS 2
#define JUDGED 0
#define MAY_END(me) true
#ifndef ONE_PARKS
#define NOT_MET (CAP_A || op[0].result == NOT_READY && \
		 op[1].result == NOT_READY && op[2].result == NOT_READY)
#endif
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
		run selecter(0, A, TX, B, RX, PASSES);
		run selecter(1, A, RX, B, TX, PASSES);
#ifdef ONE_PARKS
		run caller(2, B, TX, WAITS, 1, 1)
#else
		run caller(2, A, RX, PASSES, 1, 1)
#endif
	};
	at_the_end()
}
