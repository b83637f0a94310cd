// SPDX-License-Identifier: GPL-2.0
/*
 * Devices for the KUnit suites of dma_map_phyr() in User Mode Linux.
 *
 * There is no DMA, so everything that the mapping code acts on is here: an IOMMU
 * driver below the real dma-iommu.c whose page table is an xarray of granules,
 * a dma_map_ops that adds an offset, and cache maintenance that is written down.
 * The suites compare what they find here with what they know of the list.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/iommu.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>
#include <linux/xarray.h>

#include "kunit.h"

#define MOCK_GRANULE	SZ_4K
#define MOCK_OPS_OFFSET	BIT_ULL(40)
#define MOCK_BUS_OFFSET	BIT_ULL(36)

/* One counter for all calls that a test wants to fail */
static unsigned int mock_fail_countdown;

void phyr_kunit_fail_map(unsigned int k)
{
	mock_fail_countdown = k;
}

static bool mock_should_fail(void)
{
	return mock_fail_countdown && !--mock_fail_countdown;
}

/* Caches */

#define MOCK_CACHE_LOG	4096

struct mock_cache_op {
	phys_addr_t	addr;
	size_t		size;
	bool		for_cpu;
};

static struct mock_cache_op mock_cache_log[MOCK_CACHE_LOG];
static unsigned int mock_cache_ops;

static void mock_cache_op(phys_addr_t addr, size_t size, bool for_cpu)
{
	unsigned int i = mock_cache_ops++ % MOCK_CACHE_LOG;

	mock_cache_log[i] = (struct mock_cache_op) { addr, size, for_cpu };
}

void arch_sync_dma_for_device(phys_addr_t addr, size_t size, enum dma_data_direction dir)
{
	mock_cache_op(addr, size, false);
}

void arch_sync_dma_for_cpu(phys_addr_t addr, size_t size, enum dma_data_direction dir)
{
	mock_cache_op(addr, size, true);
}

void phyr_kunit_reset_cache_log(void)
{
	mock_cache_ops = 0;
}

unsigned int phyr_kunit_cache_log(phys_addr_t addr, bool for_cpu)
{
	unsigned int i, count = 0;

	for (i = 0; i < min(mock_cache_ops, MOCK_CACHE_LOG); i++)
		count += mock_cache_log[i].for_cpu == for_cpu &&
			 addr - mock_cache_log[i].addr < mock_cache_log[i].size;
	return count;
}

/* IOMMU */

struct mock_domain {
	struct iommu_domain	domain;
	struct xarray		granules;	/* marked: not yet synced */
	unsigned long		nr_granules;
};

static unsigned long mock_syncs;

static struct mock_domain *to_mock(struct iommu_domain *domain)
{
	return container_of(domain, struct mock_domain, domain);
}

static int mock_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t phys,
			  size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	struct mock_domain *mock = to_mock(domain);
	unsigned long i = iova / MOCK_GRANULE, end = i + pgsize * pgcount / MOCK_GRANULE;
	unsigned long flags;
	int ret = 0;

	if (mock_should_fail())
		return -ENOMEM;
	for (; i < end; i++, phys += MOCK_GRANULE, *mapped += MOCK_GRANULE) {
		xa_lock_irqsave(&mock->granules, flags);
		/* Mapping what is mapped is a bug, and entries have room for prot */
		ret = __xa_insert(&mock->granules, i, xa_mk_value(phys | prot), GFP_ATOMIC);
		if (!ret)
			__xa_set_mark(&mock->granules, i, XA_MARK_0);
		xa_unlock_irqrestore(&mock->granules, flags);
		if (ret)
			return ret;
		mock->nr_granules++;
	}
	return 0;
}

static size_t mock_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			       size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct mock_domain *mock = to_mock(domain);
	unsigned long i = iova / MOCK_GRANULE, end = i + pgsize * pgcount / MOCK_GRANULE;
	unsigned long flags;
	void *entry;

	for (; i < end; i++) {
		xa_lock_irqsave(&mock->granules, flags);
		entry = __xa_erase(&mock->granules, i);
		xa_unlock_irqrestore(&mock->granules, flags);
		if (!entry)
			break;
		mock->nr_granules--;
	}
	return i * MOCK_GRANULE - iova;
}

static int mock_sync_map(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct mock_domain *mock = to_mock(domain);
	unsigned long i;

	mock_syncs++;
	if (mock_should_fail())
		return -ENOMEM;
	for (i = iova / MOCK_GRANULE; i < (iova + size) / MOCK_GRANULE; i++)
		xa_clear_mark(&mock->granules, i, XA_MARK_0);
	return 0;
}

static phys_addr_t mock_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	void *entry = xa_load(&to_mock(domain)->granules, iova / MOCK_GRANULE);

	return entry ? (xa_to_value(entry) & ~(MOCK_GRANULE - 1ULL)) | (iova % MOCK_GRANULE) : 0;
}

static void mock_flush(struct iommu_domain *domain)
{
}

static void mock_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
}

