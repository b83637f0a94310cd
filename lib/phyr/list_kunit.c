// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of physical range lists: what a list says is compared with a
 * plain array of ranges, what it allocates with what the allocators tell.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/phyr.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <trace/events/kmem.h>

#include "kunit.h"

/* What the current task allocates, as the tracepoints tell it */

#define WATCHED_PAGES	4096

/*
 * Debugging aids of the kernel allocate pages in the midst of an allocation, but
 * not with this flag.
 */
#define WATCHED		__GFP_RETRY_MAYFAIL
#define WATCHED_GFP	(GFP_KERNEL | WATCHED)

struct watch {
	struct task_struct	*task;
	gfp_t			gfp;		/* pages that are watched have it */
	u64			slab_bytes;
	unsigned long		slab_allocs;
	size_t			slab_largest;
	unsigned long		nr_pages;
	struct page		*pages[WATCHED_PAGES];
	u8			orders[WATCHED_PAGES];
};

static void watch_kmalloc(void *data, unsigned long call_site, const void *ptr,
			  size_t bytes_req, size_t bytes_alloc, gfp_t gfp_flags, int node)
{
	struct watch *watch = data;

	if (!in_task() || current != watch->task || !ptr)
		return;
	/* @bytes_alloc has what SLUB_DEBUG adds, too */
	watch->slab_bytes += kmalloc_size_roundup(bytes_req);
	watch->slab_allocs++;
	watch->slab_largest = max(watch->slab_largest, bytes_req);
}

static void watch_page_alloc(void *data, struct page *page, unsigned int order,
			     gfp_t gfp_flags, int migratetype)
{
	struct watch *watch = data;

	if (!in_task() || current != watch->task || !page || (gfp_flags & watch->gfp) != watch->gfp)
		return;
	if (watch->nr_pages < WATCHED_PAGES) {
		watch->pages[watch->nr_pages] = page;
		watch->orders[watch->nr_pages] = order;
	}
	watch->nr_pages++;
}

static void watch_unregister(void *data)
{
	unregister_trace_kmalloc(watch_kmalloc, data);
	unregister_trace_mm_page_alloc(watch_page_alloc, data);
	tracepoint_synchronize_unregister();
	vfree(data);
}

static struct watch *watch_init(struct kunit *test)
{
	struct watch *watch;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs CONFIG_TRACEPOINTS");
	watch = vzalloc(sizeof(*watch));
	KUNIT_ASSERT_NOT_NULL(test, watch);
	KUNIT_ASSERT_EQ(test, register_trace_kmalloc(watch_kmalloc, watch), 0);
	KUNIT_ASSERT_EQ(test, register_trace_mm_page_alloc(watch_page_alloc, watch), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, watch_unregister, watch), 0);
	return watch;
}

static void watch_begin(struct watch *watch, gfp_t gfp)
{
	watch->gfp = gfp;
	watch->slab_bytes = 0;
	watch->slab_allocs = 0;
	watch->slab_largest = 0;
	watch->nr_pages = 0;
	WRITE_ONCE(watch->task, current);
}

static void watch_end(struct watch *watch)
{
	WRITE_ONCE(watch->task, NULL);
}

/* The bytes allocated; fails the test if any of them is of more than a page */
static u64 watch_bytes(struct kunit *test, struct watch *watch)
{
	u64 bytes = watch->slab_bytes;
	unsigned long i;

	KUNIT_ASSERT_LE(test, watch->nr_pages, WATCHED_PAGES);
	KUNIT_EXPECT_LE(test, watch->slab_largest, PAGE_SIZE);
	for (i = 0; i < watch->nr_pages; i++) {
		/* The slab allocator's own, which are counted by the object */
		if (PageSlab(watch->pages[i]))
			continue;
		KUNIT_EXPECT_EQ(test, watch->orders[i], 0);
		bytes += PAGE_SIZE << watch->orders[i];
	}
	return bytes;
}

/* The model: an array of ranges that do not follow on each other */

struct test_range {
	u64	addr;
	u64	len;
	u8	kind;
};

struct model {
	struct test_range	*ranges;
	unsigned int		nr;
	u64			bytes;
};

