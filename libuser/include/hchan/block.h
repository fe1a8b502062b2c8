/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Select in the form of Go's:
 *
 *	int r;
 *
 *	for (;;) {
 *		HCHAN_SELECT(r)				select {
 *		HCHAN_RECV_CASE(jobs, &job) {		case job, ok = <-jobs:
 *			if (r == 0)
 *				jobs = job_chan_nil();
 *			...
 *		}
 *		HCHAN_SEND_CASE(out, &(struct sum){ n, sum }) {	case out <- sum{n, s}:
 *			...
 *		}
 *		HCHAN_UNTIL(hchan_after(HCHAN_SEC)) {	case <-time.After(...):
 *			...
 *		}
 *		HCHAN_ERROR {
 *			errx(1, "%s", hchan_strerror(r));
 *		}
 *		HCHAN_END				}
 *	}
 *
 * Clauses follow each other between HCHAN_SELECT and HCHAN_END, after both of
 * which may be a semicolon; nothing else stands between them (it would run twice)
 * and there are no braces around all. Each has a body, as an `if` has. Their order
 * and number are free, and what they list may be nil:
 *
 *	HCHAN_RECV_CASE(ch, &elem)	as HCHAN_ON_RECV() in <hchan/select.h>
 *	HCHAN_SEND_CASE(ch, &elem)	as HCHAN_ON_SEND()
 *	HCHAN_POLL_CASE(fd, events)	as hchan_on_poll()
 *	HCHAN_CASE(c)			any struct hchan_case, say hchan_on_recv(...)
 *	HCHAN_DEFAULT			none is ready: the select does not wait
 *	HCHAN_UNTIL(when)		none was until @when; at most one clause,
 *					and of no effect beside HCHAN_DEFAULT
 *	HCHAN_ERROR			the select has failed, nothing has happened
 *
 * HCHAN_SELECT(r) sets @r, an int of the program's, before a body runs, and it
 * keeps its value behind HCHAN_END. In a case's body it is hchan_result(): for a
 * receive 1, or 0 at the channel's end; for a send 0 or -EPIPE; for a poll the
 * events. In the others it is -EAGAIN, -ETIMEDOUT or the error. Without the
 * clause for it, an error runs nothing and is in @r alone.
 *
 * In bodies everything is as in a switch: `break` leaves the select, `continue`
 * goes on with the loop around it, return and goto leave both. Selects nest.
 *
 * Each argument is evaluated once in each round (C27), in the order of the
 * clauses, before anything is waited for. So hchan_after() in HCHAN_UNTIL starts
 * anew in each; a deadline for the whole loop is computed before it. In C a
 * compound literal in a clause lives to HCHAN_END.
 *
 * Cost: on the stack, 32 bytes for each of HCHAN_BLOCK_CASES cases and 72 more;
 * nothing is allocated. The clauses are passed twice: the first time they list
 * their cases, for one hchan_select(); the second time they ask whether it is
 * them. It is made of a switch, a goto backwards and local labels (a GNU
 * extension that gcc and clang have in C and C++).
 *
 * Errors are those of hchan_select(); HCHAN_WENT tells the case, if it is about
 * one. Also -E2BIG (more than HCHAN_BLOCK_CASES cases) and -EINVAL (a second
 * HCHAN_UNTIL).
 */
#include <hchan.h>	/* before the guard: it includes this file at its end */

#ifndef HCHAN_BLOCK_H
#define HCHAN_BLOCK_H

#include <errno.h>

#include <hchan/select.h>
#include <hchan/set.h>

/*
 * HCHAN_BLOCK_CASES - for how many cases a select has room
 *
 * May be defined to another number before any use. Many cases are better kept in
 * an array, or in a set.
 */
#ifndef HCHAN_BLOCK_CASES
#define HCHAN_BLOCK_CASES	16
#endif

#define HCHAN_SELECT(r)		HCHAN_SELECT_WITH(r, NULL, 0)

/*
 * HCHAN_SELECT_IN() - the same over a set, which the kernel keeps between rounds
 * @set: a struct hchan_cases *, for this one select alone, with room for its
 *	cases (contents do not matter) and not made yet
 *
 *	struct hchan_case room[4];
 *	struct hchan_cases set = HCHAN_CASES(room);
 *
 *	for (;;) {
 *		HCHAN_SELECT_IN(r, &set)
 *		...
 *	}
 *	hchan_set_drop(&set);
 *
 * Arguments are evaluated in each round as without a set; the kernel is told of
 * those that have changed since the last. A number that has become another
 * channel's looks unchanged: see <hchan/set.h>; hchan_set_drop() settles it. No
 * HCHAN_POLL_CASE (-EINVAL). Costs and errors: hchan_set_select().
 */
#define HCHAN_SELECT_IN(r, set)	HCHAN_SELECT_WITH(r, set, 0)

