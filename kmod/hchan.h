/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hchan: Go's channels as a kernel object. What the module's files share.
 *
 *	chan.c		a channel's memory: ring, buffers, lifetime
 *	match.c		the matching engine: who meets whom, in which order
 *	queue.c		its queues: who waits where, who claims whom
 *	pick.c		selects: one operation in many queues
 *	state.c		its end, who is there, who wants to know
 *	wait.c		how a task waits: for its operation, for a state
 *	spin.c		... awake, for a moment
 *	fast.c		the short way for one element; quick.h, user.h, fault.h: its pieces
 *	xfer.c		one element between the engine and a caller's memory
 *	pair.c		a send and a receive: HCHAN_IOC_SENDRECV
 *	batch.c		many elements: the batch ioctls, read(2), write(2)
 *	uring.c		operations through io_uring
 *	uring_park.c	... that wait
 *	uring_ops.c	... for what
 *	select.c	one of many cases: HCHAN_IOC_SELECT
 *	foreign.c	... of which some are on other descriptors
 *	set.c		cases that are kept: HCHAN_IOC_SET
 *	set_select.c	... and selected over
 *	file.c		a channel's open file
 *	anon.c		... of one without a name
 *	timer.c		timers and tickers: time sends
 *	copy.c		the ABI's structures in and out
 *	ctx.c		contexts: trees of channels that get closed
 *	ctx_ioctl.c	... and their calls
 *	dev.c		/dev/hchan and the module itself
 *	fs.c		hchanfs: channels with names; its mounts
 *	fs_names.c	its inodes, who may take a name away
 *	fs_ioctl.c	creating and looking at a channel by name
 *	account.c	what a user's channels may cost
 *
 * chan.c, match.c, queue.c, state.c and pick.c know nothing of files or of users'
 * memory; the others know nothing of queues. Numbers such as C14 are the
 * statements of doc/contract.md.
 */
#ifndef _HCHAN_H
#define _HCHAN_H

#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/hchan.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct hchan;
struct hchan_account;
struct hchan_wakes;
struct seq_file;
struct task_struct;

/* Elements of up to this many bytes lie in the ring and in operations. */
#define HCHAN_INLINE		128
#define HCHAN_CAP_MAX		INT_MAX
#define HCHAN_RING_BYTES_MAX	BIT(30)
/* A user's choice of size: rather fail it, without a noise, than kill others. */
#define HCHAN_GFP_USER	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)
#define HCHAN_SELECT_CASES	65535
#define HCHAN_SELECT_BYTES	BIT(22)	/* of a select's parked elements (C26) */
/* A select of up to so many cases allocates nothing. */
#define HCHAN_SELECT_SMALL	8
/* ... of up to so many once. */
#define HCHAN_SELECT_MEDIUM	64
/* How much of a batch keeps its place in a queue while it is parked (C39). */
#define HCHAN_BATCH_BYTES	65536

/* Bits of hchan.state. */
#define HCHAN_F_CLOSED		BIT(0)
#define HCHAN_F_HAD_SENDER	BIT(1)
#define HCHAN_F_HAD_RECEIVER	BIT(2)

/*
 * Bits of hchan.flags beside the ABI's: the kernel itself is the sender. Nobody has a
 * descriptor that sends, and there is a struct hchan_source.
 */
#define HCHAN_F_TIMER		BIT(6)	/* timer.c */
#define HCHAN_F_CTX		BIT(7)	/* ctx.c */

/*
 * struct hchan_source_ops - how a timer's channel says what happens to it
 * @come: may sleep, without the lock: somebody looks; what is due comes now. Whether
 *	something is there
 * @taken: under hchan.lock: an element has been received that was buffered or returned,
 *	or one has been returned and waits
 * @returns: under hchan.lock: the element that was matched as number @seq comes back.
 *	Whether it may; then nothing else waits
 */
