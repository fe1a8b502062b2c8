/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channel operations through io_uring, as hchan_test.h has the plain ones: what a
 * command must not touch is looked at when it completes, and while it waits.
 *
 * A struct hu_cmd is a command with all that the kernel may use of it. Its address is
 * the CQE's user_data, so a completion finds it; a second one is noticed. What is
 * submitted along with channels' commands has one too, with @request 0.
 */
#ifndef HCHAN_URING_TEST_H
#define HCHAN_URING_TEST_H

#include <liburing.h>
#include <sched.h>
#include <sys/mman.h>

#include "hchan_test.h"

/*
 * struct hu_cmd - a command
 * @request: HCHAN_IOC_*, HCHAN_URING_CANCEL; 0: something else
 * @done, @res, @cqe_flags: how it has completed
 * @arg, @before: its structure, and as that was submitted
 * @area, @room: a receive's buffer with guards around it
 * @lens: a batch's, likewise
 * @cases: a select's, as they were submitted; they lie at @arg.sel.cases
 */
struct hu_cmd {
	uint32_t request;
	bool done;
	int res;
	uint32_t cqe_flags;
	union hu_arg {
		struct hchan_xfer xfer;
		struct hchan_batch batch;
		struct hchan_select sel;
	} arg, before;
	uint8_t *area;
	uint32_t room;
	uint8_t *lens;
	struct hchan_case *cases;
};

/* Why what needs hu_parks() is left out. */
#define HU_NO_PARKING "commands do not wait on this kernel"

/* What this kernel can do: HCHAN_FEAT_*. */
static inline uint64_t hu_features(void)
{
	struct hchan_query query = { .size = sizeof(query) };
	int dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);

	hc_must(dev >= 0 && !ioctl(dev, HCHAN_IOC_QUERY, &query));
	close(dev);
	return query.features;
}

static inline bool hu_parks(void)
{
	return hu_features() & HCHAN_FEAT_URING_PARK;
}

/* Returns 0. */
static inline int hu_init(struct io_uring *ring, unsigned int entries,
			  unsigned int flags)
{
	struct io_uring_params p = { .flags = flags };

	if (flags & IORING_SETUP_SQPOLL)
		p.sq_thread_idle = 50;
	return io_uring_queue_init_params(entries, ring, &p);
}

/* --- what completions must look like --------------------------------------- */

static inline void hu_check_xfer(struct hu_cmd *cmd)
{
	struct hchan_xfer want = cmd->before.xfer, *is = &cmd->arg.xfer;
	uint32_t used = 0;

	if (cmd->request == HCHAN_IOC_SEND) {
		hc_must(cmd->res <= 0);
		if (cmd->res == -EPIPE) {
			hc_must(is->status == HCHAN_ST_CLOSED ||
				is->status == HCHAN_ST_DISCONNECTED);
			want.status = is->status;
		}
		hc_must(!memcmp(&want, is, sizeof(want)));
		return;
	}
	hc_must(cmd->res <= 1);
	if (cmd->res >= 0) {
		used = is->actual;
		hc_must(cmd->res ? is->status == HCHAN_ST_OK :
			is->status == HCHAN_ST_CLOSED ||
			is->status == HCHAN_ST_DISCONNECTED);
		hc_must(used <= cmd->room);
		hc_must(cmd->res || !cmd->area || hc_all(cmd->area, 0, used));
		want.status = is->status;
	}
	if (cmd->res == -EMSGSIZE)
		hc_must(is->actual > cmd->room && is->actual <= HCHAN_ELEM_MAX);
	if (cmd->res >= 0 || cmd->res == -EMSGSIZE)
		want.actual = is->actual;
	hc_must(!memcmp(&want, is, sizeof(want)));
	if (cmd->area) {
		hc_must(hc_all(cmd->area - HC_GUARD, HC_POISON, HC_GUARD));
		hc_must(hc_all(cmd->area + used, HC_POISON,
			       cmd->room - used + HC_GUARD));
	}
}

