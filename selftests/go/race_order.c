// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/race/testdata/chan_test.go, the cases without a race:
 * what has happened before what (C28). A word of the page that all share, which
 * is neither atomic nor locked, is written by one and read by another, and the
 * channel has to order the two. Each case is run many times, so that now the one
 * waits and now the other.
 */
#include "go.h"

/* Words of the page. */
#define V 0
#define START 1
#define PUTS 2
#define X 16
#define Y 32

static void set(int word, long v)
{
	__atomic_store_n(g_word(word), v, __ATOMIC_RELAXED);
}

static long look(int word)
{
	return __atomic_load_n(g_word(word), __ATOMIC_RELAXED);
}

#define ROUNDS 300

/*
 * Two of a program, in rounds: main's side runs with the channel; the other side
 * is a goroutine. Between two rounds both stand still.
 */

GO(write_and_send)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		set(V, i);
		g_put(ch[0], 0);
		g_get(ch[1]);
	}
}

/* NoRaceChanSync, NoRaceChanAsync: a send before its receive. */
static void send_before_receive(long cap)
{
	int c = g_longs(cap), next = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	g_go(write_and_send, CH(c, next), n);
	for (i = 1; i <= n; i++) {
		g_get(c);
		hc_must(look(V) == i);
		set(V, -i);
		g_put(next, 0);
	}
}

GO_MAIN(no_race_chan_sync)
{
	send_before_receive(0);
}

GO_MAIN(no_race_chan_async)
{
	send_before_receive(10);
}

/* NoRaceChanSyncRev: unbuffered, a receive before the send completes. */
GO(send_and_look)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		g_put(ch[0], 0);
		hc_must(look(V) == i);
		set(V, -i);
		g_put(ch[1], 0);
	}
}

GO_MAIN(no_race_chan_sync_rev)
{
	int c = g_longs(0), next = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	g_go(send_and_look, CH(c, next), n);
	for (i = 1; i <= n; i++) {
		/* Now and then the sender is parked when this is written. */
		if (i % 2)
			hc_must(!hc_wait_senders(c, 1));
		set(V, i);
		g_get(c);
		g_get(next);
	}
}

/* Each round's channel, as one is closed only once. */
GO(write_and_close)
{
	struct g_ref ref;
	long i;
	int c;

	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[0], &ref, sizeof(ref));
		c = g_take(&ref);
		g_count(START, 1);
		if (i % 2)
			hc_must(!hc_wait_receivers(c, 1));
		set(V, i);
		g_close(c);
		g_get(ch[1]);
		g_drop(c);
	}
}

enum end {
	RECV,		/* CloseRecv */
	READ,		/* CloseRecv2 */
	RANGE,		/* CloseRecv3 */
};

static void await_end(int c, enum end how)
{
	long v;

	switch (how) {
	case RECV:
		hc_must(!g_get_ok(c, &v) && v == 0);
		break;
	case READ:
		hc_must(hc_read(c, &v, sizeof(v), 0) == 0);
		break;
	case RANGE:
		while (g_get_ok(c, &v))
			hc_broken("there is no element");
	}
}

/* NoRaceChan{Async,Sync}CloseRecv{,2,3} */
static void close_before_receive(long cap, enum end how)
{
	int work = g_make(sizeof(struct g_ref), 0), next = g_longs(0);
	long n = hc_scale(ROUNDS) / 2 + 2, i;

	g_go(write_and_close, CH(work, next), n);
	for (i = 1; i <= n; i++) {
		int c = g_make_ref(sizeof(long), cap);
		struct g_ref ref = g_ref(c);

		g_send(work, &ref, sizeof(ref));
		g_await(START, i);
		await_end(c, how);
		hc_must(look(V) == i);
		set(V, -i);
		g_put(next, 0);
		g_drop(c);
	}
}

GO_MAIN(no_race_chan_async_close_recv)
{
	close_before_receive(10, RECV);
}

GO_MAIN(no_race_chan_async_close_recv2)
{
	close_before_receive(10, READ);
}

GO_MAIN(no_race_chan_async_close_recv3)
{
	close_before_receive(10, RANGE);
}

GO_MAIN(no_race_chan_sync_close_recv)
{
	close_before_receive(0, RECV);
}

GO_MAIN(no_race_chan_sync_close_recv2)
{
	close_before_receive(0, READ);
}

GO_MAIN(no_race_chan_sync_close_recv3)
{
	close_before_receive(0, RANGE);
}

