// SPDX-License-Identifier: GPL-2.0
/* As many entries as pages have to be mapped. */
/* => refused: one-to-one */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct ring {
	void *vaddr;
	struct scatterlist *sglist;
	int sglen;
	int nr_pages;
};

int arr_alloc(struct ring *ring, struct page **pages)
{
	int i;

	ring->sglist = vzalloc(array_size(sizeof(*ring->sglist), ring->nr_pages));
	if (!ring->sglist)
		return -ENOMEM;
	sg_init_table(ring->sglist, ring->nr_pages);
	for (i = 0; i < ring->nr_pages; i++) {
		sg_set_page(&ring->sglist[i], pages[i], PAGE_SIZE, 0);
	}
	return 0;
}

int arr_map(struct device *dev, struct ring *ring, u32 *out)
{
	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (ring->sglen != ring->nr_pages)
		return -ENOMEM;
	return 0;
}

void arr_free(struct device *dev, struct ring *ring)
{
	dma_unmap_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	vfree(ring->sglist);
	ring->sglist = NULL;
}
