// SPDX-License-Identifier: GPL-2.0-only
/*
 * HCHAN_IOC_SELECT: cases between pick.c and a caller's memory.
 *
 * All that can be wrong with the cases is found before anything is done. A
 * case's element is copied in, or its buffer faulted in, only when the case
 * looks ready, or once the select has to wait (C26).
 *
 * Up to HCHAN_SELECT_SMALL cases nothing is allocated, as long as their elements
 * are of up to HCHAN_INLINE bytes. Up to HCHAN_SELECT_MEDIUM it is one object of 4 KiB;
 * above it one allocation of 64 bytes a case and one of 6 to 10. One of 8 for files, if
 * others share the table of descriptors, a case polls, or it only waits until one is
 * ready; and, if it waits, one for the elements of send cases.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "engine.h"
#include "select.h"
#include "user.h"

static struct kmem_cache *hchan_sel_cache;

/* A case's out fields, in one piece. */
#define OUT_SIZE (sizeof(struct hchan_case) - offsetof(struct hchan_case, actual))

static u32 number(const struct hchan_sel *sel, const struct hchan_pick_case *p)
{
	return container_of(p, struct hchan_sel_case, p) - sel->cases;
}

/**
 * hchan_case_prepare() - make the element of a case ready to be moved
 * @p: the case; w.room is a send's length and a receive's room
 * @addr: the user's address of the element
 *
 * A send's is copied into w.cells, a receive's place faulted in.
 *
 * Return: 0, -EFAULT, -ENOMEM.
 */
int hchan_case_prepare(struct hchan_pick_case *p, u64 addr)
{
	void __user *buf = u64_to_user_ptr(addr);

	if (p->w.dir == HCHAN_RX)
		return hchan_fault_in(buf, min(p->w.room, p->ch->elem_size));
	return hchan_cell_copy_in(p->ch, p->w.cells, buf, p->w.room);
}

/* See struct hchan_pick. */
static int prepare(struct hchan_pick *pick, struct hchan_pick_case *p)
{
	struct hchan_sel *sel = container_of(pick, struct hchan_sel, pick);

	if (hchan_fault_in(&sel->usel->index, sizeof(u32)) ||
	    hchan_fault_in(&sel->ucases[number(sel, p)].actual, OUT_SIZE))
		return -EFAULT;
	return hchan_case_prepare(p, container_of(p, struct hchan_sel_case,
						  p)->buf);
}

/* What the cases that receive, whichever it will be, are to write to: a page once. */
static noinline int prepare_each(struct hchan_pick *pick)
{
	struct hchan_sel *sel = container_of(pick, struct hchan_sel, pick);
	unsigned long page = 1;		/* none */
	struct hchan_sel_case *c;
	u32 i, len;

	for (i = 0, c = sel->cases; i < pick->n; i++, c++) {
		if (!c->p.ch || c->p.w.dir == HCHAN_TX)
			continue;
		len = min(c->p.w.room, c->p.ch->elem_size);
		if (!len)
			continue;
		if (likely((c->buf & PAGE_MASK) == page &&
			   offset_in_page(c->buf) + len <= PAGE_SIZE))
			continue;
		page = c->buf & PAGE_MASK;
		if (hchan_fault_in(u64_to_user_ptr(c->buf), len)) {
			pick->winner = &c->p;
			return -EFAULT;
		}
		cond_resched();
	}
	return 0;
}

