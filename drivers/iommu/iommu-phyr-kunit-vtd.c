// SPDX-License-Identifier: GPL-2.0
/* The tables of VT-d, for the tests of iommu_map_phyr() */
#include <linux/iommu.h>
#include <linux/sizes.h>

#include "intel/iommu.h"
#include "iommu-phyr-kunit.h"

static bool vtd_root(struct iommu_domain *domain, struct table *root)
{
	struct dmar_domain *dmar = to_dmar_domain(domain);

	root->entry = &dmar->pgd->val;
	root->level = dmar->agaw + 2;
	root->nr = BIT(VTD_STRIDE_SHIFT);
	root->nr_below = BIT(VTD_STRIDE_SHIFT);
	return true;
}

static bool vtd_is_table(u64 entry)
{
	return !(entry & DMA_PTE_LARGE_PAGE);
}

/* As for a device of an IOMMU that has all that there is */
static void make_capable(struct iommu_domain *domain)
{
	to_dmar_domain(domain)->iommu_superpage = 2;
	to_dmar_domain(domain)->iommu_coherency = true;
	domain->pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G;
}

static void make_second_stage(struct iommu_domain *domain)
{
	make_capable(domain);
	to_dmar_domain(domain)->use_first_level = false;
}

static void make_first_stage(struct iommu_domain *domain)
{
	make_capable(domain);
	to_dmar_domain(domain)->use_first_level = true;
}

/* As for one that has no large pages */
static void make_small(struct iommu_domain *domain)
{
	make_second_stage(domain);
	to_dmar_domain(domain)->iommu_superpage = 0;
	domain->pgsize_bitmap = SZ_4K;
}

/* Caches are flushed, be it needed or not; and the bit that goes with it is set */
static void make_not_coherent(struct iommu_domain *domain)
{
	make_second_stage(domain);
	to_dmar_domain(domain)->iommu_coherency = false;
	to_dmar_domain(domain)->set_pte_snp = true;
}

static void make_nested_parent(struct iommu_domain *domain)
{
	struct dmar_domain *dmar = to_dmar_domain(domain);

	make_second_stage(domain);
	dmar->nested_parent = true;
	INIT_LIST_HEAD(&dmar->s1_domains);
	spin_lock_init(&dmar->s1_lock);
}

static void make_dirty_tracking(struct iommu_domain *domain)
{
	make_second_stage(domain);
	to_dmar_domain(domain)->dirty_tracking = true;
}

/* Hardware always tracks what is of the first stage, and entries are made dirty */
static void make_first_stage_dirty_tracking(struct iommu_domain *domain)
{
	make_first_stage(domain);
	to_dmar_domain(domain)->dirty_tracking = true;
}

const struct table_format vtd_second_stage = {
	"dmar", make_second_stage, vtd_root, vtd_is_table, "VT-d, second stage",
};

const struct table_format vtd_first_stage = {
	"dmar", make_first_stage, vtd_root, vtd_is_table, "VT-d, first stage",
};

const struct table_format vtd_small = {
	"dmar", make_small, vtd_root, vtd_is_table, "VT-d, no large pages",
};

const struct table_format vtd_not_coherent = {
	"dmar", make_not_coherent, vtd_root, vtd_is_table, "VT-d, not coherent",
};

const struct table_format vtd_nested_parent = {
	"dmar", make_nested_parent, vtd_root, vtd_is_table, "VT-d, parent of nested ones",
};

const struct table_format vtd_dirty = {
	"dmar", make_dirty_tracking, vtd_root, vtd_is_table, "VT-d, dirty tracking",
	DMA_SL_PTE_DIRTY,
};

const struct table_format vtd_first_stage_dirty = {
	"dmar", make_first_stage_dirty_tracking, vtd_root, vtd_is_table,
	"VT-d, first stage, dirty tracking", DMA_FL_PTE_ACCESS,
};
