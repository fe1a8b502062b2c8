// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selects that are wrong: each error, with the case that it is about, or with
 * none, and nothing changed: no channel, no case, no byte of the caller's (C18,
 * C38, C42, C48). What is wrong stands beside cases that are ready and right.
 */
#include <poll.h>
#include <sys/eventfd.h>

#include "bad.h"
#include "hchan_select.h"

#define SIZE sizeof(struct hchan_case)
#define CASES 10		/* more than are taken in at once */
#define OUT_SIZE (SIZE - offsetof(struct hchan_case, actual))
#define POINTS(ptr) ((uint64_t)(uintptr_t)(ptr))

/* No index is written: what is there then. */
#define NO_CASE HC_POISON32

static struct hchan_select *sel;	/* at the end of B_ARG */
static struct hchan_case *cases;	/* at the end of B_BUF */
static uint8_t *elems;			/* in the middle of B_NAME */
static int event, file;

/*
 * Nil cases around a receive that is ready and a send that is. Elements lie
 * apart from each other.
 */
static void right(uint32_t count)
{
	uint32_t i;

	bad_poison();
	sel = bad_at(B_ARG, sizeof(*sel));
	cases = bad_at(B_BUF, count * SIZE);
	elems = (uint8_t *)BLOCK_AT(B_NAME);
	*sel = (struct hchan_select) {
		.cases = POINTS(cases),
		.count = count,
		.flags = HCHAN_NOWAIT,
		.index = NO_CASE,
	};
	for (i = 0; i < count; i++)
		cases[i] = hc_case_nil();
	cases[0] = hc_case_recv(bad_fd[ON_FIXED], elems, 8);
	cases[1] = hc_case_send(bad_fd[ON_FIXED], elems + 64, 8);
}

/* Makes the call. Return: whether it fails with @error about @index alone. */
static bool fails(int error, uint32_t index)
{
	struct bad_state before;
	bool same;
	int ret;

	bad_look(&before);
	bad_remember();
	ret = bad_call(bad_fd[ON_DEV], HCHAN_IOC_SELECT, POINTS(sel));
	same = true;
	if (index != NO_CASE)
		same = bad_wrote(&sel->index, &index, sizeof(index));
	same = bad_memory_same() && bad_state_same(&before) && same;
	if (ret == error && same)
		return true;
	ksft_print_msg("%s, index %u; wanted %s, %u\n",
		       ret < 0 ? strerrorname_np(-ret) : "done", sel->index,
		       strerrorname_np(-error), index);
	if (ret >= 0)
		bad_again();
	return false;
}

/* Case @bad, first, in the middle, and last, of a few and of many. */
static void wrong_case(struct hchan_case bad, int error, const char *what)
{
	static const uint32_t places[][2] = {
		{ 3, 2 }, { 3, 0 }, { CASES, CASES - 1 }, { CASES, 8 },
		{ 8, 7 }, { 9, 8 }, { 1, 0 }, { 2000, 1999 },
	};
	bool good = true;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (places[i][0] == 1) {
			right(2);
			sel->count = 1;
		} else {
			right(places[i][0]);
		}
		cases[places[i][1]] = bad;
		good = good && fails(error, places[i][1]);
		sel->flags = HCHAN_NOWAIT | HCHAN_READY | HCHAN_FIRST;
		sel->index = NO_CASE;
		good = good && fails(error, places[i][1]);
	}
	ksft_test_result(good, "%s: %s\n", what, strerrorname_np(-error));
}

static void test_cases(void)
{
	struct hchan_case c;
	int fixed = bad_fd[ON_FIXED];

	wrong_case(hc_case_recv(-1, elems, 8), -EBADF, "no descriptor");
	wrong_case(hc_case_recv(INT32_MAX, elems, 8), -EBADF, "none so high");
	wrong_case(hc_case_poll(-1, POLLIN), -EBADF, "none to be polled");
	wrong_case(hc_case_recv(event, elems, 8), -EBADF, "an eventfd");
	wrong_case(hc_case_send(bad_fd[ON_DEV], elems, 8), -EBADF, "the device");
	wrong_case(hc_case_recv(bad_fd[ON_DIR], elems, 8), -EBADF, "a directory");
	wrong_case(hc_case_recv(bad_fd[ON_TX], elems, 8), -EBADF,
		   "a receive by a sender");
	wrong_case(hc_case_send(bad_fd[ON_RX], elems, 8), -EBADF,
		   "a send by a receiver");
	wrong_case(hc_case_poll(file, POLLIN), -EPERM, "a file to be polled");

	wrong_case(hc_case_recv(fixed, elems, 7), -EMSGSIZE, "no room");
	wrong_case(hc_case_recv(fixed, NULL, 0), -EMSGSIZE, "no room at all");
	wrong_case(hc_case_send(fixed, elems, 7), -EMSGSIZE, "half an element");
	wrong_case(hc_case_send(fixed, elems, 9), -EMSGSIZE, "more than one");
	wrong_case(hc_case_send(fixed, elems, UINT32_MAX), -EMSGSIZE,
		   "far more than one");
	wrong_case(hc_case_send(bad_fd[ON_MSG], elems, 0), -EMSGSIZE,
		   "a message of no bytes");
	wrong_case(hc_case_send(bad_fd[ON_MSG], elems, MSG_MAX + 1), -EMSGSIZE,
		   "a message that is too long");

	c = hc_case_recv(fixed, elems, 8);
	c.flags = HCHAN_CASE_DROP;
	wrong_case(c, -EINVAL, "a set's flag");
	c.flags = 0x8000;
	wrong_case(c, -EINVAL, "an unknown flag");
	wrong_case(hc_case(HCHAN_CASE_POLL + 1, fixed, elems, 8), -EINVAL,
		   "an unknown operation");
	wrong_case(hc_case(UINT16_MAX, fixed, elems, 8), -EINVAL,
		   "the last of them");
}

