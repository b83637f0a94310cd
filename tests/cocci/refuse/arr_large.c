// SPDX-License-Identifier: GPL-2.0
/* A segment may hold less than an entry, and there is a descriptor for each entry. */
/* => refused: one-to-one */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct arr {
	struct scatterlist *sgl;
	int n, mapped;
	__le64 *desc;
};

int fix_fill(struct device *dev, struct arr *a, struct page **pages)
{
	int i;

	a->sgl = kcalloc(a->n, sizeof(*a->sgl), GFP_KERNEL);
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], SZ_1M, 0);
	}
	a->desc = kcalloc(a->n, 2 * sizeof(*a->desc), GFP_KERNEL);
	return a->desc ? 0 : -ENOMEM;
}

int fix_map(struct device *dev, struct arr *a)
{
	struct scatterlist *sg;
	int i;

	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	if (!a->mapped)
		return -EIO;
	sg = a->sgl;
	for (i = 0; i < a->mapped; i++) {
		a->desc[2 * i] = cpu_to_le64(sg_dma_address(sg));
		a->desc[2 * i + 1] = cpu_to_le64(sg_dma_len(sg));
		sg = sg_next(sg);
	}
	return 0;
}

void fix_free(struct device *dev, struct arr *a)
{
	dma_unmap_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	kfree(a->sgl);
}
