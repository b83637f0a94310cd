/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites of dma_map_phyr() share: devices to map for, lists to
 * map, and a view of memory as the device has it.
 */
#ifndef _KERNEL_DMA_PHYR_KUNIT_H
#define _KERNEL_DMA_PHYR_KUNIT_H

#include <kunit/test.h>
#include <linux/dma-phyr.h>

/* How a test device reaches memory */
enum phyr_kunit_kind {
	PHYR_KUNIT_DIRECT,		/* coherent, by bus address */
	PHYR_KUNIT_NONCOHERENT,		/* caches have to be maintained */
	PHYR_KUNIT_OFFSET,		/* a DMA range map with two regions */
	PHYR_KUNIT_BOUNCE,		/* everything is bounced */
	PHYR_KUNIT_HOLE,		/* one page is out of reach and bounced */
	PHYR_KUNIT_STRICT,		/* IOMMU, strict */
	PHYR_KUNIT_LAZY,		/* IOMMU, with a flush queue */
	PHYR_KUNIT_IOMMU_NONCOHERENT,	/* IOMMU, caches have to be maintained */
	PHYR_KUNIT_IOMMU_ARM,		/* IOMMU with tables of io-pgtable-arm */
	PHYR_KUNIT_OPS,			/* dma_map_ops of its own */
	PHYR_KUNIT_PCI,			/* a device of the machine */
};

struct phyr_kunit_device {
	const char		*name;
	enum phyr_kunit_kind	kind;
};

extern const struct phyr_kunit_device phyr_kunit_devices[];
extern const unsigned int phyr_kunit_nr_devices;

/* For KUNIT_CASE_PARAM(): each kind of device */
static inline const void *phyr_kunit_gen_devices(const void *prev, char *desc)
{
	const struct phyr_kunit_device *next = prev ? prev + sizeof(*next) : phyr_kunit_devices;

	if (next == phyr_kunit_devices + phyr_kunit_nr_devices)
		return NULL;
	strscpy(desc, next->name, KUNIT_PARAM_DESC_SIZE);
	return next;
}

struct device *phyr_kunit_device_add(struct kunit *test, enum phyr_kunit_kind kind);
/* One with tables of io-pgtable-arm that stays, for the benchmark in User Mode Linux */
struct device *phyr_kunit_bench_device(void);
/* The page that a device of kind PHYR_KUNIT_HOLE cannot reach */
void phyr_kunit_set_hole(struct device *dev, phys_addr_t page);
/* Where in physical memory a DMA address leads, -1 if nowhere */
phys_addr_t phyr_kunit_translate(struct device *dev, dma_addr_t addr);
/* Bounce buffer slots in use */
unsigned long phyr_kunit_slots(struct device *dev);
/* Granules mapped in the device's IOMMU, or pieces by its dma_map_ops */
unsigned long phyr_kunit_mapped(struct device *dev);

/* The mock IOMMU and the mock dma_map_ops: the k-th call from now on fails, 0: none */
void phyr_kunit_fail_map(unsigned int k);
/* How many entries of a leaf table the mock IOMMU offers at most, 0: none */
void phyr_kunit_set_leaf(unsigned int most);
/* How often the mock IOMMU was told of new mappings, and whether it knows of all */
unsigned long phyr_kunit_syncs(void);
bool phyr_kunit_all_synced(struct device *dev);
/* Protection bits of a mapped granule, negative if its format has others */
int phyr_kunit_prot(struct device *dev, dma_addr_t addr);

/* Where the entry of a mapped granule is in a table of io-pgtable-arm */
phys_addr_t phyr_kunit_entry(struct device *dev, dma_addr_t addr);

/* Cache maintenance of a byte for a direction: how often since the last reset */
void phyr_kunit_reset_cache_log(void);
unsigned int phyr_kunit_cache_log(phys_addr_t addr, bool for_cpu);

#endif /* _KERNEL_DMA_PHYR_KUNIT_H */
