// SPDX-License-Identifier: GPL-2.0-only
/* A channel's memory: the ring, the buffers of large elements, its lifetime. */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "engine.h"

static atomic64_t last_id = ATOMIC64_INIT(0);

/*
 * Room for hchan.reserve, by cache: what fills up four cache lines, and what is
 * enough for all.
 */
static const u8 reserve_room[] = { 16, HCHAN_INLINE };
static struct kmem_cache *caches[ARRAY_SIZE(reserve_room)];

static struct hchan_buf *buf_alloc(u32 room, gfp_t gfp)
{
	struct hchan_buf *buf;

	buf = kvmalloc(struct_size(buf, data, room), gfp);
	if (buf) {
		buf->block = NULL;
		buf->room = room;
		buf->extra = 0;
	}
	return buf;
}

void hchan_block_put(struct hchan_block *block)
{
	if (!refcount_dec_and_test(&block->ref))
		return;
	hchan_uncharge(block->account, 0, block->bytes);
	kvfree(block);
}

void hchan_buf_free(struct hchan_buf *buf)
{
	if (buf->block)
		hchan_block_put(buf->block);
	else
		kvfree(buf);
}

/* The cache for channels with elements of that size. */
static unsigned int which_cache(u32 flags, u32 elem_size)
{
	/* A fixed size above it: each comes back in its own buffer. */
	if (elem_size > HCHAN_INLINE && !(flags & HCHAN_MSG))
		return 0;
	return elem_size > reserve_room[0];
}

static u32 cell_size(const struct hchan_attr *attr)
{
	u32 bytes = attr->elem_size;

	if (attr->flags & HCHAN_MSG)
		return offsetof(struct hchan_msg, data) +
		       min_t(u32, round_up(bytes, sizeof(u64)), HCHAN_INLINE);
	return bytes > HCHAN_INLINE ? sizeof(struct hchan_buf *) : bytes;
}

/* What a channel may make the kernel hold, prepaid when it is made (C50). */
static u64 cost(u32 flags, u32 elem_size, u64 capacity, u64 ring_bytes)
{
	u64 bytes = sizeof(struct hchan) +
		    reserve_room[which_cache(flags, elem_size)] + ring_bytes;

	if (elem_size > HCHAN_INLINE)
		bytes += (capacity + 1) * (sizeof(struct hchan_buf) + elem_size);
	return bytes;
}

static bool has_source(u32 flags)
{
	return flags & (HCHAN_F_TIMER | HCHAN_F_CTX);
}

/* Return: a channel to be put next, or NULL. */
static struct hchan *hchan_free(struct hchan *ch)
{
	u64 ring_bytes = (u64)ch->cap * ch->cell_size;
	struct hchan_buf *buf, *next;
	struct hchan *other = NULL;

	/* First: until then a source may find its channel, without a reference. */
	if (has_source(ch->flags)) {
		ring_bytes = ch->source->bytes;
		other = ch->source->free(ch, ch->source);
		ch->count = 0;
		ch->ring = NULL;
	}

	for (; ch->count && ch->elem_size > HCHAN_INLINE; ch->count--) {
		kvfree(hchan_cell_buf(ch, hchan_slot(ch, 0)));
		hchan_advance(ch);
		cond_resched();
	}
	rbtree_postorder_for_each_entry_safe(buf, next, &ch->returned, node) {
		hchan_not_kept(ch, buf);
		hchan_buf_free(buf);
		cond_resched();
	}
	for (buf = ch->spares; buf; buf = next) {
		next = buf->next;
		kvfree(buf);
		cond_resched();
	}
	kvfree(ch->ring);
	hchan_uncharge(ch->account, 1,
		       cost(ch->flags, ch->elem_size, ch->cap, ring_bytes));
	kmem_cache_free(caches[which_cache(ch->flags, ch->elem_size)], ch);
	return other;
}

/**
 * hchan_alloc() - make a channel
 * @attr: element size, capacity, flags and tag
 *
 * Charges it to the caller (C50). Nothing is left behind by a failure (C1).
 *
 * Return: the channel with one reference, or an ERR_PTR: EMSGSIZE, EOVERFLOW,
 * EDQUOT, ENOMEM.
 */
struct hchan *hchan_alloc(const struct hchan_attr *attr)
{
	struct hchan_account *account;
	u64 ring_bytes, bytes;
	struct hchan *ch;
	unsigned int i;

	if (attr->elem_size > HCHAN_ELEM_MAX ||
	    ((attr->flags & HCHAN_MSG) && !attr->elem_size))
		return ERR_PTR(-EMSGSIZE);
	if (attr->capacity > HCHAN_CAP_MAX)
		return ERR_PTR(-EOVERFLOW);
	ring_bytes = has_source(attr->flags) ? attr->source->bytes :
					       attr->capacity * cell_size(attr);
	if (ring_bytes > HCHAN_RING_BYTES_MAX)
		return ERR_PTR(-EOVERFLOW);

