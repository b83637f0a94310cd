// SPDX-License-Identifier: GPL-2.0
/* The variable that kept how many it is keeps something else. */
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
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	return 0;
}

void fix_write(struct device *dev, struct arr *a, u32 *out)
{
	struct scatterlist *sg;
	int i, n;

	n = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	n = a->n;
	sg = a->sgl;
	for (i = 0; i < n; i++) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
		sg = sg_next(sg);
	}
}
