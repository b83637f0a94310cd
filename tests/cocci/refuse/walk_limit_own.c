// SPDX-License-Identifier: GPL-2.0
/* A walk counts by itself, and gives up behind so many entries. */
/* => refused: cpu-field */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fw { u32 size; struct sg_table sgt; };
struct hwd { __le64 addr; __le32 len; };
int t06_load(struct device *dev, struct fw *fw, struct page **pages, int n, struct hwd *d)
{
	struct scatterlist *sg;
	int ret, i, used = 0;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		d[used].addr = cpu_to_le64(sg_dma_address(sg));
		d[used++].len = cpu_to_le32(sg_dma_len(sg));
		if (used == 32) {
			ret = -ENOSPC;
			goto unmap;
		}
	}
	return 0;
unmap:
	dma_unmap_sgtable(dev, &fw->sgt, DMA_TO_DEVICE, 0);
free_table:
	sg_free_table(&fw->sgt);
	return ret;
}