struct hchan_source_ops {
	bool (*come)(struct hchan *ch);
	void (*taken)(struct hchan *ch);
	bool (*returns)(struct hchan *ch, u64 seq, struct hchan_wakes *wakes);
};

/*
 * struct hchan_source - what a channel that the kernel sends on belongs to
 * @cell: the ring of one element, or unused
 * @bytes: of all of it, to be charged
 * @ops: a timer's; else unused
 * @free: the channel's last reference is gone: frees the source. Returns a channel
 *	whose reference it held and is to be put next, or NULL: so a long line of
 *	channels that hold each other takes no stack
 */
struct hchan_source {
	u64 cell;
	u32 bytes;
	const struct hchan_source_ops *ops;
	struct hchan *(*free)(struct hchan *ch, struct hchan_source *source);
};

/*
 * What a channel is made from; checked by hchan_alloc(). @source is NULL or, with
 * HCHAN_F_*, becomes the channel's if that works; then the capacity is 0 or 1.
 */
struct hchan_attr {
	struct hchan_source *source;
	u32 flags;		/* HCHAN_MSG, HCHAN_DISCONNECT */
	u32 elem_size;
	u64 capacity;
	u64 type_tag;
};

/*
 * struct hchan_block - memory for a receiving batch that is parked
 *
 * Each element that lands in it has room for a struct hchan_buf in front, so
 * that returning it (C38) needs no memory. Freed with its last reference: the
 * batch has one, each returned element one. Whoever receives pays for it (C50),
 * since a returned element keeps it for as long as nobody takes that.
 */
struct hchan_block {
	refcount_t ref;
	struct hchan_account *account;
	size_t bytes;
};

/*
 * struct hchan_buf - an element that does not lie in the ring
 *
 * Elements above HCHAN_INLINE live in one from the copy in to the copy out; the
 * ring and the operations hold a pointer. Returned elements (C38) are kept in
 * one, but for one that hchan.reserve has room for. Whoever holds the pointer owns it.
 */
struct hchan_buf {
	union {
		struct rb_node node;	/* in hchan.returned */
		struct hchan_buf *next;	/* on hchan.spares, hchan_wakes.bufs */
	};
	u64 seq;			/* returned: when it was matched */
	struct hchan_block *block;	/* what it is part of, or NULL */
	u32 len;			/* bytes used of @data */
	u32 room:31;			/* bytes there */
	u32 extra:1;			/* returned: beyond what is prepaid, and booked */
	u8 data[] __aligned(8);
};

/*
 * union hchan_cell - the form of an element in the ring and in operations
 *
 * Fixed-size elements up to HCHAN_INLINE are their bytes alone, larger ones a
 * pointer alone, so a channel's cells have a size of their own
 * (hchan.cell_size) and this type is never used whole. Messages have a length
 * in front: up to HCHAN_INLINE the bytes follow it, else the pointer does.
 */
struct hchan_msg {
	u64 len;
	union {
		u8 data[HCHAN_INLINE];
		struct hchan_buf *buf;
	};
};

union hchan_cell {
	u8 data[HCHAN_INLINE];
	struct hchan_buf *buf;
	struct hchan_msg msg;
};

/*
 * struct hchan - a channel
 *
 * @lock guards everything that changes but @wq, whose queues have locks of their
 * own. It is taken in task context only, is held for a bounded number of steps,
 * and never across a copy from or to a user, an allocation, a free or a
 * wake-up, but for a short one from or to memory that is there (fast.c). Lock order:
 * hchan.lock, then hchan_op.lock; never two channels. hchan_surely_not() reads some of it
 * without the lock.
 *
 * There may be very many, so it is small: 240 bytes with 64-bit pointers and
 * usual spinlocks, 256 together with @reserve for elements of up to 16 bytes, which
 * are four cache lines. The first is what an operation with room in the buffer
 * needs, the second what it looks at to see that nobody waits, the third is
 * for those who wait or watch, the fourth for its beginning and its end.
 */
