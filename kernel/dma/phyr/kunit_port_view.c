// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that show a phyr table to code for the tables of a framework, or have the table of
 * one in the place of their own: functions as drivers have them, and what they become.
 *
 * kunit_port.c compares them.
 */
#include <linux/dma-mapping.h>
#include <linux/phyr-table.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "kunit_port.h"

/* A walker as some are: the offset is there twice, but it is 0 */
static int tell_entries(struct port_told *told, struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int i, ret = 0;

	for_each_sg(sgl, sg, nents, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg) + sg->offset, sg_dma_len(sg));
	return ret;
}

/* Page by page, as page tables are written */
static int tell_pages(struct port_told *told, struct scatterlist *sgl, int nents)
{
	struct sg_dma_page_iter iter;
	int ret = 0;

	for_each_sg_dma_page(sgl, &iter, nents, 0)
		ret = ret ?: port_tell(told, sg_page_iter_dma_address(&iter), PAGE_SIZE);
	return ret;
}

/* An array of the pages of a vmalloc area, for a walker that is shared */
static int area_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told,
		      int (*walk)(struct port_told *told, struct scatterlist *sgl, int nents))
{
	struct scatterlist *sgl = kcalloc(mem->nr, sizeof(*sgl), GFP_KERNEL);
	int i, nents, ret = -ENOMEM;

	if (!sgl)
		return -ENOMEM;
	sg_init_table(sgl, mem->nr);
	for (i = 0; i < mem->nr; i++)
		sg_set_page(&sgl[i], vmalloc_to_page(mem->area + i * PAGE_SIZE), PAGE_SIZE, 0);
	nents = dma_map_sg(dev, sgl, mem->nr, DMA_FROM_DEVICE);
	if (nents) {
		ret = walk(told, sgl, nents);
		dma_unmap_sg(dev, sgl, mem->nr, DMA_FROM_DEVICE);
	}
	kfree(sgl);
	return ret;
}

static int area_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told,
			int (*walk)(struct port_told *told, struct scatterlist *sgl, int nents))
{
	struct phyr_table table;
	struct sg_table view;
	int ret;

	ret = phyr_table_from_kaddr(&table, mem->area, mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_phyr_table_view(dev, &table, &view, DMA_FROM_DEVICE, 0, GFP_KERNEL);
	if (!ret) {
		ret = walk(told, view.sgl, view.nents);
		dma_unmap_phyr_table_view(dev, &table, &view, DMA_FROM_DEVICE, 0);
	}
	phyr_table_free(&table);
	return ret;
}

static int entries_of_sg(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	return area_of_sg(dev, mem, told, tell_entries);
}

static int entries_of_phyr(struct device *dev, const struct port_memory *mem,
			   struct port_told *told)
{
	return area_of_phyr(dev, mem, told, tell_entries);
}

static int pages_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	return area_of_sg(dev, mem, told, tell_pages);
}

static int pages_of_phyr(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	return area_of_phyr(dev, mem, told, tell_pages);
}

/* A table of whole pages, as many of which are taken as an iterator over all entries finds */
static int make_table(struct sg_table *sgt, const struct port_memory *mem)
{
	return sg_alloc_table_from_pages(sgt, (struct page **)mem->pages, mem->nr, 0,
					 mem->nr * PAGE_SIZE, GFP_KERNEL);
}

static int tell_all_pages(struct port_told *told, const struct sg_table *sgt, unsigned int nr)
{
	struct sg_dma_page_iter iter;
	int ret = 0;

	__sg_page_iter_start(&iter.base, sgt->sgl, sgt->orig_nents, 0);
	while (nr-- && __sg_page_iter_dma_next(&iter))
		ret = ret ?: port_tell(told, sg_page_iter_dma_address(&iter), PAGE_SIZE);
	return ret;
}

static int buffer_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = make_table(&sgt, mem);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (!ret) {
		ret = tell_all_pages(told, &sgt, mem->nr);
		dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	}
	sg_free_table(&sgt);
	return ret;
}

