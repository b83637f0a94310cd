// SPDX-License-Identifier: GPL-2.0
/* It is mapped on another way only, that ends there. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	bool later;
	unsigned int count;
	struct sg_table sgt;
};

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	if (!fw->later)
		return dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	fw->count = fw->sgt.nents;
	return 0;
}

void fix_free(struct device *dev, struct fix_fw *fw)
{
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&fw->sgt);
}
