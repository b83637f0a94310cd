// SPDX-License-Identifier: GPL-2.0
/* Everything that is done with a table from pages, by a pointer and by value. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct fix_elem {
	__le64 addr;
	__le32 len;
};

struct fix_xfer {
	struct sg_table *sgt;
	dma_addr_t first;
};

int table_map(struct device *dev, struct fix_xfer *xfer, struct page **pages, int n)
{
	struct sg_table *sgt;
	int ret;

	sgt = kmalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt)
		return -ENOMEM;
	ret = sg_alloc_table_from_pages(sgt, pages, n, 0,
					n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free_sgt;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_table;
	xfer->sgt = sgt;
	xfer->first = sg_dma_address(sgt->sgl);
	if (xfer->first != sgt->sgl[0].dma_address)
		return -EIO;
	dma_sync_sgtable_for_device(dev, sgt, DMA_TO_DEVICE);
	return 0;

free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
	return ret;
}

int table_first(struct fix_xfer *xfer, struct fix_elem *elem, int *room)
{
	struct sg_table *sgt = xfer->sgt;
	struct scatterlist *sg;
	int fit, all;
	int i;

	all = sgt->nents;
	fit = all;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		*room -= sizeof(*elem);
		if (*room < 64) {
			fit = i;
			break;
		}
	}
	for_each_sg(sgt->sgl, sg, fit, i) {
		elem->addr = cpu_to_le64(sg_dma_address(sg));
		elem->len = cpu_to_le32(sg_dma_len(sg));
		elem++;
	}
	return fit < all;
}

void table_unmap(struct device *dev, struct fix_xfer *xfer)
{
	dma_unmap_sgtable(dev, xfer->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(xfer->sgt);
	kfree(xfer->sgt);
}

int fix_at_once(struct device *dev, struct page **pages, int n, struct fix_elem *elem)
{
	u8 dir = n > 4 ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
	struct sg_table table;
	struct scatterlist *sg;
	u64 bytes = 0;
	int ret, i;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, dir, 0);
	if (ret)
		goto out;
	for_each_sgtable_dma_sg(&table, sg, i) {
		if (!sg_dma_len(sg))
			continue;
		bytes += sg_dma_len(sg) + DIV_ROUND_UP(sg_dma_len(sg), 512);
	}
	elem->len = cpu_to_le32(bytes);
	dma_unmap_sgtable(dev, &table, dir, 0);
out:
	sg_free_table(&table);
	return ret;
}
