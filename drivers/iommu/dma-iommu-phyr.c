// SPDX-License-Identifier: GPL-2.0
/*
 * dma_map_phyr() for devices behind an IOMMU.
 *
 * All ranges of a mapping lie in one block of IOVA, in the order of the list,
 * each on granules of its own.  Where a range ends and the next one begins with
 * a granule they are contiguous for the device, so scattered pages become one
 * DMA range.  The block is mapped with one sync and unmapped in one go.
 *
 * Peer-to-peer memory that the device reaches by bus address takes no IOVA, wherever
 * in the list it stands.
 *
 * A granule that a range fills only in part would show an untrusted device what
 * else is in it: such pieces are bounced, into granules that are otherwise zero.
 */
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-phyr-ops.h>
#include <linux/iommu.h>
#include <linux/iommu-phyr.h>
#include <linux/iova.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/swiotlb.h>

#include "dma-iommu.h"

/* Granules that @len bytes at @addr lie in, as bytes */
static bool iommu_dma_phyr_span(phys_addr_t addr, u64 len, u64 mask, u64 *span)
{
	if (check_add_overflow(len, (addr & mask) + mask, span))
		return false;
	*span &= ~mask;
	return true;
}

/*
 * How many bytes of IOVA the window needs.  Also finds out whether the device
 * will see it as one range.
 */
static noinline int iommu_dma_phyr_size(struct dma_phyr_map *map, u64 mask, u64 *size,
					bool *contiguous)
{
	bool is_first = true, last_partial = false;
	struct phyr_iter iter;
	struct phyr range;
	u64 total = 0, span;

	/* Not across peers, be their IOVA side by side: see dma_phyr_fill_pieces() */
	*contiguous = !map->peers || phyr_list_runs(map->list) == 1;
	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		if (dma_phyr_range_is_on_bus(map, &range)) {
			*contiguous = false;
			continue;
		}
		if (!is_first && ((range.addr & mask) || last_partial))
			*contiguous = false;
		last_partial = (range.addr + range.len) & mask;
		is_first = false;
		if (!iommu_dma_phyr_span(range.addr, range.len, mask, &span) ||
		    check_add_overflow(total, span, &total))
			return -E2BIG;
	}
	*size = total;
	return 0;
}

/* Where the first range that takes IOVA begins in a block of the alignment asked for */
static noinline u64 iommu_dma_phyr_pad(struct dma_phyr_map *map, u64 mask)
{
	struct phyr_iter iter;
	struct phyr range;

	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	do {
		phyr_iter_next(&iter, &range);
	} while (dma_phyr_range_is_on_bus(map, &range));
	return range.addr & (map->iova_align - 1) & ~mask;
}

static inline int iommu_dma_phyr_alloc_iova(struct dma_phyr_map *map,
					    struct iommu_domain *domain, u64 mask, u64 size)
{
	u64 block = size, pad = 0;
	dma_addr_t iova;

	if (unlikely(map->iova_align > mask + 1)) {
		pad = iommu_dma_phyr_pad(map, mask);
		if (check_add_overflow(size, pad, &block))
			return -E2BIG;
		/* The allocator aligns a block to its size, rounded up to 2^n */
		block = max(block, map->iova_align);
	}
	if (block > SIZE_MAX || block > dma_get_mask(map->dev))
		return -E2BIG;
	iova = iommu_dma_alloc_iova(domain, block, dma_get_mask(map->dev), map->dev);
	if (!iova)
		return -ENOSPC;
	map->iova_block = iova;
	map->iova_block_len = block;
	map->dma_base = iova + pad;
	map->iova_len = size;
	return 0;
}

/* Bounce a piece that shares its granule with something else */
static int iommu_dma_bounce_phyr(struct dma_phyr_map *map, u64 mask, u64 pos,
				 phys_addr_t phys, size_t len)
{
	phys_addr_t to;
	void *start;
	int ret;

	if (!is_swiotlb_active(map->dev)) {
		dev_warn_once(map->dev, "no bounce buffers for parts of IOMMU granules\n");
		return -EADDRNOTAVAIL;
	}
	ret = dma_phyr_bounce(map, pos, phys, len, mask, &to);
	if (ret)
		return ret;
	if (dev_is_untrusted(map->dev)) {
		start = phys_to_virt(to & ~mask);
		memset(start, 0, to & mask);
		memset(phys_to_virt(to) + len, 0, -(to + len) & mask);
	}
	return 0;
}

