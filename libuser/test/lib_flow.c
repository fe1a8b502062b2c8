// SPDX-License-Identifier: GPL-2.0-only
/* What the loops that move elements take when they can not go on. */
#include "lib_util.h"
#include <hchan/sync.h>

#include "../kselftest_harness.h"

#define BG	HCHAN_BACKGROUND
#define NIL	HCHAN_NIL

enum loop { MERGE, SPLIT, BROADCAST, STAGE, LOOPS };

static int as_it_is(void *arg, const void *elem, void *result)
{
	memcpy(result, elem, sizeof(int));
	return 1;
}

/* One loop, from one channel to one. */
static int run_sized(enum loop loop, int in, int out, size_t size, int ctx)
{
	struct hchan_stage stage = { in, out, size, size, as_it_is, NULL };

	switch (loop) {
	case MERGE:
		return hchan_merge(out, &in, 1, size, ctx);
	case SPLIT:
		return hchan_split(in, &out, 1, size, ctx);
	case BROADCAST:
		return hchan_broadcast(in, &out, 1, size, ctx);
	default:
		return hchan_stage_run(&stage, ctx);
	}
}

static int run_loop(enum loop loop, int in, int out, int ctx)
{
	return run_sized(loop, in, out, sizeof(int), ctx);
}

/* Messages of up to @longest bytes; 9 of them. */
static int make_msg(size_t longest)
{
	struct hchan_opts opts = {
		.elem_size = longest, .capacity = 9, .flags = HCHAN_MSG,
	};

	return hchan_make_opts(&opts);
}

/* One loop to several, in a thread. */
struct running {
	pthread_t thread;
	enum loop loop;
	int in, ctx, ret;
	int outs[3];
	size_t n;
};

static void *run_it(void *arg)
{
	struct running *r = arg;

	if (r->loop == SPLIT)
		r->ret = hchan_split(r->in, r->outs, r->n, sizeof(int), r->ctx);
	else if (r->loop == BROADCAST)
		r->ret = hchan_broadcast(r->in, r->outs, r->n, sizeof(int), r->ctx);
	else
		r->ret = run_loop(r->loop, r->in, r->outs[0], r->ctx);
	return NULL;
}

/* Cancels it, once it waits for nothing but a channel and its context. */
static int ended(struct running *r, int cancel)
{
	hchan_wait_receivers(r->ctx, 1, patience());
	hchan_ctx_cancel(cancel);
	pthread_join(r->thread, NULL);
	return r->ret;
}

FIXTURE(flow) {
	int ctx, cancel;
	int in, out;	/* room for 9; in has two, and is closed */
};

FIXTURE_SETUP(flow)
{
	int n = 1;

	self->ctx = hchan_ctx_with_cancel(BG, &self->cancel);
	ASSERT_LE(0, self->ctx) TH_LOG("%s", hchan_errmsg());
	self->in = hchan_make(sizeof(int), 9);
	self->out = hchan_make(sizeof(int), 9);
	hchan_send(self->in, &n, sizeof(n));
	n = 2;
	hchan_send(self->in, &n, sizeof(n));
	hchan_close(self->in);
}

FIXTURE_TEARDOWN(flow)
{
	hchan_drop(self->in);
	hchan_drop(self->out);
	hchan_drop(self->cancel);
	hchan_drop(self->ctx);
}

/* An output to which nothing can ever be sent is found before anything is taken. */
TEST_F(flow, bad_output)
{
	int receives = hchan_recv_only(self->out), other = hchan_make(1, 9);
	int outs[] = { self->out, -1 };
	enum loop loop;

	for (loop = MERGE; loop < LOOPS; loop++) {
		EXPECT_EQ(-EBADF, run_loop(loop, self->in, -1, BG));
		EXPECT_EQ(-EBADF, run_loop(loop, self->in, receives, BG));
		EXPECT_EQ(-EBADF, run_loop(loop, self->in, 0, BG));
		EXPECT_EQ(-EMSGSIZE, run_loop(loop, self->in, other, BG));
		EXPECT_EQ(2, hchan_len(self->in)) TH_LOG("loop %d took one", loop);
	}
	EXPECT_EQ(-EBADF, hchan_split(self->in, outs, 2, sizeof(int), BG));
	EXPECT_EQ(-EBADF, hchan_broadcast(self->in, outs, 2, sizeof(int), BG));
	EXPECT_EQ(2, hchan_len(self->in));
	EXPECT_EQ(0, hchan_len(self->out));
	hchan_drop(receives);
	hchan_drop(other);
}

