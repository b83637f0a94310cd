// SPDX-License-Identifier: GPL-2.0
/* => refused: not-a-table */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_t {
	int other;
	struct sg_table t[2];
};

int fix(struct device *dev, struct fix_t *x, struct page **pages, int n)
{
	struct scatterlist *sg;
	int ret, i, bytes = 0;

	ret = sg_alloc_table_from_pages(&x->t[0], pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &x->t[0], DMA_TO_DEVICE, 0);
	if (ret)
		return ret;
	sg = NULL;
	i = bytes;
	return 0;
}
