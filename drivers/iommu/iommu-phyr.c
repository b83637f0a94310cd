// SPDX-License-Identifier: GPL-2.0
/*
 * iommu_map_phyr(): fill a page table with many ranges, one behind the other.
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

/* Entries that are being stored */
struct iommu_fill {
	struct iommu_leaf	leaf;
	unsigned long		iova;		/* of its first entry */
	u64			*next;
	u64			*end;
	u64			too_high;	/* bits that no address may have */
};

static void iommu_fill_end(struct iommu_domain *domain, struct iommu_fill *fill)
{
	unsigned int nr = fill->next - fill->leaf.entry;

	if (fill->leaf.entry)
		domain->ops->leaf_end(domain, fill->iova, &fill->leaf, nr);
	fill->leaf.entry = NULL;
	fill->next = NULL;
	fill->end = NULL;
}

static int iommu_fill_begin(struct iommu_domain *domain, struct iommu_fill *fill,
			    unsigned long iova, int prot, gfp_t gfp)
{
	int ret;

	iommu_fill_end(domain, fill);
	ret = domain->ops->leaf_begin(domain, iova, prot, gfp, &fill->leaf);
	if (ret) {
		fill->leaf.entry = NULL;
		return ret;
	}
	fill->iova = iova;
	fill->next = fill->leaf.entry;
	fill->end = fill->leaf.entry + fill->leaf.nr;
	fill->too_high = fill->leaf.addr_bits < 64 ? ~0ULL << fill->leaf.addr_bits : 0;
	return 0;
}

/* Whole granules that are pages of the IOMMU, as long as nothing else comes */
static u64 iommu_fill_singles(struct iommu_fill *fill, struct phyr_iter *ranges)
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
	return i << PHYR_GRANULE_SHIFT;
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
	/* Who traces wants to know of each */
	const bool has_singles = page == PHYR_GRANULE_SIZE && !trace_map_enabled();
	bool has_leaves = domain->ops->leaf_begin;
	const unsigned long start = iova;
	struct iommu_fill fill;
	struct phyr range;
	int ret = 0;

	fill.leaf.entry = NULL;
	fill.next = NULL;
	fill.end = NULL;
	for (;;) {
		phys_addr_t phys;
		bool is_large;
		u64 size;

		if (has_singles && fill.next != fill.end)
			iova += iommu_fill_singles(&fill, ranges);
		if (!phyr_iter_next(ranges, &range))
			break;
		phys = range.addr & ~(page - 1);
		size = (range.len + (range.addr - phys) + (page - 1)) & ~(page - 1);
		/* Would a larger page do for a part of it? */
		is_large = larger && size >= larger && !((iova ^ phys) & (larger - 1));

		while (size) {
			u64 step = page;

			if (likely(has_leaves && !is_large)) {
				if (unlikely(fill.next == fill.end)) {
					ret = iommu_fill_begin(domain, &fill, iova, prot, gfp);
					if (ret == -EOPNOTSUPP) {
						has_leaves = false;
						continue;
					}
					if (ret)
						goto out;
				}
				step = iommu_fill_range(&fill, phys, size, page);
				if (likely(step)) {
					trace_map(iova, phys, step);
					goto next;
				}
				/* In use, or too high: the driver may have something to say */
				step = page;
			} else {
				step = size;
			}
			iommu_fill_end(domain, &fill);
			ret = iommu_map_nosync(domain, iova, phys, step, prot, gfp);
			if (ret)
				goto out;
next:
			size -= step;
			phys += step;
			iova += step;
		}
	}
out:
	iommu_fill_end(domain, &fill);
	*mapped = iova - start;
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_map_phyr);
