// SPDX-License-Identifier: GPL-2.0
/* A goto skips where the result is set anew. */
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
	if (!ret)
		return -EIO;
	tx = dmaengine_prep_slave_sg(p->chan, &p->sg, 1, DMA_MEM_TO_DEV, DMA_PREP_INTERRUPT);
	if (!tx)
		goto unmap;
	ret = dma_submit_error(dmaengine_submit(tx));
	if (!ret)
		return 0;
unmap:
	dma_unmap_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
	return ret;
}
