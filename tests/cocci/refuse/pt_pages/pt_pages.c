// SPDX-License-Identifier: GPL-2.0
/* Tables of pages whose walker is also given an imported one: convert/page_tables_view.cocci. */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "pt_pages.h"

/* => refused: bridge */
void pt_pages_give(struct pt_pages_dev *ldev, struct sg_table *sgt)
{
	struct scatterlist *sgl;
	int i;

	dma_unmap_sgtable(ldev->dev, sgt, DMA_BIDIRECTIONAL, 0);

	for_each_sgtable_sg(sgt, sgl, i) {
		struct page *page = sg_page(sgl);

		__free_page(page);
	}

	sg_free_table(sgt);
}

int pt_pages_take(struct pt_pages_dev *ldev, u64 size, struct sg_table *sgt)
{
	const u64 pages = DIV_ROUND_UP(size, PAGE_SIZE);
	struct scatterlist *sgl;
	int ret, i;

	if (pages > 512)
		return -E2BIG;
	ret = sg_alloc_table(sgt, pages, GFP_KERNEL);
	if (ret)
		return ret;

	for_each_sgtable_sg(sgt, sgl, i) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page) {
			pt_pages_give(ldev, sgt);
			return -ENOMEM;
		}

		sg_set_page(sgl, page, PAGE_SIZE, 0);
	}

	ret = dma_map_sgtable(ldev->dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		pt_pages_give(ldev, sgt);

	return ret;
}

/* Each page of the leaves is filled with addresses of what they are for */
int pt_pages_grow(struct pt_pages_card *card, struct pt_pages_tree *tree, struct sg_table *what)
{
	struct sg_dma_page_iter dma_iter;
	struct scatterlist *sg;
	int ret, i, n = 0;
	u64 *at;

	ret = pt_pages_take(card->dev, PAGE_SIZE * 8, &tree->leaves);
	if (ret)
		return ret;

	for_each_sgtable_sg(&tree->leaves, sg, i) {
		void *end;

		at = sg_virt(sg);
		end = (void *)at + sg->length;

		for_each_sgtable_dma_page(what, &dma_iter, n) {
			*at++ = sg_page_iter_dma_address(&dma_iter);
			n++;
			if ((void *)at >= end)
				break;
		}
	}
	return 0;
}

int pt_pages_import(struct pt_pages_tree *tree, struct dma_buf_attachment *attach)
{
	struct sg_table *sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);

	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	return pt_pages_grow(NULL, tree, sgt);
}
