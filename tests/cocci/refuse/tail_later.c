// SPDX-License-Identifier: GPL-2.0
/* What is left of the count is used later: convert/coherent_tail.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

struct letter {
	u32 length;
	u32 runs[];
};

struct post {
	struct letter *letter;
	dma_addr_t dma;
	size_t size;
	unsigned int nr;
	struct page **pages;
	struct scatterlist *ents;
	unsigned int mapped;
};

static void post_free(struct device *dev, struct post *p)
{
	if (p->mapped) {
		dma_unmap_sg(dev, p->ents, p->nr, DMA_TO_DEVICE);
	}

	unpin_user_pages(p->pages, p->nr);
	dma_free_coherent(dev, p->size, p->letter, p->dma);
}

static bool follows(u32 *runs, dma_addr_t addr, unsigned int k)
{
	return k && (runs[k - 1] & PAGE_MASK) +
		(((runs[k - 1] & ~PAGE_MASK) + 1) << PAGE_SHIFT) == (addr & PAGE_MASK);
}

struct post *post_make(struct device *dev, unsigned long uaddr, size_t count)
{
	unsigned int nr, off = uaddr & ~PAGE_MASK, i, k;
	struct scatterlist *ents, *sg;
	struct letter *letter;
	struct page **pages;
	struct post *p;
	dma_addr_t dma;
	size_t size;
	int mapped;

	nr = DIV_ROUND_UP(count + off, PAGE_SIZE);
	if (nr > (SIZE_MAX - sizeof(*letter) - sizeof(*p)) /
	    (sizeof(u32) + sizeof(pages[0]) + sizeof(struct scatterlist)))
		return NULL;
	size = sizeof(*letter) + (nr * sizeof(u32)) +
	       (nr * sizeof(pages[0]) + (nr * sizeof(struct scatterlist))) + sizeof(*p);
	letter = dma_alloc_coherent(dev, size, &dma, GFP_KERNEL);
	if (!letter)
		return NULL;

	pages = (struct page **)(letter->runs + nr);
	ents = (struct scatterlist *)(pages + nr);
	p = (struct post *)(ents + nr);
	letter->length = count;
	p->letter = letter;
	p->dma = dma;
	p->size = size;
	p->nr = nr;
	p->pages = pages;
	p->ents = ents;
	p->mapped = 0;

	if (pin_user_pages_fast(uaddr & PAGE_MASK, nr, 0, pages) != nr) {
		p->nr = 0;
		post_free(dev, p);
		return NULL;
	}

	sg_init_table(ents, nr);
	for (i = 0; i < nr; i++) {
		unsigned int len = PAGE_SIZE - off;

		if (len > count)
			len = count;
		sg_set_page(ents + i, pages[i], len, off);
		off = 0;
		count -= len;
	}

	mapped = dma_map_sg(dev, ents, nr, DMA_TO_DEVICE);
	if (mapped == 0) {
		post_free(dev, p);
		return NULL;
	}
	p->mapped = 1;

	k = 0;
	for_each_sg(ents, sg, mapped, i) {
		unsigned int len = sg_dma_len(sg);
		dma_addr_t addr = sg_dma_address(sg);

		WARN_ON(len == 0);
		WARN_ON(i && (i != (mapped - 1)) && (len & ~PAGE_MASK));
		WARN_ON(i && (addr & ~PAGE_MASK));
		if (follows(letter->runs, addr, k))
			letter->runs[k - 1] += ((len + PAGE_SIZE - 1) >> PAGE_SHIFT);
		else
			letter->runs[k++] = (addr & PAGE_MASK) |
				(((len + PAGE_SIZE - 1) >> PAGE_SHIFT) - 1);
	}
	letter->length = count;
	return p;
}

void post_sent(struct device *dev, struct post *p)
{
	unsigned int i;
	int mapped;

	dma_unmap_sg(dev, p->ents, p->nr, DMA_TO_DEVICE);
	p->mapped = 0;
	for (mapped = 0, i = 0; i < p->nr; i++)
		mapped += PageDirty(p->pages[i]);
	dev_dbg(dev, "%d dirty pages\n", mapped);
	post_free(dev, p);
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