/*
 * Bounce the partial granules of a range, or each granule of it.  A bounced
 * granule is a granule of IOVA as before, so the block has no holes.
 */
static int iommu_dma_bounce_phyr_range(struct dma_phyr_map *map, u64 mask, u64 pos,
				       const struct phyr *range)
{
	bool all = dma_kmalloc_needs_bounce(map->dev, range->len, map->dir);
	u64 phys = range->addr, end = phys + range->len, next;
	int ret;

	if (!all && !dev_is_untrusted(map->dev))
		return 0;
	for (; phys != end; pos += next - phys, phys = next) {
		next = min(end, (phys | mask) + 1);
		if (all || (phys & mask) || (next & mask)) {
			ret = iommu_dma_bounce_phyr(map, mask, pos, phys, next - phys);
			if (ret)
				return ret;
		} else {
			/* On to the granule that is filled in part, if there is one */
			next = end & ~mask;
		}
	}
	return 0;
}

static noinline int iommu_dma_bounce_phyr_ranges(struct dma_phyr_map *map, u64 mask)
{
	struct phyr_iter iter;
	struct phyr range;
	u64 pos = 0;
	int ret;

	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		if (range.run->kind == PHYR_SYSTEM) {
			ret = iommu_dma_bounce_phyr_range(map, mask, pos, &range);
			if (ret)
				return ret;
		}
		pos += range.len;
	}
	return 0;
}

static int iommu_dma_phyr_prot(struct dma_phyr_map *map, const struct phyr_run *run)
{
	bool is_memory = run->kind == PHYR_SYSTEM;

	return dma_info_to_prot(map->dir, is_memory && dev_is_dma_coherent(map->dev), map->attrs) |
		(is_memory ? 0 : IOMMU_MMIO);
}

/* Fill the IOVA from *@filled on with bytes of the list that are all of one run */
static int iommu_dma_fill_stretch(struct dma_phyr_map *map, struct iommu_domain *domain, u64 off,
				  u64 len, int prot, dma_addr_t *filled)
{
	struct phyr_iter ranges;
	size_t mapped;
	int ret;

	if (!len)
		return 0;
	phyr_iter_init_window(&ranges, map->list, off, len);
	ret = iommu_map_phyr(domain, *filled, &ranges, prot, GFP_ATOMIC, &mapped);
	*filled += mapped;
	return ret;
}

/* Run by run, where all is where the list says; what the bus alone reaches has no IOVA */
static noinline int iommu_dma_fill_runs(struct dma_phyr_map *map, struct iommu_domain *domain,
					dma_addr_t *filled)
{
	u64 off = map->off, start = off, len = 0;
	struct phyr_run run = {};
	bool on_bus = false;
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	phyr_iter_init_window(&iter, map->list, off, map->len);
	for (; phyr_iter_next(&iter, &range); off += range.len) {
		/* All is decided where a run begins */
		if (off == map->off || run.kind != range.run->kind ||
		    run.provider != range.run->provider) {
			ret = iommu_dma_fill_stretch(map, domain, start, len,
						     iommu_dma_phyr_prot(map, &run), filled);
			if (ret)
				return ret;
			run = *range.run;
			on_bus = dma_phyr_range_is_on_bus(map, &range);
			start = off;
			len = 0;
		}
		if (!on_bus)
			len += range.len;
	}
	return iommu_dma_fill_stretch(map, domain, start, len, iommu_dma_phyr_prot(map, &run),
				      filled);
}

/* Piece by piece, as some are in bounce buffers */
static noinline int iommu_dma_fill_pieces(struct dma_phyr_map *map, struct iommu_domain *domain,
					  u64 mask, dma_addr_t *filled)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;
	int ret;

	__dma_phyr_iter_init(&iter, map, 0, map->len);
	while (dma_phyr_next_piece(&iter, &piece)) {
		phys_addr_t phys = piece.moved ? piece.to : piece.phys;
		dma_addr_t iova = piece.dma & ~mask;
		size_t size = ((phys & mask) + piece.len + mask) & ~mask;

		if (dma_phyr_is_on_bus(piece.peer))
			continue;
		ret = iommu_map_nosync(domain, iova, phys & ~mask, size,
				       iommu_dma_phyr_prot(map, piece.run), GFP_ATOMIC);
		if (ret)
			return ret;
		*filled = iova + size;
	}
	return 0;
}

