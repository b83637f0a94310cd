// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct acf {
	struct scatterlist *sgl;
	int n;
};

static int acf_fill(struct acf *a, struct list_head *pages)
{
	struct page *page;
	int n = 0;

	sg_init_table(a->sgl, a->n);
	list_for_each_entry(page, pages, lru) {
		sg_set_page(&a->sgl[n++], page, PAGE_SIZE, 0);
	}
	return n;
}

int acf_alloc(struct acf *a)
{
	a->sgl = vmalloc(sizeof(struct scatterlist) * a->n);
	return a->sgl ? 0 : -ENOMEM;
}

void acf_sync(struct device *dev, struct acf *a, struct list_head *pages)
{
	int set = acf_fill(a, pages);
	int other = 0;

	dma_map_sg(dev, a->sgl, set, DMA_TO_DEVICE);
	acf_other(other);
	dma_unmap_sg(dev, a->sgl, set, DMA_TO_DEVICE);
}
