// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts asked for in the wrong way: every flag, size, length and address that is not
 * right gets its error, and nothing is made, moved or written (C48).
 */
#include <sys/resource.h>

#include "bad.h"
#include "hchan_ctx.h"

static struct hc_ctx root;
static struct hc_ctx gone;	/* cancelled */

/* What a call that fails must not change, beside the memory. */
struct look {
	struct hchan_ctx_stat stat;
	long long channels;
	int next_fd;
};

static struct look look(void)
{
	struct look l;

	memset(&l, 0, sizeof(l));
	l.stat = hc_ctx_stat(root.fd);
	l.channels = channels();
	l.next_fd = next_fd();
	return l;
}

/* The call, on @fd, with the structure of @size bytes at @arg. Whether it is @error. */
static bool fails_at(int fd, unsigned long cmd, uint64_t arg, int error)
{
	struct look before = look(), after;
	int ret;

	bad_remember();
	ret = bad_call(fd, cmd, arg);
	after = look();
	if (ret == error && bad_memory_same() && !memcmp(&before, &after, sizeof(after)))
		return true;
	ksft_print_msg("%s, not %s\n", ret < 0 ? strerrorname_np(-ret) : "done",
		       strerrorname_np(-error));
	return false;
}

static bool fails(int fd, unsigned long cmd, const void *arg, int error)
{
	void *at = bad_at(B_ARG, _IOC_SIZE(cmd));

	bad_poison();
	memcpy(at, arg, _IOC_SIZE(cmd));
	return fails_at(fd, cmd, (uintptr_t)at, error);
}

/* One that works: with the right to cancel, a deadline with a cause, and a value. */
static struct hchan_ctx good_ctx(void)
{
	static struct hchan_cause cause;
	static char bytes[HCHAN_CTX_VALUE_MAX];
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL | HCHAN_DEADLINE);

	cause = hc_cause(1, "why");
	arg.deadline = hc_in(HC_PATIENCE);
	arg.cause = (uintptr_t)&cause;
	arg.key = (uintptr_t)bytes;
	arg.key_len = 3;
	arg.value = (uintptr_t)bytes;
	arg.value_len = 5;
	return arg;
}

static bool create_fails(const struct hchan_ctx *arg, int error)
{
	return fails(root.fd, HCHAN_IOC_CTX, arg, error) &&
	       fails(gone.fd, HCHAN_IOC_CTX, arg, error) &&
	       fails(hc_background(), HCHAN_IOC_CTX, arg, error);
}

static void test_good(void)
{
	struct hchan_ctx arg = good_ctx();
	struct hc_ctx ctx;

	ksft_test_result(hc_ctx_by(root.fd, &arg, &ctx) >= 0, "what is right works\n");
	hc_ctx_drop(&ctx);
}

static void test_flags(void)
{
	const uint32_t known = HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS |
			       HCHAN_CTX_DETACH | HCHAN_DEADLINE;
	const uint32_t open_known = O_CLOEXEC | O_NONBLOCK;
	struct hchan_ctx arg;
	bool good = true;
	int bit;

	for (bit = 0; bit < 32; bit++) {
		arg = good_ctx();
		arg.flags |= 1u << bit;
		if (!(1u << bit & known))
			good = good && create_fails(&arg, -EINVAL);
		arg = good_ctx();
		arg.open_flags |= 1u << bit;
		if (!(1u << bit & open_known))
			good = good && create_fails(&arg, -EINVAL);
	}
	ksft_test_result(good, "CTX: unknown flags\n");

	arg = hc_ctx_request(HCHAN_CTX_ON_LOSS);
	good = create_fails(&arg, -EINVAL);
	ksft_test_result(good, "CTX: loss of a right that is not there\n");

	arg = good_ctx();
	arg.flags &= ~HCHAN_DEADLINE;
	good = create_fails(&arg, -EINVAL);
	arg.cause = 0;
	good = good && create_fails(&arg, -EINVAL);
	arg = good_ctx();
	arg.flags &= ~HCHAN_DEADLINE;
	arg.deadline = 0;
	good = good && create_fails(&arg, -EINVAL);
	ksft_test_result(good, "CTX: a deadline or a cause, and no flag\n");
}

