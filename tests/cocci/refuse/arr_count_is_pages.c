// SPDX-License-Identifier: GPL-2.0
/* The device is told of so many pages as entries were mapped. */
/* => refused: one-to-one */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct hwd {
	__le64 addr;
	__le32 len;
};

struct ring {
	void *vaddr;
	void __iomem *regs;
	struct page **pages;
	struct scatterlist *sglist;
	int sglen;
	int nr_pages;
};

int arr_alloc(struct ring *ring)
{
	int i;

	ring->sglist = vzalloc(array_size(sizeof(*ring->sglist), ring->nr_pages));
	if (!ring->sglist)
		return -ENOMEM;
	sg_init_table(ring->sglist, ring->nr_pages);
	for (i = 0; i < ring->nr_pages; i++) {
		sg_set_page(&ring->sglist[i], ring->pages[i], PAGE_SIZE, 0);
	}
	return 0;
}

int arr_map(struct device *dev, struct ring *ring)
{
	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (!ring->sglen)
		return -ENOMEM;
	writel(ring->sglen << PAGE_SHIFT, ring->regs);
	return 0;
}

void arr_put(struct ring *ring)
{
	int i;

	for (i = 0; i < ring->sglen; i++)
		put_page(ring->pages[i]);
}

void arr_free(struct device *dev, struct ring *ring)
{
	if (ring->sglen)
		dma_unmap_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	ring->sglen = 0;
	vfree(ring->sglist);
	ring->sglist = NULL;
}
