/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Physical range lists: the bytes of one buffer, told by where they are.
 *
 * Here live the types, the inline iterator and the declarations of lib/phyr.
 * What a device needs to reach the memory is in <linux/dma-phyr.h>; nothing
 * here knows of DMA.  See Documentation/core-api/phyr.rst.
 */
#ifndef _LINUX_PHYR_H
#define _LINUX_PHYR_H

#include <linux/bits.h>
#include <linux/generic-radix-tree.h>
#include <linux/gfp_types.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <linux/uio.h>

struct bio_vec;
struct bvec_iter;
struct folio;
struct p2pdma_provider;
struct page;
struct scatterlist;
struct sg_table;

/**
 * enum phyr_kind - what kind of memory a run of ranges is
 * @PHYR_SYSTEM: System memory, with or without a struct page.  DMA to it goes
 *	through the caches, may be bounced and may be encrypted.
 * @PHYR_MMIO: Device registers or memory that only the CPU's view of the bus
 *	can name.  DMA to it is done as dma_map_resource() does: no cache
 *	maintenance, no bounce buffer, no encryption bit.
 * @PHYR_P2P: Memory of a device that a &struct p2pdma_provider offers to other
 *	devices.  How a device reaches it, if at all, is found out when the list is
 *	mapped for it.
 * @PHYR_NR_KINDS: How many kinds there are.
 */
enum phyr_kind {
	PHYR_SYSTEM,
	PHYR_MMIO,
	PHYR_P2P,
	PHYR_NR_KINDS,
};

/* The list holds a pin (FOLL_PIN) on every page that the range touches. */
#define PHYR_ATTR_PINNED	BIT(0)
/* The pages are ZONE_DEVICE pages, so they belong to a pagemap. */
#define PHYR_ATTR_PGMAP		BIT(1)

/**
 * struct phyr_run - what consecutive ranges of a list have in common
 * @provider: Who provides the memory of kind %PHYR_P2P, otherwise NULL.
 * @kind: One of &enum phyr_kind.
 * @attrs: A set of PHYR_ATTR_*.
 *
 * How memory has to be mapped is decided once for a run, never for a range.
 */
struct phyr_run {
	struct p2pdma_provider	*provider;
	u8			kind;
	u8			attrs;
};

/**
 * struct phyr - a physical range, as iterators yield it
 * @addr: Physical address of the first byte.
 * @len: Bytes, never zero.
 * @run: The run that the range belongs to; valid until the iterator moves.
 */
struct phyr {
	phys_addr_t		addr;
	u64			len;
	const struct phyr_run	*run;
};

/*
 * How ranges are stored: as 64-bit words.  The two lowest bits of the first
 * word of an entry tell what it is, and there is nothing that two of the forms
 * could have in common:
 *
 *   x1  a wide range: bits 63:1 are its length in bytes; a second word follows
 *       and is its address.
 *   00  a packed range: bits 63:24 are the number of its first granule, bits
 *       23:2 are how many granules it has, less one.
 *   10  a run begins: bits 9:2 are its kind, bits 17:10 its attributes; a
 *       second word follows and is the address of its provider.
 *
 * A granule is 4 KiB whatever PAGE_SIZE is, which lets one word name addresses
 * below 2^52 and up to 16 GiB.  Only the first range of a buffer may begin and
 * only the last may end inside a granule and be packed nevertheless: the list
 * remembers how many bytes of the first granule and of the last one are not
 * part of it.
 */
#define PHYR_GRANULE_SHIFT	12
#define PHYR_GRANULE_SIZE	BIT_ULL(PHYR_GRANULE_SHIFT)
#define PHYR_GRANULE_MASK	(PHYR_GRANULE_SIZE - 1)

#define PHYR_WORD_WIDE		1ULL
#define PHYR_WORD_RUN		2ULL
#define PHYR_WORD_TAG_MASK	3ULL

#define PHYR_PACKED_COUNT_SHIFT	2
#define PHYR_PACKED_COUNT_BITS	22
#define PHYR_PACKED_ADDR_SHIFT	(PHYR_PACKED_COUNT_SHIFT + PHYR_PACKED_COUNT_BITS)
#define PHYR_PACKED_ADDR_LIMIT	(1ULL << (64 - PHYR_PACKED_ADDR_SHIFT + PHYR_GRANULE_SHIFT))
#define PHYR_PACKED_MAX_LEN	(1ULL << (PHYR_PACKED_COUNT_BITS + PHYR_GRANULE_SHIFT))

