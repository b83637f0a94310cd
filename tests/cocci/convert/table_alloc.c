// SPDX-License-Identifier: GPL-2.0
/* Memory of the size of the type: of the table that is converted, and of another one. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct alloc_xfer {
	struct device *dev;
	struct sg_table *sgt;
	struct sg_table *imported;
};

int alloc_map(struct alloc_xfer *xfer, struct page **pages, int n)
{
	int ret = -ENOMEM;

	xfer->sgt = devm_kzalloc(xfer->dev, sizeof(struct sg_table), GFP_KERNEL);
	if (!xfer->sgt)
		return ret;
	xfer->imported = kzalloc(sizeof(struct sg_table), GFP_KERNEL);
	if (!xfer->imported)
		return ret;
	ret = sg_alloc_table_from_pages(xfer->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free_imported;
	ret = dma_map_sgtable(xfer->dev, xfer->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	return 0;

free_table:
	sg_free_table(xfer->sgt);
free_imported:
	kfree(xfer->imported);
	return ret;
}
