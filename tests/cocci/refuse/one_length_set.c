// SPDX-License-Identifier: GPL-2.0
/* The CPU may look at less than what was mapped. */
/* => refused: cpu-field */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix {
	struct scatterlist sg;
};

int fix(struct device *dev, struct dma_chan *chan, struct fix *fix, void *buf)
{
	sg_init_one(&fix->sg, buf, 16);
	dma_map_sg(dev, &fix->sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &fix->sg, 1, DMA_MEM_TO_DEV, 0);
}

unsigned int fix_done(struct device *dev, struct fix *fix, unsigned int residue)
{
	fix->sg.length -= residue;
	dma_unmap_sg(dev, &fix->sg, 1, DMA_TO_DEVICE);
	return fix->sg.length;
}
