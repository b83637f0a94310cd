/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list and its mapping side by side, for drivers that are converted from
 * struct sg_table line by line.
 *
 * The calls take what their sg_table counterparts take, in the same order.  New
 * code embeds a struct phyr_list and a struct dma_phyr_map where it needs them,
 * as one list can have many mappings.
 */
#ifndef _LINUX_PHYR_TABLE_H
#define _LINUX_PHYR_TABLE_H

#include <linux/dma-phyr.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>

/**
 * struct phyr_table - a list and one mapping of it
 * @list: The memory.
 * @map: How a device sees it.
 *
 * Zeroed memory is an empty table.
 */
struct phyr_table {
	struct phyr_list	list;
	struct dma_phyr_map	map;
};

/**
 * phyr_table_init - make an empty table
 * @table: Memory that holds no table, no matter what is in it.
 *
 * Zeroed memory is an empty table, too.  Context: Any.
 */
static inline void phyr_table_init(struct phyr_table *table)
{
	phyr_list_init(&table->list);
	dma_phyr_map_init(&table->map);
}

/**
 * phyr_table_from_pages - make a table from an array of pages
 * @table: Memory that holds no table, no matter what is in it.
 * @pages: The pages, in the order of the buffer.
 * @nr_pages: How many there are.
 * @offset: Where in the pages the buffer begins, bytes.
 * @size: Bytes.
 * @gfp: How to allocate.
 *
 * The counterpart of sg_alloc_table_from_pages().
 *
 * Context: Any that @gfp allows.
 * Return: As phyr_list_append_pages().
 */
static inline int phyr_table_from_pages(struct phyr_table *table, struct page **pages,
					unsigned int nr_pages, unsigned int offset,
					unsigned long size, gfp_t gfp)
{
	phyr_table_init(table);
	return phyr_list_append_pages(&table->list, pages, nr_pages, offset, size, gfp);
}

/**
 * phyr_table_from_kaddr - make a table from kernel memory
 * @table: Memory that holds no table, no matter what is in it.
 * @addr: Where the buffer begins, in vmalloc space or in the direct mapping.
 * @size: Bytes.
 * @gfp: How to allocate.
 *
 * For what is a loop of vmalloc_to_page() and sg_set_page().
 *
 * Context: Any that @gfp allows.
 * Return: As phyr_list_append_kaddr().
 */
static inline int phyr_table_from_kaddr(struct phyr_table *table, const void *addr, size_t size,
					gfp_t gfp)
{
	phyr_table_init(table);
	return phyr_list_append_kaddr(&table->list, addr, size, gfp);
}

/**
 * phyr_table_from_sgtable - make a table of the memory that an sg_table has
 * @table: Memory that holds no table, no matter what is in it.
 * @sgt: The sg_table; it need not be mapped, is not changed, and is not needed any longer
 *	afterwards.
 * @gfp: How to allocate.
 *
 * Context: Any that @gfp allows.
 * Return: As phyr_list_append_sgtable().
 */
static inline int phyr_table_from_sgtable(struct phyr_table *table, struct sg_table *sgt,
					  gfp_t gfp)
{
	phyr_table_init(table);
	return phyr_list_append_sgtable(&table->list, sgt, gfp);
}

/**
 * phyr_table_view_sgtable - make a table of what an sg_table is mapped to
 * @table: Memory that holds no table, no matter what is in it.
 * @sgt: The sg_table, which somebody has mapped, an exporter for example; it is neither
 *	changed nor needed any longer afterwards.
 * @gfp: How to allocate.
 *
 * For who has either memory of his own or that of others, and one way to tell the device.
 * The table is mapped: dma_unmap_phyr_table() and phyr_table_free() end it, and leave @sgt
 * mapped.  Its list is one of DMA addresses and names no memory.
 *
 * Context: Any that @gfp allows.
 * Return: As dma_phyr_view_sgtable(); on error the table is empty and not mapped.
 */
static inline int phyr_table_view_sgtable(struct phyr_table *table, struct sg_table *sgt,
					  gfp_t gfp)
{
	phyr_table_init(table);
	return dma_phyr_view_sgtable(&table->map, &table->list, sgt, 0, U64_MAX, gfp);
}

/**
 * phyr_table_free - end a table
 * @table: The table, which is not mapped; it is empty afterwards.
 *
 * The counterpart of sg_free_table().
 *
 * Context: As phyr_list_release().
 */
static inline void phyr_table_free(struct phyr_table *table)
{
	dma_phyr_map_destroy(&table->map);
	phyr_list_release(&table->list);
}

