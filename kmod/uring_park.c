// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that wait: the life of a struct hchan_cmd.
 *
 * It is fired by a partner, or asked to end: by its deadline's timer, by
 * HCHAN_URING_CANCEL, or by its ring. These may come at any moment, from any task or
 * interrupt, all at once. None of them completes it, or takes a lock that somebody
 * else holds while it completes one: they only say so, and see that it has its turn.
 *
 *	turn		who		may
 *	HAS_TURN set	issues it, or is	everything: claim, copy to the user's
 *			its task work,	memory, complete, free
 *			queued or running
 *	clear		nobody		it is parked
 *
 * hchan_cmd_say() sets what is new, and HAS_TURN with it in the same atomic operation;
 * who has found it clear queues the task work, so that it is queued once. Who has
 * the turn gives it away by a cmpxchg from what it has seen, so nothing that is
 * said meanwhile is lost. The operation is complete, and its partner has finished
 * with it, once FIRED is set: that is the partner's last touch of it if somebody else
 * has the turn; if nobody has, the command stays until the task work that the partner
 * queues. The timer is cancelled, and the command out of the table, before it is
 * freed; its ring looks for it, under the ring's lock, until io_uring_cmd_done() has
 * taken it off the ring's list. So nobody who has found it can find it freed.
 *
 * The task work runs in the submitter's task (an own thread's with SQPOLL). If that
 * is gone io_uring runs it in a kernel thread.
 *
 * A parked command costs one allocation, of its element and operation together, one
 * lock of the table at each end, and one task work, with the wake-up of its task.
 */

#include <linux/bug.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "uring.h"

#if HCHAN_URING_PARKS

/* Bits of hchan_cmd.turn. */
#define HAS_TURN	BIT(0)
#define FIRED		BIT(1)
#define CANCELLED	BIT(2)
#define EXPIRED		BIT(3)
#define QUEUED		BIT(4)	/* with HAS_TURN: its task work is, and has not begun */

/*
 * Parked commands by ring and user_data. A tree each, so that nobody's choice of
 * user_data makes others' ways long. The locks guard @root and hchan_cmd.node; under
 * one hchan_cmd_say() is called.
 */
static struct table {
	spinlock_t lock;	/* see above */
	struct rb_root root;
} tables[64];

struct ident {
	const void *ring;
	u64 user_data;
};

static struct table *table_of(const void *ring, u64 user_data)
{
	return &tables[hash_64((u64)(uintptr_t)ring + user_data,
			       const_ilog2(ARRAY_SIZE(tables)))];
}

static int compare(const void *key, const struct rb_node *node)
{
	const struct hchan_cmd *cmd = rb_entry(node, struct hchan_cmd, node);
	const struct ident *k = key;

	if (k->ring != cmd->ring)
		return k->ring < cmd->ring ? -1 : 1;
	if (k->user_data != cmd->user_data)
		return k->user_data < cmd->user_data ? -1 : 1;
	return 0;
}

static bool less(struct rb_node *node, const struct rb_node *other)
{
	const struct hchan_cmd *cmd = rb_entry(node, struct hchan_cmd, node);
	struct ident key = { cmd->ring, cmd->user_data };

	return compare(&key, other) < 0;
}

static void table_add(struct hchan_cmd *cmd)
{
	struct table *table = table_of(cmd->ring, cmd->user_data);

	spin_lock(&table->lock);
	rb_add(&cmd->node, &table->root, less);
	spin_unlock(&table->lock);
}

static void table_del(struct hchan_cmd *cmd)
{
	struct table *table = table_of(cmd->ring, cmd->user_data);

	spin_lock(&table->lock);
	if (!RB_EMPTY_NODE(&cmd->node))
		rb_erase(&cmd->node, &table->root);
	spin_unlock(&table->lock);
}