/* NoRaceChanPtr: what an element points to; here, which word of the page. */
GO(write_and_send_where)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		set(X + i % 8, i);
		g_put(ch[0], X + i % 8);
		g_get(ch[1]);
	}
}

GO_MAIN(no_race_chan_ptr)
{
	int c = g_longs(0), next = g_longs(0);
	long n = hc_scale(ROUNDS), i, where;

	g_go(write_and_send_where, CH(c, next), n);
	for (i = 1; i <= n; i++) {
		where = g_get(c);
		hc_must(where == X + i % 8 && look(where) == i);
		set(where, 0);
		g_put(next, 0);
	}
}

/*
 * NoRaceChanReadWriteAsync, NoRaceSelectReadWriteAsync: the element is read
 * before its receive, so that the receiver may write over it.
 */
GO(send_word)
{
	struct hchan_case cases[2];
	const long one = 1;
	long i;

	for (i = 1; i <= arg[0]; i++) {
		if (arg[1]) {
			cases[0] = g_case_put(ch[0], g_word(X));
			cases[1] = g_case_put(ch[1], &one);
			hc_must(g_select(cases, 2) == 0);
		} else {
			g_put(ch[0], look(X));
		}
		g_put(ch[2], 0);
		g_get(ch[2]);
	}
}

static void read_before_write(long cap, bool by_select)
{
	int c1 = g_longs(cap), c2 = g_longs(0), done = g_longs(0);
	long n = hc_scale(ROUNDS), i, x;
	struct hchan_case cases[2];
	const long one = 1;

	set(X, 1);
	g_go(send_word, CH(c1, c2, done), n, by_select);
	for (i = 1; i <= n; i++) {
		if (by_select) {
			cases[0] = g_case_get(c1, &x);
			cases[1] = g_case_put(c2, &one);
			hc_must(g_select(cases, 2) == 0);
		} else {
			x = g_get(c1);
		}
		hc_must(x == i);
		set(X, i + 1);
		g_get(done);
		g_put(done, 0);
	}
	hc_must(hc_parked(c2, 0, 0));
}

GO_MAIN(no_race_chan_read_write_async)
{
	read_before_write(10, false);
}

GO_MAIN(no_race_select_read_write_async)
{
	read_before_write(0, true);
}

/* NoRaceProducerConsumerUnbuffered: what to do, and where to tell that it is done. */
struct task {
	long value;
	struct g_ref done;
};

GO(do_tasks)
{
	struct task task;
	long i;
	int done;

	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[0], &task, sizeof(task));
		done = g_take(&task.done);
		set(V, task.value);
		g_put(done, 1);
		g_drop(done);
	}
}

GO_MAIN(no_race_producer_consumer_unbuffered)
{
	int queue = g_make(sizeof(struct task), 0);
	long n = hc_scale(ROUNDS) / 2 + 1, i;

	g_go(do_tasks, CH(queue), n);
	for (i = 1; i <= n; i++) {
		int done = g_make_ref(sizeof(long), 1);
		struct task task = { .value = i, .done = g_ref(done) };

		g_send(queue, &task, sizeof(task));
		hc_must(g_get(done) == 1);
		hc_must(look(V) == i);
		g_drop(done);
	}
}

/* NoRaceChanMutex, NoRaceSelectMutex: a channel with one place is a lock. */
static void lock_by_select(int c, int aux, bool lock)
{
	struct hchan_case cases[2];
	long v = 0, none;

	if (lock)
		cases[0] = g_case_put(c, &v);
	else
		cases[0] = g_case_get(c, &v);
	cases[1] = g_case_get(aux, &none);
	hc_must(g_select(cases, 2) == 0);
}

/* ch: the lock, nobody's, what tells that it is done; arg: how often, select? */
GO(count_under_lock)
{
	long i, v;

	g_count(START, 1);
	g_await(START, 3);
	for (i = 0; i < arg[0]; i++) {
		if (arg[1])
			lock_by_select(ch[0], ch[1], true);
		else
			g_put(ch[0], 0);
		v = look(V);
		if (i % 4 == 0)
			sched_yield();
		set(V, v + 1);
		if (arg[1])
			lock_by_select(ch[0], ch[1], false);
		else
			g_get(ch[0]);
	}
	g_put(ch[2], 0);
}

static void lock_by_channel(bool by_select)
{
	int mutex = g_longs(1), aux = g_longs(0), done = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	for (i = 0; i < 3; i++)
		g_go(count_under_lock, CH(mutex, aux, done), n, by_select);
	for (i = 0; i < 3; i++)
		g_get(done);
	hc_must(look(V) == 3 * n);
}

