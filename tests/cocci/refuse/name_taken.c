// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int range;

int fix(struct device *dev, struct page **pages, int n)
{
	struct scatterlist *sg;
	struct sg_table t;
	int dma_range = 0;
	int ret, i;

	ret = sg_alloc_table_from_pages(&t, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &t, DMA_TO_DEVICE, 0);
	for_each_sgtable_dma_sg(&t, sg, i) {
		dma_range += sg_dma_len(sg);
	}
	return ret ?: dma_range;
}
