// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of mappings that somebody else made: a list with a constant, and what a device
 * sees of an sg_table.
 *
 * What is walked is compared with arrays of ranges that the tests wrote themselves.  Here is
 * also tested where a mapping begins and how it is aligned, as these need no device.
 */
#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "paths.h"

struct given_range {
	u64	addr;
	u64	len;
};

/* Whole pages, an odd tail, neighbours that follow on each other */
static const struct given_range given[] = {
	{ 0x100000, 0x1000 }, { 0x5000, 0x3000 }, { 0x8000, 0x1000 },
	{ 0xabcd0000, SZ_2M }, { 0x1000, 0x1000 }, { 0x3000, 0x234 },
};

/* The bytes of [@off, @off + @len) in order: their address, one at a time */
static u64 given_at(u64 off)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(given); i++) {
		if (off < given[i].len)
			return given[i].addr + off;
		off -= given[i].len;
	}
	return U64_MAX;
}

static u64 given_bytes(void)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(given); i++)
		bytes += given[i].len;
	return bytes;
}

/* Offsets at which something begins or ends, and such beside them */
static const u64 given_offs[] = {
	0, 1, 0xfff, 0x1000, 0x1001, 0x3fff, 0x4000, 0x5000, 0x5000 + SZ_1M, 0x5000 + SZ_2M,
	0x6000 + SZ_2M, 0x6001 + SZ_2M, 0x6234 + SZ_2M,
};

static void expect_walk(struct kunit *test, struct dma_phyr_map *map, u64 off, u64 len, u64 base)
{
	u64 pos = 0, boundaries = 0, last_end = 0;
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	KUNIT_EXPECT_EQ(test, (u64)dma_phyr_start(map), (u64)(dma_addr_t)(given_at(off) + base));
	dma_phyr_for_each_stretch(range, iter, map) {
		KUNIT_ASSERT_LE(test, pos + range.len, len);
		KUNIT_EXPECT_EQ(test, (u64)range.addr,
				(u64)(dma_addr_t)(given_at(off + pos) + base));
		KUNIT_EXPECT_EQ(test, (u64)(range.addr + range.len - 1),
				(u64)(dma_addr_t)(given_at(off + pos + range.len - 1) + base));
		if (pos) {
			KUNIT_EXPECT_NE(test, (u64)range.addr, last_end);
			boundaries |= last_end | range.addr;
		}
		last_end = range.addr + range.len;
		pos += range.len;
	}
	KUNIT_EXPECT_EQ(test, pos, len);
	KUNIT_EXPECT_EQ(test, dma_phyr_boundaries(map), boundaries);
	for (pos = 0; pos < len; pos += 1 + len / 17)
		KUNIT_EXPECT_EQ(test, (u64)dma_phyr_address(map, pos),
				(u64)(dma_addr_t)(given_at(off + pos) + base));

	/* No device, so nothing to cut to */
	pos = 0;
	dma_phyr_for_each(range, iter, map)
		pos += range.len;
	KUNIT_EXPECT_EQ(test, pos, len);
}

static void fill_given(struct kunit *test, struct phyr_list *list)
{
	unsigned int i;

	phyr_list_init(list);
	for (i = 0; i < ARRAY_SIZE(given); i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append(list, given[i].addr, given[i].len,
						       GFP_KERNEL), 0);
}

static void dma_phyr_test_given(struct kunit *test)
{
	static const u64 bases[] = { 0, SZ_4K, 0x7000000000, -(u64)0x1000 };
	struct dma_phyr_map map;
	struct phyr_list list;
	unsigned int i, j, k;

	dma_phyr_map_init(&map);
	fill_given(test, &list);
	for (i = 0; i < ARRAY_SIZE(given_offs); i++) {
		for (j = i + 1; j < ARRAY_SIZE(given_offs); j++) {
			for (k = 0; k < ARRAY_SIZE(bases); k++) {
				u64 len = given_offs[j] - given_offs[i];

				KUNIT_ASSERT_EQ(test, dma_phyr_map_given(&list, given_offs[i], len,
									 &map, bases[k]), 0);
				expect_walk(test, &map, given_offs[i], len, bases[k]);
				dma_sync_phyr_for_cpu(&map, 0, len);
				dma_sync_phyr_for_device(&map, 0, len);
				dma_unmap_phyr(&map);
				KUNIT_EXPECT_EQ(test, dma_phyr_count(&map), 0);
			}
		}
	}
	KUNIT_EXPECT_EQ(test, dma_phyr_map_given(&list, 0, 0, &map, 0), -ENODATA);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_given(&list, 1, given_bytes(), &map, 0), -ERANGE);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_given(&list, U64_MAX, 2, &map, 0), -ERANGE);
	KUNIT_EXPECT_STREQ(test, dma_phyr_map_path(&map), "not in use");
	phyr_list_release(&list);
}