static int buffer_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct phyr_table table;
	struct sg_table view;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, 0,
				    mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_phyr_table_view(dev, &table, &view, DMA_BIDIRECTIONAL, 0, GFP_KERNEL);
	if (!ret) {
		ret = tell_all_pages(told, &view, mem->nr);
		dma_unmap_phyr_table_view(dev, &table, &view, DMA_BIDIRECTIONAL, 0);
	}
	phyr_table_free(&table);
	return ret;
}

/* A second IOMMU, behind the first: it writes its own addresses into the table, and back */
#define OWN_IOVA	0x40000000

static void own_iommu(struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(sgt, sg, i)
		sg_dma_address(sg) ^= OWN_IOVA;
}

static int tell_through(struct port_told *told, struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i, ret = 0;

	own_iommu(sgt);
	for_each_sgtable_dma_sg(sgt, sg, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg) ^ OWN_IOVA, sg_dma_len(sg));
	own_iommu(sgt);
	return ret;
}

static int through_of_sg(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = make_table(&sgt, mem);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (!ret) {
		ret = tell_through(told, &sgt);
		dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	}
	sg_free_table(&sgt);
	return ret;
}

static int through_of_phyr(struct device *dev, const struct port_memory *mem,
			   struct port_told *told)
{
	struct phyr_table table;
	struct sg_table sgt;
	int ret;

	/* By way of a table that somebody else has made of the pages */
	ret = make_table(&sgt, mem);
	if (ret)
		return ret;
	ret = phyr_table_from_sgtable(&table, &sgt, GFP_KERNEL);
	sg_free_table(&sgt);
	if (ret)
		return ret;
	ret = dma_map_phyr_table_view(dev, &table, &sgt, DMA_TO_DEVICE, 0, GFP_KERNEL);
	if (!ret) {
		ret = tell_through(told, &sgt);
		dma_unmap_phyr_table_view(dev, &table, &sgt, DMA_TO_DEVICE, 0);
	}
	phyr_table_free(&table);
	return ret;
}

/* What an exporter has mapped, for a GPU that takes whole pages */
static int import(struct device *dev, const struct port_memory *mem, struct port_told *told,
		  int (*take)(struct port_told *told, struct sg_table *sgt))
{
	struct sg_table sgt;
	int ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, mem->offset,
					mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (!ret) {
		ret = take(told, &sgt);
		dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	}
	sg_free_table(&sgt);
	return ret;
}

static int take_sg(struct port_told *told, struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i, ret = 0;

	for_each_sgtable_dma_sg(sgt, sg, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg) - sg->offset,
				       sg_dma_len(sg) + sg->offset);
	return ret;
}

static int take_phyr(struct port_told *told, struct sg_table *sgt)
{
	struct dma_phyr_iter iter;
	struct phyr_table table;
	struct dma_phyr range;
	int ret;

	ret = phyr_table_view_sgtable(&table, sgt, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_phyr_table_dma(&table, range, iter)
		ret = ret ?: port_tell(told, round_down(range.addr, PAGE_SIZE),
				       range.len + offset_in_page(range.addr));
	dma_unmap_phyr_table(NULL, &table, DMA_BIDIRECTIONAL, 0);
	phyr_table_free(&table);
	return ret;
}

static int import_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	return import(dev, mem, told, take_sg);
}

static int import_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	return import(dev, mem, told, take_phyr);
}

/* A table that is made before a lock is taken under which nothing can be allocated */
static int locked_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct scatterlist *sg;
	struct sg_table sgt;
	int i, ret;

	ret = sg_alloc_table(&sgt, mem->nr, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg(&sgt, sg, i)
		sg_set_page(sg, mem->pages[i], PAGE_SIZE, 0);
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (!ret) {
		ret = tell_entries(told, sgt.sgl, sgt.nents);
		dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	}
	sg_free_table(&sgt);
	return ret;
}

