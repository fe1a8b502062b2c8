/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Calls that can't fail, and Go's panics.
 *
 * The functions of <hchan.h> return an error where Go panics: -EPIPE from a send
 * on a closed channel, -EALREADY from closing a closed one, -EINVAL from closing
 * nil. Where such an error is a fault of the program, and any other error as well,
 * the must forms panic in place of returning it:
 *
 *	job_chan jobs = HCHAN_MUST_CREATE(job_chan, "jobs", 16);
 *
 *	HCHAN_MUST_SEND(jobs, &job);
 *	while (HCHAN_MUST_RECV(jobs, &job))	1 with an element, 0 at the end
 *		work(&job);
 *	HCHAN_MUST_CLOSE(jobs);
 *
 * A panic prints one line to the standard error and calls abort(3):
 *
 *	hchan: panic: send on closed channel (channel 17, /dev/chan/jobs,
 *	descriptor 3), HCHAN_MUST_SEND(jobs, &job) at work.c:12
 *
 * unless the thread is in an HCHAN_TRY, which is Go's recover(), or the program
 * has set a handler.
 *
 *	typed		HCHAN_MUST_SEND(ch, &elem)
 *			HCHAN_MUST_TRY_SEND(ch, &elem)		1, or 0 for not ready
 *			HCHAN_MUST_RECV(ch, &elem)		1, or 0 at the end
 *			HCHAN_MUST_CLOSE(ch)
 *			HCHAN_MUST_MAKE(NAME, capacity)		a handle
 *			HCHAN_MUST_CREATE(NAME, name, capacity)	a handle
 *			HCHAN_MUST_OPEN(NAME, name, how)	a handle
 *			HCHAN_MUST_CHANNEL(expression)		any handle: what
 *					NAME_open_tx(), NAME_send_only() ... return
 *	untyped		hchan_must_send(ch, elem, size)		and so on: the same
 *			hchan_must_try_send(ch, elem, size)
 *			hchan_must_recv(ch, elem, size)
 *			hchan_must_close(ch)
 *			hchan_must_make(size, capacity)		a descriptor
 *			hchan_must_create(name, size, capacity)
 *			hchan_must_open(name, how)
 *	any		HCHAN_MUST(expression)		its value (int64_t), if >= 0
 *			HCHAN_MUST_ON(ch, expression)	the same; what it panics of
 *			hchan_must_on(ch, expression)	is about the channel
 *			HCHAN_PANIC(text)		for no other reason
 *
 * Arguments are evaluated once. A signal does not make a must form fail: what was
 * interrupted has not happened, and is begun again. With a descriptor that is
 * O_NONBLOCK "not ready" is an error. In the body of a select's send case
 * HCHAN_MUST_ON(ch, r) does what Go does: it panics with Go's words if the channel
 * is closed. HCHAN_MUST() knows of no channel, and has the words of the error.
 *
 * None of this is async-signal-safe.
 */
#ifndef HCHAN_MUST_H
#define HCHAN_MUST_H

#include <errno.h>
#include <setjmp.h>

#include <hchan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a panic is ---- */

/*
 * struct hchan_panic - what has happened, and where
 * @code: the negative errno, or 0 (HCHAN_PANIC)
 * @line, @file: where it is in the source
 * @what: the call as the source has it
 * @message: in words; where Go panics these are Go's: "send on closed channel",
 *	"close of closed channel", "close of nil channel"
 * @name: the channel's path, or "" (anonymous, or not to be found)
 * @id: the channel's identity, or 0 (not known)
 * @fd: the descriptor, HCHAN_NIL, or -1 if it is about no channel
 *
 * Belongs to the library, as the calling thread's; valid until its next panic.
 * Later versions may have more, at the end.
 */
struct hchan_panic {
	int code;
	int line;
	const char *file;
	const char *what;
	const char *message;
	const char *name;
	uint64_t id;
	int fd;
};

/* ---- a handler ---- */

typedef void (*hchan_panic_fn)(const struct hchan_panic *panic, void *arg);

struct hchan_panic_handler {
	hchan_panic_fn fn;
	void *arg;
};

/*
 * hchan_set_panic_handler() - what to do in place of printing and aborting
 * @fn: called in the thread that panics, if no HCHAN_TRY of its takes it; NULL:
 *	print and abort
 * @arg: for @fn
 *
 * For the whole process. Returns what was set before. @fn may end the program or
 * the thread, leave by siglongjmp(3), or in C++ throw; when it returns, the line
 * is printed and the program aborts. It is not to panic itself.
 */
struct hchan_panic_handler hchan_set_panic_handler(hchan_panic_fn fn, void *arg);

/* ---- panicking ---- */

/*
 * hchan_panic_at() - panic; what the macros call
 * @code: a negative errno; 0: @op is the message
 * @op: "send", "close", "receive", "open" (then the reason is hchan_errmsg()), or
 *	NULL: what it is, the code tells
 * @ch: the channel, or -1
 */
void hchan_panic_at(int code, const char *op, int ch, const char *what,
		    const char *file, int line) __attribute__((__noreturn__));

