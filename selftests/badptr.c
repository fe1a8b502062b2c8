// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every address that an ioctl, read(2) or write(2) takes, where there is no
 * memory, where there is the kernel's, where it ends on the way, and where it
 * can only be read: EFAULT, and nothing changed, neither the channel nor what
 * of the caller's memory there is (C38, C48). That what lies up to the very end
 * of the memory works is in badargs.c.
 */
#include "bad.h"

#define POINTS(ptr) ((uint64_t)(uintptr_t)(ptr))

/* Nobody's, or not a program's. The holes are behind the blocks. */
static const uint64_t nowhere[] = {
	0, 8, HOLE, HOLE + 1, BLOCK_END(B_RO), BLOCK_AT(B_ARG) - 8,
	0x00007ffffffff000, 0x00007fffffffffff, 0x0000800000000000,
	0x8000000000000000, 0xffff800000000000, 0xffff888000000000,
	0xffffc90000000000, 0xffffffff81000000, 0xffffffffff600000,
	UINT64_MAX - 4096, UINT64_MAX - 7, UINT64_MAX,
};

/* What works, and where in its argument are outputs: [first, end). */
struct call {
	const char *name;
	unsigned long cmd;
	enum bad_on on;
	uint32_t first;
	uint32_t end;
};

static const struct call calls[] = {
	{ "QUERY", HCHAN_IOC_QUERY, ON_DEV, 0, sizeof(struct hchan_query) },
	{ "QUERY", HCHAN_IOC_QUERY, ON_DIR, 0, sizeof(struct hchan_query) },
	{ "QUERY", HCHAN_IOC_QUERY, ON_FIXED, 0, sizeof(struct hchan_query) },
	{ "CREATE", HCHAN_IOC_CREATE, ON_DEV,
	  offsetof(struct hchan_create, id), sizeof(struct hchan_create) },
	{ "CREATE", HCHAN_IOC_CREATE, ON_DIR,
	  offsetof(struct hchan_create, id), sizeof(struct hchan_create) },
	{ "STATAT", HCHAN_IOC_STATAT, ON_DIR, 0, 0 },
	{ "SEND", HCHAN_IOC_SEND, ON_FIXED, 0, 0 },
	{ "SEND", HCHAN_IOC_SEND, ON_CLOSED,
	  offsetof(struct hchan_xfer, status), sizeof(struct hchan_xfer) },
	{ "RECV", HCHAN_IOC_RECV, ON_FIXED,
	  offsetof(struct hchan_xfer, actual), sizeof(struct hchan_xfer) },
	{ "RECV", HCHAN_IOC_RECV, ON_MSG,
	  offsetof(struct hchan_xfer, actual), sizeof(struct hchan_xfer) },
	{ "RECV", HCHAN_IOC_RECV, ON_CLOSED,
	  offsetof(struct hchan_xfer, actual), sizeof(struct hchan_xfer) },
	{ "SENDN", HCHAN_IOC_SENDN, ON_FIXED,
	  offsetof(struct hchan_batch, done),
	  offsetof(struct hchan_batch, deadline) },
	{ "SENDN", HCHAN_IOC_SENDN, ON_EMPTY,
	  offsetof(struct hchan_batch, done), sizeof(struct hchan_batch) },
	{ "RECVN", HCHAN_IOC_RECVN, ON_FIXED,
	  offsetof(struct hchan_batch, done),
	  offsetof(struct hchan_batch, deadline) },
	{ "RECVN", HCHAN_IOC_RECVN, ON_EMPTY,
	  offsetof(struct hchan_batch, done), sizeof(struct hchan_batch) },
	{ "STAT", HCHAN_IOC_STAT, ON_FIXED, 0, sizeof(struct hchan_stat) },
	{ "NARROW", HCHAN_IOC_NARROW, ON_FIXED, 0, 0 },
	{ "SPIN", HCHAN_IOC_SPIN, ON_FIXED, 0, 0 },
	{ "TIMER", HCHAN_IOC_TIMER, ON_DEV, 0, 0 },
	{ "TIMER", HCHAN_IOC_TIMER, ON_FIXED, 0, 0 },
	{ "TIMER_SET", HCHAN_IOC_TIMER_SET, ON_TIMER, 0, 0 },
	{ "WAIT", HCHAN_IOC_WAIT, ON_FIXED,
	  offsetof(struct hchan_wait, seen), sizeof(struct hchan_wait) },
};

