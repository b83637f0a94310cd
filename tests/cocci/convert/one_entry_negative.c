// SPDX-License-Identifier: GPL-2.0
/* A test for a failure that never comes becomes one for that which does. */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix_negative(struct device *dev, struct dma_chan *chan, void *buf, unsigned int len)
{
	struct scatterlist sg;
	int ret;

	sg_init_one(&sg, buf, len);
	ret = dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	if (ret < 0)
		return -EIO;
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
