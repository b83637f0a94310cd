// SPDX-License-Identifier: GPL-2.0
/* The result is used again: convert/table_of_one.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

struct capture {
	struct device *dev;
	struct sg_table	one;
	void *start;
	dma_addr_t addr;
	unsigned long pages;
};

int capture_alloc(struct capture *c, unsigned long size)
{
	unsigned int order = get_order(size);
	struct page *page;
	int ret;

	ret = sg_alloc_table(&c->one, 1, GFP_KERNEL);
	if (ret)
		goto out;

	ret = -ENOMEM;
	page = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);
	if (!page)
		goto no_pages;

	split_page(page, order);
	sg_set_buf(c->one.sgl, page_address(page), size);
	ret = dma_map_sg(c->dev, c->one.sgl, 1, DMA_FROM_DEVICE);
	if (ret < 0)
		goto no_map;

	c->pages = ret * (size >> PAGE_SHIFT);
	c->start = page_address(page);
	c->addr = sg_dma_address(c->one.sgl);
	return 0;

no_map:
	__free_pages(page, order);
no_pages:
	sg_free_table(&c->one);
out:
	return ret;
}

void capture_free(struct capture *c)
{
	unsigned long i;

	dma_unmap_sg(c->dev, c->one.sgl, 1, DMA_FROM_DEVICE);
	sg_free_table(&c->one);
	for (i = 0; i < c->pages; i++)
		__free_page(virt_to_page(c->start + i * PAGE_SIZE));
}