static bool in_rw(const void *at, size_t size)
{
	enum block block = (POINTS(at) - BLOCK_AT(0)) / BLOCK;

	return (block == B_ARG || block == B_EDGE) &&
	       POINTS(at) + size <= BLOCK_END(block);
}

/* A batch says that it has moved nothing, where it can say so. */
static bool said_nothing(const struct hchan_batch *batch)
{
	const uint32_t none = 0, ok = HCHAN_ST_OK;
	uint32_t status;

	if (!in_rw(&batch->done, sizeof(none)))
		return true;
	if (memcmp(&batch->done, &none, sizeof(none)))
		return true;	/* it did not come that far */
	bad_wrote(&batch->done, &none, sizeof(none));
	if (!in_rw(&batch->status, sizeof(status)))
		return true;
	memcpy(&status, &batch->status, sizeof(status));
	return status == HC_POISON32 ||
	       bad_wrote(&batch->status, &ok, sizeof(ok));
}

/* Makes the call. Whether it is EFAULT and nothing else. */
static bool faults(unsigned long cmd, enum bad_on on, uint64_t arg)
{
	struct bad_state before;
	bool same;
	int ret;

	bad_look(&before);
	bad_remember();
	ret = bad_call(bad_fd[on], cmd, arg);
	same = true;
	if (cmd == HCHAN_IOC_SENDN || cmd == HCHAN_IOC_RECVN)
		same = said_nothing((void *)arg);
	same = same && bad_memory_same() && bad_state_same(&before);
	if (ret == -EFAULT && same)
		return true;
	ksft_print_msg("the argument at %#llx: %s\n", (unsigned long long)arg,
		       ret < 0 ? strerrorname_np(-ret) : "done");
	if (ret > 0 && (cmd == HCHAN_IOC_CREATE || cmd == HCHAN_IOC_NARROW ||
			cmd == HCHAN_IOC_TIMER))
		close(ret);
	unlinkat(bad_fd[ON_DIR], BAD_NEW, 0);
	bad_again();
	return false;
}

static void test_nowhere(const struct call *call)
{
	bool good = true;
	unsigned int i;

	bad_poison();
	bad_fill_arg(bad_at(B_ARG, bad_arg_size(call->cmd)), call->cmd,
		     call->on);
	for (i = 0; i < ARRAY_SIZE(nowhere); i++)
		good = good && faults(call->cmd, call->on, nowhere[i]);
	ksft_test_result(good, "%s on %s: an argument that is nowhere\n",
			 call->name, bad_on_names[call->on]);
}

/* As far as there is memory the argument is right. */
static void test_cut(const struct call *call)
{
	uint8_t arg[256], *at;
	bool good = true;
	uint32_t there;

	bad_poison();
	bad_fill_arg(arg, call->cmd, call->on);
	for (there = 0; there < bad_arg_size(call->cmd); there++) {
		at = bad_at(B_ARG, there);
		memcpy(at, arg, there);
		good = good && faults(call->cmd, call->on, POINTS(at));
	}
	ksft_test_result(good, "%s on %s: an argument that is cut off\n",
			 call->name, bad_on_names[call->on]);
}

/* At the end of B_EDGE and going on into B_RO. */
static void *across(const void *data, uint32_t size, uint32_t writable)
{
	void *at = (void *)(BLOCK_AT(B_RO) - writable);

	hc_must(!mprotect((void *)BLOCK_AT(B_RO), BLOCK,
			  PROT_READ | PROT_WRITE));
	memset((void *)BLOCK_AT(B_RO), HC_POISON, 4 * BIG_SIZE);
	memcpy(at, data, size);
	hc_must(!mprotect((void *)BLOCK_AT(B_RO), BLOCK, PROT_READ));
	return at;
}

