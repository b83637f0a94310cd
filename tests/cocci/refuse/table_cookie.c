// SPDX-License-Identifier: GPL-2.0
/* A command keeps the address of its table as a number. */
/* => refused: shared-list */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_cmd {
	u64 addr;
	u64 cookie;
};

int fix_submit(struct device *dev, struct fix_cmd *cmd, struct page **pages, int n)
{
	struct sg_table *sgt;
	int ret;

	sgt = kmalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free_sgt;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	cmd->addr = sg_dma_address(sgt->sgl);
	cmd->cookie = (u64)(uintptr_t)sgt;
	return 0;

free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
	return ret;
}
