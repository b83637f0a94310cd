// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what makes physical range lists from other descriptions of
 * memory, and other descriptions from lists. Each test knows from the source
 * itself, byte by byte, which physical address a buffer's byte has.
 */
#include <kunit/test.h>
#include <linux/bvec.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "kunit.h"

#define NR_PAGES	32
#define MOST_BYTES	(80 * PAGE_SIZE)

/* The physical address of each byte of a buffer */
struct bytes {
	size_t		nr;
	phys_addr_t	phys[];
};

static void free_bytes(void *bytes)
{
	vfree(bytes);
}

static struct bytes *new_bytes(struct kunit *test)
{
	struct bytes *b = vzalloc(struct_size(b, phys, MOST_BYTES));

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_bytes, b), 0);
	return b;
}

static void add_bytes(struct kunit *test, struct bytes *b, phys_addr_t addr, size_t len)
{
	KUNIT_ASSERT_LE(test, b->nr + len, MOST_BYTES);
	while (len--)
		b->phys[b->nr++] = addr++;
}

/* The bytes of an array of pages from byte @offset on */
static void add_page_bytes(struct kunit *test, struct bytes *b, struct page **pages,
			   size_t offset, size_t len)
{
	size_t i;

	KUNIT_ASSERT_LE(test, b->nr + len, MOST_BYTES);
	for (i = offset; i < offset + len; i++)
		b->phys[b->nr++] = page_to_phys(pages[i / PAGE_SIZE]) + i % PAGE_SIZE;
}

/* A range for each stretch of adjacent addresses, and nothing else */
static void expect_bytes_from(struct kunit *test, const struct phyr_list *list,
			      const struct bytes *b, size_t from, size_t nr, u8 attrs)
{
	size_t i, end = from + nr, ranges = 0;
	struct phyr_iter iter;
	struct phyr range;

	KUNIT_ASSERT_EQ(test, phyr_list_bytes(list), nr);
	for (i = from; i < end; i++)
		if (i == from || b->phys[i] != b->phys[i - 1] + 1)
			ranges++;
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), ranges);

	i = from;
	phyr_list_for_each(range, iter, list) {
		KUNIT_ASSERT_EQ(test, range.run->kind, PHYR_SYSTEM);
		KUNIT_ASSERT_EQ(test, range.run->attrs, attrs);
		KUNIT_ASSERT_NULL(test, range.run->provider);
		for (; range.len; range.len--, range.addr++, i++)
			if (i == end || range.addr != b->phys[i])
				break;
		KUNIT_ASSERT_EQ_MSG(test, range.len, 0, "at byte %zu", i);
	}
	KUNIT_ASSERT_EQ(test, i, end);
}

static void expect_bytes(struct kunit *test, const struct phyr_list *list, const struct bytes *b)
{
	expect_bytes_from(test, list, b, 0, b->nr, 0);
}

static void release_list(void *list)
{
	phyr_list_release(list);
}

static struct phyr_list *new_list(struct kunit *test)
{
	struct phyr_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_list, list), 0);
	return list;
}

/* Something that was in the list before, and has to remain */
static void add_before(struct kunit *test, struct phyr_list *list, struct bytes *b)
{
	const phys_addr_t addr = SZ_1G + 5;

	KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, 9, GFP_KERNEL), 0);
	add_bytes(test, b, addr, 9);
}

/* Contiguous pages, from which tests take some in an order of their own */

static void free_block(void *page)
{
	__free_pages(page, get_order(NR_PAGES * PAGE_SIZE));
}

static struct page *new_block(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(NR_PAGES * PAGE_SIZE));

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_block, page), 0);
	return page;
}

static const u8 page_order[] = {
	3, 4, 5, 6, 9, 8, 7, 12, 13, 13, 0, 1, 31, 30, 20, 21, 22, 23, 25, 27, 29, 2,
};

static size_t pick_pages(struct kunit *test, struct page **pages)
{
	struct page *block = new_block(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(page_order); i++)
		pages[i] = block + page_order[i];
	return i;
}

/* Importers */

static void test_pages(struct kunit *test)
{
	static const size_t offsets[] = {
		0, 1, 511, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE + 100,
		21 * PAGE_SIZE, 22 * PAGE_SIZE - 1,
	};
	static const size_t lens[] = {
		1, 2, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 4 * PAGE_SIZE, 5 * PAGE_SIZE + 77,
		17 * PAGE_SIZE + 3, 22 * PAGE_SIZE,
	};
	struct page *pages[NR_PAGES];
	size_t nr = pick_pages(test, pages), i, j;
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	int ret;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (j = 0; j < ARRAY_SIZE(lens); j++) {
			add_before(test, list, b);
			ret = phyr_list_append_pages(list, pages, nr, offsets[i], lens[j],
						     GFP_KERNEL);
			if (offsets[i] + lens[j] > nr * PAGE_SIZE) {
				KUNIT_EXPECT_EQ(test, ret, -ERANGE);
			} else {
				KUNIT_ASSERT_EQ(test, ret, 0);
				add_page_bytes(test, b, pages, offsets[i], lens[j]);
			}
			expect_bytes(test, list, b);
			phyr_list_release(list);
			b->nr = 0;
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_append_pages(list, pages, nr, 5, 0, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_pages(list, pages, nr, 5, U64_MAX - 3, GFP_KERNEL),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_pages(list, pages, nr, SIZE_MAX, 1, GFP_KERNEL),
			-ERANGE);
	expect_bytes(test, list, b);
}

/* Appending goes on where the storage was made for no more than it had to hold */
static void test_pages_then_more(struct kunit *test)
{
	struct page *block = new_block(test), *pages[NR_PAGES];
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	size_t nr, cut, i;

	for (i = 0; i < NR_PAGES; i++)
		pages[i] = block + i * 5 % NR_PAGES;
	for (nr = 2; nr <= 16; nr++) {
		for (cut = 0; cut <= nr * PAGE_SIZE; cut += PAGE_SIZE - 100) {
			KUNIT_ASSERT_EQ(test, phyr_list_append_pages(list, pages, nr, 0,
								     nr * PAGE_SIZE, GFP_KERNEL),
					0);
			KUNIT_ASSERT_EQ(test, phyr_list_truncate(list, cut), 0);
			add_page_bytes(test, b, pages, 0, cut);
			/* Each of them makes the one before it wide */
			for (i = 0; i < 6; i++) {
				phys_addr_t addr = SZ_1G + i * SZ_1M + 1789;

				KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, 50 + i,
								       GFP_KERNEL), 0);
				add_bytes(test, b, addr, 50 + i);
			}
			expect_bytes(test, list, b);
			phyr_list_release(list);
			b->nr = 0;
		}
	}
}

