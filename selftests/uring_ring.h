/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of io_uring for the tests: as much of it as they need, by the system
 * calls alone. One thread at a time. What fails but must not ends the test.
 */
#ifndef URING_RING_H
#define URING_RING_H

#include <linux/io_uring.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "hchan_test.h"

/* Newer than the headers that programs may be built with; see ring_probe(). */
#define RING_OP_READ_MULTISHOT	49

#define RING_ENTRIES 64

/* What an operation has come to. */
struct ring_done {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

struct ring {
	int fd;
	uint32_t flags;
	uint32_t *sq_head, *sq_tail, *sq_mask, *sq_flags, *sq_array;
	uint32_t *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	uint32_t to_submit;
	void *area;
	size_t area_size;
};

/* Returns 0, or what the kernel says to the flags. */
static inline int ring_init(struct ring *r, uint32_t flags)
{
	struct io_uring_params p = { .flags = flags, .sq_thread_idle = 10 };
	uint8_t *at;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &p);
	if (r->fd < 0)
		return -errno;
	hc_must(p.features & IORING_FEAT_SINGLE_MMAP);
	r->flags = flags;
	r->area_size = p.cq_off.cqes + p.cq_entries * sizeof(*r->cqes);
	if (r->area_size < p.sq_off.array + p.sq_entries * sizeof(uint32_t))
		r->area_size = p.sq_off.array + p.sq_entries * sizeof(uint32_t);
	r->area = mmap(NULL, r->area_size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
	hc_must(r->area != MAP_FAILED);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(*r->sqes),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       r->fd, IORING_OFF_SQES);
	hc_must(r->sqes != MAP_FAILED);
	at = r->area;
	r->sq_head = (void *)(at + p.sq_off.head);
	r->sq_tail = (void *)(at + p.sq_off.tail);
	r->sq_mask = (void *)(at + p.sq_off.ring_mask);
	r->sq_flags = (void *)(at + p.sq_off.flags);
	r->sq_array = (void *)(at + p.sq_off.array);
	r->cq_head = (void *)(at + p.cq_off.head);
	r->cq_tail = (void *)(at + p.cq_off.tail);
	r->cq_mask = (void *)(at + p.cq_off.ring_mask);
	r->cqes = (void *)(at + p.cq_off.cqes);
	return 0;
}

static inline void ring_exit(struct ring *r)
{
	munmap(r->sqes, RING_ENTRIES * sizeof(*r->sqes));
	munmap(r->area, r->area_size);
	close(r->fd);
}

/* Whether the kernel has an operation: asked, not guessed. */
static inline bool ring_probe(struct ring *r, uint8_t op)
{
	size_t size = sizeof(struct io_uring_probe) +
		      256 * sizeof(struct io_uring_probe_op);
	struct io_uring_probe *p = calloc(1, size);
	bool has;

	hc_must(!syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_PROBE, p,
			 256));
	has = op <= p->last_op && (p->ops[op].flags & IO_URING_OP_SUPPORTED);
	free(p);
	return has;
}

/* An operation more, which ring_submit() hands over. */
static inline struct io_uring_sqe *ring_sqe(struct ring *r, uint8_t op, int fd,
					    const void *buf, uint32_t len,
					    uint64_t user_data)
{
	uint32_t tail = *r->sq_tail + r->to_submit, i = tail & *r->sq_mask;
	struct io_uring_sqe *sqe = &r->sqes[i];

	hc_must(tail - __atomic_load_n(r->sq_head, __ATOMIC_ACQUIRE) <
		RING_ENTRIES);
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = len;
	sqe->user_data = user_data;
	r->sq_array[i] = i;
	r->to_submit++;
	return sqe;
}

static inline int ring_enter(struct ring *r, uint32_t submit, uint32_t wait)
{
	uint32_t flags = 0;
	int ret;

	/* With DEFER_TASKRUN nothing happens but in a call that may wait. */
	if (wait || r->flags & IORING_SETUP_DEFER_TASKRUN)
		flags |= IORING_ENTER_GETEVENTS;
	if (r->flags & IORING_SETUP_SQPOLL) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		flags |= IORING_ENTER_SQ_WAKEUP;
		if (submit)
			flags |= IORING_ENTER_SQ_WAIT;
	}
	do {
		ret = syscall(SYS_io_uring_enter, r->fd, submit, wait, flags,
			      NULL, 0);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

/*
 * Hands over what ring_sqe() made. All has been tried once, and what can't be
 * done yet waits, when this returns.
 */
static inline void ring_submit(struct ring *r)
{
	uint32_t n = r->to_submit;
	int ret;

	__atomic_store_n(r->sq_tail, *r->sq_tail + n, __ATOMIC_RELEASE);
	r->to_submit = 0;
	ret = ring_enter(r, n, 0);
	hc_must(ret == (int)n);
	if (!(r->flags & IORING_SETUP_SQPOLL))
		return;
	/* Its thread takes them when it likes, and then does them at once. */
	while (__atomic_load_n(r->sq_head, __ATOMIC_ACQUIRE) != *r->sq_tail)
		sched_yield();
}

/* A completion that is there, if there is one. */
static inline bool ring_peek(struct ring *r, struct ring_done *done)
{
	uint32_t head = *r->cq_head;
	struct io_uring_cqe *cqe;

	/* Runs what was left for this task to complete. */
	hc_must(ring_enter(r, 0, 0) == 0);
	if (head == __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	cqe = &r->cqes[head & *r->cq_mask];
	done->user_data = cqe->user_data;
	done->res = cqe->res;
	done->flags = cqe->flags;
	__atomic_store_n(r->cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}

/* The next completion, which has to come. */
static inline struct ring_done ring_wait(struct ring *r)
{
	struct ring_done done;

	while (!ring_peek(r, &done))
		hc_must(ring_enter(r, 0, 1) == 0);
	return done;
}

/* The result of the next completion, which has to be this one's. */
static inline int ring_result(struct ring *r, uint64_t user_data)
{
	struct ring_done done = ring_wait(r);

	if (done.user_data != user_data)
		hc_broken("completed: %llu (%d), awaited: %llu",
			  (unsigned long long)done.user_data, done.res,
			  (unsigned long long)user_data);
	return done.res;
}

/* Nothing has been completed. */
static inline bool ring_quiet(struct ring *r)
{
	struct ring_done done;

	if (!ring_peek(r, &done))
		return true;
	fprintf(stderr, "# completed: %llu, %d\n",
		(unsigned long long)done.user_data, done.res);
	return false;
}

#endif /* URING_RING_H */
