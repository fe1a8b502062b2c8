// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many threads that wait for the same thing: all are told (close), or one after
 * the other gets a message (waiters).
 */

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "scenarios.h"

#define CROWD	1000
#define CLOSES	6

static pthread_t threads[CROWD];

static void crowd_start(unsigned int n, void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attr;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (unsigned int i = 0; i < n; i++) {
		error = pthread_create(&threads[i], &attr, run, arg);
		if (error)
			die("thread %u: %s", i, strerror(error));
	}
	pthread_attr_destroy(&attr);
}

static void crowd_end(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

/*
 * struct ending - what ends CLOSES times for a crowd that waits for it
 *
 * After the end a waiter waits for the next one at once: that is measured too,
 * for all peers, as a thread has to do something.
 */
struct ending {
	const struct end_kind *kind;
	unsigned int n;
	struct link links[CLOSES];
	uint32_t words[CLOSES];
	uint32_t arrived;
	uint32_t done;
	uint64_t end;
};

/*
 * struct end_kind - a way to tell everybody
 * @wait: until the end number @i; dies if it was no end
 * @tell: that it has come
 */
struct end_kind {
	const char *name;
	const struct kind *kind;
	void (*wait)(struct ending *e, int i);
	void (*tell)(struct ending *e, int i);
};

static void hchan_end_wait(struct ending *e, int i)
{
	uint64_t word;
	struct hchan_xfer x = { .buf = (uintptr_t)&word, .len = sizeof(word) };

	if (ioctl(e->links[i].rx, HCHAN_IOC_RECV, &x) ||
	    x.status != HCHAN_ST_CLOSED)
		die("a receive did not end by a close");
}

static void hchan_end_tell(struct ending *e, int i)
{
	hc_close(e->links[i].tx);
}

static void pipe_end_wait(struct ending *e, int i)
{
	uint64_t word;

	if (read(e->links[i].rx, &word, sizeof(word)))
		die("a read did not end by a close");
}

static void pipe_end_tell(struct ending *e, int i)
{
	close(e->links[i].tx);
}

static void futex_end_wait(struct ending *e, int i)
{
	while (!__atomic_load_n(&e->words[i], __ATOMIC_ACQUIRE))
		futex(&e->words[i], FUTEX_WAIT, 0);
}

static void futex_end_tell(struct ending *e, int i)
{
	gate_raise(&e->words[i], 1);
}

static void *end_waiter(void *arg)
{
	struct ending *e = arg;

	for (int i = 0; i < CLOSES; i++) {
		e->kind->wait(e, i);
		if (__atomic_add_fetch(&e->arrived, 1, __ATOMIC_ACQ_REL) != e->n)
			continue;
		e->end = now();
		gate_raise(&e->done, i + 1);
	}
	return NULL;
}

static const struct end_kind end_kinds[] = {
	{ "hchan", &hchan_kind, hchan_end_wait, hchan_end_tell },
	{ "pipe", &pipe_kind, pipe_end_wait, pipe_end_tell },
	{ "futex", NULL, futex_end_wait, futex_end_tell },
};

static void close_kind(const struct end_kind *kind, unsigned int n)
{
	struct ending e = { .kind = kind, .n = n };
	double values[CLOSES];
	uint64_t begin;
	char variant[16];

	for (int i = 0; kind->kind && i < CLOSES; i++) {
		if (!link_open(&e.links[i], kind->kind, 8, 0))
			die("%s: can not be made", kind->name);
	}
	crowd_start(n, end_waiter, &e);
	for (int i = 0; i < CLOSES; i++) {
		settle();
		if (kind->kind == &hchan_kind)
			hc_wait(e.links[i].rx, HCHAN_W_RECEIVERS, n);
		e.arrived = 0;
		begin = now();
		kind->tell(&e, i);
		gate_wait(&e.done, i + 1);
		values[i] = (double)(e.end - begin) / n;
	}
	crowd_end(n);
	snprintf(variant, sizeof(variant), "%u", n);
	/* The last time nobody waits again. */
	report("close", variant, kind->name, sample_of(values, CLOSES - 1),
	       opt.unit);
}

static const unsigned int crowds[] = { 1, 10, 100, CROWD };

static void close_all(void)
{
	need_files(256);
	for (size_t i = 0; i < ARRAY_SIZE(crowds); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(end_kinds); k++)
			close_kind(&end_kinds[k], crowds[i]);
	}
}

