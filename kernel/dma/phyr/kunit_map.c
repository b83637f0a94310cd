// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: map lists for every kind of device, and look at memory as the device
 * sees it.
 *
 * What the device sees is found by translating DMA addresses with the IOMMU's
 * own page table (or the bus offset) and comparing bytes there: they have to be
 * those of the buffer, at every position.  The device "writes" in the same way.
 */
#include <linux/bitops.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/dma-phyr-ops.h>
#include <linux/iommu.h>
#include <linux/iommu-dma.h>
#include <linux/iommu-phyr.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/phyr-table.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>

#include "kunit.h"
#include "kunit_buf.h"

static const char *layout_name(enum kbuf_layout layout)
{
	static const char * const names[] = {
		"one page", "scattered pages", "contiguous", "odd ends", "odd inside",
		"runs of pages", "a few bytes", "odd and contiguous", "kept apart",
	};

	return names[layout];
}

/* @len bytes at a DMA address that are contiguous in memory, whatever maps them */
static size_t device_chunk(dma_addr_t addr, size_t len)
{
	return min_t(size_t, len, SZ_512 - (addr & (SZ_512 - 1)));
}

/*
 * The device reads or writes the pattern of @seed from *@pos of the buffer on at
 * one DMA range.  False where what it reads is something else, or where it cannot go on.
 */
static bool device_access_range(struct device *dev, struct dma_phyr range, u64 *pos, u8 seed,
				bool write)
{
	while (range.len) {
		size_t i, n = device_chunk(range.addr, range.len);
		phys_addr_t phys = phyr_kunit_translate(dev, range.addr);
		u8 *mem = phys_to_virt(phys);

		if (phys == (phys_addr_t)-1)
			return false;
		for (i = 0; i < n; i++, (*pos)++) {
			if (write)
				mem[i] = kbuf_pattern(*pos, seed);
			else if (mem[i] != kbuf_pattern(*pos, seed))
				return false;
		}
		range.addr += n;
		range.len -= n;
	}
	return true;
}

/*
 * The same at all of a mapping of what the buffer has from @off on.  Returns how many bytes
 * are as they should be.
 */
static u64 device_access(struct device *dev, struct dma_phyr_map *map, u64 off, u8 seed,
			 bool write)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 pos = off;

	dma_phyr_for_each(range, iter, map) {
		if (!device_access_range(dev, range, &pos, seed, write))
			break;
	}
	return pos - off;
}

static u64 device_find_wrong(struct device *dev, struct dma_phyr_map *map, u64 off, u8 seed)
{
	return device_access(dev, map, off, seed, false);
}

static void device_write(struct device *dev, struct dma_phyr_map *map, u64 off, u8 seed)
{
	device_access(dev, map, off, seed, true);
}

/* A walk that begins at some byte leads to the rest, in what the device accepts */
static void expect_rest(struct kunit *test, struct device *dev, struct dma_phyr_map *map, u64 off,
			u64 len, u8 seed)
{
	const u64 from[] = { 0, 1, len / 3, len / 2, SZ_4K, 5 * SZ_4K, len - 1, len };
	u64 boundary = dma_get_seg_boundary(dev), pos;
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	for (int i = 0; i < ARRAY_SIZE(from); i++) {
		if (from[i] > len)
			continue;
		pos = off + from[i];
		dma_phyr_for_each_from(range, iter, map, from[i]) {
			KUNIT_ASSERT_GT(test, range.len, 0);
			KUNIT_ASSERT_LE(test, range.len, dma_get_max_seg_size(dev));
			KUNIT_ASSERT_EQ(test, range.addr & ~boundary,
					(range.addr + range.len - 1) & ~boundary);
			KUNIT_ASSERT_TRUE_MSG(test,
					      device_access_range(dev, range, &pos, seed, false),
					      "from byte %llu on", from[i]);
		}
		KUNIT_ASSERT_EQ(test, pos, off + len);

		pos = off + from[i];
		dma_phyr_for_each_stretch_from(range, iter, map, from[i])
			KUNIT_ASSERT_TRUE_MSG(test,
					      device_access_range(dev, range, &pos, seed, false),
					      "stretches from byte %llu on", from[i]);
		KUNIT_ASSERT_EQ(test, pos, off + len);
	}
	dma_phyr_for_each_from(range, iter, map, len + 1)
		KUNIT_FAIL(test, "a range behind the end");
}

