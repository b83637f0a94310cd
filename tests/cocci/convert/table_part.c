// SPDX-License-Identifier: GPL-2.0
/* A table in a part of a driver that has a symbol of its own, which is to select PHYR. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct part {
	struct device *dev;
	struct sg_table sgt;
};

int part_probe(struct part *p)
{
	return p->dev ? 0 : -ENODEV;
}

#ifdef CONFIG_FIX_PART
int part_map(struct part *p, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&p->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(p->dev, &p->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&p->sgt);
	return ret;
}

void part_unmap(struct part *p)
{
	dma_unmap_sgtable(p->dev, &p->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&p->sgt);
}
#endif
