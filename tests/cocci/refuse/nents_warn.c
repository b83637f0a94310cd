// SPDX-License-Identifier: GPL-2.0
/* A driver warns of more entries than one. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	void __iomem *regs;
	struct sg_table sgt;
};

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n, u32 *out)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	WARN_ON_ONCE(fw->sgt.nents - 1);
	if (!out)
		goto unmap;
	return 0;

unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
