// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory, in bytes: what an idle link takes, and what somebody takes who is
 * parked. Of links once as the slab pages that the whole kernel has more, which
 * is what is gone, and once as the counters of our own memory cgroup say
 * (-charged), which do not know what the peers are not charged for. Of parked
 * calls by the latter, as they are exact.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "scenarios.h"

#define IDLE	16384
#define FIRST	1024	/* fill the slabs that have room, uncounted */
#define PARKED	256
#define MOST	1000
#define CASES	64

/* Kernel memory but for stacks and page tables; < 0: not to be had. */
long long charged_bytes(void)
{
	char path[512], line[256];
	long long sum = -1, n;
	FILE *f = fopen("/proc/self/cgroup", "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "0::", 3))
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.stat",
				 line + 3);
	}
	fclose(f);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char name[64];

		if (sscanf(line, "%63s %lld", name, &n) == 2 &&
		    (!strcmp(name, "slab") || !strcmp(name, "percpu") ||
		     !strcmp(name, "vmalloc")))
			sum += sum < 0 ? n + 1 : n;
	}
	if (f)
		fclose(f);
	return sum;
}

/* The kernel's slab pages. */
long long slab_bytes(void)
{
	char line[256];
	long long kb = -1;
	FILE *f = fopen("/proc/meminfo", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Slab: %lld kB", &kb) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kb * 1024;
}

static void idle(const struct kind *kind, const char *variant,
		 unsigned int depth, bool used)
{
	static struct link links[FIRST + IDLE];
	struct msg *msg = msg_new(8);
	long long before = 0, pages = 0;
	char name[32];

	settle();
	for (int i = 0; i < FIRST + IDLE; i++) {
		if (i == FIRST) {
			pages = slab_bytes();
			before = charged_bytes();
		}
		if (!link_open(&links[i], kind, 8, depth))
			die("%s: can not be made: %s", kind->name, strerror(errno));
		if (used) {
			link_send(&links[i], msg);
			link_recv(&links[i], msg);
		}
	}
	report_value("memory", variant, kind->name,
		     (double)(slab_bytes() - pages) / IDLE, "bytes");
	snprintf(name, sizeof(name), "%s-charged", variant);
	report_value("memory", name, kind->name,
		     (double)(charged_bytes() - before) / IDLE, "bytes");
	for (int i = 0; i < FIRST + IDLE; i++)
		link_close(&links[i]);
	settle();
}

/*
 * struct crowd - threads that park in @park once the gate is open. They have
 * their stacks before it, so that what comes behind it is the parking's.
 */
struct crowd {
	uint32_t gate;
	int fd;			/* where they park */
	uint32_t what;		/* in which queue */
	int fds[CASES];
	unsigned int n_cases;
};

static void *park(void *arg)
{
	struct crowd *c = arg;
	struct hchan_case cases[CASES];
	uint64_t word = 1;
	struct hchan_xfer x = { .buf = (uintptr_t)&word, .len = sizeof(word) };
	struct hchan_select s = { .cases = (uintptr_t)cases, .count = c->n_cases };

	for (unsigned int i = 0; i < c->n_cases; i++)
		cases[i] = (struct hchan_case) {
			.fd = c->fds[i],
			.op = HCHAN_CASE_RECV,
			.buf = (uintptr_t)&word,
			.len = sizeof(word),
		};
	gate_wait(&c->gate, 1);
	if (c->n_cases)
		ioctl(hc_device(), HCHAN_IOC_SELECT, &s);
	else
		ioctl(c->fd, c->what == HCHAN_W_SENDERS ? HCHAN_IOC_SEND :
							   HCHAN_IOC_RECV, &x);
	return NULL;
}

static void parked(const char *scenario, const char *variant, uint32_t what,
		   unsigned int n, unsigned int n_cases)
{
	struct crowd c = { .what = what, .n_cases = n_cases };
	pthread_t threads[MOST];
	pthread_attr_t attr;
	long long before;
	double taken;

	c.fd = hc_create(8, 0);
	for (unsigned int i = 0; i < n_cases; i++)
		c.fds[i] = i ? hc_create(8, 0) : c.fd;
	hc_device();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (unsigned int i = 0; i < n; i++) {
		if (pthread_create(&threads[i], &attr, park, &c))
			die("no thread");
	}
	settle();
	before = charged_bytes();
	gate_raise(&c.gate, 1);
	hc_wait(c.fd, what, n);
	taken = charged_bytes() - before;
	report_value(scenario, variant, "hchan", taken / n / (n_cases ? n_cases : 1),
		     "bytes");
	for (unsigned int i = 0; i < (n_cases ? n_cases : 1); i++)
		hc_close(n_cases ? c.fds[i] : c.fd);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < (n_cases ? n_cases : 1); i++)
		close(n_cases ? c.fds[i] : c.fd);
	settle();
}

static void all_bytes(void)
{
	if (charged_bytes() < 0) {
		note("no counters of a memory cgroup: no bytes");
		return;
	}
	need_files(2 * (FIRST + IDLE) + 64);
	idle(&hchan_kind, "idle", 0, false);
	idle(&eventfd_kind, "idle", 0, false);
	idle(&pipe_kind, "idle", 0, false);
	idle(&seqpacket_kind, "idle", 0, false);
	idle(&hchan_kind, "idle-16x8", 16, false);
	idle(&hchan_kind, "used-16x8", 16, true);
	idle(&pipe_kind, "used-16x8", 16, true);
	idle(&seqpacket_kind, "used-16x8", 16, true);
	parked("memory", "parked-receiver", HCHAN_W_RECEIVERS, PARKED, 0);
	parked("memory", "parked-sender", HCHAN_W_SENDERS, PARKED, 0);
	parked("memory", "select-8-case", HCHAN_W_RECEIVERS, PARKED, 8);
	parked("memory", "select-64-case", HCHAN_W_RECEIVERS, PARKED, CASES);
	parked("waiter-memory", "1", HCHAN_W_RECEIVERS, 1, 0);
	parked("waiter-memory", "10", HCHAN_W_RECEIVERS, 10, 0);
	parked("waiter-memory", "100", HCHAN_W_RECEIVERS, 100, 0);
	parked("waiter-memory", "1000", HCHAN_W_RECEIVERS, MOST, 0);
}

const struct scenario memory_scenario = {
	.name = "memory",
	.summary = "bytes of an idle link, of a parked call, of a select's case",
	.run = all_bytes,
};
