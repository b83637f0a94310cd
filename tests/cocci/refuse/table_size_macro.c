// SPDX-License-Identifier: GPL-2.0
/* A macro has the size of a table. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define FIX_SIZE sizeof(struct sg_table)

int fix(struct device *dev, struct page **pages, int n, dma_addr_t *addr)
{
	struct sg_table *sgt;
	int ret;

	sgt = kmalloc(FIX_SIZE, GFP_KERNEL);
	if (!sgt)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free_sgt;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	*addr = sg_dma_address(sgt->sgl);
	dma_unmap_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
	return ret;
}
