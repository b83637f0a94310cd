// SPDX-License-Identifier: GPL-2.0
/* Another function has a direction of the same name. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct dir_buf {
	u32 id;
	struct sg_table sgt;
};

static int dir_map(struct device *dev, struct dir_buf *b, enum dma_data_direction dir)
{
	return dma_map_sgtable(dev, &b->sgt, dir, 0);
}

int dir_make(struct device *dev, struct dir_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dir_map(dev, b, DMA_FROM_DEVICE);
	if (ret)
		sg_free_table(&b->sgt);
	return ret;
}

void dir_flush(struct device *dev, struct dir_buf *b, enum dma_data_direction dir)
{
	dma_sync_sgtable_for_device(dev, &b->sgt, dir);
}
