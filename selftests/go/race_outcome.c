// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/race/testdata/chan_test.go, the cases with a race. That
 * two accesses to memory are not ordered is nothing one can see here. What these
 * programs do with their channels has more than one outcome, though, and each
 * must be one of the possible ones, and whole.
 */
#include "go.h"

/* Words of the page. */
#define READY 0
#define START 1
#define COUNT 2
#define OTHER 3
#define PLACE 4

#define ROUNDS 200

/* In each round who races gets the channel of that round, and all start at once. */
struct race {
	int work;
	int done;
	long n;
	long racers;
};

static struct race race_make(long racers)
{
	struct race r = {
		.work = g_make(sizeof(struct g_ref), 0),
		.done = g_longs(0),
		.n = hc_scale(ROUNDS),
		.racers = racers,
	};

	return r;
}

/* ch: work, done. Returns this round's channel when it starts. */
static int race_start(const int *ch, long round)
{
	struct g_ref ref;
	int c;

	if (round == 1)
		g_stay_on(g_count(PLACE, 1));
	g_recv(ch[0], &ref, sizeof(ref));
	c = g_take(&ref);
	g_count(READY, 1);
	g_await(START, round);
	return c;
}

static void race_end(const int *ch, int c, long result)
{
	g_drop(c);
	g_put(ch[1], result);
}

/* main's side: @c is the channel of round @i. */
static void race_go(const struct race *r, int c, long i)
{
	struct g_ref ref;
	long k;

	for (k = 0; k < r->racers; k++) {
		ref = g_ref(c);
		g_send(r->work, &ref, sizeof(ref));
	}
	g_await(READY, i * r->racers);
	g_count(START, 1);
}

/* Racers, each with what it returns. */

/* 1: closed it; 0: it was closed */
GO(closer)
{
	long i;
	int c, ret;

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		ret = hc_close(c);
		hc_must(ret == 0 || ret == -EALREADY);
		race_end(ch, c, !ret);
	}
}

/* How many it sent until the channel was closed, arg[1] at most. */
GO(sender)
{
	long i, sent, v = 7;
	int c, ret = 0;

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		for (sent = 0; sent < arg[1]; sent++) {
			ret = hc_send(c, &v, sizeof(v));
			if (ret)
				break;
		}
		hc_must(ret == 0 || ret == -EPIPE);
		race_end(ch, c, sent);
	}
}

/* The same by a select with another case that never goes. */
GO(select_sender)
{
	struct hchan_case cases[2];
	long i, v = 7, none;
	int c, never = g_longs(0);

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		cases[0] = g_case_put(c, &v);
		cases[1] = g_case_get(never, &none);
		hc_must(g_select(cases, 2) == 0);
		hc_must(hc_case_ok(&cases[0]) || cases[0].error == -EPIPE);
		race_end(ch, c, hc_case_ok(&cases[0]));
	}
}

/* 1: there was room. */
GO(try_sender)
{
	long i, sent;
	int c;

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		sent = g_try_put(c, 7);
		race_end(ch, c, sent);
	}
}

/* How many it received: until the end. */
GO(receiver)
{
	long i, got, v;
	int c;

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		for (got = 0; g_get_ok(c, &v); got++)
			hc_must(v == 7);
		race_end(ch, c, got);
	}
}

/* What is left in a closed channel. */
static long rest(int c)
{
	long n = 0, v;

	while (g_try_get(c, &v) == 1) {
		hc_must(v == 7);
		n++;
	}
	return n;
}

/*
 * RaceChanSyncCloseSend, RaceChanAsyncCloseSend: the close ends every send; what
 * was sent before is there, and no more.
 */
static void close_and_send(long cap, const struct g_entry *how, long most)
{
	struct race r = race_make(2);
	long i, closed_and_sent;

	g_go(closer, CH(r.work, r.done), r.n);
	g_go(how, CH(r.work, r.done), r.n, most);
	for (i = 1; i <= r.n; i++) {
		int c = g_make_ref(sizeof(long), cap);

		race_go(&r, c, i);
		closed_and_sent = g_get(r.done) + g_get(r.done);
		hc_must(closed_and_sent >= 1 && closed_and_sent <= 1 + cap);
		hc_must(rest(c) == closed_and_sent - 1);
		hc_must(hc_parked(c, 0, 0));
		g_drop(c);
	}
}

GO_MAIN(race_chan_sync_close_send)
{
	close_and_send(0, sender, 1);
}

GO_MAIN(race_chan_async_close_send)
{
	close_and_send(10, sender, 1000);
}

/* RaceChanSendClose, RaceChanCloseSend */
GO_MAIN(race_chan_send_close)
{
	close_and_send(1, sender, 1);
}

GO_MAIN(race_chan_close_send)
{
	close_and_send(10, sender, 1);
}