enum shape {
	SHAPE_PAGES,		/* scattered, each a word */
	SHAPE_ODD,		/* of odd bytes, each two words */
	SHAPE_LONG,		/* longer than a word can tell */
	SHAPE_RUNS,		/* system memory and MMIO in turns */
	SHAPE_MIXED,
	SHAPE_UNMERGED,		/* adjacent, but kept apart */
};

struct list_param {
	const char	*name;
	enum shape	shape;
	unsigned int	nr;
};

/* How many words fit: 5, then 27, then 507 in each chunk */
static const struct list_param list_params[] = {
	{ "1 page", SHAPE_PAGES, 1 },
	{ "5 pages", SHAPE_PAGES, 5 },
	{ "6 pages", SHAPE_PAGES, 6 },
	{ "32 pages", SHAPE_PAGES, 32 },
	{ "33 pages", SHAPE_PAGES, 33 },
	{ "539 pages", SHAPE_PAGES, 539 },
	{ "540 pages", SHAPE_PAGES, 540 },
	{ "1200 pages", SHAPE_PAGES, 1200 },
	{ "1 odd range", SHAPE_ODD, 1 },
	{ "2 odd ranges", SHAPE_ODD, 2 },
	{ "3 odd ranges", SHAPE_ODD, 3 },
	{ "20 odd ranges", SHAPE_ODD, 20 },
	{ "600 odd ranges", SHAPE_ODD, 600 },
	{ "1 long range", SHAPE_LONG, 1 },
	{ "40 long ranges", SHAPE_LONG, 40 },
	{ "400 long ranges", SHAPE_LONG, 400 },
	{ "40 runs", SHAPE_RUNS, 40 },
	{ "500 runs", SHAPE_RUNS, 500 },
	{ "40 mixed ranges", SHAPE_MIXED, 40 },
	{ "700 mixed ranges", SHAPE_MIXED, 700 },
	{ "40 unmerged pages", SHAPE_UNMERGED, 40 },
	{ "1200 unmerged pages", SHAPE_UNMERGED, 1200 },
};

KUNIT_ARRAY_PARAM_DESC(list, list_params, name);

static struct test_range shape_range(enum shape shape, unsigned int i, unsigned int nr)
{
	switch (shape) {
	case SHAPE_PAGES:
		return (struct test_range) { (nr - i) * 2ULL * SZ_4K, SZ_4K };
	case SHAPE_ODD:
		return (struct test_range) { i * 0x5003ULL + 1, i % 5000 + 1 };
	case SHAPE_LONG:
		return (struct test_range) { (i + 1ULL) << 36 | 8, SZ_4K + (1ULL << 35) };
	case SHAPE_RUNS:
		return (struct test_range) { i * 2ULL * SZ_4K, SZ_4K,
					     i % 2 ? PHYR_MMIO : PHYR_SYSTEM };
	case SHAPE_UNMERGED:
		return (struct test_range) { i * (u64)SZ_4K, SZ_4K };
	default:
		if (i % 7 == 3)
			return (struct test_range) { i * (u64)SZ_64K, SZ_4K, PHYR_MMIO };
		if (i % 5 == 4)
			return (struct test_range) { i * (u64)SZ_64K + 5, SZ_4K + 3 };
		return (struct test_range) { i * (u64)SZ_64K, SZ_4K * (i % 9 + 1) };
	}
}

