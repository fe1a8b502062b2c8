// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Selects over arrays and sets: what the kernel is asked, what is made of it. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <hchan.h>

#include "check.h"
#include "fake.h"

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);

static int ch_evaluated, elem_evaluated;

static job_chan jobs(void)
{
	job_chan ch = { CH };

	ch_evaluated++;
	return ch;
}

static struct job *job(void)
{
	static struct job jobs[4];

	elem_evaluated++;
	return jobs;
}

static void constructors(void)
{
	struct hchan_case c[] = {
		HCHAN_ON_RECV(jobs(), job()),
		HCHAN_ON_SEND(jobs(), job()),
		HCHAN_ON_SEND(jobs(), &(struct job){ 1, "commas" }),
		hchan_on_poll(SOCKET, POLLIN | POLLOUT),
		hchan_on_nil(),
	};

	check_eq("C27 a case evaluates its channel once", 3, ch_evaluated);
	check_eq("C27 and its element", 2, elem_evaluated);
	check_eq("on_recv: what", HCHAN_CASE_RECV, c[0].op);
	check_eq("on_recv: where", CH, c[0].fd);
	check_eq("on_recv: to where", (uintptr_t)job(), c[0].buf);
	check_eq("on_recv: room", sizeof(struct job), c[0].len);
	check_eq("on_send: what", HCHAN_CASE_SEND, c[1].op);
	check_eq("on_send: of a literal",
		 1, ((struct job *)(uintptr_t)c[2].buf)->id);
	check_eq("on_poll: what", HCHAN_CASE_POLL, c[3].op);
	check_eq("on_poll: events", POLLIN | POLLOUT, c[3].len);
	check_eq("on_nil: what", HCHAN_CASE_NIL, c[4].op);
	if (SIZE_MAX > UINT32_MAX)
		check_eq("a size is not cut", UINT32_MAX,
			 hchan_on_send(CH, job(), (size_t)UINT32_MAX + 5).len);
}

static void results(void)
{
	struct hchan_case c[3] = {
		hchan_on_recv(CH, NULL, 0),
		hchan_on_send(CH, NULL, 0),
		hchan_on_poll(SOCKET, POLLIN),
	};

	check_eq("received", 1, hchan_result(&c[0]));
	check_eq("sent", 0, hchan_result(&c[1]));
	c[2].actual = POLLIN | POLLHUP;
	check_eq("polled", POLLIN | POLLHUP, hchan_result(&c[2]));
	c[0].status = HCHAN_ST_DISCONNECTED;
	check_eq("the end", 0, hchan_result(&c[0]));
	c[0].status = HCHAN_ST_OK;
	c[0].error = -EMSGSIZE;
	check_eq("no room", -EMSGSIZE, hchan_result(&c[0]));
	c[1].status = HCHAN_ST_CLOSED;
	c[1].error = -EPIPE;
	check_eq("sent on a closed channel", -EPIPE, hchan_result(&c[1]));
}

