// SPDX-License-Identifier: GPL-2.0
/* A structure is copied by another name of its type. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_buf {
	u32 size;
	struct sg_table sgt;
};
typedef struct fix_buf fix_buf_t;

struct fix_dev {
	struct device *dev;
	struct fix_buf cur, next;
};

int fix_load(struct fix_dev *d, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&d->next.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(d->dev, &d->next.sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&d->next.sgt);
	return ret;
}

void fix_switch(fix_buf_t *to, fix_buf_t *from)
{
	*to = *from;
}

void fix_free(struct fix_dev *d)
{
	dma_unmap_sgtable(d->dev, &d->cur.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&d->cur.sgt);
}
