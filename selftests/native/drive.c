// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's callers: what the module's transports do, without users' memory.
 * Calls and selects lie in memory of their own that is freed as soon as they are
 * over, so that AddressSanitizer sees whoever touches them later.
 */

#include <string.h>

#include <engine.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "drive.h"

static long charged, accounts;

struct hchan_account *hchan_charge(u64 bytes)
{
	__atomic_add_fetch(&charged, (long)bytes, __ATOMIC_RELAXED);
	__atomic_add_fetch(&accounts, 1, __ATOMIC_RELAXED);
	return (struct hchan_account *)&accounts;
}

void hchan_uncharge(struct hchan_account *account, u64 bytes)
{
	SHIM_CHECK(account == (struct hchan_account *)&accounts);
	__atomic_sub_fetch(&charged, (long)bytes, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&accounts, 1, __ATOMIC_RELAXED);
}

static __attribute__((constructor)) void caches(void)
{
	SHIM_CHECK(!hchan_caches_init());
}

struct hchan *drive_make(enum drive_form form, u32 capacity)
{
	static const u32 sizes[] = { 8, 21, 200, 264 };
	struct hchan_attr attr = {
		.flags = form == DRIVE_MESSAGES ? HCHAN_MSG : 0,
		.elem_size = sizes[form],
		.capacity = capacity,
	};
	struct hchan *ch = hchan_alloc(&attr);

	SHIM_CHECK(!IS_ERR(ch));
	hchan_attach(ch, FMODE_READ | FMODE_WRITE);
	return ch;
}

void drive_check_idle(struct hchan *ch)
{
	int dir;

	for (dir = 0; dir < 2; dir++) {
		SHIM_CHECK(list_empty(&ch->queue[dir]));
		SHIM_CHECK(hlist_empty(&ch->transients[dir]));
		SHIM_CHECK(!ch->linked[dir] && !ch->selects[dir]);
		SHIM_CHECK(!ch->wq[dir].entries);
	}
	SHIM_CHECK(hlist_empty(&ch->watchers) && !ch->n_watchers);
}

void drive_check_empty(void)
{
	SHIM_CHECK(!charged && !accounts);
	SHIM_CHECK(!shim_allocated());
}

u64 drive_left(const struct hchan *ch)
{
	return (u64)ch->count + ch->n_returned;
}

u32 drive_length(const struct hchan *ch, u64 number)
{
	return ch->flags & HCHAN_MSG ? 8 + number % 256 : ch->elem_size;
}

void drive_element(struct hchan *ch, void *cell, u64 number)
{
	u32 len = drive_length(ch, number);
	u8 *data;

	SHIM_CHECK(!hchan_cell_alloc(ch, cell, len));
	data = hchan_cell_data(ch, cell);
	memset(data, (u8)(number * 7), len);
	memcpy(data, &number, sizeof(number));
}

/* The element is taken out of @cell, and is as it was sent. */
u64 drive_number(struct hchan *ch, void *cell)
{
	const u8 *data = hchan_cell_data(ch, cell);
	u32 len = hchan_cell_len(ch, cell), i;
	u64 number;

	memcpy(&number, data, sizeof(number));
	SHIM_CHECK(len == drive_length(ch, number));
	for (i = sizeof(number); i < len; i++)
		SHIM_CHECK(data[i] == (u8)(number * 7));
	hchan_cell_free(ch, cell);
	return number;
}

static void set_deadline(struct hchan_deadline *deadline, bool try, long turns)
{
	deadline->nowait = try;
	deadline->clock = CLOCK_MONOTONIC;
	deadline->at = turns == TASK_FOREVER ? KTIME_MAX : turns;
}

int drive_short(struct hchan *ch, u8 dir, u64 *number, bool try)
{
	u8 element[HCHAN_INLINE] __aligned(8);
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)element,
		.len = ch->elem_size,
		.flags = try ? HCHAN_NOWAIT : 0,
		.actual = 77,
		.status = 88,
	};
	int ret;

	if (!hchan_is_short(ch))
		return 0;
	if (dir == HCHAN_TX) {
		drive_element(ch, element, *number);
		ret = hchan_fast_send(ch, &xfer, false);
		SHIM_CHECK(xfer.actual == 77 && xfer.status == 88);
		ret = !ret ? 1 : ret;
	} else {
		ret = hchan_fast_recv(ch, &xfer, false);
		if (ret == 1) {
			SHIM_CHECK(xfer.actual == xfer.len && !xfer.status);
			*number = drive_number(ch, element);
		}
	}
	SHIM_CHECK(ret == 1 || ret == HCHAN_LONG_WAY || (ret == -EAGAIN && try));
	return ret == HCHAN_LONG_WAY ? 0 : ret;
}