static int append_range(struct phyr_list *list, enum shape shape, const struct test_range *r,
			gfp_t gfp)
{
	if (shape == SHAPE_UNMERGED)
		return phyr_list_append_unmerged(list, r->addr, r->len, gfp);
	if (r->kind == PHYR_MMIO)
		return phyr_list_append_mmio(list, r->addr, r->len, gfp);
	return phyr_list_append(list, r->addr, r->len, gfp);
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

static const struct list_param *get_param(struct kunit *test)
{
	const struct list_param *param = test->param_value;

	if (param->shape == SHAPE_LONG && sizeof(phys_addr_t) < sizeof(u64))
		kunit_skip(test, "needs 64-bit physical addresses");
	return param;
}

static struct model model_make(struct kunit *test, const struct list_param *param)
{
	struct model m = {};

	m.ranges = kunit_kcalloc(test, param->nr, sizeof(*m.ranges), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.ranges);
	for (m.nr = 0; m.nr < param->nr; m.nr++) {
		m.ranges[m.nr] = shape_range(param->shape, m.nr, param->nr);
		m.bytes += m.ranges[m.nr].len;
	}
	return m;
}

static void fill_list(struct kunit *test, struct phyr_list *list, enum shape shape,
		      const struct model *m)
{
	unsigned int i;

	for (i = 0; i < m->nr; i++)
		KUNIT_ASSERT_EQ(test, append_range(list, shape, &m->ranges[i], GFP_KERNEL), 0);
}

/* Does the iterator yield the bytes [@off, @off + @len) of the model? */
static bool same_window(struct phyr_iter *iter, const struct model *m, u64 off, u64 len)
{
	struct phyr range = {};
	u64 start = 0, cut, bytes;
	unsigned int i;

	for (i = 0; len; start += m->ranges[i++].len) {
		const struct test_range *r = &m->ranges[i];

		if (i == m->nr)
			return false;
		if (off - start >= r->len)
			continue;
		cut = off - start;
		bytes = min(r->len - cut, len);
		if (!phyr_iter_next(iter, &range) || range.addr != r->addr + cut ||
		    range.len != bytes || range.run->kind != r->kind ||
		    range.run->attrs || range.run->provider)
			return false;
		off += bytes;
		len -= bytes;
	}
	range.len = 0;
	return !phyr_iter_next(iter, &range) && !range.len;
}

static void expect_window(struct kunit *test, const struct phyr_list *list,
			  const struct model *m, u64 off, u64 len)
{
	struct phyr_iter iter;

	KUNIT_ASSERT_EQ(test, phyr_iter_init_window(&iter, list, off, len), 0);
	KUNIT_ASSERT_TRUE_MSG(test, same_window(&iter, m, off, len),
			      "window at %llu of %llu bytes", off, len);
}

/* The list has the first @bytes bytes of the model from byte @from on */
static void expect_part(struct kunit *test, const struct phyr_list *list,
			const struct model *m, u64 from, u64 bytes)
{
	u64 start = 0, boundaries = 0, last_end = 0, ranges = 0, lowest = U64_MAX, highest = 0;
	int runs = 0, last_kind = -1;
	struct phyr_iter iter;
	unsigned int i, kinds = 0;

	KUNIT_ASSERT_EQ(test, phyr_list_bytes(list), bytes);
	phyr_iter_init(&iter, list);
	KUNIT_ASSERT_TRUE(test, same_window(&iter, m, from, bytes));
	for (i = 0; i < m->nr; start += m->ranges[i++].len) {
		const struct test_range *r = &m->ranges[i];
		u64 first = max(start, from), end = min(start + r->len, from + bytes);
		u64 addr = r->addr + (first - start);

		if (first >= end)
			continue;
		if (ranges++)
			boundaries |= last_end | addr;
		last_end = addr + (end - first);
		if (last_kind != r->kind)
			runs++;
		last_kind = r->kind;
		kinds |= BIT(r->kind);
		if (r->kind == PHYR_SYSTEM) {
			lowest = min(lowest, addr);
			highest = max(highest, last_end - 1);
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), ranges);
	KUNIT_EXPECT_EQ(test, phyr_list_runs(list), runs);
	KUNIT_EXPECT_EQ(test, phyr_list_boundaries(list) & -phyr_list_boundaries(list),
			boundaries & -boundaries);
	KUNIT_EXPECT_EQ(test, phyr_list_is_system(list), !(kinds & ~BIT(PHYR_SYSTEM)));
	if (kinds & BIT(PHYR_SYSTEM)) {
		KUNIT_EXPECT_EQ(test, (u64)phyr_list_lowest(list), lowest);
		KUNIT_EXPECT_EQ(test, (u64)phyr_list_highest(list), highest);
	}
}

static void expect_list(struct kunit *test, const struct phyr_list *list, const struct model *m)
{
	expect_part(test, list, m, 0, m->bytes);
}

/* Size */

static void test_small(struct kunit *test)
{
	struct watch *watch = watch_init(test);
	struct phyr_list list = PHYR_LIST_INIT;
	int i;

	KUNIT_EXPECT_LE(test, sizeof(struct phyr_list), 128);
	KUNIT_EXPECT_GE(test, PHYR_INLINE_WORDS, 4);

	watch_begin(watch, 0);
	for (i = 0; i < PHYR_INLINE_WORDS; i++)
		KUNIT_EXPECT_EQ(test, phyr_list_append(&list, i * 2 * SZ_4K, SZ_4K, GFP_KERNEL), 0);
	watch_end(watch);
	KUNIT_EXPECT_EQ(test, watch_bytes(test, watch), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(&list), PHYR_INLINE_WORDS);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(&list), 0);

	watch_begin(watch, WATCHED);
	KUNIT_EXPECT_EQ(test, phyr_list_append(&list, SZ_1M, SZ_4K, WATCHED_GFP), 0);
	watch_end(watch);
	KUNIT_EXPECT_EQ(test, watch_bytes(test, watch), phyr_list_memory(&list));
	KUNIT_EXPECT_EQ(test, watch->slab_allocs, 1);
	phyr_list_release(&list);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(&list), 0);
}