/* If nothing was bounced the DMA addresses have to lead to the very buffer */
static void expect_in_place(struct kunit *test, struct device *dev, struct dma_phyr_map *map,
			    struct kbuf *buf, u64 off)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 pos = off;

	if (strstr(dma_phyr_map_path(map), "bounced"))
		return;
	dma_phyr_for_each(range, iter, map) {
		for (; range.len; pos++, range.addr++, range.len--) {
			/* Granule by granule, and the byte at each end of a piece */
			if (pos > off && (range.addr & (SZ_4K - 1)) > 1 && range.len > 1 &&
			    kbuf_at(buf, pos) == kbuf_at(buf, pos - 1) + 1)
				continue;
			KUNIT_ASSERT_EQ_MSG(test, phyr_kunit_translate(dev, range.addr),
					    virt_to_phys(kbuf_at(buf, pos)),
					    "at byte %llu of the buffer", pos);
		}
	}
	/* So has that of a byte that is asked for by itself */
	for (; pos > off; pos -= min(pos - off, SZ_4K - 1)) {
		dma_addr_t addr = dma_phyr_address(map, pos - 1 - off);

		KUNIT_ASSERT_EQ(test, phyr_kunit_translate(dev, addr),
				virt_to_phys(kbuf_at(buf, pos - 1)));
	}
}

static void expect_limits(struct kunit *test, struct device *dev, struct dma_phyr_map *map, u64 len)
{
	u64 boundary = dma_get_seg_boundary(dev), count = 0, sum = 0;
	u64 align = dma_get_min_align_mask(dev);
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	dma_phyr_for_each(range, iter, map) {
		KUNIT_ASSERT_GT(test, range.len, 0);
		KUNIT_ASSERT_LE(test, range.len, dma_get_max_seg_size(dev));
		KUNIT_ASSERT_EQ(test, range.addr & ~boundary,
				(range.addr + range.len - 1) & ~boundary);
		/* Only the first byte may be where the device can't begin otherwise */
		if (count)
			KUNIT_ASSERT_EQ(test, range.addr & align, 0);
		/* Also where pieces of it were bounced */
		if (count < 10)
			KUNIT_ASSERT_EQ(test, dma_phyr_address(map, sum), range.addr);
		sum += range.len;
		count++;
	}
	KUNIT_ASSERT_EQ(test, sum, len);
	KUNIT_ASSERT_EQ(test, dma_phyr_count(map), count);
}

static void set_limits(struct device *dev, unsigned int max_seg, unsigned long boundary,
		       unsigned int align)
{
	dma_set_max_seg_size(dev, max_seg);
	dma_set_seg_boundary(dev, boundary);
	dma_set_min_align_mask(dev, align);
}

static void expect_nothing_left(struct kunit *test, struct device *dev, unsigned long slots)
{
	KUNIT_EXPECT_EQ(test, phyr_kunit_slots(dev), slots);
#ifdef CONFIG_UML
	KUNIT_EXPECT_EQ(test, phyr_kunit_mapped(dev), 0);
#endif
}

static struct device *device_of(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;

	return phyr_kunit_device_add(test, param->kind);
}

/* A page in the middle of the buffer's area is the one out of reach */
static void prepare(struct kunit *test, struct device *dev, struct kbuf *buf)
{
	const struct phyr_kunit_device *param = test->param_value;

	if (param->kind == PHYR_KUNIT_HOLE)
		phyr_kunit_set_hole(dev, virt_to_phys(buf->area + 40 * PAGE_SIZE));
}

static void map_and_check(struct kunit *test, struct device *dev, struct kbuf *buf, u64 off,
			  u64 len, enum dma_data_direction dir)
{
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	int ret;

	kbuf_fill(buf, 1);
	ret = dma_map_phyr_window(dev, &buf->list, off, len, &map, dir, 0);
	KUNIT_ASSERT_EQ(test, ret, 0);
	expect_limits(test, dev, &map, len);
	expect_in_place(test, dev, &map, buf, off);
	/* Bounce buffers hold what was there also if the device only writes */
	KUNIT_ASSERT_EQ(test, device_find_wrong(dev, &map, off, 1), len);
	expect_rest(test, dev, &map, off, len, 1);
	if (dir != DMA_TO_DEVICE)
		device_write(dev, &map, off, 99);
	dma_unmap_phyr(&map);
	if (dir != DMA_TO_DEVICE) {
		u64 pos;

		for (pos = 0; pos < buf->len; pos++) {
			bool inside = pos >= off && pos < off + len;

			if (*kbuf_at(buf, pos) != kbuf_pattern(pos, inside ? 99 : 1))
				break;
		}
		KUNIT_ASSERT_EQ_MSG(test, pos, buf->len, "a byte is wrong");
	}
	expect_nothing_left(test, dev, slots);
}

static void dma_phyr_test_bytes(struct kunit *test)
{
	static const enum dma_data_direction dirs[] = {
		DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL,
	};
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	unsigned int layout, i;

	prepare(test, dev, buf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		for (i = 0; i < ARRAY_SIZE(dirs); i++) {
			kunit_log(KERN_DEBUG, test, "%s, %d", layout_name(layout), dirs[i]);
			map_and_check(test, dev, buf, 0, buf->len, dirs[i]);
		}
	}
}

