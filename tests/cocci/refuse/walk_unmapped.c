// SPDX-License-Identifier: GPL-2.0
/* A table is walked behind its unmapping. */
/* => refused: cpu-field */
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

u32 fix_program(struct fix_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	int i;

	dma_unmap_sgtable(fw->dev, &fw->sgt, DMA_FROM_DEVICE, 0);
	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = sg_dma_len(sg);
	}
	return i;
}

void fix_free(struct fix_fw *fw)
{
	sg_free_table(&fw->sgt);
}