static void test_one_range(struct kunit *test)
{
	static const u64 lens[] = {
		1, SZ_4K - 1, SZ_4K, SZ_4K + 1, SZ_2G, (1ULL << 34) - 1, 1ULL << 34,
		(1ULL << 34) + 1, 1ULL << 52, (1ULL << 52) + 1, 1ULL << 62, S64_MAX,
	};
	static const u64 addrs[] = { 0, 1, SZ_4K, SZ_4K + 7, 1ULL << 52 };
	struct watch *watch = watch_init(test);
	struct phyr_list list;
	struct phyr_iter iter;
	struct phyr range;
	int i, j, kind;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		for (j = 0; j < ARRAY_SIZE(addrs); j++)
			for (kind = 0; kind <= PHYR_MMIO; kind++) {
				struct test_range r = { addrs[j], lens[i], kind };
				struct model m = { &r, 1, r.len };
				int ret;

				if (r.addr + r.len - 1 > PHYS_ADDR_MAX)
					continue;
				phyr_list_init(&list);
				watch_begin(watch, 0);
				ret = append_range(&list, SHAPE_PAGES, &r, GFP_KERNEL);
				watch_end(watch);
				KUNIT_EXPECT_EQ(test, ret, 0);
				KUNIT_EXPECT_EQ(test, watch_bytes(test, watch), 0);
				expect_list(test, &list, &m);
				phyr_iter_init(&iter, &list);
				KUNIT_EXPECT_TRUE(test, phyr_iter_next(&iter, &range));
				KUNIT_EXPECT_EQ(test, range.len, lens[i]);
				phyr_list_release(&list);
			}
}

/* The page that is at place @i of a list of @nr, a power of two, in disorder */
static u64 scattered_page(u64 i, u64 nr)
{
	return ((i * 0x9e3779b1ULL) & (nr - 1)) * 2 * SZ_4K;
}

static void test_million(struct kunit *test)
{
	struct watch *watch = watch_init(test);
	struct phyr_list *list = new_list(test);
	const u64 nr = SZ_1M;
	struct rnd_state rnd;
	struct phyr_iter iter;
	struct phyr range;
	u64 i, bytes;
	int ret = 0;

	watch_begin(watch, WATCHED);
	for (i = 0; i < nr && !ret; i++)
		ret = phyr_list_append(list, scattered_page(i, nr), SZ_4K, WATCHED_GFP);
	watch_end(watch);
	KUNIT_ASSERT_EQ(test, ret, 0);

	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), nr);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), nr * SZ_4K);
	bytes = watch_bytes(test, watch);
	KUNIT_EXPECT_EQ(test, bytes, phyr_list_memory(list));
	KUNIT_EXPECT_LE(test, bytes * 4, nr * 33);	/* 8.25 bytes each */
	kunit_info(test, "%llu ranges take %llu bytes\n", nr, bytes);

	i = 0;
	phyr_list_for_each(range, iter, list) {
		if (range.addr != scattered_page(i, nr) || range.len != SZ_4K)
			break;
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, nr);

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 100000; i++) {
		u64 off = ((u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd)) %
			  (nr * SZ_4K);
		u64 page = off / SZ_4K, rest = off % SZ_4K;
		u64 len = min_t(u64, SZ_8K, nr * SZ_4K - off);

		KUNIT_ASSERT_EQ(test, phyr_iter_init_window(&iter, list, off, len), 0);
		KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
		KUNIT_ASSERT_EQ(test, (u64)range.addr, scattered_page(page, nr) + rest);
		KUNIT_ASSERT_EQ(test, range.len, SZ_4K - rest);
		if (len > range.len) {
			KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
			KUNIT_ASSERT_EQ(test, (u64)range.addr, scattered_page(page + 1, nr));
		}
	}
}

