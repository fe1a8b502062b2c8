/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histories: what some tasks asked of some channels, and what they were told.
 *
 * As text, one line for each channel and then one for each operation:
 *
 *	chan a 0		a channel and its capacity; up to d
 *	12-20 CALL : RESULT	begun at 12, over at 20; no two times are equal
 *	12-20 p14 CALL : RESULT	the caller was seen asleep at 14
 *
 *	CALL				RESULT
 *	send a 7			ok | closed | none
 *	recv a				7 | closed | none
 *	select send a 7, recv b		0 ok, 1 7, 1 closed, ... | none
 *	close a				ok | again
 *	stat a				LENGTH SENDERS RECEIVERS open|closed
 *	poll recv a, poll send a	ok | none: whether it would go
 *	watch senders a 2		ok | closed | none: until there are 2; also
 *					receivers, length
 *
 * A value is sent once, it is 1 to 255. "try" before a send, recv or select says
 * that it does not wait; none is default then, and else the deadline or a signal.
 * "none 17" means that it began to be taken back at 17. "# ..." is a comment.
 */
#ifndef NATIVE_HISTORY_H
#define NATIVE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HISTORY_CHANS 4
#define HISTORY_CAP 4
#define HISTORY_CASES 4
#define HISTORY_OPS 32

enum history_kind {
	HISTORY_COMM,		/* sends and receives, one or more cases */
	HISTORY_CLOSE,
	HISTORY_STAT,
	HISTORY_POLL,
	HISTORY_WATCH,
};

enum history_what {
	HISTORY_RECEIVERS,	/* 0 and 1 are directions */
	HISTORY_SENDERS,
	HISTORY_LENGTH,
};

enum history_outcome {
	HISTORY_NONE,		/* none of the cases; a close: again */
	HISTORY_OK,
	HISTORY_CLOSED,
};

struct history_case {
	uint8_t ch;
	uint8_t dir;		/* 0: receive, 1: send */
	uint8_t value;		/* send */
};

struct history_op {
	enum history_kind kind;
	bool try;
	bool select;		/* was called so, perhaps with one case */
	uint8_t n_cases;
	struct history_case cases[HISTORY_CASES];	/* others: cases[0].ch */

	enum history_outcome outcome;
	uint8_t index;		/* the case that went */
	uint8_t value;		/* received */
	uint32_t length, parked[2];
	bool closed;
	enum history_what what;
	uint32_t count;

	uint32_t begin, end;
	uint32_t parked_by;	/* 0: not known to have slept */
	uint32_t decided_from;	/* begin, or when it began to be taken back */
};

struct history {
	int n_chans;
	uint32_t cap[HISTORY_CHANS];
	int n_ops;
	struct history_op ops[HISTORY_OPS];
};

/* Return: 0, or the number of the line that is wrong. */
int history_parse(struct history *history, const char *text);

/*
 * The same for a script, in which a line is the number of the task that calls
 * and the call: "1 send a 7". By operation: @owner: the number; @queues: "queues"
 * stands before the call.
 */
int history_parse_script(struct history *history, const char *text,
			 int owner[HISTORY_OPS], bool queues[HISTORY_OPS]);
void history_print(const struct history *history, FILE *out);

#endif /* NATIVE_HISTORY_H */
