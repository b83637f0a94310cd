// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists: storage, append, seek, truncate, split.
 *
 * A list is a stream of 64-bit words (their forms are in <linux/phyr.h>) that
 * grows at its end: first into the few words of struct phyr_list itself, then
 * into one small chunk, then into chunks of a page; the last one is smaller if it is known
 * how much is to come.  Chunks are linked in order
 * for those who walk, and an index finds them by number for those who seek:
 * each chunk remembers the list offset at which it begins and the run then in
 * force, so reading can begin at any of them.  Chunks that follow the one which
 * holds the last range are empty and wait to be filled: that is all there is to
 * a reserve, and to what is left when an append fails or a tail is cut off.
 *
 * An entry never straddles two chunks.  Only the last range ever changes: it
 * grows when memory next to it is appended, and when it ends inside a granule
 * and something is appended behind it, it takes the wide form.
 *
 * Nothing here looks at a struct page.  What pages, pins and other descriptions
 * need is in import.c, pin.c and export.c.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/phyr.h>
#include <linux/slab.h>

#include "storage.h"

#define PHYR_FIRST_CHUNK_BYTES	256

#define PHYR_RUN_WORDS		2
#define PHYR_RUN_KIND_SHIFT	2
#define PHYR_RUN_ATTRS_SHIFT	10

static inline u64 phyr_run_word(const struct phyr_run *run)
{
	return PHYR_WORD_RUN | (u64)run->kind << PHYR_RUN_KIND_SHIFT |
		(u64)run->attrs << PHYR_RUN_ATTRS_SHIFT;
}

static inline struct phyr_run phyr_decode_run(const u64 *word)
{
	return (struct phyr_run) {
		.provider	= (struct p2pdma_provider *)(unsigned long)word[1],
		.kind		= word[0] >> PHYR_RUN_KIND_SHIFT & 0xff,
		.attrs		= word[0] >> PHYR_RUN_ATTRS_SHIFT & 0xff,
	};
}

static inline bool phyr_word_is_run(u64 word)
{
	return (word & PHYR_WORD_TAG_MASK) == PHYR_WORD_RUN;
}

/* Words, and how many of them are used and may be used, where the list ends */

static inline u64 *phyr_end_words(struct phyr_list *list)
{
	return list->last ? list->last->words : list->words;
}

static inline unsigned int phyr_end_used(const struct phyr_list *list)
{
	return list->last ? list->last->nr_words : list->nr_words;
}

static inline unsigned int phyr_end_room(const struct phyr_list *list)
{
	return list->last ? list->last->max_words - list->last->nr_words :
			    PHYR_INLINE_WORDS - list->nr_words;
}

static inline void phyr_end_set_used(struct phyr_list *list, unsigned int used)
{
	if (list->last)
		list->last->nr_words = used;
	else
		list->nr_words = used;
}

static inline struct phyr_chunk *phyr_end_next(const struct phyr_list *list)
{
	return list->last ? list->last->next : list->first;
}

static inline u64 *phyr_last_word(struct phyr_list *list)
{
	return phyr_end_words(list) + phyr_end_used(list) - list->last_words;
}

static void phyr_put_words(struct phyr_list *list, u64 first, u64 second, unsigned int nr)
{
	unsigned int used = phyr_end_used(list);
	u64 *word = phyr_end_words(list) + used;

	word[0] = first;
	if (nr == 2)
		word[1] = second;
	phyr_end_set_used(list, used + nr);
}

/* The last range as it is, not as it is stored */
static void phyr_last_range(struct phyr_list *list, u64 *addr, u64 *len)
{
	u64 *word = phyr_last_word(list);

	if (word[0] & PHYR_WORD_WIDE) {
		*addr = word[1];
		*len = word[0] >> 1;
		return;
	}
	*addr = phyr_packed_addr(word[0]);
	*len = phyr_packed_len(word[0]) - list->tail;
	if (list->nr_ranges == 1) {
		*addr += list->head;
		*len -= list->head;
	}
}

static bool phyr_can_pack(u64 addr, u64 len, bool is_first)
{
	u64 head = addr & PHYR_GRANULE_MASK;

	if (head && !is_first)
		return false;
	return addr + len - 1 < PHYR_PACKED_ADDR_LIMIT && head + len <= PHYR_PACKED_MAX_LEN;
}

/* The word for a range, and into @list the head and tail that it leaves out */
static u64 phyr_pack(struct phyr_list *list, u64 addr, u64 len, bool is_first)
{
	u64 head = addr & PHYR_GRANULE_MASK;
	u64 span = round_up(head + len, PHYR_GRANULE_SIZE);

	if (is_first)
		list->head = head;
	list->tail = span - head - len;
	return (addr - head) << (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT) |
		((span >> PHYR_GRANULE_SHIFT) - 1) << PHYR_PACKED_COUNT_SHIFT;
}

/* Chunks */

static size_t phyr_chunk_bytes(const struct phyr_chunk *chunk)
{
	return struct_size(chunk, words, chunk->max_words);
}

#define PHYR_PAGE_WORDS		((PAGE_SIZE - sizeof(struct phyr_chunk)) / sizeof(u64))

