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
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios.h"

#define IDLE	16384
#define FIRST	1024	/* fill the slabs that have room, uncounted */
#define PARKED	256
#define MOST	1000
#define CASES	64

/*
 * The kernel keeps what is charged to one cgroup back until another one is charged,
 * and adds sums up when enough has changed. So a process in another one takes turns
 * with us: then all is told, and the counters are exact to the byte.
 */
#define TURNS	300

static struct {
	uint32_t asked, done;
} *other;

static void make_and_drop(void)
{
	close(eventfd(0, EFD_CLOEXEC));
}

static void be_charged(void *arg, unsigned int unused)
{
	const char *group = "/sys/fs/cgroup/hchan-bench-other";
	char path[64];
	FILE *f;

	(void)arg;
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mkdir(group, 0755);
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	f = fopen(path, "we");
	if (!f || fputs("0", f) < 0 || fclose(f))
		note("no other memory cgroup: bytes are exact to a page or two");
	for (uint32_t turn = 1;; turn++) {
		gate_wait(&other->asked, turn);
		make_and_drop();
		gate_raise(&other->done, turn);
	}
}

static void have_all_told(void)
{
	if (!other) {
		other = shared(sizeof(*other));
		start(be_charged, NULL, 0);
	}
	for (int i = 0; i < TURNS; i++) {
		uint32_t turn = other->asked + 1;

		make_and_drop();
		gate_raise(&other->asked, turn);
		gate_wait(&other->done, turn);
	}
}

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
	have_all_told();
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

/* Returns the bytes that one of @n takes who are parked. */
static double parked(uint32_t what, unsigned int n, unsigned int n_cases)
{
	struct crowd c = { .what = what, .n_cases = n_cases };
	unsigned int n_fds = n_cases ? n_cases : 1;
	pthread_t threads[MOST];
	pthread_attr_t attr;
	long long before;
	double taken;

	for (unsigned int i = 0; i < n_fds; i++)
		c.fds[i] = hc_create(8, 0);
	c.fd = c.fds[0];
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
	for (unsigned int i = 0; i < n_fds; i++)
		hc_close(c.fds[i]);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < n_fds; i++)
		close(c.fds[i]);
	settle();
	return taken / n;
}

static void crowds(unsigned int n)
{
	char variant[16];

	snprintf(variant, sizeof(variant), "%u", n);
	report_value("waiter-memory", variant, "hchan",
		     parked(HCHAN_W_RECEIVERS, n, 0), "bytes");
	report_value("waiter-memory", variant, "hchan-select-8",
		     parked(HCHAN_W_RECEIVERS, n, 8), "bytes");
	report_value("waiter-memory", variant, "hchan-select-64",
		     parked(HCHAN_W_RECEIVERS, n, CASES), "bytes");
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
	report_value("memory", "parked-receiver", "hchan",
		     parked(HCHAN_W_RECEIVERS, PARKED, 0), "bytes");
	report_value("memory", "parked-sender", "hchan",
		     parked(HCHAN_W_SENDERS, PARKED, 0), "bytes");
	report_value("memory", "select-8-case", "hchan",
		     parked(HCHAN_W_RECEIVERS, PARKED, 8) / 8, "bytes");
	report_value("memory", "select-64-case", "hchan",
		     parked(HCHAN_W_RECEIVERS, PARKED, CASES) / CASES, "bytes");
	for (unsigned int n = 1; n <= MOST; n *= 10)
		crowds(n);
}

const struct scenario memory_scenario = {
	.name = "memory",
	.summary = "bytes of an idle link, of a parked call, of a select's case",
	.run = all_bytes,
};
