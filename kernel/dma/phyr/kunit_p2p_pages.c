// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: peer-to-peer memory that has struct pages, from a BAR of a real device.
 *
 * QEMU's ivshmem device is taken, as no driver claims it.  Its memory becomes
 * ZONE_DEVICE memory as pci_p2pdma_add_resource() makes it, and comes back from lists in
 * whatever description it went in.  A scatterlist of the same pages, mapped for the same
 * device, says what the DMA addresses have to be.
 */
#include <kunit/test.h>
#include <linux/bvec.h>
#include <linux/dma-mapping.h>
#include <linux/dma-phyr.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/scatterlist.h>
#include <linux/swiotlb.h>
#include <linux/uio.h>
#include <linux/workqueue.h>

#include "kunit.h"

#define NR_PAGES	8

struct p2pmem {
	struct pci_dev		*pdev;
	void			*group;		/* of what the device manages */
	u8			*kaddr;
	struct page		*pages[NR_PAGES + 2];	/* system memory at both ends */
	struct page		*system[2];
	struct p2pdma_provider	*provider;
	struct phyr_list	list;
};

static void p2pmem_end(struct p2pmem *mem)
{
	if (mem->kaddr)
		pci_free_p2pmem(mem->pdev, mem->kaddr, NR_PAGES * PAGE_SIZE);
	mem->kaddr = NULL;
	if (mem->group)
		devres_release_group(&mem->pdev->dev, mem->group);
	mem->group = NULL;
}

static void p2pmem_free(void *data)
{
	struct p2pmem *mem = data;
	unsigned int i;

	phyr_list_release(&mem->list);
	p2pmem_end(mem);
	for (i = 0; i < 2; i++)
		if (mem->system[i])
			__free_page(mem->system[i]);
	pci_disable_device(mem->pdev);
	pci_dev_put(mem->pdev);
}

static struct p2pmem *p2pmem_new(struct kunit *test)
{
	struct p2pmem *mem = kunit_kzalloc(test, sizeof(*mem), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem->pdev = pci_get_device(0x1af4, 0x1110, NULL);
	if (!mem->pdev)
		kunit_skip(test, "no ivshmem device on this machine");
	KUNIT_ASSERT_EQ(test, pci_enable_device_mem(mem->pdev), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, p2pmem_free, mem), 0);
	mem->group = devres_open_group(&mem->pdev->dev, NULL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem->group);
	KUNIT_ASSERT_EQ(test, pci_p2pdma_add_resource(mem->pdev, 2, 0, 0), 0);
	mem->kaddr = pci_alloc_p2pmem(mem->pdev, NR_PAGES * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, mem->kaddr);
	for (i = 0; i < 2; i++) {
		mem->system[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, mem->system[i]);
	}
	mem->pages[0] = mem->system[0];
	for (i = 0; i < NR_PAGES; i++)
		mem->pages[1 + i] = virt_to_page(mem->kaddr + i * PAGE_SIZE);
	mem->pages[1 + NR_PAGES] = mem->system[1];
	mem->provider = p2pdma_page_provider(mem->pages[1]);
	KUNIT_ASSERT_NOT_NULL(test, mem->provider);
	KUNIT_EXPECT_PTR_EQ(test, mem->provider->owner, &mem->pdev->dev);
	KUNIT_EXPECT_EQ(test, mem->provider->start, pci_resource_start(mem->pdev, 2));
	KUNIT_EXPECT_EQ(test, mem->provider->size, pci_resource_len(mem->pdev, 2));
	KUNIT_EXPECT_NULL(test, p2pdma_page_provider(mem->system[0]));
	return mem;
}

/* System memory, the BAR, system memory; or only the BAR if it is @alone */
static void expect_runs(struct kunit *test, struct p2pmem *mem, bool alone)
{
	struct phyr_iter iter;
	struct phyr range;

	phyr_iter_init(&iter, &mem->list);
	if (!alone) {
		KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
		KUNIT_EXPECT_EQ(test, range.addr, page_to_phys(mem->system[0]));
		KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_SYSTEM);
		KUNIT_EXPECT_NULL(test, range.run->provider);
	}
	KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, range.addr, page_to_phys(mem->pages[1]));
	KUNIT_EXPECT_EQ(test, range.len, NR_PAGES * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_P2P);
	KUNIT_EXPECT_EQ(test, range.run->attrs, 0);
	KUNIT_EXPECT_PTR_EQ(test, range.run->provider, mem->provider);
	if (!alone) {
		KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
		KUNIT_EXPECT_EQ(test, range.addr, page_to_phys(mem->system[1]));
		KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_SYSTEM);
	}
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, kref_read(&mem->provider->refs), 2);
	phyr_list_release(&mem->list);
	KUNIT_EXPECT_EQ(test, kref_read(&mem->provider->refs), 1);
}