/*
 * No chunk may have less room than one append can take: that the last range becomes wide,
 * a new run, and a range.
 */
#define PHYR_LEAST_WORDS	(2 + PHYR_RUN_WORDS + 2)

/* @expected: how many words all that is yet to come needs at most, 0 if nobody knows */
static struct phyr_chunk *phyr_chunk_alloc(u32 nr, u64 expected, gfp_t gfp)
{
	size_t bytes = nr ? PAGE_SIZE : PHYR_FIRST_CHUNK_BYTES;
	struct phyr_chunk *chunk;

	if (expected && expected < PHYR_PAGE_WORDS) {
		expected = max_t(u64, expected, PHYR_LEAST_WORDS);
		bytes = min(bytes, kmalloc_size_roundup(struct_size(chunk, words, expected)));
	}
	if (bytes == PAGE_SIZE)
		chunk = (struct phyr_chunk *)__get_free_page(gfp);
	else
		chunk = kmalloc(bytes, gfp);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->nr_words = 0;
	chunk->max_words = (bytes - sizeof(*chunk)) / sizeof(u64);
	chunk->nr = nr;
	return chunk;
}

static void phyr_chunk_free(struct phyr_chunk *chunk)
{
	if (chunk->max_words == PHYR_PAGE_WORDS)
		free_page((unsigned long)chunk);
	else
		kfree(chunk);
}

/* Most lists have one chunk or two and need no index to find them */
#define PHYR_FIRST_INDEXED	2

static size_t phyr_index_offset(u32 nr)
{
	return (nr - PHYR_FIRST_INDEXED) * sizeof(struct phyr_chunk *);
}

static struct phyr_chunk *phyr_chunk_find(const struct phyr_list *list, u32 nr)
{
	struct phyr_chunk **entry;

	if (nr < PHYR_FIRST_INDEXED)
		return nr ? list->first->next : list->first;
	/* genradix has no const accessors; looking up does not change it */
	entry = __genradix_ptr((struct __genradix *)&list->index, phyr_index_offset(nr));
	return *entry;
}

/* See to it that a chunk follows @chunk, or the words in the list if it's NULL */
static int phyr_chunk_extend(struct phyr_list *list, struct phyr_chunk *chunk, u64 expected,
			     gfp_t gfp)
{
	struct phyr_chunk **link = chunk ? &chunk->next : &list->first;
	struct phyr_chunk *new, **entry;
	u32 nr = 0;

	if (*link)
		return 0;
	if (chunk && check_add_overflow(chunk->nr, 1U, &nr))
		return -E2BIG;
	new = phyr_chunk_alloc(nr, expected, gfp);
	if (!new)
		return -ENOMEM;
	if (nr >= PHYR_FIRST_INDEXED) {
		entry = __genradix_ptr_alloc(&list->index, phyr_index_offset(nr), NULL, gfp);
		if (!entry) {
			phyr_chunk_free(new);
			return -ENOMEM;
		}
		*entry = new;
	}
	*link = new;
	return 0;
}

/* The last chunk of a list, be it filled or a reserve */
static struct phyr_chunk *phyr_chain_end(const struct phyr_list *list)
{
	struct phyr_chunk *chunk = list->last ?: list->first;

	while (chunk && chunk->next)
		chunk = chunk->next;
	return chunk;
}

/* Free all chunks behind @end, which hold no ranges; all there are if it's NULL */
static void phyr_chain_cut(struct phyr_list *list, struct phyr_chunk *end)
{
	struct phyr_chunk **link = end ? &end->next : &list->first;
	struct phyr_chunk *chunk, *next;

	for (chunk = *link; chunk; chunk = next) {
		next = chunk->next;
		phyr_chunk_free(chunk);
	}
	*link = NULL;
	/* Entries of the index that lead nowhere are written anew when needed */
	if (!end || end->nr < PHYR_FIRST_INDEXED)
		__genradix_free(&list->index);
}

/* Go on in the next chunk, which exists, from list offset @start */
static void phyr_chunk_open(struct phyr_list *list, u64 start, const struct phyr_run *run)
{
	struct phyr_chunk *chunk = phyr_end_next(list);

	chunk->start = start;
	chunk->run = *run;
	chunk->nr_words = 0;
	list->last = chunk;
}

/* Give the last range the wide form; needs room or a next chunk */
static void phyr_widen_last(struct phyr_list *list)
{
	struct phyr_run run = phyr_last_run(list);
	u64 addr, len;

	phyr_last_range(list, &addr, &len);
	phyr_end_set_used(list, phyr_end_used(list) - 1);
	/* The first range never moves: a list's own words have room for it */
	if (phyr_end_room(list) < 2)
		phyr_chunk_open(list, list->bytes - len, &run);
	phyr_put_words(list, len << 1 | PHYR_WORD_WIDE, addr, 2);
	list->last_words = 2;
	list->tail = 0;
	if (list->nr_ranges == 1)
		list->head = 0;
}

/*
 * Will what is to be written fit behind the last range?  @widen: it has to
 * become wide first; @run: a new run begins; @nr_words: of the range itself.
 */
