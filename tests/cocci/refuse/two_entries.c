// SPDX-License-Identifier: GPL-2.0
/* => refused: not-one-entry */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_i2c {
	struct scatterlist sg_io[2];
};

int fix(struct device *dev, struct dma_chan *chan, struct fix_i2c *i2c, void *a, void *b)
{
	sg_init_table(i2c->sg_io, 2);
	sg_set_buf(&i2c->sg_io[0], a, 1);
	sg_set_buf(&i2c->sg_io[1], b, 1);
	dma_map_sg(dev, i2c->sg_io, 2, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, i2c->sg_io, 2, DMA_MEM_TO_DEV, 0);
}
