// SPDX-License-Identifier: GPL-2.0
/* A copy is put where a function returns. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_buf {
	struct list_head node;
	struct sg_table sgt;
	u32 id;
};

struct fix_dev {
	struct device *dev;
	struct list_head queue;
	struct fix_buf cur, bufs[4];
	int idx;
};

static struct fix_buf *fix_slot(struct fix_dev *d)
{
	return &d->bufs[d->idx++ % 4];
}

int fix_map(struct fix_dev *d, struct page **pages, int n)
{
	struct fix_buf *b;
	int ret;

	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(&b->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free;
	ret = dma_map_sgtable(d->dev, &b->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	*fix_slot(d) = *b;
	kfree(b);
	return 0;
free_table:
	sg_free_table(&b->sgt);
free:
	kfree(b);
	return ret;
}

void fix_unmap(struct fix_dev *d)
{
	struct fix_buf *b = &d->cur;

	dma_unmap_sgtable(d->dev, &b->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->sgt);
}
