// SPDX-License-Identifier: GPL-2.0
/* One table is mapped for two devices. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *a, struct device *b, struct sg_table *sgt, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(a, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	ret = dma_map_sgtable(b, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto unmap;
	return 0;

unmap:
	dma_unmap_sgtable(a, sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(sgt);
	return ret;
}
