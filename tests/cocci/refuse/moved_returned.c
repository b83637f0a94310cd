// SPDX-License-Identifier: GPL-2.0
/* A function returns what has a mapped table inside. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_buf {
	int err;
	struct sg_table sgt;
};

static struct fix_buf fix_make(struct device *dev, struct page **pages, int n)
{
	struct fix_buf buf = {};

	buf.err = sg_alloc_table_from_pages(&buf.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (buf.err)
		return buf;
	buf.err = dma_map_sgtable(dev, &buf.sgt, DMA_TO_DEVICE, 0);
	if (buf.err)
		sg_free_table(&buf.sgt);
	return buf;
}

int fix_open(struct device *dev, struct fix_buf *slot, struct page **pages, int n)
{
	*slot = fix_make(dev, pages, n);
	return slot->err;
}

void fix_close(struct device *dev, struct fix_buf *slot)
{
	dma_unmap_sgtable(dev, &slot->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&slot->sgt);
}