struct hchan {
	spinlock_t lock;	/* see above */
	u32 version;		/* of all that can make a case of a select ready */
	u32 elem_size;		/* fixed */
	u32 cell_size;		/* fixed */
	u32 cap;		/* fixed */
	u32 head;		/* the oldest element's index in the ring */
	u32 count;		/* elements in the ring */
	u32 n_returned;		/* elements on @returned, and in @reserve */
	union {
		u8 *ring;	/* fixed; cap * cell_size bytes; NULL if that is 0 */
		struct hchan_source *source;	/* fixed; HCHAN_F_*: and what it is in */
	};
	u64 seq;		/* elements matched with a receiver so far */
	struct hlist_head watchers;	/* hchan_watch.node */
	u16 n_watchers;
	u8 flags;		/* fixed; HCHAN_MSG, _DISCONNECT; HCHAN_F_* */
	u8 state;		/* HCHAN_F_* */
	u8 reserve_len;		/* of what is in @reserve */
	bool reserve_used;
	u8 spin;		/* racy; 1 + HCHAN_IOC_SPIN's microseconds; 0: the parameter's */
	u8 score;		/* racy; whether to spin: hchan_spin_wait() */

	struct list_head queue[2];	/* hchan_waiter.link, oldest first */
	struct hlist_head transients[2];	/* hchan_waiter.node */
	u32 open[2];		/* open files that can, by direction */
	u32 linked[2];		/* waiters in @queue, by direction */

	wait_queue_head_t wq[2];	/* pollers, by direction; keyed */
	u32 selects[2];		/* of @linked, those of selects */
	refcount_t ref;
	u32 n_spares;

	u64 id;			/* fixed */
	u64 type_tag;		/* fixed */
	struct hchan_account *account;	/* fixed; see account.c */
	struct rb_root returned;	/* by seq; before all in the ring */
	struct hchan_buf *spares;	/* buffers for sends to use again */
	u64 reserve_seq;		/* of what is in @reserve */
	u8 reserve[] __aligned(8);	/* prepaid, for an inline element's return */
};

/* Indices of hchan.queue, .linked, .open and .wq; hchan_waiter.dir. */
#define HCHAN_RX 0
#define HCHAN_TX 1

enum hchan_op_state {
	HCHAN_OP_WAITING,	/* may be claimed */
	HCHAN_OP_FIRED,		/* claimed by a partner or by a close */
	HCHAN_OP_CANCELLED,	/* claimed by its owner */
};

/*
 * struct hchan_op - something that waits to happen once: a call, a select
 *
 * It waits by one or more waiters, on one channel each, of which at most one
 * fires. One type for every kind of owner: what happens when it is complete is
 * @complete's business. It usually lies on its owner's stack, its waiters too.
 *
 * Whose it is: its owner's until one of its waiters is linked. From then on
 * somebody may claim it, by moving @state away from HCHAN_OP_WAITING under @lock.
 * A claimer owns it and the waiter it was found by: it unlinks that waiter and,
 * after hchan.lock is dropped, hands both back by calling @complete, which is its
 * last touch of them; an owner who claims its own has it back at once. A linked
 * waiter pins its operation under that channel's lock, claimed or not, so the
 * owner takes each waiter out under its channel's lock before the memory goes.
 *
 * The operation of one call on one channel is claimed under that channel's lock
 * only (a task's call also without @lock: quick.h), a select's also without: its entry
 * in a queue may be dead.
 */
struct hchan_op {
	spinlock_t lock;	/* guards @state; two of them: in address order */
	enum hchan_op_state state;
	bool select;		/* see above; does not change while linked */
	bool transient;		/* will not park: see hchan_enter() */
	bool whole;		/* all waiters are linked: it is parked */
	bool observed;		/* somebody has judged a channel before it was */
	u32 n;			/* elements to move; a select's: 1 */
	u32 done;		/* elements moved */
	u32 stride;		/* bytes from one cell to the next */
	struct hchan_op *next;	/* in hchan_wakes.fired */
	struct hchan_waiter *fired;	/* by whom it was found; the claimer's */
	u64 *seqs;		/* receive: hchan.seq of each element */
	void (*complete)(struct hchan_op *op);
};

