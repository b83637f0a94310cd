// SPDX-License-Identifier: GPL-2.0
/* Who is called knows the structure by another name. */
/* => refused: entries-by-hand */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_port {
	u8 *buf;
};

void fix_turn(struct fix_port *port)
{
	port->buf += 16;
}

int fix(struct device *dev, struct dma_chan *chan, struct fix_port *port)
{
	struct fix_port *same = port;
	struct scatterlist sg;

	sg_init_one(&sg, port->buf, 16);
	fix_turn(same);
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}
