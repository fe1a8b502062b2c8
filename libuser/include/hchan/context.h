/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Contexts: how long something is still wanted. Go's package context, for a tree of
 * processes (C33 to C37). Included by <hchan.h>.
 *
 *	int cancel, ctx = hchan_ctx_with_cancel(HCHAN_BACKGROUND, &cancel);
 *
 *	r = hchan_recv_ctx(jobs, &job, sizeof(job), ctx);	one thread, or process
 *	...
 *	hchan_ctx_cancel(cancel);				another
 *
 * A CONTEXT is a descriptor, and at the same time its done channel: elements of no
 * bytes, none of which ever comes, closed when the context is done. It is selected
 * on, polled, inherited and passed like every channel:
 *
 *	HCHAN_SELECT(r)					select {
 *	HCHAN_CASE(hchan_on_done(ctx)) {		case <-ctx.Done():
 *		return hchan_ctx_err(ctx);
 *	}
 *	HCHAN_RECV_CASE(jobs, &job) {			case job, ok = <-jobs:
 *		...
 *	}
 *	HCHAN_END					}
 *
 * The right to CANCEL is another descriptor, which only who makes the context gets, and
 * which no child of it inherits (C34). Both belong to who asked for them and are given
 * back with hchan_drop(). A context lives as long as a descriptor of it or of something
 * below; dropping does not cancel, HCHAN_CTX_ON_LOSS excepted.
 *
 * HCHAN_BACKGROUND, the nil channel, is the context that is never done (C36): all
 * functions here take it.
 *
 * TO ANOTHER PROGRAM: a descriptor stays open across execve(2) if it was made with
 * HCHAN_O_INHERIT, and the environment's HCHAN_CONTEXT says which it is. See
 * hchan_ctx_to_env(). Through a socket it travels as every descriptor (SCM_RIGHTS);
 * who receives it asks hchan_ctx_of(), or gives it to any function here: what is no
 * context is -ENOTTY.
 *
 * RESULTS are as in <hchan.h>; -ECANCELED and -ETIME say that a context is done,
 * cancelled or by its deadline (a call's own deadline is -ETIMEDOUT). All is
 * async-signal-safe, what is marked [msg], hchan_ctx_to_env() and the after-funcs
 * excepted. No function here but the after-funcs starts a thread.
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_CONTEXT_H
#define HCHAN_CONTEXT_H

#ifdef __cplusplus
extern "C" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

#define HCHAN_BACKGROUND	HCHAN_NIL

/*
 * struct hchan_why - why a context is done (C34)
 * @code: what it means is the programs' business; 0: not stated
 * @text: ends with a NUL; "" if not stated
 */
struct hchan_why {
	int32_t code;
	char text[HCHAN_CAUSE_MAX + 1];
};

/* ---- making contexts ---- */

/*
 * struct hchan_ctx_opts - everything that can be said of a new context
 * @deadline: a moment of CLOCK_MONOTONIC, or hchan_forever() (all zeroes): none
 * @why: the cause if it is the deadline; NULL: none stated
 * @key: the context carries a value under this name, 1 to HCHAN_CTX_KEY_MAX bytes;
 *	NULL: it carries none
 * @value: @value_len bytes, at most HCHAN_CTX_VALUE_MAX
 * @flags: of HCHAN_CTX_ON_LOSS (it is cancelled, too, when the last holder of the
 *	right to cancel is gone, by kill -9 as well) and HCHAN_CTX_DETACH (keep the
 *	parent's values and nothing else, C36)
 * @how: HCHAN_O_NONBLOCK, HCHAN_O_INHERIT; of the context, not of the right to cancel,
 *	which is close-on-exec
 * @reserved: 0
 *
 * To be initialised as a whole: whatever is not named is then 0, the default.
 */
struct hchan_ctx_opts {
	struct hchan_when deadline;
	const struct hchan_why *why;
	const char *key;
	const void *value;
	size_t value_len;
	uint32_t flags;
	uint32_t how;
	uint32_t reserved[4];
};

/*
 * hchan_ctx_make() - make a context  [msg]
 * @parent: a context, its own or another process's, or HCHAN_BACKGROUND
 * @opts: NULL is all zeroes
 * @cancel: where to put the right to cancel; NULL: nobody gets it
 *
 * A child of a context that is done is born done, with the same cause; so is one whose
 * deadline has passed (C35). Returns the context; close-on-exec unless @opts says
 * otherwise. Cost: one system call, three if @parent is the background.
 *
 * Errors: -EINVAL (@opts: an unknown flag, a deadline on CLOCK_REALTIME or
 * hchan_nowait(), HCHAN_CTX_ON_LOSS without @cancel), -EMSGSIZE (@key, @value_len),
 * -EBADF, -ENOTTY (@parent is no context; or the kernel's module knows none), -EDQUOT,
 * -ENOMEM, -EMFILE, -ENFILE; those of /dev/hchan, as hchan_make(). @cancel is written
 * on success only.
 */
int hchan_ctx_make(int parent, const struct hchan_ctx_opts *opts, int *cancel);

/*
 * hchan_ctx_with_cancel() - Go's WithCancel, and WithCancelCause  [msg]
 * hchan_ctx_with_deadline() - WithDeadline: done at @when, at the latest
 * hchan_ctx_with_timeout() - WithTimeout: done @ns from now; 0 or less: at once (C31)
 *
 * As hchan_ctx_make(). The earlier of the parent's deadline and the own one counts
 * (C35). @cancel may be NULL: then only time, and the parent, ends it.
 */
int hchan_ctx_with_cancel(int parent, int *cancel);
int hchan_ctx_with_deadline(int parent, struct hchan_when when, int *cancel);
int hchan_ctx_with_timeout(int parent, int64_t ns, int *cancel);

/*
 * hchan_ctx_with_value() - Go's WithValue  [msg]
 *
 * As hchan_ctx_make(), with @key and @len bytes at @value. Values are bytes: a pointer
 * means nothing in another process.
 */
int hchan_ctx_with_value(int parent, const char *key, const void *value,
			 size_t len);

/* hchan_ctx_without_cancel() - Go's WithoutCancel: the values live on (C36)  [msg] */
int hchan_ctx_without_cancel(int parent);

/* ---- cancelling ---- */

/*
 * hchan_ctx_cancel() - cancel a context, and all below it
 * hchan_ctx_cancel_why() - the same with a cause
 * @cancel: what hchan_ctx_make() gave for it, here or in another process
 * @code, @text: the cause; NULL is ""; what is longer than HCHAN_CAUSE_MAX bytes is cut
 *	(a UTF-8 character is not cut in two)
 *
 * When it returns all of them are done, in every process (C33); that those have run is
 * not promised. Returns 1 if this was it, 0 if the context was done before: the first
 * cause stays (C34). It needs no memory, and waits for others only while they cancel in
 * the same tree or make contexts in it.
 *
 * Errors: -EBADF, -ENOTTY (that is no right to cancel); -EINVAL (nil), -EINTR (being
 * killed), -EFAULT.
 */
int hchan_ctx_cancel(int cancel);
int hchan_ctx_cancel_why(int cancel, int32_t code, const char *text);

/* ---- looking at a context ---- */

/*
 * hchan_ctx_err() - Go's Err: 0 while it is not done, then -ECANCELED or -ETIME
 * hchan_ctx_why() - the same, and Cause
 * @why: written on success, which is any of those three; all zeroes if not done, and if
 *	none was stated. May be NULL.
 *
 * What it has said first it says for ever. Takes the right to cancel, too. A deadline
 * that has passed is seen at once. Errors: -EBADF, -ENOTTY (no context).
 */
int hchan_ctx_err(int ctx);
int hchan_ctx_why(int ctx, struct hchan_why *why);

/*
 * hchan_ctx_deadline() - Go's Deadline: 1, and when; 0 if there is none
 * @when: the earliest from here up; hchan_forever() if there is none. May be NULL.
 *
 * So a call that waits for something else can be given it: hchan_recv_until(ch, &e,
 * sizeof(e), when). Errors: -EBADF, -ENOTTY (no context).
 */
int hchan_ctx_deadline(int ctx, struct hchan_when *when);

/*
 * hchan_ctx_value() - Go's Value: the nearest from here up (C37)
 * @buf: where to put it
 * @room: bytes there; 0 to ask for the length alone
 * @len: its length, also with -EMSGSIZE; may be NULL
 *
 * Returns 1. Errors: -ENOENT (none has that key; always on the background), -EMSGSIZE
 * (@room is too short, nothing is written at @buf; or @key is empty or too long),
 * -EINVAL (@key is NULL), -EFAULT, -EINTR (being killed), -EBADF, -ENOTTY (no context).
 */
int hchan_ctx_value(int ctx, const char *key, void *buf, size_t room,
		    size_t *len);

/*
 * hchan_ctx_of() - is this descriptor a context?  [msg]
 *
 * For one that came through a socket. The right to cancel is none. Returns it. Errors:
 * -EBADF, -ENOTTY.
 */
int hchan_ctx_of(int fd);

/* ---- waiting ---- */

/* hchan_on_done() - a case of a select: the context is done. hchan_result() is 0. */
static inline struct hchan_case hchan_on_done(int ctx)
{
	return hchan_on_recv(ctx, NULL, 0);
}

/*
 * hchan_ctx_wait() - wait until a context is done
 *
 * Returns 0. On the background it waits for ever. O_NONBLOCK has no say. Errors:
 * -ETIMEDOUT, -EAGAIN (hchan_nowait()), -EINTR, -EBADF, -ENOTTY (no context).
 */
int hchan_ctx_wait(int ctx, struct hchan_when when);

/*
 * hchan_send_ctx(), hchan_recv_ctx() - send or receive while it is wanted
 *
 * As hchan_send() and hchan_recv(), and -ECANCELED or -ETIME once @ctx is done: it
 * wins over a channel that is ready, and nothing has happened then. O_NONBLOCK has no
 * say, as in every select. Cost: a select of two. -EBADF and -ENOTTY may also be about
 * @ctx.
 */
int hchan_send_ctx(int ch, const void *elem, size_t size, int ctx);
int hchan_recv_ctx(int ch, void *elem, size_t size, int ctx);

/* ---- to another program ---- */

/* Room for what hchan_ctx_env() writes. */
#define HCHAN_CTX_ENV_MAX	48

/*
 * hchan_ctx_env() - the environment's entry for a context: "HCHAN_CONTEXT=7:4711"
 * @entry: HCHAN_CTX_ENV_MAX bytes; with the background it is "HCHAN_CONTEXT="
 *
 * For execve(2) and posix_spawn(3). The descriptor has to be open there under the same
 * number: made with HCHAN_O_INHERIT, or its FD_CLOEXEC taken away between fork(2)
 * and execve(2). The number behind the colon is the context's identity, by which a
 * descriptor is noticed that was closed, or is something else by now. Returns 0.
 * Errors: -EBADF, -ENOTTY (no context).
 */
int hchan_ctx_env(int ctx, char *entry);

/*
 * hchan_ctx_to_env() - make a context that of all programs which are started from now on
 *
 * Puts it into this process's environment and takes FD_CLOEXEC off the descriptor, which
 * then must stay open. For a program before it execs, or to use system(3) and
 * popen(3); not while other threads use the environment. The background takes the
 * entry away. Returns 0. Errors: -EBADF, -ENOTTY (no context), -ENOMEM.
 */
int hchan_ctx_to_env(int ctx);

/*
 * hchan_ctx_from_env() - the context under which this program was started  [msg]
 * @ctx: a descriptor of the caller's own, close-on-exec, to be dropped; or
 *	HCHAN_BACKGROUND
 *
 * The inherited descriptor stays, for the programs that this one starts. Returns 1, or 0
 * if there is none (or the program is a set-user-ID one: the environment is its
 * caller's). Errors, and @ctx is not written: -ESTALE (HCHAN_CONTEXT names a
 * descriptor that is closed, or is not that context), -EINVAL (it names none: who has
 * put it there?), -EMFILE.
 */
int hchan_ctx_from_env(int *ctx);

/* ---- after-funcs ---- */

/*
 * struct hchan_after_func - a function that runs when a context is done
 *
 * The caller's memory, and the library's to use until hchan_after_func_stop() has
 * returned 1 or hchan_after_func_wait() has returned. The rest is the library's.
 */
struct hchan_after_func {
	void (*fn_)(void *arg);
	void *arg_;
	int ctx_;
	int stop_;
	uint32_t state_;
	int thread_;
	int pid_;
};

/*
 * hchan_ctx_after_func() - have @fn(@arg) run once the context is done: Go's AfterFunc
 *
 * By a thread which the library starts for it now, with all signals blocked; at once, in
 * that thread, if the context is done already. It runs once, or never if it was stopped
 * first (C36). It has descriptors of its own, so @ctx may be dropped, and gives them back
 * at the end. In a child of fork(2) there is no such thread: it does not run there, and
 * to stop it and to wait for it do nothing there, and return 0.
 * With the background it only waits to be stopped. Returns 0.
 *
 * Errors, and @fn never runs; to stop and to wait are harmless then, and return 0:
 * -EBADF, -ENOTTY (no context), -EAGAIN (no thread), -EMFILE, -ENFILE, -ENOMEM, -EDQUOT,
 * those of /dev/hchan as hchan_make(); -EINVAL (no @fn).
 */
int hchan_ctx_after_func(struct hchan_after_func *after, int ctx,
			 void (*fn)(void *arg), void *arg);

/*
 * hchan_after_func_stop() - do not run it any more
 *
 * Returns 1: it has not run, never will, and @after is the caller's again. Returns 0: it
 * runs, has run, or was stopped before; hchan_after_func_wait() waits for its end. Of
 * several calls one at most gets 1. May be called from @fn (0).
 */
int hchan_after_func_stop(struct hchan_after_func *after);

/*
 * hchan_after_func_wait() - wait until the function has run, or was stopped
 *
 * Then @after is the caller's again. Returns 0. Any number of threads may wait; @after
 * outlives them all. Errors: -EDEADLK (called from @fn).
 */
int hchan_after_func_wait(struct hchan_after_func *after);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif /* HCHAN_CONTEXT_H */