/* See struct hchan_pick. */
static int prepare_receivers(struct hchan_pick *pick)
{
	struct hchan_sel *sel = container_of(pick, struct hchan_sel, pick);
	struct hchan_sel_case *c = sel->cases, *end = c + pick->n, *until;
	u64 first = U64_MAX, last = 0;
	int ret;

	/* Between which addresses; one that goes round in a circle is the last. */
	while (c < end) {
		for (until = min(c + HCHAN_STEPS, end); c < until; c++) {
			c->p.linked = false;
			if (!c->p.ch || c->p.w.dir == HCHAN_TX)
				continue;
			first = min(first, c->buf);
			last = max3(last, c->buf, c->buf + c->p.w.room - 1);
		}
		cond_resched();
	}
	/* On one page, or on two of which each is some case's; or one by one. */
	if (unlikely(first > last || (last >> PAGE_SHIFT) - (first >> PAGE_SHIFT) > 1 ||
		     hchan_fault_in(u64_to_user_ptr(first), last - first + 1))) {
		ret = prepare_each(pick);
		if (ret)
			return ret;
	}
	if (hchan_fault_in(&sel->usel->index, sizeof(u32)))
		return -EFAULT;
	return hchan_fault_in(sel->ucases, pick->n * sizeof(*sel->ucases));
}

/* Whether the index can be written: it is, as it is. */
static __always_inline bool index_there(struct hchan_select __user *usel)
{
	u32 index;

	if (!user_access_begin(&usel->index, sizeof(index)))
		return false;
	unsafe_get_user(index, &usel->index, fault);
	unsafe_put_user(index, &usel->index, fault);
	user_access_end();
	return true;
fault:
	user_access_end();
	return false;
}

/* See struct hchan_pick. */
static bool direct(struct hchan_pick *pick, struct hchan_pick_case *p)
{
	struct hchan_sel *sel = container_of(pick, struct hchan_sel, pick);

	return index_there(sel->usel) &&
	       hchan_fast_case(p->ch, p->w.dir,
			       container_of(p, struct hchan_sel_case, p)->buf,
			       &sel->ucases[number(sel, p)].actual);
}

/* Room for files, when the first of them is needed. */
static int need_files(struct hchan_sel *sel)
{
	if (sel->files)
		return 0;
	if (sel->pick.n <= HCHAN_SELECT_SMALL) {
		memset(sel->small_files, 0, sizeof(sel->small_files));
		sel->files = sel->small_files;
		return 0;
	}
	sel->files = kvcalloc(sel->pick.n, sizeof(*sel->files), HCHAN_GFP_USER);
	return sel->files ? 0 : -ENOMEM;
}

/*
 * A descriptor's open file. A task that shares its table with nobody has it until
 * it returns to its program, as nobody else can close it: that is what fdget()
 * relies on, too. O_PATH ones have no operations of a channel's, and do not poll.
 */
static __always_inline struct file *hold(struct hchan_sel *sel,
					 const struct hchan_sel_case *c, int fd)
{
	struct file *file;

	if (likely(!sel->files))
		return files_lookup_fd_raw(current->files, fd);
	file = sel->shared ? fget(fd) : files_lookup_fd_raw(current->files, fd);
	sel->files[number(sel, &c->p)] = file;
	return file;
}

/* A case that is not on a channel, or wrong. */
static noinline int take_other(struct hchan_sel *sel, struct hchan_sel_case *c,
			       const struct hchan_case *arg)
{
	struct file *file;
	int ret;

	if (arg->op > HCHAN_CASE_POLL || (arg->flags && arg->op))
		return -EINVAL;
	c->p.ch = NULL;
	if (arg->op == HCHAN_CASE_NIL)
		return 0;
	if (sel->command)
		return -EINVAL;
	ret = need_files(sel);
	if (ret)
		return ret;
	file = hold(sel, c, arg->fd);
	if (!file)
		return -EBADF;
	c->p.w.room = arg->len;
	sel->foreign++;
	return file_can_poll(file) ? 0 : -EPERM;
}

/* One on a channel, the @i-th, in a direction that is known here. */
static __always_inline int take_chan(struct hchan_sel *sel,
				     struct hchan_sel_case *c, u32 i,
				     const struct hchan_case *arg, u8 dir)
{
	struct file *file = hold(sel, c, arg->fd);
	u32 len = arg->len;
	int ret;

	if (unlikely(!file))
		return -EBADF;
	ret = hchan_case_check(file, dir == HCHAN_TX, len);
	if (unlikely(ret))
		return ret;
	c->p.ch = file->private_data;
	c->p.w.dir = dir;
	c->p.w.room = len;
	c->buf = arg->buf;
	if (dir == HCHAN_TX)
		sel->pick.receives = false;
	hchan_pick_first(&sel->pick, &c->p, i, dir);
	return 0;
}

