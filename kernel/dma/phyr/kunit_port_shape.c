// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that convert/ of scripts/coccinelle/phyr has a semantic patch for: what each shape
 * does with its list, as drivers have it, and what it becomes.
 *
 * kunit_port.c compares them.  Lists of socket buffers are in net/core/phyr_kunit.c.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/phyr-table.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "kunit_port.h"

/*
 * Bytes of the first of two planes.  It ends inside a page: where an IOMMU had merged the two,
 * scatterlists did not find the second one.
 */
static unsigned int split_of(const struct port_memory *mem)
{
	unsigned int split = mem->size / 2 + 1;

	return split + !((mem->offset + split) % PAGE_SIZE);
}

/* Where an element of the second plane goes is told by telling it once more */
struct pieces {
	dma_addr_t	src[2 * PORT_PAGES];
	u32		len[2 * PORT_PAGES];
	bool		second[2 * PORT_PAGES];
	unsigned int	nr;
};

static int tell_pieces(struct port_told *told, const struct pieces *p)
{
	int ret = 0;

	for (unsigned int i = 0; i < p->nr; i++)
		ret = ret ?: port_tell(told, p->src[i], p->len[i]);
	for (unsigned int i = 0; i < p->nr; i++)
		if (p->second[i])
			ret = ret ?: port_tell(told, p->src[i], p->len[i]);
	return ret;
}

/* pinned_array: the pages of two planes, the second of which begins inside a page */
static unsigned int set_pieces_of_sg(struct scatterlist *sgl, const struct port_memory *mem)
{
	unsigned int left = mem->size, at = mem->offset, first = split_of(mem), n = 0;

	while (left) {
		unsigned int len = min3(left, (unsigned int)(PAGE_SIZE - at % PAGE_SIZE),
					first ?: UINT_MAX);

		sg_set_page(&sgl[n++], mem->pages[at / PAGE_SIZE], len, at % PAGE_SIZE);
		at += len;
		left -= len;
		first -= first ? len : 0;
	}
	return n;
}

static int pieces_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct pieces *p = kzalloc(sizeof(*p), GFP_KERNEL);
	u32 split = split_of(mem), to = 0, other = 1;
	struct scatterlist *sgl, *sg;
	int i, n, nents, ret = -ENOMEM;

	sgl = kcalloc(PORT_PAGES + 1, sizeof(*sgl), GFP_KERNEL);
	if (!sgl || !p)
		goto out;
	sg_init_table(sgl, PORT_PAGES + 1);
	n = set_pieces_of_sg(sgl, mem);
	nents = dma_map_sg(dev, sgl, n, DMA_TO_DEVICE);
	if (!nents)
		goto out;
	for_each_sg(sgl, sg, nents, i) {
		p->len[i] = sg_dma_len(sg);
		p->src[i] = sg_dma_address(sg);
		p->second[i] = to;
		split -= sg_dma_len(sg);
		if (split == 0)
			to = other;
	}
	p->nr = nents;
	ret = tell_pieces(told, p);
	dma_unmap_sg(dev, sgl, n, DMA_TO_DEVICE);
out:
	kfree(sgl);
	kfree(p);
	return ret;
}

static int pieces_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct pieces *p = kzalloc(sizeof(*p), GFP_KERNEL);
	u32 split = split_of(mem), to = 0, other = 1, len;
	struct dma_phyr_iter iter;
	struct phyr_table table;
	struct dma_phyr range;
	int i = 0, ret;

	if (!p)
		return -ENOMEM;
	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, mem->offset,
				    mem->size, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	dma_phyr_for_each(range, iter, &table.map) {
		while (range.len) {
			len = min_t(u64, range.len, PAGE_SIZE - offset_in_page(range.addr));
			if (split)
				len = min(len, split);
			p->len[i] = len;
			p->src[i] = range.addr;
			p->second[i] = to;
			i++;
			split -= len;
			if (split == 0)
				to = other;
			range.addr += len;
			range.len -= len;
		}
	}
	p->nr = i;
	ret = tell_pieces(told, p);
	dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
