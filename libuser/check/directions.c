// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Handles of one direction, and the loop over a channel: what the compiler must
 * take and what it must refuse; see typed.c. What Go refuses of its chan<- and
 * <-chan is refused here.
 *
 * pass 0 each direction where it belongs
 * fail 1 receiving from a sender's: can_recv_
 * fail 2 sending on a receiver's: can_send_
 * fail 3 trying to receive from a sender's: can_recv_
 * fail 4 trying to send on a receiver's: can_send_
 * fail 5 receiving until, from a sender's: can_recv_
 * fail 6 sending until, on a receiver's: can_send_
 * fail 7 receiving several from a sender's: can_recv_
 * fail 8 sending several on a receiver's: can_send_
 * fail 9 a loop over a sender's: can_recv_
 * fail 10 closing a receiver's: can_send_
 * fail 11 closing a receiver's as both: incompatible
 * fail 12 closing a receiver's as a sender's: incompatible
 * fail 13 a function that closes a receiver's: undeclared
 * fail 14 a sender's for a receiver's: incompatible
 * fail 15 a receiver's for a sender's: incompatible
 * fail 16 a sender's for both: incompatible
 * fail 17 a receiver's for both: incompatible
 * fail 18 both for a sender's, unconverted: incompatible
 * fail 19 a receiver's made a sender's: incompatible
 * fail 20 a sender's narrowed to receive: incompatible
 * fail 21 a receive case of a sender's: can_recv_
 * fail 22 a send case of a receiver's: can_send_
 * fail 23 a receive in an array, of a sender's: can_recv_
 * fail 24 a sender's of another type: incompatible
 * fail 25 another element on a sender's: _Generic
 * fail 26 another element of a receiver's: _Generic
 * fail 27 a loop with another element: _Generic
 * fail 28 a loop into a constant: _Generic
 * fail 29 a loop whose result is no int: _Generic|controlling expression
 * fail 30 the length of a descriptor: not a structure
 * fail 31 the length of something else with a descriptor: elem_
 */
#include <poll.h>

#include <hchan.h>

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE_PTR(pointer_chan, int *);
HCHAN_DECLARE_AS(named_chan, struct job, "org.example.job/2");
HCHAN_DECLARE_LAYOUT(layout_chan, struct job, HCHAN_MEMBER(id),
		     HCHAN_MEMBER(text));

#if CASE >= 0
int use(job_chan both, struct job *job, int fd);
#endif

static int produce(job_chan_tx out, struct job *job)
{
	const struct job *fixed = job;

	return HCHAN_SEND(out, job) + HCHAN_TRY_SEND(out, fixed) +
	       HCHAN_SEND_UNTIL(out, job, hchan_nowait()) +
	       HCHAN_SENDN(out, fixed, 1) +
	       HCHAN_SENDN_UNTIL(out, job, 1, hchan_forever()) +
	       HCHAN_CLOSE(out) + job_chan_tx_close(out) + HCHAN_DROP(out);
}

static int consume(job_chan_rx in, struct job *job)
{
	int r, q;

	HCHAN_RANGE(r, in, job) {
		if (job->id == 1)
			continue;
		HCHAN_RANGE(q, in, job)
			break;
		if (q < 0)
			return q;
	}
	return r + HCHAN_RECV(in, job) + HCHAN_TRY_RECV(in, job) +
	       HCHAN_RECV_UNTIL(in, job, hchan_nowait()) +
	       HCHAN_RECVN(in, job, 1) + HCHAN_DROP(in);
}