/* Address of the first granule of a packed range */
static inline u64 phyr_packed_addr(u64 word)
{
	return (word >> (PHYR_PACKED_ADDR_SHIFT - PHYR_GRANULE_SHIFT)) & ~PHYR_GRANULE_MASK;
}

/* Bytes in the granules of a packed range */
static inline u64 phyr_packed_len(u64 word)
{
	u32 count_bits = word & ((1U << PHYR_PACKED_ADDR_SHIFT) - 1);

	return ((u64)count_bits << (PHYR_GRANULE_SHIFT - PHYR_PACKED_COUNT_SHIFT)) +
		PHYR_GRANULE_SIZE;
}

/*
 * A piece of a list's storage.  @start and @run allow to begin reading here.
 */
struct phyr_chunk {
	struct phyr_chunk	*next;
	u64			start;		/* list offset of the first range, bytes */
	struct phyr_run		run;		/* in force at the first word */
	u16			nr_words;
	u16			max_words;
	u32			nr;		/* how many chunks come before this one */
	u64			words[];
};

#define PHYR_INLINE_WORDS	5

/**
 * struct phyr_list - an ordered list of physical ranges
 *
 * Embed it anywhere; initialise it with phyr_list_init() or PHYR_LIST_INIT and
 * end its life with phyr_list_release().  Members are private to lib/phyr: read
 * them through the functions below.  A list that does not change may be read by
 * any number of threads at once and mapped for any number of devices; changing
 * it needs the caller's own exclusion.
 */
struct phyr_list {
	/* private: the summary, kept as ranges are appended */
	u64			bytes;
	u64			nr_ranges;
	phys_addr_t		lowest;		/* system memory, first byte */
	phys_addr_t		highest;	/* system memory, last byte */
	u64			boundaries;	/* see phyr_list_boundaries() */
	u32			nr_runs;
	u16			head;		/* unused bytes of the first granule */
	u16			tail;		/* unused bytes of the last granule */
	/* private: where the last range is and what run it is in */
	struct phyr_chunk	*last;		/* NULL: in words[] */
	struct p2pdma_provider	*last_provider;
	u8			last_kind;
	u8			last_attrs;
	u8			last_words;	/* 1 or 2, 0 if there is none */
	u8			nr_words;	/* used of words[] */
	u8			kinds;		/* a bit for each phyr_kind seen */
	u8			attrs;		/* all PHYR_ATTR_* seen */
	/* private: storage */
	struct phyr_chunk	*first;
	struct __genradix	index;		/* of all chunks but the first two */
	u64			words[PHYR_INLINE_WORDS];
};

#define PHYR_LIST_INIT	{}

/**
 * phyr_list_init - make an empty list
 * @list: Memory that holds no list.
 *
 * Zeroed memory is an empty list, too.  Context: Any.
 */
static inline void phyr_list_init(struct phyr_list *list)
{
	*list = (struct phyr_list)PHYR_LIST_INIT;
}

/**
 * phyr_list_bytes - how many bytes a list describes
 * @list: The list.
 *
 * Return: The sum of all ranges, in bytes; less than 2^63.  O(1).
 */
static inline u64 phyr_list_bytes(const struct phyr_list *list)
{
	return list->bytes;
}

/**
 * phyr_list_ranges - how many ranges a list has
 * @list: The list.
 *
 * Return: The number of ranges that iterating over all of it yields.  O(1).
 */
static inline u64 phyr_list_ranges(const struct phyr_list *list)
{
	return list->nr_ranges;
}

/**
 * phyr_list_runs - how many runs of like ranges a list has
 * @list: The list.
 *
 * Return: The number of runs, 0 for an empty list.  O(1).
 */
static inline u32 phyr_list_runs(const struct phyr_list *list)
{
	return list->nr_runs;
}

/**
 * phyr_list_lowest - the lowest address of system memory in a list
 * @list: The list, with at least one range of system memory.
 *
 * Return: The address of the lowest byte.  O(1).
 */
static inline phys_addr_t phyr_list_lowest(const struct phyr_list *list)
{
	return list->lowest;
}

/**
 * phyr_list_highest - the highest address of system memory in a list
 * @list: The list, with at least one range of system memory.
 *
 * Return: The address of the highest byte, which is part of the list.  O(1).
 */
static inline phys_addr_t phyr_list_highest(const struct phyr_list *list)
{
	return list->highest;
}

