// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation and each copy from or to the caller fails in turn, until a call
 * meets none any more: what fails leaves nothing behind (C1, C50), an element
 * that could not be copied in is not sent, one that could not be copied out is
 * returned to its place (C38), and a batch tells how much it has moved (C39).
 */
#include <poll.h>
#include <sys/eventfd.h>

#include "allocs.h"
#include "fs_util.h"
#include "hchan_ctx.h"
#include "hchan_select.h"
#include "hchan_timer.h"

#define LARGE	5000
#define KEPT	6	/* elements in the channel before a call */
#define BATCH	3

/*
 * struct op - a call that is made to fail
 * @size: of the elements of the channel it is made on
 * @call: Return: as the system call
 * @per: what the length changes by for each element that it says it has moved
 * @one: a success is one element whatever it returns
 * @messages: the channel is of messages: elements of fixed size go a way in which
 *	nothing can be made to fail
 */
struct op {
	const char *name;
	uint32_t size;
	int (*call)(void);
	int per;
	bool one;
	bool messages;
};

static int dev, nth_fd, chan;
static uint8_t buf[BATCH * LARGE];
static const struct op *op;

/* --- calls ----------------------------------------------------------------- */

static int create(uint32_t size, uint64_t capacity, uint32_t flags)
{
	struct hchan_create arg = hc_request(size, capacity, flags);
	int fd = ioctl(dev, HCHAN_IOC_CREATE, &arg);

	/* Not when it fails. */
	hc_must((fd < 0) == (arg.id == HC_POISON64));
	return fd;
}

static int create_small(void)
{
	return create(8, 4, 0);
}

static int create_messages(void)
{
	return create(4096, 64, HCHAN_MSG | HCHAN_DISCONNECT);
}

static int create_no_ring(void)
{
	return create(HCHAN_ELEM_MAX, 0, 0);
}

static int create_big_ring(void)
{
	return create(64, 1 << 17, 0);
}

static int narrow(void)
{
	struct hchan_narrow arg = { .open_flags = O_RDONLY | O_CLOEXEC };

	return ioctl(chan, HCHAN_IOC_NARROW, &arg);
}

static int move_one(unsigned long cmd)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)buf,
		.len = op->size,
		.flags = HCHAN_NOWAIT,
	};

	return ioctl(chan, cmd, &xfer);
}

static int send_one(void)
{
	hc_fill(buf, op->size, KEPT);
	return move_one(HCHAN_IOC_SEND);
}

static void fill_batch(void)
{
	uint32_t i;

	for (i = 0; i < BATCH; i++)
		hc_fill(buf + i * op->size, op->size, KEPT + i);
}

static int send_batch(void)
{
	fill_batch();
	return load_batch(chan, HCHAN_IOC_SENDN, buf, op->size, BATCH,
			  HCHAN_NOWAIT);
}

static int write_batch(void)
{
	struct iovec halves[2] = {
		{ .iov_base = buf, .iov_len = op->size },
		{ .iov_base = buf + op->size, .iov_len = (BATCH - 1) * op->size },
	};
	int ret;

	fill_batch();
	ret = writev(chan, halves, 2);	/* not the short way */
	return ret > 0 ? ret / (int)op->size : ret;
}

static int recv_one(void)
{
	memset(buf, HC_POISON, sizeof(buf));
	return move_one(HCHAN_IOC_RECV);
}

static int recv_batch(void)
{
	memset(buf, HC_POISON, sizeof(buf));
	return load_batch(chan, HCHAN_IOC_RECVN, buf, op->size, BATCH,
			  HCHAN_NOWAIT);
}

static int read_batch(void)
{
	int ret;

	memset(buf, HC_POISON, sizeof(buf));
	ret = read(chan, buf, BATCH * op->size);
	return ret > 0 ? ret / (int)op->size : ret;
}

static int look(void)
{
	struct hchan_stat stat = { .size = sizeof(stat) };

	return ioctl(chan, HCHAN_IOC_STAT, &stat);
}

