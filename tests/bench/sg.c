// SPDX-License-Identifier: GPL-2.0
/* A scatterlist and dma_map_sgtable(), as RDMA's umem uses them */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "bench.h"

/* As __rdma_block_iter_next(), which is a function of another module, too */
struct block_iter {
	struct scatterlist	*sg;
	dma_addr_t		addr;
	unsigned int		nents;
	unsigned int		advance;
	unsigned int		shift;
};

static noinline bool block_iter_next(struct block_iter *iter)
{
	dma_addr_t offset;
	dma_addr_t delta;

	if (!iter->nents || !iter->sg)
		return false;

	iter->addr = sg_dma_address(iter->sg) + iter->advance;
	offset = iter->addr & (BIT_ULL(iter->shift) - 1);
	delta = BIT_ULL(iter->shift) - offset;

	while (iter->nents && iter->sg && sg_dma_len(iter->sg) - iter->advance <= delta) {
		delta -= sg_dma_len(iter->sg) - iter->advance;
		iter->advance = 0;
		iter->sg = sg_next(iter->sg);
		iter->nents--;
	}
	iter->advance += delta;
	return true;
}

static void block_iter_init(struct block_iter *iter, struct sg_table *sgt, u64 size)
{
	*iter = (struct block_iter) {
		.sg = sgt->sgl,
		.nents = sgt->nents,
		.shift = __fls(size),
	};
}

static int check(const struct bench_case *c, struct sg_table *sgt)
{
	struct block_iter iter;
	u64 blocks = 0;
	int ret;

	block_iter_init(&iter, sgt, PAGE_SIZE);
	while (block_iter_next(&iter)) {
		ret = bench_check(c, blocks++, iter.addr & PAGE_MASK);
		if (ret)
			return ret;
	}
	return bench_check_end(c, blocks);
}

static u64 walk(struct sg_table *sgt, u64 size)
{
	struct block_iter iter;
	u64 start, sum = 0;

	start = bench_start();
	block_iter_init(&iter, sgt, size);
	while (block_iter_next(&iter))
		sum += iter.addr & ~(BIT_ULL(iter.shift) - 1);
	bench_use(sum);
	return bench_end(start);
}

/* Entries are allocated by the page, the last of each but the last is a link */
static u64 memory(struct sg_append_table *table)
{
	u64 entries = table->total_nents;

	if (entries > SG_MAX_SINGLE_ALLOC)
		entries += (entries - 2) / (SG_MAX_SINGLE_ALLOC - 1);
	return entries * sizeof(struct scatterlist);
}

static int run(const struct bench_case *c, struct bench_result *r)
{
	struct sg_append_table table = {};
	struct scatterlist *sg;
	u64 start, off;
	int ret, i, n;

	start = bench_start();
	ret = sg_alloc_append_table_from_pages(&table, c->pages, c->nr, c->offset, c->len,
					       c->max_segment, 0, GFP_KERNEL);
	r->ticks[BENCH_BUILD] = bench_end(start);
	if (ret)
		goto out;

	start = bench_start();
	ret = dma_map_sgtable(c->dev, &table.sgt, DMA_TO_DEVICE, 0);
	r->ticks[BENCH_MAP] = bench_end(start);
	if (ret)
		goto out;

	r->ticks[BENCH_WALK] = walk(&table.sgt, PAGE_SIZE);
	if (c->large)
		r->ticks[BENCH_WALK2M] = walk(&table.sgt, SZ_2M);
	if (c->check)
		ret = check(c, &table.sgt);

	start = bench_start();
	dma_unmap_sgtable(c->dev, &table.sgt, DMA_TO_DEVICE, 0);
	r->ticks[BENCH_UNMAP] = bench_end(start);

	r->bytes = memory(&table);
	r->ranges = table.sgt.orig_nents;
	r->ticks[BENCH_SEEK] = 0;
	for (i = 0; i < BENCH_SEEKS; i++) {
		off = c->len * (2 * i + 1) / (2 * BENCH_SEEKS);
		start = bench_start();
		for_each_sgtable_sg(&table.sgt, sg, n) {
			if (off < sg->length)
				break;
			off -= sg->length;
		}
		bench_use(sg_phys(sg) + off);
		r->ticks[BENCH_SEEK] += bench_end(start);
	}
out:
	start = bench_start();
	sg_free_append_table(&table);
	r->ticks[BENCH_RELEASE] = bench_end(start);
	return ret;
}

const struct bench_impl bench_sg = { "sg", run };
