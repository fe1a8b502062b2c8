// SPDX-License-Identifier: GPL-2.0-only
/* After Go's src/context/context_test.go: what one context does, and its children. */
#include "go_ctx.h"

#define NONE		HCHAN_CTX_ERR_NONE
#define CANCELLED	HCHAN_CTX_ERR_CANCELLED
#define DEADLINE	HCHAN_CTX_ERR_DEADLINE

/* Says so on ch[0] once the context is done, as seen from there. */
GO(tell_when_done)
{
	g_wait_done(arg[0]);
	g_put(ch[0], g_err(arg[0]));
}

/* Looks from where it is. */
GO(look_at)
{
	g_must_be(arg[0], arg[1]);
	g_put(ch[0], 0);
}

static void must_be_everywhere(int ctx, int err)
{
	int c = g_longs(0);

	g_must_be(ctx, err);
	g_go(look_at, CH(c), ctx, err);
	g_get(c);
	g_drop(c);
}

/* TestBackground */
GO_MAIN(background)
{
	struct g_ctx ctx = g_without_cancel(G_NIL);

	hc_must(!g_is_done(G_NIL));
	must_be_everywhere(ctx.done, NONE);
	hc_must(g_ctx_stat(ctx.done).deadline == HCHAN_TIMER_NEVER);
}

/* TestWithCancel */
GO_MAIN(with_cancel)
{
	struct g_ctx ctx = g_with_cancel(G_NIL);
	int c = g_longs(0);

	must_be_everywhere(ctx.done, NONE);
	g_go(tell_when_done, CH(c), ctx.done);
	hc_must(!hc_wait_receivers(ctx.done, 1));
	hc_must(g_cancel(ctx.cancel));
	hc_must(g_get(c) == CANCELLED);
	must_be_everywhere(ctx.done, CANCELLED);
	hc_must(!g_cancel(ctx.cancel));
}

/* Makes a child of arg[0] in its own place and keeps it until the end. */
GO(child_of)
{
	struct g_ctx child = g_with_cancel(arg[0]);
	long none;

	g_must_be(child.done, NONE);
	g_put(ch[0], 0);
	g_wait_done(child.done);
	g_put(ch[0], g_err(child.done));
	hc_must(!g_get_ok(ch[1], &none));
}

/* TestParentFinishesChild: the children in their places, values and timers between. */
GO_MAIN(parent_finishes_child)
{
	struct g_ctx parent = g_with_cancel(G_NIL);
	struct g_ctx child = g_with_cancel(parent.done);
	struct g_ctx value = g_with_value(parent.done, "key", 1);
	struct g_ctx timer = g_with_timeout(value.done, G_LATE);
	int c = g_longs(0), end = g_longs(0);

	g_go(child_of, CH(c, end), parent.done);
	g_get(c);
	must_be_everywhere(parent.done, NONE);
	must_be_everywhere(child.done, NONE);
	must_be_everywhere(timer.done, NONE);
	hc_must(g_ctx_stat(parent.done).children == 3);
	hc_must(g_ctx_stat(value.done).children == 1);

	hc_must(g_cancel(parent.cancel));
	/* All at once: none has been waited for. */
	g_must_be(child.done, CANCELLED);
	g_must_be(value.done, CANCELLED);
	g_must_be(timer.done, CANCELLED);
	hc_must(g_ctx_stat(parent.done).children == 0);
	hc_must(g_ctx_stat(value.done).children == 0);
	hc_must(g_get(c) == CANCELLED);
	must_be_everywhere(timer.done, CANCELLED);
	g_close(end);
	/* It is too late for children. */
	child = g_with_cancel(value.done);
	must_be_everywhere(child.done, CANCELLED);
}

GO(cancel_it)
{
	hc_must(g_cancel(arg[0]));
	g_put(ch[0], 0);
}

