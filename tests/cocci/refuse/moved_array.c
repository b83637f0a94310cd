// SPDX-License-Identifier: GPL-2.0
/* An array with mapped tables gets longer, perhaps somewhere else. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct moved_buf {
	u32 id;
	struct sg_table table;
};

struct moved {
	struct moved_buf *bufs;
	int nr;
};

int moved_add(struct device *dev, struct moved *m, struct page **pages, int n)
{
	struct moved_buf *b;
	int ret;

	b = krealloc_array(m->bufs, m->nr + 1, sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	m->bufs = b;
	b = &m->bufs[m->nr];
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
	m->nr--;
}