/*
 * HCHAN_SELECT_WITH() - the same with everything chosen
 * @set: a set or NULL
 * @flags: as for hchan_select()
 */
#define HCHAN_SELECT_WITH(r, set, flags) \
	switch (0) \
	default : { \
		HCHAN_QUIET_ \
		{ \
			__label__ hchan_is_HCHAN_END_missing_; \
			struct hchan_case hchan_room_[HCHAN_BLOCK_CASES]; \
			struct hchan_block_ hchan_block_ = \
				hchan_block_begin_(hchan_room_, \
						   HCHAN_BLOCK_CASES, \
						   (set), (flags), \
						   HCHAN_INT_(r)); \
			struct hchan_no_braces_around_clauses_ { \
				char unused_; \
			}; \
			HCHAN_LOUD_ \
hchan_is_HCHAN_END_missing_ : (void)0;

#define HCHAN_END \
			if (hchan_block_end_(&hchan_block_)) \
				goto hchan_is_HCHAN_END_missing_; \
		} \
	}

#define HCHAN_CASE(...) \
	HCHAN_CLAUSE_(hchan_block_case_(&hchan_block_, __VA_ARGS__)) \
	HCHAN_IF_(hchan_block_next_(&hchan_block_))

#define HCHAN_RECV_CASE(ch, ...)	HCHAN_CASE(HCHAN_ON_RECV(ch, __VA_ARGS__))
#define HCHAN_SEND_CASE(ch, ...)	HCHAN_CASE(HCHAN_ON_SEND(ch, __VA_ARGS__))
#define HCHAN_POLL_CASE(fd, ...)	HCHAN_CASE(hchan_on_poll(fd, __VA_ARGS__))

#define HCHAN_DEFAULT \
	HCHAN_CLAUSE_(hchan_block_default_(&hchan_block_)) \
	HCHAN_IF_(hchan_block_is_(&hchan_block_, HCHAN_BLOCK_DEFAULT_))

#define HCHAN_UNTIL(...) \
	HCHAN_CLAUSE_(hchan_block_until_(&hchan_block_, __VA_ARGS__)) \
	HCHAN_IF_(hchan_block_is_(&hchan_block_, HCHAN_BLOCK_UNTIL_))

#define HCHAN_ERROR \
	HCHAN_CLAUSE_(0) \
	HCHAN_IF_(hchan_block_is_(&hchan_block_, HCHAN_BLOCK_ERROR_))

/*
 * HCHAN_WENT - in a body: the case that went, as a const struct hchan_case *
 *
 * For what @r does not tell: a message's length is HCHAN_WENT->actual. In
 * HCHAN_ERROR it is the case which the error is about, or NULL; in the other
 * clauses NULL.
 */
#define HCHAN_WENT	hchan_block_went_(&hchan_block_)

/* ---- behind the scenes ---- */

/*
 * A select in a body hides the names of the one around it, and clauses declare
 * something after a statement: both is meant.
 */
#define HCHAN_QUIET_ \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wshadow\"") \
	_Pragma("GCC diagnostic ignored \"-Wpedantic\"") \
	HCHAN_MIXED_
#define HCHAN_LOUD_	_Pragma("GCC diagnostic pop")

/*
 * The beginning of a clause. What it lists is evaluated in the first round, as a
 * statement of its own: a compound literal in the condition of an `if` would be
 * gone when the select looks at it. Around clauses in braces it would be gone as
 * well, so these are refused: there the declaration is of another struct, which
 * is incomplete. So is a clause as the body of a `for` or an `if`: in C it can't
 * begin with a declaration, in C++ what is declared is not known behind it.
 */
