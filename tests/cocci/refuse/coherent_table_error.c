// SPDX-License-Identifier: GPL-2.0
/* As convert/coherent_table.cocci wants it, but an error leaves the table. */
/* => refused: bridge */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <media/videobuf2-dma-sg.h>

struct dec {
	struct device		*dev;
	struct iommu_domain	*domain;
};

struct dec_mem {
	struct sg_table		mem_sgt;
	struct dec		*dec;
	size_t			bytes;
	unsigned long		attrs;
	unsigned long		iova;
	dma_addr_t		handle;
	dma_addr_t		at;
	void			*cookie;
};

int dec_tell(struct dec *dec, struct sg_table *sgt, unsigned long *iova)
{
	ssize_t bytes;

	*iova = 0x10000;
	bytes = iommu_map_sgtable(dec->domain, *iova, sgt, IOMMU_READ | IOMMU_WRITE);
	return bytes < 0 ? bytes : 0;
}

int dec_alloc(struct dec *dec, struct dec_mem **out, size_t bytes)
{
	struct device *dev = dec->dev;
	struct dec_mem *mem;
	int ret;

	mem = kzalloc(sizeof(*mem), GFP_KERNEL);
	if (!mem)
		return -ENOMEM;
	mem->dec = dec;
	mem->bytes = bytes;
	mem->attrs = DMA_ATTR_NO_KERNEL_MAPPING;
	mem->cookie = dma_alloc_attrs(dev, bytes, &mem->handle, GFP_KERNEL, mem->attrs);
	if (!mem->cookie) {
		ret = -ENOMEM;
		goto free_mem;
	}

	ret = dma_get_sgtable_attrs(dev, &mem->mem_sgt, mem->cookie, mem->handle, bytes,
				    mem->attrs);
	if (ret) {
		dev_err(dev, "no table: %d\n", ret);
		goto free_attrs;
	}

	ret = dma_map_sgtable(dev, &mem->mem_sgt, DMA_TO_DEVICE, mem->attrs);
	if (ret) {
		dev_err(dev, "not mapped: %d\n", ret);
		goto free_table;
	}

	if (dec->domain) {
		ret = dec_tell(dec, &mem->mem_sgt, &mem->iova);
		if (ret) {
			dev_err(dev, "the IOMMU does not take it: %d\n", ret);
			goto unmap;
		}
		mem->at = mem->iova;
	} else {
		mem->at = sg_dma_address(mem->mem_sgt.sgl);
	}

	*out = mem;
	return 0;

unmap:
	dma_unmap_sgtable(dev, &mem->mem_sgt, DMA_TO_DEVICE, mem->attrs);
free_table:
free_attrs:
	dma_free_attrs(dev, bytes, mem->cookie, mem->handle, mem->attrs);
free_mem:
	kfree(mem);
	return ret;
}

void dec_free(struct dec_mem *mem)
{
	struct device *dev = mem->dec->dev;

	dma_unmap_sgtable(dev, &mem->mem_sgt, DMA_TO_DEVICE, mem->attrs);
	sg_free_table(&mem->mem_sgt);
	dma_free_attrs(dev, mem->bytes, mem->cookie, mem->handle, mem->attrs);
	kfree(mem);
}

int dec_video(struct dec *dec, struct vb2_buffer *vb, unsigned long *iova)
{
	return dec_tell(dec, vb2_dma_sg_plane_desc(vb, 0), iova);
}
