/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Channels between processes: the ioctl interface of /dev/hchan, of an hchanfs
 * directory, and of a channel's descriptor.
 *
 * Numbers such as C14 are the statements of the contract (kmod/doc/contract.md).
 *
 * All structures are the same for 32-bit and 64-bit callers. Pointers travel as
 * __u64. Padding and reserved fields must be zero, unknown flags are EINVAL
 * (C48). An unknown ioctl is ENOTTY. A call that fails has changed nothing,
 * neither the channel nor the caller's memory, unless its comment says
 * otherwise.
 */
#ifndef _UAPI_LINUX_HCHAN_H
#define _UAPI_LINUX_HCHAN_H

#include <linux/types.h>
#include <linux/ioctl.h>

#define HCHAN_ABI_VERSION	1

#define HCHAN_ELEM_MAX		65535	/* bytes in an element or message (C1) */
#define HCHAN_NAME_MAX		255	/* bytes in a channel's name, NUL apart */

/*
 * struct hchan_query - what this kernel can do
 * @size: in: sizeof(struct hchan_query); out: how much of it the kernel knows.
 *	A longer structure is filled with zeroes behind that.
 * @version: out: HCHAN_ABI_VERSION of the module
 * @features: out: HCHAN_FEAT_*
 * @elem_max: out: largest element in bytes (C1)
 * @inline_size: out: up to this many bytes per element no operation allocates
 *	memory (C50)
 * @batch_bytes: out: a batch that has to wait keeps its place in the queue for
 *	this many bytes of elements at a time (C39)
 * @__reserved: out: 0
 * @cap_max: out: largest capacity in elements, before any quota
 * @select_cases: out: most cases in a select, and in a set (C26)
 * @select_bytes: out: most bytes that the elements of its send cases may have
 *	together when a select parks (C26)
 *
 * On /dev/hchan, on an hchanfs directory, on a channel and on a set.
 * Errors: EFAULT; EINVAL (@size is smaller than the first version's, or larger
 * than a page).
 */
struct hchan_query {
	__u32 size;
	__u32 version;
	__u64 features;
	__u32 elem_max;
	__u32 inline_size;
	__u32 batch_bytes;
	__u32 __reserved;
	__u64 cap_max;
	__u32 select_cases;
	__u32 select_bytes;
};

#define HCHAN_FEAT_FS		0x1ULL	/* hchanfs: channels with names */
#define HCHAN_FEAT_BATCH	0x2ULL	/* HCHAN_IOC_SENDN, _RECVN */
#define HCHAN_FEAT_DISCONNECT	0x4ULL	/* HCHAN_DISCONNECT (C49) */
#define HCHAN_FEAT_WAIT		0x8ULL	/* HCHAN_IOC_WAIT */
#define HCHAN_FEAT_SELECT	0x10ULL	/* HCHAN_IOC_SELECT */
#define HCHAN_FEAT_SET		0x20ULL	/* HCHAN_IOC_SET, _SET_CTL, _SET_SELECT */
#define HCHAN_FEAT_URING	0x40ULL	/* io_uring commands */
#define HCHAN_FEAT_URING_PARK	0x80ULL	/* ... that wait; else they say EAGAIN */
#define HCHAN_FEAT_SPIN		0x100ULL /* HCHAN_IOC_SPIN */
#define HCHAN_FEAT_TIMER	0x200ULL /* HCHAN_IOC_TIMER, _TIMER_SET */
#define HCHAN_FEAT_CTX		0x400ULL /* HCHAN_IOC_CTX and what works on contexts */

/*
 * struct hchan_create - make a channel, or open one by name
 * @size: in: sizeof(struct hchan_create); a later, longer one is accepted as
 *	long as what this kernel does not know is zero (E2BIG)
 * @flags: in: HCHAN_MSG ... HCHAN_NO_OPEN below
 * @elem_size: in: bytes in an element, 0 to HCHAN_ELEM_MAX; with HCHAN_MSG the
 *	largest message, 1 to HCHAN_ELEM_MAX
 * @open_flags: in: the new descriptor's O_RDONLY, O_WRONLY or O_RDWR (its
 *	direction, C42), O_CLOEXEC, O_NONBLOCK
 * @capacity: in: elements buffered; 0 is a rendezvous (C5)
 * @type_tag: in: what the elements mean to the programs, or 0 for "not stated"
 * @name: in: on a directory, address of @name_len bytes, no '/' among them;
 *	on /dev/hchan 0
 * @name_len: in: 1 to HCHAN_NAME_MAX; on /dev/hchan 0
 * @mode: in: permission bits of a name that is created, the caller's umask
 *	applies; else 0
 * @id: out: the channel's identity, never used again
 * @found_capacity: out: the channel's capacity, which an existing one keeps
 * @found_type_tag: out: the channel's tag
 * @found_elem_size: out: the channel's element size
 * @found_flags: out: the channel's HCHAN_MSG and HCHAN_DISCONNECT
 *
 * Returns a new descriptor, or 0 with HCHAN_NO_OPEN. The out fields are written
 * on success and with EPROTOTYPE.
 *
 * Errors: EINVAL (also ".", ".." or a NUL in the name, EXPECT with CREATE, EXCL
 * without it, NO_OPEN with @open_flags, @mode without CREATE or beyond 0777),
 * E2BIG, EFAULT; EMSGSIZE (@elem_size), EOVERFLOW (the buffer's
 * size is out of range), EDQUOT (a user's limit, C50), ENOMEM, EMFILE, ENFILE.
 * By name also: ENOENT (no such name, and no HCHAN_CREATE), EEXIST (HCHAN_EXCL),
 * EPROTOTYPE (C47), EACCES, EROFS, ENAMETOOLONG, EXDEV (something that is no
 * channel is mounted on the name).
 */
