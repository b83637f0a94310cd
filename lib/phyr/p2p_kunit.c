// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of lists with peer-to-peer memory: which ranges they have and which
 * references on providers.  The providers are windows of nothing; nobody maps here.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/p2pdma-provider.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "kunit.h"

#define WINDOW_SIZE	SZ_1M
#define WINDOW_START	BIT_ULL(40)

static enum pci_p2pdma_map_type nobody(struct p2pdma_provider *provider, struct device *client,
				       const char **reason)
{
	return PCI_P2PDMA_MAP_NOT_SUPPORTED;
}

static const struct p2pdma_provider_ops nobody_ops = {
	.map_type	= nobody,
};

static void unregister(void *provider)
{
	p2pdma_provider_unregister(provider);
}

/* The n-th of windows that are side by side */
static struct p2pdma_provider *window(struct kunit *test, unsigned int n)
{
	struct p2pdma_provider *provider;
	struct device *owner;
	char name[16];

	snprintf(name, sizeof(name), "phyr-owner-%u", n);
	owner = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	provider = p2pdma_provider_register(owner, &nobody_ops, NULL,
					    WINDOW_START + n * (u64)WINDOW_SIZE, WINDOW_SIZE, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, provider);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister, provider), 0);
	return provider;
}

static void release(void *list)
{
	phyr_list_release(list);
}

static struct phyr_list *list_of(struct kunit *test)
{
	struct phyr_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release, list), 0);
	return list;
}

/* References besides the one of who registered it */
static unsigned int held(const struct p2pdma_provider *provider)
{
	return kref_read(&provider->refs) - 1;
}

static int append(struct phyr_list *list, struct p2pdma_provider *provider, u64 offset, u64 len)
{
	return phyr_list_append_p2p(list, provider, offset, len, GFP_KERNEL);
}

static void test_append_p2p_errors(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0);
	struct phyr_list *list = list_of(test);

	KUNIT_EXPECT_EQ(test, append(list, p, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, append(list, p, 0, WINDOW_SIZE + 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, append(list, p, WINDOW_SIZE, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, append(list, p, WINDOW_SIZE - 1, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, append(list, p, U64_MAX, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, append(list, p, 2, U64_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), 0);
	KUNIT_EXPECT_FALSE(test, phyr_list_has_p2p(list));
	KUNIT_EXPECT_EQ(test, held(p), 0);

	KUNIT_EXPECT_EQ(test, append(list, p, 0, WINDOW_SIZE), 0);
	p2pdma_provider_revoke(p);
	KUNIT_EXPECT_EQ(test, append(list, p, 0, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, p2pdma_provider_restore(p), 0);
	KUNIT_EXPECT_EQ(test, append(list, p, WINDOW_SIZE - 1, 1), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), WINDOW_SIZE + 1);
	KUNIT_EXPECT_TRUE(test, phyr_list_has_p2p(list));
	KUNIT_EXPECT_FALSE(test, phyr_list_is_system(list));
	KUNIT_EXPECT_EQ(test, held(p), 1);
}

static void test_coalesce_p2p(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0), *q = window(test, 1);
	struct phyr_list *list = list_of(test);
	struct phyr_iter iter;
	struct phyr range;

	/* Side by side within one window */
	KUNIT_ASSERT_EQ(test, append(list, p, 100, 5000), 0);
	KUNIT_ASSERT_EQ(test, append(list, p, 5100, WINDOW_SIZE - 5100), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), 1);
	/* The next window follows on it, and system memory on that */
	KUNIT_ASSERT_EQ(test, append(list, q, 0, WINDOW_SIZE), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, WINDOW_START + 2 * WINDOW_SIZE, SZ_4K,
					       GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_mmio(list, WINDOW_START + 2 * WINDOW_SIZE + SZ_4K,
						    SZ_4K, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(list), 4);
	KUNIT_EXPECT_EQ(test, phyr_list_runs(list), 4);
	/* The summary of addresses is of system memory */
	KUNIT_EXPECT_EQ(test, phyr_list_lowest(list), WINDOW_START + 2 * WINDOW_SIZE);

	phyr_iter_init(&iter, list);
	KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, range.addr, WINDOW_START + 100);
	KUNIT_EXPECT_EQ(test, range.len, WINDOW_SIZE - 100);
	KUNIT_EXPECT_PTR_EQ(test, range.run->provider, p);
	KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_P2P);
	KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_PTR_EQ(test, range.run->provider, q);
	KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_NULL(test, range.run->provider);
	KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_SYSTEM);
	KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, range.run->kind, PHYR_MMIO);
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));
}