static __always_inline int take_case(struct hchan_sel *sel,
				     struct hchan_sel_case *c, u32 i,
				     const struct hchan_case *arg)
{
	if (likely(arg->op == HCHAN_CASE_RECV && !arg->flags))
		return take_chan(sel, c, i, arg, HCHAN_RX);
	if (arg->op == HCHAN_CASE_SEND && !arg->flags)
		return take_chan(sel, c, i, arg, HCHAN_TX);
	return take_other(sel, c, arg);
}

/*
 * The in fields of the @n cases from number @i on. All of them at once, unless
 * the end of the last is not there: its out fields need not be.
 */
static __always_inline int read_cases(struct hchan_sel *sel,
				      struct hchan_case *args, u32 i, u32 n)
{
	const struct hchan_case __user *from = &sel->ucases[i];
	u32 k;

	if (!access_ok(from, n * sizeof(*args)))
		return -EFAULT;
	if (likely(!hchan_copy_in(args, from, n * sizeof(*args))))
		return 0;
	for (k = 0; k < n; k++) {
		if (copy_from_user(&args[k], &from[k],
				   offsetof(struct hchan_case, actual)))
			return -EFAULT;
	}
	return 0;
}

/*
 * Takes the cases in, and has a first look at each. Return: 0, or an error, which
 * is about pick.winner if set.
 */
static int take_cases(struct hchan_sel *sel)
{
	struct hchan_case args[HCHAN_SELECT_SMALL] __uninitialized;
	struct hchan_sel_case *c = sel->cases;
	const struct hchan_case *arg;
	u32 i, n, end, count = sel->pick.n;
	int ret;

	for (i = 0; i < count; ) {
		n = min_t(u32, count - i, HCHAN_SELECT_SMALL);
		ret = read_cases(sel, args, i, n);
		if (ret)
			return ret;
		for (arg = args, end = i + n; i < end; i++, c++, arg++) {
			ret = take_case(sel, c, i, arg);
			if (unlikely(ret)) {
				sel->pick.winner = &c->p;
				return ret;
			}
		}
		if (i % HCHAN_STEPS == 0)
			cond_resched();
	}
	return 0;
}

static void drop_files(struct hchan_sel *sel)
{
	u32 i;

	for (i = 0; sel->shared && i < sel->pick.n; i++) {
		if (sel->files[i])
			fput(sel->files[i]);
		if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
			cond_resched();
	}
	if (sel->files != sel->small_files)
		kvfree(sel->files);
}

/**
 * hchan_sel_park() - hchan_pick_wait() with room for some elements
 * @sel: the call
 * @deadline: or NULL, see there
 */
noinline_for_stack
int hchan_sel_park(struct hchan_sel *sel, const struct hchan_deadline *deadline)
{
	u8 area[HCHAN_SELECT_SMALL * sizeof(union hchan_cell)] __aligned(8)
		__uninitialized;
	u16 heads[2 * HCHAN_SELECT_MEDIUM] __uninitialized;

	if (sel->pick.n > HCHAN_SELECT_SMALL && !sel->pick.heads) {
		sel->pick.heads = heads;
		sel->pick.bits = ilog2(ARRAY_SIZE(heads));
	}
	return hchan_pick_wait(&sel->pick, deadline, area, sizeof(area));
}

