/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine's functions. One step reaches from taking one lock to taking the
 * next: within it nobody could see a difference. "fn:" says what is modelled.
 *
 * A process that uses them has its operation in `me` and the case in question in
 * `c` and `d`.
 */

#define LOCALS \
	bit c, d, mine, passing, won, news; byte peer = NOBODY, half = NOBODY; \
	byte first = NOBODY, next = NOBODY; byte todo, r

/* todo: which lock a critical section takes next, and what for. */
#define CHANNEL 0
#define SELF 1			/* claim_self() */
#define BOTH 2			/* hchan_claim_two(): the first lock */
#define SECOND 3		/* ... and the second */
#define OTHER 4			/* hchan_claim_two() without self */
/* ... and what it does then */
#define DECIDE 5
#define MEET 6
#define AGAIN 7			/* as DECIDE, in a step of its own */
#define NOTHING 8

/* r: what it has come to. */
#define LOOKING 0
#define OK 1
#define EPIPE 2
#define EAGAIN 3
#define EIOCBQUEUED 4
#define ECANCELED 5

/* The lock is taken and given back in one step: no other is taken meanwhile. */
inline hchan_claim(x, how)	/* fn: hchan_claim */
{
	!op[x].lock;
	won = op[x].state == WAITING;
	if
	:: won -> op[x].state = how
	:: else
	fi
}

inline hchan_link(x, xc, xd)	/* fn: hchan_link */
{
	d_step {
		kind_ = (op[x].transient -> PASSING : PARKED);
		list_of(xc, kind_, xd).at[list_of(xc, kind_, xd).n] = x;
		list_of(xc, kind_, xd).n++;
		is_linked(x, xc, xd) = 1;
		op[x].entries--
	};
	if
	:: !op[x].transient -> news = news_of_waiter
	:: else
	fi
}

/*
 * Who unlinks it reads the operation afterwards, to count: so the step that
 * follows begins with the_other_half().
 */
inline hchan_unlink(x, xc, xd)	/* fn: hchan_unlink */
{
	d_step {
		kind_ = (op[x].transient -> PASSING : PARKED);
		i_ = 0;
		do
		:: list_of(xc, kind_, xd).at[i_] == x -> break
		:: else -> i_++
		od;
		list_of(xc, kind_, xd).n--;
		do
		:: i_ < list_of(xc, kind_, xd).n ->
			list_of(xc, kind_, xd).at[i_] =
				list_of(xc, kind_, xd).at[i_ + 1];
			i_++
		:: else -> break
		od;
		list_of(xc, kind_, xd).at[i_] = 0;
		is_linked(x, xc, xd) = 0
	}
}

inline the_other_half()
{
	if
	:: half != NOBODY -> touch(half); half = NOBODY
	:: else
	fi
}

/* The first partner for (@xc, @xd) there. */
inline look_in(kind, xc, xd)
{
	d_step {
		i_ = 0;
		do
		:: peer == NOBODY && i_ < list_of(xc, kind, 1 - (xd)).n ->
			if
			:: !is_own(list_of(xc, kind, 1 - (xd)).at[i_]) ->
				peer = list_of(xc, kind, 1 - (xd)).at[i_]
			:: else
			fi;
			i_++
		:: else -> break
		od;
		i_ = 0
	}
}

/* The order of decisions (C6, C7), as far as it gets without another lock. */
inline decide()			/* fn: put, take, give, find_sender */
{
	todo = NOTHING;
	peer = NOBODY;
	r = LOOKING;
	if
	:: no_partner(c) || d == RX && ch[c].n_returned
	:: else ->
		look_in(PARKED, c, d);
		if
		:: sees_transients(c) -> look_in(PASSING, c, d)
		:: else
		fi
	fi;
	if
	:: peer != NOBODY -> todo = (mine -> OTHER : BOTH)
	:: peer == NOBODY && !ch[c].closed &&
	   (d == TX -> ch[c].count == cap(c) : !ch[c].count && !ch[c].n_returned) ->
		r = EAGAIN
	:: else ->
		if
		:: mine -> without_partner()
		:: else -> todo = SELF
		fi
	fi
}

/* What is in the channel or makes room is enough: buffer, return, end. */
inline without_partner()	/* fn: put, take, take_returned, take_buffered */
{
	r = OK;
	if
	:: d == TX && ch[c].closed || d == RX && !ch[c].n_returned && !ch[c].count ->
		drained(c, d);
		r = EPIPE
	:: d == TX && !ch[c].closed ->
		taken[me] = 1;
		ch[c].ring = me;
		ch[c].count = 1;
		news = 1
	:: d == RX && ch[c].n_returned ->
		deliver(ch[c].returned);
		ch[c].n_returned = 0;
		ch[c].returned = 0
	:: d == RX && !ch[c].n_returned && ch[c].count ->
		deliver(ch[c].ring);
		ch[c].count = KEPT;
		ch[c].ring = (KEPT -> ch[c].ring : 0);
		news = 1
	fi;
	effect(me, c, d)
}

