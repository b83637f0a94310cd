// SPDX-License-Identifier: GPL-2.0
/* The counters of loops are read behind them, at once, after a branch, or the next time. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct counter_fw {
	struct device *dev;
	struct sg_table sgt;
	u32 nr;
};

void format_head(u32 *head, int entries);

int counter_map(struct counter_fw *fw, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&fw->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
	if (ret)
		sg_free_table(&fw->sgt);
	return ret;
}

void counter_format(struct counter_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	u32 *head = out++;
	int i, word;

	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = lower_32_bits(sg_dma_address(sg));
		/* Counted of each entry, not of all */
		for (word = 0; word < 3; word++) {
			if (word != 1)
				*out++ = 0;
		}
	}
	format_head(head, i);
}

int counter_branch(struct counter_fw *fw, u32 *out, bool one)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	if (one)
		i = 1;
	return i;
}

int counter_jump(struct counter_fw *fw, u32 *out, u32 room)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		if (sg_dma_len(sg) > room)
			goto full;
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	i = 0;
full:
	return i;
}

int counter_again(struct counter_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	int i, pass;

	for (pass = 0; pass < 2; pass++) {
		if (pass && i > 0)
			break;
		for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
			*out++ = lower_32_bits(sg_dma_address(sg));
		}
	}
	return 0;
}

int counter_while(struct counter_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	int i = 0;

	while (i < 16) {
		for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
			*out++ = lower_32_bits(sg_dma_address(sg));
		}
	}
	return 0;
}

int counter_back(struct counter_fw *fw, u32 *out)
{
	struct scatterlist *sg;
	int i = 0;

again:
	if (i != 0)
		return i;
	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	goto again;
}

int counter_limit(struct counter_fw *fw, u32 *out, u32 *list)
{
	struct scatterlist *sg;
	int i, j;

	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	for (j = 0; j < i; j++)
		list[j] = 0;
	return 0;
}

int counter_set(struct counter_fw *fw, u32 *out, u32 *list, unsigned long *bits)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(&fw->sgt, sg, i) {
		*out++ = lower_32_bits(sg_dma_address(sg));
	}
	if (!out)
		for (i = 0; i < 16; i++)
			list[i] = 0;
	for_each_set_bit(i, bits, 16)
		list[i] = 1;
	return i;
}

void counter_unmap(struct counter_fw *fw)
{
	dma_unmap_sgtable(fw->dev, &fw->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&fw->sgt);
}
