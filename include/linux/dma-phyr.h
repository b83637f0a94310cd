/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA mapping of physical range lists.
 *
 * Here live the mapping that a driver embeds, the calls that map a list, and
 * the iterators over what the device sees of it.  The list itself is described
 * in <linux/phyr.h>, those who implement a path find more in
 * <linux/dma-phyr-ops.h>.  See Documentation/core-api/phyr.rst.
 */
#ifndef _LINUX_DMA_PHYR_H
#define _LINUX_DMA_PHYR_H

#include <linux/atomic.h>
#include <linux/dma-direction.h>
#include <linux/errno.h>
#include <linux/phyr.h>
#include <linux/types.h>

struct device;
struct dma_phyr_moved;
struct dma_phyr_peer;
struct p2pdma_mapping;
struct sg_table;

/**
 * struct dma_phyr_map - a list, or a window of one, mapped for a device
 *
 * Embed it in what lives as long as the mapping, a request for example. Zeroed
 * memory is a mapping not in use, and so is what dma_phyr_map_init() leaves. It
 * remembers all that unmapping needs.  All members are private.
 */
struct dma_phyr_map {
	/* private: */
	const struct phyr_list	*list;
	struct device		*dev;
	u64			off;		/* window of the list, bytes */
	u64			len;
	dma_addr_t		dma_base;	/* see enum dma_phyr_path */
	dma_addr_t		dma_first;	/* of the first byte, if all is contiguous */
	u64			iova_len;	/* mapped in the IOMMU, bytes */
	dma_addr_t		iova_block;	/* what was allocated for it */
	u64			iova_block_len;
	u64			iova_align;	/* asked for, 0: nothing was */
	unsigned long		attrs;
	struct dma_phyr_moved	*moved;		/* what is not where the list says */
	u64			moved_to;	/* if that is one piece, where it is */
	struct dma_phyr_peer	*peers;		/* how P2P memory is reached */
	void			(*invalidate)(struct dma_phyr_map *map);
	atomic_t		told;		/* that P2P memory is taken back */
	u8			path;
	u8			dir;
	u8			flags;
	u8			granule_shift;	/* of the IOMMU */
};

/**
 * struct dma_phyr - a range of addresses as the device sees them
 * @addr: DMA address of the first byte.
 * @len: Bytes, never zero.
 */
struct dma_phyr {
	dma_addr_t		addr;
	u64			len;
};

/**
 * struct dma_phyr_iter - walks the DMA ranges of a mapping
 *
 * Lives on the stack.  Neither the mapping nor its list may change meanwhile.
 * All members are private.
 */
struct dma_phyr_iter {
	/* private: the rest of a contiguous stretch, yet to be cut */
	dma_addr_t		addr;
	u64			len;
	u64			max_len;
	u64			boundary;
	u64			align_mask;
	/* private: where the walk is */
	const struct dma_phyr_map *map;
	struct phyr_iter	mem;
	struct phyr		range;		/* the rest of it */
	u64			pos;		/* of that rest in the window */
	dma_addr_t		dma;		/* of that rest */
	const struct p2pdma_mapping *peer;	/* of the rest */
	struct dma_phyr		ahead;		/* seen, but not part of the stretch */
	const struct p2pdma_mapping *ahead_peer;
	/* private: what was moved, from @pos on */
	struct phyr_iter	where;
	struct phyr_iter	to;
	u64			moved_pos;
	u64			moved_end;
};

/**
 * dma_phyr_map_init - make a mapping that is not in use
 * @map: The mapping.
 *
 * Context: Any.
 */
static inline void dma_phyr_map_init(struct dma_phyr_map *map)
{
	*map = (struct dma_phyr_map) {};
}

#ifdef CONFIG_DMA_PHYR
int dma_map_phyr_window(struct device *dev, const struct phyr_list *list, u64 off, u64 len,
			struct dma_phyr_map *map, enum dma_data_direction dir,
			unsigned long attrs);
void dma_unmap_phyr(struct dma_phyr_map *map);
void dma_sync_phyr_for_cpu(struct dma_phyr_map *map, u64 off, u64 len);
void dma_sync_phyr_for_device(struct dma_phyr_map *map, u64 off, u64 len);

int dma_phyr_map_given(const struct phyr_list *list, u64 off, u64 len,
		       struct dma_phyr_map *map, dma_addr_t base);
int dma_phyr_view_sgtable(struct dma_phyr_map *map, struct phyr_list *view,
			  struct sg_table *sgt, u64 off, u64 len, gfp_t gfp);
