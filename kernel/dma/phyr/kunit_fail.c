// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: everything that can fail while mapping fails, at every step; and what
 * only the devices of User Mode Linux let one see: page table entries, syncs,
 * cache maintenance.
 *
 * After each failure nothing may be left: no mapped granule, no bounce buffer
 * slot, no IOVA.  IOVA cannot be counted, so it is used up if it leaks.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>

#include "kunit.h"
#include "kunit_buf.h"

static void expect_unused(struct kunit *test, struct device *dev, struct dma_phyr_map *map,
			  unsigned long slots)
{
	KUNIT_EXPECT_EQ(test, dma_phyr_count(map), 0);
	KUNIT_EXPECT_STREQ(test, dma_phyr_map_path(map), "not in use");
	KUNIT_EXPECT_EQ(test, phyr_kunit_mapped(dev), 0);
	KUNIT_EXPECT_EQ(test, phyr_kunit_slots(dev), slots);
}

/*
 * Let the k-th call of the IOMMU driver or dma_map_ops fail, for every k.  There are
 * at most @leaf entries of a table to be filled at once, 0: none.
 */
static void fail_every_map(struct kunit *test, enum phyr_kunit_kind kind, unsigned int leaf,
			   int err)
{
	struct device *dev = phyr_kunit_device_add(test, kind);
	unsigned long slots = phyr_kunit_slots(dev);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int layout, k;
	int ret;

	/* Little IOVA, so that what leaks is soon missed */
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(kind == PHYR_KUNIT_OPS ? 64 : 24)), 0);
	phyr_kunit_set_leaf(leaf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		for (k = 1; k < 1000; k++) {
			phyr_kunit_fail_map(k);
			ret = dma_map_phyr(dev, &buf->list, &map, DMA_BIDIRECTIONAL, 0);
			phyr_kunit_fail_map(0);
			if (!ret)
				break;
			KUNIT_ASSERT_EQ(test, ret, err);
			expect_unused(test, dev, &map, slots);
		}
		KUNIT_ASSERT_EQ(test, ret, 0);
		/* A range is a step at least, or so many of them as are filled at once */
		KUNIT_EXPECT_GE(test, k, phyr_list_ranges(&buf->list) / max(leaf, 1) + 1);
		dma_unmap_phyr(&map);
		expect_unused(test, dev, &map, slots);
	}
}

static void dma_phyr_fail_iommu_map(struct kunit *test)
{
	fail_every_map(test, PHYR_KUNIT_STRICT, 0, -ENOMEM);
	fail_every_map(test, PHYR_KUNIT_STRICT, 1, -ENOMEM);
	fail_every_map(test, PHYR_KUNIT_STRICT, 5, -ENOMEM);
	fail_every_map(test, PHYR_KUNIT_STRICT, 512, -ENOMEM);
}

static void dma_phyr_fail_iommu_map_lazy(struct kunit *test)
{
	fail_every_map(test, PHYR_KUNIT_LAZY, 0, -ENOMEM);
	fail_every_map(test, PHYR_KUNIT_LAZY, 3, -ENOMEM);
}

static void dma_phyr_fail_ops_map(struct kunit *test)
{
	fail_every_map(test, PHYR_KUNIT_OPS, 0, -EIO);
}

static void dma_phyr_fail_iova(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_STRICT);
	unsigned long slots = phyr_kunit_slots(dev);
	struct phyr_list list = PHYR_LIST_INIT;
	const unsigned int most = 40;
	struct dma_phyr_map *map, one = {};
	unsigned int i, nr, round;

	map = kunit_kcalloc(test, most, sizeof(*map), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, map);

	/* 16 MiB of IOVA for lists of 1 MiB; nothing but page table entries is used */
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(24)), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_1G, SZ_1M, GFP_KERNEL), 0);
	for (round = 0; round < 20; round++) {
		for (nr = 0; nr < most; nr++)
			if (dma_map_phyr(dev, &list, &map[nr], DMA_TO_DEVICE, 0))
				break;
		KUNIT_ASSERT_GE(test, nr, 12);
		KUNIT_ASSERT_LT(test, nr, most);
		KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &list, &one, DMA_TO_DEVICE, 0), -ENOSPC);
		KUNIT_EXPECT_EQ(test, phyr_kunit_mapped(dev), nr * SZ_1M / SZ_4K);
		for (i = 0; i < nr; i++)
			dma_unmap_phyr(&map[i]);
		expect_unused(test, dev, &one, slots);
	}
	/* Longer than any IOVA that there could be */
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_2G, 1ULL << 62, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &list, &one, DMA_TO_DEVICE, 0), -E2BIG);
	expect_unused(test, dev, &one, slots);
	phyr_list_release(&list);
}

