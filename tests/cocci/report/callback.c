// SPDX-License-Identifier: GPL-2.0
/* The list is an argument of a framework's callback; or nobody knows whose it is. */
#include <linux/fpga/fpga-mgr.h>
#include <linux/scatterlist.h>

static int fix_write_sg(struct fpga_manager *mgr, struct sg_table *sgt)
{
	return dma_map_sgtable(mgr->dev.parent, sgt, 0, 0); /* => B-fpga framework-argument */
}

static const struct fpga_manager_ops fix_fpga_ops = {
	.write_sg = fix_write_sg,
};

int fix_nobody(struct device *dev, struct sg_table *sgt)
{
	return dma_map_sgtable(dev, sgt, 0, 0); /* => B-other unknown-origin */
}
