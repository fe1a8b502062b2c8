// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Loops that move elements: merge, split, broadcast, a stage of a pipeline. What is
 * interrupted is tried again, as an element may be in hand. What can never be sent is
 * found out before there is one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hchan/sync.h>

#include "internal.h"

/* A select takes no more; else it is the kernel that knows. */
#define MOST_CASES	65535

/* What channels are of. */
#define ELEMENTS	1
#define MESSAGES	2

/*
 * The first case is the context's; then one for each channel; then the element. @size
 * is the room for it, and what the cases that send say; @got its length, once received.
 */
struct flow {
	struct hchan_case *c;
	void *elem;
	size_t size;
	size_t got;
	size_t n;
	int ctx;
};

/* Each is of messages, or of elements of @size bytes, or nil, which is of neither. */
static int kinds(const int *chans, size_t n, size_t size)
{
	struct hchan_stat st;
	int all = 0, err;
	size_t i;

	for (i = 0; i < n; i++) {
		if (chans[i] == HCHAN_NIL)
			continue;
		err = hchan_stat(chans[i], &st);
		/* In a select what is no channel is that (C48). */
		if (err)
			return err == -ENOTTY ? -EBADF : err;
		if (st.flags & HCHAN_MSG)
			all |= MESSAGES;
		else if (st.elem_size == size)
			all |= ELEMENTS;
		else
			return -EMSGSIZE;
	}
	return all;
}

/* An element may go on as a message, but no message as an element. */
static int can_pass(const int *ins, size_t n_ins, const int *outs, size_t n_outs,
		    size_t size)
{
	int from, to;

	from = kinds(ins, n_ins, size);
	if (from < 0)
		return from;
	to = kinds(outs, n_outs, size);
	if (to < 0)
		return to;
	return (from & MESSAGES) && (to & ELEMENTS) ? -EMSGSIZE : 0;
}

/* Whether all of it can be sent to, now or at some time; closed ones are ready. */
static int can_send(struct hchan_case *c, size_t n)
{
	int ret = hchan_select(c, n, hchan_nowait(), HCHAN_READY);

	return ret < 0 && ret != -EAGAIN ? ret : 0;
}

/* Between @one, and @n of which each gets a case. */
static int begin(struct flow *flow, int one, const int *chans, size_t n, size_t size,
		 int ctx, bool sends)
{
	size_t i;
	int err;

	if (!n || n >= MOST_CASES)
		return -EINVAL;
	if (size > HCHAN_ELEM_MAX)
		return -EMSGSIZE;
	err = sends ? can_pass(&one, 1, chans, n, size) : can_pass(chans, n, &one, 1, size);
	if (err)
		return err;
	flow->c = calloc(1, (n + 1) * sizeof(*flow->c) + size);
	if (!flow->c)
		return -ENOMEM;
	flow->elem = flow->c + n + 1;
	flow->size = size;
	flow->n = n;
	flow->ctx = ctx;
	flow->c[0] = hchan_on_done(ctx);
	for (i = 0; i < n; i++)
		flow->c[i + 1] = sends ?
			hchan_on_send(chans[i], flow->elem, size) :
			hchan_on_recv(chans[i], flow->elem, size);
	return 0;
}

static int begin_sending(struct flow *flow, int in, const int *outs, size_t n,
			 size_t size, int ctx)
{
	int ret = begin(flow, in, outs, n, size, ctx, true);

	if (ret)
		return ret;
	ret = can_send(flow->c + 1, n);
	if (ret)
		free(flow->c);
	return ret;
}

/* From now on it is not among them. */
static void leave_out(struct flow *flow, size_t i)
{
	memmove(&flow->c[i], &flow->c[i + 1], (flow->n - i) * sizeof(*flow->c));
	flow->n--;
}

/*
 * One of the cases: what came of it, or an error; a context's end is one. The first
 * listed wins, so that a context that is done does. What went becomes the last: so they
 * go in turn.
 */
static int pick(struct flow *flow)
{
	struct hchan_case went;
	int ret;

	do {
		ret = hchan_select(flow->c, flow->n + 1, hchan_forever(), HCHAN_FIRST);
	} while (ret == -EINTR);
	if (ret < 0)
		return ret;
	if (!ret) {
		ret = hchan_ctx_err(flow->ctx);
		return ret ? ret : -ENOTTY;
	}
	went = flow->c[ret];
	memmove(&flow->c[ret], &flow->c[ret + 1],
		(flow->n - (size_t)ret) * sizeof(went));
	flow->c[flow->n] = went;
	flow->got = went.actual;
	return hchan_result(&went);
}

