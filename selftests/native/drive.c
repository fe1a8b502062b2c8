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
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "drive.h"

static long charged, kept, accounts;

/* Nothing is made here but channels. */
struct hchan_account *hchan_charge(unsigned int channels, u64 bytes)
{
	SHIM_CHECK(channels == 1);
	__atomic_add_fetch(&charged, (long)bytes, __ATOMIC_RELAXED);
	__atomic_add_fetch(&accounts, 1, __ATOMIC_RELAXED);
	return (struct hchan_account *)&accounts;
}

void hchan_uncharge(struct hchan_account *account, unsigned int channels, u64 bytes)
{
	SHIM_CHECK(channels == 1);
	SHIM_CHECK(account == (struct hchan_account *)&accounts);
	__atomic_sub_fetch(&charged, (long)bytes, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&accounts, 1, __ATOMIC_RELAXED);
}

void hchan_charge_kept(struct hchan_account *account, s64 bytes)
{
	SHIM_CHECK(account == (struct hchan_account *)&accounts);
	SHIM_CHECK(__atomic_add_fetch(&kept, (long)bytes, __ATOMIC_RELAXED) >= 0);
}

bool hchan_kept_too_much(struct hchan_account *account)
{
	SHIM_CHECK(account == (struct hchan_account *)&accounts);
	return false;
}

/* Nor has a process here a clock of its own. */
s64 hchan_time_ahead(void)
{
	return 0;
}

s64 hchan_time_add(s64 at, s64 ns)
{
	SHIM_CHECK(!ns);
	return at;
}

static __attribute__((constructor)) void caches(void)
{
	SHIM_CHECK(!hchan_caches_init());
}

static bool is_ready(const struct hchan *ch, u8 dir)
{
	const struct list_head *queue = &ch->queue[!dir], *at;
	const struct hchan_waiter *w;

	if (dir == HCHAN_RX ? ch->count || ch->n_returned : ch->count < ch->cap)
		return true;
	for (at = queue->next; at != queue; at = at->next) {
		w = container_of(at, struct hchan_waiter, link);
		if (__atomic_load_n(&w->op->state, __ATOMIC_RELAXED) ==
		    HCHAN_OP_WAITING)
			return true;
	}
	return hchan_ended(ch, dir);
}

/*
 * What two looks without a lock rely on (C19): whatever makes a yes of a no
 * counts the version up.
 */