/* Whatever part of the outputs can not be written. */
static void test_read_only(const struct call *call)
{
	uint32_t size = bad_arg_size(call->cmd), writable;
	uint8_t arg[256];
	bool good = true;
	void *at;
	int ret;

	bad_poison();
	bad_fill_arg(arg, call->cmd, call->on);
	for (writable = 0; writable < call->end; writable++) {
		at = across(arg, size, writable);
		good = good && faults(call->cmd, call->on, POINTS(at));
	}
	if (call->end == 0) {
		at = across(arg, size, 0);
		ret = bad_call(bad_fd[call->on], call->cmd, POINTS(at));
		good = ret >= 0;
		if (call->cmd != HCHAN_IOC_TIMER_SET && ret > 0)
			close(ret);
		bad_again();
	}
	ksft_test_result(good, "%s on %s: an argument that %s\n", call->name,
			 bad_on_names[call->on], call->end ?
			 "can not be written to" : "needs not be written to");
}

/*
 * struct inner - an address in an argument
 * @offset: where it is
 * @size: bytes which have to be there; of a batch that sends, for one element
 * @out: they are written
 */
static const struct inner {
	const char *name;
	unsigned long cmd;
	enum bad_on on;
	uint32_t offset;
	uint32_t size;
	bool out;
} inners[] = {
	{ "SEND, buf", HCHAN_IOC_SEND, ON_FIXED,
	  offsetof(struct hchan_xfer, buf), 8, false },
	{ "SEND, buf", HCHAN_IOC_SEND, ON_MSG,
	  offsetof(struct hchan_xfer, buf), MSG_LEN, false },
	{ "SEND, buf", HCHAN_IOC_SEND, ON_BIG,
	  offsetof(struct hchan_xfer, buf), BIG_SIZE, false },
	{ "RECV, buf", HCHAN_IOC_RECV, ON_FIXED,
	  offsetof(struct hchan_xfer, buf), 8, true },
	{ "RECV, buf", HCHAN_IOC_RECV, ON_MSG,
	  offsetof(struct hchan_xfer, buf), MSG_MAX, true },
	{ "RECV, buf", HCHAN_IOC_RECV, ON_BIG,
	  offsetof(struct hchan_xfer, buf), BIG_SIZE, true },
	{ "RECV, buf", HCHAN_IOC_RECV, ON_CLOSED,
	  offsetof(struct hchan_xfer, buf), 8, true },
	{ "SENDN, buf", HCHAN_IOC_SENDN, ON_FIXED,
	  offsetof(struct hchan_batch, buf), 8, false },
	{ "SENDN, buf", HCHAN_IOC_SENDN, ON_MSG,
	  offsetof(struct hchan_batch, buf), MSG_LEN, false },
	{ "SENDN, buf", HCHAN_IOC_SENDN, ON_BIG,
	  offsetof(struct hchan_batch, buf), BIG_SIZE, false },
	{ "SENDN, lens", HCHAN_IOC_SENDN, ON_MSG,
	  offsetof(struct hchan_batch, lens), 4, false },
	{ "RECVN, buf", HCHAN_IOC_RECVN, ON_FIXED,
	  offsetof(struct hchan_batch, buf), 2 * 8, true },
	{ "RECVN, buf", HCHAN_IOC_RECVN, ON_MSG,
	  offsetof(struct hchan_batch, buf), 2 * MSG_MAX, true },
	{ "RECVN, buf", HCHAN_IOC_RECVN, ON_BIG,
	  offsetof(struct hchan_batch, buf), 2 * BIG_SIZE, true },
	{ "RECVN, lens", HCHAN_IOC_RECVN, ON_MSG,
	  offsetof(struct hchan_batch, lens), 2 * 4, true },
	{ "CREATE, name", HCHAN_IOC_CREATE, ON_DIR,
	  offsetof(struct hchan_create, name), sizeof(BAD_NEW) - 1, false },
	{ "STATAT, name", HCHAN_IOC_STATAT, ON_DIR,
	  offsetof(struct hchan_statat, name), sizeof(BAD_NAME) - 1, false },
	{ "STATAT, stat", HCHAN_IOC_STATAT, ON_DIR,
	  offsetof(struct hchan_statat, stat), sizeof(struct hchan_stat),
	  true },
};

