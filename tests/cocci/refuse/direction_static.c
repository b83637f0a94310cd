// SPDX-License-Identifier: GPL-2.0
/* The table is that of another call. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int dir_use(struct device *dev, struct page **pages, int n, enum dma_data_direction dir)
{
	static struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, dir, 0);
	if (ret)
		goto out;
	if (n > 8)
		return 0;
	dma_unmap_sgtable(dev, &table, dir, 0);
out:
	sg_free_table(&table);
	return ret;
}
