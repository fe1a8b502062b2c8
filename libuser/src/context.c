// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Contexts: made, cancelled, looked at and waited for. The kernel has them; the
 * background is the library's, as nil is.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

#define CTX_FLAGS	(HCHAN_CTX_ON_LOSS | HCHAN_CTX_DETACH)
#define HOW_FLAGS	(HCHAN_O_NONBLOCK | HCHAN_O_INHERIT)

/* The code by which the library says that a context is done. */
static int result_of(uint32_t err)
{
	switch (err) {
	case HCHAN_CTX_ERR_NONE:
		return 0;
	case HCHAN_CTX_ERR_DEADLINE:
		return -ETIME;
	default:
		return -ECANCELED;
	}
}

/* How much of @text goes into a cause: whole UTF-8 characters. */
static uint32_t text_len(const char *text)
{
	size_t len = strnlen(text, HCHAN_CAUSE_MAX + 1);

	if (len <= HCHAN_CAUSE_MAX)
		return (uint32_t)len;
	len = HCHAN_CAUSE_MAX;
	while (len && (text[len] & 0xc0) == 0x80)
		len--;
	return (uint32_t)len;
}

static struct hchan_cause cause_of(int32_t code, const char *text)
{
	struct hchan_cause cause;

	memset(&cause, 0, sizeof(cause));
	cause.code = code;
	if (text) {
		cause.len = text_len(text);
		memcpy(cause.text, text, cause.len);
	}
	return cause;
}

/* What the kernel can't see is checked here, the rest there. */
static int request_of(struct hchan_ctx *request, struct hchan_cause *cause,
		      const struct hchan_ctx_opts *opts)
{
	size_t i, len;

	for (i = 0; i < sizeof(opts->reserved) / sizeof(*opts->reserved); i++)
		if (opts->reserved[i])
			return -EINVAL;
	if ((opts->flags & ~CTX_FLAGS) || (opts->how & ~HOW_FLAGS))
		return -EINVAL;
	if (opts->deadline.flags & ~HCHAN_DEADLINE)
		return -EINVAL;
	request->flags = opts->flags | opts->deadline.flags;
	request->open_flags = O_CLOEXEC;
	if (opts->how & HCHAN_O_NONBLOCK)
		request->open_flags |= O_NONBLOCK;
	request->deadline = opts->deadline.ns;
	if (opts->why && opts->deadline.flags) {
		*cause = cause_of(opts->why->code, opts->why->text);
		request->cause = (uintptr_t)cause;
	}
	if (!opts->key)
		return opts->value_len ? -EINVAL : 0;
	len = strnlen(opts->key, HCHAN_CTX_KEY_MAX + 1);
	if (!len || len > HCHAN_CTX_KEY_MAX ||
	    opts->value_len > HCHAN_CTX_VALUE_MAX)
		return -EMSGSIZE;
	request->key = (uintptr_t)opts->key;
	request->key_len = (uint32_t)len;
	request->value = (uintptr_t)opts->value;
	request->value_len = (uint32_t)opts->value_len;
	return 0;
}

int hchan_ctx_make(int parent, const struct hchan_ctx_opts *opts, int *cancel)
{
	static const struct hchan_ctx_opts none;
	struct hchan_ctx request = { .size = sizeof(request) };
	struct hchan_cause cause;
	int ret;

	if (!opts)
		opts = &none;
	ret = request_of(&request, &cause, opts);
	if (ret)
		return hchan__fail("new context", ret);
	if (cancel)
		request.flags |= HCHAN_CTX_CANCEL;
	if (parent == HCHAN_BACKGROUND) {
		ret = hchan__ask_device(HCHAN_IOC_CTX, &request, "new context");
	} else {
		ret = hchan__ioctl(parent, HCHAN_IOC_CTX, &request);
		if (ret < 0)
			hchan__fail("new context", ret);
	}
	if (ret < 0)
		return ret;
	/* The kernel makes both alike, and no child is to inherit the right. */
	if (opts->how & HCHAN_O_INHERIT)
		hchan__cloexec(ret, false);
	if (cancel)
		*cancel = request.cancel_fd;
	return ret;
}

int hchan_ctx_with_cancel(int parent, int *cancel)
{
	return hchan_ctx_make(parent, NULL, cancel);
}

int hchan_ctx_with_deadline(int parent, struct hchan_when when, int *cancel)
{
	struct hchan_ctx_opts opts = { .deadline = when };

	return hchan_ctx_make(parent, &opts, cancel);
}

int hchan_ctx_with_timeout(int parent, int64_t ns, int *cancel)
{
	return hchan_ctx_with_deadline(parent, hchan_after(ns), cancel);
}

int hchan_ctx_with_value(int parent, const char *key, const void *value,
			 size_t len)
{
	struct hchan_ctx_opts opts = {
		.key = key,
		.value = value,
		.value_len = len,
	};

	if (!key)
		return hchan__fail("new context", -EINVAL);
	return hchan_ctx_make(parent, &opts, NULL);
}

int hchan_ctx_without_cancel(int parent)
{
	struct hchan_ctx_opts opts = { .flags = HCHAN_CTX_DETACH };

	return hchan_ctx_make(parent, &opts, NULL);
}

