// SPDX-License-Identifier: GPL-2.0
/* An array of its own. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_ring {
	struct scatterlist *sglist;
	int n;
};

int fix_array(struct device *dev, struct fix_ring *ring, struct page **pages)
{
	int i;

	sg_init_table(ring->sglist, ring->n);
	for (i = 0; i < ring->n; i++)
		sg_set_page(&ring->sglist[i], pages[i], PAGE_SIZE, 0);
	return dma_map_sg(dev, ring->sglist, ring->n, DMA_TO_DEVICE); /* => A2 private-one-file */
}