/* Where a command's own memory is, in io_uring's part of it. */
static struct hchan_cmd **own(struct io_uring_cmd *io)
{
	BUILD_BUG_ON(sizeof(io->pdu) < sizeof(struct hchan_cmd *));
	return (struct hchan_cmd **)io->pdu;
}

/*
 * Whether what is given to this task would be seen by nobody: a kernel thread in
 * place of one that has gone, one of a process that is being killed or exits, or that
 * gives up its memory for that of another program; or its ring is gone, and who has
 * closed that may have other plans for the buffer.
 */
static bool is_gone(struct hchan_cmd *cmd)
{
	const struct signal_struct *signal = current->signal;

	return percpu_ref_is_dying(&cmd_to_io_kiocb(cmd->io)->ctx->refs) ||
	       !current->mm || (current->flags & (PF_EXITING | PF_KTHREAD)) ||
	       current->in_execve || fatal_signal_pending(current) ||
	       (READ_ONCE(signal->flags) & SIGNAL_GROUP_EXIT) ||
	       READ_ONCE(signal->group_exec_task);
}

/* With the turn: the command is over. */
static void finish(struct hchan_cmd *cmd, int ret, unsigned int issue_flags)
{
	table_del(cmd);
	if (cmd->timed)
		hrtimer_cancel(&cmd->timer);
	io_uring_cmd_done(cmd->io, ret, 0, issue_flags);
	cmd->ops->free(cmd);
}

/* With the turn, and parked: ends it if there is a reason, or gives the turn away. */
static void go_on(struct hchan_cmd *cmd, unsigned int issue_flags)
{
	bool gone = is_gone(cmd);
	int bits, why, ret;

	do {
		for (;;) {
			/* Pairs with hchan_cmd_say(): the operation is complete. */
			bits = atomic_read_acquire(&cmd->turn);
			why = bits & CANCELLED || gone ? -ECANCELED : -ETIMEDOUT;
			if (bits & FIRED) {
				why = 0;
				break;
			}
			if ((bits & (CANCELLED | EXPIRED)) &&
			    cmd->ops->claim(cmd))
				break;
			/* Parked, or claimed by who is about to say so. */
			if (atomic_try_cmpxchg(&cmd->turn, &bits,
					       bits & ~(HAS_TURN | QUEUED)))
				return;
		}
		atomic_andnot(FIRED, &cmd->turn);
		ret = cmd->ops->end(cmd, why, gone);
	} while (ret == -EIOCBQUEUED);
	finish(cmd, ret, issue_flags);
}

/* The task work. The ring may ask again: see hchan_cmd_ring_cancels(). */
static void has_turn(struct io_uring_cmd *io, unsigned int issue_flags)
{
	struct mutex *lock = &cmd_to_io_kiocb(io)->ctx->uring_lock;
	struct hchan_cmd *cmd = *own(io);

	if (unlikely(issue_flags & IO_URING_F_UNLOCKED))
		mutex_lock(lock);
	/* From here on the flag stays, as it says that the ring's list has @io. */
	atomic_andnot(QUEUED, &cmd->turn);
	io->flags |= IORING_URING_CMD_CANCELABLE;
	if (unlikely(issue_flags & IO_URING_F_UNLOCKED))
		mutex_unlock(lock);
	go_on(cmd, issue_flags);
}

/* Something new, and a turn for it. */
static void hchan_cmd_say(struct hchan_cmd *cmd, int what)
{
	int old = atomic_read(&cmd->turn), new;

	do {
		new = old | what;
		if (!(old & HAS_TURN))
			new |= HAS_TURN | QUEUED;
		/* Fully ordered: pairs with go_on(). */
	} while (!atomic_try_cmpxchg(&cmd->turn, &old, new));
	if (!(old & HAS_TURN))
		io_uring_cmd_complete_in_task(cmd->io, has_turn);
}

/* From op->complete(): a partner, or a close, has fired the operation. */
void hchan_cmd_fired(struct hchan_cmd *cmd)
{
	hchan_cmd_say(cmd, FIRED);
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	hchan_cmd_say(container_of(timer, struct hchan_cmd, timer), EXPIRED);
	return HRTIMER_NORESTART;
}