int dma_phyr_to_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt, gfp_t gfp);
int dma_phyr_fill_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt);

int dma_phyr_map_reserve(struct dma_phyr_map *map, struct device *dev,
			 const struct phyr_list *list, gfp_t gfp);
void dma_phyr_map_destroy(struct dma_phyr_map *map);
int dma_phyr_map_set_iova_align(struct dma_phyr_map *map, u64 align);
int dma_phyr_map_set_invalidate(struct dma_phyr_map *map,
				void (*invalidate)(struct dma_phyr_map *map));
const char *dma_phyr_map_path(const struct dma_phyr_map *map);
const char *dma_phyr_run_path(const struct dma_phyr_map *map, const struct phyr_run *run);

struct dma_phyr_iter *dma_phyr_iter_init(struct dma_phyr_iter *iter,
					 const struct dma_phyr_map *map);
void __dma_phyr_iter_init(struct dma_phyr_iter *iter, const struct dma_phyr_map *map,
			  u64 off, u64 len);
struct dma_phyr_iter *dma_phyr_iter_init_from(struct dma_phyr_iter *iter,
					      const struct dma_phyr_map *map, u64 off);
struct dma_phyr_iter *__dma_phyr_iter_init_from(struct dma_phyr_iter *iter,
						const struct dma_phyr_map *map, u64 off);
bool __dma_phyr_iter_fill(struct dma_phyr_iter *iter);
dma_addr_t dma_phyr_address(const struct dma_phyr_map *map, u64 off);
u64 dma_phyr_boundaries(const struct dma_phyr_map *map);
u64 dma_phyr_count(const struct dma_phyr_map *map);
u64 dma_phyr_count_blocks(const struct dma_phyr_map *map, u64 block_size);
u64 dma_phyr_best_block_size(const struct dma_phyr_map *map, u64 sizes, u64 dev_addr);
#else
/* Without DMA nothing can be mapped, and so no mapping has any ranges */
static inline int dma_map_phyr_window(struct device *dev, const struct phyr_list *list,
				      u64 off, u64 len, struct dma_phyr_map *map,
				      enum dma_data_direction dir, unsigned long attrs)
{
	return -EIO;
}

static inline void dma_unmap_phyr(struct dma_phyr_map *map)
{
}

static inline void dma_sync_phyr_for_cpu(struct dma_phyr_map *map, u64 off, u64 len)
{
}

static inline void dma_sync_phyr_for_device(struct dma_phyr_map *map, u64 off, u64 len)
{
}

static inline int dma_phyr_map_given(const struct phyr_list *list, u64 off, u64 len,
				     struct dma_phyr_map *map, dma_addr_t base)
{
	return -EIO;
}

static inline int dma_phyr_view_sgtable(struct dma_phyr_map *map, struct phyr_list *view,
					struct sg_table *sgt, u64 off, u64 len, gfp_t gfp)
{
	return -EIO;
}

static inline int dma_phyr_to_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt,
				      gfp_t gfp)
{
	return -EIO;
}

static inline int dma_phyr_fill_sgtable(const struct dma_phyr_map *map, struct sg_table *sgt)
{
	return -EIO;
}

static inline int dma_phyr_map_reserve(struct dma_phyr_map *map, struct device *dev,
				       const struct phyr_list *list, gfp_t gfp)
{
	return -EIO;
}

static inline void dma_phyr_map_destroy(struct dma_phyr_map *map)
{
}

static inline int dma_phyr_map_set_iova_align(struct dma_phyr_map *map, u64 align)
{
	return 0;
}

static inline int dma_phyr_map_set_invalidate(struct dma_phyr_map *map,
					      void (*invalidate)(struct dma_phyr_map *map))
{
	return 0;
}

static inline const char *dma_phyr_map_path(const struct dma_phyr_map *map)
{
	return "not in use";
}

static inline const char *dma_phyr_run_path(const struct dma_phyr_map *map,
					    const struct phyr_run *run)
{
	return "not in use";
}

static inline struct dma_phyr_iter *dma_phyr_iter_init(struct dma_phyr_iter *iter,
						       const struct dma_phyr_map *map)
{
	iter->len = 0;
	return iter;
}

static inline void __dma_phyr_iter_init(struct dma_phyr_iter *iter,
					const struct dma_phyr_map *map, u64 off, u64 len)
{
	iter->len = 0;
}

static inline struct dma_phyr_iter *dma_phyr_iter_init_from(struct dma_phyr_iter *iter,
							    const struct dma_phyr_map *map, u64 off)
{
	iter->len = 0;
	return iter;
}

