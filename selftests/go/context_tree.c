// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/context: many contexts at once, the workloads of its benchmarks, and
 * what later versions of the package check: causes, without-cancel, after-func.
 */
#include "go_ctx.h"

#define NONE		HCHAN_CTX_ERR_NONE
#define CANCELLED	HCHAN_CTX_ERR_CANCELLED
#define DEADLINE	HCHAN_CTX_ERR_DEADLINE

#define RAN 0

/* With all others, once ch[0] is closed. */
GO(cancel_at_once)
{
	long none;

	hc_must(!g_get_ok(ch[0], &none));
	g_cancel(arg[0]);
}

GO(wait_for_it)
{
	g_wait_done(arg[0]);
	hc_must(g_err(arg[0]) == CANCELLED);
	g_put(ch[0], 0);
}

#define SOME 60

/* TestSimultaneousCancels: a tree, all of it cancelled by many at once. */
GO_MAIN(simultaneous_cancels)
{
	struct g_ctx ctx[SOME];
	int go = g_longs(0), done = g_longs(0), i;

	ctx[0] = g_with_cancel(G_NIL);
	for (i = 1; i < SOME; i++)
		ctx[i] = g_with_cancel(ctx[(i - 1) / 2].done);
	for (i = 0; i < SOME; i += 10)
		g_go(wait_for_it, CH(done), ctx[i].done);
	for (i = 0; i < SOME; i++)
		g_go(cancel_at_once, CH(go), ctx[i].cancel);
	g_close(go);
	for (i = 0; i < SOME; i += 10)
		g_get(done);
	for (i = 0; i < SOME; i++) {
		g_wait_done(ctx[i].done);
		g_must_be(ctx[i].done, CANCELLED);
		hc_must(g_ctx_stat(ctx[i].done).children == 0);
	}
}

/* Cancels arg[1] as soon as arg[0] is done. */
GO(cancel_after)
{
	g_wait_done(arg[0]);
	hc_must(!g_cancel(arg[1]));
	g_put(ch[0], 0);
}

/* TestInterlockedCancels */
GO_MAIN(interlocked_cancels)
{
	struct g_ctx parent = g_with_cancel(G_NIL);
	struct g_ctx child = g_with_cancel(parent.done);
	int c = g_longs(0);

	g_go(cancel_after, CH(c), parent.done, child.cancel);
	hc_must(!hc_wait_receivers(parent.done, 1));
	hc_must(g_cancel(parent.cancel));
	g_must_be(child.done, CANCELLED);
	g_get(c);
}

#define LAYERS 40

struct layers {
	struct g_ctx ctx[LAYERS];
	int is_value[LAYERS];
};

/* Layers of any kind one over the other; the first three are one of each. */
static void make_layers(struct layers *l, unsigned int *seed, int64_t timeout)
{
	int parent = G_NIL, i;
	char key[16];

	for (i = 0; i < LAYERS; i++) {
		int kind = i < 3 ? i : rand_r(seed) % 3;

		l->is_value[i] = kind == 0;
		sprintf(key, "layer %d", i);
		if (kind == 0)
			l->ctx[i] = g_with_value(parent, key, i);
		else if (kind == 1)
			l->ctx[i] = g_with_cancel(parent);
		else
			l->ctx[i] = g_with_timeout(parent, timeout);
		parent = l->ctx[i].done;
	}
}

static void check_values(const struct layers *l)
{
	char key[16];
	long v;
	int i;

	for (i = 0; i < LAYERS; i++) {
		sprintf(key, "layer %d", i);
		v = -1;
		hc_must(g_value(l->ctx[LAYERS - 1].done, key, &v) == l->is_value[i]);
		hc_must(v == (l->is_value[i] ? i : -1));
	}
}

static void layers(bool timeout)
{
	unsigned int seed = g_now();
	int c = g_longs(0), last, at;
	struct layers l;

	printf("# seed %u\n", seed);
	make_layers(&l, &seed, timeout ? 5 * G_MSEC : G_LATE);
	last = l.ctx[LAYERS - 1].done;
	check_values(&l);
	if (timeout) {
		g_wait_done(last);
		g_must_be(last, DEADLINE);
	} else {
		g_must_be(last, NONE);
		g_go(wait_for_it, CH(c), last);
		at = rand_r(&seed) % LAYERS;
		hc_must(g_cancel(l.ctx[at].cancel));
		g_must_be(last, CANCELLED);
		g_get(c);
		if (at)
			g_must_be(l.ctx[at - 1].done, NONE);
	}
	check_values(&l);
}

