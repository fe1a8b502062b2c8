// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Contexts and timers: what the library asks the kernel for, and what it makes of the
 * answers. The kernel is played by what wrap.h names.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hchan.h>

#include "check.h"
#include "wrap.h"

#define CTX		1000	/* a context */
#define CANCEL		1001	/* the right to cancel it */
#define CH		1002	/* an ordinary channel */
#define DEVICE		2000

static struct {
	int calls;
	int fd;
	unsigned int request;
	struct hchan_ctx ctx;
	struct hchan_cause cause;
	int has_cause;
	struct hchan_ctx_value value;
	struct hchan_timer timer;
	struct hchan_timer_set set;
	struct hchan_select select;
	struct hchan_case cases[2];
	int opened;
	int closed;
	/* To be answered: */
	int ret;
	int err;
	struct hchan_ctx_stat stat;
} kernel;

static void copy_cause(uint64_t at)
{
	kernel.has_cause = at != 0;
	if (at)
		memcpy(&kernel.cause, (void *)(uintptr_t)at,
		       sizeof(kernel.cause));
}

static int answered(void)
{
	if (!kernel.err)
		return kernel.ret;
	errno = kernel.err;
	return -1;
}

static int not_there(int err)
{
	errno = err;
	return -1;
}

int played_ioctl(int fd, unsigned int request, void *arg)
{
	struct hchan_ctx *ctx;

	if (fd < 0)
		return not_there(EBADF);
	kernel.calls++;
	kernel.fd = fd;
	kernel.request = request;
	switch (kernel.request) {
	case HCHAN_IOC_CTX:
		ctx = arg;
		kernel.ctx = *ctx;
		copy_cause(ctx->cause);
		ctx->cancel_fd = CANCEL;
		break;
	case HCHAN_IOC_CTX_CANCEL:
		copy_cause((uintptr_t)arg);
		break;
	case HCHAN_IOC_STAT:
		if (fd == CANCEL)
			return not_there(ENOTTY);
		((struct hchan_stat *)arg)->state = fd == CH ? 0 : HCHAN_S_CTX;
		return 0;
	case HCHAN_IOC_CTX_STAT:
		if (fd == CH)
			return not_there(ENOTTY);
		memcpy(arg, &kernel.stat, sizeof(kernel.stat));
		return 0;
	case HCHAN_IOC_CTX_VALUE:
		memcpy(&kernel.value, arg, sizeof(kernel.value));
		((struct hchan_ctx_value *)arg)->actual = 77;
		break;
	case HCHAN_IOC_TIMER:
		memcpy(&kernel.timer, arg, sizeof(kernel.timer));
		break;
	case HCHAN_IOC_TIMER_SET:
		memcpy(&kernel.set, arg, sizeof(kernel.set));
		break;
	case HCHAN_IOC_SELECT:
		memcpy(&kernel.select, arg, sizeof(kernel.select));
		memcpy(kernel.cases, (void *)(uintptr_t)kernel.select.cases,
		       sizeof(kernel.cases));
		break;
	}
	return answered();
}

int played_open(void)
{
	kernel.opened++;
	return DEVICE;
}

int played_close(int fd)
{
	if (fd != DEVICE)
		return 0;
	kernel.closed++;
	return 1;
}

static void answer(int ret, int err)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.ret = ret;
	kernel.err = err;
}

