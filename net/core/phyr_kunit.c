// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of lists of socket buffers.
 *
 * The bytes of a list are compared with what skb_copy_bits() finds, and its addresses with
 * those of the scatterlist that skb_to_sgvec() makes.
 */
#include <kunit/test.h>
#include <linux/phyr-skb.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>

#define HEAD	700
/* As many as an array of scatterlist entries has to have for three buffers */
#define ENTRIES	(3 * (MAX_SKB_FRAGS + 1))

static struct rnd_state rnd;

static unsigned int below(unsigned int n)
{
	return prandom_u32_state(&rnd) % n;
}

/* A linear part, which may be empty, and pages of which parts are used */
static struct sk_buff *make_skb(struct kunit *test, unsigned int head, unsigned int nr_frags)
{
	struct sk_buff *skb = alloc_skb(HEAD, GFP_KERNEL);
	unsigned int i, j, off, len;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	for (i = 0; i < head; i++)
		*(u8 *)skb_put(skb, 1) = below(256);
	for (i = 0; i < nr_frags; i++) {
		unsigned int order = below(3);
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

		KUNIT_ASSERT_NOT_NULL(test, page);
		for (j = 0; j < PAGE_SIZE << order; j += sizeof(u32))
			*(u32 *)(page_address(page) + j) = prandom_u32_state(&rnd);
		off = below(PAGE_SIZE << order);
		len = 1 + below((PAGE_SIZE << order) - off);
		skb_add_rx_frag(skb, i, page, off, len, PAGE_SIZE << order);
	}
	return skb;
}

/* Its own bytes, and those of up to two buffers more */
static struct sk_buff *make_chain(struct kunit *test, unsigned int nr_parts)
{
	struct sk_buff *skb = make_skb(test, below(HEAD), below(MAX_SKB_FRAGS + 1));
	struct sk_buff **link = &skb_shinfo(skb)->frag_list;

	for (; nr_parts; nr_parts--) {
		struct sk_buff *part = make_skb(test, 1 + below(HEAD - 1), below(5));

		*link = part;
		link = &part->next;
		skb->len += part->len;
		skb->data_len += part->len;
	}
	return skb;
}

static void compare(struct kunit *test, struct sk_buff *skb, unsigned int off, unsigned int len)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct scatterlist *sgl, *sg;
	struct phyr_iter iter;
	struct phyr range = {};
	u8 *got, *want;
	int nr, i;

	got = kunit_kmalloc(test, len, GFP_KERNEL);
	want = kunit_kmalloc(test, len, GFP_KERNEL);
	sgl = kunit_kmalloc_array(test, ENTRIES, sizeof(*sgl), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, got && want && sgl);

	KUNIT_ASSERT_EQ(test, phyr_list_append_skb(&list, skb, off, len, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&list), len);
	KUNIT_ASSERT_EQ(test, phyr_list_copy_from(&list, 0, got, len), 0);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, off, want, len), 0);
	KUNIT_EXPECT_MEMEQ(test, got, want, len);

	sg_init_table(sgl, ENTRIES);
	nr = skb_to_sgvec(skb, sgl, off, len);
	KUNIT_ASSERT_GT(test, nr, 0);
	phyr_iter_init(&iter, &list);
	for_each_sg(sgl, sg, nr, i) {
		unsigned int left = sg->length;
		u64 addr = sg_phys(sg);

		/* Neighbours have become one range */
		if (!range.len)
			KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
		KUNIT_ASSERT_EQ(test, (u64)range.addr, addr);
		KUNIT_ASSERT_GE(test, range.len, left);
		range.addr += left;
		range.len -= left;
	}
	KUNIT_EXPECT_EQ(test, range.len, 0);
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));

	phyr_list_release(&list);
	kunit_kfree(test, sgl);
	kunit_kfree(test, want);
	kunit_kfree(test, got);
}

static void phyr_skb_test_windows(struct kunit *test)
{
	unsigned int i, j, off;

	prandom_seed_state(&rnd, 17);
	for (i = 0; i < 60; i++) {
		struct sk_buff *skb = make_chain(test, i % 3);

		if (!skb->len) {
			kfree_skb(skb);
			continue;
		}
		compare(test, skb, 0, skb->len);
		compare(test, skb, skb->len - 1, 1);
		for (j = 0; j < 10; j++) {
			off = below(skb->len);
			compare(test, skb, off, 1 + below(skb->len - off));
		}
		kfree_skb(skb);
	}
}

static void phyr_skb_test_refused(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct sk_buff *skb, *part;

	prandom_seed_state(&rnd, 23);
	skb = make_skb(test, 300, 3);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_1M, 5, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, 0, 0, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, 0, skb->len + 1, GFP_KERNEL),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, skb->len, 1, GFP_KERNEL), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, UINT_MAX, 2, GFP_KERNEL), -ERANGE);

	part = make_chain(test, 1);
	skb_shinfo(skb)->frag_list = part;
	skb->len += part->len;
	skb->data_len += part->len;
	KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, 0, skb->len, GFP_KERNEL),
			-EMSGSIZE);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&list), 5);
	KUNIT_EXPECT_EQ(test, phyr_list_ranges(&list), 1);
	kfree_skb(skb);
	phyr_list_release(&list);
}

/* In a transmit function, with what was set aside before */
static void phyr_skb_test_reserved(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	unsigned int i;

	prandom_seed_state(&rnd, 31);
	KUNIT_ASSERT_EQ(test, phyr_list_reserve(&list, MAX_SKB_FRAGS + 1, GFP_KERNEL), 0);
	for (i = 0; i < 20; i++) {
		struct sk_buff *skb = make_skb(test, HEAD, MAX_SKB_FRAGS);
		size_t memory = phyr_list_memory(&list);

		local_bh_disable();
		KUNIT_EXPECT_EQ(test, phyr_list_append_skb(&list, skb, 0, skb->len, GFP_ATOMIC), 0);
		local_bh_enable();
		KUNIT_EXPECT_EQ(test, phyr_list_memory(&list), memory);
		KUNIT_ASSERT_EQ(test, phyr_list_truncate(&list, 0), 0);
		kfree_skb(skb);
	}
	phyr_list_release(&list);
}

static struct kunit_case phyr_skb_cases[] = {
	KUNIT_CASE(phyr_skb_test_windows),
	KUNIT_CASE(phyr_skb_test_refused),
	KUNIT_CASE(phyr_skb_test_reserved),
	{}
};

static struct kunit_suite phyr_skb_suite = {
	.name = "phyr_skb",
	.test_cases = phyr_skb_cases,
};

kunit_test_suite(phyr_skb_suite);
