/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Go's contexts, for goroutines. A context has no name: its descriptor is inherited, and
 * its number is handed to g_go() as one of the numbers. In all three forms the goroutine
 * finds it there in arg[]; it does not close it.
 */
#ifndef HCHAN_GO_CTX_H
#define HCHAN_GO_CTX_H

#include "go.h"

#define G_SEC	1000000000LL
#define G_MSEC	1000000LL

/* So late that only a hang gets there. */
#define G_LATE	(1000 * G_SEC)

/* g_ctx: a context and the right to cancel it. The background is G_NIL. */
struct g_ctx {
	int done;
	int cancel;
};

static inline int64_t g_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * G_SEC + now.tv_nsec;
}

/* Returns 0 or a negative errno. */
static inline int g_ctx_try(int parent, struct hchan_ctx *request, struct g_ctx *ctx)
{
	int fd;

	request->size = sizeof(*request);
	request->flags |= HCHAN_CTX_CANCEL;
	fd = ioctl(parent == G_NIL ? g_dev : parent, HCHAN_IOC_CTX, request);
	if (fd < 0)
		return -errno;
	ctx->done = fd;
	ctx->cancel = request->cancel_fd;
	return 0;
}

static inline struct g_ctx g_ctx_by(int parent, struct hchan_ctx *request)
{
	struct g_ctx ctx = { G_NIL, G_NIL };
	int ret = g_ctx_try(parent, request, &ctx);

	if (ret)
		hc_broken("context: %s", strerror(-ret));
	return ctx;
}

/* ctx, cancel := context.WithCancel(parent) */
static inline struct g_ctx g_with_cancel(int parent)
{
	struct hchan_ctx request = {};

	return g_ctx_by(parent, &request);
}

static inline struct g_ctx g_with_deadline(int parent, int64_t when)
{
	struct hchan_ctx request = { .flags = HCHAN_DEADLINE, .deadline = when };

	return g_ctx_by(parent, &request);
}

static inline struct g_ctx g_with_timeout(int parent, int64_t ns)
{
	return g_with_deadline(parent, g_now() + ns);
}

static inline struct g_ctx g_with_value(int parent, const char *key, long value)
{
	struct hchan_ctx request = {
		.key = (uintptr_t)key,
		.key_len = strlen(key),
		.value = (uintptr_t)&value,
		.value_len = sizeof(value),
	};

	return g_ctx_by(parent, &request);
}

static inline struct g_ctx g_without_cancel(int parent)
{
	struct hchan_ctx request = { .flags = HCHAN_CTX_DETACH };

	return g_ctx_by(parent, &request);
}

/* cancel(cause): whether that was it. Code 0 is no cause. */
static inline bool g_cancel_cause(int cancel, int code)
{
	struct hchan_cause cause = { .code = code };
	int ret = ioctl(cancel, HCHAN_IOC_CTX_CANCEL, code ? &cause : NULL);

	hc_must(ret == 0 || ret == 1);
	return ret;
}

static inline bool g_cancel(int cancel)
{
	return g_cancel_cause(cancel, 0);
}

static inline struct hchan_ctx_stat g_ctx_stat(int ctx)
{
	struct hchan_ctx_stat st = { .size = sizeof(st) };

	hc_must(!ioctl(ctx, HCHAN_IOC_CTX_STAT, &st));
	return st;
}

/* ctx.Err(): HCHAN_CTX_ERR_* */
static inline int g_err(int ctx)
{
	return g_ctx_stat(ctx).err;
}

/* ctx.Value(key), a long; false: nil */
static inline bool g_value(int ctx, const char *key, long *value)
{
	struct hchan_ctx_value request = {
		.key = (uintptr_t)key,
		.key_len = strlen(key),
		.buf = (uintptr_t)value,
		.len = sizeof(*value),
	};

	if (!ioctl(ctx, HCHAN_IOC_CTX_VALUE, &request)) {
		hc_must(request.actual == sizeof(*value));
		return true;
	}
	hc_must(errno == ENOENT);
	return false;
}

/* <-ctx.Done() */
static inline void g_wait_done(int ctx)
{
	hc_must(!g_recv_ok(ctx, NULL, 0));
}

/* select { case <-ctx.Done(): true; default: false } */
static inline bool g_is_done(int ctx)
{
	struct hchan_case c = g_case(HCHAN_CASE_RECV, ctx, NULL, 0);

	return g_try_select(&c, 1) == 0;
}

static inline void g_ctx_drop(struct g_ctx ctx)
{
	hc_must(!close(ctx.cancel) && !close(ctx.done));
}

/* For a context that must be done, or must not be, in this way. */
static inline void g_must_be(int ctx, int err)
{
	hc_must(g_is_done(ctx) == (err != HCHAN_CTX_ERR_NONE));
	hc_must(g_err(ctx) == err);
}

#endif /* HCHAN_GO_CTX_H */