/* p p q S p q q: four runs, the second run of p after system memory */
static void fill(struct kunit *test, struct phyr_list *list, struct p2pdma_provider *p,
		 struct p2pdma_provider *q)
{
	KUNIT_ASSERT_EQ(test, append(list, p, 0, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, append(list, p, SZ_8K, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, append(list, q, 0, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(list, SZ_16K, SZ_4K, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, append(list, p, 0, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, append(list, q, SZ_8K, SZ_4K), 0);
	KUNIT_ASSERT_EQ(test, append(list, q, 0, SZ_4K), 0);
}

/* How often each is held when only the first @nr pages of the above are left */
static const u8 held_p[] = { 0, 1, 1, 1, 1, 2, 2, 2 };
static const u8 held_q[] = { 0, 0, 0, 1, 1, 1, 2, 2 };

static void test_held_after_truncate(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0), *q = window(test, 1);
	struct phyr_list *list = list_of(test);
	u64 bytes;

	for (bytes = 0; bytes <= 7 * SZ_4K; bytes += SZ_2K) {
		fill(test, list, p, q);
		KUNIT_EXPECT_EQ(test, held(p), 2);
		KUNIT_EXPECT_EQ(test, held(q), 2);
		KUNIT_ASSERT_EQ(test, phyr_list_truncate(list, bytes), 0);
		KUNIT_EXPECT_EQ(test, held(p), held_p[DIV_ROUND_UP(bytes, SZ_4K)]);
		KUNIT_EXPECT_EQ(test, held(q), held_q[DIV_ROUND_UP(bytes, SZ_4K)]);
		phyr_list_release(list);
		KUNIT_EXPECT_EQ(test, held(p), 0);
		KUNIT_EXPECT_EQ(test, held(q), 0);
	}
}

static void test_held_after_split(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0), *q = window(test, 1);
	struct phyr_list *list = list_of(test), *tail = list_of(test), *moved = list_of(test);
	/* Runs that are split are two afterwards */
	static const u8 split_p[] = { 2, 3, 2, 2, 2, 2, 2, 2 };
	static const u8 split_q[] = { 2, 2, 2, 2, 2, 2, 3, 2 };
	unsigned int nr;

	for (nr = 0; nr <= 7; nr++) {
		fill(test, list, p, q);
		KUNIT_ASSERT_EQ(test, phyr_list_split(list, nr * SZ_4K, tail, GFP_KERNEL), 0);
		KUNIT_EXPECT_EQ_MSG(test, held(p), split_p[nr], "split after %u", nr);
		KUNIT_EXPECT_EQ_MSG(test, held(q), split_q[nr], "split after %u", nr);
		KUNIT_ASSERT_EQ(test, phyr_list_move(moved, tail), 0);
		KUNIT_EXPECT_EQ(test, held(p), split_p[nr]);
		phyr_list_release(tail);
		phyr_list_release(moved);
		KUNIT_EXPECT_EQ(test, held(p), held_p[nr]);
		KUNIT_EXPECT_EQ(test, held(q), held_q[nr]);
		phyr_list_release(list);
	}
	KUNIT_EXPECT_EQ(test, held(p) + held(q), 0);
}

/* More runs than a chunk has room for; an allocation that fails leaves no reference */
static void test_held_after_failure(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0), *q = window(test, 1);
	struct phyr_list *list = list_of(test);
	unsigned int i, failed = 0, runs = 0;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs FAILSLAB and FAIL_PAGE_ALLOC");
	for (i = 0; i < 1000; i++) {
		struct p2pdma_provider *provider = i % 2 ? p : q;
		unsigned int before = held(provider);
		int ret;

		phyr_test_fail_nth(1);
		ret = phyr_list_append_p2p(list, provider, i * 512 % WINDOW_SIZE, 512,
					   PHYR_TEST_GFP);
		phyr_test_has_failed();
		if (ret) {
			KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
			KUNIT_ASSERT_EQ(test, held(provider), before);
			KUNIT_ASSERT_EQ(test, phyr_list_runs(list), runs);
			failed++;
			ret = append(list, provider, i * 512 % WINDOW_SIZE, 512);
		}
		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_ASSERT_EQ(test, held(provider), before + 1);
		runs++;
	}
	KUNIT_EXPECT_GT(test, failed, 3);
	KUNIT_EXPECT_EQ(test, held(p), 500);
	KUNIT_EXPECT_EQ(test, phyr_list_truncate(list, 512 * 333), 0);
	KUNIT_EXPECT_EQ(test, held(q), 167);
	KUNIT_EXPECT_EQ(test, held(p), 166);
	phyr_list_release(list);
	KUNIT_EXPECT_EQ(test, held(p) + held(q), 0);
}

/* What is reserved is enough for ranges that are a run each */
static void test_reserve_p2p(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0), *q = window(test, 1);
	struct phyr_list *list = list_of(test);
	unsigned int i;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs FAILSLAB and FAIL_PAGE_ALLOC");
	KUNIT_ASSERT_EQ(test, phyr_list_reserve(list, 600, GFP_KERNEL), 0);
	phyr_test_fail_nth(1);
	for (i = 0; i < 600; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(list, i % 2 ? p : q, 1 + i, 17,
							   PHYR_TEST_GFP), 0);
	KUNIT_EXPECT_FALSE(test, phyr_test_has_failed());
	KUNIT_EXPECT_EQ(test, held(p), 300);
}

/* Neither a scatterlist nor a bio_vec can have it, nor can it be copied */
static void test_export_p2p(struct kunit *test)
{
	struct p2pdma_provider *p = window(test, 0);
	struct phyr_list *list = list_of(test);
	struct sg_table sgt = {};
	struct bio_vec bvecs[4];
	u8 *page, byte;

	page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, phyr_list_append_kaddr(list, page, 100, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_to_sgtable(list, &sgt, UINT_MAX, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, append(list, p, 0, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_to_sgtable(list, &sgt, UINT_MAX, GFP_KERNEL), -ENXIO);
	KUNIT_EXPECT_EQ(test, sgt.orig_nents, 1);
	KUNIT_EXPECT_EQ(test, phyr_list_to_bvecs(list, 0, phyr_list_bytes(list), bvecs, 4),
			-ENXIO);
	KUNIT_EXPECT_EQ(test, phyr_list_copy_from(list, 99, &byte, 1), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_copy_from(list, 100, &byte, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, phyr_list_copy_to(list, 100, &byte, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, phyr_list_mark_dirty(list, 0, phyr_list_bytes(list)), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(list), 100 + SZ_4K);
	sg_free_table(&sgt);
}

/* A list outlives its provider, and whoever is the last frees it */
static void test_released_after_provider(struct kunit *test)
{
	struct phyr_list *list = list_of(test);
	struct p2pdma_provider *p;
	struct device *owner;
	struct phyr_iter iter;
	struct phyr range;

	owner = kunit_device_register(test, "phyr-owner");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	p = p2pdma_provider_register(owner, &nobody_ops, NULL, WINDOW_START, WINDOW_SIZE, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	KUNIT_ASSERT_EQ(test, append(list, p, 0, SZ_4K), 0);
	p2pdma_provider_unregister(p);
	kunit_device_unregister(test, owner);
	KUNIT_EXPECT_EQ(test, append(list, p, 0, SZ_4K), -ENODEV);
	phyr_list_for_each(range, iter, list)
		KUNIT_EXPECT_PTR_EQ(test, range.run->provider, p);
	KUNIT_EXPECT_EQ(test, kref_read(&p->refs), 1);
	phyr_list_release(list);
}

static struct kunit_case phyr_p2p_cases[] = {
	KUNIT_CASE(test_append_p2p_errors),
	KUNIT_CASE(test_coalesce_p2p),
	KUNIT_CASE(test_held_after_truncate),
	KUNIT_CASE(test_held_after_split),
	KUNIT_CASE(test_held_after_failure),
	KUNIT_CASE(test_reserve_p2p),
	KUNIT_CASE(test_export_p2p),
	KUNIT_CASE(test_released_after_provider),
	{}
};

static struct kunit_suite phyr_p2p_suite = {
	.name		= "phyr_p2p",
	.test_cases	= phyr_p2p_cases,
};

kunit_test_suite(phyr_p2p_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of physical range lists with peer-to-peer memory");