/* TestLayersCancel */
GO_MAIN(layers_cancel)
{
	layers(false);
}

/* TestLayersTimeout */
GO_MAIN(layers_timeout)
{
	layers(true);
}

/* ---- after benchmark_test.go ---- */

/* Children of arg[0], made and cancelled one after the other. */
GO(make_and_cancel)
{
	long i;

	for (i = 0; i < arg[1]; i++) {
		struct g_ctx ctx = arg[2] ? g_with_timeout(arg[0], G_LATE) :
					    g_with_cancel(arg[0]);

		g_must_be(ctx.done, NONE);
		hc_must(g_cancel(ctx.cancel));
		g_must_be(ctx.done, CANCELLED);
		g_ctx_drop(ctx);
	}
	g_put(ch[0], 0);
}

static void common_parent(bool timeout)
{
	struct g_ctx root = g_with_value(G_NIL, "key", 1);
	struct g_ctx shared = g_with_cancel(root.done);
	int c = g_longs(0), i;

	for (i = 0; i < 4; i++)
		g_go(make_and_cancel, CH(c), shared.done, hc_scale(500), timeout);
	for (i = 0; i < 4; i++)
		g_get(c);
	hc_must(g_ctx_stat(shared.done).children == 0);
	g_must_be(shared.done, NONE);
}

/* BenchmarkCommonParentCancel */
GO_MAIN(common_parent_cancel)
{
	common_parent(false);
}

/* BenchmarkWithTimeout */
GO_MAIN(with_timeout)
{
	common_parent(true);
}

/* BenchmarkCancelTree: a chain of that many, cancelled at the top. */
GO_MAIN(cancel_tree)
{
	static const int depths[] = { 1, 10, 100, 1000 };
	struct g_ctx root, ctx;
	int i, n, parent;

	for (i = 0; i < 4; i++) {
		root = g_with_cancel(G_NIL);
		parent = root.done;
		for (n = 0; n < depths[i]; n++) {
			ctx = g_with_cancel(parent);
			parent = ctx.done;
		}
		g_must_be(parent, NONE);
		hc_must(g_cancel(root.cancel));
		g_must_be(parent, CANCELLED);
	}
}

/* BenchmarkCheckCanceled, BenchmarkContextCancelDone: it says the same for ever. */
GO_MAIN(check_canceled)
{
	struct g_ctx ctx = g_with_cancel(G_NIL);
	long i, n = hc_scale(5000);

	for (i = 0; i < 2 * n; i++) {
		if (i == n)
			hc_must(g_cancel(ctx.cancel));
		g_must_be(ctx.done, i < n ? NONE : CANCELLED);
	}
}

GO(deep_look)
{
	long v = 0;

	hc_must(g_value(arg[0], "deep", &v) && v == 5);
	hc_must(!g_value(arg[0], "nowhere", &v));
	g_put(ch[0], 0);
}

/* BenchmarkDeepValueNewGoRoutine, BenchmarkDeepValueSameGoRoutine */
GO_MAIN(deep_value)
{
	struct g_ctx ctx = g_with_value(G_NIL, "deep", 5);
	int c = g_longs(0), i;
	long v = 0;

	for (i = 0; i < 300; i++)
		ctx = i % 2 ? g_with_cancel(ctx.done) : g_with_value(ctx.done, "other", i);
	hc_must(g_value(ctx.done, "deep", &v) && v == 5);
	hc_must(!g_value(ctx.done, "nowhere", &v));
	g_go(deep_look, CH(c), ctx.done);
	g_get(c);
}

/* ---- what later versions check ---- */

static int cause_of(int ctx)
{
	return g_ctx_stat(ctx).cause.code;
}

