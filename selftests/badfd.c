// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every ioctl on every kind of descriptor that is not the right one, and every
 * number that is no ioctl of ours on every one that is (C42, C48).
 */
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "bad.h"
#include "hchan_ctx.h"
#include "hchan_select.h"

enum kind {
	K_DEV,
	K_DIR,
	K_CHANNEL,
	K_RX,
	K_TX,
	K_NAMED,
	K_MSG,
	K_TIMER,
	K_SET,
	K_CTX,
	K_CANCEL,
	K_ANON_PATH,	/* O_PATH: the device's node, without its file */
	K_NAMED_PATH,
	K_DIR_PATH,
	K_OTHER_DIR,
	K_PIPE,
	K_SOCKET,
	K_EVENT,
	K_MEMFD,
	K_NULL,
	K_CLOSED,
	K_NEGATIVE,
	K_HUGE,
	K_COUNT,
};

static const char * const kind_names[] = {
	"the device", "a directory", "a channel", "a receiver", "a sender",
	"a named channel", "messages", "a timer", "a set",
	"a context", "a right to cancel", "O_PATH of the device",
	"O_PATH of a channel", "O_PATH of a directory", "another directory",
	"a pipe", "a socket", "an eventfd", "a memfd", "/dev/null",
	"a closed descriptor", "descriptor -1", "descriptor INT_MAX",
};

static int kinds[K_COUNT];

/* What a call that fails must not change, beside the memory. */
struct look {
	struct bad_state state;
	struct hchan_ctx_stat ctx;
};

static void look(struct look *look)
{
	bad_look(&look->state);
	look->ctx = hc_ctx_stat(kinds[K_CTX]);
}

static bool same(const struct look *before)
{
	struct hchan_ctx_stat ctx = hc_ctx_stat(kinds[K_CTX]);

	return bad_memory_same() && bad_state_same(&before->state) &&
	       !memcmp(&ctx, &before->ctx, sizeof(ctx));
}

#define ON(kind)	(1u << (kind))
#define ON_BOTH		(ON(K_CHANNEL) | ON(K_NAMED) | ON(K_MSG))
#define ON_SENDER	(ON_BOTH | ON(K_TX))
#define ON_RECEIVER	(ON_BOTH | ON_NO_SENDER)
#define ON_CHANNEL	(ON_SENDER | ON_RECEIVER)
#define ON_NO_SENDER	(ON(K_RX) | ON(K_TIMER) | ON(K_CTX))
#define NO_FILE		(ON(K_ANON_PATH) | ON(K_NAMED_PATH) | ON(K_DIR_PATH) | \
			 ON(K_CLOSED) | ON(K_NEGATIVE) | ON(K_HUGE))

