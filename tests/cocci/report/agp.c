// SPDX-License-Identifier: GPL-2.0
/* A list that is also put where others may see it, but not for a framework to keep. */
#include <linux/agp_backend.h>
#include <linux/scatterlist.h>

int agp_map_own(struct device *dev, struct agp_memory *mem, struct sg_table *st, int n)
{
	sg_alloc_table(st, n, GFP_KERNEL);
	mem->sg_list = st->sgl;
	return dma_map_sgtable(dev, st, 0, 0); /* => A3s shared-walker */
}
