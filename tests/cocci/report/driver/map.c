// SPDX-License-Identifier: GPL-2.0
/* A private list that another file of the driver walks. */
#include <linux/scatterlist.h>
#include "ring.h"

int drv_map(struct device *dev, struct drv_ring *ring, struct page *page)
{
	sg_init_table(ring->sglist, ring->n);
	sg_set_page(ring->sglist, page, PAGE_SIZE, 0);
	return dma_map_sg(dev, ring->sglist, ring->n, DMA_TO_DEVICE); /* => A3p private-driver */
}