/* Reading */

static void test_append(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param), part = m;
	struct phyr_list *list = new_list(test);
	struct watch *watch = watch_init(test);
	int ret = 0;

	watch_begin(watch, WATCHED);
	for (part.nr = 0, part.bytes = 0; part.nr < m.nr && !ret; part.nr++)
		ret = append_range(list, param->shape, &m.ranges[part.nr], WATCHED_GFP);
	watch_end(watch);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, watch_bytes(test, watch), phyr_list_memory(list));
	expect_list(test, list, &m);

	/* Reading between one append and the next changes nothing */
	phyr_list_release(list);
	for (part.nr = 0, part.bytes = 0; part.nr < m.nr; ) {
		struct test_range *r = &m.ranges[part.nr++];

		ret = append_range(list, param->shape, r, GFP_KERNEL);
		KUNIT_ASSERT_EQ(test, ret, 0);
		part.bytes += r->len;
		expect_list(test, list, &part);
	}
}

static void test_windows(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param);
	struct phyr_list *list = new_list(test);
	struct phyr_iter iter;
	u64 start = 0, off;
	unsigned int i;

	fill_list(test, list, param->shape, &m);
	for (i = 0; i <= m.nr; i++) {
		for (off = start ? start - 1 : 0; off <= start + 1 && off <= m.bytes; off++) {
			u64 rest = m.bytes - off;

			expect_window(test, list, &m, off, 0);
			expect_window(test, list, &m, off, rest);
			expect_window(test, list, &m, off, min(rest, 1ULL));
			expect_window(test, list, &m, off, min_t(u64, rest, SZ_4K));
			expect_window(test, list, &m, off, min_t(u64, rest, SZ_4K + 1));
			expect_window(test, list, &m, off, rest / 2);
			KUNIT_ASSERT_EQ(test, phyr_iter_init_window(&iter, list, off, rest + 1),
					-ERANGE);
		}
		if (i < m.nr)
			start += m.ranges[i].len;
	}
}

/* Shortening */

static void test_truncate(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param);
	struct phyr_list *list = new_list(test);
	struct watch *watch = watch_init(test);
	size_t memory;
	unsigned int i;
	u64 start = m.bytes;
	int delta, ret;

	fill_list(test, list, param->shape, &m);
	memory = phyr_list_memory(list);
	for (i = m.nr; i--; ) {
		start -= m.ranges[i].len;
		for (delta = 1; delta >= -1; delta--) {
			u64 bytes = start + delta;

			if (bytes > phyr_list_bytes(list))
				continue;
			watch_begin(watch, 0);
			ret = phyr_list_truncate(list, bytes);
			watch_end(watch);
			KUNIT_ASSERT_EQ(test, ret, 0);
			KUNIT_ASSERT_EQ(test, watch->slab_allocs + watch->nr_pages, 0);
			expect_part(test, list, &m, 0, bytes);
		}
	}
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), 0);
	/* What it had it keeps, and uses again */
	KUNIT_EXPECT_EQ(test, phyr_list_memory(list), memory);
	fill_list(test, list, param->shape, &m);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(list), memory);
	expect_list(test, list, &m);
	if (m.ranges[0].len > 1) {
		KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 1), 0);
		expect_part(test, list, &m, 0, 1);
	}
}

static void test_split(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	unsigned int step = param->nr / 40 + 1, i;
	struct model m = model_make(test, param);
	struct phyr_list *list = new_list(test);
	struct phyr_list *tail = new_list(test);
	u64 start = 0, off;

	for (i = 0; i <= m.nr; i++) {
		for (off = start ? start - 1 : 0; off <= start + 1 && off <= m.bytes; off++) {
			if (i % step)
				break;
			fill_list(test, list, param->shape, &m);
			KUNIT_ASSERT_EQ(test, phyr_list_split(list, off, tail, GFP_KERNEL), 0);
			expect_part(test, list, &m, 0, off);
			expect_part(test, tail, &m, off, m.bytes - off);
			/* The one that was cut goes on to be a list */
			phyr_list_release(tail);
			KUNIT_ASSERT_EQ(test, phyr_list_truncate(list, off / 2), 0);
			expect_part(test, list, &m, 0, off / 2);
			phyr_list_release(list);
		}
		if (i < m.nr)
			start += m.ranges[i].len;
	}
}