/* A table that looks mapped, with an entry for each @step bytes at most */
static void fill_mapped(struct kunit *test, struct sg_table *sgt, u64 step)
{
	struct scatterlist *sg;
	unsigned int i, nr = 0;
	u64 pos, len;

	for (i = 0; i < ARRAY_SIZE(given); i++)
		nr += DIV_ROUND_UP_ULL(given[i].len, step);
	KUNIT_ASSERT_EQ(test, sg_alloc_table(sgt, nr + 1, GFP_KERNEL), 0);
	sg = sgt->sgl;
	for (i = 0; i < ARRAY_SIZE(given); i++) {
		for (pos = 0; pos < given[i].len; pos += len, sg = sg_next(sg)) {
			len = min(given[i].len - pos, step);
			sg_dma_address(sg) = given[i].addr + pos;
			sg_dma_len(sg) = len;
		}
	}
	/* Fewer entries than there are for the CPU, as behind an IOMMU */
	sgt->nents = nr;
}

static void dma_phyr_test_view(struct kunit *test)
{
	static const u64 steps[] = { SZ_4K, 0x1800, SZ_1M, SZ_1G };
	unsigned int i, j, k;

	for (k = 0; k < ARRAY_SIZE(steps); k++) {
		struct dma_phyr_map map = {};
		struct phyr_list view = PHYR_LIST_INIT;
		struct sg_table sgt;
		int ret;

		fill_mapped(test, &sgt, steps[k]);
		for (i = 0; i < ARRAY_SIZE(given_offs); i++) {
			for (j = i + 1; j < ARRAY_SIZE(given_offs); j++) {
				u64 len = given_offs[j] - given_offs[i];

				ret = dma_phyr_view_sgtable(&map, &view, &sgt, given_offs[i], len,
							    GFP_KERNEL);
				KUNIT_ASSERT_EQ(test, ret, 0);
				expect_walk(test, &map, given_offs[i], len, 0);
				ret = phyr_list_copy_from(&view, 0, &ret, 1);
				KUNIT_EXPECT_EQ(test, ret, -ENXIO);
				dma_unmap_phyr(&map);
				phyr_list_release(&view);
			}
		}
		/* What there is, if it is less */
		ret = dma_phyr_view_sgtable(&map, &view, &sgt, 0x1001, S64_MAX, GFP_KERNEL);
		KUNIT_ASSERT_EQ(test, ret, 0);
		expect_walk(test, &map, 0x1001, given_bytes() - 0x1001, 0);
		dma_unmap_phyr(&map);
		phyr_list_release(&view);
		KUNIT_EXPECT_EQ(test, dma_phyr_view_sgtable(&map, &view, &sgt, given_bytes(), 1,
							    GFP_KERNEL), -ENODATA);
		KUNIT_EXPECT_EQ(test, dma_phyr_view_sgtable(&map, &view, &sgt, 0, 0, GFP_KERNEL),
				-ENODATA);
		KUNIT_EXPECT_EQ(test, phyr_list_bytes(&view), 0);
		sg_free_table(&sgt);
	}
}

/* The other way round: what code sees that walks the DMA side of a scatterlist */
static void dma_phyr_test_to_sgtable(struct kunit *test)
{
	struct dma_phyr_map map = {};
	struct phyr_list list;
	struct sg_table sgt;
	unsigned int i, j, k;

	fill_given(test, &list);
	KUNIT_EXPECT_EQ(test, dma_phyr_to_sgtable(&map, &sgt, GFP_KERNEL), -ENODATA);
	for (i = 0; i < ARRAY_SIZE(given_offs); i++) {
		for (j = i + 1; j < ARRAY_SIZE(given_offs); j++) {
			u64 len = given_offs[j] - given_offs[i], pos = 0;
			struct scatterlist *sg;

			KUNIT_ASSERT_EQ(test, dma_phyr_map_given(&list, given_offs[i], len, &map,
								 0x10000), 0);
			KUNIT_ASSERT_EQ(test, dma_phyr_to_sgtable(&map, &sgt, GFP_KERNEL), 0);
			for_each_sgtable_dma_sg(&sgt, sg, k) {
				KUNIT_ASSERT_LE(test, pos + sg_dma_len(sg), len);
				KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(sg),
						given_at(given_offs[i] + pos) + 0x10000);
				pos += sg_dma_len(sg);
				KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(sg) + sg_dma_len(sg) - 1,
						given_at(given_offs[i] + pos - 1) + 0x10000);
				KUNIT_EXPECT_NULL(test, sg_page(sg));
			}
			KUNIT_EXPECT_EQ(test, pos, len);
			sg_free_table(&sgt);
			dma_unmap_phyr(&map);
		}
	}
	phyr_list_release(&list);
	if (!IS_ENABLED(CONFIG_PHYS_ADDR_T_64BIT) || !IS_ENABLED(CONFIG_ARCH_DMA_ADDR_T_64BIT))
		return;
	/* Longer than an entry can be */
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_1G, 10ULL * SZ_1G + 5, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_given(&list, 0, 10ULL * SZ_1G + 5, &map, 0), 0);
	KUNIT_ASSERT_EQ(test, dma_phyr_to_sgtable(&map, &sgt, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, sgt.nents, 6);
	KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(sgt.sgl), SZ_1G);
	KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(sg_last(sgt.sgl, sgt.nents)), 11ULL * SZ_1G);
	KUNIT_EXPECT_EQ(test, sg_dma_len(sg_last(sgt.sgl, sgt.nents)), 5);
	sg_free_table(&sgt);
	dma_unmap_phyr(&map);
	phyr_list_release(&list);
}

