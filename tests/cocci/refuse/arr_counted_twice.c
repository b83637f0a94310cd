// SPDX-License-Identifier: GPL-2.0
/* The body of the loop counts, too. */
/* => refused: index-access */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n, mapped;
};

int fix(struct arr *a, struct page **pages, int times)
{
	int i, k;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		k = times;
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
		i -= k--;
	}
	return 0;
}

int fix_map(struct device *dev, struct arr *a)
{
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	return a->mapped ? 0 : -EIO;
}