static inline struct dma_phyr_iter *
__dma_phyr_iter_init_from(struct dma_phyr_iter *iter, const struct dma_phyr_map *map, u64 off)
{
	iter->len = 0;
	return iter;
}

static inline bool __dma_phyr_iter_fill(struct dma_phyr_iter *iter)
{
	return false;
}

static inline dma_addr_t dma_phyr_address(const struct dma_phyr_map *map, u64 off)
{
	return 0;
}

static inline u64 dma_phyr_boundaries(const struct dma_phyr_map *map)
{
	return 0;
}

static inline u64 dma_phyr_count(const struct dma_phyr_map *map)
{
	return 0;
}

static inline u64 dma_phyr_count_blocks(const struct dma_phyr_map *map, u64 block_size)
{
	return 0;
}

static inline u64 dma_phyr_best_block_size(const struct dma_phyr_map *map, u64 sizes,
					   u64 dev_addr)
{
	return 0;
}
#endif /* CONFIG_DMA_PHYR */

/**
 * dma_map_phyr - map a list for a device
 * @dev: The device.
 * @list: The list.  It may be mapped for other devices and more than once; it
 *	has to live and must not change until the mapping is gone.
 * @map: A mapping that is not in use.
 * @dir: Which way the data will go.
 * @attrs: DMA_ATTR_*, as for dma_map_sgtable().
 *
 * Whatever memory the list names, and however the device reaches it, afterwards
 * the DMA ranges can be walked with dma_phyr_for_each() or in blocks with
 * dma_phyr_for_each_block(), and dma_unmap_phyr() undoes it.  From here to there
 * the memory belongs to the device; see dma_sync_phyr_for_cpu().
 *
 * Context: Any, as dma_map_sg(): locks may be held.  Where something has to be
 * stored for a range (see dma_phyr_map_reserve()) it is tried with GFP_ATOMIC.
 * On error everything is as it was.
 * Return:
 * * 0 - success
 * * %-ENODATA - the list is empty
 * * %-EINVAL - @dir or @attrs is none that there is; or ranges meet at addresses
 *   that the device's minimum alignment (dma_set_min_align_mask()) does not
 *   allow, or that is larger than the IOMMU can keep or than segments can be
 * * %-EBUSY - @map is in use
 * * %-EIO - the device has no DMA mask, or its &struct dma_map_ops failed
 * * %-EADDRNOTAVAIL - memory is out of the device's reach and there are no
 *   bounce buffers, or none that it reaches; or it must not see what else is in a
 *   granule of the IOMMU, and there are none; or the bus address of a peer is out of its
 *   reach, or a peer is behind the host bridge and the device is to be bounced
 * * %-ENXIO - the device's &struct dma_map_ops can map only memory with a struct
 *   page
 * * %-E2BIG - longer than all IOVA that the device could have
 * * %-ENOSPC - no IOVA space is left; may succeed later
 * * %-ENOBUFS - no bounce buffer is left; may succeed later
 * * %-ENOMEM - no memory; may succeed later
 * * %-EREMOTEIO - the device cannot reach some of the peer-to-peer memory, or nobody
 *   knows that it could; debugfs tells why, and the log did when that was found out
 * * %-EACCES - the exporter of peer-to-peer memory does not let the device have it
 * * %-ENODEV - the provider of peer-to-peer memory is revoked or gone, or the device is
 *   not registered (any more)
 * * %-EOVERFLOW - something had to be stored that a &phys_addr_t cannot hold
 * * another errno of the IOMMU driver
 */
static inline int dma_map_phyr(struct device *dev, const struct phyr_list *list,
			       struct dma_phyr_map *map, enum dma_data_direction dir,
			       unsigned long attrs)
{
	return dma_map_phyr_window(dev, list, 0, phyr_list_bytes(list), map, dir, attrs);
}

/**
 * dma_phyr_start - where a mapping begins
 * @map: The mapping.
 *
 * Context: Any.
 * Return: The DMA address of its first byte.
 */
static inline dma_addr_t dma_phyr_start(const struct dma_phyr_map *map)
{
	return dma_phyr_address(map, 0);
}

/**
 * dma_phyr_map_head - the beginning of a mapping, to be walked as if it were all
 * @head: What may be given to walks, while @map is in use, and to nothing else.
 * @map: The mapping.
 * @len: Bytes from its start, not more than it has.
 *
 * Context: Any.
 */
static inline void dma_phyr_map_head(struct dma_phyr_map *head, const struct dma_phyr_map *map,
				     u64 len)
{
	*head = *map;
	head->len = len;
}

