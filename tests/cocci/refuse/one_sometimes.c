// SPDX-License-Identifier: GPL-2.0
/* The entry is made anew each second time. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix {
	struct scatterlist sg;
	bool fresh;
};

int fix(struct device *dev, struct dma_chan *chan, struct fix *fix, void *buf)
{
	if (fix->fresh)
		sg_init_one(&fix->sg, buf, 16);
	dma_map_sg(dev, &fix->sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &fix->sg, 1, DMA_MEM_TO_DEV, 0);
}
