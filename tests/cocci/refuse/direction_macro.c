// SPDX-License-Identifier: GPL-2.0
/* What looks like a constant is a macro. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#define DMA_WAY(b) ((b)->id ? DMA_TO_DEVICE : DMA_FROM_DEVICE)
#define DMA_OURS DMA_WAY(b)

struct dir_buf {
	u32 id;
	struct sg_table sgt;
};

static int dir_map(struct device *dev, struct dir_buf *b, enum dma_data_direction dir)
{
	return dma_map_sgtable(dev, &b->sgt, DMA_OURS, 0);
}

int dir_make(struct device *dev, struct dir_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	b->id = 1;
	ret = dir_map(dev, b, DMA_FROM_DEVICE);
	return ret;
}

void dir_free(struct device *dev, struct dir_buf *b)
{
	b->id = 0;
	dma_unmap_sgtable(dev, &b->sgt, DMA_OURS, 0);
	sg_free_table(&b->sgt);
}