/* With exactly k pages of bounce buffers left, for every k */
static void dma_phyr_fail_swiotlb_full(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_BOUNCE);
	unsigned long slots, total = dev->dma_io_tlb_mem->nslabs;
	unsigned int nr, k, max = total * IO_TLB_SIZE / PAGE_SIZE + 1;
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map *maps, map = {};
	struct phyr_list page = PHYR_LIST_INIT;
	int ret;

	maps = kunit_kcalloc(test, max, sizeof(*maps), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, maps);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&page, virt_to_phys(buf->area), PAGE_SIZE,
					       GFP_KERNEL), 0);
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	for (nr = 0; nr < max; nr++)
		if (dma_map_phyr(dev, &page, &maps[nr], DMA_TO_DEVICE, DMA_ATTR_NO_WARN))
			break;
	KUNIT_ASSERT_LT(test, nr, max);
	for (k = 0; k < 70; k++) {
		slots = phyr_kunit_slots(dev);
		ret = dma_map_phyr(dev, &buf->list, &map, DMA_BIDIRECTIONAL, DMA_ATTR_NO_WARN);
		if (k < 64) {
			KUNIT_ASSERT_EQ(test, ret, -ENOBUFS);
			expect_unused(test, dev, &map, slots);
		} else {
			KUNIT_ASSERT_EQ(test, ret, 0);
			dma_unmap_phyr(&map);
		}
		dma_unmap_phyr(&maps[--nr]);
	}
	while (nr)
		dma_unmap_phyr(&maps[--nr]);
	expect_unused(test, dev, &map, 0);
	phyr_list_release(&page);
}

/* The k-th allocation fails, for every k */
static void fail_every_allocation(struct kunit *test, enum phyr_kunit_kind kind)
{
#ifdef CONFIG_FAILSLAB
	struct device *dev = phyr_kunit_device_add(test, kind);
	unsigned long slots = phyr_kunit_slots(dev);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int failed = 0, k;
	int ret;

	if (kind == PHYR_KUNIT_HOLE)
		phyr_kunit_set_hole(dev, virt_to_phys(buf->area + 40 * PAGE_SIZE));
	kbuf_lay_out(test, buf, KBUF_ODD_INSIDE);
	for (k = 1; k < 1000; k++) {
		current->fail_nth = k;
		ret = dma_map_phyr(dev, &buf->list, &map, DMA_BIDIRECTIONAL, 0);
		/* All k have been reached when some are left over */
		if (current->fail_nth) {
			current->fail_nth = 0;
			KUNIT_ASSERT_EQ(test, ret, 0);
			break;
		}
		failed++;
		/* The IOVA allocator can do without, it has what it needs at hand */
		if (!ret) {
			dma_unmap_phyr(&map);
			continue;
		}
		KUNIT_ASSERT_TRUE(test, ret == -ENOMEM || ret == -ENOSPC);
		expect_unused(test, dev, &map, slots);
	}
	KUNIT_ASSERT_LT(test, k, 1000);
	KUNIT_EXPECT_GT(test, failed, 0);
	dma_unmap_phyr(&map);
	expect_unused(test, dev, &map, slots);
#else
	kunit_skip(test, "needs CONFIG_FAILSLAB");
#endif
}

static void dma_phyr_fail_alloc_bounce(struct kunit *test)
{
	fail_every_allocation(test, PHYR_KUNIT_BOUNCE);
}

static void dma_phyr_fail_alloc_hole(struct kunit *test)
{
	fail_every_allocation(test, PHYR_KUNIT_HOLE);
}

static void dma_phyr_fail_alloc_ops(struct kunit *test)
{
	fail_every_allocation(test, PHYR_KUNIT_OPS);
}

static void dma_phyr_fail_alloc_iommu(struct kunit *test)
{
	fail_every_allocation(test, PHYR_KUNIT_STRICT);
}

