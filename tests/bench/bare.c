// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: 8 bytes stored for each page by a plain loop, once to remember the address
 * and once for the entry of a page table. Nothing is allocated, looked up or told to any
 * hardware, no memory is described that is not whole pages. Where memory is reached
 * directly there is no page table, and the floor of mapping is nothing.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "bench.h"

#define BARE_ATTRS	3

static int run(const struct bench_case *c, struct bench_result *r)
{
	bool translates = bench_translates(c->dev);
	u64 *words, *table, start, addr, end, sum = 0;
	unsigned long i;
	int ret = -ENOMEM;

	words = kvmalloc_array(c->nr, sizeof(*words), GFP_KERNEL);
	table = kvcalloc(c->nr, sizeof(*table), GFP_KERNEL);
	if (!words || !table)
		goto out;

	start = bench_start();
	for (i = 0; i < c->nr; i++)
		WRITE_ONCE(words[i], page_to_phys(c->pages[i]));
	r->ticks[BENCH_BUILD] = bench_end(start);

	r->ticks[BENCH_MAP] = 0;
	r->ticks[BENCH_UNMAP] = 0;
	if (translates) {
		start = bench_start();
		for (i = 0; i < c->nr; i++)
			WRITE_ONCE(table[i], READ_ONCE(words[i]) | BARE_ATTRS);
		r->ticks[BENCH_MAP] = bench_end(start);

		start = bench_start();
		for (addr = 0, end = c->nr << PAGE_SHIFT; addr < end; addr += PAGE_SIZE) {
			sum += addr;
			OPTIMIZER_HIDE_VAR(sum);
		}
		bench_use(sum);
		r->ticks[BENCH_WALK] = bench_end(start);

		start = bench_start();
		for (i = 0; i < c->nr; i++)
			WRITE_ONCE(table[i], 0);
		r->ticks[BENCH_UNMAP] = bench_end(start);
	} else {
		start = bench_start();
		for (i = 0; i < c->nr; i++)
			sum += READ_ONCE(words[i]);
		bench_use(sum);
		r->ticks[BENCH_WALK] = bench_end(start);
	}
	r->ticks[BENCH_RELEASE] = 0;
	r->bytes = c->nr * sizeof(*words);
	r->ranges = c->nr;
	ret = 0;
out:
	kvfree(table);
	kvfree(words);
	return ret;
}

const struct bench_impl bench_bare = { "bare", run };
