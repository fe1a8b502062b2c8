/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of wrong input share: channels in every state, an argument for
 * each ioctl that works, and a look at everything that a call which fails must
 * not have changed: the channels, the names, how many channels and descriptors
 * there are, and each byte of the memory around argument and buffers.
 */
#ifndef BAD_H
#define BAD_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include "../kselftest.h"
#include "fs_util.h"
#include "hchan_timer.h"

/*
 * The memory. Arguments and buffers end where a block ends, and what follows is
 * not mapped, or can only be read. Low, so that an address is a constant; blocks
 * are as large as the largest pages.
 */
#define BLOCK		0x10000ull
#define BLOCK_AT(i)	(0x10000000ull + (i) * BLOCK)
#define BLOCK_END(i)	BLOCK_AT((i) + 1)

enum block {
	B_ARG,		/* the ioctl's argument; nothing behind it */
	B_BUF = 2,	/* elements, or the stat of a name; nothing behind it */
	B_NAME = 4,	/* a name, or lengths; nothing behind it */
	B_EDGE = 6,	/* for a test's own use, and behind it */
	B_RO,		/* what can only be read; nothing behind it */
	B_COUNT,
};

#define HOLE BLOCK_END(B_ARG)	/* nothing is mapped here */

static const enum block bad_blocks[] = { B_ARG, B_BUF, B_NAME, B_EDGE, B_RO };

/* What an ioctl is tried on. */
enum bad_on {
	ON_DEV,		/* /dev/hchan */
	ON_DIR,		/* a directory of hchanfs */
	ON_FIXED,	/* elements of 8 bytes, two of four places taken */
	ON_RX,		/* the same channel, receive only */
	ON_TX,		/* ... and send only */
	ON_EMPTY,	/* elements of 8 bytes, capacity 0 */
	ON_MSG,		/* messages of at most 32 bytes, two of 5 bytes there */
	ON_ZERO,	/* elements of no size, two there */
	ON_BIG,		/* elements above the inline size, two there */
	ON_CLOSED,	/* closed and drained, elements of 8 bytes */
	ON_TIMER,	/* a timer that never comes */
	ON_COUNT,
};

static const char * const bad_on_names[] = {
	"the device", "a directory", "a channel", "a receiver", "a sender",
	"a rendezvous", "messages", "elements of no size", "large elements",
	"a closed channel", "a timer",
};

#define BAD_NAME	"there"		/* elements of 8 bytes, tag 7, mode 0600 */
#define BAD_NEW		"new"		/* not there */
#define BAD_TAG		7
#define BIG_SIZE	4096
#define MSG_MAX		32
#define MSG_LEN		5

struct bad_state {
	struct hchan_stat stat[ON_COUNT];
	struct hchan_stat named;
	long long channels;
	int names;
	int next_fd;
};

static int bad_fd[ON_COUNT];
static char bad_dir[64];
static uint8_t *bad_before;	/* the blocks, as they were before the call */

static inline uint32_t bad_elem_size(enum bad_on on)
{
	switch (on) {
	case ON_MSG:
		return MSG_MAX;
	case ON_ZERO:
		return 0;
	case ON_BIG:
		return BIG_SIZE;
	default:
		return 8;
	}
}

/* Bytes in an element to send: what is on a channel has them too. */
static inline uint32_t bad_len(enum bad_on on)
{
	return on == ON_MSG ? MSG_LEN : bad_elem_size(on);
}

static inline void bad_make(enum bad_on on, uint64_t capacity, uint32_t flags,
			    int elements)
{
	uint8_t elem[BIG_SIZE];
	int i;

	bad_fd[on] = hc_make(bad_elem_size(on), capacity, flags);
	hc_must(bad_fd[on] >= 0);
	for (i = 0; i < elements; i++) {
		hc_fill(elem, bad_len(on), i);
		hc_must(!hc_try_send(bad_fd[on], elem, bad_len(on)));
	}
}

/* The channels, as enum bad_on says. */
static inline void bad_channels(void)
{
	bad_make(ON_FIXED, 4, HCHAN_DISCONNECT, 2);
	bad_fd[ON_RX] = hc_narrow(bad_fd[ON_FIXED], O_RDONLY);
	bad_fd[ON_TX] = hc_narrow(bad_fd[ON_FIXED], O_WRONLY);
	bad_make(ON_EMPTY, 0, 0, 0);
	bad_make(ON_MSG, 4, HCHAN_MSG, 2);
	bad_make(ON_ZERO, 4, 0, 2);
	bad_make(ON_BIG, 4, 0, 2);
	bad_make(ON_CLOSED, 4, 0, 0);
	hc_must(!hc_close(bad_fd[ON_CLOSED]));
	bad_fd[ON_TIMER] = ht_at(HT_NEVER);
	hc_must(bad_fd[ON_TIMER] >= 0);
}

/* After a call that was to change them. */
static inline void bad_again(void)
{
	int on;

	for (on = ON_FIXED; on < ON_COUNT; on++)
		close(bad_fd[on]);
	bad_channels();
}