static char dir[64];

static int mount_one(void)
{
	return mount("none", dir, "hchanfs", 0, "msg=300,cap=3");
}

/* More cases than go without an allocation; one of them can happen. */
#define CASES 12

static int select_with(struct hchan_case c, uint32_t flags, int64_t deadline)
{
	struct hchan_case cases[CASES];
	struct hchan_select sel = {
		.cases = (uintptr_t)cases,
		.count = CASES,
		.flags = flags,
		.deadline = deadline,
	};
	int i;

	for (i = 0; i < CASES; i++)
		cases[i] = hc_case_nil();
	cases[CASES - 2] = c;
	return ioctl(dev, HCHAN_IOC_SELECT, &sel);
}

static int select_send(void)
{
	hc_fill(buf, op->size, KEPT);
	return select_with(hc_case_send(chan, buf, op->size), 0, 0);
}

static int select_recv(void)
{
	memset(buf, HC_POISON, sizeof(buf));
	return select_with(hc_case_recv(chan, buf, op->size), 0, 0);
}

static int empty, event;	/* a rendezvous of large elements; never ready */

/* Until its deadline, as nobody comes. */
static int waited(int ret)
{
	return ret < 0 && errno == ETIMEDOUT ? 0 : ret;
}

static int select_parked(void)
{
	return waited(select_with(hc_case_send(empty, buf, LARGE),
				  HCHAN_DEADLINE, hc_in(100 * HC_MS)));
}

static int select_descriptor(void)
{
	return waited(select_with(hc_case_poll(event, POLLIN), HCHAN_DEADLINE,
				  hc_in(100 * HC_MS)));
}

static int set(void)
{
	struct hchan_set arg = { .open_flags = O_CLOEXEC };

	return ioctl(dev, HCHAN_IOC_SET, &arg);
}

/* With a case of it, which then goes. */
static int set_select(bool send)
{
	struct hchan_set_select sel = { 0 };
	struct hchan_set_ctl ctl = { .c = { .fd = chan } };
	int fd = set(), ret, error;

	if (fd < 0)
		return fd;
	ctl.c.op = send ? HCHAN_CASE_SEND : HCHAN_CASE_RECV;
	ctl.c.buf = (uintptr_t)buf;
	ctl.c.len = op->size;
	ret = ioctl(fd, HCHAN_IOC_SET_CTL, &ctl);
	if (!ret)
		ret = ioctl(fd, HCHAN_IOC_SET_SELECT, &sel);
	error = errno;
	close(fd);
	errno = error;
	return ret;
}

static int set_send(void)
{
	hc_fill(buf, op->size, KEPT);
	return set_select(true);
}

static int set_recv(void)
{
	memset(buf, HC_POISON, sizeof(buf));
	return set_select(false);
}

/* --- timers and contexts ---------------------------------------------------- */

static int timer(void)
{
	int fd = ht_make_by(dev, HCHAN_TIMER_TICK, O_CLOEXEC, hc_in(HT_HOUR), HT_HOUR);

	errno = fd < 0 ? -fd : 0;
	return fd < 0 ? -1 : fd;
}

static int hour_timer, family, right;	/* never due; a context, and its cancel's */

/* A setting that fails leaves the old one, which a stop then prevents. */
static int timer_set(void)
{
	struct hchan_timer_set arg = { .due = hc_in(2 * HT_HOUR) };
	int ret = ioctl(hour_timer, HCHAN_IOC_TIMER_SET, &arg);

	return ret < 0 ? ret : ret == 1 ? 0 : -1;
}

static int context_by(int parent, struct hchan_ctx *arg)
{
	struct hc_ctx ctx;
	int ret = hc_ctx_by(parent, arg, &ctx);

	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	if (ctx.cancel >= 0)
		close(ctx.cancel);
	return ret;
}

