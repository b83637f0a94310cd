// SPDX-License-Identifier: GPL-2.0
/*
 * Are the page tables that iommu_map_phyr() fills those that iommu_map() of each range
 * makes?
 *
 * Two domains of the machine's own IOMMU get the same ranges, one at once, the other one
 * by one, and their tables are compared entry by entry, from the root on.  No device is
 * attached to either, so the ranges need no memory behind them, and forms of a table can
 * be tried that the hardware at hand would not walk.
 *
 * What has to be known of a driver's tables is in a file for each of them.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/iommu.h>
#include <linux/iommu-phyr.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/phyr.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../../lib/phyr/kunit.h"
#include "iommu-phyr-kunit.h"

#define ADDR_MASK	GENMASK_ULL(51, 12)

/* If the driver's tables cannot be read, there is still iommu_iova_to_phys() */
static const struct table_format any = { "", NULL, NULL, NULL, "any" };

static const struct table_format *const formats[] = {
#ifdef CONFIG_INTEL_IOMMU
	&vtd_second_stage, &vtd_first_stage, &vtd_small, &vtd_not_coherent,
	&vtd_nested_parent, &vtd_dirty, &vtd_first_stage_dirty,
#endif
#ifdef CONFIG_AMD_IOMMU
	&amd_v1, &amd_v1_dirty, &amd_v2,
#endif
#if IS_BUILTIN(CONFIG_ARM_SMMU_V3)
	&smmu_v3, &smmu_v3_dirty,
#endif
	&any,
};

static void format_desc(const struct table_format *const *format, char *desc)
{
	strscpy(desc, (*format)->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(format, formats, format_desc);

/* The one that entry @i leads to, if it is to a table and not to memory */
static bool next_table(const struct table_format *format, const struct table *table,
		       unsigned int i, struct table *next)
{
	u64 entry = table->entry[i];

	if (table->level == 1 || !entry || !format->is_table(entry))
		return false;
	next->entry = phys_to_virt(entry & ADDR_MASK);
	next->level = table->level - 1;
	next->nr = table->nr_below;
	next->nr_below = table->nr_below;
	return true;
}

static bool is_empty_table(const struct table_format *format, const struct table *table);

/* No table is as good as an empty one: when they are freed is for the driver to know */
static bool is_nothing(const struct table_format *format, const struct table *table,
		       unsigned int i)
{
	struct table next;

	return next_table(format, table, i, &next) ? is_empty_table(format, &next) :
						     !table->entry[i];
}

static bool is_empty_table(const struct table_format *format, const struct table *table)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		if (!is_nothing(format, table, i))
			return false;
	return true;
}

/* Does an entry above the leaf tables map memory? */
static bool has_large_page(const struct table_format *format, const struct table *table)
{
	struct table next;
	unsigned int i;

	for (i = 0; i < table->nr && table->level > 1; i++) {
		if (!table->entry[i])
			continue;
		if (!next_table(format, table, i, &next) || has_large_page(format, &next))
			return true;
	}
	return false;
}

static bool same_tables(struct kunit *test, const struct table_format *format,
			const struct table *one, const struct table *other)
{
	struct table next, next_other;
	bool has_next, has_other;
	unsigned int i;

	for (i = 0; i < one->nr; i++) {
		u64 diff = one->entry[i] ^ other->entry[i];

		has_next = next_table(format, one, i, &next);
		has_other = next_table(format, other, i, &next_other);
		if (has_next && has_other && !(diff & ~ADDR_MASK)) {
			if (!same_tables(test, format, &next, &next_other))
				return false;
		} else if (has_next || has_other) {
			if (!is_nothing(format, one, i) || !is_nothing(format, other, i))
				goto differ;
		} else if (diff) {
			goto differ;
		}
	}
	return true;

differ:
	kunit_err(test, "level %d, entry %u: %016llx and %016llx\n", one->level, i,
		  one->entry[i], other->entry[i]);
	return false;
}

/* As hardware does in passing: every other entry of memory */
static void mark_dirty(const struct table_format *format, const struct table *table)
{
	struct table next;
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		if (next_table(format, table, i, &next))
			mark_dirty(format, &next);
		else if (table->entry[i] && i % 2)
			table->entry[i] ^= format->dirty;
	}
}

/* Devices and domains */

static int find_iommu(struct device *dev, void *data)
{
	struct device **found = data;

	if (!dev_is_pci(dev) || !device_iommu_mapped(dev))
		return 0;
	*found = dev;
	return 1;
}

