// SPDX-License-Identifier: GPL-2.0-only
/*
 * HCHAN_IOC_SELECT: cases between pick.c and a caller's memory.
 *
 * All that can be wrong with the cases is found before anything is done. A
 * case's element is copied in, or its buffer faulted in, only when the case
 * looks ready, or once the select has to wait (C26).
 *
 * Up to HCHAN_SELECT_SMALL cases nothing is allocated, as long as their elements
 * are of up to HCHAN_INLINE bytes. Above it is one allocation of 94 bytes a case
 * and, if it waits, one for the elements of send cases.
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

/* A case's out fields, in one piece. */
#define OUT_SIZE (sizeof(struct hchan_case) - offsetof(struct hchan_case, actual))

static struct hchan_pick_case *at(const struct hchan_pick *pick, u32 i)
{
	return &container_of(pick, struct hchan_sel, pick)->cases[i].p;
}

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
	int ret;

	if (p->w.dir == HCHAN_RX)
		return hchan_fault_in(buf, min(p->w.room, p->ch->elem_size));
	ret = hchan_cell_alloc(p->ch, p->w.cells, p->w.room);
	if (ret)
		return ret;
	if (copy_from_user(hchan_cell_data(p->ch, p->w.cells), buf, p->w.room)) {
		hchan_cell_free(p->ch, p->w.cells);
		return -EFAULT;
	}
	return 0;
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

/**
 * hchan_case_check() - whether a case on a channel can be
 * @file: its descriptor's open file
 * @arg: the case, HCHAN_CASE_SEND or HCHAN_CASE_RECV
 *
 * Return: 0; -EBADF: no channel, or not this direction; -EMSGSIZE.
 */
