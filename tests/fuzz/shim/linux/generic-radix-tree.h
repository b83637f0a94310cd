/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of generic radix trees as lib/phyr uses: entries of a pointer's size,
 * in the same nodes as in the kernel, which are allocated in the same order.
 */
#ifndef _SHIM_GENERIC_RADIX_TREE_H
#define _SHIM_GENERIC_RADIX_TREE_H

#include <linux/slab.h>
#include <linux/types.h>

#define GENRADIX_NODE_SIZE	512U
#define GENRADIX_ARY		(GENRADIX_NODE_SIZE / sizeof(void *))

/* The root is a node, or NULL, with the number of levels above the leaves */
struct __genradix {
	uintptr_t		root;
};

struct genradix_node;

void *__genradix_ptr(struct __genradix *tree, size_t offset);
void *__genradix_ptr_alloc(struct __genradix *tree, size_t offset,
			   struct genradix_node **preallocated, gfp_t gfp);
void __genradix_free(struct __genradix *tree);

#endif
