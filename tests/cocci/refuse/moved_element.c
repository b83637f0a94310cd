// SPDX-License-Identifier: GPL-2.0
/* An element of an array, with its mapped table, takes the place of another one. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct moved_buf {
	u32 id;
	struct sg_table table;
};

struct moved {
	struct moved_buf bufs[4];
	int nr;
};

int moved_add(struct device *dev, struct moved *m, struct page **pages, int n)
{
	struct moved_buf *b = &m->bufs[m->nr];
	int ret;

	ret = sg_alloc_table_from_pages(&b->table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b->table, DMA_FROM_DEVICE, 0);
	if (ret) {
		sg_free_table(&b->table);
		return ret;
	}
	m->nr++;
	return 0;
}

void moved_remove(struct device *dev, struct moved *m, struct moved_buf *b)
{
	dma_unmap_sgtable(dev, &b->table, DMA_FROM_DEVICE, 0);
	sg_free_table(&b->table);
	*b = m->bufs[--m->nr];
}
