// SPDX-License-Identifier: GPL-2.0
/*
 * Walking what a device sees of a mapped list.
 *
 * DMA addresses are computed while walking, from the list and from the little
 * that the mapping remembers.  The walk is in three steps: pieces, which are
 * contiguous both in memory and for the device; stretches, which are pieces
 * that follow on each other for the device; and what drivers see: stretches cut
 * to the limits of the device, or blocks of one size.
 */
#include <linux/bitops.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>

#include "paths.h"

static inline u64 dma_phyr_granule(const struct dma_phyr_map *map)
{
	return 1ULL << map->granule_shift;
}

/* Find out which piece of the window was moved next */
static void dma_phyr_next_moved(struct dma_phyr_iter *iter)
{
	const struct dma_phyr_moved *moved = iter->map->moved;
	struct phyr stretch;

	if (iter->map->flags & DMA_PHYR_MOVED_WHOLE) {
		iter->moved_pos = U64_MAX;
		iter->moved_end = U64_MAX;
	} else if (phyr_iter_next(&iter->where, &stretch)) {
		iter->moved_pos = stretch.addr;
		iter->moved_end = stretch.addr + stretch.len;
	} else if (iter->moved_end < moved->end) {
		iter->moved_pos = moved->pos;
		iter->moved_end = moved->end;
	} else {
		iter->moved_pos = U64_MAX;
		iter->moved_end = U64_MAX;
	}
}

/*
 * Begin to walk [@off, @off + @len) of the window, which must not reach beyond
 * it.  Only a walk from 0 knows DMA addresses, unless they are linear, and what
 * was moved, unless nothing was.
 */
void __dma_phyr_iter_init(struct dma_phyr_iter *iter, const struct dma_phyr_map *map,
			  u64 off, u64 len)
{
	iter->addr = 0;
	iter->len = 0;
	iter->max_len = U64_MAX;
	iter->boundary = U64_MAX;
	iter->align_mask = 0;
	iter->map = map;
	iter->range.len = 0;
	iter->pos = off;
	iter->dma = map->dma_base;
	iter->peer = NULL;
	iter->ahead.len = 0;
	iter->moved_pos = U64_MAX;
	iter->moved_end = U64_MAX;
	if (map->path == DMA_PHYR_UNUSED) {
		iter->mem.left = 0;
		return;
	}
	if (WARN_ON_ONCE(phyr_iter_init_window(&iter->mem, map->list, map->off + off, len)))
		iter->mem.left = 0;
	if (map->flags & DMA_PHYR_MOVED_WHOLE) {
		iter->moved_pos = 0;
		iter->moved_end = map->len;
	} else if (map->moved && !(map->flags & (DMA_PHYR_LINEAR | DMA_PHYR_CONTIGUOUS))) {
		phyr_iter_init(&iter->where, &map->moved->where);
		phyr_iter_init(&iter->to, &map->moved->to);
		iter->moved_end = 0;
		dma_phyr_next_moved(iter);
	}
}
EXPORT_SYMBOL_GPL(__dma_phyr_iter_init);

/* What the device takes at a time */
static inline void dma_phyr_iter_limit(struct dma_phyr_iter *iter, const struct dma_phyr_map *map)
{
	/* Also where somebody else gave the addresses */
	if (!map->dev)
		return;
	iter->max_len = dma_get_max_seg_size(map->dev);
	/* Not dma_get_seg_boundary(), whose "none" is 4 GiB on 32-bit machines */
	if (map->dev->dma_parms && map->dev->dma_parms->segment_boundary_mask)
		iter->boundary = map->dev->dma_parms->segment_boundary_mask;
	iter->align_mask = dma_get_min_align_mask(map->dev);
}

/**
 * dma_phyr_iter_init - begin to walk the DMA ranges of a mapping
 * @iter: Iterator.
 * @map: The mapping; if it is not in use there are no ranges.
 *
 * Context: Any.
 * Return: @iter.
 */
struct dma_phyr_iter *dma_phyr_iter_init(struct dma_phyr_iter *iter,
					 const struct dma_phyr_map *map)
{
	__dma_phyr_iter_init(iter, map, 0, map->len);
	dma_phyr_iter_limit(iter, map);
	return iter;
}
EXPORT_SYMBOL_GPL(dma_phyr_iter_init);

