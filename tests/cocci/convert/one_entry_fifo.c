// SPDX-License-Identifier: GPL-2.0
/* A tty's FIFO fills the entry. */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/kfifo.h>
#include <linux/scatterlist.h>
#include <linux/tty_port.h>

struct fifo_dma {
	struct scatterlist tx;
};

int fifo_tx(struct device *dev, struct dma_chan *chan, struct fifo_dma *dma,
	    struct tty_port *tport, unsigned int count)
{
	unsigned int mapped;

	if (sg_dma_len(&dma->tx))
		return 0;
	sg_init_table(&dma->tx, 1);
	kfifo_dma_out_prepare(&tport->xmit_fifo, &dma->tx, 1, count);
	mapped = dma_map_sg(dev, &dma->tx, 1, DMA_TO_DEVICE);
	if (!mapped)
		goto zero;
	if (dmaengine_prep_slave_sg(chan, &dma->tx, 1, DMA_MEM_TO_DEV, 0))
		return 0;
	dma_unmap_sg(dev, &dma->tx, 1, DMA_TO_DEVICE);
zero:
	sg_init_table(&dma->tx, 1);
	return -EIO;
}
