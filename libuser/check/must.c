// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Panics, handlers and recovery, as far as nil and no channel at all go. What a
 * body changes is static, as an automatic variable would have to be volatile.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hchan/must.h>

#include "check.h"

HCHAN_DECLARE(int_chan, int);

static int line_of_close;

static void close_nil(void)
{
	line_of_close = __LINE__ + 1;
	HCHAN_MUST_CLOSE(int_chan_nil());
}

static void texts(void)
{
	static int reached;

	HCHAN_TRY {
		close_nil();
		reached = 1;
	} HCHAN_RECOVER(p) {
		check_eq("close of nil channel", 0,
			 strcmp(p->message, "close of nil channel"));
		check_eq("its code", -EINVAL, p->code);
		check_eq("its line", line_of_close, p->line);
		check_eq("its file", 0, strcmp(p->file, __FILE__));
		check_eq("its channel", HCHAN_NIL, p->fd);
		check_eq("its name", 0, *p->name);
		check_eq("its call", 0,
			 strcmp(p->what, "HCHAN_MUST_CLOSE(int_chan_nil())"));
		reached += 2;
	}
	check_eq("the body ends there, recovery runs", 2, reached);

	HCHAN_TRY {
		hchan_must_send(-1, "", 1);
	} HCHAN_RECOVER(p) {
		check_eq("a stray descriptor", -EBADF, p->code);
		check_eq("in words", 0, strncmp(p->message, "send: ", 6));
		reached = 7;
	}
	check_eq("recovered", 7, reached);
	HCHAN_TRY {
		HCHAN_MUST_OPEN(int_chan, "/nowhere/at/all", 0);
	} HCHAN_RECOVER(p) {
		check_eq("an open", -ENOENT, p->code);
		check_eq("names it", 1, !!strstr(p->message, "/nowhere/at/all"));
		reached = 8;
	}
	HCHAN_TRY {
		HCHAN_PANIC("my own");
	} HCHAN_RECOVER(p) {
		check_eq("one of the program's", 0, strcmp(p->message, "my own"));
		check_eq("without a code", 0, p->code);
		reached++;
	}
	check_eq("both recovered", 9, reached);
	check_eq("a value passes", 5, HCHAN_MUST(5));
	check_eq("nil was meant", HCHAN_NIL,
		 HCHAN_MUST_CHANNEL(int_chan_nil()).fd);
}

static void nested(void)
{
	static int order, rounds, i;

	HCHAN_TRY {
		HCHAN_TRY {
			HCHAN_MUST(-EPIPE);
		} HCHAN_RECOVER(p) {
			order = order * 10 + 1;
			hchan_panic_again(p);
		}
		order = order * 10 + 9;
	} HCHAN_RECOVER(p) {
		order = order * 10 + 2;
		check_eq("the same again", -EPIPE, p->code);
	}
	check_eq("inner, then outer", 12, order);

	HCHAN_TRY {
		HCHAN_TRY {
			order = 3;
		} HCHAN_RECOVER(p) {
			order = p->code;
		}
		HCHAN_MUST(-EBADF);
	} HCHAN_RECOVER(p) {
		order += p->code == -EBADF;
	}
	check_eq("behind an inner one without a panic", 4, order);

	HCHAN_TRY {
		for (i = 0; i < 3; i++) {
			HCHAN_TRY {
				if (i == 1)
					break;
				HCHAN_MUST(-EBADF);
			} HCHAN_RECOVER(p) {
				rounds += p->code == -EBADF;
				continue;
			}
			rounds += 10;
		}
		HCHAN_MUST(-EPIPE);
	} HCHAN_RECOVER(p) {
		rounds += p->code == -EPIPE ? 100 : 0;
	}
	check_eq("break and continue leave the block alone", 132, rounds);
}

/* A panic that was kept aside while another one came and went. */
static void kept(void)
{
	static char message[20], name[20];
	static struct hchan_panic copy;
	static int others;

	HCHAN_TRY {
		HCHAN_TRY {
			HCHAN_PANIC("the first");
		} HCHAN_RECOVER(p) {
			strcpy(message, p->message);
			strcpy(name, "/a/name");
			copy = *p;
			copy.message = message;
			copy.name = name;
			HCHAN_TRY {
				HCHAN_PANIC("the second");
			} HCHAN_RECOVER(q) {
				others += !strcmp(q->message, "the second");
			}
			hchan_panic_again(&copy);
		}
	} HCHAN_RECOVER(p) {
		memset(message, 'x', sizeof(message) - 1);
		memset(name, 'x', sizeof(name) - 1);
		check_eq("the first again", 0, strcmp(p->message, "the first"));
		check_eq("with its channel", 0, strcmp(p->name, "/a/name"));
		others += 10;
	}
	check_eq("after the second", 11, others);
}

