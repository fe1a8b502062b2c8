// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's test/chan/select3 and the channels of test/nil: what blocks always,
 * what never does, and what fails. Each is done by a goroutine, as an operation
 * and as a select. An operation on the nil channel is a select of a nil case.
 */
#include "prog.h"

/* What blocks: the goroutine is asleep for good; what it must not do fails. */
enum blocks {
	NIL_SEND, NIL_RECV, NIL_BOTH, NO_CASES, ALWAYS
};

static void block(enum blocks how)
{
	struct hchan_case cases[2] = { hc_case_nil(), hc_case_nil() };
	const long seven = 7;
	long v;

	/* What a nil case has in its other fields says nothing. */
	if (how == NIL_SEND || how == NIL_BOTH) {
		cases[0].buf = (uintptr_t)&seven;
		cases[0].len = sizeof(seven);
	}
	if (how == NIL_RECV || how == NIL_BOTH) {
		cases[1].buf = (uintptr_t)&v;
		cases[1].len = sizeof(v);
	}
	switch (how) {
	case NIL_SEND:
		g_select(&cases[0], 1);
		break;
	case NIL_RECV:
		g_select(&cases[1], 1);
		break;
	case NIL_BOTH:
		g_select(cases, 2);
		break;
	default:
		g_select(cases, 0);
	}
}

GO(block_for_ever)
{
	p_blocking();
	block(arg[0]);
	p_not_blocked();
}

GO_MAIN(nil_blocks)
{
	long how;

	for (how = 0; how < ALWAYS; how++) {
		g_go(block_for_ever, CH(), how);
		p_must_block();
	}
	hc_must(*g_word(P_DONE) == 0);
}

/* A try is not ready, and no error. A deadline ends all of it. */
GO_MAIN(nil_is_never_ready)
{
	struct hchan_case cases[2] = { hc_case_nil(), hc_case_nil() };
	int n;

	for (n = 0; n <= 2; n++) {
		hc_must(hc_try_select(cases, n) == -EAGAIN);
		hc_must(hc_select_by(cases, n, HCHAN_DEADLINE, 1) == -ETIMEDOUT);
		hc_must(hc_select_by(cases, n, HCHAN_DEADLINE, hc_in(HC_MS)) ==
			-ETIMEDOUT);
	}
}

/* A channel that is not ready blocks, until it is: here, for good. */
GO(receive_for_ever)
{
	struct hchan_case c;
	long v;

	c = g_case_get(ch[0], &v);
	if (arg[0])
		g_select(&c, 1);
	else
		g_get_ok(ch[0], &v);
	p_not_blocked();
}

GO(send_for_ever)
{
	struct hchan_case c;
	const long seven = 7;

	c = g_case_put(ch[0], &seven);
	if (arg[0])
		g_select(&c, 1);
	else
		g_put(ch[0], seven);
	p_not_blocked();
}

/* A select does not get confused when it sees itself. */
GO(select_with_oneself)
{
	struct hchan_case cases[2];
	const long one = 1;
	long v;

	cases[arg[0]] = g_case_put(ch[0], &one);
	cases[!arg[0]] = g_case_get(ch[0], &v);
	g_select(cases, 2);
	p_not_blocked();
}

GO_MAIN(not_ready_blocks)
{
	long way;

	for (way = 0; way < 2; way++) {
		int c = g_longs(0), full = g_longs(1), both = g_longs(0);
		struct hchan_case cases[2];
		const long one = 1;
		long v;

		g_go(receive_for_ever, CH(c), way);
		hc_must(!hc_wait_receivers(c, 1));
		g_put(full, 1);
		g_go(send_for_ever, CH(full), way);
		hc_must(!hc_wait_senders(full, 1));
		g_go(select_with_oneself, CH(both), way);
		hc_must(!hc_wait_receivers(both, 1));
		hc_must(!hc_wait_senders(both, 1));
		hc_must(hc_parked(c, 0, 1) && hc_parked(full, 1, 0) &&
			hc_parked(both, 1, 1));

		/* Nor does one with a default, or a deadline. */
		c = g_longs(0);
		cases[way] = g_case_put(c, &one);
		cases[!way] = g_case_get(c, &v);
		hc_must(g_try_select(cases, 2) == -1);
		hc_must(hc_select_by(cases, 2, HCHAN_DEADLINE, hc_in(HC_MS)) ==
			-ETIMEDOUT);
		hc_must(hc_parked(c, 0, 0));
	}
	hc_must(*g_word(P_DONE) == 0);
}

/* What never blocks comes to its end, in a goroutine. */
GO(send_with_room)
{
	struct hchan_case c;
	const long seven = 7;

	c = g_case_put(ch[0], &seven);
	switch (arg[0]) {
	case 0:
		g_put(ch[0], seven);
		break;
	case 1:
		hc_must(g_select(&c, 1) == 0 && hc_case_ok(&c));
		break;
	default:
		hc_must(g_try_select(&c, 1) == 0 && hc_case_ok(&c));
	}
	p_not_blocked();
}

GO(receive_what_is_there)
{
	struct hchan_case c;
	long v = 0;

	c = g_case_get(ch[0], &v);
	switch (arg[0]) {
	case 0:
		v = g_get(ch[0]);
		break;
	case 1:
		hc_must(g_select(&c, 1) == 0 && hc_case_ok(&c));
		break;
	default:
		hc_must(g_try_select(&c, 1) == 0 && hc_case_ok(&c));
	}
	hc_must(v == 7);
	p_not_blocked();
}

GO_MAIN(ready_does_not_block)
{
	long way;

	for (way = 0; way < 3; way++) {
		int c = g_longs(1);

		g_go(send_with_room, CH(c), way);
		g_await(P_DONE, 2 * way + 1);
		g_go(receive_what_is_there, CH(c), way);
		g_await(P_DONE, 2 * way + 2);
		g_drop(c);
	}
}

/* A select finds a closed channel as an operation does; a send to it fails. */
GO(receive_from_closed)
{
	struct hchan_case c;
	long i, v;

	for (i = 0; i < 10; i++) {
		v = 1;
		hc_must(!g_get_ok(ch[0], &v) && v == 0);
		v = 1;
		c = g_case_get(ch[0], &v);
		hc_must(g_select(&c, 1) == 0 && v == 0);
		hc_must(c.status == HCHAN_ST_CLOSED && !c.error);
	}
	p_not_blocked();
}

GO(send_to_closed)
{
	struct hchan_case c;
	const long seven = 7;

	hc_must(hc_send(ch[0], &seven, sizeof(seven)) == -EPIPE);
	c = g_case_put(ch[0], &seven);
	hc_must(g_select(&c, 1) == 0);
	hc_must(c.error == -EPIPE && c.status == HCHAN_ST_CLOSED);
	p_not_blocked();
}

GO_MAIN(closed_does_not_block)
{
	int c = g_longs(0);

	g_close(c);
	g_go(receive_from_closed, CH(c));
	g_await(P_DONE, 1);
	g_go(send_to_closed, CH(c));
	g_await(P_DONE, 2);
}

TEST_HARNESS_MAIN