struct hchan_create {
	__u32 size;
	__u32 flags;
	__u32 elem_size;
	__u32 open_flags;
	__u64 capacity;
	__u64 type_tag;
	__u64 name;
	__u32 name_len;
	__u32 mode;
	__u64 id;
	__u64 found_capacity;
	__u64 found_type_tag;
	__u32 found_elem_size;
	__u32 found_flags;
};

#define HCHAN_MSG		0x1U /* messages of variable length (C44) */
#define HCHAN_DISCONNECT	0x2U /* notice when a side is gone (C49) */
/* Only on a directory: */
#define HCHAN_CREATE		0x4U /* create the name if it is not there */
#define HCHAN_EXCL		0x8U /* with CREATE: fail if it is there */
#define HCHAN_EXPECT		0x10U /* without CREATE: @elem_size, HCHAN_MSG are stated */
#define HCHAN_NO_OPEN		0x20U /* no descriptor; counts nowhere (C49) */
/*
 * The element size is stated by HCHAN_CREATE and by HCHAN_EXPECT, the tag by
 * being non-zero; a channel without a tag agrees with every tag. Without either
 * flag @elem_size, @capacity, HCHAN_MSG and HCHAN_DISCONNECT must be zero.
 */

/* Flags of operations that may wait. */
#define HCHAN_NOWAIT		0x1U /* EAGAIN instead of waiting (C13, C43) */
#define HCHAN_DEADLINE		0x2U /* @deadline counts, else it is 0 (C40) */
#define HCHAN_REALTIME		0x4U /* ... on CLOCK_REALTIME, not _MONOTONIC */
#define HCHAN_SOME		0x8U /* receiving batches: wait for the first only */
/* 0x10, 0x20 and 0x40 are select's. */
/* HCHAN_NOWAIT excludes the others; HCHAN_REALTIME wants HCHAN_DEADLINE. */
/* CLOCK_MONOTONIC is the caller's everywhere here, as time_namespaces(7) have it. */

/* How an operation found the channel: what `ok` and EPIPE mean. */
#define HCHAN_ST_OK		0 /* an element was moved */
#define HCHAN_ST_CLOSED		1 /* closed (C11, C12) */
#define HCHAN_ST_DISCONNECTED	2 /* the other side is gone (C49) */

/*
 * struct hchan_xfer - send or receive one element
 * @buf: in: the element's address (any value if @len is 0)
 * @len: in: send: bytes in the element; on a channel of fixed-size elements
 *	exactly that size. Receive: room at @buf.
 * @flags: in: HCHAN_NOWAIT, HCHAN_DEADLINE, HCHAN_REALTIME
 * @deadline: in: absolute nanoseconds; one that has passed means one try
 * @actual: out: receive: bytes in the element; with EMSGSIZE the bytes it needs
 * @status: out: HCHAN_ST_*
 *
 * HCHAN_IOC_SEND returns 0: matched with a receiver or buffered (C6). It writes
 * @status with EPIPE and nothing else.
 *
 * HCHAN_IOC_RECV returns 1 with an element (ok = true), or 0 with @status
 * closed or disconnected and, at @buf, a zero value of the element's size (of
 * length 0 for messages) (ok = false, C12). @actual and @status are written by
 * both and @actual by EMSGSIZE.
 *
 * Errors: EBADF (the descriptor does not have this direction, C42), EINVAL,
 * EFAULT (for a receive: nothing is lost, C38), EMSGSIZE (send: not the
 * channel's element size, or a message of no bytes or of more than it takes;
 * receive: @len is too short), EPIPE (send: closed or disconnected, no signal),
 * EAGAIN (HCHAN_NOWAIT or O_NONBLOCK), ETIMEDOUT, EINTR, ENOMEM (send of more
 * than the inline size).
 */
struct hchan_xfer {
	__u64 buf;
	__u32 len;
	__u32 flags;
	__s64 deadline;
	__u32 actual;
	__u32 status;
};

