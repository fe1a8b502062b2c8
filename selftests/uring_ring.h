/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring's own operations for the tests, in as many words as they need. One
 * thread at a time. What fails but must not ends the test.
 */
#ifndef URING_RING_H
#define URING_RING_H

#include "hchan_uring.h"

/* Newer than the headers that programs may be built with; see ring_probe(). */
#define RING_OP_READ_MULTISHOT	49

/* Returns 0, or what the kernel says to the flags. */
static inline int ring_init(struct io_uring *r, uint32_t flags)
{
	return hu_init(r, 64, flags);
}

/* Whether the kernel has an operation: asked, not guessed. */
static inline bool ring_probe(struct io_uring *r, uint8_t op)
{
	struct io_uring_probe *p = io_uring_get_probe_ring(r);
	bool has;

	hc_must(p);
	has = io_uring_opcode_supported(p, op);
	io_uring_free_probe(p);
	return has;
}

/* An operation more, which ring_submit() hands over. */
static inline struct io_uring_sqe *ring_sqe(struct io_uring *r, uint8_t op, int fd,
					    const void *buf, uint32_t len,
					    uint64_t user_data)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(r);

	hc_must(sqe);
	io_uring_prep_rw(op, sqe, fd, buf, len, 0);
	sqe->user_data = user_data;
	return sqe;
}

/*
 * Hands over what ring_sqe() made. All has been tried once, and what can't be
 * done yet waits, when this returns.
 */
static inline void ring_submit(struct io_uring *r)
{
	int n = io_uring_sq_ready(r), ret;

	do {
		ret = io_uring_submit_and_get_events(r);
	} while (ret == -EINTR);
	hc_must(ret == n);
	/* The ring's own thread takes them when it likes, and then does them at once. */
	while (io_uring_sq_ready(r))
		sched_yield();
}

/* A completion that is there, if there is one. */
static inline bool ring_peek(struct io_uring *r, struct io_uring_cqe *done)
{
	struct io_uring_cqe *cqe;

	/* Runs what was left for this task to complete. */
	hc_must(io_uring_get_events(r) >= 0);
	if (io_uring_peek_cqe(r, &cqe))
		return false;
	*done = *cqe;
	io_uring_cqe_seen(r, cqe);
	return true;
}

/* The next completion, which has to come. */
static inline struct io_uring_cqe ring_wait(struct io_uring *r)
{
	struct io_uring_cqe *cqe, done;
	int ret;

	do {
		ret = io_uring_wait_cqe(r, &cqe);
	} while (ret == -EINTR);
	hc_must(!ret);
	done = *cqe;
	io_uring_cqe_seen(r, cqe);
	return done;
}

/* The result of the next completion, which has to be this one's. */
static inline int ring_result(struct io_uring *r, uint64_t user_data)
{
	struct io_uring_cqe done = ring_wait(r);

	if (done.user_data != user_data)
		hc_broken("completed: %llu (%d), awaited: %llu",
			  (unsigned long long)done.user_data, done.res,
			  (unsigned long long)user_data);
	return done.res;
}

/* Nothing has been completed. */
static inline bool ring_quiet(struct io_uring *r)
{
	struct io_uring_cqe done;

	if (!ring_peek(r, &done))
		return true;
	fprintf(stderr, "# completed: %llu, %d\n",
		(unsigned long long)done.user_data, done.res);
	return false;
}

#endif /* URING_RING_H */
