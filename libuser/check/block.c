// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Select in the form of Go's: which body runs, what is evaluated and how often,
 * what break and continue mean. As C and as C++.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <hchan.h>

#include "check.h"
#include "fake.h"

struct sum {
	int n;
	int sum;
};

HCHAN_DECLARE(sum_chan, struct sum);

static int ch_evaluated, elem_evaluated, other_evaluated;

static sum_chan sums(void)
{
	ch_evaluated++;
	return sum_chan_fd_(CH + ch_evaluated);
}

static struct sum *elem(void)
{
	static struct sum sums[8];

	return &sums[elem_evaluated++];
}

static int descriptor(void)
{
	other_evaluated++;
	return SOCKET;
}

static short events(void)
{
	other_evaluated += 10;
	return POLLIN;
}

static struct hchan_when at_five(void)
{
	const struct timespec five = { 5, 0 };

	other_evaluated += 100;
	return hchan_at(five);
}

static struct hchan_case some_case(void)
{
	other_evaluated += 1000;
	return hchan_on_recv(CH + 50, NULL, 3);
}

/* A select with everything; returns the number of the body that ran. */
static int everything(int *result)
{
	int body = 0, r = -1;

	HCHAN_SELECT_WITH(r, NULL, HCHAN_FIRST)
	HCHAN_RECV_CASE(sums(), elem()) {
		body = body * 10 + 1;
	}
	HCHAN_SEND_CASE(sums(), elem()) {
		body = body * 10 + 2;
	}
	HCHAN_POLL_CASE(descriptor(), events()) {
		body = body * 10 + 3;
	}
	HCHAN_UNTIL(at_five()) {
		body = body * 10 + 4;
	}
	HCHAN_CASE(some_case())
		body = body * 10 + 5;
	HCHAN_ERROR {
		body = body * 10 + 6;
	}
	HCHAN_END;
	*result = r;
	return body;
}

static void once(const char *name)
{
	check_eq(name, 2 * 100000 + 2 * 10000 + 1111,
		 ch_evaluated * 100000 + elem_evaluated * 10000 +
		 other_evaluated);
	ch_evaluated = 0;
	elem_evaluated = 0;
	other_evaluated = 0;
}

static void bodies(void)
{
	int r;

	fake_answer(0, 0);
	check_eq("the receive's body", 1, everything(&r));
	check_eq("... ok", 1, r);
	once("C27 each argument is evaluated once");
	check_eq("one call", 1, fake.calls);
	check_eq("all cases", 4, fake.select.count);
	check_eq("the deadline", 5 * HCHAN_SEC, fake.select.deadline);
	check_eq("flags", HCHAN_DEADLINE | HCHAN_FIRST, fake.select.flags);
	check_eq("in their order: receive", HCHAN_CASE_RECV, fake.cases[0].op);
	check_eq("... send", HCHAN_CASE_SEND, fake.cases[1].op);
	check_eq("... poll", HCHAN_CASE_POLL, fake.cases[2].op);
	check_eq("... any", CH + 50, fake.cases[3].fd);
	fake.status = HCHAN_ST_CLOSED;
	check_eq("a receive's end", 1, everything(&r));
	check_eq("... is not ok", 0, r);
	once("C27 likewise");

	fake_answer(1, 0);
	check_eq("the send's body", 2, everything(&r));
	check_eq("... success", 0, r);
	once("C27 likewise");
	fake.error = -EPIPE;
	check_eq("a send that failed", 2, everything(&r));
	check_eq("... says so", -EPIPE, r);
	once("C27 likewise");

	fake_answer(2, 0);
	fake.actual = POLLHUP;
	check_eq("the poll's body", 3, everything(&r));
	check_eq("... its events", POLLHUP, r);
	once("C27 likewise");
	fake_answer(3, 0);
	check_eq("any case's body", 5, everything(&r));
	once("C27 likewise");
	fake_answer(0, ETIMEDOUT);
	check_eq("the deadline's body", 4, everything(&r));
	check_eq("... says so", -ETIMEDOUT, r);
	once("C27 likewise");
	fake_answer(0, EINTR);
	check_eq("an error's body", 6, everything(&r));
	check_eq("... says which", -EINTR, r);
	once("C27 likewise");
}

