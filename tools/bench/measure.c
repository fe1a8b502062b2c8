// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measuring: chunks of operations, each so short that the timer tick (every
 * 4 ms) meets few of them, of which the cheapest counts. What else happens in a
 * machine only ever adds.
 */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scenarios.h"

#define CHUNKS		8	/* in each round */

uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void nap(unsigned int us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* What has been put off (freeing by RCU, workqueues) is done meanwhile. */
void settle(void)
{
	nap(50000);
}

/* Two sides of a conversation, where --cpus says. */
void place(unsigned int side)
{
	int cpu = opt.cpu[side & 1];
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("processor %d: %s", cpu, strerror(errno));
}

/*
 * Whether somebody who is woken takes the processor at once, or when the waker
 * goes to sleep, is the scheduler's decision by what both have used lately. Where
 * it would change what is measured (a select that is to park finds its channel
 * ready), nobody is displaced.
 */
void calm(bool on)
{
	struct sched_param param = { };

	if (sched_setscheduler(0, on ? SCHED_BATCH : SCHED_OTHER, &param))
		die("SCHED_BATCH: %s", strerror(errno));
}

void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return p;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct sample sample_of(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), by_value);
	return (struct sample) {
		.best = values[0],
		.median = values[n / 2],
		.worst = values[n - 1],
		.n = n,
	};
}

/* What two readings of the clock cost by themselves. */
static uint64_t clock_cost(void)
{
	static uint64_t cost;

	if (cost)
		return cost;
	cost = UINT64_MAX;
	for (int i = 0; i < 64; i++) {
		uint64_t begin = now(), took = now() - begin;

		if (took < cost)
			cost = took;
	}
	return cost;
}

static double chunk(const struct work *work, unsigned int n)
{
	uint64_t begin, took;

	if (work->prepare)
		work->prepare(work->arg, n);
	begin = now();
	work->run(work->arg, n);
	took = now() - begin;
	return took > clock_cost() ? took - clock_cost() : 1;
}

static unsigned int within(const struct work *work, double n)
{
	unsigned int multiple = work->multiple ? work->multiple : 1;

	if (n < 4)
		n = 4;
	if (n > work->max)
		n = work->max;
	return ((unsigned int)n + multiple - 1) / multiple * multiple;
}

/* How many operations make a chunk. The shortest of three, as ticks do occur. */
static unsigned int chunk_size(const struct work *work)
{
	unsigned int n = within(work, 4);
	double took = chunk(work, n);

	for (int i = 0; i < 3; i++) {
		double again = chunk(work, n);

		if (again < took)
			took = again;
	}
	return within(work, n * (double)opt.chunk *
			    (work->longer ? work->longer : 1) / took);
}

struct sample measure(const struct work *work)
{
	unsigned int rounds = opt.rounds * (work->rounds ? work->rounds : 1);
	unsigned int total = rounds * CHUNKS, n = 0, at = 0;
	double values[total];

	for (unsigned int round = 0; round < rounds; round++) {
		if (work->begin)
			work->begin(work->arg);
		if (!n)
			n = chunk_size(work);
		settle();
		chunk(work, n);
		for (int i = 0; i < CHUNKS; i++)
			values[at++] = chunk(work, n) / n;
		if (work->end)
			work->end(work->arg);
	}
	if (getenv("BENCH_CHUNKS")) {
		printf("# chunks of %u:", n);
		for (unsigned int i = 0; i < total; i++)
			printf(" %.0f", values[i]);
		putchar('\n');
	}
	return sample_of(values, total);
}

static FILE *json;

void json_begin(const char *path)
{
	json = fopen(path, "we");
	if (!json)
		die("%s: %s", path, strerror(errno));
	fprintf(json, "{ \"unit\": \"%s\", \"values\": [", opt.unit);
	fflush(json);
}

void json_end(void)
{
	if (json)
		fputs("\n{} ] }\n", json);
}

void report(const char *scenario, const char *variant, const char *peer,
	    struct sample s, const char *unit)
{
	double value = opt.median || s.typical ? s.median : s.best;

	printf("%s %s %s %.1f %s\n", scenario, variant, peer, value, unit);
	fflush(stdout);
	if (!json)
		return;
	/* Written by the scenario's own process, so never left in a buffer. */
	fprintf(json, "\n{ \"scenario\": \"%s\", \"variant\": \"%s\", \"peer\": \"%s\",",
		scenario, variant, peer);
	fprintf(json, " \"value\": %.1f, \"unit\": \"%s\",", value, unit);
	fprintf(json, " \"best\": %.1f, \"median\": %.1f, \"worst\": %.1f,",
		s.best, s.median, s.worst);
	fprintf(json, " \"chunks\": %u },", s.n);
	fflush(json);
}

void report_value(const char *scenario, const char *variant, const char *peer,
		  double value, const char *unit)
{
	report(scenario, variant, peer, sample_of(&value, 1), unit);
}

pid_t start(void (*run)(void *arg, unsigned int i), void *arg, unsigned int i)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	run(arg, i);
	_exit(0);
}

void finish(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a process ended with status %#x", status);
}