static void dma_phyr_test_limits(struct kunit *test)
{
	static const struct {
		unsigned int	max_seg;
		unsigned long	boundary;
		unsigned int	align;
	} limits[] = {
		{ SZ_4K, ULONG_MAX, 0 },
		{ SZ_64K, ULONG_MAX, 0 },
		{ 3000, ULONG_MAX, 0 },
		{ 5000, ULONG_MAX, 511 },
		{ UINT_MAX, SZ_4K - 1, 0 },
		{ UINT_MAX, SZ_16K - 1, 4095 },
		{ 10000, SZ_64K - 1, 0 },
		{ 1, ULONG_MAX, 0 },
	};
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int layout, i;
	int ret;

	prepare(test, dev, buf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		kbuf_fill(buf, 5);
		for (i = 0; i < ARRAY_SIZE(limits); i++) {
			/* Bounce buffers would be used up by pieces of a byte */
			if (limits[i].max_seg == 1 && buf->len > 64)
				continue;
			set_limits(dev, limits[i].max_seg, limits[i].boundary, limits[i].align);
			ret = dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0);
			/* Ranges that meet anywhere are not for a device that needs alignment */
			if ((layout == KBUF_ODD_INSIDE || layout == KBUF_KEPT_APART) &&
			    limits[i].align) {
				KUNIT_ASSERT_EQ(test, ret, -EINVAL);
				continue;
			}
			KUNIT_ASSERT_EQ_MSG(test, ret, 0, "%s, limits %u", layout_name(layout), i);
			expect_limits(test, dev, &map, buf->len);
			KUNIT_EXPECT_EQ_MSG(test, device_find_wrong(dev, &map, 0, 5), buf->len,
					    "%s, limits %u", layout_name(layout), i);
			expect_rest(test, dev, &map, 0, buf->len, 5);
			dma_unmap_phyr(&map);
		}
	}
}

static void dma_phyr_test_windows(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	unsigned int layout, i;
	u32 random = 12345;

	prepare(test, dev, buf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		for (i = 0; i < 12; i++) {
			u64 off, len;

			random = random * 1664525 + 1013904223;
			off = (random >> 8) % buf->len;
			random = random * 1664525 + 1013904223;
			len = 1 + (random >> 8) % (buf->len - off);
			if (i == 0)
				off = buf->len / 2, len = buf->len - off;
			map_and_check(test, dev, buf, off, len, DMA_BIDIRECTIONAL);
		}
	}
}

static void dma_phyr_test_sync(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	u64 off = 100, len = 9000, pos;

	prepare(test, dev, buf);
	kbuf_lay_out(test, buf, KBUF_ODD_ENDS);
	kbuf_fill(buf, 3);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_BIDIRECTIONAL, 0), 0);

	/* The device writes; the CPU sees what it syncs */
	device_write(dev, &map, 0, 44);
	dma_sync_phyr_for_cpu(&map, off, len);
	for (pos = off; pos < off + len; pos++)
		KUNIT_ASSERT_EQ(test, *kbuf_at(buf, pos), kbuf_pattern(pos, 44));
	/* A bounce buffer keeps the rest to itself */
	if (param->kind == PHYR_KUNIT_BOUNCE)
		KUNIT_EXPECT_EQ(test, *kbuf_at(buf, off + len + PAGE_SIZE),
				kbuf_pattern(off + len + PAGE_SIZE, 3));

	/* The CPU writes; the device sees what the CPU syncs */
	for (pos = off; pos < off + len; pos++)
		*kbuf_at(buf, pos) = kbuf_pattern(pos, 77);
	dma_sync_phyr_for_device(&map, off, len);
	KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &map, 0, 44), off);
	for (pos = 0; pos < buf->len; pos++)
		*kbuf_at(buf, pos) = kbuf_pattern(pos, 77);
	dma_sync_phyr_for_device(&map, 0, buf->len);
	KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &map, 0, 77), buf->len);

	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, kbuf_find_wrong(buf, 77), buf->len);
}

/* DMA address of byte @pos, found by walking */
static dma_addr_t dma_at(struct dma_phyr_map *map, u64 pos)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	dma_phyr_for_each(range, iter, map) {
		if (pos < range.len)
			return range.addr + pos;
		pos -= range.len;
	}
	return 0;
}

/*
 * Would blocks of @size do?  Every byte needs the same offset in its block as in
 * the device's own address space, and only the outermost blocks may have bytes
 * that are not of the buffer.
 */
static bool blocks_would_do(struct dma_phyr_map *map, struct kbuf *buf, u64 size, u64 dev_addr)
{
	dma_addr_t last = 0;
	u64 pos, step;

	for (pos = 0; pos < buf->len; pos += step) {
		dma_addr_t addr = dma_at(map, pos);

		if ((addr ^ (dev_addr + pos)) & (size - 1))
			return false;
		if (pos && addr != last + 1 && ((addr & (size - 1)) || ((last + 1) & (size - 1))))
			return false;
		/* On to the last byte before anything could change */
		step = min_t(u64, SZ_512 - ((dev_addr + pos) & (SZ_512 - 1)),
			     kbuf_piece_left(buf, pos));
		last = dma_at(map, pos + step - 1);
	}
	return true;
}

