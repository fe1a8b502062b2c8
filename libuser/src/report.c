// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Who waits where: the report of a test that got stuck.
 *
 * The kernel tells how a channel stands; /proc tells who has it open, and what
 * each of their threads sleeps in, for as much of it as the caller may see.
 * Everything is a snapshot, of a situation in which nothing moves any more.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"

struct report {
	FILE *out;
	uint64_t id;		/* of the channel */
	unsigned int holders;
};

typedef void (*number_fn)(struct report *report, const char *dir,
			  const char *number);

/* Calls @each with the numeric names in @dir. */
static void numbers_in(const char *dir, number_fn each, struct report *report)
{
	struct dirent *entry;
	DIR *numbers;

	numbers = opendir(dir);
	if (!numbers)
		return;
	while ((entry = readdir(numbers)))
		if (isdigit((unsigned char)entry->d_name[0]))
			each(report, dir, entry->d_name);
	closedir(numbers);
}

static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool got;

	if (!file)
		return false;
	got = fgets(line, (int)size, file);
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

/* The channel's identity as in fdinfo; 0 for any other file. */
static uint64_t id_of(const char *fdinfo)
{
	unsigned long long id = 0;
	char line[100];
	FILE *file;

	file = fopen(fdinfo, "re");
	if (!file)
		return 0;
	while (!id && fgets(line, sizeof(line), file))
		if (sscanf(line, "hchan-id: %llu", &id) != 1)
			id = 0;
	fclose(file);
	return id;
}

static const char *request_name(unsigned long request)
{
	switch ((unsigned int)request) {
	case HCHAN_IOC_SEND:
	case HCHAN_IOC_SENDN:
		return "in a send";
	case HCHAN_IOC_RECV:
	case HCHAN_IOC_RECVN:
		return "in a receive";
	case HCHAN_IOC_SELECT:
		return "in a select, of this and perhaps others";
	case HCHAN_IOC_WAIT:
		return "waiting for a state";
	default:
		return "in another operation";
	}
}

/* What the thread sleeps in, if it is a call on descriptor @fd; else NULL. */
static const char *call_on(const char *task, const char *thread, long fd)
{
	unsigned long first, second;
	char path[PATH_MAX];
	char line[300];
	long number;

	snprintf(path, sizeof(path), "%s/%s/syscall", task, thread);
	if (!read_line(path, line, sizeof(line)) ||
	    sscanf(line, "%ld %lx %lx", &number, &first, &second) != 3 ||
	    first != (unsigned long)fd)
		return NULL;
	switch (number) {
	case SYS_ioctl:
		return request_name(second);
	case SYS_read:
		return "in read(2)";
	case SYS_write:
		return "in write(2)";
	default:
		return NULL;
	}
}

/* A process of which descriptor @number is the channel. */
static void tell_holder(struct report *report, const char *fdinfo,
			const char *number)
{
	char path[PATH_MAX], task[64], comm[64] = "?";
	struct dirent *entry;
	bool sleeps = false;
	const char *call;
	DIR *threads;
	int pid;

	snprintf(path, sizeof(path), "%s/%s", fdinfo, number);
	if (id_of(path) != report->id)
		return;
	if (sscanf(fdinfo, "/proc/%d/", &pid) != 1)
		return;
	report->holders++;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	read_line(path, comm, sizeof(comm));

	snprintf(task, sizeof(task), "/proc/%d/task", pid);
	threads = opendir(task);
	while (threads && (entry = readdir(threads))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		call = call_on(task, entry->d_name, atol(number));
		if (!call)
			continue;
		sleeps = true;
		fprintf(report->out, "    %d (%s), thread %s: descriptor %s, %s\n",
			pid, comm, entry->d_name, number, call);
	}
	if (threads)
		closedir(threads);
	if (!sleeps)
		fprintf(report->out, "    %d (%s): descriptor %s, not in a call\n",
			pid, comm, number);
}

static void tell_process(struct report *report, const char *proc,
			 const char *pid)
{
	char fdinfo[64];

	snprintf(fdinfo, sizeof(fdinfo), "%s/%.20s/fdinfo", proc, pid);
	numbers_in(fdinfo, tell_holder, report);
}

static void tell_channel(FILE *out, const struct watched *watched)
{
	struct report report = { .out = out };
	struct hchan_stat st;
	int err;

	err = hchan_stat(watched->ch, &st);
	if (err) {
		fprintf(out, "  channel %s: descriptor %d: %s\n",
			watched->label, watched->ch, hchan_strerror(err));
		return;
	}
	fprintf(out,
		"  channel %s (id %llu): length %llu of %llu, parked: %u senders, %u receivers; open files: %u can send, %u can receive%s%s%s\n",
		watched->label, (unsigned long long)st.id,
		(unsigned long long)st.length, (unsigned long long)st.capacity,
		st.parked_senders, st.parked_receivers,
		st.senders, st.receivers,
		st.state & HCHAN_S_CLOSED ? "; closed" : "",
		st.state & HCHAN_S_NO_SENDERS ? "; no senders left" : "",
		st.state & HCHAN_S_NO_RECEIVERS ? "; no receivers left" : "");
	report.id = st.id;
	numbers_in("/proc", tell_process, &report);
	if (!report.holders)
		fprintf(out, "    (/proc shows nobody who has it open)\n");
}

void hchan_test_report(struct hchan_test *test)
{
	struct watched *watched;
	const char *label = "?";
	int saved = errno;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	/* In one piece, as the others are going to print theirs now. */
	out = open_memstream(&text, &size);
	if (!out)
		return;
	for (watched = test->watched; watched; watched = watched->next)
		if (watched->ch == test->on)
			label = watched->label;
	fprintf(out, "hchan_test: %s: process %d (%s)", test->name,
		(int)getpid(), program_invocation_short_name);
	if (test->where)
		fprintf(out, " at %s waits for %llu %s on %s, up to %lld ms",
			test->where, (unsigned long long)test->count,
			test->what, label,
			(long long)(test->timeout / HCHAN_MSEC));
	fprintf(out, "\n");
	for (watched = test->watched; watched; watched = watched->next)
		tell_channel(out, watched);
	if (!fclose(out))
		fwrite(text, 1, size, stderr);
	free(text);
	errno = saved;
}
