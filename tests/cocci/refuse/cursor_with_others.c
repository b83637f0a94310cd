// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_t {
	int other;
	struct sg_table t;
};

int fix(struct device *dev, struct fix_t *x, struct page **pages, int n)
{
	struct scatterlist *sg, *other;
	int ret, i, bytes = 0;

	ret = sg_alloc_table_from_pages(&x->t, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &x->t, DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sgtable_dma_sg(&x->t, sg, i) {
		bytes += sg_dma_len(sg);
	}
	other = NULL;
	return bytes;
}
