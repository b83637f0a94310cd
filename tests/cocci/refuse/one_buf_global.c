// SPDX-License-Identifier: GPL-2.0
/* Who is called may set the buffer, which everybody can. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

static u8 *fix_buf;

void fix_turn(void)
{
	fix_buf += 16;
}

int fix(struct device *dev, struct dma_chan *chan)
{
	struct scatterlist sg;

	sg_init_one(&sg, fix_buf, 16);
	fix_turn();
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
