// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams between processes. What is measured is a whole burst, from the first
 * send, when all receivers sleep and nothing is under way, to the last receive:
 * a window cut out of a stream would count more sends than receives, or fewer,
 * depending on who happens to run.
 */

#include <stdio.h>

#include "scenarios.h"

#define BURSTS	6	/* in a round */

/*
 * struct stream - all in memory that the processes share, but for @link
 * @ready, @go: how many bursts the receivers and the senders may begin
 * @begun, @got: of this burst
 */
struct stream {
	struct link link;
	unsigned int senders, receivers, messages;

	uint32_t __apart ready;
	uint32_t go;
	uint32_t done;
	uint32_t __apart begun;
	uint32_t __apart got;
	uint64_t begin, end;
	struct tally sent, received;
};

static void sender(void *arg, unsigned int i)
{
	struct stream *st = arg;
	unsigned int share = st->messages / st->senders;
	struct msg *msg = msg_new(st->link.size);
	struct tally tally = { };
	uint64_t seq = (uint64_t)i << 32;

	place(0);
	for (unsigned int burst = 1; burst <= opt.rounds * BURSTS; burst++) {
		gate_wait(&st->go, burst);
		if (!__atomic_fetch_add(&st->begun, 1, __ATOMIC_RELAXED))
			st->begin = now();
		for (unsigned int k = 0; k < share; k++) {
			stamp(msg->data, st->link.size, ++seq);
			count_in(&tally, msg->data, st->link.size);
			link_send(&st->link, msg);
		}
	}
	tally_merge(&st->sent, &tally);
}

static void receiver(void *arg, unsigned int i)
{
	struct stream *st = arg;
	unsigned int share = st->messages / st->receivers;
	struct msg *msg = msg_new(st->link.size);
	struct tally tally = { };

	(void)i;
	place(1);
	for (unsigned int burst = 1; burst <= opt.rounds * BURSTS; burst++) {
		gate_wait(&st->ready, burst);
		for (unsigned int k = 0; k < share; k++) {
			link_recv(&st->link, msg);
			count_in(&tally, msg->data, st->link.size);
		}
		if (__atomic_add_fetch(&st->got, 1, __ATOMIC_ACQ_REL) ==
		    st->receivers) {
			st->end = now();
			gate_raise(&st->done, burst);
		}
	}
	tally_merge(&st->received, &tally);
}

static void stream_kind_of(const char *scenario, const char *variant,
			   const struct kind *kind, size_t size,
			   unsigned int depth, unsigned int senders,
			   unsigned int receivers, unsigned int messages)
{
	struct stream *st = shared(sizeof(*st));
	unsigned int n = opt.rounds * BURSTS;
	pid_t pids[senders + receivers];
	double values[n];

	if (!(kind->serves & (senders + receivers > 2 ? SHAPE_MANY : SHAPE_STREAM)))
		return;
	if (!link_open(&st->link, kind, size, depth))
		return;
	st->senders = senders;
	st->receivers = receivers;
	st->messages = messages;
	for (unsigned int i = 0; i < senders; i++)
		pids[i] = start(sender, st, i);
	for (unsigned int i = 0; i < receivers; i++)
		pids[senders + i] = start(receiver, st, i);
	for (unsigned int burst = 1; burst <= n; burst++) {
		st->begun = 0;
		st->got = 0;
		gate_raise(&st->ready, burst);
		/* The receivers park; at the end of a round all settles. */
		if (burst % BURSTS == 1)
			settle();
		else
			nap(2000);
		gate_raise(&st->go, burst);
		gate_wait(&st->done, burst);
		values[burst - 1] = (double)(st->end - st->begin) / messages;
	}
	for (unsigned int i = 0; i < senders + receivers; i++)
		finish(pids[i]);
	compare(&st->sent, &st->received, kind->name);
	if (st->sent.count != (uint64_t)n * messages)
		die("%s: not all was sent", kind->name);
	link_close(&st->link);
	report(scenario, variant, kind->name, sample_of(values, n), opt.unit);
}

static void all_kinds(const char *scenario, size_t size, unsigned int depth,
		      unsigned int senders, unsigned int receivers,
		      unsigned int messages)
{
	char variant[32];

	snprintf(variant, sizeof(variant), "%zux%u", size, depth);
	for (int k = 0; kinds[k]; k++)
		stream_kind_of(scenario, variant, kinds[k], size, depth, senders,
			       receivers, messages);
}

static void spsc(void)
{
	all_kinds("spsc", 64, 128, 1, 1, 1024);
	/* A channel's largest element is a byte short of 64 KiB. */
	all_kinds("spsc", HCHAN_ELEM_MAX, 4, 1, 1, 32);
}

static void mpsc(void)
{
	all_kinds("mpsc", 64, 128, 4, 1, 1024);
}

static void mpmc(void)
{
	all_kinds("mpmc", 64, 128, 4, 4, 1024);
}

const struct scenario spsc_scenario = {
	.name = "spsc",
	.summary = "streaming from one process to another; 64 bytes, 64 KiB",
	.run = spsc,
};

const struct scenario mpsc_scenario = {
	.name = "mpsc",
	.summary = "from four processes to one, 64 bytes",
	.run = mpsc,
};

const struct scenario mpmc_scenario = {
	.name = "mpmc",
	.summary = "from four processes to four, 64 bytes",
	.run = mpmc,
};