static void test_p2p_import(struct kunit *test)
{
	struct p2pmem *mem = p2pmem_new(test);
	struct bio_vec bvecs[NR_PAGES + 2];
	struct sg_table sgt;
	unsigned int i;
	u64 offset;

	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(&mem->list, mem->pages, NR_PAGES + 2, 0,
						     (NR_PAGES + 2) * PAGE_SIZE, GFP_KERNEL), 0);
	expect_runs(test, mem, false);

	for (i = 0; i < NR_PAGES; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append_folio(&mem->list,
							     page_folio(mem->pages[1 + i]), 0,
							     PAGE_SIZE, GFP_KERNEL), 0);
	expect_runs(test, mem, true);

	for (i = 0; i < NR_PAGES + 2; i++)
		bvec_set_page(&bvecs[i], mem->pages[i], PAGE_SIZE, 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_bvecs(&mem->list, bvecs, NR_PAGES + 2, GFP_KERNEL),
			0);
	expect_runs(test, mem, false);

	KUNIT_ASSERT_EQ(test, phyr_list_append_kaddr(&mem->list, mem->kaddr, NR_PAGES * PAGE_SIZE,
						     GFP_KERNEL), 0);
	expect_runs(test, mem, true);

	KUNIT_ASSERT_EQ(test, sg_alloc_table_from_pages(&sgt, mem->pages, NR_PAGES + 2, 0,
							(NR_PAGES + 2) * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_sgtable(&mem->list, &sgt, GFP_KERNEL), 0);
	sg_free_table(&sgt);
	expect_runs(test, mem, false);

	/* By pages and by provider it is the same memory */
	offset = page_to_phys(mem->pages[1]) - mem->provider->start;
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(&mem->list, mem->pages + 1, 4, 0,
						     4 * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&mem->list, mem->provider,
						   offset + 4 * PAGE_SIZE, 4 * PAGE_SIZE,
						   GFP_KERNEL), 0);
	expect_runs(test, mem, true);
}

static void test_p2p_import_iter(struct kunit *test)
{
	const size_t len = (NR_PAGES + 2) * PAGE_SIZE;
	struct p2pmem *mem = p2pmem_new(test);
	struct bio_vec bvecs[NR_PAGES + 2];
	struct iov_iter iter;
	unsigned int i;

	for (i = 0; i < NR_PAGES + 2; i++)
		bvec_set_page(&bvecs[i], mem->pages[i], PAGE_SIZE, 0);
	iov_iter_bvec(&iter, ITER_SOURCE, bvecs, NR_PAGES + 2, len);
	KUNIT_EXPECT_EQ(test, phyr_list_append_iter(&mem->list, &iter, len, 0, GFP_KERNEL),
			-EREMOTEIO);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), len);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&mem->list), 0);
	KUNIT_EXPECT_EQ(test, kref_read(&mem->provider->refs), 1);
	KUNIT_ASSERT_EQ(test, phyr_list_append_iter(&mem->list, &iter, len, ITER_ALLOW_P2PDMA,
						    GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), 0);
	expect_runs(test, mem, false);
}

