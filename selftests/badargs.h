/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of badargs.c: calls, each by what differs from an argument that
 * works. Without an error it works too.
 */
#ifndef BADARGS_H
#define BADARGS_H

#include "bad.h"

/* The fields that rows set, in whichever structure they are. */
enum field {
	F_SIZE = 1,
	F_FLAGS,
	F_ELEM_SIZE,
	F_OPEN_FLAGS,
	F_CAPACITY,
	F_TYPE_TAG,
	F_NAME,
	F_NAME_LEN,
	F_MODE,
	F_TAIL,		/* the 8 bytes behind the structure */
	F_RESERVED,
	F_LEN,
	F_DEADLINE,
	F_LENS,
	F_STRIDE,
	F_COUNT,
	F_WHAT,
	F_DUE,
	F_PERIOD,
};

struct set {
	enum field field;
	uint64_t value;
};

/*
 * struct row - a call
 * @error: 0: it works
 * @each: the first of @set is tried with each of its bits by itself
 * @name: on a directory, another one than the usual, of @name_len bytes
 * @lens: messages: their lengths
 * @need: with EMSGSIZE on a receive: the size it has to tell
 * @tail: poisoned bytes behind the structure, which count as part of it
 * @inner: for the struct hchan_stat of HCHAN_IOC_STATAT
 * @no_fd: no further descriptor can be had
 */
struct row {
	enum bad_on on;
	const char *what;
	int error;
	bool each;
	struct set set[4];
	const char *name;
	uint32_t name_len;
	uint32_t lens[2];
	uint32_t need;
	uint32_t tail;
	struct set inner;
	bool no_fd;
};

static const struct row query_rows[] = {
	{ .on = ON_DEV, .what = "of a size" },
	{ .on = ON_DIR, .what = "of a size" },
	{ .on = ON_RX, .what = "of a size" },
	{ .on = ON_DEV, .what = "longer than known", .tail = 8,
	  .set = { { F_SIZE, sizeof(struct hchan_query) + 8 } } },
	{ .on = ON_DEV, .what = "size 0", .error = EINVAL,
	  .set = { { F_SIZE, 0 } } },
	{ .on = ON_DEV, .what = "size too small", .error = EINVAL,
	  .set = { { F_SIZE, sizeof(struct hchan_query) - 1 } } },
	{ .on = ON_DIR, .what = "size too small", .error = EINVAL,
	  .set = { { F_SIZE, sizeof(struct hchan_query) - 1 } } },
	{ .on = ON_FIXED, .what = "size too small", .error = EINVAL,
	  .set = { { F_SIZE, sizeof(struct hchan_query) - 1 } } },
	{ .on = ON_DEV, .what = "size absurd", .error = EINVAL,
	  .set = { { F_SIZE, UINT32_MAX } } },
};

#define DIR_FLAGS (HCHAN_CREATE | HCHAN_EXCL | HCHAN_EXPECT | HCHAN_NO_OPEN)
#define CREATE_FLAGS (HCHAN_MSG | HCHAN_DISCONNECT | DIR_FLAGS)
#define OPEN_FLAGS (O_ACCMODE | O_CLOEXEC | O_NONBLOCK)

