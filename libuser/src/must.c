// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Panics: <hchan/must.h>. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hchan/must.h>

#include "internal.h"

/* Guards the handler's two words. Held for no longer than it takes to copy them. */
static char handler_lock;
static struct hchan_panic_handler handler;

/* The calling thread's: the innermost block, its last panic and that one's texts. */
static __thread struct hchan_try *innermost;
static __thread struct hchan_panic last;
static __thread char last_message[1024];
static __thread char last_name[512];

static void lock(void)
{
	/* Pairs with unlock(): what the last holder wrote is seen. */
	while (__atomic_test_and_set(&handler_lock, __ATOMIC_ACQUIRE))
		;
}

static void unlock(void)
{
	__atomic_clear(&handler_lock, __ATOMIC_RELEASE);
}

struct hchan_panic_handler hchan_set_panic_handler(hchan_panic_fn fn, void *arg)
{
	struct hchan_panic_handler old;

	lock();
	old = handler;
	handler.fn = fn;
	handler.arg = arg;
	unlock();
	return old;
}

int hchan_try_enter(struct hchan_try *block)
{
	if (block->entered)
		return 0;
	block->entered = 1;
	block->outer = innermost;
	innermost = block;
	return 1;
}

/*
 * A block that a panic has ended is not in the list any more, nor are those
 * inside it, which the jump has left out.
 */
void hchan_try_leave(struct hchan_try *block)
{
	if (innermost == block)
		innermost = block->outer;
}

const struct hchan_panic *hchan_panic_caught(void)
{
	return &last;
}

/* A channel with a name is found under /proc by it. */
static void find_name(int ch)
{
	char link[40];
	ssize_t len;

	last_name[0] = '\0';
	snprintf(link, sizeof(link), "/proc/self/fd/%d", ch);
	len = readlink(link, last_name, sizeof(last_name) - 1);
	last_name[len > 0 ? len : 0] = '\0';
	if (last_name[0] != '/')
		last_name[0] = '\0';
	hchan__printable(last_name);
}

static void find_channel(int ch, struct hchan_stat *st)
{
	last.id = 0;
	last_name[0] = '\0';
	memset(st, 0, sizeof(*st));
	if (ch >= 0 && !hchan_stat(ch, st)) {
		last.id = st->id;
		find_name(ch);
	}
}

static void set_message(int code, const char *op, int ch,
			const struct hchan_stat *st)
{
	const char *text = NULL;
	const char *colon = ": ";

	/* Without a name the code tells what has been done to the channel. */
	if (!op && ch != -1 && code == -EPIPE)
		op = "send";
	else if (!op && ch != -1 && code == -EALREADY)
		op = "close";
	if (!code) {
		text = op;
	} else if (op && !strcmp(op, "send") && code == -EPIPE) {
		text = st->id && !(st->state & HCHAN_S_CLOSED) ?
			"send on disconnected channel" :
			"send on closed channel";
	} else if (op && !strcmp(op, "close")) {
		if (code == -EALREADY)
			text = "close of closed channel";
		else if (code == -EINVAL && ch == HCHAN_NIL)
			text = "close of nil channel";
	} else if (op && !strcmp(op, "open")) {
		/* All that return a channel leave one. */
		text = *hchan_errmsg() ? hchan_errmsg() : NULL;
	}
	if (text || !op) {
		op = "";
		colon = "";
	}
	snprintf(last_message, sizeof(last_message), "%s%s%s", op, colon,
		 text ? text : hchan_strerror(code));
	hchan__printable(last_message);
}

static void print_line(const struct hchan_panic *panic)
{
	char line[2500];
	char about[600] = "";
	int len;

	if (panic->fd == HCHAN_NIL)
		snprintf(about, sizeof(about), " (nil)");
	else if (panic->id)
		snprintf(about, sizeof(about),
			 " (channel %llu, %s%sdescriptor %d)",
			 (unsigned long long)panic->id, panic->name,
			 *panic->name ? ", " : "", panic->fd);
	else if (panic->fd != -1)
		snprintf(about, sizeof(about), " (descriptor %d)", panic->fd);
	len = snprintf(line, sizeof(line) - 1,
		       "hchan: panic: %s%s, %.500s at %.300s:%d",
		       panic->message, about, panic->what, panic->file,
		       panic->line);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	line[len++] = '\n';
	/* Whole, and not among what other threads print. */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		abort();
}

/* To the innermost block, else to the handler, else the end. */
static void __attribute__((__noreturn__)) go(void)
{
	struct hchan_try *block = innermost;
	struct hchan_panic_handler now;

	if (block) {
		innermost = block->outer;
		siglongjmp(block->at, 1);
	}
	lock();
	now = handler;
	unlock();
	if (now.fn)
		now.fn(&last, now.arg);
	print_line(&last);
	abort();
}

void hchan_panic_at(int code, const char *op, int ch, const char *what,
		    const char *file, int line)
{
	struct hchan_stat st;
	int saved = errno;

	find_channel(ch, &st);
	set_message(code, op, ch, &st);
	last.code = code;
	last.line = line;
	last.file = file;
	last.what = what;
	last.message = last_message;
	last.name = last_name;
	last.fd = ch;
	errno = saved;
	go();
}

static void keep(char *buf, size_t size, const char *text)
{
	if (text != buf)
		snprintf(buf, size, "%s", text ? text : "");
}

void hchan_panic_again(const struct hchan_panic *panic)
{
	/* One that was kept aside may lie in what the jump leaves. */
	if (panic != &last) {
		last = *panic;
		keep(last_message, sizeof(last_message), panic->message);
		keep(last_name, sizeof(last_name), panic->name);
		last.message = last_message;
		last.name = last_name;
	}
	go();
}