/* The argument, with @address in it. */
static uint64_t inner_arg(const struct inner *inner, uint64_t address)
{
	uint8_t *arg = bad_at(B_ARG, bad_arg_size(inner->cmd));

	memcpy(arg + inner->offset, &address, sizeof(address));
	return POINTS(arg);
}

static void inner_result(const struct inner *inner, bool good, const char *what)
{
	ksft_test_result(good, "%s on %s: %s\n", inner->name,
			 bad_on_names[inner->on], what);
}

static void test_inner(const struct inner *inner)
{
	uint8_t *arg = bad_at(B_ARG, bad_arg_size(inner->cmd));
	uint8_t data[2 * BIG_SIZE], *at;
	uint32_t there, step = inner->size > 64 ? 111 : 1;
	uint64_t right;
	bool good = true;
	unsigned int i;

	bad_poison();
	bad_fill_arg(arg, inner->cmd, inner->on);
	memcpy(&right, arg + inner->offset, sizeof(right));
	memcpy(data, (void *)(uintptr_t)right, inner->size);

	/* Without lens it would be another mistake. */
	i = inner->cmd != HCHAN_IOC_CREATE && inner->cmd != HCHAN_IOC_STATAT &&
	    inner->offset == offsetof(struct hchan_batch, lens);
	for (; i < ARRAY_SIZE(nowhere); i++)
		good = good && faults(inner->cmd, inner->on,
				      inner_arg(inner, nowhere[i]));
	inner_result(inner, good, "nowhere");

	good = true;
	for (there = 0; there < inner->size; there += step) {
		at = bad_at(B_BUF, there);
		memcpy(at, data, there);
		good = good && faults(inner->cmd, inner->on,
				      inner_arg(inner, POINTS(at)));
	}
	inner_result(inner, good, "cut off");

	if (!inner->out)
		return;
	good = true;
	for (there = 0; there < inner->size; there += step) {
		at = across(data, inner->size, there);
		good = good && faults(inner->cmd, inner->on,
				      inner_arg(inner, POINTS(at)));
	}
	inner_result(inner, good, "read-only");
}

/* A batch whose second element is not there has sent the first. */
static void test_half(enum bad_on on, bool lens)
{
	struct hchan_batch *arg = bad_at(B_ARG, sizeof(*arg));
	uint32_t size = lens ? sizeof(uint32_t) : bad_elem_size(on);
	uint64_t length = hc_len(bad_fd[on]), right;
	void *at = bad_at(B_BUF, size);
	bool good;
	int ret;

	bad_poison();
	bad_fill_arg(arg, HCHAN_IOC_SENDN, on);
	right = lens ? arg->lens : arg->buf;
	memmove(at, (void *)(uintptr_t)right, size);
	if (lens)
		arg->lens = POINTS(at);
	else
		arg->buf = POINTS(at);
	ret = bad_call(bad_fd[on], HCHAN_IOC_SENDN, POINTS(arg));
	good = ret == 1 && arg->done == 1 && hc_len(bad_fd[on]) == length + 1;
	ksft_test_result(good, "SENDN on %s: half of %s: the first is sent (%d)\n",
			 bad_on_names[on], lens ? "lens" : "buf", ret);
	bad_again();
}

