// SPDX-License-Identifier: GPL-2.0
/* A loop changes addresses for the device. */
/* => refused: loop-body */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

int fix(struct device *dev, struct sg_table *t, struct page **pages, int n, u64 *out)
{
	struct scatterlist *sg;
	int ret, i;

	ret = sg_alloc_table_from_pages(t, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret || dma_map_sgtable(dev, t, DMA_TO_DEVICE, 0))
		return -ENOMEM;
	for_each_sgtable_dma_sg(t, sg, i)
		sg_dma_address(sg) += 16;
	for_each_sgtable_dma_sg(t, sg, i)
		*out++ = sg_dma_address(sg);
	return 0;
}
