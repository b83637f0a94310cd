// SPDX-License-Identifier: GPL-2.0
/* An array with mapped tables gets longer, by pointers to bytes. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_buf {
	u32 id;
	struct sg_table sgt;
};

struct fix_ring {
	struct device *dev;
	struct fix_buf *bufs;
	unsigned int nr;
	size_t stride;
};

int fix_map(struct fix_ring *r, struct page **pages, int n)
{
	struct fix_buf *b = &r->bufs[r->nr];
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(r->dev, &b->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&b->sgt);
	else
		r->nr++;
	return ret;
}

void fix_end(struct fix_ring *r)
{
	struct fix_buf *b = &r->bufs[--r->nr];

	dma_unmap_sgtable(r->dev, &b->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->sgt);
}

/* room for twice as many */
int fix_grow(struct fix_ring *r)
{
	void *more = kcalloc(r->nr * 2, r->stride, GFP_KERNEL);
	void *old = r->bufs;

	if (!more)
		return -ENOMEM;
	memcpy(more, old, r->nr * r->stride);
	r->bufs = more;
	kfree(old);
	return 0;
}