int hchan_case_check(const struct file *file, const struct hchan_case *arg)
{
	bool send = arg->op == HCHAN_CASE_SEND;
	const struct hchan *ch;

	if (file->f_op != &hchan_fops ||
	    !(file->f_mode & (send ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	ch = file->private_data;
	if (send ? !hchan_len_ok(ch, arg->len) :
		   !(ch->flags & HCHAN_MSG) && arg->len < ch->elem_size)
		return -EMSGSIZE;
	return 0;
}

/*
 * A descriptor's open file. A task that shares its table with nobody has it until
 * it returns to its program, as nobody else can close it: that is what fdget()
 * relies on, too. O_PATH ones have no operations of a channel's, and do not poll.
 */
static struct file *hold(struct hchan_sel *sel, int fd)
{
	if (sel->shared)
		return fget(fd);
	return files_lookup_fd_raw(current->files, fd);
}

/* Looks at what the caller gave. What it takes a hold of is in @c->file. */
static int resolve(struct hchan_sel *sel, struct hchan_sel_case *c,
		   const struct hchan_case *arg)
{
	int ret;

	if (arg->op > HCHAN_CASE_POLL || (arg->flags && arg->op))
		return -EINVAL;
	c->buf = arg->buf;
	c->p.w.dir = arg->op == HCHAN_CASE_SEND ? HCHAN_TX : HCHAN_RX;
	c->p.w.room = arg->len;
	if (arg->op == HCHAN_CASE_NIL)
		return 0;
	c->file = hold(sel, arg->fd);
	if (!c->file)
		return -EBADF;
	if (arg->op == HCHAN_CASE_POLL) {
		sel->foreign++;
		return file_can_poll(c->file) ? 0 : -EPERM;
	}
	ret = hchan_case_check(c->file, arg);
	if (!ret)
		c->p.ch = c->file->private_data;
	return ret;
}

/* What is needed of case @i of the caller's. The array is one that may be read. */
static __always_inline int get_case(struct hchan_case *arg,
				    const struct hchan_case __user *ucase)
{
	unsafe_get_user(arg->fd, &ucase->fd, fault);
	unsafe_get_user(arg->op, &ucase->op, fault);
	unsafe_get_user(arg->flags, &ucase->flags, fault);
	unsafe_get_user(arg->buf, &ucase->buf, fault);
	unsafe_get_user(arg->len, &ucase->len, fault);
	return 0;
fault:
	return -EFAULT;
}

/* Takes the cases in. Return: 0, or an error, which is about pick.winner if set. */
static int take_cases(struct hchan_sel *sel)
{
	struct hchan_case arg __uninitialized;
	u32 i, count = sel->pick.n;
	int ret;

	for (i = 0; i < count; i++) {
		sel->pick.order[i] = i;
		sel->cases[i].p.ch = NULL;
		sel->cases[i].file = NULL;
	}
	for (i = 0; i < count; i++) {
		if (!user_read_access_begin(&sel->ucases[i], sizeof(arg)))
			return -EFAULT;
		ret = get_case(&arg, &sel->ucases[i]);
		user_read_access_end();
		if (ret)
			return ret;
		ret = resolve(sel, &sel->cases[i], &arg);
		if (ret) {
			sel->pick.winner = &sel->cases[i].p;
			return ret;
		}
		if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
			cond_resched();
	}
	return 0;
}

static void drop_cases(struct hchan_sel *sel)
{
	u32 i;

	if (!sel->shared)
		return;
	for (i = 0; i < sel->pick.n; i++) {
		if (sel->cases[i].file)
			fput(sel->cases[i].file);
		if (i % HCHAN_STEPS == HCHAN_STEPS - 1)
			cond_resched();
	}
}

/**
 * hchan_sel_park() - hchan_pick_wait() with room for some elements
 * @sel: the call
 * @deadline: or NULL, see there
 */
noinline_for_stack
int hchan_sel_park(struct hchan_sel *sel, const struct hchan_deadline *deadline)
{
	u8 area[HCHAN_SELECT_SMALL * sizeof(union hchan_cell)] __aligned(8);

	return hchan_pick_wait(&sel->pick, deadline, area, sizeof(area));
}

/* Does one of the cases. Return: 0 or an error, with or without pick.winner. */
static int run(struct hchan_sel *sel, const struct hchan_deadline *deadline)
{
	int why_not = hchan_must_not_wait(deadline);
	int ret;

	ret = hchan_pick_now(&sel->pick, why_not);
	if (ret == -EBUSY && sel->pick.only_look)
		return 0;	/* one of them came and went: as poll(2) */
	if (ret == -EBUSY)
		ret = hchan_sel_park(sel, NULL);
	if (ret != -EAGAIN)
		return ret;
	sel->pick.winner = NULL;
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

	/* A poll case's events are in w.done. */
	if (sel->pick.only_look)
		return c->p.ch || !put_user(w->done, &ucase->actual) ? 0 : -EFAULT;
	if (!c->p.ch)
		return put_out(ucase, w->done, HCHAN_ST_OK, 0);
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
		hchan_cell_undo(c->p.ch, &sel->pick.cell, sel->pick.seq, NULL);
	else
		hchan_cell_free(c->p.ch, &sel->pick.cell);
	return ret;
}

static int select_with(struct hchan_sel *sel,
		       const struct hchan_deadline *deadline)
{
	struct hchan_sel_case *c;
	int ret;

	hchan_pick_init(&sel->pick);
	ret = take_cases(sel);
	if (!ret)
		ret = run(sel, deadline);
	if (sel->pick.winner && ret != -ENOMEM) {
		c = container_of(sel->pick.winner, struct hchan_sel_case, p);
		if (!ret)
			ret = case_out(sel, c);
		if (put_user((u32)(c - sel->cases), &sel->usel->index) && ret)
			ret = -EFAULT;
		if (!ret)
			ret = c - sel->cases;
	}
	drop_cases(sel);
	return ret;
}

static int select_small(struct hchan_sel *sel,
			const struct hchan_deadline *deadline)
{
	struct hchan_sel_case cases[HCHAN_SELECT_SMALL] __uninitialized;
	u16 order[HCHAN_SELECT_SMALL] __uninitialized;

	sel->cases = cases;
	sel->pick.order = order;
	sel->pick.heads = NULL;
	return select_with(sel, deadline);
}

static int select_large(struct hchan_sel *sel,
			const struct hchan_deadline *deadline)
{
	u32 n = sel->pick.n;
	int ret;

	sel->pick.bits = order_base_2(n);
	sel->cases = kvmalloc(n * (sizeof(*sel->cases) + sizeof(u16)) +
			      (sizeof(u16) << sel->pick.bits), HCHAN_GFP_USER);
	if (!sel->cases)
		return -ENOMEM;
	sel->pick.order = (u16 *)(sel->cases + n);
	sel->pick.heads = sel->pick.order + n;
	ret = select_with(sel, deadline);
	kvfree(sel->cases);
	return ret;
}

/**
 * hchan_select() - HCHAN_IOC_SELECT
 * @usel: the caller's argument
 *
 * Return: a case's index, or what struct hchan_select says.
 */
int hchan_select(struct hchan_select __user *usel)
{
	struct hchan_sel sel __uninitialized;
	struct hchan_deadline deadline;
	struct hchan_select arg;
	int ret;

	BUILD_BUG_ON(sizeof(struct hchan_sel_case) > 96 - 3 * sizeof(u16));
	if (copy_from_user(&arg, usel, sizeof(arg)))
		return -EFAULT;
	if (arg.__reserved || arg.count > HCHAN_SELECT_CASES)
		return -EINVAL;
	ret = hchan_deadline_init(&deadline,
				  arg.flags & ~(HCHAN_FIRST | HCHAN_READY),
				  arg.deadline, false);
	if (ret)
		return ret;
	sel.usel = usel;
	sel.ucases = u64_to_user_ptr(arg.cases);
	sel.foreign = 0;
	sel.pwq = NULL;
	sel.shared = atomic_read(&current->files->count) > 1;
	sel.pick.n = arg.count;
	sel.pick.in_order = arg.flags & HCHAN_FIRST;
	sel.pick.only_look = arg.flags & HCHAN_READY;
	sel.pick.at = at;
	sel.pick.prepare = prepare;
	sel.pick.again = NULL;
	sel.pick.look_again = NULL;
	if (arg.count <= HCHAN_SELECT_SMALL)
		return select_small(&sel, &deadline);
	return select_large(&sel, &deadline);
}