/* RaceChanSendSelectClose */
GO_MAIN(race_chan_send_select_close)
{
	close_and_send(1, select_sender, 1);
}

/* RaceChanCloseClose: exactly one closes. */
GO_MAIN(race_chan_close_close)
{
	struct race r = race_make(2);
	long i;

	for (i = 0; i < 2; i++)
		g_go(closer, CH(r.work, r.done), r.n);
	for (i = 1; i <= r.n; i++) {
		int c = g_make_ref(sizeof(long), 0);

		race_go(&r, c, i);
		hc_must(g_get(r.done) + g_get(r.done) == 1);
		g_drop(c);
	}
}

/* RaceChanSendSend: one place, two who try: exactly one sends. */
GO_MAIN(race_chan_send_send)
{
	struct race r = race_make(2);
	long i;

	for (i = 0; i < 2; i++)
		g_go(try_sender, CH(r.work, r.done), r.n);
	for (i = 1; i <= r.n; i++) {
		int c = g_make_ref(sizeof(long), 1);

		race_go(&r, c, i);
		hc_must(g_get(r.done) + g_get(r.done) == 1);
		hc_must(rest(c) == 1);
		g_drop(c);
	}
}

/* RaceChanWrongClose: what is received was sent, what was sent is received. */
GO_MAIN(race_chan_wrong_close)
{
	struct race r = race_make(3);
	long i, sum;

	g_go(closer, CH(r.work, r.done), r.n);
	g_go(sender, CH(r.work, r.done), r.n, 1);
	g_go(receiver, CH(r.work, r.done), r.n);
	for (i = 1; i <= r.n; i++) {
		int c = g_make_ref(sizeof(long), 1);

		race_go(&r, c, i);
		/* One closed; then none or one sent, and as many received. */
		sum = g_get(r.done) + g_get(r.done) + g_get(r.done);
		hc_must(sum == 1 || sum == 3);
		hc_must(rest(c) == 0);
		g_drop(c);
	}
}

/*
 * RaceChanAsyncRev, RaceChanReadWriteAsync: a send into a buffer waits for
 * nobody.
 */
GO(send_and_tell)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		g_put(ch[0], i);
	g_count(COUNT, 1);
}

GO_MAIN(race_chan_async_rev)
{
	int c = g_longs(10);

	g_go(send_and_tell, CH(c), 10);
	g_await(COUNT, 1);
	hc_must(hc_len(c) == 10 && g_get(c) == 0);
}

GO_MAIN(race_chan_read_write_async)
{
	int c1 = g_longs(10), c2 = g_longs(10);

	g_put(c2, 10);
	g_go(send_and_tell, CH(c1), 1);
	hc_must(g_get(c2) == 10);
	g_await(COUNT, 1);
	hc_must(hc_len(c1) == 1);
}

/* RaceChanReadWriteSync: nor does one whose receiver is there wait for others. */
GO(get_one)
{
	g_put(ch[1], g_get(ch[0]));
}

GO(put_one)
{
	g_put(ch[0], arg[0]);
	g_count(COUNT, 1);
}

GO_MAIN(race_chan_read_write_sync)
{
	int c1 = g_longs(0), c2 = g_longs(0), got = g_longs(0);

	g_go(get_one, CH(c1, got));
	g_go(put_one, CH(c2), 10);
	hc_must(!hc_wait_receivers(c1, 1) && !hc_wait_senders(c2, 1));
	g_put(c1, 5);
	hc_must(g_get(got) == 5 && *g_word(COUNT) == 0);
	hc_must(g_get(c2) == 10);
	g_await(COUNT, 1);
}

/* RaceChanSendLen, RaceChanRecvLen: what the length says is so. */
GO(put_then_get)
{
	long i;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		g_put(ch[0], i);
		while (hc_len(ch[0]))
			sched_yield();
		hc_must(g_try_put(ch[1], i));
		g_get(ch[2]);
	}
}

GO_MAIN(race_chan_send_len)
{
	int c = g_longs(10), empty = g_longs(1), next = g_longs(0);
	long n = hc_scale(ROUNDS), i, v;

	g_stay_on(0);
	g_go(put_then_get, CH(c, empty, next), n);
	for (i = 1; i <= n; i++) {
		while (!hc_len(c))
			;
		hc_must(g_try_get(c, &v) == 1 && v == i);
		hc_must(g_get(empty) == i);
		g_put(next, 0);
	}
}

GO(get_when_told)
{
	long i;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		g_await(START, i);
		hc_must(g_get(ch[0]) == i);
		g_await(READY, i);
	}
}

