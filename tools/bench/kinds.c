// SPDX-License-Identifier: GPL-2.0-only
/* Links through one descriptor or two: channels, pipes, sockets, eventfd. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

const struct kind *const kinds[] = {
	&hchan_kind, &hchan_ioctl_kind, &hchan_pair_kind, &pipe_kind,
	&pipe_same_kind, &packet_kind, &stream_kind,
	&seqpacket_kind, &mqueue_kind, &sysv_kind, &eventfd_kind, &futex_kind,
	NULL
};

bool link_open(struct link *l, const struct kind *kind, size_t size,
	       unsigned int depth)
{
	*l = (struct link) {
		.kind = kind, .size = size, .depth = depth, .rx = -1, .tx = -1,
	};
	return size <= kind->max && kind->open(l);
}

void link_close(struct link *l)
{
	l->kind->close(l);
}

void link_send(struct link *l, struct msg *msg)
{
	if (!l->kind->send(l, msg))
		die("%s: not sent: %s", l->kind->name, strerror(errno));
}

void link_recv(struct link *l, struct msg *msg)
{
	if (!l->kind->recv(l, msg))
		die("%s: nothing received: %s", l->kind->name, strerror(errno));
}

/* Sends @msg and receives into it; by one call if that can be. */
void link_exchange(struct link *to, struct link *from, struct msg *msg)
{
	if (to->kind->exchange) {
		to->kind->exchange(to, from, msg);
		return;
	}
	link_send(to, msg);
	link_recv(from, msg);
}

/*
 * Room for that many descriptors, and the table is made now: it does not count as
 * any of the things that are opened.
 */
void need_files(unsigned int n)
{
	struct rlimit limit = { n, n };
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("%u descriptors: %s", n, strerror(errno));
	fd = dup2(0, n - 1);
	if (fd < 0)
		die("descriptor %u: %s", n - 1, strerror(errno));
	close(fd);
}

static bool fd_send(struct link *l, struct msg *msg)
{
	const unsigned char *at = msg->data;
	size_t left = l->size;

	do {
		ssize_t n = write(l->tx, at, left);

		if (n < 0)
			return false;
		at += n;
		left -= n;
	} while (left);
	return true;
}

static bool fd_recv(struct link *l, struct msg *msg)
{
	unsigned char *at = msg->data;
	size_t left = l->size;

	do {
		ssize_t n = read(l->rx, at, left);

		if (n <= 0)
			return false;
		at += n;
		left -= n;
	} while (left);
	return true;
}

static void fd_nonblock(struct link *l)
{
	if (fcntl(l->rx, F_SETFL, O_NONBLOCK) || fcntl(l->tx, F_SETFL, O_NONBLOCK))
		die("O_NONBLOCK: %s", strerror(errno));
	l->nowait = true;
}

static void fd_close(struct link *l)
{
	close(l->rx);
	if (l->tx != l->rx)
		close(l->tx);
}

static bool hchan_open(struct link *l)
{
	l->rx = hc_create(l->size, l->depth);
	l->tx = l->rx;
	return true;
}

/* As the pipe: an element by write(2) and read(2). */
const struct kind hchan_kind = {
	.name = "hchan",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = HCHAN_ELEM_MAX,
	.open = hchan_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool hchan_send(struct link *l, struct msg *msg)
{
	return hc_send(l->tx, msg->data, l->size, l->nowait ? HCHAN_NOWAIT : 0);
}

static bool hchan_recv(struct link *l, struct msg *msg)
{
	return hc_recv(l->rx, msg->data, l->size, l->nowait ? HCHAN_NOWAIT : 0);
}

static void hchan_nonblock(struct link *l)
{
	l->nowait = true;
}

/* By the calls that take a deadline, and tell closed from disconnected. */
const struct kind hchan_ioctl_kind = {
	.name = "hchan-ioctl",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_PING,
	.max = HCHAN_ELEM_MAX,
	.open = hchan_open,
	.send = hchan_send,
	.recv = hchan_recv,
	.nonblock = hchan_nonblock,
	.close = fd_close,
};

static void hchan_exchange(struct link *to, struct link *from, struct msg *msg)
{
	hc_sendrecv(to->tx, from->rx, msg->data, to->size);
}

/* A request and its reply, a reply and the next request, by one call each. */
const struct kind hchan_pair_kind = {
	.name = "hchan-sendrecv",
	.serves = SHAPE_PING,
	.max = HCHAN_ELEM_MAX,
	.open = hchan_open,
	.send = fd_send,
	.recv = fd_recv,
	.exchange = hchan_exchange,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool two(struct link *l, int result, int fd[2])
{
	l->rx = fd[0];
	l->tx = fd[1];
	return !result;
}

static bool pipe_open(struct link *l)
{
	int fd[2];

	return two(l, pipe2(fd, O_CLOEXEC), fd);
}

/* As a user gets it: 64 KiB, however small the messages. */
const struct kind pipe_kind = {
	.name = "pipe",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = SIZE_MAX,
	.open = pipe_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

/* With room for as many messages as the channel. */
static bool pipe_same_open(struct link *l)
{
	return pipe_open(l) &&
	       fcntl(l->tx, F_SETPIPE_SZ, (int)(l->size * l->depth)) > 0;
}

const struct kind pipe_same_kind = {
	.name = "pipe-same-room",
	.serves = SHAPE_STREAM,
	.max = 4096,
	.open = pipe_same_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool packet_open(struct link *l)
{
	int fd[2];

	return two(l, pipe2(fd, O_CLOEXEC | O_DIRECT), fd);
}

const struct kind packet_kind = {
	.name = "packet-pipe",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = 4096,
	.open = packet_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool stream_open(struct link *l)
{
	int fd[2];

	return two(l, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), fd);
}

/* Not for many receivers: it keeps no messages apart. */
const struct kind stream_kind = {
	.name = "unix-stream",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_PING |
		  SHAPE_CREATE,
	.max = SIZE_MAX,
	.open = stream_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool seqpacket_open(struct link *l)
{
	int fd[2];

	return two(l, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd),
		   fd);
}

const struct kind seqpacket_kind = {
	.name = "unix-seqpacket",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_STREAM | SHAPE_MANY |
		  SHAPE_PING | SHAPE_CREATE,
	.max = 65536,
	.open = seqpacket_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};

static bool eventfd_open(struct link *l)
{
	l->rx = eventfd(0, EFD_CLOEXEC);
	l->tx = l->rx;
	return l->rx >= 0;
}

/* Numbers that are added up: no queue, but enough for one at a time. */
const struct kind eventfd_kind = {
	.name = "eventfd",
	.serves = SHAPE_SEQ | SHAPE_TRY | SHAPE_PING | SHAPE_CREATE,
	.max = 8,
	.open = eventfd_open,
	.send = fd_send,
	.recv = fd_recv,
	.nonblock = fd_nonblock,
	.close = fd_close,
};