/* Does one of the cases. Return: 0 or an error, with or without pick.winner. */
static int run(struct hchan_sel *sel, const struct hchan_deadline *deadline)
{
	int why_not = hchan_must_not_wait(deadline);
	int ret;

	ret = hchan_pick_now(&sel->pick, why_not);
	if (ret == -EAGAIN && sel->command && !why_not) {
		sel->pick.winner = NULL;
		return -EIOCBQUEUED;
	}
	if (ret == -EBUSY && sel->pick.only_look)
		return 0;	/* one of them came and went: as poll(2) */
	if (ret == -EBUSY)
		ret = hchan_sel_park(sel, NULL);
	if (ret != -EAGAIN)
		return ret;
	sel->pick.winner = NULL;
	if (sel->foreign || sel->pick.only_look)
		hchan_pick_shuffle(&sel->pick);
	if (sel->foreign && hchan_foreign_ready(sel))
		return 0;
	if (why_not)
		return why_not;
	if (sel->pick.only_look)
		return hchan_foreign_watch(sel, deadline);
	if (sel->foreign)
		return hchan_foreign_park(sel, deadline);
	return hchan_sel_park(sel, deadline);
}

/**
 * hchan_sel_recv_out() - what a receive that went gives to the caller
 * @pick: the select; its winner
 * @buf: the user's address
 * @actual: what to say of it: bytes
 * @status: HCHAN_ST_*
 * @error: 0 or a negative errno
 *
 * Return: 0, or -EFAULT: an element is still in pick->cell, and the caller's.
 */
int hchan_sel_recv_out(struct hchan_pick *pick, u64 buf, u32 *actual,
		       u32 *status, int *error)
{
	struct hchan_waiter *w = &pick->winner->w;
	struct hchan *ch = pick->winner->ch;
	void __user *to = u64_to_user_ptr(buf);

	*status = w->status;
	*error = 0;
	switch (w->error) {
	case 0:
		*status = HCHAN_ST_OK;
		*actual = hchan_cell_len(ch, &pick->cell);
		return copy_to_user(to, hchan_cell_data(ch, &pick->cell),
				    *actual) ? -EFAULT : 0;
	case -EPIPE:
		*actual = ch->flags & HCHAN_MSG ? 0 : ch->elem_size;
		return clear_user(to, *actual) ? -EFAULT : 0;
	default:
		*actual = w->room;
		*status = HCHAN_ST_OK;
		*error = w->error;
		return 0;
	}
}

static int put_out(struct hchan_case __user *ucase, u32 actual, u32 status,
		   int error)
{
	if (put_user(actual, &ucase->actual) ||
	    put_user(status, &ucase->status) ||
	    put_user(error, &ucase->error))
		return -EFAULT;
	return 0;
}

/* Tells the caller of the case that went. Return: 0 or -EFAULT. */
static int case_out(struct hchan_sel *sel, struct hchan_sel_case *c)
{
	struct hchan_case __user *ucase = &sel->ucases[c - sel->cases];
	struct hchan_waiter *w = &c->p.w;
	u32 actual, status;
	int error, ret;

	if (sel->pick.only_look)
		return c->p.ch || !put_user(c->p.version, &ucase->actual) ?
		       0 : -EFAULT;
	if (!c->p.ch)
		return put_out(ucase, c->p.version, HCHAN_ST_OK, 0);
	if (w->dir == HCHAN_TX) {
		status = w->error ? w->status : HCHAN_ST_OK;
		/* It has happened: nothing can be made of a failure here. */
		ret = put_out(ucase, 0, status, w->error);
		return w->error ? ret : 0;
	}
	ret = hchan_sel_recv_out(&sel->pick, c->buf, &actual, &status, &error);
	if (!ret)
		ret = put_out(ucase, actual, status, error);
	if (w->error)
		return ret;
	if (ret)
		hchan_cell_undo(c->p.ch, &sel->pick.cell, sel->pick.seq, NULL,
				sel->command);
	else
		hchan_cell_free(c->p.ch, &sel->pick.cell);
	return ret;
}

static __always_inline int sel_begin(struct hchan_sel *sel)
{
	int ret = 0;

	hchan_pick_init(&sel->pick);
	sel->pick.cases = sel->cases;
	if (sel->shared || sel->pick.only_look)
		ret = need_files(sel);
	return ret ? ret : take_cases(sel);
}

