// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What the library asks the kernel for, and what it makes of the answers. The
 * kernel is played by played_ioctl() and what else wrap.h names.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <hchan.h>
#include <hchan/sync.h>

#include "check.h"
#include "wrap.h"

#define CH		1000	/* the descriptor of a channel */
#define DEVICE		2000	/* and of /dev/hchan */

/* What was asked, and what is answered. */
static struct {
	int calls;
	int fd;
	unsigned int request;
	struct hchan_xfer xfer;
	struct hchan_batch batch;
	struct hchan_create create;
	struct hchan_wait wait;
	struct hchan_narrow narrow;
	uint32_t spin;
	int closed;
	void (*on_close)(void);	/* what somebody else does meanwhile, once */
	int ret;
	int err;
	uint32_t actual;
	struct hchan_stat stat;
} kernel;

int played_ioctl(int fd, unsigned int request, void *arg)
{
	kernel.calls++;
	kernel.fd = fd;
	kernel.request = request;
	switch (kernel.request) {
	case HCHAN_IOC_SEND:
	case HCHAN_IOC_RECV:
		memcpy(&kernel.xfer, arg, sizeof(kernel.xfer));
		((struct hchan_xfer *)arg)->actual = kernel.actual;
		break;
	case HCHAN_IOC_SENDN:
	case HCHAN_IOC_RECVN:
		memcpy(&kernel.batch, arg, sizeof(kernel.batch));
		break;
	case HCHAN_IOC_CREATE:
		memcpy(&kernel.create, arg, sizeof(kernel.create));
		break;
	case HCHAN_IOC_WAIT:
		memcpy(&kernel.wait, arg, sizeof(kernel.wait));
		((struct hchan_wait *)arg)->seen = 7;
		break;
	case HCHAN_IOC_NARROW:
		memcpy(&kernel.narrow, arg, sizeof(kernel.narrow));
		break;
	case HCHAN_IOC_SPIN:
		memcpy(&kernel.spin, arg, sizeof(kernel.spin));
		break;
	case HCHAN_IOC_STAT:
		memcpy(arg, &kernel.stat, sizeof(kernel.stat));
		break;
	}
	if (kernel.err) {
		errno = kernel.err;
		return -1;
	}
	return kernel.ret;
}

int played_open(void)
{
	return DEVICE;
}

int played_close(int fd)
{
	void (*other)(void) = kernel.on_close;

	if (fd != DEVICE && fd != CH)
		return 0;
	kernel.closed++;
	kernel.on_close = NULL;
	if (other)
		other();
	return 1;
}

static void answer(int ret, int err)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.ret = ret;
	kernel.err = err;
}

struct job {
	uint32_t id;
	char text[60];
};

HCHAN_DECLARE(job_chan, struct job);

static int ch_evaluated, elem_evaluated, other_evaluated;

static job_chan jobs(void)
{
	job_chan ch = { CH };

	ch_evaluated++;
	return ch;
}

static struct job *job(void)
{
	static struct job jobs[4];

	elem_evaluated++;
	return jobs;
}

static size_t four(void)
{
	other_evaluated++;
	return 4;
}

static struct hchan_when never(void)
{
	other_evaluated += 10;
	return hchan_forever();
}

static unsigned int some(void)
{
	other_evaluated += 100;
	return HCHAN_SOME;
}

static void once(const char *name, unsigned int request, int others)
{
	check_eq(name, 111000 + others,
		 ch_evaluated * 100000 + elem_evaluated * 10000 +
		 kernel.calls * 1000 + other_evaluated);
	check_eq("... and asks for the right thing", request, kernel.request);
	ch_evaluated = 0;
	elem_evaluated = 0;
	other_evaluated = 0;
	answer(0, 0);
}

static void typed_macros(void)
{
	answer(0, 0);
	HCHAN_SEND(jobs(), job());
	once("HCHAN_SEND evaluates once", HCHAN_IOC_SEND, 0);
	HCHAN_RECV(jobs(), job());
	once("HCHAN_RECV evaluates once", HCHAN_IOC_RECV, 0);
	HCHAN_TRY_SEND(jobs(), job());
	once("HCHAN_TRY_SEND evaluates once", HCHAN_IOC_SEND, 0);
	HCHAN_TRY_RECV(jobs(), job());
	once("HCHAN_TRY_RECV evaluates once", HCHAN_IOC_RECV, 0);
	HCHAN_SEND_UNTIL(jobs(), job(), never());
	once("HCHAN_SEND_UNTIL evaluates once", HCHAN_IOC_SEND, 10);
	HCHAN_RECV_UNTIL(jobs(), job(), never());
	once("HCHAN_RECV_UNTIL evaluates once", HCHAN_IOC_RECV, 10);
	HCHAN_SENDN(jobs(), job(), four());
	once("HCHAN_SENDN evaluates once", HCHAN_IOC_SENDN, 1);
	HCHAN_RECVN(jobs(), job(), four());
	once("HCHAN_RECVN evaluates once", HCHAN_IOC_RECVN, 1);
	HCHAN_SENDN_UNTIL(jobs(), job(), four(), never());
	once("HCHAN_SENDN_UNTIL evaluates once", HCHAN_IOC_SENDN, 11);
	HCHAN_RECVN_UNTIL(jobs(), job(), four(), never(), some());
	once("HCHAN_RECVN_UNTIL evaluates once", HCHAN_IOC_RECVN, 111);

	HCHAN_SEND(jobs(), &(struct job){ 1, "commas" });
	check_eq("an element with commas has its size", sizeof(struct job),
		 kernel.xfer.len);
}