/* The call's own fields, by themselves or with what they exclude. */
static void test_call(void)
{
	static const struct {
		uint32_t count;
		uint32_t flags;
		int64_t deadline;
		uint32_t reserved;
		const char *what;
	} bad[] = {
		{ 3, 0x40, 0, 0, "an unknown flag" },
		{ 3, 0x80000000, 0, 0, "another unknown flag" },
		{ 3, HCHAN_SOME, 0, 0, "a batch's flag" },
		{ 3, HCHAN_NOWAIT | HCHAN_DEADLINE, 0, 0, "default and a deadline" },
		{ 3, HCHAN_REALTIME, 0, 0, "a clock and no deadline" },
		{ 3, 0, 1, 0, "a deadline without its flag" },
		{ 3, HCHAN_NOWAIT, -1, 0, "one before the start of time" },
		{ 3, HCHAN_NOWAIT, 0, 1, "a reserved field" },
		{ 65536, HCHAN_NOWAIT, 0, 0, "a case too many" },
		{ UINT32_MAX, HCHAN_NOWAIT, 0, 0, "as many as can be said" },
	};
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		right(3);
		sel->count = bad[i].count;
		sel->flags = bad[i].flags;
		sel->deadline = bad[i].deadline;
		sel->__reserved = bad[i].reserved;
		ksft_test_result(fails(-EINVAL, NO_CASE), "%s: EINVAL\n",
				 bad[i].what);
	}
}

/* Where no memory is, or not enough, or none that can be written to. */
static const uint64_t nowhere[] = {
	0, 8, HOLE, BLOCK_END(B_RO), 0x00007ffffffff000, 0x0000800000000000,
	0x8000000000000000, 0xffff888000000000, 0xffffffff81000000,
	UINT64_MAX - 4096, UINT64_MAX,
};

static void test_addresses(void)
{
	bool good = true;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		right(3);
		sel->cases = nowhere[i];
		good = good && fails(-EFAULT, NO_CASE);
		right(CASES);
		sel->cases = nowhere[i];
		good = good && fails(-EFAULT, NO_CASE);
	}
	ksft_test_result(good, "cases that are nowhere\n");

	/* The out fields of a case that does not go need not be there. */
	good = true;
	for (i = 1; i < 3 * SIZE; i++) {
		right(3);
		cases[0] = hc_case_nil();
		cases[1] = hc_case_nil();
		memmove((uint8_t *)cases + i, cases, 3 * SIZE - i);
		sel->cases += i;
		good = good && fails(i <= OUT_SIZE ? -EAGAIN : -EFAULT, NO_CASE);
	}
	right(2000);
	sel->count = 2001;
	good = good && fails(-EFAULT, NO_CASE);
	sel->count = 65535;
	good = good && fails(-EFAULT, NO_CASE);
	ksft_test_result(good, "cases that are cut off\n");

	good = true;
	for (i = 1; i < sizeof(*sel); i++) {
		right(3);
		memmove((uint8_t *)sel + i, sel, sizeof(*sel) - i);
		sel = (void *)((uint8_t *)sel + i);
		/* What is behind is not there: no index can be written. */
		good = good && fails(-EFAULT, NO_CASE);
	}
	ksft_test_result(good, "an argument that is cut off\n");
}

/* Case 0 is the only one that is ready, and it has @buf. */
static void one_ready(struct hchan_case c)
{
	right(3);
	cases[0] = c;
	cases[1] = hc_case_nil();
}

