// SPDX-License-Identifier: GPL-2.0
/* A table is unmapped and freed if it has entries, which it had if the mapping failed. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_xfer {
	struct device *dev;
	struct sg_table sgt;
};

int xfer_map(struct fix_xfer *xfer, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&xfer->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(xfer->dev, &xfer->sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&xfer->sgt);
		return ret;
	}
	return 0;
}

void xfer_free(struct fix_xfer *xfer)
{
	if (xfer->sgt.nents) {
		dma_unmap_sgtable(xfer->dev, &xfer->sgt, DMA_TO_DEVICE, 0);
		sg_free_table(&xfer->sgt);
	}
	kfree(xfer);
}
