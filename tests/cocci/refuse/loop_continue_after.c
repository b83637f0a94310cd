// SPDX-License-Identifier: GPL-2.0
/* What is counted behind a loop is not counted where the loop goes on at once. */
/* => refused: loop-body */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix_count(struct device *dev, struct sg_table *sgt, struct page **pages, int n, u32 *out,
	      int *used)
{
	struct scatterlist *sg;
	int ret, i;

	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(sgt);
		return ret;
	}
	for_each_sgtable_dma_sg(sgt, sg, i) {
		*out++ = sg_dma_len(sg);
		if (sg_dma_len(sg) < PAGE_SIZE)
			continue;
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	*used = i;
	return 0;
}