struct pair {
	const struct table_format *format;
	struct device		*dev;
	struct iommu_domain	*at_once;	/* by iommu_map_phyr() */
	struct iommu_domain	*one_by_one;	/* by iommu_map() */
	u64			page;
	unsigned long		first_iova;	/* of what the test may use */
	unsigned long		last_iova;
};

static void free_domain(void *domain)
{
	iommu_domain_free(domain);
}

static struct iommu_domain *new_domain(struct kunit *test, const struct table_format *format,
				       struct device *dev)
{
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
	struct table root;

	if (IS_ERR(domain))
		kunit_skip(test, "the IOMMU gives no domain: %pe", domain);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_domain, domain), 0);
	if (!domain->ops->leaf_begin)
		kunit_skip(test, "the driver maps range by range, as the test would");
	/* Such that are made when a device is attached are tested by the suite dma_phyr */
	if (!domain->pgsize_bitmap)
		kunit_skip(test, "the IOMMU makes no table without a device");
	if (format->prepare)
		format->prepare(domain);
	if (format->root && !format->root(domain, &root))
		kunit_skip(test, "the IOMMU has tables of another kind");
	return domain;
}

static struct pair *new_pair(struct kunit *test)
{
	const struct table_format *format =
		*(const struct table_format *const *)test->param_value;
	struct pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);
	struct device *dev = NULL;
	const char *name;

	KUNIT_ASSERT_NOT_NULL(test, pair);
	bus_for_each_dev(&pci_bus_type, NULL, &dev, find_iommu);
	if (!dev)
		kunit_skip(test, "no PCI device is behind an IOMMU");
	name = dev_name(dev->iommu->iommu_dev->dev);
	if (strncmp(name, format->iommu, strlen(format->iommu)))
		kunit_skip(test, "not on this machine");
	pair->format = format;
	pair->dev = dev;
	pair->at_once = new_domain(test, format, dev);
	pair->one_by_one = new_domain(test, format, dev);
	pair->page = pair->at_once->pgsize_bitmap & -pair->at_once->pgsize_bitmap;
	/* Where four levels of tables are used, and 32 bits do for a size_t */
	pair->first_iova = SZ_2G;
	pair->last_iova = SZ_2G + (SZ_2G - 1);
	return pair;
}

/* A format may have the root change as a table grows */
static void read_root(struct kunit *test, const struct table_format *format,
		      struct iommu_domain *domain, struct table *root)
{
	KUNIT_ASSERT_TRUE(test, format->root(domain, root));
}

static bool same_table_of_roots(struct kunit *test, struct pair *pair)
{
	struct table one, other;

	read_root(test, pair->format, pair->at_once, &one);
	read_root(test, pair->format, pair->one_by_one, &other);
	if (one.level != other.level) {
		kunit_err(test, "%d levels and %d\n", one.level, other.level);
		return false;
	}
	return same_tables(test, pair->format, &one, &other);
}

static void expect_same(struct kunit *test, struct pair *pair, unsigned long iova, size_t size)
{
	size_t off;

	for (off = 0; off < size; off += pair->page) {
		phys_addr_t phys = iommu_iova_to_phys(pair->at_once, iova + off);

		KUNIT_ASSERT_EQ(test, phys, iommu_iova_to_phys(pair->one_by_one, iova + off));
	}
	if (pair->format->root)
		KUNIT_ASSERT_TRUE(test, same_table_of_roots(test, pair));
}

static void expect_empty(struct kunit *test, struct pair *pair, struct iommu_domain *domain)
{
	struct table root;

	if (!pair->format->root)
		return;
	read_root(test, pair->format, domain, &root);
	KUNIT_ASSERT_TRUE(test, is_empty_table(pair->format, &root));
}

static bool has_large_pages(struct kunit *test, struct pair *pair)
{
	struct table root;

	if (!pair->format->root)
		return false;
	read_root(test, pair->format, pair->at_once, &root);
	return has_large_page(pair->format, &root);
}

static void make_dirty(struct kunit *test, struct pair *pair)
{
	struct table root;

	if (!pair->format->dirty)
		return;
	read_root(test, pair->format, pair->at_once, &root);
	mark_dirty(pair->format, &root);
	read_root(test, pair->format, pair->one_by_one, &root);
	mark_dirty(pair->format, &root);
}

/* Random ranges */