static void test_sizes(void)
{
	static const uint32_t sizes[] = { 0, 1, 63, 4097, 65536, 0x80000000, UINT32_MAX };
	struct hchan_ctx_stat stat = { 0 };
	struct hchan_ctx arg;
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		arg = good_ctx();
		arg.size = sizes[i];
		good = good && create_fails(&arg, -EINVAL);
		stat.size = sizes[i];
		good = good && fails(root.fd, HCHAN_IOC_CTX_STAT, &stat, -EINVAL) &&
		       fails(root.cancel, HCHAN_IOC_CTX_STAT, &stat, -EINVAL);
	}
	/* Longer, and what follows is not there. */
	arg = good_ctx();
	arg.size = sizeof(arg) + 8;
	good = good && create_fails(&arg, -EFAULT);
	stat.size = sizeof(stat) + 8;
	good = good && fails(root.fd, HCHAN_IOC_CTX_STAT, &stat, -EFAULT);
	ksft_test_result(good, "sizes\n");
}

static void test_lengths(void)
{
	struct hchan_ctx_value value = { .key = (uintptr_t)&value, .key_len = 0 };
	struct hchan_cause cause = { .len = HCHAN_CAUSE_MAX + 1 };
	struct hchan_ctx arg = good_ctx();
	bool good;

	arg.key_len = HCHAN_CTX_KEY_MAX + 1;
	good = create_fails(&arg, -EMSGSIZE);
	arg.key_len = UINT32_MAX;
	good = good && create_fails(&arg, -EMSGSIZE);
	arg = good_ctx();
	arg.value_len = HCHAN_CTX_VALUE_MAX + 1;
	good = good && create_fails(&arg, -EMSGSIZE);
	arg.value_len = UINT32_MAX;
	good = good && create_fails(&arg, -EMSGSIZE);
	ksft_test_result(good, "CTX: a key or a value that is too long\n");

	arg = good_ctx();
	arg.key_len = 0;
	good = create_fails(&arg, -EINVAL);
	arg.key = 0;
	good = good && create_fails(&arg, -EINVAL);
	arg.value_len = 0;
	good = good && create_fails(&arg, -EINVAL);
	ksft_test_result(good, "CTX: a value without a key\n");

	arg = good_ctx();
	arg.cause = (uintptr_t)&cause;
	good = create_fails(&arg, -EINVAL) &&
	       fails(root.cancel, HCHAN_IOC_CTX_CANCEL, &cause, -EINVAL);
	cause.len = UINT32_MAX;
	good = good && create_fails(&arg, -EINVAL) &&
	       fails(root.cancel, HCHAN_IOC_CTX_CANCEL, &cause, -EINVAL);
	ksft_test_result(good, "a cause that is too long\n");

	good = fails(root.fd, HCHAN_IOC_CTX_VALUE, &value, -EMSGSIZE);
	value.key_len = HCHAN_CTX_KEY_MAX + 1;
	good = good && fails(root.fd, HCHAN_IOC_CTX_VALUE, &value, -EMSGSIZE);
	value.key_len = 1;
	value.__reserved = 1;
	good = good && fails(root.fd, HCHAN_IOC_CTX_VALUE, &value, -EINVAL);
	ksft_test_result(good, "VALUE: lengths and padding\n");
}

/* Nobody's, or not a program's. */
static const uint64_t nowhere[] = {
	0, 8, HOLE, HOLE + 1, BLOCK_END(B_RO), 0x00007fffffffffff,
	0x0000800000000000, 0xffff888000000000, 0xffffffff81000000,
	UINT64_MAX - 7, UINT64_MAX,
};

static void test_nowhere(const char *name, int fd, unsigned long cmd)
{
	bool good = true;
	unsigned int i;

	bad_poison();
	/* 0 is no cause, which is one. */
	for (i = cmd == HCHAN_IOC_CTX_CANCEL; i < ARRAY_SIZE(nowhere); i++)
		good = good && fails_at(fd, cmd, nowhere[i], -EFAULT);
	ksft_test_result(good, "%s: an argument that is nowhere\n", name);
}

