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

#define GENRADIX(_type)				\
struct {					\
	struct __genradix	tree;		\
	_type			type[0];	\
}

void *shim_genradix_ptr(struct __genradix *tree, size_t idx);
void *shim_genradix_ptr_alloc(struct __genradix *tree, size_t idx, gfp_t gfp);
void shim_genradix_free(struct __genradix *tree);

#define genradix_ptr(_radix, _idx)					\
	((__typeof__((_radix)->type[0]) *)				\
	 shim_genradix_ptr(&(_radix)->tree, _idx))
#define genradix_ptr_alloc(_radix, _idx, _gfp)				\
	((__typeof__((_radix)->type[0]) *)				\
	 shim_genradix_ptr_alloc(&(_radix)->tree, _idx, _gfp))
#define genradix_free(_radix)	shim_genradix_free(&(_radix)->tree)

#endif