static int context(void)
{
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS);

	return context_by(dev, &arg);
}

static int context_below(void)
{
	static const struct hchan_cause cause = { .code = 1 };
	struct hchan_ctx arg = hc_ctx_request(HCHAN_CTX_CANCEL | HCHAN_DEADLINE);

	arg.deadline = hc_in(HT_HOUR);
	arg.cause = (uintptr_t)&cause;
	arg.key = (uintptr_t)"key";
	arg.key_len = 3;
	arg.value = (uintptr_t)buf;
	arg.value_len = HCHAN_CTX_VALUE_MAX;
	return context_by(family, &arg);
}

static int value(void)
{
	struct hchan_ctx_value arg = {
		.key = (uintptr_t)"key",
		.buf = (uintptr_t)buf,
		.key_len = 3,
		.len = HCHAN_CTX_VALUE_MAX,
	};

	return ioctl(family, HCHAN_IOC_CTX_VALUE, &arg);
}

static int context_stat(void)
{
	struct hchan_ctx_stat arg = { .size = sizeof(arg) };

	return ioctl(family, HCHAN_IOC_CTX_STAT, &arg);
}

/* Of what may be done already, which is no error. */
static int cancel(void)
{
	static const struct hchan_cause cause = { .code = 2 };
	int ret = ioctl(right, HCHAN_IOC_CTX_CANCEL, &cause);

	return ret < 0 ? ret : 0;
}

static void make_family(void)
{
	struct hc_ctx ctx = hc_ctx(dev, HCHAN_CTX_CANCEL);

	right = ctx.cancel;
	family = hc_ctx_with(ctx.fd, 0, "key", buf, HCHAN_CTX_VALUE_MAX).fd;
	close(ctx.fd);
	hour_timer = load_must(ht_at(hc_in(HT_HOUR)));
}

static const struct op ops[] = {
	{ "a mount", 8, mount_one, 0, false, false },
	{ "a channel", 8, create_small, 0, false, false },
	{ "a channel of messages", 8, create_messages, 0, false, false },
	{ "a channel without a buffer", 8, create_no_ring, 0, false, false },
	{ "a channel with a large buffer", 8, create_big_ring, 0, false, false },
	{ "a narrower descriptor", 8, narrow, 0, false, false },
	{ "a stat", 8, look, 0, false, false },
	{ "a send", 8, send_one, 1, true, true },
	{ "a large send", LARGE, send_one, 1, true, false },
	{ "a batch sent", 8, send_batch, 1, false, false },
	{ "a large batch sent", LARGE, send_batch, 1, false, false },
	{ "a write", 8, write_batch, 1, false, false },
	{ "a large write", LARGE, write_batch, 1, false, false },
	{ "a receive", 8, recv_one, -1, true, true },
	{ "a large receive", LARGE, recv_one, -1, true, false },
	{ "a batch received", 8, recv_batch, -1, false, false },
	{ "a large batch received", LARGE, recv_batch, -1, false, false },
	{ "a read", 8, read_batch, -1, false, true },
	{ "a large read", LARGE, read_batch, -1, false, false },
	{ "a select that sends", 8, select_send, 1, true, false },
	{ "a select that sends much", LARGE, select_send, 1, true, false },
	{ "a select that receives", 8, select_recv, -1, true, false },
	{ "a select that receives much", LARGE, select_recv, -1, true, false },
	{ "a select that waits", 8, select_parked, 0, false, false },
	{ "a select that waits for others", 8, select_descriptor, 0, false, false },
	{ "a set", 8, set, 0, false, false },
	{ "a set that sends", LARGE, set_send, 1, true, false },
	{ "a set that receives", 8, set_recv, -1, true, false },
	{ "a timer", 8, timer, 0, false, false },
	{ "a timer that is set", 8, timer_set, 0, false, false },
	{ "a context", 8, context, 0, false, false },
	{ "a context below another", 8, context_below, 0, false, false },
	{ "a context's value", 8, value, 0, false, false },
	{ "a context's stat", 8, context_stat, 0, false, false },
	{ "a cancel", 8, cancel, 0, false, false },
};