static void test_pages_alloc_fails(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	struct page *pages[NR_PAGES];
	struct page *block = new_block(test);
	unsigned int nth, nr_failed = 0;
	int i, ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and debugfs");
	for (i = 0; i < NR_PAGES; i++)
		pages[i] = block + NR_PAGES - 1 - i;
	add_before(test, list, b);
	add_before(test, list, b);
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(nth);
		ret = phyr_list_append_pages(list, pages, NR_PAGES, 1, NR_PAGES * PAGE_SIZE - 2,
					     PHYR_TEST_GFP);
		phyr_test_has_failed();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		expect_bytes(test, list, b);
		phyr_list_release(list);
		b->nr = 0;
		add_before(test, list, b);
		nr_failed++;
	}
	KUNIT_EXPECT_GE(test, nr_failed, 1);
	add_page_bytes(test, b, pages, 1, NR_PAGES * PAGE_SIZE - 2);
	expect_bytes(test, list, b);
}

static void put_folio(void *folio)
{
	folio_put(folio);
}

static void test_folio(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 4);
	static const size_t cuts[] = {
		0, 1, PAGE_SIZE - 1, PAGE_SIZE, 5 * PAGE_SIZE + 9, 16 * PAGE_SIZE - 1,
		16 * PAGE_SIZE,
	};
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	size_t i, j;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_folio, folio), 0);
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		for (j = i + 1; j < ARRAY_SIZE(cuts); j++) {
			add_before(test, list, b);
			KUNIT_ASSERT_EQ(test, phyr_list_append_folio(list, folio, cuts[i],
								     cuts[j] - cuts[i],
								     GFP_KERNEL), 0);
			add_bytes(test, b, page_to_phys(&folio->page) + cuts[i],
				  cuts[j] - cuts[i]);
			expect_bytes(test, list, b);
			phyr_list_release(list);
			b->nr = 0;
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_append_folio(list, folio, 0, 0, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_folio(list, folio, 1, 16 * PAGE_SIZE, GFP_KERNEL),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_folio(list, folio, SIZE_MAX, 2, GFP_KERNEL),
			-ERANGE);
	expect_bytes(test, list, b);
}

#define NR_BVECS	6

/* Of one page and of more, of odd bytes and of none, adjacent and not */
static void make_bvecs(struct kunit *test, struct bio_vec *bvecs, struct bytes *b)
{
	struct page *block = new_block(test);
	int i;

	bvec_set_page(&bvecs[0], block, 100, 50);
	bvec_set_page(&bvecs[1], block, PAGE_SIZE - 150, 150);
	bvec_set_page(&bvecs[2], block + 1, 2 * PAGE_SIZE + 7, 0);
	bvec_set_page(&bvecs[3], block + 9, 3 * PAGE_SIZE, 1);
	bvec_set_page(&bvecs[4], block + 8, PAGE_SIZE, 0);
	bvec_set_page(&bvecs[5], block + 20, 1, PAGE_SIZE - 1);
	for (i = 0; i < NR_BVECS; i++)
		add_bytes(test, b, page_to_phys(bvecs[i].bv_page) + bvecs[i].bv_offset,
			  bvecs[i].bv_len);
}

static void test_bvecs(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bio_vec bvecs[NR_BVECS + 2];
	struct bytes *b = new_bytes(test);

	add_before(test, list, b);
	make_bvecs(test, bvecs, b);
	/* Empty ones are passed over */
	bvecs[NR_BVECS] = bvecs[0];
	bvecs[NR_BVECS].bv_len = 0;
	bvecs[NR_BVECS + 1] = bvecs[NR_BVECS];
	KUNIT_ASSERT_EQ(test, phyr_list_append_bvecs(list, bvecs, NR_BVECS + 1, GFP_KERNEL), 0);
	expect_bytes(test, list, b);
	KUNIT_EXPECT_EQ(test, phyr_list_append_bvecs(list, bvecs + NR_BVECS, 2, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_bvecs(list, bvecs, 0, GFP_KERNEL), -EINVAL);
	expect_bytes(test, list, b);
}

static void test_bvec_iter(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	struct bio_vec bvecs[NR_BVECS];
	struct bvec_iter iter;
	size_t skip, len;

	make_bvecs(test, bvecs, b);
	for (skip = 0; skip < b->nr; skip += skip % 3 ? 53 : 1) {
		len = b->nr - skip;
		if (skip % 2)
			len = len / 2 + 1;
		iter = (struct bvec_iter) { .bi_size = b->nr };
		bvec_iter_advance(bvecs, &iter, skip);
		iter.bi_size = len;
		KUNIT_ASSERT_EQ(test, phyr_list_append_bvec_iter(list, bvecs, iter, GFP_KERNEL), 0);
		expect_bytes_from(test, list, b, skip, len, 0);
		phyr_list_release(list);
	}
	iter.bi_size = 0;
	KUNIT_EXPECT_EQ(test, phyr_list_append_bvec_iter(list, bvecs, iter, GFP_KERNEL), -EINVAL);
}

/* Linear and vmalloc memory; what pages they have is known to the page tables */

#define NR_KVECS	5

static void free_vmalloc(void *addr)
{
	vfree(addr);
}

static char *new_vmalloc(struct kunit *test, size_t len)
{
	char *addr = vmalloc(len);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_vmalloc, addr), 0);
	return addr;
}

