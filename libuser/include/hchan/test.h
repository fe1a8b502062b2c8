/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * For tests of programs that meet by channels: bring several processes into one
 * exact order without sleeping, and hear who waits where if they don't get there.
 *
 *	struct hchan_test *t;
 *
 *	hchan_test_join(&t, "mytest", 10 * HCHAN_SEC);
 *	hchan_test_step(t, 2);			my turn: steps 0 and 1 are done
 *	hchan_send(jobs, &job, sizeof(job));
 *	hchan_test_done(t, 2);			whoever waits for step 3 goes on
 *	hchan_test_leave(t);
 *
 * A step that is meant to wait can't say itself that it is done. Whoever has the
 * next one sees to it:
 *
 *	hchan_test_receivers(t, jobs, 1);	the other one is parked in a receive
 *
 * Processes take part by the test's name; they need not be related. What they
 * use is channels, named NAME.steps, NAME.LABEL.in and NAME.LABEL.out, in the
 * directory of plain names: see NAMES in <hchan.h>. Whoever starts the others
 * calls hchan_test_clean() before that and after.
 *
 * libuser/test/interleave.c is a worked example: it forces three foreign programs
 * into one exact interleaving.
 *
 * Results are as in <hchan.h>: 0, or a negative errno. All waits of a process end
 * hchan_test_join()'s timeout after it; the one that does prints a report to
 * standard error and returns -ETIMEDOUT. After any error the test is over: its
 * steps and barriers are in no defined state. The waits' other errors are -EINTR
 * and those of the channel that is waited on. None is async-signal-safe, and a
 * struct hchan_test belongs to one thread at a time. The calls that wait are
 * macros, for the report's sake, and evaluate their arguments once.
 */
#ifndef HCHAN_TEST_H
#define HCHAN_TEST_H

#include <hchan.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hchan_test;

/*
 * hchan_test_join() - take part in a test
 * @test: written on success; the caller's until hchan_test_leave()
 * @name: the test's name; a prefix of its channels' names
 * @timeout: nanoseconds from now for everything that waits
 *
 * Errors: -ENOMEM, -EINVAL (an empty name, or one with a slash), -ENAMETOOLONG,
 * and as for hchan_create(); the reason is printed to standard error.
 */
int hchan_test_join(struct hchan_test **test, const char *name, int64_t timeout);

/* hchan_test_leave() - drop the test's descriptors and memory; NULL is fine */
void hchan_test_leave(struct hchan_test *test);

/*
 * hchan_test_clean() - remove all channels of a test by name
 *
 * Returns how many there were. Errors: -EINVAL and -ENAMETOOLONG as above,
 * -ENOENT (no directory of channels), -EACCES, -EPERM.
 */
int hchan_test_clean(const char *name);

/*
 * hchan_test_watch() - have the report say how this channel stands, too
 * @label: what the report calls it; copied
 * @ch: used until hchan_test_leave(), but not owned
 *
 * A channel that was waited on is watched anyway. Error: -ENOMEM.
 */
int hchan_test_watch(struct hchan_test *test, const char *label, int ch);

/* hchan_test_report() - print the report now: who waits on what, and where */
void hchan_test_report(struct hchan_test *test);

/*
 * hchan_test_receivers() - wait until at least @n receives are parked on @ch
 * hchan_test_senders() - wait until at least @n sends are
 * hchan_test_len() - wait until at least @n elements are buffered
 *
 * Once they return it is so, unless somebody else has moved on since.
 */
#define hchan_test_receivers(test, ch, n) \
	hchan_test_wait_at(test, ch, HCHAN_W_RECEIVERS, n, HCHAN_HERE_)
#define hchan_test_senders(test, ch, n) \
	hchan_test_wait_at(test, ch, HCHAN_W_SENDERS, n, HCHAN_HERE_)
#define hchan_test_len(test, ch, n) \
	hchan_test_wait_at(test, ch, HCHAN_W_LENGTH, n, HCHAN_HERE_)

/*
 * hchan_test_step() - wait until steps 0 to @k - 1 are done
 * hchan_test_done() - step @k is done
 *
 * Steps are done in order, each once, by whichever process: -EPROTO if step @k
 * is done already, or is not the next. At most 2^31 - 1 of them.
 */
#define hchan_test_step(test, k) \
	hchan_test_step_at(test, k, HCHAN_HERE_)
#define hchan_test_done(test, k) \
	hchan_test_done_at(test, k, HCHAN_HERE_)

/*
 * hchan_test_barrier() - wait until @n callers are here, then all go on
 * @label: which barrier; the same @n for all
 *
 * Can be used again at once, any number of times. What any of them did before it
 * happened before what any of them does after (C28). -EPROTO: there is such a
 * barrier for another number.
 */
#define hchan_test_barrier(test, label, n) \
	hchan_test_barrier_at(test, label, n, HCHAN_HERE_)

/* hchan_test_meet() - a rendezvous: a barrier for two */
#define hchan_test_meet(test, label) \
	hchan_test_barrier_at(test, label, 2, HCHAN_HERE_)

/* ---- behind the macros; @where is "file:line" and outlives @test ---- */

#define HCHAN_TEXT__(text)	#text
#define HCHAN_TEXT_(text)	HCHAN_TEXT__(text)
#define HCHAN_HERE_		__FILE__ ":" HCHAN_TEXT_(__LINE__)

int hchan_test_wait_at(struct hchan_test *test, int ch, uint32_t what,
		       uint64_t n, const char *where);
int hchan_test_step_at(struct hchan_test *test, uint64_t k, const char *where);
int hchan_test_done_at(struct hchan_test *test, uint64_t k, const char *where);
int hchan_test_barrier_at(struct hchan_test *test, const char *label,
			  unsigned int n, const char *where);

#ifdef __cplusplus
}
#endif

#endif /* HCHAN_TEST_H */