static bool dma_phyr_next_range(struct dma_phyr_iter *iter)
{
	const struct dma_phyr_map *map = iter->map;

	if (!phyr_iter_next(&iter->mem, &iter->range))
		return false;
	if (unlikely(map->peers)) {
		const struct phyr_run *run = iter->range.run;

		/* Asked for once a run */
		if (!iter->peer || iter->peer->provider != run->provider)
			iter->peer = dma_phyr_find_peer(map, run);
		if (dma_phyr_is_on_bus(iter->peer))
			return true;
	}
	/* Behind a partial granule the IOVA goes on with the next one */
	if (map->path == DMA_PHYR_IOMMU) {
		u64 granule = dma_phyr_granule(map);

		iter->dma = round_up((u64)iter->dma, granule) +
			    (iter->range.addr & (granule - 1));
	}
	return true;
}

static void dma_phyr_take_moved(struct dma_phyr_iter *iter, struct dma_phyr_piece *piece)
{
	const struct dma_phyr_map *map = iter->map;
	u64 len = map->len - iter->pos;
	struct phyr to;

	if (map->flags & DMA_PHYR_MOVED_WHOLE) {
		piece->to = map->moved_to + iter->pos;
	} else {
		phyr_iter_next(&iter->to, &to);
		piece->to = to.addr;
		len = to.len;
	}
	/* A walk of a part of the mapping may end before the piece does */
	piece->len = min(len, iter->range.len);
	piece->moved = true;
	switch (map->path) {
	case DMA_PHYR_DIRECT:
		piece->dma = phys_to_dma_unencrypted(map->dev, piece->to);
		break;
	case DMA_PHYR_IOMMU:
		piece->dma = round_down((u64)iter->dma, dma_phyr_granule(map)) +
			     (piece->to & (dma_phyr_granule(map) - 1));
		break;
	case DMA_PHYR_OPS:
		piece->dma = piece->to;
		break;
	}
}

static void dma_phyr_take_unmoved(struct dma_phyr_iter *iter, struct dma_phyr_piece *piece)
{
	const struct dma_phyr_map *map = iter->map;

	piece->moved = false;
	piece->to = 0;
	piece->len = min(iter->range.len, iter->moved_pos - iter->pos);
	if (dma_phyr_is_on_bus(iter->peer)) {
		piece->dma = iter->range.addr + iter->peer->bus_offset;
	} else if (map->path == DMA_PHYR_IOMMU) {
		piece->dma = iter->dma;
	} else if (iter->range.run->kind != PHYR_SYSTEM) {
		piece->dma = iter->range.addr;
	} else {
		piece->dma = phys_to_dma(map->dev, iter->range.addr);
		piece->len = dma_direct_phyr_span(map->dev, iter->range.addr, piece->len);
	}
}

/* The next piece of a mapping, false at its end */
bool dma_phyr_next_piece(struct dma_phyr_iter *iter, struct dma_phyr_piece *piece)
{
	if (!iter->range.len && !dma_phyr_next_range(iter))
		return false;

	piece->pos = iter->pos;
	piece->phys = iter->range.addr;
	piece->run = iter->range.run;
	piece->peer = iter->peer;
	if (iter->pos >= iter->moved_pos)
		dma_phyr_take_moved(iter, piece);
	else
		dma_phyr_take_unmoved(iter, piece);

	iter->pos += piece->len;
	if (!dma_phyr_is_on_bus(piece->peer))
		iter->dma += piece->len;
	iter->range.addr += piece->len;
	iter->range.len -= piece->len;
	if (iter->pos == iter->moved_end)
		dma_phyr_next_moved(iter);
	return true;
}

/*
 * The next stretch, where a constant leads to it.  Ranges that a list keeps
 * apart for its own reasons may follow on each other all the same, so one range
 * is read ahead.
 */
