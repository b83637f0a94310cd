// SPDX-License-Identifier: GPL-2.0
/* A table that operations find as the first member: convert/table_behind_ops.cocci. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <sound/memalloc.h>

struct snd_malloc_ops {
	void *(*alloc)(struct snd_dma_buffer *dmab, size_t size);
	void (*free)(struct snd_dma_buffer *dmab);
	dma_addr_t (*get_addr)(struct snd_dma_buffer *dmab, size_t offset);
	int (*mmap)(struct snd_dma_buffer *dmab, struct vm_area_struct *area);
};

static void *plain_alloc(struct snd_dma_buffer *dmab, size_t size)
{
	struct sg_table *sgt;

	sgt = dma_alloc_noncontiguous(dmab->dev.dev, size, dmab->dev.dir, GFP_KERNEL, 0);
	dmab->private_data = sgt;
	return sgt;
}

static void plain_free(struct snd_dma_buffer *dmab)
{
	dma_free_noncontiguous(dmab->dev.dev, dmab->bytes, dmab->private_data,
			       dmab->dev.dir);
}

static inline void plain_start(struct snd_dma_buffer *dmab, struct sg_page_iter *piter,
			       size_t offset)
{
	struct sg_table *sgt = dmab->private_data;

	__sg_page_iter_start(piter, sgt->sgl, sgt->orig_nents, offset >> PAGE_SHIFT);
}

static dma_addr_t plain_addr(struct snd_dma_buffer *dmab, size_t offset)
{
	struct sg_dma_page_iter iter;

	plain_start(dmab, &iter.base, offset);
	__sg_page_iter_dma_next(&iter);
	return sg_page_iter_dma_address(&iter) + offset % PAGE_SIZE;
}

static const struct snd_malloc_ops plain_ops = {
	.alloc = plain_alloc,
	.free = plain_free,
	.get_addr = plain_addr,
};

struct held {
	struct sg_table tab; /* the first, for plain_addr() */
	unsigned int n;
	struct page **pages;
};

static void *held_alloc(struct snd_dma_buffer *dmab, size_t size)
{
	struct held *h = kzalloc(sizeof(*h), GFP_KERNEL);
	void *p;

	if (!h)
		return NULL;
	h->n = size >> PAGE_SHIFT;
	h->pages = kvcalloc(h->n, sizeof(*h->pages), GFP_KERNEL);
	if (!h->pages)
		goto no_pages;
	if (sg_alloc_table_from_pages(&h->tab, h->pages, h->n, 0, h->n << PAGE_SHIFT,
				      GFP_KERNEL))
		goto no_table;
	if (dma_map_sgtable(dmab->dev.dev, &h->tab, DMA_BIDIRECTIONAL, 0))
		goto no_map;
	p = vmap(h->pages, h->n, VM_MAP, PAGE_KERNEL);
	if (!p)
		goto no_vmap;
	dmab->private_data = h;
	dmab->addr = snd_sgbuf_get_addr(dmab, 0);
	return p;

no_vmap:
	dma_unmap_sgtable(dmab->dev.dev, &h->tab, DMA_BIDIRECTIONAL, 0);
no_map:
	sg_free_table(&h->tab);
no_table:
	kvfree(h->pages);
no_pages:
	kfree(h);
	return NULL;
}

static void held_free(struct snd_dma_buffer *dmab)
{
	struct held *h = dmab->private_data;

	vunmap(dmab->area);
	dma_unmap_sgtable(dmab->dev.dev, &h->tab, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&h->tab);
	kvfree(h->pages);
	kfree(h);
}

static int held_mmap(struct snd_dma_buffer *dmab, struct vm_area_struct *area)
{
	struct held *h = dmab->private_data;

	return vm_map_pages(area, h->pages, h->n);
}

static const struct snd_malloc_ops held_ops = {
	.alloc = held_alloc,
	.free = held_free,
	.mmap = held_mmap,
	.get_addr = plain_addr,
};
