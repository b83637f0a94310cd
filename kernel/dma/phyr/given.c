// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of lists whose DMA addresses somebody else knows, and the other way round.
 *
 * Who exports memory with an sg_table has mapped it for the importer already, and a
 * device that is made of software names memory by what its CPU does.  With
 * these calls both are a struct dma_phyr_map as well, so that an importer or a driver has
 * one way to walk DMA ranges and blocks.  Nothing is mapped here, no memory is
 * synced, and no device is known.  Who has a mapping, and calls code that walks the DMA side
 * of scatterlists, gets one with dma_phyr_to_sgtable().
 */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "paths.h"

/**
 * dma_phyr_map_given - use a list for a device that adds a constant to its addresses
 * @list: The list; it has to live and must not change until the mapping is gone.
 * @off: Where the window begins, bytes from the start of the list.
 * @len: Bytes in the window.
 * @map: A mapping that is not in use.
 * @base: What the device adds to the address of each range; sums wrap around.
 *
 * Nothing is done to the memory or to any device.  Afterwards DMA ranges and blocks can
 * be walked; they are not cut to any limit.  dma_unmap_phyr() ends it; syncing does
 * nothing.
 *
 * Context: Any.  On error everything is as it was.
 * Return:
 * * 0 - success
 * * %-ENODATA - @len is zero
 * * %-ERANGE - the window is not within the list
 * * %-EBUSY - @map is in use
 */
int dma_phyr_map_given(const struct phyr_list *list, u64 off, u64 len,
		       struct dma_phyr_map *map, dma_addr_t base)
{
	u64 end;

	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED))
		return -EBUSY;
	if (check_add_overflow(off, len, &end) || end > phyr_list_bytes(list))
		return -ERANGE;
	if (!len)
		return -ENODATA;

	map->list = list;
	map->dev = NULL;
	map->off = off;
	map->len = len;
	map->dma_base = base;
	map->path = DMA_PHYR_GIVEN;
	map->flags |= DMA_PHYR_LINEAR;
	return 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_map_given);

/* Append of @sgt what the device sees of a window; return how many bytes, or an errno */
static s64 dma_phyr_view_window(struct phyr_list *view, struct sg_table *sgt, u64 off, u64 len,
				gfp_t gfp)
{
	struct scatterlist *sg;
	u64 done = 0;
	int i, ret;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 addr = sg_dma_address(sg);
		u64 bytes = sg_dma_len(sg);

		if (off >= bytes) {
			off -= bytes;
			continue;
		}
		addr += off;
		bytes = min(bytes - off, len - done);
		off = 0;
		if (!bytes)
			break;
		/* An address is kept as a physical one, which may be the shorter */
		if (addr + (bytes - 1) > PHYS_ADDR_MAX)
			return -EOVERFLOW;
		ret = phyr_list_append_mmio(view, addr, bytes, gfp);
		if (ret)
			return ret;
		done += bytes;
	}
	return done;
}

/**
 * dma_phyr_view_sgtable - walk what a device sees of an sg_table as a mapping
 * @map: A mapping that is not in use.
 * @view: An empty list, for the addresses; it belongs to the mapping until that is gone.
 *	What was reserved for it is given back on error.
 * @sgt: The table, which somebody has mapped; it is neither changed nor needed any longer
 *	afterwards.
 * @off: Where the window begins, bytes from the start of what is mapped.
 * @len: Bytes in the window; if the table has fewer, those that there are.
 * @gfp: How to allocate for @view.
 *
 * The table remains mapped by whoever mapped it: dma_unmap_phyr() forgets the addresses
 * only, and phyr_list_release() of @view gives the storage back.  @view is a list of DMA
 * addresses and names no memory: it can be neither copied from nor mapped.
 *
 * Context: Any that @gfp allows.  On error everything is as it was.
 * Return:
 * * 0 - success
 * * %-ENODATA - nothing is mapped there, or @len is zero
 * * %-EBUSY - @map is in use, or @view is not empty
 * * %-EOVERFLOW - a DMA address does not fit a &phys_addr_t
 * * %-ENOMEM - no memory for @view
 */
int dma_phyr_view_sgtable(struct dma_phyr_map *map, struct phyr_list *view,
			  struct sg_table *sgt, u64 off, u64 len, gfp_t gfp)
{
	s64 bytes;
	int ret;

