// SPDX-License-Identifier: GPL-2.0
/*
 * dma_map_phyr() for devices that reach memory by its bus address.
 *
 * Mostly there is nothing to do, and the summary of a list says so: then no
 * range is looked at.  Otherwise ranges that the device cannot reach, or must
 * not, are bounced piece by piece, and nothing is stored for the others.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "paths.h"

/*
 * How many of the @len bytes at @phys one entry of the DMA range map translates,
 * or how many of them none does
 */
u64 dma_direct_phyr_span(struct device *dev, phys_addr_t phys, u64 len)
{
	const struct bus_dma_region *m;
	u64 gap = len;

	if (!dev->dma_range_map)
		return len;
	for (m = dev->dma_range_map; m->size; m++) {
		if (phys >= m->cpu_start && phys - m->cpu_start < m->size)
			return min(len, m->size - (phys - m->cpu_start));
		if (phys < m->cpu_start)
			gap = min(gap, m->cpu_start - phys);
	}
	return gap;
}

/* dma_capable() for a length that may not fit a size_t */
static bool dma_direct_phyr_capable(struct device *dev, dma_addr_t addr, u64 len, bool is_ram)
{
	dma_addr_t last = addr + (len - 1);

	return addr != DMA_MAPPING_ERROR && last >= addr &&
		dma_capable(dev, addr, 1, is_ram) && dma_capable(dev, last, 1, is_ram);
}

/* Is each range of whole pages?  Nothing else is in their cache lines. */
static bool dma_direct_phyr_is_of_pages(const struct dma_phyr_map *map)
{
	struct phyr_iter iter;

	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	return !((phyr_list_boundaries(map->list) | phyr_iter_addr(&iter) | map->len) &
		 (PAGE_SIZE - 1));
}

/* Can it be told from the summary that the device reaches all of the list? */
static bool dma_direct_phyr_is_linear(struct dma_phyr_map *map)
{
	const struct phyr_list *list = map->list;
	struct device *dev = map->dev;

	if (!phyr_list_is_system(list) || is_swiotlb_force_bounce(dev) ||
	    dev->dma_range_map || IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA) ||
	    !(dma_kmalloc_safe(dev, map->dir) || dma_direct_phyr_is_of_pages(map)))
		return false;
	return dma_capable(dev, phys_to_dma(dev, phyr_list_lowest(list)), 1, true) &&
		dma_capable(dev, phys_to_dma(dev, phyr_list_highest(list)), 1, true);
}

static int dma_direct_bounce_phyr(struct dma_phyr_map *map, u64 pos, phys_addr_t phys, u64 len)
{
	struct device *dev = map->dev;
	size_t max = swiotlb_max_mapping_size(dev);

	for (;;) {
		u64 bytes = dma_phyr_piece_len(dev, phys, len, max);
		phys_addr_t to;
		int ret;

		ret = dma_phyr_bounce(map, pos, phys, bytes, 0, &to);
		if (ret)
			return ret;
		if (!dma_capable(dev, phys_to_dma_unencrypted(dev, to), bytes, true))
			return -EADDRNOTAVAIL;
		if (bytes == len)
			return 0;
		phys += bytes;
		pos += bytes;
		len -= bytes;
	}
}

/* Bounce those parts of a range that the device does not reach */
static noinline int dma_direct_reach_phyr(struct dma_phyr_map *map, u64 pos, phys_addr_t phys,
					  u64 left)
{
	struct device *dev = map->dev;
	u64 len;
	int ret;

	for (; left; left -= len, phys += len, pos += len) {
		len = dma_direct_phyr_span(dev, phys, left);
		if (likely(dma_direct_phyr_capable(dev, phys_to_dma(dev, phys), len, true)))
			continue;
		if (!is_swiotlb_active(dev))
			return -EADDRNOTAVAIL;
		ret = dma_direct_bounce_phyr(map, pos, phys, len);
		if (ret)
			return ret;
	}
	return 0;
}

