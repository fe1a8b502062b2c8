// SPDX-License-Identifier: GPL-2.0-only
/* There and back between two processes; and from one to many. */

#include <stdlib.h>

#include "scenarios.h"

#define SUBSCRIBERS	16

struct pingpong {
	struct link there, back;
	struct msg *msg;
	pid_t pid;
	unsigned int pairs;
	struct tally sent, received;
};

static void echo(void *arg, unsigned int i)
{
	struct pingpong *p = arg;

	place(1);
	for (uint64_t until = now() + i * 250000ULL; now() < until;)
		;
	for (link_recv(&p->there, p->msg);;) {
		uint64_t seq = *(uint64_t *)p->msg->data;

		if (seq == UINT64_MAX >> 1) {
			link_send(&p->back, p->msg);
			return;
		}
		link_exchange(&p->back, &p->there, p->msg);
	}
}

static void there_and_back(void *arg, unsigned int n)
{
	struct pingpong *p = arg;

	while (n--) {
		stamp(p->msg->data, 8, p->sent.count + 1);
		count_in(&p->sent, p->msg->data, 8);
		link_exchange(&p->there, &p->back, p->msg);
		count_in(&p->received, p->msg->data, 8);
	}
}

/*
 * Each round has a pair of its own, which has used more of the processor before:
 * who displaces whom depends on that, and lasts.
 */
static void pair_begin(void *arg)
{
	struct pingpong *p = arg;

	p->pid = start(echo, p, p->pairs++);
}

static void pair_end(void *arg)
{
	struct pingpong *p = arg;

	stamp(p->msg->data, 8, UINT64_MAX >> 1);
	link_send(&p->there, p->msg);
	link_recv(&p->back, p->msg);
	finish(p->pid);
}

static void pingpong_kind(const struct kind *kind, const char *variant,
			  unsigned int depth, unsigned int rounds)
{
	struct pingpong p = { .msg = msg_new(8) };
	struct work work = {
		.run = there_and_back, .arg = &p, .max = 4096,
		.begin = pair_begin, .end = pair_end, .rounds = rounds,
	};
	struct sample s;

	if (!(kind->serves & SHAPE_PING) ||
	    (opt.peers && !strncmp(kind->name, "hchan", 5)) ||
	    !link_open(&p.there, kind, 8, depth) ||
	    !link_open(&p.back, kind, 8, depth))
		return;
	s = measure(&work);
	compare(&p.sent, &p.received, kind->name);
	link_close(&p.there);
	link_close(&p.back);
	free(p.msg);
	report("ping-pong", variant, kind->name, s, opt.unit);
}

static void pingpong(void)
{
	for (int k = 0; kinds[k]; k++)
		pingpong_kind(kinds[k], "unbuffered", 0, 3);
	pingpong_kind(&hchan_kind, "buffered", 1, 3);
	/* The same when who is woken does not displace who woke it. */
	calm(true);
	for (int k = 0; kinds[k]; k++)
		pingpong_kind(kinds[k], "calm", 0, 1);
}

const struct scenario pingpong_scenario = {
	.name = "ping-pong",
	.summary = "8 bytes to another process and back, per round trip",
	.run = pingpong,
};

struct broadcast {
	struct link links[SUBSCRIBERS];
	struct link back;
	struct msg *msg;
	uint64_t seq;
	uint64_t expected;
	struct tally sent, received;
};

static void subscriber(void *arg, unsigned int i)
{
	struct broadcast *b = arg;
	uint64_t seq;

	place(i);
	do {
		link_recv(&b->links[i], b->msg);
		seq = *(uint64_t *)b->msg->data;
		link_send(&b->back, b->msg);
	} while (seq != UINT64_MAX >> 1);
}

/* One message to all, and an answer from each: they wait in between. */
static void to_all(void *arg, unsigned int n)
{
	struct broadcast *b = arg;

	while (n--) {
		stamp(b->msg->data, 64, ++b->seq);
		for (int i = 0; i < SUBSCRIBERS; i++) {
			count_in(&b->sent, b->msg->data, 64);
			link_send(&b->links[i], b->msg);
		}
		for (int i = 0; i < SUBSCRIBERS; i++) {
			link_recv(&b->back, b->msg);
			count_in(&b->received, b->msg->data, 64);
		}
	}
}

static void broadcast_kind(const struct kind *kind)
{
	struct broadcast b = { .msg = msg_new(64) };
	struct work work = { .run = to_all, .arg = &b, .max = 512 };
	pid_t pids[SUBSCRIBERS];
	struct sample s;

	if (!(kind->serves & SHAPE_MANY))
		return;
	if (!link_open(&b.back, kind, 64, SUBSCRIBERS))
		die("%s: can not be made", kind->name);
	for (int i = 0; i < SUBSCRIBERS; i++) {
		if (!link_open(&b.links[i], kind, 64, 1))
			die("%s: can not be made", kind->name);
	}
	for (int i = 0; i < SUBSCRIBERS; i++)
		pids[i] = start(subscriber, &b, i);
	s = measure(&work);
	compare(&b.sent, &b.received, kind->name);
	b.seq = (UINT64_MAX >> 1) - 1;
	to_all(&b, 1);
	for (int i = 0; i < SUBSCRIBERS; i++) {
		finish(pids[i]);
		link_close(&b.links[i]);
	}
	link_close(&b.back);
	free(b.msg);
	s.best /= SUBSCRIBERS;
	s.median /= SUBSCRIBERS;
	s.worst /= SUBSCRIBERS;
	report("broadcast", "16", kind->name, s, opt.unit);
}

static void broadcast(void)
{
	for (int k = 0; kinds[k]; k++)
		broadcast_kind(kinds[k]);
}

const struct scenario broadcast_scenario = {
	.name = "broadcast",
	.summary = "64 bytes to 16 processes, and an answer from each, per process",
	.run = broadcast,
};
