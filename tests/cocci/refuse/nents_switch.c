// SPDX-License-Identifier: GPL-2.0
/* What is done depends on how many entries there are. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fw { u32 size; struct sg_table sgt; };
int t04_load(struct device *dev, struct fw *fw, struct page **pages, int n, dma_addr_t *a)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	switch (fw->sgt.nents) {
	case 1:
		*a = sg_dma_address(fw->sgt.sgl);
		break;
	default:
		ret = -EINVAL;
		goto unmap;
	}
	return 0;
unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
