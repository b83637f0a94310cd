// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists from kernel memory in other descriptions: pages, folios,
 * bio_vecs, kernel addresses, scatterlists.
 *
 * These have pages, so what must be known of a page is found out here, on the
 * way in: whether it belongs to a pagemap, whose peer-to-peer memory it is, and
 * whether it is memory that a CPU address can name at all.  None of them takes a
 * reference on a page; the caller keeps the memory alive.  User memory, which has to be
 * pinned, is in pin.c.
 */
#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "storage.h"

/* Does the last byte of the list belong to the pagemap of @page? */
static bool phyr_last_has_pgmap(const struct phyr_list *list, struct page *page)
{
	struct phyr_iter iter;
	struct phyr range;

	if (!list->bytes || !(list->last_attrs & PHYR_ATTR_PGMAP))
		return false;
	phyr_iter_init_window(&iter, list, list->bytes - 1, 1);
	phyr_iter_next(&iter, &range);
	return zone_device_pages_have_same_pgmap(pfn_to_page(PHYS_PFN(range.addr)), page);
}

/* Append bytes of contiguous pages which begin with @page and are all like it */
static int phyr_append_paged(struct phyr_list *list, struct page *page, size_t offset,
			     u64 len, u8 attrs, gfp_t gfp)
{
	struct phyr_run run = { .kind = PHYR_SYSTEM, .attrs = attrs };
	bool merge = true;

	if (unlikely(is_zone_device_page(page))) {
		if (is_pci_p2pdma_page(page))
			return phyr_append_p2p_page(list, page, offset, len, attrs, gfp);
		if (is_device_private_page(page))
			return -EREMOTEIO;
		run.attrs |= PHYR_ATTR_PGMAP;
		merge = phyr_last_has_pgmap(list, page);
	}
	return phyr_append(list, &run, page_to_phys(page) + offset, len, merge, gfp);
}

int phyr_append_contiguous(struct phyr_list *list, struct page *page, size_t offset, u64 len,
			   u8 attrs, gfp_t gfp)
{
	return phyr_append_paged(list, page, offset, len, attrs, gfp);
}

/* Does the OR of the flags of some pages leave open that one is a ZONE_DEVICE page? */
static bool phyr_may_be_device(unsigned long flags)
{
#ifdef CONFIG_ZONE_DEVICE
	return (flags >> ZONES_PGSHIFT & ZONES_MASK & ZONE_DEVICE) == ZONE_DEVICE;
#else
	return false;
#endif
}

/*
 * Append whole pages of ordinary memory as long as that is easy, and return how
 * many.  Here is where the time goes when a large buffer is built, so the pages are
 * looked at twice only if they may not be ordinary.
 */
static unsigned long phyr_append_easy_pages(struct phyr_list *list, struct page *const *pages,
					    unsigned long nr, bool is_all, u8 attrs, gfp_t gfp)
{
	const struct phyr_run run = { .kind = PHYR_SYSTEM, .attrs = attrs };
	/* One more if the last page is not whole */
	u64 expected = is_all ? nr + 1 : 0;
	struct page *const *next, *const *end, *const *stop;
	unsigned long flags, pfn, i;
	const u64 *first_one;
	struct page *page;
	struct phyr_bulk_room room;
	struct phyr_bulk bulk, known;

again:
	if (!phyr_bulk_begin(&known, &room, list, &run, page_to_pfn(*pages), expected, gfp))
		return 0;
	bulk = known;
	end = pages + min_t(u64, nr, room.max_pages);
	next = pages;
	page = *next++;
	flags = 0;
	/* @page is the next one to append, and @next is behind it */
	for (;;) {
		/* Pages that follow on each other */
		do {
			bulk.end++;
			flags |= page->flags;
			if (next == end)
				goto out;
			page = *next++;
			pfn = page_to_pfn(page);
		} while (pfn == bulk.end);

		/* Pages that are a range each, as long as they are */
		if (bulk.slot == room.last_slot) {
			next--;
			goto out;
		}
		stop = next + min_t(u64, end - next, room.last_slot - bulk.slot - 1);
		phyr_bulk_close(&bulk);
		phyr_bulk_next(&bulk, pfn);
		first_one = bulk.slot;
		for (;;) {
			flags |= page->flags;
			if (next == stop)
				break;
			page = *next++;
			pfn = page_to_pfn(page);
			if (pfn == bulk.end)
				break;
			phyr_bulk_next_one(&bulk, pfn);
		}
		phyr_bulk_took_ones(&bulk, first_one);
		if (pfn != bulk.end)
			goto out;
	}
out:
	nr = next - pages;
	if (phyr_may_be_device(flags)) {
		for (i = 0; i < nr && !is_zone_device_page(pages[i]); i++)
			;
		/* Only those before it, then */
		if (i < nr) {
			phyr_bulk_cancel(&room);
			nr = i;
			if (!nr)
				return 0;
			goto again;
		}
	}
	known = bulk;
	return phyr_bulk_end(&known, &room, list, nr) ? nr : 0;
}

