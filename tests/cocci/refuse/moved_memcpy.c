// SPDX-License-Identifier: GPL-2.0
/* The same with memcpy(), of the structure that it is in. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

struct kept {
	u32 id;
	struct sg_table table;
};

int kept_map(struct device *dev, struct kept *k, struct page **pages, int n)
{
	struct kept here;
	int ret;

	ret = sg_alloc_table_from_pages(&here.table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &here.table, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&here.table);
		return ret;
	}
	memcpy(k, &here, sizeof(*k));
	return 0;
}

void kept_unmap(struct device *dev, struct kept *k)
{
	dma_unmap_sgtable(dev, &k->table, DMA_TO_DEVICE, 0);
	sg_free_table(&k->table);
}
