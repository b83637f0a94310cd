// SPDX-License-Identifier: GPL-2.0
/* Others look at the result of the mapping, too. */
/* => refused: error-test */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_port {
	struct device *dev;
	struct dma_chan *chan;
	struct scatterlist sg;
};

static int fix_mapped;

int fix_start(struct fix_port *p, void *buf, unsigned int len)
{
	sg_init_one(&p->sg, buf, len);
	fix_mapped = dma_map_sg(p->dev, &p->sg, 1, DMA_TO_DEVICE);
	if (!fix_mapped)
		return -EIO;
	return !dmaengine_prep_slave_sg(p->chan, &p->sg, 1, DMA_MEM_TO_DEV, DMA_PREP_INTERRUPT);
}

int fix_is_mapped(void)
{
	return fix_mapped;
}
