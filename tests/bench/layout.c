// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that is mapped: one physically contiguous stretch, of which all layouts
 * take their pages. So they are the same in each boot.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bench.h"

/*
 * The largest that the page allocator has, and how many to ask for: they are neighbours
 * if little has been allocated since boot
 */
#define BLOCK_ORDER	MAX_PAGE_ORDER
#define BLOCK_PAGES	BIT(BLOCK_ORDER)
#define BLOCKS		(BENCH_PAGES / BLOCK_PAGES)
#define BLOCKS_TRIED	(4 * BLOCKS)

static struct page **blocks;
static unsigned long nr_blocks, first_block;

static int compare(const void *a, const void *b)
{
	unsigned long x = page_to_pfn(*(struct page *const *)a);
	unsigned long y = page_to_pfn(*(struct page *const *)b);

	return x < y ? -1 : x > y;
}

int bench_pages_get(void)
{
	unsigned long i, found = 0;

	blocks = kvmalloc_array(BLOCKS_TRIED, sizeof(*blocks), GFP_KERNEL);
	if (!blocks)
		return -ENOMEM;
	for (nr_blocks = 0; nr_blocks < BLOCKS_TRIED; nr_blocks++) {
		blocks[nr_blocks] = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY,
						BLOCK_ORDER);
		if (!blocks[nr_blocks])
			break;
	}
	sort(blocks, nr_blocks, sizeof(*blocks), compare, NULL);
	for (i = 0; i < nr_blocks && found < BLOCKS; i++) {
		if (found && page_to_pfn(blocks[i]) ==
			     page_to_pfn(blocks[i - 1]) + BLOCK_PAGES)
			found++;
		else
			found = 1;
	}
	first_block = i - found;
	/* The others are for what is built and mapped */
	for (i = 0; i < nr_blocks; i++) {
		if (found == BLOCKS && i >= first_block && i < first_block + BLOCKS)
			continue;
		__free_pages(blocks[i], BLOCK_ORDER);
		blocks[i] = NULL;
	}
	if (found == BLOCKS)
		return 0;
	kvfree(blocks);
	nr_blocks = 0;
	return -ENOMEM;
}

void bench_pages_put(void)
{
	unsigned long i;

	for (i = 0; i < nr_blocks; i++) {
		if (blocks[i])
			__free_pages(blocks[i], BLOCK_ORDER);
	}
	kvfree(blocks);
}

struct page *bench_page(unsigned long i)
{
	return nth_page(blocks[first_block], i);
}

/*
 * An order of @nr things, a power of two, in which none follows on the one before: steps
 * of about 0.618 * @nr
 */
unsigned long bench_spread(unsigned long i, unsigned long nr)
{
	return (i * ((nr * 79 / 128) | 1)) & (nr - 1);
}