u32 drive_run(struct hchan *ch, u8 dir, u64 *numbers, u32 n)
{
	/* As batch.c asks before it. */
	if (!hchan_is_short(ch) || ch->elem_size != sizeof(*numbers) ||
	    (dir == HCHAN_RX && !READ_ONCE(ch->count)))
		return 0;
	return hchan_fast_run(ch, (char *)numbers, n, dir);
}

static struct hchan_pick_case *at(const struct hchan_pick *pick, u32 i)
{
	return &container_of(pick, struct drive_select, pick)->cases[i];
}

static int prepare(struct hchan_pick *pick, struct hchan_pick_case *c)
{
	struct drive_select *sel = container_of(pick, struct drive_select, pick);

	if (c->w.dir == HCHAN_TX)
		drive_element(c->ch, c->w.cells, sel->numbers[c - sel->cases]);
	return 0;
}

/* As select.c's run(). @unsure: as if the passes had not agreed. */
static int run(struct hchan_pick *pick, bool unsure,
	       const struct hchan_deadline *deadline)
{
	u8 area[4 * sizeof(union hchan_cell)] __aligned(8);
	int why_not = hchan_must_not_wait(deadline);
	int ret;

	ret = unsure ? -EBUSY : hchan_pick_now(pick, why_not);
	if (ret == -EBUSY && (why_not || task_random(2))) {
		if (unsure)
			hchan_pick_shuffle(pick);
		unsure = false;
		ret = hchan_pick_wait(pick, NULL, area, sizeof(area));
	}
	if (ret != -EAGAIN && ret != -EBUSY)
		return ret;
	pick->winner = NULL;
	if (why_not)
		return why_not;
	if (unsure)
		hchan_pick_shuffle(pick);
	return hchan_pick_wait(pick, deadline, area, sizeof(area));
}

int drive_select(struct drive_select *sel, const struct drive_case *cases,
		 int n, bool try, const struct drive_how *how)
{
	struct hchan_deadline deadline;
	struct hchan_pick_case *c;
	int i, ret;

	memset(sel, 0xa5, sizeof(*sel));
	sel->pick.n = n;
	sel->pick.order = sel->order;
	sel->pick.heads = n > HCHAN_SELECT_SMALL ? sel->heads : NULL;
	sel->pick.bits = 4;
	sel->pick.in_order = how->in_order;
	sel->pick.only_look = false;
	sel->pick.at = at;
	sel->pick.prepare = prepare;
	sel->pick.again = NULL;
	sel->pick.look_again = NULL;
	for (i = 0; i < n; i++) {
		c = &sel->cases[i];
		c->ch = cases[i].ch;
		c->w.dir = cases[i].dir;
		c->w.room = cases[i].room;
		if (c->ch && c->w.dir == HCHAN_TX)
			c->w.room = drive_length(c->ch, cases[i].number);
		sel->numbers[i] = cases[i].number;
		sel->order[i] = i;
	}
	hchan_pick_init(&sel->pick);
	set_deadline(&deadline, try, how->turns);
	ret = run(&sel->pick, how->unsure, &deadline);
	return ret ? ret : sel->pick.winner - sel->cases;
}

static void do_select(struct hchan *const *chans, struct history_op *op,
		      const struct drive_how *how)
{
	struct drive_case cases[HISTORY_CASES];
	struct hchan_pick_case *c;
	struct drive_select *sel;
	int i, ret;

	for (i = 0; i < op->n_cases; i++)
		cases[i] = (struct drive_case){
			.ch = chans[op->cases[i].ch],
			.dir = op->cases[i].dir,
			.number = op->cases[i].value,
			.room = U32_MAX,
		};
	sel = kmalloc(sizeof(*sel), GFP_KERNEL);
	ret = drive_select(sel, cases, op->n_cases, op->try, how);
	if (ret >= 0) {
		c = &sel->cases[ret];
		op->outcome = c->w.error ? HISTORY_CLOSED : HISTORY_OK;
		op->index = ret;
		if (!c->w.error && c->w.dir == HCHAN_RX)
			op->value = drive_number(c->ch, &sel->pick.cell);
		SHIM_CHECK(!c->w.error || (c->w.error == -EPIPE &&
					   c->w.status == HCHAN_ST_CLOSED));
	} else {
		SHIM_CHECK(ret == (op->try ? -EAGAIN : task_self()->signalled ?
				   -ERESTARTSYS : -ETIMEDOUT));
		op->outcome = HISTORY_NONE;
	}
	kfree(sel);
}