static void add_kaddr_bytes(struct kunit *test, struct bytes *b, const char *addr, size_t len)
{
	for (; len; len--, addr++) {
		if (is_vmalloc_addr(addr))
			add_bytes(test, b, page_to_phys(vmalloc_to_page(addr)) +
				  offset_in_page(addr), 1);
		else
			add_bytes(test, b, virt_to_phys((void *)addr), 1);
	}
}

static void make_kvecs(struct kunit *test, struct kvec *kvecs, struct bytes *b)
{
	char *area = new_vmalloc(test, 10 * PAGE_SIZE);
	char *linear = page_address(new_block(test));
	int i;

	kvecs[0] = (struct kvec) { linear + 77, 3 * PAGE_SIZE };
	kvecs[1] = (struct kvec) { area + 1, PAGE_SIZE };
	kvecs[2] = (struct kvec) { linear, 1 };
	kvecs[3] = (struct kvec) { area + 2 * PAGE_SIZE, 8 * PAGE_SIZE };
	kvecs[4] = (struct kvec) { linear + 5 * PAGE_SIZE, 2 * PAGE_SIZE };
	for (i = 0; i < NR_KVECS; i++)
		add_kaddr_bytes(test, b, kvecs[i].iov_base, kvecs[i].iov_len);
}

static void test_kvecs(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	struct kvec kvecs[NR_KVECS + 1];

	add_before(test, list, b);
	make_kvecs(test, kvecs, b);
	kvecs[NR_KVECS] = (struct kvec) { NULL, 0 };
	KUNIT_ASSERT_EQ(test, phyr_list_append_kvecs(list, kvecs, NR_KVECS + 1, GFP_KERNEL), 0);
	expect_bytes(test, list, b);
	KUNIT_EXPECT_EQ(test, phyr_list_append_kvecs(list, kvecs + NR_KVECS, 1, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_kvecs(list, kvecs, 0, GFP_KERNEL), -EINVAL);
	expect_bytes(test, list, b);
}

static void test_kaddr(struct kunit *test)
{
	char *area = new_vmalloc(test, 6 * PAGE_SIZE);
	char *linear = page_address(new_block(test));
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);

	add_before(test, list, b);
	KUNIT_EXPECT_EQ(test, phyr_list_append_kaddr(list, area + 5, 5 * PAGE_SIZE, GFP_KERNEL), 0);
	add_kaddr_bytes(test, b, area + 5, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_kaddr(list, linear + 5, 3, GFP_KERNEL), 0);
	add_kaddr_bytes(test, b, linear + 5, 3);
	expect_bytes(test, list, b);
	KUNIT_EXPECT_EQ(test, phyr_list_append_kaddr(list, area, 0, GFP_KERNEL), -EINVAL);
	/* There is no memory behind the end of the area */
	KUNIT_EXPECT_EQ(test, phyr_list_append_kaddr(list, area, 6 * PAGE_SIZE + 1, GFP_KERNEL),
			-EFAULT);
	expect_bytes(test, list, b);
}

static void free_sgtable(void *sgt)
{
	sg_free_table(sgt);
}

static struct sg_table *new_sgtable(struct kunit *test)
{
	struct sg_table *sgt = kunit_kzalloc(test, sizeof(*sgt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sgt);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_sgtable, sgt), 0);
	return sgt;
}

static void test_sgtable(struct kunit *test)
{
	const unsigned int nr = 2 * SG_MAX_SINGLE_ALLOC + 5;
	struct page *block = new_block(test);
	struct sg_table *sgt = new_sgtable(test);
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, sg_alloc_table(sgt, nr, GFP_KERNEL), 0);
	add_before(test, list, b);
	for_each_sgtable_sg(sgt, sg, i) {
		unsigned int offset = i * 37 % PAGE_SIZE, len = i % 11 * 100;

		if (i % (nr / 4) == nr / 4 - 1) {
			offset = 0;
			len = 3 * PAGE_SIZE + 1;
		}
		sg_set_page(sg, block + i % (NR_PAGES - 4), len, offset);
		add_bytes(test, b, page_to_phys(block + i % (NR_PAGES - 4)) + offset, len);
	}
	KUNIT_ASSERT_EQ(test, phyr_list_append_sgtable(list, sgt, GFP_KERNEL), 0);
	expect_bytes(test, list, b);

	/* Some of it */
	phyr_list_release(list);
	b->nr = 0;
	for (sg = sgt->sgl, i = 0; i < 150; i++, sg = sg_next(sg))
		if (i >= 100)
			add_bytes(test, b, page_to_phys(sg_page(sg)) + sg->offset, sg->length);
	for (sg = sgt->sgl, i = 0; i < 100; i++)
		sg = sg_next(sg);
	KUNIT_ASSERT_EQ(test, phyr_list_append_sg(list, sg, 50, GFP_KERNEL), 0);
	expect_bytes(test, list, b);
	/* An entry without a page, behind others; one without bytes, alone */
	sg_assign_page(sg_next(sg_next(sg)), NULL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_sg(list, sg, 50, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_sg(list, sgt->sgl, 1, GFP_KERNEL), -EINVAL);
	expect_bytes(test, list, b);
}