const struct scenario close_scenario = {
	.name = "close",
	.summary = "a close that 1 to 1,000 parked receivers see, per receiver",
	.run = close_all,
};

/*
 * struct queueing - messages for a crowd, one at a time: each goes to one of
 * those who wait, who says that it has it and waits again
 */
struct queueing {
	struct link link;
	bool by_futex;
	uint32_t tokens;
	uint32_t got;
	uint64_t sent;
	struct tally received;
};

#define NO_MORE	UINT64_MAX

static bool take_token(struct queueing *q)
{
	uint32_t tokens;

	for (;;) {
		tokens = __atomic_load_n(&q->tokens, __ATOMIC_ACQUIRE);
		if (!tokens)
			futex(&q->tokens, FUTEX_WAIT, 0);
		else if (__atomic_compare_exchange_n(&q->tokens, &tokens,
						     tokens - 1, false,
						     __ATOMIC_ACQ_REL,
						     __ATOMIC_RELAXED))
			return q->sent != NO_MORE;
	}
}

static void *queue_waiter(void *arg)
{
	struct queueing *q = arg;
	struct msg *msg = msg_new(8);

	for (;;) {
		if (q->by_futex) {
			if (!take_token(q))
				break;
			stamp(msg->data, 8, q->sent);
		} else {
			link_recv(&q->link, msg);
			if (*(uint64_t *)msg->data == NO_MORE)
				break;
		}
		count_in(&q->received, msg->data, 8);
		gate_raise(&q->got, q->got + 1);
	}
	free(msg);
	return NULL;
}

static void queue_send(struct queueing *q, uint64_t value)
{
	union {
		struct msg msg;
		char room[sizeof(struct msg) + 8];
	} m = { .msg.type = 1 };

	q->sent = value;
	if (q->by_futex) {
		__atomic_add_fetch(&q->tokens, 1, __ATOMIC_ACQ_REL);
		futex(&q->tokens, FUTEX_WAKE, 1);
		return;
	}
	stamp(m.msg.data, 8, value);
	link_send(&q->link, &m.msg);
}

static void one_by_one(void *arg, unsigned int n)
{
	struct queueing *q = arg;

	while (n--) {
		uint32_t next = q->got + 1;

		queue_send(q, next);
		gate_wait(&q->got, next);
	}
}

static void waiters_kind(const struct kind *kind, unsigned int n)
{
	struct queueing q = { .by_futex = kind == &futex_kind };
	struct work work = { .run = one_by_one, .arg = &q, .max = 512 };
	struct sample s;
	char variant[16];

	if (!q.by_futex && !link_open(&q.link, kind, 8, 0))
		die("%s: can not be made", kind->name);
	crowd_start(n, queue_waiter, &q);
	s = measure(&work);
	if (q.received.count != q.got ||
	    q.received.sum != (uint64_t)q.got * (q.got + 1ULL) / 2)
		die("%s: not the messages that were sent", kind->name);
	for (unsigned int i = 0; i < n; i++)
		queue_send(&q, NO_MORE);
	crowd_end(n);
	if (!q.by_futex)
		link_close(&q.link);
	snprintf(variant, sizeof(variant), "%u", n);
	report("waiters", variant, kind->name, s, opt.unit);
}

static void waiters(void)
{
	static const struct kind *const those[] = {
		&hchan_kind, &pipe_kind, &seqpacket_kind, &futex_kind,
	};

	calm(true);
	for (size_t i = 0; i < ARRAY_SIZE(crowds); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(those); k++)
			waiters_kind(those[k], crowds[i]);
	}
}

const struct scenario waiters_scenario = {
	.name = "waiters",
	.summary = "a message to one of 1 to 1,000 that wait, until it has it",
	.run = waiters,
};