/* Whether what was put into the channels at first still comes out of them. */
static inline bool bad_drain(enum bad_on on)
{
	uint32_t len = bad_len(on);
	uint8_t elem[BIG_SIZE];
	int i;

	for (i = 0; i < 2; i++)
		if (hc_try_recv(bad_fd[on], elem, len) != 1 ||
		    !hc_is(elem, len, i))
			return false;
	return hc_try_recv(bad_fd[on], elem, len) == -EAGAIN;
}

static inline void bad_map(enum block block)
{
	hc_must(mmap((void *)BLOCK_AT(block), BLOCK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		     0) == (void *)BLOCK_AT(block));
}

static inline void bad_setup(void)
{
	struct hchan_create create = request(BAD_NAME, HCHAN_CREATE |
					     HCHAN_NO_OPEN);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_blocks); i++)
		bad_map(bad_blocks[i]);
	memset((void *)BLOCK_AT(B_RO), HC_POISON, BLOCK);
	hc_must(!mprotect((void *)BLOCK_AT(B_RO), BLOCK, PROT_READ));
	bad_before = malloc(B_COUNT * BLOCK);

	hc_must(!mount_at(bad_dir, NULL));
	bad_fd[ON_DEV] = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	bad_fd[ON_DIR] = open_dir(bad_dir);
	hc_must(bad_fd[ON_DEV] >= 0 && bad_fd[ON_DIR] >= 0);
	create.type_tag = BAD_TAG;
	create.mode = 0600;
	hc_must(!ioc_create(bad_fd[ON_DIR], &create));
	bad_channels();
}

static inline void bad_teardown(void)
{
	int on;

	for (on = 0; on < ON_COUNT; on++)
		close(bad_fd[on]);
	hc_must(!unmount_at(bad_dir));
}

/* Where something of @size bytes lies that ends with its block. */
static inline void *bad_at(enum block block, uint64_t size)
{
	return (void *)(BLOCK_END(block) - size);
}

/* What is poisoned, and what was there before the call. */
static inline void bad_poison(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_blocks); i++)
		if (bad_blocks[i] != B_RO)
			memset((void *)BLOCK_AT(bad_blocks[i]), HC_POISON,
			       BLOCK);
}

static inline void bad_remember(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_blocks); i++)
		memcpy(bad_before + bad_blocks[i] * BLOCK,
		       (void *)BLOCK_AT(bad_blocks[i]), BLOCK);
}

/* The call may, and has to, have written @size bytes of @value at @at. */
static inline bool bad_wrote(const void *at, const void *value, size_t size)
{
	size_t offset = (uintptr_t)at - BLOCK_AT(0);

	if (memcmp(at, value, size))
		return false;
	memcpy(bad_before + offset, value, size);
	return true;
}

static inline bool bad_memory_same(void)
{
	const uint8_t *was, *is;
	unsigned int i;
	size_t at;

	for (i = 0; i < ARRAY_SIZE(bad_blocks); i++) {
		was = bad_before + bad_blocks[i] * BLOCK;
		is = (void *)BLOCK_AT(bad_blocks[i]);
		if (!memcmp(was, is, BLOCK))
			continue;
		for (at = 0; was[at] == is[at]; at++)
			;
		ksft_print_msg("block %d changed %d bytes before its end: %#x, was %#x\n",
			       bad_blocks[i], (int)(BLOCK - at), is[at],
			       was[at]);
		return false;
	}
	return true;
}

static inline void bad_look(struct bad_state *state)
{
	int on;

	memset(state, 0, sizeof(*state));
	for (on = ON_FIXED; on < ON_COUNT; on++)
		state->stat[on] = hc_stat(bad_fd[on]);
	hc_must(!statat(bad_fd[ON_DIR], BAD_NAME, &state->named));
	state->channels = channels();
	state->names = count_names(bad_dir);
	state->next_fd = next_fd();
}

static inline bool bad_state_same(const struct bad_state *before)
{
	struct bad_state after;
	int on;

	bad_look(&after);
	if (!memcmp(&after, before, sizeof(after)))
		return true;
	for (on = ON_FIXED; on < ON_COUNT; on++)
		if (memcmp(&after.stat[on], &before->stat[on],
			   sizeof(after.stat[on])))
			ksft_print_msg("%s changed\n", bad_on_names[on]);
	ksft_print_msg("channels %lld, were %lld; names %d, %d; next fd %d, %d\n",
		       after.channels, before->channels, after.names,
		       before->names, after.next_fd, before->next_fd);
	return false;
}

static inline size_t bad_arg_size(unsigned long cmd)
{
	return _IOC_SIZE(cmd);
}

