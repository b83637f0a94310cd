// SPDX-License-Identifier: GPL-2.0
/* A macro maps, and who can tell what. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_macro {
	struct device *dev;
	struct sg_table sgt;
};

#define fix_macro_map(f, d) dma_map_sgtable((f)->dev, &(f)->sgt, d, 0) /* => B-other unknown-origin */

int fix_macro(struct fix_macro *f, struct page **pages, int n)
{
	int ret = sg_alloc_table_from_pages(&f->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);

	if (ret)
		return ret;
	return fix_macro_map(f, DMA_TO_DEVICE);
}