/* Blocks of every size at which the walk is defined, against plain division */
static void dma_phyr_test_fill_sgtable(struct kunit *test)
{
	struct sg_table room, sgt;
	struct dma_phyr_map map = {};
	struct scatterlist *sg, *at;
	struct phyr_list list;
	unsigned int i, j, k;

	fill_given(test, &list);
	for (i = 0; i < ARRAY_SIZE(given_offs); i++) {
		for (j = i + 1; j < ARRAY_SIZE(given_offs); j++) {
			KUNIT_ASSERT_EQ(test, dma_phyr_map_given(&list, given_offs[i],
								 given_offs[j] - given_offs[i],
								 &map, 0x10000), 0);
			KUNIT_ASSERT_EQ(test, dma_phyr_to_sgtable(&map, &sgt, GFP_KERNEL), 0);
			/* No limits, and so nothing is cut in either */
			for (k = 0; k < 3; k++) {
				if (sgt.nents + k < 2)
					continue;
				KUNIT_ASSERT_EQ(test, sg_alloc_table(&room, sgt.nents + k - 1,
								     GFP_KERNEL), 0);
				KUNIT_EXPECT_EQ(test, dma_phyr_fill_sgtable(&map, &room),
						k ? 0 : -E2BIG);
				KUNIT_EXPECT_EQ(test, room.nents, k ? sgt.nents : 0);
				sg_free_table(&room);
			}
			KUNIT_ASSERT_EQ(test, sg_alloc_table(&room, sgt.nents + 1, GFP_KERNEL), 0);
			for_each_sg(room.sgl, sg, room.orig_nents, k)
				sg_dma_len(sg) = 1;
			KUNIT_EXPECT_EQ(test, dma_phyr_fill_sgtable(&map, &room), 0);
			at = room.sgl;
			for_each_sgtable_dma_sg(&sgt, sg, k) {
				KUNIT_EXPECT_EQ(test, (u64)sg_dma_address(at),
						(u64)sg_dma_address(sg));
				KUNIT_EXPECT_EQ(test, sg_dma_len(at), sg_dma_len(sg));
				at = sg_next(at);
			}
			KUNIT_ASSERT_NOT_NULL(test, at);
			KUNIT_EXPECT_EQ(test, sg_dma_len(at), 0);
			dma_unmap_phyr(&map);
			KUNIT_EXPECT_EQ(test, dma_phyr_fill_sgtable(&map, &room), -ENODATA);
			KUNIT_EXPECT_EQ(test, room.nents, 0);
			sg_free_table(&room);
			sg_free_table(&sgt);
		}
	}
	phyr_list_release(&list);
}

static void dma_phyr_test_given_blocks(struct kunit *test)
{
	struct dma_phyr_map map = {};
	struct phyr_list list;
	unsigned int shift;

	phyr_list_init(&list);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, 0x40001000, SZ_2M - 0x1000, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, 0x20000000, SZ_4M, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, 0x10000000, SZ_64K, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_given(&list, 0, phyr_list_bytes(&list), &map, SZ_2M),
			0);
	for (shift = 9; shift <= 21; shift++) {
		const struct given_range parts[] = {
			{ 0x40201000, SZ_2M - 0x1000 }, { 0x20200000, SZ_4M },
			{ 0x10200000, SZ_64K },
		};
		struct dma_phyr_block_iter iter;
		unsigned int part = 0;
		u64 next = 0, nr = 0;

		dma_phyr_for_each_block(iter, &map, BIT_ULL(shift)) {
			if (nr && next >= parts[part].addr + parts[part].len) {
				part++;
				nr = 0;
			}
			KUNIT_ASSERT_LT(test, part, ARRAY_SIZE(parts));
			if (!nr++)
				next = round_down(parts[part].addr, BIT_ULL(shift));
			KUNIT_ASSERT_EQ(test, (u64)iter.addr, next);
			next += BIT_ULL(shift);
		}
		KUNIT_EXPECT_EQ(test, part, 2);
		KUNIT_EXPECT_GE(test, next, parts[2].addr + parts[2].len);
	}
	dma_unmap_phyr(&map);
	phyr_list_release(&list);
}

static struct kunit_case dma_phyr_given_cases[] = {
	KUNIT_CASE(dma_phyr_test_given),
	KUNIT_CASE(dma_phyr_test_view),
	KUNIT_CASE(dma_phyr_test_to_sgtable),
	KUNIT_CASE(dma_phyr_test_fill_sgtable),
	KUNIT_CASE(dma_phyr_test_given_blocks),
	{}
};

static struct kunit_suite dma_phyr_given_suite = {
	.name = "dma_phyr_given",
	.test_cases = dma_phyr_given_cases,
};

kunit_test_suite(dma_phyr_given_suite);
