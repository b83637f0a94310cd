// SPDX-License-Identifier: GPL-2.0
/* Two arrays, and each is emptied. */
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
	return a->sgl ? 0 : -ENOMEM;
}

int fix_refill(struct device *dev, struct arr *rx, struct arr *tx,
	       struct page **pages, struct page **out)
{
	int i;

	sg_init_table(rx->sgl, rx->n);
	for (i = 0; i < rx->n; i++) {
		sg_set_page(&rx->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	sg_init_table(tx->sgl, tx->n);
	for (i = 0; i < tx->n; i++) {
		sg_set_page(&tx->sgl[i], out[i], PAGE_SIZE, 0);
	}
	rx->mapped = dma_map_sg(dev, rx->sgl, rx->n, DMA_FROM_DEVICE);
	tx->mapped = dma_map_sg(dev, tx->sgl, tx->n, DMA_FROM_DEVICE);
	return 0;
}

void fix_unmap(struct device *dev, struct arr *a)
{
	dma_unmap_sg(dev, a->sgl, a->n, DMA_FROM_DEVICE);
}

void fix_free(struct device *dev, struct arr *a)
{
	vfree(a->sgl);
}