GO_MAIN(race_chan_recv_len)
{
	long n = hc_scale(ROUNDS), i, v;
	int c = g_longs(1);

	g_stay_on(0);
	g_go(get_when_told, CH(c), n);
	for (i = 1; i <= n; i++) {
		g_put(c, i);
		g_count(START, 1);
		while (hc_len(c))
			;
		hc_must(g_try_get(c, &v) == -EAGAIN && g_try_put(c, 7));
		hc_must(!g_try_put(c, 7) && g_try_get(c, &v) == 1);
		g_count(READY, 1);
	}
}

/* RaceChanWrongSend: which of two came first nobody knows; both came. */
GO_MAIN(race_chan_wrong_send)
{
	int c = g_longs(2);
	long a, b;

	g_go(put_one, CH(c), 1);
	g_go(put_one, CH(c), 2);
	g_await(COUNT, 2);
	a = g_get(c);
	b = g_get(c);
	hc_must((a == 1 && b == 2) || (a == 2 && b == 1));
	hc_must(hc_len(c) == 0);
}

/*
 * RaceSelectReadWriteAsync, RaceSelectReadWriteSync: two selects that would both
 * send on a third channel do not meet there; each does its other case.
 */
#define SELECTS 20

static void select_one(const struct hchan_case *first, int c3)
{
	const long one = 1;
	struct hchan_case cases[2] = { *first, g_case_put(c3, &one) };

	hc_must(g_select(cases, 2) == 0 && hc_case_ok(&cases[0]));
}

GO(select_send)
{
	struct hchan_case send;
	long i;

	for (i = 0; i < SELECTS; i++) {
		send = g_case_put(ch[0], &i);
		select_one(&send, ch[1]);
	}
	g_put(ch[2], 0);
}

GO(get_each)
{
	long i;

	for (i = 0; i < SELECTS; i++)
		hc_must(g_get(ch[0]) == i);
	g_put(ch[1], 0);
}

GO(put_each)
{
	long i;

	for (i = 0; i < SELECTS; i++)
		g_put(ch[0], i);
}

static void select_twice(long cap)
{
	int c1 = g_longs(cap), c2 = g_longs(cap), c3 = g_longs(0);
	int done = g_longs(0);
	struct hchan_case recv;
	long i, x;

	g_go(get_each, CH(c1, done));
	g_go(put_each, CH(c2));
	g_go(select_send, CH(c1, c3, done));
	for (i = 0; i < SELECTS; i++) {
		recv = g_case_get(c2, &x);
		select_one(&recv, c3);
		hc_must(x == i);
	}
	g_get(done);
	g_get(done);
	hc_must(hc_parked(c3, 0, 0) && hc_len(c1) == 0);
}

GO_MAIN(race_select_read_write_async)
{
	select_twice(10);
}

GO_MAIN(race_select_read_write_sync)
{
	select_twice(0);
}

/* RaceChanSem: two places let two in, so they are no lock; three are too many. */
GO(enter_and_wait)
{
	g_put(ch[0], 0);
	g_count(COUNT, 1);
	g_get(ch[1]);
	g_count(COUNT, -1);
	g_get(ch[0]);
	g_count(OTHER, 1);
}

GO_MAIN(race_chan_sem)
{
	int sem = g_longs(2), go_on = g_longs(0);
	long i;

	for (i = 0; i < 3; i++)
		g_go(enter_and_wait, CH(sem, go_on));
	g_await(COUNT, 2);
	hc_must(!hc_wait_senders(sem, 1));
	hc_must(*g_word(COUNT) == 2 && !g_try_put(sem, 0));
	for (i = 0; i < 3; i++)
		g_put(go_on, 0);
	g_await(OTHER, 3);
	hc_must(hc_len(sem) == 0);
}

/* NoRaceChanCloseLen, NoRaceChanCloseCap: neither is disturbed by a close. */
GO(measurer)
{
	struct hchan_stat stat;
	long i;
	int c;

	for (i = 1; i <= arg[0]; i++) {
		c = race_start(ch, i);
		stat = hc_stat(c);
		hc_must(stat.capacity == 10 && stat.length == 3);
		race_end(ch, c, 0);
	}
}

GO_MAIN(no_race_chan_close_len_and_cap)
{
	struct race r = race_make(2);
	struct hchan_stat stat;
	long i, k;

	g_go(closer, CH(r.work, r.done), r.n);
	g_go(measurer, CH(r.work, r.done), r.n);
	for (i = 1; i <= r.n; i++) {
		int c = g_make_ref(sizeof(long), 10);

		for (k = 0; k < 3; k++)
			g_put(c, 7);
		race_go(&r, c, i);
		hc_must(g_get(r.done) + g_get(r.done) == 1);
		stat = hc_stat(c);
		hc_must(stat.capacity == 10 && stat.length == 3);
		g_drop(c);
	}
}

TEST_HARNESS_MAIN