int use(job_chan both, struct job *job, int fd)
{
	const struct job *fixed = job;
	job_chan_tx tx = job_chan_as_tx(both);
	job_chan_rx rx = job_chan_as_rx(both);
	struct pollfd other = { 0, POLLIN, 0 };
	int i = 0, r = 0;
	long far = 0;

	(void)fixed;
	(void)far;
	(void)other;
	(void)fd;
	(void)i;
#if CASE == 0
	const job_chan_tx nil_tx = job_chan_tx_nil();
	job_chan_rx nil_rx = { HCHAN_NIL };
	struct hchan_case c[] = {
		HCHAN_ON_RECV(rx, job),
		HCHAN_ON_SEND(tx, fixed),
	};

	i = produce(job_chan_send_only(both), job);
	i += consume(job_chan_recv_only(both), job);
	i += produce(job_chan_open_tx("jobs"), job);
	i += consume(job_chan_open_rx("jobs"), job);
	i += produce(job_chan_create_tx("jobs", 4), job);
	i += consume(job_chan_create_rx("jobs", 4), job);
	i += produce(job_chan_tx_of(fd), job);
	i += consume(job_chan_rx_of(fd), job);
	i += HCHAN_SEND(nil_tx, job) + HCHAN_RECV(nil_rx, job);
	i += HCHAN_SEND(named_chan_open_tx("n"), job);
	i += HCHAN_RECV(layout_chan_open_rx("n"), job);
	i += pointer_chan_tx_drop(pointer_chan_open_tx("n"));
	i += (int)(HCHAN_LEN(both) + HCHAN_CAP(tx) + HCHAN_LEN(rx));
	i += HCHAN_CLOSE(both) + HCHAN_DROP(both);
	i += job_chan_tx_drop(tx) + job_chan_rx_drop(rx);
	if (i == 7)
		HCHAN_RANGE(r, both, job)
			if (job->id)
				i++;
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(rx, job) {
		rx = job_chan_rx_nil();
	}
	HCHAN_SEND_CASE(tx, fixed) {
		tx = nil_tx;
	}
	HCHAN_END
	return hchan_select(c, 2, hchan_forever(), 0);
#elif CASE == 1
	return HCHAN_RECV(tx, job);
#elif CASE == 2
	return HCHAN_SEND(rx, job);
#elif CASE == 3
	return HCHAN_TRY_RECV(tx, job);
#elif CASE == 4
	return HCHAN_TRY_SEND(rx, fixed);
#elif CASE == 5
	return HCHAN_RECV_UNTIL(tx, job, hchan_nowait());
#elif CASE == 6
	return HCHAN_SEND_UNTIL(rx, job, hchan_nowait());
#elif CASE == 7
	return HCHAN_RECVN(tx, job, 1);
#elif CASE == 8
	return HCHAN_SENDN(rx, job, 1);
#elif CASE == 9
	HCHAN_RANGE(r, tx, job)
		i++;
#elif CASE == 10
	return HCHAN_CLOSE(rx);
#elif CASE == 11
	return job_chan_close(rx);
#elif CASE == 12
	return job_chan_tx_close(rx);
#elif CASE == 13
	int (*close_it)(job_chan_rx ch) = job_chan_rx_close;

	return close_it(rx);
#elif CASE == 14
	return consume(tx, job);
#elif CASE == 15
	return produce(rx, job);
#elif CASE == 16
	both = tx;
#elif CASE == 17
	both = rx;
#elif CASE == 18
	return produce(both, job);
#elif CASE == 19
	tx = job_chan_as_tx(rx);
#elif CASE == 20
	rx = job_chan_recv_only(tx);
#elif CASE == 21
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(tx, job) {
	}
	HCHAN_END
#elif CASE == 22
	HCHAN_SELECT(r)
	HCHAN_SEND_CASE(rx, job) {
	}
	HCHAN_END
#elif CASE == 23
	struct hchan_case c = HCHAN_ON_RECV(tx, job);

	return hchan_select(&c, 1, hchan_forever(), 0);
#elif CASE == 24
	tx = int_chan_tx_nil();
#elif CASE == 25
	return HCHAN_SEND(tx, &i);
#elif CASE == 26
	return HCHAN_RECV(rx, &i);
#elif CASE == 27
	HCHAN_RANGE(r, rx, &i)
		i++;
#elif CASE == 28
	HCHAN_RANGE(r, rx, fixed)
		i++;
#elif CASE == 29
	HCHAN_RANGE(far, rx, job)
		i++;
#elif CASE == 30
	return (int)HCHAN_LEN(fd);
#elif CASE == 31
	return (int)HCHAN_CAP(other);
#endif
	return r + tx.fd + rx.fd;
}