/* TestCause, TestCauseRace: the first one stays, and goes down to who is not done yet. */
GO_MAIN(cause)
{
	struct g_ctx top = g_with_cancel(G_NIL), mid = g_with_cancel(top.done);
	struct g_ctx low = g_with_timeout(mid.done, G_LATE), other;
	int c = g_longs(0);

	other = g_with_cancel(top.done);
	hc_must(!cause_of(low.done));
	hc_must(g_cancel_cause(mid.cancel, 1));
	g_go(cancel_after, CH(c), mid.done, low.cancel);
	g_get(c);
	hc_must(!g_cancel_cause(mid.cancel, 2));
	hc_must(g_cancel_cause(top.cancel, 3));
	hc_must(cause_of(top.done) == 3 && cause_of(other.done) == 3);
	hc_must(cause_of(mid.done) == 1 && cause_of(low.done) == 1);
	/* Without one there is none. */
	top = g_with_cancel(G_NIL);
	low = g_with_cancel(top.done);
	hc_must(g_cancel(top.cancel) && !cause_of(low.done));
}

/* WithDeadlineCause, WithTimeoutCause: only if it is the deadline. */
GO_MAIN(deadline_cause)
{
	struct hchan_cause late = { .code = 8 };
	struct hchan_ctx request = {
		.flags = HCHAN_DEADLINE,
		.deadline = g_now() + 5 * G_MSEC,
		.cause = (uintptr_t)&late,
	};
	struct g_ctx ctx = g_ctx_by(G_NIL, &request), below;

	below = g_with_timeout(ctx.done, G_LATE);
	g_wait_done(below.done);
	hc_must(g_err(below.done) == DEADLINE && cause_of(below.done) == 8);
	request.deadline = g_now() + G_LATE;
	ctx = g_ctx_by(G_NIL, &request);
	hc_must(g_cancel_cause(ctx.cancel, 9) && cause_of(ctx.done) == 9);
}

/* TestWithoutCancel */
GO_MAIN(without_cancel)
{
	struct g_ctx top = g_with_timeout(G_NIL, G_LATE), value, own, below;
	int c = g_longs(0);
	long v;

	value = g_with_value(top.done, "deep", 5);
	own = g_without_cancel(value.done);
	below = g_with_cancel(own.done);
	hc_must(g_ctx_stat(own.done).deadline == HCHAN_TIMER_NEVER);
	hc_must(g_cancel(top.cancel));
	g_must_be(value.done, CANCELLED);
	g_must_be(own.done, NONE);
	g_must_be(below.done, NONE);
	hc_must(g_value(below.done, "deep", &v) && v == 5);
	g_go(deep_look, CH(c), below.done);
	g_get(c);
	/* Of one that is done: alive again. */
	own = g_without_cancel(value.done);
	g_must_be(own.done, NONE);
	hc_must(g_cancel(own.cancel));
	g_must_be(own.done, CANCELLED);
}

/* An after-func as a goroutine: arg[0] done, and it runs; ch[0] closed, and it does not. */
GO(after_func)
{
	struct hchan_case c[] = {
		g_case(HCHAN_CASE_RECV, arg[0], NULL, 0),
		g_case_get(ch[0], (long [1]) {}),
	};

	if (g_select(c, 2) == 0)
		g_count(RAN, 1);
	g_put(ch[1], 0);
}

/* TestAfterFuncCalledAfterCancel, ..AfterTimeout, ..Immediately, ..CalledAsynchronously */
GO_MAIN(after_func_called)
{
	struct g_ctx ctx = g_with_cancel(G_NIL);
	int stop = g_longs(0), end = g_longs(0);

	g_go(after_func, CH(stop, end), ctx.done);
	hc_must(!hc_wait_receivers(ctx.done, 1));
	hc_must(*g_word(RAN) == 0);
	hc_must(g_cancel(ctx.cancel));
	g_get(end);
	hc_must(*g_word(RAN) == 1);
	g_go(after_func, CH(stop, end), ctx.done);
	g_get(end);
	hc_must(*g_word(RAN) == 2);
	ctx = g_with_timeout(G_NIL, 5 * G_MSEC);
	g_go(after_func, CH(stop, end), ctx.done);
	g_get(end);
	hc_must(*g_word(RAN) == 3);
}

/* TestAfterFuncNotCalledAfterStop */
GO_MAIN(after_func_not_called)
{
	struct g_ctx ctx = g_with_cancel(G_NIL);
	int stop = g_longs(0), end = g_longs(0);

	g_go(after_func, CH(stop, end), ctx.done);
	hc_must(!hc_wait_receivers(ctx.done, 1));
	g_close(stop);
	g_get(end);
	hc_must(g_cancel(ctx.cancel));
	hc_must(*g_word(RAN) == 0);
}

TEST_HARNESS_MAIN
