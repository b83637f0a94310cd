// SPDX-License-Identifier: GPL-2.0
/* Not after the last page. */
/* => refused: index-access */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct arr {
	struct scatterlist *sgl;
	int n;
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
	i = dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE);
	return i;
}

int walk(struct arr *a, u32 *out)
{
	struct scatterlist *sg;
	int i;

	sg = a->sgl;
	for (i = 0; i < a->n; i++) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
		if (i + 1 < a->n)
			sg = sg_next(sg);
	}
	return 0;
}
