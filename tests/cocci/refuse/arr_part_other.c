// SPDX-License-Identifier: GPL-2.0
/* A count of the same name, of another structure. */
/* => refused: entries-by-hand */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n;
};

int fix(struct device *dev, struct arr *a, struct page **pages, struct arr *b)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	i = dma_map_sg(dev, a->sgl, b->n, DMA_TO_DEVICE);
	return i;
}
