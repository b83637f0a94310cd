// SPDX-License-Identifier: GPL-2.0
/* A table made from pages, and nobody else sees it. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_job {
	struct sg_table *sgt;
};

int fix_pages(struct device *dev, struct fix_job *job, struct page **pages, int n)
{
	struct sg_table *sgt = kmalloc(sizeof(*sgt), GFP_KERNEL);
	int ret;

	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	job->sgt = sgt;
	return dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0); /* => A1 pages-one-file */
}