static void elements(void)
{
	struct job job = { 0 };

	answer(1, 0);
	check_eq("recv passes 1 on", 1, hchan_recv(CH, &job, sizeof(job)));
	check_eq("recv: address", (uintptr_t)&job, kernel.xfer.buf);
	check_eq("recv: room", sizeof(job), kernel.xfer.len);
	check_eq("recv waits for ever", 0, kernel.xfer.flags);

	answer(0, EPIPE);
	errno = EXDEV;
	check_eq("send: negative errno", -EPIPE, hchan_send(CH, &job, 4));
	check_eq("send leaves errno alone", EXDEV, errno);
	check_eq("send: size", 4, kernel.xfer.len);

	answer(0, EAGAIN);
	check_eq("try_recv: -EAGAIN", -EAGAIN, hchan_try_recv(CH, &job, 4));
	check_eq("try_recv does not wait", HCHAN_NOWAIT, kernel.xfer.flags);
	hchan_try_send(CH, &job, 4);
	check_eq("try_send does not wait", HCHAN_NOWAIT, kernel.xfer.flags);

	answer(0, ETIMEDOUT);
	hchan_send_until(CH, &job, 4,
			 hchan_at_realtime((struct timespec){ 3, 5 }));
	check_eq("send_until: clock", HCHAN_DEADLINE | HCHAN_REALTIME,
		 kernel.xfer.flags);
	check_eq("send_until: moment", 3000000005LL, kernel.xfer.deadline);

	/* Cut to 32 bits this would be 4. */
	if (SIZE_MAX > UINT32_MAX) {
		size_t huge = (size_t)UINT32_MAX + 5;

		answer(0, 0);
		check_eq("a size is not cut", -EMSGSIZE,
			 hchan_send(CH, &job, huge));
		check_eq("a batch's size is not cut", -EMSGSIZE,
			 hchan_sendn(CH, &job, huge, 1));
		check_eq("an element size is not cut", -EMSGSIZE,
			 hchan_make(huge, 0));
		check_eq("... and the kernel is not asked", 0, kernel.calls);
		hchan_recv(CH, &job, huge);
		check_eq("room is not cut", UINT32_MAX, kernel.xfer.len);
	}
}

static void messages(void)
{
	char buf[16];
	size_t len = 99;

	answer(1, 0);
	kernel.actual = 11;
	check_eq("recv_msg", 1,
		 hchan_recv_msg(CH, buf, sizeof(buf), &len, hchan_forever()));
	check_eq("recv_msg: length", 11, len);
	answer(0, EMSGSIZE);
	kernel.actual = 12;
	hchan_recv_msg(CH, buf, sizeof(buf), &len, hchan_forever());
	check_eq("recv_msg: the room it needs", 12, len);
	answer(0, EINTR);
	kernel.actual = 13;
	hchan_recv_msg(CH, buf, sizeof(buf), &len, hchan_forever());
	check_eq("recv_msg: untouched by other errors", 12, len);
	answer(1, 0);
	check_eq("recv_msg without a length", 1,
		 hchan_recv_msg(CH, buf, sizeof(buf), NULL, hchan_forever()));
}

static void batches(void)
{
	struct job jobs[3];

	answer(2, 0);
	check_eq("sendn: how many", 2, hchan_sendn(CH, jobs, sizeof(*jobs), 3));
	check_eq("sendn: count", 3, kernel.batch.count);
	check_eq("sendn: stride", sizeof(*jobs), kernel.batch.stride);
	hchan_recvn_until(CH, jobs, sizeof(*jobs), 3, hchan_nowait(), 0);
	check_eq("recvn_until: does not wait", HCHAN_NOWAIT,
		 kernel.batch.flags);
	hchan_recvn_until(CH, jobs, sizeof(*jobs), 3, hchan_forever(),
			  HCHAN_SOME);
	check_eq("recvn_until: waits for the first", HCHAN_SOME,
		 kernel.batch.flags);
	answer(0, 0);
	check_eq("recvn_until: unknown flags", -EINVAL,
		 hchan_recvn_until(CH, jobs, 4, 3, hchan_forever(),
				   HCHAN_NOWAIT));
	if (SIZE_MAX > INT_MAX)
		check_eq("sendn: too many", -EINVAL,
			 hchan_sendn(CH, jobs, 4, (size_t)INT_MAX + 1));
	check_eq("... and the kernel is not asked", 0, kernel.calls);
}

