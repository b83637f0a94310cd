// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists to other descriptions, for callees that are not yet
 * converted (pages, sg_table, bio_vec), and copies of the memory itself.
 *
 * Only memory with a struct page has these descriptions; a list that has other
 * memory is refused before anything is done.
 */
#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/p2pdma-provider.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

/* Struct pages come and go by the 2 MiB, see SUBSECTION_SHIFT */
#define PHYR_PAGES_STEP	PHYS_PFN(SZ_2M)

/**
 * phyr_has_pages - does all of a range have a struct page?
 * @addr: Physical address of the first byte.
 * @len: Bytes, not zero.
 *
 * Memory that has one is memory that the kernel can map and copy.
 *
 * Context: Any.
 * Return: Whether it has.
 */
bool phyr_has_pages(phys_addr_t addr, u64 len)
{
	unsigned long pfn = PHYS_PFN(addr);
	unsigned long last = PHYS_PFN(addr + len - 1);

	for (; pfn < last; pfn = round_down(pfn, PHYR_PAGES_STEP) + PHYR_PAGES_STEP)
		if (!pfn_valid(pfn))
			return false;
	return pfn_valid(last);
}
EXPORT_SYMBOL_GPL(phyr_has_pages);

/**
 * phyr_page_iter_next - the next page of a walk
 * @iter: Iterator, of a list all of which has a struct page.
 *
 * Context: Any.
 * Return: The page, or NULL at the end.
 */
struct page *phyr_page_iter_next(struct phyr_page_iter *iter)
{
	struct phyr *range = &iter->range;
	struct page *page;
	u64 len;

	if (!range->len && !phyr_iter_next(&iter->iter, range))
		return NULL;
	page = pfn_to_page(PHYS_PFN(range->addr));
	len = min_t(u64, range->len, PAGE_SIZE - offset_in_page(range->addr));
	range->addr += len;
	range->len -= len;
	return page;
}
EXPORT_SYMBOL_GPL(phyr_page_iter_next);

static bool phyr_is_paged(const struct phyr *range)
{
	switch (range->run->kind) {
	case PHYR_SYSTEM:
		return phyr_has_pages(range->addr, range->len);
	case PHYR_P2P:
		/*
		 * There may be struct pages where a BAR is that are not of it.  All of a
		 * provider's memory has pages of its own, or none has.
		 */
		return pfn_valid(PHYS_PFN(range->addr)) &&
			p2pdma_page_provider(pfn_to_page(PHYS_PFN(range->addr))) ==
			range->run->provider;
	default:
		return false;
	}
}

/* How many bytes from @addr on have their struct pages in one array */
static u64 phyr_memmap_left(phys_addr_t addr)
{
#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP)
	u64 section = PFN_PHYS((u64)PAGES_PER_SECTION);

	return section - (addr & (section - 1));
#else
	return U64_MAX;
#endif
}

/*
 * How much of a range one entry of at most @max bytes takes.  The next one
 * begins with a page, if @max is a page or more.
 */
static unsigned int phyr_entry_len(const struct phyr *range, unsigned int max)
{
	u64 page_end, left = phyr_memmap_left(range->addr);

	if (range->len <= min_t(u64, max, left))
		return range->len;
	if (left <= max)
		return left;
	page_end = round_down((u64)range->addr + max, PAGE_SIZE);
	return page_end > range->addr ? page_end - range->addr : max;
}

/**
 * phyr_list_to_sgtable - append a list to an sg_table
 * @list: The list.
 * @sgt: A table that is all zero, or one that sg_alloc_table() or this made and
 *	that is filled to its end.  It must not be mapped.  sg_free_table() frees it.
 * @max_segment: How many bytes an entry may have, at least a page.
 * @gfp: How to allocate.
 *
 * A range that follows on the last entry extends it.  The table holds no pins
 * and no references: the list has to live on while the table is in use.
 *
 * Context: Any that @gfp allows.  On error the table is as it was.
 * Return:
 * * 0 - success
 * * %-EINVAL - the list is empty, @max_segment is less than a page, or the last
 *   entry of the table has no page
 * * %-ENXIO - some of the memory has no struct page
 * * %-E2BIG - there would be too many entries
 * * %-ENOMEM - no memory for the table
 */
