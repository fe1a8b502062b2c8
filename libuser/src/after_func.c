// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * After-funcs: a thread that waits for a context's end, or for being stopped.
 *
 * The state tells who has won: @fn's thread takes WAITING to RUNNING, a stop takes it
 * to STOPPED, nobody else does anything to it. OVER is stored last, with release; who
 * has seen it with acquire owns the memory. The descriptors belong to the thread. A stop
 * that has won closes the channel stop_, for which the thread waits in every case
 * before it gives up the descriptor, so none is used after that.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#ifndef SYS_futex_time64
#define SYS_futex_time64	SYS_futex
#endif

enum { WAITING, RUNNING, STOPPED, OVER };

static uint32_t state_of(struct hchan_after_func *after)
{
	return __atomic_load_n(&after->state_, __ATOMIC_ACQUIRE);
}

static bool win(struct hchan_after_func *after, uint32_t state)
{
	uint32_t waiting = WAITING;

	return __atomic_compare_exchange_n(&after->state_, &waiting, state,
					   false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static void futex(uint32_t *word, int op, uint32_t value)
{
	int saved = errno;

	syscall(SYS_futex_time64, word, op | FUTEX_PRIVATE_FLAG, value, NULL,
		NULL, 0);
	errno = saved;
}

/* Pairs with the loads of state_of(). */
static void over(struct hchan_after_func *after)
{
	uint32_t *word = &after->state_;

	__atomic_store_n(word, OVER, __ATOMIC_RELEASE);
	/* An address, nothing more: what was there may be gone. */
	futex(word, FUTEX_WAKE, INT_MAX);
}

static void *after_thread(void *arg)
{
	struct hchan_after_func *after = arg;
	struct hchan_case c[2] = {
		hchan_on_recv(after->stop_, NULL, 0),
		hchan_on_done(after->ctx_),
	};
	int ret;

	__atomic_store_n(&after->thread_, (int)syscall(SYS_gettid),
			 __ATOMIC_RELAXED);
	/* No signal comes. Whoever closes our descriptors ends it: -EBADF. */
	ret = hchan_select(c, 2, hchan_forever(), HCHAN_FIRST);
	if (ret == 1 && win(after, RUNNING))
		after->fn_(after->arg_);
	else if (!win(after, RUNNING))
		hchan_recv(after->stop_, NULL, 0);
	hchan__close(after->stop_);
	hchan__close(after->ctx_);
	over(after);
	return NULL;
}

static int start(struct hchan_after_func *after)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t thread;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, &attr, after_thread, after);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int hchan_ctx_after_func(struct hchan_after_func *after, int ctx,
			 void (*fn)(void *arg), void *arg)
{
	int err;

	/* So that stop and wait are harmless whatever goes wrong. */
	after->state_ = OVER;
	after->thread_ = 0;
	after->pid_ = (int)getpid();
	if (!fn)
		return -EINVAL;
	err = hchan__is_ctx(ctx);
	if (err)
		return err;
	after->fn_ = fn;
	after->arg_ = arg;
	after->ctx_ = ctx;
	if (ctx != HCHAN_BACKGROUND) {
		after->ctx_ = hchan__dup(ctx);
		if (after->ctx_ < 0)
			return after->ctx_;
	}
	after->stop_ = hchan_make(0, 0);
	err = after->stop_;
	if (err >= 0) {
		after->state_ = WAITING;
		err = start(after);
		if (!err)
			return 0;
		after->state_ = OVER;
		hchan__close(after->stop_);
	}
	hchan_drop(after->ctx_);
	return err;
}

/* A child of fork(2) has a copy without a thread, and the parent's descriptors. */
static bool is_copy(const struct hchan_after_func *after)
{
	return after->pid_ != (int)getpid();
}

static void wait_for_end(struct hchan_after_func *after)
{
	uint32_t state;

	while ((state = state_of(after)) != OVER)
		futex(&after->state_, FUTEX_WAIT, state);
}

int hchan_after_func_stop(struct hchan_after_func *after)
{
	if (is_copy(after) || !win(after, STOPPED))
		return 0;
	hchan_close(after->stop_);
	wait_for_end(after);
	return 1;
}

int hchan_after_func_wait(struct hchan_after_func *after)
{
	if (is_copy(after))
		return 0;
	if (state_of(after) == RUNNING &&
	    __atomic_load_n(&after->thread_, __ATOMIC_RELAXED) ==
	    (int)syscall(SYS_gettid))
		return -EDEADLK;
	wait_for_end(after);
	return 0;
}
