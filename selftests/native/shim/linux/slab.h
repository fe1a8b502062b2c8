/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory from malloc(), as the sanitizers watch that; counted. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdlib.h>

#include <linux/math.h>

#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define __GFP_NOWARN 0
#define __GFP_RETRY_MAYFAIL 0
#define __GFP_NOFAIL 0

void *shim_alloc(size_t bytes, bool zero);
void shim_free(const void *memory);
/* Pieces that are allocated and not freed. */
long shim_allocated(void);

#define kmalloc(bytes, gfp) ((void)(gfp), shim_alloc(bytes, false))
#define kvmalloc(bytes, gfp) ((void)(gfp), shim_alloc(bytes, false))
#define kzalloc(bytes, gfp) ((void)(gfp), shim_alloc(bytes, true))
#define kvzalloc(bytes, gfp) ((void)(gfp), shim_alloc(bytes, true))
#define kfree(memory) shim_free(memory)
#define kvfree(memory) shim_free(memory)

/* A cache is the size of its objects. */
struct kmem_cache {
	size_t size;
};

#define SLAB_ACCOUNT 0
#define SLAB_HWCACHE_ALIGN 0
#define kmem_cache_zalloc(cache, gfp) ((void)(gfp), shim_alloc((cache)->size, true))
#define kmem_cache_free(cache, memory) ((void)(cache), shim_free(memory))
#define kmem_cache_destroy(cache) free(cache)

static inline struct kmem_cache *kmem_cache_create(const char *name, size_t size,
						   size_t align, int flags,
						   void (*ctor)(void *object))
{
	struct kmem_cache *cache = malloc(sizeof(*cache));

	(void)name;
	(void)align;
	(void)flags;
	(void)ctor;
	if (cache)
		cache->size = size;
	return cache;
}

#define struct_size(ptr, member, n) offsetof(typeof(*(ptr)), member[n])

#endif /* SHIM_LINUX_SLAB_H */
