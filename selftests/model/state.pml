/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine keeps, and what the model keeps beside it to judge by.
 *
 * A scenario defines OPS (operations; each has one owner), CHANNELS and, where it
 * is 1, CAP_A, CAP_B or CAP_C. The number of an operation is its address, and
 * that of the element which it sends.
 */

#define A 0
#define B 1
#define C 2
#define RX 0
#define TX 1

#ifndef CAP_A
#define CAP_A 0
#endif
#ifndef CAP_B
#define CAP_B 0
#endif
#ifndef CAP_C
#define CAP_C 0
#endif
#define cap(c) ((c) == A -> CAP_A : ((c) == B -> CAP_B : CAP_C))

/* enum hchan_op_state */
#define WAITING 0
#define FIRED 1
#define CANCELLED 2

/* What has become of an operation. */
#define RUNNING 0
#define MOVED 1
#define ENDED 2			/* the channel is closed */
#define GAVE_UP 3		/* a deadline, a signal, a kill */
#define NOT_READY 4		/* default; a try's EAGAIN */

#define NOBODY OPS

/* struct hchan_op, with its waiters' and its sleeper's fields */
/* field: lock, state, transient, whole, next, fired, error, done */
typedef hchan_op {
	bit lock;
	unsigned state : 2;
	bit transient;
	bit whole;
	byte next;
	byte fired;		/* the waiter, by case_of() */
	bit error;		/* ... and its error: 0 or -EPIPE */
	bit done;
	/* not in the engine: */
	bit alive;		/* its owner is there, and so is the memory */
	unsigned left : 2;	/* how much may still happen */
	unsigned entries : 2;	/* waiters to be linked before it is whole */
	unsigned result : 3;
	byte what		/* the case that happened, by case_of() */
};

/* struct hchan; ring is the element that lies in it */
/* field: lock, state, count, ring, n_returned, returned, version */
typedef hchan {
	bit lock;
	bit closed;		/* of state */
	bit count;
	byte ring;
	bit n_returned;
	byte returned;
	byte version
};

/* struct hchan's lists of waiters */
/* field: queue, transients, link, dir */
typedef hchan_list {
	byte n;
	byte at[OPS]
};

hchan_op op[OPS];
hchan ch[CHANNELS];
hchan_list list[CHANNELS * 4];
bit linked[OPS * CHANNELS * 2];	/* hchan_waiter.link is not empty */
byte given_up[OPS];		/* how many times */
bit asleep[OPS];		/* the owner's task; lives longer than the op */

#define PARKED 0
#define PASSING 1
#define list_of(c, kind, d) list[((c) * 2 + (kind)) * 2 + (d)]
#define case_of(c, d) ((c) * 2 + (d))
#define is_linked(x, c, d) linked[(x) * CHANNELS * 2 + case_of(c, d)]
/* Linked there, and could be claimed now. */
#define is_live(x, c, d) (is_linked(x, c, d) && op[x].state == WAITING)

/* Those from OPS on lie in a ring from the start, or are returned. */
#define ELEMENTS (OPS + 2)
bit taken[ELEMENTS];		/* out of the sender's hands */
bit delivered[ELEMENTS];

/* Not part of the state: used within a d_step only. */
hidden byte i_, j_, x_, kind_;

/* What is violated is told by one of these names. */
hidden byte op_is_there, c9_once, c9_not_lost, c10_holds, c11_not_delivered, c12_drained;
hidden byte c15_not_served, c18_one_case, c18_that_case, c19_never, c21_not_itself, c21_paired;
hidden byte c24_exact, c46_not_met, parked_when_whole, nothing_left, no_lost_wakeup;

/* Somebody who is not the owner is at the operation or one of its waiters. */
inline touch(x)
{
	op_is_there = op[x].alive;
	assert(op_is_there);
}

/* A case of @x takes effect. */
inline effect(x, xc, xd)
{
	c18_one_case = op[x].left > 0;
	assert(c18_one_case);
	op[x].left--;
	op[x].what = case_of(xc, xd)
}

/* What a receive finds at the end. */
inline drained(xc, xd)
{
	c12_drained = xd == TX || !ch[xc].count && !ch[xc].n_returned;
	assert(c12_drained)
}

inline deliver(element)
{
	c9_once = taken[element] && !delivered[element];
	assert(c9_once);
	delivered[element] = 1
}

/*
 * `default` of operation JUDGED is right if there was an instant at which none of
 * its cases was ready. Looked at in each step in which that may begin.
 */
#ifdef JUDGED
bit judging;
bit nothing_ready;
bit wants[CHANNELS * 2];

/* Parked is only who is linked everywhere. */
#define is_partner(x, c, d) \
	(wants[case_of(c, 1 - (d))] && is_live(x, c, d) && op[x].whole)