static void asking(void)
{
	struct hchan_case c[3] = {
		hchan_on_poll(SOCKET, POLLIN),
		hchan_on_recv(CH + 1, NULL, 0),
		hchan_on_send(CH + 2, NULL, 0),
	};

	errno = EXDEV;
	fake_answer(1, 0);
	fake.actual = 7;
	fake.status = HCHAN_ST_CLOSED;
	check_eq("the index is returned", 1,
		 hchan_select(c, 3, hchan_forever(), 0));
	check_eq("asked on the first channel", CH + 1, fake.fd);
	check_eq("... with all cases", 3, fake.select.count);
	check_eq("... waiting for ever", 0, fake.select.flags);
	check_eq("the outcome is in the case", 7, c[1].actual);
	hchan_select(c, 3, hchan_nowait(), HCHAN_FIRST);
	check_eq("flags", HCHAN_NOWAIT | HCHAN_FIRST, fake.select.flags);
	hchan_select(c, 3, hchan_at_realtime((struct timespec){ 3, 5 }),
		     HCHAN_READY);
	check_eq("a deadline's flags",
		 HCHAN_DEADLINE | HCHAN_REALTIME | HCHAN_READY,
		 fake.select.flags);
	check_eq("a deadline", 3000000005LL, fake.select.deadline);
	check_eq("nothing was opened", 0, fake.opened);

	fake_answer(0, 0);
	hchan_select(c, 1, hchan_forever(), 0);
	check_eq("only polls: asked on the device", DEVICE, fake.fd);
	check_eq("... which is closed", 1, fake.closed);

	fake_answer(0, 0);
	check_eq("C48 flags of others", -EINVAL,
		 hchan_select(c, 3, hchan_forever(), HCHAN_NOWAIT));
	check_eq("C48 flags in the deadline", -EINVAL,
		 hchan_select(c, 3, (struct hchan_when){ 0, HCHAN_FIRST }, 0));
	if (SIZE_MAX > UINT32_MAX)
		check_eq("a number is not cut", -EINVAL,
			 hchan_select(c, (size_t)UINT32_MAX + 1,
				      hchan_forever(), 0));
	check_eq("... and the kernel is not asked", 0, fake.calls);
	check_eq("errno is left alone", EXDEV, errno);
}

static void nil_cases(void)
{
	struct hchan_case c[4] = {
		hchan_on_send(HCHAN_NIL, NULL, 3),
		hchan_on_recv(CH, NULL, 0),
		hchan_on_poll(HCHAN_NIL, POLLIN),
		hchan_on_nil(),
	};
	struct hchan_case before[4];

	memcpy(before, c, sizeof(c));
	fake_answer(1, 0);
	hchan_select(c, 4, hchan_forever(), 0);
	check_eq("C4 a nil send is nil", HCHAN_CASE_NIL, fake.cases[0].op);
	check_eq("C4 a nil poll is nil", HCHAN_CASE_NIL, fake.cases[2].op);
	check_eq("C4 a nil case is nil", HCHAN_CASE_NIL, fake.cases[3].op);
	check_eq("... others are not", HCHAN_CASE_RECV, fake.cases[1].op);
	check_eq("asked on one that is not nil", CH, fake.fd);
	check_eq("the array is as it was", 0, memcmp(before, c, sizeof(c)));

	c[1].error = -EPIPE;
	fake_answer(0, EAGAIN);
	hchan_select(c, 4, hchan_nowait(), 0);
	check_eq("... also when none is ready", 0, c[0].error);
	check_eq("... and what is not nil is untouched", -EPIPE, c[1].error);
	c[0].fd = CH;
	hchan_select(c, 4, hchan_nowait(), 0);
	check_eq("C4 no longer nil", HCHAN_CASE_SEND, fake.cases[0].op);

	c[0].fd = HCHAN_NIL;
	c[1].fd = HCHAN_NIL;
	fake_answer(0, 0);
	check_eq("C24 only nil, default", -EAGAIN,
		 hchan_select(c, 4, hchan_nowait(), HCHAN_FIRST));
	check_eq("C4 C40 only nil, a deadline", -ETIMEDOUT,
		 hchan_select(c, 4, hchan_after(1000), 0));
	check_eq("C24 nothing, default", -EAGAIN,
		 hchan_select(NULL, 0, hchan_nowait(), 0));
	check_eq("C40 nothing, a deadline", -ETIMEDOUT,
		 hchan_select(NULL, 0, hchan_after(1000), HCHAN_READY));
	check_eq("C48 a deadline without its flag", -EINVAL,
		 hchan_select(c, 4, (struct hchan_when){ 1, 0 }, 0));
	check_eq("... the kernel is not needed", 0,
		 fake.calls + fake.opened);
}