/**
 * dma_map_phyr_table - map a table for a device
 * @dev: The device.
 * @table: The table, which is not mapped.
 * @dir: Which way the data will go.
 * @attrs: DMA_ATTR_*.
 *
 * The counterpart of dma_map_sgtable().
 *
 * Context: As dma_map_phyr().
 * Return: As dma_map_phyr().
 */
static inline int dma_map_phyr_table(struct device *dev, struct phyr_table *table,
				     enum dma_data_direction dir, unsigned long attrs)
{
	return dma_map_phyr(dev, &table->list, &table->map, dir, attrs);
}

/**
 * dma_unmap_phyr_table - unmap a table
 * @dev: Not used: the mapping knows.
 * @table: The table, which is mapped.
 * @dir: Not used.
 * @attrs: Not used.
 *
 * The counterpart of dma_unmap_sgtable().
 *
 * Context: As dma_unmap_phyr().
 */
static inline void dma_unmap_phyr_table(struct device *dev, struct phyr_table *table,
					enum dma_data_direction dir, unsigned long attrs)
{
	dma_unmap_phyr(&table->map);
}

/**
 * dma_map_phyr_table_view - map a table, and show the mapping to who takes an sg_table
 * @dev: The device.
 * @table: The table, which is not mapped.
 * @view: Memory that holds no table, no matter what is in it; see dma_phyr_to_sgtable().
 * @dir: Which way the data will go.
 * @attrs: DMA_ATTR_*.
 * @gfp: How to allocate for @view.
 *
 * For a driver whose own list is walked by code that walks lists of a framework, too.
 *
 * Context: Any that @gfp allows.  On error nothing is mapped, and the sgl of @view is NULL.
 * Return: As dma_map_phyr() and dma_phyr_to_sgtable().
 */
static inline int dma_map_phyr_table_view(struct device *dev, struct phyr_table *table,
					  struct sg_table *view, enum dma_data_direction dir,
					  unsigned long attrs, gfp_t gfp)
{
	int ret = dma_map_phyr(dev, &table->list, &table->map, dir, attrs);

	view->sgl = NULL;
	if (ret)
		return ret;
	ret = dma_phyr_to_sgtable(&table->map, view, gfp);
	if (ret)
		dma_unmap_phyr(&table->map);
	return ret;
}

/**
 * dma_unmap_phyr_table_view - free a view and unmap its table
 * @dev: Not used: the mapping knows.
 * @table: The table, which is mapped.
 * @view: What dma_map_phyr_table_view() made; its sgl is NULL afterwards.
 * @dir: Not used.
 * @attrs: Not used.
 *
 * Context: As dma_unmap_phyr().
 */
static inline void dma_unmap_phyr_table_view(struct device *dev, struct phyr_table *table,
					     struct sg_table *view, enum dma_data_direction dir,
					     unsigned long attrs)
{
	sg_free_table(view);
	dma_unmap_phyr(&table->map);
}

/**
 * dma_sync_phyr_table_for_cpu - let the CPU touch all of a mapped table
 * @dev: Not used: the mapping knows.
 * @table: The table, which is mapped.
 * @dir: Not used.
 *
 * The counterpart of dma_sync_sgtable_for_cpu().  Context: Any.
 */
static inline void dma_sync_phyr_table_for_cpu(struct device *dev, struct phyr_table *table,
					       enum dma_data_direction dir)
{
	dma_sync_phyr_for_cpu(&table->map, 0, phyr_list_bytes(&table->list));
}

/**
 * dma_sync_phyr_table_for_device - give all of a mapped table to the device
 * @dev: Not used: the mapping knows.
 * @table: The table, which is mapped.
 * @dir: Not used.
 *
 * The counterpart of dma_sync_sgtable_for_device().  Context: Any.
 */
static inline void dma_sync_phyr_table_for_device(struct device *dev, struct phyr_table *table,
						  enum dma_data_direction dir)
{
	dma_sync_phyr_for_device(&table->map, 0, phyr_list_bytes(&table->list));
}

/**
 * for_each_phyr_table_dma - walk the DMA ranges of a mapped table
 * @table: The table.
 * @range: A struct dma_phyr.
 * @iter: A struct dma_phyr_iter.
 *
 * The counterpart of for_each_sgtable_dma_sg().
 */
#define for_each_phyr_table_dma(table, range, iter)	\
	dma_phyr_for_each(range, iter, &(table)->map)

#endif /* _LINUX_PHYR_TABLE_H */
