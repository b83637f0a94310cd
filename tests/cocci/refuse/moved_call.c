// SPDX-License-Identifier: GPL-2.0
/* What has a mapped table inside is set to what a function of another file returns. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_buf {
	int err;
	struct sg_table sgt;
};

struct fix_buf fix_other(struct fix_buf *buf);

int fix_open(struct device *dev, struct fix_buf *buf, struct page **pages, int n)
{
	buf->err = sg_alloc_table_from_pages(&buf->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (buf->err)
		return buf->err;
	buf->err = dma_map_sgtable(dev, &buf->sgt, DMA_TO_DEVICE, 0);
	if (buf->err)
		sg_free_table(&buf->sgt);
	return buf->err;
}

void fix_next(struct fix_buf *buf)
{
	*buf = fix_other(buf);
}

void fix_close(struct device *dev, struct fix_buf *buf)
{
	dma_unmap_sgtable(dev, &buf->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&buf->sgt);
}