static void test_p2p_export(struct kunit *test)
{
	struct p2pmem *mem = p2pmem_new(test);
	struct bio_vec bvecs[NR_PAGES + 2];
	struct sg_table sgt = {};
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(&mem->list, mem->pages, NR_PAGES + 2, 0,
						     (NR_PAGES + 2) * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(&mem->list, &sgt, UINT_MAX, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, sgt.orig_nents, 3);
	for_each_sgtable_sg(&sgt, sg, i) {
		KUNIT_EXPECT_PTR_EQ(test, sg_page(sg), mem->pages[i == 2 ? 1 + NR_PAGES : i]);
		KUNIT_EXPECT_EQ(test, sg->length, (i == 1 ? NR_PAGES : 1) * PAGE_SIZE);
	}
	sg_free_table(&sgt);
	KUNIT_ASSERT_EQ(test, phyr_list_to_bvecs(&mem->list, 0, phyr_list_bytes(&mem->list),
						 bvecs, ARRAY_SIZE(bvecs)), 3);
	KUNIT_EXPECT_PTR_EQ(test, bvecs[1].bv_page, mem->pages[1]);
	KUNIT_EXPECT_EQ(test, bvecs[1].bv_len, NR_PAGES * PAGE_SIZE);
}

/* Scatterlist and list agree on whether it can be mapped, and where it is */
static void test_p2p_map_as_sg(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_PCI);
	struct p2pmem *mem = p2pmem_new(test);
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	struct sg_table sgt = {};
	int ret, sg_ret;

	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(&mem->list, mem->pages + 1, NR_PAGES, 0,
						     NR_PAGES * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(&mem->list, &sgt, UINT_MAX, GFP_KERNEL), 0);
	sg_ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	ret = dma_map_phyr(dev, &mem->list, &map, DMA_BIDIRECTIONAL, 0);
	KUNIT_EXPECT_EQ(test, !ret, !sg_ret);
	KUNIT_EXPECT_EQ(test, ret == -EREMOTEIO, sg_ret == -EREMOTEIO);
#ifdef CONFIG_X86
	/* Zen forwards between root ports, so the kernel has to let it */
	if (boot_cpu_data.x86_vendor != X86_VENDOR_AMD || boot_cpu_data.x86 < 0x17)
		KUNIT_EXPECT_EQ(test, ret, -EREMOTEIO);
	else if (is_swiotlb_force_bounce(dev) && !iommu_get_domain_for_dev(dev))
		KUNIT_EXPECT_EQ(test, ret, -EADDRNOTAVAIL);
	else
		KUNIT_EXPECT_EQ(test, ret, 0);
#endif
	if (!ret && !sg_ret) {
		dma_phyr_iter_init(&iter, &map);
		KUNIT_ASSERT_TRUE(test, dma_phyr_iter_next(&iter, &range));
		KUNIT_EXPECT_EQ(test, range.len, NR_PAGES * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, phyr_kunit_translate(dev, range.addr),
				page_to_phys(mem->pages[1]));
		KUNIT_EXPECT_EQ(test, phyr_kunit_translate(dev, sg_dma_address(sgt.sgl)),
				page_to_phys(mem->pages[1]));
		KUNIT_EXPECT_FALSE(test, dma_phyr_iter_next(&iter, &range));
	}
	kunit_log(KERN_INFO, test, "mapped: %d, %s", ret, dma_phyr_map_path(&map));
	if (!ret)
		dma_unmap_phyr(&map);
	if (!sg_ret)
		dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&sgt);
}

struct going {
	struct dma_phyr_map	map;
	struct work_struct	work;
	struct p2pmem		*mem;
	bool			told;
};

/* The pages are given back when the mapping is gone */
static void going_work(struct work_struct *work)
{
	struct going *going = container_of(work, struct going, work);

	dma_unmap_phyr(&going->map);
	phyr_list_release(&going->mem->list);
	pci_free_p2pmem(going->mem->pdev, going->mem->kaddr, NR_PAGES * PAGE_SIZE);
	going->mem->kaddr = NULL;
}

static void going_invalidate(struct dma_phyr_map *map)
{
	struct going *going = container_of(map, struct going, map);

	going->told = true;
	schedule_work(&going->work);
}

/* Who mapped the pages is told before the device waits for them */
static void test_p2p_resource_goes(struct kunit *test)
{
	struct p2pmem *mem = p2pmem_new(test);
	struct going *going = kunit_kzalloc(test, sizeof(*going), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, going);
	going->mem = mem;
	INIT_WORK(&going->work, going_work);
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(&mem->list, mem->pages, NR_PAGES + 2, 0,
						     (NR_PAGES + 2) * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_set_invalidate(&going->map, going_invalidate), 0);
	/* The device reaches its own memory, whatever the machine is */
	KUNIT_ASSERT_EQ(test, dma_set_mask(&mem->pdev->dev, DMA_BIT_MASK(64)), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(&mem->pdev->dev, &mem->list, &going->map,
					   DMA_BIDIRECTIONAL, 0), 0);
	devres_release_group(&mem->pdev->dev, mem->group);
	mem->group = NULL;
	flush_work(&going->work);
	KUNIT_EXPECT_TRUE(test, going->told);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&mem->list), 0);
}

static struct kunit_case phyr_p2p_pages_cases[] = {
	KUNIT_CASE(test_p2p_import),
	KUNIT_CASE(test_p2p_import_iter),
	KUNIT_CASE(test_p2p_export),
	KUNIT_CASE(test_p2p_map_as_sg),
	KUNIT_CASE(test_p2p_resource_goes),
	{}
};

static struct kunit_suite phyr_p2p_pages_suite = {
	.name		= "phyr_p2p_pages",
	.test_cases	= phyr_p2p_pages_cases,
};

kunit_test_suite(phyr_p2p_pages_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of lists with pages of peer-to-peer memory");