GO_MAIN(no_race_chan_mutex)
{
	lock_by_channel(false);
}

GO_MAIN(no_race_select_mutex)
{
	lock_by_channel(true);
}

/*
 * NoRaceChanWaitGroup: the k-th receive before the (k + cap)-th send completes.
 * Who can fill the channel knows that all have received. Each does so when that
 * send of main's waits for it.
 */
#define WAITED 10

GO(write_and_receive)
{
	g_await(PUTS, arg[0] + 1 + WAITED / 2);
	hc_must(!hc_wait_senders(ch[0], 1));
	set(X + arg[0], 42);
	g_get(ch[0]);
}

GO_MAIN(no_race_chan_wait_group)
{
	int group = g_longs(WAITED / 2);
	long i;

	for (i = 0; i < WAITED + WAITED / 2; i++) {
		g_count(PUTS, 1);
		g_put(group, 0);
		if (i < WAITED)
			g_go(write_and_receive, CH(group), i);
	}
	for (i = 0; i < WAITED; i++)
		hc_must(look(X + i) == 42);
}

/*
 * NoRaceBlockedSendSync, NoRaceBlockedSelectSendSync: so also if the sender was
 * parked and its element went into the buffer by somebody else's receive.
 */
static void receive_from_parked(bool by_select)
{
	int c = g_longs(1), next = g_longs(0), never = g_longs(0);
	long n = hc_scale(ROUNDS), i, v, none;
	struct hchan_case cases[2];

	g_put(c, -1);
	g_go(write_and_send_where, CH(c, next), n);
	for (i = 1; i <= n; i++) {
		hc_must(!hc_wait_senders(c, 1));
		hc_must(g_get(c) == -1);
		if (by_select) {
			cases[0] = g_case_get(c, &v);
			cases[1] = g_case_get(never, &none);
			hc_must(g_select(cases, 2) == 0);
		} else {
			v = g_get(c);
		}
		hc_must(v == X + i % 8 && look(v) == i);
		g_put(c, -1);
		g_put(next, 0);
	}
}

GO_MAIN(no_race_blocked_send_sync)
{
	receive_from_parked(false);
}

GO_MAIN(no_race_blocked_select_send_sync)
{
	receive_from_parked(true);
}

/* NoRaceCloseHappensBeforeRead: also for one who only tried. */
GO(try_and_look)
{
	struct g_ref ref;
	long i, v;
	int c;

	g_stay_on(1);
	for (i = 1; i <= arg[0]; i++) {
		g_recv(ch[0], &ref, sizeof(ref));
		c = g_take(&ref);
		g_count(START, 1);
		while (g_try_get(c, &v) == -EAGAIN)
			sched_yield();
		hc_must(look(V) == i);
		g_drop(c);
		g_put(ch[1], 0);
	}
}

GO_MAIN(no_race_close_happens_before_read)
{
	int work = g_make(sizeof(struct g_ref), 0), read = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	g_stay_on(0);
	g_go(try_and_look, CH(work, read), n);
	for (i = 1; i <= n; i++) {
		int c = g_make_ref(sizeof(long), 0);
		struct g_ref ref = g_ref(c);

		g_send(work, &ref, sizeof(ref));
		g_await(START, i);
		set(V, i);
		g_close(c);
		g_get(read);
		g_drop(c);
	}
}

/* NoRaceElemetSize0: all that with elements of no bytes. */
GO(add_and_receive)
{
	long i;

	for (i = 1; i <= arg[0]; i++) {
		set(arg[1], look(arg[1]) + 1);
		g_recv(ch[0], NULL, 0);
		g_get(ch[1]);
	}
}

GO_MAIN(no_race_element_size0)
{
	int c = g_make(0, 2), next1 = g_longs(0), next2 = g_longs(0);
	long n = hc_scale(ROUNDS), i;

	g_send(c, NULL, 0);
	g_send(c, NULL, 0);
	g_go(add_and_receive, CH(c, next1), n, X);
	g_go(add_and_receive, CH(c, next2), n, Y);
	for (i = 1; i <= n; i++) {
		g_send(c, NULL, 0);
		g_send(c, NULL, 0);
		hc_must(look(X) == i && look(Y) == i);
		g_put(next1, 0);
		g_put(next2, 0);
	}
}

TEST_HARNESS_MAIN