#define HCHAN_CLAUSE_(...)	HCHAN_CLAUSE_AT_(__LINE__, __VA_ARGS__)
#define HCHAN_CLAUSE_AT_(line, ...)	HCHAN_CLAUSE_AT__(line, __VA_ARGS__)
#define HCHAN_CLAUSE_AT__(line, ...) \
	HCHAN_QUIET_ \
	typedef char hchan_clause_is_no_body_##line##_; \
	struct hchan_no_braces_around_clauses_; \
	HCHAN_LOUD_ \
	(void)(sizeof(hchan_clause_is_no_body_##line##_) && \
	       sizeof(struct hchan_no_braces_around_clauses_) && \
	       (hchan_block_.judged_ || (__VA_ARGS__)));

/* An `if` that takes nobody's `else`. */
#define HCHAN_IF_(condition) \
	if (!(condition)) \
		(void)0; \
	else

#ifdef __cplusplus
#define HCHAN_MIXED_
#define HCHAN_INT_(r)	(&(r))
#else
#define HCHAN_MIXED_ \
	_Pragma("GCC diagnostic ignored \"-Wdeclaration-after-statement\"")
#define HCHAN_INT_(r)	_Generic((r), __typeof__(0) : &(r))
#endif

/* In the place of a case's index: which other clause it is. */
#define HCHAN_BLOCK_DEFAULT_	(-1)
#define HCHAN_BLOCK_UNTIL_	(-2)
#define HCHAN_BLOCK_ERROR_	(-3)
#define HCHAN_BLOCK_OVER_	(-4)

struct hchan_block_ {
	struct hchan_case *cases_;
	struct hchan_cases *set_;
	int *result_;
	struct hchan_when when_;
	uint32_t room_;
	uint32_t n_;		/* cases listed */
	uint32_t flags_;
	int next_;		/* the index of the next HCHAN_CASE */
	int body_;		/* whose turn it is */
	int about_;		/* the index of HCHAN_WENT, or -1 */
	short defaults_;
	short untils_;
	short judged_;		/* the select is over, bodies may run */
};

static inline struct hchan_block_
hchan_block_begin_(struct hchan_case *room, uint32_t n, struct hchan_cases *set,
		   unsigned int flags, int *result)
{
	struct hchan_block_ b;

	b.cases_ = room;
	b.room_ = n;
	if (set) {
		b.cases_ = set->c;
		b.room_ = (uint32_t)set->n;
	}
	b.set_ = set;
	b.result_ = result;
	b.when_ = hchan_forever();
	b.n_ = 0;
	b.flags_ = flags;
	b.next_ = 0;
	b.body_ = HCHAN_BLOCK_OVER_;
	b.about_ = -1;
	b.defaults_ = 0;
	b.untils_ = 0;
	b.judged_ = 0;
	return b;
}

static inline int hchan_block_case_(struct hchan_block_ *b, struct hchan_case c)
{
	uint32_t i = b->n_++;

	if (i >= b->room_)
		return 0;
	if (!b->set_ || b->set_->fd < 0) {
		b->cases_[i] = c;
	} else if (b->cases_[i].fd != c.fd || b->cases_[i].op != c.op ||
		   b->cases_[i].buf != c.buf || b->cases_[i].len != c.len) {
		b->cases_[i] = c;
		/* If this fails the select does, too. */
		hchan_set_change(b->set_, i);
	}
	return 0;
}

static inline int hchan_block_default_(struct hchan_block_ *b)
{
	b->defaults_ = 1;
	return 0;
}

static inline int hchan_block_until_(struct hchan_block_ *b,
				     struct hchan_when when)
{
	if (b->untils_ < 2)
		b->untils_++;
	b->when_ = when;
	return 0;
}

static inline int hchan_block_call_(struct hchan_block_ *b)
{
	struct hchan_when when = b->defaults_ ? hchan_nowait() : b->when_;
	uint32_t i;

	if (b->n_ > b->room_)
		return -E2BIG;
	if (b->untils_ > 1)
		return -EINVAL;
	if (!b->set_)
		return hchan_select(b->cases_, b->n_, when, b->flags_);
	if (b->set_->fd < 0)
		for (i = b->n_; i < b->room_; i++)
			b->cases_[i] = hchan_on_nil();
	return hchan_set_select(b->set_, when, b->flags_);
}

/* Returns 1 if the clauses have to be passed (again), to run one's body. */
static inline int hchan_block_end_(struct hchan_block_ *b)
{
	uint32_t i;
	int ret;

	if (b->judged_)
		return 0;
	ret = hchan_block_call_(b);
	b->judged_ = 1;
	if (ret >= 0) {
		b->body_ = ret;
		b->about_ = ret;
		*b->result_ = hchan_result(&b->cases_[ret]);
		return 1;
	}
	*b->result_ = ret;
	if (ret == -EAGAIN && b->defaults_) {
		b->body_ = HCHAN_BLOCK_DEFAULT_;
	} else if ((ret == -EAGAIN || ret == -ETIMEDOUT) && b->untils_) {
		b->body_ = HCHAN_BLOCK_UNTIL_;
	} else {
		b->body_ = HCHAN_BLOCK_ERROR_;
		for (i = 0; i < b->n_ && i < b->room_; i++)
			if (b->cases_[i].error == ret)
				b->about_ = (int)i;
	}
	return 1;
}

/* Whether it is the turn of the clause that asks; it will not be twice. */
static inline int hchan_block_is_(struct hchan_block_ *b, int body)
{
	if (b->body_ != body)
		return 0;
	b->body_ = HCHAN_BLOCK_OVER_;
	return 1;
}

static inline int hchan_block_next_(struct hchan_block_ *b)
{
	return b->judged_ && hchan_block_is_(b, b->next_++);
}

static inline const struct hchan_case *
hchan_block_went_(const struct hchan_block_ *b)
{
	return b->about_ < 0 ? NULL : &b->cases_[b->about_];
}

#endif /* HCHAN_BLOCK_H */