static void making(void)
{
	struct hchan_opts opts = {
		.elem_size = 8,
		.capacity = 3,
		.tag = 5,
		.flags = HCHAN_DISCONNECT,
		.how = HCHAN_O_RECV | HCHAN_O_NONBLOCK | HCHAN_O_INHERIT,
	};

	answer(CH, 0);
	check_eq("make returns the descriptor", CH, hchan_make(8, 3));
	check_eq("make asks the device", DEVICE, kernel.fd);
	check_eq("make closes the device", 1, kernel.closed);
	check_eq("make: both directions, close-on-exec", O_RDWR | O_CLOEXEC,
		 kernel.create.open_flags);
	check_eq("make: element size", 8, kernel.create.elem_size);
	check_eq("make: capacity", 3, kernel.create.capacity);
	check_eq("make: no name's mode", 0, kernel.create.mode);

	hchan_make_opts(&opts);
	check_eq("make_opts: how", O_RDONLY | O_NONBLOCK,
		 kernel.create.open_flags);
	check_eq("make_opts: tag", 5, kernel.create.type_tag);
	check_eq("make_opts: flags", HCHAN_DISCONNECT, kernel.create.flags);

	answer(CH, 0);
	opts.reserved[4] = 1;
	check_eq("reserved is checked", -EINVAL, hchan_make_opts(&opts));
	opts.reserved[4] = 0;
	opts.how = HCHAN_O_INHERIT << 1;
	check_eq("how is checked", -EINVAL, hchan_make_opts(&opts));
	opts.how = 0;
	opts.flags = HCHAN_EXPECT;
	check_eq("flags for names are refused", -EINVAL,
		 hchan_make_opts(&opts));
	check_eq("... and the kernel is not asked", 0, kernel.calls);

	answer(0, EDQUOT);
	check_eq("make: -EDQUOT", -EDQUOT, hchan_make(8, 3));
	check_eq("make says why", 0,
		 strcmp(hchan_errmsg(),
			"new channel: The user's limit for channels is reached"));

	answer(CH, 0);
	job_chan_make(9);
	check_eq("typed make: size", sizeof(struct job),
		 kernel.create.elem_size);
	check_eq("typed make: tag", hchan_tag("struct job", sizeof(struct job)),
		 kernel.create.type_tag);
	check_eq("typed make: capacity", 9, kernel.create.capacity);
}

static void checking(void)
{
	answer(0, 0);
	kernel.stat.elem_size = 32;
	kernel.stat.type_tag = 0xabc;
	check_eq("check agrees", 0, hchan_check(CH, 32, 0xabc));
	check_eq("check: no tag is any", 0, hchan_check(CH, 32, 0));
	check_eq("check: another size", -EPROTOTYPE, hchan_check(CH, 64, 0));
	check_eq("the message names what was expected", 1,
		 !!strstr(hchan_errmsg(),
			  "1000: expected elements of 64 bytes with no tag"));
	check_eq("... and what was found", 1,
		 !!strstr(hchan_errmsg(),
			  "elements of 32 bytes with tag 0x0000000000000abc"));
	check_eq("check: another tag", -EPROTOTYPE, hchan_check(CH, 32, 1));
	check_eq("a typed handle of an alien descriptor", -EPROTOTYPE,
		 job_chan_of(CH).fd);
	kernel.stat.elem_size = sizeof(struct job);
	kernel.stat.type_tag = 0;
	check_eq("a typed handle of a descriptor", CH, job_chan_of(CH).fd);
	kernel.stat.flags = HCHAN_MSG;
	check_eq("check: messages", -EPROTOTYPE, job_chan_of(CH).fd);
}