/*
 * IO_URING_F_CANCEL: the ring or the task goes; under the ring's lock. Another process that
 * has the ring too, and that execs, asks for everybody's: it gets its own. A task that is
 * stopped lets its task work wait, and a ring that goes asks without a pause as long as
 * there is something to ask: so it finds nothing until the task work is there, which puts
 * that right under the same lock. Who has the turn otherwise is about to give it away.
 */
void hchan_cmd_ring_cancels(struct io_uring_cmd *io)
{
	struct hchan_cmd *cmd = *own(io);

	if (!same_thread_group(io_uring_cmd_get_task(io), current) &&
	    !percpu_ref_is_dying(&cmd_to_io_kiocb(io)->ctx->refs))
		return;
	hchan_cmd_say(cmd, CANCELLED);
	if (atomic_read(&cmd->turn) & QUEUED)
		io->flags &= ~IORING_URING_CMD_CANCELABLE;
}

/* HCHAN_URING_CANCEL by @io. Return: 0 or -ENOENT. */
int hchan_cmd_cancel(struct io_uring_cmd *io, u64 user_data)
{
	struct ident key = { cmd_to_io_kiocb(io)->ctx, user_data };
	struct table *table = table_of(key.ring, user_data);
	struct rb_node *node;

	spin_lock(&table->lock);
	node = rb_find(&key, &table->root, compare);
	if (node) {
		/* The next one who asks is for another of that user_data. */
		rb_erase(node, &table->root);
		RB_CLEAR_NODE(node);
		hchan_cmd_say(rb_entry(node, struct hchan_cmd, node), CANCELLED);
	}
	spin_unlock(&table->lock);
	return node ? 0 : -ENOENT;
}

/**
 * hchan_cmd_start() - start a command that may wait
 * @cmd: the command, with ops and deadline
 * @io: io_uring's part
 * @issue_flags: IO_URING_F_*
 *
 * Its ring can ask for it back before anybody else can know of it. Return:
 * -EIOCBQUEUED: it is io_uring's business, and may be gone already.
 */
int hchan_cmd_start(struct hchan_cmd *cmd, struct io_uring_cmd *io,
		    unsigned int issue_flags)
{
	int ret;

	cmd->io = io;
	cmd->ring = cmd_to_io_kiocb(io)->ctx;
	cmd->user_data = cmd_to_io_kiocb(io)->cqe.user_data;
	atomic_set(&cmd->turn, HAS_TURN);
	*own(io) = cmd;
	table_add(cmd);
	io_uring_cmd_mark_cancelable(io, issue_flags);
	cmd->timed = cmd->deadline.at != KTIME_MAX && !cmd->deadline.nowait;
	if (cmd->timed) {
		hrtimer_init(&cmd->timer, cmd->deadline.clock, HRTIMER_MODE_ABS);
		cmd->timer.function = expired;
		hrtimer_start(&cmd->timer, cmd->deadline.at, HRTIMER_MODE_ABS);
	}
	ret = cmd->ops->start(cmd);
	if (ret == -EIOCBQUEUED)
		go_on(cmd, issue_flags);
	else
		finish(cmd, ret, issue_flags);
	return -EIOCBQUEUED;
}

/* At the module's start. */
void hchan_cmd_init(void)
{
	struct table *table;

	for (table = tables; table < tables + ARRAY_SIZE(tables); table++) {
		spin_lock_init(&table->lock);
		table->root = RB_ROOT;
	}
}

#else

int hchan_cmd_cancel(struct io_uring_cmd *io, u64 user_data)
{
	return -ENOENT;
}

void hchan_cmd_ring_cancels(struct io_uring_cmd *io)
{
}

void hchan_cmd_init(void)
{
}

#endif /* HCHAN_URING_PARKS */
