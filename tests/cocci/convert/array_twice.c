// SPDX-License-Identifier: GPL-2.0
/* The same entries are set for a second mapping, after they were emptied. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n, mapped;
};

void fix_kick(void);

int fix_both(struct device *dev, struct arr *a, struct page **pages, struct page **out)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_FROM_DEVICE);
	fix_kick();
	dma_unmap_sg(dev, a->sgl, a->n, DMA_FROM_DEVICE);
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], out[i], PAGE_SIZE, 0);
	}
	a->mapped = dma_map_sg(dev, a->sgl, a->n, DMA_FROM_DEVICE);
	fix_kick();
	dma_unmap_sg(dev, a->sgl, a->n, DMA_FROM_DEVICE);
	vfree(a->sgl);
	return 0;
}
