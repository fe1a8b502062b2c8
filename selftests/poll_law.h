/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For poll_law: who looks, by epoll in each of its modes, and the peers that
 * are parked meanwhile, each kind of which is a row of peer_kinds[].
 */
#ifndef POLL_LAW_H
#define POLL_LAW_H

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "hchan_peer.h"
#include "hchan_select.h"
#include "hchan_uring.h"

/*
 * struct mode - how a descriptor is watched
 * @flags: with the channel's descriptor
 * @nested: that instance is watched by another one, which is the one waited for
 * @nest_flags: with it there
 */
struct mode {
	const char *name;
	uint32_t flags;
	bool nested;
	uint32_t nest_flags;
};

static const struct mode modes[] = {
	{ "level", 0, false, 0 },
	{ "edge", EPOLLET, false, 0 },
	{ "oneshot", EPOLLONESHOT, false, 0 },
	{ "exclusive", EPOLLEXCLUSIVE, false, 0 },
	{ "exclusive_edge", EPOLLEXCLUSIVE | EPOLLET, false, 0 },
	{ "nested", 0, true, 0 },
	{ "nested_edge", EPOLLET, true, 0 },
	{ "nested_in_edge", 0, true, EPOLLET },
};

/* Whether what has been told is not told again by itself. */
static inline bool mode_is_edge(const struct mode *m)
{
	return (m->flags | m->nest_flags) & EPOLLET;
}

#define WATCHERS 2	/* for the exclusive modes; else one */

struct watcher {
	int ep, nest;		/* @nest is waited for; the same if not nested */
	uint32_t got;
	pid_t tid;
	int woke, stop;		/* eventfds */
	pthread_t thread;
};

struct watch {
	const struct mode *mode;
	int fd;
	uint32_t mask;
	int n;
	struct watcher w[WATCHERS];
};

static inline void watch_ctl(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	hc_must(!epoll_ctl(ep, op, fd, &event));
}

static inline void watch_init(struct watch *watch, const struct mode *mode,
			      int fd, uint32_t mask)
{
	int i;

	watch->mode = mode;
	watch->fd = fd;
	/* Exclusively, RDHUP can't be asked for. */
	watch->mask = mode->flags & EPOLLEXCLUSIVE ? mask & ~EPOLLRDHUP : mask;
	watch->n = mode->flags & EPOLLEXCLUSIVE ? WATCHERS : 1;
	for (i = 0; i < watch->n; i++) {
		struct watcher *w = &watch->w[i];

		w->ep = epoll_create1(EPOLL_CLOEXEC);
		hc_must(w->ep >= 0);
		watch_ctl(w->ep, EPOLL_CTL_ADD, fd, watch->mask | mode->flags);
		w->nest = w->ep;
		if (!mode->nested)
			continue;
		w->nest = epoll_create1(EPOLL_CLOEXEC);
		hc_must(w->nest >= 0);
		watch_ctl(w->nest, EPOLL_CTL_ADD, w->ep,
			  EPOLLIN | mode->nest_flags);
	}
}

/* What is reported of the channel, within so many ms; 0 is nothing. */
static inline uint32_t report(struct watcher *w, int ms)
{
	struct epoll_event event = {};

	hc_must(epoll_wait(w->nest, &event, 1, ms) >= 0);
	if (!event.events || event.data.fd == w->stop)
		return 0;
	if (w->nest == w->ep)
		return event.events;
	hc_must(event.data.fd == w->ep && event.events == EPOLLIN);
	hc_must(epoll_wait(w->ep, &event, 1, 0) >= 0);
	return event.events;
}

/* To be told once more of what is so. */
static inline void watch_arm(struct watch *watch)
{
	if (watch->mode->flags & EPOLLONESHOT)
		watch_ctl(watch->w[0].ep, EPOLL_CTL_MOD, watch->fd,
			  watch->mask | EPOLLONESHOT);
}

/* What edges have come by now does not matter. */
static inline void watch_forget(struct watch *watch)
{
	int i;

	if (!mode_is_edge(watch->mode))
		return;
	for (i = 0; i < watch->n; i++)
		while (report(&watch->w[i], 0))
			;
}

