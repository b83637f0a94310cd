// SPDX-License-Identifier: GPL-2.0
/* A test is no user. */
#include <linux/scatterlist.h>

int fix_test(struct device *dev, struct sg_table *sgt)
{
	return dma_map_sgtable(dev, sgt, 0, 0); /* => C test */
}
