// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists of user memory: pin it on the way in, mark it dirty,
 * drop the pins on the way out.
 *
 * User memory is pinned a large folio at a time where there are such, and else a
 * batch of pages, and each is appended at once: there is never an array of all pages
 * of the buffer.  From then on the list holds the pins: its runs remember it
 * (%PHYR_ATTR_PINNED), and the pages are found again from the addresses when they are
 * dropped.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/phyr.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "storage.h"

#define PHYR_PIN_FLAGS	(FOLL_WRITE | FOLL_FORCE | FOLL_LONGTERM | FOLL_PCI_P2PDMA)

/* Pages on the stack, should there be no page to spare for a larger batch */
#define PHYR_PIN_BATCH	16

/*
 * Append pages that have just been pinned.  On error the pins on those that
 * were not appended are dropped.
 */
static int phyr_append_pinned(struct phyr_list *list, struct page **pages, size_t offset,
			      u64 len, gfp_t gfp)
{
	u64 before = list->bytes;
	unsigned long done, nr = PFN_UP(offset + len);
	int ret;

	ret = phyr_append_page_array(list, pages, offset, len, false,
				     PHYR_ATTR_PINNED, true, gfp);
	if (ret) {
		done = list->bytes == before ? 0 : PFN_UP(offset + list->bytes - before);
		unpin_user_pages(pages + done, nr - done);
	}
	return ret;
}

/*
 * What is mapped of one large folio; 0 if there is none, or something is to be done first.
 * What the page table does not tell may be asked of the VMA, @is_slow.
 */
static int phyr_pin_folio(struct phyr_list *list, unsigned long addr, u64 len,
			  unsigned int gup_flags, gfp_t gfp, bool is_slow)
{
	size_t offset = offset_in_page(addr);
	unsigned long nr = min_t(u64, PFN_UP(offset + len), ULONG_MAX);
	struct page *page;
	int ret;

	nr = is_slow ? pin_user_folio(addr, nr, gup_flags, &page) :
		       pin_user_folio_fast(addr, nr, gup_flags, &page);
	if (!nr)
		return 0;
	ret = phyr_append_contiguous(list, page, offset, min(len, PFN_PHYS((u64)nr) - offset),
				     PHYR_ATTR_PINNED, gfp);
	if (!ret)
		return 1;
	unpin_user_page_range_dirty_lock(page, nr, false);
	return ret;
}

/* A single page, and whether it is of a large folio */
static int phyr_pin_page(struct phyr_list *list, unsigned long addr, size_t len,
			 unsigned int gup_flags, gfp_t gfp, bool *is_large)
{
	struct page *page;
	int ret;

	ret = pin_user_pages_fast(addr, 1, gup_flags, &page);
	if (ret <= 0)
		return ret ?: -EFAULT;
	if (is_large)
		*is_large = folio_test_large(page_folio(page));
	ret = phyr_append_contiguous(list, page, offset_in_page(addr), len, PHYR_ATTR_PINNED, gfp);
	if (ret)
		unpin_user_page(page);
	return ret;
}

/* Where pin_user_pages_fast() puts pages: a few, until it is known that there are more */
struct phyr_pin_batch {
	struct page	**pages;
	unsigned int	max;
	bool		is_faulted;	/* what had to be done first is done */
	bool		is_large;	/* the last page that was faulted in is of a large folio */
	struct page	*few[PHYR_PIN_BATCH];
};

/*
 * Pin some of @len bytes and append them.  Where no large folio can be pinned as it is,
 * a single page brings in what is mapped with it, by way of a fault or a migration;
 * if no folio can be pinned behind it either then pages are small there, or are mapped
 * one by one in a way that only the slow path understands.
 */
static int phyr_pin_some(struct phyr_list *list, struct phyr_pin_batch *batch,
			 unsigned long addr, u64 len, unsigned int gup_flags, gfp_t gfp)
{
	size_t offset = offset_in_page(addr);
	u64 nr = PFN_UP(offset + len);
	int ret;

	if (nr > PHYR_PIN_BATCH) {
		ret = phyr_pin_folio(list, addr, len, gup_flags, gfp, false);
		if (!ret && batch->is_large)
			ret = phyr_pin_folio(list, addr, len, gup_flags, gfp, true);
		if (ret) {
			batch->is_faulted = false;
			return min(ret, 0);
		}
		if (!batch->is_faulted) {
			batch->is_faulted = true;
			return phyr_pin_page(list, addr, PAGE_SIZE - offset, gup_flags, gfp,
					     &batch->is_large);
		}
		batch->is_faulted = false;
		/* Another kind may begin where this table ends */
		nr = min_t(u64, nr, PFN_UP(PMD_SIZE - (addr & ~PMD_MASK)));
	}
	if (nr > batch->max && batch->pages == batch->few) {
		struct page **many = (struct page **)__get_free_page(GFP_KERNEL | __GFP_NOWARN);

		if (many) {
			batch->pages = many;
			batch->max = PAGE_SIZE / sizeof(*many);
		}
	}
	ret = pin_user_pages_fast(addr - offset, min_t(u64, nr, batch->max), gup_flags,
				  batch->pages);
	if (ret <= 0)
		return ret ?: -EFAULT;
	return phyr_append_pinned(list, batch->pages, offset,
				  min_t(u64, len, ((u64)ret << PAGE_SHIFT) - offset), gfp);
}

