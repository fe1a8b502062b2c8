// SPDX-License-Identifier: GPL-2.0-only
/* Does an operation on one channel cost more when many others are alive? */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"

#define MOST	100000
#define DEPTH	2

struct many {
	const struct kind *kind;
	unsigned int n;
	struct link *links;
	struct msg *msg;
	uint64_t seq;
	struct tally sent, received;
	uint32_t ready;
};

static void open_all(struct many *m)
{
	for (unsigned int i = 0; i < m->n; i++) {
		if (!link_open(&m->links[i], m->kind, 8, DEPTH))
			die("%s %u: can not be made: %s", m->kind->name, i,
			    strerror(errno));
	}
}

/* Another one each time, all over the place. */
static void one_each(void *arg, unsigned int n)
{
	struct many *m = arg;

	while (n--) {
		struct link *l = &m->links[++m->seq * 40503 % m->n];

		stamp(m->msg->data, 8, m->seq);
		count_in(&m->sent, m->msg->data, 8);
		link_send(l, m->msg);
		link_recv(l, m->msg);
		count_in(&m->received, m->msg->data, 8);
	}
}

static void close_all(struct many *m)
{
	for (unsigned int i = 0; i < m->n; i++)
		link_close(&m->links[i]);
}

/* Few of them are made and closed more often, and the cheapest counts. */
#define ROUNDS	20

static unsigned int rounds_of(unsigned int n)
{
	return n < 1000 ? ROUNDS : 1;
}

static void making(struct many *m, const char *variant)
{
	double create[ROUNDS], close[ROUNDS];
	unsigned int rounds = rounds_of(m->n);
	uint64_t begin;

	for (unsigned int i = 0; i < rounds; i++) {
		settle();
		begin = now();
		open_all(m);
		create[i] = (double)(now() - begin) / m->n;
		settle();
		begin = now();
		close_all(m);
		close[i] = (double)(now() - begin) / m->n;
	}
	report("scale-create", variant, m->kind->name, sample_of(create, rounds),
	       opt.unit);
	report("scale-close", variant, m->kind->name, sample_of(close, rounds),
	       opt.unit);
}

static void operations(struct many *m, const char *variant)
{
	struct work work = { .run = one_each, .arg = m, .max = 4096 };
	long long before;

	settle();
	before = charged_bytes();
	open_all(m);
	if (before >= 0)
		report_value("scale-memory", variant, m->kind->name,
			     (double)(charged_bytes() - before) / m->n, "bytes");
	report("scale-operation", variant, m->kind->name, measure(&work), opt.unit);
	compare(&m->sent, &m->received, m->kind->name);
	close_all(m);
}

static void hold(void *arg, unsigned int unused)
{
	struct many *m = arg;

	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	open_all(m);
	gate_raise(&m->ready, 1);
	for (;;)
		pause();
}

/* The process that has @n of them is killed: the kernel closes all at once. */
static double killing(const struct many *m, unsigned int n)
{
	struct many *all = shared(sizeof(*all));
	uint64_t begin, took;
	pid_t pid;

	*all = *m;
	all->n = n;
	pid = start(hold, all, 0);
	gate_wait(&all->ready, 1);
	settle();
	begin = now();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	took = now() - begin;
	munmap(all, sizeof(*all));
	return took;
}

/* For each of them, without what it costs that a process exits at all. */
static void teardown(const struct many *m, const char *variant)
{
	double values[ROUNDS], none[ROUNDS];
	unsigned int rounds = rounds_of(m->n);
	struct sample s;

	for (unsigned int i = 0; i < rounds; i++) {
		none[i] = killing(m, 0);
		values[i] = killing(m, m->n);
	}
	s = sample_of(none, rounds);
	for (unsigned int i = 0; i < rounds; i++)
		values[i] = (values[i] - s.best) / m->n;
	report("scale-exit", variant, m->kind->name, sample_of(values, rounds),
	       opt.unit);
	settle();
}

/* The table of descriptors has its size before anything is counted. */
static void enlarge_table(void)
{
	int last = dup2(0, MOST + 63);

	if (last < 0)
		die("no descriptor %u: %s", MOST + 63, strerror(errno));
	close(last);
}

static void scale(void)
{
	static const struct kind *const those[] = {
		&hchan_kind, &eventfd_kind, &pipe_kind,
	};
	static const unsigned int counts[] = { 1, 10, 100, 1000, 10000, MOST };

	need_files(MOST + 64);
	enlarge_table();
	/* Nor does the first of them pay for what is there once. */
	hc_device();
	charged_bytes();
	for (size_t k = 0; k < ARRAY_SIZE(those); k++) {
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			struct many m = {
				.kind = those[k],
				.n = counts[i],
				.msg = msg_new(8),
			};
			char variant[16];

			/* A pipe takes two descriptors, and keeps a page. */
			if (m.kind == &pipe_kind && m.n > 10000)
				continue;
			m.links = calloc(m.n, sizeof(*m.links));
			if (!m.links)
				die("no memory");
			snprintf(variant, sizeof(variant), "%u", m.n);
			operations(&m, variant);
			making(&m, variant);
			if (m.n > 1)
				teardown(&m, variant);
			free(m.links);
			free(m.msg);
		}
	}
}

const struct scenario scale_scenario = {
	.name = "scale",
	.summary = "an operation, create and close with 1 to 100,000 alive",
	.run = scale,
};
