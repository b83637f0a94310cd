// SPDX-License-Identifier: GPL-2.0
/*
 * Devices for the KUnit suites of dma_map_phyr() in User Mode Linux.
 *
 * There is no DMA, so everything that the mapping code acts on is here: an IOMMU
 * driver below the real dma-iommu.c whose leaf tables are in an xarray,
 * a dma_map_ops that adds an offset, and cache maintenance that is written down.
 * The suites compare what they find here with what they know of the list.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/iommu-phyr.h>
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

#define MOCK_TABLE	512

/* Entries are the address, IOMMU_* in the lowest bits, and whether it is synced */
#define MOCK_UNSYNCED	BIT_ULL(63)
#define MOCK_PRESENT	BIT_ULL(62)
#define MOCK_ADDR_BITS	50
#define MOCK_ADDR	GENMASK_ULL(61, 12)

struct mock_table {
	u64			entry[MOCK_TABLE];
};

struct mock_domain {
	struct iommu_domain	domain;
	struct xarray		tables;
	struct io_pgtable_ops	*arm;		/* which has the tables then */
	unsigned long		nr_granules;
};

static unsigned long mock_syncs;

static struct mock_domain *to_mock(struct iommu_domain *domain)
{
	return container_of(domain, struct mock_domain, domain);
}

/* The entry of an IOVA; NULL if there is no table for it, and none could be made */
static u64 *mock_entry(struct mock_domain *mock, unsigned long iova, gfp_t gfp)
{
	unsigned long nr = iova / MOCK_GRANULE;
	struct mock_table *table = xa_load(&mock->tables, nr / MOCK_TABLE), *old;

	if (!table && gfp) {
		table = kzalloc(sizeof(*table), gfp);
		if (!table)
			return NULL;
		old = xa_cmpxchg(&mock->tables, nr / MOCK_TABLE, NULL, table, gfp);
		if (old) {
			kfree(table);
			table = xa_is_err(old) ? NULL : old;
		}
	}
	return table ? &table->entry[nr % MOCK_TABLE] : NULL;
}

static int mock_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t phys,
			  size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	struct mock_domain *mock = to_mock(domain);
	size_t size = pgsize * pgcount;

	if (mock_should_fail())
		return -ENOMEM;
	if (mock->arm) {
		int ret = mock->arm->map_pages(mock->arm, iova, phys, pgsize, pgcount, prot, gfp,
					       mapped);

		mock->nr_granules += *mapped / MOCK_GRANULE;
		return ret;
	}
	for (; *mapped < size; *mapped += MOCK_GRANULE) {
		u64 *entry = mock_entry(mock, iova + *mapped, gfp);

		if (!entry)
			return -ENOMEM;
		/* Mapping what is mapped is a bug */
		if (*entry)
			return -EEXIST;
		*entry = (phys + *mapped) | prot | MOCK_PRESENT | MOCK_UNSYNCED;
		mock->nr_granules++;
	}
	return 0;
}

/* Who reads the tables of io-pgtable-arm */
static struct device *mock_arm_walker;

/* So short that each mapping has several, if a test wants that */
static unsigned int mock_leaf_most = MOCK_TABLE;

void phyr_kunit_set_leaf(unsigned int most)
{
	mock_leaf_most = most;
}

static int mock_leaf_begin(struct iommu_domain *domain, unsigned long iova, int prot, gfp_t gfp,
			   struct iommu_leaf *leaf)
{
	struct mock_domain *mock = to_mock(domain);

	if (!mock_leaf_most)
		return -EOPNOTSUPP;
	if (mock_should_fail())
		return -ENOMEM;
	if (mock->arm)
		return mock->arm->leaf_begin(mock->arm, iova, prot, gfp, leaf);
	leaf->entry = mock_entry(mock, iova, gfp);
	if (!leaf->entry)
		return -ENOMEM;
	leaf->nr = min_t(unsigned int, mock_leaf_most,
			 MOCK_TABLE - iova / MOCK_GRANULE % MOCK_TABLE);
	leaf->attrs = prot | MOCK_PRESENT | MOCK_UNSYNCED;
	leaf->addr_bits = MOCK_ADDR_BITS;
	return 0;
}

static void mock_leaf_end(struct iommu_domain *domain, unsigned long iova,
			  struct iommu_leaf *leaf, unsigned int nr)
{
	struct mock_domain *mock = to_mock(domain);

	mock->nr_granules += nr;
	if (mock->arm)
		mock->arm->leaf_end(mock->arm, iova, leaf, nr);
}