enum shape {
	SHAPE_PAGES,		/* as scattered memory has them */
	SHAPE_RUNS,		/* of a few pages */
	SHAPE_HUGE,		/* which large pages can map, if the IOVA is such */
	SHAPE_ODD,		/* begin and end anywhere */
	SHAPE_HIGH,		/* up to the last address there is */
	SHAPE_MIX,
	NR_SHAPES
};

/* Highest address that a table can hold for all of the formats */
#define HIGH_BITS	44

static void append_range(struct kunit *test, struct rnd_state *rnd, struct phyr_list *list,
			 enum shape shape, u64 page)
{
	u64 addr = ((u64)prandom_u32_state(rnd) << 11) & ~(page - 1);
	u64 len = page;

	switch (shape) {
	case SHAPE_RUNS:
		len *= 1 + prandom_u32_state(rnd) % 40;
		break;
	case SHAPE_HUGE:
		addr = round_down(addr, SZ_2M) + SZ_2M;
		len = SZ_2M * (1 + prandom_u32_state(rnd) % 3);
		if (!(prandom_u32_state(rnd) % 3))
			len += page * (prandom_u32_state(rnd) % 100);
		break;
	case SHAPE_ODD:
		addr += prandom_u32_state(rnd) % page;
		len = 1 + prandom_u32_state(rnd) % (5 * page);
		break;
	case SHAPE_HIGH:
		addr = (1ULL << (HIGH_BITS - prandom_u32_state(rnd) % 8)) - page;
		break;
	default:
		break;
	}
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, addr, len, GFP_KERNEL), 0);
}

static void append_ranges(struct kunit *test, struct rnd_state *rnd, struct phyr_list *list,
			  enum shape shape, u64 page)
{
	unsigned int nr = 1 + prandom_u32_state(rnd) % (prandom_u32_state(rnd) % 4 ? 40 : 1200);

	if (shape == SHAPE_HUGE || shape == SHAPE_MIX)
		nr = 1 + nr % (shape == SHAPE_HUGE ? 8 : 100);
	while (nr--)
		append_range(test, rnd, list,
			     shape == SHAPE_MIX ? prandom_u32_state(rnd) % SHAPE_MIX : shape, page);
}

static size_t pages_of(const struct phyr *range, u64 page, phys_addr_t *phys)
{
	*phys = round_down((u64)range->addr, page);
	return round_up((u64)range->addr + range->len, page) - *phys;
}

/* What is mapped of a list */
struct window {
	struct phyr_list	list;
	u64			off;
	u64			len;
};

static struct phyr_iter *begin(struct kunit *test, struct phyr_iter *iter,
			       const struct window *window)
{
	KUNIT_ASSERT_EQ(test, phyr_iter_init_window(iter, &window->list, window->off,
						    window->len), 0);
	return iter;
}

/* All of the list, or any part of it that is not empty */
static void choose_window(struct rnd_state *rnd, struct window *window)
{
	const u64 bytes = window->list.bytes;

	window->off = 0;
	window->len = bytes;
	if (prandom_u32_state(rnd) % 2)
		return;
	window->off = mul_u64_u32_shr(bytes, prandom_u32_state(rnd), 32);
	window->len -= window->off;
	if (prandom_u32_state(rnd) % 4)
		window->len = mul_u64_u32_shr(window->len, prandom_u32_state(rnd), 32) ?: 1;
}

static size_t size_of(struct kunit *test, const struct window *window, u64 page)
{
	struct phyr_iter iter;
	phys_addr_t phys;
	struct phyr range;
	size_t size = 0;

	begin(test, &iter, window);
	while (phyr_iter_next(&iter, &range))
		size += pages_of(&range, page, &phys);
	return size;
}

