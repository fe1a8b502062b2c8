/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processes: tasks with a select, with a plain operation, with a close, and
 * one who returns an element. A scenario may say when each begins, START(me), and
 * when a deadline, a signal or a kill may come to one that waits, MAY_END(me).
 */

#ifndef START
#define START(me) true
#endif
#ifndef MAY_END
#define MAY_END(me) false
#endif
/* A case of the select that is judged is ready at all times. */
#ifndef ALWAYS_READY
#define ALWAYS_READY false
#endif
#define is_over(x) (op[x].result != RUNNING)

/* Whether it waits, or only passes by: default, a try. */
#define WAITS 0
#define PASSES 1

/* The call begins: its operation is on the stack. */
inline begin(n_elements, n_waiters)
{
	op[me].alive = 1;
	op[me].left = n_elements;
	op[me].entries = n_waiters
}

/* The call returns; what happened was case (@c, @d). */
inline end(how)
{
	d_step {
		i_ = 0;
		do
		:: i_ < CHANNELS * 2 ->
			nothing_left = !linked[me * CHANNELS * 2 + i_];
			assert(nothing_left);
			i_++
		:: else -> break
		od;
		if
		:: how == MOVED || how == ENDED ->
			c18_that_case = !op[me].left && op[me].what == case_of(c, d);
			assert(c18_that_case);
			c18_that_case = taken[me] == (how == MOVED && d == TX);
			assert(c18_that_case)
		:: else ->
			c18_that_case = op[me].left && !taken[me];
			assert(c18_that_case);
			op[me].what = 0
		fi;
#ifdef JUDGED
		if
		:: me == JUDGED ->
			c19_never = how != NOT_READY || !ALWAYS_READY;
			assert(c19_never);
			c24_exact = how != NOT_READY || nothing_ready;
			assert(c24_exact);
			judging = 0;
			nothing_ready = 0
		:: else
		fi;
#endif
		op[me].alive = 0;
		op[me].state = WAITING;
		op[me].transient = 0;
		op[me].whole = 0;
		op[me].next = 0;
		op[me].fired = 0;
		op[me].error = 0;
		op[me].done = 0;
		op[me].left = 0;
		op[me].entries = 0;
		op[me].result = how;
		given_up[me] = given_up[me] + (how == GAVE_UP);
		asleep[me] = 0
	}
}