/* No bytes, so no memory: any address will do. */
static void test_zero(unsigned long cmd, const char *name)
{
	struct inner inner = { name, cmd, ON_ZERO, 0, 0, false };
	bool good = true;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		bad_poison();
		bad_fill_arg(bad_at(B_ARG, bad_arg_size(cmd)), cmd, ON_ZERO);
		ret = bad_call(bad_fd[ON_ZERO], cmd,
			       inner_arg(&inner, nowhere[i]));
		good = good && ret == (cmd == HCHAN_IOC_SEND ? 0 :
				       cmd == HCHAN_IOC_RECV ? 1 : 2);
		bad_again();
	}
	ksft_test_result(good, "%s on %s: buf is not looked at\n", name,
			 bad_on_names[ON_ZERO]);
}

/* read(2) and write(2). Whether it is EFAULT and nothing else. */
static bool rw_faults(enum bad_on on, bool out, uint64_t buf, uint32_t size)
{
	void *at = (void *)(uintptr_t)buf;
	struct bad_state before;
	int ret;

	bad_look(&before);
	bad_remember();
	ret = out ? ERR(write(bad_fd[on], at, size)) :
		    ERR(read(bad_fd[on], at, size));
	if (ret == -EFAULT && bad_memory_same() && bad_state_same(&before))
		return true;
	ksft_print_msg("%u bytes at %#llx: %d\n", size,
		       (unsigned long long)buf, ret);
	bad_again();
	return false;
}

static void test_rw(enum bad_on on, bool out)
{
	uint32_t there, size = bad_elem_size(on), step = size > 64 ? 111 : 1;
	uint8_t data[BIG_SIZE];
	bool good = true;
	unsigned int i;
	void *at;

	memset(data, HC_POISON, sizeof(data));
	bad_poison();
	for (i = 0; i < ARRAY_SIZE(nowhere); i++)
		good = good && rw_faults(on, out, nowhere[i], size);
	for (there = 0; there < size; there += step) {
		at = bad_at(B_BUF, there);
		good = good && rw_faults(on, out, POINTS(at), size);
		if (out)
			continue;
		at = across(data, size, there);
		good = good && rw_faults(on, out, POINTS(at), size);
	}
	ksft_test_result(good, "%s on %s: nowhere, cut off%s\n",
			 out ? "write" : "read", bad_on_names[on],
			 out ? "" : ", read-only");
}

static unsigned int plan(void)
{
	unsigned int n = 3 * ARRAY_SIZE(calls) + 2 * ARRAY_SIZE(inners), i;

	for (i = 0; i < ARRAY_SIZE(inners); i++)
		n += inners[i].out;
	return n + 3 + 4 + 6 + 4;
}

int main(void)
{
	static const enum bad_on full[] = { ON_FIXED, ON_MSG, ON_BIG };
	static const enum bad_on kept[] = { ON_FIXED, ON_MSG, ON_ZERO, ON_BIG };
	unsigned int i;

	ksft_print_header();
	ksft_set_plan(plan());
	bad_setup();
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		test_nowhere(&calls[i]);
		test_cut(&calls[i]);
		test_read_only(&calls[i]);
	}
	for (i = 0; i < ARRAY_SIZE(inners); i++)
		test_inner(&inners[i]);
	for (i = 0; i < ARRAY_SIZE(full); i++) {
		test_rw(full[i], true);
		test_rw(full[i], false);
	}
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		ksft_test_result(bad_drain(kept[i]),
				 "%s: the elements are what they were\n",
				 bad_on_names[kept[i]]);
	bad_again();
	test_half(ON_FIXED, false);
	test_half(ON_BIG, false);
	test_half(ON_MSG, true);
	test_zero(HCHAN_IOC_SEND, "SEND");
	test_zero(HCHAN_IOC_RECV, "RECV");
	test_zero(HCHAN_IOC_SENDN, "SENDN");
	test_zero(HCHAN_IOC_RECVN, "RECVN");
	bad_teardown();
	ksft_finished();
}
