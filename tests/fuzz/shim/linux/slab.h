/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_SLAB_H
#define _SHIM_SLAB_H

#include <linux/gfp_types.h>

/* What aligned_alloc() has to be asked for, and not more, so that ASan sees each byte */
static inline size_t kmalloc_size_roundup(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *p);

#endif
