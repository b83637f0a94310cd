// SPDX-License-Identifier: GPL-2.0
/* Chunks of pages in a union with coherent buffers: convert/chunk_union.cocci. */
#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define PARTS 6

struct fixed {
	void *at;
	size_t bytes;
	dma_addr_t dma;
};

struct part {
	struct list_head list;
	int used;
	int mapped;
	bool coherent;
	union {
		struct scatterlist	ents[PARTS];
		struct fixed		bufs[PARTS];
	};
};

struct host {
	struct list_head parts;
	bool coherent;
};

struct walk {
	struct host *host;
	struct part *part;
	int k;
};

static inline void walk_first(struct host *h, struct walk *w)
{
	w->host = h;
	w->part = list_empty(&h->parts) ? NULL :
		list_entry(h->parts.next, struct part, list);
	w->k = 0;
}

static inline void walk_next(struct walk *w)
{
	if (++w->k >= w->part->mapped) {
		if (w->part->list.next == &w->host->parts) {
			w->part = NULL;
			return;
		}
		w->part = list_entry(w->part->list.next, struct part, list);
		w->k = 0;
	}
}

static inline dma_addr_t walk_addr(struct walk *w)
{
	if (w->part->coherent)
		return w->part->bufs[w->k].dma;
	else
		return sg_dma_address(&w->part->ents[w->k]);
}

static inline unsigned long walk_len(struct walk *w)
{
	return w->part->coherent ? w->part->bufs[w->k].bytes :
		sg_dma_len(&w->part->ents[w->k]);
}

static void part_free(struct device *dev, struct part *p)
{
	int i;

	if (p->mapped > 0)
		dma_unmap_sg(dev, p->ents, p->used, DMA_BIDIRECTIONAL);

	for (i = 0; i < p->used; ++i)
		__free_pages(sg_page(&p->ents[i]), get_order(p->ents[i].length));
}

static int part_page(struct scatterlist *mem, int order, gfp_t mask, int node)
{
	struct page *page;

	page = alloc_pages_node(node, mask, order);
	if (!page) {
		page = alloc_pages(mask, order);
		if (!page)
			return -ENOMEM;
	}

	sg_set_page(mem, page, PAGE_SIZE << order, 0);
	return 0;
}

struct part *part_make(struct device *dev, int order)
{
	struct part *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	sg_init_table(p->ents, PARTS);
	while (p->used < PARTS) {
		if (part_page(&p->ents[p->used], order, GFP_HIGHUSER, dev_to_node(dev)))
			goto fail;
		p->used++;
	}
	p->mapped = dma_map_sg(dev, p->ents, p->used, DMA_BIDIRECTIONAL);
	if (!p->mapped)
		goto fail;
	return p;

fail:
	part_free(dev, p);
	kfree(p);
	return NULL;
}

void *host_find(struct host *h, int off, dma_addr_t *to)
{
	int left = off, i;
	void *addr = NULL;
	struct part *p;

	list_for_each_entry(p, &h->parts, list) {
		for (i = 0; i < p->used; ++i) {
			dma_addr_t dma;
			size_t len;

			if (h->coherent) {
				len = p->bufs[i].bytes;
				dma = p->bufs[i].dma;
				addr = p->bufs[i].at;
			} else {
				struct page *page;

				len = sg_dma_len(&p->ents[i]);
				dma = sg_dma_address(&p->ents[i]);
				page = sg_page(&p->ents[i]);
				addr = lowmem_page_address(page);
			}
			if (to && left >= 0) {
				if (len > left)
					*to = dma + left;
				left -= len;
			}
			if (len > off)
				goto out;
			off -= len;
		}
	}
	addr = NULL;
out:
	return addr ? addr + off : NULL;
}

u64 host_sum(struct host *h)
{
	struct walk w;
	u64 sum = 0;

	for (walk_first(h, &w); w.part; walk_next(&w))
		sum += walk_addr(&w) + walk_len(&w);
	return sum;
}
