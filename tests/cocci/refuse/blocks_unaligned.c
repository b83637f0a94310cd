// SPDX-License-Identifier: GPL-2.0
/* The area may begin inside a page: convert/vmalloc_blocks.cocci. */
/* => refused: loop-body */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct level {
	u64 *words;
	size_t size;
	bool flat;
	union {
		dma_addr_t dma;
		struct {
			struct scatterlist *ents;
			u32 nr;
			u32 depth;
		};
	};
};

int level_map(struct level *lv, struct device *dev)
{
	struct scatterlist *ents;
	void *buf = lv->words;
	u32 nr_pages, i, nr;
	struct page *pg;

	nr_pages = DIV_ROUND_UP(lv->size, PAGE_SIZE);
	ents = vzalloc(nr_pages * sizeof(*ents));
	if (!ents)
		return -ENOMEM;

	sg_init_table(ents, nr_pages);
	for (i = 0; i < nr_pages; i++) {
		pg = vmalloc_to_page(buf);
		if (!pg)
			goto err;
		sg_set_page(&ents[i], pg, PAGE_SIZE, 0);
		buf += PAGE_SIZE;
	}

	nr = dma_map_sg(dev, ents, nr_pages, DMA_TO_DEVICE);
	if (!nr)
		goto err;

	lv->ents = ents;
	lv->nr = nr;

	return 0;
err:
	vfree(ents);

	return -ENOMEM;
}

void level_above(struct level *lv, struct level *below)
{
	struct scatterlist *sg;
	u32 k = 0, i;

	for_each_sg(below->ents, sg, below->nr, i)
		lv->words[k++] = sg_dma_address(sg);
	lv->depth = below->depth + 1;
}

u64 level_start(struct level *lv, bool first)
{
	if (lv->flat)
		return lv->dma;
	return first ? sg_dma_address(lv->ents) : lv->ents[0].dma_address;
}

void level_unmap(struct level *lv, struct device *dev)
{
	u32 i, nr = lv->nr;

	dma_unmap_sg(dev, lv->ents, DIV_ROUND_UP(lv->size, PAGE_SIZE), DMA_TO_DEVICE);
	vfree(lv->ents);
	for (i = 0; i < nr; i++)
		lv->words[i] = 0;
}

unsigned int other_bytes(struct sg_table *other)
{
	struct scatterlist *ents;
	struct scatterlist *sg;
	unsigned int n = 0;
	int i;

	ents = other->sgl;
	for_each_sg(ents, sg, other->orig_nents, i)
		n += sg->length;
	return n;
}

void other_put(struct page **pages, u32 n)
{
	struct page *pg;
	u32 nr;

	for (nr = 0; nr < n; nr++) {
		pg = pages[nr];
		put_page(pg);
	}
}