static void default_clause(void)
{
	int body = 0, r = 0;

	fake_answer(0, EAGAIN);
	HCHAN_SELECT(r)
	HCHAN_DEFAULT {
		body = 1;
	}
	HCHAN_CASE(some_case()) {
		body = 2;
	}
	HCHAN_UNTIL(at_five()) {
		body = 3;
	}
	HCHAN_END;
	check_eq("C24 default's body", 1, body);
	check_eq("... says so", -EAGAIN, r);
	check_eq("... does not wait", HCHAN_NOWAIT, fake.select.flags);
	check_eq("... and has no deadline", 0, fake.select.deadline);

	HCHAN_SELECT(r)
	HCHAN_CASE(some_case()) {
		body = 2;
	}
	HCHAN_UNTIL(hchan_nowait()) {
		body = 3;
	}
	HCHAN_END;
	check_eq("a deadline that says not to wait", 3, body);

	body = 0;
	fake_answer(0, EBADF);
	HCHAN_SELECT(r)
	HCHAN_CASE(some_case()) {
		body = 2;
	}
	HCHAN_DEFAULT {
		body = 1;
	}
	HCHAN_END;
	check_eq("an error is no default", 0, body);
	check_eq("... and without a body in the result", -EBADF, r);
	other_evaluated = 0;
}

/* More than one of a kind, or too many. */
static void limits(void)
{
	int body = 0, r = 0;

	fake_answer(0, 0);
	HCHAN_SELECT(r)
	HCHAN_UNTIL(at_five()) {
		body = 1;
	}
	HCHAN_UNTIL(at_five()) {
		body = 2;
	}
	HCHAN_ERROR {
		body = 3;
	}
	HCHAN_ERROR {
		body = 4;
	}
	HCHAN_END;
	check_eq("two deadlines are an error, of one body", 3, body);
	check_eq("... which", -EINVAL, r);
#undef HCHAN_BLOCK_CASES
#define HCHAN_BLOCK_CASES 2
	HCHAN_SELECT(r)
	HCHAN_CASE(some_case()) {
		body = 5;
	}
	HCHAN_CASE(some_case()) {
		body = 5;
	}
	HCHAN_END;
	check_eq("as many cases as there is room for", 5, body);
	fake.calls = 0;
	HCHAN_SELECT(r)
	HCHAN_CASE(some_case()) {
		body = 6;
	}
	HCHAN_CASE(some_case()) {
		body = 6;
	}
	HCHAN_CASE(some_case()) {
		body = 6;
	}
	HCHAN_END;
	check_eq("one more runs nothing", 5, body);
	check_eq("... which is an error", -E2BIG, r);
	check_eq("... before it does anything", 0, fake.calls);
#undef HCHAN_BLOCK_CASES
#define HCHAN_BLOCK_CASES 16
	HCHAN_SELECT(r)
	HCHAN_DEFAULT {
		body = 7;
	}
	HCHAN_END;
	check_eq("no case at all, default", 7, body);
	other_evaluated = 0;
}

/* What jumps mean in a body: 1 break, 2 continue, 3 return, 4 goto. */
static int jump(int how)
{
	int trace = 0, round, r = 0;

	for (round = 0; round < 2; round++) {
		HCHAN_SELECT(r)
		HCHAN_CASE(some_case()) {
			switch (how) {
			case 3:
				return 3;
			case 4:
				goto out;
			}
			if (how == 1)
				break;
			if (how == 2)
				continue;
			trace += 1;
		}
		HCHAN_CASE(some_case()) {
			trace += 1000;
		}
		HCHAN_END;
		trace += 10;
	}
	return trace;
out:
	return 4;
}