static void test_elements(void)
{
	bool good = true;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		one_ready(hc_case_recv(bad_fd[ON_FIXED], NULL, 8));
		cases[0].buf = nowhere[i];
		good = good && fails(-EFAULT, 0);
		one_ready(hc_case_send(bad_fd[ON_FIXED], NULL, 8));
		cases[0].buf = nowhere[i];
		good = good && fails(-EFAULT, 0);
		one_ready(hc_case_recv(bad_fd[ON_CLOSED], NULL, 8));
		cases[0].buf = nowhere[i];
		good = good && fails(-EFAULT, 0);
		one_ready(hc_case_recv(bad_fd[ON_BIG], NULL, BIG_SIZE));
		cases[0].buf = nowhere[i];
		good = good && fails(-EFAULT, 0);
	}
	ksft_test_result(good, "elements that are nowhere\n");

	good = true;
	for (i = 1; i <= 8; i++) {
		one_ready(hc_case_recv(bad_fd[ON_FIXED], bad_at(B_EDGE, 8 - i), 8));
		/* Nothing of it comes to the part that is there either. */
		cases[0].buf = BLOCK_END(B_RO) - 8 + i;
		good = good && fails(-EFAULT, 0);
		one_ready(hc_case_recv(bad_fd[ON_FIXED],
				       (void *)(BLOCK_AT(B_RO) - 8 + i), 8));
		good = good && fails(-EFAULT, 0);
	}
	ksft_test_result(good, "elements that are cut off, or read-only\n");
}

/* Of those that wait: what one case need not have does not help the next. */
static void test_beside(void)
{
	int zero = hc_make(0, 0, 0);
	void *ro = (void *)BLOCK_AT(B_RO);

	hc_must(zero >= 0);
	right(3);
	cases[0] = hc_case_recv(zero, ro, 0);
	cases[1] = hc_case_recv(bad_fd[ON_EMPTY], ro, 8);
	cases[2] = hc_case_nil();
	sel->flags = HCHAN_DEADLINE;
	sel->deadline = hc_in(100 * 1000 * 1000);
	ksft_test_result(fails(-EFAULT, 1), "nothing beside an element\n");
	close(zero);
}

/* A case of each kind that is ready. */
static struct hchan_case ready_case(uint16_t op)
{
	if (op == HCHAN_CASE_POLL)
		return hc_case_poll(event, POLLOUT);
	return hc_case(op, bad_fd[ON_FIXED], elems, 8);
}

/* A select's outputs in memory that can only be read: it has not happened. */
static void test_read_only(void)
{
	struct hchan_select *ro_sel = (void *)(BLOCK_END(B_RO) - sizeof(*sel));
	struct hchan_case *ro = (void *)BLOCK_AT(B_RO);
	void *block = (void *)BLOCK_AT(B_RO);
	bool good = true;
	uint32_t op;

	for (op = HCHAN_CASE_SEND; op <= HCHAN_CASE_POLL; op++) {
		hc_must(!mprotect(block, BLOCK, PROT_READ | PROT_WRITE));
		ro[0] = ready_case(op);
		hc_must(!mprotect(block, BLOCK, PROT_READ));
		right(3);
		sel->cases = POINTS(ro);
		sel->count = 1;
		good = good && fails(-EFAULT, 0);
	}
	ksft_test_result(good, "cases that can only be read\n");

	good = true;
	/* Of a poll case nothing happens, whatever can be written. */
	for (op = HCHAN_CASE_SEND; op <= HCHAN_CASE_RECV; op++) {
		right(2);
		cases[0] = ready_case(op);
		cases[1] = hc_case_nil();
		hc_must(!mprotect(block, BLOCK, PROT_READ | PROT_WRITE));
		*ro_sel = *sel;
		hc_must(!mprotect(block, BLOCK, PROT_READ));
		sel = ro_sel;
		good = good && fails(-EFAULT, NO_CASE);
	}
	ksft_test_result(good, "an index that can only be read\n");
}

/* Only what is looked at can be wrong: a case that is not chosen is not read. */
static void test_not_looked_at(void)
{
	int ret;

	right(3);
	sel->flags = HCHAN_NOWAIT | HCHAN_FIRST;
	cases[1].buf = 0;
	ret = bad_call(bad_fd[ON_DEV], HCHAN_IOC_SELECT, POINTS(sel));
	ksft_test_result(!ret && !cases[0].error, "another one's element: %d\n",
			 ret);
	bad_again();
	/* READY reads and writes no element. */
	right(3);
	sel->flags = HCHAN_NOWAIT | HCHAN_READY | HCHAN_FIRST;
	cases[0].buf = 8;
	ret = bad_call(bad_fd[ON_DEV], HCHAN_IOC_SELECT, POINTS(sel));
	ksft_test_result(!ret, "an element that is only looked for: %d\n", ret);
	right(3);
	sel->flags = HCHAN_NOWAIT;
	sel->count = 0;
	sel->cases = 8;
	ksft_test_result(fails(-EAGAIN, NO_CASE), "no cases, wherever\n");
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(20 + 10 + 3 + 3 + 2 + 3 + 1);
	bad_setup();
	event = eventfd(0, EFD_CLOEXEC);
	file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	hc_must(event >= 0 && file >= 0);
	test_cases();
	test_call();
	test_addresses();
	test_elements();
	test_beside();
	test_read_only();
	test_not_looked_at();
	ksft_test_result(bad_drain(ON_FIXED) && bad_drain(ON_BIG) &&
			 bad_drain(ON_MSG), "what was in the channels is there\n");
	bad_teardown();
	ksft_finished();
}
