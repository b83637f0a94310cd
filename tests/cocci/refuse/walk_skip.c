// SPDX-License-Identifier: GPL-2.0
/* The walk begins at an entry that is told by its number. */
/* => refused: index-access */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n;
	int mapped;
};

int fix(struct device *dev, struct arr *a, struct page **pages)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	return a->mapped;
}

int walk(struct arr *a, u32 *out)
{
	struct scatterlist *sg;
	int i;

	sg = a->sgl;
	for (i = 0; i < 3; i++)
		sg = sg_next(sg);
	for (i = 0; i < a->mapped; i++) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
		sg = sg_next(sg);
	}
	return 0;
}