static void do_call(struct hchan *const *chans, struct history_op *op,
		    const struct drive_how *how)
{
	struct hchan *ch = chans[op->cases[0].ch];
	bool send = op->cases[0].dir == HCHAN_TX;
	struct hchan_deadline deadline;
	struct hchan_call *call;
	u64 number = op->cases[0].value;
	int ret;

	if (how->short_way) {
		ret = drive_short(ch, send, &number, op->try);
		op->index = 0;
		op->outcome = ret == 1 ? HISTORY_OK : HISTORY_NONE;
		op->value = send ? 0 : number;
		if (ret)
			return;
	}
	call = kmalloc(sizeof(*call), GFP_KERNEL);
	hchan_call_init(call, op->cases[0].dir);
	if (send)
		drive_element(ch, &call->cell, op->cases[0].value);
	set_deadline(&deadline, op->try, how->turns);
	ret = hchan_call_run(ch, call, &deadline);
	if (send && ret)
		hchan_cell_free(ch, &call->cell);
	op->index = 0;
	op->outcome = HISTORY_NONE;
	if (!ret) {
		op->outcome = HISTORY_OK;
		if (!send)
			op->value = drive_number(ch, &call->cell);
	} else if (ret == -EPIPE) {
		op->outcome = HISTORY_CLOSED;
		SHIM_CHECK(call->w.status == HCHAN_ST_CLOSED);
	} else {
		SHIM_CHECK(ret == (op->try ? -EAGAIN : task_self()->signalled ?
				   -ERESTARTSYS : -ETIMEDOUT));
	}
	kfree(call);
}

static void do_stat(struct hchan *ch, struct history_op *op)
{
	struct hchan_stat stat;

	hchan_snapshot(ch, &stat);
	op->outcome = HISTORY_OK;
	op->length = stat.length;
	op->parked[HCHAN_RX] = stat.parked_receivers;
	op->parked[HCHAN_TX] = stat.parked_senders;
	op->closed = stat.state & HCHAN_S_CLOSED;
}

static void do_watch(struct hchan *ch, struct history_op *op)
{
	struct hchan_wait wait = {
		.what = op->what,
		.count = op->count,
	};
	int ret = hchan_wait_state(ch, &wait);

	SHIM_CHECK(!ret || ret == -EPIPE || ret == -ERESTARTSYS);
	SHIM_CHECK(ret || wait.seen >= op->count);
	op->outcome = !ret ? HISTORY_OK : ret == -EPIPE ? HISTORY_CLOSED :
							  HISTORY_NONE;
}

struct poller {
	struct wait_queue_entry entry;
	struct task *task;
};

static int poller_wake(struct wait_queue_entry *entry, unsigned int mode,
		       int flags, void *key)
{
	(void)mode;
	(void)flags;
	SHIM_CHECK(key);
	task_wake(container_of(entry, struct poller, entry)->task);
	return 1;
}

/* As poll(2): first in the queue, then a look, then asleep. */
static void do_poll(struct hchan *ch, struct history_op *op)
{
	bool send = op->cases[0].dir == HCHAN_TX;
	struct poller poller = {
		.entry.func = poller_wake,
		.task = task_self(),
	};

	op->outcome = HISTORY_NONE;
	add_wait_queue(&ch->wq[send], &poller.entry);
	for (;;) {
		task_set_state(TASK_INTERRUPTIBLE);
		/* Not told: no look any more, which would hide that. */
		if (task_self()->signalled)
			break;
		if (hchan_events(ch, send ? FMODE_WRITE : FMODE_READ) &
		    (send ? EPOLLOUT : EPOLLIN)) {
			op->outcome = HISTORY_OK;
			break;
		}
		task_sleep(TASK_FOREVER);
	}
	task_set_state(TASK_RUNNING);
	remove_wait_queue(&ch->wq[send], &poller.entry);
}

void drive_op(struct hchan *const *chans, struct history_op *op,
	      const struct drive_how *how)
{
	struct hchan *ch = chans[op->cases[0].ch];
	struct task *self = task_self();

	self->signalled = false;
	self->slept = 0;
	self->awake = 0;
	op->begin = task_clock();
	switch (op->kind) {
	case HISTORY_CLOSE:
		op->outcome = hchan_close(ch) ? HISTORY_NONE : HISTORY_OK;
		break;
	case HISTORY_STAT:
		do_stat(ch, op);
		break;
	case HISTORY_POLL:
		do_poll(ch, op);
		break;
	case HISTORY_WATCH:
		do_watch(ch, op);
		break;
	default:
		if (op->select)
			do_select(chans, op, how);
		else
			do_call(chans, op, how);
	}
	op->end = task_clock();
	op->parked_by = op->kind == HISTORY_COMM ? self->slept : 0;
	op->decided_from = op->begin;
	if (op->outcome != HISTORY_NONE || !self->awake)
		return;
	op->decided_from = self->awake;
	/* Who only looks saw the others as they were when all were asleep. */
	if (op->kind != HISTORY_COMM) {
		op->decided_from = self->quiet;
		op->end = self->quiet + 1;
	}
}
