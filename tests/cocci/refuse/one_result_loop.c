// SPDX-License-Identifier: GPL-2.0
/* The result is read the next time around. */
/* => refused: error-test */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix_loop(struct device *dev, struct dma_chan *chan, u8 *buf, unsigned int len, int *tries)
{
	struct scatterlist sg;
	int n = 0;

	do {
		*tries += n;
		sg_init_one(&sg, buf, len);
		n = dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
		if (!n)
			return -EIO;
		if (dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0))
			return 0;
		dma_unmap_sg(dev, &sg, 1, DMA_TO_DEVICE);
	} while (*tries < 3);
	return -EBUSY;
}