static inline bool dma_phyr_fill_linear(struct dma_phyr_iter *iter)
{
	struct phyr *ahead = &iter->range;
	phys_addr_t start;
	u64 len;

	if (!ahead->len && !phyr_iter_next(&iter->mem, ahead))
		return false;
	start = ahead->addr;
	len = ahead->len;
	for (;;) {
		if (!phyr_iter_next(&iter->mem, ahead)) {
			ahead->len = 0;
			break;
		}
		if (ahead->addr != start + len)
			break;
		len += ahead->len;
	}
	iter->addr = iter->map->dma_base + start;
	iter->len = len;
	return true;
}

/* The only stretch, where all of the window is one */
static inline bool dma_phyr_fill_contiguous(struct dma_phyr_iter *iter)
{
	if (!iter->mem.left)
		return false;
	iter->addr = iter->map->dma_first + iter->pos;
	iter->len = iter->mem.left;
	iter->mem.left = 0;
	return true;
}

/* The next stretch, piece by piece */
static noinline bool dma_phyr_fill_pieces(struct dma_phyr_iter *iter)
{
	const struct p2pdma_mapping *peer;
	struct dma_phyr_piece piece;

	if (!iter->mem.left && !iter->range.len && !iter->ahead.len)
		return false;

	if (iter->ahead.len) {
		iter->addr = iter->ahead.addr;
		iter->len = iter->ahead.len;
		peer = iter->ahead_peer;
		iter->ahead.len = 0;
	} else {
		dma_phyr_next_piece(iter, &piece);
		iter->addr = piece.dma;
		iter->len = piece.len;
		peer = piece.peer;
	}
	while (dma_phyr_next_piece(iter, &piece)) {
		/* What a transaction could not cross is not one, be it side by side */
		if (piece.dma != iter->addr + iter->len || piece.peer != peer) {
			iter->ahead.addr = piece.dma;
			iter->ahead.len = piece.len;
			iter->ahead_peer = piece.peer;
			break;
		}
		iter->len += piece.len;
	}
	return true;
}

/* The rest of dma_phyr_iter_next(): find the next contiguous stretch */
bool __dma_phyr_iter_fill(struct dma_phyr_iter *iter)
{
	if (iter->map->flags & DMA_PHYR_LINEAR)
		return dma_phyr_fill_linear(iter);
	if (iter->map->flags & DMA_PHYR_CONTIGUOUS)
		return dma_phyr_fill_contiguous(iter);
	return dma_phyr_fill_pieces(iter);
}
EXPORT_SYMBOL_GPL(__dma_phyr_iter_fill);

/* Walk to the piece that has byte @off, the rest of which is then ahead */
static noinline void dma_phyr_walk_to(struct dma_phyr_iter *iter, const struct dma_phyr_map *map,
				      u64 off)
{
	struct dma_phyr_piece piece;

	__dma_phyr_iter_init(iter, map, 0, map->len);
	do {
		if (!dma_phyr_next_piece(iter, &piece))
			return;
	} while (piece.pos + piece.len <= off);
	iter->ahead.addr = piece.dma + (off - piece.pos);
	iter->ahead.len = piece.len - (off - piece.pos);
	iter->ahead_peer = piece.peer;
}

/* Begin to walk what there is from byte @off on, without regard to what the device takes */
struct dma_phyr_iter *__dma_phyr_iter_init_from(struct dma_phyr_iter *iter,
						const struct dma_phyr_map *map, u64 off)
{
	if (off >= map->len) {
		__dma_phyr_iter_init(iter, map, 0, map->len);
		iter->mem.left = 0;
	} else if (map->flags & (DMA_PHYR_LINEAR | DMA_PHYR_CONTIGUOUS)) {
		__dma_phyr_iter_init(iter, map, off, map->len - off);
	} else {
		dma_phyr_walk_to(iter, map, off);
	}
	return iter;
}
EXPORT_SYMBOL_GPL(__dma_phyr_iter_init_from);

/**
 * dma_phyr_iter_init_from - begin to walk the DMA ranges of a part of a mapping
 * @iter: Iterator.
 * @map: The mapping; if it is not in use there are no ranges.
 * @off: The first byte, from the start of the mapped window; behind its end there are no
 *	ranges.
 *
 * Context: Any.
 * Return: @iter.
 */