out:
	phyr_table_free(&table);
	kfree(p);
	return ret;
}

/* phys_chunks: addresses in chunks, of which a table of the device has one each */
static int chunks_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	int i, nents, left = mem->nr, ret;
	struct scatterlist *sg;
	struct sg_table sgt;
	u64 a, l;

	ret = sg_alloc_table(&sgt, mem->nr, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(sgt.sgl, sg, mem->nr, i)
		sg_set_page(sg, pfn_to_page(PHYS_PFN(page_to_phys(mem->pages[i]))), PAGE_SIZE, 0);
	nents = dma_map_sg_attrs(dev, sgt.sgl, mem->nr, DMA_BIDIRECTIONAL, 0);
	if (!nents)
		ret = -ENOMEM;
	for_each_sg(sgt.sgl, sg, nents, i) {
		for (a = sg_dma_address(sg), l = sg_dma_len(sg); left && l;
		     left--, a += PAGE_SIZE, l -= PAGE_SIZE)
			ret = ret ?: port_tell(told, a, PAGE_SIZE);
	}
	if (nents)
		dma_unmap_sg_attrs(dev, sgt.sgl, mem->nr, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&sgt);
	return ret;
}

static int chunks_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct dma_phyr_iter iter;
	int left = mem->nr, ret = 0;
	struct phyr_table table;
	struct dma_phyr range;
	u64 a, l;

	phyr_table_init(&table);
	for (unsigned int i = 0; i < mem->nr && !ret; i++)
		ret = phyr_list_append(&table.list, page_to_phys(mem->pages[i]), PAGE_SIZE,
				       GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto out;
	dma_phyr_for_each_stretch(range, iter, &table.map) {
		for (a = range.addr, l = range.len; left && l;
		     left--, a += PAGE_SIZE, l -= PAGE_SIZE)
			ret = ret ?: port_tell(told, a, PAGE_SIZE);
	}
	dma_unmap_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
out:
	phyr_table_free(&table);
	return ret;
}

/* page_blocks, chunk_union: the address of each allocation, which is given back by the list */
static int blocks_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct scatterlist *sg;
	struct sg_table sgt;
	int i, ret;

	ret = sg_alloc_table(&sgt, mem->nr, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg(&sgt, sg, i)
		sg_set_page(sg, mem->pages[i], PAGE_SIZE, 0);
	ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto out;
	for_each_sgtable_dma_sg(&sgt, sg, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg), sg_dma_len(sg));
	dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	for_each_sgtable_sg(&sgt, sg, i)
		ret = ret ?: port_tell_phys(told, page_to_phys(sg_page(sg)), sg->length);
out:
	sg_free_table(&sgt);
	return ret;
}

static int blocks_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	unsigned int given = 0;
	struct phyr_table table;
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	phyr_table_init(&table);
	ret = phyr_list_reserve(&table.list, mem->nr, GFP_KERNEL);
	for (unsigned int i = 0; i < mem->nr && !ret; i++)
		ret = phyr_list_append_unmerged(&table.list, page_to_phys(mem->pages[i]),
						PAGE_SIZE, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto out;
	for (unsigned int i = 0; i < mem->nr; i++)
		ret = ret ?: port_tell(told, dma_phyr_address(&table.map, (u64)i * PAGE_SIZE),
				       PAGE_SIZE);
	dma_unmap_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	phyr_list_for_each(range, iter, &table.list) {
		/* Each as it was allocated, not merged with its neighbour */
		if (given == mem->nr || range.len != PAGE_SIZE ||
		    range.addr != page_to_phys(mem->pages[given++]))
			ret = -EINVAL;
		ret = ret ?: port_tell_phys(told, range.addr, range.len);
	}
out:
	phyr_table_free(&table);
	return ret;
}

