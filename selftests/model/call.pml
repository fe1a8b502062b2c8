/* SPDX-License-Identifier: GPL-2.0-only */
/* A send or receive of @many elements, and again when it has given up. */
proctype caller(byte me; bit c_, d_, how; byte many, times)	/* fn: hchan_call_run */
{
	LOCALS;
	byte result;

end_start:
	atomic {
		START(me);
		c = c_;
		d = d_;
		begin(many, 1);
		op[me].whole = 1
	};
	hchan_move(how == WAITS);
	if
	:: r == OK -> result = MOVED
	:: r == EPIPE -> result = ENDED
	:: r == EAGAIN -> result = NOT_READY
	:: r == EIOCBQUEUED ->
		hchan_sleeper_wait(MAY_END(me));
		if
		:: r == EAGAIN ->
			hchan_cancel();
			if
			:: r == OK -> result = GAVE_UP
			:: else -> hchan_sleeper_finish()
			fi
		:: else
		fi;
		if
		:: result == RUNNING -> result = (op[me].error -> ENDED : MOVED)
		:: else
		fi
	fi;
	end(result);
	if
	:: result == GAVE_UP && times > 1 ->
		atomic { times--; result = RUNNING; r = 0; goto end_start }
	:: else
	fi
}