static const struct row create_rows[] = {
	{ .on = ON_DEV, .what = "elements" },
	{ .on = ON_DEV, .what = "the longest elements",
	  .set = { { F_ELEM_SIZE, HCHAN_ELEM_MAX } } },
	{ .on = ON_DEV, .what = "longer than known, zeroes", .tail = 8,
	  .set = { { F_SIZE, sizeof(struct hchan_create) + 8 },
		   { F_TAIL, 0 } } },
	{ .on = ON_DEV, .what = "longer than known", .error = E2BIG, .tail = 8,
	  .set = { { F_SIZE, sizeof(struct hchan_create) + 8 } } },
	{ .on = ON_DEV, .what = "longer than known by a byte", .error = E2BIG,
	  .tail = 1, .set = { { F_SIZE, sizeof(struct hchan_create) + 1 } } },
	{ .on = ON_DEV, .what = "size 0", .error = EINVAL,
	  .set = { { F_SIZE, 0 } } },
	{ .on = ON_DEV, .what = "size too small", .error = EINVAL,
	  .set = { { F_SIZE, sizeof(struct hchan_create) - 1 } } },
	{ .on = ON_DEV, .what = "size absurd", .error = EINVAL,
	  .set = { { F_SIZE, UINT32_MAX } } },
	{ .on = ON_DEV, .what = "unknown flags", .error = EINVAL, .each = true,
	  .set = { { F_FLAGS, (uint32_t)~CREATE_FLAGS } } },
	{ .on = ON_DEV, .what = "a directory's flags", .error = EINVAL,
	  .each = true, .set = { { F_FLAGS, DIR_FLAGS } } },
	{ .on = ON_DEV, .what = "elements too long", .error = EMSGSIZE,
	  .set = { { F_ELEM_SIZE, HCHAN_ELEM_MAX + 1 } } },
	{ .on = ON_DEV, .what = "elements far too long", .error = EMSGSIZE,
	  .set = { { F_ELEM_SIZE, UINT32_MAX } } },
	{ .on = ON_DEV, .what = "messages too long", .error = EMSGSIZE,
	  .set = { { F_FLAGS, HCHAN_MSG },
		   { F_ELEM_SIZE, HCHAN_ELEM_MAX + 1 } } },
	{ .on = ON_DEV, .what = "messages of no size", .error = EMSGSIZE,
	  .set = { { F_FLAGS, HCHAN_MSG }, { F_ELEM_SIZE, 0 } } },
	{ .on = ON_DEV, .what = "both directions' bits of open_flags",
	  .error = EINVAL, .set = { { F_OPEN_FLAGS, O_ACCMODE } } },
	{ .on = ON_DEV, .what = "unknown open_flags", .error = EINVAL,
	  .each = true, .set = { { F_OPEN_FLAGS, (uint32_t)~OPEN_FLAGS } } },
	{ .on = ON_DEV, .what = "capacity", .error = EOVERFLOW,
	  .set = { { F_CAPACITY, INT32_MAX + 1ull } } },
	{ .on = ON_DEV, .what = "capacity of no bytes", .error = EOVERFLOW,
	  .set = { { F_CAPACITY, INT32_MAX + 1ull }, { F_ELEM_SIZE, 0 } } },
	{ .on = ON_DEV, .what = "capacity of 33 bits and more",
	  .error = EOVERFLOW, .each = true,
	  .set = { { F_CAPACITY, 0xffffffff00000000 } } },
	{ .on = ON_DEV, .what = "capacity of more bytes than may be",
	  .error = EOVERFLOW, .set = { { F_CAPACITY, INT32_MAX } } },
	{ .on = ON_DEV, .what = "capacity of large elements",
	  .error = EOVERFLOW,
	  .set = { { F_CAPACITY, INT32_MAX },
		   { F_ELEM_SIZE, HCHAN_ELEM_MAX } } },
	{ .on = ON_DEV, .what = "capacity of messages", .error = EOVERFLOW,
	  .set = { { F_CAPACITY, INT32_MAX }, { F_FLAGS, HCHAN_MSG } } },
	{ .on = ON_DEV, .what = "a name", .error = EINVAL,
	  .set = { { F_NAME, BLOCK_AT(B_NAME) } } },
	{ .on = ON_DEV, .what = "a name's length", .error = EINVAL,
	  .set = { { F_NAME_LEN, 1 } } },
	{ .on = ON_DEV, .what = "a mode", .error = EINVAL, .each = true,
	  .set = { { F_MODE, UINT32_MAX } } },
	{ .on = ON_DEV, .what = "no descriptor left", .error = EMFILE,
	  .no_fd = true },

	{ .on = ON_DIR, .what = "a name" },
	{ .on = ON_DIR, .what = "a name, without a descriptor",
	  .set = { { F_FLAGS, HCHAN_CREATE | HCHAN_NO_OPEN },
		   { F_OPEN_FLAGS, 0 } } },
	{ .on = ON_DIR, .what = "what there is", .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_EXPECT }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "a name that is there", .error = EEXIST,
	  .name = BAD_NAME },
	{ .on = ON_DIR, .what = "a name that is not there", .error = ENOENT,
	  .set = { { F_FLAGS, 0 }, { F_ELEM_SIZE, 0 }, { F_CAPACITY, 0 },
		   { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "a name that is not there, expected",
	  .error = ENOENT,
	  .set = { { F_FLAGS, HCHAN_EXPECT }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "another element size", .error = EPROTOTYPE,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_CREATE }, { F_ELEM_SIZE, 9 } } },
	{ .on = ON_DIR, .what = "another element size expected",
	  .error = EPROTOTYPE, .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_EXPECT }, { F_ELEM_SIZE, 0 },
		   { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "messages for elements", .error = EPROTOTYPE,
	  .name = BAD_NAME, .set = { { F_FLAGS, HCHAN_CREATE | HCHAN_MSG } } },
	{ .on = ON_DIR, .what = "another tag", .error = EPROTOTYPE,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_CREATE },
		   { F_TYPE_TAG, BAD_TAG + (1ull << 32) } } },
	{ .on = ON_DIR, .what = "unknown flags", .error = EINVAL, .each = true,
	  .set = { { F_FLAGS, (uint32_t)~CREATE_FLAGS } } },
	{ .on = ON_DIR, .what = "exclusive without creating", .error = EINVAL,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_EXPECT | HCHAN_EXCL }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "created and expected", .error = EINVAL,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_CREATE | HCHAN_EXPECT } } },
	{ .on = ON_DIR, .what = "a size that is not stated", .error = EINVAL,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, 0 }, { F_CAPACITY, 0 }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "a capacity that is not stated",
	  .error = EINVAL, .name = BAD_NAME,
	  .set = { { F_FLAGS, 0 }, { F_ELEM_SIZE, 0 }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "messages that are not stated", .error = EINVAL,
	  .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_MSG }, { F_ELEM_SIZE, 0 },
		   { F_CAPACITY, 0 }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "disconnection that is not stated",
	  .error = EINVAL, .name = BAD_NAME,
	  .set = { { F_FLAGS, HCHAN_DISCONNECT }, { F_ELEM_SIZE, 0 },
		   { F_CAPACITY, 0 }, { F_MODE, 0 } } },
	{ .on = ON_DIR, .what = "a mode without creating", .error = EINVAL,
	  .name = BAD_NAME, .set = { { F_FLAGS, HCHAN_EXPECT } } },
	{ .on = ON_DIR, .what = "more than permissions in mode",
	  .error = EINVAL, .each = true,
	  .set = { { F_MODE, (uint32_t)~0777 } } },
	{ .on = ON_DIR, .what = "open_flags without a descriptor",
	  .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_CREATE | HCHAN_NO_OPEN } } },
	{ .on = ON_DIR, .what = "unknown open_flags", .error = EINVAL,
	  .each = true, .set = { { F_OPEN_FLAGS, (uint32_t)~OPEN_FLAGS } } },
	{ .on = ON_DIR, .what = "both directions' bits of open_flags",
	  .error = EINVAL, .set = { { F_OPEN_FLAGS, O_ACCMODE } } },
	{ .on = ON_DIR, .what = "elements too long", .error = EMSGSIZE,
	  .set = { { F_ELEM_SIZE, HCHAN_ELEM_MAX + 1 } } },
	{ .on = ON_DIR, .what = "messages of no size", .error = EMSGSIZE,
	  .set = { { F_FLAGS, HCHAN_CREATE | HCHAN_MSG },
		   { F_ELEM_SIZE, 0 } } },
	{ .on = ON_DIR, .what = "capacity", .error = EOVERFLOW,
	  .set = { { F_CAPACITY, INT32_MAX + 1ull } } },
	{ .on = ON_DIR, .what = "no name", .error = EINVAL,
	  .set = { { F_NAME_LEN, 0 } } },
	{ .on = ON_DIR, .what = "a name too long", .error = ENAMETOOLONG,
	  .set = { { F_NAME_LEN, HCHAN_NAME_MAX + 1 } } },
	{ .on = ON_DIR, .what = "a name far too long", .error = ENAMETOOLONG,
	  .set = { { F_NAME_LEN, UINT32_MAX } } },
	{ .on = ON_DIR, .what = "a path", .error = EINVAL, .name = "a/b" },
	{ .on = ON_DIR, .what = "a slash", .error = EINVAL, .name = "/" },
	{ .on = ON_DIR, .what = "itself", .error = EINVAL, .name = "." },
	{ .on = ON_DIR, .what = "its parent", .error = EINVAL, .name = ".." },
	{ .on = ON_DIR, .what = "a name with an end in it", .error = EINVAL,
	  .name = "a\0b", .name_len = 3 },
	{ .on = ON_DIR, .what = "an empty name with a length", .error = EINVAL,
	  .name = "\0", .name_len = 1 },
	{ .on = ON_DIR, .what = "no descriptor left", .error = EMFILE,
	  .no_fd = true },
};

