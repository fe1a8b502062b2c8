/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A select that becomes whole, and somebody who polls or watches for that: either
 * he sees it, or he is seen and told, with no lock between the two. So here, unlike in
 * the rest, a store that is not ordered by a lock is seen late by others: once
 * `processor` does it, or at a barrier.
 *
 * POLLS: who waits does so by poll(2), else by HCHAN_IOC_WAIT. ONE: all cases are of
 * one channel, so it is whole from the start.
 */

/* tell_all() has a barrier between its store and its look; so has seen_whole(). */
#ifndef M_TELL_BARRIER
#define TELL_BARRIER !whole_is_late
#else
#define TELL_BARRIER true
#endif
#ifndef M_SEEN_BARRIER
#define SEEN_BARRIER (!observed_is_late && !there_is_late)
#else
#define SEEN_BARRIER true
#endif

/* hchan_link_quick() leaves it to hchan_link() where somebody looks, or does not. */
#ifndef M_QUICK
#define QUICK_LOOKS there
#else
#define QUICK_LOOKS false
#endif

/* Of channel A, and of the select; field: lock, linked, whole, observed */
bit lock, linked, whole, whole_is_late;
bit observed, observed_is_late;
bit there, there_is_late;	/* in hchan.wq, in hchan.watchers */
bit woken, seen;
hidden byte told_when_whole;

active proctype processor()
{
end:	do
	:: atomic { whole_is_late -> whole = 1; whole_is_late = 0 }
	:: atomic { there_is_late -> there = 1; there_is_late = 0 }
	:: atomic { observed_is_late -> observed = 1; observed_is_late = 0 }
	od
}

/* What hchan_unlock() does for who is there: a watcher is judged in the section. */
inline tell()			/* fn: notice, wake_pollers, judge */
{
#ifdef POLLS
	lock = 0;
	if
	:: there -> woken = 1
	:: else
	fi
#else
	atomic {			/* fn: hchan_parked, seen_whole */
		if
		:: there && linked ->
			seen = whole || whole_is_late;
			observed = observed || !seen
		:: else
		fi;
		lock = 0
	};
	woken = seen
#endif
}

/* Judges, with the lock, how it is without the teller; he is seen to do so. */
inline judge_it()		/* fn: hchan_parked, seen_whole */
{
	if
	:: linked && !whole ->
#ifndef M_UNOBSERVED
		observed_is_late = 1;
#endif
		SEEN_BARRIER
	:: else
	fi;
	seen = linked && whole;
	/* What came before is seen by who takes the lock next. */
	!there_is_late
}

active proctype teller()
{
	bit looked;

#ifdef ONE
	whole = 1;
#endif
	atomic { !lock -> lock = 1 };	/* fn: enter, hchan_link_quick */
	looked = QUICK_LOOKS;
	linked = 1;
	if
	:: looked -> tell()
	:: else -> lock = 0
	fi;
#ifndef ONE
	whole_is_late = 1;		/* fn: tell_all */
	TELL_BARRIER;
	if
	:: observed && there ->		/* fn: hchan_is_watched */
		atomic { !lock -> lock = 1 };	/* fn: hchan_whole */
		tell()
	:: else
	fi;
	!whole_is_late			/* it sleeps */
#endif
}

#ifdef POLLS
active proctype poller()		/* fn: hchan_file_poll */
{
	there_is_late = 1;
	do
	:: seen -> break
	:: !seen ->
		atomic { !lock -> lock = 1 };
		judge_it();
		lock = 0;
		if
		:: seen
		:: !seen ->
end_asleep:		atomic { woken -> woken = 0 }
		fi
	od
}
#else
active proctype watcher()		/* fn: hchan_watch_add */
{
	atomic { !lock -> lock = 1 };
	there_is_late = 1;
	judge_it();
	lock = 0;
	if
	:: seen
	:: !seen ->
end_asleep:	woken
	fi
}
#endif

init {
	timeout;
	told_when_whole = seen;
	assert(told_when_whole)
}
