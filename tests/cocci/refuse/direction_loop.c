// SPDX-License-Identifier: GPL-2.0
/* The direction is another one each time, and the unmapping is of the last time. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int dir_use(struct device *dev, struct page **pages, int n, int *ways)
{
	enum dma_data_direction dir;
	struct sg_table table;
	int ret, i;

	for (i = 0; i < 4; i++) {
		if (i) {
			dma_unmap_sgtable(dev, &table, dir, 0);
			sg_free_table(&table);
		}
		dir = ways[i];
		ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
		if (ret)
			return ret;
		ret = dma_map_sgtable(dev, &table, dir, 0);
		if (ret)
			return ret;
	}
	return 0;
}