static void test_move(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param);
	struct phyr_list *from = new_list(test);
	struct phyr_list *to = new_list(test);
	size_t memory;

	fill_list(test, from, param->shape, &m);
	memory = phyr_list_memory(from);
	KUNIT_ASSERT_EQ(test, phyr_list_reserve(to, 1000, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_move(to, from), 0);
	expect_list(test, to, &m);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(to), memory);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(from), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(from), 0);

	/* Both can be used as before */
	fill_list(test, from, param->shape, &m);
	expect_list(test, from, &m);
	KUNIT_EXPECT_EQ(test, phyr_list_move(to, from), -EBUSY);
	expect_list(test, to, &m);
	expect_list(test, from, &m);
}

/* Failing */

static void test_alloc_fails(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param), part = m;
	struct phyr_list *list = new_list(test);
	struct phyr_list *tail = new_list(test);
	unsigned int nth, nr_failed = 0;
	bool failed = true;
	int ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and debugfs");

	/* Each allocation in turn that filling the list takes */
	for (nth = 1; failed; nth++) {
		failed = false;
		part.bytes = 0;
		phyr_test_fail_nth(nth);
		for (part.nr = 0; part.nr < m.nr; part.nr++) {
			struct test_range *r = &m.ranges[part.nr];

			ret = append_range(list, param->shape, r, PHYR_TEST_GFP);
			if (ret) {
				KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
				KUNIT_ASSERT_TRUE(test, phyr_test_has_failed());
				KUNIT_ASSERT_FALSE(test, failed);
				expect_list(test, list, &part);
				failed = true;
				nr_failed++;
				KUNIT_ASSERT_EQ(test, append_range(list, param->shape, r,
								   GFP_KERNEL), 0);
			}
			part.bytes += r->len;
		}
		failed |= phyr_test_has_failed();
		expect_list(test, list, &m);
		/* Whatever failed, what remains can be sought in */
		expect_window(test, list, &m, m.bytes / 2, 1);
		expect_window(test, list, &m, m.bytes - 1, 1);
		phyr_list_release(list);
	}
	if (m.nr >= 40)
		KUNIT_EXPECT_GE(test, nr_failed, 1);

	/* Each that splitting it takes, before its second range */
	if (m.nr < 2)
		return;
	fill_list(test, list, param->shape, &m);
	nr_failed = 0;
	for (nth = 1; ; nth++) {
		phyr_test_fail_nth(nth);
		ret = phyr_list_split(list, m.ranges[0].len, tail, PHYR_TEST_GFP);
		phyr_test_has_failed();
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		expect_list(test, list, &m);
		KUNIT_EXPECT_EQ(test, phyr_list_bytes(tail), 0);
		phyr_list_release(tail);
		nr_failed++;
	}
	if (m.nr >= 40)
		KUNIT_EXPECT_GE(test, nr_failed, 1);
	expect_part(test, tail, &m, m.ranges[0].len, m.bytes - m.ranges[0].len);
}