int iommu_dma_map_phyr(struct dma_phyr_map *map)
{
	struct iommu_domain *domain = iommu_get_dma_domain(map->dev);
	struct iova_domain *iovad = iommu_dma_iova_domain(domain);
	u64 mask = iova_mask(iovad), size, head;
	bool contiguous = true;
	struct phyr_iter ranges;
	dma_addr_t filled;
	size_t mapped;
	int ret;

	ret = iommu_dma_deferred_attach(map->dev, domain);
	if (ret)
		return ret;
	/* IOVA keeps an offset within a granule, and no other */
	if (dev_WARN_ONCE(map->dev, dma_get_min_align_mask(map->dev) > mask,
			  "Unsupported alignment constraint\n"))
		return -EINVAL;

	/* The summary may tell that all is without a gap */
	phyr_iter_init_window(&ranges, map->list, map->off, map->len);
	head = phyr_iter_addr(&ranges) & mask;
	if (likely(!map->peers && !(phyr_list_boundaries(map->list) & mask)))
		ret = iommu_dma_phyr_span(head, map->len, mask, &size) ? 0 : -E2BIG;
	else
		ret = iommu_dma_phyr_size(map, mask, &size, &contiguous);
	if (ret)
		return ret;

	map->path = DMA_PHYR_IOMMU;
	map->granule_shift = iova_shift(iovad);
	if (unlikely(dev_is_untrusted(map->dev) || !dma_kmalloc_safe(map->dev, map->dir)) &&
	    ((phyr_list_boundaries(map->list) | head | map->len) & mask)) {
		ret = iommu_dma_bounce_phyr_ranges(map, mask);
		if (ret)
			goto out_unbounce;
	}
	ret = dma_phyr_clean_caches(map);
	if (ret)
		goto out_unbounce;

	/* All of it may be reached by bus address */
	if (!size)
		return 0;
	ret = iommu_dma_phyr_alloc_iova(map, domain, mask, size);
	if (ret)
		goto out_unbounce;

	if (contiguous && !dma_phyr_moved_bytes(map)) {
		map->dma_first = map->dma_base + head;
		map->flags |= DMA_PHYR_CONTIGUOUS;
	}

	filled = map->dma_base;
	if (unlikely(dma_phyr_moved_bytes(map))) {
		ret = iommu_dma_fill_pieces(map, domain, mask, &filled);
	} else if (unlikely(!phyr_list_is_system(map->list))) {
		ret = iommu_dma_fill_runs(map, domain, &filled);
	} else {
		int prot = dma_info_to_prot(map->dir, dev_is_dma_coherent(map->dev), map->attrs);

		ret = iommu_map_phyr(domain, map->dma_base, &ranges, prot, GFP_ATOMIC, &mapped);
		filled += mapped;
	}
	if (!ret)
		ret = iommu_sync_map(domain, map->dma_base, map->iova_len);
	if (!ret)
		return 0;

	/* Granules before @filled are mapped */
	if (filled != map->dma_base)
		iommu_unmap(domain, map->dma_base, filled - map->dma_base);
	iommu_dma_free_iova(domain->iova_cookie, map->iova_block, map->iova_block_len, NULL);
out_unbounce:
	dma_phyr_unbounce(map, map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

void iommu_dma_unmap_phyr(struct dma_phyr_map *map)
{
	if (!(map->attrs & DMA_ATTR_SKIP_CPU_SYNC))
		dma_phyr_sync_memory_for_cpu(map, 0, map->len);
	if (map->iova_len)
		iommu_dma_unmap_block(map->dev, map->dma_base, map->iova_len,
				      map->iova_block, map->iova_block_len, true);
	/* A provider whose memory is taken back cannot wait for a flush queue */
	if (unlikely(map->peers) && map->iova_len)
		iommu_flush_iotlb_all(iommu_get_dma_domain(map->dev));
	dma_phyr_unbounce(map, map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
}
