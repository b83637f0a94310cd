// SPDX-License-Identifier: GPL-2.0
/* The walk begins before the mapping. */
/* => refused: cursor */
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
	struct scatterlist *sg;
	int i;

	sg = ring->sglist;
	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (!ring->sglen)
		return -ENOMEM;
	for (i = 0; i < ring->sglen; i++) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
		sg = sg_next(sg);
	}
	return 0;
}

void arr_free(struct device *dev, struct ring *ring)
{
	if (ring->sglen)
		dma_unmap_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	ring->sglen = 0;
	vfree(ring->sglist);
	ring->sglist = NULL;
}