/* entries_of_pages: entries that are an allocation each, found by their numbers */
struct entry {
	struct page	*page;
	dma_addr_t	addr;
	size_t		len;
};

static int numbered_of_sg(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct scatterlist *ents = kcalloc(mem->nr, sizeof(*ents), GFP_KERNEL);
	int mapped, ret = 0;

	if (!ents)
		return -ENOMEM;
	sg_init_table(ents, mem->nr);
	for (unsigned int i = 0; i < mem->nr; i++)
		sg_set_page(&ents[i], mem->pages[i], PAGE_SIZE, 0);
	mapped = dma_map_sg(dev, ents, mem->nr, DMA_BIDIRECTIONAL);
	if (mapped <= 0) {
		ret = -ENOMEM;
		goto out;
	}
	for (unsigned int i = 0; i < mapped; i++)
		ret = ret ?: port_tell(told, sg_dma_address(&ents[i]), sg_dma_len(&ents[i]));
	dma_unmap_sg(dev, ents, mem->nr, DMA_BIDIRECTIONAL);
	for (unsigned int i = 0; i < mem->nr; i++)
		ret = ret ?: port_tell_phys(told, page_to_phys(sg_page(&ents[i])),
					    PAGE_SIZE << get_order(ents[i].length));
out:
	kfree(ents);
	return ret;
}

static int numbered_of_pages(struct device *dev, const struct port_memory *mem,
			     struct port_told *told)
{
	struct entry *ents = kcalloc(mem->nr, sizeof(*ents), GFP_KERNEL);
	unsigned int mapped;
	int ret = 0;

	if (!ents)
		return -ENOMEM;
	for (mapped = 0; mapped < mem->nr; mapped++) {
		struct entry *e = &ents[mapped];

		e->page = mem->pages[mapped];
		e->len = PAGE_SIZE;
		e->addr = dma_map_page(dev, e->page, 0, e->len, DMA_BIDIRECTIONAL);
		if (dma_mapping_error(dev, e->addr)) {
			ret = -ENOMEM;
			break;
		}
	}
	for (unsigned int i = 0; i < mapped; i++)
		ret = ret ?: port_tell(told, ents[i].addr, ents[i].len);
	for (unsigned int i = 0; i < mapped; i++) {
		dma_unmap_page(dev, ents[i].addr, ents[i].len, DMA_BIDIRECTIONAL);
		ret = ret ?: port_tell_phys(told, page_to_phys(ents[i].page),
					    PAGE_SIZE << get_order(ents[i].len));
	}
	kfree(ents);
	return ret;
}

/* coherent_tail: pages that the device is told of in runs, by what a page has in its low bits */
static bool follows(const u64 *runs, dma_addr_t addr, unsigned int k)
{
	return k && (runs[k - 1] & PAGE_MASK) +
		(((runs[k - 1] & ~PAGE_MASK) + 1) << PAGE_SHIFT) == (addr & PAGE_MASK);
}

static int tell_runs(struct port_told *told, const u64 *runs, unsigned int nr)
{
	int ret = 0;

	for (unsigned int k = 0; k < nr; k++)
		ret = ret ?: port_tell(told, runs[k] & PAGE_MASK,
				       ((runs[k] & ~PAGE_MASK) + 1) << PAGE_SHIFT);
	return ret;
}