static inline void hu_check_batch(struct hu_cmd *cmd)
{
	struct hchan_batch want = cmd->before.batch, *is = &cmd->arg.batch;
	uint32_t n = cmd->res > 0 ? cmd->res : 0, used = n * is->stride;

	/* Memory that is not there takes nothing. */
	if (cmd->res != -EFAULT || is->done != HC_POISON32) {
		hc_must(is->done == n && n <= want.count);
		want.done = is->done;
	}
	hc_must(is->status == HC_POISON32 ||
		is->status <= HCHAN_ST_DISCONNECTED);
	hc_must(cmd->res != -EPIPE || is->status == HCHAN_ST_CLOSED ||
		is->status == HCHAN_ST_DISCONNECTED);
	want.status = is->status;
	if (cmd->request == HCHAN_IOC_SENDN) {
		hc_must(cmd->res || !want.count);
	} else {
		hc_must(cmd->res != -EMSGSIZE || is->actual > is->stride);
		want.actual = is->actual;
	}
	hc_must(!memcmp(&want, is, sizeof(want)));
	if (cmd->request == HCHAN_IOC_SENDN || !cmd->area)
		return;
	hc_must(hc_all(cmd->area - HC_GUARD, HC_POISON, HC_GUARD));
	hc_must(hc_all(cmd->area + used, HC_POISON, cmd->room - used + HC_GUARD));
	if (cmd->lens)
		hc_must(hc_all(cmd->lens + n * sizeof(uint32_t), HC_POISON,
			       (want.count - n) * sizeof(uint32_t) + HC_GUARD));
}

static inline void hu_check_select(struct hu_cmd *cmd)
{
	struct hchan_select want = cmd->before.sel, *is = &cmd->arg.sel;
	struct hchan_case *c = (void *)(uintptr_t)is->cases;
	size_t i, n = 0;

	if (cmd->cases)
		n = want.count;
	if (cmd->res >= 0) {
		hc_must((uint32_t)cmd->res < want.count &&
			is->index == (uint32_t)cmd->res);
		hc_must(c[cmd->res].status <= HCHAN_ST_DISCONNECTED);
		hc_must(c[cmd->res].error <= 0);
	}
	if (cmd->res >= 0 || cmd->res == -EBADF || cmd->res == -EMSGSIZE ||
	    cmd->res == -EINVAL || cmd->res == -EFAULT || cmd->res == -EPERM)
		want.index = is->index;
	hc_must(!memcmp(&want, is, sizeof(want)));
	for (i = 0; i < n; i++) {
		if ((int)i == cmd->res) {
			cmd->cases[i].actual = c[i].actual;
			cmd->cases[i].status = c[i].status;
			cmd->cases[i].error = c[i].error;
		}
		hc_must(!memcmp(&cmd->cases[i], &c[i], sizeof(*c)));
	}
}

static inline void hu_check(struct hu_cmd *cmd)
{
	switch (cmd->request) {
	case HCHAN_IOC_SEND:
	case HCHAN_IOC_RECV:
		hu_check_xfer(cmd);
		break;
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_RECVN:
		hu_check_batch(cmd);
		break;
	case HCHAN_IOC_SELECT:
		hu_check_select(cmd);
		break;
	case HCHAN_IOC_CLOSE:
	case HCHAN_URING_CANCEL:
		hc_must(cmd->res <= 0);
		break;
	}
}

/* What waits has written nothing. Only a batch tells and brings what it has. */
static inline void hu_check_waiting(const struct hu_cmd *cmd)
{
	struct hchan_case *c = (void *)(uintptr_t)cmd->arg.sel.cases;
	size_t i, n = 0;

	if (cmd->request == HCHAN_IOC_SENDN || cmd->request == HCHAN_IOC_RECVN)
		return;
	hc_must(!memcmp(&cmd->arg, &cmd->before, sizeof(cmd->arg)));
	if (cmd->request == HCHAN_IOC_RECV && cmd->area)
		hc_must(hc_all(cmd->area, HC_POISON, cmd->room));
	if (cmd->cases)
		n = cmd->before.sel.count;
	for (i = 0; i < n; i++)
		hc_must(!memcmp(&cmd->cases[i], &c[i], sizeof(*c)));
}

/* --- submitting ------------------------------------------------------------- */

/* An empty SQE that belongs to @cmd, which is new. */
static inline struct io_uring_sqe *hu_sqe(struct io_uring *ring,
					  struct hu_cmd *cmd)
{
	struct io_uring_sqe *sqe;

	memset(cmd, 0, sizeof(*cmd));
	while (!(sqe = io_uring_get_sqe(ring)))
		hc_must(io_uring_submit(ring) >= 0);
	memset(sqe, 0, sizeof(*sqe));
	sqe->user_data = (uintptr_t)cmd;
	return sqe;
}

