// SPDX-License-Identifier: GPL-2.0
/* One call maps, and another one of the same function unmaps. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct dir_buf {
	u32 id;
	struct sg_table sgt;
};

int dir_use(struct device *dev, struct dir_buf *b, struct page **pages, int n,
	    enum dma_data_direction dir)
{
	int ret = 0;

	if (!n) {
		dma_unmap_sgtable(dev, &b->sgt, dir, 0);
		sg_free_table(&b->sgt);
		return 0;
	}
	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b->sgt, dir, 0);
	if (ret)
		sg_free_table(&b->sgt);
	return ret;
}
