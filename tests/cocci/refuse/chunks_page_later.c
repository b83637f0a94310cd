// SPDX-License-Identifier: GPL-2.0
/* The last page is used later: convert/phys_chunks.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/scatterlist.h>

struct piece {
	struct list_head list;
	u64 phys;
	u64 bytes;
};

struct window {
	struct sg_table tab;
	int shift;
	int chunks;
	int mapped;
};

static void window_fill(struct window *w, __le64 *to)
{
	struct scatterlist *sg;
	int left = w->chunks;
	u64 a, l;
	int i;

	for_each_sg(w->tab.sgl, sg, w->mapped, i) {
		for (a = sg_dma_address(sg), l = sg_dma_len(sg); left && l;
		     left--, a += BIT(w->shift), l -= BIT(w->shift))
			*to = cpu_to_le64(a);
	}
}

int window_map(struct window *w, struct device *dev, struct list_head *pieces, u64 bytes,
	       __le64 *to)
{
	unsigned int n = bytes >> w->shift;
	int chunk = 1 << w->shift;
	struct scatterlist *sg;
	struct piece *p;
	struct page *pg;
	u64 pa, end;
	int err;

	err = sg_alloc_table(&w->tab, n, GFP_KERNEL);
	if (err)
		return err;

	sg = w->tab.sgl;
	for (p = list_first_entry(pieces, struct piece, list);
	     !list_entry_is_head(p, pieces, list); p = list_next_entry(p, list)) {
		pa = p->phys;
		end = p->phys + p->bytes;
		for (; pa < end; pa += chunk) {
			pg = pfn_to_page(__phys_to_pfn(pa));
			if (!sg) {
				dev_warn(dev, "more than %llu bytes\n", bytes);
				err = -ENOMEM;
				goto free;
			}
			sg_set_page(sg, pg, chunk, 0);
			sg = sg_next(sg);
			if (!sg)
				goto full;
		}
	}
full:
	get_page(pg);
	w->chunks = n;
	w->mapped = dma_map_sg_attrs(dev, w->tab.sgl, w->chunks, DMA_TO_DEVICE, 0);
	if (!w->mapped) {
		err = -ENOMEM;
		goto free;
	}
	return 0;

free:
	sg_free_table(&w->tab);
	return err;
}

void window_unmap(struct window *w, struct device *dev)
{
	int i = w->chunks;

	dma_unmap_sg_attrs(dev, w->tab.sgl, i, DMA_TO_DEVICE, 0);
	sg_free_table(&w->tab);
}

void window_show(struct window *w, struct device *dev, __le64 *to)
{
	window_fill(w, to);
	dev_info(dev, "%d chunks\n", w->chunks);
}

unsigned int other_bytes(struct sg_table *other)
{
	struct scatterlist *from, *sg;
	unsigned int n = 0;
	int i;

	from = other->sgl;
	for_each_sg(from, sg, other->orig_nents, i)
		n += sg->length;
	return n;
}

void other_put(struct page **pages, int n)
{
	struct page *pg;

	while (n--) {
		pg = pages[n];
		put_page(pg);
	}
}
