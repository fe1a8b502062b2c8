// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Send and receive. Each is one system call on a structure on the stack; only
 * the nil channel is the library's own business.
 */
#include <errno.h>

#include "internal.h"

#define XFER_FLAGS	(HCHAN_NOWAIT | HCHAN_DEADLINE | HCHAN_REALTIME)

static int transfer(int ch, unsigned int request, struct hchan_xfer *xfer)
{
	if (ch == HCHAN_NIL)
		return hchan__nil(xfer->flags, xfer->deadline, XFER_FLAGS);
	return hchan__ioctl(ch, request, xfer);
}

int hchan_xfer_send(int ch, struct hchan_xfer *xfer)
{
	return transfer(ch, HCHAN_IOC_SEND, xfer);
}

int hchan_xfer_recv(int ch, struct hchan_xfer *xfer)
{
	return transfer(ch, HCHAN_IOC_RECV, xfer);
}

/* A nil to receive from is one stage of two that the kernel does not know. */
static int sendrecv_nil(int to, struct hchan_sendrecv *pair)
{
	struct hchan_xfer xfer = {
		.buf = pair->send_buf,
		.len = pair->send_len,
		.flags = pair->flags,
		.deadline = pair->deadline,
	};
	int ret = 0;

	if (pair->sent > 1)
		return -EINVAL;
	if (!pair->sent)
		ret = transfer(to, HCHAN_IOC_SEND, &xfer);
	if (ret == -EPIPE)
		pair->send_status = xfer.status;
	if (ret)
		return ret;
	pair->sent = 1;
	return hchan__nil(pair->flags, pair->deadline, XFER_FLAGS);
}

/*
 * A nil to send to is never left, but what is wrong with the rest is found first, as by
 * the kernel: a select that only looks finds it.
 */
static int send_nil(const struct hchan_sendrecv *pair)
{
	void *buf = (void *)(uintptr_t)pair->recv_buf;
	struct hchan_case c = hchan_on_recv(pair->recv_fd, buf, pair->recv_len);
	int ret;

	if (pair->sent > 1)
		return -EINVAL;
	ret = hchan_select(&c, 1, hchan_nowait(), HCHAN_READY);
	if (ret < 0 && ret != -EAGAIN)
		return ret;
	return hchan__nil(pair->flags, pair->deadline, XFER_FLAGS);
}

int hchan_xfer_sendrecv(int to, struct hchan_sendrecv *pair)
{
	if (pair->recv_fd == HCHAN_NIL)
		return sendrecv_nil(to, pair);
	if (to == HCHAN_NIL && pair->sent != 1)
		return send_nil(pair);
	return hchan__ioctl(to, HCHAN_IOC_SENDRECV, pair);
}

int hchan_sendrecv_until(int to, const void *out, size_t out_size, int from,
			 void *in, size_t in_size, struct hchan_when when)
{
	struct hchan_sendrecv pair = {
		.send_buf = (uintptr_t)out,
		.recv_buf = (uintptr_t)in,
		.send_len = (uint32_t)out_size,
		.recv_len = in_size > UINT32_MAX ? UINT32_MAX : (uint32_t)in_size,
		.recv_fd = from,
		.flags = when.flags,
		.deadline = when.ns,
	};

	if (out_size > UINT32_MAX && to != HCHAN_NIL)
		return -EMSGSIZE;
	return hchan_xfer_sendrecv(to, &pair);
}

int hchan_sendrecv(int to, const void *out, size_t out_size, int from, void *in,
		   size_t in_size)
{
	return hchan_sendrecv_until(to, out, out_size, from, in, in_size,
				    hchan_forever());
}

static int send_element(int ch, const void *elem, size_t size,
			struct hchan_when when)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)elem,
		.len = (uint32_t)size,
		.flags = when.flags,
		.deadline = when.ns,
	};

	if (size > UINT32_MAX && ch != HCHAN_NIL)
		return -EMSGSIZE;
	return transfer(ch, HCHAN_IOC_SEND, &xfer);
}