/* TestChildFinishesFirst */
GO_MAIN(child_finishes_first)
{
	struct g_ctx cancelable = g_with_cancel(G_NIL);
	int parents[] = { G_NIL, cancelable.done };
	int c = g_longs(0), i;

	for (i = 0; i < 2; i++) {
		struct g_ctx child = g_with_cancel(parents[i]);

		must_be_everywhere(child.done, NONE);
		hc_must(g_ctx_stat(cancelable.done).children == i);
		g_go(cancel_it, CH(c), child.cancel);
		g_get(c);
		hc_must(g_ctx_stat(cancelable.done).children == 0);
		must_be_everywhere(child.done, CANCELLED);
		must_be_everywhere(cancelable.done, NONE);
	}
}

/* Not early, by the deadline, and seen from elsewhere. */
static void must_end_at(int ctx, int64_t when)
{
	int c = g_longs(0);

	hc_must(g_ctx_stat(ctx).deadline == when);
	g_go(tell_when_done, CH(c), ctx);
	hc_must(g_get(c) == DEADLINE);
	hc_must(g_now() >= when);
	must_be_everywhere(ctx, DEADLINE);
	g_drop(c);
}

/* TestDeadline: alone; with values above; under one that is later; in the past. */
GO_MAIN(deadline)
{
	long long when = g_now() + 5 * G_MSEC;
	struct g_ctx ctx = g_with_deadline(G_NIL, when), above;

	must_end_at(ctx.done, when);
	above = g_with_value(G_NIL, "key", 1);
	when = g_now() + 5 * G_MSEC;
	ctx = g_with_deadline(above.done, when);
	must_end_at(ctx.done, when);
	above = g_with_deadline(G_NIL, g_now() + G_LATE);
	when = g_now() + 5 * G_MSEC;
	ctx = g_with_deadline(above.done, when);
	must_end_at(ctx.done, when);
	g_must_be(above.done, NONE);
	when = g_now() - G_SEC;
	ctx = g_with_deadline(G_NIL, when);
	g_must_be(ctx.done, DEADLINE);
	when = g_now();
	ctx = g_with_deadline(G_NIL, when);
	must_end_at(ctx.done, when);
}

/* TestTimeout: the earlier one ends what is below. */
GO_MAIN(timeout)
{
	struct g_ctx ctx = g_with_timeout(G_NIL, 5 * G_MSEC), below;

	must_end_at(ctx.done, g_ctx_stat(ctx.done).deadline);
	ctx = g_with_timeout(G_NIL, 5 * G_MSEC);
	below = g_with_timeout(ctx.done, G_LATE);
	must_end_at(below.done, g_ctx_stat(ctx.done).deadline);
	g_must_be(ctx.done, DEADLINE);
}

/* TestCanceledTimeout */
GO_MAIN(canceled_timeout)
{
	struct g_ctx above = g_with_timeout(G_NIL, G_LATE);
	struct g_ctx ctx = g_with_timeout(above.done, G_LATE);
	int c = g_longs(0);

	g_go(cancel_it, CH(c), ctx.cancel);
	g_get(c);
	must_be_everywhere(ctx.done, CANCELLED);
	g_must_be(above.done, NONE);
}

/* The value of "one", "two" and "three" there, or 0. */
static void values_are(int ctx, long one, long two, long three)
{
	const char *const keys[] = { "one", "two", "three" };
	const long wanted[] = { one, two, three };
	int i;

	for (i = 0; i < 3; i++) {
		long v = 0;

		hc_must(g_value(ctx, keys[i], &v) == (wanted[i] != 0));
		hc_must(v == wanted[i]);
	}
}

GO(look_up)
{
	values_are(arg[0], arg[1], arg[2], arg[3]);
	g_put(ch[0], 0);
}

static void values_are_everywhere(int ctx, long one, long two, long three)
{
	int c = g_longs(0);

	values_are(ctx, one, two, three);
	g_go(look_up, CH(c), ctx, one, two, three);
	g_get(c);
	g_drop(c);
}

