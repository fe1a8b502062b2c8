/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A close, of a channel that a select sends to and, with AGAINST, another one
 * receives from, else a plain operation; the deadline may come, too. With FULL the
 * buffer of A is, from the start.
 */
#define OPS 3
#define CHANNELS 2
#define MAY_END(me) ((me) == 0)
#include "../state.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../task.pml"
#include "../select.pml"
#include "../call.pml"
#include "../close.pml"

init {
	atomic {
#ifdef FULL
		ch[A].count = 1;
		ch[A].ring = OPS;
		taken[OPS] = 1;
#endif
		run selecter(0, A, TX, B, RX, WAITS);
#ifdef AGAINST
		run selecter(1, A, RX, B, TX, WAITS);
#else
		run caller(1, A, RX, WAITS, 1, 1);
		run caller(2, A, TX, WAITS, 1, 1);
#endif
		run closer(OPS, A)
	};
	at_the_end()
}