static void making(void)
{
	struct hchan_why why = { 9, "late" };
	struct hchan_ctx_opts opts = {
		.deadline = hchan_at((struct timespec){ 3, 5 }),
		.why = &why,
		.flags = HCHAN_CTX_ON_LOSS,
		.how = HCHAN_O_NONBLOCK,
	};
	int cancel = -7;

	answer(CTX, 0);
	errno = EXDEV;
	check_eq("with_cancel", CTX,
		 hchan_ctx_with_cancel(HCHAN_BACKGROUND, &cancel));
	check_eq("errno is left alone", EXDEV, errno);
	check_eq("a child of the background is the device's", DEVICE, kernel.fd);
	check_eq("... which is closed again", 1, kernel.closed);
	check_eq("with_cancel: the right to", CANCEL, cancel);
	check_eq("with_cancel: flags", HCHAN_CTX_CANCEL, kernel.ctx.flags);
	check_eq("close-on-exec", O_CLOEXEC, kernel.ctx.open_flags);
	check_eq("no deadline", 0, kernel.ctx.deadline);

	answer(CTX, 0);
	check_eq("without a right to cancel", CTX,
		 hchan_ctx_with_deadline(CTX, opts.deadline, NULL));
	check_eq("a child is the parent's", CTX, kernel.fd);
	check_eq("with_deadline: flags", HCHAN_DEADLINE, kernel.ctx.flags);
	check_eq("with_deadline: when", 3000000005LL, kernel.ctx.deadline);

	answer(CTX, 0);
	hchan_ctx_with_timeout(CTX, INT64_MAX, NULL);
	check_eq("C31 a timeout does not overflow", INT64_MAX,
		 kernel.ctx.deadline);
	hchan_ctx_without_cancel(CTX);
	check_eq("without_cancel: flags", HCHAN_CTX_DETACH, kernel.ctx.flags);
	hchan_ctx_with_value(CTX, "key", "value", 5);
	check_eq("with_value: key", 3, kernel.ctx.key_len);
	check_eq("with_value: value", 5, kernel.ctx.value_len);

	hchan_ctx_make(CTX, &opts, &cancel);
	check_eq("opts: flags",
		 HCHAN_DEADLINE | HCHAN_CTX_CANCEL | HCHAN_CTX_ON_LOSS,
		 kernel.ctx.flags);
	check_eq("opts: how", O_CLOEXEC | O_NONBLOCK, kernel.ctx.open_flags);
	check_eq("opts: the deadline's cause", 1,
		 kernel.has_cause && kernel.cause.code == 9 &&
		 kernel.cause.len == 4 && !memcmp(kernel.cause.text, "late", 4));
}

static void refused(void)
{
	struct hchan_ctx_opts opts = { .how = HCHAN_O_SEND };
	char key[300];
	int cancel = 5;

	memset(key, 'k', sizeof(key));
	key[299] = '\0';
	answer(CTX, 0);
	check_eq("opts: how is checked", -EINVAL,
		 hchan_ctx_make(CTX, &opts, &cancel));
	opts.how = 0;
	opts.flags = HCHAN_CTX_CANCEL;
	check_eq("opts: flags are checked", -EINVAL,
		 hchan_ctx_make(CTX, &opts, &cancel));
	opts.flags = 0;
	opts.reserved[3] = 1;
	check_eq("opts: reserved is checked", -EINVAL,
		 hchan_ctx_make(CTX, &opts, &cancel));
	check_eq("a deadline on the other clock", -EINVAL,
		 hchan_ctx_with_deadline(CTX,
					 hchan_at_realtime((struct timespec){ 1, 0 }),
					 NULL));
	check_eq("no waiting is no deadline", -EINVAL,
		 hchan_ctx_with_deadline(CTX, hchan_nowait(), NULL));
	check_eq("an empty key", -EMSGSIZE,
		 hchan_ctx_with_value(CTX, "", "v", 1));
	check_eq("a long key", -EMSGSIZE, hchan_ctx_with_value(CTX, key, "v", 1));
	check_eq("no key", -EINVAL, hchan_ctx_with_value(CTX, NULL, "v", 1));
	check_eq("a long value", -EMSGSIZE,
		 hchan_ctx_with_value(CTX, "k", key, HCHAN_CTX_VALUE_MAX + 1));
	check_eq("cancelling nothing", -EINVAL, hchan_ctx_cancel(HCHAN_NIL));
	check_eq("... and the kernel is not asked", 0, kernel.calls);
	answer(0, EDQUOT);
	check_eq("-EDQUOT", -EDQUOT, hchan_ctx_with_cancel(CTX, &cancel));
	check_eq("... says why", 0,
		 strcmp(hchan_errmsg(),
			"new context: The user's limit for channels is reached"));
	check_eq("a stray -1 is no context", -EBADF,
		 hchan_ctx_with_cancel(-1, &cancel));
	check_eq("cancel is written on success only", 5, cancel);
}

