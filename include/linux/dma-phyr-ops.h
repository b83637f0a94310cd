/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the paths of dma_map_phyr() share: not for drivers.
 *
 * A path (direct, IOMMU, dma_map_ops) fills in a struct dma_phyr_map; walking
 * the pieces of a mapping, bouncing and syncing are the same for all of them
 * and are found here.
 */
#ifndef _LINUX_DMA_PHYR_OPS_H
#define _LINUX_DMA_PHYR_OPS_H

#include <linux/bits.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-phyr.h>
#include <linux/p2pdma-provider.h>

/**
 * enum dma_phyr_path - how a mapping reaches its memory
 * @DMA_PHYR_UNUSED: The mapping is not in use.
 * @DMA_PHYR_DIRECT: By the bus address; @dma_base is what has to be added to the
 *	physical address, if %DMA_PHYR_LINEAR is set.
 * @DMA_PHYR_IOMMU: In one block of IOVA; @dma_base is where its first granule
 *	is, the ranges follow on granules.
 * @DMA_PHYR_OPS: As the device's dma_map_ops returned it, all is @moved.
 * @DMA_PHYR_GIVEN: By no path: @dma_base is what somebody said that has to be added, and
 *	there is no device.
 *
 * Of peer-to-peer memory that the device reaches by its bus address no path knows.
 */
enum dma_phyr_path {
	DMA_PHYR_UNUSED,
	DMA_PHYR_DIRECT,
	DMA_PHYR_IOMMU,
	DMA_PHYR_OPS,
	DMA_PHYR_GIVEN,
};

/* Direct: one constant leads from physical to DMA addresses, nothing is moved */
#define DMA_PHYR_LINEAR		BIT(0)
/* For the device the whole window is contiguous from @dma_first on */
#define DMA_PHYR_CONTIGUOUS	BIT(1)
/* @moved and @peers are a reserve that outlives the mapping */
#define DMA_PHYR_RESERVED	BIT(2)
/* The whole window is one piece that was moved, to @moved_to */
#define DMA_PHYR_MOVED_WHOLE	BIT(3)

/**
 * struct dma_phyr_moved - the pieces that are not where the list says
 * @where: Offsets in the window, as the addresses of ranges, of those stretches of
 *	pieces that another one follows.
 * @pos: Where in the window the last stretch begins.
 * @end: Where it ends, 0 if there is none.
 * @to: In the same order, for each piece where it is: the physical address of a
 *	bounce buffer, or the DMA address that a dma_map_ops returned.
 */
struct dma_phyr_moved {
	struct phyr_list	where;
	u64			pos;
	u64			end;
	struct phyr_list	to;
};

/* Bytes that are not where the list says */
static inline u64 dma_phyr_moved_bytes(const struct dma_phyr_map *map)
{
	if (map->flags & DMA_PHYR_MOVED_WHOLE)
		return map->len;
	return map->moved ? phyr_list_bytes(&map->moved->to) : 0;
}

/**
 * struct dma_phyr_piece - bytes of a mapping that are together everywhere
 * @pos: Where in the window.
 * @len: Bytes.
 * @phys: Where in physical memory the list has them.
 * @to: Where they are if @moved, see struct dma_phyr_moved.
 * @dma: Their DMA address.
 * @run: What the list says of them.
 * @peer: For peer-to-peer memory how the device reaches it, otherwise NULL.
 * @moved: Whether they were moved.
 */
struct dma_phyr_piece {
	u64			pos;
	u64			len;
	phys_addr_t		phys;
	u64			to;
	dma_addr_t		dma;
	const struct phyr_run	*run;
	const struct p2pdma_mapping *peer;
	bool			moved;
};

/* Is this memory reached by its bus address, and no concern of any path? */
static inline bool dma_phyr_is_on_bus(const struct p2pdma_mapping *peer)
{
	return unlikely(peer) && peer->map_type == PCI_P2PDMA_MAP_BUS_ADDR;
}

const struct p2pdma_mapping *dma_phyr_find_peer(const struct dma_phyr_map *map,
						const struct phyr_run *run);

/* The same for a range of the list */
static inline bool dma_phyr_range_is_on_bus(const struct dma_phyr_map *map,
					    const struct phyr *range)
{
	return unlikely(map->peers) && dma_phyr_is_on_bus(dma_phyr_find_peer(map, range->run));
}

bool dma_phyr_next_piece(struct dma_phyr_iter *iter, struct dma_phyr_piece *piece);

u64 dma_phyr_piece_len(struct device *dev, phys_addr_t addr, u64 len, size_t max);
int dma_phyr_add_moved(struct dma_phyr_map *map, u64 pos, u64 to, u64 len);
int dma_phyr_bounce(struct dma_phyr_map *map, u64 pos, phys_addr_t phys, size_t len,
		    unsigned int align_mask, phys_addr_t *to);
void __dma_phyr_unbounce(struct dma_phyr_map *map, unsigned long attrs);
void dma_phyr_drop_moved(struct dma_phyr_map *map);

/* Give all bounce buffers back, copying what a device wrote unless told not to */
static inline void dma_phyr_unbounce(struct dma_phyr_map *map, unsigned long attrs)
{
	if (unlikely(dma_phyr_moved_bytes(map)))
		__dma_phyr_unbounce(map, attrs);
}

int __dma_phyr_clean_caches(struct dma_phyr_map *map);
void dma_phyr_sync_memory_for_cpu(struct dma_phyr_map *map, u64 off, u64 len);

/* Make memory fit for a device that does not look into caches */
static inline int dma_phyr_clean_caches(struct dma_phyr_map *map)
{
	if (likely(dev_is_dma_coherent(map->dev)) || (map->attrs & DMA_ATTR_SKIP_CPU_SYNC))
		return 0;
	return __dma_phyr_clean_caches(map);
}

#ifdef CONFIG_IOMMU_DMA
int iommu_dma_map_phyr(struct dma_phyr_map *map);
void iommu_dma_unmap_phyr(struct dma_phyr_map *map);
#else
static inline int iommu_dma_map_phyr(struct dma_phyr_map *map)
{
	return -EIO;
}

static inline void iommu_dma_unmap_phyr(struct dma_phyr_map *map)
{
}
#endif

#endif /* _LINUX_DMA_PHYR_OPS_H */