static __always_inline int sel_end(struct hchan_sel *sel, int ret)
{
	struct hchan_sel_case *c;

	if (sel->pick.winner && ret != -ENOMEM) {
		c = container_of(sel->pick.winner, struct hchan_sel_case, p);
		if (!ret && !sel->pick.went)
			ret = case_out(sel, c);
		if (put_user((u32)(c - sel->cases), &sel->usel->index) && ret)
			ret = -EFAULT;
		if (!ret)
			ret = c - sel->cases;
	}
	if (unlikely(sel->files))
		drop_files(sel);
	return ret;
}

/**
 * hchan_sel_begin() - take the cases of a select in
 * @sel: the call, from hchan_sel_init(), with room for its cases
 *
 * hchan_sel_end() comes after it, whatever the result.
 *
 * Return: 0 or an error, about sel->pick.winner if set.
 */
int hchan_sel_begin(struct hchan_sel *sel)
{
	return sel_begin(sel);
}

/**
 * hchan_sel_end() - tell the caller what has become of a select
 * @sel: the call
 * @ret: 0: sel->pick.winner went; or an error
 *
 * Return: a case's index, or what struct hchan_select says.
 */
int hchan_sel_end(struct hchan_sel *sel, int ret)
{
	return sel_end(sel, ret);
}

/**
 * hchan_sel_abandon() - hchan_sel_end() when there is nobody to be told (C41)
 * @sel: the call of a command
 * @ret: as there
 *
 * A received element is returned. Return: what to say of it all the same.
 */
int hchan_sel_abandon(struct hchan_sel *sel, int ret)
{
	struct hchan_pick_case *p = sel->pick.winner;

	if (!ret && p->w.dir == HCHAN_RX) {
		if (!p->w.error)
			hchan_return(p->ch, &sel->pick.cell, sel->pick.seq, NULL);
		ret = -ECANCELED;
	} else if (!ret) {
		ret = number(sel, p);
	}
	if (sel->files)
		drop_files(sel);
	return ret;
}

static int select_with(struct hchan_sel *sel,
		       const struct hchan_deadline *deadline)
{
	int ret = sel_begin(sel);

	if (!ret)
		ret = run(sel, deadline);
	return sel_end(sel, ret);
}

static int select_small(struct hchan_sel *sel,
			const struct hchan_deadline *deadline)
{
	struct hchan_sel_case cases[HCHAN_SELECT_SMALL] __uninitialized;
	u16 ready[HCHAN_SELECT_SMALL] __uninitialized;

	sel->cases = cases;
	sel->pick.ready = ready;
	return select_with(sel, deadline);
}

/* Of a cache, as what the allocator would clear need not be clear. */
static noinline int select_medium(struct hchan_sel *sel,
				  const struct hchan_deadline *deadline)
{
	u16 ready[HCHAN_SELECT_MEDIUM] __uninitialized;
	int ret;

	sel->cases = kmem_cache_alloc(hchan_sel_cache, HCHAN_GFP_USER);
	if (!sel->cases)
		return -ENOMEM;
	sel->pick.ready = ready;
	ret = select_with(sel, deadline);
	kmem_cache_free(hchan_sel_cache, sel->cases);
	return ret;
}

/**
 * hchan_sel_room() - room for the cases of a select, in the heap
 * @sel: the call
 *
 * Two allocations, as one would take up to twice of what it needs. Return: 0 or
 * -ENOMEM; hchan_sel_free() comes after it in either case.
 */
int hchan_sel_room(struct hchan_sel *sel)
{
	u32 n = sel->pick.n;

	sel->pick.bits = order_base_2(n) + 1;
	sel->cases = kvmalloc_array(n, sizeof(*sel->cases), HCHAN_GFP_USER);
	sel->pick.ready = kvmalloc(sizeof(u16) * n + (sizeof(u16) << sel->pick.bits),
				   HCHAN_GFP_USER);
	if (!sel->cases || !sel->pick.ready)
		return -ENOMEM;
	sel->pick.heads = sel->pick.ready + n;
	return 0;
}

