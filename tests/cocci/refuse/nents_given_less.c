// SPDX-License-Identifier: GPL-2.0
/* A function is told how many entries there are behind the first one. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	void __iomem *regs;
	struct sg_table sgt;
};

static bool fix_more(struct fix_fw *fw, int more)
{
	return fw->regs && more;
}

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n, u32 *out)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	if (fix_more(fw, fw->sgt.nents - 1)) {
		ret = -E2BIG;
		goto unmap;
	}
	return 0;

unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
