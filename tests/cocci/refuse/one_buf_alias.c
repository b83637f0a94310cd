// SPDX-License-Identifier: GPL-2.0
/* The buffer's pointer is set by way of another one. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct dma_chan *chan, u8 *buf, u8 *other)
{
	struct scatterlist sg;
	u8 **where = &buf;

	sg_init_one(&sg, buf, 16);
	*where = other;
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