static const struct row statat_rows[] = {
	{ .on = ON_DIR, .what = "what there is" },
	{ .on = ON_DIR, .what = "reserved", .error = EINVAL, .each = true,
	  .set = { { F_RESERVED, UINT32_MAX } } },
	{ .on = ON_DIR, .what = "no name", .error = EINVAL,
	  .set = { { F_NAME_LEN, 0 } } },
	{ .on = ON_DIR, .what = "a name too long", .error = ENAMETOOLONG,
	  .set = { { F_NAME_LEN, HCHAN_NAME_MAX + 1 } } },
	{ .on = ON_DIR, .what = "a name that is not there", .error = ENOENT,
	  .name = BAD_NEW },
	{ .on = ON_DIR, .what = "part of a name", .error = ENOENT,
	  .set = { { F_NAME_LEN, 4 } } },
	{ .on = ON_DIR, .what = "a path", .error = EINVAL,
	  .name = "there/there" },
	{ .on = ON_DIR, .what = "itself", .error = EINVAL, .name = "." },
	{ .on = ON_DIR, .what = "its parent", .error = EINVAL, .name = ".." },
	{ .on = ON_DIR, .what = "a name with an end in it", .error = EINVAL,
	  .name = "there\0", .name_len = 6 },
	{ .on = ON_DIR, .what = "size 0", .error = EINVAL,
	  .inner = { F_SIZE, 0 } },
	{ .on = ON_DIR, .what = "size too small", .error = EINVAL,
	  .inner = { F_SIZE, sizeof(struct hchan_stat) - 1 } },
	{ .on = ON_DIR, .what = "size absurd", .error = EINVAL,
	  .inner = { F_SIZE, UINT32_MAX } },
};