static void looking(void)
{
	answer(0, 0);
	kernel.stat.length = 4;
	kernel.stat.capacity = 6;
	check_eq("len", 4, hchan_len(CH));
	check_eq("cap", 6, hchan_cap(CH));
	check_eq("wait_senders returns what was seen", 7,
		 hchan_wait_senders(CH, 5, hchan_forever()));
	check_eq("wait_senders: what", HCHAN_W_SENDERS, kernel.wait.what);
	check_eq("wait_senders: how many", 5, kernel.wait.count);
	hchan_wait_receivers(CH, 5, hchan_forever());
	check_eq("wait_receivers: what", HCHAN_W_RECEIVERS, kernel.wait.what);
	hchan_wait_len(CH, 5, hchan_nowait());
	check_eq("wait_len: what", HCHAN_W_LENGTH, kernel.wait.what);
	check_eq("wait_len: when", HCHAN_NOWAIT, kernel.wait.flags);

	answer(CH, 0);
	check_eq("send_only", CH, hchan_send_only(CH));
	check_eq("send_only: flags", O_WRONLY | O_CLOEXEC,
		 kernel.narrow.open_flags);
	hchan_recv_only(CH);
	check_eq("recv_only: flags", O_RDONLY | O_CLOEXEC,
		 kernel.narrow.open_flags);

	answer(0, 0);
	check_eq("set_spin", 0, hchan_set_spin(CH, 7000));
	check_eq("set_spin: request", HCHAN_IOC_SPIN, kernel.request);
	check_eq("set_spin: how long", 7000, kernel.spin);
	hchan_set_spin(CH, -5);
	check_eq("set_spin: as the module is set", HCHAN_SPIN_DEFAULT, kernel.spin);
	answer(0, 0);
	check_eq("set_spin: a time is not taken for that", -EINVAL,
		 hchan_set_spin(CH, HCHAN_SPIN_DEFAULT));
	check_eq("set_spin: a time is not cut", -EINVAL,
		 hchan_set_spin(CH, (1LL << 32) + 5));
	check_eq("... and the kernel is not asked", 0, kernel.calls);
	answer(0, EINVAL);
	check_eq("set_spin: -EINVAL", -EINVAL, hchan_set_spin(CH, 50001));

	answer(0, EALREADY);
	check_eq("close closes the channel", -EALREADY, hchan_close(CH));
	check_eq("close: request", HCHAN_IOC_CLOSE, kernel.request);
	check_eq("close leaves the descriptor", 0, kernel.closed);
	answer(0, 0);
	check_eq("drop", 0, hchan_drop(CH));
	check_eq("drop closes the descriptor", 1, kernel.closed);
	check_eq("drop leaves the channel", 0, kernel.calls);
}

static struct hchan_wg group;

static void wait_too(void)
{
	hchan_wg_wait(&group, HCHAN_BACKGROUND);
}

static void leave_too(void)
{
	hchan_wg_leave(&group);
}

/* A number that is closed twice may be somebody else's by then. */
static void wait_groups(void)
{
	answer(CH, 0);
	check_eq("wg_make", 0, hchan_wg_make(&group));
	answer(0, EINTR);
	kernel.on_close = wait_too;
	check_eq("wg_wait", -EINTR, hchan_wg_wait(&group, HCHAN_BACKGROUND));
	check_eq("two that wait drop the member once", 1, kernel.closed);
	check_eq("wg_wait: then none can be added", -EINVAL, hchan_wg_add(&group));
	kernel.on_close = leave_too;
	hchan_wg_leave(&group);
	check_eq("two that leave drop the other once", 2, kernel.closed);
	answer(CH, 0);
	hchan_wg_make(&group);
	answer(0, EINTR);
	kernel.on_close = leave_too;
	hchan_wg_leave(&group);
	check_eq("two that leave drop each once", 2, kernel.closed);
}

/* No descriptor is made: none may be dropped, least of all standard input. */
static void not_opened(void)
{
	struct hchan_opts opts = {
		.flags = HCHAN_CREATE | HCHAN_NO_OPEN,
	};
	job_chan ch;

	answer(0, 0);
	check_eq("open_opts: 0 without opening", 0,
		 hchan_open_opts("/tmp/jobs", &opts, NULL));
	ch = job_chan_open_opts("/tmp/jobs", &opts, NULL);
	check_eq("typed open_opts: nil without opening", HCHAN_NIL, ch.fd);
	check_eq("... has created it", HCHAN_CREATE | HCHAN_NO_OPEN,
		 kernel.create.flags);
	check_eq("... and what is dropped is nothing", 0, job_chan_drop(ch));
	opts.flags = HCHAN_CREATE;
	check_eq("typed open_opts: 0 is a descriptor otherwise", 0,
		 job_chan_open_opts("/tmp/jobs", &opts, NULL).fd);
	opts.flags |= HCHAN_NO_OPEN;
	answer(0, EEXIST);
	check_eq("typed open_opts: what failed is no nil", -EEXIST,
		 job_chan_open_opts("/tmp/jobs", &opts, NULL).fd);
}

int main(void)
{
	typed_macros();
	elements();
	messages();
	batches();
	making();
	checking();
	looking();
	wait_groups();
	not_opened();
	return check_end();
}
