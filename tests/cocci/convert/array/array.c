// SPDX-License-Identifier: GPL-2.0
/* dma_map_sg() in a comment, and an array from vmalloc memory: allocated, filled, mapped, walked elsewhere, freed. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "ring.h"

int ring_alloc(struct ring *ring)
{
	struct page *pg;
	int i;

	ring->sglist = vmalloc(sizeof(struct scatterlist) * ring->nr_pages);
	if (ring->sglist == NULL)
		return -ENOMEM;

	sg_init_table(ring->sglist, ring->nr_pages);
	for (i = 0; i < ring->nr_pages; i++) {
		pg = vmalloc_to_page(ring->vaddr + i * PAGE_SIZE);
		if (!pg)
			goto err;
		sg_set_page(&ring->sglist[i], pg, PAGE_SIZE, 0);
	}
	return 0;

err:
	vfree(ring->sglist);
	ring->sglist = NULL;
	return -ENOMEM;
}

int ring_map(struct device *dev, struct ring *ring, u32 *out)
{
	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (!ring->sglen)
		return -ENOMEM;
	return ring_write(out, ring->sglist, ring->nr_pages * PAGE_SIZE);
}

static int ring_refill(struct ring *ring, struct list_head *pages)
{
	unsigned int most = ring->nr_pages;
	struct page *page;
	int n = 0;

	sg_init_table(ring->sglist, most);
	list_for_each_entry(page, pages, lru) {
		sg_set_page(&ring->sglist[n++], page, PAGE_SIZE, 0);
	}
	return n;
}

void ring_sync(struct device *dev, struct ring *ring, struct list_head *pages)
{
	int set = ring_refill(ring, pages);

	dma_map_sg(dev, ring->sglist, set, DMA_TO_DEVICE);
	dma_unmap_sg(dev, ring->sglist, set, DMA_TO_DEVICE);
}

void ring_unmap(struct device *dev, struct ring *ring)
{
	if (!ring->sglen)
		return;
	dma_unmap_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	ring->sglen = 0;
}

void ring_free(struct ring *ring)
{
	vfree(ring->sglist);
	ring->sglist = NULL;
}
