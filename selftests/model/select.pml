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

#define keep_version(w) \
	v[w] = (how == PASSES -> version : 0); version = 0

/* Those that looked ready, in the order drawn at the start. */
inline try_ready()		/* fn: try_ready, draw, hchan_pick_try */
{
	do
	:: result == RUNNING && (ready[0] || ready[1]) ->
		atomic {
			w = !ready[0];
			ready[w] = 0;
			get_case(w)
		};
		hchan_look();
		atomic { keep_version(w) };
		if
		:: r == OK ->
			hchan_move(false);
			if
			:: r == OK -> result = MOVED
			:: r == EPIPE -> result = ENDED
			:: r == EAGAIN -> clean = 0
			fi
		:: else
		fi
	:: else -> break
	od
}

/* A select of two cases. */
proctype selecter(byte me; bit c0, d0, c1, d1, how)	/* fn: hchan_select */
{
	LOCALS;
	bit clean, same, was_clean, ended;
	byte v[2], version, round, i, n, result, w;
	bit ready[2];

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

	/* What makes looks disagree is not in a scenario: a default may go on at once. */
	if
	:: how == PASSES -> round = 2
	:: true ->			/* fn: hchan_pick_now */
#ifdef JUDGED
		w = 0;
		do			/* fn: hchan_pick_first */
		:: w < 2 ->
			get_case(w);
			hchan_surely_not();
			atomic {
				ready[w] = r == LOOKING;
				keep_version(w);
				w++
			}
		:: else -> break
		od;
#else
		atomic { ready[0] = 1; ready[1] = 1 };
#endif
		clean = 1;
		try_ready()
	fi;
	do
	:: result == RUNNING && how == PASSES && round < 2 ->
		was_clean = clean;
		same = 1;
		w = 0;
		do			/* fn: look_all */
		:: w < 2 ->
			get_case(w);
			hchan_look();
			atomic {
				ready[w] = r == OK;
				same = same && v[w] == version;
				keep_version(w);
				w++
			}
		:: else -> break
		od;
		clean = !ready[0] && !ready[1];
		try_ready();
		round++;
		if
		:: result == RUNNING && CERTAIN -> result = NOT_READY
		:: else
		fi
	:: result == RUNNING && how == PASSES -> break
	:: else -> break
	od;
	atomic {
		v[0] = 0; v[1] = 0; ready[0] = 0; ready[1] = 0;
		round = 0; clean = 0; was_clean = 0; same = 0; r = 0
	};

	if
	:: result == RUNNING ->		/* fn: hchan_pick_wait, queue */
		op[me].transient = how == PASSES;
		op[me].whole = WHOLE_EARLY;
		w = 0;
		r = EIOCBQUEUED;
		do			/* fn: enter_all, enter, hchan_link_quick */
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
			op[me].whole = 1;	/* nobody looks: told.pml */
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
		do			/* fn: leave_all, pass_all, hchan_leave_quick */
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
