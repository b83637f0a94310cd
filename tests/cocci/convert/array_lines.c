// SPDX-License-Identifier: GPL-2.0
/* Pages of a picture, walked by their bytes, and what may be asked of how many there are. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct line {
	__le64 addr;
	u32 len;
};

struct ring {
	struct line *lines;
	int at;
	struct scatterlist *sglist;
	int sglen;
	int nr_pages;
};

int ring_alloc(struct ring *ring, struct page **pages)
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

static void ring_lines(struct ring *ring, __le32 *rp, unsigned int bpl, unsigned int lines)
{
	unsigned int line, todo, offset = 0;
	struct scatterlist *sg;

	sg = ring->sglist;
	for (line = 0; line < lines; line++) {
		while (offset && offset >= sg_dma_len(sg)) {
			offset -= sg_dma_len(sg);
			sg = sg_next(sg);
		}
		if (bpl <= sg_dma_len(sg) - offset) {
			*(rp++) = cpu_to_le32(bpl);
			*(rp++) = cpu_to_le32(sg_dma_address(sg) + offset);
			offset += bpl;
		} else {
			todo = bpl;
			*(rp++) = cpu_to_le32(sg_dma_len(sg) - offset);
			*(rp++) = cpu_to_le32(sg_dma_address(sg) + offset);
			todo -= (sg_dma_len(sg) - offset);
			offset = 0;
			sg = sg_next(sg);
			while (todo > sg_dma_len(sg)) {
				*(rp++) = cpu_to_le32(sg_dma_len(sg));
				*(rp++) = cpu_to_le32(sg_dma_address(sg));
				todo -= sg_dma_len(sg);
				sg = sg_next(sg);
			}
			*(rp++) = cpu_to_le32(todo);
			*(rp++) = cpu_to_le32(sg_dma_address(sg));
			offset += todo;
		}
	}
}

static void ring_all(struct ring *ring)
{
	struct scatterlist *sg;
	int i;

	sg = ring->sglist;
	for (i = 0; i < ring->sglen; i++) {
		ring->lines[ring->at].addr = cpu_to_le64(sg_dma_address(sg));
		ring->lines[ring->at].len = sg_dma_len(sg);
		ring->at++;
		sg = sg_next(sg);
	}
}

static void ring_some(struct ring *ring, int bytes)
{
	struct scatterlist *sg;

	sg = ring->sglist;
	while (bytes > 0) {
		ring->lines->addr = cpu_to_le64(sg_dma_address(sg));
		ring->lines->len = sg_dma_len(sg);
		bytes -= sg_dma_len(sg);
		if (bytes)
			sg = sg_next(sg);
	}
}

int ring_map(struct device *dev, struct ring *ring, __le32 *rp)
{
	ring->sglen = dma_map_sg(dev, ring->sglist, ring->nr_pages, DMA_FROM_DEVICE);
	dev_dbg(dev, "%d entries\n", ring->sglen);
	if (0 == ring->sglen || ring->sglen <= 0)
		return -ENOMEM;
	ring_lines(ring, rp, 1280, 480);
	ring_all(ring);
	ring_some(ring, 4096);
	return 0;
}

void ring_free(struct device *dev, struct ring *ring)
{
	if (ring->sglen)
		dma_unmap_sg(dev, ring->sglist, ring->sglen, DMA_FROM_DEVICE);
	ring->sglen = 0;
	vfree(ring->sglist);
	ring->sglist = NULL;
}