int phyr_append_page_array(struct phyr_list *list, struct page *const *pages, size_t offset,
			   u64 len, bool is_all, u8 attrs, bool p2p, gfp_t gfp)
{
	while (len) {
		unsigned long pfn, easy;
		struct page *first;
		u64 bytes;
		int ret;

		if (!offset && len >= PAGE_SIZE && !is_zone_device_page(*pages)) {
			easy = phyr_append_easy_pages(list, pages, len >> PAGE_SHIFT, is_all,
						      attrs, gfp);
			if (easy) {
				pages += easy;
				len -= PFN_PHYS((u64)easy);
				continue;
			}
		}

		pfn = page_to_pfn(*pages);
		bytes = min_t(u64, len, PAGE_SIZE - offset);
		first = *pages++;
		if (!p2p && is_pci_p2pdma_page(first))
			return -EREMOTEIO;
		while (bytes < len && page_to_pfn(*pages) == ++pfn &&
		       zone_device_pages_have_same_pgmap(first, *pages)) {
			bytes += min_t(u64, len - bytes, PAGE_SIZE);
			pages++;
		}
		ret = phyr_append_paged(list, first, offset, bytes, attrs, gfp);
		if (ret)
			return ret;
		len -= bytes;
		offset = 0;
	}
	return 0;
}

static noinline int phyr_append_many_pages(struct phyr_list *list, struct page *const *pages,
					   size_t offset, u64 len, gfp_t gfp)
{
	struct phyr_mark mark;
	int ret;

	phyr_mark_take(&mark, list);
	ret = phyr_append_page_array(list, pages, offset, len,
				     !mark.list.bytes, 0, true, gfp);
	if (ret)
		phyr_mark_restore(&mark, list);
	return ret;
}

/**
 * phyr_list_append_pages - append the memory of an array of pages
 * @list: The list.
 * @pages: The pages, in the order of the buffer.
 * @nr_pages: How many there are.
 * @offset: Where in the pages the buffer begins, bytes; may be in any of them.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * Takes no references.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero
 * * %-ERANGE - the pages do not have @len bytes behind @offset
 * * %-EREMOTEIO - a page is memory that is private to a device
 * * %-ENODEV - a page is peer-to-peer memory whose provider is revoked
 * * %-E2BIG - the list would have 2^63 bytes or more
 * * %-ENOMEM - no memory for the list itself
 */
