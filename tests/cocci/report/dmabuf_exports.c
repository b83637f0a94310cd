// SPDX-License-Identifier: GPL-2.0
/* A private list in a driver that exports dma-bufs, and the exporter's own. */
#include <linux/dma-buf.h>
#include <linux/scatterlist.h>

struct fix_mem {
	struct sg_table sgt;
};

static struct sg_table *fix_map_dma_buf(struct dma_buf_attachment *at,
					enum dma_data_direction dir)
{
	struct sg_table *out = kzalloc(sizeof(*out), GFP_KERNEL);

	sg_alloc_table(out, 1, GFP_KERNEL);
	if (dma_map_sgtable(at->dev, out, dir, 0)) /* => B-dmabuf dma-buf-exporter */
		return NULL;
	return out;
}

static const struct dma_buf_ops fix_dma_buf_ops = {
	.map_dma_buf = fix_map_dma_buf,
};

int fix_mem_map(struct device *dev, struct fix_mem *mem, struct page *page)
{
	sg_alloc_table(&mem->sgt, 1, GFP_KERNEL);
	sg_set_page(mem->sgt.sgl, page, PAGE_SIZE, 0);
	return dma_map_sgtable(dev, &mem->sgt, DMA_TO_DEVICE, 0); /* => A3d dma-buf-mixed */
}
