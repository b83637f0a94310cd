// SPDX-License-Identifier: GPL-2.0
/* A table is reached by an expression that is no name. */
/* => refused: not-an-argument */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct sg_table *sgt, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(sgt);
		return ret;
	}
	return (*sgt).nents;
}