/*
 * struct hchan_sendrecv - send one element, then receive one: a request and its
 *	reply, or a reply and the next request, in one call
 * @send_buf, @send_len: in: the element for the channel of the call; as in hchan_xfer
 * @recv_buf, @recv_len: in: room for the one that is received; likewise
 * @recv_fd: in: the channel to receive from; may be the same
 * @flags: in: HCHAN_NOWAIT, HCHAN_DEADLINE, HCHAN_REALTIME, for each of the stages
 * @deadline: in: absolute nanoseconds, for both
 * @sent: in and out: 1: the send has happened, 0: not. With 1 the call only
 *	receives. So whatever ends it, the same call goes on from there.
 * @send_status: out: with EPIPE: how the send found its channel: HCHAN_ST_*
 * @actual, @status: out: as a receive's in hchan_xfer
 *
 * Two operations, one after the other, that report each for itself (C39); others
 * may come between them. What is wrong with the second is found before the first
 * is begun.
 *
 * Returns 1 with an element, 0 at the end of what there is to receive, as
 * HCHAN_IOC_RECV. Errors: those of a send, with @sent 0; those of a receive, with
 * @sent as it was or 1 (EAGAIN, ETIMEDOUT, EINTR, EMSGSIZE for a message, EFAULT);
 * EBADF also for @recv_fd: no channel, or no right to receive; EINVAL also for
 * @sent above 1.
 */
struct hchan_sendrecv {
	__u64 send_buf;
	__u64 recv_buf;
	__u32 send_len;
	__u32 recv_len;
	__s32 recv_fd;
	__u32 flags;
	__s64 deadline;
	__u32 sent;
	__u32 send_status;
	__u32 actual;
	__u32 status;
};

/*
 * struct hchan_batch - send or receive several elements, in order
 * @buf: in: the first element's address; they follow each other at @stride
 * @lens: in: messages: address of @count __u32; the lengths of the messages
 *	to send, or where to put those of the messages received. Else 0.
 * @stride: in: fixed-size elements: their size. Messages: bytes between one
 *	and the next at @buf, and the room for each.
 * @count: in: elements at @buf, at most INT_MAX; 0 does nothing
 * @flags: in: as in hchan_xfer; a receive also HCHAN_SOME
 * @done: out: elements moved, written always, also by a call that fails
 * @deadline: in: absolute nanoseconds
 * @actual: out: with EMSGSIZE on a receive the bytes which the message needs
 * @status: out: HCHAN_ST_*, where it stopped; written like @done
 *
 * Moves all @count elements before it returns; with HCHAN_SOME a receive waits
 * for the first and then takes what is there, with HCHAN_NOWAIT neither waits.
 * Returns the number of elements moved if there is at least one, whatever has
 * ended it (C39): a signal, or work for the task that has to interrupt a wait, as when
 * a command of its io_uring completes. A receive on a closed and drained channel
 * returns 0.
 *
 * While it waits it keeps its place in the queue for up to the query's
 * batch_bytes of its elements; a longer batch queues anew for the next ones. The
 * memory for that, if more than a few elements need it, is allocated before it
 * is parked; without it the batch queues anew more often, and does not fail.
 *
 * Errors, if nothing was moved: as for hchan_xfer.
 */
struct hchan_batch {
	__u64 buf;
	__u64 lens;
	__u32 stride;
	__u32 count;
	__u32 flags;
	__u32 done;
	__s64 deadline;
	__u32 actual;
	__u32 status;
};

/*
 * struct hchan_stat - a snapshot of a channel (C3)
 * @size: in: sizeof(struct hchan_stat); out: how much the kernel filled
 * @flags: out: HCHAN_MSG, HCHAN_DISCONNECT
 * @id: out: identity; equal for two descriptors of one channel, never reused
 * @capacity: out: elements
 * @length: out: elements buffered or returned
 * @type_tag: out: tag, or 0
 * @elem_size: out: bytes; for messages the longest
 * @state: out: HCHAN_S_*
 * @parked_senders: out: send operations that wait (C10)
 * @parked_receivers: out: receive operations that wait
 * @senders: out: open files that can send
 * @receivers: out: open files that can receive
 *
 * Needs no direction. Errors: EFAULT, EINVAL (@size).
 */
struct hchan_stat {
	__u32 size;
	__u32 flags;
	__u64 id;
	__u64 capacity;
	__u64 length;
	__u64 type_tag;
	__u32 elem_size;
	__u32 state;
	__u32 parked_senders;
	__u32 parked_receivers;
	__u32 senders;
	__u32 receivers;
};

#define HCHAN_S_CLOSED		0x1U
#define HCHAN_S_NO_SENDERS	0x2U /* the sending side is gone (C49) */
#define HCHAN_S_NO_RECEIVERS	0x4U /* the receiving side is gone (C49) */
#define HCHAN_S_TIMER		0x8U /* a timer: the kernel sends (C29) */
#define HCHAN_S_CTX		0x10U /* a context's done channel (C33) */

