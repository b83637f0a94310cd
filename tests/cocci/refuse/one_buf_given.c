// SPDX-License-Identifier: GPL-2.0
/* Who is given the structure may set another buffer before the mapping. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix {
	struct scatterlist sg;
	u8 *buf;
};

void fix_next(struct fix *fix);

int fix(struct device *dev, struct dma_chan *chan, struct fix *fix)
{
	sg_init_one(&fix->sg, fix->buf, 16);
	fix_next(fix);
	dma_map_sg(dev, &fix->sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &fix->sg, 1, DMA_MEM_TO_DEV, 0);
}