static inline void bad_fill_create(struct hchan_create *create, enum bad_on on)
{
	*create = request(BAD_NEW, on == ON_DIR ? HCHAN_CREATE | HCHAN_EXCL : 0);
	create->elem_size = 8;
	create->capacity = 4;
	if (on == ON_DIR) {
		create->name = (uintptr_t)bad_at(B_NAME, create->name_len);
		memcpy(bad_at(B_NAME, create->name_len), BAD_NEW,
		       create->name_len);
	} else {
		create->name = 0;
		create->name_len = 0;
	}
}

static inline void bad_fill_elems(void *buf, enum bad_on on, int count)
{
	int i;

	for (i = 0; i < count; i++)
		hc_fill((uint8_t *)buf + i * bad_elem_size(on), bad_len(on), i);
}

static inline void bad_fill_batch(struct hchan_batch *arg, enum bad_on on,
				  bool out)
{
	uint32_t lens[] = { MSG_LEN, MSG_LEN };

	arg->stride = bad_elem_size(on);
	arg->count = 2;
	arg->buf = (uintptr_t)bad_at(B_BUF, 2 * arg->stride);
	arg->flags = HCHAN_NOWAIT;
	arg->lens = 0;
	arg->deadline = 0;
	if (on == ON_MSG) {
		arg->lens = (uintptr_t)bad_at(B_NAME, sizeof(lens));
		if (out)
			memcpy(bad_at(B_NAME, sizeof(lens)), lens,
			       sizeof(lens));
	}
	if (out)
		bad_fill_elems(bad_at(B_BUF, 2 * arg->stride), on, 2);
}

/* At @at an argument with which @cmd works on @on; its outputs are poisoned. */
static inline void bad_fill_arg(void *at, unsigned long cmd, enum bad_on on)
{
	struct hchan_xfer *xfer = at;
	struct hchan_wait *wait = at;

	memset(at, HC_POISON, bad_arg_size(cmd));
	switch (cmd) {
	case HCHAN_IOC_QUERY:
		((struct hchan_query *)at)->size = sizeof(struct hchan_query);
		break;
	case HCHAN_IOC_CREATE:
		bad_fill_create(at, on);
		break;
	case HCHAN_IOC_STAT:
		((struct hchan_stat *)at)->size = sizeof(struct hchan_stat);
		break;
	case HCHAN_IOC_STATAT:
		*(struct hchan_statat *)at = (struct hchan_statat){
			.name = (uintptr_t)bad_at(B_NAME, strlen(BAD_NAME)),
			.name_len = strlen(BAD_NAME),
			.stat = (uintptr_t)bad_at(B_BUF,
						  sizeof(struct hchan_stat)),
		};
		memcpy(bad_at(B_NAME, strlen(BAD_NAME)), BAD_NAME,
		       strlen(BAD_NAME));
		bad_fill_arg(bad_at(B_BUF, sizeof(struct hchan_stat)),
			     HCHAN_IOC_STAT, on);
		break;
	case HCHAN_IOC_SEND:
	case HCHAN_IOC_RECV:
		xfer->len = cmd == HCHAN_IOC_SEND ? bad_len(on) :
						    bad_elem_size(on);
		xfer->buf = (uintptr_t)bad_at(B_BUF, xfer->len);
		xfer->flags = HCHAN_NOWAIT;
		xfer->deadline = 0;
		if (cmd == HCHAN_IOC_SEND)
			bad_fill_elems(bad_at(B_BUF, xfer->len), on, 1);
		break;
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_RECVN:
		bad_fill_batch(at, on, cmd == HCHAN_IOC_SENDN);
		break;
	case HCHAN_IOC_NARROW:
		*(struct hchan_narrow *)at = (struct hchan_narrow){
			.open_flags = on == ON_RX ? O_RDONLY : O_WRONLY,
		};
		break;
	case HCHAN_IOC_SPIN:
		memset(at, 0, sizeof(uint32_t));
		break;
	case HCHAN_IOC_TIMER:
		*(struct hchan_timer *)at = (struct hchan_timer){ .due = HT_NEVER };
		break;
	case HCHAN_IOC_TIMER_SET:
		*(struct hchan_timer_set *)at = (struct hchan_timer_set){
			.due = HT_NEVER,
		};
		break;
	case HCHAN_IOC_WAIT:
		wait->what = HCHAN_W_LENGTH;
		wait->flags = HCHAN_NOWAIT;
		wait->count = 0;
		wait->deadline = 0;
		break;
	}
}

/* The call. Return: its result, or a negative errno. */
static inline int bad_call(int fd, unsigned long cmd, uint64_t arg)
{
	long ret = ioctl(fd, cmd, cmd == HCHAN_IOC_CLOSE ? 0 : arg);

	return ret < 0 ? -errno : ret;
}

/* Reports whether a call failed with @error, a negative errno, and no more. */
static inline __printf(4, 5) void bad_result(int ret, int error, bool same,
					     const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	ksft_test_result(ret == error && same, "%s: %s (%s)\n", what,
			 strerrorname_np(-error),
			 ret < 0 ? strerrorname_np(-ret) : "none");
}

#endif /* BAD_H */