struct dma_phyr_iter *dma_phyr_iter_init_from(struct dma_phyr_iter *iter,
					      const struct dma_phyr_map *map, u64 off)
{
	__dma_phyr_iter_init_from(iter, map, off);
	dma_phyr_iter_limit(iter, map);
	return iter;
}
EXPORT_SYMBOL_GPL(dma_phyr_iter_init_from);

static dma_addr_t dma_phyr_address_linear(const struct dma_phyr_map *map, u64 off)
{
	struct phyr_iter iter;
	struct phyr range;

	phyr_iter_init_window(&iter, map->list, map->off + off, 1);
	phyr_iter_next(&iter, &range);
	return map->dma_base + range.addr;
}

static dma_addr_t dma_phyr_address_walked(const struct dma_phyr_map *map, u64 off)
{
	struct dma_phyr_iter iter;

	dma_phyr_walk_to(&iter, map, off);
	return iter.ahead.addr;
}

/**
 * dma_phyr_address - where a device finds a byte of a mapping
 * @map: The mapping.
 * @off: Which byte, from the start of the mapped window.
 *
 * For tables that are addressed by an index.  Of bounced memory, and of peer-to-peer memory
 * among other, what is before it has to be walked.
 *
 * Context: Any.
 * Return: Its DMA address.  To ask for a byte that is not mapped is a bug of the caller;
 * it is %DMA_MAPPING_ERROR then.
 */
dma_addr_t dma_phyr_address(const struct dma_phyr_map *map, u64 off)
{
	if (WARN_ON_ONCE(off >= map->len))
		return DMA_MAPPING_ERROR;
	if (map->flags & DMA_PHYR_CONTIGUOUS)
		return map->dma_first + off;
	if (map->flags & DMA_PHYR_LINEAR)
		return dma_phyr_address_linear(map, off);
	return dma_phyr_address_walked(map, off);
}
EXPORT_SYMBOL_GPL(dma_phyr_address);

static noinline u64 dma_phyr_walk_boundaries(const struct dma_phyr_map *map)
{
	struct dma_phyr_iter iter;
	struct dma_phyr stretch;
	u64 boundaries = 0, pos = 0;

	dma_phyr_for_each_stretch(stretch, iter, map) {
		if (pos)
			boundaries |= stretch.addr;
		pos += stretch.len;
		if (pos < map->len)
			boundaries |= stretch.addr + stretch.len;
	}
	return boundaries;
}

/**
 * dma_phyr_boundaries - how well the stretches of a mapping are aligned
 * @map: The mapping.
 *
 * Return: A number whose lowest bit is that of the OR of the DMA addresses at which a
 * stretch begins, but for the first, and after which one ends, but for the last.  If it has
 * none of the bits below a power of two then the mapping can be told in blocks of that size
 * without a gap.  Higher bits mean nothing.  0 if it is contiguous, or not in use.  O(1) for
 * all of a list that is mapped directly.
 *
 * Context: Any.
 */
u64 dma_phyr_boundaries(const struct dma_phyr_map *map)
{
	if (map->flags & DMA_PHYR_CONTIGUOUS)
		return 0;
	/* A pagemap keeps ranges apart that follow on each other */
	if ((map->flags & DMA_PHYR_LINEAR) && !map->dma_base &&
	    map->len == map->list->bytes && !(map->list->attrs & PHYR_ATTR_PGMAP))
		return phyr_list_boundaries(map->list);
	return dma_phyr_walk_boundaries(map);
}
EXPORT_SYMBOL_GPL(dma_phyr_boundaries);

/**
 * dma_phyr_count - how many DMA ranges a mapping has
 * @map: The mapping.
 *
 * Context: Any.
 * Return: How many ranges dma_phyr_for_each() yields; 0 if it is not in use.
 */
u64 dma_phyr_count(const struct dma_phyr_map *map)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 count = 0;

	dma_phyr_for_each(range, iter, map)
		count++;
	return count;
}
EXPORT_SYMBOL_GPL(dma_phyr_count);

/* The blocks that hold @len bytes at @addr */
static inline void dma_phyr_take_stretch(struct dma_phyr_block_iter *iter, dma_addr_t addr,
					 u64 len)
{
	u64 mask = iter->size - 1;

	iter->next = addr & ~mask;
	iter->end = ((addr + (len - 1)) | mask) + 1;
}

