// SPDX-License-Identifier: GPL-2.0-only
/* What the tasks of the stress do: stress.c. */

#include <stdlib.h>

#include <linux/sched.h>
#include <linux/slab.h>

#include "stress.h"

#define BATCH 5

static struct tally *mine(void)
{
	return &this_round.tallies[task_self()->id];
}

static u64 next_number(void)
{
	struct tally *tally = mine();

	SHIM_CHECK(tally->sends < STRESS_SENDS);
	return (u64)(task_self()->id + 1) << 32 | tally->sends++;
}

static void sent(u64 number)
{
	mine()->sent[(u32)number] = 1;
	mine()->done[STRESS_SENT]++;
}

/*
 * One sender's elements on one channel come in order, to each receiver; unless
 * some were returned (C38).
 */
static void check_order(int ch, u64 number)
{
	u64 *last = &mine()->last[ch][(number >> 32) - 1];

	SHIM_CHECK(this_round.returns || !*last || *last < number);
	*last = number;
}

static void received(int ch, u64 number)
{
	struct tally *tally = mine();

	check_order(ch, number);
	if (tally->n_numbers == tally->room) {
		tally->room = 2 * tally->room + 64;
		tally->numbers = realloc(tally->numbers,
					 tally->room * sizeof(u64));
		SHIM_CHECK(tally->numbers);
	}
	tally->numbers[tally->n_numbers++] = number;
	tally->done[STRESS_RECEIVED]++;
}

void stress_received(int by, u64 number)
{
	int from = (number >> 32) - 1;

	(void)by;
	SHIM_CHECK(from >= 0 && from < this_round.n_tasks);
	SHIM_CHECK((int)(u32)number < this_round.tallies[from].sends);
	this_round.received[from][(u32)number]++;
}

/* Takes an element out of @cell, or gives it back, as if it could not be copied. */
static void take_out(int ch, void *cell, u64 seq)
{
	struct hchan *chan = this_round.chans[ch];
	struct hchan_buf *home = NULL;

	if (!this_round.returns || task_random(8)) {
		received(ch, drive_number(chan, cell));
		return;
	}
	if (!hchan_cell_buf(chan, cell) && task_random(2)) {
		home = kmalloc(struct_size(home, data, HCHAN_INLINE),
			       GFP_KERNEL);
		home->block = NULL;
		home->room = HCHAN_INLINE;
	}
	hchan_return(chan, cell, seq, home);
	mine()->done[STRESS_RETURNED]++;
}

static void ended(u8 status)
{
	SHIM_CHECK(status == HCHAN_ST_CLOSED ||
		   (this_round.ends && status == HCHAN_ST_DISCONNECTED));
	mine()->done[status == HCHAN_ST_CLOSED ? STRESS_CLOSED :
						 STRESS_DISCONNECTED]++;
}

static void failed(int ret, u8 status, bool try)
{
	switch (ret) {
	case -EPIPE:
		ended(status);
		break;
	case -EMSGSIZE:
		mine()->done[STRESS_SHORT]++;
		break;
	case -EAGAIN:
		SHIM_CHECK(try);
		mine()->done[STRESS_NONE]++;
		break;
	default:
		SHIM_CHECK(ret == -ETIMEDOUT && !try);
		mine()->done[STRESS_TIMEOUT]++;
	}
}

/* The first task ends the others' waits, so its own have an end. */
static long some_turns(void)
{
	return task_random(4) || !task_self()->id ? 1 + task_random(60) :
						    TASK_FOREVER;
}

static u32 some_room(const struct hchan *ch)
{
	return ch->flags & HCHAN_MSG && !task_random(4) ? 8 + task_random(256) :
							  U32_MAX;
}

struct batch {
	struct hchan_call call;
	union hchan_cell cells[BATCH];
	u64 numbers[BATCH];
	u64 seqs[BATCH];
};

/* The short way, by which not everything goes. */
static void do_short(int ch, bool send)
{
	struct hchan *chan = this_round.chans[ch];
	u64 numbers[BATCH];
	u32 i, n = 1 + task_random(BATCH), done;

	for (i = 0; i < n; i++)
		numbers[i] = send ? next_number() : 0;
	if (n > 1)
		done = drive_run(chan, send, numbers, n);
	else
		done = drive_short(chan, send, numbers, task_random(2)) == 1;
	for (i = 0; i < done; i++) {
		if (send)
			sent(numbers[i]);
		else
			received(ch, numbers[i]);
	}
	mine()->done[STRESS_SHORT_WAY] += done;
	if (!hchan_is_short(chan))
		mine()->done[STRESS_LARGE] += done;
}

