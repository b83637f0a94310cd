// SPDX-License-Identifier: GPL-2.0
/* Tables of the driver's making that it gives to functions nobody has looked at. */
#include <crypto/skcipher.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>
#include <linux/virtio.h>

struct fix_taker_ops {
	int (*take)(void *priv, struct scatterlist *sg);
};

struct fix_taker {
	struct device *dev;
	struct sg_table queued, plain, window, taken;
	const struct fix_taker_ops *ops;
	void *priv;
};

int fix_queue(struct fix_taker *t, struct virtqueue *vq, struct page **pages, int n)
{
	struct scatterlist *sgs[1];

	sg_alloc_table_from_pages(&t->queued, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (dma_map_sgtable(t->dev, &t->queued, DMA_TO_DEVICE, 0)) /* => B-other framework-sink */
		return -EIO;
	sgs[0] = t->queued.sgl;
	return virtqueue_add_sgs(vq, sgs, 1, 0, t, GFP_KERNEL);
}

int fix_plain(struct fix_taker *t, struct page **pages, int n)
{
	sg_alloc_table_from_pages(&t->plain, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	return dma_map_sgtable(t->dev, &t->plain, DMA_TO_DEVICE, 0); /* => B-crypto framework-sink */
}

void fix_encrypt(struct fix_taker *t, int n, u8 *iv)
{
	skcipher_request_set_crypt(t->priv, t->plain.sgl, t->plain.sgl, n << PAGE_SHIFT, iv);
}

int fix_window(struct fix_taker *t, struct iommu_domain *domain, struct page **pages, int n)
{
	sg_alloc_table_from_pages(&t->window, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (dma_map_sgtable(t->dev, &t->window, DMA_TO_DEVICE, 0)) /* => B-other framework-sink */
		return -EIO;
	return iommu_map_sgtable(domain, 0, &t->window, IOMMU_READ) > 0;
}

int fix_take(struct fix_taker *t, struct page **pages, int n)
{
	sg_alloc_table_from_pages(&t->taken, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (dma_map_sgtable(t->dev, &t->taken, DMA_TO_DEVICE, 0)) /* => B-other framework-sink */
		return -EIO;
	return t->ops->take(t->priv, t->taken.sgl);
}