#define WAIT_FLAGS (HCHAN_NOWAIT | HCHAN_DEADLINE | HCHAN_REALTIME)

/* What the flags and the deadline of everything that may wait can not be. */
static const struct row waiting_rows[] = {
	{ .on = ON_FIXED, .what = "unknown flags", .error = EINVAL, .each = true,
	  .set = { { F_FLAGS, (uint32_t)~(WAIT_FLAGS | HCHAN_SOME) } } },
	{ .on = ON_FIXED, .what = "no waiting with a deadline", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_NOWAIT | HCHAN_DEADLINE } } },
	{ .on = ON_FIXED, .what = "no waiting by a clock", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_NOWAIT | HCHAN_REALTIME } } },
	{ .on = ON_FIXED, .what = "a clock without a deadline", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_REALTIME } } },
	{ .on = ON_FIXED, .what = "a deadline that does not count",
	  .error = EINVAL, .each = true,
	  .set = { { F_DEADLINE, UINT64_MAX }, { F_FLAGS, 0 } } },
	{ .on = ON_FIXED, .what = "a deadline and no waiting", .error = EINVAL,
	  .set = { { F_DEADLINE, 1 } } },
};

/* The same call where it would have to wait. */
static const struct row waited_rows[] = {
	{ .on = ON_EMPTY, .what = "no waiting", .error = EAGAIN },
	{ .on = ON_EMPTY, .what = "a deadline in the past", .error = ETIMEDOUT,
	  .set = { { F_FLAGS, HCHAN_DEADLINE }, { F_DEADLINE, 1 } } },
	{ .on = ON_EMPTY, .what = "a deadline before all time", .error = ETIMEDOUT,
	  .set = { { F_FLAGS, HCHAN_DEADLINE }, { F_DEADLINE, INT64_MIN } } },
	{ .on = ON_EMPTY, .what = "a real deadline in the past", .error = ETIMEDOUT,
	  .set = { { F_FLAGS, HCHAN_DEADLINE | HCHAN_REALTIME },
		   { F_DEADLINE, 1 } } },
};

static const struct row send_rows[] = {
	{ .on = ON_FIXED, .what = "an element" },
	{ .on = ON_TX, .what = "an element" },
	{ .on = ON_MSG, .what = "a message" },
	{ .on = ON_ZERO, .what = "an element" },
	{ .on = ON_BIG, .what = "an element" },
	{ .on = ON_RX, .what = "an element", .error = EBADF },
	{ .on = ON_CLOSED, .what = "an element", .error = EPIPE },
	{ .on = ON_FIXED, .what = "for the first element only", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_SOME } } },
	{ .on = ON_FIXED, .what = "len 0", .error = EMSGSIZE,
	  .set = { { F_LEN, 0 } } },
	{ .on = ON_FIXED, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, 7 } } },
	{ .on = ON_FIXED, .what = "len too long", .error = EMSGSIZE,
	  .set = { { F_LEN, 9 } } },
	{ .on = ON_FIXED, .what = "len absurd", .error = EMSGSIZE,
	  .set = { { F_LEN, UINT32_MAX } } },
	{ .on = ON_CLOSED, .what = "len of a closed channel", .error = EMSGSIZE,
	  .set = { { F_LEN, 7 } } },
	{ .on = ON_MSG, .what = "len 0", .error = EMSGSIZE,
	  .set = { { F_LEN, 0 } } },
	{ .on = ON_MSG, .what = "len too long", .error = EMSGSIZE,
	  .set = { { F_LEN, MSG_MAX + 1 } } },
	{ .on = ON_MSG, .what = "len absurd", .error = EMSGSIZE,
	  .set = { { F_LEN, UINT32_MAX } } },
	{ .on = ON_ZERO, .what = "len too long", .error = EMSGSIZE,
	  .set = { { F_LEN, 1 } } },
	{ .on = ON_BIG, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, BIG_SIZE - 1 } } },
};

