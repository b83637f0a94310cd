// SPDX-License-Identifier: GPL-2.0
/* As many bytes as a structure without a name has are moved. */
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
	void *others;
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

void fix_switch(struct fix_dev *d)
{
	void *from = d->others;

	memcpy(from + 64, from, sizeof(fix_buf_t));
}

void fix_free(struct fix_dev *d)
{
	dma_unmap_sgtable(d->dev, &d->cur.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&d->cur.sgt);
}