/* The longest text that fits, and those around it. */
static void causes(void)
{
	char text[200];

	answer(1, 0);
	check_eq("cancel", 1, hchan_ctx_cancel(CANCEL));
	check_eq("cancel: no cause", 0, kernel.has_cause);
	check_eq("cancel: request", HCHAN_IOC_CTX_CANCEL, kernel.request);
	hchan_ctx_cancel_why(CANCEL, -3, NULL);
	check_eq("cancel: a code alone", 1,
		 kernel.cause.code == -3 && !kernel.cause.len);
	memset(text, 'x', sizeof(text));
	text[120] = '\0';
	hchan_ctx_cancel_why(CANCEL, 0, text);
	check_eq("a text that fits", 120, kernel.cause.len);
	text[120] = 'x';
	text[150] = '\0';
	hchan_ctx_cancel_why(CANCEL, 0, text);
	check_eq("one that does not is cut", 120, kernel.cause.len);
	memcpy(text + 118, "\xe2\x82\xac", 3);
	hchan_ctx_cancel_why(CANCEL, 0, text);
	check_eq("... not within a character", 118, kernel.cause.len);
	memcpy(text + 117, "\xe2\x82\xac\x20", 4);
	hchan_ctx_cancel_why(CANCEL, 0, text);
	check_eq("... but behind one", 120, kernel.cause.len);
}

static void looking(void)
{
	struct hchan_when when;
	struct hchan_why why;
	char buf[8];
	size_t len;

	answer(0, 0);
	kernel.stat.deadline = HCHAN_TIMER_NEVER;
	check_eq("not done", 0, hchan_ctx_err(CTX));
	check_eq("no deadline", 0, hchan_ctx_deadline(CTX, &when));
	check_eq("... is for ever", 0, when.flags);
	kernel.stat.err = HCHAN_CTX_ERR_DEADLINE;
	kernel.stat.deadline = 44;
	check_eq("its deadline has passed", -ETIME, hchan_ctx_err(CTX));
	check_eq("a deadline", 1, hchan_ctx_deadline(CTX, &when));
	check_eq("... when", 44, when.ns);
	check_eq("... on which clock", HCHAN_DEADLINE, when.flags);
	kernel.stat.err = HCHAN_CTX_ERR_CANCELLED;
	kernel.stat.cause.code = 6;
	kernel.stat.cause.len = HCHAN_CAUSE_MAX;
	memset(kernel.stat.cause.text, 'y', HCHAN_CAUSE_MAX);
	memset(&why, 0x5a, sizeof(why));
	check_eq("cancelled", -ECANCELED, hchan_ctx_why(CTX, &why));
	check_eq("... the code", 6, why.code);
	check_eq("... the text, which ends", HCHAN_CAUSE_MAX, strlen(why.text));
	check_eq("a channel is no context", -ENOTTY, hchan_ctx_of(CH));
	check_eq("a context that is done is one", CTX, hchan_ctx_of(CTX));
	check_eq("the right to cancel is none", -ENOTTY, hchan_ctx_of(CANCEL));

	check_eq("background is not done", 0, hchan_ctx_why(HCHAN_BACKGROUND, &why));
	check_eq("... for no reason", 0, why.code + why.text[0]);
	check_eq("... has no deadline", 0,
		 hchan_ctx_deadline(HCHAN_BACKGROUND, &when));
	check_eq("... nor values", -ENOENT,
		 hchan_ctx_value(HCHAN_BACKGROUND, "k", buf, 8, &len));
	check_eq("... and is a context", HCHAN_BACKGROUND,
		 hchan_ctx_of(HCHAN_BACKGROUND));

	answer(0, 0);
	len = 1;
	check_eq("value", 1, hchan_ctx_value(CTX, "key", buf, 8, &len));
	check_eq("value: length", 77, len);
	check_eq("value: key", 3, kernel.value.key_len);
	check_eq("value: room", 8, kernel.value.len);
	answer(0, ENOENT);
	len = 1;
	check_eq("value: none", -ENOENT, hchan_ctx_value(CTX, "key", buf, 8, &len));
	check_eq("value: no length then", 1, len);
	answer(0, EMSGSIZE);
	check_eq("value: no room", -EMSGSIZE,
		 hchan_ctx_value(CTX, "key", buf, 8, &len));
	check_eq("value: the room it needs", 77, len);
	kernel.calls = 0;
	check_eq("value: no key", -EINVAL, hchan_ctx_value(CTX, NULL, buf, 8, &len));
	check_eq("... and nobody is asked", 0, kernel.calls);
}

