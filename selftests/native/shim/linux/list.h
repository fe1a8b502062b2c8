/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doubly linked lists with the kernel's names and meaning. A walk keeps its
 * place in a struct of its own, and its variable is NULL at the end.
 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <string.h>

#include <linux/types.h>

struct list_head {
	struct list_head *next, *prev;
};

/* An entry that is in no list points to itself, one that is gone nowhere. */
static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	/* As the kernel's, this may be asked without the lock. */
	return READ_ONCE(head->next) == head;
}

static inline void list_put_between(struct list_head *entry,
				    struct list_head *prev,
				    struct list_head *next)
{
	SHIM_CHECK(prev->next == next && next->prev == prev);
	entry->prev = prev;
	entry->next = next;
	WRITE_ONCE(prev->next, entry);
	next->prev = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	list_put_between(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_put_between(entry, head->prev, head);
}

static inline void list_cut(struct list_head *entry)
{
	SHIM_CHECK(entry->next && entry->prev->next == entry &&
		   entry->next->prev == entry);
	WRITE_ONCE(entry->prev->next, entry->next);
	entry->next->prev = entry->prev;
}

static inline void list_del(struct list_head *entry)
{
	list_cut(entry);
	entry->next = NULL;
	entry->prev = NULL;
}

static inline void list_del_init(struct list_head *entry)
{
	list_cut(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	list_cut(entry);
	list_add_tail(entry, head);
}

static inline bool list_is_last(const struct list_head *entry,
				const struct list_head *head)
{
	return entry->next == head;
}

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	node->pprev = &head->first;
	if (node->next)
		node->next->pprev = &node->next;
	WRITE_ONCE(head->first, node);
}

static inline void hlist_del(struct hlist_node *node)
{
	SHIM_CHECK(*node->pprev == node);
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	hlist_del(node);
	INIT_HLIST_NODE(node);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

#define list_first_entry_or_null(head, type, member) ({		\
	const struct list_head *head_ = (head);			\
	list_empty(head_) ? NULL :				\
		list_first_entry(head_, type, member); })

/* Where @member lies in what a @type points to. */
#define LIST_OFFSET(type, member) offsetof(typeof(*(type)0), member)

/* The way to one entry after another: @next is known before it is needed. */
struct list_walk {
	void *pos, *ahead;		/* addresses of the walk's variables */
	const struct list_head *next, *head;
	size_t offset;
};

static inline void list_walk_set(void *variable, const void *link, size_t offset)
{
	const char *at = link ? (const char *)link - offset : NULL;

	if (variable)
		memcpy(variable, &at, sizeof(at));
}

static inline bool list_walk_more(struct list_walk *walk)
{
	const struct list_head *at = walk->next;

	if (at == walk->head) {
		list_walk_set(walk->pos, NULL, 0);
		return false;
	}
	SHIM_CHECK(at);
	list_walk_set(walk->pos, at, walk->offset);
	list_walk_set(walk->ahead, at->next, walk->offset);
	/* Without a variable to look ahead the next one is asked for later. */
	walk->next = walk->ahead ? at->next : at;
	return true;
}

static inline void list_walk_on(struct list_walk *walk)
{
	if (!walk->ahead)
		walk->next = walk->next->next;
}

static inline struct list_walk list_walk(const struct list_head *head,
					 void *pos, void *ahead, size_t offset)
{
	return (struct list_walk){
		.pos = pos,
		.ahead = ahead,
		.next = head->next,
		.head = head,
		.offset = offset,
	};
}

#define list_for_each_entry(at, list, member)				\
	for (struct list_walk walk_ = list_walk(list, &(at), NULL,	\
			LIST_OFFSET(typeof(at), member));		\
	     list_walk_more(&walk_); list_walk_on(&walk_))

#define list_for_each_entry_safe(at, then, list, member)		\
	for (struct list_walk walk_ = list_walk(list, &(at), &(then),	\
			LIST_OFFSET(typeof(at), member));		\
	     list_walk_more(&walk_); list_walk_on(&walk_))

struct hlist_walk {
	void *pos;
	struct hlist_node **ahead;
	struct hlist_node *next;
	size_t offset;
};

static inline bool hlist_walk_more(struct hlist_walk *walk)
{
	list_walk_set(walk->pos, walk->next, walk->offset);
	if (!walk->next)
		return false;
	*walk->ahead = walk->next->next;
	return true;
}

static inline void hlist_walk_on(struct hlist_walk *walk)
{
	walk->next = *walk->ahead;
}

#define hlist_for_each_entry_safe(at, then, list, member)		\
	for (struct hlist_walk walk_ = {				\
			.pos = &(at),					\
			.ahead = &(then),				\
			.next = (list)->first,				\
			.offset = LIST_OFFSET(typeof(at), member),	\
	     }; hlist_walk_more(&walk_); hlist_walk_on(&walk_))

#endif /* SHIM_LINUX_LIST_H */