	if (WARN_ON_ONCE(map->path != DMA_PHYR_UNUSED) ||
	    WARN_ON_ONCE(phyr_list_bytes(view)))
		return -EBUSY;
	bytes = dma_phyr_view_window(view, sgt, off, len, gfp);
	ret = bytes < 0 ? bytes : dma_phyr_map_given(view, 0, bytes, map, 0);
	if (ret)
		phyr_list_release(view);
	return ret;
}
EXPORT_SYMBOL_GPL(dma_phyr_view_sgtable);

/* Where a walk for entries of an sg_table begins, the lengths of which are 32 bits */
static void dma_phyr_iter_init_entries(struct dma_phyr_iter *iter, const struct dma_phyr_map *map)
{
	dma_phyr_iter_init(iter, map);
	iter->max_len = min_t(u64, iter->max_len, SZ_2G);
}

/**
 * dma_phyr_to_sgtable - make an sg_table of what a device sees of a mapping
 * @map: The mapping; it has to stay as long as the table is in use.
 * @sgt: Memory that holds no table, no matter what is in it.
 * @gfp: How to allocate.
 *
 * For code that is not converted and reads DMA addresses only: the entries have
 * sg_dma_address() and sg_dma_len(), as dma_phyr_for_each() yields them, none longer than
 * 2 GiB, and neither a page nor anything else of the CPU's.  It is neither mapped nor
 * unmapped: sg_free_table() is all that ends it.
 *
 * Context: Any that @gfp allows.
 * Return:
 * * 0 - success
 * * %-ENODATA - @map is not in use
 * * %-E2BIG - there would be more entries than can be counted
 * * %-ENOMEM - no memory
 */
int dma_phyr_to_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt, gfp_t gfp)
{
	struct dma_phyr_iter iter;
	struct scatterlist *sg;
	struct dma_phyr range;
	u64 nr = 0;
	int ret;

	dma_phyr_iter_init_entries(&iter, map);
	while (dma_phyr_iter_next(&iter, &range))
		nr++;
	if (!nr)
		return -ENODATA;
	if (nr > UINT_MAX)
		return -E2BIG;
	ret = sg_alloc_table(sgt, nr, gfp);
	if (ret)
		return ret;
	sg = sgt->sgl;
	dma_phyr_iter_init_entries(&iter, map);
	while (dma_phyr_iter_next(&iter, &range)) {
		sg_dma_address(sg) = range.addr;
		sg_dma_len(sg) = range.len;
		sg = sg_next(sg);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_to_sgtable);

/**
 * dma_phyr_fill_sgtable - show what a device sees of a mapping in a table that is there
 * @map: The mapping; it has to stay as long as the table is in use.
 * @sgt: What sg_alloc_table() made, and nobody has mapped; sg_free_table() frees it as ever.
 *
 * As dma_phyr_to_sgtable(), for who cannot allocate any more: under a lock that is taken to
 * reclaim memory.  Entries are what is contiguous for the device, whatever its limits, and
 * none is longer than 2 GiB.  There are at most as many as the list has ranges if none of
 * these is longer than that, and nothing is bounced.  As behind dma_map_sgtable(), entries
 * that are not needed follow behind those in use, and the first of them has no length.
 *
 * Context: Any.
 * Return:
 * * 0 - success, nents of @sgt is how many entries are in use
 * * %-ENODATA - @map is not in use
 * * %-E2BIG - there is no room for all entries, and none is in use
 */
int dma_phyr_fill_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt)
{
	struct scatterlist *sg = sgt->sgl;
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	unsigned int nr = 0;

	sgt->nents = 0;
	dma_phyr_first_stretch(&iter, map);
	iter.max_len = SZ_2G;
	while (dma_phyr_iter_next(&iter, &range)) {
		if (nr == sgt->orig_nents)
			return -E2BIG;
		sg_dma_address(sg) = range.addr;
		sg_dma_len(sg) = range.len;
		sg = sg_next(sg);
		nr++;
	}
	if (!nr)
		return -ENODATA;
	if (sg)
		sg_dma_len(sg) = 0;
	sgt->nents = nr;
	return 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_fill_sgtable);