static void dma_phyr_test_blocks(struct kunit *test)
{
	static const u64 bitmaps[] = {
		SZ_4K, SZ_4K | SZ_16K | SZ_64K, SZ_4K | SZ_2M, SZ_512 | SZ_4K | SZ_32K, SZ_2M,
	};
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int layout, i, j;

	prepare(test, dev, buf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
		for (i = 0; i < ARRAY_SIZE(bitmaps); i++) {
			for (j = 0; j < 3; j++) {
				dma_addr_t first = dma_at(&map, 0);
				u64 dev_addr = j == 0 ? first : j == 1 ? first & 0xfff : 0x12345000;
				u64 best = 0, smallest_whole = 0, size;
				struct dma_phyr_block_iter iter;
				u64 count = 0, pos = 0, got;

				for (size = 1; size <= SZ_2M; size *= 2) {
					if (!(bitmaps[i] & size))
						continue;
					if (smallest_whole)
						break;
					if (blocks_would_do(&map, buf, size, dev_addr))
						best = size;
					if (dev_addr / size == (dev_addr + buf->len - 1) / size)
						smallest_whole = size;
				}
				got = dma_phyr_best_block_size(&map, bitmaps[i], dev_addr);
				KUNIT_ASSERT_EQ_MSG(test, got, best, "%s, sizes %llx, at %llx",
						    layout_name(layout), bitmaps[i], dev_addr);
				if (!best)
					continue;
				dma_phyr_for_each_block(iter, &map, best) {
					dma_addr_t at = dma_at(&map, pos);

					KUNIT_ASSERT_EQ(test, iter.addr, at & ~(best - 1));
					pos += best - (at & (best - 1));
					count++;
				}
				KUNIT_ASSERT_GE(test, pos, buf->len);
				KUNIT_ASSERT_LT(test, pos, buf->len + best);
				KUNIT_ASSERT_EQ(test, dma_phyr_count_blocks(&map, best), count);
			}
		}
		dma_unmap_phyr(&map);
	}
}

static void dma_phyr_test_two_at_once(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;
	struct device *dev[2] = { device_of(test), device_of(test) };
	unsigned long slots = phyr_kunit_slots(dev[0]);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map[3] = {};
	const struct phyr_list *list = &buf->list;

	prepare(test, dev[0], buf);
	prepare(test, dev[1], buf);
	kbuf_lay_out(test, buf, KBUF_ODD_ENDS);
	kbuf_fill(buf, 8);
	/* The mock dma_map_ops keeps its books by address */
	if (param->kind != PHYR_KUNIT_OPS) {
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev[0], list, &map[0], DMA_TO_DEVICE, 0), 0);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev[1], list, &map[1], DMA_TO_DEVICE, 0), 0);
		KUNIT_ASSERT_EQ(test, dma_map_phyr_window(dev[1], list, 50, 5000, &map[2],
							  DMA_TO_DEVICE, 0), 0);
		KUNIT_EXPECT_EQ(test, device_find_wrong(dev[0], &map[0], 0, 8), buf->len);
		dma_unmap_phyr(&map[0]);
		KUNIT_EXPECT_EQ(test, device_find_wrong(dev[1], &map[1], 0, 8), buf->len);
		dma_unmap_phyr(&map[1]);
		KUNIT_EXPECT_EQ(test, device_find_wrong(dev[1], &map[2], 50, 8), 5000);
		dma_unmap_phyr(&map[2]);
	}
	expect_nothing_left(test, dev[0], slots);
	expect_nothing_left(test, dev[1], slots);
}

static void dma_phyr_test_iova_align(struct kunit *test)
{
	static const u64 aligns[] = { SZ_64K, SZ_2M, SZ_1G, SZ_4K, 1 };
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int layout, i;

	KUNIT_EXPECT_EQ(test, dma_phyr_map_set_iova_align(&map, 3 * SZ_4K), -EINVAL);
	prepare(test, dev, buf);
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		kbuf_fill(buf, 21);
		for (i = 0; i < ARRAY_SIZE(aligns); i++) {
			KUNIT_ASSERT_EQ(test, dma_phyr_map_set_iova_align(&map, aligns[i]), 0);
			KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map,
							   DMA_TO_DEVICE, 0), 0);
			if (!strcmp(dma_phyr_map_path(&map), "IOMMU"))
				KUNIT_EXPECT_EQ(test, 0, (aligns[i] - 1) &
						(dma_at(&map, 0) ^ virt_to_phys(kbuf_at(buf, 0))));
			KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &map, 0, 21), buf->len);
			dma_unmap_phyr(&map);
		}
	}
	expect_nothing_left(test, dev, slots);
}