/*
 * struct hchan_statat - the same by name, through the directory
 * @name: in: address of @name_len bytes, no '/' among them
 * @stat: in: address of a struct hchan_stat, its @size set
 * @name_len: in: 1 to HCHAN_NAME_MAX
 * @__reserved: in: 0
 *
 * Counts nowhere (C49) and asks, like stat(2), for no permission on the channel.
 * Errors: EFAULT, EINVAL, ENAMETOOLONG, EACCES (directory), ENOENT, EXDEV.
 */
struct hchan_statat {
	__u64 name;
	__u64 stat;
	__u32 name_len;
	__u32 __reserved;
};

/*
 * struct hchan_narrow - a new descriptor of the same channel with fewer rights
 * @open_flags: in: O_RDONLY (receive only), O_WRONLY (send only) or O_RDWR,
 *	O_CLOEXEC, O_NONBLOCK
 * @__reserved: in: 0
 *
 * Returns the descriptor: an open file of its own. Never wider than the one it
 * is made from (EACCES, C42). Errors also: EINVAL, EFAULT, ENOMEM, EMFILE,
 * ENFILE.
 */
struct hchan_narrow {
	__u32 open_flags;
	__u32 __reserved;
};

/*
 * struct hchan_wait - wait until a channel is in a state
 * @what: in: HCHAN_W_*
 * @flags: in: HCHAN_NOWAIT, HCHAN_DEADLINE, HCHAN_REALTIME
 * @count: in: wait until there are at least this many
 * @deadline: in: absolute nanoseconds
 * @seen: out: how many there were at that moment; written on success only
 *
 * Changes nothing in the channel and needs no direction. A program that learns
 * from it that others are parked knows that they are parked: nothing in between
 * is reported. A state that comes and goes before the waiter runs is still seen.
 *
 * Returns 0. Errors: EINVAL, EFAULT, EAGAIN (HCHAN_NOWAIT), ETIMEDOUT, EINTR,
 * EBUSY (256 tasks wait so for this channel), EPIPE (the channel is closed and
 * there are fewer: it can not come true any more).
 */
struct hchan_wait {
	__u32 what;
	__u32 flags;
	__u64 count;
	__s64 deadline;
	__u64 seen;
};

#define HCHAN_W_RECEIVERS	0 /* parked receive operations */
#define HCHAN_W_SENDERS		1 /* parked send operations */
#define HCHAN_W_LENGTH		2 /* elements buffered or returned */

/*
 * struct hchan_case - one case of a select
 * @fd: in: a channel's descriptor; for HCHAN_CASE_POLL any that can be polled
 * @op: in: HCHAN_CASE_*
 * @flags: in: HCHAN_CASE_DROP, in a set only; else 0
 * @buf: in: the element's address
 * @len: in: send: bytes in the element; receive: room at @buf; as in hchan_xfer.
 *	Poll: the events asked for, as in poll(2).
 * @actual: out: receive: bytes in the element; with EMSGSIZE the bytes it needs.
 *	Poll: the events that have come. Send: 0.
 * @status: out: HCHAN_ST_*
 * @error: out: 0 or a negative errno. Send: -EPIPE on a channel that is closed or
 *	disconnected (C23); receive: -EMSGSIZE if the message is longer than
 *	@len, which then stays where it is.
 *
 * The out fields are written for the case that went and for no other. A receive
 * from a channel that has ended is @status closed or disconnected, @error 0, and
 * the zero value at @buf.
 */
struct hchan_case {
	__s32 fd;
	__u16 op;
	__u16 flags;
	__u64 buf;
	__u32 len;
	__u32 actual;
	__u32 status;
	__s32 error;
};

#define HCHAN_CASE_NIL		0 /* never ready (C4); nothing else of it is read */
#define HCHAN_CASE_SEND		1
#define HCHAN_CASE_RECV		2
#define HCHAN_CASE_POLL		3 /* wins by readiness, judged last (C19) */

/* Goes out of the set once it has found the channel's end: Go's ch = nil. */
#define HCHAN_CASE_DROP		0x1U

/*
 * struct hchan_select - do one of several cases, exactly one (C18)
 * @cases: in: address of @count struct hchan_case
 * @count: in: 0 to the query's select_cases
 * @flags: in: HCHAN_NOWAIT (Go's default), HCHAN_DEADLINE, HCHAN_REALTIME,
 *	HCHAN_FIRST, HCHAN_READY
 * @deadline: in: absolute nanoseconds; one that has passed means one try
 * @index: out: the case that went, or the one that an error is about
 * @__reserved: in: 0
 *
 * On any channel and on /dev/hchan; O_NONBLOCK of that descriptor and of the
 * cases' has no say. Several ready: each has the same chance (C20), with
 * HCHAN_FIRST the first listed wins. HCHAN_READY only tells which case would go
 * and does nothing: it never parks (C46), its answer may be stale when it
 * arrives, and of the case only poll's @actual is written.
 *
 * Returns the index of the case that went: look at its @error and @status.
 *
 * Errors, and nothing has happened: EINVAL (flags, @count, a case's op or flags),
 * EFAULT, EBADF (a case's @fd is no channel, is not open, or has not the
 * direction, C42, C48), EPERM (a case's descriptor can't be polled), EMSGSIZE
 * (a case's @len, as in hchan_xfer), E2BIG (the elements of the send cases are
 * more than the query's select_bytes; only if it has to park), EAGAIN
 * (HCHAN_NOWAIT and nothing is ready: default, C24), ETIMEDOUT, EINTR, ENOMEM.
 * @index is written if the error is a case's: EBADF, EPERM, EMSGSIZE, EINVAL and
 * EFAULT for its own sake; else it is left alone.
 */