static bool phyr_fits(const struct phyr_list *list, bool widen, bool run, unsigned int nr_words)
{
	return widen + (run ? PHYR_RUN_WORDS : 0) + nr_words <= phyr_end_room(list);
}

static int phyr_grow_last(struct phyr_list *list, u64 addr, u64 len, gfp_t gfp)
{
	bool is_first = list->nr_ranges == 1;
	u64 *word = phyr_last_word(list);
	int ret;

	if (!(word[0] & PHYR_WORD_WIDE) && phyr_can_pack(addr, len, is_first)) {
		word[0] = phyr_pack(list, addr, len, is_first);
		return 0;
	}
	if (!(word[0] & PHYR_WORD_WIDE)) {
		if (!phyr_fits(list, true, false, 0)) {
			ret = phyr_chunk_extend(list, list->last, 0, gfp);
			if (ret)
				return ret;
		}
		phyr_widen_last(list);
		word = phyr_last_word(list);
	}
	word[0] = len << 1 | PHYR_WORD_WIDE;
	return 0;
}

static int phyr_new_last(struct phyr_list *list, const struct phyr_run *run,
			 u64 addr, u64 len, gfp_t gfp)
{
	struct phyr_run last_run = phyr_last_run(list);
	bool is_first = !list->nr_ranges;
	bool widen = list->tail;
	bool new_run = !phyr_run_equal(&last_run, run);
	bool packed = phyr_can_pack(addr, len, is_first);
	unsigned int nr_words = packed ? 1 : 2;
	int ret;

	if (!phyr_fits(list, widen, new_run, nr_words)) {
		ret = phyr_chunk_extend(list, list->last, 0, gfp);
		if (ret)
			return ret;
	}

	if (widen)
		phyr_widen_last(list);
	if (!phyr_fits(list, false, new_run, nr_words))
		phyr_chunk_open(list, list->bytes, run);	/* which tells the run */
	else if (new_run)
		phyr_put_words(list, phyr_run_word(run), (unsigned long)run->provider,
			       PHYR_RUN_WORDS);
	list->last_provider = run->provider;
	list->last_kind = run->kind;
	list->last_attrs = run->attrs;

	if (packed)
		phyr_put_words(list, phyr_pack(list, addr, len, is_first), 0, 1);
	else
		phyr_put_words(list, len << 1 | PHYR_WORD_WIDE, addr, 2);
	list->last_words = nr_words;
	return 0;
}

/* Account for the first @len bytes of a range in the summary */
static void phyr_summarize(struct phyr_list *list, const struct phyr_run *run, u64 addr, u64 len)
{
	list->bytes += len;
	if (run->kind == PHYR_SYSTEM) {
		bool none = !(list->kinds & (1U << PHYR_SYSTEM));

		list->lowest = none ? addr : min_t(phys_addr_t, list->lowest, addr);
		list->highest = none ? addr + len - 1 :
				       max_t(phys_addr_t, list->highest, addr + len - 1);
	}
	list->kinds |= 1U << run->kind;
	list->attrs |= run->attrs;
}

/* The first range of a list, if it is of an ordinary kind; @len is not zero */
static bool phyr_append_first(struct phyr_list *list, const struct phyr_run *run, u64 addr,
			      u64 len)
{
	if (run->kind != PHYR_SYSTEM || run->attrs || !phyr_can_pack(addr, len, true))
		return false;
	list->words[0] = phyr_pack(list, addr, len, true);
	list->nr_words = 1;
	list->last_words = 1;
	list->nr_ranges = 1;
	list->nr_runs = 1;
	list->bytes = len;
	list->lowest = addr;
	list->highest = addr + len - 1;
	list->kinds = 1U << PHYR_SYSTEM;
	return true;
}

/* A further range, of whole granules, if all that there is to do is to store its word */
static bool phyr_append_next(struct phyr_list *list, const struct phyr_run *run, u64 addr,
			     u64 len, bool merge)
{
	struct phyr_run last_run = phyr_last_run(list);
	u64 end = addr + len, last_word, last_end;

	if (list->last_words != 1 || list->tail || run->kind != PHYR_SYSTEM ||
	    !phyr_run_equal(&last_run, run) || ((addr | len) & PHYR_GRANULE_MASK) ||
	    !phyr_can_pack(addr, len, false) || !phyr_end_room(list))
		return false;
	last_word = phyr_end_words(list)[phyr_end_used(list) - 1];
	last_end = phyr_packed_addr(last_word) + phyr_packed_len(last_word);
	if (merge && last_end == addr)
		return false;
	phyr_put_words(list, addr << (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT) |
			     ((len >> PHYR_GRANULE_SHIFT) - 1) << PHYR_PACKED_COUNT_SHIFT, 0, 1);
	list->boundaries |= last_end | addr;
	list->nr_ranges++;
	list->bytes += len;
	list->lowest = min_t(phys_addr_t, list->lowest, addr);
	list->highest = max_t(phys_addr_t, list->highest, end - 1);
	return true;
}

