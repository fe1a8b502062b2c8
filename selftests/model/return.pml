/* SPDX-License-Identifier: GPL-2.0-only */
inline give_back()		/* fn: keep_returned */
{
	peer = NOBODY;
	if
	:: may_return(c) ->
		look_in(PARKED, c, d);
		if
		:: RETURN_SEES(c) -> look_in(PASSING, c, d)
		:: else
		fi
	:: else
	fi;
	if
	:: peer == NOBODY ->
		ch[c].n_returned = 1;
		ch[c].returned = element;
		news = 1;
		instant()
	:: else
	fi
}

/* Gives an element back that it could not copy out. */
proctype returner(byte me; bit c_; byte element)	/* fn: hchan_return */
{
	LOCALS;

end_start:
	atomic {
		START(me);
		c = c_;
		d = TX;
		!ch[c].lock;
		ch[c].lock = 1;
		give_back()
	};
	do
	:: atomic {
		peer != NOBODY ->
		the_other_half();
		!op[peer].lock;
		touch(peer);
		if
		:: op[peer].state == WAITING ->
			c15_not_served = !ch[c].closed;
			assert(c15_not_served);
			op[peer].state = FIRED;
			effect(peer, c, RX);
			deliver(element);
			hchan_finish(peer, c, RX);
			instant();
			peer = NOBODY
		:: else ->
			hchan_unlink(peer, c, RX);
			half = peer;
			give_back()
		fi
	}
	:: peer == NOBODY -> break
	od;
	atomic { the_other_half(); hchan_unlock() };
	settle()
}
