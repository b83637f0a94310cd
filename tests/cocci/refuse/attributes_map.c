// SPDX-License-Identifier: GPL-2.0
/* Caches are left alone by the mapping, and synced by what ends it. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct page **pages, int n, dma_addr_t *to, unsigned long attrs)
{
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret)
		goto out;
	*to = sg_dma_address(table.sgl);
	dma_unmap_sgtable(dev, &table, DMA_FROM_DEVICE, 0);
out:
	sg_free_table(&table);
	return ret;
}