int phyr_append(struct phyr_list *list, const struct phyr_run *run,
		u64 addr, u64 len, bool merge, gfp_t gfp)
{
	u64 last_addr, last_len, last_byte, total;
	struct phyr_run last_run;
	int ret;

	if (!len)
		return -EINVAL;
	if (check_add_overflow(addr, len - 1, &last_byte) || last_byte > PHYS_ADDR_MAX)
		return -EOVERFLOW;
	if (check_add_overflow(list->bytes, len, &total) || total > S64_MAX)
		return -E2BIG;
	if (!list->nr_ranges && phyr_append_first(list, run, addr, len))
		return 0;
	if (list->nr_ranges && phyr_append_next(list, run, addr, len, merge))
		return 0;

	last_run = phyr_last_run(list);
	if (list->nr_ranges) {
		phyr_last_range(list, &last_addr, &last_len);
		/*
		 * Two pins on one page are two pins to drop: pinned ranges that
		 * meet inside a page stay apart.
		 */
		if (merge && last_addr + last_len == addr && addr &&
		    phyr_run_equal(&last_run, run) &&
		    (!(run->attrs & PHYR_ATTR_PINNED) || !(addr & ~PAGE_MASK))) {
			ret = phyr_grow_last(list, last_addr, last_len + len, gfp);
			if (!ret)
				phyr_summarize(list, run, addr, len);
			return ret;
		}
	}

	ret = phyr_new_last(list, run, addr, len, gfp);
	if (ret)
		return ret;
	if (list->nr_ranges)
		list->boundaries |= (last_addr + last_len) | addr;
	if (!list->nr_ranges || !phyr_run_equal(&last_run, run)) {
		list->nr_runs++;
		if (run->provider)
			phyr_hold_provider(run);
	}
	list->nr_ranges++;
	phyr_summarize(list, run, addr, len);
	return 0;
}

/*
 * Begin to append pages of which @page is the first; @expected is how many there are at
 * most to come until the list is complete, 0 if nobody knows.  False if phyr_append() has
 * to take the first one.  Until phyr_bulk_end() the list is as it was.
 */
bool phyr_bulk_begin(struct phyr_bulk *bulk, struct phyr_bulk_room *room,
		     struct phyr_list *list, const struct phyr_run *run, u64 page,
		     u64 expected, gfp_t gfp)
{
	struct phyr_run last_run = phyr_last_run(list);
	u64 *words = phyr_end_words(list);
	unsigned int used = phyr_end_used(list);
	u64 start, end;

	if (run->kind != PHYR_SYSTEM || list->tail || list->bytes >= BIT_ULL(62) ||
	    !phyr_run_equal(&last_run, run))
		return false;
	room->opens = NULL;
	bulk->start = page;
	bulk->end = page;
	bulk->boundaries = 0;
	bulk->lowest = page;
	bulk->highest = 0;
	room->max_pages = PHYR_PACKED_MAX_LEN >> PAGE_SHIFT;
	if (list->nr_ranges) {
		if (list->last_words != 1)
			return false;
		start = phyr_packed_addr(words[used - 1]);
		end = start + phyr_packed_len(words[used - 1]);
		if ((start | end) & ~PAGE_MASK)
			return false;
		if (end >> PAGE_SHIFT == page) {
			used--;
			bulk->start = start >> PAGE_SHIFT;
			room->max_pages -= page - bulk->start;
		} else {
			bulk->boundaries = end >> PAGE_SHIFT | page;
		}
	}
	if (bulk->end == bulk->start && !phyr_end_room(list)) {
		if (phyr_chunk_extend(list, list->last, expected, gfp))
			return false;
		room->opens = phyr_end_next(list);
		room->opens->nr_words = 0;
		words = room->opens->words;
		used = 0;
	}
	bulk->slot = words + used;
	room->first_slot = bulk->slot;
	room->first_word = *bulk->slot;
	if (room->opens)
		room->last_slot = words + room->opens->max_words - 1;
	else
		room->last_slot = words + phyr_end_used(list) + phyr_end_room(list) - 1;
	return room->max_pages;
}

/* False if a page was too high for all this; then the list is as it was */
bool phyr_bulk_end(const struct phyr_bulk *bulk, const struct phyr_bulk_room *room,
		   struct phyr_list *list, u64 nr_pages)
{
	struct phyr_bulk last = *bulk;
	bool is_first = !list->nr_ranges;
	unsigned int used, before;

	phyr_bulk_close(&last);
	if (last.highest >= PHYR_PACKED_ADDR_LIMIT >> PAGE_SHIFT) {
		phyr_bulk_cancel(room);
		return false;
	}
	if (room->opens) {
		struct phyr_run run = phyr_last_run(list);

		phyr_chunk_open(list, list->bytes, &run);
	}
	before = phyr_end_used(list);
	used = last.slot + 1 - phyr_end_words(list);
	phyr_end_set_used(list, used);
	list->last_words = 1;
	list->nr_ranges += used - before;
	list->bytes += nr_pages << PAGE_SHIFT;
	list->boundaries |= last.boundaries << PAGE_SHIFT;
	list->lowest = is_first ? last.lowest << PAGE_SHIFT :
		min_t(phys_addr_t, list->lowest, last.lowest << PAGE_SHIFT);
	list->highest = max_t(phys_addr_t, list->highest,
			      (last.highest << PAGE_SHIFT) + (PAGE_SIZE - 1));
	if (is_first) {
		list->nr_runs = 1;
		list->kinds = 1U << PHYR_SYSTEM;
	}
	return true;
}

