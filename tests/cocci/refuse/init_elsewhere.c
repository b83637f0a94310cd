// SPDX-License-Identifier: GPL-2.0
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_late {
	struct scatterlist sg;
};

void fix_init(struct fix_late *l, void *buf)
{
	sg_init_one(&l->sg, buf, 16);
}

int fix(struct device *dev, struct dma_chan *chan, struct fix_late *l)
{
	dma_map_sg(dev, &l->sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &l->sg, 1, DMA_MEM_TO_DEV, 0);
}
