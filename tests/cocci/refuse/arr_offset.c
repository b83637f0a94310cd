// SPDX-License-Identifier: GPL-2.0
/* The entries begin inside of their pages. */
/* => refused: one-to-one */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n, mapped;
};

int fix_fill(struct device *dev, struct arr *a, struct page **pages, unsigned int offset)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], i == 0 ? PAGE_SIZE - offset : PAGE_SIZE,
			    i == 0 ? offset : 0);
	}
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	return a->mapped ? 0 : -EIO;
}

void fix_free(struct device *dev, struct arr *a)
{
	dma_unmap_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	vfree(a->sgl);
}
