// SPDX-License-Identifier: GPL-2.0
/* A function is given what has a mapped table inside. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_buf {
	bool busy;
	struct sg_table sgt;
};

int fix_map(struct device *dev, struct fix_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&b->sgt);
	return ret;
}

void fix_end(struct device *dev, struct fix_buf *b)
{
	dma_unmap_sgtable(dev, &b->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->sgt);
}

static void fix_take(struct fix_buf *to, struct fix_buf from)
{
	to->busy = from.busy;
}

void fix_move(struct fix_buf *to, struct fix_buf *from)
{
	fix_take(to, *from);
}
