// SPDX-License-Identifier: GPL-2.0-only
/* 32 messages of 64 bytes in one call, by each peer's own way to do that. */

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "scenarios.h"

#define MESSAGES	32
#define SIZE		64

struct batch {
	struct link link;
	bool (*send)(struct batch *b);
	bool (*recv)(struct batch *b);
	unsigned char out[MESSAGES][SIZE], in[MESSAGES][SIZE];
	struct iovec out_iov[MESSAGES], in_iov[MESSAGES];
	struct mmsghdr out_msgs[MESSAGES], in_msgs[MESSAGES];
	uint64_t seq;
	struct tally sent, received;
};

static void both(void *arg, unsigned int n)
{
	struct batch *b = arg;

	while (n--) {
		for (int i = 0; i < MESSAGES; i++) {
			stamp(b->out[i], SIZE, ++b->seq);
			count_in(&b->sent, b->out[i], SIZE);
		}
		if (!b->send(b) || !b->recv(b))
			die("%s: a batch did not go: %s", b->link.kind->name,
			    strerror(errno));
		for (int i = 0; i < MESSAGES; i++)
			count_in(&b->received, b->in[i], SIZE);
	}
}

static bool hchan_sendn(struct batch *b)
{
	struct hchan_batch arg = {
		.buf = (uintptr_t)b->out, .stride = SIZE, .count = MESSAGES,
	};

	return ioctl(b->link.tx, HCHAN_IOC_SENDN, &arg) == MESSAGES;
}

static bool hchan_recvn(struct batch *b)
{
	struct hchan_batch arg = {
		.buf = (uintptr_t)b->in, .stride = SIZE, .count = MESSAGES,
	};

	return ioctl(b->link.rx, HCHAN_IOC_RECVN, &arg) == MESSAGES;
}

static bool vector_send(struct batch *b)
{
	return writev(b->link.tx, b->out_iov, MESSAGES) == MESSAGES * SIZE;
}

static bool vector_recv(struct batch *b)
{
	return readv(b->link.rx, b->in_iov, MESSAGES) == MESSAGES * SIZE;
}

static bool mmsg_send(struct batch *b)
{
	return sendmmsg(b->link.tx, b->out_msgs, MESSAGES, 0) == MESSAGES;
}

static bool mmsg_recv(struct batch *b)
{
	return recvmmsg(b->link.rx, b->in_msgs, MESSAGES, 0, NULL) == MESSAGES;
}

/* One call for each message: what there is to gain. */
static bool single_send(struct batch *b)
{
	for (int i = 0; i < MESSAGES; i++) {
		if (!hc_send(b->link.tx, b->out[i], SIZE, 0))
			return false;
	}
	return true;
}

static bool single_recv(struct batch *b)
{
	for (int i = 0; i < MESSAGES; i++) {
		if (!hc_recv(b->link.rx, b->in[i], SIZE, 0))
			return false;
	}
	return true;
}

static void batch_of(const struct kind *kind, const char *peer,
		     bool (*send)(struct batch *b), bool (*recv)(struct batch *b))
{
	static struct batch b;
	struct work work = { .run = both, .arg = &b, .max = 4096 };
	struct sample s;

	memset(&b, 0, sizeof(b));
	b.send = send;
	b.recv = recv;
	for (int i = 0; i < MESSAGES; i++) {
		b.out_iov[i] = (struct iovec){ b.out[i], SIZE };
		b.in_iov[i] = (struct iovec){ b.in[i], SIZE };
		b.out_msgs[i].msg_hdr.msg_iov = &b.out_iov[i];
		b.out_msgs[i].msg_hdr.msg_iovlen = 1;
		b.in_msgs[i].msg_hdr.msg_iov = &b.in_iov[i];
		b.in_msgs[i].msg_hdr.msg_iovlen = 1;
	}
	if (!link_open(&b.link, kind, SIZE, 128))
		die("%s: can not be made", peer);
	s = measure(&work);
	compare(&b.sent, &b.received, peer);
	link_close(&b.link);
	s.best /= MESSAGES;
	s.median /= MESSAGES;
	s.worst /= MESSAGES;
	report("batch", "32x64", peer, s, opt.unit);
}

static void batch(void)
{
	batch_of(&hchan_kind, "hchan", hchan_sendn, hchan_recvn);
	batch_of(&hchan_kind, "hchan-single", single_send, single_recv);
	batch_of(&pipe_kind, "pipe", vector_send, vector_recv);
	batch_of(&stream_kind, "unix-stream", vector_send, vector_recv);
	batch_of(&seqpacket_kind, "unix-seqpacket", mmsg_send, mmsg_recv);
}

const struct scenario batch_scenario = {
	.name = "batch",
	.summary = "32 messages of 64 bytes by one call, per message",
	.run = batch,
};