/* As far as there is memory the argument is right. */
static void test_cut(const char *name, int fd, unsigned long cmd, const void *arg)
{
	uint32_t there;
	bool good = true;

	for (there = 0; there < _IOC_SIZE(cmd); there++) {
		bad_poison();
		memcpy(bad_at(B_ARG, there), arg, there);
		good = good && fails_at(fd, cmd, (uintptr_t)bad_at(B_ARG, there), -EFAULT);
	}
	ksft_test_result(good, "%s: an argument that is cut off\n", name);
}

/* Where it can only be read. */
static void test_read_only(const char *name, int fd, unsigned long cmd, const void *arg,
			   int error)
{
	void *block = (void *)BLOCK_AT(B_RO);
	void *at = bad_at(B_RO, _IOC_SIZE(cmd));

	bad_poison();
	hc_must(!mprotect(block, BLOCK, PROT_READ | PROT_WRITE));
	memcpy(at, arg, _IOC_SIZE(cmd));
	hc_must(!mprotect(block, BLOCK, PROT_READ));
	ksft_test_result(fails_at(fd, cmd, (uintptr_t)at, error),
			 "%s: an argument that can not be written to\n", name);
}

static void test_addresses(void)
{
	struct hchan_ctx_value value = { .key = (uintptr_t)"key", .key_len = 3 };
	struct hchan_ctx_stat stat = { .size = sizeof(stat) };
	struct hchan_cause cause = hc_cause(1, "why");
	struct hchan_ctx arg = good_ctx();
	char room[8];

	value.buf = (uintptr_t)room;
	value.len = sizeof(room);
	test_nowhere("CTX", root.fd, HCHAN_IOC_CTX);
	test_nowhere("CANCEL", root.cancel, HCHAN_IOC_CTX_CANCEL);
	test_nowhere("STAT", root.fd, HCHAN_IOC_CTX_STAT);
	test_nowhere("VALUE", root.fd, HCHAN_IOC_CTX_VALUE);
	test_cut("CTX", root.fd, HCHAN_IOC_CTX, &arg);
	test_cut("CANCEL", root.cancel, HCHAN_IOC_CTX_CANCEL, &cause);
	test_cut("STAT", root.fd, HCHAN_IOC_CTX_STAT, &stat);
	test_cut("VALUE", root.fd, HCHAN_IOC_CTX_VALUE, &value);
	test_read_only("CTX", root.fd, HCHAN_IOC_CTX, &arg, -EFAULT);
	test_read_only("STAT", root.fd, HCHAN_IOC_CTX_STAT, &stat, -EFAULT);
	test_read_only("VALUE", root.fd, HCHAN_IOC_CTX_VALUE, &value, -EFAULT);
}

/* The addresses in the arguments. */
static void test_inner(void)
{
	struct hchan_ctx_value value;
	struct hchan_ctx arg;
	bool good[5] = { true, true, true, true, true };
	uint64_t at;
	unsigned int i;
	char room[8];

	/* Also where the memory ends on the way. */
	for (i = 0; i < ARRAY_SIZE(nowhere) + 1; i++) {
		at = i < ARRAY_SIZE(nowhere) ? nowhere[i] : BLOCK_END(B_BUF) - 2;
		arg = good_ctx();
		arg.cause = at;
		if (at)
			good[0] = good[0] && create_fails(&arg, -EFAULT);
		arg = good_ctx();
		arg.key = at;
		good[1] = good[1] && create_fails(&arg, -EFAULT);
		arg = good_ctx();
		arg.value = at;
		good[2] = good[2] && create_fails(&arg, -EFAULT);
		value = (struct hchan_ctx_value){
			.key = at, .key_len = 3, .buf = (uintptr_t)room,
			.len = sizeof(room),
		};
		good[3] = good[3] && fails(root.fd, HCHAN_IOC_CTX_VALUE, &value, -EFAULT);
		value.key = (uintptr_t)"key";
		value.buf = at;
		good[4] = good[4] && fails(root.fd, HCHAN_IOC_CTX_VALUE, &value, -EFAULT);
	}
	ksft_test_result(good[0], "CTX: a cause that is not there\n");
	ksft_test_result(good[1], "CTX: a key that is not there\n");
	ksft_test_result(good[2], "CTX: a value that is not there\n");
	ksft_test_result(good[3], "VALUE: a key that is not there\n");
	ksft_test_result(good[4], "VALUE: a place that is not there\n");
}

