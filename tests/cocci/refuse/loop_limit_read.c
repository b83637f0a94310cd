// SPDX-License-Identifier: GPL-2.0
/* How far a loop over the first entries came is looked at behind it. */
/* => refused: loop-body */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	u32 size;
	struct sg_table sgt;
};

int fix_put(struct fix_fw *fw, dma_addr_t addr, unsigned int len);

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n)
{
	struct scatterlist *sg;
	int ret, i, nents;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	nents = fw->sgt.nents;
	for_each_sg(fw->sgt.sgl, sg, nents, i) {
		if (fix_put(fw, sg_dma_address(sg), sg_dma_len(sg)))
			break;
	}
	fw->size = i;
	return 0;

free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
