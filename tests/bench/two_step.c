// SPDX-License-Identifier: GPL-2.0
/*
 * An array of addresses and lengths, and what dma_iova_try_alloc(), dma_iova_link() and
 * dma_iova_sync() of newer kernels do with it: one block of IOVA, one iommu_map() without
 * sync for each range, one sync. Where memory is reached directly these do nothing, and
 * their users call dma_map_page() for each range.
 *
 * The kernel that is measured does not have them, so their steps are called one by one,
 * without what they check for each range: a bit cheaper than they are. Some of the
 * functions are not exported, and no driver should call them. tests/bench/init.c
 * looks them up; calls by address take as many instructions, without mitigations.
 */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "bench.h"

/* In the order of tests/bench/init.c */
static union {
	unsigned long addr[6];
	struct {
		int (*to_prot)(enum dma_data_direction dir, bool coherent, unsigned long attrs);
		dma_addr_t (*alloc_iova)(struct iommu_domain *domain, size_t size,
					 u64 dma_limit, struct device *dev);
		void (*unmap)(struct device *dev, dma_addr_t dma_addr, size_t size,
			      dma_addr_t iova, size_t iova_size, bool is_phyr);
		struct iommu_domain *(*get_domain)(struct device *dev);
		int (*map)(struct iommu_domain *domain, unsigned long iova,
			   phys_addr_t paddr, size_t size, int prot, gfp_t gfp);
		int (*sync)(struct iommu_domain *domain, unsigned long iova, size_t size);
	};
} fn;

static unsigned int nr_functions;
module_param_array_named(functions, fn.addr, ulong, &nr_functions, 0400);
MODULE_PARM_DESC(functions, "Addresses of functions that the kernel does not export");

struct extent {
	u64	addr;
	u64	len;
};

struct ranges {
	struct extent	*extent;
	unsigned long	nr;
	unsigned long	mapped;	/* directly; extent[].addr are then DMA addresses */
	bool		translates;
	dma_addr_t	iova;
	size_t		iova_len;
};

static noinline int build(const struct bench_case *c, struct ranges *r)
{
	u64 left = c->len, offset = c->offset;
	struct extent *last = NULL;
	unsigned long i;

	r->extent = kvmalloc_array(c->nr, sizeof(*r->extent), GFP_KERNEL);
	if (!r->extent)
		return -ENOMEM;
	for (i = 0; i < c->nr; i++) {
		u64 addr = page_to_phys(c->pages[i]) + offset;
		u64 len = min(PAGE_SIZE - offset, left);

		if (last && last->addr + last->len == addr &&
		    last->len + len <= c->max_segment) {
			last->len += len;
		} else {
			last = &r->extent[r->nr++];
			last->addr = addr;
			last->len = len;
		}
		left -= len;
		offset = 0;
	}
	return 0;
}

static noinline int map_iova(struct device *dev, struct ranges *r, u64 len)
{
	struct iommu_domain *domain = fn.get_domain(dev);
	u64 pad = offset_in_page(r->extent[0].addr), pos = 0;
	size_t size = PAGE_ALIGN(len + pad);
	unsigned long i;
	int ret, prot;

	prot = fn.to_prot(DMA_TO_DEVICE, true, 0);
	r->iova = fn.alloc_iova(domain, size, dma_get_mask(dev), dev);
	if (!r->iova)
		return -ENOSPC;
	r->iova_len = size;
	for (i = 0; i < r->nr; i++) {
		u64 addr = r->extent[i].addr & PAGE_MASK;
		u64 end = PAGE_ALIGN(r->extent[i].addr + r->extent[i].len);

		ret = fn.map(domain, r->iova + pos, addr, end - addr, prot, GFP_ATOMIC);
		if (ret)
			return ret;
		pos += end - addr;
	}
	return fn.sync(domain, r->iova, size);
}

static noinline int map_direct(struct device *dev, struct ranges *r)
{
	unsigned long i;

	for (i = 0; i < r->nr; i++) {
		phys_addr_t phys = r->extent[i].addr;
		struct page *page = pfn_to_page(PHYS_PFN(phys));
		dma_addr_t addr = dma_map_page(dev, page, offset_in_page(phys),
					       r->extent[i].len, DMA_TO_DEVICE);

		if (dma_mapping_error(dev, addr))
			return -EIO;
		r->extent[i].addr = addr;
		r->mapped++;
	}
	return 0;
}