int hchan_ctx_cancel(int cancel)
{
	if (cancel == HCHAN_NIL)
		return -EINVAL;
	return hchan__ioctl(cancel, HCHAN_IOC_CTX_CANCEL, NULL);
}

int hchan_ctx_cancel_why(int cancel, int32_t code, const char *text)
{
	struct hchan_cause cause = cause_of(code, text);

	if (cancel == HCHAN_NIL)
		return -EINVAL;
	return hchan__ioctl(cancel, HCHAN_IOC_CTX_CANCEL, &cause);
}

/* 0 if it is one, done or not. The right to cancel knows of one, but is no channel. */
int hchan__is_ctx(int ctx)
{
	struct hchan_stat st;
	int err;

	if (ctx == HCHAN_BACKGROUND)
		return 0;
	err = hchan_stat(ctx, &st);
	if (err)
		return err;
	return st.state & HCHAN_S_CTX ? 0 : -ENOTTY;
}

/* Takes the right to cancel, too. */
static int look(int ctx, struct hchan_ctx_stat *st)
{
	st->size = sizeof(*st);
	return hchan__ioctl(ctx, HCHAN_IOC_CTX_STAT, st);
}

int hchan__ctx_stat(int ctx, struct hchan_ctx_stat *st)
{
	int err = hchan__is_ctx(ctx);

	return err ? err : look(ctx, st);
}

int hchan_ctx_why(int ctx, struct hchan_why *why)
{
	struct hchan_ctx_stat st = { 0 };
	uint32_t len;

	if (ctx != HCHAN_BACKGROUND) {
		int err = look(ctx, &st);

		if (err)
			return err;
	}
	if (why) {
		memset(why, 0, sizeof(*why));
		why->code = st.cause.code;
		len = st.cause.len;
		if (len > HCHAN_CAUSE_MAX)
			len = HCHAN_CAUSE_MAX;
		memcpy(why->text, st.cause.text, len);
	}
	return result_of(st.err);
}

int hchan_ctx_err(int ctx)
{
	return hchan_ctx_why(ctx, NULL);
}

int hchan_ctx_deadline(int ctx, struct hchan_when *when)
{
	struct hchan_when deadline = hchan_forever();
	struct hchan_ctx_stat st;

	if (ctx != HCHAN_BACKGROUND) {
		int err = hchan__ctx_stat(ctx, &st);

		if (err)
			return err;
		if (st.deadline != HCHAN_TIMER_NEVER) {
			deadline.ns = st.deadline;
			deadline.flags = HCHAN_DEADLINE;
		}
	}
	if (when)
		*when = deadline;
	return deadline.flags != 0;
}

int hchan_ctx_value(int ctx, const char *key, void *buf, size_t room,
		    size_t *len)
{
	size_t key_len = key ? strnlen(key, HCHAN_CTX_KEY_MAX + 1) : 0;
	struct hchan_ctx_value request = {
		.key = (uintptr_t)key,
		.buf = (uintptr_t)buf,
		.key_len = (uint32_t)key_len,
		/* No value is so long. */
		.len = room > UINT32_MAX ? UINT32_MAX : (uint32_t)room,
	};
	int err;

	if (!key)
		return -EINVAL;
	if (!key_len || key_len > HCHAN_CTX_KEY_MAX)
		return -EMSGSIZE;
	if (ctx == HCHAN_BACKGROUND)
		return -ENOENT;
	err = hchan__ioctl(ctx, HCHAN_IOC_CTX_VALUE, &request);
	if (len && (!err || err == -EMSGSIZE))
		*len = request.actual;
	return err ? err : 1;
}

int hchan_ctx_of(int fd)
{
	int err = hchan__is_ctx(fd);

	return err ? hchan__fail("context", err) : fd;
}

int hchan_ctx_wait(int ctx, struct hchan_when when)
{
	struct hchan_case c = hchan_on_done(ctx);
	int err;

	/* A channel that is no context may have elements to lose. */
	err = hchan__is_ctx(ctx);
	if (!err)
		err = hchan_ctx_err(ctx);
	if (err)
		return err == -ECANCELED || err == -ETIME ? 0 : err;
	/* A select: O_NONBLOCK has no say in it. */
	return hchan_select(&c, 1, when, 0);
}

/*
 * Done comes first in the array, and so before what is ready, too. What is no context
 * may win as well: a channel with elements of no bytes; it is found out then.
 */
static int while_wanted(struct hchan_case op, int ctx)
{
	struct hchan_case c[2] = { hchan_on_done(ctx), op };
	int ret;

	ret = hchan_select(c, 2, hchan_forever(), HCHAN_FIRST);
	if (ret < 0)
		return ret;
	if (ret == 1)
		return hchan_result(&c[1]);
	ret = hchan_ctx_err(ctx);
	return ret ? ret : -ENOTTY;
}

int hchan_send_ctx(int ch, const void *elem, size_t size, int ctx)
{
	return while_wanted(hchan_on_send(ch, elem, size), ctx);
}

int hchan_recv_ctx(int ch, void *elem, size_t size, int ctx)
{
	return while_wanted(hchan_on_recv(ch, elem, size), ctx);
}
