// SPDX-License-Identifier: GPL-2.0
/* The same, but it is another driver that gives the function to the framework. */
/* => refused: unknown-callee */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

int fix_called_elsewhere(struct scatterlist *sgl, int n)
{
	return n;
}

int fix(struct device *dev, struct page **pages, int n)
{
	struct scatterlist *sgl;
	int i;

	sgl = kcalloc(n, sizeof(*sgl), GFP_KERNEL);
	if (!sgl)
		return -ENOMEM;
	sg_init_table(sgl, n);
	for (i = 0; i < n; i++) {
		sg_set_page(&sgl[i], pages[i], PAGE_SIZE, 0);
	}
	i = dma_map_sg(dev, sgl, n, DMA_FROM_DEVICE);
	if (!i)
		goto out;
	fix_called_elsewhere(sgl, n);
	dma_unmap_sg(dev, sgl, n, DMA_FROM_DEVICE);
out:
	kfree(sgl);
	return 0;
}
