// SPDX-License-Identifier: GPL-2.0
/*
 * dma_map_phyr(): map a physical range list for a device.
 *
 * Here is what all paths have in common: the checks, the choice of a path, what
 * is stored for pieces of memory that had to be moved (bounced), bringing
 * memory and device in step, and telling dma-debug, the tracepoints and KMSAN.
 * Peer-to-peer memory is decided upon in peers.c.  The paths are in direct.c, ops.c
 * and drivers/iommu/dma-iommu-phyr.c;
 * what drivers read from a mapping is in iter.c.
 *
 * A mapping stores nothing for a range whose DMA address follows from the list.
 * Where pieces were moved it has two more lists: which parts of the window they
 * are, and where each of them is now.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/iommu-dma.h>
#include <linux/kmsan.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <trace/events/swiotlb.h>

#include "../debug.h"
#include "../direct.h"
#include "paths.h"

#define CREATE_TRACE_POINTS
#include <trace/events/dma_phyr.h>

#define DMA_PHYR_ATTRS	(DMA_ATTR_WEAK_ORDERING | DMA_ATTR_WRITE_COMBINE | \
			 DMA_ATTR_NO_KERNEL_MAPPING | DMA_ATTR_SKIP_CPU_SYNC | \
			 DMA_ATTR_FORCE_CONTIGUOUS | DMA_ATTR_ALLOC_SINGLE_PAGES | \
			 DMA_ATTR_NO_WARN | DMA_ATTR_PRIVILEGED)

/* Moved pieces */

static struct dma_phyr_moved *dma_phyr_get_moved(struct dma_phyr_map *map, gfp_t gfp)
{
	if (!map->moved)
		map->moved = kzalloc(sizeof(*map->moved), gfp);
	return map->moved;
}

static noinline int dma_phyr_append_moved(struct dma_phyr_map *map, u64 pos, u64 to, u64 len)
{
	const gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct dma_phyr_moved *moved;
	int ret;

	/* Both are kept as physical addresses, which may be the shorter ones */
	if (pos + len - 1 > PHYS_ADDR_MAX || to + len - 1 > PHYS_ADDR_MAX)
		return -EOVERFLOW;
	moved = dma_phyr_get_moved(map, gfp);
	if (!moved)
		return -ENOMEM;
	ret = phyr_list_append_unmerged(&moved->to, to, len, gfp);
	if (ret)
		return ret;
	if (pos != moved->end) {
		if (moved->end)
			ret = phyr_list_append(&moved->where, moved->pos, moved->end - moved->pos,
					       gfp);
		if (ret) {
			phyr_list_truncate(&moved->to, phyr_list_bytes(&moved->to) - len);
			return ret;
		}
		moved->pos = pos;
	}
	moved->end = pos + len;
	return 0;
}

/*
 * Remember that @len bytes at @pos are at @to.  To be called in the order of the
 * window, with pieces that are each within one range of the list.
 */
int dma_phyr_add_moved(struct dma_phyr_map *map, u64 pos, u64 to, u64 len)
{
	/* What is small is mostly one piece, and nothing has to be allocated for it */
	if (!pos && len == map->len && !map->moved) {
		map->moved_to = to;
		map->flags |= DMA_PHYR_MOVED_WHOLE;
		return 0;
	}
	return dma_phyr_append_moved(map, pos, to, len);
}

/* Forget the moved pieces, but keep what was reserved for them */
void dma_phyr_drop_moved(struct dma_phyr_map *map)
{
	struct dma_phyr_moved *moved = map->moved;

	map->flags &= ~DMA_PHYR_MOVED_WHOLE;
	if (!moved)
		return;
	moved->pos = 0;
	moved->end = 0;
	if (map->flags & DMA_PHYR_RESERVED) {
		phyr_list_truncate(&moved->where, 0);
		phyr_list_truncate(&moved->to, 0);
		return;
	}
	phyr_list_release(&moved->where);
	phyr_list_release(&moved->to);
	kfree(moved);
	map->moved = NULL;
}

/*
 * How many of @len bytes at @addr to move as one piece, if @max bytes can be
 * moved: the next piece has to begin where the device can begin one
 */
