// SPDX-License-Identifier: GPL-2.0
/* Two modules have a file with a table in it, and both select PHYR. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct modules_buf {
	struct device *dev;
	struct sg_table sgt;
};

int modules_map(struct modules_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&b->sgt);
	return ret;
}
