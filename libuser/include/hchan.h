/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhchan: Go's channels between processes, for C and C++.
 *
 *	int jobs = hchan_create("jobs", sizeof(struct job), 16);
 *
 *	r = hchan_send(jobs, &job, sizeof(job));	one program
 *	while ((r = hchan_recv(jobs, &job, sizeof(job))) > 0)	another
 *		work(&job);
 *
 * Included at the end: <hchan/batch.h> is for messages, and for many elements in one
 * call, <hchan/look.h> for a channel's state; <hchan/typed.h> checks the element's type
 * as well; <hchan/select.h> waits for several channels, <hchan/block.h> does so in the
 * form of Go's select, and <hchan/set.h> for many channels over again;
 * <hchan/time.h> is for timers and tickers, <hchan/context.h> for contexts, which
 * say how long something is still wanted. Included on their own: <hchan/sync.h>,
 * what programs build of channels (wait groups, pools, pipelines ...),
 * <hchan/must.h>, for calls that panic where Go's do, and <hchan/test.h>, for
 * testing programs which meet by channels. Numbers such as
 * C14 are the statements of the contract.
 *
 * CHANNELS are plain file descriptors: they work in poll(2) and epoll(7), are
 * inherited, and travel in SCM_RIGHTS. HCHAN_NIL is the nil channel (C4).
 *
 * RESULTS. Every function that can fail returns a value >= 0 on success and a
 * negative errno on failure (-EPIPE, -EAGAIN, ...), as the kernel and io_uring
 * do. errno is left alone. A receive returns 1 with an element (Go's ok is true)
 * and 0 with a zero value once the channel is closed or disconnected and drained
 * (ok is false): that is an end, not an error. A call that fails has changed
 * nothing, unless its comment says otherwise.
 *
 * All functions may be called by any number of threads at once, on the same
 * channel too, and none is a cancellation point. All are async-signal-safe,
 * those marked [msg] excepted: they may write the calling thread's hchan_errmsg().
 * The library keeps no other state, starts no thread (but for each after-func of
 * <hchan/context.h>), holds no descriptor of its own between calls and allocates no
 * memory (<hchan/test.h> excepted; <hchan/must.h> keeps a handler).
 *
 * Pointers are borrowed for the call only. Sizes are bytes, times nanoseconds.
 */
#ifndef HCHAN_H
#define HCHAN_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <linux/hchan.h>

#ifdef __cplusplus
extern "C" {
/* As with stat(2), a function and its structure have one name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/*
 * The nil channel (C4). It can be given to any function that takes a channel.
 * Not -1, so that a stray -1 is -EBADF instead of a hang, and no negative errno,
 * so that the unchecked result of a failed open is -EBADF as well.
 */
#define HCHAN_NIL	INT_MIN

/* ---- when a call stops waiting (C40) ---- */

/*
 * struct hchan_when - how long a call may wait
 * @ns: an absolute time, if @flags says so, else 0
 * @flags: 0 (for ever), HCHAN_NOWAIT, or HCHAN_DEADLINE with or without
 *	HCHAN_REALTIME, as in <linux/hchan.h>
 *
 * Deadlines are absolute, so that repeating an interrupted call does not extend
 * them. One that has passed still means one try. Made by the functions below.
 */
struct hchan_when {
	int64_t ns;
	uint32_t flags;
};

#define HCHAN_USEC	1000LL
#define HCHAN_MSEC	1000000LL
#define HCHAN_SEC	1000000000LL

/* hchan_forever(), hchan_nowait() - wait as long as it takes; do not wait */
static inline struct hchan_when hchan_forever(void)
{
	struct hchan_when when = { 0, 0 };

	return when;
}

static inline struct hchan_when hchan_nowait(void)
{
	struct hchan_when when = { 0, HCHAN_NOWAIT };

	return when;
}

/*
 * hchan_after() - the moment @ns nanoseconds from now, on CLOCK_MONOTONIC
 *
 * Zero or less is now. What is too far for the clock is its last moment, never
 * a wrapped one (C31). Cost: one clock_gettime(2).
 */
struct hchan_when hchan_after(int64_t ns);

/* hchan_at(), hchan_at_realtime() - a moment of CLOCK_MONOTONIC or _REALTIME */
static inline struct hchan_when hchan_at(struct timespec time)
{
	struct hchan_when when = { 0, HCHAN_DEADLINE };
	int64_t sec = time.tv_sec;

	if (sec < 0)
		return when;
	if (sec < INT64_MAX / HCHAN_SEC)
		when.ns = sec * HCHAN_SEC + time.tv_nsec;
	else
		when.ns = INT64_MAX;
	return when;
}

static inline struct hchan_when hchan_at_realtime(struct timespec time)
{
	struct hchan_when when = hchan_at(time);

	when.flags |= HCHAN_REALTIME;
	return when;
}

/* ---- making channels and opening them by name ---- */

/* What a new descriptor is like. 0: it sends and receives, and is close-on-exec. */
#define HCHAN_O_SEND		0x1U /* it sends; without _RECV only that (C42) */
#define HCHAN_O_RECV		0x2U /* it receives; likewise */
#define HCHAN_O_NONBLOCK	0x4U /* O_NONBLOCK: calls do not wait (C43) */
#define HCHAN_O_INHERIT		0x8U /* stays open across execve(2) */

/*
 * struct hchan_opts - everything that can be said of a channel
 * @elem_size: bytes in an element; with HCHAN_MSG the longest message (C1)
 * @capacity: elements buffered; 0 is a rendezvous (C5)
 * @tag: what the elements mean, 0 for "not stated" (C47); hchan_tag() makes one
 * @flags: HCHAN_MSG (C44) and HCHAN_DISCONNECT (C49); by name also HCHAN_CREATE,
 *	HCHAN_EXCL, HCHAN_EXPECT and HCHAN_NO_OPEN: see <linux/hchan.h>
 * @how: HCHAN_O_*
 * @mode: permission bits of a name that is created, the umask applies; 0 stands
 *	for 0666. Without HCHAN_CREATE it is 0.
 * @reserved: 0
 *
 * To be initialised as a whole: whatever is not named is then 0, the default.
 */
struct hchan_opts {
	size_t elem_size;
	uint64_t capacity;
	uint64_t tag;
	uint32_t flags;
	uint32_t how;
	uint32_t mode;
	uint32_t reserved[5];
};

/* struct hchan_found - what an open by name has found */
struct hchan_found {
	uint64_t id;		/* identity, never used again */
	uint64_t capacity;	/* elements */
	uint64_t tag;		/* or 0 */
	uint32_t elem_size;	/* bytes */
	uint32_t flags;		/* HCHAN_MSG, HCHAN_DISCONNECT */
};

/*
 * hchan_make() - make an anonymous channel, Go's make(chan T, capacity)  [msg]
 * @elem_size: bytes in an element, 0 to HCHAN_ELEM_MAX (C1, C2)
 * @capacity: elements buffered; 0 is a rendezvous (C5)
 *
 * Returns a descriptor which the caller owns: close-on-exec, both directions.
 * The whole buffer is paid for now (C50). Cost: three system calls.
 *
 * Errors: -EMSGSIZE (@elem_size), -EOVERFLOW (the buffer's size), -EDQUOT (the
 * user's limit), -ENOMEM, -EMFILE, -ENFILE; -ENOENT, -ENXIO, -ENODEV or -EACCES
 * (/dev/hchan can't be opened: is the module loaded?).
 */
int hchan_make(size_t elem_size, uint64_t capacity);

/*
 * hchan_make_opts() - make an anonymous channel  [msg]
 *
 * As hchan_make(), and -EINVAL (an unknown flag, one that needs a name, a mode,
 * or something reserved that is not 0).
 */
int hchan_make_opts(const struct hchan_opts *opts);

/*
 * NAMES. A name without a slash is a channel in /dev/chan, or in the directory
 * which the environment's HCHAN_DIR names (not for set-user-ID programs). One
 * with a slash is a path. The path of a channel on its own, bound by mount(8)
 * into a directory of another kind or reached by a symbolic link, is opened too;
 * only creating needs an hchanfs.
 */

/*
 * hchan_open() - open an existing channel by name  [msg]
 * @how: HCHAN_O_*; 0: both directions
 *
 * States neither element size nor tag: to have them checked say HCHAN_EXPECT to
 * hchan_open_opts() or use a typed channel. Returns a descriptor which the
 * caller owns.
 *
 * Errors: -ENOENT (no such name), -EACCES (its mode, or the directory's),
 * -ENOTTY (the path is no channel), -EINVAL (an empty name, an unknown flag),
 * -ENAMETOOLONG, -ENOTDIR, -ELOOP, -EMFILE, -ENFILE, -ENOMEM.
 */
int hchan_open(const char *name, unsigned int how);

/*
 * hchan_create() - open a channel by name; create it if it is not there  [msg]
 *
 * @elem_size and @capacity are as for hchan_make(). An existing channel has to
 * agree in the element size and keeps its capacity. A new one belongs to the
 * caller and has mode 0666 less the umask; it stays until hchan_remove(), also
 * when closed. Returns a descriptor which the caller owns.
 *
 * Errors: as for hchan_open() and hchan_make(), without what concerns
 * /dev/hchan; -EPROTOTYPE (another element size: hchan_errmsg() names the
 * channel, both sizes and both tags, C47), -EROFS; -ENOTTY (the directory can't
 * hold channels).
 */
int hchan_create(const char *name, size_t elem_size, uint64_t capacity);

/*
 * hchan_open_opts() - open or create a channel by name  [msg]
 * @opts: what to open or create
 * @found: what is there, or NULL; written on success and with -EPROTOTYPE
 *
 * Returns a descriptor which the caller owns, or 0 with HCHAN_NO_OPEN. For a
 * channel that was there already HCHAN_MSG and the element size must agree if
 * HCHAN_CREATE or HCHAN_EXPECT is given, and a non-zero tag with a non-zero tag.
 *
 * Errors: as for hchan_create(), -EEXIST (HCHAN_EXCL), and -EINVAL as for
 * hchan_make_opts().
 */
int hchan_open_opts(const char *name, const struct hchan_opts *opts,
		    struct hchan_found *found);

/*
 * hchan_check() - is this descriptor a channel of such elements?  [msg]
 * @elem_size: bytes
 * @tag: or 0
 *
 * For a descriptor that was inherited or came through a socket (C47). Returns 0.
 *
 * Errors: -EBADF, -ENOTTY (no channel), -EPROTOTYPE; -EINVAL (nil).
 */
int hchan_check(int ch, size_t elem_size, uint64_t tag);

/*
 * hchan_remove() - remove a channel's name  [msg]
 *
 * The channel lives on for those who have it open, and is not closed by this.
 *
 * Errors: -ENOENT, -ENOTTY (no channel), -EPERM or -EACCES (it is another
 * user's), -EBUSY (a mount point), -EROFS, and as for hchan_open().
 */
int hchan_remove(const char *name);

/*
 * hchan_send_only(), hchan_recv_only() - a descriptor with fewer rights (C42)  [msg]
 *
 * Returns a new one which the caller owns, close-on-exec, an open file of its
 * own; @ch stays as it is. Go's chan<- and <-chan, enforced by the kernel.
 *
 * Errors: -EACCES (@ch does not have that direction), -EBADF, -ENOTTY (no
 * channel), -EMFILE, -ENFILE, -ENOMEM; -EINVAL (nil).
 */
int hchan_send_only(int ch);
int hchan_recv_only(int ch);

/*
 * hchan_close() - close the CHANNEL, for everybody, for ever (C15, C16)
 *
 * Says "no more will come" to all receivers, in every process. Elements that are
 * buffered can still be received. It does not close the descriptor: that is
 * hchan_drop(). Returns 0.
 *
 * Errors: -EALREADY (it is closed), -EBADF (no descriptor, or one that can't
 * send), -ENOTTY (no channel), -EINVAL (nil).
 */
int hchan_close(int ch);

/*
 * hchan_drop() - give a DESCRIPTOR back: close(2), which says nothing to the
 * others (C17), on a channel with HCHAN_DISCONNECT excepted (C49)
 *
 * Nil is dropped with no effect. Returns 0, or -EBADF.
 */
int hchan_drop(int ch);

/* ---- one element ---- */

/*
 * hchan_send() - send one element; wait for a receiver or room (C5, C6)
 * @elem: @size bytes; not read later than this call
 * @size: exactly the channel's element size; for messages the length
 *
 * Returns 0. Cost: one system call, one copy, no allocation up to the query's
 * inline_size (C50). Nil: waits for ever.
 *
 * Errors: -EPIPE (closed, or its receivers are gone; no SIGPIPE, C11),
 * -EMSGSIZE (@size is not what the channel takes), -EBADF (no descriptor, or one
 * that can't send), -ENOTTY (no channel), -EFAULT, -EAGAIN (the descriptor is
 * O_NONBLOCK), -EINTR (a signal whose handler has no SA_RESTART, C39), -ENOMEM
 * (only above the inline size).
 */
int hchan_send(int ch, const void *elem, size_t size);

/*
 * hchan_recv() - receive one element; wait for it (C6)
 * @elem: where to put it
 * @size: room there, at least the channel's element size
 *
 * Returns 1 with an element. Returns 0 with a zero value once the channel is
 * closed, or disconnected, and drained (C12). Cost: as for hchan_send(). Nil:
 * waits for ever. For messages use hchan_recv_msg(), which tells the length.
 *
 * Errors: -EMSGSIZE (no room; the element stays for the next receiver, C38),
 * -EBADF (no descriptor, or one that can't receive), -ENOTTY (no channel),
 * -EFAULT (nothing is lost, C38), -EAGAIN (O_NONBLOCK), -EINTR.
 */
int hchan_recv(int ch, void *elem, size_t size);

/*
 * hchan_try_send(), hchan_try_recv() - the same without waiting (C13)
 *
 * -EAGAIN where the others would wait; for nil always (C4). Otherwise as
 * hchan_send() and hchan_recv().
 */
int hchan_try_send(int ch, const void *elem, size_t size);
int hchan_try_recv(int ch, void *elem, size_t size);

/*
 * hchan_send_until(), hchan_recv_until() - the same up to a moment (C40)
 *
 * -ETIMEDOUT when @when has come, on nil too. Otherwise as hchan_send() and
 * hchan_recv(), and -EINVAL (@when is none).
 *
 *	hchan_recv_until(ch, &job, sizeof(job), hchan_after(2 * HCHAN_SEC));
 */
int hchan_send_until(int ch, const void *elem, size_t size,
		     struct hchan_when when);
int hchan_recv_until(int ch, void *elem, size_t size, struct hchan_when when);

/*
 * hchan_sendrecv() - send one element, then receive one: ask and wait for the
 *	answer, or answer and wait for the next question
 * @to, @out, @out_size: as for hchan_send()
 * @from, @in, @in_size: as for hchan_recv()
 *
 * What the two calls do, by one system call, and who is woken by the send does not
 * run before its partner waits: about three quarters of the cost. @out and @in may
 * be the same memory. Others may come between the two (C39).
 *
 * Returns 1 with an element, 0 at the end of @from. Errors: as of both; -EPIPE,
 * -ENOMEM and -EMSGSIZE are the send's, which has not happened then (but for
 * messages -EMSGSIZE may be the receive's). With -EAGAIN, -EINTR, -ETIMEDOUT and -EFAULT
 * it may have: who goes on after those uses hchan_xfer_sendrecv(), which tells.
 */
int hchan_sendrecv(int to, const void *out, size_t out_size, int from, void *in,
		   size_t in_size);
int hchan_sendrecv_until(int to, const void *out, size_t out_size, int from,
			 void *in, size_t in_size, struct hchan_when when);

/* ---- saying what went wrong ---- */

/*
 * hchan_strerror() - what a result means, in the words of channels
 * @result: a negative errno as the functions here return it
 *
 * The text belongs to the library. Not async-signal-safe.
 */
const char *hchan_strerror(int result);

/*
 * hchan_errmsg() - why this thread's last failed [msg] call failed
 *
 * One line without an end of line, with the channel's name and, on -EPROTOTYPE,
 * what was expected and what was found. Belongs to the library, as the calling
 * thread's; valid until its next [msg] call that fails. "" before the first.
 */
const char *hchan_errmsg(void);

/*
 * hchan_tag() - a type tag (never 0) from a text and a size: 64-bit FNV-1a
 * @text: what the elements are, say "org.example.job/2"
 * @size: bytes in one
 */
uint64_t hchan_tag(const char *text, size_t size);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#include <hchan/batch.h>
#include <hchan/look.h>
#include <hchan/typed.h>
#include <hchan/select.h>
#include <hchan/set.h>
#include <hchan/block.h>
#include <hchan/time.h>
#include <hchan/context.h>

#endif /* HCHAN_H */