u64 dma_phyr_piece_len(struct device *dev, phys_addr_t addr, u64 len, size_t max)
{
	u64 most = min_t(u64, max, dma_get_max_seg_size(dev));
	u64 end;

	most = min(most - 1, (u64)dma_get_seg_boundary(dev)) + 1;
	if (len <= most)
		return len;
	end = (addr + most) & ~(u64)dma_get_min_align_mask(dev);
	return end > addr ? end - addr : most;
}

/*
 * Use a bounce buffer, whose address goes to @to, for a piece of memory.  The caller
 * has seen to it that the device has some (is_swiotlb_active()).
 */
int dma_phyr_bounce(struct dma_phyr_map *map, u64 pos, phys_addr_t phys, size_t len,
		    unsigned int align_mask, phys_addr_t *to)
{
	int ret;

	/* Only what the CPU can reach itself can be bounced */
	if (!phyr_has_pages(phys, len))
		return -EADDRNOTAVAIL;
	trace_swiotlb_bounced(map->dev, phys, len);
	*to = swiotlb_tbl_map_single(map->dev, phys, len, align_mask, map->dir, map->attrs);
	if (*to == (phys_addr_t)DMA_MAPPING_ERROR)
		return -ENOBUFS;
	ret = dma_phyr_add_moved(map, pos, *to, len);
	if (ret)
		swiotlb_tbl_unmap_single(map->dev, *to, len, map->dir,
					 map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

void __dma_phyr_unbounce(struct dma_phyr_map *map, unsigned long attrs)
{
	struct phyr_iter iter;
	struct phyr to;

	if (map->flags & DMA_PHYR_MOVED_WHOLE) {
		map->flags &= ~DMA_PHYR_MOVED_WHOLE;
		swiotlb_tbl_unmap_single(map->dev, map->moved_to, map->len, map->dir, attrs);
		return;
	}
	phyr_list_for_each(to, iter, &map->moved->to)
		swiotlb_tbl_unmap_single(map->dev, to.addr, to.len, map->dir, attrs);
	dma_phyr_drop_moved(map);
}

/* Memory, caches and bounce buffers */

enum dma_phyr_sync {
	DMA_PHYR_SYNC_CPU,
	DMA_PHYR_SYNC_DEVICE,
	DMA_PHYR_SYNC_CACHES,	/* for the device; bounce buffers are up to date */
};

/* The architectures take a size_t */
#define DMA_PHYR_SYNC_STEP	SZ_1G

static void dma_phyr_sync_caches(phys_addr_t phys, u64 len, enum dma_data_direction dir,
				 bool for_cpu)
{
	for (; len; len -= min_t(u64, len, DMA_PHYR_SYNC_STEP), phys += DMA_PHYR_SYNC_STEP) {
		size_t step = min_t(u64, len, DMA_PHYR_SYNC_STEP);

		if (for_cpu)
			arch_sync_dma_for_cpu(phys, step, dir);
		else
			arch_sync_dma_for_device(phys, step, dir);
	}
}

/* Bytes at @phys, which is a bounce buffer if they were @moved */
static void dma_phyr_sync_bytes(struct dma_phyr_map *map, phys_addr_t phys, u64 len, bool moved,
				enum dma_phyr_sync sync)
{
	bool coherent = dev_is_dma_coherent(map->dev);
	enum dma_data_direction dir = map->dir;

	/* Who mapped without a sync was not asked, see dma_phyr_clean_caches() */
	if (!coherent && (map->attrs & DMA_ATTR_SKIP_CPU_SYNC) && !phyr_has_pages(phys, len))
		return;
	if (sync == DMA_PHYR_SYNC_CPU) {
		if (!coherent)
			dma_phyr_sync_caches(phys, len, dir, true);
		if (moved)
			swiotlb_sync_single_for_cpu(map->dev, phys, len, dir);
		if (dir == DMA_FROM_DEVICE)
			arch_dma_mark_clean(phys, len);
	} else {
		if (moved && sync == DMA_PHYR_SYNC_DEVICE)
			swiotlb_sync_single_for_device(map->dev, phys, len, dir);
		if (!coherent)
			dma_phyr_sync_caches(phys, len, dir, false);
	}
}

static noinline void dma_phyr_sync_pieces(struct dma_phyr_map *map, u64 off, u64 len,
					  enum dma_phyr_sync sync)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	/* Moved pieces are found from the beginning only */
	if (map->moved)
		__dma_phyr_iter_init(&iter, map, 0, off + len);
	else
		__dma_phyr_iter_init(&iter, map, off, len);

	while (dma_phyr_next_piece(&iter, &piece)) {
		u64 skip = off > piece.pos ? off - piece.pos : 0;

		if (skip < piece.len && piece.run->kind == PHYR_SYSTEM)
			dma_phyr_sync_bytes(map, (piece.moved ? piece.to : piece.phys) + skip,
					    piece.len - skip, piece.moved, sync);
	}
}

static noinline void __dma_phyr_sync_memory(struct dma_phyr_map *map, u64 off, u64 len,
					    enum dma_phyr_sync sync)
{
	if (map->flags & DMA_PHYR_MOVED_WHOLE)
		dma_phyr_sync_bytes(map, map->moved_to + off, len, true, sync);
	else
		dma_phyr_sync_pieces(map, off, len, sync);
	if (sync == DMA_PHYR_SYNC_CPU && !dev_is_dma_coherent(map->dev))
		arch_sync_dma_for_cpu_all();
}

static inline void dma_phyr_sync_memory(struct dma_phyr_map *map, u64 off, u64 len,
					enum dma_phyr_sync sync)
{
	if (!dev_is_dma_coherent(map->dev) || dma_phyr_moved_bytes(map) ||
	    (IS_ENABLED(CONFIG_ARCH_HAS_DMA_MARK_CLEAN) && sync == DMA_PHYR_SYNC_CPU))
		__dma_phyr_sync_memory(map, off, len, sync);
}

/*
 * What a device that does not look into caches needs before it is given memory.
 * Caches are maintained by the CPU's addresses, so there have to be some.
 */
int __dma_phyr_clean_caches(struct dma_phyr_map *map)
{
	struct phyr_iter iter;
	struct phyr range;

	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range))
		if (range.run->kind == PHYR_SYSTEM && !phyr_has_pages(range.addr, range.len))
			return -EADDRNOTAVAIL;
	dma_phyr_sync_memory(map, 0, map->len, DMA_PHYR_SYNC_CACHES);
	return 0;
}