/* Take what is in the iterator in steps of odd sizes */
static void expect_iter(struct kunit *test, struct iov_iter *iter, const struct bytes *b)
{
	static const size_t steps[] = { 1, PAGE_SIZE, 3 * PAGE_SIZE + 1, 99, 5 * PAGE_SIZE };
	struct phyr_list *list = new_list(test);
	size_t done = 0, i = 0, len;

	KUNIT_ASSERT_EQ(test, iov_iter_count(iter), b->nr);
	KUNIT_EXPECT_EQ(test, phyr_list_append_iter(list, iter, 0, 0, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_iter(list, iter, b->nr + 1, 0, GFP_KERNEL), -ERANGE);
	while (done < b->nr) {
		len = min(steps[i++ % ARRAY_SIZE(steps)], b->nr - done);
		KUNIT_ASSERT_EQ(test, phyr_list_append_iter(list, iter, len, 0, GFP_KERNEL), 0);
		done += len;
		KUNIT_ASSERT_EQ(test, iov_iter_count(iter), b->nr - done);
		expect_bytes_from(test, list, b, 0, done, 0);
	}
}

static void test_iter_kvec(struct kunit *test)
{
	struct bytes *b = new_bytes(test);
	struct kvec kvecs[NR_KVECS];
	struct iov_iter iter;

	make_kvecs(test, kvecs, b);
	iov_iter_kvec(&iter, ITER_SOURCE, kvecs, NR_KVECS, b->nr);
	expect_iter(test, &iter, b);
}

static void test_iter_bvec(struct kunit *test)
{
	struct bytes *b = new_bytes(test);
	struct bio_vec bvecs[NR_BVECS];
	struct iov_iter iter;

	make_bvecs(test, bvecs, b);
	iov_iter_bvec(&iter, ITER_DEST, bvecs, NR_BVECS, b->nr);
	expect_iter(test, &iter, b);
}

/* Exporters */

/* Some of it adjacent, some odd */
static void make_export(struct kunit *test, struct phyr_list *list, struct bytes *b)
{
	struct page *block = new_block(test);
	static const struct {
		size_t from, len;
	} parts[] = {
		{ 1000, 10 * PAGE_SIZE }, { 20 * PAGE_SIZE, PAGE_SIZE }, { 15 * PAGE_SIZE + 1, 5 },
		{ 25 * PAGE_SIZE - 3, 9 }, { 12 * PAGE_SIZE, 2 * PAGE_SIZE - 1 }, { 0, 999 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		phys_addr_t addr = page_to_phys(block) + parts[i].from;

		KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, parts[i].len, GFP_KERNEL), 0);
		add_bytes(test, b, addr, parts[i].len);
	}
}

/* An address of system memory that has no struct page */
static phys_addr_t no_page_addr(struct kunit *test)
{
	unsigned long pfn = 1;

	while (pfn_valid(pfn) && pfn <= PHYS_PFN(PHYS_ADDR_MAX) / 2)
		pfn *= 2;
	if (pfn_valid(pfn))
		kunit_skip(test, "there is no memory without a struct page");
	return PFN_PHYS(pfn);
}

static void expect_sgtable(struct kunit *test, struct sg_table *sgt, const struct bytes *b,
			   unsigned int max_segment)
{
	struct scatterlist *sg;
	unsigned int i, j;
	size_t at = 0;

	for_each_sgtable_sg(sgt, sg, i) {
		KUNIT_ASSERT_GT(test, sg->length, 0);
		KUNIT_ASSERT_LE(test, sg->length, max_segment);
		KUNIT_ASSERT_LT(test, sg->offset, PAGE_SIZE);
		for (j = 0; j < sg->length; j++, at++)
			if (at == b->nr || sg_phys(sg) + j != b->phys[at])
				break;
		KUNIT_ASSERT_EQ_MSG(test, j, sg->length, "entry %u, byte %zu", i, at);
		KUNIT_EXPECT_EQ(test, sg_is_last(sg), i + 1 == sgt->orig_nents);
	}
	KUNIT_EXPECT_EQ(test, at, b->nr);
}

static void test_to_sgtable(struct kunit *test)
{
	static const unsigned int segments[] = {
		PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE, UINT_MAX,
	};
	struct phyr_list *list = new_list(test);
	struct phyr_list *more = new_list(test);
	struct bytes *b = new_bytes(test);
	struct sg_table *sgt = new_sgtable(test);
	size_t i, nr, len = 3 * PAGE_SIZE + 5;
	unsigned int entries;
	phys_addr_t next;

	KUNIT_EXPECT_EQ(test, phyr_list_to_sgtable(list, sgt, PAGE_SIZE, GFP_KERNEL), -EINVAL);
	make_export(test, list, b);
	nr = b->nr;
	next = b->phys[nr - 1] + 1;
	KUNIT_ASSERT_EQ(test, phyr_list_append(more, next, len, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_to_sgtable(list, sgt, PAGE_SIZE - 1, GFP_KERNEL), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(segments); i++) {
		b->nr = nr;
		KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, sgt, segments[i], GFP_KERNEL), 0);
		expect_sgtable(test, sgt, b, segments[i]);
		if (segments[i] == UINT_MAX)
			KUNIT_EXPECT_EQ(test, sgt->orig_nents, phyr_list_ranges(list));

		/* Once more, behind the last entry, which goes on where there is room */
		entries = sgt->orig_nents;
		add_bytes(test, b, next, len);
		KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(more, sgt, segments[i], GFP_KERNEL), 0);
		expect_sgtable(test, sgt, b, segments[i]);
		if (segments[i] == UINT_MAX)
			KUNIT_EXPECT_EQ(test, sgt->orig_nents, entries);
		else
			KUNIT_EXPECT_LE(test, sgt->orig_nents,
					entries + DIV_ROUND_UP(len, PAGE_SIZE) + 1);
		/* And what does not follow on it; the list is refused by no table */
		memcpy(b->phys + b->nr, b->phys, nr * sizeof(*b->phys));
		b->nr += nr;
		KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, sgt, segments[i], GFP_KERNEL), 0);
		expect_sgtable(test, sgt, b, segments[i]);
		sg_free_table(sgt);
		memset(sgt, 0, sizeof(*sgt));
	}
}