struct hchan_select {
	__u64 cases;
	__u32 count;
	__u32 flags;
	__s64 deadline;
	__u32 index;
	__u32 __reserved;
};

#define HCHAN_FIRST		0x10U /* of several ready the first listed goes */
#define HCHAN_READY		0x20U /* only tell which would go */

/*
 * struct hchan_set - make a set: cases that are selected over again and again
 * @open_flags: in: O_CLOEXEC, O_NONBLOCK
 * @__reserved: in: 0
 *
 * On /dev/hchan and on any channel. Returns a descriptor. It can be polled:
 * EPOLLIN when a case is ready. Selecting costs by the cases that are ready, not
 * by all; waiting costs by those that are not disabled. What it and its cases take
 * counts among its maker's bytes (C50).
 *
 * Errors: EINVAL, EFAULT, EDQUOT, ENOMEM, EMFILE, ENFILE.
 */
struct hchan_set {
	__u32 open_flags;
	__u32 __reserved;
};

/*
 * struct hchan_set_ctl - add, change, disable, enable or remove a case
 * @op: in: HCHAN_SET_*
 * @id: in: the case's number; HCHAN_SET_ADD: 0
 * @c: in: HCHAN_SET_ADD, _PUT: the case, HCHAN_CASE_SEND or _RECV, its out
 *	fields 0; else all 0. HCHAN_SET_PUT: also HCHAN_CASE_NIL: there is none
 *	with that number then
 *
 * The set takes the channel and the direction from @c.fd and does not keep the
 * descriptor open: a case goes by itself when the open file behind it does.
 * @c.buf is read or written by the selects. A case that is put is enabled.
 *
 * Returns the case's number with HCHAN_SET_ADD, which is the lowest that is
 * free; else 0.
 *
 * Errors: EINVAL, EFAULT, EBADF, EMSGSIZE (as in a select), ENOENT (no such
 * case), EBUSY (a select over this set is under way), ENOSPC (the set has the
 * query's select_cases; or 256 sets and waiters watch the channel), EDQUOT, ENOMEM.
 */
struct hchan_set_ctl {
	__u32 op;
	__u32 id;
	struct hchan_case c;
};

#define HCHAN_SET_ADD		0
#define HCHAN_SET_PUT		1 /* in place of the one with that number, if any */
#define HCHAN_SET_DISABLE	2 /* never ready, as a nil channel */
#define HCHAN_SET_ENABLE	3
#define HCHAN_SET_REMOVE	4

/*
 * struct hchan_set_select - do one of a set's cases, exactly one
 * @flags: in: as in hchan_select; HCHAN_FIRST: the lowest number; HCHAN_LOST
 * @id: out: the case that went, or the one that EFAULT is about
 * @deadline: in: absolute nanoseconds
 * @actual, @status, @error: out: as in the hchan_case that went
 * @live: out: cases that are there and not disabled, after this one; 0 says that
 *	nothing will ever come. Written on success.
 *
 * Returns the case's number.
 *
 * Errors: as for a select; O_NONBLOCK of the set counts as HCHAN_NOWAIT (C43);
 * EBUSY (another select over this set is under way); ESTALE (HCHAN_LOST, and
 * since the last ESTALE a case has gone with its open file; nothing was tried).
 */
struct hchan_set_select {
	__u32 flags;
	__u32 id;
	__s64 deadline;
	__u32 actual;
	__u32 status;
	__s32 error;
	__u32 live;
};

/* Tell of cases that went by themselves, for who keeps a copy of the set. */
#define HCHAN_LOST		0x40U

/*
 * struct hchan_timer - make a timer or a ticker: a channel on which the kernel sends
 * @flags: in: HCHAN_REALTIME: on CLOCK_REALTIME, else on CLOCK_MONOTONIC;
 *	HCHAN_TIMER_TICK: over and over again
 * @open_flags: in: O_CLOEXEC, O_NONBLOCK
 * @due: in: absolute nanoseconds on that clock. What has passed is ready at once;
 *	HCHAN_TIMER_NEVER never comes (C31)
 * @period: in: with HCHAN_TIMER_TICK nanoseconds from one tick to the next, more than
 *	0 (C30); else 0
 *
 * Returns a descriptor, which can only receive: of elements of eight bytes, an __s64
 * with the time when the element was due (C29), and of capacity and length 0 to the eye.
 * It does whatever a channel does, but for HCHAN_IOC_SEND and _CLOSE (EBADF). Who has
 * it can set it, also by a descriptor made of it. Kept is the first tick that nobody has
 * received; those that come due meanwhile are lost (C30). It costs nothing any more
 * once the last descriptor is gone (C32); one whose tick waits to be received costs
 * memory alone.
 *
 * Errors: EINVAL, EFAULT, EDQUOT (it counts as a channel), ENOMEM, EMFILE, ENFILE.
 */
