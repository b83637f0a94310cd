// SPDX-License-Identifier: GPL-2.0
/* The size of a table is kept before one is allocated. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

int fix(struct device *dev, struct page **pages, int n, dma_addr_t *addr)
{
	size_t size = sizeof(struct sg_table);
	struct sg_table *sgt;
	int ret;

	sgt = kmalloc(size, GFP_KERNEL);
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