static void map_both(struct kunit *test, struct pair *pair, unsigned long iova, size_t size)
{
	const int prot = IOMMU_READ | IOMMU_WRITE;

	KUNIT_ASSERT_EQ(test, iommu_map(pair->at_once, iova, iova, size, prot, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, iommu_map(pair->one_by_one, iova, iova, size, prot, GFP_KERNEL), 0);
}

/* A page beside what is mapped then, so that there may be tables for some of it already */
static void map_neighbour(struct kunit *test, struct pair *pair, unsigned long iova)
{
	map_both(test, pair, iova, pair->page);
}

/* Pages, small and large, where the list will be */
static void map_before(struct kunit *test, struct pair *pair, struct rnd_state *rnd,
		       unsigned long iova, size_t size)
{
	static const u64 sizes[] = { SZ_4K, SZ_4K, SZ_64K, SZ_2M, SZ_2M, SZ_4M };
	unsigned int nr = prandom_u32_state(rnd) % 8;

	while (nr--) {
		u64 page = sizes[prandom_u32_state(rnd) % ARRAY_SIZE(sizes)];
		unsigned long at = iova + mul_u64_u32_shr(size, prandom_u32_state(rnd), 32);

		at = round_down(at, page);
		if (at >= iova && at + page <= iova + size && page >= pair->page)
			map_both(test, pair, at, page);
	}
}

static void unmap_neighbour(struct pair *pair, unsigned long iova)
{
	iommu_unmap(pair->at_once, iova, pair->page);
	iommu_unmap(pair->one_by_one, iova, pair->page);
}

static unsigned long random_iova(struct rnd_state *rnd, struct pair *pair, size_t size)
{
	unsigned long room = pair->last_iova + 1 - pair->first_iova - size - 2 * pair->page;
	unsigned long iova = pair->first_iova + pair->page + prandom_u32_state(rnd) % room;

	/* Where large pages fit, every other time */
	return round_down(iova, prandom_u32_state(rnd) % 2 ? pair->page : SZ_2M) +
		(iova < pair->first_iova + SZ_2M ? SZ_2M : 0);
}

static void unmap_all(struct kunit *test, struct pair *pair, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	KUNIT_ASSERT_EQ(test, iommu_unmap_phyr(pair->at_once, iova, size, &gather), size);
	iommu_iotlb_sync(pair->at_once, &gather);
	KUNIT_ASSERT_EQ(test, iommu_unmap(pair->one_by_one, iova, size), size);
}

/* Whether there were large pages among what was compared */
static bool test_one(struct kunit *test, struct pair *pair, struct rnd_state *rnd,
		     enum shape shape)
{
	static const int prots[] = {
		IOMMU_READ | IOMMU_WRITE, IOMMU_WRITE | IOMMU_CACHE, IOMMU_READ | IOMMU_CACHE,
		IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO, IOMMU_READ | IOMMU_WRITE | IOMMU_NOEXEC,
	};
	const int prot = prots[prandom_u32_state(rnd) % ARRAY_SIZE(prots)];
	struct window window = { .list = PHYR_LIST_INIT };
	size_t size, mapped, off = 0;
	unsigned long iova;
	struct phyr_iter iter;
	struct phyr range;
	phys_addr_t phys;
	int ret, ret_other = 0;
	bool is_large;

	append_ranges(test, rnd, &window.list, shape, pair->page);
	choose_window(rnd, &window);
	size = size_of(test, &window, pair->page);
	iova = random_iova(rnd, pair, size);
	map_neighbour(test, pair, iova - pair->page);
	map_neighbour(test, pair, iova + size);
	if (pair->format->replaces)
		map_before(test, pair, rnd, iova, size);

	ret = iommu_map_phyr(pair->at_once, iova, begin(test, &iter, &window), prot, GFP_KERNEL,
			     &mapped);
	begin(test, &iter, &window);
	while (phyr_iter_next(&iter, &range)) {
		size_t step = pages_of(&range, pair->page, &phys);

		ret_other = iommu_map(pair->one_by_one, iova + off, phys, step, prot, GFP_KERNEL);
		if (ret_other)
			break;
		off += step;
	}
	KUNIT_ASSERT_EQ(test, ret, ret_other);
	KUNIT_ASSERT_EQ(test, mapped, off);
	KUNIT_ASSERT_TRUE(test, ret || mapped == size);
	expect_same(test, pair, iova - pair->page, size + 2 * pair->page);
	is_large = has_large_pages(test, pair);
	make_dirty(test, pair);
	if (mapped) {
		unmap_all(test, pair, iova, mapped);
		expect_same(test, pair, iova - pair->page, size + 2 * pair->page);
	}
	unmap_neighbour(pair, iova - pair->page);
	unmap_neighbour(pair, iova + size);
	phyr_list_release(&window.list);
	return is_large;
}

static void iommu_phyr_test_same(struct kunit *test)
{
	struct pair *pair = new_pair(test);
	unsigned int i, nr_large = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 4711);
	/* Not all that is large is where large pages fit */
	for (i = 0; i < 150; i++)
		nr_large += test_one(test, pair, &rnd, i < 120 ? i % NR_SHAPES : SHAPE_HUGE);
	/* Where there are such sizes they have to have been compared, too */
	if (pair->format->root && pair->at_once->pgsize_bitmap & SZ_2M)
		KUNIT_EXPECT_GT(test, nr_large, 5);
	expect_empty(test, pair, pair->at_once);
	expect_empty(test, pair, pair->one_by_one);
}

