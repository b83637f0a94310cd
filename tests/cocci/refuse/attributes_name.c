// SPDX-License-Identifier: GPL-2.0
/* Another function has attributes of the same name. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct dir_buf {
	u32 id;
	struct sg_table sgt;
};

int dir_map(struct device *dev, struct dir_buf *b, struct page **pages, int n)
{
	unsigned long attrs = b->id ? DMA_ATTR_SKIP_CPU_SYNC : 0;
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b->sgt, DMA_FROM_DEVICE, attrs);
	if (ret)
		sg_free_table(&b->sgt);
	return ret;
}

void dir_unmap(struct device *dev, struct dir_buf *b, bool failed)
{
	unsigned long attrs = failed ? DMA_ATTR_SKIP_CPU_SYNC : 0;

	dma_unmap_sgtable(dev, &b->sgt, DMA_FROM_DEVICE, attrs);
	sg_free_table(&b->sgt);
}