/* Let go of the providers of the runs that begin at @off or behind it */
static noinline void __phyr_drop_providers(const struct phyr_list *list, u64 off)
{
	struct phyr_run run = {};
	struct phyr_iter iter;
	struct phyr range;

	/* The run of the byte before goes on, if @off is within it */
	phyr_iter_init_window(&iter, list, off ? off - 1 : 0, list->bytes - (off ? off - 1 : 0));
	if (off) {
		phyr_iter_next(&iter, &range);
		run = *range.run;
	}
	while (phyr_iter_next(&iter, &range)) {
		if (range.run->provider && !phyr_run_equal(&run, range.run))
			phyr_drop_provider(range.run);
		run = *range.run;
	}
}

static inline void phyr_drop_providers(const struct phyr_list *list, u64 off)
{
	if (unlikely(phyr_list_has_p2p(list)))
		__phyr_drop_providers(list, off);
}

void phyr_mark_take(struct phyr_mark *mark, const struct phyr_list *list)
{
	mark->list = *list;
	mark->chain_end = phyr_chain_end(list);
	if (list->last) {
		mark->last_nr_words = list->last->nr_words;
		mark->last_word = list->last->words[list->last->nr_words - list->last_words];
	}
}

void phyr_mark_restore(const struct phyr_mark *mark, struct phyr_list *list)
{
	struct phyr_list now;

	phyr_drop_providers(list, mark->list.bytes);
	now = *list;
	*list = mark->list;
	list->first = now.first;
	list->index = now.index;
	phyr_chain_cut(list, mark->chain_end);
	if (list->last) {
		list->last->nr_words = mark->last_nr_words;
		*phyr_last_word(list) = mark->last_word;
	}
}

/**
 * phyr_list_append - append system memory
 * @list: The list.
 * @addr: Physical address of the first byte; no alignment is needed, and no
 *	struct page has to exist.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * Becomes part of the last range if it follows on it.  The caller keeps the
 * memory alive for as long as the list describes it.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero
 * * %-EOVERFLOW - the range ends behind the last physical address
 * * %-E2BIG - the list would have 2^63 bytes or more
 * * %-ENOMEM - no memory for the list itself
 */
