// SPDX-License-Identifier: GPL-2.0
/*
 * iommu_map_phyr(): fill a page table with many ranges, one behind the other, and
 * iommu_unmap_phyr(): clear all of them.
 *
 * iommu_map() of a page goes down the table from its root, and nearly all the time
 * that it takes to map scattered pages goes there.  Addresses that follow on each other
 * have their entries side by side.  A driver that has the ops for it goes down once for
 * each leaf table, tells where the entries are, and they are stored here in a row.
 *
 * What large pages could map, and entries that are unexpectedly in use, are left to
 * iommu_map_nosync(), so the table is the one that iommu_map() of each range would have
 * made.  So is everything if the driver does not have the ops.
 */
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/iommu-phyr.h>
#include <trace/events/iommu.h>

/* What is being mapped, and the entries that are being stored */
struct iommu_fill {
	struct iommu_domain	*domain;
	unsigned long		iova;		/* of what comes next */
	int			prot;
	gfp_t			gfp;
	bool			has_leaves;
	u64			too_high;	/* bits that no address may have */
	u64			*next;
	u64			*end;
	unsigned long		leaf_iova;	/* of the first entry */
	struct iommu_leaf	leaf;
};

static void iommu_fill_end(struct iommu_fill *fill)
{
	unsigned int nr = fill->next - fill->leaf.entry;

	if (fill->next)
		fill->domain->ops->leaf_end(fill->domain, fill->leaf_iova, &fill->leaf, nr);
	fill->next = NULL;
	fill->end = NULL;
}

static int iommu_fill_begin(struct iommu_fill *fill)
{
	struct iommu_domain *domain = fill->domain;
	int ret;

	iommu_fill_end(fill);
	ret = domain->ops->leaf_begin(domain, fill->iova, fill->prot, fill->gfp, &fill->leaf);
	if (unlikely(ret)) {
		if (ret != -EOPNOTSUPP)
			return ret;
		/* Not for this domain */
		fill->has_leaves = false;
		return 0;
	}
	fill->leaf_iova = fill->iova;
	fill->next = fill->leaf.entry;
	fill->end = fill->leaf.entry + fill->leaf.nr;
	fill->too_high = fill->leaf.addr_bits < 64 ? ~0ULL << fill->leaf.addr_bits : 0;
	return 0;
}

/* Whole granules that are pages of the IOMMU, as long as nothing else comes */
static void iommu_fill_singles(struct iommu_fill *fill, struct phyr_iter *ranges)
{
	/* No singles are those whose addresses have too many bits, either */
	const u64 not_single = PHYR_SINGLE_MASK |
			       fill->too_high << (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT);
	const u64 attrs = fill->leaf.attrs;
	u64 *next = fill->next;
	const u64 *words;
	u64 nr, i;

	nr = phyr_iter_peek_singles(ranges, &words, fill->end - next);
	for (i = 0; i < nr; i++) {
		u64 word = words[i];

		if ((word & not_single) | READ_ONCE(next[i]))
			break;
		WRITE_ONCE(next[i], word >> PHYR_GRANULE_SHIFT | attrs);
	}
	phyr_iter_take_singles(ranges, i);
	fill->next += i;
	fill->iova += i << PHYR_GRANULE_SHIFT;
}

/* As many pages of a range as there are entries for, up to one that is in use */
static u64 iommu_fill_range(struct iommu_fill *fill, u64 phys, u64 size, u64 page)
{
	const u64 attrs = fill->leaf.attrs;
	u64 *next = fill->next, *end = fill->end;
	u64 left = size;

	if (unlikely((phys | (phys + (size - 1))) & fill->too_high))
		return 0;
	for (; left && next != end && !READ_ONCE(*next); left -= page, phys += page)
		WRITE_ONCE(*next++, phys | attrs);
	fill->next = next;
	return size - left;
}

/* A range of pages of the smallest size */
static int iommu_fill_all(struct iommu_fill *fill, u64 phys, u64 size, u64 page)
{
	int ret;

	while (size) {
		u64 step = 0;
		bool is_high;

		if (unlikely(fill->next == fill->end) && fill->has_leaves) {
			ret = iommu_fill_begin(fill);
			if (ret)
				return ret;
		}
		if (likely(fill->has_leaves))
			step = iommu_fill_range(fill, phys, size, page);
		if (likely(step)) {
			trace_map(fill->iova, phys, step);
		} else {
			/* In use, or too high: the driver may have something to say */
			is_high = (phys | (phys + (size - 1))) & fill->too_high;
			step = fill->has_leaves && !is_high ? page : size;
			iommu_fill_end(fill);
			ret = iommu_map_nosync(fill->domain, fill->iova, phys, step, fill->prot,
					       fill->gfp);
			if (ret)
				return ret;
		}
		size -= step;
		phys += step;
		fill->iova += step;
	}
	return 0;
}

/* The pages of the IOMMU that a range has a byte of, as bytes; the first one is @phys */
static inline u64 iommu_phyr_pages(const struct phyr *range, u64 page, u64 *phys)
{
	*phys = range->addr & ~(page - 1);
	return (range->addr + range->len - *phys + (page - 1)) & ~(page - 1);
}

/* Would a page of the IOMMU that is larger do for a part of this? */
static inline bool iommu_phyr_is_large(u64 larger, unsigned long iova, u64 phys, u64 size)
{
	return larger && size >= larger && !((iova ^ phys) & (larger - 1));
}