static int recv_element(int ch, void *elem, size_t size, size_t *len,
			struct hchan_when when)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)elem,
		.len = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
		.flags = when.flags,
		.deadline = when.ns,
	};
	int ret = transfer(ch, HCHAN_IOC_RECV, &xfer);

	if (len && (ret >= 0 || ret == -EMSGSIZE))
		*len = xfer.actual;
	return ret;
}

int hchan_send(int ch, const void *elem, size_t size)
{
	return send_element(ch, elem, size, hchan_forever());
}

int hchan_recv(int ch, void *elem, size_t size)
{
	return recv_element(ch, elem, size, NULL, hchan_forever());
}

int hchan_try_send(int ch, const void *elem, size_t size)
{
	return send_element(ch, elem, size, hchan_nowait());
}

int hchan_try_recv(int ch, void *elem, size_t size)
{
	return recv_element(ch, elem, size, NULL, hchan_nowait());
}

int hchan_send_until(int ch, const void *elem, size_t size,
		     struct hchan_when when)
{
	return send_element(ch, elem, size, when);
}

int hchan_recv_until(int ch, void *elem, size_t size, struct hchan_when when)
{
	return recv_element(ch, elem, size, NULL, when);
}

int hchan_send_msg(int ch, const void *msg, size_t len, struct hchan_when when)
{
	return send_element(ch, msg, len, when);
}

int hchan_recv_msg(int ch, void *buf, size_t room, size_t *len,
		   struct hchan_when when)
{
	return recv_element(ch, buf, room, len, when);
}

static int transfer_batch(int ch, unsigned int request,
			  struct hchan_batch *batch)
{
	if (ch != HCHAN_NIL)
		return hchan__ioctl(ch, request, batch);
	batch->done = 0;
	if (!batch->count)
		return 0;
	return hchan__nil(batch->flags, batch->deadline,
			  request == HCHAN_IOC_RECVN ? XFER_FLAGS | HCHAN_SOME :
						       XFER_FLAGS);
}

int hchan_batch_send(int ch, struct hchan_batch *batch)
{
	return transfer_batch(ch, HCHAN_IOC_SENDN, batch);
}

int hchan_batch_recv(int ch, struct hchan_batch *batch)
{
	return transfer_batch(ch, HCHAN_IOC_RECVN, batch);
}

static int elements(int ch, unsigned int request, uintptr_t elems, size_t size,
		    size_t n, struct hchan_when when, unsigned int flags)
{
	struct hchan_batch batch = {
		.buf = elems,
		.stride = (uint32_t)size,
		.count = (uint32_t)n,
		.flags = when.flags | flags,
		.deadline = when.ns,
	};

	if (n > INT_MAX || (flags & ~HCHAN_SOME))
		return -EINVAL;
	if (size > UINT32_MAX && ch != HCHAN_NIL)
		return -EMSGSIZE;
	return transfer_batch(ch, request, &batch);
}

int hchan_sendn(int ch, const void *elems, size_t size, size_t n)
{
	return elements(ch, HCHAN_IOC_SENDN, (uintptr_t)elems, size, n,
			hchan_forever(), 0);
}

int hchan_recvn(int ch, void *elems, size_t size, size_t n)
{
	return elements(ch, HCHAN_IOC_RECVN, (uintptr_t)elems, size, n,
			hchan_forever(), 0);
}

int hchan_sendn_until(int ch, const void *elems, size_t size, size_t n,
		      struct hchan_when when)
{
	return elements(ch, HCHAN_IOC_SENDN, (uintptr_t)elems, size, n, when, 0);
}

int hchan_recvn_until(int ch, void *elems, size_t size, size_t n,
		      struct hchan_when when, unsigned int flags)
{
	return elements(ch, HCHAN_IOC_RECVN, (uintptr_t)elems, size, n, when,
			flags);
}