/* Both descriptors or none. */
static void test_descriptors(void)
{
	struct hchan_ctx arg = good_ctx();
	struct rlimit old, few;
	bool good;

	hc_must(!getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = next_fd() + 1;
	hc_must(!setrlimit(RLIMIT_NOFILE, &few));
	good = create_fails(&arg, -EMFILE);
	few.rlim_cur--;
	hc_must(!setrlimit(RLIMIT_NOFILE, &few));
	good = good && ERR(ioctl(root.fd, HCHAN_IOC_CTX, &arg)) == -EMFILE;
	hc_must(!setrlimit(RLIMIT_NOFILE, &old));
	ksft_test_result(good, "CTX: room for one descriptor and not for two\n");
}

/* What is no context. Its argument is not looked at. */
static void test_others(void)
{
	static const unsigned long cmds[] = {
		HCHAN_IOC_CTX, HCHAN_IOC_CTX_STAT, HCHAN_IOC_CTX_VALUE,
		HCHAN_IOC_CTX_CANCEL,
	};
	int set = ioctl(hc_background(), HCHAN_IOC_SET, &(struct hchan_set){ 0 });
	bool good = true;
	unsigned int i;
	int on;

	bad_poison();
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (on = ON_DIR; on < ON_COUNT; on++)
			good = good && fails_at(bad_fd[on], cmds[i], HOLE, -ENOTTY);
		good = good && fails_at(set, cmds[i], HOLE, -ENOTTY);
	}
	good = good && fails_at(root.fd, HCHAN_IOC_CTX_CANCEL, 0, -ENOTTY) &&
	       fails_at(root.cancel, HCHAN_IOC_CTX, HOLE, -ENOTTY) &&
	       fails_at(root.cancel, HCHAN_IOC_CTX_VALUE, HOLE, -ENOTTY) &&
	       fails_at(root.cancel, HCHAN_IOC_STAT, HOLE, -ENOTTY) &&
	       fails_at(root.cancel, HCHAN_IOC_NARROW, HOLE, -ENOTTY) &&
	       fails_at(hc_background(), HCHAN_IOC_CTX_STAT, HOLE, -ENOTTY) &&
	       fails_at(hc_background(), HCHAN_IOC_CTX_VALUE, HOLE, -ENOTTY);
	close(set);
	ksft_test_result(good, "what is no context\n");
}

/* The directions that a context has not (C42). */
static void test_directions(void)
{
	static const unsigned long cmds[] = {
		HCHAN_IOC_SEND, HCHAN_IOC_SENDN, HCHAN_IOC_SENDRECV, HCHAN_IOC_CLOSE,
	};
	struct hchan_narrow wide = { .open_flags = O_RDWR };
	bool good = true;
	unsigned int i;

	bad_poison();
	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		good = good && fails_at(root.fd, cmds[i], HOLE, -EBADF) &&
		       fails_at(gone.fd, cmds[i], HOLE, -EBADF);
	good = good && fails(root.fd, HCHAN_IOC_NARROW, &wide, -EACCES);
	ksft_test_result(good, "send and close on a context\n");
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(1 + 3 + 1 + 4 + 11 + 5 + 3);
	bad_setup();
	root = hc_ctx_with(hc_background(), HCHAN_CTX_CANCEL, "key", "val", 3);
	gone = hc_ctx(root.fd, HCHAN_CTX_CANCEL);
	hc_must(hc_ctx_cancel(gone.cancel, NULL) == 1);
	test_good();
	test_flags();
	test_sizes();
	test_lengths();
	test_addresses();
	test_inner();
	test_descriptors();
	test_others();
	test_directions();
	hc_ctx_drop(&gone);
	hc_ctx_drop(&root);
	bad_teardown();
	ksft_finished();
}