/* Nothing is so. */
static inline void watch_quiet(struct watch *watch)
{
	int i;

	watch_arm(watch);
	for (i = 0; i < watch->n; i++)
		hc_must(report(&watch->w[i], 0) == 0);
}

static inline uint32_t watch_want(const struct watch *watch, uint32_t events)
{
	return events & (watch->mask | EPOLLHUP);
}

/*
 * It is told. @all: to every watcher, not only to one of those that listen
 * exclusively. It may be a moment behind what another task has done.
 */
static inline void watch_sees(struct watch *watch, uint32_t events, bool all)
{
	uint32_t want = watch_want(watch, events), got;
	int i;

	for (i = 0; i < (all ? watch->n : 1); i++) {
		got = report(&watch->w[i], HC_PATIENCE / HC_MS);
		if (got != want)
			hc_broken("reported: %#x, not %#x", got, want);
	}
}

static inline void *watch_sleeper(void *data)
{
	struct watcher *w = data;

	__atomic_store_n(&w->tid, gettid(), __ATOMIC_SEQ_CST);
	w->got = report(w, HC_PATIENCE / HC_MS);
	hc_must(!eventfd_write(w->woke, 1));
	return NULL;
}

/* Every watcher sleeps, in epoll_wait(2). */
static inline void watch_sleep(struct watch *watch)
{
	int woke = eventfd(0, EFD_SEMAPHORE), stop = eventfd(0, 0), i;

	for (i = 0; i < watch->n; i++) {
		struct watcher *w = &watch->w[i];

		w->woke = woke;
		w->stop = stop;
		w->tid = 0;
		watch_ctl(w->nest, EPOLL_CTL_ADD, stop, EPOLLIN);
		hc_must(!pthread_create(&w->thread, NULL, watch_sleeper, w));
		while (!__atomic_load_n(&w->tid, __ATOMIC_SEQ_CST))
			sched_yield();
		hc_asleep(w->tid);
	}
}

/* One of them, or @all, have been woken by what they see. */
static inline void watch_woken(struct watch *watch, uint32_t events, bool all)
{
	uint32_t want = watch_want(watch, events);
	int n = all ? watch->n : 1, i, seen = 0;
	eventfd_t one;

	for (i = 0; i < n; i++)
		hc_must(!eventfd_read(watch->w[0].woke, &one));
	hc_must(!eventfd_write(watch->w[0].stop, 1));
	for (i = 0; i < watch->n; i++) {
		struct watcher *w = &watch->w[i];

		hc_must(!pthread_join(w->thread, NULL));
		watch_ctl(w->nest, EPOLL_CTL_DEL, w->stop, 0);
		if (w->got && w->got != want)
			hc_broken("woken by %#x, not %#x", w->got, want);
		seen += w->got == want;
	}
	close(watch->w[0].woke);
	close(watch->w[0].stop);
	if (seen < n)
		hc_broken("%d of %d were woken in time", seen, n);
}

/* What is told again, now that it has been told. */
static inline void watch_after(struct watch *watch, uint32_t events)
{
	uint32_t want = watch_want(watch, events);

	if (mode_is_edge(watch->mode)) {
		hc_must(report(&watch->w[0], 0) == 0);
	} else if (watch->mode->flags & EPOLLONESHOT) {
		hc_must(report(&watch->w[0], 0) == 0);
		watch_arm(watch);
		hc_must(report(&watch->w[0], 0) == want);
		hc_must(report(&watch->w[0], 0) == 0);
	} else {
		hc_must(report(&watch->w[0], 0) == want);
		hc_must(report(&watch->w[0], 0) == want);
	}
}

/* How an operation of a peer has ended. */
struct outcome {
	int ret;		/* a send's 0, a receive's 1 or 0, or an errno */
	uint32_t status;	/* at the end: HCHAN_ST_* */
	uint64_t x;
};

/*
 * struct peer_kind - a way to send or receive, which parks if it has to wait
 * @steps: it comes into the queue first and is parked later, and tells of both
 */
struct peer_kind {
	const char *name;
	bool steps;
	struct outcome (*send)(int fd, uint64_t x);
	struct outcome (*recv)(int fd);
};

