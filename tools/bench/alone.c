// SPDX-License-Identifier: GPL-2.0-only
/* One process by itself: nobody waits and nobody is woken. */

#include <stdio.h>
#include <stdlib.h>

#include "scenarios.h"

struct alone {
	struct link link;
	struct msg *msg;
	uint64_t seq;
	struct tally sent, received;
};

static void one_each(void *arg, unsigned int n)
{
	struct alone *a = arg;
	struct link *l = &a->link;

	while (n--) {
		stamp(a->msg->data, l->size, ++a->seq);
		count_in(&a->sent, a->msg->data, l->size);
		link_send(l, a->msg);
		stamp(a->msg->data, l->size, 0);
		link_recv(l, a->msg);
		count_in(&a->received, a->msg->data, l->size);
	}
}

static void seq_kind(const struct kind *kind, size_t size)
{
	struct alone a = { .msg = msg_new(size) };
	struct work work = { .run = one_each, .arg = &a, .max = 4096 };
	struct sample s;
	char variant[16];

	snprintf(variant, sizeof(variant), "%zu", size);
	if (!(kind->serves & SHAPE_SEQ))
		return;
	/* 8 of 1 KiB are what the smallest of the peers holds. */
	if (!link_open(&a.link, kind, size, 8))
		return;
	s = measure(&work);
	compare(&a.sent, &a.received, kind->name);
	report("seq", variant, kind->name, s, opt.unit);
	link_close(&a.link);
	free(a.msg);
}

static void seq(void)
{
	static const size_t sizes[] = { 8, 64, 1024 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (int k = 0; kinds[k]; k++)
			seq_kind(kinds[k], sizes[i]);
	}
}

const struct scenario seq_scenario = {
	.name = "seq",
	.summary = "send and receive, nobody waiting; 8, 64, 1024 bytes",
	.run = seq,
};

static void must_not_come(void *arg, unsigned int n)
{
	struct alone *a = arg;

	while (n--) {
		if (a->link.kind->recv(&a->link, a->msg))
			die("%s: received out of nothing", a->link.kind->name);
	}
}

static void must_not_go(void *arg, unsigned int n)
{
	struct alone *a = arg;

	while (n--) {
		if (a->link.kind->send(&a->link, a->msg))
			die("%s: went into what is full", a->link.kind->name);
	}
}

static void try_kind(const struct kind *kind)
{
	struct alone a = { .msg = msg_new(8) };
	struct work empty = { .run = must_not_come, .arg = &a, .max = 4096 };
	struct work full = { .run = must_not_go, .arg = &a, .max = 4096 };

	if (!(kind->serves & SHAPE_TRY) || !link_open(&a.link, kind, 8, 8))
		return;
	kind->nonblock(&a.link);
	report("try", "empty", kind->name, measure(&empty), opt.unit);

	/* An eventfd is full of one number; one less, as 0 would be no news. */
	stamp(a.msg->data, 8, kind == &eventfd_kind ? -2ULL : 1);
	do {
		count_in(&a.sent, a.msg->data, 8);
	} while (kind->send(&a.link, a.msg));
	a.sent.count--;
	report("try", "full", kind->name, measure(&full), opt.unit);

	while (kind->recv(&a.link, a.msg))
		count_in(&a.received, a.msg->data, 8);
	if (a.sent.count != a.received.count)
		die("%s: a failed try was none", kind->name);
	link_close(&a.link);
	free(a.msg);
}

static void try(void)
{
	for (int k = 0; kinds[k]; k++)
		try_kind(kinds[k]);
}

const struct scenario try_scenario = {
	.name = "try",
	.summary = "a receive from empty and a send to full that do not wait",
	.run = try,
};

/*
 * @held: some that stay, one more for each chunk: if as many are there as fill a
 *	slab, each further one makes a slab and drops it again. That is chance.
 */
struct maker {
	const struct kind *kind;
	unsigned int depth;
	struct link held[64];
	unsigned int n;
};

static void hold_one(void *arg, unsigned int n)
{
	struct maker *m = arg;

	(void)n;
	if (m->n == ARRAY_SIZE(m->held) ||
	    !link_open(&m->held[m->n++], m->kind, 8, m->depth))
		die("%s: can not be made", m->kind->name);
}

static void make_and_drop(void *arg, unsigned int n)
{
	struct maker *m = arg;
	struct link l;

	while (n--) {
		if (!link_open(&l, m->kind, 8, m->depth))
			die("%s: can not be made", m->kind->name);
		link_close(&l);
	}
}

static void create_kind(const char *variant, const struct kind *kind,
			unsigned int depth)
{
	struct maker m = { .kind = kind, .depth = depth };
	/* Long enough to pay for what is freed later, by RCU. */
	struct work work = {
		.run = make_and_drop, .prepare = hold_one, .arg = &m,
		.max = 4096, .longer = 16,
	};

	report("create", variant, kind->name, measure(&work), opt.unit);
	while (m.n)
		link_close(&m.held[--m.n]);
}

static void create(void)
{
	need_files(256);
	for (int k = 0; kinds[k]; k++) {
		if (kinds[k]->serves & SHAPE_CREATE)
			create_kind("unbuffered", kinds[k], 0);
	}
	create_kind("128x8", &hchan_kind, 128);
}

const struct scenario create_scenario = {
	.name = "create",
	.summary = "create and close",
	.run = create,
};
