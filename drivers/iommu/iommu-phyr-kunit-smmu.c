// SPDX-License-Identifier: GPL-2.0
/* The tables of Arm's SMMUv3, for the tests of iommu_map_phyr() */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/sizes.h>

#include "arm/arm-smmu-v3/arm-smmu-v3.h"
#include "iommu-phyr-kunit.h"

static bool smmu_root(struct iommu_domain *domain, struct table_root *root)
{
	struct arm_smmu_domain *smmu = container_of(domain, struct arm_smmu_domain, domain);
	struct io_pgtable_cfg *cfg;

	if (!smmu->pgtbl_ops || (domain->pgsize_bitmap & -domain->pgsize_bitmap) != SZ_4K)
		return false;
	cfg = &io_pgtable_ops_to_pgtable(smmu->pgtbl_ops)->cfg;
	root->entry = phys_to_virt(cfg->arm_lpae_s1_cfg.ttbr);
	root->level = DIV_ROUND_UP(cfg->ias - 12, 9);
	return true;
}

static bool smmu_is_table(u64 entry)
{
	return (entry & 3) == 3;
}

const struct table_format smmu_v3 = { "smmu3", NULL, smmu_root, smmu_is_table, "SMMUv3" };
