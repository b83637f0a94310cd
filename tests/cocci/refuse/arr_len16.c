// SPDX-License-Identifier: GPL-2.0
/* A page is told in 16 bits, which 64 KiB are not. */
/* => refused: one-to-one */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct hwd {
	__le64 addr;
	__le16 len;
};

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

int arr_map(struct device *dev, struct ring *ring, struct hwd *d)
{
	struct scatterlist *sg;
	int i;

	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (!ring->sglen)
		return -ENOMEM;
	sg = ring->sglist;
	for (i = 0; i < ring->sglen; i++) {
		d[i].addr = cpu_to_le64(sg_dma_address(sg));
		d[i].len = cpu_to_le16(sg_dma_len(sg));
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