/* The last entry may be longer already than those that come may be */
static void test_to_sgtable_shorter(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct sg_table *sgt = new_sgtable(test);
	struct bytes *b = new_bytes(test);
	phys_addr_t addr = page_to_phys(new_block(test));

	add_bytes(test, b, addr, 7 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, 3 * PAGE_SIZE, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, sgt, UINT_MAX, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, sgt->orig_nents, 1);
	phyr_list_release(list);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr + 3 * PAGE_SIZE, 4 * PAGE_SIZE,
					       GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, sgt, 2 * PAGE_SIZE, GFP_KERNEL), 0);
	expect_sgtable(test, sgt, b, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, sgt->orig_nents, 3);
	KUNIT_EXPECT_EQ(test, sgt->sgl->length, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, sg_next(sgt->sgl)->length, 2 * PAGE_SIZE);
}

static void test_to_sgtable_fails(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct phyr_list *other = new_list(test);
	struct sg_table *sgt = new_sgtable(test);
	struct bytes *b = new_bytes(test);
	unsigned int nth, nr_failed = 0;
	int ret;

	make_export(test, list, b);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, sgt, PAGE_SIZE, GFP_KERNEL), 0);

	/* Memory without struct page, in whatever way */
	KUNIT_ASSERT_EQ(test, phyr_list_append(other, b->phys[0], 1, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(other, b->phys[0], 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_to_sgtable(other, sgt, PAGE_SIZE, GFP_KERNEL), -ENXIO);
	expect_sgtable(test, sgt, b, PAGE_SIZE);

	if (!phyr_test_can_fail())
		return;
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(nth);
		ret = phyr_list_to_sgtable(list, sgt, PAGE_SIZE, PHYR_TEST_GFP);
		phyr_test_has_failed();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		expect_sgtable(test, sgt, b, PAGE_SIZE);
		nr_failed++;
	}
	KUNIT_EXPECT_GE(test, nr_failed, 1);
	memcpy(b->phys + b->nr, b->phys, b->nr * sizeof(*b->phys));
	b->nr *= 2;
	expect_sgtable(test, sgt, b, PAGE_SIZE);
}

static void test_no_pages(struct kunit *test)
{
	phys_addr_t addr = no_page_addr(test);
	struct phyr_list *list = new_list(test);
	struct sg_table *sgt = new_sgtable(test);
	struct bio_vec bvecs[2];

	KUNIT_ASSERT_EQ(test, phyr_list_append(list, page_to_phys(new_block(test)), PAGE_SIZE,
					       GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_to_sgtable(list, sgt, PAGE_SIZE, GFP_KERNEL), -ENXIO);
	KUNIT_EXPECT_NULL(test, sgt->sgl);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, 0, PAGE_SIZE + 1, bvecs, 2), -ENXIO);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, PAGE_SIZE, 1, bvecs, 2), -ENXIO);
	/* A window of it may have some nevertheless */
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, 1, PAGE_SIZE - 1, bvecs, 2), 1);
}

static void test_to_bvecs(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	struct bio_vec bvecs[8];
	size_t off, len, at;
	int nr, i, j;

	make_export(test, list, b);
	for (off = 0; off < b->nr; off += off % 5 ? 1 : 333) {
		for (len = 1; off + len <= b->nr; len += len * 2) {
			size_t ranges = 1;

			for (at = off + 1; at < off + len; at++)
				ranges += b->phys[at] != b->phys[at - 1] + 1;
			nr = phyr_list_to_bvecs(list, off, len, bvecs, ARRAY_SIZE(bvecs));
			KUNIT_ASSERT_EQ(test, nr, ranges);
			for (i = 0, at = off; i < nr; i++)
				for (j = 0; j < bvecs[i].bv_len; j++, at++)
					if (at == b->nr || bvec_phys(&bvecs[i]) + j != b->phys[at])
						KUNIT_FAIL_AND_ABORT(test, "byte %zu", at);
			KUNIT_ASSERT_EQ(test, at, off + len);
			KUNIT_ASSERT_EQ(test, phyr_list_to_bvecs(list, off, len, bvecs, nr - 1),
					-ENOSPC);
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, 0, 0, bvecs, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, 0, b->nr + 1, bvecs, 8), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, b->nr, 1, bvecs, 8), -ERANGE);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(list, b->phys[0], 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, b->nr, 1, bvecs, 8), -ENXIO);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, b->nr - 1, 2, bvecs, 8), -ENXIO);
}

/* Copies, at each byte and of each length */

#define COPY_BYTES	48

static u8 *byte_at(phys_addr_t addr)
{
	return (u8 *)page_address(pfn_to_page(PHYS_PFN(addr))) + offset_in_page(addr);
}

static void make_copy(struct kunit *test, struct phyr_list *list, struct bytes *b)
{
	phys_addr_t addr = page_to_phys(new_block(test));
	static const struct {
		size_t from, len;
	} parts[] = {
		{ PAGE_SIZE - 9, 17 }, { 100, 1 }, { 3 * PAGE_SIZE - 1, 1 }, { 5 * PAGE_SIZE, 10 },
		{ 7 * PAGE_SIZE - 10, 19 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr + parts[i].from, parts[i].len,
						       GFP_KERNEL), 0);
		add_bytes(test, b, addr + parts[i].from, parts[i].len);
	}
	KUNIT_ASSERT_EQ(test, b->nr, COPY_BYTES);
	for (i = 0; i < b->nr; i++)
		*byte_at(b->phys[i]) = i + 1;
}

