/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries fired in one critical section of flush(): HCHAN_STEPS is more. */
#ifndef STEPS
#define STEPS 2
#endif

/* The first entry of those that an end has to fire. */
inline first_entry()
{
	peer = NOBODY;
	look_in(PARKED, c, 1 - d);
	look_in(PASSING, c, 1 - d)
}

inline flush()			/* fn: flush, fire_end */
{
	steps = 0;
	do
	:: steps == STEPS || !steps ->
		atomic {
			!ch[c].lock ->
			ch[c].lock = 1;
			steps = 0;
			first_entry()
		};
		do
		:: atomic {
			peer != NOBODY && steps < STEPS ->
			the_other_half();
			touch(peer);
			hchan_claim(peer, FIRED);
			if
			:: won ->
				won = 0;
				op[peer].error = 1;
				effect(peer, c, d);
				hchan_finish(peer, c, d)
			:: else ->
				hchan_unlink(peer, c, d);
				half = peer
			fi;
			steps++;
			first_entry();
			instant()
		}
		:: !(peer != NOBODY && steps < STEPS) -> break
		od;
		atomic { the_other_half(); peer = NOBODY; hchan_unlock() };
		settle();
		if
		:: steps < STEPS || !FLUSH_ON -> break
		:: else
		fi
	od;
	steps = 0
}

proctype closer(byte me; bit c_)	/* fn: hchan_close */
{
	LOCALS;
	byte steps;

	c = c_;
end_start:
	atomic {
		START(me);
		!ch[c].lock;
		ch[c].closed = !LATE_END;
		ch[c].count = LEFT_BY_CLOSE(c);
		news = 1;
		instant();
		hchan_unlock()
	};
	do
	:: flush();
		if
		:: d == TX -> break
		:: else -> d = TX
		fi
	od;
	if
	:: LATE_END -> atomic { !ch[c].lock; ch[c].closed = 1 }
	:: else
	fi
}