void dma_phyr_sync_memory_for_cpu(struct dma_phyr_map *map, u64 off, u64 len)
{
	dma_phyr_sync_memory(map, off, len, DMA_PHYR_SYNC_CPU);
}

/* Those who watch */

static void dma_phyr_debug_map(struct dma_phyr_map *map)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG))
		return;
	__dma_phyr_iter_init(&iter, map, 0, map->len);
	while (dma_phyr_next_piece(&iter, &piece))
		debug_dma_map_phyr_piece(map->dev, piece.phys, piece.dma, piece.len, map->dir,
					 map->attrs, piece.run->kind == PHYR_SYSTEM);
}

static void dma_phyr_debug_unmap(struct dma_phyr_map *map)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG))
		return;
	__dma_phyr_iter_init(&iter, map, 0, map->len);
	while (dma_phyr_next_piece(&iter, &piece))
		debug_dma_unmap_phyr_piece(map->dev, piece.dma, piece.len, map->dir);
}

static void dma_phyr_debug_sync(struct dma_phyr_map *map, u64 off, u64 len, bool to_cpu)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	if (!IS_ENABLED(CONFIG_DMA_API_DEBUG))
		return;
	__dma_phyr_iter_init(&iter, map, 0, off + len);
	while (dma_phyr_next_piece(&iter, &piece)) {
		u64 skip = off > piece.pos ? off - piece.pos : 0;

		if (skip < piece.len && piece.run->kind == PHYR_SYSTEM)
			debug_dma_sync_phyr_piece(map->dev, piece.dma + skip, piece.len - skip,
						  map->dir, to_cpu);
	}
}

/* KMSAN knows what it knows of memory by its struct page */
static void dma_phyr_kmsan(struct dma_phyr_map *map)
{
	struct phyr_iter iter;
	struct phyr range;

	if (!IS_ENABLED(CONFIG_KMSAN))
		return;
	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range))
		if (range.run->kind == PHYR_SYSTEM && phyr_has_pages(range.addr, range.len))
			kmsan_handle_dma(pfn_to_page(PHYS_PFN(range.addr)),
					 offset_in_page(range.addr), range.len, map->dir);
}

