// SPDX-License-Identifier: GPL-2.0
/* What the number of ranges is compared with where it does not matter how many there are. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct counts_fw {
	struct device *dev;
	struct sg_table sgt;
};

int counts_load(struct counts_fw *fw, struct page **pages, int n, u32 *out)
{
	int ret, i, all, left;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	all = fw->sgt.nents;
	left = all;
	if (fw->sgt.nents == 0) {
		dma_unmap_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
		goto free_table;
	}
	for (i = 0; i < fw->sgt.nents; i++)
		out[i] = 0;
	return left < all;

free_table:
	sg_free_table(&fw->sgt);
	return ret;
}

void counts_put(struct counts_fw *fw, u32 *out, int n);

void counts_batches(struct counts_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	int used = 0, i;

	for (i = 0; i < 16; i++) {
		if (i == 8)
			out[i] = 0;
	}
	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		out[used++] = lower_32_bits(sg_dma_address(sg));
		if (used == 16) {
			counts_put(fw, out, used);
			used = 0;
		}
	}
	if (i > 0 && used)
		counts_put(fw, out, used);
}