static void waiting(void)
{
	char byte = 0;

	answer(1, 0);
	check_eq("send_ctx: sent", 0, hchan_send_ctx(CH, &byte, 1, CTX));
	check_eq("send_ctx: done comes first", CTX, kernel.cases[0].fd);
	check_eq("... and wins", HCHAN_FIRST, kernel.select.flags);
	check_eq("recv_ctx: received", 1, hchan_recv_ctx(CH, &byte, 1, CTX));
	answer(0, 0);
	kernel.stat.err = HCHAN_CTX_ERR_DEADLINE;
	check_eq("recv_ctx: by the deadline", -ETIME,
		 hchan_recv_ctx(CH, &byte, 1, CTX));
	kernel.stat.err = HCHAN_CTX_ERR_CANCELLED;
	check_eq("recv_ctx: cancelled", -ECANCELED,
		 hchan_recv_ctx(CH, &byte, 1, CTX));
	check_eq("recv_ctx: not a context", -ENOTTY,
		 hchan_recv_ctx(CH, &byte, 1, CH));
	answer(1, 0);
	check_eq("send_ctx: the background", 0,
		 hchan_send_ctx(CH, &byte, 1, HCHAN_BACKGROUND));
	check_eq("... is nil", HCHAN_CASE_NIL, kernel.cases[0].op);
}

static int from_env(const char *text)
{
	int ctx = -7, ret;

	setenv("HCHAN_CONTEXT", text, 1);
	ret = hchan_ctx_from_env(&ctx);
	if (ret == 1)
		close(ctx);
	else if (ctx != (ret ? -7 : HCHAN_BACKGROUND))
		return 99;
	return ret;
}

static void environment(void)
{
	char entry[HCHAN_CTX_ENV_MAX];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char text[64];

	answer(0, 0);
	kernel.stat.id = UINT64_MAX;
	check_eq("env", 0, hchan_ctx_env(CTX, entry));
	check_eq("env: what it says", 0,
		 strcmp(entry, "HCHAN_CONTEXT=1000:18446744073709551615"));
	hchan_ctx_env(HCHAN_BACKGROUND, entry);
	check_eq("env: background", 0, strcmp(entry, "HCHAN_CONTEXT="));
	check_eq("env: no context", -ENOTTY, hchan_ctx_env(CH, entry));

	kernel.stat.id = 12;
	check_eq("to_env", 0, hchan_ctx_to_env(fd));
	check_eq("to_env: is inherited", 0, fcntl(fd, F_GETFD));
	snprintf(text, sizeof(text), "%d:12", fd);
	check_eq("to_env: and says so", 0, strcmp(getenv("HCHAN_CONTEXT"), text));
	check_eq("from_env", 1, from_env(text));
	snprintf(text, sizeof(text), "%d:13", fd);
	check_eq("from_env: another context", -ESTALE, from_env(text));
	check_eq("... by name", 1, !!strstr(hchan_errmsg(), "is not context 13"));
	close(fd);
	snprintf(text, sizeof(text), "%d:12", fd);
	check_eq("from_env: closed", -ESTALE, from_env(text));
	check_eq("from_env: none", 0, from_env(""));
	check_eq("from_env: no number", -EINVAL, from_env("x:12"));
	check_eq("from_env: no identity", -EINVAL, from_env("7"));
	check_eq("from_env: no digits", -EINVAL, from_env("7:"));
	check_eq("from_env: a sign", -EINVAL, from_env("-7:1"));
	check_eq("from_env: more behind it", -EINVAL, from_env("7:1 "));
	check_eq("from_env: too large a descriptor", -EINVAL,
		 from_env("2147483648:1"));
	check_eq("from_env: too large an identity", -EINVAL,
		 from_env("7:18446744073709551616"));
	check_eq("to_env: the background", 0, hchan_ctx_to_env(HCHAN_BACKGROUND));
	check_eq("... takes it away", 1, !getenv("HCHAN_CONTEXT"));
	check_eq("from_env: then there is none", 0, hchan_ctx_from_env(&fd));
	check_eq("... but the background", HCHAN_BACKGROUND, fd);
}