static int locked_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct phyr_table table = {};
	struct sg_table view;
	unsigned int i;
	int ret;

	ret = phyr_list_reserve(&table.list, mem->nr, GFP_KERNEL);
	if (ret)
		return ret;
	ret = sg_alloc_table(&view, mem->nr, GFP_KERNEL);
	if (ret)
		goto out_free;
	for (i = 0; i < mem->nr && !ret; i++)
		ret = phyr_list_append(&table.list, page_to_phys(mem->pages[i]), PAGE_SIZE,
				       GFP_NOWAIT);
	ret = ret ?: dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (!ret) {
		ret = dma_phyr_fill_sgtable(&table.map, &view);
		ret = ret ?: tell_entries(told, view.sgl, view.nents);
		dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	}
	sg_free_table(&view);
out_free:
	phyr_table_free(&table);
	return ret;
}

/* Single pages, which are written to and given back by a walk of the table */
static int singles_of_sg(struct device *dev, const struct port_memory *mem,
			 struct port_told *told)
{
	struct scatterlist *sg;
	struct sg_table sgt;
	int i, ret;

	ret = sg_alloc_table(&sgt, mem->nr, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg(&sgt, sg, i)
		sg_set_page(sg, mem->pages[i], PAGE_SIZE, 0);
	ret = dma_map_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto out;
	ret = tell_entries(told, sgt.sgl, sgt.nents);
	dma_unmap_sgtable(dev, &sgt, DMA_BIDIRECTIONAL, 0);
	for_each_sgtable_sg(&sgt, sg, i)
		ret = ret ?: port_tell_phys(told, virt_to_phys(sg_virt(sg)), sg->length);
out:
	sg_free_table(&sgt);
	return ret;
}

static int singles_of_phyr(struct device *dev, const struct port_memory *mem,
			   struct port_told *told)
{
	struct phyr_page_iter iter;
	struct phyr_table table;
	struct sg_table view;
	struct page *page;
	unsigned int n = 0;
	int ret;

	phyr_table_init(&table);
	do {
		ret = phyr_list_append_pages(&table.list, &mem->pages[n++], 1, 0, PAGE_SIZE,
					     GFP_KERNEL);
	} while (!ret && phyr_list_bytes(&table.list) < (u64)mem->nr * PAGE_SIZE);
	if (!ret)
		ret = dma_map_phyr_table_view(dev, &table, &view, DMA_BIDIRECTIONAL, 0,
					      GFP_KERNEL);
	if (ret)
		goto out;
	ret = tell_entries(told, view.sgl, view.nents);
	dma_unmap_phyr_table_view(dev, &table, &view, DMA_BIDIRECTIONAL, 0);
	phyr_list_for_each_page(page, iter, &table.list)
		ret = ret ?: port_tell_phys(told, virt_to_phys(page_address(page)), PAGE_SIZE);
out:
	phyr_table_free(&table);
	return ret;
}

/* An IOMMU domain that is told of memory, not of a device's addresses */
static int tell_domain(struct port_told *told, struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i, ret = 0;

	for_each_sgtable_sg(sgt, sg, i) {
		told->len += sg->length;
		ret = ret ?: port_tell_phys(told, sg_phys(sg), sg->length);
	}
	return ret;
}

static int domain_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sg_table sgt;
	int ret;

	ret = make_table(&sgt, mem);
	if (ret)
		return ret;
	ret = tell_domain(told, &sgt);
	sg_free_table(&sgt);
	return ret;
}

static int domain_of_phyr(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct sg_table view = {};
	struct phyr_table table;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, 0,
				    mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = phyr_list_to_sgtable(&table.list, &view, UINT_MAX, GFP_KERNEL);
	if (!ret)
		ret = tell_domain(told, &view);
	sg_free_table(&view);
	phyr_table_free(&table);
	return ret;
}

const struct port_pattern port_views[] = {
	{ "area, walker of entries", entries_of_sg, entries_of_phyr },
	{ "area, page table", pages_of_sg, pages_of_phyr },
	{ "buffer, all entries", buffer_of_sg, buffer_of_phyr },
	{ "IOMMU behind", through_of_sg, through_of_phyr },
	{ "imported table", import_of_sg, import_of_phyr, true },
	{ "table made before", locked_of_sg, locked_of_phyr, true },
	{ "single pages", singles_of_sg, singles_of_phyr },
	{ "IOMMU domain", domain_of_sg, domain_of_phyr, true },
	{}
};
