/* SPDX-License-Identifier: GPL-2.0-only */
/* The sequential channel's states and steps: sequential.c. */
#ifndef NATIVE_SEQUENTIAL_H
#define NATIVE_SEQUENTIAL_H

#include "history.h"

#define QUEUE_MAX 14

enum { RX, TX };

struct chan {
	uint8_t closed;
	uint8_t count;
	uint8_t buffer[HISTORY_CAP];
	uint8_t n[2];
	uint8_t queue[2][QUEUE_MAX];
};

struct state {
	uint32_t decided;			/* by operation */
	uint32_t was_parked;			/* ... when it was decided */
	uint8_t closed_by[HISTORY_OPS];		/* 1 + the close that wakes it */
	uint8_t closed_on[HISTORY_OPS];		/* by channel: it had a place */
	struct chan chans[HISTORY_CHANS];
};

/* A step: what it leads to, and from when on all who take part could do it. */
struct step {
	struct state next;
	uint32_t from;
};

/* What is judged. */
extern const struct history *history;

static inline const struct history_op *op_of(int i)
{
	return &history->ops[i];
}

bool decided(const struct state *s, int i);
/* Whether @i has a case of @dir on @ch. */
bool has_side(int i, int ch, int dir);
/* ... a place there; ... all its places; whether that case is ready. */
bool placed(const struct state *s, int i, int ch, int dir);
bool parked(const struct state *s, int i);
bool side_ready(const struct state *s, int i, int ch, int dir);

/* What decides @i, from step->next on. Return: whether it can be decided now. */
bool decision(struct step *step, int i);

#endif /* NATIVE_SEQUENTIAL_H */