/**
 * phyr_list_boundaries - how well the ranges of a list are aligned
 * @list: The list.
 *
 * Return: A number whose lowest bit is that of the OR of the addresses at which a range
 * begins, but for the first, and after which a range ends, but for the last; zero if
 * there are no two ranges.  If it has none of the bits below a power of two then pages of
 * that size can hold the list without a gap.  Higher bits mean nothing.  O(1).
 */
static inline u64 phyr_list_boundaries(const struct phyr_list *list)
{
	return list->boundaries;
}

/**
 * phyr_list_is_system - is all of a list system memory?
 * @list: The list.
 *
 * Return: Whether every range is of kind %PHYR_SYSTEM; true for an empty list.
 */
static inline bool phyr_list_is_system(const struct phyr_list *list)
{
	return !(list->kinds & ~(1U << PHYR_SYSTEM));
}

/**
 * phyr_list_has_p2p - is there peer-to-peer memory in a list?
 * @list: The list.
 *
 * Return: Whether some range is of kind %PHYR_P2P.
 */
static inline bool phyr_list_has_p2p(const struct phyr_list *list)
{
	return list->kinds & (1U << PHYR_P2P);
}

/**
 * struct phyr_iter - walks the ranges of a list or of a window of it
 * @word: Private.
 * @end: Private.
 * @next: Private.
 * @left: Bytes still to come.
 * @skip: Private.
 * @run: The run of the range yielded last.
 *
 * Lives on the stack.  The list must not change meanwhile.
 */
struct phyr_iter {
	const u64		*word;
	const u64		*end;
	const struct phyr_chunk	*next;
	u64			left;
	u64			skip;
	struct phyr_run		run;
};

void __phyr_iter_next(struct phyr_iter *iter, struct phyr *range);
void __phyr_iter_enter_chunk(struct phyr_iter *iter);
phys_addr_t __phyr_iter_addr(const struct phyr_iter *iter);
int __phyr_iter_init_window(struct phyr_iter *iter, const struct phyr_list *list,
			    u64 off, u64 len);

/**
 * phyr_iter_init - begin to walk a whole list
 * @iter: Iterator.
 * @list: The list, empty or not.
 *
 * Context: Any.
 * Return: @iter.
 */
static inline struct phyr_iter *phyr_iter_init(struct phyr_iter *iter,
					       const struct phyr_list *list)
{
	/* One by one: clearing all of it first is what takes time */
	iter->word = list->words;
	iter->end = list->words + list->nr_words;
	iter->next = list->first;
	iter->left = list->bytes;
	iter->skip = list->head;
	iter->run.provider = NULL;
	iter->run.kind = PHYR_SYSTEM;
	iter->run.attrs = 0;
	return iter;
}

/**
 * phyr_iter_init_window - begin to walk a part of a list
 * @iter: Iterator.
 * @list: The list.
 * @off: Where the window begins, bytes from the start of the list.
 * @len: Bytes in the window.
 *
 * Ranges are cut at both ends of the window.  Takes O(log n) steps to begin.
 *
 * Context: Any.
 * Return: 0, or %-ERANGE if the window is not within the list.
 */
static inline int phyr_iter_init_window(struct phyr_iter *iter, const struct phyr_list *list,
					u64 off, u64 len)
{
	if (unlikely(off || len > list->bytes))
		return __phyr_iter_init_window(iter, list, off, len);
	phyr_iter_init(iter, list);
	iter->left = len;
	return 0;
}

/**
 * phyr_iter_next - the next range of a walk
 * @iter: Iterator.
 * @range: Where to store the range, cut to the window.
 *
 * Context: Any.
 * Return: False at the end, and @range is as it was.
 */
static inline bool phyr_iter_next(struct phyr_iter *iter, struct phyr *range)
{
	u64 word;

	if (!iter->left)
		return false;
	if (unlikely(iter->word == iter->end || (*iter->word & PHYR_WORD_TAG_MASK))) {
		__phyr_iter_next(iter, range);
		return true;
	}
	word = *iter->word++;
	range->addr = phyr_packed_addr(word) + iter->skip;
	range->len = min(phyr_packed_len(word) - iter->skip, iter->left);
	range->run = &iter->run;
	iter->skip = 0;
	iter->left -= range->len;
	return true;
}

/**
 * phyr_iter_addr - where the next range of a walk begins
 * @iter: Iterator, with bytes left; it does not move.
 *
 * Context: Any.
 * Return: The address that phyr_iter_next() will yield.
 */
