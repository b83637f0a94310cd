// SPDX-License-Identifier: GPL-2.0
/* Nothing tells that a callback that counts entries is not called before the mapping. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct between_buf {
	struct device *dev;
	struct sg_table sgt;
	struct page **pages;
	int n;
	u64 *desc;
};

struct between_ops {
	int (*init)(struct between_buf *b);
	int (*prepare)(struct between_buf *b);
	int (*start)(struct between_buf *b);
	void (*stop)(struct between_buf *b);
};

static int between_init(struct between_buf *b)
{
	return sg_alloc_table_from_pages(&b->sgt, b->pages, b->n, 0, b->n << PAGE_SHIFT,
					 GFP_KERNEL);
}

static int between_prepare(struct between_buf *b)
{
	b->desc = kcalloc(b->sgt.nents, sizeof(*b->desc), GFP_KERNEL);
	return b->desc ? 0 : -ENOMEM;
}

static int between_start(struct between_buf *b)
{
	return dma_map_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
}

static void between_stop(struct between_buf *b)
{
	dma_unmap_sgtable(b->dev, &b->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&b->sgt);
}

const struct between_ops between_ops = {
	.init = between_init,
	.prepare = between_prepare,
	.start = between_start,
	.stop = between_stop,
};