/* Mapping */

/*
 * A device that needs a minimum alignment can begin a range elsewhere only at
 * the first byte of the window, and end one only at the last.
 */
static noinline bool __dma_phyr_aligned(struct dma_phyr_map *map, u64 align_mask)
{
	struct phyr_iter iter;
	struct phyr range;
	u64 misaligned = 0, last_end = 0;
	bool is_first = true;

	/* What of the boundaries is exact is their lowest bit */
	align_mask = (1ULL << fls64(align_mask)) - 1;
	/* Segments that have to be shorter than what the device can begin with */
	if (dma_get_max_seg_size(map->dev) - 1 < align_mask ||
	    dma_get_seg_boundary(map->dev) < align_mask)
		return false;
	if (!(phyr_list_boundaries(map->list) & align_mask))
		return true;
	/* Perhaps the window has none of those boundaries */
	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		if (!is_first)
			misaligned |= last_end | range.addr;
		last_end = range.addr + range.len;
		is_first = false;
	}
	return !(misaligned & align_mask);
}

static inline bool dma_phyr_aligned(struct dma_phyr_map *map)
{
	u64 align_mask = dma_get_min_align_mask(map->dev);

	return likely(!align_mask) || __dma_phyr_aligned(map, align_mask);
}

static enum dma_phyr_path dma_phyr_choose_path(struct device *dev, const struct phyr_list *list)
{
	if (dma_device_goes_direct(dev))
		return DMA_PHYR_DIRECT;
	if (use_dma_iommu(dev))
		return DMA_PHYR_IOMMU;
	if (phyr_list_is_system(list) &&
	    arch_dma_map_page_direct(dev, phyr_list_highest(list) + 1))
		return DMA_PHYR_DIRECT;
	return DMA_PHYR_OPS;
}

/*
 * What a mapping keeps from one use to the next is what was set for it and what was
 * reserved.  Who maps sets the rest, but for what a path may leave as it is.
 */
static inline void dma_phyr_map_clear(struct dma_phyr_map *map)
{
	map->list = NULL;
	map->dev = NULL;
	map->len = 0;
	map->iova_len = 0;
	map->path = DMA_PHYR_UNUSED;
	map->flags &= DMA_PHYR_RESERVED;
}

static void dma_phyr_unmap_path(struct dma_phyr_map *map)
{
	switch (map->path) {
	case DMA_PHYR_DIRECT:
		dma_direct_unmap_phyr(map);
		break;
	case DMA_PHYR_IOMMU:
		iommu_dma_unmap_phyr(map);
		break;
	default:
		dma_ops_unmap_phyr(map);
		break;
	}
}

/**
 * dma_map_phyr_window - map a part of a list for a device
 * @dev: The device.
 * @list: The list.
 * @off: Where the window begins, bytes from the start of the list.
 * @len: Bytes in the window.
 * @map: A mapping that is not in use.
 * @dir: Which way the data will go.
 * @attrs: DMA_ATTR_*, as for dma_map_sgtable().
 *
 * As dma_map_phyr(), for the bytes of the window only.
 *
 * Context: As dma_map_phyr().
 * Return:
 * * as dma_map_phyr()
 * * %-ENODATA - @len is zero
 * * %-ERANGE - the window is not within the list
 */
