// SPDX-License-Identifier: GPL-2.0
/* Who is called between may set how many there are. */
/* => refused: entries-by-hand */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n, max, mapped;
};

static void fix_trim(struct arr *a)
{
	if (a->n > a->max)
		a->n = a->max;
}

int fix_fill(struct device *dev, struct arr *a, struct page **pages)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	fix_trim(a);
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	return a->mapped ? 0 : -EIO;
}

void fix_free(struct device *dev, struct arr *a)
{
	dma_unmap_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	vfree(a->sgl);
}