/* So is a channel of elements of another size, or of messages among those that are not. */
TEST_F(flow, sizes)
{
	int small = hchan_make(1, 9), large = hchan_make(8, 9), msg = make_msg(8);
	int out_msg = make_msg(8), short_msg = make_msg(2);
	int ins[] = { self->in, small }, outs[] = { out_msg, self->out };
	struct hchan_stage to_msg = { self->in, out_msg, 4, 4, as_it_is, NULL };
	enum loop loop;

	hchan_send(small, "x", 1);
	hchan_send(large, "12345678", 8);
	hchan_send(msg, "four", 4);
	hchan_close(small);
	hchan_close(large);
	hchan_close(msg);
	for (loop = MERGE; loop < LOOPS; loop++) {
		EXPECT_EQ(-EMSGSIZE, run_loop(loop, small, self->out, self->ctx));
		EXPECT_EQ(-EMSGSIZE, run_loop(loop, large, self->out, self->ctx));
		EXPECT_EQ(-EMSGSIZE, run_loop(loop, msg, self->out, self->ctx));
		EXPECT_EQ(-EMSGSIZE, run_loop(loop, self->in, short_msg, self->ctx));
		EXPECT_EQ(-EBADF, run_loop(loop, self->cancel, self->out, self->ctx));
	}
	EXPECT_EQ(-EMSGSIZE, hchan_merge(self->out, ins, 2, 4, self->ctx));
	ins[1] = msg;
	EXPECT_EQ(-EMSGSIZE, hchan_merge(self->out, ins, 2, 4, self->ctx));
	EXPECT_EQ(-EMSGSIZE, hchan_split(msg, outs, 2, 4, self->ctx));
	EXPECT_EQ(-EMSGSIZE, hchan_broadcast(msg, outs, 2, 4, self->ctx));
	EXPECT_EQ(-EMSGSIZE, hchan_stage_run(&to_msg, self->ctx));
	EXPECT_EQ(1, hchan_len(small));
	EXPECT_EQ(1, hchan_len(large));
	EXPECT_EQ(1, hchan_len(msg));
	EXPECT_EQ(2, hchan_len(self->in));
	EXPECT_EQ(0, hchan_len(self->out));
	EXPECT_EQ(0, hchan_len(out_msg));
	hchan_drop(small);
	hchan_drop(large);
	hchan_drop(msg);
	hchan_drop(out_msg);
	hchan_drop(short_msg);
}

/* C44: messages go on as they are, up to one for which there is no room: it stays. */
TEST_F(flow, C44_messages)
{
	const char *const texts[] = { "the longest of", "them", "x" };
	int in, out = make_msg(20), outs[] = { NIL, make_msg(20) };
	int ins[] = { outs[1], self->in };
	enum loop loop;
	char buf[20];
	size_t i, len;

	for (loop = MERGE; loop < STAGE; loop++) {
		in = make_msg(30);
		for (i = 0; i < 3; i++)
			hchan_send(in, texts[i], strlen(texts[i]));
		hchan_send(in, "one that is longer than 20", 26);
		EXPECT_EQ(-EMSGSIZE, run_sized(loop, in, out, 20, self->ctx));
		EXPECT_EQ(1, hchan_len(in)) TH_LOG("it did not stay");
		EXPECT_EQ(3, hchan_len(out));
		for (i = 0; i < 3; i++) {
			EXPECT_EQ(1, hchan_recv_msg(out, buf, 20, &len, hchan_nowait()));
			EXPECT_EQ(strlen(texts[i]), len);
			EXPECT_EQ(0, memcmp(texts[i], buf, strlen(texts[i])));
		}
		hchan_drop(in);
	}
	/* Nil among them, and elements: they are messages of their size. */
	hchan_send(out, "them", 4);
	hchan_close(out);
	EXPECT_EQ(0, hchan_split(out, outs, 2, 20, self->ctx));
	EXPECT_EQ(1, hchan_len(outs[1]));
	hchan_close(outs[1]);
	hchan_drop(out);
	out = make_msg(20);
	EXPECT_EQ(0, hchan_merge(out, ins, 2, 4, self->ctx));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(1, hchan_recv_msg(out, buf, 20, &len, hchan_nowait()));
		EXPECT_EQ(4, len);
	}
	hchan_drop(outs[1]);
	hchan_drop(out);
}

/* One that is closed takes nothing any more: that is known when there is something. */
TEST_F(flow, closed_output)
{
	int ended = hchan_make(sizeof(int), 0);
	enum loop loop;

	hchan_close(ended);
	hchan_close(self->out);
	EXPECT_EQ(-EPIPE, run_loop(MERGE, self->in, self->out, BG));
	EXPECT_EQ(1, hchan_len(self->in));
	for (loop = MERGE; loop < LOOPS; loop++)
		EXPECT_EQ(0, run_loop(loop, ended, self->out, BG));
	hchan_drop(ended);
}

/* Broadcast waits at a nil output as any send does: the others before it have theirs. */
TEST_F(flow, C4_broadcast_to_nil)
{
	struct running r = {
		.loop = BROADCAST, .in = self->in, .ctx = self->ctx,
		.outs = { self->out, NIL, self->out }, .n = 3,
	};

	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_it, &r));
	EXPECT_EQ(-ECANCELED, ended(&r, self->cancel));
	EXPECT_EQ(1, hchan_len(self->out));
	EXPECT_EQ(1, hchan_len(self->in)) TH_LOG("more than the one in hand is lost");
}

