// SPDX-License-Identifier: GPL-2.0
/* Entries are counted where the table is made, and it is mapped elsewhere. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_xfer {
	unsigned int nr;
	struct sg_table sgt;
};

int fix_prepare(struct fix_xfer *x, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&x->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (!ret)
		x->nr = x->sgt.nents;
	return ret;
}

int fix_map(struct device *dev, struct fix_xfer *x)
{
	return dma_map_sgtable(dev, &x->sgt, DMA_TO_DEVICE, 0);
}

void fix_unmap(struct device *dev, struct fix_xfer *x)
{
	dma_unmap_sgtable(dev, &x->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&x->sgt);
}