/* The k-th table cannot be allocated: what is told to be mapped is, and nothing else */
static void iommu_phyr_test_no_table(struct kunit *test)
{
	struct pair *pair = new_pair(test);
	/* Over a boundary of two levels of tables */
	const unsigned long iova = pair->first_iova + SZ_1G - 300 * pair->page;
	const u64 step = SZ_256M + 17 * pair->page;
	struct phyr_list list = PHYR_LIST_INIT;
	const unsigned int nr = 1200;
	struct iommu_domain *domain;
	struct phyr_iter iter;
	unsigned int k, i;
	bool has_failed;
	size_t mapped;
	int ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs FAIL_PAGE_ALLOC and FAULT_INJECTION_DEBUG_FS");
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_4K + i * step, pair->page,
						       GFP_KERNEL), 0);
	for (k = 1, has_failed = true; has_failed; k++) {
		KUNIT_ASSERT_LT(test, k, 100);
		/* In one that has no tables yet */
		domain = new_domain(test, pair->format, pair->dev);
		phyr_iter_init(&iter, &list);
		phyr_test_fail_nth(k);
		ret = iommu_map_phyr(domain, iova, &iter, IOMMU_READ | IOMMU_WRITE, PHYR_TEST_GFP,
				     &mapped);
		has_failed = phyr_test_has_failed();
		KUNIT_ASSERT_EQ(test, ret, has_failed ? -ENOMEM : 0);
		KUNIT_ASSERT_TRUE(test, has_failed || mapped == nr * pair->page);
		for (i = 0; i < nr; i++)
			KUNIT_ASSERT_EQ(test, iommu_iova_to_phys(domain, iova + i * pair->page),
					i < mapped / pair->page ? SZ_4K + i * step : 0);
		if (mapped)
			KUNIT_ASSERT_EQ(test, iommu_unmap(domain, iova, mapped), mapped);
		expect_empty(test, pair, domain);
		kunit_release_action(test, free_domain, domain);
	}
	KUNIT_EXPECT_GT(test, k, 3);
	phyr_list_release(&list);
}

/*
 * Two threads whose slots take turns in the same tables: small ones in the same leaf
 * tables, and such that have one to themselves, which are then made and freed side by
 * side in the table above.
 */

#define THREAD_ROUNDS		60

static const struct slots {
	unsigned long	off;		/* of the first one */
	unsigned int	nr;		/* of each thread */
	unsigned int	pages;		/* of each */
} slot_kinds[] = {
	{ 0, 200, 16 },
	{ SZ_1G, 8, 512 },
};

struct mapper {
	struct pair		*pair;
	struct phyr_list	lists[ARRAY_SIZE(slot_kinds)];
	unsigned int		nr;
	struct task_struct	*task;
	struct completion	begin;
	struct completion	done;
	int			err;
};

/* Some by the one way, some by the other, at the same time */
static bool is_by_list(const struct mapper *mapper, unsigned int slot, unsigned int round)
{
	return (slot + round / 2 + mapper->nr) % 5;
}

static unsigned long iova_of(const struct mapper *mapper, const struct slots *slots,
			     unsigned int slot)
{
	return mapper->pair->first_iova + slots->off +
		(2 * slot + mapper->nr) * (slots->pages * mapper->pair->page);
}

/* Where page @i of a list is */
static u64 scattered(const struct mapper *mapper, unsigned int i)
{
	return SZ_2G + (mapper->nr * 2000 + 2 * i) * mapper->pair->page;
}

static int map_slot(struct mapper *mapper, unsigned int kind, unsigned int slot,
		    unsigned int round)
{
	const struct slots *slots = &slot_kinds[kind];
	const unsigned long iova = iova_of(mapper, slots, slot);
	struct iommu_domain *domain = mapper->pair->at_once;
	const int prot = IOMMU_READ | IOMMU_WRITE;
	struct phyr_iter iter;
	size_t mapped;

	if (!is_by_list(mapper, slot, round))
		return iommu_map(domain, iova, SZ_1G + iova, slots->pages * mapper->pair->page,
				 prot, GFP_KERNEL);
	phyr_iter_init(&iter, &mapper->lists[kind]);
	return iommu_map_phyr(domain, iova, &iter, prot, GFP_KERNEL, &mapped);
}

