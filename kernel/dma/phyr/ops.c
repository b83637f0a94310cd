// SPDX-License-Identifier: GPL-2.0
/*
 * dma_map_phyr() for devices with dma_map_ops of their own.
 *
 * These know single ranges only, and of memory only such that has a struct
 * page.  Every range is handed to them and what they return is stored.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>

#include "paths.h"

static dma_addr_t dma_ops_map_phyr_piece(struct dma_phyr_map *map, const struct phyr_run *run,
					 phys_addr_t phys, size_t len)
{
	const struct dma_map_ops *ops = get_dma_ops(map->dev);

	if (run->kind != PHYR_SYSTEM)
		return ops->map_resource(map->dev, phys, len, map->dir, map->attrs);
	return ops->map_page(map->dev, pfn_to_page(PHYS_PFN(phys)), offset_in_page(phys), len,
			     map->dir, map->attrs);
}

static void dma_ops_unmap_phyr_piece(struct dma_phyr_map *map, const struct phyr_run *run,
				     dma_addr_t addr, size_t len, unsigned long attrs)
{
	const struct dma_map_ops *ops = get_dma_ops(map->dev);

	if (run->kind != PHYR_SYSTEM) {
		if (ops->unmap_resource)
			ops->unmap_resource(map->dev, addr, len, map->dir, attrs);
	} else if (ops->unmap_page) {
		ops->unmap_page(map->dev, addr, len, map->dir, attrs);
	}
}

static bool dma_ops_can_map(struct dma_phyr_map *map, const struct phyr *range)
{
	const struct dma_map_ops *ops = get_dma_ops(map->dev);

	if (range->run->kind != PHYR_SYSTEM)
		return ops->map_resource;
	return ops->map_page && phyr_has_pages(range->addr, range->len);
}

/* Unmap the first @len bytes of the window, all that are mapped */
static void dma_ops_unmap_pieces(struct dma_phyr_map *map, u64 len, unsigned long attrs)
{
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	if (!dma_phyr_moved_bytes(map))
		return;
	__dma_phyr_iter_init(&iter, map, 0, len);
	while (dma_phyr_next_piece(&iter, &piece))
		if (!dma_phyr_is_on_bus(piece.peer))
			dma_ops_unmap_phyr_piece(map, piece.run, piece.dma, piece.len, attrs);
	dma_phyr_drop_moved(map);
}

int dma_ops_map_phyr(struct dma_phyr_map *map)
{
	size_t max = dma_max_mapping_size(map->dev);
	struct phyr_iter iter;
	struct phyr range;
	u64 pos = 0, len;
	dma_addr_t addr;
	int ret;

	map->path = DMA_PHYR_OPS;
	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		/* The ops need not know of what the bus alone can do */
		if (dma_phyr_range_is_on_bus(map, &range)) {
			pos += range.len;
			continue;
		}
		if (!dma_ops_can_map(map, &range)) {
			ret = -ENXIO;
			goto out_unmap;
		}
		for (; range.len; range.addr += len, range.len -= len, pos += len) {
			len = dma_phyr_piece_len(map->dev, range.addr, range.len, max);
			addr = dma_ops_map_phyr_piece(map, range.run, range.addr, len);
			if (addr == DMA_MAPPING_ERROR) {
				ret = -EIO;
				goto out_unmap;
			}
			ret = dma_phyr_add_moved(map, pos, addr, len);
			if (ret) {
				dma_ops_unmap_phyr_piece(map, range.run, addr, len,
							 map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
				goto out_unmap;
			}
		}
	}
	if (map->flags & DMA_PHYR_MOVED_WHOLE) {
		map->dma_first = map->moved_to;
		map->flags |= DMA_PHYR_CONTIGUOUS;
	}
	return 0;

out_unmap:
	dma_ops_unmap_pieces(map, pos, map->attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

void dma_ops_unmap_phyr(struct dma_phyr_map *map)
{
	dma_ops_unmap_pieces(map, map->len, map->attrs);
}

void dma_ops_sync_phyr(struct dma_phyr_map *map, u64 off, u64 len, bool to_cpu)
{
	const struct dma_map_ops *ops = get_dma_ops(map->dev);
	struct dma_phyr_piece piece;
	struct dma_phyr_iter iter;

	if (to_cpu ? !ops->sync_single_for_cpu : !ops->sync_single_for_device)
		return;
	__dma_phyr_iter_init(&iter, map, 0, off + len);
	while (dma_phyr_next_piece(&iter, &piece)) {
		u64 skip = off > piece.pos ? off - piece.pos : 0;

		if (skip >= piece.len || piece.run->kind != PHYR_SYSTEM)
			continue;
		if (to_cpu)
			ops->sync_single_for_cpu(map->dev, piece.dma + skip,
						 piece.len - skip, map->dir);
		else
			ops->sync_single_for_device(map->dev, piece.dma + skip,
						    piece.len - skip, map->dir);
	}
}