/* Back to what @mark says, with the pins that came since dropped */
static void phyr_restore_pinned(const struct phyr_mark *mark, struct phyr_list *list)
{
	if (list->bytes > mark->list.bytes)
		phyr_unpin_window(list, mark->list.bytes, list->bytes - mark->list.bytes,
				  false);
	phyr_mark_restore(mark, list);
}

static noinline int phyr_pin_pages(struct phyr_list *list, unsigned long addr, u64 len,
				   unsigned int gup_flags, gfp_t gfp)
{
	struct phyr_pin_batch batch;
	struct phyr_mark mark;
	int ret = 0;

	batch.pages = batch.few;
	batch.max = PHYR_PIN_BATCH;
	batch.is_faulted = false;
	batch.is_large = false;
	phyr_mark_take(&mark, list);
	while (len) {
		u64 before = list->bytes, bytes;

		cond_resched();
		ret = fatal_signal_pending(current) ? -EINTR :
			phyr_pin_some(list, &batch, addr, len, gup_flags, gfp);
		if (ret) {
			phyr_restore_pinned(&mark, list);
			break;
		}
		bytes = list->bytes - before;
		addr += bytes;
		len -= bytes;
	}
	if (batch.pages != batch.few)
		free_page((unsigned long)batch.pages);
	return ret;
}

/**
 * pin_user_phyr - pin user memory and append it to a list
 * @list: The list, which holds the pins from now on.
 * @addr: Address in the current process, of any alignment.
 * @len: Bytes.
 * @gup_flags: %FOLL_WRITE if the device will write to the memory,
 *	%FOLL_LONGTERM if it stays pinned for longer than an I/O, %FOLL_FORCE;
 *	%FOLL_PCI_P2PDMA if it may be peer-to-peer memory that is mapped there.
 * @gfp: How to allocate for the list.
 *
 * The pages are pinned as by pin_user_pages_fast(); phyr_list_release(),
 * phyr_list_truncate() and their like drop the pins.  Memory that the device
 * has written is to be marked with phyr_list_mark_dirty() before.
 *
 * Context: Process context, may sleep; takes and drops the mmap lock.
 * On error the list and all pins are as they were.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero, a flag is not one of the above, or both
 *   %FOLL_LONGTERM and %FOLL_PCI_P2PDMA are given
 * * %-EOVERFLOW - the range ends behind the last user address
 * * %-EFAULT - there is no such memory, or not for writing
 * * %-EINTR - a fatal signal came
 * * %-EREMOTEIO - a page is peer-to-peer memory and there is no %FOLL_PCI_P2PDMA, or
 *   is private to a device
 * * %-ENODEV - a page is peer-to-peer memory whose provider is revoked
 * * %-E2BIG - the list would have 2^63 bytes or more
 * * %-ENOMEM - no memory
 * * another errno of pin_user_pages_fast()
 */
int pin_user_phyr(struct phyr_list *list, unsigned long addr, u64 len,
		  unsigned int gup_flags, gfp_t gfp)
{
	u64 end;

	if (!len || (gup_flags & ~PHYR_PIN_FLAGS) ||
	    ((gup_flags & FOLL_LONGTERM) && (gup_flags & FOLL_PCI_P2PDMA)))
		return -EINVAL;
	if (check_add_overflow((u64)untagged_addr(addr), len, &end) || end > TASK_SIZE_MAX)
		return -EOVERFLOW;

	/* A single step that fails undoes itself, and needs little of the stack */
	if (offset_in_page(addr) + len <= PAGE_SIZE)
		return phyr_pin_page(list, addr, len, gup_flags, gfp, NULL);
	return phyr_pin_pages(list, addr, len, gup_flags, gfp);
}
EXPORT_SYMBOL_GPL(pin_user_phyr);

/**
 * phyr_list_append_iter - append what an iov_iter describes
 * @list: The list, which holds the pins from now on, if it is user memory.
 * @iter: The iterator, of user memory, kvecs, bvecs, folio queues or an xarray;
 *	it is advanced by @len.
 * @len: Bytes to take.
 * @extraction_flags: %ITER_ALLOW_P2PDMA if it may be peer-to-peer memory, or 0.
 * @gfp: How to allocate for the list.
 *
 * User memory is pinned, for writing if the iterator is a destination.  Of all
 * other kinds the caller keeps the memory alive.
 *
 * Context: May sleep if it is user memory, otherwise any that @gfp allows.
 * On error the list, the iterator and all pins are as they were.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero
 * * %-ERANGE - the iterator has fewer bytes
 * * %-EFAULT - there is no such memory
 * * %-EREMOTEIO - a page is peer-to-peer memory and @extraction_flags do not allow it,
 *   or is private to a device
 * * %-ENODEV - a page is peer-to-peer memory whose provider is revoked
 * * %-E2BIG - the list would have 2^63 bytes or more
 * * %-ENOMEM - no memory
 */