void hchan_sel_free(struct hchan_sel *sel)
{
	kvfree(sel->pick.ready);
	kvfree(sel->cases);
}

static noinline int select_large(struct hchan_sel *sel,
				 const struct hchan_deadline *deadline)
{
	int ret = hchan_sel_room(sel);

	if (!ret)
		ret = select_with(sel, deadline);
	hchan_sel_free(sel);
	return ret;
}

static __always_inline int sel_init(struct hchan_sel *sel,
				    struct hchan_deadline *deadline,
				    struct hchan_select __user *usel, bool command)
{
	struct hchan_select arg __uninitialized;

	if (!access_ok(usel, sizeof(*usel)) ||
	    hchan_copy_in(&arg, usel, sizeof(arg)))
		return -EFAULT;
	if (arg.__reserved || arg.count > HCHAN_SELECT_CASES ||
	    (command && (arg.flags & HCHAN_READY)))
		return -EINVAL;
	sel->usel = usel;
	sel->ucases = u64_to_user_ptr(arg.cases);
	sel->foreign = 0;
	sel->pwq = NULL;
	sel->command = command;
	sel->shared = atomic_read(&current->files->count) > 1;
	sel->pick.n = arg.count;
	sel->pick.in_order = arg.flags & HCHAN_FIRST;
	sel->pick.only_look = arg.flags & HCHAN_READY;
	sel->files = NULL;
	sel->pick.prepare_receivers = prepare_receivers;
	sel->pick.size = sizeof(struct hchan_sel_case);
	sel->pick.list = NULL;
	sel->pick.direct = direct;
	sel->pick.prepare = prepare;
	sel->pick.again = NULL;
	sel->pick.look_again = NULL;
	sel->pick.heads = NULL;
	sel->pick.receives = arg.count > HCHAN_SELECT_SMALL;
	return hchan_deadline_init(deadline,
				   arg.flags & ~(HCHAN_FIRST | HCHAN_READY),
				   arg.deadline, false);
}

/**
 * hchan_sel_init() - a call of HCHAN_IOC_SELECT, for a command that waits
 * @sel: filled, but for room for its cases
 * @deadline: filled
 * @usel: the caller's argument
 *
 * Return: 0, -EFAULT, -EINVAL.
 */
int hchan_sel_init(struct hchan_sel *sel, struct hchan_deadline *deadline,
		   struct hchan_select __user *usel)
{
	return sel_init(sel, deadline, usel, true);
}

/**
 * hchan_select() - HCHAN_IOC_SELECT
 * @usel: the caller's argument
 * @command: it is for a command: on channels only, and nothing sleeps
 *
 * Return: a case's index, or what struct hchan_select says; a command:
 * -EIOCBQUEUED: nothing seems ready, and it may wait.
 */
int hchan_select(struct hchan_select __user *usel, bool command)
{
	struct hchan_sel sel __uninitialized;
	struct hchan_deadline deadline;
	int ret;

	BUILD_BUG_ON(sizeof(struct hchan_sel_case) > 64);
	ret = sel_init(&sel, &deadline, usel, command);
	if (ret)
		return ret;
	if (sel.pick.n <= HCHAN_SELECT_SMALL)
		return select_small(&sel, &deadline);
	if (sel.pick.n <= HCHAN_SELECT_MEDIUM)
		return select_medium(&sel, &deadline);
	return select_large(&sel, &deadline);
}

/* Nothing to be made of it; but what has this is not cleared. */
static void sel_ctor(void *cases)
{
}

int __init hchan_select_init(void)
{
	hchan_sel_cache = kmem_cache_create("hchan_select", HCHAN_SELECT_MEDIUM *
					    sizeof(struct hchan_sel_case), 0,
					    SLAB_ACCOUNT, sel_ctor);
	return hchan_sel_cache ? 0 : -ENOMEM;
}

void hchan_select_exit(void)
{
	kmem_cache_destroy(hchan_sel_cache);
}