static const struct row recv_rows[] = {
	{ .on = ON_FIXED, .what = "an element" },
	{ .on = ON_RX, .what = "an element" },
	{ .on = ON_MSG, .what = "a message" },
	{ .on = ON_ZERO, .what = "an element" },
	{ .on = ON_BIG, .what = "an element" },
	{ .on = ON_CLOSED, .what = "the end" },
	{ .on = ON_FIXED, .what = "more room than memory",
	  .set = { { F_LEN, UINT32_MAX } } },
	{ .on = ON_TX, .what = "an element", .error = EBADF },
	{ .on = ON_FIXED, .what = "for the first element only", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_SOME } } },
	{ .on = ON_FIXED, .what = "len 0", .error = EMSGSIZE,
	  .set = { { F_LEN, 0 } }, .need = 8 },
	{ .on = ON_FIXED, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, 7 } }, .need = 8 },
	{ .on = ON_EMPTY, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, 7 } }, .need = 8 },
	{ .on = ON_BIG, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, BIG_SIZE - 1 } }, .need = BIG_SIZE },
	{ .on = ON_MSG, .what = "len 0", .error = EMSGSIZE,
	  .set = { { F_LEN, 0 } }, .need = MSG_LEN },
	{ .on = ON_MSG, .what = "len too short", .error = EMSGSIZE,
	  .set = { { F_LEN, MSG_LEN - 1 } }, .need = MSG_LEN },
};

/* Of both directions. */
static const struct row batch_rows[] = {
	{ .on = ON_FIXED, .what = "elements" },
	{ .on = ON_MSG, .what = "messages" },
	{ .on = ON_ZERO, .what = "elements" },
	{ .on = ON_BIG, .what = "elements" },
	{ .on = ON_FIXED, .what = "none", .set = { { F_COUNT, 0 } } },
	{ .on = ON_FIXED, .what = "for the first element only, and none",
	  .error = EINVAL, .set = { { F_FLAGS, HCHAN_SOME | HCHAN_NOWAIT } } },
	{ .on = ON_FIXED, .what = "count too large", .error = EINVAL,
	  .set = { { F_COUNT, INT32_MAX + 1u } } },
	{ .on = ON_FIXED, .what = "count absurd", .error = EINVAL,
	  .set = { { F_COUNT, UINT32_MAX } } },
	{ .on = ON_ZERO, .what = "count of no bytes", .error = EINVAL,
	  .set = { { F_COUNT, INT32_MAX + 1u } } },
	{ .on = ON_FIXED, .what = "stride 0", .error = EMSGSIZE,
	  .set = { { F_STRIDE, 0 } } },
	{ .on = ON_FIXED, .what = "stride too small", .error = EMSGSIZE,
	  .set = { { F_STRIDE, 7 } } },
	{ .on = ON_FIXED, .what = "stride too large", .error = EMSGSIZE,
	  .set = { { F_STRIDE, 16 } } },
	{ .on = ON_ZERO, .what = "stride of nothing", .error = EMSGSIZE,
	  .set = { { F_STRIDE, 1 } } },
	{ .on = ON_FIXED, .what = "lengths of elements", .error = EINVAL,
	  .set = { { F_LENS, BLOCK_AT(B_NAME) } } },
	{ .on = ON_MSG, .what = "no lengths of messages", .error = EINVAL,
	  .set = { { F_LENS, 0 } } },
	{ .on = ON_MSG, .what = "all of memory", .error = EFAULT,
	  .set = { { F_STRIDE, UINT32_MAX }, { F_COUNT, INT32_MAX } } },
};

