// SPDX-License-Identifier: GPL-2.0
/* A label between: the entry is made once and mapped again. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct dma_chan *chan, void *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, 16);
again:
	dev_info(dev, "again\n");
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	if (!dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0))
		goto again;
	return 0;
}