static void dma_phyr_fail_reserve(struct kunit *test)
{
#ifdef CONFIG_FAILSLAB
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_BOUNCE);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int k;
	int ret;

	kbuf_lay_out(test, buf, KBUF_ODD_INSIDE);
	for (k = 1; k < 100; k++) {
		current->fail_nth = k;
		ret = dma_phyr_map_reserve(&map, dev, &buf->list, GFP_ATOMIC);
		if (current->fail_nth) {
			current->fail_nth = 0;
			KUNIT_EXPECT_EQ(test, ret, 0);
			break;
		}
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		dma_phyr_map_destroy(&map);
	}
	KUNIT_EXPECT_GT(test, k, 1);
	dma_phyr_map_destroy(&map);
#else
	kunit_skip(test, "needs CONFIG_FAILSLAB");
#endif
}

/* Memory is out of reach and there is nothing to bounce with */
static void dma_phyr_fail_out_of_reach(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_HOLE);
	struct io_tlb_mem *mem = dev->dma_io_tlb_mem;
	struct kbuf *buf = kbuf_new(test);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};

	phyr_kunit_set_hole(dev, virt_to_phys(buf->area + 40 * PAGE_SIZE));
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	dev->dma_io_tlb_mem = NULL;
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	dev->dma_io_tlb_mem = mem;
	expect_unused(test, dev, &map, slots);

	/* MMIO is never bounced; the mask is all that counts */
	dev = phyr_kunit_device_add(test, PHYR_KUNIT_DIRECT);
	phyr_list_release(&buf->list);
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(40)), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(&buf->list, (1ULL << 40) - SZ_4K, SZ_4K,
						    GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
	dma_unmap_phyr(&map);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(&buf->list, 1ULL << 40, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
}

/* dma_map_ops take memory with a struct page only */
static void dma_phyr_fail_no_page(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_OPS);
	unsigned long slots = phyr_kunit_slots(dev);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};

	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&buf->list, 1ULL << 45, SZ_4K, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), -ENXIO);
	expect_unused(test, dev, &map, slots);

	/* Nor can it be bounced or have its caches maintained; all else is possible */
	dev = phyr_kunit_device_add(test, PHYR_KUNIT_NONCOHERENT);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	dev = phyr_kunit_device_add(test, PHYR_KUNIT_DIRECT);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
	dma_unmap_phyr(&map);
	dev = phyr_kunit_device_add(test, PHYR_KUNIT_BOUNCE);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, phyr_kunit_slots(dev), slots);
}

/* The mask decides to the byte, for the list as a whole and for a window of it */
static void dma_phyr_fail_mask(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_DIRECT);
	struct io_tlb_mem *mem = dev->dma_io_tlb_mem;
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	u64 *mask = dev->dma_mask, old = *mask;

	dev->dma_io_tlb_mem = NULL;
	/* The page with the highest address comes first */
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	*mask = virt_to_phys(kbuf_at(buf, PAGE_SIZE - 1));
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
	dma_unmap_phyr(&map);
	--*mask;
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, 0, PAGE_SIZE - 1, &map,
						  DMA_TO_DEVICE, 0), 0);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, PAGE_SIZE,
						  buf->len - PAGE_SIZE, &map,
						  DMA_TO_DEVICE, 0), 0);
	dma_unmap_phyr(&map);
	*mask = old;
	dev->bus_dma_limit = virt_to_phys(kbuf_at(buf, 0)) - 1;
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	dev->bus_dma_limit = 0;
	dev->dma_io_tlb_mem = mem;
}

/* Who asks for no sync gets none from a bounce buffer either */
static void dma_phyr_bounce_skip_sync(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_BOUNCE);
	unsigned long slots = phyr_kunit_slots(dev);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	kbuf_fill(buf, 1);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_FROM_DEVICE,
					   DMA_ATTR_SKIP_CPU_SYNC), 0);
	dma_phyr_for_each(range, iter, &map)
		memset(phys_to_virt(phyr_kunit_translate(dev, range.addr)), 0xff, PAGE_SIZE);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, kbuf_find_wrong(buf, 1), buf->len);
	expect_unused(test, dev, &map, slots);
}

