// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What only C++ can say. As in typed.c:
 *
 * pass 0 handles in a template
 * fail 1 a derived class: another type
 * fail 2 a class that is not trivially copyable: copied byte by byte
 * fail 3 a pointer to a member: means nothing in another process
 * fail 4 an array: array into a struct
 * fail 5 another type: another type
 */
#include <hchan.h>
#include <hchan/test.h>

struct job {
	int id;
};

struct derived : job {
	int more;
};

struct heavy {
	heavy(const heavy &) {}
};

typedef int job::*member;
typedef int triple[3];

HCHAN_DECLARE(job_chan, job);
#if CASE == 2
HCHAN_DECLARE(bad_chan, heavy);
#elif CASE == 3
HCHAN_DECLARE(bad_chan, member);
#elif CASE == 4
HCHAN_DECLARE(bad_chan, triple);
#endif

template <class C, class E> int relay(C from, C to, E *elem)
{
	int ret = HCHAN_RECV(from, elem);

	return ret > 0 ? HCHAN_SEND(to, elem) : ret;
}

int use(job_chan from, job_chan to);

int use(job_chan from, job_chan to)
{
#if CASE == 1
	derived elem = {};
#elif CASE == 5
	long elem = 0;
#else
	job elem = {};
#endif
	return relay(from, to, &elem);
}
