// SPDX-License-Identifier: GPL-2.0
/* => refused: layout */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

struct tla {
	struct scatterlist *sgl;
	int n;
};

int tla_one(struct device *dev, struct dma_chan *chan, void *buf)
{
	struct scatterlist sg;

	sg_init_one(&sg, buf, 16);
	dma_map_sg(dev, &sg, 1, DMA_TO_DEVICE);
	return !dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0);
}

int tla_array(struct device *dev, struct tla *a, struct page **pages)
{
	int i;

	a->sgl = vzalloc(array_size(sizeof(*a->sgl), a->n));
	if (!a->sgl)
		return -ENOMEM;
	sg_init_table(a->sgl, a->n);
	for (i = 0; i < a->n; i++) {
		sg_set_page(&a->sgl[i], pages[i], PAGE_SIZE, 0);
	}
	return dma_map_sg(dev, a->sgl, a->n, DMA_TO_DEVICE) ? 0 : -EIO;
}
