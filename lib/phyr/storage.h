/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of lib/phyr share: how to append to a list's storage, and how
 * to take back what an append that failed half-way has done.  Not for anyone
 * outside lib/phyr.
 */
#ifndef _LIB_PHYR_STORAGE_H
#define _LIB_PHYR_STORAGE_H

#include <linux/limits.h>
#include <linux/phyr.h>

/*
 * What a list was before a change of many steps.  phyr_mark_restore() makes it
 * that again and frees the chunks that were added meanwhile.
 */
struct phyr_mark {
	struct phyr_list	list;
	struct phyr_chunk	*chain_end;
	u16			last_nr_words;
	u64			last_word;
};

void phyr_mark_take(struct phyr_mark *mark, const struct phyr_list *list);
void phyr_mark_restore(const struct phyr_mark *mark, struct phyr_list *list);

/* What is added in bulk to fewer bytes than these does not make the list too long */
#define PHYR_BULK_MAX_BYTES	BIT_ULL(62)

static inline bool phyr_run_equal(const struct phyr_run *a, const struct phyr_run *b)
{
	return a->kind == b->kind && a->attrs == b->attrs && a->provider == b->provider;
}

static inline struct phyr_run phyr_last_run(const struct phyr_list *list)
{
	return (struct phyr_run) {
		.provider	= list->last_provider,
		.kind		= list->last_kind,
		.attrs		= list->last_attrs,
	};
}

/* The word for whole granules that a word has room for */
static inline u64 phyr_pack_granules(u64 addr, u64 len)
{
	return addr << (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT) |
		((len >> PHYR_GRANULE_SHIFT) - 1) << PHYR_PACKED_COUNT_SHIFT;
}

/*
 * Appending many ranges of system memory, whole granules each, which is what
 * buffers are full of: as long as a range begins a new word of the same run, in
 * the same chunk, all there is to do is done in registers.  Everything else is
 * for phyr_append(), after phyr_bulk_end().
 *
 * It is for the caller that there are no more than phyr_bulk_room() of them, that none
 * follows on the one before, that none is longer than PHYR_PACKED_MAX_LEN, and to tell in
 * the end how many bytes it were.
 */
struct phyr_bulk {
	u64	*word;
	u64	*end;
	u64	last_end;		/* of the last range */
	u64	boundaries;
	u64	lowest;
	u64	highest;
};

/* False if a range at @addr cannot follow on the last one in this way */
static inline bool phyr_bulk_begin(struct phyr_bulk *bulk, const struct phyr_list *list,
				   const struct phyr_run *run, u64 addr)
{
	struct phyr_run last_run = phyr_last_run(list);
	struct phyr_chunk *chunk = list->last;

	if (!chunk || list->last_words != 1 || list->tail || run->kind != PHYR_SYSTEM ||
	    list->bytes >= PHYR_BULK_MAX_BYTES || !phyr_run_equal(&last_run, run))
		return false;
	bulk->word = chunk->words + chunk->nr_words;
	bulk->end = chunk->words + chunk->max_words;
	bulk->last_end = phyr_packed_addr(bulk->word[-1]) + phyr_packed_len(bulk->word[-1]);
	if (bulk->last_end == addr)
		return false;
	bulk->boundaries = 0;
	bulk->lowest = U64_MAX;
	bulk->highest = 0;
	return true;
}

static inline unsigned int phyr_bulk_room(const struct phyr_bulk *bulk)
{
	return bulk->end - bulk->word;
}

static __always_inline void phyr_bulk_append(struct phyr_bulk *bulk, u64 addr, u64 len)
{
	*bulk->word++ = phyr_pack_granules(addr, len);
	bulk->boundaries |= bulk->last_end | addr;
	bulk->last_end = addr + len;
	bulk->lowest = min(bulk->lowest, addr);
	bulk->highest = max(bulk->highest, addr + (len - 1));
}

/* False if an address was too high for all this; then the list is as it was */
static inline bool phyr_bulk_end(struct phyr_bulk *bulk, struct phyr_list *list, u64 bytes)
{
	unsigned int nr = bulk->word - list->last->words;

	if (bulk->highest >= PHYR_PACKED_ADDR_LIMIT)
		return false;
	list->nr_ranges += nr - list->last->nr_words;
	list->last->nr_words = nr;
	list->bytes += bytes;
	list->boundaries |= bulk->boundaries;
	list->lowest = min_t(phys_addr_t, list->lowest, bulk->lowest);
	list->highest = max_t(phys_addr_t, list->highest, bulk->highest);
	return true;
}

/*
 * Append @len bytes at @addr of the kind that @run tells.  With @merge they
 * become part of the last range if they follow on it.
 */
int phyr_append(struct phyr_list *list, const struct phyr_run *run,
		u64 addr, u64 len, bool merge, gfp_t gfp);

/* An array of pages; what was appended before an error stays: lib/phyr/import.c */
int phyr_append_page_array(struct phyr_list *list, struct page *const *pages,
			   size_t offset, u64 len, u8 attrs, bool p2p, gfp_t gfp);

/* Peer-to-peer memory, each run of which holds its provider: lib/phyr/p2p.c */
void phyr_hold_provider(const struct phyr_run *run);
void phyr_drop_provider(const struct phyr_run *run);
int phyr_append_p2p_page(struct phyr_list *list, struct page *page, size_t offset, u64 len,
			 u8 attrs, gfp_t gfp);

/* The pages of a range of user memory: lib/phyr/pin.c */
void phyr_unpin_range(phys_addr_t addr, u64 len);
void phyr_pin_again(phys_addr_t addr);

/* Drop the pins of a window without changing the list */
void phyr_unpin_window(const struct phyr_list *list, u64 off, u64 len);

#endif /* _LIB_PHYR_STORAGE_H */
