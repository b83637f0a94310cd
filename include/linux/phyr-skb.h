/* SPDX-License-Identifier: GPL-2.0 */
/* Physical range lists of socket buffers; lib/phyr itself knows nothing of networks. */
#ifndef _LINUX_PHYR_SKB_H
#define _LINUX_PHYR_SKB_H

#include <linux/phyr.h>

struct sk_buff;

int phyr_list_append_skb(struct phyr_list *list, const struct sk_buff *skb, unsigned int off,
			 unsigned int len, gfp_t gfp);

#endif /* _LINUX_PHYR_SKB_H */
