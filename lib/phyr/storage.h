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
 * that again; chunks that were added meanwhile stay as a reserve.
 */
struct phyr_mark {
	struct phyr_list	list;
	u16			last_nr_words;
	u64			last_word;
};

void phyr_mark_take(struct phyr_mark *mark, const struct phyr_list *list);
void phyr_mark_restore(const struct phyr_mark *mark, struct phyr_list *list);

int phyr_append_slow(struct phyr_list *list, const struct phyr_run *run,
		     u64 addr, u64 len, bool merge, gfp_t gfp);

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

/*
 * Append whole granules, up to PHYR_PACKED_MAX_LEN of them, to a list whose
 * last range is packed, ends with its granule, is not adjacent and belongs to
 * the same run: a scattered page among its like, of which a buffer is full.
 * False if it is anything else; then phyr_append_slow() is for it.
 */
static __always_inline bool phyr_append_fast(struct phyr_list *list, const struct phyr_run *run,
					     u64 addr, u64 len)
{
	struct phyr_chunk *chunk = list->last;
	u64 *word, last_end;

	if (!chunk || chunk->nr_words == chunk->max_words ||
	    list->last_words != 1 || list->tail)
		return false;
	if (((addr | len) & PHYR_GRANULE_MASK) || len - 1 >= PHYR_PACKED_MAX_LEN ||
	    addr >= PHYR_PACKED_ADDR_LIMIT - PHYR_PACKED_MAX_LEN ||
	    addr + len - 1 > PHYS_ADDR_MAX)
		return false;
	if (run->kind != PHYR_SYSTEM || list->last_kind != run->kind ||
	    list->last_attrs != run->attrs || list->last_provider != run->provider)
		return false;
	word = chunk->words + chunk->nr_words;
	last_end = phyr_packed_addr(word[-1]) + phyr_packed_len(word[-1]);
	if (last_end == addr)
		return false;
	*word = addr << (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT) |
		((len >> PHYR_GRANULE_SHIFT) - 1) << PHYR_PACKED_COUNT_SHIFT;
	chunk->nr_words++;
	list->bytes += len;
	list->nr_ranges++;
	list->boundaries |= last_end | addr;
	list->lowest = min_t(phys_addr_t, list->lowest, addr);
	list->highest = max_t(phys_addr_t, list->highest, addr + len - 1);
	return true;
}

/* Append a range that ends in the address space; see phyr_append_slow() */
static __always_inline int phyr_append(struct phyr_list *list, const struct phyr_run *run,
				       u64 addr, u64 len, bool merge, gfp_t gfp)
{
	if (likely(list->bytes < 1ULL << 62 && phyr_append_fast(list, run, addr, len)))
		return 0;
	return phyr_append_slow(list, run, addr, len, merge, gfp);
}

/* An array of pages; what was appended before an error stays: lib/phyr/import.c */
int phyr_append_page_array(struct phyr_list *list, struct page *const *pages,
			   size_t offset, u64 len, u8 attrs, gfp_t gfp);

/* The pages of a range of user memory: lib/phyr/pin.c */
void phyr_unpin_range(phys_addr_t addr, u64 len);
void phyr_pin_again(phys_addr_t addr);

/* Drop the pins of a window without changing the list */
void phyr_unpin_window(const struct phyr_list *list, u64 off, u64 len);

#endif /* _LIB_PHYR_STORAGE_H */
