// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/crash_test.go, as far as it is about channels. There a
 * program whose goroutines all wait is ended with a message. Nobody here knows
 * all who could still come; so what is left of it is: such a wait has no end by
 * itself, the kernel says that it is one (that many are parked), and a signal, a
 * deadline, or the program's end ends it and leaves nothing behind.
 */
#include "go.h"

/* Words of the page. */
#define TID 0
#define ENDED 1

static void interrupted(int sig)
{
}

/* A call that would wait for ever is interrupted once. */
static void interruptible(void)
{
	struct sigaction sa = { .sa_handler = interrupted };

	hc_must(!sigaction(SIGUSR1, &sa, NULL));
	g_count(TID, gettid());
}

/* Interrupts it when it sleeps. */
static void interrupt(void)
{
	g_await(TID, 1);
	hc_asleep(*g_word(TID));
	hc_must(!syscall(SYS_tkill, *g_word(TID), SIGUSR1));
	g_await(ENDED, 1);
}

/* SimpleDeadlock, InitDeadlock: a select with no case. */
GO(select_no_case)
{
	interruptible();
	hc_must(hc_select_on(g_dev, NULL, 0, 0, 0, NULL) == -EINTR);
	g_count(ENDED, 1);
}

GO_MAIN(simple_deadlock)
{
	hc_must(hc_select_on(g_dev, NULL, 0, HCHAN_NOWAIT, 0, NULL) == -EAGAIN);
	hc_must(hc_select_on(g_dev, NULL, 0, HCHAN_DEADLINE, hc_in(HC_MS),
			     NULL) == -ETIMEDOUT);
	g_go(select_no_case, CH());
	interrupt();
}

/* With nil channels alone: the same. */
GO(select_nil_cases)
{
	struct hchan_case cases[2];
	long v = 0;

	cases[0] = g_case_get(ch[0], &v);
	cases[1] = g_case_put(ch[0], &v);
	interruptible();
	hc_must(hc_select_on(g_dev, cases, 2, 0, 0, NULL) == -EINTR);
	g_count(ENDED, 1);
}

GO_MAIN(init_deadlock)
{
	g_go(select_nil_cases, CH(G_NIL));
	interrupt();
}

/*
 * LockedDeadlock, LockedDeadlock2, ThreadExhaustion: many wait, in a select or
 * not, each in a thread of its own; the program can end all the same.
 */
GO(select_for_ever)
{
	g_put(ch[0], 0);
	hc_select_on(g_dev, NULL, 0, 0, 0, NULL);
	hc_broken("a select without cases has ended");
}

static void main_locked_deadlock(const int *ch, const long *arg)
{
	int c = g_longs(0), i;

	for (i = 0; i < 20; i++) {
		g_go(select_for_ever, CH(c));
		g_get(c);
	}
}

TEST_F(go, locked_deadlock)
{
	EXPECT_EQ(0, g_run(variant->form, main_locked_deadlock));
	EXPECT_EQ(0, g_run(variant->form, main_locked_deadlock));
}

/*
 * GoexitDeadlock, GoexitExit: the last that could have come has ended; who waits
 * goes on waiting, and is counted.
 */
GO(ends_at_once)
{
	g_count(ENDED, 1);
}

GO(receive_for_ever)
{
	interruptible();
	hc_must(hc_recv(ch[0], (long [1]) {}, sizeof(long)) == -EINTR);
	g_count(ENDED, 10);
}

GO_MAIN(goexit_deadlock)
{
	int c = g_longs(0);

	g_go(receive_for_ever, CH(c));
	g_go(ends_at_once, CH(c));
	g_go(ends_at_once, CH(c));
	g_await(ENDED, 2);
	hc_must(!hc_wait_receivers(c, 1));
	hc_must(hc_parked(c, 0, 1) && *g_word(ENDED) == 2);
	interrupt();
	g_await(ENDED, 12);
	hc_must(hc_parked(c, 0, 0));
}

/* Two that wait for each other: each sends before it would receive. */
GO(send_then_receive)
{
	g_put(ch[0], arg[0]);
	hc_must(g_get(ch[1]) == 3 - arg[0]);
	g_count(ENDED, 1);
}

GO_MAIN(goexit_in_panic)
{
	int c1 = g_longs(0), c2 = g_longs(0);

	g_go(send_then_receive, CH(c1, c2), 1);
	g_go(send_then_receive, CH(c2, c1), 2);
	hc_must(!hc_wait_senders(c1, 1) && !hc_wait_senders(c2, 1));
	hc_must(*g_word(ENDED) == 0);
	/* A third can get them out of it. */
	hc_must(g_get(c1) == 1);
	hc_must(!hc_wait_receivers(c2, 0));
	g_put(c1, 1);
	g_await(ENDED, 2);
	hc_must(hc_parked(c1, 0, 0) && hc_parked(c2, 0, 0));
}

/* GoexitDefer: a goroutine that does not return still sends as it ends. */
static void send_at_end(void *data)
{
	g_put(*(int *)data, 1);
}

GO(ends_early)
{
	int c = ch[0];

	hc_must(!hc_wait_receivers(c, 1));
	if (g_form == HC_THREADS) {
		pthread_cleanup_push(send_at_end, &c);
		pthread_exit(NULL);
		pthread_cleanup_pop(0);
	}
	send_at_end(&c);
	_exit(0);
}

GO_MAIN(goexit_defer)
{
	int c = g_longs(0);

	g_go(ends_early, CH(c));
	hc_must(g_get(c) == 1);
}

/* RuntimePanicWithRuntimeError: errors that can be caught, and change nothing. */
GO(do_wrong)
{
	long v = 1;

	hc_must(hc_close(ch[0]) == -EALREADY);
	hc_must(hc_send(ch[0], &v, sizeof(v)) == -EPIPE);
	hc_must(hc_try_send(ch[0], &v, sizeof(v)) == -EPIPE);
	hc_must(hc_make(1, -1, 0) == -EOVERFLOW);
	hc_must(hc_close(G_NIL) == -EBADF);
	g_put(ch[1], 0);
}

GO_MAIN(runtime_panic_with_runtime_error)
{
	int c = g_longs(1), done = g_longs(0);
	long v;

	g_put(c, 5);
	g_close(c);
	g_go(do_wrong, CH(c, done));
	g_get(done);
	hc_must(hc_len(c) == 1);
	hc_must(g_get(c) == 5 && !g_get_ok(c, &v) && v == 0);
}

TEST_HARNESS_MAIN
