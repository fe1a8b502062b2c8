/* SPDX-License-Identifier: GPL-2.0-only */
#define get_case(i) c = (i -> c1 : c0); d = (i -> d1 : d0)

/* Takes it back, if nobody has decided yet. */
inline cancel_select(how)	/* fn: sleep, queue */
{
	atomic {
		CANCEL_SELF;
		if
		:: won -> won = 0; result = how; r = OK
		:: else -> r = ECANCELED
		fi;
		instant()
	}
}

/* A select of two cases. */
proctype selecter(byte me; bit c0, d0, c1, d1, how)	/* fn: hchan_select */
{
	LOCALS;
	bit clean, same, was_clean, ended;
	byte v[2], version, round, i, n, result, w;

end_start:
	atomic {
		START(me);
		begin(1, 2);
		if			/* the order is random */
		:: true
		:: true ->
			c = c0; c0 = c1; c1 = c;
			d = d0; d0 = d1; d1 = d;
			c = 0; d = 0
		fi;
#ifdef JUDGED
		if
		:: me == JUDGED ->
			wants[case_of(c0, d0)] = 1;
			wants[case_of(c1, d1)] = 1;
			judging = 1;
			instant()
		:: else
		fi
#endif
	};

	/* What makes passes disagree is not in a scenario: a default may go on at once. */
	do				/* fn: hchan_pick_now */
	:: result == RUNNING && round < (how == PASSES -> 3 : 1) ->
		was_clean = clean;
		clean = 1;
		same = round > 0;
		w = 0;
		do			/* fn: pass, hchan_pick_try */
		:: w < 2 && result == RUNNING ->
			get_case(w);
			hchan_look();
			atomic {
				same = same && v[w] == version;
				v[w] = (how == PASSES -> version : 0);
				version = 0
			};
			if
			:: r == OK ->
				hchan_move(false);
				if
				:: r == OK -> result = MOVED
				:: r == EPIPE -> result = ENDED
				:: r == EAGAIN -> clean = 0; w++
				fi
			:: else -> w++
			fi
		:: else -> break
		od;
		round++;
		if
		:: result == RUNNING && how == PASSES && CERTAIN -> result = NOT_READY
		:: else
		fi
	:: result == RUNNING && how == PASSES -> break
	:: else -> break
	od;
	atomic { v[0] = 0; v[1] = 0; round = 0; clean = 0; was_clean = 0; same = 0; r = 0 };

	if
	:: result == RUNNING ->		/* fn: hchan_pick_wait, queue */
		op[me].transient = how == PASSES;
		op[me].whole = WHOLE_EARLY;
		w = 0;
		r = EIOCBQUEUED;
		do			/* fn: enter_all */
		:: w < 2 && r == EIOCBQUEUED ->
			get_case(w);
			hchan_enter();
			if
			:: r == EIOCBQUEUED -> w++; n++
			:: else
			fi
		:: w == 1 && r == EIOCBQUEUED && op[me].state != WAITING ->
			r = ECANCELED
		:: else -> break
		od;
		if
		:: r == OK -> result = MOVED
		:: r == EPIPE -> result = ENDED
		:: r == EIOCBQUEUED && how == PASSES -> cancel_select(NOT_READY)
		:: r == EIOCBQUEUED && how == WAITS ->
			op[me].whole = 1;
			do		/* fn: tell_all */
			:: i < 2 && op[me].state == WAITING ->
				get_case(i);
				hchan_whole();
				i++
			:: else -> break
			od;
			i = 0;
			hchan_sleeper_wait(MAY_END(me));
			if
			:: r == OK -> r = ECANCELED
			:: else -> cancel_select(GAVE_UP)
			fi
		:: else
		fi;
		if
		:: r == ECANCELED ->
			hchan_sleeper_finish();
			w = (op[me].fired == case_of(c1, d1));
			result = (op[me].error -> ENDED : MOVED)
		:: else
		fi;
		do			/* fn: leave_all */
		:: i < n && LEAVES ->
			get_case(i);
			if
			:: r == ECANCELED && w == i
			:: else ->
				hchan_leave();
				if
				:: result == NOT_READY && ended && !UNSEEN_END ->
					/* nothing has been fired: it is as good as a try */
					atomic { drained(c, d); effect(me, c, d) };
					result = ENDED;
					w = i
				:: else
				fi
			fi;
			i++
		:: else -> break
		od
	:: else
	fi;
	get_case(w);
	end(result)
}