/* Errors, and whose they are. */
static void blame(void)
{
	struct hchan_case c[3] = {
		hchan_on_recv(CH, NULL, 0),
		hchan_on_recv(SOCKET, NULL, 0),
		hchan_on_recv(CH + 1, NULL, 0),
	};

	c[0].error = -EPIPE;
	fake_answer(0, EBADF);
	fake.index = 1;
	check_eq("C48 no channel", -EBADF,
		 hchan_select(c, 3, hchan_forever(), 0));
	check_eq("the case has the error", -EBADF, c[1].error);
	check_eq("others have none", 0, c[0].error | c[2].error);
	check_eq("C48 no channel, to ask on", -EBADF,
		 hchan_select(c + 1, 2, hchan_forever(), 0));
	check_eq("... is that case's error", -EBADF, c[1].error);
	c[1].fd = -1;
	c[1].error = 0;
	check_eq("C4 a stray -1", -EBADF,
		 hchan_select(c + 1, 2, hchan_forever(), 0));
	check_eq("... is that case's error", -EBADF, c[1].error);

	c[0].error = -EPIPE;
	fake_answer(0, EINVAL);
	check_eq("an error of the call", -EINVAL,
		 hchan_select(c, 3, hchan_forever(), 0));
	check_eq("... is no case's", 0,
		 c[0].error | c[1].error | c[2].error);
	c[0].error = -EPIPE;
	fake_answer(0, EINTR);
	check_eq("a signal", -EINTR, hchan_select(c, 3, hchan_forever(), 0));
	check_eq("... touches no case", -EPIPE, c[0].error);
	fake_answer(0, 0);
	fake.no_select = 1;
	check_eq("a module without select", -ENOTTY,
		 hchan_select(c, 3, hchan_forever(), 0));
}

static void sets(void)
{
	struct hchan_case c[4] = {
		hchan_on_nil(),
		hchan_on_recv(CH, NULL, 0),
		hchan_on_send(HCHAN_NIL, NULL, 0),
		hchan_on_send(CH + 1, "abc", 4),
	};
	struct hchan_cases set = HCHAN_CASES(c);

	fake_answer(3, 0);
	fake.error = -EPIPE;
	fake.status = HCHAN_ST_CLOSED;
	check_eq("a set is not made before", -1, set.fd);
	check_eq("a set's select returns the index", 3,
		 hchan_set_select(&set, hchan_nowait(), HCHAN_FIRST));
	check_eq("... and made the set", SET, set.fd);
	check_eq("... on a channel, not on the device", CH, fake.fd);
	check_eq("... of the array's cases", HCHAN_CASE_RECV, fake.set[1].op);
	check_eq("C4 and no nil ones", HCHAN_CASE_NIL,
		 fake.set[0].op | fake.set[2].op);
	check_eq("the kernel has its number", CH + 1, fake.set[3].fd);
	check_eq("flags", HCHAN_NOWAIT | HCHAN_FIRST | HCHAN_LOST,
		 fake.set_select.flags);
	check_eq("the outcome is in the case", -EPIPE, hchan_result(&c[3]));
	check_eq("live", 2, set.live);
	check_eq("not dropped unless asked", CH + 1, c[3].fd);
	fake.controls = 0;
	hchan_set_select(&set, hchan_forever(), 0);
	check_eq("again: one call", 0, fake.controls);

	c[2].fd = CH + 2;
	check_eq("no longer nil", 0, hchan_set_change(&set, 2));
	check_eq("... the kernel knows", CH + 2, fake.set[2].fd);
	c[2].fd = HCHAN_NIL;
	hchan_set_change(&set, 2);
	check_eq("nil again", HCHAN_CASE_NIL, fake.set[2].op);
	check_eq("disable", 0, hchan_set_disable(&set, 3));
	check_eq("... the kernel knows", 1, fake.disabled[3]);
	check_eq("enable", 0, hchan_set_enable(&set, 3));
	check_eq("... the kernel knows", 0, fake.disabled[3]);
	check_eq("disable nil", 0, hchan_set_disable(&set, 0));
	check_eq("enable nil", 0, hchan_set_enable(&set, 0));
	check_eq("change without such a case", -EINVAL,
		 hchan_set_change(&set, 4));
	check_eq("disable without such a case", -EINVAL,
		 hchan_set_disable(&set, 4));
	check_eq("enable without such a case", -EINVAL,
		 hchan_set_enable(&set, 4));

	c[3].flags = HCHAN_CASE_DROP;
	hchan_set_change(&set, 3);
	check_eq("dropping: the kernel knows", HCHAN_CASE_DROP,
		 fake.set[3].flags);
	hchan_set_select(&set, hchan_forever(), 0);
	check_eq("dropped: nil", HCHAN_NIL, c[3].fd);
	check_eq("... and its last result is there", -EPIPE,
		 hchan_result(&c[3]));
	check_eq("drop", 0, hchan_set_drop(&set));
	check_eq("... closes it", 1, fake.closed);
	check_eq("... which is known", -1, set.fd);
	check_eq("drop twice", 0, hchan_set_drop(&set));
	check_eq("changes without a set", 0, hchan_set_change(&set, 1));
}

