/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the tests of iommu_map_phyr() read the tables of a driver: what is a table, where
 * it is, and what kinds of a domain there are.  The headers of drivers do not go together,
 * so there is a file for each of them.
 */
#ifndef _IOMMU_PHYR_KUNIT_H
#define _IOMMU_PHYR_KUNIT_H

#include <linux/types.h>

struct iommu_domain;

/* A table of one domain; levels count down to 1, whose entries are leaves */
struct table {
	u64		*entry;
	int		level;
	unsigned int	nr;		/* of entries */
	unsigned int	nr_below;	/* of entries of the tables that they lead to */
};

/**
 * struct table_format - tables of one driver, of one kind
 * @iommu: How the names of its IOMMUs begin.
 * @prepare: Make a domain in which nothing is mapped yet be of the kind, or NULL.
 * @root: Find the root; false if the domain has no table of this kind.
 * @is_table: Is this entry, in use and not of the last level, a table?
 * @name: For people.
 * @dirty: The bits that hardware changes in the entry of a page that it writes to, if
 *	it tracks that.
 * @replaces: Entries that are in use are mapped anew; else that is a bug of the caller.
 */
struct table_format {
	const char	*iommu;
	void		(*prepare)(struct iommu_domain *domain);
	bool		(*root)(struct iommu_domain *domain, struct table *root);
	bool		(*is_table)(u64 entry);
	const char	*name;
	u64		dirty;
	bool		replaces;
};

extern const struct table_format vtd_second_stage, vtd_first_stage, vtd_small,
	vtd_not_coherent, vtd_nested_parent, vtd_dirty, vtd_first_stage_dirty;
extern const struct table_format amd_v1, amd_v1_dirty, amd_v2;
extern const struct table_format smmu_v3, smmu_v3_dirty;

#endif /* _IOMMU_PHYR_KUNIT_H */
