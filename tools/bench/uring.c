// SPDX-License-Identifier: GPL-2.0-only
/*
 * 32 operations by one io_uring_enter(2): sends of 64 bytes, then as many receives,
 * beside what a request costs that does nothing, and what a pipe costs.
 */

#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <unistd.h>

#include "scenarios.h"

#define OPS	32
#define SIZE	64

/* 250 instructions on top of nothing are what is aimed at. */
#define AIM	250

struct uring {
	struct link link;
	struct io_uring ring;
	void (*send)(struct uring *u, struct io_uring_sqe *sqe, int i);
	void (*recv)(struct uring *u, struct io_uring_sqe *sqe, int i);
	int sent_is, received_is;	/* results */
	unsigned char out[OPS][SIZE], in[OPS][SIZE];
	struct hchan_xfer out_xfer[OPS], in_xfer[OPS];
	uint64_t seq;
	struct tally sent, received;
};

/* A buffer's structure stays as it is, from one time to the next. */
static void hchan_fill(struct uring *u)
{
	for (int i = 0; i < OPS; i++) {
		u->out_xfer[i] = (struct hchan_xfer){
			.buf = (uintptr_t)u->out[i], .len = SIZE,
		};
		u->in_xfer[i] = (struct hchan_xfer){
			.buf = (uintptr_t)u->in[i], .len = SIZE,
		};
	}
}

static void hchan_op(struct io_uring_sqe *sqe, int fd, uint32_t request,
		     struct hchan_xfer *xfer)
{
	struct hchan_uring_cmd cmd = { .arg = (uintptr_t)xfer };

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = request;
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
}

static void hchan_send(struct uring *u, struct io_uring_sqe *sqe, int i)
{
	hchan_op(sqe, u->link.tx, HCHAN_IOC_SEND, &u->out_xfer[i]);
}

static void hchan_recv(struct uring *u, struct io_uring_sqe *sqe, int i)
{
	hchan_op(sqe, u->link.rx, HCHAN_IOC_RECV, &u->in_xfer[i]);
}

static void pipe_send(struct uring *u, struct io_uring_sqe *sqe, int i)
{
	io_uring_prep_write(sqe, u->link.tx, u->out[i], SIZE, -1);
}

static void pipe_recv(struct uring *u, struct io_uring_sqe *sqe, int i)
{
	io_uring_prep_read(sqe, u->link.rx, u->in[i], SIZE, -1);
}

static void nothing(struct uring *u, struct io_uring_sqe *sqe, int i)
{
	(void)u;
	(void)i;
	io_uring_prep_nop(sqe);
}

static void submit(struct uring *u,
		   void (*prepare)(struct uring *u, struct io_uring_sqe *sqe,
				   int i),
		   int result)
{
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0;

	for (int i = 0; i < OPS; i++)
		prepare(u, io_uring_get_sqe(&u->ring), i);
	if (io_uring_submit_and_wait(&u->ring, OPS) != OPS)
		die("io_uring: not all were submitted");
	io_uring_for_each_cqe(&u->ring, head, cqe) {
		if (cqe->res != result)
			die("io_uring: a result of %d", cqe->res);
		n++;
	}
	if (n != OPS)
		die("io_uring: %u completions of %d", n, OPS);
	io_uring_cq_advance(&u->ring, n);
}

static void both(void *arg, unsigned int n)
{
	struct uring *u = arg;

	while (n--) {
		submit(u, u->send, u->sent_is);
		submit(u, u->recv, u->received_is);
	}
}

/* Once, outside of what is measured, with numbers on them. */
static void see_them_arrive(void *arg, unsigned int n)
{
	struct uring *u = arg;

	(void)n;
	for (int i = 0; i < OPS; i++) {
		stamp(u->out[i], SIZE, ++u->seq);
		count_in(&u->sent, u->out[i], SIZE);
	}
	memset(u->in, 0, sizeof(u->in));
	both(u, 1);
	for (int i = 0; u->send != nothing && i < OPS; i++)
		count_in(&u->received, u->in[i], SIZE);
}

/* The same by system calls, one for each. */
static void both_by_calls(void *arg, unsigned int n)
{
	struct uring *u = arg;

	while (n--) {
		for (int i = 0; i < OPS; i++)
			if (write(u->link.tx, u->out[i], SIZE) != SIZE)
				die("write: %s", strerror(errno));
		for (int i = 0; i < OPS; i++)
			if (read(u->link.rx, u->in[i], SIZE) != SIZE)
				die("read: %s", strerror(errno));
	}
}

static struct sample of_an_operation(struct sample s)
{
	s.best /= 2 * OPS;
	s.median /= 2 * OPS;
	s.worst /= 2 * OPS;
	return s;
}

/* Return: what counts of it. */
static double uring_of(struct uring *u, const char *peer)
{
	struct work work = {
		.run = both, .prepare = see_them_arrive, .arg = u, .max = 4096,
	};
	struct sample s = of_an_operation(measure(&work));

	if (u->send != nothing)
		compare(&u->sent, &u->received, peer);
	report("uring", "32x64", peer, s, opt.unit);
	return opt.median ? s.median : s.best;
}

static void uring(void)
{
	static struct uring nop = { .send = nothing, .recv = nothing };
	static struct uring ch = {
		.send = hchan_send, .recv = hchan_recv, .received_is = 1,
	};
	static struct uring pipe = {
		.send = pipe_send, .recv = pipe_recv,
		.sent_is = SIZE, .received_is = SIZE,
	};
	struct work calls = { .run = both_by_calls, .arg = &pipe, .max = 4096 };
	double least, by_calls;
	struct sample s;
	int ret = io_uring_queue_init(OPS, &nop.ring, 0);

	if (ret) {
		note("no io_uring here: %s", strerror(-ret));
		return;
	}
	ch.ring = nop.ring;
	pipe.ring = nop.ring;
	if (!link_open(&ch.link, &hchan_kind, SIZE, 128) ||
	    !link_open(&pipe.link, &pipe_kind, SIZE, 128))
		die("a link can not be made");
	hchan_fill(&ch);
	/* One ring for all; each goes on where the one before it stopped. */
	least = uring_of(&nop, "nop");
	ch.ring = nop.ring;
	uring_of(&ch, "hchan");
	pipe.ring = ch.ring;
	uring_of(&pipe, "pipe");
	s = of_an_operation(measure(&calls));
	by_calls = opt.median ? s.median : s.best;
	report_value("uring", "32x64", "nop+pipe-call", least + by_calls, opt.unit);
	report_value("uring", "32x64", "nop+250", least + AIM, opt.unit);
	link_close(&ch.link);
	link_close(&pipe.link);
	io_uring_queue_exit(&pipe.ring);
}

const struct scenario uring_scenario = {
	.name = "uring",
	.summary = "32 operations of 64 bytes by one io_uring_enter, per operation",
	.run = uring,
};
