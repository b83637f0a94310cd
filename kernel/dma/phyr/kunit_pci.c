// SPDX-License-Identifier: GPL-2.0
/*
 * The device for the KUnit suites of dma_map_phyr() on real machines: a PCI
 * function behind whatever IOMMU the machine has.  QEMU's edu device is taken,
 * as no driver claims it; no DMA is done, the IOMMU's page table is read.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/swiotlb.h>

#include "kunit.h"

const struct phyr_kunit_device phyr_kunit_devices[] = {
	{ "pci", PHYR_KUNIT_PCI },
};

const unsigned int phyr_kunit_nr_devices = ARRAY_SIZE(phyr_kunit_devices);

static void phyr_kunit_put_pci(void *data)
{
	struct pci_dev *pdev = data;

	pdev->untrusted = false;
	dma_set_min_align_mask(&pdev->dev, 0);
	dma_set_seg_boundary(&pdev->dev, ULONG_MAX);
	pci_dev_put(pdev);
}

struct device *phyr_kunit_device_add(struct kunit *test, enum phyr_kunit_kind kind)
{
	struct pci_dev *pdev = pci_get_device(0x1234, 0x11e8, NULL);

	if (!pdev)
		kunit_skip(test, "no edu device on this machine");
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, phyr_kunit_put_pci, pdev), 0);
	KUNIT_ASSERT_EQ(test, dma_set_mask(&pdev->dev, DMA_BIT_MASK(64)), 0);
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	return &pdev->dev;
}

void phyr_kunit_set_hole(struct device *dev, phys_addr_t page)
{
	/* There is no device of that kind */
}

phys_addr_t phyr_kunit_translate(struct device *dev, dma_addr_t addr)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (domain && (domain->type & __IOMMU_DOMAIN_PAGING))
		return iommu_iova_to_phys(domain, addr) ?: (phys_addr_t)-1;
	return addr;
}

unsigned long phyr_kunit_slots(struct device *dev)
{
	return atomic_long_read(&dev->dma_io_tlb_mem->total_used);
}