/* A command on @fd; hu_sqe() came before, and @cmd is filled as it shall go. */
static inline struct io_uring_sqe *hu_on(struct io_uring_sqe *sqe,
					 struct hu_cmd *cmd, int fd,
					 uint32_t request, uint64_t arg)
{
	struct hchan_uring_cmd in = { .arg = arg };

	cmd->request = request;
	cmd->before = cmd->arg;
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->cmd_op = request;
	memcpy(sqe->cmd, &in, sizeof(in));
	return sqe;
}

static inline struct io_uring_sqe *hu_send(struct io_uring *ring,
					   struct hu_cmd *cmd, int fd,
					   const void *buf, uint32_t len,
					   uint32_t flags, int64_t deadline)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	cmd->arg.xfer = (struct hchan_xfer) {
		.buf = (uintptr_t)buf,
		.len = len,
		.flags = flags,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	return hu_on(sqe, cmd, fd, HCHAN_IOC_SEND, (uintptr_t)&cmd->arg);
}

/* Into memory of its own; hu_got() and hu_free() follow. */
static inline struct io_uring_sqe *hu_recv(struct io_uring *ring,
					   struct hu_cmd *cmd, int fd,
					   uint32_t room, uint32_t flags,
					   int64_t deadline)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	cmd->area = hc_guarded(room);
	cmd->room = room;
	cmd->arg.xfer = (struct hchan_xfer) {
		.buf = (uintptr_t)cmd->area,
		.len = room,
		.flags = flags,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	return hu_on(sqe, cmd, fd, HCHAN_IOC_RECV, (uintptr_t)&cmd->arg);
}

static inline struct io_uring_sqe *
hu_batch(struct io_uring *ring, struct hu_cmd *cmd, int fd, uint32_t request,
	 const void *buf, uint32_t stride, uint32_t count, const uint32_t *lens,
	 uint32_t flags, int64_t deadline)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	if (request == HCHAN_IOC_RECVN) {
		cmd->room = stride * count;
		cmd->area = hc_guarded(cmd->room);
		buf = cmd->area;
		cmd->lens = lens ? hc_guarded(count * sizeof(*lens)) : NULL;
		lens = (void *)cmd->lens;
	}
	cmd->arg.batch = (struct hchan_batch) {
		.buf = (uintptr_t)buf,
		.lens = (uintptr_t)lens,
		.stride = stride,
		.count = count,
		.flags = flags,
		.done = HC_POISON32,
		.deadline = deadline,
		.actual = HC_POISON32,
		.status = HC_POISON32,
	};
	return hu_on(sqe, cmd, fd, request, (uintptr_t)&cmd->arg);
}

/* @cases stay where they are until it has completed. */
static inline struct io_uring_sqe *hu_select(struct io_uring *ring,
					     struct hu_cmd *cmd, int fd,
					     struct hchan_case *cases,
					     uint32_t count, uint32_t flags,
					     int64_t deadline)
{
	struct io_uring_sqe *sqe = hu_sqe(ring, cmd);

	cmd->cases = malloc(count * sizeof(*cases) + 1);
	memcpy(cmd->cases, cases, count * sizeof(*cases));
	cmd->arg.sel = (struct hchan_select) {
		.cases = (uintptr_t)cases,
		.count = count,
		.flags = flags,
		.deadline = deadline,
		.index = HC_POISON32,
	};
	return hu_on(sqe, cmd, fd, HCHAN_IOC_SELECT, (uintptr_t)&cmd->arg);
}

static inline struct io_uring_sqe *hu_close(struct io_uring *ring,
					    struct hu_cmd *cmd, int fd)
{
	return hu_on(hu_sqe(ring, cmd), cmd, fd, HCHAN_IOC_CLOSE, 0);
}

static inline struct io_uring_sqe *hu_cancel(struct io_uring *ring,
					     struct hu_cmd *cmd, int fd,
					     const struct hu_cmd *victim)
{
	return hu_on(hu_sqe(ring, cmd), cmd, fd, HCHAN_URING_CANCEL,
		     (uintptr_t)victim);
}

static inline struct io_uring_sqe *hu_nop(struct io_uring *ring,
					  struct hu_cmd *cmd)
{
	return hu_sqe(ring, cmd);
}