/* TestValues */
GO_MAIN(values)
{
	struct g_ctx c0, c1, c2, c3, c4, c5, beside;

	c0 = g_with_cancel(G_NIL);
	values_are_everywhere(c0.done, 0, 0, 0);
	c1 = g_with_value(c0.done, "one", 1);
	values_are_everywhere(c1.done, 1, 0, 0);
	c2 = g_with_value(c1.done, "two", 2);
	values_are_everywhere(c2.done, 1, 2, 0);
	c3 = g_with_value(c2.done, "three", 3);
	values_are_everywhere(c3.done, 1, 2, 3);
	/* The nearest hides the others, on this way up alone. */
	c4 = g_with_value(c3.done, "one", 10);
	values_are_everywhere(c4.done, 10, 2, 3);
	beside = g_with_cancel(c3.done);
	values_are_everywhere(beside.done, 1, 2, 3);
	/* Those that were made first need not be open any more. */
	c5 = g_with_timeout(c4.done, G_LATE);
	g_ctx_drop(c1);
	g_ctx_drop(c3);
	g_ctx_drop(c4);
	values_are_everywhere(c5.done, 10, 2, 3);
	hc_must(g_cancel(c5.cancel));
	values_are_everywhere(c5.done, 10, 2, 3);
}

/* TestCancelRemoves */
GO_MAIN(cancel_removes)
{
	struct g_ctx ctx = g_with_cancel(G_NIL), child;
	int c = g_longs(0), i;

	for (i = 0; i < 2; i++) {
		hc_must(g_ctx_stat(ctx.done).children == 0);
		child = i ? g_with_timeout(ctx.done, G_LATE) : g_with_cancel(ctx.done);
		hc_must(g_ctx_stat(ctx.done).children == 1);
		g_go(cancel_it, CH(c), child.cancel);
		g_get(c);
		hc_must(g_ctx_stat(ctx.done).children == 0);
	}
}

/* TestWithCancelCanceledParent */
GO_MAIN(with_cancel_canceled_parent)
{
	struct g_ctx parent = g_with_cancel(G_NIL), child;

	hc_must(g_cancel_cause(parent.cancel, 77));
	child = g_with_cancel(parent.done);
	must_be_everywhere(child.done, CANCELLED);
	hc_must(g_ctx_stat(child.done).cause.code == 77);
	child = g_with_timeout(parent.done, G_LATE);
	must_be_everywhere(child.done, CANCELLED);
}

static int refused(int parent, const char *key, uint32_t key_len)
{
	struct hchan_ctx request = { .key = (uintptr_t)key, .key_len = key_len };
	struct g_ctx ctx;

	return g_ctx_try(parent, &request, &ctx);
}

/* TestWithValueChecksKey: here a key is a text of some length. */
GO_MAIN(with_value_checks_key)
{
	struct g_ctx ctx = g_with_cancel(G_NIL);
	char key[HCHAN_CTX_KEY_MAX + 1];

	memset(key, 'k', sizeof(key));
	hc_must(refused(ctx.done, key, sizeof(key)) == -EMSGSIZE);
	hc_must(refused(ctx.done, NULL, 3) == -EFAULT);
	hc_must(g_ctx_stat(ctx.done).children == 0);
	hc_must(refused(ctx.done, key, sizeof(key) - 1) == 0);
	hc_must(g_ctx_stat(ctx.done).children == 1);
}

/* TestInvalidDerivedFail: of something that is no context. */
GO_MAIN(invalid_derived_fail)
{
	int c = g_longs(0);

	hc_must(refused(c, "key", 3) == -ENOTTY);
	hc_must(refused(c, NULL, 0) == -ENOTTY);
	close(c);
	hc_must(refused(c, "key", 3) == -EBADF);
}

TEST_HARNESS_MAIN
