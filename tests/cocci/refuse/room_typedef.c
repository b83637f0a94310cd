// SPDX-License-Identifier: GPL-2.0
/* A structure that has no name shares its memory with something else. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

typedef struct {
	u32 flags;
	struct sg_table sgt;
} fix_part_t;

struct fix_buf {
	u32 kind;
	union {
		fix_part_t part;
		u8 inline_data[40];
	};
};

int fix_map(struct device *dev, struct fix_buf *b, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&b->part.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b->part.sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&b->part.sgt);
	return ret;
}

void fix_end(struct device *dev, struct fix_buf *b)
{
	dma_unmap_sgtable(dev, &b->part.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->part.sgt);
}