static inline phys_addr_t phyr_iter_addr(const struct phyr_iter *iter)
{
	if (unlikely(iter->word == iter->end || (*iter->word & PHYR_WORD_TAG_MASK)))
		return __phyr_iter_addr(iter);
	return phyr_packed_addr(*iter->word) + iter->skip;
}

/*
 * For those who take scattered pages by the million: ranges that are one whole granule
 * each, and are stored in a row.  @words[i] >> %PHYR_GRANULE_SHIFT is the address of
 * one if no bit of %PHYR_SINGLE_MASK is set in it; else it is something else, which
 * phyr_iter_next() knows to read.
 */
#define PHYR_SINGLE_MASK	((1ULL << PHYR_PACKED_ADDR_SHIFT) - 1)

/* Is the next range one of them? */
static inline bool phyr_iter_at_single(const struct phyr_iter *iter)
{
	return iter->left >= PHYR_GRANULE_SIZE && !iter->skip && iter->word != iter->end &&
		!(*iter->word & PHYR_SINGLE_MASK);
}

/* Look at up to @max of them without moving on; returns how many words there may be */
static inline u64 phyr_iter_peek_singles(const struct phyr_iter *iter, const u64 **words, u64 max)
{
	u64 nr = min(iter->left >> PHYR_GRANULE_SHIFT, max);

	*words = iter->word;
	return iter->skip ? 0 : min_t(u64, nr, iter->end - iter->word);
}

/* Move on by @nr of them, all of which were such */
static inline void phyr_iter_take_singles(struct phyr_iter *iter, u64 nr)
{
	iter->word += nr;
	iter->left -= nr << PHYR_GRANULE_SHIFT;
}

/* The next range, if it is whole granules that a word is enough for; does not move on */
static inline bool phyr_iter_peek_packed(const struct phyr_iter *iter, u64 *addr, u64 *len)
{
	u64 word;

	if (iter->skip || iter->word == iter->end)
		return false;
	word = *iter->word;
	*addr = phyr_packed_addr(word);
	*len = phyr_packed_len(word);
	return !(word & PHYR_WORD_TAG_MASK) && *len <= iter->left;
}

/* Move on by it */
static inline void phyr_iter_take_packed(struct phyr_iter *iter, u64 len)
{
	iter->word++;
	iter->left -= len;
}

/*
 * For those who take large pages by the thousand: what a word has in the bits of @mask if
 * it is a range of whole blocks of 2^@shift bytes.  @mask is 0 if no word can be.
 */
static inline u64 phyr_packed_blocks(unsigned int shift, u64 *mask)
{
	u64 low = (1ULL << (shift - PHYR_GRANULE_SHIFT)) - 1;

	*mask = 0;
	if (shift > PHYR_PACKED_COUNT_BITS + PHYR_GRANULE_SHIFT)
		return 0;
	*mask = PHYR_WORD_TAG_MASK | low << PHYR_PACKED_COUNT_SHIFT |
		low << PHYR_PACKED_ADDR_SHIFT;
	return low << PHYR_PACKED_COUNT_SHIFT;
}

/* The next range, if it is such blocks and in the same chunk; nothing is to be skipped */
static inline bool phyr_iter_next_blocks(struct phyr_iter *iter, u64 mask, u64 blocks,
					 u64 *addr, u64 *len)
{
	u64 word, left;

	if (iter->word == iter->end)
		return false;
	word = *iter->word;
	if ((word & mask) != blocks)
		return false;
	*addr = phyr_packed_addr(word);
	*len = phyr_packed_len(word);
	if (check_sub_overflow(iter->left, *len, &left))
		return false;
	iter->word++;
	iter->left = left;
	return true;
}

/**
 * phyr_list_for_each - walk all ranges of a list
 * @range: A struct phyr.
 * @iter: A struct phyr_iter.
 * @list: The list.
 */
#define phyr_list_for_each(range, iter, list)					\
	for (struct phyr_iter *__iter = phyr_iter_init(&(iter), list);		\
	     phyr_iter_next(__iter, &(range));)

/**
 * struct phyr_page_iter - walks the pages of a list
 *
 * Lives on the stack.  The list must not change meanwhile.  All members are private.
 */
struct phyr_page_iter {
	/* private: */
	struct phyr_iter	iter;
	struct phyr		range;		/* the rest of it */
};