static void test_reserve(struct kunit *test)
{
	const struct list_param *param = get_param(test);
	struct model m = model_make(test, param);
	struct phyr_list *list = new_list(test);
	struct watch *watch = watch_init(test);
	unsigned int first;
	size_t memory;
	int ret;

	/* With some ranges there before, and some chunk partly full */
	for (first = 0; first <= min(m.nr - 1, 40U); first++) {
		unsigned int i;

		for (i = 0; i < first; i++)
			KUNIT_ASSERT_EQ(test, append_range(list, param->shape, &m.ranges[i],
							   GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, phyr_list_reserve(list, m.nr - first, GFP_KERNEL), 0);
		memory = phyr_list_memory(list);
		watch_begin(watch, 0);
		for (ret = 0; i < m.nr && !ret; i++)
			ret = append_range(list, param->shape, &m.ranges[i], 0);
		watch_end(watch);
		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_ASSERT_EQ(test, watch->slab_allocs + watch->nr_pages, 0);
		KUNIT_EXPECT_EQ(test, phyr_list_memory(list), memory);
		expect_list(test, list, &m);
		phyr_list_release(list);
	}
}

/* The last range ends inside a granule and does not fit any more when it grows */
static void test_reserve_widens(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct watch *watch = watch_init(test);
	unsigned int before, i;
	int ret;

	for (before = 1; before < 600; before++) {
		for (i = 0; i < before; i++)
			KUNIT_ASSERT_EQ(test, phyr_list_append(list, i * 2 * SZ_4K, SZ_4K,
							       GFP_KERNEL), 0);
		KUNIT_ASSERT_EQ(test, phyr_list_truncate(list, before * SZ_4K - 1), 0);
		KUNIT_ASSERT_EQ(test, phyr_list_reserve(list, 1, GFP_KERNEL), 0);
		watch_begin(watch, 0);
		ret = phyr_list_append_mmio(list, 3, 5, 0);
		watch_end(watch);
		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_ASSERT_EQ(test, watch->slab_allocs + watch->nr_pages, 0);
		KUNIT_ASSERT_EQ(test, phyr_list_ranges(list), before + 1);
		KUNIT_ASSERT_EQ(test, phyr_list_bytes(list), before * SZ_4K + 4);
		phyr_list_release(list);
	}
}

/* What joins with the range before, and what does not */
static void test_coalesce(struct kunit *test)
{
	struct phyr_list *list = new_list(test);
	struct test_range r[8] = {};
	struct model m = { r };
	gfp_t gfp = GFP_KERNEL;

#define EXPECT_RANGES(...) do {							\
	const struct test_range expected[] = { __VA_ARGS__ };			\
										\
	memcpy(r, expected, sizeof(expected));					\
	for (m.nr = 0, m.bytes = 0; m.nr < ARRAY_SIZE(expected); m.nr++)	\
		m.bytes += r[m.nr].len;						\
	expect_list(test, list, &m);						\
} while (0)

	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x1003, 2, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x1005, 0xffb, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0xffd });
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x2000, 0x10000, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0x10ffd });
	/* Another kind */
	KUNIT_EXPECT_EQ(test, phyr_list_append_mmio(list, 0x12000, 0x1000, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0x10ffd }, { 0x12000, 0x1000, PHYR_MMIO });
	KUNIT_EXPECT_EQ(test, phyr_list_append_mmio(list, 0x13000, 0x10, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0x10ffd }, { 0x12000, 0x1010, PHYR_MMIO });
	/* Not on purpose, and then again */
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x13010, 0x10, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append_unmerged(list, 0x13020, 0x20, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x13040, 0x40, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0x10ffd }, { 0x12000, 0x1010, PHYR_MMIO },
		      { 0x13010, 0x10 }, { 0x13020, 0x60 });
	/* What lies before it, or in it, does not follow on it */
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x13010, 0x10, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0x1301f, 0x10, gfp), 0);
	EXPECT_RANGES({ 0x1003, 0x10ffd }, { 0x12000, 0x1010, PHYR_MMIO },
		      { 0x13010, 0x10 }, { 0x13020, 0x60 }, { 0x13010, 0x10 },
		      { 0x1301f, 0x10 });

	/* The first address does not follow on the last one */
	phyr_list_release(list);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, PHYS_ADDR_MAX - SZ_4K + 1, SZ_4K, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0, SZ_4K, gfp), 0);
	EXPECT_RANGES({ PHYS_ADDR_MAX - SZ_4K + 1, SZ_4K }, { 0, SZ_4K });

	/* Growing until no word can hold it */
	if (sizeof(phys_addr_t) == sizeof(u64)) {
		phyr_list_release(list);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, SZ_8K, SZ_4K, gfp), 0);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 7, 1ULL << 33, gfp), 0);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 7 + (1ULL << 33), 1ULL << 33, gfp), 0);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 7 + (1ULL << 34), 1ULL << 60, gfp), 0);
		EXPECT_RANGES({ SZ_8K, SZ_4K }, { 7, (1ULL << 34) + (1ULL << 60) });
	}