/*
 * struct hchan_waiter - an operation's place in one queue of one channel
 *
 * The owner's, but while it is linked what the engine changes in it and in its
 * operation (@op->done, @op->seqs, the cells, @status, @error, @room) is guarded by
 * hchan.lock; of a select, which is linked on several channels, it is its claimer's.
 * Only an operation of one waiter moves more than one element.
 */
struct hchan_waiter {
	union {
		struct list_head link;	/* in hchan.queue[dir] */
		struct hlist_node node;	/* in hchan.transients[dir] */
	};
	struct hchan_op *op;
	u8 *cells;		/* op->n of them */
	u32 room;		/* receive: the owner's bytes for an element; with */
				/* -EMSGSIZE: bytes it takes */
	s16 error;		/* -EPIPE, -EMSGSIZE; 0: moved, or status tells */
	u8 dir;
	u8 status;		/* HCHAN_ST_* */
};

/*
 * struct hchan_watch - somebody who waits for a state of the channel
 *
 * Guarded by hchan.lock while @node is hashed; then as an hchan_op that was
 * claimed. A set's case (HCHAN_WATCH_CASE) stays hashed.
 */
struct hchan_watch {
	struct hlist_node node;
	struct hchan_watch *next;	/* in hchan_wakes.seen */
	const struct hchan_watch_ops *ops;
	u64 count;
	u64 seen;
	u32 what;			/* HCHAN_W_*, HCHAN_WATCH_CASE */
	int error;
	const void *owner;		/* a case's: for hchan_watch_forget() */
	u8 dir;				/* a case's */
};

#define HCHAN_WATCH_CASE	U32_MAX

/*
 * struct hchan_watch_ops - what becomes of a watch
 * @complete: it was on hchan_wakes.seen; no lock is held
 * @mark: a case: something has happened that may have made it ready
 * @unmark: a case: it is not ready
 * @lost: a case: it is off the channel, its owner goes
 *
 * The latter three under hchan.lock; with @wakes they may ask for @complete.
 */
struct hchan_watch_ops {
	void (*complete)(struct hchan_watch *watch);
	void (*mark)(struct hchan_watch *watch, struct hchan_wakes *wakes);
	void (*unmark)(struct hchan_watch *watch);
	void (*lost)(struct hchan_watch *watch, struct hchan_wakes *wakes);
};

/*
 * struct hchan_wakes - what to do once hchan.lock is dropped
 *
 * The operations and watchers on it belong to whoever holds it. No memory of
 * its own: it is a list through them.
 */
struct hchan_wakes {
	struct hchan_op *fired;
	struct hchan_op **fired_tail;
	struct hchan_watch *seen;
	struct hchan_buf *bufs;		/* to be freed */
	__poll_t poll[2];		/* for the pollers of a direction */
	u32 n_poll[2];			/* how many of them it may be news for */
	u32 steps;			/* left before the lock has to be dropped */
};

/* chan.c */
int hchan_caches_init(void);
void hchan_caches_exit(void);
struct hchan *hchan_alloc(const struct hchan_attr *attr);
void hchan_get(struct hchan *ch);
void hchan_put(struct hchan *ch);
int hchan_cell_alloc(struct hchan *ch, void *cell, u32 len);
void hchan_cell_free(struct hchan *ch, void *cell);
void hchan_buf_free(struct hchan_buf *buf);
void hchan_block_put(struct hchan_block *block);

