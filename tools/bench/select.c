// SPDX-License-Identifier: GPL-2.0-only
/*
 * Select without waiting. All are ready, and one of n channels is received from
 * (select_rx), or one of n is sent to and then one of n received from
 * (select_both); or just one is ready, as it has been sent to before
 * (select_one). The peers are pipes: which of them are ready is asked by poll(2)
 * or epoll, and one of those is read or written. All stay ready, as they hold
 * more than a chunk takes.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "scenarios.h"

#define SIZE	64
#define ROOM	128	/* messages that a channel holds */
#define CHUNK	(ROOM / 2)
#define MOST	512

/*
 * struct selector - n links and the ways to select over them
 * @held: messages in each
 * @goal: how many there are to be before a chunk
 * @way: the one that is measured
 */
struct selector {
	unsigned int n;
	struct link links[MOST];
	unsigned int held[MOST];
	unsigned int goal;
	const struct way *way;
	struct msg *msg;
	uint64_t seq;
	struct tally sent, received;
	struct hchan_case rx[MOST], tx[MOST];
	struct pollfd rx_poll[MOST], tx_poll[MOST];
	unsigned int next;	/* where who polls begins to look */
	int rx_fd, tx_fd;	/* sets, or epoll's */
};

/* @recv, @send: one that is ready; its number */
struct way {
	const char *name;
	const struct kind *kind;
	void (*prepare)(struct selector *s);
	unsigned int (*recv)(struct selector *s);
	unsigned int (*send)(struct selector *s);
	void (*done)(struct selector *s);
};

static void array_prepare(struct selector *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		s->rx[i] = (struct hchan_case) {
			.fd = s->links[i].rx,
			.op = HCHAN_CASE_RECV,
			.buf = (uintptr_t)s->msg->data,
			.len = SIZE,
		};
		s->tx[i] = s->rx[i];
		s->tx[i].op = HCHAN_CASE_SEND;
	}
}

static unsigned int array_select(struct selector *s, struct hchan_case *cases)
{
	struct hchan_select arg = { .cases = (uintptr_t)cases, .count = s->n };
	int i = ioctl(hc_device(), HCHAN_IOC_SELECT, &arg);

	if (i < 0 || cases[i].error || cases[i].status)
		die("select: %s", strerror(errno));
	return i;
}

static unsigned int array_recv(struct selector *s)
{
	return array_select(s, s->rx);
}

static unsigned int array_send(struct selector *s)
{
	return array_select(s, s->tx);
}

static void nothing(struct selector *s)
{
	(void)s;
}

static void set_prepare(struct selector *s)
{
	s->rx_fd = hc_set();
	s->tx_fd = hc_set();
	for (unsigned int i = 0; i < s->n; i++) {
		hc_set_add(s->rx_fd, s->links[i].rx, HCHAN_CASE_RECV,
			   s->msg->data, SIZE);
		hc_set_add(s->tx_fd, s->links[i].tx, HCHAN_CASE_SEND,
			   s->msg->data, SIZE);
	}
}

static unsigned int set_recv(struct selector *s)
{
	return hc_set_select(s->rx_fd);
}

static unsigned int set_send(struct selector *s)
{
	return hc_set_select(s->tx_fd);
}

static void two_done(struct selector *s)
{
	close(s->rx_fd);
	close(s->tx_fd);
}

static void poll_prepare(struct selector *s)
{
	s->next = 0;
	for (unsigned int i = 0; i < s->n; i++) {
		s->rx_poll[i] = (struct pollfd){ s->links[i].rx, POLLIN, 0 };
		s->tx_poll[i] = (struct pollfd){ s->links[i].tx, POLLOUT, 0 };
	}
}

/* In turn, so that none starves: the least that a fair program does. */
static unsigned int poll_one(struct selector *s, struct pollfd *fds)
{
	if (poll(fds, s->n, -1) <= 0)
		die("poll: %s", strerror(errno));
	do {
		s->next = s->next + 1 < s->n ? s->next + 1 : 0;
	} while (!fds[s->next].revents);
	return s->next;
}

static unsigned int poll_recv(struct selector *s)
{
	unsigned int i = poll_one(s, s->rx_poll);

	link_recv(&s->links[i], s->msg);
	return i;
}

static unsigned int poll_send(struct selector *s)
{
	unsigned int i = poll_one(s, s->tx_poll);

	link_send(&s->links[i], s->msg);
	return i;
}

static void epoll_prepare(struct selector *s)
{
	s->rx_fd = epoll_create1(EPOLL_CLOEXEC);
	s->tx_fd = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int i = 0; i < s->n; i++) {
		struct epoll_event in = { .events = EPOLLIN, .data.u32 = i };
		struct epoll_event out = { .events = EPOLLOUT, .data.u32 = i };

		if (epoll_ctl(s->rx_fd, EPOLL_CTL_ADD, s->links[i].rx, &in) ||
		    epoll_ctl(s->tx_fd, EPOLL_CTL_ADD, s->links[i].tx, &out))
			die("epoll_ctl: %s", strerror(errno));
	}
}

static unsigned int epoll_one(int fd)
{
	struct epoll_event event;

	if (epoll_wait(fd, &event, 1, -1) != 1)
		die("epoll_wait: %s", strerror(errno));
	return event.data.u32;
}

