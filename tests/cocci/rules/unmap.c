// SPDX-License-Identifier: GPL-2.0
/* sg_unmap_nents.cocci as a patch: what it mends, and what it must leave alone. */
int mended(struct device *dev, struct scatterlist *sg, int nents)
{
	int n = dma_map_sg_ready(dev);

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	if (!n)
		return -EIO;
	program(sg, n);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

int mended_constant(struct device *dev, struct scatterlist *sg)
{
	int n;

	n = dma_map_sg(dev, sg, 4, DMA_TO_DEVICE);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

int same(struct device *dev, struct scatterlist *sg, int n)
{
	n = dma_map_sg(dev, sg, n, DMA_TO_DEVICE);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

int set_anew(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	n = other(sg);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return 0;
}

int count_set(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	nents = 0;
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return nents;
}

int count_up(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	nents++;
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return nents;
}

int count_down(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	nents--;
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return nents;
}

int count_given_away(struct device *dev, struct scatterlist *sg, int nents)
{
	int n;

	n = dma_map_sg(dev, sg, nents, DMA_TO_DEVICE);
	change(&nents);
	dma_unmap_sg(dev, sg, n, DMA_TO_DEVICE);
	return nents;
}