/* @peer's operation is claimed, or goes on; so is ours, or nobody can have it. */
inline with_partner()		/* fn: offer, take_from, take_buffered */
{
	c21_not_itself = peer != me;
	assert(c21_not_itself);
	c11_not_delivered = !ch[c].closed;
	assert(c11_not_delivered);
	r = OK;
	effect(me, c, d);
	effect(peer, c, 1 - d);
	if
	:: d == TX -> taken[me] = 1; deliver(me)
	:: d == RX && ch[c].count ->
		taken[peer] = 1;
		deliver(ch[c].ring);
		ch[c].ring = peer
	:: else -> taken[peer] = 1; deliver(peer)
	fi;
	if
	:: op[peer].state != WAITING -> hchan_finish(peer, c, 1 - d)
	:: else			/* a batch */
	fi
}

inline hchan_finish(x, xc, xd)	/* fn: hchan_finish */
{
	UNLINK_FIRED(x, xc, xd);
	half = x;
	op[x].fired = case_of(xc, xd);
	op[x].next = first;
	first = x
}

/* It is the last element that @x wants. */
#define is_last(x) (op[x].left == 1)

/* Takes the next lock. It is dropped again in this step, the first of two apart. */
inline take_lock(parks, enters)
{
	if
	:: todo == CHANNEL ->
		!ch[c].lock;
		ch[c].lock = 1;
		early_news((parks) || (enters));
		mine = !(enters);		/* struct search.self is NULL */
		passing = !(parks);
		todo = DECIDE;
		if
		:: NO_RECHECK && (enters) -> r = EAGAIN; todo = NOTHING
		:: else
		fi
	:: todo == SELF ->	/* fn: claim_self */
		CLAIM_SELF;
		if
		:: won -> won = 0; mine = 1; todo = AGAIN
		:: else -> r = ECANCELED
		fi
	:: todo == OTHER ->	/* fn: hchan_claim_two */
		!op[peer].lock;
		touch(peer);
		todo = (may_claim(peer) -> MEET : DECIDE);
		if
		:: todo == MEET && is_last(peer) ->
			op[peer].state = FIRED;
			op[peer].lock = LATE_UNLOCK
		:: else
		fi
	:: todo == BOTH ->
		!op[LOW].lock;
		touch(peer);
		op[LOW].lock = 1;
		todo = SECOND
	:: todo == SECOND ->
		high_is_free;
		touch(peer);
		op[LOW].lock = 0;
		todo = (may_claim(peer) -> MEET : DECIDE);
		if
		:: op[me].state != WAITING && !ONLY_PEER -> r = ECANCELED; todo = NOTHING
		:: else ->
			if
			:: todo == MEET && !ONLY_PEER -> op[me].state = CANCELLED
			:: else
			fi;
			if
			:: todo == MEET && is_last(peer) -> op[peer].state = FIRED
			:: else
			fi
		fi
	:: todo == AGAIN -> todo = DECIDE	/* who has no lock sees what it was */
	:: r == OK -> todo = DECIDE; peer = NOBODY	/* a batch goes on */
	fi
}

inline hchan_sleeper_wake(x)	/* fn: hchan_sleeper_wake */
{
	atomic { touch(x); op[x].done = 1 };
	asleep[x] = 0		/* by a reference to the task, taken before */
}

inline settle()			/* fn: settle */
{
	do
	:: first == NOBODY -> break
	:: first != NOBODY ->
		if
		:: NEXT_BEFORE ->
			atomic { touch(first); next = op[first].next };
			hchan_sleeper_wake(first)
		:: else ->
			hchan_sleeper_wake(first);
			atomic { touch(first); next = op[first].next }
		fi;
		if
		:: LATE_UNLOCK -> atomic { touch(first); op[first].lock = 0 }
		:: else
		fi;
		atomic { first = next; next = NOBODY }
	od
}

/*
 * A critical section of @me for case (@c, @d). @enters: it is a select's, which
 * others may claim meanwhile; @parks: it is going to wait.
 */