/* --- the loop -------------------------------------------------------------- */

static bool set_nth(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	/* A fault that is left meets this copy, and is gone then. */
	return pwrite(nth_fd, text, len, 0) == len ||
	       pwrite(nth_fd, text, len, 0) == len;
}

static bool fault_left(void)
{
	char text[16] = "";

	return pread(nth_fd, text, sizeof(text) - 1, 0) <= 0 || atoi(text);
}

static void prepare(void)
{
	uint32_t i;

	chan = load_must(hc_make(op->size, KEPT + BATCH,
				 op->messages ? HCHAN_MSG : 0));
	for (i = 0; i < KEPT; i++) {
		hc_fill(buf, op->size, i);
		load_must(hc_send(chan, buf, op->size));
	}
}

/* Whether the channel has, in their order, elements @from to @end. */
static bool holds(uint32_t from, uint32_t end)
{
	if (hc_len(chan) != end - from)
		return false;
	for (; from < end; from++)
		if (hc_try_recv(chan, buf, op->size) != 1 ||
		    !hc_is(buf, op->size, from))
			return false;
	return true;
}

/* Whether what was received are the first elements. */
static bool got(int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (!hc_is(buf + i * op->size, op->size, i))
			return false;
	return true;
}

/* Whether the channel is as it has to be after the call returned @ret. */
static bool settled(int ret)
{
	int moved = ret < 0 ? 0 : op->one ? 1 : ret;

	if (op->call == mount_one)
		return !!umount2(dir, 0) == !!ret;
	if (!op->per && ret > 0)
		close(ret);
	if (op->per < 0)
		return got(moved) && holds(moved, KEPT);
	return holds(0, KEPT + (op->per ? moved : 0));
}

/* Return: whether a fault was left: the call met less than @n. */
static bool try(int n, int *failed, bool *good)
{
	int fd = next_fd(), ret, error;
	long before = load_channels();
	bool left;

	prepare();
	if (!set_nth(n))
		ksft_exit_fail_perror("fail-nth");
	ret = op->call();
	error = errno;
	left = fault_left();
	set_nth(0);
	if (ret < 0)
		++*failed;
	*good = settled(ret) &&
		(ret >= 0 || error == ENOMEM || error == EFAULT);
	close(chan);
	*good = *good && load_channels() == before && next_fd() == fd;
	if (!*good)
		ksft_print_msg("fault %d: %s\n", n,
			       ret < 0 ? strerror(error) : "success");
	return left;
}

/*
 * Several times over, as now and then an allocator needs a page in between and
 * what comes behind it moves on by one.
 */
static void test_op(void)
{
	int round, n, faults = 0, failed = 0;
	bool good = true;

	for (round = 0; good && round < 4; round++) {
		for (n = 1; good && !try(n, &failed, &good); n++)
			faults++;
	}
	ksft_test_result(good && faults && (failed || op->per),
			 "%s (%d faults, %d of them fatal)\n", op->name,
			 faults, failed);
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(ops));
	sprintf(dir, "/tmp/hchan-XXXXXX");
	hc_must(mkdtemp(dir));
	dev = load_must(open("/dev/hchan", O_RDWR | O_CLOEXEC));
	empty = load_must(hc_make(LARGE, 0, 0));
	event = load_must(eventfd(0, EFD_CLOEXEC));
	make_family();
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (faults_there() && nth_fd >= 0)
		faults_set(true);
	for (op = ops; op < ops + ARRAY_SIZE(ops); op++) {
		if (nth_fd >= 0)
			test_op();
		else
			ksft_test_result_code(KSFT_SKIP, op->name,
					      "no fault injection");
	}
	if (nth_fd >= 0)
		faults_set(false);
	rmdir(dir);
	ksft_finished();
}