static int check_and_unmap_slot(struct mapper *mapper, unsigned int kind, unsigned int slot,
				unsigned int round)
{
	const struct slots *slots = &slot_kinds[kind];
	const unsigned long iova = iova_of(mapper, slots, slot);
	struct iommu_domain *domain = mapper->pair->at_once;
	const bool is_list = is_by_list(mapper, slot, round);
	const u64 page = mapper->pair->page;
	const size_t size = slots->pages * page;
	struct iommu_iotlb_gather gather;
	unsigned int i;

	for (i = 0; i < slots->pages; i++) {
		u64 phys = is_list ? scattered(mapper, i) : SZ_1G + iova + i * page;

		if (iommu_iova_to_phys(domain, iova + i * page) != phys)
			return -EIO;
	}
	iommu_iotlb_gather_init(&gather);
	if (iommu_unmap_phyr(domain, iova, size, &gather) != size)
		return -EIO;
	iommu_iotlb_sync(domain, &gather);
	return 0;
}

static int map_in_turns(struct mapper *mapper, unsigned int round)
{
	const unsigned int kind = round % ARRAY_SIZE(slot_kinds);
	unsigned int slot;
	int ret = 0;

	for (slot = 0; slot < slot_kinds[kind].nr && !ret; slot++)
		ret = map_slot(mapper, kind, slot, round);
	for (slot = 0; slot < slot_kinds[kind].nr && !ret; slot++)
		ret = check_and_unmap_slot(mapper, kind, slot, round);
	return ret;
}

static int map_and_unmap(void *data)
{
	struct mapper *mapper = data;
	unsigned int round;

	wait_for_completion(&mapper->begin);
	for (round = 0; round < THREAD_ROUNDS && !mapper->err; round++)
		mapper->err = map_in_turns(mapper, round);
	complete(&mapper->done);
	return 0;
}

static void init_mapper(struct kunit *test, struct mapper *mapper, struct pair *pair,
			unsigned int nr)
{
	unsigned int kind, i;

	mapper->pair = pair;
	mapper->nr = nr;
	init_completion(&mapper->begin);
	init_completion(&mapper->done);
	for (kind = 0; kind < ARRAY_SIZE(slot_kinds); kind++)
		for (i = 0; i < slot_kinds[kind].pages; i++)
			KUNIT_ASSERT_EQ(test, phyr_list_append(&mapper->lists[kind],
							       scattered(mapper, i), pair->page,
							       GFP_KERNEL), 0);
}

/* A thread that was never woken does not get to see its mapper */
static void stop_thread(void *task)
{
	kthread_stop_put(task);
}

static void iommu_phyr_test_two_cpus(struct kunit *test)
{
	struct pair *pair = new_pair(test);
	struct mapper *mappers;
	unsigned int n, kind;

	mappers = kunit_kcalloc(test, 2, sizeof(*mappers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mappers);
	for (n = 0; n < 2; n++) {
		init_mapper(test, &mappers[n], pair, n);
		mappers[n].task = kthread_create(map_and_unmap, &mappers[n], "iommu_phyr/%u", n);
		KUNIT_ASSERT_FALSE(test, IS_ERR(mappers[n].task));
		get_task_struct(mappers[n].task);
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_thread,
								mappers[n].task), 0);
	}
	for (n = 0; n < 2; n++) {
		/* With one CPU it is preemption that makes them meet, if anything does */
		kthread_bind(mappers[n].task, cpumask_nth(n % num_online_cpus(), cpu_online_mask));
		wake_up_process(mappers[n].task);
	}
	for (n = 0; n < 2; n++)
		complete(&mappers[n].begin);
	for (n = 0; n < 2; n++) {
		wait_for_completion(&mappers[n].done);
		KUNIT_EXPECT_EQ(test, mappers[n].err, 0);
		for (kind = 0; kind < ARRAY_SIZE(slot_kinds); kind++)
			phyr_list_release(&mappers[n].lists[kind]);
	}
	expect_empty(test, pair, pair->at_once);
}

static struct kunit_case iommu_phyr_cases[] = {
	KUNIT_CASE_PARAM(iommu_phyr_test_same, format_gen_params),
	KUNIT_CASE_PARAM(iommu_phyr_test_no_table, format_gen_params),
	KUNIT_CASE_PARAM(iommu_phyr_test_two_cpus, format_gen_params),
	{}
};

static struct kunit_suite iommu_phyr_suite = {
	.name = "iommu_phyr",
	.test_cases = iommu_phyr_cases,
};

kunit_test_suite(iommu_phyr_suite);

MODULE_LICENSE("GPL");