static int runs_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	unsigned int off = mem->offset, left = mem->size, i, n = 0, k = 0;
	struct scatterlist *sgl, *sg;
	u64 runs[PORT_PAGES + 1];
	int nents, ret = -ENOMEM;

	sgl = kcalloc(mem->nr, sizeof(*sgl), GFP_KERNEL);
	if (!sgl)
		return -ENOMEM;
	sg_init_table(sgl, mem->nr);
	for (n = 0; left; n++) {
		unsigned int len = min_t(unsigned int, PAGE_SIZE - off, left);

		sg_set_page(&sgl[n], mem->pages[n], len, off);
		off = 0;
		left -= len;
	}
	nents = dma_map_sg(dev, sgl, n, DMA_TO_DEVICE);
	if (!nents)
		goto out;
	for_each_sg(sgl, sg, nents, i) {
		unsigned int len = sg_dma_len(sg) + offset_in_page(sg_dma_address(sg));
		dma_addr_t addr = sg_dma_address(sg);

		if (follows(runs, addr, k))
			runs[k - 1] += (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
		else
			runs[k++] = (addr & PAGE_MASK) |
				(((len + PAGE_SIZE - 1) >> PAGE_SHIFT) - 1);
	}
	ret = tell_runs(told, runs, k);
	dma_unmap_sg(dev, sgl, n, DMA_TO_DEVICE);
out:
	kfree(sgl);
	return ret;
}

static int runs_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct dma_phyr_block_iter iter;
	struct phyr_table table;
	u64 runs[PORT_PAGES + 1];
	unsigned int k = 0;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, mem->offset,
				    mem->size, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	dma_phyr_for_each_block(iter, &table.map, PAGE_SIZE) {
		if (follows(runs, iter.addr, k))
			runs[k - 1]++;
		else
			runs[k++] = iter.addr;
	}
	ret = tell_runs(told, runs, k);
	dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
out:
	phyr_table_free(&table);
	return ret;
}

/* skb_page: what is at an offset, if the device finds it there in one piece */
static dma_addr_t find_in_sg(struct sg_table *sgt, unsigned int off, unsigned int len)
{
	struct scatterlist *sg;
	unsigned int at = 0;
	int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		if (off >= at && off + len <= at + sg_dma_len(sg))
			return sg_dma_address(sg) + off - at;
		at += sg_dma_len(sg);
	}
	return DMA_MAPPING_ERROR;
}

static dma_addr_t find_in_phyr(struct phyr_table *table, unsigned int off, unsigned int len)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	unsigned int at = 0;

	dma_phyr_for_each_stretch(range, iter, &table->map) {
		if (off >= at && off + len <= at + range.len)
			return range.addr + off - at;
		at += range.len;
	}
	return DMA_MAPPING_ERROR;
}

/* Pieces that end with their pages, from the last one to the first */
static unsigned int piece_before(const struct port_memory *mem, unsigned int end)
{
	return min_t(unsigned int, end, (mem->offset + end - 1) % PAGE_SIZE + 1);
}

static int search_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	unsigned int end = mem->size;
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, mem->offset,
					mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	while (end) {
		unsigned int len = piece_before(mem, end);

		end -= len;
		ret = ret ?: port_tell(told, find_in_sg(&sgt, end, len), len);
	}
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
out:
	sg_free_table(&sgt);
	return ret;
}

static int search_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	unsigned int end = mem->size;
	struct phyr_table table;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, mem->offset,
				    mem->size, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	while (end) {
		unsigned int len = piece_before(mem, end);

		end -= len;
		ret = ret ?: port_tell(told, find_in_phyr(&table, end, len), len);
	}
	dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
out:
	phyr_table_free(&table);
	return ret;
}

/* append_cursor, page_cursor: pages in batches; a page table, and finding pages again */
struct cursor {
	struct scatterlist	*here;
	unsigned int		passed;
	unsigned long		at;
};

static struct page *page_of_sg(struct sg_table *sgt, struct cursor *c, unsigned long off)
{
	struct scatterlist *sg;
	unsigned long at;
	unsigned int i;

	if (off < c->at || !c->here)
		*c = (struct cursor) { .here = sgt->sgl };
	at = c->at;
	for_each_sg(c->here, sg, sgt->orig_nents - c->passed, i) {
		if (off < sg->length + at) {
			c->here = sg;
			c->passed += i;
			c->at = at;
			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
		}
		at += sg->length;
	}
	return NULL;
}

static struct page *page_of_phyr(struct phyr_table *table, unsigned long off)
{
	struct phyr_iter iter;

