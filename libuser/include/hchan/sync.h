/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What programs build of channels: wait groups, semaphores, once, rate limiters; merge,
 * split, broadcast and pipeline stages; groups of processes that fail together.
 *
 * All of it is channels, timers and contexts and nothing else: it works between threads
 * and between processes which inherit the descriptors, and there is no shared memory that
 * could be left in disorder. Each says what happens when a participant is killed (kill
 * -9) at its worst moment. Where something is lost by that, who waits for the process
 * (waitpid(2)) can put it right, and is told how.
 *
 * There are no hidden threads: what has to be done again and again is done by a function
 * that runs until it is over, in a thread or process of the caller's choice. Results are
 * as in <hchan.h>; a @ctx may be HCHAN_BACKGROUND, and ends a call with -ECANCELED or
 * -ETIME as in <hchan/context.h>. Descriptors are close-on-exec.
 */
#ifndef HCHAN_SYNC_H
#define HCHAN_SYNC_H

#include <hchan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- wait group: until all have ended ---- */

/*
 * struct hchan_wg - a channel on which nobody sends: it ends with its last sender (C49)
 *
 * Killed: who is killed has ended. Nothing is lost.
 */
struct hchan_wg {
	int wait_;
	int member_;
};

/* hchan_wg_make() - errors: as hchan_make() */
int hchan_wg_make(struct hchan_wg *wg);

/*
 * hchan_wg_add() - one more: returns a descriptor; who has ended drops it
 *
 * It counts as long as anybody has it open: to be made before fork(2), dropped by the
 * parent, and dropped by the child when it is done, by its end at the latest. A child
 * calls hchan_wg_leave() first, else it counts for the @wg it has inherited. For a program
 * that is started FD_CLOEXEC has to be taken off. Errors: as hchan_send_only(); -EINVAL:
 * hchan_wg_wait() was called.
 */
int hchan_wg_add(struct hchan_wg *wg);

/*
 * hchan_wg_leave() - give back what this process has of it, but what _add() returned
 *
 * To be called when none of its threads is in one of the other functions.
 */
void hchan_wg_leave(struct hchan_wg *wg);

/*
 * hchan_wg_wait() - wait until all descriptors of hchan_wg_add() are gone
 *
 * Several threads, and processes, can wait. None can be added from now on. After
 * hchan_wg_leave() nothing but @ctx ends it. Returns 0. Errors: -ECANCELED, -ETIME, -EINTR.
 */
int hchan_wg_wait(struct hchan_wg *wg, int ctx);

/* ---- semaphore: so many at once ---- */

/*
 * hchan_sem_make(), hchan_sem_open() - for @n at once, 1 or more; anonymous, or by name
 *
 * A channel with @n places for elements of no bytes: each place in use is somebody inside.
 * Killed: who is killed inside stays inside. Who waits for the process calls
 * hchan_sem_release() in its place, but only if it is known to have been inside: for one
 * that was killed while it waited for a place there is nothing to release, and one too
 * many would go in. So who may be killed says that it is inside on a channel of its own
 * (of capacity 1), once it is, and takes that back before it goes out. What is lost at
 * worst, between these steps or by being let in and killed at once (C41), is a place.
 * Errors: as hchan_make(), hchan_create(); -EINVAL (@n).
 */
int hchan_sem_make(uint64_t n);
int hchan_sem_open(const char *name, uint64_t n);

/*
 * hchan_sem_acquire() - go in; wait until there is a place, in the order of coming (C8)
 * hchan_sem_try_acquire() - -EAGAIN if there is none
 * hchan_sem_release() - go out; -EINVAL: nobody is inside
 */
int hchan_sem_acquire(int sem, int ctx);
int hchan_sem_try_acquire(int sem);
int hchan_sem_release(int sem);

/* ---- once ---- */

/*
 * struct hchan_once - something that one does and all others wait for
 *
 * Killed: who is killed while doing it leaves the others waiting, until their context
 * ends or who waits for the process calls hchan_once_failed() in its place: then the
 * next one does it, once more if it was done already and not yet said. Only if it is known
 * to have been doing it, as of a semaphore's place: if it only waited, two would do it.
 * What is lost at worst, by being given the turn after a failure and killed at once (C41),
 * is the turn: nobody does it.
 */
struct hchan_once {
	int turn_;
	int done_;
};

/* hchan_once_make() - errors: as hchan_make() */
int hchan_once_make(struct hchan_once *once);
void hchan_once_drop(struct hchan_once *once);

/*
 * hchan_once_begin() - returns 1: do it, then say hchan_once_done() or _failed(); 0: it
 *	has been done, and what was done happened before (C28)
 */
int hchan_once_begin(struct hchan_once *once, int ctx);
int hchan_once_done(struct hchan_once *once);
int hchan_once_failed(struct hchan_once *once);

/* ---- rate limiter ---- */

/*
 * hchan_limit_make() - at most one every @period nanoseconds, of all who have it
 * hchan_limit_take() - wait for one's turn
 *
 * A ticker: what nobody takes does not pile up, so there are no bursts but of two. Killed:
 * who is killed in its turn has had it. Errors: as hchan_ticker(); -ECANCELED, -ETIME.
 */
int hchan_limit_make(int64_t period);
int hchan_limit_take(int limit, int ctx);

/* ---- loops: they run until their input has ended, and return 0 then ---- */