static void jumps(void)
{
	fake_answer(0, 0);
	check_eq("a body's end leaves the select", 22, jump(0));
	check_eq("break leaves the select", 20, jump(1));
	check_eq("continue goes on with the loop around", 0, jump(2));
	check_eq("return returns", 3, jump(3));
	check_eq("goto goes", 4, jump(4));
	other_evaluated = 0;
}

static void in_a_body(void)
{
	int outer = 0, inner = 0, r = 0, q = 7;

	fake_answer(1, 0);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(CH, NULL, 1)) {
		outer = 1;
	}
	HCHAN_CASE(hchan_on_recv(CH + 1, NULL, 2)) {
		fake_answer(0, EAGAIN);
		HCHAN_SELECT(q)
		HCHAN_CASE(hchan_on_send(CH + 2, NULL, 3)) {
			inner = 1;
		}
		HCHAN_DEFAULT {
			inner = 2;
			check_eq("nobody went", 1, !HCHAN_WENT);
		}
		HCHAN_END;
		outer = 2;
		check_eq("a nested select has cases of its own", 1,
			 fake.select.count);
		check_eq("... and the outer still its", CH + 1,
			 HCHAN_WENT->fd);
	}
	HCHAN_DEFAULT {
		outer = 3;
	}
	HCHAN_END;
	check_eq("the inner select's body", 2, inner);
	check_eq("the outer select's body", 2, outer);
	check_eq("the inner's result", -EAGAIN, q);
	check_eq("the outer's result", 1, r);
}

/* Go's ch = nil; each round looks at the variables anew. */
static void rounds(void)
{
	int a = CH, b = CH + 1, n = 0, r = 0;

	fake_answer(0, 0);
	fake.status = HCHAN_ST_CLOSED;
	while (n < 2) {
		n++;
		HCHAN_SELECT(r)
		HCHAN_CASE(hchan_on_recv(a, NULL, 0)) {
			if (r == 0) {
				a = HCHAN_NIL;
				b = CH + 9;
			}
			fake.ret = 1;
		}
		HCHAN_CASE(hchan_on_recv(b, NULL, 0)) {
			b = HCHAN_NIL;
		}
		HCHAN_END;
	}
	check_eq("a nil channel is nil in the next round", HCHAN_CASE_NIL,
		 fake.cases[0].op);
	check_eq("another one is another", CH + 9, fake.cases[1].fd);
	check_eq("... and went", HCHAN_NIL, b);
}

static void went(void)
{
	const struct hchan_case *about = NULL;
	uint32_t actual = 0;
	int r = 0;

	fake_answer(1, 0);
	fake.actual = 17;
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(CH, NULL, 100)) {
		actual = 1;
	}
	HCHAN_CASE(hchan_on_recv(CH + 1, NULL, 100)) {
		actual = HCHAN_WENT->actual;
	}
	HCHAN_END;
	check_eq("a message's length", 17, actual);

	fake_answer(0, EBADF);
	fake.index = 1;
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(CH, NULL, 100)) {
	}
	HCHAN_CASE(hchan_on_recv(CH + 1, NULL, 100)) {
	}
	HCHAN_ERROR {
		about = HCHAN_WENT;
		check_eq("the case that an error is about", CH + 1, about->fd);
	}
	HCHAN_END;
	check_eq("... was found", 1, !!about);
	fake_answer(0, ENOMEM);
	HCHAN_SELECT(r)
	HCHAN_CASE(hchan_on_recv(CH, NULL, 100)) {
	}
	HCHAN_ERROR {
		about = HCHAN_WENT;
	}
	HCHAN_END;
	check_eq("one that is about none", 1, !about);
}

