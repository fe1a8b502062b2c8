/* SPDX-License-Identifier: GPL-2.0-only */
/* The red-black tree's interface, on a sorted list: here it is short. */
#ifndef SHIM_LINUX_RBTREE_H
#define SHIM_LINUX_RBTREE_H

#include <linux/list.h>

struct rb_node {
	struct rb_node *next;
};

struct rb_root {
	struct rb_node *first;
};

#define RB_ROOT ((struct rb_root) { })

#define rb_entry(ptr, type, member) container_of(ptr, type, member)

#define rb_entry_safe(ptr, type, member) ({		\
	struct rb_node *node_ = (ptr);			\
	node_ ? rb_entry(node_, type, member) : NULL; })

static inline struct rb_node *rb_first(const struct rb_root *tree)
{
	return tree->first;
}

static inline void rb_add(struct rb_node *node, struct rb_root *tree,
			  bool (*less)(struct rb_node *a,
				       const struct rb_node *b))
{
	struct rb_node **at = &tree->first;

	while (*at && !less(node, *at))
		at = &(*at)->next;
	node->next = *at;
	*at = node;
}

static inline void rb_erase(struct rb_node *node, struct rb_root *tree)
{
	struct rb_node **at = &tree->first;

	while (*at != node) {
		SHIM_CHECK(*at);
		at = &(*at)->next;
	}
	*at = node->next;
}

/* The order does not matter to who takes it all down. */
struct rb_walk {
	void *pos, *ahead;
	struct rb_node *at;
	size_t offset;
};

static inline bool rb_walk_more(struct rb_walk *walk)
{
	list_walk_set(walk->pos, walk->at, walk->offset);
	if (!walk->at)
		return false;
	walk->at = walk->at->next;
	list_walk_set(walk->ahead, walk->at, walk->offset);
	return true;
}

#define rbtree_postorder_for_each_entry_safe(node, then, root, member)	\
	for (struct rb_walk walk_ = {					\
			.pos = &(node),					\
			.ahead = &(then),				\
			.at = (root)->first,				\
			.offset = LIST_OFFSET(typeof(node), member),	\
	     }; rb_walk_more(&walk_);)

#endif /* SHIM_LINUX_RBTREE_H */