/*
 * hchan_panic_again() - in HCHAN_RECOVER: leave it to the next one outside
 * @panic: the thread's last one; or, if another may come before this call, a copy of
 *	it with copies of @message and @name, whose texts this call copies again
 */
void hchan_panic_again(const struct hchan_panic *panic)
	__attribute__((__noreturn__));

#define HCHAN_PANIC(text) \
	hchan_panic_at(0, (text), -1, "HCHAN_PANIC", __FILE__, __LINE__)

/* ---- must ---- */

#define HCHAN_MUST(...) \
	hchan_must_result_(-1, (__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define hchan_must_on(ch, ...) \
	hchan_must_result_((ch), (__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define HCHAN_MUST_ON(ch, ...) \
	hchan_must_result_(HCHAN_ANY_(ch), (__VA_ARGS__), #__VA_ARGS__, \
			   __FILE__, __LINE__)

#define hchan_must_send(ch, elem, ...) \
	hchan_must_send_((ch), (elem), (__VA_ARGS__), \
			 "hchan_must_send(" #ch ", " #elem ", " #__VA_ARGS__ ")", \
			 __FILE__, __LINE__)
#define hchan_must_try_send(ch, elem, ...) \
	hchan_must_try_send_((ch), (elem), (__VA_ARGS__), \
			     "hchan_must_try_send(" #ch ", " #elem ", " \
			     #__VA_ARGS__ ")", __FILE__, __LINE__)
#define hchan_must_recv(ch, elem, ...) \
	hchan_must_recv_((ch), (elem), (__VA_ARGS__), \
			 "hchan_must_recv(" #ch ", " #elem ", " #__VA_ARGS__ ")", \
			 __FILE__, __LINE__)
#define hchan_must_close(ch) \
	hchan_must_close_((ch), "hchan_must_close(" #ch ")", __FILE__, __LINE__)
#define hchan_must_make(...) \
	hchan_must_open_(hchan_make(__VA_ARGS__), \
			 "hchan_must_make(" #__VA_ARGS__ ")", __FILE__, __LINE__)
#define hchan_must_create(...) \
	hchan_must_open_(hchan_create(__VA_ARGS__), \
			 "hchan_must_create(" #__VA_ARGS__ ")", \
			 __FILE__, __LINE__)
#define hchan_must_open(...) \
	hchan_must_open_(hchan_open(__VA_ARGS__), \
			 "hchan_must_open(" #__VA_ARGS__ ")", __FILE__, __LINE__)

#define HCHAN_MUST_SEND(ch, ...) \
	hchan_must_send_((ch).fd, HCHAN_SRC_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch), \
			 "HCHAN_MUST_SEND(" #ch ", " #__VA_ARGS__ ")", \
			 __FILE__, __LINE__)
#define HCHAN_MUST_TRY_SEND(ch, ...) \
	hchan_must_try_send_((ch).fd, HCHAN_SRC_(ch, (__VA_ARGS__)), \
			     HCHAN_SIZE_(ch), \
			     "HCHAN_MUST_TRY_SEND(" #ch ", " #__VA_ARGS__ ")", \
			     __FILE__, __LINE__)
#define HCHAN_MUST_RECV(ch, ...) \
	hchan_must_recv_((ch).fd, HCHAN_DST_(ch, (__VA_ARGS__)), HCHAN_SIZE_(ch), \
			 "HCHAN_MUST_RECV(" #ch ", " #__VA_ARGS__ ")", \
			 __FILE__, __LINE__)
#define HCHAN_MUST_CLOSE(ch) \
	hchan_must_close_(HCHAN_SENDS_(ch), "HCHAN_MUST_CLOSE(" #ch ")", \
			  __FILE__, __LINE__)
#define HCHAN_MUST_MAKE(name, ...) \
	name##_fd_(hchan_must_open_(name##_make(__VA_ARGS__).fd, \
		"HCHAN_MUST_MAKE(" #name ", " #__VA_ARGS__ ")", \
		__FILE__, __LINE__))
#define HCHAN_MUST_CREATE(name, ...) \
	name##_fd_(hchan_must_open_(name##_create(__VA_ARGS__).fd, \
		"HCHAN_MUST_CREATE(" #name ", " #__VA_ARGS__ ")", \
		__FILE__, __LINE__))
#define HCHAN_MUST_OPEN(name, ...) \
	name##_fd_(hchan_must_open_(name##_open(__VA_ARGS__).fd, \
		"HCHAN_MUST_OPEN(" #name ", " #__VA_ARGS__ ")", \
		__FILE__, __LINE__))
#define HCHAN_MUST_CHANNEL(...)	HCHAN_MUST_AT_(__LINE__, __VA_ARGS__)

#if !defined(__cplusplus) && \
	(!defined(__STRICT_ANSI__) || defined(_POSIX_C_SOURCE) || \
	 defined(_GNU_SOURCE))
/* ---- going on after a panic: C alone ---- */

/*
 * HCHAN_TRY, HCHAN_RECOVER() - Go's defer with a recover() in it
 * @p: declared here, a const struct hchan_panic *
 *
 *	HCHAN_TRY {
 *		HCHAN_MUST_SEND(jobs, &job);
 *	} HCHAN_RECOVER(p) {
 *		fprintf(stderr, "given up: %s\n", p->message);
 *	}
 *
 * A panic in the body, or in what it calls in the same thread, ends the body and
 * runs the second block, and the program goes on behind it. They nest, and a panic
 * in the second block is the next outer one's. Each thread has its own.
 *
 * The body may be left in any way, by return and goto too; break and continue
 * leave the block. (longjmp(3) out of it is not a way.)
 *
 * Nothing is unwound: what the body has opened, locked or allocated stays so.
 * Variables of the function around it that the body has changed have to be
 * volatile to be looked at afterwards: this is a sigsetjmp(3), which also keeps
 * the signal mask, at the cost of a system call. gcc's -Wclobbered (in -Wextra)
 * may name others that are not, say the int of an HCHAN_RANGE in the body: declare
 * them in the body, or do its work in a function.
 *
 * In C++ such a jump would leave out destructors, so there are no such blocks:
 * set a handler that throws. Nor are there any where sigsetjmp() is not declared:
 * -std=c11 wants -D_POSIX_C_SOURCE=200809L with it.
 */
#define HCHAN_TRY		HCHAN_TRY_AT_(__LINE__)

#define HCHAN_RECOVER(p) \
	else \
		for (const struct hchan_panic *(p) = hchan_panic_caught(); \
		     (p); (p) = NULL)

/* struct hchan_try - a block that is being tried; on its own stack */
struct hchan_try {
	struct hchan_try *outer;
	int entered;
	sigjmp_buf at;
};

/*
 * hchan_try_enter() - the first time: 1, and panics come here from now on; then 0
 * hchan_try_leave() - panics go to the next outer one again, if not already
 * hchan_panic_caught() - the thread's last one
 */
int hchan_try_enter(struct hchan_try *block);
void hchan_try_leave(struct hchan_try *block);
const struct hchan_panic *hchan_panic_caught(void);
#else
#define HCHAN_TRY	HCHAN_TRY_wants_C_and_sigsetjmp
#endif

/* ---- behind the scenes ---- */

#define HCHAN_TRY_AT_(line)	HCHAN_TRY_AT__(line)
#define HCHAN_TRY_AT__(line) \
	for (struct hchan_try __attribute__((__cleanup__(hchan_try_leave))) \
		hchan_try_##line##_ = { .entered = 0 }; \
	     hchan_try_enter(&hchan_try_##line##_);) \
		if (!sigsetjmp(hchan_try_##line##_.at, 1))

/* A block with a value, a GNU extension: only it can give a handle back whole. */
#define HCHAN_MUST_AT_(line, ...)	HCHAN_MUST_AT__(line, __VA_ARGS__)
#define HCHAN_MUST_AT__(line, ...) \
	__extension__ ({ \
		__typeof__(__VA_ARGS__) hchan_must_##line##_ = (__VA_ARGS__); \
		\
		hchan_must_open_(hchan_must_##line##_.fd, #__VA_ARGS__, \
				 __FILE__, line); \
		hchan_must_##line##_; \
	})

static inline int64_t hchan_must_result_(int ch, int64_t ret, const char *what,
					 const char *file, int line)
{
	if (ret < 0)
		hchan_panic_at((int)ret, NULL, ch, what, file, line);
	return ret;
}

static inline void hchan_must_send_(int ch, const void *elem, size_t size,
				    const char *what, const char *file, int line)
{
	int ret;

	do {
		ret = hchan_send(ch, elem, size);
	} while (ret == -EINTR);
	if (ret < 0)
		hchan_panic_at(ret, "send", ch, what, file, line);
}

static inline int hchan_must_try_send_(int ch, const void *elem, size_t size,
				       const char *what, const char *file,
				       int line)
{
	int ret = hchan_try_send(ch, elem, size);

	if (ret < 0 && ret != -EAGAIN)
		hchan_panic_at(ret, "send", ch, what, file, line);
	return !ret;
}

static inline int hchan_must_recv_(int ch, void *elem, size_t size,
				   const char *what, const char *file, int line)
{
	int ret;

	do {
		ret = hchan_recv(ch, elem, size);
	} while (ret == -EINTR);
	if (ret < 0)
		hchan_panic_at(ret, "receive", ch, what, file, line);
	return ret;
}

static inline void hchan_must_close_(int ch, const char *what, const char *file,
				     int line)
{
	int ret = hchan_close(ch);

	if (ret < 0)
		hchan_panic_at(ret, "close", ch, what, file, line);
}

/* Nil is a channel, and was meant. */
static inline int hchan_must_open_(int ch, const char *what, const char *file,
				   int line)
{
	if (ch < 0 && ch != HCHAN_NIL)
		hchan_panic_at(ch, "open", -1, what, file, line);
	return ch;
}

#ifdef __cplusplus
}
#endif

#endif /* HCHAN_MUST_H */