/**
 * dma_phyr_block_iter_init - begin to walk a mapping in blocks
 * @iter: Iterator.
 * @map: The mapping; if it is not in use there are no blocks.
 * @block_size: Bytes, a power of two.
 *
 * Context: Any.
 * Return: @iter.
 */
struct dma_phyr_block_iter *dma_phyr_block_iter_init(struct dma_phyr_block_iter *iter,
						     const struct dma_phyr_map *map,
						     u64 block_size)
{
	iter->next = 0;
	iter->end = 0;
	iter->word = NULL;
	iter->word_end = NULL;
	iter->packed_mask = 0;
	iter->dma.map = map;
	iter->dma.mem.left = 0;
	iter->dma.range.len = 0;
	iter->dma.ahead.len = 0;
	/* Not is_power_of_2(), which takes an unsigned long */
	if (WARN_ON_ONCE(!block_size || (block_size & (block_size - 1))))
		return iter;
	iter->size = block_size;
	iter->shift = __ffs64(block_size);
	if (map->flags & DMA_PHYR_CONTIGUOUS) {
		dma_phyr_take_stretch(iter, map->dma_first, map->len);
	} else if (map->flags & DMA_PHYR_LINEAR) {
		/* All that walking one of these looks at */
		iter->dma_base = map->dma_base;
		if (block_size > PHYR_GRANULE_SIZE && !(map->dma_base & (block_size - 1)))
			iter->packed_blocks = phyr_packed_blocks(iter->shift, &iter->packed_mask);
		phyr_iter_init_window(&iter->dma.mem, map->list, map->off, map->len);
	} else {
		__dma_phyr_iter_init(&iter->dma, map, 0, map->len);
	}
	return iter;
}
EXPORT_SYMBOL_GPL(dma_phyr_block_iter_init);

/*
 * Whole blocks where a constant leads to them: nothing before or after them can share
 * one, so there is no need to look at what follows.
 */
static inline bool dma_phyr_take_whole_blocks(struct dma_phyr_block_iter *iter,
					      phys_addr_t addr, u64 len)
{
	if (((iter->dma_base + addr) | len) & (iter->size - 1))
		return false;
	iter->next = iter->dma_base + addr;
	iter->end = iter->next + len;
	return true;
}

/*
 * Such blocks, of a range of any form.  Scattered pages that follow, and are a block
 * each, can be read from the list one by one.
 */
static bool dma_phyr_fill_whole_blocks(struct dma_phyr_block_iter *iter)
{
	struct dma_phyr_iter *dma = &iter->dma;
	u64 nr = 0;

	if (iter->word)
		phyr_iter_take_singles(&dma->mem, iter->word - dma->mem.word);
	iter->word = NULL;
	iter->word_end = NULL;
	if (!dma->range.len && !phyr_iter_next(&dma->mem, &dma->range))
		return false;
	if (!dma_phyr_take_whole_blocks(iter, dma->range.addr, dma->range.len))
		return false;
	dma->range.len = 0;
	/* They are as aligned as their words are, if the constant is */
	if (iter->size == PHYR_GRANULE_SIZE && iter->end - iter->next == iter->size &&
	    !(iter->dma_base & PHYR_GRANULE_MASK))
		nr = phyr_iter_peek_singles(&dma->mem, &iter->word, U64_MAX);
	iter->word_end = iter->word + nr;
	return true;
}

static bool dma_phyr_fill_blocks(struct dma_phyr_block_iter *iter)
{
	if (iter->dma.map->flags & DMA_PHYR_LINEAR) {
		if (dma_phyr_fill_whole_blocks(iter))
			return true;
		if (!dma_phyr_fill_linear(&iter->dma))
			return false;
	} else if (!dma_phyr_fill_pieces(&iter->dma)) {
		return false;
	}
	dma_phyr_take_stretch(iter, iter->dma.addr, iter->dma.len);
	return true;
}

/* Yield the first block of what was found */
static inline bool dma_phyr_take_block(struct dma_phyr_block_iter *iter)
{
	iter->addr = iter->next;
	iter->next += iter->size;
	return true;
}