int phyr_list_append_iter(struct phyr_list *list, struct iov_iter *iter, size_t len,
			  iov_iter_extraction_t extraction_flags, gfp_t gfp)
{
	bool pins = iov_iter_extract_will_pin(iter);
	struct page *few[PHYR_PIN_BATCH];
	struct iov_iter old = *iter;
	struct phyr_mark mark;
	int ret = 0;

	if (!len)
		return -EINVAL;
	if (len > iov_iter_count(iter))
		return -ERANGE;

	phyr_mark_take(&mark, list);
	while (len) {
		struct page **pages = few;
		size_t offset;
		ssize_t bytes;

		bytes = iov_iter_extract_pages(iter, &pages, len, PHYR_PIN_BATCH,
					       extraction_flags, &offset);
		if (bytes <= 0) {
			ret = bytes ?: -EFAULT;
			break;
		}
		if (pins)
			ret = phyr_append_pinned(list, pages, offset, bytes, gfp);
		else
			ret = phyr_append_page_array(list, pages, offset, bytes,
						     false, 0,
						     !!(extraction_flags & ITER_ALLOW_P2PDMA), gfp);
		if (ret)
			break;
		len -= bytes;
	}
	if (ret) {
		phyr_restore_pinned(&mark, list);
		*iter = old;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_list_append_iter);

/**
 * phyr_list_mark_dirty - say that a device has written to pinned memory
 * @list: The list.
 * @off: Where the written bytes begin, bytes from the start of the list.
 * @len: How many were written.
 *
 * Marks the pages dirty that hold these bytes and that the list holds a pin on.
 * To be called after the DMA mapping is gone and before the pins are dropped.
 *
 * Context: Process context, may sleep.
 * Return: 0, or %-ERANGE if the window is not within the list.
 */
int phyr_list_mark_dirty(struct phyr_list *list, u64 off, u64 len)
{
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	ret = phyr_iter_init_window(&iter, list, off, len);
	if (ret)
		return ret;
	while (phyr_iter_next(&iter, &range)) {
		unsigned long pfn = PHYS_PFN(range.addr);
		unsigned long end = PHYS_PFN(range.addr + range.len - 1) + 1;

		/* Memory of a device is not written back */
		if (!(range.run->attrs & PHYR_ATTR_PINNED) || range.run->kind != PHYR_SYSTEM)
			continue;
		while (pfn < end) {
			struct page *page = pfn_to_page(pfn);
			struct folio *folio = page_folio(page);

			if (!folio_test_dirty(folio)) {
				folio_lock(folio);
				folio_mark_dirty(folio);
				folio_unlock(folio);
			}
			pfn += folio_nr_pages(folio) - folio_page_idx(folio, page);
		}
		cond_resched();
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_mark_dirty);

/* What unpin_user_page_range_dirty_lock() does, for pages of one folio */
static inline void phyr_unpin_folio(struct folio *folio, unsigned long nr, bool dirty)
{
	if (dirty && unlikely(!folio_test_dirty(folio))) {
		folio_lock(folio);
		folio_mark_dirty(folio);
		folio_unlock(folio);
	}
	unpin_user_folio(folio, nr);
}

/* Of folios that are neighbours; unpin_user_page_range_dirty_lock() counts in 32 bits */
static noinline void phyr_unpin_folios(struct page *page, unsigned long nr, bool dirty)
{
	while (nr) {
		struct folio *folio = page_folio(page);
		unsigned long here = folio_nr_pages(folio) - folio_page_idx(folio, page);

		here = min(here, nr);
		phyr_unpin_folio(folio, here, dirty);
		nr -= here;
		page = nth_page(page, here);
	}
}

void phyr_unpin_range(phys_addr_t addr, u64 len, bool dirty)
{
	unsigned long pfn = PHYS_PFN(addr), nr = PHYS_PFN(addr + len - 1) - pfn + 1;
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);

	if (nr == 1 || folio_page_idx(folio, page) + nr <= folio_nr_pages(folio))
		phyr_unpin_folio(folio, nr, dirty);
	else
		phyr_unpin_folios(page, nr, dirty);
}

/* Up to @max pages that are stored as a word each, see PHYR_SINGLE_MASK; how many it were */
u64 phyr_unpin_singles(const u64 *words, u64 max, bool dirty)
{
	u64 i;

	for (i = 0; i < max && !(words[i] & PHYR_SINGLE_MASK); i++)
		phyr_unpin_folio(page_folio(pfn_to_page(words[i] >> PHYR_PACKED_ADDR_SHIFT)), 1,
				 dirty);
	return i;
}

void phyr_pin_again(phys_addr_t addr)
{
	folio_add_pin(page_folio(pfn_to_page(PHYS_PFN(addr))));
}
