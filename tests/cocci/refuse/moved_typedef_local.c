// SPDX-License-Identifier: GPL-2.0
/* A structure that has no name is what a function returns. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

typedef struct {
	u32 size;
	struct sg_table sgt;
} fix_buf_t;

struct fix_dev {
	struct device *dev;
	fix_buf_t cur, next;
};

void fix_note(fix_buf_t *buf);
fix_buf_t fix_other(struct fix_dev *d);

int fix_load(struct fix_dev *d, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&d->cur.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(d->dev, &d->cur.sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&d->cur.sgt);
	return ret;
}

void fix_switch(struct fix_dev *d)
{
	fix_buf_t next = fix_other(d);

	fix_note(&next);
}

void fix_free(struct fix_dev *d)
{
	dma_unmap_sgtable(d->dev, &d->cur.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&d->cur.sgt);
}
