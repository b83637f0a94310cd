// SPDX-License-Identifier: GPL-2.0
/* No more than some entries are used, however many there are. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_fw {
	unsigned int count;
	struct sg_table sgt;
};

unsigned int fix_room(struct fix_fw *fw);

int fix_load(struct device *dev, struct fix_fw *fw, struct page **pages, int n,
	     dma_addr_t *addr)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	fw->count = min(fix_room(fw), fw->sgt.nents);
	if (!fw->count) {
		ret = -EINVAL;
		goto unmap;
	}
	*addr = sg_dma_address(fw->sgt.sgl);
	return 0;

unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