static size_t mock_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			       size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct mock_domain *mock = to_mock(domain);
	size_t size = pgsize * pgcount, unmapped;

	if (mock->arm) {
		unmapped = mock->arm->unmap_pages(mock->arm, iova, pgsize, pgcount, gather);
		mock->nr_granules -= unmapped / MOCK_GRANULE;
		return unmapped;
	}
	for (unmapped = 0; unmapped < size; unmapped += MOCK_GRANULE) {
		u64 *entry = mock_entry(mock, iova + unmapped, 0);

		if (!entry || !*entry)
			break;
		*entry = 0;
		mock->nr_granules--;
	}
	return unmapped;
}

static int mock_sync_map(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct mock_domain *mock = to_mock(domain);
	unsigned long end = iova + size;

	mock_syncs++;
	if (mock_should_fail())
		return -ENOMEM;
	if (mock->arm)
		return 0;
	for (; iova < end; iova += MOCK_GRANULE) {
		u64 *entry = mock_entry(mock, iova, 0);

		if (entry)
			*entry &= ~MOCK_UNSYNCED;
	}
	return 0;
}

static phys_addr_t mock_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	u64 *entry;

	if (to_mock(domain)->arm)
		return to_mock(domain)->arm->iova_to_phys(to_mock(domain)->arm, iova);
	entry = mock_entry(to_mock(domain), iova, 0);
	return entry && *entry ? (*entry & MOCK_ADDR) | (iova % MOCK_GRANULE) : 0;
}

static void mock_flush(struct iommu_domain *domain)
{
}

static void mock_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
}

static void mock_domain_free(struct iommu_domain *domain)
{
	struct mock_domain *mock = to_mock(domain);
	struct mock_table *table;
	unsigned long i;

	xa_for_each(&mock->tables, i, table)
		kfree(table);
	xa_destroy(&mock->tables);
	if (mock->arm)
		free_io_pgtable_ops(mock->arm);
	kfree(mock);
}

static int mock_attach(struct iommu_domain *domain, struct device *dev)
{
	return 0;
}

static void mock_tlb_flush(void *cookie)
{
}

static void mock_tlb_flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

/* The tables of SMMUs, for a walker that does not look into caches but in the benchmark */
static struct io_pgtable_ops *mock_alloc_arm(struct device *dev)
{
	static const struct iommu_flush_ops tlb = {
		.tlb_flush_all	= mock_tlb_flush,
		.tlb_flush_walk	= mock_tlb_flush_walk,
	};
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap	= SZ_4K | SZ_2M | SZ_1G,
		.ias		= 39,
		.oas		= 48,
		.tlb		= &tlb,
		.coherent_walk	= dev_is_dma_coherent(mock_arm_walker),
		.iommu_dev	= mock_arm_walker,
	};

	return alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg, NULL);
}

static struct iommu_domain *mock_alloc_paging(struct device *dev)
{
	struct mock_domain *mock = kzalloc(sizeof(*mock), GFP_KERNEL);

	if (!mock)
		return NULL;
	if (strstarts(dev_name(dev), "phyr-iommu-arm")) {
		mock->arm = mock_alloc_arm(dev);
		if (!mock->arm) {
			kfree(mock);
			return NULL;
		}
	}
	xa_init_flags(&mock->tables, XA_FLAGS_LOCK_IRQ);
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
		.leaf_begin	= mock_leaf_begin,
		.leaf_end	= mock_leaf_end,
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
	struct mock_domain *mock = to_mock(iommu_get_dma_domain(dev));
	struct mock_table *table;
	unsigned long i, j;

	xa_for_each(&mock->tables, i, table)
		for (j = 0; j < MOCK_TABLE; j++)
			if (table->entry[j] & MOCK_UNSYNCED)
				return false;
	return true;
}

int phyr_kunit_prot(struct device *dev, dma_addr_t addr)
{
	struct mock_domain *mock = to_mock(iommu_get_dma_domain(dev));
	u64 *entry = mock_entry(mock, addr, 0);

	if (mock->arm)
		return -1;
	return entry ? *entry & (MOCK_GRANULE - 1) : 0;
}

phys_addr_t phyr_kunit_entry(struct device *dev, dma_addr_t addr)
{
	struct io_pgtable_ops *arm = to_mock(iommu_get_dma_domain(dev))->arm;
	struct iommu_leaf leaf;

	/* It is there, so this makes nothing */
	if (arm->leaf_begin(arm, addr, IOMMU_READ, GFP_KERNEL, &leaf))
		return 0;
	arm->leaf_end(arm, addr, &leaf, 0);
	return virt_to_phys(leaf.entry);
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
#ifdef CONFIG_IOMMU_IO_PGTABLE_LPAE
	{ "iommu-arm",		PHYR_KUNIT_IOMMU_ARM },
#endif
	{ "ops",		PHYR_KUNIT_OPS },
};

