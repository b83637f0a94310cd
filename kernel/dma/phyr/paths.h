/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of dma_map_phyr() in kernel/dma share. */
#ifndef _KERNEL_DMA_PHYR_PATHS_H
#define _KERNEL_DMA_PHYR_PATHS_H

#include <linux/dma-phyr-ops.h>

int dma_direct_map_phyr(struct dma_phyr_map *map);
void dma_direct_unmap_phyr(struct dma_phyr_map *map);
u64 dma_direct_phyr_span(struct device *dev, phys_addr_t phys, u64 len);

int dma_phyr_attach_peers(struct dma_phyr_map *map);
void dma_phyr_detach_peers(struct dma_phyr_map *map);
bool dma_phyr_arm_peers(struct dma_phyr_map *map);
void dma_phyr_disarm_peers(struct dma_phyr_map *map);
int dma_phyr_reserve_peers(struct dma_phyr_map *map, struct device *dev,
			   const struct phyr_list *list, gfp_t gfp);
void dma_phyr_free_peers(struct dma_phyr_map *map);

#ifdef CONFIG_ARCH_HAS_DMA_OPS
int dma_ops_map_phyr(struct dma_phyr_map *map);
void dma_ops_unmap_phyr(struct dma_phyr_map *map);
void dma_ops_sync_phyr(struct dma_phyr_map *map, u64 off, u64 len, bool to_cpu);
#else
static inline int dma_ops_map_phyr(struct dma_phyr_map *map)
{
	return -EIO;
}

static inline void dma_ops_unmap_phyr(struct dma_phyr_map *map)
{
}

static inline void dma_ops_sync_phyr(struct dma_phyr_map *map, u64 off, u64 len, bool to_cpu)
{
}
#endif

#endif /* _KERNEL_DMA_PHYR_PATHS_H */
