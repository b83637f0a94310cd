// SPDX-License-Identifier: GPL-2.0
/* The address tells whether the list is mapped. */
/* => refused: error-test */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_port {
	struct device *dev;
	struct dma_chan *chan;
	struct scatterlist rx;
};

int fix_rx_init(struct fix_port *p, void *buf)
{
	int n;

	sg_init_one(&p->rx, buf, PAGE_SIZE);
	n = dma_map_sg(p->dev, &p->rx, 1, DMA_FROM_DEVICE);
	if (!n)
		return -ENOMEM;
	if (!dmaengine_prep_slave_sg(p->chan, &p->rx, 1, DMA_DEV_TO_MEM, 0))
		return -EIO;
	return 0;
}

void fix_rx_exit(struct fix_port *p)
{
	if (sg_dma_address(&p->rx))
		dma_unmap_sg(p->dev, &p->rx, 1, DMA_FROM_DEVICE);
}