static void sets(void)
{
	struct hchan_case room[3];
	struct hchan_cases set = HCHAN_CASES(room);
	int ch = CH, round, body = 0, r = 0;
	char buf[2][4];

	memset(room, 0x11, sizeof(room));
	fake_answer(0, 0);
	for (round = 0; round < 6; round++) {
		if (round == 2)
			ch = CH + 7;
		if (round == 4)
			ch = HCHAN_NIL;
		HCHAN_SELECT_IN(r, &set);
		HCHAN_CASE(hchan_on_recv(CH + 1, buf[round & 1], 4)) {
			body = 1;
		}
		HCHAN_CASE(hchan_on_recv(ch, NULL, 4)) {
			body = 2;
		}
		HCHAN_ERROR {
			body = 3;
		}
		HCHAN_END;
		switch (round) {
		case 0:
			check_eq("a set's body", 1, body);
			check_eq("... its result", 1, r);
			check_eq("the set was made", SET, set.fd);
			check_eq("... of as many cases", HCHAN_CASE_NIL,
				 fake.set[2].op);
			fake.ret = 1;
			break;
		case 1:
			check_eq("another body", 2, body);
			check_eq("another buffer is put", (uintptr_t)buf[1],
				 fake.set[0].buf);
			check_eq("... and nothing else", 1, fake.controls);
			break;
		case 2:
			check_eq("another channel is put", CH + 7,
				 fake.set[1].fd);
			break;
		case 4:
			check_eq("C4 nil is put", HCHAN_CASE_NIL,
				 fake.set[1].op);
			ch = SOCKET;
			break;
		case 5:
			check_eq("C48 no channel is an error", 3, body);
			check_eq("... which", -EBADF, r);
			break;
		}
		fake.controls = 0;
	}
	ch = CH;
	hchan_set_drop(&set);
	fake_answer(0, 0);
	HCHAN_SELECT_IN(r, &set);
	HCHAN_CASE(hchan_on_recv(CH, NULL, 4))
		body = 4;
	HCHAN_CASE(hchan_on_recv(CH, NULL, 4))
		body = 5;
	HCHAN_CASE(hchan_on_recv(CH, NULL, 4))
		body = 5;
	HCHAN_CASE(hchan_on_recv(CH, NULL, 4))
		body = 5;
	HCHAN_END;
	check_eq("more cases than the set has room for", -E2BIG, r);
}

#ifndef __cplusplus
/* Two rounds through a select whose clauses hold their elements themselves. */
static void literals(int n)
{
	sum_chan out = sum_chan_fd_(CH);
	int i, r, right = 0;

	for (i = 0; i < 6; i++) {
		const struct sum *sent = (struct sum *)fake.element;

		fake_answer(i % 3, 0);
		HCHAN_SELECT(r)
		HCHAN_SEND_CASE(out, &(struct sum){ n, i })
			right += sent->n == n && sent->sum == i;
		HCHAN_SEND_CASE(out, &(struct sum){ n + 1, i + 10 })
			right += sent->n == n + 1 && sent->sum == i + 10;
		HCHAN_SEND_CASE(out, &(struct sum){ .sum = i + 20 }) {
			right += sent->n == 0 && sent->sum == i + 20;
		}
		HCHAN_END;
	}
	check_eq("a literal lives until it is sent", 6, right);
}
#endif

/* An `if` around a select, and one in a body, keep the `else` that is theirs. */
static int dangling(int outside, int inside)
{
	int body = 0, r = 0;

	if (outside)
		HCHAN_SELECT(r)
		HCHAN_CASE(some_case())
			if (inside)
				body = 1;
		HCHAN_CASE(some_case())
			body = 2;
		HCHAN_END
	else
		body = 3;
	return body;
}

int main(int argc, char **argv)
{
	(void)argv;
	bodies();
	default_clause();
	limits();
	jumps();
	in_a_body();
	rounds();
	went();
	sets();
#ifndef __cplusplus
	literals(argc + 40);
#else
	(void)argc;
#endif
	fake_answer(0, 0);
	check_eq("else: neither", 3, dangling(0, 1));
	check_eq("else: a body's", 1, dangling(1, 1));
	check_eq("else: a body without", 0, dangling(1, 0));
	fake_answer(1, 0);
	check_eq("else: the next clause's", 2, dangling(1, 1));
	return check_end();
}
