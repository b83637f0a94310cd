// SPDX-License-Identifier: GPL-2.0
/* => refused: shared-list */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

static struct scatterlist fix_sg;

int fix(struct device *dev, struct dma_chan *chan, void *buf)
{
	sg_init_one(&fix_sg, buf, 16);
	dma_map_sg(dev, &fix_sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &fix_sg, 1, DMA_MEM_TO_DEV, 0);
}
