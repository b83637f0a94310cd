// SPDX-License-Identifier: GPL-2.0
/* One table is mapped for each of the devices. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device **devs, struct sg_table *sgt, struct page **pages, int n)
{
	int ret, i;

	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	for (i = 0; i < 2; i++) {
		ret = dma_map_sgtable(devs[i], sgt, DMA_TO_DEVICE, 0);
		if (ret)
			goto free_table;
	}
	return 0;

free_table:
	sg_free_table(sgt);
	return ret;
}
