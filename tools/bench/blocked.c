// SPDX-License-Identifier: GPL-2.0-only
/*
 * Select when nothing is ready: a process asks another one for a message, waits
 * for it on n channels at once, and it comes on one of them. An operation is the
 * round trip: the question, the select that parks, the message that wakes it.
 */

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scenarios.h"

#define SIZE	64
#define MOST	512
#define THE_END	UINT64_MAX

/*
 * struct blocked - the two processes and what is between them
 * @words: for futex_waitv: n words that are not 0 when there is news, shared
 */
struct blocked {
	const struct way *way;
	unsigned int n;
	struct link links[MOST];
	struct link question;
	struct msg *msg;
	struct tally sent, received;
	struct hchan_case cases[MOST];
	struct pollfd polls[MOST];
	struct futex_waitv waitv[FUTEX_WAITV_MAX];
	uint64_t *words;
	int fd;
};

struct way {
	const char *name;
	const struct kind *kind;	/* of the links; NULL: the words */
	unsigned int most;
	void (*prepare)(struct blocked *b);
	unsigned int (*recv)(struct blocked *b);
};

/* Each once in n times, and not one after the other. */
static unsigned int which(uint64_t seq, unsigned int n)
{
	return seq * 0x9e3779b1U % n;
}

static void answer(void *arg, unsigned int unused)
{
	struct blocked *b = arg;
	uint64_t seq;

	(void)unused;
	place(1);
	for (;;) {
		link_recv(&b->question, b->msg);
		seq = *(uint64_t *)b->msg->data;
		if (seq == THE_END)
			return;
		if (b->way->kind) {
			link_send(&b->links[which(seq, b->n)], b->msg);
		} else {
			uint64_t *word = &b->words[which(seq, b->n)];

			__atomic_store_n(word, seq, __ATOMIC_RELEASE);
			futex((uint32_t *)word, FUTEX_WAKE, 1);
		}
	}
}

static void ask(void *arg, unsigned int n)
{
	struct blocked *b = arg;

	while (n--) {
		uint64_t seq = b->sent.count + 1;
		unsigned int i;

		stamp(b->msg->data, SIZE, seq);
		count_in(&b->sent, b->msg->data, SIZE);
		link_send(&b->question, b->msg);
		stamp(b->msg->data, SIZE, 0);
		i = b->way->recv(b);
		count_in(&b->received, b->msg->data, SIZE);
		if (i != which(seq, b->n))
			die("%s: message %llu came by %u", b->way->name,
			    (unsigned long long)seq, i);
	}
}

static void array_prepare(struct blocked *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		b->cases[i] = (struct hchan_case) {
			.fd = b->links[i].rx,
			.op = HCHAN_CASE_RECV,
			.buf = (uintptr_t)b->msg->data,
			.len = SIZE,
		};
	}
}

static unsigned int array_recv(struct blocked *b)
{
	struct hchan_select s = { .cases = (uintptr_t)b->cases, .count = b->n };
	int i = ioctl(hc_device(), HCHAN_IOC_SELECT, &s);

	if (i < 0)
		die("select: %s", strerror(errno));
	return i;
}

static void set_prepare(struct blocked *b)
{
	b->fd = hc_set();
	for (unsigned int i = 0; i < b->n; i++)
		hc_set_add(b->fd, b->links[i].rx, HCHAN_CASE_RECV,
			   b->msg->data, SIZE);
}

static unsigned int set_recv(struct blocked *b)
{
	return hc_set_select(b->fd);
}

static void poll_prepare(struct blocked *b)
{
	for (unsigned int i = 0; i < b->n; i++)
		b->polls[i] = (struct pollfd){ b->links[i].rx, POLLIN, 0 };
}

static unsigned int poll_recv(struct blocked *b)
{
	unsigned int i = 0;

	if (poll(b->polls, b->n, -1) <= 0)
		die("poll: %s", strerror(errno));
	while (!b->polls[i].revents)
		i++;
	link_recv(&b->links[i], b->msg);
	return i;
}