static const struct row sendn_rows[] = {
	{ .on = ON_TX, .what = "elements" },
	{ .on = ON_RX, .what = "elements", .error = EBADF },
	{ .on = ON_CLOSED, .what = "elements", .error = EPIPE },
	{ .on = ON_FIXED, .what = "for the first element only", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_SOME } } },
	{ .on = ON_MSG, .what = "a message of length 0", .error = EMSGSIZE,
	  .lens = { 0, MSG_LEN } },
	{ .on = ON_MSG, .what = "a message too long", .error = EMSGSIZE,
	  .lens = { MSG_MAX + 1, MSG_LEN } },
	{ .on = ON_MSG, .what = "a message of absurd length", .error = EMSGSIZE,
	  .lens = { UINT32_MAX, MSG_LEN } },
	{ .on = ON_MSG, .what = "a message longer than its place",
	  .error = EMSGSIZE, .set = { { F_STRIDE, MSG_LEN - 1 } } },
};

static const struct row recvn_rows[] = {
	{ .on = ON_RX, .what = "elements" },
	{ .on = ON_CLOSED, .what = "the end" },
	{ .on = ON_TX, .what = "elements", .error = EBADF },
	{ .on = ON_MSG, .what = "a message longer than its place",
	  .error = EMSGSIZE, .set = { { F_STRIDE, MSG_LEN - 1 } },
	  .need = MSG_LEN },
	{ .on = ON_MSG, .what = "messages without a place", .error = EMSGSIZE,
	  .set = { { F_STRIDE, 0 } }, .need = MSG_LEN },
};

static const struct row stat_rows[] = {
	{ .on = ON_FIXED, .what = "of a size" },
	{ .on = ON_RX, .what = "of a size" },
	{ .on = ON_TX, .what = "of a size" },
	{ .on = ON_FIXED, .what = "longer than known", .tail = 8,
	  .set = { { F_SIZE, sizeof(struct hchan_stat) + 8 } } },
	{ .on = ON_FIXED, .what = "size 0", .error = EINVAL,
	  .set = { { F_SIZE, 0 } } },
	{ .on = ON_FIXED, .what = "size too small", .error = EINVAL,
	  .set = { { F_SIZE, sizeof(struct hchan_stat) - 1 } } },
	{ .on = ON_FIXED, .what = "size absurd", .error = EINVAL,
	  .set = { { F_SIZE, UINT32_MAX } } },
};

static const struct row narrow_rows[] = {
	{ .on = ON_FIXED, .what = "to send" },
	{ .on = ON_FIXED, .what = "to receive",
	  .set = { { F_OPEN_FLAGS, O_RDONLY | O_CLOEXEC | O_NONBLOCK } } },
	{ .on = ON_FIXED, .what = "not at all",
	  .set = { { F_OPEN_FLAGS, O_RDWR } } },
	{ .on = ON_RX, .what = "not at all" },
	{ .on = ON_RX, .what = "to send", .error = EACCES,
	  .set = { { F_OPEN_FLAGS, O_WRONLY } } },
	{ .on = ON_RX, .what = "to both", .error = EACCES,
	  .set = { { F_OPEN_FLAGS, O_RDWR } } },
	{ .on = ON_TX, .what = "to receive", .error = EACCES,
	  .set = { { F_OPEN_FLAGS, O_RDONLY } } },
	{ .on = ON_TX, .what = "to both", .error = EACCES,
	  .set = { { F_OPEN_FLAGS, O_RDWR } } },
	{ .on = ON_FIXED, .what = "both directions' bits of open_flags",
	  .error = EINVAL, .set = { { F_OPEN_FLAGS, O_ACCMODE } } },
	{ .on = ON_FIXED, .what = "unknown open_flags", .error = EINVAL,
	  .each = true, .set = { { F_OPEN_FLAGS, (uint32_t)~OPEN_FLAGS } } },
	{ .on = ON_FIXED, .what = "reserved", .error = EINVAL, .each = true,
	  .set = { { F_RESERVED, UINT32_MAX } } },
	{ .on = ON_FIXED, .what = "no descriptor left", .error = EMFILE,
	  .no_fd = true },
};

static const struct row spin_rows[] = {
	{ .on = ON_FIXED, .what = "not at all" },
	{ .on = ON_RX, .what = "not at all" },
	{ .on = ON_TX, .what = "not at all" },
	{ .on = ON_CLOSED, .what = "as long as it may",
	  .set = { { F_COUNT, HCHAN_SPIN_MAX } } },
	{ .on = ON_FIXED, .what = "as the parameter says",
	  .set = { { F_COUNT, HCHAN_SPIN_DEFAULT } } },
	{ .on = ON_FIXED, .what = "too long", .error = EINVAL,
	  .set = { { F_COUNT, HCHAN_SPIN_MAX + 1 } } },
	{ .on = ON_RX, .what = "absurdly long", .error = EINVAL,
	  .set = { { F_COUNT, HCHAN_SPIN_DEFAULT - 1 } } },
};

