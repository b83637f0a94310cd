// SPDX-License-Identifier: GPL-2.0
/* Entries are not mapped where there are enough of them: convert/entries_of_pages.cocci. */
/* => refused: cursor */
#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define LOT_LEN \
	((256 - sizeof(struct list_head) - 2 * sizeof(int)) / \
	 (sizeof(struct scatterlist)))

struct lot {
	struct list_head list;
	int used;
	int mapped;
	struct scatterlist ents[LOT_LEN];
};

struct bells {
	int nr;
	struct {
		u64 uaddr;
		struct scatterlist bell;
	} page[];
};

static void lot_free_pages(struct device *dev, struct lot *l)
{
	int i;

	if (l->mapped > 0)
		dma_unmap_sg(dev, l->ents, l->used, DMA_BIDIRECTIONAL);

	for (i = 0; i < l->used; ++i)
		__free_pages(sg_page(&l->ents[i]), get_order(l->ents[i].length));
}

static void lot_free_coherent(struct device *dev, struct lot *l)
{
	int i;

	for (i = 0; i < l->used; ++i)
		dma_free_coherent(dev, l->ents[i].length, lowmem_page_address(sg_page(&l->ents[i])),
				  sg_dma_address(&l->ents[i]));
}

static int lot_page(struct scatterlist *mem, int order, gfp_t mask)
{
	struct page *page;

	page = alloc_pages(mask | __GFP_ZERO, order);
	if (!page)
		return -ENOMEM;

	sg_set_page(mem, page, PAGE_SIZE << order, 0);
	return 0;
}

static int lot_coherent(struct device *dev, struct scatterlist *mem, int order, gfp_t mask)
{
	void *buf = dma_alloc_coherent(dev, PAGE_SIZE << order, &sg_dma_address(mem), mask);
	if (!buf)
		return -ENOMEM;

	sg_set_buf(mem, buf, PAGE_SIZE << order);
	BUG_ON(mem->offset);
	sg_dma_len(mem) = PAGE_SIZE << order;
	return 0;
}

int lot_fill(struct device *dev, struct list_head *lots, int pages, bool coherent)
{
	struct lot *l = NULL;
	int order = 6, ret;

	while (pages > 0) {
		if (!l) {
			l = kmalloc(sizeof(*l), GFP_KERNEL);
			if (!l)
				return -ENOMEM;
			sg_init_table(l->ents, LOT_LEN);
			l->used = 0;
			l->mapped = 0;
			list_add_tail(&l->list, lots);
		}
		while (1 << order > pages)
			--order;

		if (coherent)
			ret = lot_coherent(dev, &l->ents[l->used], order, GFP_KERNEL);
		else
			ret = lot_page(&l->ents[l->used], order, GFP_KERNEL);
		if (!ret) {
			++l->used;
			if (coherent)
				++l->mapped;
			else if (l->used == LOT_LEN) {
				dev_dbg(dev, "full\n");
				l->mapped = dma_map_sg(dev, l->ents, l->used, DMA_BIDIRECTIONAL);
				if (l->mapped <= 0)
					goto fail;
			}
			pages -= 1 << order;
			if (l->used == LOT_LEN)
				l = NULL;
		} else {
			if (--order < 0)
				goto fail;
		}
	}
	if (!coherent && l) {
		l->mapped = dma_map_sg(dev, l->ents, l->used, DMA_BIDIRECTIONAL);
		if (l->mapped <= 0)
			goto fail;
	}
	return 0;

fail:
	list_for_each_entry(l, lots, list) {
		if (coherent)
			lot_free_coherent(dev, l);
		else
			lot_free_pages(dev, l);
	}
	return -ENOMEM;
}

dma_addr_t lot_addr(struct lot *l, int k, int off)
{
	return sg_dma_len(&l->ents[k]) > off ? sg_dma_address(&l->ents[k]) + off : 0;
}

int bells_add(struct bells *b, struct device *dev, u64 uaddr, int i)
{
	struct page *pages[1];
	int ret;

	ret = pin_user_pages_fast(uaddr & PAGE_MASK, 1, FOLL_WRITE, pages);
	if (ret < 0)
		goto out;
	sg_set_page(&b->page[i].bell, pages[0], 4096, uaddr & ~PAGE_MASK);
	ret = dma_map_sg(dev, &b->page[i].bell, 1, DMA_TO_DEVICE);
	if (ret < 0) {
		unpin_user_page(pages[0]);
		goto out;
	}
	if (sg_dma_address(&b->page[i].bell) >> 32)
		dev_dbg(dev, "high\n");
	b->page[i].uaddr = uaddr;
	ret = 0;
out:
	return ret;
}

void bells_init(struct bells *b)
{
	int i;

	for (i = 0; i < b->nr; i++) {
		b->page[i].uaddr = 0;
		sg_init_table(&b->page[i].bell, 1);
	}
}

void bells_free(struct bells *b, struct device *dev)
{
	int i;

	for (i = 0; i < b->nr; i++) {
		if (!b->page[i].uaddr)
			continue;
		dma_unmap_sg(dev, &b->page[i].bell, 1, DMA_TO_DEVICE);
		unpin_user_page(sg_page(&b->page[i].bell));
	}
}
