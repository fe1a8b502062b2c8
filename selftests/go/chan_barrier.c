// SPDX-License-Identifier: GPL-2.0-only
/*
 * After Go's src/runtime/chanbarrier_test.go: a goroutine answers on a channel
 * that is made for that one answer, while memory comes and goes. There the
 * collector must not miss a pointer that a send writes into another's stack; here
 * the element goes into a page that the receiver has never touched, from one that
 * its sender is about to lose, and must be there whole.
 */
#include "go.h"

#define ELEM 1024
#define SEED 0x5a5a5a5aU	/* no byte of an element's last four is zero */

static void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	hc_must(p != MAP_FAILED);
	return p;
}

/* ch: for the answer, and one that nobody answers; arg: which, by select? */
GO(answer)
{
	uint8_t *element = map(ELEM);
	struct hchan_case cases[2];
	long none;

	hc_fill(element, ELEM, SEED ^ arg[0]);
	if (arg[1]) {
		cases[0] = hc_case_send(ch[0], element, ELEM);
		cases[1] = g_case_get(ch[1], &none);
		hc_must(g_select(cases, 2) == 0 && hc_case_ok(&cases[0]));
	} else {
		g_send(ch[0], element, ELEM);
	}
	hc_must(!munmap(element, ELEM));
}

static void do_request(long which, bool by_select)
{
	int c = g_make(ELEM, 0), done = g_longs(0);
	struct hchan_xfer xfer = { .len = ELEM };
	uint8_t *element;

	g_go(answer, CH(c, done), which, by_select);
	element = map(ELEM);
	xfer.buf = (uintptr_t)element;
	hc_must(ioctl(c, HCHAN_IOC_RECV, &xfer) == 1);
	sched_yield();
	hc_must(xfer.actual == ELEM && hc_is(element, ELEM, SEED ^ which));
	hc_must(!munmap(element, ELEM));
	g_drop(c);
	g_drop(done);
}

/* Makes one request after the other. arg: how many, who, by select? */
GO(request)
{
	void *garbage = NULL;
	long i;

	for (i = 0; i < arg[0]; i++) {
		do_request(arg[1] * arg[0] + i, arg[2]);
		free(garbage);
		garbage = malloc(1024);
		memset(garbage, i, 1024);
	}
	free(garbage);
	g_put(ch[0], 0);
}

static void all_requests(bool by_select)
{
	int done = g_longs(0);
	long i;

	for (i = 0; i < 4; i++)
		g_go(request, CH(done), hc_scale(20), i, by_select);
	for (i = 0; i < 4; i++)
		g_get(done);
}

GO_MAIN(chan_send_barrier)
{
	all_requests(false);
}

GO_MAIN(chan_send_select_barrier)
{
	all_requests(true);
}

TEST_HARNESS_MAIN
