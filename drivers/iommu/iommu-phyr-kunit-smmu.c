// SPDX-License-Identifier: GPL-2.0
/* The tables of Arm's SMMUv3, for the tests of iommu_map_phyr() */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>

#include "arm/arm-smmu-v3/arm-smmu-v3.h"
#include "iommu-phyr-kunit.h"

/* A table takes a page of the smallest size, but for the root, which may take less */
static bool smmu_root(struct iommu_domain *domain, struct table *root)
{
	struct arm_smmu_domain *smmu = container_of(domain, struct arm_smmu_domain, domain);
	const unsigned int shift = __ffs(domain->pgsize_bitmap), bits = shift - 3;
	struct io_pgtable_cfg *cfg;

	if (!smmu->pgtbl_ops || smmu->stage != ARM_SMMU_DOMAIN_S1)
		return false;
	cfg = &io_pgtable_ops_to_pgtable(smmu->pgtbl_ops)->cfg;
	root->entry = phys_to_virt(cfg->arm_lpae_s1_cfg.ttbr);
	root->level = DIV_ROUND_UP(cfg->ias - shift, bits);
	root->nr = BIT(cfg->ias - shift - (root->level - 1) * bits);
	root->nr_below = BIT(bits);
	return true;
}

static bool smmu_is_table(u64 entry)
{
	return (entry & 3) == 3;
}

/* What iommufd gets when it asks for it, if the SMMU can or not: no device is attached */
static void make_dirty_tracking(struct iommu_domain *domain)
{
	struct arm_smmu_domain *smmu = container_of(domain, struct arm_smmu_domain, domain);

	if (smmu->pgtbl_ops)
		io_pgtable_ops_to_pgtable(smmu->pgtbl_ops)->cfg.quirks |= IO_PGTABLE_QUIRK_ARM_HD;
}

/* A page may be written to, and is clean as long as it seems to be for reading only */
#define AP_RDONLY	BIT_ULL(7)

const struct table_format smmu_v3 = { "smmu3", NULL, smmu_root, smmu_is_table, "SMMUv3" };

const struct table_format smmu_v3_dirty = {
	"smmu3", make_dirty_tracking, smmu_root, smmu_is_table, "SMMUv3, dirty tracking",
	AP_RDONLY,
};