struct hchan_timer {
	__u32 flags;
	__u32 open_flags;
	__s64 due;
	__s64 period;
};

#define HCHAN_TIMER_TICK	0x8U
#define HCHAN_TIMER_STOP	0x10U /* only in hchan_timer_set */
#define HCHAN_TIMER_NEVER	0x7fffffffffffffffLL

/*
 * struct hchan_timer_set - set a timer anew, or stop it
 * @flags: in: HCHAN_TIMER_STOP (@due and @period are 0); else HCHAN_TIMER_TICK or
 *	not, with HCHAN_REALTIME if and only if that is the timer's clock, which stays
 * @__reserved: in: 0
 * @due, @period: in: as in hchan_timer
 *
 * Once it returns nothing of the old setting is received any more, not even what had
 * come due and was waiting (C29). A timer that is stopped is not closed (C30).
 *
 * Returns 1 if that has prevented a receive: it was set, and nobody had received its
 * (only, or a ticker's next) element; else 0. Errors: EINVAL, EFAULT; ENOTTY (no timer).
 */
struct hchan_timer_set {
	__u32 flags;
	__u32 __reserved;
	__s64 due;
	__s64 period;
};

#define HCHAN_CAUSE_MAX		120	/* bytes of a cause's text */

/*
 * struct hchan_cause - why a context is cancelled (C34)
 * @code: what it means is the programs' business; 0: not stated
 * @len: bytes of @text in use
 * @text: no NUL at its end; as a kernel's answer the rest is 0
 */
struct hchan_cause {
	__s32 code;
	__u32 len;
	char text[HCHAN_CAUSE_MAX];
};

/*
 * struct hchan_ctx - make a context
 * @size: in: sizeof(struct hchan_ctx); a later, longer one is accepted as long as
 *	what this kernel does not know is zero (E2BIG)
 * @flags: in: HCHAN_CTX_* and HCHAN_DEADLINE
 * @open_flags: in: O_CLOEXEC, O_NONBLOCK of each descriptor that is made
 * @cancel_fd: out: with HCHAN_CTX_CANCEL the descriptor that cancels; else -1
 * @deadline: in: with HCHAN_DEADLINE absolute nanoseconds on CLOCK_MONOTONIC, else 0
 * @cause: in: with HCHAN_DEADLINE address of the struct hchan_cause that goes with it, or 0
 * @key: in: address of @key_len bytes: the context carries a value; else 0
 * @value: in: address of @value_len bytes
 * @key_len: in: 0 (no value), or 1 to HCHAN_CTX_KEY_MAX
 * @value_len: in: 0 to HCHAN_CTX_VALUE_MAX
 * @id: out: the done channel's identity
 *
 * On /dev/hchan: a child of the background, which is never cancelled (C36). On a
 * context: its child, in any process.
 *
 * Returns a descriptor of the new context, which is at the same time its done channel:
 * elements of no bytes, none of which ever comes, closed when the context is done. It
 * can only receive, is selected on, polled, inherited and passed like every channel,
 * and lives, with all above it, as long as a descriptor of it or of something below.
 *
 * A context is done once it is cancelled, its deadline has passed, or its parent is done;
 * all the descendants are done before the call that caused it returns (C33), with one
 * cause (C34). One that is made when its parent is done, or its deadline has passed, is
 * born so (C35). Who is to be able to cancel needs @cancel_fd, which no child inherits.
 *
 * Errors: EINVAL (also a @cause whose @len is too long, and _ON_LOSS without _CANCEL),
 * E2BIG, EFAULT, EMSGSIZE (@key_len, @value_len), EDQUOT (it counts as a channel, its
 * value's bytes as that channel's), ENOMEM, EMFILE, ENFILE, EINTR (being killed); ENOTTY
 * (a channel that is no context).
 */
struct hchan_ctx {
	__u32 size;
	__u32 flags;
	__u32 open_flags;
	__s32 cancel_fd;
	__s64 deadline;
	__u64 cause;
	__u64 key;
	__u64 value;
	__u32 key_len;
	__u32 value_len;
	__u64 id;
};

#define HCHAN_CTX_CANCEL	0x10U /* make a descriptor that cancels */
#define HCHAN_CTX_ON_LOSS	0x20U /* when its last holder is gone, too (C34) */
/* ... with a cause of code 0 and this text: */
#define HCHAN_CTX_LOST		"canceller gone"
#define HCHAN_CTX_DETACH	0x40U /* keep the parent's values and nothing else (C36) */
#define HCHAN_CTX_KEY_MAX	255
#define HCHAN_CTX_VALUE_MAX	4096

