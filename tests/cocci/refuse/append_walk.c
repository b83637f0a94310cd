// SPDX-License-Identifier: GPL-2.0
/* The cursor goes another way: convert/append_cursor.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct store {
	struct device *dev;
	struct sg_append_table pages;
	u64 bytes;
	/* Where image_page() has found something last */
	struct scatterlist *here;
	unsigned int passed;
	unsigned long at;
};

struct store *store_new(struct device *dev)
{
	struct store *st = kzalloc(sizeof(*st), GFP_KERNEL);

	if (st)
		st->dev = dev;
	return st;
}

struct store *store_old(struct device *dev)
{
	struct store *st;

	st = kzalloc(sizeof(*st), GFP_KERNEL);
	return st;
}

int store_more(struct store *st, struct page **pages, unsigned int nr)
{
	int ret;

	ret = sg_alloc_append_table_from_pages(&st->pages, pages, nr, 0,
					       (unsigned long)nr << PAGE_SHIFT, UINT_MAX, 0,
					       GFP_KERNEL);
	if (ret)
		return ret;
	st->bytes += (u64)nr << PAGE_SHIFT;
	return 0;
}

struct page *store_page(struct store *st, unsigned long off)
{
	unsigned long at = 0;
	struct scatterlist *sg;
	unsigned int i;

	if (off < st->at || !st->here) {
		st->at = 0;
		st->here = st->pages.sgt.sgl;
		st->passed = 0;
	}

	at = st->at;
	for_each_sg(st->here, sg, st->pages.sgt.orig_nents - st->passed, i) {
		if (off < sg->length + at) {
			st->here = sg;
			st->passed = i;
			st->at = at;
			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
		}
		at += sg->length;
	}
	return NULL;
}

int store_map(struct store *st, __be64 *to)
{
	struct sg_dma_page_iter walk;
	int ret;

	ret = dma_map_sgtable(st->dev, &st->pages.sgt, DMA_FROM_DEVICE, 0);
	if (ret)
		return ret;
	for_each_sgtable_dma_page(&st->pages.sgt, &walk, 0)
		*to++ = cpu_to_be64(sg_page_iter_dma_address(&walk));
	return 0;
}

void store_free(struct store *st)
{
	struct sg_page_iter walk;

	dma_unmap_sgtable(st->dev, &st->pages.sgt, DMA_FROM_DEVICE, 0);
	for_each_sgtable_page(&st->pages.sgt, &walk, 0)
		__free_page(sg_page_iter_page(&walk));
	sg_free_append_table(&st->pages);
	kfree(st);
}

unsigned int other_pages(struct sg_table *other)
{
	struct sg_dma_page_iter walk;
	unsigned int n = 0;

	for_each_sgtable_dma_page(other, &walk, 0)
		n++;
	return n;
}

unsigned int other_entries(struct sg_table *other)
{
	struct sg_page_iter walk;
	unsigned int n = 0;

	for_each_sgtable_page(other, &walk, 0)
		n++;
	return n;
}
