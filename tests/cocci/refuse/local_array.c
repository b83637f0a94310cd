// SPDX-License-Identifier: GPL-2.0
/* => refused: embedded */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct page *page)
{
	struct scatterlist sg[4];

	sg_init_table(sg, 4);
	sg_set_page(&sg[3], page, PAGE_SIZE, 0);
	return dma_map_sg(dev, sg, 4, DMA_TO_DEVICE);
}
