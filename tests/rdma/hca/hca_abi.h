/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* What the test adapter tells user space beside what verbs say. */
#ifndef HCA_ABI_H
#define HCA_ABI_H

#include <linux/types.h>

#define HCA_ABI_VERSION	1

/* Follows struct ib_uverbs_reg_mr_resp: of what the adapter's page list of the MR is made */
struct hca_reg_mr_resp {
	__u32	page_shift;
	__u32	nr_pages;
};

#endif /* HCA_ABI_H */
