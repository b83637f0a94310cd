// SPDX-License-Identifier: GPL-2.0
/* The tables of AMD's IOMMU, for the tests of iommu_map_phyr() */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>

#include "amd/amd_iommu_types.h"
#include "iommu-phyr-kunit.h"

static bool amd_root(struct iommu_domain *domain, struct table *root)
{
	struct protection_domain *pdom = container_of(domain, struct protection_domain, domain);

	if (pdom->pd_mode != PD_MODE_V1)
		return false;
	root->entry = pdom->iop.root;
	root->level = pdom->iop.mode;
	root->nr = PTRS_PER_PTE;
	root->nr_below = PTRS_PER_PTE;
	return true;
}

/* Pages of other sizes than a level has are repeated, with 7 for the next level */
static bool amd_is_table(u64 entry)
{
	unsigned int next = entry >> 9 & 7;

	return next && next != 7;
}

/* As for the DMA API with amd_iommu=pgtbl_v2; QEMU's IOMMU cannot walk such tables */
static void make_v2(struct iommu_domain *domain)
{
	struct protection_domain *pdom = container_of(domain, struct protection_domain, domain);
	struct io_pgtable *pgtable = &pdom->iop.pgtbl;

	free_io_pgtable_ops(&pgtable->ops);
	pdom->iop.mode = PAGE_MODE_NONE;
	if (!alloc_io_pgtable_ops(AMD_IOMMU_V2, &pgtable->cfg, pdom))
		return;
	pdom->pd_mode = PD_MODE_V2;
	domain->pgsize_bitmap = pgtable->cfg.pgsize_bitmap;
}

static bool amd_v2_root(struct iommu_domain *domain, struct table *root)
{
	struct protection_domain *pdom = container_of(domain, struct protection_domain, domain);

	if (pdom->pd_mode != PD_MODE_V2)
		return false;
	root->entry = pdom->iop.pgd;
	root->level = pdom->iop.pgtbl.cfg.ias == 57 ? 5 : 4;
	root->nr = PTRS_PER_PTE;
	root->nr_below = PTRS_PER_PTE;
	return true;
}

/* As the CPU's */
static bool amd_v2_is_table(u64 entry)
{
	return !(entry & _PAGE_PSE);
}

static void make_dirty_tracking(struct iommu_domain *domain)
{
	container_of(domain, struct protection_domain, domain)->dirty_tracking = true;
}

const struct table_format amd_v1 = {
	"ivhd", NULL, amd_root, amd_is_table, "AMD v1", 0, true,
};

const struct table_format amd_v1_dirty = {
	"ivhd", make_dirty_tracking, amd_root, amd_is_table, "AMD v1, dirty tracking",
	IOMMU_PTE_HD, true,
};

const struct table_format amd_v2 = {
	"ivhd", make_v2, amd_v2_root, amd_v2_is_table, "AMD v2",
};
