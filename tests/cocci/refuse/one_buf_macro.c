// SPDX-License-Identifier: GPL-2.0
/* A macro of its own goes on in the buffer before the mapping. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#define fix_advance(b, n) do { (b) += (n); } while (0)

int fix_macro(struct device *dev, struct dma_chan *chan, u8 *buf, unsigned int len,
	      u8 **spare)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, len);
	fix_advance(buf, len);
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	*spare = buf;
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