const unsigned int phyr_kunit_nr_devices = ARRAY_SIZE(phyr_kunit_devices);

static bool mock_is_iommu(enum phyr_kunit_kind kind)
{
	return kind == PHYR_KUNIT_STRICT || kind == PHYR_KUNIT_LAZY ||
		kind == PHYR_KUNIT_IOMMU_NONCOHERENT || kind == PHYR_KUNIT_IOMMU_ARM;
}

static void mock_device_remove(void *data)
{
	struct platform_device *pdev = data;

	if (pdev->dev.dma_io_tlb_mem)
		pdev->dev.dma_io_tlb_mem->force_bounce = false;
	pdev->dev.dma_ops = NULL;
	platform_device_unregister(pdev);
}

/* What the devices have in common is there from the first one on */
static int mock_begin(void)
{
	struct platform_device *pdev;
	static bool has_begun;
	int ret;

	if (has_begun)
		return 0;
	pdev = platform_device_register_simple("phyr-walker", PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	pdev->dev.dma_coherent = false;
	mock_arm_walker = &pdev->dev;
	ret = dma_set_mask(&pdev->dev, DMA_BIT_MASK(64));
	if (!ret)
		ret = swiotlb_init_late(SZ_4M, GFP_KERNEL, NULL);
	if (!ret)
		ret = iommu_device_sysfs_add(&mock_iommu, NULL, NULL, "phyr-mock");
	if (!ret)
		ret = iommu_device_register(&mock_iommu, &mock_iommu_ops, NULL);
	has_begun = !ret;
	return ret;
}

static struct platform_device *mock_device_new(enum phyr_kunit_kind kind)
{
	struct platform_device *pdev;
	struct bus_dma_region *map;
	const char *name;
	int ret;

	ret = mock_begin();
	if (ret)
		return ERR_PTR(ret);
	mock_fail_countdown = 0;
	mock_leaf_most = MOCK_TABLE;
	phyr_kunit_reset_cache_log();

	switch (kind) {
	case PHYR_KUNIT_LAZY:
		name = "phyr-iommu-lazy";
		break;
	case PHYR_KUNIT_IOMMU_ARM:
		name = "phyr-iommu-arm";
		break;
	default:
		name = mock_is_iommu(kind) ? "phyr-iommu" : "phyr-direct";
		break;
	}
	pdev = platform_device_register_simple(name, PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(pdev))
		return pdev;

	pdev->dev.dma_coherent = kind != PHYR_KUNIT_NONCOHERENT &&
				 kind != PHYR_KUNIT_IOMMU_NONCOHERENT;
	if (kind == PHYR_KUNIT_OPS)
		pdev->dev.dma_ops = &mock_ops;
	/* Two regions that are not next to each other as the device sees them */
	if (kind == PHYR_KUNIT_OFFSET || kind == PHYR_KUNIT_HOLE) {
		/* Freed with the device; the last one is the end */
		map = kcalloc(3, sizeof(*map), GFP_KERNEL);
		if (!map)
			goto out_remove;
		map[0] = (struct bus_dma_region) {
			.cpu_start = 0, .dma_start = MOCK_BUS_OFFSET, .size = SZ_64M,
		};
		map[1] = (struct bus_dma_region) {
			.cpu_start = SZ_64M, .dma_start = 4 * MOCK_BUS_OFFSET, .size = SZ_1G,
		};
		pdev->dev.dma_range_map = map;
	}
	if (dma_set_mask(&pdev->dev, DMA_BIT_MASK(64)))
		goto out_remove;
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	if (kind == PHYR_KUNIT_BOUNCE)
		pdev->dev.dma_io_tlb_mem->force_bounce = true;
	return pdev;

out_remove:
	mock_device_remove(pdev);
	return ERR_PTR(-ENOMEM);
}

struct device *phyr_kunit_device_add(struct kunit *test, enum phyr_kunit_kind kind)
{
	struct platform_device *pdev = mock_device_new(kind);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_device_remove, pdev), 0);
	return &pdev->dev;
}

struct device *phyr_kunit_bench_device(void)
{
	struct platform_device *pdev;
	int ret;

	ret = mock_begin();
	if (ret)
		return ERR_PTR(ret);
	mock_arm_walker->dma_coherent = true;
	pdev = mock_device_new(PHYR_KUNIT_IOMMU_ARM);
	return IS_ERR(pdev) ? ERR_CAST(pdev) : &pdev->dev;
}
EXPORT_SYMBOL_GPL(phyr_kunit_bench_device);

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
