// SPDX-License-Identifier: GPL-2.0
/* The buffer's pointer goes on before the mapping. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct dma_chan *chan, u8 *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, 16);
	buf += 16;
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