	if (phyr_iter_init_window(&iter, &table->list, off, 1))
		return NULL;
	return pfn_to_page(PHYS_PFN(phyr_iter_addr(&iter)));
}

/* One page after the other, each time back to half of the way, and behind the end */
static int check_page(const struct port_memory *mem, struct page *page, unsigned int k)
{
	return page == (k < mem->nr ? mem->pages[k] : NULL) ? 0 : -EINVAL;
}

static int batches_of_sg(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct sg_append_table table = {};
	struct sg_dma_page_iter walk;
	struct cursor cursor = {};
	int ret = 0;

	for (unsigned int done = 0, n; done < mem->nr && !ret; done += n) {
		n = min(mem->nr - done, 7U);
		ret = sg_alloc_append_table_from_pages(&table, (struct page **)mem->pages + done,
						       n, 0, (unsigned long)n << PAGE_SHIFT,
						       UINT_MAX, mem->nr - done - n, GFP_KERNEL);
	}
	ret = ret ?: dma_map_sgtable(dev, &table.sgt, DMA_FROM_DEVICE, 0);
	if (ret)
		goto out;
	for_each_sgtable_dma_page(&table.sgt, &walk, 0)
		ret = ret ?: port_tell(told, sg_page_iter_dma_address(&walk), PAGE_SIZE);
	dma_unmap_sgtable(dev, &table.sgt, DMA_FROM_DEVICE, 0);
	for (unsigned int k = 0; k <= mem->nr; k++) {
		struct page *page = page_of_sg(&table.sgt, &cursor,
					       ((unsigned long)k << PAGE_SHIFT) + k);

		ret = ret ?: check_page(mem, page, k);
		page = page_of_sg(&table.sgt, &cursor, (unsigned long)(k / 2) << PAGE_SHIFT);
		ret = ret ?: check_page(mem, page, k / 2);
	}
out:
	sg_free_append_table(&table);
	return ret;
}

static int batches_of_phyr(struct device *dev, const struct port_memory *mem,
			   struct port_told *told)
{
	struct dma_phyr_block_iter iter;
	struct phyr_table table;
	int ret = 0;

	phyr_table_init(&table);
	for (unsigned int done = 0, n; done < mem->nr && !ret; done += n) {
		n = min(mem->nr - done, 7U);
		ret = phyr_list_append_pages(&table.list, mem->pages + done, n, 0,
					     (u64)n << PAGE_SHIFT, GFP_KERNEL);
	}
	ret = ret ?: dma_map_phyr_table(dev, &table, DMA_FROM_DEVICE, 0);
	if (ret)
		goto out;
	dma_phyr_for_each_block(iter, &table.map, PAGE_SIZE)
		ret = ret ?: port_tell(told, iter.addr, PAGE_SIZE);
	dma_unmap_phyr_table(dev, &table, DMA_FROM_DEVICE, 0);
	for (unsigned int k = 0; k <= mem->nr; k++) {
		struct page *page = page_of_phyr(&table, ((unsigned long)k << PAGE_SHIFT) + k);

		ret = ret ?: check_page(mem, page, k);
		page = page_of_phyr(&table, (unsigned long)(k / 2) << PAGE_SHIFT);
		ret = ret ?: check_page(mem, page, k / 2);
	}
out:
	phyr_table_free(&table);
	return ret;
}

const struct port_pattern port_shapes[] = {
	{ "pinned pages of two planes", pieces_of_sg, pieces_of_phyr },
	{ "chunks of physical memory", chunks_of_sg, chunks_of_phyr },
	{ "blocks of pages", blocks_of_sg, blocks_of_phyr },
	{ "numbered entries", numbered_of_sg, numbered_of_pages },
	{ "runs of pages", runs_of_sg, runs_of_phyr, true },
	{ "search by offset", search_of_sg, search_of_phyr },
	{ "pages in batches", batches_of_sg, batches_of_phyr },
	{}
};
