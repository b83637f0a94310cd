// SPDX-License-Identifier: GPL-2.0
/* A function that others may call and that counts entries is also called where they are mapped. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct between_buf {
	struct device *dev;
	struct sg_table sgt;
	struct page **pages;
	int n;
	u64 *desc;
};

static int between_init(struct between_buf *b)
{
	return sg_alloc_table_from_pages(&b->sgt, b->pages, b->n, 0, b->n << PAGE_SHIFT,
					 GFP_KERNEL);
}

int between_prepare(struct between_buf *b)
{
	b->desc = kcalloc(b->sgt.nents, sizeof(*b->desc), GFP_KERNEL);
	return b->desc ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(between_prepare);

int between_run(struct between_buf *b)
{
	int ret = dma_map_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);

	if (ret)
		return ret;
	ret = between_prepare(b);
	dma_unmap_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->sgt);
	return ret;
}