static void mock_domain_free(struct iommu_domain *domain)
{
	xa_destroy(&to_mock(domain)->granules);
	kfree(to_mock(domain));
}

static int mock_attach(struct iommu_domain *domain, struct device *dev)
{
	return 0;
}

static struct iommu_domain *mock_alloc_paging(struct device *dev)
{
	struct mock_domain *mock = kzalloc(sizeof(*mock), GFP_KERNEL);

	if (!mock)
		return NULL;
	xa_init_flags(&mock->granules, XA_FLAGS_LOCK_IRQ);
	mock->domain.geometry.aperture_end = DMA_BIT_MASK(39);
	mock->domain.geometry.force_aperture = true;
	return &mock->domain;
}

static bool mock_capable(struct device *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY || cap == IOMMU_CAP_DEFERRED_FLUSH;
}

static struct iommu_device mock_iommu;

static struct iommu_device *mock_probe(struct device *dev)
{
	return strstarts(dev_name(dev), "phyr-iommu") ? &mock_iommu : ERR_PTR(-ENODEV);
}

static int mock_domain_type(struct device *dev)
{
	return strstarts(dev_name(dev), "phyr-iommu-lazy") ?
		IOMMU_DOMAIN_DMA_FQ : IOMMU_DOMAIN_DMA;
}

static const struct iommu_ops mock_iommu_ops = {
	.capable		= mock_capable,
	.domain_alloc_paging	= mock_alloc_paging,
	.probe_device		= mock_probe,
	.device_group		= generic_device_group,
	.def_domain_type	= mock_domain_type,
	.pgsize_bitmap		= SZ_4K | SZ_2M | SZ_1G,
	.default_domain_ops	= &(const struct iommu_domain_ops) {
		.attach_dev	= mock_attach,
		.map_pages	= mock_map_pages,
		.unmap_pages	= mock_unmap_pages,
		.flush_iotlb_all = mock_flush,
		.iotlb_sync_map	= mock_sync_map,
		.iotlb_sync	= mock_sync,
		.iova_to_phys	= mock_iova_to_phys,
		.free		= mock_domain_free,
	},
};

unsigned long phyr_kunit_syncs(void)
{
	return mock_syncs;
}

bool phyr_kunit_all_synced(struct device *dev)
{
	return !xa_marked(&to_mock(iommu_get_dma_domain(dev))->granules, XA_MARK_0);
}

int phyr_kunit_prot(struct device *dev, dma_addr_t addr)
{
	void *entry = xa_load(&to_mock(iommu_get_dma_domain(dev))->granules, addr / MOCK_GRANULE);

	return entry ? xa_to_value(entry) & (MOCK_GRANULE - 1) : 0;
}

/* dma_map_ops */

static DEFINE_XARRAY(mock_ops_mapped);
static unsigned long mock_ops_nr_mapped;

static dma_addr_t mock_ops_map(phys_addr_t phys, size_t size)
{
	if (mock_should_fail() ||
	    xa_insert(&mock_ops_mapped, phys, xa_mk_value(size), GFP_ATOMIC))
		return DMA_MAPPING_ERROR;
	mock_ops_nr_mapped++;
	return phys + MOCK_OPS_OFFSET;
}

static void mock_ops_unmap(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs)
{
	unsigned long i = addr - MOCK_OPS_OFFSET;

	/* With the size it was mapped with, or it stays and the test sees that */
	if (xa_load(&mock_ops_mapped, i) != xa_mk_value(size))
		return;
	xa_erase(&mock_ops_mapped, i);
	mock_ops_nr_mapped--;
}

static dma_addr_t mock_ops_map_page(struct device *dev, struct page *page, unsigned long offset,
				    size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	return mock_ops_map(page_to_phys(page) + offset, size);
}

static dma_addr_t mock_ops_map_resource(struct device *dev, phys_addr_t phys, size_t size,
					enum dma_data_direction dir, unsigned long attrs)
{
	return mock_ops_map(phys, size);
}

static void mock_ops_sync_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
				  enum dma_data_direction dir)
{
	mock_cache_op(addr - MOCK_OPS_OFFSET, size, true);
}

static void mock_ops_sync_for_device(struct device *dev, dma_addr_t addr, size_t size,
				     enum dma_data_direction dir)
{
	mock_cache_op(addr - MOCK_OPS_OFFSET, size, false);
}

static const struct dma_map_ops mock_ops = {
	.map_page		= mock_ops_map_page,
	.unmap_page		= mock_ops_unmap,
	.map_resource		= mock_ops_map_resource,
	.unmap_resource		= mock_ops_unmap,
	.sync_single_for_cpu	= mock_ops_sync_for_cpu,
	.sync_single_for_device	= mock_ops_sync_for_device,
};

/* Devices */

