// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What selects the compiler must take and what it must refuse; see typed.c.
 *
 * pass 0 selects, with what is warned of elsewhere
 * fail 1 a receive of another type: _Generic
 * fail 2 a send of another type: _Generic
 * fail 3 received into a constant: _Generic
 * fail 4 an untyped descriptor in a typed clause: not a structure
 * fail 5 a case of another type in an array: _Generic
 * fail 6 braces around the clauses: no_braces_around_clauses
 * fail 7 a clause in a loop: clause_is_no_body
 * fail 8 a clause in a loop's braces: no_braces_around_clauses
 * fail 9 a clause in an if: clause_is_no_body
 * fail 10 a clause in a clause: no_braces_around_clauses
 * fail 11 a clause without a select: hchan_block_
 * fail 12 a select without an end: at end of input|expected '}'
 * fail 13 an end without a select: END_missing|hchan_block_
 * fail 14 a result that is no int: _Generic|controlling expression
 * fail 15 a case that is none: incompatible
 * fail 16 a moment that is none: incompatible
 * fail 17 an else to a clause: else
 */
#include <poll.h>

#include <hchan.h>

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(int_chan, int);

#if CASE >= 0
int use(job_chan jobs, int_chan ints, struct job *job, int fd);
#endif

int use(job_chan jobs, int_chan ints, struct job *job, int fd)
{
	const struct job *fixed = job;
	int i = 0, r = 0;
	long far = 0;

	(void)fixed;
	(void)far;
	(void)i;
#if CASE == 0
	struct hchan_case c[] = {
		HCHAN_ON_RECV(jobs, job),
		HCHAN_ON_SEND(ints, &i),
		HCHAN_ON_SEND(jobs, fixed),
		hchan_on_poll(fd, POLLIN),
		hchan_on_nil(),
	};
	struct hchan_cases set = HCHAN_CASES(c);

	if (hchan_select(c, 5, hchan_forever(), 0) < 0)
		return hchan_set_select(&set, hchan_nowait(), HCHAN_FIRST);
	for (;;)
		HCHAN_SELECT(r)
		HCHAN_RECV_CASE(jobs, job) {
			int q;

			HCHAN_SELECT_IN(q, &set)
			HCHAN_RECV_CASE(jobs, job)
				continue;
			HCHAN_DEFAULT
				break;
			HCHAN_END
			return q;
		}
		HCHAN_SEND_CASE(ints, &i)
			i++;
		HCHAN_SEND_CASE(jobs, fixed) {
			int i2 = i;

			i = i2 + 1;
		}
#ifndef __cplusplus
		HCHAN_SEND_CASE(jobs, &(struct job){ 1, "commas" }) {
		}
#endif
		HCHAN_POLL_CASE(fd, POLLIN | POLLOUT) {
			i += r;
		}
		HCHAN_CASE(hchan_on_recv(fd, job, sizeof(*job)))
			if (r > 0)
				i += (int)HCHAN_WENT->actual;
			else
				i--;
		HCHAN_UNTIL(hchan_after(HCHAN_SEC))
			goto out;
		HCHAN_ERROR
			return r;
		HCHAN_END
out:
	return i;
#elif CASE == 1
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(ints, job) {
	}
	HCHAN_END
#elif CASE == 2
	HCHAN_SELECT(r)
	HCHAN_SEND_CASE(ints, job) {
	}
	HCHAN_END
#elif CASE == 3
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(jobs, fixed) {
	}
	HCHAN_END
#elif CASE == 4
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(fd, &i) {
	}
	HCHAN_END
#elif CASE == 5
	struct hchan_case c = HCHAN_ON_SEND(jobs, &i);

	return hchan_select(&c, 1, hchan_forever(), 0);
#elif CASE == 6
	HCHAN_SELECT(r) {
		HCHAN_RECV_CASE(jobs, job) {
		}
	}
	HCHAN_END
#elif CASE == 7
	HCHAN_SELECT(r)
	for (i = 0; i < 3; i++)
		HCHAN_RECV_CASE(jobs, &job[i]) {
		}
	HCHAN_END
#elif CASE == 8
	HCHAN_SELECT(r)
	for (i = 0; i < 3; i++) {
		HCHAN_RECV_CASE(jobs, &job[i]) {
		}
	}
	HCHAN_END
#elif CASE == 9
	HCHAN_SELECT(r)
	if (fd > 0)
		HCHAN_RECV_CASE(jobs, job) {
		}
	HCHAN_END
#elif CASE == 10
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(jobs, job) {
		HCHAN_DEFAULT {
		}
	}
	HCHAN_END
#elif CASE == 11
	HCHAN_RECV_CASE(jobs, job) {
	}
#elif CASE == 12
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(jobs, job) {
	}
#elif CASE == 13
	HCHAN_END
#elif CASE == 14
	HCHAN_SELECT(far)
	HCHAN_RECV_CASE(jobs, job) {
	}
	HCHAN_END
#elif CASE == 15
	HCHAN_SELECT(r)
	HCHAN_CASE(fd) {
	}
	HCHAN_END
#elif CASE == 16
	HCHAN_SELECT(r)
	HCHAN_UNTIL(5) {
	}
	HCHAN_END
#elif CASE == 17
	HCHAN_SELECT(r)
	HCHAN_RECV_CASE(jobs, job) {
	} else {
	}
	HCHAN_END
#endif
	return r;
}