/**
 * dma_phyr_iter_next - the next DMA range of a walk
 * @iter: Iterator.
 * @range: Where to store the range.
 *
 * Context: Any.
 * Return: False at the end, and @range is as it was.
 */
static inline bool dma_phyr_iter_next(struct dma_phyr_iter *iter, struct dma_phyr *range)
{
	u64 len, room;

	if (!iter->len && !__dma_phyr_iter_fill(iter))
		return false;
	len = min(iter->len, iter->max_len);
	room = iter->boundary - (iter->addr & iter->boundary);
	if (len - 1 > room)
		len = room + 1;
	/* A cut must not make a range begin where the device can't begin one */
	if (len < iter->len && iter->align_mask) {
		dma_addr_t end = (iter->addr + len) & ~(dma_addr_t)iter->align_mask;

		if (end > iter->addr)
			len = end - iter->addr;
	}
	range->addr = iter->addr;
	range->len = len;
	iter->addr += len;
	iter->len -= len;
	return true;
}

/**
 * dma_phyr_for_each - walk the DMA ranges of a mapping
 * @range: A struct dma_phyr.
 * @iter: A struct dma_phyr_iter.
 * @map: The mapping.
 *
 * Each range is one segment for the device: no longer than
 * dma_get_max_seg_size(), across no boundary of dma_get_seg_boundary(), and cut
 * only where dma_get_min_align_mask() allows.  There are dma_phyr_count() of
 * them.
 */
#define dma_phyr_for_each(range, iter, map)					\
	for (struct dma_phyr_iter *__iter = dma_phyr_iter_init(&(iter), map);	\
	     dma_phyr_iter_next(__iter, &(range));)

/**
 * dma_phyr_for_each_from - walk the DMA ranges of a part of a mapping
 * @range: A struct dma_phyr.
 * @iter: A struct dma_phyr_iter.
 * @map: The mapping.
 * @off: The first byte, from the start of the mapped window.
 *
 * As dma_phyr_for_each(), but lengths count from @off on, so ranges may be cut elsewhere.
 * What is before @off is only walked where dma_phyr_address() has to.
 */
#define dma_phyr_for_each_from(range, iter, map, off)				\
	for (struct dma_phyr_iter *__iter = dma_phyr_iter_init_from(&(iter), map, off);	\
	     dma_phyr_iter_next(__iter, &(range));)

/* The first step of dma_phyr_for_each_stretch(), and the next ones */
static inline struct dma_phyr_iter *dma_phyr_first_stretch(struct dma_phyr_iter *iter,
							   const struct dma_phyr_map *map)
{
	__dma_phyr_iter_init(iter, map, 0, map->len);
	return iter;
}

static inline bool dma_phyr_next_stretch(struct dma_phyr_iter *iter, struct dma_phyr *stretch)
{
	if (!__dma_phyr_iter_fill(iter))
		return false;
	stretch->addr = iter->addr;
	stretch->len = iter->len;
	return true;
}

/**
 * dma_phyr_for_each_stretch - walk what is contiguous for the device
 * @stretch: A struct dma_phyr.
 * @iter: A struct dma_phyr_iter.
 * @map: The mapping.
 *
 * For who cuts by himself: no limit of the device is applied.  Where one stretch ends
 * the next does not begin, unless the bus has to keep them apart.
 */
#define dma_phyr_for_each_stretch(stretch, iter, map)				\
	for (struct dma_phyr_iter *__iter = dma_phyr_first_stretch(&(iter), map);	\
	     dma_phyr_next_stretch(__iter, &(stretch));)

/**
 * dma_phyr_for_each_stretch_from - walk what is contiguous in a part of a mapping
 * @stretch: A struct dma_phyr.
 * @iter: A struct dma_phyr_iter.
 * @map: The mapping.
 * @off: The first byte, from the start of the mapped window.
 *
 * What is before @off is only walked where dma_phyr_address() has to.
 */
#define dma_phyr_for_each_stretch_from(stretch, iter, map, off)			\
	for (struct dma_phyr_iter *__iter = __dma_phyr_iter_init_from(&(iter), map, off);	\
	     dma_phyr_next_stretch(__iter, &(stretch));)

/**
 * struct dma_phyr_block_iter - walks the DMA addresses of blocks of one size
 * @addr: DMA address of the block yielded last, a multiple of the size.
 *
 * All other members are private.
 */