static void dma_phyr_test_bad_input(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct phyr_list empty = PHYR_LIST_INIT;
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};

	prepare(test, dev, buf);
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &empty, &map, DMA_TO_DEVICE, 0), -ENODATA);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, 8, 0, &map, DMA_TO_DEVICE, 0),
			-ENODATA);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, 1, buf->len, &map,
						  DMA_TO_DEVICE, 0), -ERANGE);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, U64_MAX, 2, &map,
						  DMA_TO_DEVICE, 0), -ERANGE);
	kbuf_lay_out(test, buf, KBUF_ODD_INSIDE);
	dma_set_min_align_mask(dev, 511);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), -EINVAL);
	/* A window of one range may be anywhere */
	KUNIT_EXPECT_EQ(test, 0, dma_map_phyr_window(dev, &buf->list, 0, 1, &map,
						     DMA_TO_DEVICE, 0));
	dma_unmap_phyr(&map);
	/* No segment could be as long as it would have to be aligned */
	dma_set_max_seg_size(dev, 256);
	KUNIT_EXPECT_EQ(test, dma_map_phyr_window(dev, &buf->list, 0, 1, &map, DMA_TO_DEVICE, 0),
			-EINVAL);
	dma_set_max_seg_size(dev, UINT_MAX);
	dma_set_min_align_mask(dev, 0);
	expect_nothing_left(test, dev, slots);
}

/* Bugs of a caller warn, once, and do no harm */
static void dma_phyr_test_caller_bugs(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {}, unused = {};
	u64 *mask;

	prepare(test, dev, buf);
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	kbuf_fill(buf, 2);
	kunit_info(test, "PHYR-EXPECT-WARN begin 10");
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_NONE, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, BIT(30)), -EINVAL);
	mask = dev->dma_mask;
	dev->dma_mask = NULL;
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), -EIO);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_reserve(&map, dev, &buf->list, GFP_KERNEL), -EIO);
	dev->dma_mask = mask;
	dma_unmap_phyr(&unused);
	dma_sync_phyr_for_cpu(&unused, 0, 1);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), -EBUSY);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_reserve(&map, dev, &buf->list, GFP_KERNEL), -EBUSY);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_set_iova_align(&map, 0), -EBUSY);
	dma_phyr_map_destroy(&map);
	dma_sync_phyr_for_cpu(&map, 1, buf->len);
	kunit_info(test, "PHYR-EXPECT-WARN end");
	/* It is still mapped, and as before */
	KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &map, 0, 2), buf->len);
	dma_unmap_phyr(&map);
	dma_unmap_phyr(&map);	/* once too often; it has warned already */
	KUNIT_EXPECT_EQ(test, dma_phyr_count(&map), 0);
	KUNIT_EXPECT_EQ(test, dma_phyr_count_blocks(&map, SZ_4K), 0);
}

static void dma_phyr_test_reserve(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;
	__maybe_unused bool fail = param->kind == PHYR_KUNIT_BOUNCE ||
				   param->kind == PHYR_KUNIT_HOLE;
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	unsigned int i;

	prepare(test, dev, buf);
	kbuf_lay_out(test, buf, KBUF_ODD_INSIDE);
	kbuf_fill(buf, 6);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_reserve(&map, dev, &buf->list, GFP_KERNEL), 0);
	for (i = 0; i < 3; i++) {
#ifdef CONFIG_FAILSLAB
		/* The first allocation from now on fails, and there must be none */
		current->fail_nth = fail;
#endif
		KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
#ifdef CONFIG_FAILSLAB
		KUNIT_EXPECT_EQ(test, current->fail_nth, fail);
		current->fail_nth = 0;
#endif
		KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &map, 0, 6), buf->len);
		dma_unmap_phyr(&map);
	}
	dma_phyr_map_destroy(&map);
}