void shim_audit(struct spinlock *lock, bool begins)
{
	const struct hchan *ch = container_of(lock, struct hchan, lock);
	u8 dir;

	for (dir = 0; dir < 2; dir++) {
		if (begins)
			lock->ready[dir] = is_ready(ch, dir);
		else
			SHIM_CHECK(lock->ready[dir] || !is_ready(ch, dir) ||
				   lock->version != ch->version);
	}
	lock->version = ch->version;
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
	const struct hchan_buf *buf;
	u32 spares = 0;
	int dir;

	for (buf = ch->spares; buf; buf = buf->next)
		spares++;
	SHIM_CHECK(spares == ch->n_spares);

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
	SHIM_CHECK(!charged && !kept && !accounts);
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

static void fill(const struct hchan *ch, u8 *data, u64 number)
{
	memset(data, (u8)(number * 7), drive_length(ch, number));
	memcpy(data, &number, sizeof(number));
}

/* The element is as it was sent. */
static u64 number_in(const struct hchan *ch, const u8 *data, u32 len)
{
	u64 number;
	u32 i;

	memcpy(&number, data, sizeof(number));
	SHIM_CHECK(len == drive_length(ch, number));
	for (i = sizeof(number); i < len; i++)
		SHIM_CHECK(data[i] == (u8)(number * 7));
	return number;
}

void drive_element(struct hchan *ch, void *cell, u64 number)
{
	SHIM_CHECK(!hchan_cell_alloc(ch, cell, drive_length(ch, number)));
	fill(ch, hchan_cell_data(ch, cell), number);
}

/* The element is taken out of @cell. */
u64 drive_number(struct hchan *ch, void *cell)
{
	u64 number = number_in(ch, hchan_cell_data(ch, cell),
			       hchan_cell_len(ch, cell));

	hchan_cell_free(ch, cell);
	return number;
}

static void set_deadline(struct hchan_deadline *deadline, bool try, long turns)
{
	deadline->nowait = try;
	deadline->clock = CLOCK_MONOTONIC;
	deadline->at = turns == TASK_FOREVER ? KTIME_MAX : turns;
}

/* What the module's other files are asked for. */
int hchan_fault_in(void *buf, size_t len)
{
	(void)buf;
	(void)len;
	return shim_faults && !task_random(24) ? -EFAULT : 0;
}

bool hchan_len_ok(const struct hchan *ch, u32 len)
{
	return len == ch->elem_size;
}

#define SLOW (-ENOTSUP)

ssize_t hchan_read_slow(struct file *file, char *buf, size_t len)
{
	(void)file;
	(void)buf;
	(void)len;
	return SLOW;
}

ssize_t hchan_write_slow(struct file *file, const char *buf, size_t len)
{
	(void)file;
	(void)buf;
	(void)len;
	return SLOW;
}

/* A caller's memory, in which an element may lie in one page or over two. */
struct pages {
	u8 at[2 * PAGE_SIZE] __aligned(PAGE_SIZE);
};

#define UNTOUCHED 0x5a

static u8 *some_place(struct pages *pages, u32 len)
{
	u8 *at = pages->at;

	if (task_random(2))
		at += PAGE_SIZE - 8 * task_random(len / 8 + 1);
	memset(at, UNTOUCHED, len);
	return at;
}

/* If all memory is there, what has not happened has left no trace in it. */
static void check_untouched(const u8 *at, u32 len)
{
	for (; !shim_faults && len; len--)
		SHIM_CHECK(*at++ == UNTOUCHED);
}

/* Return: as drive_short(). */
static int by_ioctl(struct hchan *ch, u8 dir, u8 *element, bool try)
{
	struct hchan_xfer xfer = {
		.buf = (uintptr_t)element,
		.len = ch->elem_size,
		.flags = try ? HCHAN_NOWAIT : 0,
		.actual = 77,
		.status = 88,
	};
	int ret;

	ret = dir == HCHAN_TX ? hchan_fast_send(ch, &xfer, false) :
				hchan_fast_recv(ch, &xfer, false);
	if (dir == HCHAN_RX && ret == 1)
		SHIM_CHECK(xfer.actual == xfer.len && !xfer.status);
	else if (dir == HCHAN_TX || !shim_faults)
		SHIM_CHECK(xfer.actual == 77 && xfer.status == 88);
	if (dir == HCHAN_TX && !ret)
		return 1;
	return ret == HCHAN_LONG_WAY ? 0 : ret;
}

static int by_file(struct hchan *ch, u8 dir, u8 *element, bool try)
{
	struct file file = {
		.f_flags = try ? O_NONBLOCK : 0,
		.private_data = ch,
	};
	ssize_t ret;
	loff_t pos = 0;

	ret = dir == HCHAN_TX ?
		hchan_write(&file, (char *)element, ch->elem_size, &pos) :
		hchan_read(&file, (char *)element, ch->elem_size, &pos);
	SHIM_CHECK(!pos);
	if (ret == ch->elem_size)
		return 1;
	return ret == SLOW ? 0 : ret;
}

int drive_short(struct hchan *ch, u8 dir, u64 *number, bool try)
{
	struct pages pages;
	u8 *element;
	int ret;

	if (ch->flags & HCHAN_MSG)
		return 0;
	element = some_place(&pages, ch->elem_size);
	if (dir == HCHAN_TX)
		fill(ch, element, *number);
	ret = task_random(2) ? by_ioctl(ch, dir, element, try) :
			       by_file(ch, dir, element, try);
	SHIM_CHECK(ret == 1 || !ret || (ret == -EAGAIN && try));
	if (dir == HCHAN_RX && ret == 1)
		*number = number_in(ch, element, ch->elem_size);
	else if (dir == HCHAN_RX)
		check_untouched(element, ch->elem_size);
	return ret;
}

u32 drive_run(struct hchan *ch, u8 dir, u64 *numbers, u32 n)
{
	u8 elements[DRIVE_RUN * HCHAN_INLINE];
	u32 size = ch->elem_size, i, done;

	SHIM_CHECK(n <= DRIVE_RUN);
	/* As batch.c asks before it. */
	if (!hchan_is_short(ch) || (dir == HCHAN_RX && !READ_ONCE(ch->count)))
		return 0;
	memset(elements, UNTOUCHED, sizeof(elements));
	for (i = 0; dir == HCHAN_TX && i < n; i++)
		fill(ch, elements + i * size, numbers[i]);
	done = hchan_fast_run(ch, (char *)elements, n, dir);
	SHIM_CHECK(done <= n);
	for (i = 0; dir == HCHAN_RX && i < done; i++)
		numbers[i] = number_in(ch, elements + i * size, size);
	if (dir == HCHAN_RX)
		check_untouched(elements + done * size, (n - done) * size);
	return done;
}

static int prepare(struct hchan_pick *pick, struct hchan_pick_case *c)
{
	struct drive_select *sel = container_of(pick, struct drive_select, pick);

	if (c->w.dir == HCHAN_TX)
		drive_element(c->ch, c->w.cells, sel->numbers[c - sel->cases]);
	return 0;
}

static int prepare_receivers(struct hchan_pick *pick)
{
	(void)pick;
	return 0;
}

/* As select.c's. */
static bool direct(struct hchan_pick *pick, struct hchan_pick_case *c)
{
	struct drive_select *sel = container_of(pick, struct drive_select, pick);
	u32 i = c - sel->cases, *told = sel->told[i], size = c->ch->elem_size;
	bool recv = c->w.dir == HCHAN_RX, went;

	told[0] = 71;
	told[1] = 72;
	told[2] = 73;
	memset(sel->user[i], UNTOUCHED, DRIVE_BYTES);
	if (!recv)
		fill(c->ch, sel->user[i], sel->numbers[i]);
	went = hchan_fast_case(c->ch, c->w.dir, (uintptr_t)sel->user[i], told);
	if (went) {
		SHIM_CHECK(told[0] == (recv ? size : 0));
		SHIM_CHECK(told[1] == HCHAN_ST_OK && !told[2]);
		if (recv)
			sel->number = number_in(c->ch, sel->user[i], size);
		return true;
	}
	if (!shim_faults)
		SHIM_CHECK(told[0] == 71 && told[1] == 72 && told[2] == 73);
	if (recv)
		check_untouched(sel->user[i], DRIVE_BYTES);
	return false;
}

int drive_error(const struct drive_select *sel)
{
	return sel->pick.went ? 0 : sel->pick.winner->w.error;
}

u64 drive_received(struct drive_select *sel)
{
	if (sel->pick.went)
		return sel->number;
	return drive_number(sel->pick.winner->ch, &sel->pick.cell);
}

/* As select.c's run(). @unsure: as if the passes had not agreed. */
static int run(struct hchan_pick *pick, bool unsure,
	       const struct hchan_deadline *deadline)
{
	u8 area[4 * sizeof(union hchan_cell)] __aligned(8);
	int why_not = hchan_must_not_wait(deadline);
	int ret;

	ret = unsure ? -EBUSY : hchan_pick_now(pick, why_not);
	if (ret == -EBUSY && (why_not || task_random(2)))
		ret = hchan_pick_wait(pick, NULL, area, sizeof(area));
	if (ret != -EAGAIN && ret != -EBUSY)
		return ret;
	pick->winner = NULL;
	if (why_not)
		return why_not;
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
	sel->pick.size = sizeof(sel->cases[0]);
	sel->pick.cases = sel->cases;
	sel->pick.list = task_random(3) ? NULL : sel->list;
	sel->pick.ready = sel->ready;
	sel->pick.heads = n > HCHAN_SELECT_SMALL || !task_random(4) ?
			  sel->heads : NULL;
	sel->pick.bits = 1 + task_random(4);
	sel->pick.in_order = how->in_order;
	sel->pick.only_look = false;
	sel->pick.direct = how->short_way ? direct : NULL;
	sel->pick.prepare = prepare;
	sel->pick.prepare_receivers = prepare_receivers;
	sel->pick.again = NULL;
	sel->pick.look_again = NULL;
	sel->pick.receives = task_random(4);
	for (i = 0; i < n; i++) {
		c = &sel->cases[i];
		c->ch = cases[i].ch;
		c->w.dir = cases[i].dir;
		c->w.room = cases[i].room;
		c->linked = false;
		if (c->ch && c->w.dir == HCHAN_TX)
			sel->pick.receives = false;
		if (c->ch && c->w.dir == HCHAN_TX)
			c->w.room = drive_length(c->ch, cases[i].number);
		sel->numbers[i] = cases[i].number;
		sel->list[i] = c;
	}
	hchan_pick_init(&sel->pick);
	for (i = 0; i < n; i++) {
		if (cases[i].ch)
			hchan_pick_first(&sel->pick, &sel->cases[i], i,
					 cases[i].dir);
	}
	set_deadline(&deadline, try, how->turns);
	ret = run(&sel->pick, how->unsure, &deadline);
	return ret ? ret : sel->pick.winner - sel->cases;
}

static void do_select(struct hchan *const *chans, struct history_op *op,
		      const struct drive_how *how)
{
	struct drive_case cases[HISTORY_CASES];
	struct drive_select *sel;
	int i, ret, error;

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
		error = drive_error(sel);
		op->outcome = error ? HISTORY_CLOSED : HISTORY_OK;
		op->index = ret;
		if (!error && cases[ret].dir == HCHAN_RX)
			op->value = drive_received(sel);
		SHIM_CHECK(!error || (error == -EPIPE && sel->cases[ret].w.status ==
						       HCHAN_ST_CLOSED));
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

/* First in the queue, then a look, then asleep. */
bool drive_poll(struct hchan *ch, u8 dir, long turns)
{
	struct poller poller = {
		.entry.func = poller_wake,
		.task = task_self(),
	};
	bool ready = false, in_time = true;

	add_wait_queue(&ch->wq[dir], &poller.entry);
	smp_mb();	/* as hchan_file_poll() */
	for (;;) {
		task_set_state(TASK_INTERRUPTIBLE);
		/* Not told: no look any more, which would hide that. */
		if (task_self()->signalled || !in_time)
			break;
		ready = hchan_events(ch, dir == HCHAN_TX ? FMODE_WRITE : FMODE_READ) &
			(dir == HCHAN_TX ? EPOLLOUT : EPOLLIN);
		if (ready)
			break;
		in_time = task_sleep(turns);
	}
	task_set_state(TASK_RUNNING);
	remove_wait_queue(&ch->wq[dir], &poller.entry);
	return ready;
}

void drive_op(struct hchan *const *chans, struct history_op *op,
	      const struct drive_how *how)
{
	struct hchan *ch = chans[op->cases[0].ch];
	struct task *self = task_self();

	self->signalled = false;
	self->slept = 0;
	self->awake = 0;
	op->outcome = HISTORY_NONE;
	op->begin = task_clock();
	switch (op->kind) {
	case HISTORY_CLOSE:
		op->outcome = hchan_close(ch) ? HISTORY_NONE : HISTORY_OK;
		break;
	case HISTORY_STAT:
		do_stat(ch, op);
		break;
	case HISTORY_POLL:
		if (drive_poll(ch, op->cases[0].dir, TASK_FOREVER))
			op->outcome = HISTORY_OK;
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
