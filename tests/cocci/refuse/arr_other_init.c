// SPDX-License-Identifier: GPL-2.0
/* Another array was emptied. */
/* => refused: entries-by-hand */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n, mapped;
};

int arr_alloc(struct arr *a)
{
	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	return 0;
}

int fix_turn(struct device *dev, struct arr *cur, struct arr *next, struct page **pages)
{
	int i;

	sg_init_table(next->sgl, next->n);
	for (i = 0; i < cur->n; i++) {
		sg_set_page(&cur->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	cur->mapped = dma_map_sg(dev, cur->sgl, cur->n, DMA_TO_DEVICE);
	return cur->mapped ? 0 : -EIO;
}

void fix_unmap(struct device *dev, struct arr *a)
{
	dma_unmap_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
}

void fix_free(struct arr *a)
{
	vfree(a->sgl);
}