/* What is sent now: as long as what was received. */
static void set_size(struct flow *flow, size_t size)
{
	size_t i;

	if (size == flow->size)
		return;
	flow->size = size;
	for (i = 1; i <= flow->n; i++)
		flow->c[i].len = (uint32_t)size;
}

static int send_it(int ch, const void *elem, size_t size, int ctx)
{
	int ret;

	do {
		ret = hchan_send_ctx(ch, elem, size, ctx);
	} while (ret == -EINTR);
	return ret;
}

int hchan_merge(int out, const int *ins, size_t n, size_t size, int ctx)
{
	struct hchan_case to;
	struct flow flow;
	int ret;

	ret = begin(&flow, out, ins, n, size, ctx, false);
	if (ret)
		return ret;
	to = hchan_on_send(out, flow.elem, size);
	ret = can_send(&to, 1);
	while (ret >= 0 && flow.n) {
		ret = pick(&flow);
		if (ret == 1)
			ret = send_it(out, flow.elem, flow.got, ctx);
		else if (!ret)
			leave_out(&flow, flow.n);
	}
	free(flow.c);
	return ret;
}

/* To one of them that is ready. */
static int to_any(struct flow *flow)
{
	int ret;

	while (flow->n) {
		ret = pick(flow);
		if (ret != -EPIPE)
			return ret;
		leave_out(flow, flow->n);
	}
	return -EPIPE;
}

static int to_each(struct flow *flow)
{
	size_t i = 1;
	int ret;

	while (i <= flow->n) {
		ret = send_it(flow->c[i].fd, flow->elem, flow->size, flow->ctx);
		if (ret == -EPIPE) {
			leave_out(flow, i);
			continue;
		}
		if (ret < 0)
			return ret;
		i++;
	}
	return flow->n ? 0 : -EPIPE;
}

/* Each element from @in, by @give. */
static int give_out(int in, const int *outs, size_t n, size_t size, int ctx,
		    int (*give)(struct flow *flow))
{
	struct hchan_case c[2];
	struct flow from = { .c = c, .n = 1, .ctx = ctx }, to;
	int ret;

	ret = begin_sending(&to, in, outs, n, size, ctx);
	if (ret)
		return ret;
	c[0] = hchan_on_done(ctx);
	c[1] = hchan_on_recv(in, to.elem, size);
	while ((ret = pick(&from)) == 1) {
		set_size(&to, from.got);
		ret = give(&to);
		if (ret < 0)
			break;
	}
	free(to.c);
	return ret;
}

int hchan_split(int in, const int *outs, size_t n, size_t size, int ctx)
{
	return give_out(in, outs, n, size, ctx, to_any);
}

int hchan_broadcast(int in, const int *outs, size_t n, size_t size, int ctx)
{
	return give_out(in, outs, n, size, ctx, to_each);
}

/* Its function knows of no lengths. */
static int is_of_elements(int ch, size_t size)
{
	int ret = kinds(&ch, 1, size);

	return ret == MESSAGES ? -EMSGSIZE : ret < 0 ? ret : 0;
}

static int recv_it(int ch, void *elem, size_t size, int ctx)
{
	int ret;

	do {
		ret = hchan_recv_ctx(ch, elem, size, ctx);
	} while (ret == -EINTR);
	return ret;
}

int hchan_stage_run(const struct hchan_stage *stage, int ctx)
{
	size_t in_size = stage->in_size, out_size = stage->out_size;
	struct hchan_case to;
	char *elem;
	int ret;

	if (in_size > HCHAN_ELEM_MAX || out_size > HCHAN_ELEM_MAX)
		return -EMSGSIZE;
	ret = is_of_elements(stage->in, in_size);
	if (!ret)
		ret = is_of_elements(stage->out, out_size);
	if (ret)
		return ret;
	/* Each at an address for anything. */
	in_size = (in_size + 63) & ~(size_t)63;
	elem = calloc(1, in_size + out_size + 1);
	if (!elem)
		return -ENOMEM;
	to = hchan_on_send(stage->out, elem + in_size, out_size);
	ret = can_send(&to, 1);
	if (ret)
		goto out;
	while ((ret = recv_it(stage->in, elem, stage->in_size, ctx)) == 1) {
		ret = stage->fn(stage->arg, elem, elem + in_size);
		if (ret > 0 && stage->out != HCHAN_NIL)
			ret = send_it(stage->out, elem + in_size, out_size, ctx);
		if (ret < 0)
			break;
	}
out:
	free(elem);
	return ret;
}