#define TIMER_FLAGS (HCHAN_REALTIME | HCHAN_TIMER_TICK)
#define TIMER_OPEN (O_CLOEXEC | O_NONBLOCK)

static const struct row timer_rows[] = {
	{ .on = ON_DEV, .what = "that never comes" },
	{ .on = ON_FIXED, .what = "that never comes" },
	{ .on = ON_RX, .what = "on the other clock",
	  .set = { { F_FLAGS, HCHAN_REALTIME }, { F_OPEN_FLAGS, TIMER_OPEN } } },
	{ .on = ON_TIMER, .what = "that ticks",
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, 1 } } },
	{ .on = ON_CLOSED, .what = "the longest period, the farthest past",
	  .set = { { F_FLAGS, TIMER_FLAGS }, { F_PERIOD, INT64_MAX },
		   { F_DUE, (uint64_t)INT64_MIN } } },
	{ .on = ON_DEV, .what = "unknown flags", .error = EINVAL, .each = true,
	  .set = { { F_FLAGS, (uint32_t)~TIMER_FLAGS } } },
	{ .on = ON_RX, .what = "stopped", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_STOP } } },
	{ .on = ON_DEV, .what = "unknown open_flags", .error = EINVAL,
	  .each = true, .set = { { F_OPEN_FLAGS, (uint32_t)~TIMER_OPEN } } },
	{ .on = ON_DEV, .what = "a period without ticks", .error = EINVAL,
	  .each = true, .set = { { F_PERIOD, UINT64_MAX } } },
	{ .on = ON_DEV, .what = "a period of no time", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, 0 } } },
	{ .on = ON_TIMER, .what = "a period of less than no time",
	  .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, UINT64_MAX } } },
	{ .on = ON_DEV, .what = "the most negative period", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, 1ull << 63 } } },
	{ .on = ON_DEV, .what = "no descriptor left", .error = EMFILE,
	  .no_fd = true },
};

static const struct row timer_set_rows[] = {
	{ .on = ON_TIMER, .what = "never" },
	{ .on = ON_TIMER, .what = "to stop",
	  .set = { { F_FLAGS, HCHAN_TIMER_STOP }, { F_DUE, 0 } } },
	{ .on = ON_TIMER, .what = "to tick",
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, INT64_MAX },
		   { F_DUE, 0 } } },
	{ .on = ON_TIMER, .what = "unknown flags", .error = EINVAL, .each = true,
	  .set = { { F_FLAGS, (uint32_t)~(HCHAN_TIMER_TICK |
					  HCHAN_TIMER_STOP) } } },
	{ .on = ON_TIMER, .what = "reserved", .error = EINVAL, .each = true,
	  .set = { { F_RESERVED, UINT32_MAX } } },
	{ .on = ON_TIMER, .what = "to stop at a time", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_STOP } } },
	{ .on = ON_TIMER, .what = "to stop with a period", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_STOP }, { F_DUE, 0 },
		   { F_PERIOD, 1 } } },
	{ .on = ON_TIMER, .what = "to stop and to tick", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_STOP | HCHAN_TIMER_TICK },
		   { F_DUE, 0 }, { F_PERIOD, 1 } } },
	{ .on = ON_TIMER, .what = "a period without ticks", .error = EINVAL,
	  .each = true, .set = { { F_PERIOD, UINT64_MAX } } },
	{ .on = ON_TIMER, .what = "a period of no time", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK } } },
	{ .on = ON_TIMER, .what = "a period of less than no time",
	  .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_TIMER_TICK }, { F_PERIOD, UINT64_MAX } } },
	{ .on = ON_FIXED, .what = "no timer", .error = ENOTTY },
	{ .on = ON_DEV, .what = "no timer", .error = ENOTTY },
};

