// SPDX-License-Identifier: GPL-2.0
/* The number of entries is made less. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	u32 size;
	struct sg_table sgt;
};

void fix_tell(void *what, int bytes);

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	fw->sgt.nents--;
	return 0;

free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