inline section(parks, enters)
{
	r = LOOKING;
	do
	:: atomic {
		r == LOOKING || r == OK && op[me].left ->
		the_other_half();
		take_lock(parks, enters);
		if
		:: todo == MEET -> with_partner(); todo = NOTHING
		:: todo == DECIDE && peer != NOBODY ->
			hchan_unlink(peer, c, 1 - d);
			half = peer
		:: else
		fi;
		if
		:: todo == DECIDE -> decide()
		:: else
		fi;
		instant()
	}
	:: atomic { r > OK || r == OK && !op[me].left -> the_other_half() }; break
	od;
	atomic {
		UNLINK_LATE;
		if
		:: r == EAGAIN && ((parks) || (enters)) ->
			hchan_link(me, c, d);
			instant();
			r = EIOCBQUEUED
		:: else
		fi;
		peer = NOBODY;
		mine = 0;
		passing = 0;
		todo = CHANNEL;
		hchan_unlock()
	};
	settle()
}

inline hchan_unlock()		/* fn: hchan_unlock, hchan_count_up */
{
	check_invariants(c);
	count_up();
	news = 0;
	ch[c].lock = 0
}

#define hchan_move(may_park) section(may_park, false)	/* fn: hchan_send, hchan_recv */
#define hchan_enter() section(!op[me].transient, true)	/* fn: hchan_enter */

/*
 * A look without the lock, each read a step. r: EAGAIN: surely not, or LOOKING.
 * Only where versions count: where they do not, a select looks again anyway.
 */
inline hchan_surely_not()	/* fn: hchan_surely_not */
{
#ifdef JUDGED
	version = ch[c].version;
	r = EAGAIN;
	if
	:: ch[c].closed -> r = LOOKING
	:: else
	fi;
	if
	:: list_of(c, PARKED, 1 - d).n -> r = LOOKING
	:: else
	fi;
	if
	:: (d == TX -> ch[c].count < cap(c) : ch[c].count) -> r = LOOKING
	:: else
	fi;
	if
	:: d == RX && ch[c].n_returned -> r = LOOKING
	:: else
	fi;
	if
	:: ch[c].version != version -> r = LOOKING
	:: else
	fi
#else
	r = LOOKING
#endif
}

/* r: OK: it would go, or EAGAIN; and the version. */
inline hchan_look()		/* fn: hchan_look, hchan_ready, has_partner */
{
	hchan_surely_not();
	if
	:: r == LOOKING ->
		atomic {
			!ch[c].lock;
			version = COUNTED(c);
			r = EAGAIN;
			if
			:: ch[c].closed ||
			   (d == TX -> ch[c].count < cap(c) :
				       ch[c].count || ch[c].n_returned) -> r = OK
			:: else
			fi;
			do
			:: peer = NOBODY;
				look_in(PARKED, c, d);
				if
				:: peer == NOBODY -> break
				:: else ->
					touch(peer);
					if
					:: op[peer].state == WAITING -> r = OK; break
					:: else -> hchan_unlink(peer, c, 1 - d)
					fi
				fi
			od;
			peer = NOBODY
		}
	:: else
	fi
}

inline hchan_leave()		/* fn: hchan_leave */
{
	if
	:: skips_leave(me, c, d)
	:: else ->
		atomic {
			!ch[c].lock;
			if
			:: is_linked(me, c, d) -> hchan_unlink(me, c, d)
			:: else
			fi;
			ended = ch[c].closed &&
				(d == TX || IS_DRAINED(c))
		}
	fi
}

/* r: OK: it is the caller's again, or ECANCELED. */
inline hchan_cancel()		/* fn: hchan_cancel */
{
	atomic {
		!ch[c].lock;
		CANCEL_SELF;
		if
		:: won -> won = 0; r = OK; hchan_unlink(me, c, d)
		:: else -> r = ECANCELED
		fi;
		instant()
	}
}

/* r: OK: done, or EAGAIN: a signal or the deadline, if @may_end. */
inline hchan_sleeper_wait(may_end)	/* fn: hchan_sleeper_wait, hchan_sleeper_done */
{
	r = LOOKING;
	do
	:: r != LOOKING -> break
	:: r == LOOKING ->
		if
		:: ASLEEP_FIRST -> asleep[me] = 1
		:: else
		fi;
		if
		:: atomic { op[me].done -> r = OK; asleep[me] = 0 }
		:: atomic { !op[me].done && (may_end) -> r = EAGAIN; asleep[me] = 0 }
		:: !op[me].done ->
			if
			:: ASLEEP_FIRST
			:: else -> asleep[me] = 1
			fi;
end_asleep:		!asleep[me]
		fi
	od
}

inline hchan_sleeper_finish()	/* fn: hchan_sleeper_finish */
{
	is_done(me)
}
