// SPDX-License-Identifier: GPL-2.0
/* => refused: embedded */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_first {
	struct sg_table t;
	int other;
};

int fix(struct device *dev, struct fix_first *x, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&x->t, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	return dma_map_sgtable(dev, &x->t, DMA_TO_DEVICE, 0);
}
