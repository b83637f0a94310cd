// SPDX-License-Identifier: GPL-2.0
/* => refused: bridge */
/* The variable holds an own table or an imported one. */
#include <linux/dma-buf.h>
#include <linux/scatterlist.h>

struct bri_bo {
	struct sg_table *sgt;
};

int bri_import(struct bri_bo *bo, struct dma_buf_attachment *at)
{
	bo->sgt = dma_buf_map_attachment(at, DMA_BIDIRECTIONAL);
	return 0;
}

int bri_own(struct device *dev, struct bri_bo *bo, struct page **pages, int n)
{
	struct sg_table *sgt = kmalloc(sizeof(*sgt), GFP_KERNEL);

	if (sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL))
		return -ENOMEM;
	bo->sgt = sgt;
	return dma_map_sgtable(dev, bo->sgt, DMA_TO_DEVICE, 0);
}
