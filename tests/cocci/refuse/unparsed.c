// SPDX-License-Identifier: GPL-2.0
/* => refused: unparsed */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i, n = 0;

	fix_for_each_whatever(sgt, sg, i)
		n += sg_dma_len(sg) +;
	return dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
}
