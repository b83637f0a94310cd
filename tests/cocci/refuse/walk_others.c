// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n;
};

int fix(struct device *dev, struct arr *a, struct page **pages, struct scatterlist **keep)
{
	int i, sum = 0;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	if (1)
		i = 0;
	i = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	sum = !i;
	return sum;
}

int walk(struct arr *a)
{
	struct scatterlist *sg, *other;
	int bytes = 0;

	sg = a->sgl;
	other = NULL;
	bytes = sg_dma_address(sg) + sg_dma_len(sg);
	return bytes;
}