/*
 * struct hchan_ctx_stat - what has become of a context
 * @size: in: sizeof(struct hchan_ctx_stat); out: how much the kernel filled
 * @err: out: HCHAN_CTX_ERR_*; the first stays (C34)
 * @id: out: the done channel's identity
 * @deadline: out: the earliest of its own and those above it (C35);
 *	HCHAN_TIMER_NEVER: none
 * @children: out: contexts right below it that are not done
 * @__reserved: out: 0
 * @cause: out: why, once it is done; a deadline's or a cancel's without one: all 0; the
 *	loss of the right to cancel: code 0 and HCHAN_CTX_LOST
 *
 * On a context and on the descriptor that cancels it. Errors: EFAULT, EINVAL (@size),
 * EINTR (being killed), ENOTTY (no context).
 */
struct hchan_ctx_stat {
	__u32 size;
	__u32 err;
	__u64 id;
	__s64 deadline;
	__u32 children;
	__u32 __reserved;
	struct hchan_cause cause;
};

#define HCHAN_CTX_ERR_NONE	0
#define HCHAN_CTX_ERR_CANCELLED	1
#define HCHAN_CTX_ERR_DEADLINE	2

/*
 * struct hchan_ctx_value - look for a value, from a context upwards (C37)
 * @key: in: address of @key_len bytes
 * @buf: in: where to put the value
 * @key_len: in: 1 to HCHAN_CTX_KEY_MAX
 * @len: in: room there
 * @actual: out: bytes in the value, also with EMSGSIZE; 0 if that is about the key
 * @__reserved: in: 0
 *
 * Returns 0. Errors: ENOENT (no context from here up has it), EMSGSIZE (@len is too
 * short; or @key_len), EINVAL, EFAULT, EINTR (being killed on a long way up), ENOTTY (no
 * context).
 */
struct hchan_ctx_value {
	__u64 key;
	__u64 buf;
	__u32 key_len;
	__u32 len;
	__u32 actual;
	__u32 __reserved;
};

#define HCHAN_IOC_MAGIC		0xC7

/* On /dev/hchan, a directory, a channel, a set: */
#define HCHAN_IOC_QUERY		_IOWR(HCHAN_IOC_MAGIC, 0x00, struct hchan_query)
/* On /dev/hchan, or by name on a directory: */
#define HCHAN_IOC_CREATE	_IOWR(HCHAN_IOC_MAGIC, 0x01, struct hchan_create)
/* On a directory: */
#define HCHAN_IOC_STATAT	_IOW(HCHAN_IOC_MAGIC, 0x02, struct hchan_statat)
/* On a channel: */
#define HCHAN_IOC_SEND		_IOWR(HCHAN_IOC_MAGIC, 0x10, struct hchan_xfer)
#define HCHAN_IOC_RECV		_IOWR(HCHAN_IOC_MAGIC, 0x11, struct hchan_xfer)
#define HCHAN_IOC_SENDN		_IOWR(HCHAN_IOC_MAGIC, 0x12, struct hchan_batch)
#define HCHAN_IOC_RECVN		_IOWR(HCHAN_IOC_MAGIC, 0x13, struct hchan_batch)
/*
 * Close the channel for everybody (C15). No argument (0). Errors: EALREADY
 * (C16), EBADF (the descriptor may not send), EINVAL (argument).
 */
#define HCHAN_IOC_CLOSE		_IO(HCHAN_IOC_MAGIC, 0x14)
#define HCHAN_IOC_STAT		_IOWR(HCHAN_IOC_MAGIC, 0x15, struct hchan_stat)
#define HCHAN_IOC_NARROW	_IOW(HCHAN_IOC_MAGIC, 0x16, struct hchan_narrow)
#define HCHAN_IOC_WAIT		_IOWR(HCHAN_IOC_MAGIC, 0x17, struct hchan_wait)
/*
 * How many nanoseconds the calls that wait on this channel may look for their partner
 * at most before they sleep: 0 to HCHAN_SPIN_MAX, rounded up to microseconds, or
 * HCHAN_SPIN_DEFAULT, as the module's parameter spin_ns says (so is a new channel). They
 * do while their partners run on other processors and come in that time, and change
 * nothing but how long it takes: who looks is parked. It does not concern
 * selects, HCHAN_IOC_WAIT and commands of io_uring, nor a machine with one processor.
 * For all who have the channel; needs no direction. Returns 0. Errors: EFAULT, EINVAL.
 */
#define HCHAN_IOC_SPIN		_IOW(HCHAN_IOC_MAGIC, 0x1e, __u32)
#define HCHAN_SPIN_MAX		50000U
#define HCHAN_SPIN_DEFAULT	0xffffffffU
#define HCHAN_IOC_SENDRECV	_IOWR(HCHAN_IOC_MAGIC, 0x18, \
				      struct hchan_sendrecv)
