// SPDX-License-Identifier: GPL-2.0
/* What layer 0 finds, and what it must not. */
#include <linux/scatterlist.h>

void fix_ignored(struct device *dev, struct scatterlist *sg)
{
	sg_init_table(sg, 1);
	dma_map_sg(dev, sg, 1, DMA_TO_DEVICE); /* => L0 result-ignored */
}

int fix_negative(struct device *dev, struct scatterlist *sg)
{
	int n;

	sg_init_table(sg, 2);
	n = dma_map_sg(dev, sg, 2, DMA_TO_DEVICE); /* => L0 wrong-error-test */
	if (n < 0)
		return n;
	return 0;
}

int fix_negative_later(struct device *dev, struct scatterlist *sg)
{
	int n;

	sg_init_table(sg, 2);
	n = dma_map_sg(dev, sg, 2, DMA_TO_DEVICE);
	n = fix_other(n);
	if (n < 0)
		return n;
	return 0;
}

int fix_result(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	sg_init_table(sg, nents);
	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	if (!n)
		return -EIO;
	fix_program(sg, n);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE); /* => L0 unmap-with-result */
	return 0;
}

int fix_result_same(struct device *dev, struct scatterlist *sg, int n)
{
	sg_init_table(sg, n);
	n = dma_map_sg(dev, sg, n, DMA_TO_DEVICE);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

int fix_result_set_anew(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	sg_init_table(sg, nents);
	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	if (!n)
		return -EIO;
	n = nents;
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

u64 fix_field(struct sg_table *sgt)
{
	struct scatterlist *sg;
	u64 sum = 0;
	int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		sum += sg->length; /* => L0 cpu-field */
	}
	return sum;
}

void fix_field_walk(struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgt->sgl, sg, sgt->nents, i) {
		fix_put(sg_dma_address(sg), sg->length); /* => L0 cpu-field */
	}
}

u64 fix_field_cpu(struct sg_table *sgt)
{
	struct scatterlist *sg;
	u64 sum = 0;
	int i;

	for_each_sg(sgt->sgl, sg, sgt->orig_nents, i) {
		sum += sg->length;
	}
	return sum;
}