#undef EXPECT_RANGES
}

static void test_errors(struct kunit *test)
{
	const struct list_param param = { .shape = SHAPE_MIXED, .nr = 40 };
	struct model m = model_make(test, &param);
	struct phyr_list *list = new_list(test);
	struct phyr_list *other = new_list(test);
	struct phyr_iter iter;
	gfp_t gfp = GFP_KERNEL;

	fill_list(test, list, param.shape, &m);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0, 0, gfp), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_mmio(list, 0, 0, gfp), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_unmerged(list, SZ_4K, 0, gfp), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, PHYS_ADDR_MAX, 2, gfp), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, phyr_list_append_mmio(list, PHYS_ADDR_MAX, 2, gfp), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, phyr_list_append_unmerged(list, 2, PHYS_ADDR_MAX, gfp), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, phyr_list_append(list, 2, U64_MAX, gfp), -EOVERFLOW);
	if (sizeof(phys_addr_t) == sizeof(u64)) {
		u64 most = S64_MAX - m.bytes;

		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0, U64_MAX, gfp), -E2BIG);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0, most + 1, gfp), -E2BIG);
		KUNIT_EXPECT_EQ(test, phyr_list_append_mmio(list, 8, most + 1, gfp), -E2BIG);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, 0, most, gfp), 0);
		KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), S64_MAX);
		KUNIT_EXPECT_EQ(test, phyr_list_append(list, SZ_4K, 1, gfp), -E2BIG);
		KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, m.bytes), 0);
	}
	KUNIT_EXPECT_EQ(test, phyr_list_reserve(list, U64_MAX, gfp), -E2BIG);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, m.bytes + 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, U64_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_iter_init_window(&iter, list, m.bytes, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_iter_init_window(&iter, list, m.bytes + 1, 0), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_iter_init_window(&iter, list, 1, U64_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_iter_init_window(&iter, list, 0, m.bytes + 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_split(list, m.bytes + 1, other, gfp), -ERANGE);

	KUNIT_EXPECT_EQ(test, phyr_list_append(other, SZ_4K, 1, gfp), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_split(list, 1, other, gfp), -EBUSY);
	KUNIT_EXPECT_EQ(test, phyr_list_split(list, m.bytes, other, gfp), -EBUSY);
	KUNIT_EXPECT_EQ(test, phyr_list_move(other, list), -EBUSY);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(other), 1);
	expect_list(test, list, &m);
}

/* An empty list is a list */
static void test_empty(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT, other = PHYR_LIST_INIT;
	struct phyr_iter iter;
	struct phyr range;

	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&list), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(&list), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_runs(&list), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_boundaries(&list), 0);
	KUNIT_EXPECT_TRUE(test, phyr_list_is_system(&list));
	phyr_iter_init(&iter, &list);
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, phyr_iter_init_window(&iter, &list, 0, 0), 0);
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(&list, 0), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_split(&list, 0, &other, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_move(&other, &list), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_reserve(&list, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_memory(&list), 0);
	phyr_list_release(&list);
	phyr_list_release(&list);
}

static struct kunit_case phyr_list_cases[] = {
	KUNIT_CASE(test_empty),
	KUNIT_CASE(test_small),
	KUNIT_CASE(test_one_range),
	KUNIT_CASE(test_coalesce),
	KUNIT_CASE(test_errors),
	KUNIT_CASE_PARAM(test_append, list_gen_params),
	KUNIT_CASE_PARAM(test_windows, list_gen_params),
	KUNIT_CASE_PARAM(test_truncate, list_gen_params),
	KUNIT_CASE_PARAM(test_split, list_gen_params),
	KUNIT_CASE_PARAM(test_move, list_gen_params),
	KUNIT_CASE_PARAM(test_reserve, list_gen_params),
	KUNIT_CASE(test_reserve_widens),
	KUNIT_CASE_PARAM(test_alloc_fails, list_gen_params),
	KUNIT_CASE_SLOW(test_million),
	{}
};

static struct kunit_suite phyr_list_suite = {
	.name = "phyr_list",
	.test_cases = phyr_list_cases,
};

kunit_test_suite(phyr_list_suite);

MODULE_DESCRIPTION("KUnit tests of physical range lists");
MODULE_LICENSE("GPL");