int dma_map_phyr_window(struct device *dev, const struct phyr_list *list, u64 off, u64 len,
			struct dma_phyr_map *map, enum dma_data_direction dir,
			unsigned long attrs)
{
	u64 end;
	int ret;

	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return -EBUSY;
	if (WARN_ON_ONCE(!valid_dma_direction(dir) || (attrs & ~DMA_PHYR_ATTRS)))
		return -EINVAL;
	if (WARN_ON_ONCE(!dev->dma_mask))
		return -EIO;
	if (check_add_overflow(off, len, &end) || end > phyr_list_bytes(list))
		return -ERANGE;
	if (!len)
		return -ENODATA;

	map->list = list;
	map->dev = dev;
	map->off = off;
	map->len = len;
	map->dir = dir;
	map->attrs = attrs;
	ret = -EINVAL;
	if (!dma_phyr_aligned(map))
		goto out_clear;
	if (unlikely(phyr_list_has_p2p(list))) {
		ret = dma_phyr_attach_peers(map);
		if (ret)
			goto out_clear;
	}

	switch (dma_phyr_choose_path(dev, list)) {
	case DMA_PHYR_DIRECT:
		ret = dma_direct_map_phyr(map);
		break;
	case DMA_PHYR_IOMMU:
		ret = iommu_dma_map_phyr(map);
		break;
	default:
		ret = dma_ops_map_phyr(map);
		break;
	}
	if (ret)
		goto out_detach;
	/* Who took it back meanwhile is waiting */
	if (unlikely(map->peers) && !dma_phyr_arm_peers(map)) {
		ret = -ENODEV;
		goto out_unmap;
	}
	dma_phyr_kmsan(map);
	trace_dma_map_phyr(map);
	dma_phyr_debug_map(map);
	return 0;

out_unmap:
	dma_phyr_unmap_path(map);
out_detach:
	if (unlikely(map->peers))
		dma_phyr_detach_peers(map);
out_clear:
	trace_dma_map_phyr_err(map, ret);
	dma_phyr_map_clear(map);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_map_phyr_window);

/**
 * dma_unmap_phyr - end a mapping
 * @map: The mapping; afterwards it is not in use and its list may change.
 *
 * The memory belongs to the CPU again.
 *
 * Context: Any that dma_unmap_sg() may be called in; allocates nothing and
 * cannot fail.  A mapping that is not in use is a bug of the caller; nothing is
 * done then.
 */
void dma_unmap_phyr(struct dma_phyr_map *map)
{
	if (WARN_ON_ONCE(map->path == DMA_PHYR_UNUSED))
		return;
	if (map->path == DMA_PHYR_GIVEN) {
		dma_phyr_map_clear(map);
		return;
	}
	if (unlikely(map->peers))
		dma_phyr_disarm_peers(map);
	trace_dma_unmap_phyr(map);
	dma_phyr_debug_unmap(map);
	dma_phyr_unmap_path(map);
	if (unlikely(map->peers))
		dma_phyr_detach_peers(map);
	dma_phyr_map_clear(map);
}
EXPORT_SYMBOL_GPL(dma_unmap_phyr);

static bool dma_phyr_bad_window(const struct dma_phyr_map *map, u64 off, u64 len)
{
	u64 end;

	return WARN_ON_ONCE(map->path == DMA_PHYR_UNUSED) ||
		WARN_ON_ONCE(check_add_overflow(off, len, &end) || end > map->len);
}

/* False if nothing had to be done */
static bool dma_phyr_sync(struct dma_phyr_map *map, u64 off, u64 len, bool to_cpu)
{
	if (dma_phyr_bad_window(map, off, len) || map->path == DMA_PHYR_GIVEN ||
	    !dma_dev_need_sync(map->dev) || !len)
		return false;
	if (map->path == DMA_PHYR_OPS)
		dma_ops_sync_phyr(map, off, len, to_cpu);
	else
		dma_phyr_sync_memory(map, off, len,
				     to_cpu ? DMA_PHYR_SYNC_CPU : DMA_PHYR_SYNC_DEVICE);
	dma_phyr_debug_sync(map, off, len, to_cpu);
	return true;
}

/**
 * dma_sync_phyr_for_cpu - let the CPU touch a part of a mapping
 * @map: The mapping, which remains.
 * @off: Where to begin, bytes from the start of the mapped window.
 * @len: Bytes.
 *
 * The CPU sees what the device has written.  It must not touch these bytes any
 * more after dma_sync_phyr_for_device().
 *
 * Context: Any.  A window that reaches out of the mapping is a bug of the
 * caller; nothing is done then.
 */
void dma_sync_phyr_for_cpu(struct dma_phyr_map *map, u64 off, u64 len)
{
	if (!dma_phyr_sync(map, off, len, true))
		return;
	trace_dma_sync_phyr_for_cpu(map, off, len);
}
EXPORT_SYMBOL_GPL(dma_sync_phyr_for_cpu);

