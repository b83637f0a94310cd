// SPDX-License-Identifier: GPL-2.0
/* A local list of const bytes; the result is only tested. */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix_xfer(struct device *dev, struct dma_chan *chan, const void *buf, unsigned int len)
{
	struct dma_async_tx_descriptor *tx;
	struct scatterlist sg;
	unsigned int n;

	sg_init_one(&sg, buf, len);
	n = dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	if (n != 1)
		return -EIO;
	tx = dmaengine_prep_slave_sg(chan, &sg, n, DMA_MEM_TO_DEV, DMA_PREP_INTERRUPT);
	if (!tx)
		dma_unmap_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return tx ? 0 : -EIO;
}
