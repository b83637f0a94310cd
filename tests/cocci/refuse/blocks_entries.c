// SPDX-License-Identifier: GPL-2.0
/* The table is looked at between: convert/page_blocks.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define LEND_ORDER 4

struct lent {
	bool mapped;
	struct sg_table *tab;
	dma_addr_t *addrs;
};

struct card {
	struct device *dev;
	void __iomem *regs;
	struct lent lent;
};

static void card_take_back(struct card *c)
{
	struct scatterlist *sg;
	struct page *page;
	int i;

	if (!c->lent.tab)
		return;
	if (c->lent.mapped) {
		dma_unmap_sg(c->dev, c->lent.tab->sgl, c->lent.tab->nents, DMA_BIDIRECTIONAL);
		c->lent.mapped = false;
	}
	for_each_sg(c->lent.tab->sgl, sg, c->lent.tab->orig_nents, i) {
		page = sg_page(sg);
		if (page)
			__free_pages(page, LEND_ORDER);
	}
	kfree(c->lent.addrs);
	sg_free_table(c->lent.tab);
	kfree(c->lent.tab);
	c->lent.tab = NULL;
}

int card_lend(struct card *c, size_t bytes)
{
	struct scatterlist *first, *sg;
	size_t size = PAGE_SIZE;
	struct sg_table *tab;
	struct page *page;
	unsigned int i;
	int node, ret;

	c->lent.tab = kzalloc(sizeof(*c->lent.tab), GFP_KERNEL);
	if (!c->lent.tab)
		return -ENOMEM;
	tab = c->lent.tab;
	tab->orig_nents = bytes / (size << LEND_ORDER);
	if (sg_alloc_table(tab, tab->orig_nents, GFP_KERNEL)) {
		kfree(c->lent.tab);
		c->lent.tab = NULL;
		return -ENOMEM;
	}
	first = c->lent.tab->sgl;
	node = dev_to_node(c->dev);
	if (sg_nents(tab->sgl) > 64)
		node = 0;
	for_each_sg(first, sg, tab->orig_nents, i) {
		page = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, LEND_ORDER);
		if (!page) {
			ret = -ENOMEM;
			goto undo;
		}
		sg_set_page(sg, page, size << LEND_ORDER, 0);
	}
	tab->nents = dma_map_sg(c->dev, first, tab->orig_nents, DMA_BIDIRECTIONAL);
	if (!tab->nents) {
		dev_err(c->dev, "cannot map %zu bytes\n", bytes);
		ret = -ENOMEM;
		goto undo;
	}
	c->lent.mapped = true;
	c->lent.addrs = kcalloc(tab->nents, sizeof(dma_addr_t), GFP_KERNEL);
	if (!c->lent.addrs) {
		ret = -ENOMEM;
		goto undo;
	}
	for_each_sg(first, sg, tab->nents, i) {
		page = sg_page(sg);
		c->lent.addrs[i] = sg_dma_address(sg);
	}
	for (i = 0; i < tab->nents; i++)
		writeq(c->lent.addrs[i], c->regs);
	return 0;

undo:
	card_take_back(c);
	return ret;
}

unsigned int other_bytes(struct sg_table *other)
{
	struct scatterlist *first, *sg;
	unsigned int n = 0;
	int i;

	first = other->sgl;
	for_each_sg(first, sg, other->orig_nents, i)
		n += sg->length;
	return n;
}

void other_free(struct page **pages, int n)
{
	struct page *page;
	int i;

	for (i = 0; i < n; i++) {
		page = pages[i];
		__free_page(page);
	}
}