int phyr_list_append_pages(struct phyr_list *list, struct page *const *pages,
			   unsigned long nr_pages, size_t offset, u64 len, gfp_t gfp)
{
	u64 end;

	if (!len)
		return -EINVAL;
	if (check_add_overflow(len, (u64)offset, &end) || end > (u64)nr_pages << PAGE_SHIFT)
		return -ERANGE;
	pages += offset >> PAGE_SHIFT;
	offset = offset_in_page(offset);
	/* One step that fails undoes itself */
	if (offset + len <= PAGE_SIZE)
		return phyr_append_paged(list, *pages, offset, len, 0, gfp);
	return phyr_append_many_pages(list, pages, offset, len, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_pages);

/**
 * phyr_list_append_folio - append memory of a folio
 * @list: The list.
 * @folio: The folio, of which no reference is taken.
 * @offset: Where in the folio to begin, bytes.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_pages(), %-ERANGE if the folio is smaller.
 */
int phyr_list_append_folio(struct phyr_list *list, struct folio *folio,
			   size_t offset, size_t len, gfp_t gfp)
{
	size_t end;

	if (check_add_overflow(offset, len, &end) || end > folio_size(folio))
		return -ERANGE;
	return phyr_append_paged(list, folio_page(folio, 0), offset, len, 0, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_folio);

/**
 * phyr_list_append_bvec_iter - append what an iterator over bio_vecs has left
 * @list: The list.
 * @bvecs: The array that @iter indexes, of single pages or longer.
 * @iter: Where to begin and how many bytes to take.
 * @gfp: How to allocate, should that be necessary.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_pages(), %-EINVAL if nothing is left.
 */
int phyr_list_append_bvec_iter(struct phyr_list *list, const struct bio_vec *bvecs,
			       struct bvec_iter iter, gfp_t gfp)
{
	struct phyr_mark mark;
	struct bio_vec bv;
	int ret = -EINVAL;

	phyr_mark_take(&mark, list);
	while (iter.bi_size) {
		bv = mp_bvec_iter_bvec(bvecs, iter);
		ret = 0;
		if (bv.bv_len)
			ret = phyr_append_paged(list, bv.bv_page, bv.bv_offset, bv.bv_len, 0, gfp);
		if (ret) {
			phyr_mark_restore(&mark, list);
			break;
		}
		bvec_iter_advance_single(bvecs, &iter, bv.bv_len);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_list_append_bvec_iter);

/**
 * phyr_list_append_bvecs - append all of an array of bio_vecs
 * @list: The list.
 * @bvecs: The array.
 * @nr_bvecs: How many there are.
 * @gfp: How to allocate, should that be necessary.
 *
 * Empty bio_vecs are passed over.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_pages(), %-EINVAL if they have no byte.
 */
int phyr_list_append_bvecs(struct phyr_list *list, const struct bio_vec *bvecs,
			   unsigned int nr_bvecs, gfp_t gfp)
{
	struct phyr_mark mark;
	unsigned int i;
	int ret;

	phyr_mark_take(&mark, list);
	for (i = 0; i < nr_bvecs; i++) {
		if (!bvecs[i].bv_len)
			continue;
		ret = phyr_append_paged(list, bvecs[i].bv_page, bvecs[i].bv_offset,
					bvecs[i].bv_len, 0, gfp);
		if (ret) {
			phyr_mark_restore(&mark, list);
			return ret;
		}
	}
	return list->bytes == mark.list.bytes ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(phyr_list_append_bvecs);

/* Of what the kernel has mapped linearly: is there a page? */
static bool phyr_kaddr_valid(const void *addr)
{
#ifdef CONFIG_ARM64
	/* virt_addr_valid() is about system memory; that of devices is mapped, too */
	if (__is_lm_address((unsigned long)__tag_reset(addr)) && pfn_valid(virt_to_pfn(addr)) &&
	    is_zone_device_page(virt_to_page(addr)))
		return true;
#endif
	return virt_addr_valid(addr);
}

/* What was appended before an error stays */
static int phyr_append_kaddr(struct phyr_list *list, const void *addr, size_t len, gfp_t gfp)
{
	size_t bytes;
	int ret;

	if (!is_vmalloc_or_module_addr(addr)) {
		if (!phyr_kaddr_valid(addr) || !phyr_kaddr_valid(addr + len - 1))
			return -EFAULT;
		return phyr_append_paged(list, virt_to_page(addr), offset_in_page(addr),
					 len, 0, gfp);
	}
	while (len) {
		struct page *page = vmalloc_to_page(addr);

		/* Of ioremap() there may be a mapping, but no page */
		if (!page || !pfn_valid(page_to_pfn(page)))
			return -EFAULT;
		bytes = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		ret = phyr_append_paged(list, page, offset_in_page(addr), bytes, 0, gfp);
		if (ret)
			return ret;
		addr += bytes;
		len -= bytes;
	}
	return 0;
}

/**
 * phyr_list_append_kaddr - append memory that the kernel has mapped
 * @list: The list.
 * @addr: Kernel address, of the linear map or of a vmalloc area.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * The caches of a vmalloc area which is aliased are the caller's affair, see
 * flush_kernel_vmap_range().
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_pages(), %-EFAULT if no page is mapped there.
 */
int phyr_list_append_kaddr(struct phyr_list *list, const void *addr, size_t len, gfp_t gfp)
{
	const struct kvec kvec = { .iov_base = (void *)addr, .iov_len = len };

	return phyr_list_append_kvecs(list, &kvec, 1, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_kaddr);

/**
 * phyr_list_append_kvecs - append an array of kernel buffers
 * @list: The list.
 * @kvecs: The array, of addresses as phyr_list_append_kaddr() takes them.
 * @nr_kvecs: How many there are.
 * @gfp: How to allocate, should that be necessary.
 *
 * Empty buffers are passed over.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_kaddr(), %-EINVAL if they have no byte.
 */
int phyr_list_append_kvecs(struct phyr_list *list, const struct kvec *kvecs,
			   unsigned int nr_kvecs, gfp_t gfp)
{
	struct phyr_mark mark;
	unsigned int i;
	int ret;

	phyr_mark_take(&mark, list);
	for (i = 0; i < nr_kvecs; i++) {
		if (!kvecs[i].iov_len)
			continue;
		ret = phyr_append_kaddr(list, kvecs[i].iov_base, kvecs[i].iov_len, gfp);
		if (ret) {
			phyr_mark_restore(&mark, list);
			return ret;
		}
	}
	return list->bytes == mark.list.bytes ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(phyr_list_append_kvecs);

/**
 * phyr_list_append_sg - append entries of a scatterlist
 * @list: The list.
 * @sgl: The first entry; it need not be mapped, and is not changed.
 * @nr_entries: How many entries to take.
 * @gfp: How to allocate, should that be necessary.
 *
 * Takes the CPU side of the entries.  Empty ones are passed over.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_pages(), %-EINVAL if they have no byte or one has
 * no page.
 */
int phyr_list_append_sg(struct phyr_list *list, struct scatterlist *sgl,
			unsigned int nr_entries, gfp_t gfp)
{
	struct phyr_mark mark;
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	phyr_mark_take(&mark, list);
	for_each_sg(sgl, sg, nr_entries, i) {
		struct page *page;

		if (!sg->length)
			continue;
		page = sg_page(sg);
		ret = page ? phyr_append_paged(list, page, sg->offset, sg->length, 0, gfp) :
			     -EINVAL;
		if (ret) {
			phyr_mark_restore(&mark, list);
			return ret;
		}
	}
	return list->bytes == mark.list.bytes ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(phyr_list_append_sg);

/**
 * phyr_list_append_sgtable - append all of an sg_table
 * @list: The list.
 * @sgt: The table, which need not be mapped, and is not changed.
 * @gfp: How to allocate, should that be necessary.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append_sg().
 */
int phyr_list_append_sgtable(struct phyr_list *list, struct sg_table *sgt, gfp_t gfp)
{
	return phyr_list_append_sg(list, sgt->sgl, sgt->orig_nents, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_sgtable);