int phyr_list_to_sgtable(const struct phyr_list *list, struct sg_table *sgt,
			 unsigned int max_segment, gfp_t gfp)
{
	struct scatterlist *sg, *from, *last = NULL;
	struct sg_table new;
	struct phyr_iter iter;
	struct phyr range;
	unsigned int i, len, merge = 0;
	u64 nr = sgt->orig_nents;
	int ret;

	if (!list->bytes || max_segment < PAGE_SIZE)
		return -EINVAL;
	/* Entries have whole pages, but for the ends of a range */
	max_segment = round_down(max_segment, PAGE_SIZE);

	phyr_list_for_each(range, iter, list)
		if (!phyr_is_paged(&range))
			return -ENXIO;

	for_each_sg(sgt->sgl, from, sgt->orig_nents, i)
		last = from;
	if (last && !sg_page(last))
		return -EINVAL;
	phyr_iter_init(&iter, list);
	phyr_iter_next(&iter, &range);
	if (last && last->length < max_segment && sg_phys(last) + last->length == range.addr &&
	    zone_device_pages_have_same_pgmap(sg_page(last), pfn_to_page(PHYS_PFN(range.addr))))
		merge = phyr_entry_len(&range, max_segment - last->length);

	phyr_iter_init_window(&iter, list, merge, list->bytes - merge);
	while (phyr_iter_next(&iter, &range))
		for (; range.len; range.addr += len, range.len -= len, nr++)
			len = phyr_entry_len(&range, max_segment);
	if (nr > UINT_MAX)
		return -E2BIG;
	ret = sg_alloc_table(&new, nr, gfp);
	if (ret)
		return ret;

	sg = new.sgl;
	for_each_sg(sgt->sgl, from, sgt->orig_nents, i) {
		sg_set_page(sg, sg_page(from), from->length + (from == last ? merge : 0),
			    from->offset);
		sg = sg_next(sg);
	}
	phyr_iter_init_window(&iter, list, merge, list->bytes - merge);
	while (phyr_iter_next(&iter, &range)) {
		for (; range.len; range.addr += len, range.len -= len) {
			len = phyr_entry_len(&range, max_segment);
			sg_set_page(sg, pfn_to_page(PHYS_PFN(range.addr)), len,
				    offset_in_page(range.addr));
			sg = sg_next(sg);
		}
	}
	sg_free_table(sgt);
	*sgt = new;
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_to_sgtable);

/**
 * phyr_list_to_bvecs - describe a part of a list by bio_vecs
 * @list: The list.
 * @off: Where to begin, bytes from the start of the list.
 * @len: Bytes.
 * @bvecs: Where to store them; each may have many pages.
 * @max_bvecs: How many there is room for.
 *
 * They hold no references: the list has to live on while they are in use.
 *
 * Context: Any.
 * Return:
 * * the number of bio_vecs that were stored
 * * %-EINVAL - @len is zero
 * * %-ERANGE - the window is not within the list
 * * %-ENXIO - some of the memory has no struct page
 * * %-ENOSPC - there is no room for all of them; some may have been stored
 */
int phyr_list_to_bvecs(const struct phyr_list *list, u64 off, u64 len,
		       struct bio_vec *bvecs, unsigned int max_bvecs)
{
	const unsigned int max_len = round_down(UINT_MAX, PAGE_SIZE);
	unsigned int nr = 0, bytes;
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	ret = phyr_iter_init_window(&iter, list, off, len);
	if (ret)
		return ret;
	if (!len)
		return -EINVAL;
	while (phyr_iter_next(&iter, &range)) {
		if (!phyr_is_paged(&range))
			return -ENXIO;
		for (; range.len; range.addr += bytes, range.len -= bytes) {
			if (nr == max_bvecs || nr == INT_MAX)
				return -ENOSPC;
			bytes = phyr_entry_len(&range, max_len);
			bvec_set_page(&bvecs[nr++], pfn_to_page(PHYS_PFN(range.addr)), bytes,
				      offset_in_page(range.addr));
		}
	}
	return nr;
}
EXPORT_SYMBOL_GPL(phyr_list_to_bvecs);

