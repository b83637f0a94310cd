// SPDX-License-Identifier: GPL-2.0
/* What the table is given to is in an array of functions, too. */
/* => refused: unknown-callee */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

static int fix_first(struct device *dev, struct sg_table *table)
{
	return dma_map_sgtable(dev, table, DMA_FROM_DEVICE, 0);
}

int (*const fix_all[])(struct device *dev, struct sg_table *table) = { fix_first };

int fix(struct device *dev, struct page **pages, int n)
{
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = fix_first(dev, &table);
	if (!ret)
		dma_unmap_sgtable(dev, &table, DMA_FROM_DEVICE, 0);
	sg_free_table(&table);
	return ret;
}