/*
 * Ranges from @range on, if it is not NULL, until the first one that is for a larger page,
 * which is then left in @range.
 */
static noinline int iommu_map_phyr_leaves(struct iommu_domain *domain, unsigned long *iova,
					  struct phyr *range, struct phyr_iter *ranges,
					  u64 larger, int prot, gfp_t gfp)
{
	const u64 page = domain->pgsize_bitmap & -domain->pgsize_bitmap;
	/* Who traces wants to know of each */
	const bool takes_singles = page == PHYR_GRANULE_SIZE && !trace_map_enabled();
	struct iommu_fill fill = {
		.domain		= domain,
		.iova		= *iova,
		.prot		= prot,
		.gfp		= gfp,
		.has_leaves	= true,
	};
	u64 phys, size;
	int ret = 0;

	for (;;) {
		if (takes_singles && !range->len && phyr_iter_at_single(ranges)) {
			if (fill.next == fill.end && fill.has_leaves) {
				ret = iommu_fill_begin(&fill);
				if (ret)
					break;
			}
			iommu_fill_singles(&fill, ranges);
		}
		if (!range->len && !phyr_iter_next(ranges, range))
			break;
		size = iommu_phyr_pages(range, page, &phys);
		if (iommu_phyr_is_large(larger, fill.iova, phys, size))
			break;
		ret = iommu_fill_all(&fill, phys, size, page);
		if (ret)
			break;
		range->len = 0;
	}
	iommu_fill_end(&fill);
	*iova = fill.iova;
	return ret;
}

/**
 * iommu_map_phyr - map ranges one behind the other
 * @domain: The domain.
 * @iova: Where the first one goes, a multiple of the smallest page size of the domain.
 * @ranges: The ranges, all that are left of a walk.  Each takes all of the pages of the
 *	IOMMU that it has a byte of.
 * @prot: IOMMU_READ and the like, for all of them.
 * @gfp: How to allocate page tables.
 * @mapped: How many bytes of IOVA are mapped, on error, too.
 *
 * The hardware is not told: iommu_sync_map() of @mapped bytes has to follow before the
 * mapping is used.
 *
 * Context: Any that @gfp allows and that iommu_map() may be called in.  On error the
 * caller unmaps @mapped bytes.
 * Return: 0, or a negative errno of the driver.
 */
int iommu_map_phyr(struct iommu_domain *domain, unsigned long iova, struct phyr_iter *ranges,
		   int prot, gfp_t gfp, size_t *mapped)
{
	const u64 sizes = domain->pgsize_bitmap, page = sizes & -sizes;
	const u64 larger = (sizes & (sizes - 1)) & -(sizes & (sizes - 1));
	const bool has_leaves = domain->ops->leaf_begin;
	const unsigned long start = iova;
	struct phyr range = {};
	u64 phys, size;
	int ret = 0;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	/* All that there is for iommu_map() to do? */
	if (phyr_iter_peek_packed(ranges, &phys, &size) && size == ranges->left &&
	    !((phys | size) & (page - 1)) &&
	    (!has_leaves || iommu_phyr_is_large(larger, iova, phys, size))) {
		phyr_iter_take_packed(ranges, size);
		ret = iommu_map_nosync(domain, iova, phys, size, prot, gfp);
		*mapped = ret ? 0 : size;
		return ret;
	}
	for (;;) {
		/* Most have no large pages at all, and then this is all there is to it */
		if (has_leaves && (range.len || phyr_iter_at_single(ranges))) {
			ret = iommu_map_phyr_leaves(domain, &iova, &range, ranges, larger, prot,
						    gfp);
			if (ret)
				break;
		}
		if (!range.len && !phyr_iter_next(ranges, &range))
			break;
		size = iommu_phyr_pages(&range, page, &phys);
		if (has_leaves && !iommu_phyr_is_large(larger, iova, phys, size))
			continue;
		ret = iommu_map_nosync(domain, iova, phys, size, prot, gfp);
		if (ret)
			break;
		iova += size;
		range.len = 0;
	}
	*mapped = iova - start;
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_map_phyr);

/* Apart, so that who does not trace has nothing to keep over the call */
static noinline size_t iommu_unmap_traced(struct iommu_domain *domain, unsigned long iova,
					  size_t size, struct iommu_iotlb_gather *gather)
{
	size_t unmapped = domain->ops->unmap_whole(domain, iova, size, gather);

	trace_unmap(iova, size, unmapped);
	return unmapped;
}

/**
 * iommu_unmap_phyr - unmap all of what was mapped as one
 * @domain: The domain.
 * @iova: Where the mapping begins.
 * @size: How many bytes it has, all of them: whoever mapped them, be it with
 *	iommu_map_phyr() or range by range, made no page that reaches out of them.
 * @gather: What is to be flushed, as for iommu_unmap_fast().
 *
 * Context: As iommu_unmap_fast().
 * Return: How many bytes were unmapped; anything but @size is a bug.
 */
size_t iommu_unmap_phyr(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather)
{
	if (!domain->ops->unmap_whole)
		return iommu_unmap_fast(domain, iova, size, gather);
	if (trace_unmap_enabled())
		return iommu_unmap_traced(domain, iova, size, gather);
	return domain->ops->unmap_whole(domain, iova, size, gather);
}
EXPORT_SYMBOL_GPL(iommu_unmap_phyr);
