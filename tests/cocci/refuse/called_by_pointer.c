// SPDX-License-Identifier: GPL-2.0
/* What the array is given to is called by a framework, too. */
/* => refused: unknown-callee */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_ops {
	int (*map)(struct scatterlist *sgl, int n);
};

void fix_register(struct fix_ops *ops);
/* Of called_elsewhere.c */
int fix_called_elsewhere(struct scatterlist *sgl, int n);

static int fix_map(struct scatterlist *sgl, int n)
{
	return n;
}

int fix(struct device *dev, struct fix_ops *ops, struct page **pages, int n)
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
	ops->map = fix_map;
	fix_register(ops);
	ops->map = fix_called_elsewhere;
	fix_register(ops);
	fix_map(sgl, n);
	dma_unmap_sg(dev, sgl, n, DMA_FROM_DEVICE);
out:
	kfree(sgl);
	return 0;
}