/* The calls that stand for those of struct sg_table, side by side with them */
static void dma_phyr_test_table(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct phyr_table table = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	struct page *pages[20];
	struct sg_table view;
	u64 len = 0;
	unsigned int i;

	prepare(test, dev, buf);
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = virt_to_page(buf->piece[i].vaddr);
	kbuf_fill(buf, 31);
	KUNIT_ASSERT_EQ(test, phyr_table_from_pages(&table, pages, ARRAY_SIZE(pages), 100, 50000,
						    GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0), 0);
	KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &table.map, 100, 31), 50000);
	for_each_phyr_table_dma(&table, range, iter)
		len += range.len;
	KUNIT_EXPECT_EQ(test, len, 50000);
	device_write(dev, &table.map, 100, 32);
	dma_sync_phyr_table_for_cpu(dev, &table, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, *kbuf_at(buf, 50099), kbuf_pattern(50099, 32));
	*kbuf_at(buf, 100) = kbuf_pattern(100, 33);
	dma_sync_phyr_table_for_device(dev, &table, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, device_find_wrong(dev, &table.map, 100, 33), 1);
	dma_unmap_phyr_table(dev, &table, DMA_BIDIRECTIONAL, 0);
	phyr_table_free(&table);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&table.list), 0);

	/* With a view, or neither */
	memset(&table, 0xff, sizeof(table));
	memset(&view, 0xff, sizeof(view));
	KUNIT_ASSERT_EQ(test, phyr_table_from_kaddr(&table, buf->piece[0].vaddr, PAGE_SIZE,
						    GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr_table_view(dev, &table, &view, DMA_TO_DEVICE, 0,
						      GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(view.sgl), (u64)dma_phyr_start(&table.map));
	KUNIT_EXPECT_EQ(test, (u64)view.nents, dma_phyr_count(&table.map));
	dma_unmap_phyr_table_view(dev, &table, &view, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NULL(test, view.sgl);
	KUNIT_EXPECT_STREQ(test, dma_phyr_map_path(&table.map), "not in use");
	phyr_table_free(&table);
	memset(&view, 0xff, sizeof(view));
	KUNIT_EXPECT_EQ(test, dma_map_phyr_table_view(dev, &table, &view, DMA_TO_DEVICE, 0,
						      GFP_KERNEL), -ENODATA);
	KUNIT_EXPECT_NULL(test, view.sgl);
}

static void dma_phyr_test_sizes(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, sizeof(struct dma_phyr_map), 128);
}

#ifdef CONFIG_PCI
/* An untrusted device must see nothing but the buffer, padding is zero */
static void dma_phyr_test_untrusted(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	unsigned int layout;
	u64 page;

	if (!dev_is_pci(dev) || !use_dma_iommu(dev))
		kunit_skip(test, "only for PCI devices behind an IOMMU");
	page = 1ULL << __ffs(iommu_get_domain_for_dev(dev)->pgsize_bitmap);
	if (!dev->dma_io_tlb_mem || !dev->dma_io_tlb_mem->nslabs)
		kunit_skip(test, "no bounce buffers on this machine");
	to_pci_dev(dev)->untrusted = true;
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		map_and_check(test, dev, buf, 0, buf->len, DMA_BIDIRECTIONAL);
		memset(buf->area, 0xee, KBUF_AREA_PAGES * PAGE_SIZE);
		kbuf_fill(buf, 1);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_TO_DEVICE, 0), 0);
		dma_phyr_for_each(range, iter, &map) {
			dma_addr_t addr = range.addr & ~(page - 1);

			for (; addr < ALIGN(range.addr + range.len, page); addr++) {
				u8 *mem = phys_to_virt(phyr_kunit_translate(dev, addr));

				if (addr >= range.addr && addr < range.addr + range.len)
					continue;
				KUNIT_ASSERT_EQ_MSG(test, *mem, 0, "%s: padding shows memory",
						    layout_name(layout));
			}
		}
		dma_unmap_phyr(&map);
	}
	to_pci_dev(dev)->untrusted = false;
}

/* Whole granules are not bounced, so little is reserved, and that is enough for windows, too */
static void dma_phyr_test_untrusted_reserve(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	size_t where, to, whole = 0;
	unsigned int layout;
	u64 page, off;

	if (!dev_is_pci(dev) || !use_dma_iommu(dev))
		kunit_skip(test, "only for PCI devices behind an IOMMU");
	page = 1ULL << __ffs(iommu_get_domain_for_dev(dev)->pgsize_bitmap);
	if (!dev->dma_io_tlb_mem || !dev->dma_io_tlb_mem->nslabs)
		kunit_skip(test, "no bounce buffers on this machine");
	to_pci_dev(dev)->untrusted = true;
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		KUNIT_ASSERT_EQ(test, dma_phyr_map_reserve(&map, dev, &buf->list, GFP_KERNEL), 0);
		where = phyr_list_memory(&map.moved->where);
		to = phyr_list_memory(&map.moved->to);
		for (off = 0; off < min(page, buf->len / 2); off += page / 8 - 1) {
			KUNIT_ASSERT_EQ(test, dma_map_phyr_window(dev, &buf->list, off,
								  buf->len - 2 * off, &map,
								  DMA_TO_DEVICE, 0), 0);
			KUNIT_EXPECT_EQ(test, phyr_list_memory(&map.moved->where), where);
			KUNIT_EXPECT_EQ(test, phyr_list_memory(&map.moved->to), to);
			dma_unmap_phyr(&map);
		}
		dma_phyr_map_destroy(&map);
		/* The same for one page and for many, and less than for pages in pieces */
		if (layout == KBUF_ONE_PAGE)
			whole = where;
		else if (layout == KBUF_SCATTERED)
			KUNIT_EXPECT_EQ(test, where, whole);
		else if (layout == KBUF_ODD_INSIDE)
			KUNIT_EXPECT_GT(test, where, whole);
	}
	to_pci_dev(dev)->untrusted = false;
}

