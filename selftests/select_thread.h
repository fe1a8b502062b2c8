/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of selects: channels of 64-bit numbers, and a select in a thread
 * of its own, so that the test can do to it what it likes while it is parked.
 */
#ifndef SELECT_THREAD_H
#define SELECT_THREAD_H

#include <pthread.h>
#include <sched.h>

#include "hchan_select.h"

#define SEL_CASES 8

struct sel {
	struct hchan_case c[SEL_CASES];
	uint64_t x[SEL_CASES];	/* elements, for cases of numbers */
	uint32_t n;
	uint32_t flags;
	int64_t deadline;
	int ret;
	uint32_t index;
	pid_t tid;
	pthread_t thread;
};

#define SEL_NOTHING 0x5e1ec7ULL	/* in sel.x: not received into */

static inline int sel_make(uint64_t capacity)
{
	return hc_make(sizeof(uint64_t), capacity, 0);
}

static inline int sel_try_put(int fd, uint64_t x)
{
	return hc_try_send(fd, &x, sizeof(x));
}

static inline void sel_put(int fd, uint64_t x)
{
	hc_must(!sel_try_put(fd, x));
}

static inline uint64_t sel_get(int fd)
{
	uint64_t x;

	hc_must(hc_try_recv(fd, &x, sizeof(x)) == 1);
	return x;
}

static inline bool sel_empty(int fd)
{
	uint64_t x;

	return hc_try_recv(fd, &x, sizeof(x)) == -EAGAIN;
}

/* One case more; returns its index. */
static inline int sel_add(struct sel *s, struct hchan_case c)
{
	hc_must(s->n < SEL_CASES);
	s->c[s->n] = c;
	return s->n++;
}

static inline int sel_recv(struct sel *s, int fd)
{
	uint64_t *x = &s->x[s->n];

	*x = SEL_NOTHING;
	return sel_add(s, hc_case_recv(fd, x, sizeof(*x)));
}

static inline int sel_send(struct sel *s, int fd, uint64_t value)
{
	uint64_t *x = &s->x[s->n];

	*x = value;
	return sel_add(s, hc_case_send(fd, x, sizeof(*x)));
}

static __thread int sel_dev = -1;

/* As often as wanted: what went before is forgotten. */
static inline int sel_run(struct sel *s)
{
	uint32_t i;

	if (sel_dev < 0)
		sel_dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	hc_must(sel_dev >= 0);
	for (i = 0; i < s->n; i++) {
		s->c[i].actual = HC_POISON32;
		s->c[i].status = HC_POISON32;
		s->c[i].error = HC_POISON32;
	}
	s->ret = hc_select_on(sel_dev, s->c, s->n, s->flags, s->deadline,
			      &s->index);
	return s->ret;
}

static inline int sel_try(struct sel *s)
{
	s->flags |= HCHAN_NOWAIT;
	return sel_run(s);
}

static inline void *sel_thread(void *data)
{
	struct sel *s = data;

	__atomic_store_n(&s->tid, gettid(), __ATOMIC_SEQ_CST);
	sel_run(s);
	close(sel_dev);
	return NULL;
}

/* The caller waits for it to be parked, on a channel of its own choice. */
static inline void sel_start(struct sel *s)
{
	s->tid = 0;
	hc_must(!pthread_create(&s->thread, NULL, sel_thread, s));
}

static inline int sel_join(struct sel *s)
{
	hc_must(!pthread_join(s->thread, NULL));
	return s->ret;
}

/* The case that went, with success. */
static inline bool sel_ok(const struct sel *s, int i)
{
	return s->ret == i && hc_case_ok(&s->c[i]);
}

/* A receive that went and found the end. */
static inline bool sel_ended(const struct sel *s, int i, uint32_t status)
{
	return s->ret == i && s->c[i].status == status && !s->c[i].error &&
	       !s->x[i];
}

/* A send that went and failed. */
static inline bool sel_broke(const struct sel *s, int i, uint32_t status)
{
	return s->ret == i && s->c[i].status == status &&
	       s->c[i].error == -EPIPE;
}

#endif /* SELECT_THREAD_H */