/* On a channel and on /dev/hchan: */
#define HCHAN_IOC_SELECT	_IOWR(HCHAN_IOC_MAGIC, 0x19, struct hchan_select)
#define HCHAN_IOC_SET		_IOW(HCHAN_IOC_MAGIC, 0x1a, struct hchan_set)
/* On a set: */
#define HCHAN_IOC_SET_CTL	_IOW(HCHAN_IOC_MAGIC, 0x1b, struct hchan_set_ctl)
#define HCHAN_IOC_SET_SELECT	_IOWR(HCHAN_IOC_MAGIC, 0x1c, struct hchan_set_select)

/* On /dev/hchan and on any channel: */
#define HCHAN_IOC_TIMER		_IOW(HCHAN_IOC_MAGIC, 0x1f, struct hchan_timer)
/* On a timer: */
#define HCHAN_IOC_TIMER_SET	_IOW(HCHAN_IOC_MAGIC, 0x20, struct hchan_timer_set)
/* On /dev/hchan and on a context: */
#define HCHAN_IOC_CTX		_IOWR(HCHAN_IOC_MAGIC, 0x21, struct hchan_ctx)
/*
 * On the descriptor that cancels: cancel the context, with all below it, because of
 * the struct hchan_cause at that address, or of nothing stated (0). Returns 1 if that was
 * it, 0 if the context was done before; either way all below it are done. It needs no
 * memory, and waits for others only while they cancel in the same tree, or make contexts
 * in it; so does close(2) of the last one with HCHAN_CTX_ON_LOSS. Errors: EFAULT, EINVAL
 * (@len of the cause), EINTR (being killed before it began).
 */
#define HCHAN_IOC_CTX_CANCEL	_IOW(HCHAN_IOC_MAGIC, 0x22, struct hchan_cause)
/* On a context, and on the descriptor that cancels it: */
#define HCHAN_IOC_CTX_STAT	_IOWR(HCHAN_IOC_MAGIC, 0x23, struct hchan_ctx_stat)
/* On a context: */
#define HCHAN_IOC_CTX_VALUE	_IOWR(HCHAN_IOC_MAGIC, 0x24, struct hchan_ctx_value)

/*
 * struct hchan_uring_cmd - an operation through io_uring (C51)
 * @arg: in: what the ioctl of the same number takes: the address of its structure,
 *	or 0. HCHAN_URING_CANCEL: user_data of the command to be cancelled
 * @__reserved: in: 0
 *
 * Lies in the cmd field of an SQE of IORING_OP_URING_CMD, whose fd is a channel
 * (or a fixed file that is one; HCHAN_IOC_SELECT and HCHAN_URING_CANCEL: or
 * /dev/hchan) and whose cmd_op is HCHAN_IOC_SEND, _RECV, _SENDN, _RECVN, _CLOSE,
 * _SELECT or HCHAN_URING_CANCEL. The CQE's res is what the ioctl returns.
 *
 * An operation that has to wait does not block: it is parked, where the query says
 * HCHAN_FEAT_URING_PARK, with its place in the queue as any other; else, and on a
 * descriptor with O_NONBLOCK, res is EAGAIN, whatever the deadline. The structures and
 * an element that is sent are read when the command is issued, before it is parked (of a
 * batch the query's batch_bytes, the rest as it gets on); results and an element that is
 * received are written in the submitter's task before the CQE is there. Until then the
 * structure and the buffers of a receive or a batch stay where they are. The files of
 * a select's cases are held open.
 *
 * A command ends exactly once: by itself, by its deadline, by HCHAN_URING_CANCEL, or
 * with its ring, as when its process ends. (If the ring lives on without the thread, or
 * the child that inherited it, which submitted the command, it stays parked; what it is
 * matched with then is returned, with IORING_SETUP_DEFER_TASKRUN only when the ring
 * goes.) A cancelled one has res ECANCELED and has not
 * happened, but for a batch that has moved elements: its res counts them. An element
 * that was matched with a command whose task is being killed, exits as a whole or is
 * in execve(2) is returned to the channel, and the command is cancelled (C41).
 * IORING_OP_ASYNC_CANCEL and IORING_OP_LINK_TIMEOUT do not see parked commands.
 *
 * Linux 6.12 reads a command that is linked behind another one only when that has
 * completed, from the submission queue, unless it has IOSQE_ASYNC.
 *
 * Errors, besides those of the ioctls: EOPNOTSUPP (a ring with IORING_SETUP_IOPOLL),
 * ENOTTY (no such cmd_op), EINVAL (also HCHAN_READY and HCHAN_CASE_POLL in a
 * select, and a batch of more than 65,535 elements), ECANCELED, ENOMEM (it has to wait).
 */
struct hchan_uring_cmd {
	__u64 arg;
	__u64 __reserved;
};

/*
 * Asks a parked command of the same ring to end: of several with that user_data any.
 * res is 0: it was asked, and its own CQE tells whether it has happened; ENOENT: there
 * is none.
 */
#define HCHAN_URING_CANCEL	_IO(HCHAN_IOC_MAGIC, 0x1d)

#endif /* _UAPI_LINUX_HCHAN_H */