/* One element or several, of one channel. */
static void do_call(int ch, bool send)
{
	struct hchan *chan = this_round.chans[ch];
	struct hchan_deadline deadline = { .nowait = !task_random(3) };
	struct batch *batch = kmalloc(sizeof(*batch), GFP_KERNEL);
	struct hchan_waiter *w = &batch->call.w;
	u32 i;
	int ret;

	deadline.at = some_turns();
	hchan_call_init(&batch->call, send);
	w->op->n = task_random(3) ? 1 : 1 + task_random(BATCH);
	w->op->stride = sizeof(batch->cells[0]);
	w->cells = batch->cells[0].data;
	batch->call.op.seqs = batch->seqs;
	if (!send)
		w->room = some_room(chan);
	for (i = 0; send && i < w->op->n; i++) {
		batch->numbers[i] = next_number();
		drive_element(chan, &batch->cells[i], batch->numbers[i]);
	}
	ret = hchan_call_run(chan, &batch->call, &deadline);
	SHIM_CHECK(ret ? w->op->done < w->op->n : w->op->done == w->op->n);
	if (ret)
		failed(ret, w->status, deadline.nowait);
	mine()->done[STRESS_PARTLY] += ret && w->op->done;
	for (i = 0; i < w->op->done; i++) {
		if (send)
			sent(batch->numbers[i]);
		else
			take_out(ch, &batch->cells[i], batch->seqs[i]);
	}
	for (; send && i < w->op->n; i++)
		hchan_cell_free(chan, &batch->cells[i]);
	kfree(batch);
}

static void do_select(void)
{
	struct drive_select *sel = kmalloc(sizeof(*sel), GFP_KERNEL);
	struct drive_how how = {
		.turns = some_turns(),
		.unsure = !task_random(3),
		.in_order = !task_random(4),
		.short_way = task_random(2),
	};
	struct drive_case cases[DRIVE_CASES];
	int at[DRIVE_CASES], i, live, ret;
	int n = 1 + task_random(DRIVE_CASES);
	bool try = !task_random(2);
	int error;

	for (i = 0; i < n; i++) {
		at[i] = task_random(this_round.n_chans);
		cases[i].ch = this_round.chans[at[i]];
		if (!task_random(12))
			cases[i].ch = NULL;
		cases[i].dir = task_random(2);
		cases[i].number = 0;
		cases[i].room = U32_MAX;
		if (!cases[i].ch)
			continue;
		if (cases[i].dir == HCHAN_TX)
			cases[i].number = next_number();
		else
			cases[i].room = some_room(cases[i].ch);
	}
	/* All of them nil: it would wait for ever. */
	for (i = 0, live = 0; i < n; i++)
		live += !!cases[i].ch;
	if (!live)
		how.turns = 10;
	ret = drive_select(sel, cases, n, try, &how);
	if (ret < 0) {
		failed(ret, 0, try);
	} else {
		mine()->done[STRESS_SELECTED]++;
		mine()->done[STRESS_DIRECT] += sel->pick.went;
		error = drive_error(sel);
		if (error)
			failed(error, sel->cases[ret].w.status, try);
		else if (cases[ret].dir == HCHAN_TX)
			sent(cases[ret].number);
		else if (sel->pick.went)
			received(at[ret], drive_received(sel));
		else
			take_out(at[ret], &sel->pick.cell, sel->pick.seq);
	}
	kfree(sel);
}

static void do_watch(struct hchan *ch)
{
	struct hchan_wait wait = {
		.what = task_random(3),
		.count = 1 + task_random(3),
		.flags = HCHAN_DEADLINE,
		.deadline = 1 + task_random(40),
	};

	if (!hchan_wait_state(ch, &wait)) {
		SHIM_CHECK(wait.seen >= wait.count);
		mine()->done[STRESS_TOLD]++;
	}
}

static void do_poll(struct hchan *ch)
{
	mine()->done[STRESS_POLLED] +=
		drive_poll(ch, task_random(2), 1 + task_random(40));
}

static void do_stat(struct hchan *ch)
{
	struct hchan_stat stat;

	hchan_snapshot(ch, &stat);
	SHIM_CHECK(stat.parked_senders <= STRESS_TASKS);
	SHIM_CHECK(stat.parked_receivers <= STRESS_TASKS);
	hchan_events(ch, FMODE_READ | FMODE_WRITE);
}

/*
 * Where the receiving side goes and comes, everybody has it only during a call,
 * as a call holds its open file.
 */
static void attach(void)
{
	int i;

	for (i = 0; this_round.ends && i < this_round.n_chans; i++)
		hchan_attach(this_round.chans[i], FMODE_READ);
}

static void detach(void)
{
	int i;

	for (i = 0; this_round.ends && i < this_round.n_chans; i++)
		hchan_detach(this_round.chans[i], FMODE_READ);
}

void stress_step(void)
{
	int ch = task_random(this_round.n_chans);

	task_self()->slept = 0;
	switch (task_random(20)) {
	case 0:
		do_stat(this_round.chans[ch]);
		break;
	case 1:
		if (task_random(2))
			do_watch(this_round.chans[ch]);
		else
			do_poll(this_round.chans[ch]);
		break;
	case 2:
		do_call(ch, true);
		break;
	case 3:
	case 4:
	case 5:
		attach();
		do_short(ch, task_random(2));
		detach();
		break;
	default:
		attach();
		if (this_round.only_selects || task_random(2))
			do_select();
		else
			do_call(ch, task_random(2));
		detach();
	}
	mine()->done[STRESS_PARKED] += task_self()->slept != 0;
}
