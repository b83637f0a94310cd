// SPDX-License-Identifier: GPL-2.0
/* A local table is mapped, and then copied to where it stays. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct kept {
	u32 id;
	struct sg_table table;
};

int kept_map(struct device *dev, struct kept *k, struct page **pages, int n)
{
	struct sg_table table;
	int ret;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&table);
		return ret;
	}
	k->table = table;
	return 0;
}

void kept_unmap(struct device *dev, struct kept *k)
{
	dma_unmap_sgtable(dev, &k->table, DMA_TO_DEVICE, 0);
	sg_free_table(&k->table);
}
