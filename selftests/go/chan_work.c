// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/chan_test.go: TestMultiConsumer, and the workloads of
 * its benchmarks of plain operations: that they come to their end, and move what
 * they are to move.
 */
#include "go.h"

#define SUM 0
#define OTHER 1

/* TestMultiConsumer */

static const long primes[] = { 2, 3, 7, 11, 13, 17, 19, 23, 27, 31 };

#define N_PRIMES ((long)ARRAY_SIZE(primes))
#define WORKERS 23

/* From the first channel to the second, until the end. */
GO(hand_on)
{
	long v;

	while (g_get_ok(ch[0], &v)) {
		if (primes[arg[0] % N_PRIMES] == v)
			sched_yield();
		g_put(ch[1], v);
	}
	g_put(ch[2], 0);
}

GO(feed)
{
	long i;

	for (i = 0; i < arg[0]; i++) {
		g_count(SUM, primes[i % N_PRIMES]);
		g_put(ch[0], primes[i % N_PRIMES]);
	}
	g_close(ch[0]);
	for (i = 0; i < WORKERS; i++)
		g_get(ch[2]);
	g_close(ch[1]);
}

GO_MAIN(multi_consumer)
{
	int q = g_longs(3 * WORKERS), r = g_longs(3 * WORKERS), done = g_longs(0);
	long n = hc_scale(4000), i, v, count = 0, sum = 0;

	for (i = 0; i < WORKERS; i++)
		g_go(hand_on, CH(q, r, done), i);
	g_go(feed, CH(q, r, done), n);
	while (g_get_ok(r, &v)) {
		count++;
		sum += v;
	}
	hc_must(count == n && sum == *g_word(SUM));
}

/* BenchmarkMakeChan: Byte, Int, Ptr, Struct/0, Struct/32, Struct/40 */
GO_MAIN(make_chan)
{
	const uint32_t sizes[] = { 1, 8, 8, 0, 32, 40 };
	uint8_t element[40];
	struct hchan_stat stat;
	long n = hc_scale(300), i;
	unsigned int k;
	int c;

	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		for (i = 0; i < n; i++) {
			c = g_make(sizes[k], 8);
			stat = hc_stat(c);
			hc_must(stat.elem_size == sizes[k]);
			hc_must(stat.capacity == 8 && stat.length == 0);
			if (i == n - 1) {
				g_close(c);
				hc_must(!g_recv_ok(c, element, sizes[k]));
			}
			g_drop(c);
		}
	}
}

/* BenchmarkChanNonblocking: nothing ever comes of nothing. */
GO(try_in_vain)
{
	long i, v;

	for (i = 0; i < arg[0]; i++)
		hc_must(g_try_get(ch[0], &v) == -EAGAIN);
	g_put(ch[1], 0);
}

GO_MAIN(chan_nonblocking)
{
	int c = g_longs(0), done = g_longs(0);
	long i;

	for (i = 0; i < 4; i++)
		g_go(try_in_vain, CH(c, done), hc_scale(2000));
	for (i = 0; i < 4; i++)
		g_get(done);
}

/* BenchmarkChanUncontended, BenchmarkChanContended */
#define C 100

GO(fill_and_drain)
{
	int c = ch[0] == G_NIL ? g_longs(C) : ch[0];
	long i, k, sum;

	for (i = 0; i < arg[0]; i++) {
		for (k = 0; k < C; k++)
			g_put(c, k);
		for (k = 0, sum = 0; k < C; k++)
			sum += g_get(c);
		hc_must(ch[0] != G_NIL || sum == C * (C - 1) / 2);
		g_count(SUM, sum);
	}
	g_put(ch[1], 0);
}

static void fill_and_drain_by_all(int c)
{
	long procs = 4, n = hc_scale(10), i;
	int done = g_longs(0);

	for (i = 0; i < procs; i++)
		g_go(fill_and_drain, CH(c, done), n);
	for (i = 0; i < procs; i++)
		g_get(done);
	hc_must(*g_word(SUM) == procs * n * C * (C - 1) / 2);
}

GO_MAIN(chan_uncontended)
{
	fill_and_drain_by_all(G_NIL);
}

GO_MAIN(chan_contended)
{
	int c = g_longs(C * 4);

	fill_and_drain_by_all(c);
	hc_must(hc_len(c) == 0);
}

/* Some work between two operations. */
static void work(long n)
{
	while (n--)
		asm volatile("");
}

/*
 * BenchmarkChanSync, BenchmarkChanSyncWork: two that in turns send to each other
 * and receive.
 */
GO(send_and_receive)
{
	long i, v;

	for (i = 0; i < arg[0]; i++) {
		if (arg[2]) {
			g_put(ch[0], i);
			work(arg[1]);
			hc_must(g_get(ch[0]) == -i);
			work(arg[1]);
		} else {
			v = g_get(ch[0]);
			work(arg[1]);
			hc_must(v == i);
			g_put(ch[0], -i);
			work(arg[1]);
		}
	}
	g_put(ch[1], 0);
}