const struct phyr_kunit_device phyr_kunit_devices[] = {
	{ "direct",		PHYR_KUNIT_DIRECT },
	{ "non-coherent",	PHYR_KUNIT_NONCOHERENT },
	{ "offset",		PHYR_KUNIT_OFFSET },
	{ "bounce",		PHYR_KUNIT_BOUNCE },
	{ "hole",		PHYR_KUNIT_HOLE },
	{ "iommu-strict",	PHYR_KUNIT_STRICT },
	{ "iommu-lazy",		PHYR_KUNIT_LAZY },
	{ "iommu-non-coherent",	PHYR_KUNIT_IOMMU_NONCOHERENT },
	{ "ops",		PHYR_KUNIT_OPS },
};

const unsigned int phyr_kunit_nr_devices = ARRAY_SIZE(phyr_kunit_devices);

static bool mock_is_iommu(enum phyr_kunit_kind kind)
{
	return kind == PHYR_KUNIT_STRICT || kind == PHYR_KUNIT_LAZY ||
		kind == PHYR_KUNIT_IOMMU_NONCOHERENT;
}

static void mock_device_remove(void *data)
{
	struct platform_device *pdev = data;

	if (pdev->dev.dma_io_tlb_mem)
		pdev->dev.dma_io_tlb_mem->force_bounce = false;
	pdev->dev.dma_ops = NULL;
	platform_device_unregister(pdev);
}

struct device *phyr_kunit_device_add(struct kunit *test, enum phyr_kunit_kind kind)
{
	struct platform_device *pdev;
	struct bus_dma_region *map;
	static bool have_iommu;
	const char *name;

	if (!have_iommu) {
		KUNIT_ASSERT_EQ(test, swiotlb_init_late(SZ_4M, GFP_KERNEL, NULL), 0);
		KUNIT_ASSERT_EQ(test, iommu_device_sysfs_add(&mock_iommu, NULL, NULL, "phyr-mock"),
				0);
		KUNIT_ASSERT_EQ(test, iommu_device_register(&mock_iommu, &mock_iommu_ops, NULL), 0);
		have_iommu = true;
	}
	mock_fail_countdown = 0;
	phyr_kunit_reset_cache_log();

	name = mock_is_iommu(kind) ?
		(kind == PHYR_KUNIT_LAZY ? "phyr-iommu-lazy" : "phyr-iommu") : "phyr-direct";
	pdev = platform_device_register_simple(name, PLATFORM_DEVID_AUTO, NULL, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_device_remove, pdev), 0);

	pdev->dev.dma_coherent = kind != PHYR_KUNIT_NONCOHERENT &&
				 kind != PHYR_KUNIT_IOMMU_NONCOHERENT;
	if (kind == PHYR_KUNIT_OPS)
		pdev->dev.dma_ops = &mock_ops;
	/* Two regions that are not next to each other as the device sees them */
	if (kind == PHYR_KUNIT_OFFSET || kind == PHYR_KUNIT_HOLE) {
		/* Freed with the device; the last one is the end */
		map = kcalloc(3, sizeof(*map), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, map);
		map[0] = (struct bus_dma_region) {
			.cpu_start = 0, .dma_start = MOCK_BUS_OFFSET, .size = SZ_64M,
		};
		map[1] = (struct bus_dma_region) {
			.cpu_start = SZ_64M, .dma_start = 4 * MOCK_BUS_OFFSET, .size = SZ_1G,
		};
		pdev->dev.dma_range_map = map;
	}
	KUNIT_ASSERT_EQ(test, dma_set_mask(&pdev->dev, DMA_BIT_MASK(64)), 0);
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	if (kind == PHYR_KUNIT_BOUNCE)
		pdev->dev.dma_io_tlb_mem->force_bounce = true;
	return &pdev->dev;
}

void phyr_kunit_set_hole(struct device *dev, phys_addr_t page)
{
	struct bus_dma_region *map = (struct bus_dma_region *)dev->dma_range_map;

	map[0] = (struct bus_dma_region) {
		.cpu_start = 0, .dma_start = MOCK_BUS_OFFSET, .size = page,
	};
	map[1] = (struct bus_dma_region) {
		.cpu_start = page + PAGE_SIZE, .dma_start = 4 * MOCK_BUS_OFFSET, .size = SZ_1G,
	};
}

phys_addr_t phyr_kunit_translate(struct device *dev, dma_addr_t addr)
{
	const struct bus_dma_region *m;
	phys_addr_t phys;

	if (dev->dma_ops)
		return addr - MOCK_OPS_OFFSET;
	if (device_iommu_mapped(dev)) {
		phys = iommu_iova_to_phys(iommu_get_dma_domain(dev), addr);
		return phys ?: (phys_addr_t)-1;
	}
	if (!dev->dma_range_map)
		return addr;
	for (m = dev->dma_range_map; m->size; m++)
		if (addr >= m->dma_start && addr - m->dma_start < m->size)
			return addr - m->dma_start + m->cpu_start;
	return (phys_addr_t)-1;
}

unsigned long phyr_kunit_slots(struct device *dev)
{
	return atomic_long_read(&dev->dma_io_tlb_mem->total_used);
}

unsigned long phyr_kunit_mapped(struct device *dev)
{
	if (device_iommu_mapped(dev))
		return to_mock(iommu_get_dma_domain(dev))->nr_granules;
	return mock_ops_nr_mapped;
}