/**
 * phyr_page_iter_init - begin to walk the pages of a list
 * @iter: Iterator.
 * @list: The list, all of which has a struct page (see phyr_has_pages()).
 *
 * Context: Any.
 * Return: @iter.
 */
static inline struct phyr_page_iter *phyr_page_iter_init(struct phyr_page_iter *iter,
							 const struct phyr_list *list)
{
	phyr_iter_init(&iter->iter, list);
	iter->range.len = 0;
	return iter;
}

struct page *phyr_page_iter_next(struct phyr_page_iter *iter);

/**
 * phyr_list_for_each_page - walk the pages of a list
 * @page: A struct page *, NULL after the last one.
 * @iter: A struct phyr_page_iter.
 * @list: The list, all of which has a struct page.
 *
 * For code that keeps pages, one by one.  A page in which one range ends and the next
 * one begins comes twice.
 */
#define phyr_list_for_each_page(page, iter, list)				\
	for (struct phyr_page_iter *__iter = phyr_page_iter_init(&(iter), list);	\
	     ((page) = phyr_page_iter_next(__iter));)

/* Changing a list: lib/phyr/list.c */
int phyr_list_append(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp);
int phyr_list_append_mmio(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp);
int phyr_list_append_unmerged(struct phyr_list *list, phys_addr_t addr, u64 len, gfp_t gfp);
int phyr_list_reserve(struct phyr_list *list, u64 nr_ranges, gfp_t gfp);
int phyr_list_truncate(struct phyr_list *list, u64 bytes);
int phyr_list_split(struct phyr_list *list, u64 off, struct phyr_list *tail, gfp_t gfp);
int phyr_list_move(struct phyr_list *to, struct phyr_list *from);
void phyr_list_release(struct phyr_list *list);
void phyr_list_release_dirty(struct phyr_list *list);
size_t phyr_list_memory(const struct phyr_list *list);

/* From kernel memory in other descriptions: lib/phyr/import.c */
int phyr_list_append_pages(struct phyr_list *list, struct page *const *pages,
			   unsigned long nr_pages, size_t offset, u64 len, gfp_t gfp);
int phyr_list_append_folio(struct phyr_list *list, struct folio *folio,
			   size_t offset, size_t len, gfp_t gfp);
int phyr_list_append_bvecs(struct phyr_list *list, const struct bio_vec *bvecs,
			   unsigned int nr_bvecs, gfp_t gfp);
int phyr_list_append_bvec_iter(struct phyr_list *list, const struct bio_vec *bvecs,
			       struct bvec_iter iter, gfp_t gfp);
int phyr_list_append_kvecs(struct phyr_list *list, const struct kvec *kvecs,
			   unsigned int nr_kvecs, gfp_t gfp);
int phyr_list_append_kaddr(struct phyr_list *list, const void *addr, size_t len, gfp_t gfp);
int phyr_list_append_sg(struct phyr_list *list, struct scatterlist *sgl,
			unsigned int nr_entries, gfp_t gfp);
int phyr_list_append_sgtable(struct phyr_list *list, struct sg_table *sgt, gfp_t gfp);

/* From providers of peer-to-peer memory: lib/phyr/p2p.c */
int phyr_list_append_p2p(struct phyr_list *list, struct p2pdma_provider *provider,
			 u64 offset, u64 len, gfp_t gfp);

/* From user memory, with pins: lib/phyr/pin.c */
int pin_user_phyr(struct phyr_list *list, unsigned long addr, u64 len,
		  unsigned int gup_flags, gfp_t gfp);
int phyr_list_append_iter(struct phyr_list *list, struct iov_iter *iter, size_t len,
			  iov_iter_extraction_t extraction_flags, gfp_t gfp);
int phyr_list_mark_dirty(struct phyr_list *list, u64 off, u64 len);

/* To other descriptions and by copying: lib/phyr/export.c */
bool phyr_has_pages(phys_addr_t addr, u64 len);
int phyr_list_to_sgtable(const struct phyr_list *list, struct sg_table *sgt,
			 unsigned int max_segment, gfp_t gfp);
int phyr_list_to_bvecs(const struct phyr_list *list, u64 off, u64 len,
		       struct bio_vec *bvecs, unsigned int max_bvecs);
int phyr_list_copy_from(const struct phyr_list *list, u64 off, void *buf, size_t len);
int phyr_list_copy_to(const struct phyr_list *list, u64 off, const void *buf, size_t len);

#endif /* _LINUX_PHYR_H */