/* Another opcode of io_uring's own: liburing prepares it, and clears user_data. */
#define hu_other(ring, cmd, prep, ...)					\
	({								\
		struct hu_cmd *cmd_ = cmd;				\
		struct io_uring_sqe *sqe_ = hu_sqe(ring, cmd_);		\
									\
		prep(sqe_, ##__VA_ARGS__);				\
		sqe_->user_data = (uintptr_t)cmd_;			\
		sqe_;							\
	})

static inline void hu_submit(struct io_uring *ring)
{
	hc_must(io_uring_submit(ring) >= 0);
}

/* --- completions ------------------------------------------------------------ */

static inline void hu_seen(struct io_uring *ring, struct io_uring_cqe *cqe)
{
	struct hu_cmd *cmd = io_uring_cqe_get_data(cqe);

	hc_must(cmd && !cmd->done);
	cmd->done = true;
	cmd->res = cqe->res;
	cmd->cqe_flags = cqe->flags;
	io_uring_cqe_seen(ring, cqe);
	hu_check(cmd);
}

/* All that have come. Returns how many. */
static inline int hu_reap(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;
	int n = 0;

	io_uring_get_events(ring);
	while (!io_uring_peek_cqe(ring, &cqe)) {
		hu_seen(ring, cqe);
		n++;
	}
	return n;
}

/* Waits for @cmd. Returns what the call would. */
static inline int hu_wait(struct io_uring *ring, struct hu_cmd *cmd)
{
	struct __kernel_timespec patience = {
		.tv_sec = HC_PATIENCE / 1000000000,
	};
	struct io_uring_cqe *cqe;
	int ret;

	while (!cmd->done) {
		ret = io_uring_wait_cqe_timeout(ring, &cqe, &patience);
		if (ret == -EINTR)
			continue;
		if (ret)
			hc_broken("no completion: %s", strerror(-ret));
		hu_seen(ring, cqe);
	}
	return cmd->res;
}

/* Submits and waits. */
static inline int hu_do(struct io_uring *ring, struct hu_cmd *cmd)
{
	hu_submit(ring);
	return hu_wait(ring, cmd);
}

/* Whether it has not completed yet. What a completion has caused has come by then. */
static inline bool hu_waits(struct io_uring *ring, struct hu_cmd *cmd)
{
	hu_reap(ring);
	if (!cmd->done)
		hu_check_waiting(cmd);
	return !cmd->done;
}

static inline void hu_free(struct hu_cmd *cmd)
{
	if (cmd->area)
		free(cmd->area - HC_GUARD);
	if (cmd->lens)
		free(cmd->lens - HC_GUARD);
	free(cmd->cases);
	cmd->area = NULL;
	cmd->lens = NULL;
	cmd->cases = NULL;
}

/* Waits for two whose deadlines come: none of them is early. */
static inline bool hu_timed_out(struct io_uring *ring, struct hu_cmd *cmd,
				int64_t mono, int64_t real)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (hu_wait(ring, &cmd[i]) != -ETIMEDOUT)
			return false;
		hu_free(&cmd[i]);
	}
	return hc_clock(CLOCK_MONOTONIC) >= mono && hc_clock(CLOCK_REALTIME) >= real;
}

/* Whether a receive that has completed got hc_fill()'s element of that seed. */
static inline bool hu_got(struct hu_cmd *cmd, uint32_t len, uint32_t seed)
{
	return cmd->res == 1 && cmd->arg.xfer.actual == len &&
	       hc_is(cmd->area, len, seed);
}

/* The same of @n elements of a batch, @seed the first one's. */
static inline bool hu_got_all(struct hu_cmd *cmd, uint32_t n, uint32_t seed)
{
	uint32_t i, len = cmd->arg.batch.stride;

	for (i = 0; i < n; i++)
		if (!hc_is(cmd->area + i * len, len, seed + i))
			return false;
	return cmd->res == (int)n;
}

/* --- states that nothing can be told of -------------------------------------- */

/*
 * For a state that others reach by themselves and of which no call tells: looks again
 * and again, and gives up after a long time.
 */
#define hu_until(condition)						\
	({								\
		int64_t until_ = hc_in(HC_PATIENCE);			\
		bool is_;						\
									\
		while (!(is_ = (condition)) &&				\
		       hc_clock(CLOCK_MONOTONIC) < until_)		\
			sched_yield();					\
		is_;							\
	})

/* Waits until just so many are parked. */
static inline bool hu_until_parked(int fd, uint32_t senders, uint32_t receivers)
{
	struct hchan_stat stat;

	return hu_until((stat = hc_stat(fd),
			 stat.parked_senders == senders &&
			 stat.parked_receivers == receivers)) ||
	       hc_parked(fd, senders, receivers);
}

#endif /* HCHAN_URING_TEST_H */
