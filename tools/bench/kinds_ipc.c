// SPDX-License-Identifier: GPL-2.0-only
/* Links through message queues, POSIX and System V, and through shared memory. */

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <unistd.h>

#include "bench.h"

static bool mqueue_open(struct link *l)
{
	struct mq_attr attr = {
		.mq_maxmsg = l->depth ? l->depth : 1,
		.mq_msgsize = l->size,
	};
	char name[32];

	snprintf(name, sizeof(name), "/hchan-bench-%d", getpid());
	l->rx = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	l->tx = l->rx;
	if (l->rx >= 0)
		mq_unlink(name);
	return l->rx >= 0;
}

static bool mqueue_send(struct link *l, struct msg *msg)
{
	return !mq_send(l->tx, (char *)msg->data, l->size, 0);
}

static bool mqueue_recv(struct link *l, struct msg *msg)
{
	return mq_receive(l->rx, (char *)msg->data, l->size, NULL) ==
	       (ssize_t)l->size;
}

static void mqueue_nonblock(struct link *l)
{
	struct mq_attr attr = { .mq_flags = O_NONBLOCK };

	if (mq_setattr(l->rx, &attr, NULL))
		die("mq_setattr: %s", strerror(errno));
	l->nowait = true;
}

static void mqueue_close(struct link *l)
{
	mq_close(l->rx);
}

const struct kind mqueue_kind = {
	.name = "mqueue",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = 65536,
	.open = mqueue_open,
	.send = mqueue_send,
	.recv = mqueue_recv,
	.nonblock = mqueue_nonblock,
	.close = mqueue_close,
};

static bool sysv_open(struct link *l)
{
	struct msqid_ds ds;

	l->rx = msgget(IPC_PRIVATE, 0600);
	l->tx = l->rx;
	if (l->rx < 0)
		return false;
	if (!msgctl(l->rx, IPC_STAT, &ds)) {
		ds.msg_qbytes = l->size * (l->depth ? l->depth : 1);
		if (!msgctl(l->rx, IPC_SET, &ds))
			return true;
	}
	msgctl(l->rx, IPC_RMID, NULL);
	return false;
}

static bool sysv_send(struct link *l, struct msg *msg)
{
	return !msgsnd(l->tx, msg, l->size, l->nowait ? IPC_NOWAIT : 0);
}

static bool sysv_recv(struct link *l, struct msg *msg)
{
	return msgrcv(l->rx, msg, l->size, 0, l->nowait ? IPC_NOWAIT : 0) ==
	       (ssize_t)l->size;
}

static void sysv_nonblock(struct link *l)
{
	l->nowait = true;
}

static void sysv_close(struct link *l)
{
	msgctl(l->rx, IPC_RMID, NULL);
}

const struct kind sysv_kind = {
	.name = "sysv",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = 8192,
	.open = sysv_open,
	.send = sysv_send,
	.recv = sysv_recv,
	.nonblock = sysv_nonblock,
	.close = sysv_close,
};

/*
 * A ring in shared memory that both sides trust, one sender and one receiver,
 * and the kernel only to sleep and to wake: what a channel costs more than this
 * is for the crossing, and for not having to trust anybody.
 */
struct ring {
	uint32_t __apart head;	/* the sender's */
	uint32_t rx_sleeps;
	uint32_t __apart tail;	/* the receiver's */
	uint32_t tx_sleeps;
	uint32_t __apart depth;
	unsigned char slots[];
};

static size_t ring_size(const struct link *l)
{
	return sizeof(struct ring) + l->size * (l->depth ? l->depth : 1);
}

static bool ring_open(struct link *l)
{
	l->ring = shared(ring_size(l));
	l->ring->depth = l->depth ? l->depth : 1;
	return true;
}

static void *ring_slot(const struct link *l, uint32_t i)
{
	return l->ring->slots + l->size * (i % l->ring->depth);
}

static void ring_sleep(uint32_t *sleeps, uint32_t *word, uint32_t value)
{
	if (opt.spin)
		return;
	__atomic_store_n(sleeps, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
		futex(word, FUTEX_WAIT, value);
}

static void ring_step(uint32_t *word, uint32_t value, uint32_t *sleeps)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(sleeps, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(sleeps, 0, __ATOMIC_SEQ_CST))
		futex(word, FUTEX_WAKE, 1);
}

static bool ring_send(struct link *l, struct msg *msg)
{
	struct ring *r = l->ring;
	uint32_t head, full;

	head = r->head;
	full = head - r->depth;
	while (__atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) == full)
		ring_sleep(&r->tx_sleeps, &r->tail, full);
	memcpy(ring_slot(l, head), msg->data, l->size);
	ring_step(&r->head, head + 1, &r->rx_sleeps);
	return true;
}

static bool ring_recv(struct link *l, struct msg *msg)
{
	struct ring *r = l->ring;
	uint32_t tail = r->tail;

	while (__atomic_load_n(&r->head, __ATOMIC_ACQUIRE) == tail)
		ring_sleep(&r->rx_sleeps, &r->head, tail);
	memcpy(msg->data, ring_slot(l, tail), l->size);
	ring_step(&r->tail, tail + 1, &r->tx_sleeps);
	return true;
}

static void ring_close(struct link *l)
{
	munmap(l->ring, ring_size(l));
}

const struct kind futex_kind = {
	.name = "futex",
	.serves = SHAPE_STREAM | SHAPE_PING,
	.max = SIZE_MAX,
	.open = ring_open,
	.send = ring_send,
	.recv = ring_recv,
	.close = ring_close,
};