/* Split passes it by, as a select does, and waits if nothing else is left (C24). */
TEST_F(flow, C4_split_to_nil)
{
	int in = hchan_make(sizeof(int), 9), closed = hchan_make(sizeof(int), 0), n = 0;
	struct running r = {
		.loop = SPLIT, .in = in, .ctx = self->ctx,
		.outs = { NIL, closed, NIL }, .n = 3,
	};
	int outs[] = { NIL, self->out };

	EXPECT_EQ(0, hchan_split(self->in, outs, 2, sizeof(int), BG));
	EXPECT_EQ(2, hchan_len(self->out));
	hchan_close(closed);
	hchan_send(in, &n, sizeof(n));
	hchan_send(in, &n, sizeof(n));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_it, &r));
	EXPECT_EQ(-ECANCELED, ended(&r, self->cancel));
	EXPECT_EQ(1, hchan_len(in));
	hchan_drop(in);
	hchan_drop(closed);
}

/* A nil input never ends; a nil output of merge is waited at. */
TEST_F(flow, C4_merge_nil)
{
	struct running r = {
		.loop = MERGE, .in = self->in, .ctx = self->ctx, .outs = { NIL }, .n = 1,
	};
	int ins[] = { self->in, NIL }, soon;

	ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_it, &r));
	EXPECT_EQ(-ECANCELED, ended(&r, self->cancel));
	EXPECT_EQ(1, hchan_len(self->in));
	soon = hchan_ctx_with_timeout(BG, 10 * HCHAN_MSEC, NULL);
	EXPECT_EQ(-ETIME, hchan_merge(self->out, ins, 2, sizeof(int), soon));
	hchan_drop(soon);
}

/* A context that is done wins over whatever is ready. */
TEST_F(flow, C33_done_takes_nothing)
{
	int ins[4], i, n = 7, total = 0;
	enum loop loop;

	for (i = 0; i < 4; i++) {
		ins[i] = hchan_make(sizeof(int), 100);
		for (n = 0; n < 100; n++)
			hchan_send(ins[i], &n, sizeof(n));
	}
	hchan_ctx_cancel(self->cancel);
	for (i = 0; i < 50; i++)
		ASSERT_EQ(-ECANCELED,
			  hchan_merge(self->out, ins, 4, sizeof(int), self->ctx));
	for (loop = MERGE; loop < LOOPS; loop++)
		EXPECT_EQ(-ECANCELED, run_loop(loop, ins[0], self->out, self->ctx));
	for (i = 0; i < 4; i++) {
		total += hchan_len(ins[i]);
		hchan_drop(ins[i]);
	}
	EXPECT_EQ(400, total) TH_LOG("some were taken, and are lost");
	EXPECT_EQ(0, hchan_len(self->out));
}

/* The end comes with an element in hand: that one is lost, the others are where they were. */
TEST_F(flow, C33_done_with_one_in_hand)
{
	int out = hchan_make(sizeof(int), 0);
	struct running r = { .in = self->in, .outs = { out }, .n = 1 };
	enum loop loop;
	int cancel, n = 2;

	for (loop = MERGE; loop < LOOPS; loop++) {
		hchan_drop(self->in);
		self->in = hchan_make(sizeof(int), 2);
		hchan_send(self->in, &n, sizeof(n));
		hchan_send(self->in, &n, sizeof(n));
		r.loop = loop;
		r.in = self->in;
		r.ctx = hchan_ctx_with_cancel(BG, &cancel);
		ASSERT_EQ(0, pthread_create(&r.thread, NULL, run_it, &r));
		EXPECT_EQ(1, hchan_wait_senders(out, 1, patience()));
		EXPECT_EQ(-ECANCELED, ended(&r, cancel));
		EXPECT_EQ(1, hchan_len(self->in));
		EXPECT_EQ(-EAGAIN, hchan_try_recv(out, &n, sizeof(n)));
		hchan_drop(cancel);
		hchan_drop(r.ctx);
	}
	hchan_drop(out);
}

/* Those that are ready go in turn: none is left behind. */
TEST_F(flow, in_turn)
{
	int ins[3], outs[3], out = hchan_make(sizeof(int), 30), seen[3] = { 0 }, i, n;

	for (i = 0; i < 3; i++) {
		ins[i] = hchan_make(sizeof(int), 10);
		outs[i] = hchan_make(sizeof(int), 30);
		for (n = 0; n < 10; n++)
			hchan_send(ins[i], &i, sizeof(i));
		hchan_close(ins[i]);
	}
	EXPECT_EQ(0, hchan_merge(out, ins, 3, sizeof(int), BG));
	EXPECT_EQ(30, hchan_len(out));
	hchan_close(out);
	for (i = 0; i < 6; i++) {
		ASSERT_EQ(1, hchan_recv(out, &n, sizeof(n)));
		seen[n]++;
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(2, seen[i]);
	EXPECT_EQ(0, hchan_split(out, outs, 3, sizeof(int), BG));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(8, hchan_len(outs[i]));
		hchan_drop(ins[i]);
		hchan_drop(outs[i]);
	}
	hchan_drop(out);
}

TEST_HARNESS_MAIN