/* MMIO between memory: addresses, protection, and no cache maintenance */
static void mmio_between(struct kunit *test, enum phyr_kunit_kind kind)
{
	const phys_addr_t mmio = (1ULL << 38) + 0x340;
	struct device *dev = phyr_kunit_device_add(test, kind);
	struct kbuf *buf = kbuf_new(test);
	struct phyr_list *list = &buf->list;
	unsigned long slots = phyr_kunit_slots(dev);
	u8 *page = buf->area + 2 * PAGE_SIZE;
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 pos = 0;

	KUNIT_ASSERT_EQ(test, phyr_list_append(list, virt_to_phys(page), PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(list, mmio, 2 * SZ_4K, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, virt_to_phys(page) + 3 * PAGE_SIZE, 100,
					       GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, list, &map, DMA_BIDIRECTIONAL, 0), 0);
	dma_phyr_for_each(range, iter, &map) {
		for (; range.len; range.len--, range.addr++, pos++) {
			phys_addr_t phys = phyr_kunit_translate(dev, range.addr);

			if (pos >= PAGE_SIZE && pos < PAGE_SIZE + 2 * SZ_4K) {
				KUNIT_ASSERT_EQ(test, phys, mmio + pos - PAGE_SIZE);
				if (kind == PHYR_KUNIT_STRICT)
					KUNIT_ASSERT_EQ(test, phyr_kunit_prot(dev, range.addr),
							IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO);
				KUNIT_ASSERT_EQ(test, phyr_kunit_cache_log(phys, false), 0);
			} else {
				u8 *mem = pos < PAGE_SIZE ? page + pos :
					page + 3 * PAGE_SIZE + pos - PAGE_SIZE - 2 * SZ_4K;

				if (kind != PHYR_KUNIT_BOUNCE)
					KUNIT_ASSERT_EQ(test, phys, virt_to_phys(mem));
				if (kind == PHYR_KUNIT_STRICT)
					KUNIT_ASSERT_EQ(test, phyr_kunit_prot(dev, range.addr),
							IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
			}
		}
	}
	KUNIT_EXPECT_EQ(test, pos, PAGE_SIZE + 2 * SZ_4K + 100);
	dma_sync_phyr_for_cpu(&map, 0, pos);
	KUNIT_EXPECT_EQ(test, phyr_kunit_cache_log(mmio, true), 0);
	dma_unmap_phyr(&map);
	expect_unused(test, dev, &map, slots);
}

static void dma_phyr_mmio(struct kunit *test)
{
	mmio_between(test, PHYR_KUNIT_DIRECT);
	mmio_between(test, PHYR_KUNIT_NONCOHERENT);
	mmio_between(test, PHYR_KUNIT_BOUNCE);
	mmio_between(test, PHYR_KUNIT_STRICT);
	mmio_between(test, PHYR_KUNIT_OPS);
}

/* One sync for a whole list, and none of it forgotten; protection as asked for */
static void dma_phyr_one_sync(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_STRICT);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	unsigned long syncs;
	unsigned int layout;

	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		syncs = phyr_kunit_syncs();
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE,
						   DMA_ATTR_PRIVILEGED), 0);
		KUNIT_EXPECT_EQ(test, phyr_kunit_syncs(), syncs + 1);
		KUNIT_EXPECT_TRUE(test, phyr_kunit_all_synced(dev));
		dma_phyr_for_each(range, iter, &map) {
			dma_addr_t addr = range.addr & ~(SZ_4K - 1ULL);

			for (; addr < range.addr + range.len; addr += SZ_4K)
				KUNIT_EXPECT_EQ(test, phyr_kunit_prot(dev, addr),
						IOMMU_READ | IOMMU_CACHE | IOMMU_PRIV);
		}
		/* Pages without a gap are one range for the device */
		if (layout == KBUF_SCATTERED || layout == KBUF_RUNS_OF_PAGES ||
		    layout == KBUF_ODD_ENDS)
			KUNIT_EXPECT_EQ(test, dma_phyr_count(&map), 1);
		dma_unmap_phyr(&map);
	}
}

