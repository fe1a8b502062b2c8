/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Select over an array of cases: do one send, receive or poll of several,
 * exactly one (C18 to C26).
 *
 *	struct hchan_case c[] = {
 *		HCHAN_ON_RECV(jobs, &job),		typed channels
 *		HCHAN_ON_SEND(results, &result),
 *		hchan_on_recv(control, buf, sizeof(buf)),	plain descriptors
 *		hchan_on_poll(sock, POLLIN),		whatever poll(2) takes
 *	};
 *
 *	switch (hchan_select(c, 4, hchan_after(HCHAN_SEC), 0)) {
 *	case 0:
 *		if (hchan_result(&c[0]) == 0)
 *			c[0].fd = HCHAN_NIL;		its end: Go's ch = nil
 *		...
 *	case -ETIMEDOUT:
 *		...
 *
 * A case whose @fd is HCHAN_NIL is never ready (C4), whatever else it says; it
 * lives again when @fd names a channel. A stray -1 is -EBADF. An array can be
 * used again as often as one likes.
 *
 * The same in the form of Go's select: <hchan/block.h>. For many cases over
 * again: <hchan/set.h>. All three are included by <hchan.h>.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_SELECT_H
#define HCHAN_SELECT_H

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/* ---- cases ---- */

/*
 * HCHAN_ON_SEND(ch, &elem) - a case that sends, on a typed channel
 * HCHAN_ON_RECV(ch, &elem) - a case that receives
 *
 * Expressions of type struct hchan_case, to initialise an array or to assign to
 * one of its members. Each argument is evaluated once (C27), and refused by the
 * compiler as by HCHAN_SEND() and HCHAN_RECV(). What @elem points to is read or
 * written by the select: it has to live until then.
 */
#define HCHAN_ON_SEND(ch, ...) \
	hchan_on_send((ch).fd, HCHAN_SRC_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))
#define HCHAN_ON_RECV(ch, ...) \
	hchan_on_recv((ch).fd, HCHAN_DST_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch))

static inline struct hchan_case hchan_on_(int fd, uint16_t op, const void *buf,
					  size_t len)
{
	struct hchan_case c = { 0, 0, 0, 0, 0, 0, 0, 0 };

	c.fd = fd;
	c.op = op;
	c.buf = (uintptr_t)buf;
	/* No element is so long: one that is cut is refused as well. */
	c.len = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
	return c;
}

/*
 * hchan_on_send(), hchan_on_recv() - the same with a plain descriptor
 * @elem: @size bytes, exactly an element's; for messages the length
 * @buf: where to put an element or message
 * @room: bytes there
 */
static inline struct hchan_case hchan_on_send(int ch, const void *elem,
					      size_t size)
{
	return hchan_on_(ch, HCHAN_CASE_SEND, elem, size);
}

static inline struct hchan_case hchan_on_recv(int ch, void *buf, size_t room)
{
	return hchan_on_(ch, HCHAN_CASE_RECV, buf, room);
}

/*
 * hchan_on_poll() - a case that goes when any descriptor has one of @events
 * @events: POLLIN ..., as for poll(2); POLLERR and POLLHUP always count
 *
 * It wins by readiness alone, and is judged after the channels (C19). Unlike
 * poll(2), -1 is -EBADF.
 */
static inline struct hchan_case hchan_on_poll(int fd, uint32_t events)
{
	return hchan_on_(fd, HCHAN_CASE_POLL, NULL, events);
}

/* hchan_on_nil() - a case that is never ready: to leave a place empty */
static inline struct hchan_case hchan_on_nil(void)
{
	return hchan_on_(HCHAN_NIL, HCHAN_CASE_NIL, NULL, 0);
}

/*
 * hchan_result() - what came of the case that went
 *
 * What hchan_send() or hchan_recv() would have returned: for a receive 1, or 0
 * with a zero value at the channel's end, or -EMSGSIZE; for a send 0 or -EPIPE;
 * for a poll the events that have come. @c's @status tells closed from
 * disconnected, its @actual the length of a message.
 */
static inline int hchan_result(const struct hchan_case *c)
{
	if (c->error)
		return c->error;
	if (c->op == HCHAN_CASE_POLL)
		return (int)c->actual;
	return c->op == HCHAN_CASE_RECV && c->status == HCHAN_ST_OK;
}

/* ---- the call ---- */

/*
 * hchan_select() - do one of @n cases, exactly one (C18)
 * @cases: the call's own while it lasts; outputs are written to the case that
 *	went
 * @n: up to the query's select_cases, 65535; 0 only waits
 * @when: how long to wait for one to be ready; hchan_nowait() is Go's default
 * @flags: 0, or of HCHAN_FIRST (of several that are ready the first listed goes,
 *	else each has the same chance, C20) and HCHAN_READY (only tell which
 *	would go, and do nothing, C46)
 *
 * Returns the index of the case that went; see hchan_result(). O_NONBLOCK of the
 * descriptors has no say.
 *
 * Cost: one system call, which reads 32 bytes per case and, up to 8 cases with
 * elements of up to the query's inline_size, allocates nothing. It is made on the
 * first channel among the cases. If there are polls and no channel, /dev/hchan
 * is opened for the time of the call: two calls more, and a siglongjmp() out of a
 * handler would leak that descriptor.
 *
 * Errors, and nothing has happened: -EAGAIN (hchan_nowait() and none is ready,
 * C24), -ETIMEDOUT, -EINTR (as for hchan_recv()), -E2BIG (it has to wait and the
 * elements of its sends are more than the query's select_bytes, C26), -ENOMEM,
 * -EINVAL (@n, @when, @flags), -ENOTTY (the kernel's module knows no select);
 * as hchan_make(), if it has to open /dev/hchan. And about one of the cases,
 * which then has it as its @error, all others 0: -EBADF (no descriptor, no
 * channel, or not one for this direction, C48), -EMSGSIZE (the element's size),
 * -EPERM (can't be polled), -EFAULT, -EINVAL (its @op, or @flags that are not 0).
 */
int hchan_select(struct hchan_case *cases, size_t n, struct hchan_when when,
		 unsigned int flags);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif /* HCHAN_SELECT_H */