static struct outcome call_send(int fd, uint64_t x)
{
	struct outcome o = { .x = x };

	o.ret = hc_send_by(fd, &o.x, sizeof(x), 0, 0, &o.status);
	return o;
}

static struct outcome call_recv(int fd)
{
	struct hchan_xfer xfer;
	struct outcome o;

	o.ret = hc_recv_by(fd, &o.x, sizeof(o.x), 0, 0, &xfer);
	o.status = xfer.status;
	return o;
}

/*
 * Channels on which nothing happens: a select has cases there, too, so that it
 * takes a while between its first link and the moment at which it is parked.
 */
#define QUIET 128
#define CASES (1 + 2 * QUIET)
static int quiet[QUIET];

static void make_quiet(void)
{
	int i;

	for (i = 0; i < QUIET; i++) {
		quiet[i] = hc_make(0, 0, 0);
		hc_must(quiet[i] >= 0);
	}
}

static struct outcome select_one(struct hchan_case c, bool set)
{
	struct hchan_case cases[CASES] = { c };
	struct hchan_set_select out;
	struct outcome o = {};
	int fd, i;

	for (i = 0; i < QUIET; i++) {
		cases[1 + i] = hc_case_recv(quiet[i], NULL, 0);
		cases[1 + QUIET + i] = hc_case_send(quiet[i], NULL, 0);
	}
	if (set) {
		fd = hc_set();
		for (i = 0; i < CASES; i++)
			hc_must(hc_set_add(fd, cases[i]) == i);
		hc_must(hc_set_select(fd, &out) == 0);
		o.ret = out.error;
		o.status = out.status;
		close(fd);
	} else {
		hc_must(hc_select(cases, CASES) == 0);
		o.ret = cases[0].error;
		o.status = cases[0].status;
	}
	if (c.op == HCHAN_CASE_RECV && !o.ret)
		o.ret = o.status == HCHAN_ST_OK;
	return o;
}

static struct outcome select_send(int fd, uint64_t x)
{
	return select_one(hc_case_send(fd, &x, sizeof(x)), false);
}

static struct outcome select_recv(int fd)
{
	uint64_t x = HC_POISON64;
	struct outcome o = select_one(hc_case_recv(fd, &x, sizeof(x)), false);

	o.x = x;
	return o;
}

static struct outcome set_send(int fd, uint64_t x)
{
	return select_one(hc_case_send(fd, &x, sizeof(x)), true);
}

static struct outcome set_recv(int fd)
{
	uint64_t x = HC_POISON64;
	struct outcome o = select_one(hc_case_recv(fd, &x, sizeof(x)), true);

	o.x = x;
	return o;
}

static struct outcome command_send(int fd, uint64_t x)
{
	struct io_uring ring;
	struct outcome o = {};
	struct hu_cmd cmd;

	hc_must(!hu_init(&ring, 1, 0));
	hu_send(&ring, &cmd, fd, &x, sizeof(x), 0, 0);
	o.ret = hu_do(&ring, &cmd);
	o.status = cmd.arg.xfer.status;
	io_uring_queue_exit(&ring);
	return o;
}

static struct outcome command_recv(int fd)
{
	struct io_uring ring;
	struct outcome o = {};
	struct hu_cmd cmd;

	hc_must(!hu_init(&ring, 1, 0));
	hu_recv(&ring, &cmd, fd, sizeof(o.x), 0, 0);
	o.ret = hu_do(&ring, &cmd);
	o.status = cmd.arg.xfer.status;
	memcpy(&o.x, cmd.area, sizeof(o.x));
	hu_free(&cmd);
	io_uring_queue_exit(&ring);
	return o;
}

static const struct peer_kind peer_kinds[] = {
	{ "call", false, call_send, call_recv },
	{ "select", true, select_send, select_recv },
	{ "set", true, set_send, set_recv },
	{ "command", false, command_send, command_recv },
};

/* Before Linux 6.7 commands do not park. */
static unsigned int n_peer_kinds(void)
{
	return ARRAY_SIZE(peer_kinds) - !hu_parks();
}

#endif /* POLL_LAW_H */