/* Large pages, mostly, which a word each is enough for */
static inline bool dma_phyr_fill_packed_blocks(struct dma_phyr_block_iter *iter)
{
	u64 addr, len;

	if (!iter->packed_mask || (iter->dma.range.len | iter->dma.mem.skip) ||
	    !phyr_iter_next_blocks(&iter->dma.mem, iter->packed_mask, iter->packed_blocks, &addr,
				   &len))
		return false;
	iter->next = iter->dma_base + addr;
	iter->end = iter->next + len;
	return true;
}

static noinline bool dma_phyr_fill_any_blocks(struct dma_phyr_block_iter *iter)
{
	struct dma_phyr_iter *dma = &iter->dma;

	if (iter->packed_mask && dma->mem.left && dma->mem.word == dma->mem.end) {
		__phyr_iter_enter_chunk(&dma->mem);
		if (dma_phyr_fill_packed_blocks(iter))
			return dma_phyr_take_block(iter);
	}
	return dma_phyr_fill_blocks(iter) && dma_phyr_take_block(iter);
}

/* The rest of dma_phyr_block_iter_next(): find the next contiguous stretch */
bool __dma_phyr_block_iter_fill(struct dma_phyr_block_iter *iter)
{
	if (dma_phyr_fill_packed_blocks(iter))
		return dma_phyr_take_block(iter);
	if (!iter->dma.mem.left && !iter->dma.range.len && !iter->dma.ahead.len)
		return false;
	return dma_phyr_fill_any_blocks(iter);
}
EXPORT_SYMBOL_GPL(__dma_phyr_block_iter_fill);

/**
 * dma_phyr_count_blocks - how many blocks of a size hold a mapping
 * @map: The mapping.
 * @block_size: Bytes, a power of two.
 *
 * Context: Any.
 * Return: How many blocks dma_phyr_for_each_block() yields; 0 if it is not in use.
 */
u64 dma_phyr_count_blocks(const struct dma_phyr_map *map, u64 block_size)
{
	struct dma_phyr_block_iter iter;
	u64 count;

	dma_phyr_block_iter_init(&iter, map, block_size);
	count = (iter.end - iter.next) >> iter.shift;
	while (__dma_phyr_block_iter_fill(&iter))
		count += 1 + ((iter.end - iter.next) >> iter.shift);
	return count;
}
EXPORT_SYMBOL_GPL(dma_phyr_count_blocks);

/**
 * dma_phyr_best_block_size - the largest block size that suits a mapping
 * @map: The mapping.
 * @sizes: The sizes to choose from: bit n says that 2^n bytes is one.
 * @dev_addr: The address by which the device will name the first byte, in its
 *	own address space.
 *
 * With blocks of this size, or smaller, all blocks are full but for the first
 * and the last, and in each of them a byte has the same offset in the device's
 * address space as it has in DMA addresses.  A block is not larger than what the
 * buffer needs.
 *
 * Context: Any.
 * Return: The size in bytes, or 0 if none of @sizes will do.
 */
u64 dma_phyr_best_block_size(const struct dma_phyr_map *map, u64 sizes, u64 dev_addr)
{
	struct dma_phyr_iter iter;
	u64 misaligned = 0, pos = 0;
	unsigned int bits;

	if (map->path == DMA_PHYR_UNUSED)
		return 0;

	__dma_phyr_iter_init(&iter, map, 0, map->len);
	while (__dma_phyr_iter_fill(&iter)) {
		/* Both ends of a stretch are block boundaries, but for the outermost */
		misaligned |= (u64)iter.addr ^ (dev_addr + pos);
		if (pos)
			misaligned |= iter.addr;
		pos += iter.len;
		if (pos < map->len)
			misaligned |= iter.addr + iter.len;
	}
	if (misaligned)
		sizes &= (misaligned & -misaligned) | ((misaligned & -misaligned) - 1);
	/* The smallest size that could hold all of it is as large as is useful */
	bits = fls64(dev_addr ^ (dev_addr + map->len - 1));
	if (bits < 64 && sizes >> bits)
		sizes &= (1ULL << bits << __ffs64(sizes >> bits) << 1) - 1;
	return sizes ? 1ULL << (fls64(sizes) - 1) : 0;
}
EXPORT_SYMBOL_GPL(dma_phyr_best_block_size);
