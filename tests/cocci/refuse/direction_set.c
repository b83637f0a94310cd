// SPDX-License-Identifier: GPL-2.0
/* The direction is changed before the unmapping. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int dir_use(struct device *dev, struct page **pages, int n, enum dma_data_direction dir)
{
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, dir, 0);
	if (ret)
		goto out;
	dir = DMA_TO_DEVICE;
	dma_unmap_sgtable(dev, &table, dir, 0);
out:
	sg_free_table(&table);
	return ret;
}
