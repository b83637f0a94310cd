// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_second {
	struct scatterlist tx[2], rx;
};

int fix(struct device *dev, struct dma_chan *chan, struct fix_second *s, void *buf)
{
	sg_init_one(&s->rx, buf, 16);
	dma_map_sg(dev, &s->rx, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &s->rx, 1, DMA_MEM_TO_DEV, 0);
}
