// SPDX-License-Identifier: GPL-2.0
/* A member, an alias of it, a helper that is given it, and another list that stays. */
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/scatterlist.h>

struct fix_uart {
	struct scatterlist	rx, tx[2];
	struct device		*dev;
	struct dma_chan		*chan;
	int			ntx;
};

static void fix_unmap(struct fix_uart *u, struct scatterlist *sg)
{
	dma_unmap_sg(u->dev, sg, 1, DMA_FROM_DEVICE);
}

int fix_start(struct fix_uart *u, void *buf, unsigned int periods)
{
	struct scatterlist *sgl = &u->rx;
	struct dma_async_tx_descriptor *desc;
	int ret;

	sg_init_one(sgl, buf, PAGE_SIZE);
	ret = dma_map_sg(u->dev, sgl, 1, DMA_FROM_DEVICE);
	if (ret == 0) {
		dev_err(u->dev, "cannot map\n");
		return -EINVAL;
	}
	desc = dmaengine_prep_dma_cyclic(u->chan, sg_dma_address(sgl), sg_dma_len(sgl),
					 sg_dma_len(sgl) / periods, DMA_DEV_TO_MEM, 0);
	if (!desc) {
		fix_unmap(u, sgl);
		return -EINVAL;
	}
	dma_sync_sg_for_cpu(u->dev, sgl, 1, DMA_FROM_DEVICE);
	dma_sync_sg_for_device(u->dev, &u->rx, 1, DMA_FROM_DEVICE);
	/* Wraps at 32 bits, and so it has to */
	if (sg_dma_len(&u->rx) - periods > PAGE_SIZE)
		return -EINVAL;
	return u->rx.length;
}

int fix_tx(struct fix_uart *u)
{
	int n;

	sg_init_table(u->tx, 2);
	n = dma_map_sg(u->dev, u->tx, u->ntx, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(u->chan, u->tx, n, DMA_MEM_TO_DEV, 0);
}
