/* SPDX-License-Identifier: GPL-2.0-only */
/* pick.c: selects, one operation in many queues. */
#ifndef _HCHAN_PICK_H
#define _HCHAN_PICK_H

#include "hchan.h"

/*
 * struct hchan_pick_case - one case of a select
 * @w: dir, and room (receive: as ever; send: the element's bytes) are the
 *	caller's to set, as is @ch; the rest is pick.c's
 * @ch: its channel; NULL: nil, or not a channel at all
 * @version: the channel's, at the last look; a leader's: how many it leads
 * @next: the next leader in its chain, see struct hchan_pick
 * @leads: it is linked for all cases of its channel and direction
 * @linked: it is linked; false from the caller, by @prepare_receivers at the latest
 */
struct hchan_pick_case {
	struct hchan_waiter w;
	struct hchan *ch;
	u32 version;
	u16 next;
	bool leads;
	bool linked;
};

/*
 * struct hchan_pick - a task's select: do one of @n cases
 * @n: cases
 * @cases: the first of them, when they lie one behind the other, each of
 * @size: bytes
 * @list: else: where they are
 * @ready: room for @n numbers: cases that looked ready, @n_ready of them
 * @heads: from HCHAN_SELECT_SMALL cases on: chains of leaders by hash; else NULL
 * @bits: of an index into @heads
 * @in_order: the first listed goes (HCHAN_FIRST)
 * @only_look: do nothing (HCHAN_READY)
 * @receives: all cases do, and there are so many that it is worth to try and link
 *	them without a look for duplicates
 * @direct: do a case, if it is as simple as that: whether it went; or NULL
 * @prepare: before a case is tried, and before a send is linked: a send: make
 *	w.cells the element; a receive: see that it can be copied out. 0, -EFAULT,
 *	-ENOMEM
 * @prepare_receivers: before they are linked: see that all cases that receive can
 *	be copied out. 0, -EFAULT; sets @winner
 * @again: for hchan_sleeper_wait(), or NULL
 * @look_again: is anything ready that is not a channel? Sets @winner.
 * @winner: the case that went, or that an error is about
 * @went: ... by @direct: nothing is left to do
 * @complete: what hchan_pick_park() waits with
 * @cells: of the cases that send, when it waits; @area: or in the caller's room
 * @leaders: how many places in queues it takes
 * @cell: where a received element lands
 * @seq: its place
 */
struct hchan_pick {
	u32 n;
	u32 n_ready;
	u32 size;
	void *cases;
	struct hchan_pick_case **list;
	u16 *ready;
	u16 *heads;
	u8 bits;
	bool in_order;
	bool only_look;
	bool receives;
	bool went;
	bool (*direct)(struct hchan_pick *pick, struct hchan_pick_case *c);
	int (*prepare)(struct hchan_pick *pick, struct hchan_pick_case *c);
	int (*prepare_receivers)(struct hchan_pick *pick);
	int *again;
	bool (*look_again)(struct hchan_pick *pick);
	struct hchan_pick_case *winner;

	void (*complete)(struct hchan_op *op);
	u8 *cells;
	u8 *area;

	struct hchan_op op;
	struct hchan_sleeper sleeper;
	u64 rnd;
	u64 seq;
	u32 leaders;
	u32 senders;		/* of them, those that send */
	union hchan_cell cell;
};

static inline struct hchan_pick_case *hchan_pick_at(const struct hchan_pick *pick,
						    u32 i)
{
	return pick->list ? pick->list[i] : pick->cases + (size_t)i * pick->size;
}

/* All cases in turn: the first of them, and after @c that with number @i. */
static inline struct hchan_pick_case *
hchan_pick_begin(const struct hchan_pick *pick)
{
	return pick->n ? hchan_pick_at(pick, 0) : NULL;
}

static inline struct hchan_pick_case *
hchan_pick_next(const struct hchan_pick *pick, struct hchan_pick_case *c, u32 i)
{
	if (likely(!pick->list))
		return (void *)c + pick->size;
	return i < pick->n ? pick->list[i] : NULL;
}

void hchan_pick_init(struct hchan_pick *pick);
void hchan_pick_shuffle(struct hchan_pick *pick);
u32 hchan_pick_random(struct hchan_pick *pick, u32 n);
int hchan_pick_try(struct hchan_pick *pick, struct hchan_pick_case *c);
void hchan_pick_seed(void);
int hchan_pick_now(struct hchan_pick *pick, bool exact);
int hchan_pick_wait(struct hchan_pick *pick,
		    const struct hchan_deadline *deadline, u8 *area, size_t room);
int hchan_pick_park(struct hchan_pick *pick);
int hchan_pick_unpark(struct hchan_pick *pick, int why);

#endif /* _HCHAN_PICK_H */