static unsigned int epoll_recv(struct selector *s)
{
	unsigned int i = epoll_one(s->rx_fd);

	link_recv(&s->links[i], s->msg);
	return i;
}

static unsigned int epoll_send(struct selector *s)
{
	unsigned int i = epoll_one(s->tx_fd);

	link_send(&s->links[i], s->msg);
	return i;
}

static const struct way ways[] = {
	{ "hchan", &hchan_kind, array_prepare, array_recv, array_send, nothing },
	{ "hchan-set", &hchan_kind, set_prepare, set_recv, set_send, two_done },
	{ "poll", &pipe_kind, poll_prepare, poll_recv, poll_send, nothing },
	{ "epoll", &pipe_kind, epoll_prepare, epoll_recv, epoll_send, two_done },
};

static void fill(void *arg, unsigned int n)
{
	struct selector *s = arg;

	(void)n;
	for (unsigned int i = 0; i < s->n; i++) {
		while (s->held[i] < s->goal) {
			stamp(s->msg->data, SIZE, ++s->seq);
			count_in(&s->sent, s->msg->data, SIZE);
			link_send(&s->links[i], s->msg);
			s->held[i]++;
		}
	}
}

static void receive(void *arg, unsigned int n)
{
	struct selector *s = arg;

	while (n--) {
		s->held[s->way->recv(s)]--;
		count_in(&s->received, s->msg->data, SIZE);
	}
}

static void send_and_receive(void *arg, unsigned int n)
{
	struct selector *s = arg;

	while (n--) {
		stamp(s->msg->data, SIZE, ++s->seq);
		count_in(&s->sent, s->msg->data, SIZE);
		s->held[s->way->send(s)]++;
		s->held[s->way->recv(s)]--;
		count_in(&s->received, s->msg->data, SIZE);
	}
}

/*
 * Which one is ready: any eight in succession are as far apart as can be, as
 * asking costs poll(2) more the further back it is.
 */
static unsigned int spread(uint64_t seq, unsigned int n)
{
	unsigned int stratum = n / 8, pass = seq / 8, i = seq % 8;

	if (!stratum)
		return seq % n;
	return i * stratum + (pass * 5 + i * (stratum / 8)) % stratum;
}

/* One is ready, and which one changes: it is filled here, which counts. */
static void one_is_ready(void *arg, unsigned int n)
{
	struct selector *s = arg;
	unsigned int i;

	while (n--) {
		i = spread(++s->seq, s->n);
		stamp(s->msg->data, SIZE, s->seq);
		count_in(&s->sent, s->msg->data, SIZE);
		link_send(&s->links[i], s->msg);
		if (s->way->recv(s) != i)
			die("%s: the wrong one", s->way->name);
		count_in(&s->received, s->msg->data, SIZE);
	}
}

static void empty(struct selector *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		for (; s->held[i]; s->held[i]--) {
			link_recv(&s->links[i], s->msg);
			count_in(&s->received, s->msg->data, SIZE);
		}
	}
}

static void one_way(const char *scenario, unsigned int n, const struct way *way,
		    void (*run)(void *arg, unsigned int n), unsigned int goal)
{
	static struct selector s;
	struct work work = {
		.run = run, .prepare = fill, .arg = &s, .max = CHUNK,
		.multiple = 8,
		/* Cases are tried in random order: their costs scatter. */
		.rounds = run == one_is_ready ? 6 : 1,
	};
	struct sample sample;
	char variant[16];

	memset(&s, 0, sizeof(s));
	s.n = n;
	s.goal = goal;
	s.way = way;
	s.msg = msg_new(SIZE);
	for (unsigned int i = 0; i < n; i++) {
		if (!link_open(&s.links[i], way->kind, SIZE, ROOM))
			die("%s: can not be made", way->kind->name);
	}
	way->prepare(&s);
	sample = measure(&work);
	/* Not the luckiest order. */
	sample.typical = run == one_is_ready;
	empty(&s);
	compare(&s.sent, &s.received, way->name);
	way->done(&s);
	for (unsigned int i = 0; i < n; i++)
		link_close(&s.links[i]);
	free(s.msg);
	snprintf(variant, sizeof(variant), "%u", n);
	report(scenario, variant, way->name, sample, opt.unit);
}

static const unsigned int counts[] = { 2, 8, 64, MOST };

static void select_rx(void)
{
	need_files(2 * MOST + 64);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
			one_way("select_rx", counts[i], &ways[w], receive, ROOM);
	}
}

static void select_one(void)
{
	need_files(2 * MOST + 64);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
			one_way("select_one", counts[i], &ways[w], one_is_ready,
				0);
	}
}

static void select_both(void)
{
	need_files(2 * MOST + 64);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
			one_way("select_both", counts[i], &ways[w],
				send_and_receive, ROOM / 2);
	}
}

const struct scenario select_rx_scenario = {
	.name = "select_rx",
	.summary = "receive from one of 2, 8, 64, 512 channels, all ready",
	.run = select_rx,
};

const struct scenario select_one_scenario = {
	.name = "select_one",
	.summary = "send to one of n empty channels, then select over all n",
	.run = select_one,
};

const struct scenario select_both_scenario = {
	.name = "select_both",
	.summary = "send to one of n that have room, receive from one of n",
	.run = select_both,
};
