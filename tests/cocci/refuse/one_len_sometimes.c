// SPDX-License-Identifier: GPL-2.0
/* The length tells whether it is mapped, and is sometimes kept. */
/* => refused: error-test */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix {
	struct device *dev;
	struct dma_chan *chan;
	struct scatterlist sg;
	void *buf;
	dma_addr_t at;
};

int fix_start(struct fix *p, unsigned int len)
{
	struct dma_async_tx_descriptor *desc;
	int ret;

	sg_init_one(&p->sg, p->buf, len);
	ret = dma_map_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
	if (!ret)
		goto out;
	desc = dmaengine_prep_slave_sg(p->chan, &p->sg, 1, DMA_MEM_TO_DEV, 0);
	if (!desc) {
		dma_unmap_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
		return -EIO;
	}
	dmaengine_submit(desc);
	return 0;

out:
	if (len > 16) {
		sg_init_table(&p->sg, 1);
	}
	return -ENOMEM;
}

void fix_stop(struct fix *p)
{
	if (sg_dma_len(&p->sg))
		dma_unmap_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
}