static const struct row wait_rows[] = {
	{ .on = ON_FIXED, .what = "for what is so" },
	{ .on = ON_RX, .what = "for what is so" },
	{ .on = ON_TX, .what = "for what is so" },
	{ .on = ON_CLOSED, .what = "for what is so" },
	{ .on = ON_FIXED, .what = "for the first element only", .error = EINVAL,
	  .set = { { F_FLAGS, HCHAN_SOME } } },
	{ .on = ON_FIXED, .what = "for something unknown", .error = EINVAL,
	  .set = { { F_WHAT, HCHAN_W_LENGTH + 1 } } },
	{ .on = ON_FIXED, .what = "for something absurd", .error = EINVAL,
	  .set = { { F_WHAT, UINT32_MAX } } },
	{ .on = ON_FIXED, .what = "for more elements", .error = EAGAIN,
	  .set = { { F_COUNT, 3 } } },
	{ .on = ON_FIXED, .what = "for a sender", .error = EAGAIN,
	  .set = { { F_COUNT, 1 }, { F_WHAT, HCHAN_W_SENDERS } } },
	{ .on = ON_FIXED, .what = "for all the receivers there could be",
	  .error = EAGAIN,
	  .set = { { F_COUNT, UINT64_MAX }, { F_WHAT, HCHAN_W_RECEIVERS } } },
	{ .on = ON_FIXED, .what = "until some time ago", .error = ETIMEDOUT,
	  .set = { { F_COUNT, 3 }, { F_FLAGS, HCHAN_DEADLINE },
		   { F_DEADLINE, 1 } } },
	{ .on = ON_CLOSED, .what = "for an element", .error = EPIPE,
	  .set = { { F_COUNT, 1 } } },
	{ .on = ON_CLOSED, .what = "for a sender", .error = EPIPE,
	  .set = { { F_COUNT, 1 }, { F_WHAT, HCHAN_W_SENDERS } } },
	{ .on = ON_CLOSED, .what = "for a receiver", .error = EPIPE,
	  .set = { { F_COUNT, 1 }, { F_WHAT, HCHAN_W_RECEIVERS } } },
};

static const struct {
	const char *name;
	unsigned long cmd;
	const struct row *rows;
	unsigned int n;
} tables[] = {
	{ "QUERY", HCHAN_IOC_QUERY, query_rows, ARRAY_SIZE(query_rows) },
	{ "CREATE", HCHAN_IOC_CREATE, create_rows, ARRAY_SIZE(create_rows) },
	{ "STATAT", HCHAN_IOC_STATAT, statat_rows, ARRAY_SIZE(statat_rows) },
	{ "SEND", HCHAN_IOC_SEND, send_rows, ARRAY_SIZE(send_rows) },
	{ "SEND", HCHAN_IOC_SEND, waiting_rows, ARRAY_SIZE(waiting_rows) },
	{ "SEND", HCHAN_IOC_SEND, waited_rows, ARRAY_SIZE(waited_rows) },
	{ "RECV", HCHAN_IOC_RECV, recv_rows, ARRAY_SIZE(recv_rows) },
	{ "RECV", HCHAN_IOC_RECV, waiting_rows, ARRAY_SIZE(waiting_rows) },
	{ "RECV", HCHAN_IOC_RECV, waited_rows, ARRAY_SIZE(waited_rows) },
	{ "SENDN", HCHAN_IOC_SENDN, sendn_rows, ARRAY_SIZE(sendn_rows) },
	{ "SENDN", HCHAN_IOC_SENDN, batch_rows, ARRAY_SIZE(batch_rows) },
	{ "SENDN", HCHAN_IOC_SENDN, waiting_rows, ARRAY_SIZE(waiting_rows) },
	{ "SENDN", HCHAN_IOC_SENDN, waited_rows, ARRAY_SIZE(waited_rows) },
	{ "RECVN", HCHAN_IOC_RECVN, recvn_rows, ARRAY_SIZE(recvn_rows) },
	{ "RECVN", HCHAN_IOC_RECVN, batch_rows, ARRAY_SIZE(batch_rows) },
	{ "RECVN", HCHAN_IOC_RECVN, waiting_rows, ARRAY_SIZE(waiting_rows) },
	{ "RECVN", HCHAN_IOC_RECVN, waited_rows, ARRAY_SIZE(waited_rows) },
	{ "STAT", HCHAN_IOC_STAT, stat_rows, ARRAY_SIZE(stat_rows) },
	{ "NARROW", HCHAN_IOC_NARROW, narrow_rows, ARRAY_SIZE(narrow_rows) },
	{ "SPIN", HCHAN_IOC_SPIN, spin_rows, ARRAY_SIZE(spin_rows) },
	{ "TIMER", HCHAN_IOC_TIMER, timer_rows, ARRAY_SIZE(timer_rows) },
	{ "TIMER_SET", HCHAN_IOC_TIMER_SET, timer_set_rows,
	  ARRAY_SIZE(timer_set_rows) },
	{ "WAIT", HCHAN_IOC_WAIT, wait_rows, ARRAY_SIZE(wait_rows) },
	{ "WAIT", HCHAN_IOC_WAIT, waiting_rows, ARRAY_SIZE(waiting_rows) },
};

#endif /* BADARGS_H */