/* match.c */
int hchan_send(struct hchan *ch, struct hchan_waiter *w, bool may_park);
int hchan_recv(struct hchan *ch, struct hchan_waiter *w, bool may_park);
bool hchan_look(struct hchan *ch, struct hchan_waiter *w, u32 *version);
int hchan_enter(struct hchan *ch, struct hchan_waiter *w);
void hchan_return(struct hchan *ch, void *cell, u64 seq, struct hchan_buf *home);
int hchan_emit(struct hchan *ch, const void *cell, struct hchan_wakes *wakes);
void hchan_discard(struct hchan *ch, struct hchan_wakes *wakes);

/* queue.c */
bool hchan_claim(struct hchan_op *op, enum hchan_op_state state);
bool hchan_cancel(struct hchan *ch, struct hchan_waiter *w);
void hchan_whole(struct hchan *ch, struct hchan_waiter *w);
bool hchan_leave(struct hchan *ch, struct hchan_waiter *w);

/* state.c */
int hchan_close(struct hchan *ch);
void hchan_attach(struct hchan *ch, fmode_t mode);
void hchan_detach(struct hchan *ch, fmode_t mode);
void hchan_snapshot(struct hchan *ch, struct hchan_stat *stat);
__poll_t hchan_events(struct hchan *ch, fmode_t mode);
int hchan_watch_add(struct hchan *ch, struct hchan_watch *watch, bool park);
bool hchan_watch_del(struct hchan *ch, struct hchan_watch *watch);
bool hchan_watch_ready(struct hchan *ch, struct hchan_watch *watch,
		       struct hchan_waiter *w);
void hchan_watch_forget(struct hchan *ch, const void *owner);

/*
 * wait.c
 *
 * struct hchan_sleeper - a task that waits for an hchan_op or hchan_watch
 * struct hchan_deadline - when it gives up (C40); KTIME_MAX is never
 */
struct hchan_sleeper {
	struct task_struct *task;
	int done;			/* HCHAN_DONE_*; 0: not yet */
};

/* By somebody on the processor where the sleeper was last, or on another. */
#define HCHAN_DONE_NEAR	1
#define HCHAN_DONE_FAR	2

struct hchan_deadline {
	ktime_t at;
	clockid_t clock;
	bool nowait;
};

/*
 * struct hchan_call - a task's own operation on one channel
 * @cell: where the element of a call for one element lies
 */
struct hchan_call {
	struct hchan_op op;
	struct hchan_waiter w;
	struct hchan_sleeper sleeper;
	u64 seq;
	union hchan_cell cell;
};

static inline void hchan_sleeper_init(struct hchan_sleeper *sleeper)
{
	sleeper->task = current;
	sleeper->done = 0;
}

static inline bool hchan_sleeper_done(const struct hchan_sleeper *sleeper)
{
	/* Pairs with the release in wake(), wait.c. */
	return smp_load_acquire(&sleeper->done);
}

void hchan_sleeper_wake(struct hchan_sleeper *sleeper);
int hchan_sleeper_wait(struct hchan_sleeper *sleeper,
		       const struct hchan_deadline *deadline, const int *again);
void hchan_sleeper_finish(struct hchan_sleeper *sleeper);
int hchan_must_not_wait(const struct hchan_deadline *deadline);
void hchan_call_complete(struct hchan_op *op);
void hchan_call_complete_sync(struct hchan_op *op);
int hchan_call_begin(struct hchan *ch, struct hchan_call *call,
		     const struct hchan_deadline *deadline);
int hchan_call_run(struct hchan *ch, struct hchan_call *call,
		   const struct hchan_deadline *deadline);
int hchan_call_wait(struct hchan *ch, struct hchan_call *call,
		    const struct hchan_deadline *deadline);
int hchan_deadline_check(struct hchan_deadline *deadline, u32 flags, s64 at,
			 bool nonblock);

/* timens.c */
s64 hchan_time_ahead(void);
s64 hchan_time_add(s64 at, s64 ns);

