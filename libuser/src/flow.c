// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Loops that move elements: merge, split, broadcast, a stage of a pipeline. What is
 * interrupted is tried again, as an element may be in hand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hchan/sync.h>

#include "internal.h"

/* A select takes no more; else it is the kernel that knows. */
#define MOST_CASES	65535

/* The first case is the context's; then one for each channel; then the element. */
struct flow {
	struct hchan_case *c;
	void *elem;
	size_t size;
	size_t n;
	size_t live;
	int ctx;
};

static int begin(struct flow *flow, const int *chans, size_t n, size_t size,
		 int ctx, bool sends)
{
	size_t i;

	if (!n || n >= MOST_CASES)
		return -EINVAL;
	if (size > HCHAN_ELEM_MAX)
		return -EMSGSIZE;
	flow->c = malloc((n + 1) * sizeof(*flow->c) + size);
	if (!flow->c)
		return -ENOMEM;
	flow->elem = flow->c + n + 1;
	flow->size = size;
	flow->n = n;
	flow->live = n;
	flow->ctx = ctx;
	flow->c[0] = hchan_on_done(ctx);
	for (i = 0; i < n; i++)
		flow->c[i + 1] = sends ?
			hchan_on_send(chans[i], flow->elem, size) :
			hchan_on_recv(chans[i], flow->elem, size);
	return 0;
}

/* The number of the case that went, or an error; a context's end is one. */
static int pick(struct flow *flow)
{
	int ret;

	do {
		ret = hchan_select(flow->c, flow->n + 1, hchan_forever(), 0);
	} while (ret == -EINTR);
	return ret ? ret : hchan_ctx_err(flow->ctx);
}

static void leave_out(struct flow *flow, int i)
{
	flow->c[i].fd = HCHAN_NIL;
	flow->live--;
}

static int send_it(int ch, const void *elem, size_t size, int ctx)
{
	int ret;

	do {
		ret = hchan_send_ctx(ch, elem, size, ctx);
	} while (ret == -EINTR);
	return ret;
}

static int recv_it(int ch, void *elem, size_t size, int ctx)
{
	int ret;

	do {
		ret = hchan_recv_ctx(ch, elem, size, ctx);
	} while (ret == -EINTR);
	return ret;
}

int hchan_merge(int out, const int *ins, size_t n, size_t size, int ctx)
{
	struct flow flow;
	int ret, i;

	ret = begin(&flow, ins, n, size, ctx, false);
	if (ret)
		return ret;
	while (ret >= 0 && flow.live) {
		i = pick(&flow);
		ret = i < 0 ? i : hchan_result(&flow.c[i]);
		if (ret == 1)
			ret = send_it(out, flow.elem, size, ctx);
		else if (!ret)
			leave_out(&flow, i);
	}
	free(flow.c);
	return ret;
}

/* To the first of them that is ready. */
static int to_any(struct flow *flow)
{
	int ret, i;

	while (flow->live) {
		i = pick(flow);
		ret = i < 0 ? i : hchan_result(&flow->c[i]);
		if (i < 0 || ret != -EPIPE)
			return ret;
		leave_out(flow, i);
	}
	return -EPIPE;
}

static int to_each(struct flow *flow)
{
	size_t i;
	int ret;

	for (i = 1; i <= flow->n; i++) {
		if (flow->c[i].fd == HCHAN_NIL)
			continue;
		ret = send_it(flow->c[i].fd, flow->elem, flow->size,
			      flow->ctx);
		if (ret == -EPIPE)
			leave_out(flow, (int)i);
		else if (ret < 0)
			return ret;
	}
	return flow->live ? 0 : -EPIPE;
}

/* Each element from @in, by @give. */
static int give_out(int in, const int *outs, size_t n, size_t size, int ctx,
		    int (*give)(struct flow *flow))
{
	struct flow flow;
	int ret;

	ret = begin(&flow, outs, n, size, ctx, true);
	if (ret)
		return ret;
	while ((ret = recv_it(in, flow.elem, size, ctx)) == 1) {
		ret = give(&flow);
		if (ret < 0)
			break;
	}
	free(flow.c);
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

int hchan_stage_run(const struct hchan_stage *stage, int ctx)
{
	size_t in_size = stage->in_size, out_size = stage->out_size;
	char *elem;
	int ret;

	if (in_size > HCHAN_ELEM_MAX || out_size > HCHAN_ELEM_MAX)
		return -EMSGSIZE;
	/* Each at an address for anything. */
	in_size = (in_size + 63) & ~(size_t)63;
	elem = malloc(in_size + out_size + 1);
	if (!elem)
		return -ENOMEM;
	while ((ret = recv_it(stage->in, elem, stage->in_size, ctx)) == 1) {
		ret = stage->fn(stage->arg, elem, elem + in_size);
		if (ret > 0 && stage->out != HCHAN_NIL)
			ret = send_it(stage->out, elem + in_size, out_size, ctx);
		if (ret < 0)
			break;
	}
	free(elem);
	return ret;
}
