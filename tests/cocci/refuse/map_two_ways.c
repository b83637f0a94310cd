// SPDX-License-Identifier: GPL-2.0
/* A function that maps is called for two devices. */
/* => refused: attributes */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	u32 size;
	struct sg_table sgt;
};

static int fix_map(struct device *dev, struct fix_fw *fw)
{
	return dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
}

int fix_load(struct device *a, struct device *b, struct fix_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (!ret)
		ret = fix_map(a, fw);
	if (!ret)
		ret = fix_map(b, fw);
	return ret;
}
