// SPDX-License-Identifier: GPL-2.0
/* The result is set anew only where something fails, and returned. */
/* => refused: error-test */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_port {
	struct device *dev;
	struct dma_chan *chan;
	struct scatterlist sg;
};

int fix_start(struct fix_port *p, void *buf, unsigned int len)
{
	struct dma_async_tx_descriptor *tx;
	int ret;

	sg_init_one(&p->sg, buf, len);
	ret = dma_map_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
	if (ret != 1)
		return -EIO;
	tx = dmaengine_prep_slave_sg(p->chan, &p->sg, 1, DMA_MEM_TO_DEV, DMA_PREP_INTERRUPT);
	if (!tx) {
		dma_unmap_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
		ret = -EBUSY;
	}
	/* 1: started */
	return ret;
}
