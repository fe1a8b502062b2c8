// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What the compiler must take and what it must refuse, in C and in C++. The
 * lines "pass N" and "fail N WORDS" below tell the runner which case must
 * compile without a warning, and which must not compile, with an error that has
 * WORDS in it (in C; C++ has words of its own).
 *
 * pass 0 the right types
 * fail 1 another struct, sent: _Generic
 * fail 2 another struct, received: _Generic
 * fail 3 received into a constant: _Generic
 * fail 4 another integer type: _Generic
 * fail 5 a void pointer: _Generic
 * fail 6 the element itself: _Generic
 * fail 7 a null pointer: _Generic
 * fail 8 a batch of another type: _Generic
 * fail 9 until, another type: _Generic
 * fail 10 try, another type: _Generic
 * fail 11 a handle of another channel type: incompatible
 * fail 12 an untyped descriptor: not a structure
 * fail 13 pointers as elements: a pointer or an array
 * fail 14 function pointers as elements: a pointer or an array
 * fail 15 arrays as elements: a pointer or an array
 * fail 16 a descriptor as a handle: incompatible|invalid initializer
 * fail 17 sending on a timer: can_send_
 * fail 18 closing a timer: can_send_
 * fail 19 a timer that is an ordinary channel: hchan_time_make
 * fail 20 one by name: hchan_time_open
 */
#include <hchan.h>

struct job {
	uint32_t id;
	char text[60];
};

struct other {
	uint32_t id;
	char text[60];
};

typedef void (*function)(int);

HCHAN_DECLARE(job_chan, struct job);
HCHAN_DECLARE(int_chan, int);
HCHAN_DECLARE_PTR(pointer_chan, int *);
HCHAN_DECLARE_AS(named_chan, struct job, "org.example.job/2");
HCHAN_DECLARE_LAYOUT(layout_chan, struct job, HCHAN_MEMBER(id),
		     HCHAN_MEMBER(text));
#if CASE == 13
HCHAN_DECLARE(bad_chan, int *);
#elif CASE == 14
HCHAN_DECLARE(bad_chan, function);
#elif CASE == 15
HCHAN_DECLARE(bad_chan, __typeof__(int[3]));
#endif

int use(job_chan jobs, struct job *job, struct other *other, void *any);

int use(job_chan jobs, struct job *job, struct other *other, void *any)
{
	const struct job *fixed = job;
	long number = 1;
	int_chan ints = int_chan_make(4);
	int_chan nil = { HCHAN_NIL };
	int i = 0, *p = &i;

	(void)other;
	(void)any;
	(void)number;
	(void)ints;
	(void)nil;
	(void)p;
#if CASE == 0
	struct job array[3] = { { 1, "" } };
	named_chan named = named_chan_open("named", HCHAN_O_SEND);
	layout_chan layout = layout_chan_create("layout", 1);
	pointer_chan pointers = pointer_chan_make(0);
	struct hchan_when when = hchan_after(5 * HCHAN_MSEC);
	const job_chan constant = jobs;
	int64_t due = 0;

	i += HCHAN_SEND(jobs, job) + HCHAN_SEND(jobs, fixed);
	i += HCHAN_RECV(jobs, job) + HCHAN_TRY_RECV(jobs, array);
	i += HCHAN_SEND(ints, &i) + HCHAN_SEND(nil, p) + HCHAN_RECV(ints, p);
	i += HCHAN_SENDN(jobs, array, 3) + HCHAN_RECVN(jobs, array, 3);
	i += HCHAN_SENDN_UNTIL(jobs, fixed, 1, when);
	i += HCHAN_RECVN_UNTIL(jobs, array, 3, hchan_nowait(), 0);
	i += HCHAN_SEND_UNTIL(jobs, job, when) + HCHAN_TRY_SEND(jobs, job);
	i += HCHAN_RECV_UNTIL(jobs, job, hchan_forever());
	i += HCHAN_SEND(pointers, &p) + HCHAN_RECV(pointers, &p);
	i += HCHAN_SEND(named, job) + HCHAN_RECV(layout, job);
	i += HCHAN_SEND(job_chan_of(3), job) + job_chan_close(jobs);
	i += HCHAN_SEND(constant, fixed) + HCHAN_RECV(constant, job);
	i += HCHAN_SEND(job_chan_nil(), job) + job_chan_drop(jobs);
	i += HCHAN_RECV(hchan_time_on(3), &due) + HCHAN_LEN(hchan_time_of(3));
	i += HCHAN_DROP(hchan_time_nil()) + hchan_time_drop(hchan_time_on(3));
	HCHAN_RANGE(i, hchan_time_on(3), &due)
		break;
#ifndef __cplusplus
	i += HCHAN_SEND(jobs, &(struct job){ 1, "commas" });
#endif
	return i;
#elif CASE == 1
	return HCHAN_SEND(jobs, other);
#elif CASE == 2
	return HCHAN_RECV(jobs, other);
#elif CASE == 3
	return HCHAN_RECV(jobs, fixed);
#elif CASE == 4
	return HCHAN_SEND(ints, &number);
#elif CASE == 5
	return HCHAN_SEND(jobs, any);
#elif CASE == 6
	return HCHAN_SEND(jobs, *job);
#elif CASE == 7
	return HCHAN_SEND(jobs, NULL);
#elif CASE == 8
	return HCHAN_SENDN(jobs, other, 1);
#elif CASE == 9
	return HCHAN_RECV_UNTIL(jobs, other, hchan_forever());
#elif CASE == 10
	return HCHAN_TRY_SEND(jobs, other);
#elif CASE == 11
	return int_chan_close(jobs);
#elif CASE == 12
	return HCHAN_SEND(3, job);
#elif CASE == 16
	ints = 3;
	return HCHAN_SEND(ints, &i);
#elif CASE == 17
	int64_t due = 0;

	return HCHAN_SEND(hchan_time_on(3), &due);
#elif CASE == 18
	return HCHAN_CLOSE(hchan_time_on(3));
#elif CASE == 19
	hchan_time timer = hchan_time_make(4);

	return timer.fd;
#elif CASE == 20
	hchan_time timer = hchan_time_open("timer", 0);

	return timer.fd;
#else
	return HCHAN_SEND(jobs, fixed);
#endif
}