/* Copy within a page of memory, to it from @buf or from it to @buf */
static int phyr_copy_page(phys_addr_t addr, void *buf, size_t len, bool to_list)
{
	bool has_page = pfn_valid(PHYS_PFN(addr));
	void *base, *mem;

	if (has_page)
		base = kmap_local_page(pfn_to_page(PHYS_PFN(addr)));
	else if (IS_ENABLED(CONFIG_HAS_IOMEM))
		base = memremap(round_down(addr, PAGE_SIZE), PAGE_SIZE, MEMREMAP_WB);
	else
		return -ENXIO;
	if (!base)
		return -ENOMEM;
	mem = base + offset_in_page(addr);
	if (to_list) {
		memcpy(mem, buf, len);
		if (has_page)
			flush_dcache_page(pfn_to_page(PHYS_PFN(addr)));
	} else {
		memcpy(buf, mem, len);
	}
	if (has_page)
		kunmap_local(base);
	else
		memunmap(base);
	return 0;
}

static int phyr_list_copy(const struct phyr_list *list, u64 off, void *buf, size_t len,
			  bool to_list)
{
	struct phyr_iter iter;
	struct phyr range;
	size_t bytes;
	int ret;

	ret = phyr_iter_init_window(&iter, list, off, len);
	if (ret)
		return ret;
	while (phyr_iter_next(&iter, &range))
		if (range.run->kind != PHYR_SYSTEM ||
		    (!IS_ENABLED(CONFIG_HAS_IOMEM) && !phyr_is_paged(&range)))
			return -ENXIO;

	phyr_iter_init_window(&iter, list, off, len);
	while (phyr_iter_next(&iter, &range)) {
		for (; range.len; range.addr += bytes, range.len -= bytes) {
			bytes = min_t(u64, range.len, PAGE_SIZE - offset_in_page(range.addr));
			ret = phyr_copy_page(range.addr, buf, bytes, to_list);
			if (ret)
				return ret;
			buf += bytes;
		}
	}
	return 0;
}

/**
 * phyr_list_copy_from - copy bytes out of the memory of a list
 * @list: The list.
 * @off: Where to begin, bytes from the start of the list.
 * @buf: Where to copy to.
 * @len: Bytes, possibly none.
 *
 * Context: Any, if all of the memory has a struct page; may sleep otherwise.
 * Return:
 * * 0 - success
 * * %-ERANGE - the window is not within the list
 * * %-ENXIO - some of the window is not memory that the CPU may touch
 * * %-ENOMEM - memory without a struct page could not be mapped for the CPU;
 *   what comes before it has been copied
 */
int phyr_list_copy_from(const struct phyr_list *list, u64 off, void *buf, size_t len)
{
	return phyr_list_copy(list, off, buf, len, false);
}
EXPORT_SYMBOL_GPL(phyr_list_copy_from);

/**
 * phyr_list_copy_to - copy bytes into the memory of a list
 * @list: The list.
 * @off: Where to begin, bytes from the start of the list.
 * @buf: What to copy.
 * @len: Bytes, possibly none.
 *
 * Context: Any, if all of the memory has a struct page; may sleep otherwise.
 * Return: As phyr_list_copy_from().
 */
int phyr_list_copy_to(const struct phyr_list *list, u64 off, const void *buf, size_t len)
{
	return phyr_list_copy(list, off, (void *)buf, len, true);
}
EXPORT_SYMBOL_GPL(phyr_list_copy_to);