static void sync_two(long amount)
{
	int c = g_longs(0), done = g_longs(2);
	long n = hc_scale(1000);

	g_go(send_and_receive, CH(c, done), n, amount, 0);
	g_go(send_and_receive, CH(c, done), n, amount, 1);
	g_get(done);
	g_get(done);
	hc_must(hc_parked(c, 0, 0));
}

GO_MAIN(chan_sync)
{
	sync_two(0);
}

GO_MAIN(chan_sync_work)
{
	sync_two(1000);
}

/* BenchmarkChanProdCons0, 10, 100, and the same with Work */
GO(produce)
{
	long i;

	for (i = 0; i < arg[0]; i++) {
		work(arg[1]);
		g_put(ch[0], i + 1);
		g_count(SUM, i + 1);
	}
	g_put(ch[0], 0);
	g_put(ch[1], 0);
}

GO(consume)
{
	long v;

	while ((v = g_get(ch[0])) != 0) {
		g_count(SUM, -v);
		g_count(OTHER, 1);
		work(arg[1]);
	}
	g_put(ch[1], 0);
}

static void produce_and_consume(long cap, long amount)
{
	int c = g_longs(cap), done = g_longs(4);
	long n = hc_scale(300), i;

	for (i = 0; i < 2; i++) {
		g_go(produce, CH(c, done), n, amount);
		g_go(consume, CH(c, done), n, amount);
	}
	for (i = 0; i < 4; i++)
		g_get(done);
	hc_must(*g_word(SUM) == 0 && *g_word(OTHER) == 2 * n);
	hc_must(hc_len(c) == 0);
}

GO_MAIN(chan_prod_cons0)
{
	produce_and_consume(0, 0);
}

GO_MAIN(chan_prod_cons10)
{
	produce_and_consume(10, 0);
}

GO_MAIN(chan_prod_cons100)
{
	produce_and_consume(100, 0);
}

GO_MAIN(chan_prod_cons_work0)
{
	produce_and_consume(0, 100);
}

GO_MAIN(chan_prod_cons_work10)
{
	produce_and_consume(10, 100);
}

GO_MAIN(chan_prod_cons_work100)
{
	produce_and_consume(100, 100);
}

/* BenchmarkReceiveDataFromClosedChan: as many as were sent, of no bytes. */
GO_MAIN(receive_data_from_closed_chan)
{
	long n = hc_scale(3000), i;
	int c = g_make(0, n);

	for (i = 0; i < n; i++)
		g_send(c, NULL, 0);
	g_close(c);
	for (i = 0; g_recv_ok(c, NULL, 0); i++)
		;
	hc_must(i == n);
}

/* BenchmarkChanCreation */
GO(make_and_use)
{
	long i;

	for (i = 0; i < arg[0]; i++) {
		int c = g_longs(1);

		g_put(c, i);
		hc_must(g_get(c) == i);
		g_drop(c);
	}
	g_put(ch[0], 0);
}

GO_MAIN(chan_creation)
{
	int done = g_longs(0);
	long i;

	for (i = 0; i < 4; i++)
		g_go(make_and_use, CH(done), hc_scale(300));
	for (i = 0; i < 4; i++)
		g_get(done);
}

/* BenchmarkChanSem: as many inside as there are places, never more. */
GO(enter_and_leave)
{
	long i, k;

	g_count(OTHER, 1);
	g_await(OTHER, 4);
	for (i = 0; i < arg[0]; i++) {
		g_send(ch[0], NULL, 0);
		hc_must(g_count(SUM, 1) <= arg[1]);
		for (k = 0; k < i % 9; k++)
			sched_yield();
		g_count(SUM, -1);
		g_recv(ch[0], NULL, 0);
	}
	g_put(ch[1], 0);
}

GO_MAIN(chan_sem)
{
	int c = g_make(0, 2), done = g_longs(0);
	long i;

	for (i = 0; i < 4; i++)
		g_go(enter_and_leave, CH(c, done), hc_scale(500), 2);
	for (i = 0; i < 4; i++)
		g_get(done);
	hc_must(hc_len(c) == 0);
}

/* BenchmarkChanClosed: the end is there for everybody, always. */
GO(find_closed)
{
	long i;

	for (i = 0; i < arg[0]; i++)
		hc_must(hc_try_recv(ch[0], NULL, 0) == 0);
	g_put(ch[1], 0);
}

GO_MAIN(chan_closed)
{
	int c = g_make(0, 0), done = g_longs(0);
	long i;

	g_close(c);
	for (i = 0; i < 4; i++)
		g_go(find_closed, CH(c, done), hc_scale(2000));
	for (i = 0; i < 4; i++)
		g_get(done);
}

TEST_HARNESS_MAIN
