// SPDX-License-Identifier: GPL-2.0
/* A table that is mapped for one direction is synced for the other one. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	struct device *dev;
	struct sg_table sgt;
};

int fix_map(struct fix_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(fw->dev, &fw->sgt, DMA_FROM_DEVICE, 0);
	if (ret)
		sg_free_table(&fw->sgt);
	return ret;
}

void fix_fill(struct fix_fw *fw)
{
	dma_sync_sgtable_for_device(fw->dev, &fw->sgt, DMA_TO_DEVICE);
}

void fix_free(struct fix_fw *fw)
{
	dma_unmap_sgtable(fw->dev, &fw->sgt, DMA_FROM_DEVICE, 0);
	sg_free_table(&fw->sgt);
}
