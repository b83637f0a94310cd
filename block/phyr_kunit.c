// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of lists of block requests.
 *
 * Requests are made of bios with pages in random order and parts of them, of which some were
 * done already. Their lists are compared with the scatterlist that blk_rq_map_sg() makes of
 * a queue without limits.
 */
#include <kunit/test.h>
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/phyr-block.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>

#define PAGES	64
#define BIOS	4
#define VECS	16

struct block_test {
	struct rnd_state rnd;
	struct page *pages;
	struct request_queue q;
	struct request rq;
	struct bio *bios[BIOS];
	struct bio_vec vecs[BIOS][VECS];
	struct scatterlist sgl[BIOS * VECS];
};

static unsigned int below(struct block_test *t, unsigned int n)
{
	return prandom_u32_state(&t->rnd) % n;
}

/* Now and then a page is the next one, so that there is something to merge */
static void make_bio(struct kunit *test, struct bio *bio, struct bio_vec *vecs)
{
	struct block_test *t = test->priv;
	unsigned int nr = 1 + below(t, VECS - 1), i, page = below(t, PAGES);

	bio_init(bio, NULL, vecs, VECS, REQ_OP_WRITE);
	for (i = 0; i < nr; i++) {
		unsigned int off = below(t, 3) ? 0 : below(t, PAGE_SIZE - 1);
		unsigned int len = below(t, 3) ? PAGE_SIZE - off : 1 + below(t, PAGE_SIZE - off);

		page = below(t, 2) ? (page + 1) % PAGES : below(t, PAGES);
		__bio_add_page(bio, t->pages + page, len, off);
	}
	if (!below(t, 3))
		bio_advance_iter(bio, &bio->bi_iter, below(t, bio->bi_iter.bi_size));
}

static void make_request(struct kunit *test, unsigned int nr_bios)
{
	struct block_test *t = test->priv;
	unsigned int i;

	memset(&t->rq, 0, sizeof(t->rq));
	t->rq.q = &t->q;
	t->rq.nr_phys_segments = USHRT_MAX;
	for (i = 0; i < nr_bios; i++) {
		make_bio(test, t->bios[i], t->vecs[i]);
		if (i)
			t->bios[i - 1]->bi_next = t->bios[i];
	}
	t->rq.bio = nr_bios ? t->bios[0] : NULL;
}

static void compare(struct kunit *test, const struct phyr_list *list)
{
	struct block_test *t = test->priv;
	struct phyr range = {};
	struct phyr_iter iter;
	struct scatterlist *sg;
	int nr, i;

	sg_init_table(t->sgl, ARRAY_SIZE(t->sgl));
	nr = blk_rq_map_sg(&t->q, &t->rq, t->sgl);
	KUNIT_ASSERT_GT(test, nr, 0);
	phyr_iter_init(&iter, list);
	for_each_sg(t->sgl, sg, nr, i) {
		u64 addr = sg_phys(sg);

		/* Neighbours have become one range */
		if (!range.len)
			KUNIT_ASSERT_TRUE(test, phyr_iter_next(&iter, &range));
		KUNIT_ASSERT_EQ(test, (u64)range.addr, addr);
		KUNIT_ASSERT_GE(test, range.len, (u64)sg->length);
		range.addr += sg->length;
		range.len -= sg->length;
	}
	KUNIT_EXPECT_EQ(test, range.len, 0);
	KUNIT_EXPECT_FALSE(test, phyr_iter_next(&iter, &range));
}

static void phyr_block_test_requests(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct block_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		make_request(test, 1 + below(t, BIOS));
		KUNIT_ASSERT_EQ(test, phyr_list_append_request(&list, &t->rq, GFP_KERNEL), 0);
		KUNIT_EXPECT_LE(test, phyr_list_ranges(&list), (u64)BIOS * VECS);
		compare(test, &list);
		phyr_list_release(&list);
	}
}

/* What a driver appends is its own, as in a discard */
static void phyr_block_test_special(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct block_test *t = test->priv;

	make_request(test, 1);
	t->rq.rq_flags |= RQF_SPECIAL_PAYLOAD;
	bvec_set_page(&t->rq.special_vec, t->pages + 7, 512, 1024);
	KUNIT_ASSERT_EQ(test, phyr_list_append_request(&list, &t->rq, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&list), 512);
	compare(test, &list);
	phyr_list_release(&list);
}

static void phyr_block_test_refused(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct block_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, SZ_1M, 5, GFP_KERNEL), 0);
	make_request(test, 0);
	KUNIT_EXPECT_EQ(test, phyr_list_append_request(&list, &t->rq, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_append_integrity(&list, &t->rq, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, phyr_list_bytes(&list), 5);
	phyr_list_release(&list);
}

/* In a function that must not wait, with what was set aside before */
static void phyr_block_test_reserved(struct kunit *test)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct block_test *t = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, phyr_list_reserve(&list, BIOS * VECS, GFP_KERNEL), 0);
	for (i = 0; i < 50; i++) {
		size_t memory = phyr_list_memory(&list);

		make_request(test, BIOS);
		KUNIT_EXPECT_EQ(test, phyr_list_append_request(&list, &t->rq, GFP_ATOMIC), 0);
		KUNIT_EXPECT_EQ(test, phyr_list_memory(&list), memory);
		compare(test, &list);
		KUNIT_ASSERT_EQ(test, phyr_list_truncate(&list, 0), 0);
	}
	phyr_list_release(&list);
}

static int phyr_block_test_init(struct kunit *test)
{
	struct block_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	if (!t)
		return -ENOMEM;
	for (i = 0; i < BIOS; i++) {
		t->bios[i] = kunit_kzalloc(test, sizeof(*t->bios[i]), GFP_KERNEL);
		if (!t->bios[i])
			return -ENOMEM;
	}
	prandom_seed_state(&t->rnd, 41);
	t->q.limits.max_segment_size = UINT_MAX;
	t->q.limits.seg_boundary_mask = ULONG_MAX;
	t->pages = alloc_pages(GFP_KERNEL, ilog2(PAGES));
	if (!t->pages)
		return -ENOMEM;
	test->priv = t;
	return 0;
}

static void phyr_block_test_exit(struct kunit *test)
{
	struct block_test *t = test->priv;

	if (t)
		__free_pages(t->pages, ilog2(PAGES));
}

static struct kunit_case phyr_block_cases[] = {
	KUNIT_CASE(phyr_block_test_requests),
	KUNIT_CASE(phyr_block_test_special),
	KUNIT_CASE(phyr_block_test_refused),
	KUNIT_CASE(phyr_block_test_reserved),
	{}
};

static struct kunit_suite phyr_block_suite = {
	.name = "phyr_block",
	.init = phyr_block_test_init,
	.exit = phyr_block_test_exit,
	.test_cases = phyr_block_cases,
};

kunit_test_suite(phyr_block_suite);
