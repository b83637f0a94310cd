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
