// SPDX-License-Identifier: GPL-2.0
/* Lists for dmaengine, of one entry and of more. */
#include <linux/dmaengine.h>
#include <linux/scatterlist.h>

struct fix_uart {
	struct scatterlist rx, tx[2], many[4], cyclic;
	int n;
};

int fix_rx(struct device *dev, struct dma_chan *chan, struct fix_uart *u, void *buf)
{
	sg_init_one(&u->rx, buf, 16);
	if (!dma_map_sg(dev, &u->rx, 1, DMA_FROM_DEVICE)) /* => A4 dmaengine-short */
		return -EIO;
	return !dmaengine_prep_slave_sg(chan, &u->rx, 1, DMA_DEV_TO_MEM, 0);
}

int fix_cyclic(struct device *dev, struct dma_chan *chan, struct fix_uart *u, void *buf)
{
	sg_init_one(&u->cyclic, buf, 16);
	if (!dma_map_sg(dev, &u->cyclic, 1, DMA_FROM_DEVICE)) /* => A4 dmaengine-short */
		return -EIO;
	return !dmaengine_prep_dma_cyclic(chan, sg_dma_address(&u->cyclic), 16, 4, 0, 0);
}

int fix_tx(struct device *dev, struct dma_chan *chan, struct fix_uart *u)
{
	int n;

	sg_init_table(u->tx, 2);
	n = dma_map_sg(dev, u->tx, u->n, DMA_TO_DEVICE); /* => B-dmaengine dmaengine-long */
	return !dmaengine_prep_slave_sg(chan, u->tx, n, DMA_MEM_TO_DEV, 0);
}

int fix_many(struct device *dev, struct dma_chan *chan, struct fix_uart *u, int i, void *buf)
{
	sg_init_one(&u->many[i], buf, 16);
	if (!dma_map_sg(dev, &u->many[i], 1, DMA_TO_DEVICE)) /* => B-dmaengine dmaengine-long */
		return -EIO;
	return !dmaengine_prep_slave_sg(chan, &u->many[i], 1, DMA_MEM_TO_DEV, 0);
}
