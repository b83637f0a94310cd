// SPDX-License-Identifier: GPL-2.0
/* A function is given the table, and a direction that has the same name there. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

static void dir_unmap(struct device *dev, struct sg_table *table, enum dma_data_direction dir);

int dir_use(struct device *dev, struct page **pages, int n, enum dma_data_direction dir)
{
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, dir, 0);
	if (!ret)
		dir_unmap(dev, &table, DMA_BIDIRECTIONAL);
	return ret;
}

static void dir_unmap(struct device *dev, struct sg_table *table, enum dma_data_direction dir)
{
	dma_unmap_sgtable(dev, table, dir, 0);
	sg_free_table(table);
}
