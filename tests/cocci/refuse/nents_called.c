// SPDX-License-Identifier: GPL-2.0
/* A function that is called before the mapping counts entries. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_elem {
	__le64 addr;
	__le32 len;
};

static struct fix_elem *fix_room(struct sg_table *sgt)
{
	return kcalloc(sgt->nents, sizeof(struct fix_elem), GFP_KERNEL);
}

int fix_xfer(struct device *dev, struct page **pages, int n)
{
	struct fix_elem *elem;
	struct sg_table sgt;
	struct scatterlist *sg;
	int ret, i;

	ret = sg_alloc_table_from_pages(&sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	elem = fix_room(&sgt);
	if (!elem) {
		ret = -ENOMEM;
		goto free_table;
	}
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_elem;
	for_each_sgtable_dma_sg(&sgt, sg, i) {
		elem[i].addr = cpu_to_le64(sg_dma_address(sg));
		elem[i].len = cpu_to_le32(sg_dma_len(sg));
	}
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
free_elem:
	kfree(elem);
free_table:
	sg_free_table(&sgt);
	return ret;
}