static void test_copy(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct bytes *b = new_bytes(test);
	u8 buf[COPY_BYTES + 1];
	size_t off, len, i;

	make_copy(test, list, b);
	for (off = 0; off <= COPY_BYTES; off++) {
		for (len = 0; off + len <= COPY_BYTES; len++) {
			memset(buf, 0xee, sizeof(buf));
			KUNIT_ASSERT_EQ(test, phyr_list_copy_from(list, off, buf, len), 0);
			for (i = 0; i < len; i++)
				KUNIT_ASSERT_EQ(test, buf[i], off + i + 1);
			KUNIT_ASSERT_EQ(test, buf[len], 0xee);

			memset(buf, 0xdd, sizeof(buf));
			KUNIT_ASSERT_EQ(test, phyr_list_copy_to(list, off, buf, len), 0);
			for (i = 0; i < COPY_BYTES; i++) {
				u8 *mem = byte_at(b->phys[i]);

				KUNIT_ASSERT_EQ(test, *mem,
						i >= off && i < off + len ? 0xdd : i + 1);
				*mem = i + 1;
			}
		}
		KUNIT_ASSERT_EQ(test, phyr_list_copy_from(list, off, buf, len), -ERANGE);
		KUNIT_ASSERT_EQ(test, phyr_list_copy_to(list, off, buf, len), -ERANGE);
	}
	/* Nothing beside it has been touched */
	KUNIT_EXPECT_EQ(test, *byte_at(b->phys[0] - 1), 0);
	KUNIT_EXPECT_EQ(test, *byte_at(b->phys[COPY_BYTES - 1] + 1), 0);

	/* Memory of a device is not copied from, nor what comes before it */
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(list, b->phys[0], 4, GFP_KERNEL), 0);
	memset(buf, 0xee, sizeof(buf));
	KUNIT_EXPECT_EQ(test, phyr_list_copy_from(list, COPY_BYTES - 2, buf, 3), -ENXIO);
	KUNIT_EXPECT_EQ(test, buf[0], 0xee);
	KUNIT_EXPECT_EQ(test, phyr_list_copy_to(list, COPY_BYTES, buf, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, *byte_at(b->phys[0]), 1);
	KUNIT_EXPECT_EQ(test, phyr_list_copy_from(list, COPY_BYTES - 2, buf, 2), 0);
}

/* User memory */

#define NR_USER_PAGES	72

struct user_memory {
	unsigned long	addr;
	unsigned int	nr;
	struct page	*pages[NR_USER_PAGES];
	struct bytes	*bytes;
};

static void put_user_pages(void *data)
{
	struct user_memory *user = data;

	while (user->nr)
		put_page(user->pages[--user->nr]);
}

/* Memory of which a reference is held, so that its pages can be looked at */
static struct user_memory *new_user(struct kunit *test)
{
	struct user_memory *user = kunit_kzalloc(test, sizeof(*user), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, user);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_user_pages, user), 0);
	user->addr = kunit_vm_mmap(test, NULL, 0, NR_USER_PAGES * PAGE_SIZE,
				   PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, user->addr, 0);
	KUNIT_ASSERT_LT(test, user->addr, TASK_SIZE);
	/* In disorder, so that the pages are scattered */
	for (i = 0; i < NR_USER_PAGES; i++) {
		unsigned long page = user->addr + i * 29 % NR_USER_PAGES * PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, put_user(i, (u32 __user *)page), 0);
	}
	for (; user->nr < NR_USER_PAGES; user->nr++)
		KUNIT_ASSERT_EQ(test, get_user_pages_fast(user->addr + user->nr * PAGE_SIZE, 1,
							  FOLL_WRITE, &user->pages[user->nr]), 1);
	user->bytes = new_bytes(test);
	add_page_bytes(test, user->bytes, user->pages, 0, NR_USER_PAGES * PAGE_SIZE);
	return user;
}

static int pins_of(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (folio_test_large(folio))
		return atomic_read(&folio->_pincount);
	return folio_ref_count(folio) / GUP_PIN_COUNTING_BIAS;
}

/* The pages that bytes [@from, @end) touch have @pins pins each, others none */
static void expect_pins(struct kunit *test, struct user_memory *user, size_t from, size_t end,
			int pins)
{
	unsigned int i;

	for (i = 0; i < user->nr; i++) {
		bool touched = from < end && i >= from / PAGE_SIZE && i <= (end - 1) / PAGE_SIZE;

		KUNIT_ASSERT_EQ_MSG(test, pins_of(user->pages[i]), touched ? pins : 0,
				    "page %u", i);
	}
}

static void test_pin(struct kunit *test)
{
	static const size_t cuts[] = {
		0, 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 16 * PAGE_SIZE, 16 * PAGE_SIZE + 1,
		40 * PAGE_SIZE + 777, NR_USER_PAGES * PAGE_SIZE - 1, NR_USER_PAGES * PAGE_SIZE,
	};
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	size_t i, j;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		for (j = i + 1; j < ARRAY_SIZE(cuts); j++) {
			ret = pin_user_phyr(list, user->addr + cuts[i], cuts[j] - cuts[i],
					    j % 2 ? FOLL_WRITE : 0, GFP_KERNEL);
			KUNIT_ASSERT_EQ(test, ret, 0);
			expect_bytes_from(test, list, user->bytes, cuts[i], cuts[j] - cuts[i],
					  PHYR_ATTR_PINNED);
			expect_pins(test, user, cuts[i], cuts[j], 1);
			phyr_list_release(list);
			expect_pins(test, user, 0, 0, 0);
		}
	}
}

static void test_pin_twice(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);

	/* Two halves that meet inside a page have a pin on it each */
	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + 10, 100, 0, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + 110, 100, 0, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), 2);
	expect_pins(test, user, 0, 1, 2);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 101), 0);
	expect_pins(test, user, 0, 1, 2);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 100), 0);
	expect_pins(test, user, 0, 1, 1);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 1), 0);
	expect_pins(test, user, 0, 1, 1);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 0), 0);
	expect_pins(test, user, 0, 0, 0);
}

