/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A parked sender moves between A and B, the other place being taken before the
 * first is left. So a default over both is never taken (C19). It moves often
 * enough to mislead two passes. With SELECT the second of those who take turns is
 * a select that is parked in both.
 */
#define OPS 3
#define CHANNELS 2
#define JUDGED 0
#ifndef ALWAYS_READY
#define ALWAYS_READY true
#endif
#define is_in(me, c) (is_linked(me, c, TX) || is_over(me))
#define START(me) ((me) == 1 || is_in(1, A))
#define MAY_END(me) \
	((me) == 1 && is_linked(2, B, TX) && op[2].whole && given_up[1] == given_up[2] || \
	 (me) == 2 && is_linked(1, A, TX) && given_up[1] == given_up[2] + 1)
#include "../state.pml"
#include "../task.pml"
#include "../breaks.pml"
#include "../engine.pml"
#include "../select.pml"
#include "../call.pml"

init {
	atomic {
		run selecter(0, A, RX, B, RX, PASSES);
		run caller(1, A, TX, WAITS, 1, 3);
#ifdef SELECT
		run selecter(2, A, TX, B, TX, WAITS)
#else
		run caller(2, B, TX, WAITS, 1, 2)
#endif
	};
	at_the_end()
}