static const struct {
	const char *name;
	unsigned long cmd;
	uint32_t right;		/* where it works */
	uint32_t direction;	/* where the descriptor has not the direction */
} cmds[] = {
	{ "QUERY", HCHAN_IOC_QUERY,
	  ON(K_DEV) | ON(K_DIR) | ON(K_SET) | ON_CHANNEL, 0 },
	{ "CREATE", HCHAN_IOC_CREATE, ON(K_DEV) | ON(K_DIR), 0 },
	{ "STATAT", HCHAN_IOC_STATAT, ON(K_DIR), 0 },
	{ "SEND", HCHAN_IOC_SEND, ON_SENDER, ON_NO_SENDER },
	{ "RECV", HCHAN_IOC_RECV, ON_RECEIVER, ON(K_TX) },
	{ "SENDN", HCHAN_IOC_SENDN, ON_SENDER, ON_NO_SENDER },
	{ "RECVN", HCHAN_IOC_RECVN, ON_RECEIVER, ON(K_TX) },
	{ "SENDRECV", HCHAN_IOC_SENDRECV, ON_SENDER, ON_NO_SENDER },
	{ "CLOSE", HCHAN_IOC_CLOSE, ON_SENDER, ON_NO_SENDER },
	{ "STAT", HCHAN_IOC_STAT, ON_CHANNEL, 0 },
	{ "NARROW", HCHAN_IOC_NARROW, ON_CHANNEL, 0 },
	{ "WAIT", HCHAN_IOC_WAIT, ON_CHANNEL, 0 },
	{ "SPIN", HCHAN_IOC_SPIN, ON_CHANNEL, 0 },
	{ "SELECT", HCHAN_IOC_SELECT, ON(K_DEV) | ON_CHANNEL, 0 },
	{ "SET", HCHAN_IOC_SET, ON(K_DEV) | ON_CHANNEL, 0 },
	{ "TIMER", HCHAN_IOC_TIMER, ON(K_DEV) | ON_CHANNEL, 0 },
	{ "TIMER_SET", HCHAN_IOC_TIMER_SET, ON(K_TIMER), 0 },
	{ "SET_CTL", HCHAN_IOC_SET_CTL, ON(K_SET), 0 },
	{ "SET_SELECT", HCHAN_IOC_SET_SELECT, ON(K_SET), 0 },
	{ "CTX", HCHAN_IOC_CTX, ON(K_DEV) | ON(K_CTX), 0 },
	{ "CTX_CANCEL", HCHAN_IOC_CTX_CANCEL, ON(K_CANCEL), 0 },
	{ "CTX_STAT", HCHAN_IOC_CTX_STAT, ON(K_CTX) | ON(K_CANCEL), 0 },
	{ "CTX_VALUE", HCHAN_IOC_CTX_VALUE, ON(K_CTX), 0 },
};

