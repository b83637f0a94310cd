// SPDX-License-Identifier: GPL-2.0
/* The buffer is another list's, not that of the one that is mapped. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_req {
	struct scatterlist sg;
	void *buf;
	unsigned int len;
};

int fix_next(struct device *dev, struct dma_chan *chan, struct fix_req *cur, struct fix_req *next)
{
	sg_init_one(&next->sg, next->buf, next->len);
	dma_map_sg(dev, &cur->sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &cur->sg, 1, DMA_MEM_TO_DEV, 0);
}

void fix_done(struct device *dev, struct fix_req *req)
{
	dma_unmap_sg(dev, &req->sg, 1, DMA_TO_DEVICE);
}
