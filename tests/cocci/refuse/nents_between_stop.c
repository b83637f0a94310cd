// SPDX-License-Identifier: GPL-2.0
/* A table is kept when it is unmapped, and entries may be counted then. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct stop_buf {
	struct device *dev;
	struct sg_table sgt;
};

int stop_map(struct stop_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	return dma_map_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
}

unsigned int stop_count(struct stop_buf *b)
{
	return b->sgt.nents;
}

void stop_unmap(struct stop_buf *b)
{
	dma_unmap_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
}

void stop_free(struct stop_buf *b)
{
	sg_free_table(&b->sgt);
}