/* A result that is about a channel, with Go's words for it. */
static void results(void)
{
	static int panics, evaluated, passed;

	HCHAN_TRY {
		HCHAN_MUST_ON(int_chan_nil(), -EPIPE);
	} HCHAN_RECOVER(p) {
		check_eq("a send", 0, strcmp(p->message, "send on closed channel"));
		check_eq("on which", HCHAN_NIL, p->fd);
		check_eq("what it was", 0, strcmp(p->what, "-EPIPE"));
		panics++;
	}
	HCHAN_TRY {
		hchan_must_on(HCHAN_NIL, -EALREADY);
	} HCHAN_RECOVER(p) {
		check_eq("a close", 0, strcmp(p->message, "close of closed channel"));
		panics++;
	}
	HCHAN_TRY {
		hchan_must_on(HCHAN_NIL, -EMSGSIZE);
	} HCHAN_RECOVER(p) {
		check_eq("what Go has no words for", 0,
			 strcmp(p->message, hchan_strerror(-EMSGSIZE)));
		panics++;
	}
	HCHAN_TRY {
		HCHAN_MUST(-EPIPE);
	} HCHAN_RECOVER(p) {
		check_eq("about no channel", 0,
			 strcmp(p->message, hchan_strerror(-EPIPE)));
		panics++;
	}
	passed = (int)HCHAN_MUST_ON(int_chan_nil(), ++evaluated);
	check_eq("a value passes", 1, passed);
	check_eq("evaluated once", 1, evaluated);
	check_eq("all panicked", 4, panics);
}

static int leaves_by_return(void)
{
	HCHAN_TRY {
		HCHAN_TRY {
			return 1;
		} HCHAN_RECOVER(p) {
			return p->code;
		}
	} HCHAN_RECOVER(p) {
		return p->code;
	}
	return 2;
}

static void leaving(void)
{
	static int got;

	HCHAN_TRY {
		got = leaves_by_return();
		HCHAN_MUST(-EPIPE);
		got = 7;
	} HCHAN_RECOVER(p) {
		got += 10;
	}
	check_eq("a block left by return is none any more", 11, got);
	HCHAN_TRY {
		HCHAN_TRY {
			goto out;
		} HCHAN_RECOVER(p) {
			got = 1;
		}
out:
		HCHAN_MUST(-EPIPE);
	} HCHAN_RECOVER(p) {
		got += 100;
	}
	check_eq("nor one left by goto", 111, got);
}

static pthread_barrier_t both;

static void *other_thread(void *arg)
{
	int *got = arg;

	HCHAN_TRY {
		pthread_barrier_wait(&both);
		/* Here the first one panics. */
		pthread_barrier_wait(&both);
		HCHAN_MUST(-ETIMEDOUT);
	} HCHAN_RECOVER(p) {
		*got = p->code;
	}
	return NULL;
}

static void threads(void)
{
	static pthread_t thread;
	static int got, own;

	pthread_barrier_init(&both, NULL, 2);
	HCHAN_TRY {
		pthread_create(&thread, NULL, other_thread, &got);
		pthread_barrier_wait(&both);
		HCHAN_MUST(-EPIPE);
	} HCHAN_RECOVER(p) {
		own = p->code;
	}
	pthread_barrier_wait(&both);
	pthread_join(thread, NULL);
	check_eq("each thread its own", -EPIPE, own);
	check_eq("and the other's", -ETIMEDOUT, got);
}

static sigjmp_buf away;
static int handled;

static void handler(const struct hchan_panic *panic, void *arg)
{
	handled = panic->code == -EPIPE ? *(int *)arg : -1;
	siglongjmp(away, 1);
}

static void handlers(void)
{
	struct hchan_panic_handler old;
	static int forty_two = 42;
	static int tried;

	old = hchan_set_panic_handler(handler, &forty_two);
	check_eq("none was set", 1, !old.fn && !old.arg);
	HCHAN_TRY {
		HCHAN_MUST(-EPIPE);
	} HCHAN_RECOVER(p) {
		tried = 1;
	}
	check_eq("a block comes before the handler", 1, tried && !handled);
	if (!sigsetjmp(away, 1))
		HCHAN_MUST(-EPIPE);
	check_eq("the handler", 42, handled);
	old = hchan_set_panic_handler(NULL, NULL);
	check_eq("it was set", 1, old.fn == handler && old.arg == &forty_two);
}

static void returns(const struct hchan_panic *panic, void *arg)
{
	(void)panic;
	(void)arg;
}

/* Without anybody to take it: a line, and SIGABRT. */
static void aborts(const char *name, hchan_panic_fn fn)
{
	char line[600] = "", expected[300];
	int fd[2], status = 0;
	ssize_t len;
	pid_t pid;

	if (pipe(fd))
		return;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDERR_FILENO);
		hchan_set_panic_handler(fn, NULL);
		close_nil();
		_exit(0);
	}
	close(fd[1]);
	waitpid(pid, &status, 0);
	len = read(fd[0], line, sizeof(line) - 1);
	close(fd[0]);
	line[len > 0 ? len : 0] = '\0';
	snprintf(expected, sizeof(expected),
		 "hchan: panic: close of nil channel (nil), HCHAN_MUST_CLOSE(int_chan_nil()) at %s:%d\n",
		 __FILE__, line_of_close);
	check_eq(name, SIGABRT, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	if (strcmp(expected, line))
		printf("# expected %s# have %s\n", expected, line);
	check_eq("its line", 0, strcmp(expected, line));
}

int main(void)
{
	texts();
	nested();
	kept();
	results();
	leaving();
	threads();
	handlers();
	aborts("without a handler it aborts", NULL);
	aborts("and behind one that returns", returns);
	return check_end();
}