static void test_pin_errors(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	struct bytes *b = new_bytes(test);
	gfp_t gfp = GFP_KERNEL;
	unsigned long half = user->addr + NR_USER_PAGES / 2 * PAGE_SIZE;

	add_before(test, list, b);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, user->addr, 0, 0, gfp), -EINVAL);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, user->addr, 1, FOLL_GET, gfp), -EINVAL);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, user->addr, U64_MAX, 0, gfp), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, user->addr, S64_MAX, 0, gfp), -EOVERFLOW);
	expect_bytes(test, list, b);

	/* The second half is not there */
	KUNIT_ASSERT_EQ(test, vm_munmap(half, NR_USER_PAGES / 2 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, user->addr + 3, NR_USER_PAGES * PAGE_SIZE - 3,
					    FOLL_WRITE, gfp), -EFAULT);
	expect_bytes(test, list, b);
	expect_pins(test, user, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, half - 1, 2, FOLL_WRITE, gfp), -EFAULT);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, half, 1, 0, gfp), -EFAULT);
	expect_bytes(test, list, b);
	expect_pins(test, user, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, pin_user_phyr(list, half - 1, 1, FOLL_WRITE, gfp), 0);
	expect_pins(test, user, (NR_USER_PAGES / 2) * PAGE_SIZE - 1,
		    (NR_USER_PAGES / 2) * PAGE_SIZE, 1);
}

static void test_pin_alloc_fails(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	struct bytes *b = new_bytes(test);
	unsigned int nth, nr_failed = 0;
	int ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and debugfs");
	for (nth = 1; ; nth++) {
		b->nr = 0;
		add_before(test, list, b);
		phyr_test_fail_nth(nth);
		ret = pin_user_phyr(list, user->addr + 1, NR_USER_PAGES * PAGE_SIZE - 1,
				    FOLL_WRITE, PHYR_TEST_GFP);
		phyr_test_has_failed();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		expect_bytes(test, list, b);
		expect_pins(test, user, 0, 0, 0);
		phyr_list_release(list);
		nr_failed++;
	}
	/* Allocations there were if the pages are as scattered as they should be */
	if (phyr_list_ranges(list) > PHYR_INLINE_WORDS)
		KUNIT_EXPECT_GE(test, nr_failed, 1);
	kunit_info(test, "%llu ranges, %u failures\n", phyr_list_ranges(list), nr_failed);
	expect_pins(test, user, 1, NR_USER_PAGES * PAGE_SIZE, 1);
}

static void test_pin_truncate(struct kunit *test)
{
	const size_t from = 55, nr = NR_USER_PAGES * PAGE_SIZE - from;
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	size_t bytes = nr;

	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + from, nr, FOLL_WRITE, GFP_KERNEL),
			0);
	while (bytes) {
		/* In steps that end at the edges of pages, beside them, and between */
		bytes -= (from + bytes - 1) % PAGE_SIZE < 2 ? 1 : min(bytes, PAGE_SIZE / 3);
		if ((from + bytes) % PAGE_SIZE < PAGE_SIZE / 3 && bytes > PAGE_SIZE)
			bytes -= (from + bytes) % PAGE_SIZE;
		KUNIT_ASSERT_EQ(test, phyr_list_truncate(list, bytes), 0);
		expect_bytes_from(test, list, user->bytes, from, bytes, PHYR_ATTR_PINNED);
		expect_pins(test, user, from, bytes ? from + bytes : from, 1);
	}
}

static void test_pin_split(struct kunit *test)
{
	const size_t from = PAGE_SIZE - 2, nr = 20 * PAGE_SIZE;
	struct phyr_list *list = new_list(test);
	struct phyr_list *tail = new_list(test);
	struct user_memory *user = new_user(test);
	size_t off;

	for (off = 0; off <= nr; off += off % 4 == 3 ? PAGE_SIZE - 3 : 1) {
		size_t cut = from + off, i;

		KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + from, nr, 0, GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, phyr_list_split(list, off, tail, GFP_KERNEL), 0);
		expect_bytes_from(test, list, user->bytes, from, off, PHYR_ATTR_PINNED);
		expect_bytes_from(test, tail, user->bytes, cut, nr - off, PHYR_ATTR_PINNED);
		for (i = 0; i < user->nr; i++) {
			int pins = 0;

			pins += off && i >= from / PAGE_SIZE && i <= (cut - 1) / PAGE_SIZE;
			pins += off < nr && i >= cut / PAGE_SIZE &&
				i <= (from + nr - 1) / PAGE_SIZE;
			KUNIT_ASSERT_EQ(test, pins_of(user->pages[i]), pins);
		}
		phyr_list_release(list);
		expect_pins(test, user, cut, off < nr ? from + nr : cut, 1);
		phyr_list_release(tail);
		expect_pins(test, user, 0, 0, 0);
	}
}

static void test_mark_dirty(struct kunit *test)
{
	static const struct {
		size_t off, len;
	} windows[] = {
		{ 0, 0 }, { 0, 1 }, { 5, PAGE_SIZE - 6 }, { 5, PAGE_SIZE - 5 },
		{ 5, PAGE_SIZE - 4 }, { 3 * PAGE_SIZE, PAGE_SIZE }, { 7 * PAGE_SIZE + 1, 1 },
		{ 9 * PAGE_SIZE - 1, 20 * PAGE_SIZE }, { 20 * PAGE_SIZE, 10 * PAGE_SIZE },
	};
	const size_t from = 5, nr = 30 * PAGE_SIZE;
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	size_t i, j;

	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + from, nr, FOLL_WRITE, GFP_KERNEL),
			0);
	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		size_t first = from + windows[i].off, end = first + windows[i].len;

		for (j = 0; j < user->nr; j++)
			ClearPageDirty(user->pages[j]);
		KUNIT_ASSERT_EQ(test, phyr_list_mark_dirty(list, windows[i].off, windows[i].len),
				0);
		for (j = 0; j < user->nr; j++) {
			bool touched = windows[i].len && j >= first / PAGE_SIZE &&
				       j <= (end - 1) / PAGE_SIZE;

			KUNIT_ASSERT_EQ_MSG(test, PageDirty(user->pages[j]), touched,
					    "window %zu, page %zu", i, j);
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_mark_dirty(list, 1, nr), -ERANGE);

	/* Dropping the pins marks nothing */
	for (j = 0; j < user->nr; j++)
		ClearPageDirty(user->pages[j]);
	phyr_list_release(list);
	for (j = 0; j < user->nr; j++)
		KUNIT_ASSERT_FALSE(test, PageDirty(user->pages[j]));

	/* Nor is what the list has no pin on marked */
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(list, user->pages, 2, 0, PAGE_SIZE + 1,
						     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_mark_dirty(list, 0, PAGE_SIZE + 1), 0);
	KUNIT_EXPECT_FALSE(test, PageDirty(user->pages[0]));
}