static void epoll_prepare(struct blocked *b)
{
	b->fd = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int i = 0; i < b->n; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		if (epoll_ctl(b->fd, EPOLL_CTL_ADD, b->links[i].rx, &event))
			die("epoll_ctl: %s", strerror(errno));
	}
}

static unsigned int epoll_recv(struct blocked *b)
{
	struct epoll_event event;

	if (epoll_wait(b->fd, &event, 1, -1) != 1)
		die("epoll_wait: %s", strerror(errno));
	link_recv(&b->links[event.data.u32], b->msg);
	return event.data.u32;
}

static void waitv_prepare(struct blocked *b)
{
	b->words = shared(b->n * sizeof(*b->words));
	for (unsigned int i = 0; i < b->n; i++)
		b->waitv[i] = (struct futex_waitv) {
			.uaddr = (uintptr_t)&b->words[i],
			.flags = FUTEX_32,
		};
}

static unsigned int waitv_recv(struct blocked *b)
{
	long i = syscall(SYS_futex_waitv, b->waitv, b->n, 0, NULL, 0);

	if (i < 0) {
		if (errno != EAGAIN)
			die("futex_waitv: %s", strerror(errno));
		/* There was news already. */
		for (i = 0; !__atomic_load_n(&b->words[i], __ATOMIC_ACQUIRE); i++)
			;
	}
	stamp(b->msg->data, SIZE, b->words[i]);
	b->words[i] = 0;
	return i;
}

static const struct way ways[] = {
	{ "hchan", &hchan_kind, MOST, array_prepare, array_recv },
	{ "hchan-set", &hchan_kind, MOST, set_prepare, set_recv },
	{ "poll", &pipe_kind, MOST, poll_prepare, poll_recv },
	{ "epoll", &pipe_kind, MOST, epoll_prepare, epoll_recv },
	{ "futex_waitv", NULL, FUTEX_WAITV_MAX, waitv_prepare, waitv_recv },
};

static void one_way(unsigned int n, const struct way *way)
{
	static struct blocked b;
	struct work work = { .run = ask, .arg = &b, .max = 512 };
	struct sample sample;
	char variant[16];
	pid_t pid;

	if (n > way->most)
		return;
	memset(&b, 0, sizeof(b));
	b.n = n;
	b.way = way;
	b.fd = -1;
	b.msg = msg_new(SIZE);
	if (!link_open(&b.question, way->kind ? way->kind : &futex_kind, SIZE, 1))
		die("%s: can not be made", way->name);
	for (unsigned int i = 0; way->kind && i < n; i++) {
		if (!link_open(&b.links[i], way->kind, SIZE, 1))
			die("%s: can not be made", way->kind->name);
	}
	way->prepare(&b);
	pid = start(answer, &b, 0);
	sample = measure(&work);
	/* A tick may let the answer be there first: then nothing was parked. */
	sample.typical = true;
	compare(&b.sent, &b.received, way->name);
	stamp(b.msg->data, SIZE, THE_END);
	link_send(&b.question, b.msg);
	finish(pid);
	for (unsigned int i = 0; way->kind && i < n; i++)
		link_close(&b.links[i]);
	link_close(&b.question);
	if (b.fd >= 0)
		close(b.fd);
	free(b.msg);
	snprintf(variant, sizeof(variant), "%u", n);
	report("select_blocked", variant, way->name, sample, opt.unit);
}

static void select_blocked(void)
{
	static const unsigned int counts[] = { 2, 8, 64, MOST };

	need_files(2 * MOST + 64);
	calm(true);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
			one_way(counts[i], &ways[w]);
	}
}

const struct scenario select_blocked_scenario = {
	.name = "select_blocked",
	.summary = "wait on 2, 8, 64, 512 channels until one has a message",
	.run = select_blocked,
};