/*
 * hchan_merge() - from any of @n channels to one (fan-in)
 * hchan_split() - from one to any of @n channels that is ready first (fan-out)
 * hchan_broadcast() - from one to each of @n channels
 * @size: bytes in an element, of all of them; for messages (C44) the longest
 *
 * They close nothing: the caller closes what has to end behind them. Channels with
 * HCHAN_DISCONNECT notice who is gone: an input that has lost its senders has ended; an
 * output that has lost its receivers (or is closed) is left out from then on, and what it
 * was to get goes to another one by hchan_split(). Of several that are ready they take
 * one after the other in turn. hchan_broadcast() sends to one after the other: one that
 * does not receive holds up all. HCHAN_NIL is never ready and never ends, as in Go:
 * hchan_merge() and hchan_split() pass it by, and wait if nothing else is left;
 * hchan_broadcast() waits at it. Killed: with who runs the loop the one element that it
 * has in its hand is lost; a killed partner is an end as above. They use memory for @n
 * cases and one element, and take no notice of signals (a handler can cancel the context).
 *
 * A message goes on as long as it is. One of more than @size bytes ends the loop with
 * -EMSGSIZE and stays where it is. Elements may go on as messages, not the other way round.
 *
 * What is wrong with a channel (-EBADF, -EMSGSIZE: it is of elements of another size, takes
 * no messages of @size bytes, or is of elements while an input is of messages), an output
 * that can not be sent to, and a context that is done (-ECANCELED, -ETIME), are found before
 * an element is taken. For that each channel is looked at once. If the end of the context, or
 * another error, comes when one has been received and not yet sent on, that one is lost,
 * and by hchan_broadcast() some have it and others not; all others are where they were.
 *
 * Errors, and an element in hand is lost as above: -EPIPE (no output is left), -ECANCELED,
 * -ETIME, -ENOMEM, -EINVAL (@n is 0 or more than a select takes), -E2BIG (hchan_split():
 * @n times @size is more than the query's select_bytes, and it has to wait), and as
 * hchan_select().
 */
int hchan_merge(int out, const int *ins, size_t n, size_t size, int ctx);
int hchan_split(int in, const int *outs, size_t n, size_t size, int ctx);
int hchan_broadcast(int in, const int *outs, size_t n, size_t size, int ctx);

/*
 * struct hchan_stage - a step of a pipeline
 * @in, @out: from where to where; @out may be HCHAN_NIL: @fn has no results. Not of
 *	messages (-EMSGSIZE), as @fn is told of no lengths.
 * @in_size, @out_size: bytes in an element of theirs, exactly
 * @fn: makes @result of @elem: returns 1; 0: there is none; negative: stop with that
 *
 * Several in threads or processes on the same channels are a worker pool.
 */
struct hchan_stage {
	int in, out;
	size_t in_size, out_size;
	int (*fn)(void *arg, const void *elem, void *result);
	void *arg;
};

/*
 * hchan_stage_run() - do that for each element, until @in has ended
 *
 * Killed: with who runs it the element in its hand is lost. Errors: as hchan_merge(), and
 * what @fn returns.
 */
int hchan_stage_run(const struct hchan_stage *stage, int ctx);

/* ---- groups of processes that fail together ---- */

/*
 * struct hchan_group - child processes under one context
 * @ctx: their context: done when one of them fails, when the one above is, or when the
 *	process that has made the group is gone, also by kill -9
 *
 * Killed: a member that is killed has failed, and the others are cancelled as soon as
 * hchan_group_wait() runs. One process makes members and waits for them. That it is gone
 * is noticed when nobody has the right to cancel any more, which every child has that is
 * made while the group is there, until it starts a program: by fork(2), or as a member of
 * another group. Such a child calls hchan_group_leave(); a member of this one need not.
 * A struct hchan_group belongs to one thread at a time; its @ctx can be used by all.
 */
struct hchan_group {
	int ctx;
	int cancel_;
	int *members_;
	size_t n_;
	struct hchan_why failed_;
};

/* hchan_group_make() - errors: as hchan_ctx_make() */
int hchan_group_make(struct hchan_group *group, int parent);

/*
 * hchan_group_fork() - a new member: fork(2)
 *
 * Returns 0 in the child, which has @group->ctx and goes on to _exit(2) or execve(2): a
 * status other than 0 is a failure. Returns its number in the parent. Errors, and no
 * child has returned: -EAGAIN, -ENOMEM, -EMFILE, -ENFILE.
 */
int hchan_group_fork(struct hchan_group *group);

/*
 * hchan_group_pool() - @n members that run @stage: a worker pool
 *
 * One that is ended by the group's context has not failed.
 * Returns 0. Errors: as hchan_group_fork(); those that were made are in the group.
 */
int hchan_group_pool(struct hchan_group *group, unsigned int n,
		     const struct hchan_stage *stage);

/*
 * hchan_group_leave() - give back what this process has of @group
 *
 * In a child that is no member of it. In the process that has made it: the group is
 * given up, and its context cancelled; its members are to be waited for otherwise.
 */
void hchan_group_leave(struct hchan_group *group);

/*
 * hchan_group_wait() - wait until all members have ended
 * @why: of the first failure that is noticed: the exit status, or 128 and the signal's
 *	number, and what it was in words; all zeroes if there is none. May be NULL.
 *
 * The first failure that is noticed cancels the group's context: of several members that
 * have ended meanwhile any may be it. When all have ended the group is over,
 * and given back. Returns 0 if none has failed, whatever ended the context above; else
 * -ECANCELED. SIGCHLD must not be ignored, and nobody else may wait for the members.
 *
 * Errors, and the group is not over: -ECHILD (a member's status is gone: SIGCHLD was
 * ignored, or somebody else has waited; it will say so again, hchan_group_leave() gives
 * the group up), -ENOMEM, and as hchan_select().
 */
int hchan_group_wait(struct hchan_group *group, struct hchan_why *why);

#ifdef __cplusplus
}
#endif

#endif /* HCHAN_SYNC_H */
