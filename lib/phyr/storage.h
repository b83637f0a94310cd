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
 * Appending many pages of system memory, which is what buffers are full of: as long as
 * they are whole pages of the same run, and fit into the same chunk, all there is to do
 * is done in registers.  Everything else is for phyr_append(), after phyr_bulk_end().
 *
 * After phyr_bulk_begin() there is a range that ends before the first page, be it an
 * empty one.  A page that follows on it makes it grow.  Any other page takes a slot more
 * up to @last_slot: phyr_bulk_close() stores the range that was, phyr_bulk_next()
 * begins the next one.  As long as nobody else knows where struct phyr_bulk is, it is in
 * registers.
 *
 * Addresses are numbers of pages here.
 */
struct phyr_bulk {
	u64			*slot;		/* of the range that can grow */
	u64			start;		/* that range */
	u64			end;
	u64			boundaries;	/* for their lowest bit */
	u64			lowest;		/* of where ranges begin */
	u64			highest;	/* of last pages */
};

/* What does not change until phyr_bulk_end() */
struct phyr_bulk_room {
	u64			*last_slot;
	u64			*first_slot;
	u64			first_word;	/* which was there */
	u64			max_pages;	/* how many can be added before the end */
	struct phyr_chunk	*opens;		/* the chunk that it goes on in, or NULL */
};

#define PHYR_PAGE_ADDR_SHIFT	(PHYR_PACKED_ADDR_SHIFT + PAGE_SHIFT - PHYR_GRANULE_SHIFT)
#define PHYR_PAGE_COUNT_SHIFT	(PHYR_PACKED_COUNT_SHIFT + PAGE_SHIFT - PHYR_GRANULE_SHIFT)
#define PHYR_PAGE_LAST_GRANULE	(((1ULL << PAGE_SHIFT >> PHYR_GRANULE_SHIFT) - 1) << \
				 PHYR_PACKED_COUNT_SHIFT)

bool phyr_bulk_begin(struct phyr_bulk *bulk, struct phyr_bulk_room *room,
		     struct phyr_list *list, const struct phyr_run *run, u64 page,
		     u64 expected, gfp_t gfp);
bool phyr_bulk_end(const struct phyr_bulk *bulk, const struct phyr_bulk_room *room,
		   struct phyr_list *list, u64 nr_pages);

/* Instead of phyr_bulk_end(): the list is as it was */
static inline void phyr_bulk_cancel(const struct phyr_bulk_room *room)
{
	*room->first_slot = room->first_word;
}

/* Store the range that can grow */
static __always_inline void phyr_bulk_close(struct phyr_bulk *bulk)
{
	*bulk->slot = bulk->start << PHYR_PAGE_ADDR_SHIFT |
		((bulk->end - bulk->start - 1) << PHYR_PAGE_COUNT_SHIFT | PHYR_PAGE_LAST_GRANULE);
	bulk->highest = max(bulk->highest, bulk->end - 1);
}

/* Begin a range of one page behind one that is closed */
static __always_inline void phyr_bulk_next(struct phyr_bulk *bulk, u64 page)
{
	bulk->boundaries |= bulk->end | page;
	bulk->slot++;
	bulk->start = page;
	bulk->end = page + 1;
	bulk->lowest = min(bulk->lowest, page);
	bulk->highest = max(bulk->highest, page);
}

/*
 * Do both, close and begin, if the range that is closed is of one page and has one
 * before it.  phyr_bulk_took_ones() has to follow with the slot of the first one.
 */
static __always_inline void phyr_bulk_next_one(struct phyr_bulk *bulk, u64 page)
{
	*bulk->slot++ = bulk->start << PHYR_PAGE_ADDR_SHIFT | PHYR_PAGE_LAST_GRANULE;
	bulk->start = page;
	bulk->end = page + 1;
	bulk->lowest = min(bulk->lowest, page);
	bulk->highest = max(bulk->highest, page);
}

static __always_inline void phyr_bulk_took_ones(struct phyr_bulk *bulk, const u64 *first)
{
	/* Of the begin and the end of one page one is odd, and then the rest does not matter */
	if (bulk->slot != first)
		bulk->boundaries |= 1;
}

/*
 * Append @len bytes at @addr of the kind that @run tells.  With @merge they
 * become part of the last range if they follow on it.
 */
int phyr_append(struct phyr_list *list, const struct phyr_run *run,
		u64 addr, u64 len, bool merge, gfp_t gfp);

/*
 * An array of pages; what was appended before an error stays: lib/phyr/import.c.  If it
 * @is_all of the list then that has no memory for more.
 */
int phyr_append_page_array(struct phyr_list *list, struct page *const *pages, size_t offset,
			   u64 len, bool is_all, u8 attrs, bool p2p, gfp_t gfp);

/* Contiguous pages which begin with @page and are all like it: lib/phyr/import.c */
int phyr_append_contiguous(struct phyr_list *list, struct page *page, size_t offset, u64 len,
			   u8 attrs, gfp_t gfp);

/* Peer-to-peer memory, each run of which holds its provider: lib/phyr/p2p.c */
void phyr_hold_provider(const struct phyr_run *run);
void phyr_drop_provider(const struct phyr_run *run);
int phyr_append_p2p_page(struct phyr_list *list, struct page *page, size_t offset, u64 len,
			 u8 attrs, gfp_t gfp);

/* The pages of a range of user memory: lib/phyr/pin.c */
void phyr_unpin_range(phys_addr_t addr, u64 len, bool dirty);
u64 phyr_unpin_singles(const u64 *words, u64 max, bool dirty);
void phyr_pin_again(phys_addr_t addr);

/* Drop the pins of a window without changing the list, but perhaps mark its pages dirty */
void phyr_unpin_window(const struct phyr_list *list, u64 off, u64 len, bool dirty);

#endif /* _LIB_PHYR_STORAGE_H */