/**
 * hchan_call_init() - a task's operation for one element, ready to run
 * @call: usually on the stack
 * @dir: HCHAN_RX or HCHAN_TX
 *
 * The element is, or comes, in call->cell. For more of them the caller sets
 * op.n, .stride, .seqs and w.cells.
 */
static inline void hchan_call_init(struct hchan_call *call, u8 dir)
{
	struct hchan_waiter *w = &call->w;

	spin_lock_init(&call->op.lock);
	call->op.complete = hchan_call_complete;
	call->op.select = false;
	call->op.transient = false;
	call->op.whole = true;
	call->op.observed = false;
	call->op.n = 1;
	call->op.done = 0;
	call->op.stride = 0;
	call->op.seqs = &call->seq;
	w->op = &call->op;
	w->dir = dir;
	w->status = HCHAN_ST_OK;
	w->error = 0;
	w->room = U32_MAX;
	w->cells = call->cell.data;
}

/* hchan_deadline_check(), at once for who waits as long as it takes. */
static inline int hchan_deadline_init(struct hchan_deadline *deadline, u32 flags,
				      s64 at, bool nonblock)
{
	if (unlikely(flags || at))
		return hchan_deadline_check(deadline, flags, at, nonblock);
	deadline->at = KTIME_MAX;
	deadline->clock = CLOCK_MONOTONIC;
	deadline->nowait = nonblock;
	return 0;
}

int hchan_wait_state(struct hchan *ch, struct hchan_wait *wait);

/* spin.c */
extern unsigned int hchan_spin_ns;
void hchan_spin_init(void);
int hchan_set_spin(struct hchan *ch, const u32 __user *uns);
int hchan_spin_wait(struct hchan *ch, struct hchan_sleeper *sleeper,
		    const struct hchan_deadline *deadline);

/* Whether a call that waits may have to look before it sleeps; rarely wrong. */
static inline bool hchan_may_spin(const struct hchan *ch)
{
	return READ_ONCE(ch->spin) | READ_ONCE(hchan_spin_ns);
}

/* fast.c; no errno */
#define HCHAN_LONG_WAY	2
int hchan_fast_send(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock);
int hchan_fast_recv(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock);
bool hchan_fast_put(struct hchan *ch, const void __user *buf);
bool hchan_fast_case(struct hchan *ch, u8 dir, u64 buf, u32 __user *at);
ssize_t hchan_read(struct file *file, char __user *buf, size_t len, loff_t *pos);
ssize_t hchan_write(struct file *file, const char __user *buf, size_t len,
		    loff_t *pos);
u32 hchan_fast_run(struct hchan *ch, char __user *at, u32 n, u8 dir);

/* xfer.c */
int hchan_fault_in(void __user *buf, size_t len);
bool hchan_len_ok(const struct hchan *ch, u32 len);
int hchan_cell_copy_in(struct hchan *ch, void *cell, const void __user *buf,
		       u32 len);
void hchan_cell_undo(struct hchan *ch, void *cell, u64 seq,
		     struct hchan_buf *home, bool command);
int hchan_send_one(struct hchan *ch, const void __user *buf, u32 len,
		   const struct hchan_deadline *deadline, u8 *status);
int hchan_recv_check(const struct hchan *ch, void __user *buf, u32 room,
		     u32 __user *at);
int hchan_recv_out(struct hchan *ch, struct hchan_call *call, int ret,
		   void __user *buf, u32 __user *at, bool command);
int hchan_recv_one(struct hchan *ch, void __user *buf, u32 room,
		   const struct hchan_deadline *deadline, u32 __user *at);
int hchan_xfer_copy_in(struct hchan_xfer *xfer, struct hchan_deadline *deadline,
		       const struct hchan_xfer __user *uxfer, bool nonblock);
int hchan_xfer_send(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock);
int hchan_xfer_recv(struct hchan *ch, struct hchan_xfer __user *uxfer,
		    bool nonblock);

