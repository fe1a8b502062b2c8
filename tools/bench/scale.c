// SPDX-License-Identifier: GPL-2.0-only
/* Does an operation on one channel cost more when many others are alive? */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void operations(struct many *m, const char *variant)
{
	struct work work = { .run = one_each, .arg = m, .max = 4096 };
	uint64_t begin;
	double took;

	long long before;

	settle();
	before = charged_bytes();
	begin = now();
	open_all(m);
	took = now() - begin;
	/* The counters are exact to a page or two. */
	if (before >= 0 && m->n >= 1000)
		report_value("scale-memory", variant, m->kind->name,
			     (double)(charged_bytes() - before) / m->n, "bytes");
	report("scale-operation", variant, m->kind->name, measure(&work), opt.unit);
	compare(&m->sent, &m->received, m->kind->name);
	report_value("scale-create", variant, m->kind->name, took / m->n, opt.unit);
	begin = now();
	for (unsigned int i = 0; i < m->n; i++)
		link_close(&m->links[i]);
	took = now() - begin;
	report_value("scale-close", variant, m->kind->name, took / m->n, opt.unit);
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

/* The process that has them is killed: the kernel closes all at once. */
static void teardown(struct many *m, const char *variant)
{
	struct many *all = shared(sizeof(*all));
	uint64_t begin;
	double took;
	pid_t pid;

	*all = *m;
	pid = start(hold, all, 0);
	gate_wait(&all->ready, 1);
	settle();
	begin = now();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	took = now() - begin;
	report_value("scale-exit", variant, m->kind->name, took / m->n, opt.unit);
	settle();
}

static void scale(void)
{
	static const struct kind *const those[] = {
		&hchan_kind, &eventfd_kind, &pipe_kind,
	};
	static const unsigned int counts[] = { 1, 1000, 10000, MOST };

	need_files(MOST + 64);
	for (size_t k = 0; k < ARRAY_SIZE(those); k++) {
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			struct many m = {
				.kind = those[k],
				.n = counts[i],
				.msg = msg_new(8),
			};
			char variant[16];

			/* A pipe takes two descriptors, and keeps a page. */
			if (m.kind == &pipe_kind && m.n > 1000)
				continue;
			m.links = calloc(m.n, sizeof(*m.links));
			if (!m.links)
				die("no memory");
			snprintf(variant, sizeof(variant), "%u", m.n);
			operations(&m, variant);
			settle();
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
