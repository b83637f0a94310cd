// SPDX-License-Identifier: GPL-2.0
/* A macro puts another buffer there before the mapping. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>

int fix_swap(struct device *dev, struct dma_chan *chan, u8 *buf, u8 *other,
	     unsigned int len, u8 **spare)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, len);
	swap(buf, other);
	*spare = buf;
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
