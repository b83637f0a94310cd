// SPDX-License-Identifier: GPL-2.0
/* What the code under test takes from the kernel, made of the C library. */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/generic-radix-tree.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "shim.h"

struct shim shim;

void shim_fail(const char *file, int line, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
	abort();
}

/* May an allocation succeed? */
static bool shim_may_alloc(void)
{
	CHECK(!shim.forbidden);
	if (shim.fail_nth && !--shim.fail_nth) {
		shim.failed = true;
		return false;
	}
	return true;
}

static void shim_count_alloc(void *p, size_t size)
{
	CHECK(p);
	memset(p, 0xa5, size);
	shim.live++;
	shim.live_bytes += size;
}

static void shim_count_free(size_t size)
{
	CHECK(shim.live && shim.live_bytes >= size);
	shim.live--;
	shim.live_bytes -= size;
}

unsigned long __get_free_page(gfp_t gfp)
{
	void *p;

	(void)gfp;
	if (!shim_may_alloc())
		return 0;
	p = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	shim_count_alloc(p, PAGE_SIZE);
	return (unsigned long)p;
}

void free_page(unsigned long addr)
{
	CHECK(addr && !(addr & ~PAGE_MASK));
	shim_count_free(PAGE_SIZE);
	free((void *)addr);
}

/* In front of slab memory; so giving a page to kfree() is found out */
struct shim_slab {
	alignas(64) size_t	size;
};

void *kmalloc(size_t size, gfp_t gfp)
{
	struct shim_slab *slab;

	(void)gfp;
	CHECK(size && size < PAGE_SIZE && size == kmalloc_size_roundup(size));
	if (!shim_may_alloc())
		return NULL;
	slab = aligned_alloc(alignof(struct shim_slab), sizeof(*slab) + size);
	CHECK(slab);
	slab->size = size;
	shim_count_alloc(slab + 1, size);
	return slab + 1;
}

void *kzalloc(size_t size, gfp_t gfp)
{
	void *p = kmalloc(size, gfp);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(const void *p)
{
	struct shim_slab *slab;

	if (!p)
		return;
	slab = (struct shim_slab *)p - 1;
	shim_count_free(slab->size);
	free(slab);
}

/* Generic radix trees */

#define GENRADIX_LEVELS_MASK	15UL

struct genradix_node {
	void	*slots[GENRADIX_ARY];
};

static struct genradix_node *root_node(const struct __genradix *tree)
{
	return (struct genradix_node *)(tree->root & ~GENRADIX_LEVELS_MASK);
}

static unsigned int root_levels(const struct __genradix *tree)
{
	return tree->root & GENRADIX_LEVELS_MASK;
}

/* How many entries there are below a slot, @level levels above the leaves */
static size_t slot_entries(unsigned int level)
{
	size_t entries = 1;

	while (level--)
		entries *= GENRADIX_ARY;
	return entries;
}

void *__genradix_ptr(struct __genradix *tree, size_t offset)
{
	size_t idx = offset / sizeof(void *);
	struct genradix_node *node = root_node(tree);
	unsigned int level = root_levels(tree);

	if (!node || idx / GENRADIX_ARY >= slot_entries(level))
		return NULL;
	for (; level; level--) {
		node = node->slots[idx / slot_entries(level)];
		if (!node)
			return NULL;
		idx %= slot_entries(level);
	}
	return &node->slots[idx];
}

void *__genradix_ptr_alloc(struct __genradix *tree, size_t offset,
			   struct genradix_node **preallocated, gfp_t gfp)
{
	size_t idx = offset / sizeof(void *);
	struct genradix_node *node;
	unsigned int level;

	(void)preallocated;	/* always NULL */

	for (;;) {
		struct genradix_node *root = root_node(tree);

		level = root_levels(tree);
		if (root && idx / GENRADIX_ARY < slot_entries(level))
			break;
		node = kzalloc(GENRADIX_NODE_SIZE, gfp);
		if (!node)
			return NULL;
		node->slots[0] = root;
		tree->root = (uintptr_t)node | (root ? level + 1 : 0);
	}
	node = root_node(tree);
	for (; level; level--) {
		void **slot = &node->slots[idx / slot_entries(level)];

		if (!*slot)
			*slot = kzalloc(GENRADIX_NODE_SIZE, gfp);
		node = *slot;
		if (!node)
			return NULL;
		idx %= slot_entries(level);
	}
	return &node->slots[idx];
}

static void free_nodes(struct genradix_node *node, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < GENRADIX_ARY; i++)
		if (node->slots[i])
			free_nodes(node->slots[i], level - 1);
	kfree(node);
}

void __genradix_free(struct __genradix *tree)
{
	if (tree->root)
		free_nodes(root_node(tree), root_levels(tree));
	tree->root = 0;
}