/* set.c */
int hchan_set_create(struct hchan_set __user *uset);

/* pair.c */
int hchan_sendrecv(struct hchan *ch, struct hchan_sendrecv __user *uarg,
		   bool nonblock);

/* uring.c */
struct io_uring_cmd;
int hchan_uring_cmd(struct io_uring_cmd *io, unsigned int issue_flags);

/* uring_park.c */
void hchan_cmd_init(void);

/* batch.c */
int hchan_batch(struct hchan *ch, struct hchan_batch __user *ubatch, u8 dir,
		bool nonblock, u32 most);
ssize_t hchan_read_slow(struct file *file, char __user *buf, size_t len);
ssize_t hchan_write_slow(struct file *file, const char __user *buf, size_t len);
ssize_t hchan_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t hchan_write_iter(struct kiocb *iocb, struct iov_iter *from);

/* file.c */
extern const struct file_operations hchan_fops;
fmode_t hchan_direction(unsigned int cmd);
void hchan_endpoint_init(struct file *file, struct hchan *ch);
int hchan_open_flags(u32 open_flags);
int hchan_create_anon(struct hchan_create __user *ucreate);

/* anon.c */
struct file *hchan_anon_open(struct hchan *ch, int flags);
int hchan_anon_init(void);
void hchan_anon_exit(void);

/* timer.c */
int hchan_timer_create(const struct hchan_timer __user *utimer);
int hchan_timer_set(struct hchan *ch, const struct hchan_timer_set __user *uset);
void hchan_timer_show(struct seq_file *m, struct hchan *ch);
int hchan_timer_init(void);
void hchan_timer_exit(void);

/* copy.c */
int hchan_copy_sized(void __user *to, u32 size, const void *from, u32 known,
		     u32 least);
int hchan_copy_stat(struct hchan *ch, struct hchan_stat __user *ustat);
int hchan_query(struct hchan_query __user *uquery);
int hchan_copy_create(struct hchan_create *create,
		      struct hchan_create __user *ucreate);
int hchan_copy_found(struct hchan *ch, struct hchan_create __user *ucreate);

/* ctx.c */
int hchan_ctx_init(void);
void hchan_ctx_exit(void);

/* ctx_ioctl.c */
int hchan_ctx_create(struct hchan *ch, struct hchan_ctx __user *uarg);
long hchan_ctx_ioctl(struct hchan *ch, unsigned int cmd, unsigned long arg);
void hchan_ctx_fdinfo(struct seq_file *m, struct hchan *ch);

/* fs.c */
int hchanfs_init(void);
void hchanfs_exit(void);

/*
 * account.c
 *
 * hchan_charge() books @bytes, and one channel or none, on the caller's user and on
 * the owner of each user namespace around it (C50), and returns whom to give it
 * back to, a pointer that only these functions understand: EDQUOT if one of them
 * is at a limit and the caller is not CAP_SYS_RESOURCE, ENOMEM. hchan_charge_more()
 * books bytes on whom an account names, or says EDQUOT. Nothing is booked on failure.
 * hchan_charge_kept() books what is there already and can not be refused, a returned
 * element (C38), or with negative @bytes gives it back; under hchan.lock. What can be is
 * refused while hchan_kept_too_much(): while that alone is more than may be booked.
 * All but hchan_charge() need no memory, and none of them sleeps but that one.
 */
struct hchan_account *hchan_charge(unsigned int channels, u64 bytes);
void hchan_uncharge(struct hchan_account *account, unsigned int channels, u64 bytes);
int hchan_charge_more(struct hchan_account *account, u64 bytes);
void hchan_charge_less(struct hchan_account *account, u64 bytes);
void hchan_charge_kept(struct hchan_account *account, s64 bytes);
bool hchan_kept_too_much(struct hchan_account *account);
int hchan_account_init(void);
void hchan_account_exit(void);

#endif /* _HCHAN_H */