static void timers(void)
{
	struct hchan_when bad = { 5, 0 };

	answer(CH, 0);
	check_eq("timer_after", CH, hchan_timer_after(INT64_MAX));
	check_eq("timer_after: C31 no overflow", INT64_MAX, kernel.timer.due);
	check_eq("timer_after: how", O_CLOEXEC, kernel.timer.open_flags);
	check_eq("timer_after: the device is closed", 1, kernel.closed);
	hchan_timer_after(-5);
	check_eq("timer_after: past is now", 1,
		 kernel.timer.due > 0 && kernel.timer.due <= hchan_after(0).ns);
	hchan_timer_at(hchan_forever());
	check_eq("timer_at: never", HCHAN_TIMER_NEVER, kernel.timer.due);
	hchan_timer_at(hchan_at_realtime((struct timespec){ 2, 3 }));
	check_eq("timer_at: realtime", HCHAN_REALTIME, kernel.timer.flags);
	check_eq("timer_at: when", 2000000003LL, kernel.timer.due);
	hchan_ticker(INT64_MAX);
	check_eq("ticker: flags", HCHAN_TIMER_TICK, kernel.timer.flags);
	check_eq("ticker: C31 no overflow", INT64_MAX, kernel.timer.due);
	check_eq("ticker: period", INT64_MAX, kernel.timer.period);
	hchan_ticker_at(hchan_at((struct timespec){ 7, 0 }), 60);
	check_eq("ticker_at: the first", 7 * HCHAN_SEC, kernel.timer.due);
	check_eq("ticker_at: period", 60, kernel.timer.period);
	kernel.calls = 0;
	check_eq("timer_at: no moment", -EINVAL, hchan_timer_at(hchan_nowait()));
	check_eq("timer_at: none either", -EINVAL, hchan_timer_at(bad));
	check_eq("... and the kernel is not asked", 0, kernel.calls);

	answer(1, 0);
	check_eq("stop", 1, hchan_timer_stop(CH));
	check_eq("stop: flags", HCHAN_TIMER_STOP, kernel.set.flags);
	check_eq("reset", 1, hchan_timer_reset(CH, INT64_MAX));
	check_eq("reset: C31 no overflow", INT64_MAX, kernel.set.due);
	check_eq("reset: flags", 0, kernel.set.flags);
	hchan_timer_reset_at(CH, hchan_at_realtime((struct timespec){ 4, 0 }));
	check_eq("reset_at", 4 * HCHAN_SEC, kernel.set.due);
	hchan_ticker_reset(CH, 50);
	check_eq("ticker_reset: flags", HCHAN_TIMER_TICK, kernel.set.flags);
	check_eq("ticker_reset: period", 50, kernel.set.period);
	hchan_ticker_reset_at(CH, hchan_at_realtime((struct timespec){ 4, 0 }), 51);
	check_eq("ticker_reset_at: period", 51, kernel.set.period);
	check_eq("ticker_reset_at: flags", HCHAN_TIMER_TICK | HCHAN_REALTIME,
		 kernel.set.flags);
	hchan_ticker_reset_at(CH, hchan_forever(), 51);
	check_eq("ticker_reset_at: never", HCHAN_TIMER_STOP, kernel.set.flags);
	kernel.calls = 0;
	check_eq("stopping nil", -EINVAL, hchan_timer_stop(HCHAN_NIL));
	check_eq("resetting nil", -EINVAL, hchan_timer_reset(HCHAN_NIL, 5));
	check_eq("no moment", -EINVAL, hchan_timer_reset_at(CH, bad));
	check_eq("... and the kernel is not asked", 0, kernel.calls);
	check_eq("a typed timer", CH, hchan_time_on(CH).fd);
}

int main(void)
{
	making();
	refused();
	causes();
	looking();
	waiting();
	environment();
	timers();
	return check_end();
}
