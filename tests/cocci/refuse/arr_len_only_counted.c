// SPDX-License-Identifier: GPL-2.0
/* The lengths end the walk, but the device is told of pages. */
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

int arr_map(struct device *dev, struct ring *ring, struct hwd *d, int bytes)
{
	struct scatterlist *sg;
	int i = 0;

	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	if (!ring->sglen)
		return -ENOMEM;
	sg = ring->sglist;
	while (bytes > 0) {
		d[i].addr = cpu_to_le64(sg_dma_address(sg));
		d[i++].len = cpu_to_le32(PAGE_SIZE);
		bytes -= sg_dma_len(sg);
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