	bytes = cost(attr->flags, attr->elem_size, attr->capacity, ring_bytes);
	account = hchan_charge(1, bytes);
	if (IS_ERR(account))
		return ERR_CAST(account);

	i = which_cache(attr->flags, attr->elem_size);
	ch = kmem_cache_zalloc(caches[i], GFP_KERNEL_ACCOUNT);
	if (!ch) {
		hchan_uncharge(account, 1, bytes);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&ch->ref, 1);
	ch->account = account;
	ch->flags = attr->flags;
	ch->elem_size = attr->elem_size;
	ch->cell_size = cell_size(attr);
	ch->cap = attr->capacity;
	ch->type_tag = attr->type_tag;
	spin_lock_init(&ch->lock);
	INIT_LIST_HEAD(&ch->queue[HCHAN_RX]);
	INIT_LIST_HEAD(&ch->queue[HCHAN_TX]);
	INIT_HLIST_HEAD(&ch->transients[HCHAN_RX]);
	INIT_HLIST_HEAD(&ch->transients[HCHAN_TX]);
	ch->returned = RB_ROOT;
	init_waitqueue_head(&ch->wq[HCHAN_RX]);
	init_waitqueue_head(&ch->wq[HCHAN_TX]);

	if (has_source(attr->flags)) {
		ch->source = attr->source;
	} else if (ring_bytes) {
		ch->ring = kvmalloc(ring_bytes, HCHAN_GFP_USER);
		if (!ch->ring) {
			hchan_free(ch);
			return ERR_PTR(-ENOMEM);
		}
	}
	ch->id = atomic64_inc_return(&last_id);
	return ch;
}

void hchan_get(struct hchan *ch)
{
	refcount_inc(&ch->ref);
}

/* Drops a reference. May sleep: a large ring takes long to empty. */
void hchan_put(struct hchan *ch)
{
	while (ch && refcount_dec_and_test(&ch->ref))
		ch = hchan_free(ch);
}

/**
 * hchan_cell_alloc() - room for an element of a sender's
 * @ch: the channel
 * @cell: made a cell of @len bytes, contents to be filled in by the caller
 * @len: the element's bytes
 *
 * Up to HCHAN_INLINE bytes that is the cell itself. Above it is a spare buffer
 * if there is one, else one allocation, charged to the caller's memory cgroup
 * (C50). A spare that is too small is replaced, so that with messages of mixed
 * sizes, too, there comes to be none. There is no more for a channel whose users have
 * as much in returned elements as they may have in all.
 *
 * Return: 0, or -ENOMEM.
 */
int hchan_cell_alloc(struct hchan *ch, void *cell, u32 len)
{
	struct hchan_buf *buf;

	if (len <= HCHAN_INLINE) {
		hchan_cell_set(ch, cell, len, NULL);
		return 0;
	}
	spin_lock(&ch->lock);
	buf = ch->spares;
	if (buf) {
		ch->spares = buf->next;
		ch->n_spares--;
	}
	spin_unlock(&ch->lock);
	if (buf && buf->room < len) {
		kvfree(buf);
		buf = NULL;
	}
	if (!buf && !hchan_kept_too_much(ch->account))
		buf = buf_alloc(len, HCHAN_GFP_USER);
	if (!buf)
		return -ENOMEM;
	buf->len = len;
	hchan_cell_set(ch, cell, len, buf);
	return 0;
}

/**
 * hchan_cell_free() - an element has been copied out, or is not sent after all
 * @ch: the channel
 * @cell: the caller's; nothing is left in it
 *
 * Its buffer is kept for the next send as long as the ring and the spares
 * together are no more than was prepaid, so the steady state allocates nothing.
 */
void hchan_cell_free(struct hchan *ch, void *cell)
{
	struct hchan_buf *buf = hchan_cell_buf(ch, cell);
	bool keep;

	if (!buf)
		return;
	spin_lock(&ch->lock);
	keep = ch->n_spares + ch->count <= ch->cap;
	if (keep) {
		buf->next = ch->spares;
		ch->spares = buf;
		ch->n_spares++;
	}
	spin_unlock(&ch->lock);
	if (!keep)
		kvfree(buf);
}

/**
 * hchan_buf_must() - a buffer for an element that has to be returned
 * @room: its bytes, at most HCHAN_INLINE
 *
 * Only when more receivers of one channel than the one that is prepaid for fail
 * to copy out at the same time (C38): there is no one to report a failure to.
 */
struct hchan_buf *hchan_buf_must(u32 room)
{
	return buf_alloc(room, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
}

int hchan_caches_init(void)
{
	static const char *const names[] = { "hchan", "hchan-128" };
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(names) != ARRAY_SIZE(reserve_room));
	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		caches[i] = kmem_cache_create(names[i],
					      sizeof(struct hchan) + reserve_room[i],
					      0, SLAB_HWCACHE_ALIGN |
					      SLAB_ACCOUNT, NULL);
		if (!caches[i]) {
			hchan_caches_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/* Of channels there is none any more; none is freed by RCU. */
void hchan_caches_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		kmem_cache_destroy(caches[i]);
}
