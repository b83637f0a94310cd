// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that convert/ of scripts/coccinelle/phyr has a semantic patch for, and that ask
 * their table for an address or two: what each does with it, and what it becomes.
 *
 * kunit_port.c compares them.  What walks a whole list is in kunit_port_shape.c.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/phyr-table.h>
#include <linux/scatterlist.h>

#include "kunit_port.h"

/* table_of_one: a single stretch of memory in a table */
static int one_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table(&sgt, 1, GFP_KERNEL);
	if (ret)
		return ret;
	sg_set_buf(sgt.sgl, page_address(mem->pages[0]), PAGE_SIZE);
	if (dma_map_sg(dev, sgt.sgl, 1, DMA_BIDIRECTIONAL)) {
		ret = port_tell(told, sg_dma_address(sgt.sgl), PAGE_SIZE);
		dma_unmap_sg(dev, sgt.sgl, 1, DMA_BIDIRECTIONAL);
	} else {
		ret = -ENOMEM;
	}
	sg_free_table(&sgt);
	return ret;
}

static int one_of_single(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct dma_phyr table;
	int ret;

	table.len = PAGE_SIZE;
	table.addr = dma_map_single(dev, page_address(mem->pages[0]), table.len,
				    DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, table.addr))
		return -ENOMEM;
	ret = port_tell(told, table.addr, PAGE_SIZE);
	dma_unmap_single(dev, table.addr, table.len, DMA_BIDIRECTIONAL);
	return ret;
}

/*
 * coherent_table: a table that is made by somebody else, is mapped to learn where the memory
 * begins, and is shown to an IOMMU that the DMA API does not know of
 */
static int show_iommu(struct port_told *told, struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i, ret = 0;

	for_each_sgtable_sg(sgt, sg, i)
		ret = ret ?: port_tell_phys(told, sg_phys(sg), sg->length);
	return ret;
}

static int tell_start(struct port_told *told, const struct port_memory *mem, dma_addr_t start)
{
	return port_tell(told, start, min_t(unsigned int, mem->size, PAGE_SIZE - mem->offset));
}

static int given_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, mem->offset,
					mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (!ret) {
		ret = show_iommu(told, &sgt);
		ret = ret ?: tell_start(told, mem, sg_dma_address(sgt.sgl));
		dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	}
	sg_free_table(&sgt);
	return ret;
}

static int given_of_phyr(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct phyr_table table;
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, mem->offset,
					mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = phyr_table_from_sgtable(&table, &sgt, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	if (!ret) {
		ret = show_iommu(told, &sgt);
		ret = ret ?: tell_start(told, mem, dma_phyr_start(&table.map));
		dma_unmap_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	}
	phyr_table_free(&table);
	sg_free_table(&sgt);
	return ret;
}

/* table_behind_ops: the address at an offset, for offsets in no order */
static size_t asked(const struct port_memory *mem, unsigned int k)
{
	return (size_t)(k * 7 % mem->nr) * PAGE_SIZE + k * 131 % PAGE_SIZE;
}

static dma_addr_t address_in_sg(struct sg_table *sgt, size_t off)
{
	struct sg_dma_page_iter iter;

	__sg_page_iter_start(&iter.base, sgt->sgl, sgt->orig_nents, off >> PAGE_SHIFT);
	__sg_page_iter_dma_next(&iter);
	return sg_page_iter_dma_address(&iter) + off % PAGE_SIZE;
}

static int asked_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, 0,
					(size_t)mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	for (unsigned int k = 0; k < mem->nr; k++) {
		size_t off = asked(mem, k);

		ret = ret ?: port_tell(told, address_in_sg(&sgt, off),
				       PAGE_SIZE - off % PAGE_SIZE);
	}
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
out:
	sg_free_table(&sgt);
	return ret;
}

static int asked_of_phyr(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct phyr_table table;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, 0,
				    (size_t)mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (ret)
		goto out;
	for (unsigned int k = 0; k < mem->nr; k++) {
		size_t off = asked(mem, k);

		ret = ret ?: port_tell(told, dma_phyr_address(&table.map, off),
				       PAGE_SIZE - off % PAGE_SIZE);
	}
	dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
out:
	phyr_table_free(&table);
	return ret;
}

const struct port_pattern port_tables[] = {
	{ "a table of one entry", one_of_sg, one_of_single },
	{ "a table from elsewhere", given_of_sg, given_of_phyr },
	{ "addresses at offsets", asked_of_sg, asked_of_phyr },
	{}
};