inline instant()
{
	d_step { if
	:: judging && !nothing_ready ->
		nothing_ready = 1;
		i_ = 0;
		do
		:: i_ < CHANNELS ->
			if
			:: wants[case_of(i_, RX)] &&
			   (ch[i_].count || ch[i_].n_returned || ch[i_].closed) ||
			   wants[case_of(i_, TX)] &&
			   (ch[i_].count < cap(i_) || ch[i_].closed) ->
				nothing_ready = 0
			:: else
			fi;
			j_ = 0;
			do
			:: j_ < OPS ->
				if
				:: is_partner(j_, i_, RX) || is_partner(j_, i_, TX) ->
					nothing_ready = 0
				:: else
				fi;
				j_++
			:: else -> break
			od;
			i_++
		:: else -> break
		od
	:: else
	fi;
	i_ = 0 }
}
#else
#define instant() skip
#endif

/* Of live entries, as in debug builds. And what is whole is linked everywhere. */
inline check_invariants(xc)	/* fn: check_invariants */
{
	d_step { i_ = 0;
	do
	:: i_ < OPS ->
		c10_holds = ch[xc].closed ||
			    !((ch[xc].count || ch[xc].n_returned) &&
			      is_live(i_, xc, RX) && !op[i_].transient) &&
			    !(ch[xc].count < cap(xc) &&
			      is_live(i_, xc, TX) && !op[i_].transient);
		assert(c10_holds);
		parked_when_whole = !op[i_].whole || !op[i_].entries ||
				    !is_live(i_, xc, RX) && !is_live(i_, xc, TX);
		assert(parked_when_whole);
		j_ = 0;
		do
		:: j_ < OPS ->
			c10_holds = i_ == j_ && !cap(xc) ||
				    !(is_live(i_, xc, RX) && is_live(j_, xc, TX)) ||
				    op[i_].transient || op[j_].transient;
			assert(c10_holds);
			j_++
		:: else -> break
		od;
		i_++
	:: else -> break
	od;
	i_ = 0 }
}

/* Nothing moves any more: who is asleep has nobody to meet. */
inline check_sleepers()
{
	i_ = 0;
	do
	:: i_ < OPS ->
		no_lost_wakeup = !op[i_].alive ||
				 op[i_].state == WAITING && !op[i_].done;
		assert(no_lost_wakeup);
		x_ = 0;
		do
		:: x_ < CHANNELS ->
			no_lost_wakeup =
				!(is_live(i_, x_, RX) &&
				  (ch[x_].count || ch[x_].n_returned)) &&
				!(is_live(i_, x_, TX) && ch[x_].count < cap(x_)) &&
				!((is_live(i_, x_, RX) || is_live(i_, x_, TX)) &&
				  ch[x_].closed);
			assert(no_lost_wakeup);
			j_ = 0;
			do
			:: j_ < OPS ->
				no_lost_wakeup = i_ == j_ || !is_live(i_, x_, TX) ||
						 !is_live(j_, x_, RX);
				assert(no_lost_wakeup);
				j_++
			:: else -> break
			od;
			x_++
		:: else -> break
		od;
		i_++
	:: else -> break
	od
}

/* What has left its sender has a receiver, or lies in the channel. */
inline check_elements()
{
	i_ = 0;
	do
	:: i_ < ELEMENTS ->
		c9_not_lost = !taken[i_] || delivered[i_];
		x_ = 0;
		do
		:: x_ < CHANNELS ->
			c9_not_lost = c9_not_lost ||
				      ch[x_].count && ch[x_].ring == i_ ||
				      ch[x_].n_returned && ch[x_].returned == i_;
			x_++
		:: else -> break
		od;
		assert(c9_not_lost);
		i_++
	:: else -> break
	od
}

/* What a scenario may add. */
#ifndef PAIRED
#define PAIRED true
#endif
#ifndef NOT_MET
#define NOT_MET true
#endif

/*
 * The last thing in init, when nothing moves any more. If a lock is held then, it
 * is a deadlock: init stays there, which is no valid end state.
 */
bit is_locked;
inline at_the_end()
{
	timeout;
	d_step {
		i_ = 0;
		do
		:: i_ < OPS -> is_locked = is_locked || op[i_].lock; i_++
		:: else -> break
		od;
		i_ = 0;
		do
		:: i_ < CHANNELS -> is_locked = is_locked || ch[i_].lock; i_++
		:: else -> break
		od;
		i_ = 0
	}
	!is_locked;
	d_step {
		c21_paired = PAIRED;
		assert(c21_paired);
		c46_not_met = NOT_MET;
		assert(c46_not_met);
		check_sleepers();
		check_elements();
		i_ = 0
	}
}
