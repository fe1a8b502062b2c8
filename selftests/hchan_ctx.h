/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contexts for the tests, as hchan_test.h has the other operations: what a call must
 * not have touched is looked at, whatever the test is about.
 */
#ifndef HCHAN_CTX_TEST_H
#define HCHAN_CTX_TEST_H

#include <poll.h>

#include "hchan_test.h"

#define HC_NEVER	HCHAN_TIMER_NEVER

/* struct hc_ctx - a context's descriptors; @cancel is -1 without the right */
struct hc_ctx {
	int fd;
	int cancel;
	uint64_t id;
};

static inline struct hchan_cause hc_cause(int32_t code, const char *text)
{
	struct hchan_cause cause = { .code = code, .len = strlen(text) };

	memcpy(cause.text, text, cause.len);
	return cause;
}

static inline bool hc_cause_is(const struct hchan_cause *cause, int32_t code,
			       const char *text)
{
	struct hchan_cause want = hc_cause(code, text);

	if (!memcmp(cause, &want, sizeof(want)))
		return true;
	fprintf(stderr, "# cause: %d \"%.*s\"\n", cause->code,
		(int)(cause->len <= HCHAN_CAUSE_MAX ? cause->len : 0), cause->text);
	return false;
}

/* A request, its outputs poisoned. */
static inline struct hchan_ctx hc_ctx_request(uint32_t flags)
{
	struct hchan_ctx arg = {
		.size = sizeof(arg),
		.flags = flags,
		.open_flags = O_CLOEXEC,
		.cancel_fd = HC_POISON32,
		.id = HC_POISON64,
	};

	return arg;
}

/* /dev/hchan: the background's descriptor, one for all. */
static inline int hc_background(void)
{
	static int dev = -1;

	if (dev < 0)
		dev = open("/dev/hchan", O_RDWR | O_CLOEXEC);
	hc_must(dev >= 0);
	return dev;
}

/* HCHAN_IOC_CTX on @parent. Returns the descriptor. */
static inline int hc_ctx_by(int parent, struct hchan_ctx *arg, struct hc_ctx *ctx)
{
	struct hchan_ctx before = *arg;
	int fd = ioctl(parent, HCHAN_IOC_CTX, arg);

	if (fd < 0) {
		fd = -errno;
		hc_must(!memcmp(arg, &before, sizeof(before)));
		return fd;
	}
	hc_must(arg->id && arg->id != HC_POISON64);
	hc_must((arg->cancel_fd == -1) == !(arg->flags & HCHAN_CTX_CANCEL));
	hc_must(arg->cancel_fd != fd);
	ctx->fd = fd;
	ctx->cancel = arg->cancel_fd;
	ctx->id = arg->id;
	before.id = arg->id;
	before.cancel_fd = arg->cancel_fd;
	hc_must(!memcmp(arg, &before, sizeof(before)));
	return fd;
}

/* One that works, or the test is over. */
static inline struct hc_ctx hc_ctx(int parent, uint32_t flags)
{
	struct hchan_ctx arg = hc_ctx_request(flags);
	struct hc_ctx ctx = { .fd = -1 };
	int ret = hc_ctx_by(parent, &arg, &ctx);

	if (ret < 0)
		hc_broken("a context: %s", strerror(-ret));
	return ctx;
}

static inline struct hc_ctx hc_ctx_until(int parent, uint32_t flags, int64_t deadline,
					 const struct hchan_cause *cause)
{
	struct hchan_ctx arg = hc_ctx_request(flags | HCHAN_DEADLINE);
	struct hc_ctx ctx = { .fd = -1 };
	int ret;

	arg.deadline = deadline;
	arg.cause = (uintptr_t)cause;
	ret = hc_ctx_by(parent, &arg, &ctx);
	if (ret < 0)
		hc_broken("a context: %s", strerror(-ret));
	return ctx;
}

static inline void hc_ctx_drop(struct hc_ctx *ctx)
{
	if (ctx->fd >= 0)
		close(ctx->fd);
	if (ctx->cancel >= 0)
		close(ctx->cancel);
	ctx->fd = -1;
	ctx->cancel = -1;
}