/* The array counts, whatever the kernel has. */
static void true_sets(void)
{
	struct hchan_case c[3] = {
		hchan_on_recv(CH, NULL, 0),
		hchan_on_recv(CH + 1, NULL, 0),
		hchan_on_recv(CH + 2, NULL, 0),
	};
	struct hchan_cases set = HCHAN_CASES(c);

	fake_answer(0, 0);
	hchan_set_select(&set, hchan_forever(), 0);
	hchan_set_disable(&set, 1);
	fake.lost = 1;
	fake.calls = 0;
	check_eq("a descriptor was closed: selected again", 0,
		 hchan_set_select(&set, hchan_forever(), 0));
	check_eq("... after one that failed", 2, fake.calls);
	check_eq("... with all cases", CH + 2, fake.set[2].fd);
	check_eq("... the disabled one is not ready", HCHAN_CASE_NIL,
		 fake.set[1].op);
	hchan_set_enable(&set, 1);
	check_eq("... until it is enabled", CH + 1, fake.set[1].fd);

	c[2].fd = SOCKET;
	check_eq("C48 changed to no channel", -EBADF,
		 hchan_set_change(&set, 2));
	fake.calls = 0;
	check_eq("C48 selects say so", -EBADF,
		 hchan_set_select(&set, hchan_forever(), 0));
	check_eq("... with the case", -EBADF, c[2].error);
	check_eq("... before they do anything", 0, fake.calls);
	check_eq("C48 and again", -EBADF,
		 hchan_set_select(&set, hchan_forever(), 0));
	c[2].fd = CH + 3;
	hchan_set_change(&set, 2);
	check_eq("repaired", 0, hchan_set_select(&set, hchan_forever(), 0));
	check_eq("... and there", CH + 3, fake.set[2].fd);

	fake.err = EFAULT;
	fake.index = 1;
	check_eq("an error about a case", -EFAULT,
		 hchan_set_select(&set, hchan_forever(), 0));
	check_eq("... is with the case", -EFAULT, c[1].error);
	check_eq("... and no other", 0, c[0].error | c[2].error);
	check_eq("flags of others", -EINVAL,
		 hchan_set_select(&set, hchan_forever(), HCHAN_SOME));
	hchan_set_drop(&set);

	fake_answer(0, 0);
	fake.refused = CH + 3;
	check_eq("C48 a bad case when it is made", -EBADF,
		 hchan_set_make(&set));
	check_eq("... with the case", -EBADF, c[2].error);
	check_eq("... leaves no set", -1, set.fd);
	check_eq("... nor a descriptor", 1, fake.closed);
	c[0].fd = -1;
	check_eq("C4 a stray -1", -EBADF, hchan_set_make(&set));
	check_eq("... with the case", -EBADF, c[0].error);
	fake_answer(0, 0);
	set.n = 0;
	check_eq("an empty set", SET, hchan_set_make(&set));
	check_eq("... is made on the device", 1, fake.opened);
}

int main(void)
{
	constructors();
	results();
	asking();
	nil_cases();
	blame();
	sets();
	true_sets();
	return check_end();
}