static noinline void unmap(struct device *dev, struct ranges *r)
{
	unsigned long i;

	if (r->translates) {
		if (r->iova_len)
			fn.unmap(dev, r->iova, r->iova_len, r->iova, r->iova_len, false);
		return;
	}
	for (i = 0; i < r->mapped; i++)
		dma_unmap_page(dev, r->extent[i].addr, r->extent[i].len, DMA_TO_DEVICE);
}

static int check(const struct bench_case *c, struct ranges *r)
{
	u64 blocks = 0, addr;
	unsigned long i;
	int ret = 0;

	if (r->translates) {
		for (addr = r->iova; addr < r->iova + r->iova_len && !ret; addr += PAGE_SIZE)
			ret = bench_check(c, blocks++, addr);
		return ret ?: bench_check_end(c, blocks);
	}
	for (i = 0; i < r->nr; i++) {
		for (addr = r->extent[i].addr & PAGE_MASK;
		     addr < r->extent[i].addr + r->extent[i].len && !ret; addr += PAGE_SIZE)
			ret = bench_check(c, blocks++, addr);
	}
	return ret ?: bench_check_end(c, blocks);
}

/* No iterator comes with it: loops are written for each case, as here */
static u64 walk(struct ranges *r, u64 size)
{
	u64 start, addr, end, sum = 0;
	unsigned long i;

	start = bench_start();
	if (r->translates) {
		end = r->iova + r->iova_len;
		for (addr = r->iova; addr < end; addr += size) {
			sum += addr;
			OPTIMIZER_HIDE_VAR(sum);
		}
	} else {
		for (i = 0; i < r->nr; i++) {
			end = r->extent[i].addr + r->extent[i].len;
			for (addr = r->extent[i].addr & ~(size - 1); addr < end; addr += size) {
				sum += addr;
				OPTIMIZER_HIDE_VAR(sum);
			}
		}
	}
	bench_use(sum);
	return bench_end(start);
}

static int run(const struct bench_case *c, struct bench_result *r)
{
	struct ranges ranges = { .translates = bench_translates(c->dev) };
	u64 start, off;
	unsigned long n;
	int ret, i;

	if (ranges.translates && nr_functions != ARRAY_SIZE(fn.addr))
		return -ENOENT;

	start = bench_start();
	ret = build(c, &ranges);
	r->ticks[BENCH_BUILD] = bench_end(start);
	if (ret)
		return ret;

	start = bench_start();
	if (ranges.translates)
		ret = map_iova(c->dev, &ranges, c->len);
	else
		ret = map_direct(c->dev, &ranges);
	r->ticks[BENCH_MAP] = bench_end(start);
	if (!ret) {
		r->ticks[BENCH_WALK] = walk(&ranges, PAGE_SIZE);
		if (c->large)
			r->ticks[BENCH_WALK2M] = walk(&ranges, SZ_2M);
		if (c->check)
			ret = check(c, &ranges);
	}

	start = bench_start();
	unmap(c->dev, &ranges);
	r->ticks[BENCH_UNMAP] = bench_end(start);

	r->bytes = c->nr * sizeof(*ranges.extent);
	r->ranges = ranges.nr;
	r->ticks[BENCH_SEEK] = 0;
	for (i = 0; i < BENCH_SEEKS; i++) {
		off = c->len * (2 * i + 1) / (2 * BENCH_SEEKS);
		start = bench_start();
		for (n = 0; n < ranges.nr && off >= ranges.extent[n].len; n++)
			off -= ranges.extent[n].len;
		bench_use(ranges.extent[n].addr + off);
		r->ticks[BENCH_SEEK] += bench_end(start);
	}

	start = bench_start();
	kvfree(ranges.extent);
	r->ticks[BENCH_RELEASE] = bench_end(start);
	return ret;
}

const struct bench_impl bench_two_step = { "two_step", run };
