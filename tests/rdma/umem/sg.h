/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The umem of the unmodified kernel, under other names, for those who know the new one:
 * what it says in types that both have.  Implemented in sg.c.
 */
#ifndef UMEM_COMPARE_SG_H
#define UMEM_COMPARE_SG_H

#include <linux/types.h>

struct ib_device;
struct page;
struct sg_umem;

struct sg_umem *sg_register(struct ib_device *device, u64 addr, size_t len, int access);
struct sg_umem *sg_register_dmabuf(struct ib_device *device, u64 offset, size_t len, int fd,
				   int access);
void sg_deregister(struct sg_umem *umem);

/* Where a walk over blocks, DMA ranges or pages goes; it is stopped by an error */
typedef int (*sg_block_fn)(void *data, dma_addr_t block);
typedef int (*sg_range_fn)(void *data, dma_addr_t addr, u64 len);
typedef int (*sg_page_fn)(void *data, struct page *page);

int sg_walk_blocks(struct sg_umem *umem, unsigned long size, sg_block_fn fn, void *data);
int sg_walk_ranges(struct sg_umem *umem, sg_range_fn fn, void *data);
int sg_walk_pages(struct sg_umem *umem, sg_page_fn fn, void *data);

unsigned long sg_best_pgsz(struct sg_umem *umem, unsigned long sizes, u64 iova);
unsigned long sg_best_pgoff(struct sg_umem *umem, unsigned long sizes, u64 mask);
unsigned long sg_dma_offset(struct sg_umem *umem, unsigned long size);
size_t sg_num_blocks(struct sg_umem *umem, unsigned long size);
dma_addr_t sg_first_page(struct sg_umem *umem);
int sg_copy_from(void *dst, struct sg_umem *umem, size_t off, size_t len);
u64 sg_list_bytes(struct sg_umem *umem);

#endif /* UMEM_COMPARE_SG_H */
