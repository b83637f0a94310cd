// SPDX-License-Identifier: GPL-2.0
/* A physical range list and dma_map_phyr() */
#include <linux/dma-phyr.h>
#include <linux/phyr.h>
#include <linux/sizes.h>

#include "bench.h"

static int check(const struct bench_case *c, struct dma_phyr_map *map)
{
	struct dma_phyr_block_iter iter;
	u64 blocks = 0;
	int ret;

	dma_phyr_for_each_block(iter, map, PAGE_SIZE) {
		ret = bench_check(c, blocks++, iter.addr);
		if (ret)
			return ret;
	}
	return bench_check_end(c, blocks);
}

static u64 walk(struct dma_phyr_map *map, u64 size)
{
	struct dma_phyr_block_iter iter;
	u64 start, sum = 0;

	start = bench_start();
	dma_phyr_for_each_block(iter, map, size)
		sum += iter.addr;
	bench_use(sum);
	return bench_end(start);
}

static int run(const struct bench_case *c, struct bench_result *r)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	struct phyr_iter iter;
	struct phyr range;
	u64 start, off;
	int ret, i;

	start = bench_start();
	ret = phyr_list_append_pages(&list, c->pages, c->nr, c->offset, c->len, GFP_KERNEL);
	r->ticks[BENCH_BUILD] = bench_end(start);
	if (ret)
		return ret;

	start = bench_start();
	ret = dma_map_phyr(c->dev, &list, &map, DMA_TO_DEVICE, 0);
	r->ticks[BENCH_MAP] = bench_end(start);
	if (ret)
		goto out;

	r->ticks[BENCH_WALK] = walk(&map, PAGE_SIZE);
	if (c->large)
		r->ticks[BENCH_WALK2M] = walk(&map, SZ_2M);
	if (c->check)
		ret = check(c, &map);

	start = bench_start();
	dma_unmap_phyr(&map);
	r->ticks[BENCH_UNMAP] = bench_end(start);

	r->bytes = phyr_list_memory(&list);
	r->ranges = phyr_list_ranges(&list);
	r->ticks[BENCH_SEEK] = 0;
	for (i = 0; i < BENCH_SEEKS; i++) {
		off = c->len * (2 * i + 1) / (2 * BENCH_SEEKS);
		start = bench_start();
		if (phyr_iter_init_window(&iter, &list, off, c->len - off) ||
		    !phyr_iter_next(&iter, &range))
			ret = -EIO;
		bench_use(range.addr);
		r->ticks[BENCH_SEEK] += bench_end(start);
	}
out:
	start = bench_start();
	phyr_list_release(&list);
	r->ticks[BENCH_RELEASE] = bench_end(start);
	return ret;
}

const struct bench_impl bench_phyr = { "phyr", run };
