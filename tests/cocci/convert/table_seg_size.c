// SPDX-License-Identifier: GPL-2.0
/* A device with segments of any size has as many ranges as there were entries. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct seg_fw {
	struct device *dev;
	struct sg_table sgt;
};

void seg_setup(struct seg_fw *fw)
{
	dma_set_max_seg_size(fw->dev, UINT_MAX);
}

int seg_load(struct seg_fw *fw, struct page **pages, int n, dma_addr_t *addr)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&fw->sgt);
		return ret;
	}
	if (fw->sgt.nents != 1) {
		dma_unmap_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
		sg_free_table(&fw->sgt);
		return -EINVAL;
	}
	*addr = sg_dma_address(fw->sgt.sgl);
	return 0;
}