/* Every byte of the buffer exactly once, and none if the caller says so */
static void caches(struct kunit *test, enum phyr_kunit_kind kind, bool want)
{
	struct device *dev = phyr_kunit_device_add(test, kind);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int skip;
	size_t pos;

	kbuf_lay_out(test, buf, KBUF_ODD_ENDS);
	for (skip = 0; skip < 2; skip++) {
		unsigned int times = want && !skip;

		phyr_kunit_reset_cache_log();
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_FROM_DEVICE,
						   skip ? DMA_ATTR_SKIP_CPU_SYNC : 0), 0);
		for (pos = 0; pos < buf->len; pos += 7)
			KUNIT_ASSERT_EQ(test, phyr_kunit_cache_log(virt_to_phys(kbuf_at(buf, pos)),
								   false), times);
		pos = virt_to_phys(kbuf_at(buf, 0)) - 1;
		KUNIT_EXPECT_EQ(test, phyr_kunit_cache_log(pos, false), 0);
		dma_unmap_phyr(&map);
		for (pos = 0; pos < buf->len; pos += 7)
			KUNIT_ASSERT_EQ(test, phyr_kunit_cache_log(virt_to_phys(kbuf_at(buf, pos)),
								   true), times);
	}
	/* A window and nothing else */
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_BIDIRECTIONAL, 0), 0);
	phyr_kunit_reset_cache_log();
	dma_sync_phyr_for_cpu(&map, 5000, 6000);
	dma_sync_phyr_for_device(&map, 5000, 6000);
	for (pos = 0; pos < buf->len; pos += 10) {
		unsigned int times = want && pos >= 5000 && pos < 11000;
		phys_addr_t phys = virt_to_phys(kbuf_at(buf, pos));

		KUNIT_ASSERT_EQ(test, phyr_kunit_cache_log(phys, true), times);
		KUNIT_ASSERT_EQ(test, phyr_kunit_cache_log(phys, false), times);
	}
	dma_unmap_phyr(&map);
}

static void dma_phyr_caches(struct kunit *test)
{
	caches(test, PHYR_KUNIT_DIRECT, false);
	caches(test, PHYR_KUNIT_NONCOHERENT, true);
	caches(test, PHYR_KUNIT_STRICT, false);
	caches(test, PHYR_KUNIT_IOMMU_NONCOHERENT, true);
}

#ifdef CONFIG_IOMMU_IO_PGTABLE_LPAE
/* Whoever walks the tables past the caches sees each entry, written in a row or not */
static void dma_phyr_entries_flushed(struct kunit *test)
{
	struct device *dev = phyr_kunit_device_add(test, PHYR_KUNIT_IOMMU_ARM);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_block_iter iter;
	struct dma_phyr_map map = {};
	unsigned int layout, round;
	phys_addr_t entry;

	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		/* A table that is new is flushed whole, and hides what is to be seen */
		for (round = 0; round < 2; round++) {
			phyr_kunit_reset_cache_log();
			KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE,
							   0), 0);
			dma_phyr_for_each_block(iter, &map, SZ_4K) {
				entry = phyr_kunit_entry(dev, iter.addr);
				KUNIT_ASSERT_NE(test, phyr_kunit_cache_log(entry, false), 0);
			}
			dma_unmap_phyr(&map);
		}
	}
}
#endif

static struct kunit_case dma_phyr_fail_cases[] = {
	KUNIT_CASE(dma_phyr_fail_iommu_map),
	KUNIT_CASE(dma_phyr_fail_iommu_map_lazy),
	KUNIT_CASE(dma_phyr_fail_ops_map),
	KUNIT_CASE(dma_phyr_fail_iova),
	KUNIT_CASE(dma_phyr_fail_swiotlb_full),
	KUNIT_CASE(dma_phyr_fail_alloc_bounce),
	KUNIT_CASE(dma_phyr_fail_alloc_hole),
	KUNIT_CASE(dma_phyr_fail_alloc_ops),
	KUNIT_CASE(dma_phyr_fail_alloc_iommu),
	KUNIT_CASE(dma_phyr_fail_reserve),
	KUNIT_CASE(dma_phyr_fail_out_of_reach),
	KUNIT_CASE(dma_phyr_fail_no_page),
	KUNIT_CASE(dma_phyr_fail_mask),
	KUNIT_CASE(dma_phyr_bounce_skip_sync),
	KUNIT_CASE(dma_phyr_mmio),
	KUNIT_CASE(dma_phyr_one_sync),
	KUNIT_CASE(dma_phyr_caches),
#ifdef CONFIG_IOMMU_IO_PGTABLE_LPAE
	KUNIT_CASE(dma_phyr_entries_flushed),
#endif
	{}
};

static struct kunit_suite dma_phyr_fail_suite = {
	.name = "dma_phyr_fail",
	.test_cases = dma_phyr_fail_cases,
};

kunit_test_suite(dma_phyr_fail_suite);

MODULE_DESCRIPTION("KUnit tests of what can go wrong in dma_map_phyr()");
MODULE_LICENSE("GPL");