/**
 * dma_sync_phyr_for_device - give a part of a mapping back to the device
 * @map: The mapping.
 * @off: Where to begin, bytes from the start of the mapped window.
 * @len: Bytes.
 *
 * The device sees what the CPU has written.
 *
 * Context: Any.  A window that reaches out of the mapping is a bug of the
 * caller; nothing is done then.
 */
void dma_sync_phyr_for_device(struct dma_phyr_map *map, u64 off, u64 len)
{
	if (!dma_phyr_sync(map, off, len, false))
		return;
	trace_dma_sync_phyr_for_device(map, off, len);
}
EXPORT_SYMBOL_GPL(dma_sync_phyr_for_device);

/**
 * dma_phyr_map_reserve - allocate beforehand what mapping may have to store
 * @map: A mapping that is not in use.
 * @dev: The device that it will be mapped for, with its limits set.
 * @list: The list, or one that is at least as large in bytes and in ranges, is aligned no
 *	better (see phyr_list_boundaries()) and names the same providers.
 * @gfp: How to allocate.
 *
 * For ranges that are bounced, for those of a device with dma_map_ops of its own, and
 * for each provider of peer-to-peer memory something has to be stored.  Afterwards
 * dma_map_phyr() and dma_map_phyr_window() of such a list find room for it and need no
 * GFP_ATOMIC, again and again until dma_phyr_map_destroy(), which is needed also if this
 * fails.  Costs nothing where none of that is ever needed, and next to nothing where only
 * parts of pages could have to be bounced, and the list has them at its ends alone.
 *
 * Context: Any that @gfp allows.
 * Return:
 * * 0 - success
 * * %-EBUSY - @map is in use
 * * %-EIO - the device has no DMA mask
 * * %-ENOMEM - no memory; a reserve that @map had before remains
 */
int dma_phyr_map_reserve(struct dma_phyr_map *map, struct device *dev,
			 const struct phyr_list *list, gfp_t gfp)
{
	bool only_ends = false;
	size_t max;
	u64 nr;
	int ret;

	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return -EBUSY;
	if (WARN_ON_ONCE(!dev->dma_mask))
		return -EIO;
	if (phyr_list_has_p2p(list)) {
		map->flags |= DMA_PHYR_RESERVED;
		ret = dma_phyr_reserve_peers(map, dev, list, gfp);
		if (ret)
			return ret;
	}
	max = dma_max_mapping_size(dev);
	switch (dma_phyr_choose_path(dev, list)) {
	case DMA_PHYR_DIRECT:
		/* There is a limit where something could have to be bounced */
		if (max == SIZE_MAX && dma_kmalloc_safe(dev, DMA_BIDIRECTIONAL))
			return 0;
		only_ends = max == SIZE_MAX && !(phyr_list_boundaries(list) & (PAGE_SIZE - 1));
		max = min(max, swiotlb_max_mapping_size(dev));
		break;
	case DMA_PHYR_IOMMU:
		if (max == SIZE_MAX && dma_kmalloc_safe(dev, DMA_BIDIRECTIONAL))
			return 0;
		only_ends = !(phyr_list_boundaries(list) & dma_get_merge_boundary(dev));
		max = min(max, swiotlb_max_mapping_size(dev));
		break;
	default:
		break;
	}
	/*
	 * Each range has a first piece, a last one, and such of full length; whole pages and
	 * granules stay where they are, so of those only the ends of a window have pieces.
	 */
	if (only_ends)
		nr = 4;
	else if (check_mul_overflow(phyr_list_ranges(list), 2ULL, &nr) ||
		 check_add_overflow(nr, div64_u64(phyr_list_bytes(list),
						  dma_phyr_piece_len(dev, 0, U64_MAX, max)), &nr))
		return -ENOMEM;

	if (!dma_phyr_get_moved(map, gfp))
		return -ENOMEM;
	map->flags |= DMA_PHYR_RESERVED;
	/* All are of one run, and so take half of what ranges could take */
	nr = nr / 2 + 1;
	ret = phyr_list_reserve(&map->moved->where, nr, gfp);
	if (!ret)
		ret = phyr_list_reserve(&map->moved->to, nr, gfp);
	return ret ? -ENOMEM : 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_map_reserve);

