/* SPDX-License-Identifier: GPL-2.0 */
/* Physical range lists of block requests; lib/phyr itself knows nothing of them. */
#ifndef _LINUX_PHYR_BLOCK_H
#define _LINUX_PHYR_BLOCK_H

#include <linux/phyr.h>

struct request;

int phyr_list_append_request(struct phyr_list *list, struct request *rq, gfp_t gfp);
#ifdef CONFIG_BLK_DEV_INTEGRITY
int phyr_list_append_integrity(struct phyr_list *list, struct request *rq, gfp_t gfp);
#else
static inline int phyr_list_append_integrity(struct phyr_list *list, struct request *rq, gfp_t gfp)
{
	return -EINVAL;
}
#endif

#endif /* _LINUX_PHYR_BLOCK_H */
