/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mapping physical ranges in an IOMMU's page table, many at once.
 *
 * For dma-iommu and others who fill a domain with ranges, and for the drivers of
 * IOMMUs, who let leaf tables be filled in a row.
 */
#ifndef _LINUX_IOMMU_PHYR_H
#define _LINUX_IOMMU_PHYR_H

#include <linux/errno.h>
#include <linux/gfp_types.h>
#include <linux/phyr.h>
#include <linux/types.h>

struct iommu_domain;
struct iommu_iotlb_gather;

/**
 * struct iommu_leaf - consecutive entries of a leaf table of an IOMMU
 * @entry: The entry of the address that was asked for.
 * @nr: How many entries there are from it to the end of the table.
 * @attrs: What to OR to a physical address to get an entry, in the byte order of the
 *	CPU.
 * @addr_bits: How many bits a physical address may have.  Higher ones are left to
 *	map_pages().
 * @flush: For the driver: what it remembers from begin to end.
 *
 * An entry of zero is not in use.
 */
struct iommu_leaf {
	u64		*entry;
	unsigned int	nr;
	u64		attrs;
	u8		addr_bits;
	bool		flush;
};

#ifdef CONFIG_IOMMU_DMA_PHYR
int iommu_map_phyr(struct iommu_domain *domain, unsigned long iova, struct phyr_iter *ranges,
		   int prot, gfp_t gfp, size_t *mapped);
size_t iommu_unmap_phyr(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather);
#else
static inline int iommu_map_phyr(struct iommu_domain *domain, unsigned long iova,
				 struct phyr_iter *ranges, int prot, gfp_t gfp, size_t *mapped)
{
	*mapped = 0;
	return -ENODEV;
}

static inline size_t iommu_unmap_phyr(struct iommu_domain *domain, unsigned long iova,
				      size_t size, struct iommu_iotlb_gather *gather)
{
	return 0;
}
#endif

#endif /* _LINUX_IOMMU_PHYR_H */
