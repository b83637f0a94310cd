// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct dma_chan *chan, void *buf, struct page **pages, int n)
{
	struct scatterlist sg;
	struct sg_table t;

	sg_init_one(&sg, buf, 16);
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	if (sg_alloc_table_from_pages(&t, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL))
		return -ENOMEM;
	if (dma_map_sgtable(dev, &t, DMA_TO_DEVICE, 0))
		return -ENOMEM;
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