#ifdef CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC
/* What shares cache lines with something else is bounced for a device that does not see caches */
static void dma_phyr_test_noncoherent(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct kbuf *buf = kbuf_new(test);
	struct dma_phyr_map map = {};
	bool coherent = dev->dma_coherent;
	unsigned int layout;
	struct phyr_iter iter;
	struct phyr range;

	if (!dev_is_pci(dev))
		kunit_skip(test, "only for PCI devices");
	dev->dma_coherent = false;
	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		bool is_whole = true;
		u64 bytes = 0;

		kbuf_lay_out(test, buf, layout);
		map_and_check(test, dev, buf, 0, buf->len, DMA_BIDIRECTIONAL);
		phyr_iter_init(&iter, &buf->list);
		while (phyr_iter_next(&iter, &range)) {
			if (dma_kmalloc_needs_bounce(dev, range.len, DMA_FROM_DEVICE))
				bytes += range.len;
			is_whole &= PAGE_ALIGNED(range.addr | range.len);
		}
		KUNIT_EXPECT_EQ(test, dma_phyr_map_reserve(&map, dev, &buf->list, GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &buf->list, &map, DMA_FROM_DEVICE, 0), 0);
		KUNIT_EXPECT_EQ_MSG(test, dma_phyr_moved_bytes(&map), bytes, "%s",
				    layout_name(layout));
		if (!use_dma_iommu(dev) && !is_swiotlb_force_bounce(dev))
			KUNIT_EXPECT_EQ(test, !!(map.flags & DMA_PHYR_LINEAR), is_whole);
		dma_unmap_phyr(&map);
		dma_phyr_map_destroy(&map);
	}
	dev->dma_coherent = coherent;
}
#endif
#endif

#ifdef CONFIG_IOMMU_DMA_PHYR
/* What to map at two places in the IOVA space that nobody uses, in leaf tables alike */
struct same {
	struct device		*dev;
	struct iommu_domain	*domain;
	unsigned long		page;	/* the smallest of the IOMMU */
	unsigned long		large;	/* the next above that covers a leaf table, or so */
	unsigned long		iova_1, iova_2;
};

static struct same same_places(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct same same = { .dev = dev, .domain = iommu_get_domain_for_dev(dev) };
	unsigned long large;

	if (!same.domain || !(same.domain->type & __IOMMU_DOMAIN_PAGING))
		kunit_skip(test, "not behind an IOMMU that translates");
	same.page = 1UL << __ffs(same.domain->pgsize_bitmap);
	large = same.domain->pgsize_bitmap & ~(SZ_2M - 1UL);
	same.large = large ? 1UL << __ffs(large) : SZ_2M;
	same.iova_1 = 8 * same.large - 5 * same.page;
	same.iova_2 = same.iova_1 + 128 * same.large;
	return same;
}

/* Each page of the IOMMU at both places, and nothing around it */
static void expect_same_table(struct kunit *test, const struct same *same, size_t mapped)
{
	struct iommu_domain *domain = same->domain;
	size_t off;

	for (off = 0; off < mapped; off += same->page) {
		phys_addr_t phys = iommu_iova_to_phys(domain, same->iova_1 + off);

		KUNIT_ASSERT_NE(test, phys, 0);
		KUNIT_ASSERT_EQ(test, phys, iommu_iova_to_phys(domain, same->iova_2 + off));
#ifdef CONFIG_UML
		KUNIT_ASSERT_EQ(test, phyr_kunit_prot(same->dev, same->iova_1 + off),
				phyr_kunit_prot(same->dev, same->iova_2 + off));
#endif
	}
	KUNIT_ASSERT_EQ(test, iommu_iova_to_phys(domain, same->iova_1 + mapped), 0);
	KUNIT_ASSERT_EQ(test, iommu_iova_to_phys(domain, same->iova_1 - same->page), 0);
}

/* iommu_map_phyr() makes the table that iommu_map() of each range makes */
static void dma_phyr_test_same_table(struct kunit *test)
{
	const struct same same = same_places(test);
	struct iommu_domain *domain = same.domain;
	struct kbuf *buf = kbuf_new(test);
	const int prot = IOMMU_READ | IOMMU_WRITE;
	unsigned int layout, i;
	struct phyr_iter iter;
	size_t mapped, size;

	for (layout = 0; layout < KBUF_NR_LAYOUTS; layout++) {
		kbuf_lay_out(test, buf, layout);
		phyr_iter_init(&iter, &buf->list);
		KUNIT_ASSERT_EQ(test, iommu_map_phyr(domain, same.iova_1, &iter, prot, GFP_KERNEL,
						     &mapped), 0);
		KUNIT_ASSERT_EQ(test, iommu_sync_map(domain, same.iova_1, mapped), 0);
		for (i = 0, size = 0; i < buf->nr; i++) {
			phys_addr_t phys = virt_to_phys(buf->piece[i].vaddr);
			phys_addr_t first = round_down(phys, same.page);
			size_t len = round_up(phys + buf->piece[i].len, same.page) - first;

			/* Pieces that follow on each other are one range */
			if (layout != KBUF_KEPT_APART && i &&
			    buf->piece[i - 1].vaddr + buf->piece[i - 1].len == buf->piece[i].vaddr)
				continue;
			KUNIT_ASSERT_EQ(test, iommu_map(domain, same.iova_2 + size, first, len,
							prot, GFP_KERNEL), 0);
			size += len;
		}
		KUNIT_ASSERT_EQ_MSG(test, mapped, size, "%s", layout_name(layout));
		expect_same_table(test, &same, mapped);
		KUNIT_ASSERT_EQ(test, iommu_unmap(domain, same.iova_1, mapped), mapped);
		KUNIT_ASSERT_EQ(test, iommu_unmap(domain, same.iova_2, size), size);
	}
}