int phyr_list_append(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp)
{
	static const struct phyr_run run = { .kind = PHYR_SYSTEM };

	return phyr_append(list, &run, addr, len, true, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append);

/**
 * phyr_list_append_mmio - append memory of a device
 * @list: The list.
 * @addr: Physical address of the first byte, as the CPU sees it.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * As phyr_list_append(), but for a run of kind %PHYR_MMIO.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append().
 */
int phyr_list_append_mmio(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp)
{
	static const struct phyr_run run = { .kind = PHYR_MMIO };

	return phyr_append(list, &run, addr, len, true, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_mmio);

/**
 * phyr_list_append_unmerged - append system memory as a range of its own
 * @list: The list.
 * @addr: Physical address of the first byte.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * As phyr_list_append(), for those to whom the boundaries between ranges mean
 * something: the range stays apart from the one before, adjacent or not.
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return: As phyr_list_append().
 */
int phyr_list_append_unmerged(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp)
{
	static const struct phyr_run run = { .kind = PHYR_SYSTEM };

	return phyr_append(list, &run, addr, len, false, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_unmerged);

/**
 * phyr_list_reserve - allocate beforehand what appending will need
 * @list: The list.
 * @nr_ranges: How many ranges will be appended, each perhaps of another run.
 * @gfp: How to allocate.
 *
 * Afterwards that many ranges can be appended without an allocation, also in
 * atomic context.  What is not used remains until phyr_list_release().
 *
 * Context: Any that @gfp allows.
 * On error the list is as it was, with the reserve that it had.
 * Return: 0, %-ENOMEM, or %-E2BIG if no list could be that long.
 */
int phyr_list_reserve(struct phyr_list *list, u64 nr_ranges, gfp_t gfp)
{
	struct phyr_chunk *chunk = list->last, *chain_end = phyr_chain_end(list);
	const unsigned int most = PHYR_RUN_WORDS + 2;
	u64 need, room;
	int ret;

	/* One word more, should the last range have to be widened */
	if (check_mul_overflow(nr_ranges, (u64)most, &need) ||
	    check_add_overflow(need, 1ULL, &need))
		return -E2BIG;
	room = phyr_end_room(list);
	while (room < need) {
		ret = phyr_chunk_extend(list, chunk, 0, gfp);
		if (ret) {
			phyr_chain_cut(list, chain_end);
			return ret;
		}
		chunk = chunk ? chunk->next : list->first;
		/* What an entry that did not fit may leave unused before it */
		room += chunk->max_words - (most - 1);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_reserve);

/* Where a range is stored and where in the list it is */
struct phyr_pos {
	struct phyr_chunk	*chunk;		/* NULL: in the list */
	unsigned int		word;
	u64			start;		/* list offset of the range */
	u64			len;
	struct phyr_run		run;
};

/* The last chunk that begins at or before @off, NULL for the list itself */
static struct phyr_chunk *phyr_seek_chunk(const struct phyr_list *list, u64 off)
{
	struct phyr_chunk *chunk, *found = NULL;
	u32 low = 0, high = list->last ? list->last->nr + 1 : 0;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		chunk = phyr_chunk_find(list, mid);
		if (chunk->start <= off) {
			found = chunk;
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return found;
}

/* Find the range that holds byte @off, which is part of the list */
static void phyr_seek(const struct phyr_list *list, u64 off, struct phyr_pos *pos)
{
	struct phyr_chunk *chunk = phyr_seek_chunk(list, off);
	const u64 *words = chunk ? chunk->words : list->words;
	unsigned int i = 0;
	u64 word;

	*pos = (struct phyr_pos) { .chunk = chunk };
	if (chunk) {
		pos->start = chunk->start;
		pos->run = chunk->run;
	}
	for (;;) {
		word = words[i];
		if (phyr_word_is_run(word)) {
			pos->run = phyr_decode_run(words + i);
			i += PHYR_RUN_WORDS;
			continue;
		}
		if (word & PHYR_WORD_WIDE)
			pos->len = word >> 1;
		else
			pos->len = phyr_packed_len(word) - (pos->start ? 0 : list->head);
		/* The last range may be shorter than its granules */
		if (off - pos->start < pos->len)
			break;
		pos->start += pos->len;
		i += word & PHYR_WORD_WIDE ? 2 : 1;
	}
	pos->len = min(pos->len, list->bytes - pos->start);
	pos->word = i;
}

/* The rest of phyr_iter_init_window(): perhaps not from the beginning of the list on */
int __phyr_iter_init_window(struct phyr_iter *iter, const struct phyr_list *list,
			    u64 off, u64 len)
{
	struct phyr_pos pos;
	u64 end;

	if (check_add_overflow(off, len, &end) || end > list->bytes)
		return -ERANGE;
	if (!off || !len) {
		phyr_iter_init(iter, list);
		iter->left = len;
		return 0;
	}
	phyr_seek(list, off, &pos);
	*iter = (struct phyr_iter) {
		.word	= pos.chunk ? pos.chunk->words : list->words,
		.next	= pos.chunk ? pos.chunk->next : list->first,
		.left	= len,
		.skip	= off - pos.start,
		.run	= pos.run,
	};
	iter->end = iter->word + (pos.chunk ? pos.chunk->nr_words : list->nr_words);
	iter->word += pos.word;
	if (!pos.start && !(*iter->word & PHYR_WORD_WIDE))
		iter->skip += list->head;
	return 0;
}
EXPORT_SYMBOL_GPL(__phyr_iter_init_window);

/* Go on with the next chunk, at the end of one, with bytes left */
void __phyr_iter_enter_chunk(struct phyr_iter *iter)
{
	const struct phyr_chunk *chunk = iter->next;

	iter->word = chunk->words;
	iter->end = chunk->words + chunk->nr_words;
	iter->next = chunk->next;
	iter->run = chunk->run;
}
EXPORT_SYMBOL_GPL(__phyr_iter_enter_chunk);

/* The rest of phyr_iter_next(): bytes are left, the next word is not packed */
void __phyr_iter_next(struct phyr_iter *iter, struct phyr *range)
{
	u64 addr, len;

	for (;;) {
		if (iter->word == iter->end) {
			__phyr_iter_enter_chunk(iter);
		} else if (phyr_word_is_run(*iter->word)) {
			iter->run = phyr_decode_run(iter->word);
			iter->word += PHYR_RUN_WORDS;
		} else {
			break;
		}
	}
	if (*iter->word & PHYR_WORD_WIDE) {
		len = iter->word[0] >> 1;
		addr = iter->word[1];
		iter->word += 2;
	} else {
		len = phyr_packed_len(*iter->word);
		addr = phyr_packed_addr(*iter->word);
		iter->word++;
	}
	range->addr = addr + iter->skip;
	range->len = min(len - iter->skip, iter->left);
	range->run = &iter->run;
	iter->skip = 0;
	iter->left -= range->len;
}
EXPORT_SYMBOL_GPL(__phyr_iter_next);

/* The rest of phyr_iter_addr(): the next word is not packed */
phys_addr_t __phyr_iter_addr(const struct phyr_iter *iter)
{
	struct phyr_iter ahead = *iter;
	struct phyr range;

	__phyr_iter_next(&ahead, &range);
	return range.addr;
}
EXPORT_SYMBOL_GPL(__phyr_iter_addr);

/* Compute the summary of a list of @bytes bytes anew */
static void phyr_resummarize(struct phyr_list *list, u64 bytes)
{
	struct phyr_run last_run;
	struct phyr_iter iter;
	struct phyr range;
	u64 last_end = 0;

	list->bytes = bytes;
	phyr_iter_init(&iter, list);
	list->bytes = 0;
	list->nr_ranges = 0;
	list->nr_runs = 0;
	list->boundaries = 0;
	list->kinds = 0;
	list->attrs = 0;
	list->lowest = 0;
	list->highest = 0;
	while (phyr_iter_next(&iter, &range)) {
		if (list->nr_ranges)
			list->boundaries |= last_end | range.addr;
		if (!list->nr_ranges || !phyr_run_equal(&last_run, range.run))
			list->nr_runs++;
		list->nr_ranges++;
		phyr_summarize(list, range.run, range.addr, range.len);
		last_end = range.addr + range.len;
		last_run = *range.run;
	}
}

/* Make the list empty and keep its chunks as a reserve */
static void phyr_empty(struct phyr_list *list)
{
	struct phyr_list old = *list;

	phyr_list_init(list);
	list->first = old.first;
	list->index = old.index;
}

/* Keep the first @bytes bytes, drop no pins */
static void phyr_cut(struct phyr_list *list, u64 bytes)
{
	struct phyr_pos pos;
	bool is_first;
	u64 *word;

	phyr_drop_providers(list, bytes);
	if (!bytes) {
		phyr_empty(list);
		return;
	}
	phyr_seek(list, bytes - 1, &pos);
	is_first = !pos.start;
	list->last = pos.chunk;
	list->last_provider = pos.run.provider;
	list->last_kind = pos.run.kind;
	list->last_attrs = pos.run.attrs;
	word = phyr_end_words(list) + pos.word;
	if (*word & PHYR_WORD_WIDE) {
		word[0] = (bytes - pos.start) << 1 | PHYR_WORD_WIDE;
		list->last_words = 2;
		list->tail = 0;
	} else {
		u64 addr = phyr_packed_addr(*word) + (is_first ? list->head : 0);

		*word = phyr_pack(list, addr, bytes - pos.start, is_first);
		list->last_words = 1;
	}
	phyr_end_set_used(list, pos.word + list->last_words);
	phyr_resummarize(list, bytes);
}

static noinline void __phyr_unpin_window(const struct phyr_list *list, u64 off, u64 len,
					 bool dirty)
{
	struct phyr_iter iter;
	struct phyr range;

	if (WARN_ON_ONCE(phyr_iter_init_window(&iter, list, off, len)))
		return;
	while (phyr_iter_next(&iter, &range)) {
		/* Memory of a device is not written back */
		bool mark = dirty && range.run->kind == PHYR_SYSTEM;

		if (!(range.run->attrs & PHYR_ATTR_PINNED))
			continue;
		phyr_unpin_range(range.addr, range.len, mark);
		/* More of the same run, as long as all of a word is in the window */
		while (iter.word != iter.end && !(*iter.word & PHYR_WORD_TAG_MASK)) {
			u64 len = phyr_packed_len(*iter.word), nr = 1;

			if (len > iter.left)
				break;
			if (!(PAGE_SHIFT - PHYR_GRANULE_SHIFT) &&
			    !(*iter.word & PHYR_SINGLE_MASK)) {
				nr = min_t(u64, iter.end - iter.word,
					   iter.left >> PHYR_GRANULE_SHIFT);
				nr = phyr_unpin_singles(iter.word, nr, mark);
			} else {
				phyr_unpin_range(phyr_packed_addr(*iter.word), len, mark);
			}
			iter.word += nr;
			iter.left -= nr * len;
		}
	}
}

void phyr_unpin_window(const struct phyr_list *list, u64 off, u64 len, bool dirty)
{
	if (list->attrs & PHYR_ATTR_PINNED)
		__phyr_unpin_window(list, off, len, dirty);
}

/*
 * If a cut at @off divides a pinned page of one range between what comes before
 * and behind it: how many bytes of the range and the page lie behind.  Ranges
 * that merely meet inside a page have a pin each.
 */
static u64 phyr_cut_page_rest(const struct phyr_list *list, u64 off)
{
	struct phyr_iter iter;
	struct phyr_pos pos;
	struct phyr range;

	phyr_seek(list, off, &pos);
	if (pos.start == off || !(pos.run.attrs & PHYR_ATTR_PINNED))
		return 0;
	phyr_iter_init_window(&iter, list, off, 1);
	phyr_iter_next(&iter, &range);
	return min_t(u64, -range.addr & ~PAGE_MASK, pos.start + pos.len - off);
}

/**
 * phyr_list_truncate - keep the beginning of a list
 * @list: The list.
 * @bytes: How many bytes to keep, possibly none.
 *
 * Drops the pins on pages that are no longer part of the list; a page of which
 * a byte remains stays pinned.  Memory that held the ranges is kept for new
 * ones until phyr_list_release().  Takes O(n) steps, as the summary of what
 * remains is made anew.
 *
 * Context: Any; allocates nothing.
 * Return: 0, or %-ERANGE if the list is shorter.
 */
int phyr_list_truncate(struct phyr_list *list, u64 bytes)
{
	u64 unpin;

	if (bytes > list->bytes)
		return -ERANGE;
	if (bytes == list->bytes)
		return 0;

	unpin = bytes + phyr_cut_page_rest(list, bytes);
	phyr_unpin_window(list, unpin, list->bytes - unpin, false);
	phyr_cut(list, bytes);
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_truncate);

/**
 * phyr_list_split - move the end of a list to another list
 * @list: The list, which keeps its first @off bytes.
 * @off: Where to split, bytes; at 0 all of it moves, at the end nothing.
 * @tail: An empty list.
 * @gfp: How to allocate.
 *
 * Pins move with their ranges; a page that both lists have bytes of is pinned
 * once more.
 *
 * Context: Any that @gfp allows.  On error both lists are as they were.
 * Return:
 * * 0 - success
 * * %-ERANGE - the list is shorter than @off
 * * %-EBUSY - @tail is not empty
 * * %-ENOMEM - no memory for the storage of @tail
 */
int phyr_list_split(struct phyr_list *list, u64 off, struct phyr_list *tail, gfp_t gfp)
{
	struct phyr_chunk *chain_end = phyr_chain_end(tail);
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	if (off > list->bytes)
		return -ERANGE;
	if (tail->bytes)
		return -EBUSY;
	if (!off)
		return phyr_list_move(tail, list);
	if (off == list->bytes)
		return 0;

	phyr_iter_init_window(&iter, list, off, list->bytes - off);
	while (phyr_iter_next(&iter, &range)) {
		ret = phyr_append(tail, range.run, range.addr, range.len, false, gfp);
		if (ret) {
			phyr_drop_providers(tail, 0);
			phyr_empty(tail);
			phyr_chain_cut(tail, chain_end);
			return ret;
		}
	}
	if (phyr_cut_page_rest(list, off)) {
		phyr_iter_init(&iter, tail);
		phyr_iter_next(&iter, &range);
		phyr_pin_again(range.addr);
	}
	phyr_cut(list, off);
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_split);

/**
 * phyr_list_move - move all of a list to another place
 * @to: An empty list; a reserve that it has is given back.
 * @from: The list, which is empty afterwards and has no reserve.
 *
 * Pins move with their ranges.  O(1).
 *
 * Context: Any; allocates nothing.
 * Return: 0, or %-EBUSY if @to is not empty; both are then as they were.
 */
int phyr_list_move(struct phyr_list *to, struct phyr_list *from)
{
	if (to->bytes)
		return -EBUSY;
	phyr_chain_cut(to, NULL);
	*to = *from;
	phyr_list_init(from);
	return 0;
}
EXPORT_SYMBOL_GPL(phyr_list_move);

static void phyr_end(struct phyr_list *list, bool dirty)
{
	if (list->bytes) {
		phyr_unpin_window(list, 0, list->bytes, dirty);
		phyr_drop_providers(list, 0);
	}
	if (list->first)
		phyr_chain_cut(list, NULL);
	phyr_list_init(list);
}

/**
 * phyr_list_release - end what a list holds
 * @list: The list; it is empty afterwards and can be used again.
 *
 * Drops the pins on user memory, without marking anything dirty (that is what
 * phyr_list_mark_dirty() is for), lets go of providers, and frees the list's storage
 * and its reserve.
 *
 * Context: Any but NMI; allocates nothing and cannot fail.
 */
void phyr_list_release(struct phyr_list *list)
{
	phyr_end(list, false);
}
EXPORT_SYMBOL_GPL(phyr_list_release);

/**
 * phyr_list_release_dirty - end what a list holds, all of which a device may have written
 * @list: The list; it is empty afterwards and can be used again.
 *
 * Does in one walk what phyr_list_mark_dirty() of the whole list and then
 * phyr_list_release() do.
 *
 * Context: Process context, may sleep if there are pins; allocates nothing and
 * cannot fail.
 */
void phyr_list_release_dirty(struct phyr_list *list)
{
	phyr_end(list, true);
}
EXPORT_SYMBOL_GPL(phyr_list_release_dirty);

/**
 * phyr_list_memory - how much memory a list has allocated
 * @list: The list.
 *
 * Return: Bytes, without struct phyr_list itself; a reserve counts.
 */
size_t phyr_list_memory(const struct phyr_list *list)
{
	const struct phyr_chunk *chunk;
	size_t bytes = 0, nodes, nr = 0;

	for (chunk = list->first; chunk; chunk = chunk->next) {
		bytes += phyr_chunk_bytes(chunk);
		nr++;
	}
	/* The index: leaves, then node upon node to a single root */
	if (nr > PHYR_FIRST_INDEXED) {
		nodes = DIV_ROUND_UP(phyr_index_offset(nr), GENRADIX_NODE_SIZE);
		for (;;) {
			bytes += nodes * GENRADIX_NODE_SIZE;
			if (nodes == 1)
				break;
			nodes = DIV_ROUND_UP(nodes, GENRADIX_ARY);
		}
	}
	return bytes;
}
EXPORT_SYMBOL_GPL(phyr_list_memory);