static void open_kinds(void)
{
	struct hc_ctx ctx = hc_ctx(bad_fd[ON_DEV], HCHAN_CTX_CANCEL);
	int pair[2];

	kinds[K_DEV] = bad_fd[ON_DEV];
	kinds[K_DIR] = bad_fd[ON_DIR];
	kinds[K_CHANNEL] = bad_fd[ON_FIXED];
	kinds[K_RX] = bad_fd[ON_RX];
	kinds[K_TX] = bad_fd[ON_TX];
	kinds[K_MSG] = bad_fd[ON_MSG];
	kinds[K_TIMER] = bad_fd[ON_TIMER];
	kinds[K_SET] = hc_set();
	hc_must(kinds[K_SET] >= 0);
	kinds[K_CTX] = ctx.fd;
	kinds[K_CANCEL] = ctx.cancel;
	kinds[K_NAMED] = openat(bad_fd[ON_DIR], BAD_NAME, O_RDWR);
	kinds[K_ANON_PATH] = open("/dev/hchan", O_PATH);
	kinds[K_NAMED_PATH] = openat(bad_fd[ON_DIR], BAD_NAME, O_PATH);
	kinds[K_DIR_PATH] = open(bad_dir, O_PATH);
	kinds[K_OTHER_DIR] = open("/proc", O_RDONLY | O_DIRECTORY);
	hc_must(!pipe(pair));
	kinds[K_PIPE] = pair[1];
	hc_must(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	kinds[K_SOCKET] = pair[1];
	kinds[K_EVENT] = eventfd(0, 0);
	kinds[K_MEMFD] = memfd_create("none", 0);
	kinds[K_NULL] = open("/dev/null", O_RDWR);
	kinds[K_CLOSED] = dup(0);
	close(kinds[K_CLOSED]);
	kinds[K_NEGATIVE] = -1;
	kinds[K_HUGE] = INT32_MAX;
}

/* As which of the usual channels an argument for @kind is filled in. */
static enum bad_on filled_as(enum kind kind)
{
	switch (kind) {
	case K_DEV:
		return ON_DEV;
	case K_DIR:
		return ON_DIR;
	case K_MSG:
		return ON_MSG;
	default:
		return ON_FIXED;
	}
}

static int expected(unsigned int cmd, enum kind kind)
{
	return ON(kind) & (NO_FILE | cmds[cmd].direction) ? -EBADF : -ENOTTY;
}

static void test_wrong(unsigned int cmd)
{
	struct look before;
	enum kind kind;
	void *arg;
	int ret;

	for (kind = 0; kind < K_COUNT; kind++) {
		if (cmds[cmd].right & ON(kind))
			continue;
		bad_poison();
		arg = bad_at(B_ARG, bad_arg_size(cmds[cmd].cmd));
		bad_fill_arg(arg, cmds[cmd].cmd, filled_as(kind));
		look(&before);
		bad_remember();
		ret = bad_call(kinds[kind], cmds[cmd].cmd, (uintptr_t)arg);
		bad_result(ret, expected(cmd, kind), same(&before), "%s on %s",
			   cmds[cmd].name, kind_names[kind]);
	}
}

static bool known(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		if (cmds[i].cmd == cmd)
			return true;
	return false;
}

/* Sizes of all our arguments, each once, and some that no argument has. */
static unsigned int sizes[6 + ARRAY_SIZE(cmds)], n_sizes;

static void add_size(unsigned int size)
{
	unsigned int i;

	for (i = 0; i < n_sizes; i++)
		if (sizes[i] == size)
			return;
	sizes[n_sizes++] = size;
}

static void collect_sizes(void)
{
	static const unsigned int others[] = {
		0, 1, 4, 8, sizeof(struct hchan_xfer) + 8, 0x3fff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		add_size(others[i]);
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		add_size(_IOC_SIZE(cmds[i].cmd));
}

/* All our numbers in all directions, with all these sizes. */
static bool all_unknown(int fd, uint64_t arg)
{
	unsigned int nr, dir, i, cmd;

	for (nr = 0; nr < 256; nr++) {
		for (dir = 0; dir < 4; dir++) {
			for (i = 0; i < n_sizes; i++) {
				cmd = _IOC(dir, HCHAN_IOC_MAGIC, nr, sizes[i]);
				if (known(cmd) ||
				    bad_call(fd, cmd, arg) == -ENOTTY)
					continue;
				ksft_print_msg("%#x is not ENOTTY\n", cmd);
				return false;
			}
		}
	}
	return true;
}

/* What would be ours with another of the 255 types. */
static bool other_types(int fd, uint64_t arg)
{
	unsigned int i, type, cmd;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (type = 0; type < 256; type++) {
			if (type == HCHAN_IOC_MAGIC)
				continue;
			cmd = (cmds[i].cmd & ~(0xffu << _IOC_TYPESHIFT)) |
			      type << _IOC_TYPESHIFT;
			ret = bad_call(fd, cmd, arg);
			if (ret == -ENOTTY)
				continue;
			ksft_print_msg("%#x: %d\n", cmd, ret);
			return false;
		}
	}
	return true;
}

static void test_unknown(enum kind kind)
{
	struct look before;
	bool numbers, types;
	uint64_t arg;

	bad_poison();
	arg = BLOCK_AT(B_ARG);
	look(&before);
	bad_remember();
	numbers = all_unknown(kinds[kind], arg);
	ksft_test_result(numbers && same(&before), "unknown numbers on %s: ENOTTY\n",
			 kind_names[kind]);
	types = other_types(kinds[kind], arg);
	ksft_test_result(types && same(&before), "other types on %s: ENOTTY\n",
			 kind_names[kind]);
}

int main(void)
{
	static const enum kind ours[] = {
		K_DEV, K_DIR, K_CHANNEL, K_RX, K_TX, K_NAMED, K_TIMER, K_SET, K_CTX,
		K_CANCEL,
	};
	unsigned int plan = 2 * ARRAY_SIZE(ours), i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		plan += K_COUNT - __builtin_popcount(cmds[i].right);
	ksft_print_header();
	ksft_set_plan(plan);
	bad_setup();
	open_kinds();
	collect_sizes();
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		test_wrong(i);
	for (i = 0; i < ARRAY_SIZE(ours); i++)
		test_unknown(ours[i]);
	close(kinds[K_SET]);
	close(kinds[K_CTX]);
	close(kinds[K_CANCEL]);
	close(kinds[K_NAMED]);
	close(kinds[K_NAMED_PATH]);
	close(kinds[K_DIR_PATH]);
	bad_teardown();
	ksft_finished();
}