static inline int dma_direct_map_phyr_memory(struct dma_phyr_map *map, u64 pos,
					     phys_addr_t phys, u64 len)
{
	if (!is_swiotlb_force_bounce(map->dev)) {
		if (!dma_kmalloc_needs_bounce(map->dev, len, map->dir))
			return dma_direct_reach_phyr(map, pos, phys, len);
		if (!is_swiotlb_active(map->dev))
			return -EADDRNOTAVAIL;
	}
	return dma_direct_bounce_phyr(map, pos, phys, len);
}

static int dma_direct_map_phyr_range(struct dma_phyr_map *map, u64 pos, const struct phyr *range)
{
	if (range->run->kind == PHYR_SYSTEM)
		return dma_direct_map_phyr_memory(map, pos, range->addr, range->len);
	/* As dma_map_resource(), unless the bus alone does it */
	if (dma_phyr_range_is_on_bus(map, range))
		return 0;
	/* Who is to see bounce buffers only is not given a peer by the host */
	if (range->run->kind == PHYR_P2P && is_swiotlb_force_bounce(map->dev))
		return -EADDRNOTAVAIL;
	return dma_direct_phyr_capable(map->dev, range->addr, range->len, false) ?
		0 : -EADDRNOTAVAIL;
}

static noinline int dma_direct_map_phyr_ranges(struct dma_phyr_map *map)
{
	struct phyr_iter iter;
	struct phyr range;
	u64 pos = 0;
	int ret;

	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		ret = dma_direct_map_phyr_range(map, pos, &range);
		if (ret)
			return ret;
		pos += range.len;
	}
	return 0;
}

int dma_direct_map_phyr(struct dma_phyr_map *map)
{
	const struct phyr_list *list = map->list;
	int ret;

	map->path = DMA_PHYR_DIRECT;
	if (likely(dma_direct_phyr_is_linear(map))) {
		phys_addr_t lowest = phyr_list_lowest(list);

		map->dma_base = phys_to_dma(map->dev, lowest) - lowest;
		map->flags |= DMA_PHYR_LINEAR;
		if (phyr_list_ranges(list) == 1) {
			map->dma_first = map->dma_base + lowest + map->off;
			map->flags |= DMA_PHYR_CONTIGUOUS;
		}
	} else {
		/* The summary says where a single range is */
		if (phyr_list_ranges(list) == 1 && phyr_list_is_system(list))
			ret = dma_direct_map_phyr_memory(map, 0, phyr_list_lowest(list) + map->off,
							 map->len);
		else
			ret = dma_direct_map_phyr_ranges(map);
		if (ret)
			goto out_unbounce;
		if (map->flags & DMA_PHYR_MOVED_WHOLE) {
			map->dma_first = phys_to_dma_unencrypted(map->dev, map->moved_to);
			map->flags |= DMA_PHYR_CONTIGUOUS;
		}
	}
	ret = dma_phyr_clean_caches(map);
	if (!ret)
		return 0;

out_unbounce:
	if (ret == -EADDRNOTAVAIL)
		dev_err_once(map->dev, "memory is out of reach (mask %#llx, bus limit %#llx)\n",
			     *map->dev->dma_mask, map->dev->bus_dma_limit);
	dma_phyr_unbounce(map, map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

void dma_direct_unmap_phyr(struct dma_phyr_map *map)
{
	unsigned long attrs = map->attrs;

	/* Bounce buffers are copied back when they are given back, unless caches come first */
	if (!(attrs & DMA_ATTR_SKIP_CPU_SYNC) &&
	    (!dev_is_dma_coherent(map->dev) || IS_ENABLED(CONFIG_ARCH_HAS_DMA_MARK_CLEAN))) {
		dma_phyr_sync_memory_for_cpu(map, 0, map->len);
		attrs |= DMA_ATTR_SKIP_CPU_SYNC;
	}
	dma_phyr_unbounce(map, attrs);
}
