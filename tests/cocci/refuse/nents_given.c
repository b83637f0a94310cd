// SPDX-License-Identifier: GPL-2.0
/* Another function looks at how many entries it has. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	void __iomem *regs;
	struct sg_table sgt;
};

static int fix_program(struct fix_fw *fw, dma_addr_t addr, int count)
{
	if (count > 8)
		return -E2BIG;
	writeq(addr, fw->regs);
	writel(count, fw->regs + 8);
	return 0;
}

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	ret = fix_program(fw, sg_dma_address(fw->sgt.sgl), fw->sgt.nents);
	if (ret)
		goto unmap;
	return 0;

unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