/* Large pages in the midst of small ones, of memory that nobody has to have */
static void dma_phyr_test_large_pages(struct kunit *test)
{
	const struct same same = same_places(test);
	const u64 page = same.page, large = same.large;
	/* The third one begins where large pages do, the fifth as far behind as its place */
	const struct { u64 addr, len; } ranges[] = {
		{ SZ_1G + page, page }, { SZ_1G + 4 * page, 4 * page - 100 },
		{ SZ_2G, 2 * large }, { SZ_1G + 32 * page, 3 * page },
		{ 5ULL * SZ_1G + 3 * page, 2 * large }, { SZ_1G + 64 * page, page },
		{ SZ_2G - 2 * page, large + 4 * page },
	};
	struct iommu_domain *domain = same.domain;
	struct phyr_list list = PHYR_LIST_INIT;
	const int prot = IOMMU_READ | IOMMU_WRITE;
	struct phyr_iter iter;
	size_t mapped, size = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		u64 first = round_down(ranges[i].addr, page);
		size_t len = round_up(ranges[i].addr + ranges[i].len, page) - first;

		KUNIT_ASSERT_EQ(test, phyr_list_append(&list, ranges[i].addr, ranges[i].len,
						       GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, iommu_map(domain, same.iova_2 + size, first, len, prot,
						GFP_KERNEL), 0);
		size += len;
	}
	phyr_iter_init(&iter, &list);
	KUNIT_ASSERT_EQ(test, iommu_map_phyr(domain, same.iova_1, &iter, prot, GFP_KERNEL,
					     &mapped), 0);
	KUNIT_ASSERT_EQ(test, mapped, size);
	expect_same_table(test, &same, mapped);
	KUNIT_ASSERT_EQ(test, iommu_unmap(domain, same.iova_1, mapped), mapped);
	KUNIT_ASSERT_EQ(test, iommu_unmap(domain, same.iova_2, size), size);
	phyr_list_release(&list);
}

#ifdef CONFIG_UML
/* An entry that is in use already: what is before it is mapped, and it stays */
static void dma_phyr_test_entry_in_use(struct kunit *test)
{
	const struct same same = same_places(test);
	struct iommu_domain *domain = same.domain;
	struct kbuf *buf = kbuf_new(test);
	const int prot = IOMMU_READ;
	const struct phyr_kunit_device *param = test->param_value;
	struct phyr_iter iter;
	size_t mapped;

	if (param->kind == PHYR_KUNIT_IOMMU_ARM)
		kunit_skip(test, "this format warns of it");
	kbuf_lay_out(test, buf, KBUF_SCATTERED);
	KUNIT_ASSERT_EQ(test, iommu_map(domain, same.iova_1 + 17 * same.page, SZ_1G, same.page,
					prot, GFP_KERNEL), 0);
	phyr_iter_init(&iter, &buf->list);
	KUNIT_EXPECT_EQ(test, iommu_map_phyr(domain, same.iova_1, &iter, prot, GFP_KERNEL,
					     &mapped), -EEXIST);
	KUNIT_EXPECT_EQ(test, mapped, 17 * same.page);
	KUNIT_EXPECT_EQ(test, phyr_kunit_mapped(same.dev), 18);
	KUNIT_EXPECT_EQ(test, iommu_iova_to_phys(domain, same.iova_1 + 17 * same.page), SZ_1G);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, same.iova_1, mapped + same.page),
			mapped + same.page);
	expect_nothing_left(test, same.dev, phyr_kunit_slots(same.dev));
}
#endif
#endif

static struct kunit_case dma_phyr_cases[] = {
	KUNIT_CASE(dma_phyr_test_sizes),
	KUNIT_CASE_PARAM(dma_phyr_test_bytes, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_limits, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_windows, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_sync, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_blocks, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_two_at_once, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_iova_align, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_bad_input, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_caller_bugs, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_table, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_reserve, phyr_kunit_gen_devices),
#ifdef CONFIG_IOMMU_DMA_PHYR
	KUNIT_CASE_PARAM(dma_phyr_test_same_table, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_large_pages, phyr_kunit_gen_devices),
#ifdef CONFIG_UML
	KUNIT_CASE_PARAM(dma_phyr_test_entry_in_use, phyr_kunit_gen_devices),
#endif
#endif
#ifdef CONFIG_PCI
	KUNIT_CASE_PARAM(dma_phyr_test_untrusted, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_untrusted_reserve, phyr_kunit_gen_devices),
#ifdef CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC
	KUNIT_CASE_PARAM(dma_phyr_test_noncoherent, phyr_kunit_gen_devices),
#endif
#endif
	{}
};

static struct kunit_suite dma_phyr_suite = {
	.name = "dma_phyr",
	.test_cases = dma_phyr_cases,
};

kunit_test_suite(dma_phyr_suite);

MODULE_DESCRIPTION("KUnit tests for dma_map_phyr()");
MODULE_LICENSE("GPL");