struct dma_phyr_block_iter {
	dma_addr_t		addr;
	/* private: */
	dma_addr_t		next;
	dma_addr_t		end;		/* of this stretch, and behind it ... */
	const u64		*word;		/* ... blocks that are a range each */
	const u64		*word_end;
	dma_addr_t		dma_base;	/* of these */
	u64			packed_mask;	/* what tells words that are whole blocks */
	u64			packed_blocks;
	u64			size;
	unsigned int		shift;		/* of the size */
	struct dma_phyr_iter	dma;
};

#ifdef CONFIG_DMA_PHYR
struct dma_phyr_block_iter *dma_phyr_block_iter_init(struct dma_phyr_block_iter *iter,
						     const struct dma_phyr_map *map,
						     u64 block_size);
bool __dma_phyr_block_iter_fill(struct dma_phyr_block_iter *iter);
#else
static inline struct dma_phyr_block_iter *
dma_phyr_block_iter_init(struct dma_phyr_block_iter *iter, const struct dma_phyr_map *map,
			 u64 block_size)
{
	iter->next = 0;
	iter->end = 0;
	iter->word = NULL;
	iter->word_end = NULL;
	return iter;
}

static inline bool __dma_phyr_block_iter_fill(struct dma_phyr_block_iter *iter)
{
	return false;
}
#endif

/*
 * What changes from block to block of dma_phyr_for_each_block(), apart from the iterator
 * so that it can live in registers
 */
struct dma_phyr_block_cursor {
	dma_addr_t			next;
	dma_addr_t			end;
	const u64			*word;
	const u64			*word_end;
	struct dma_phyr_block_iter	*iter;
};

static __always_inline struct dma_phyr_block_cursor
dma_phyr_block_cursor(struct dma_phyr_block_iter *iter)
{
	return (struct dma_phyr_block_cursor) {
		.next = iter->next,
		.end = iter->end,
		.word = iter->word,
		.word_end = iter->word_end,
		.iter = iter,
	};
}

/* As dma_phyr_block_iter_init() */
static __always_inline struct dma_phyr_block_cursor
dma_phyr_block_cursor_init(struct dma_phyr_block_iter *iter, const struct dma_phyr_map *map,
			   u64 block_size)
{
	dma_phyr_block_iter_init(iter, map, block_size);
	return dma_phyr_block_cursor(iter);
}

/* As dma_phyr_block_iter_next(), but that of the iterator only the address is kept up */
static __always_inline bool dma_phyr_block_cursor_next(struct dma_phyr_block_cursor *cursor)
{
	struct dma_phyr_block_iter *iter = cursor->iter;

	if (likely(cursor->word != cursor->word_end)) {
		if (likely(!(*cursor->word & PHYR_SINGLE_MASK))) {
			iter->addr = iter->dma_base + (*cursor->word++ >> PHYR_GRANULE_SHIFT);
			return true;
		}
	} else if (likely(cursor->next != cursor->end)) {
		iter->addr = cursor->next;
		cursor->next += iter->size;
		return true;
	}
	iter->word = cursor->word;
	if (!__dma_phyr_block_iter_fill(iter))
		return false;
	*cursor = dma_phyr_block_cursor(iter);
	return true;
}

/**
 * dma_phyr_block_iter_next - the next block of a walk
 * @iter: Iterator; @iter->addr is the address of the block.
 *
 * Context: Any.
 * Return: False at the end.
 */
static inline bool dma_phyr_block_iter_next(struct dma_phyr_block_iter *iter)
{
	struct dma_phyr_block_cursor cursor = dma_phyr_block_cursor(iter);

	if (!dma_phyr_block_cursor_next(&cursor))
		return false;
	iter->next = cursor.next;
	iter->word = cursor.word;
	return true;
}

/**
 * dma_phyr_for_each_block - walk a mapping in blocks of one size
 * @iter: A struct dma_phyr_block_iter; @iter.addr is the block's DMA address.
 * @map: The mapping.
 * @block_size: Bytes, a power of two.
 *
 * Yields the naturally aligned blocks that hold the mapping, stretch by
 * contiguous stretch, without regard to segment limits: the page list of a NIC.
 * Only the first block may hold bytes before the mapping and only the last such
 * behind it if @block_size is dma_phyr_best_block_size() or smaller.
 */
#define dma_phyr_for_each_block(iter, map, block_size)				\
	for (struct dma_phyr_block_cursor __cursor =				\
		     dma_phyr_block_cursor_init(&(iter), map, block_size);	\
	     dma_phyr_block_cursor_next(&__cursor);)

#endif /* _LINUX_DMA_PHYR_H */