/**
 * dma_phyr_map_destroy - give back what was reserved for a mapping
 * @map: A mapping that is not in use; it can be used again.
 *
 * Needed only after dma_phyr_map_reserve().  All that was set for the mapping is
 * forgotten.  Allocates nothing and cannot fail.
 *
 * Context: Any.  A mapping in use is a bug of the caller; nothing is done then.
 */
void dma_phyr_map_destroy(struct dma_phyr_map *map)
{
	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return;
	map->flags = 0;
	if (map->moved)
		dma_phyr_drop_moved(map);
	if (map->peers)
		dma_phyr_free_peers(map);
	map->iova_align = 0;
	map->invalidate = NULL;
}
EXPORT_SYMBOL_GPL(dma_phyr_map_destroy);

/**
 * dma_phyr_map_set_iova_align - ask for aligned IOVA
 * @map: A mapping that is not in use.
 * @align: Bytes, a power of two; 0 takes the wish back.
 *
 * From now on, where the device is behind an IOMMU, the DMA address of the first
 * byte will have the same offset in blocks of @align bytes as its physical
 * address, unless that byte is bounced.  So large pages of memory can be large
 * pages of the IOMMU and of the device.  May take up to @align bytes of IOVA more.
 *
 * Context: Any.
 * Return: 0, %-EINVAL if @align is not a power of two, %-EBUSY if @map is in use.
 */
int dma_phyr_map_set_iova_align(struct dma_phyr_map *map, u64 align)
{
	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return -EBUSY;
	if (align & (align - 1))
		return -EINVAL;
	map->iova_align = align;
	return 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_map_set_iova_align);

/**
 * dma_phyr_map_set_invalidate - ask to be told when peer-to-peer memory is taken back
 * @map: A mapping that is not in use.
 * @invalidate: Called when a provider of memory in the mapped list is revoked.  NULL
 *	takes the wish back.
 *
 * Serves mapping after mapping until dma_phyr_map_destroy().  The provider waits until
 * the mapping is gone: @invalidate has to see to it that dma_unmap_phyr() is called
 * soon, from a work item for example, but must not call it itself.  It runs with a
 * spinlock held and interrupts off.  It is called once for a mapping, however many
 * providers are revoked, and only for a mapping that was made: at the earliest when
 * dma_map_phyr() is about to return 0, and not any more once dma_unmap_phyr() was called.
 * When dma_unmap_phyr() has returned @invalidate is not running.
 *
 * Without it the provider waits until the mapping ends by itself, which is good enough
 * for what lives as long as a request.
 *
 * Context: Any.
 * Return: 0, %-EBUSY if @map is in use.
 */
int dma_phyr_map_set_invalidate(struct dma_phyr_map *map,
				void (*invalidate)(struct dma_phyr_map *map))
{
	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return -EBUSY;
	map->invalidate = invalidate;
	return 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_map_set_invalidate);

/**
 * dma_phyr_run_path - how a run of a mapped list is reached, for people to read
 * @map: The mapping.
 * @run: A run of its list.
 *
 * Context: Any.
 * Return: A constant string.
 */
const char *dma_phyr_run_path(const struct dma_phyr_map *map, const struct phyr_run *run)
{
	const struct p2pdma_mapping *peer = dma_phyr_find_peer(map, run);

	if (!peer)
		return dma_phyr_map_path(map);
	return dma_phyr_is_on_bus(peer) ? "peer, by bus address" :
					  "peer, through the host bridge";
}
EXPORT_SYMBOL_GPL(dma_phyr_run_path);

/**
 * dma_phyr_map_path - how a mapping was made, for people to read
 * @map: The mapping.
 *
 * Context: Any.
 * Return: A constant string.
 */
const char *dma_phyr_map_path(const struct dma_phyr_map *map)
{
	bool moved = dma_phyr_moved_bytes(map);

	switch (map->path) {
	case DMA_PHYR_DIRECT:
		return moved ? "direct, bounced" : "direct";
	case DMA_PHYR_IOMMU:
		return moved ? "IOMMU, bounced" : "IOMMU";
	case DMA_PHYR_OPS:
		return "dma_map_ops";
	case DMA_PHYR_GIVEN:
		return "given";
	}
	return "not in use";
}
EXPORT_SYMBOL_GPL(dma_phyr_map_path);