/* By either descriptor. */
static inline struct hchan_ctx_stat hc_ctx_stat(int fd)
{
	struct hchan_ctx_stat stat;

	memset(&stat, HC_POISON, sizeof(stat));
	stat.size = sizeof(stat);
	if (ioctl(fd, HCHAN_IOC_CTX_STAT, &stat))
		hc_broken("stat: %s", strerror(errno));
	hc_must(stat.size == sizeof(stat) && !stat.__reserved);
	hc_must(stat.err <= HCHAN_CTX_ERR_DEADLINE);
	hc_must(stat.cause.len <= HCHAN_CAUSE_MAX);
	hc_must(hc_all(stat.cause.text + stat.cause.len, 0,
		       HCHAN_CAUSE_MAX - stat.cause.len));
	hc_must(stat.err || hc_all(&stat.cause, 0, sizeof(stat.cause)));
	return stat;
}

static inline uint32_t hc_ctx_err(int fd)
{
	return hc_ctx_stat(fd).err;
}

static inline int hc_ctx_cancel(int cancel, const struct hchan_cause *cause)
{
	int ret = ioctl(cancel, HCHAN_IOC_CTX_CANCEL, cause);

	hc_must(ret <= 1);
	return ret < 0 ? -errno : ret;
}

/* Whether the done channel is closed, as everything that can be asked says. */
static inline bool hc_ctx_done(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN | POLLRDHUP };
	char none;
	int ret = hc_try_recv(fd, &none, 0);
	bool done = ret == 0;

	hc_must(done || ret == -EAGAIN);
	if (!done)
		return false;
	/* Once it is, it stays so. */
	hc_must(poll(&pollfd, 1, 0) == 1);
	hc_must(pollfd.revents == (POLLIN | POLLRDHUP | POLLHUP));
	hc_must(hc_stat(fd).state & HCHAN_S_CLOSED);
	return true;
}

/* Waits until it is done, by a receive. */
static inline bool hc_ctx_wait(int fd)
{
	char none;

	return hc_recv_by(fd, &none, 0, HCHAN_DEADLINE, hc_in(HC_PATIENCE),
			  NULL) == 0;
}

/* Whether it is done just so: that error, that cause. */
static inline bool hc_ctx_is(int fd, uint32_t err, int32_t code, const char *text)
{
	struct hchan_ctx_stat stat = hc_ctx_stat(fd);

	if (stat.err == err && hc_cause_is(&stat.cause, code, text) &&
	    hc_ctx_done(fd))
		return true;
	fprintf(stderr, "# err %u\n", stat.err);
	return false;
}

static inline bool hc_ctx_alive(int fd)
{
	return hc_ctx_err(fd) == HCHAN_CTX_ERR_NONE && !hc_ctx_done(fd);
}

/* A child that carries a value. */
static inline struct hc_ctx hc_ctx_with(int parent, uint32_t flags, const char *key,
					const void *value, uint32_t len)
{
	struct hchan_ctx arg = hc_ctx_request(flags);
	struct hc_ctx ctx = { .fd = -1 };
	int ret;

	arg.key = (uintptr_t)key;
	arg.key_len = strlen(key);
	arg.value = (uintptr_t)value;
	arg.value_len = len;
	ret = hc_ctx_by(parent, &arg, &ctx);
	if (ret < 0)
		hc_broken("a context: %s", strerror(-ret));
	return ctx;
}

/* Returns the value's bytes, or a negative errno; @actual, or NULL. */
static inline int hc_ctx_value(int fd, const void *key, uint32_t key_len, void *buf,
			       uint32_t room, uint32_t *actual)
{
	uint8_t *area = hc_guarded(room);
	struct hchan_ctx_value arg = {
		.key = (uintptr_t)key,
		.buf = (uintptr_t)area,
		.key_len = key_len,
		.len = room,
		.actual = HC_POISON32,
	};
	struct hchan_ctx_value before = arg;
	int ret = ioctl(fd, HCHAN_IOC_CTX_VALUE, &arg);

	hc_must(ret <= 0);
	ret = ret < 0 ? -errno : 0;
	if (actual)
		*actual = arg.actual;
	if (!ret || ret == -EMSGSIZE)
		before.actual = arg.actual;
	hc_must(!memcmp(&before, &arg, sizeof(arg)));
	hc_must(ret || arg.actual <= room);
	hc_unguard(area, buf, ret ? 0 : arg.actual, room);
	return ret ? ret : (int)arg.actual;
}

#endif /* HCHAN_CTX_TEST_H */