static void test_release_dirty(struct kunit *test)
{
	const size_t from = 5, nr = 30 * PAGE_SIZE;
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	size_t j;

	for (j = 0; j < user->nr; j++)
		ClearPageDirty(user->pages[j]);
	/* Two pages without a pin, then such with one */
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(list, user->pages + 40, 2, 0, 2 * PAGE_SIZE,
						     GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + from, nr, FOLL_WRITE, GFP_KERNEL),
			0);
	phyr_list_release_dirty(list);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(list), 0);
	expect_pins(test, user, 0, 0, 0);
	for (j = 0; j < user->nr; j++)
		KUNIT_ASSERT_EQ_MSG(test, PageDirty(user->pages[j]), j <= 30, "page %zu", j);
}

static void test_page_iter(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	struct phyr_page_iter iter;
	struct page *page;
	size_t j;

	phyr_list_for_each_page(page, iter, list)
		KUNIT_FAIL(test, "a page of an empty list");
	KUNIT_ASSERT_EQ(test, pin_user_phyr(list, user->addr + 2 * PAGE_SIZE - 1,
					    60 * PAGE_SIZE + 2, 0, GFP_KERNEL), 0);
	j = 1;
	phyr_list_for_each_page(page, iter, list)
		KUNIT_ASSERT_PTR_EQ(test, page, user->pages[j++]);
	KUNIT_EXPECT_EQ(test, j, 63);
	KUNIT_EXPECT_NULL(test, phyr_page_iter_next(&iter));
	phyr_list_release(list);

	/* A page in which ranges meet comes with each of them */
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(list, user->pages, 1, 0, 10, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_pages(list, user->pages, 1, 20, 10, GFP_KERNEL), 0);
	j = 0;
	phyr_list_for_each_page(page, iter, list) {
		KUNIT_EXPECT_PTR_EQ(test, page, user->pages[0]);
		j++;
	}
	KUNIT_EXPECT_EQ(test, j, 2);
}

static void test_iter_user(struct kunit *test)
{
	static const size_t steps[] = { 1, PAGE_SIZE - 1, 17 * PAGE_SIZE, 40 * PAGE_SIZE + 9 };
	struct phyr_list *list = new_list(test);
	struct user_memory *user = new_user(test);
	struct iov_iter iter, old;
	size_t i, done = 0;

	iov_iter_ubuf(&iter, ITER_DEST, (void __user *)user->addr, NR_USER_PAGES * PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(steps); done += steps[i++]) {
		KUNIT_ASSERT_EQ(test, phyr_list_append_iter(list, &iter, steps[i], 0, GFP_KERNEL),
				0);
		KUNIT_EXPECT_EQ(test, iov_iter_count(&iter),
				NR_USER_PAGES * PAGE_SIZE - done - steps[i]);
		expect_bytes_from(test, list, user->bytes, done, steps[i], PHYR_ATTR_PINNED);
		expect_pins(test, user, done, done + steps[i], 1);
		phyr_list_release(list);
		expect_pins(test, user, 0, 0, 0);
	}

	/* A fault half-way leaves the iterator, too, as it was */
	KUNIT_ASSERT_EQ(test, vm_munmap(user->addr + 70 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	old = iter;
	KUNIT_EXPECT_EQ(test, phyr_list_append_iter(list, &iter, iov_iter_count(&iter), 0,
						    GFP_KERNEL), -EFAULT);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), iov_iter_count(&old));
	KUNIT_EXPECT_EQ(test, iter.iov_offset, old.iov_offset);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), 0);
	expect_pins(test, user, 0, 0, 0);
}

static struct kunit_case phyr_import_cases[] = {
	KUNIT_CASE(test_pages),
	KUNIT_CASE(test_pages_then_more),
	KUNIT_CASE(test_pages_alloc_fails),
	KUNIT_CASE(test_folio),
	KUNIT_CASE(test_bvecs),
	KUNIT_CASE(test_bvec_iter),
	KUNIT_CASE(test_kvecs),
	KUNIT_CASE(test_kaddr),
	KUNIT_CASE(test_sgtable),
	KUNIT_CASE(test_iter_kvec),
	KUNIT_CASE(test_iter_bvec),
	KUNIT_CASE(test_iter_user),
	KUNIT_CASE(test_pin),
	KUNIT_CASE(test_pin_twice),
	KUNIT_CASE(test_pin_errors),
	KUNIT_CASE(test_pin_alloc_fails),
	KUNIT_CASE(test_pin_truncate),
	KUNIT_CASE(test_pin_split),
	KUNIT_CASE(test_mark_dirty),
	KUNIT_CASE(test_release_dirty),
	KUNIT_CASE(test_page_iter),
	KUNIT_CASE(test_to_sgtable),
	KUNIT_CASE(test_to_sgtable_shorter),
	KUNIT_CASE(test_to_sgtable_fails),
	KUNIT_CASE(test_to_bvecs),
	KUNIT_CASE(test_no_pages),
	KUNIT_CASE(test_copy),
	{}
};

static struct kunit_suite phyr_import_suite = {
	.name = "phyr_import",
	.test_cases = phyr_import_cases,
};

kunit_test_suite(phyr_import_suite);

MODULE_DESCRIPTION("KUnit tests of importers and exporters of physical range lists");
MODULE_LICENSE("GPL");
