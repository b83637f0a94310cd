// SPDX-License-Identifier: GPL-2.0
/*
 * rdma_rw contexts of lists: bytes are read and written by rdma_rw_ctx_init_phyr(), and the
 * same by rdma_rw_ctx_init(); and each allocation of the former is made to fail.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched.h>
#include <rdma/rw.h>

#include "kmr.h"

static enum dma_data_direction direction(const struct kmr_copy *copy)
{
	return copy->to_mem ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
}

static int run(struct kmr *kmr, struct rdma_rw_ctx *ctx)
{
	struct kmr_wait wait;
	int ret;

	kmr_wait_init(&wait);
	ret = rdma_rw_ctx_post(ctx, kmr->qp[0], kmr->port, &wait.cqe, NULL);
	if (ret)
		pr_err("posting: %d\n", ret);
	return ret ?: kmr_wait(&wait);
}

static int init_phyr(const struct kmr_copy *copy, struct rdma_rw_ctx *ctx,
		     struct dma_phyr_map *map)
{
	struct kmr *kmr = copy->kmr;

	return rdma_rw_ctx_init_phyr(ctx, kmr->qp[0], kmr->port, map, copy->off, copy->len,
				     kmr->remote.mr->iova + copy->at, kmr->remote.mr->rkey,
				     direction(copy));
}

/* Returns how many operations it took */
static int by_phyr(const struct kmr_copy *copy)
{
	struct kmr *kmr = copy->kmr;
	struct dma_phyr_map map = {};
	struct rdma_rw_ctx ctx;
	int ret, ops = 0;

	ret = ib_dma_map_phyr(kmr->dev, &copy->mem->list, &map, direction(copy), 0);
	if (ret)
		return ret;
	ret = init_phyr(copy, &ctx, &map);
	if (ret > 0) {
		ops = ctx.nr_ops;
		ret = run(kmr, &ctx);
		rdma_rw_ctx_destroy_phyr(&ctx, kmr->qp[0]);
	}
	dma_unmap_phyr(&map);
	return ret ?: ops;
}

static int by_table(const struct kmr_copy *copy, struct sg_table *sgt)
{
	struct kmr *kmr = copy->kmr;
	struct rdma_rw_ctx ctx;
	int ret, ops;

	ret = rdma_rw_ctx_init(&ctx, kmr->qp[0], kmr->port, sgt->sgl, sgt->nents, 0,
			       kmr->remote.mr->iova + copy->at, kmr->remote.mr->rkey,
			       direction(copy));
	if (ret < 0)
		return ret;
	ops = ctx.nr_ops;
	ret = run(kmr, &ctx);
	rdma_rw_ctx_destroy(&ctx, kmr->qp[0], kmr->port, sgt->sgl, sgt->nents, direction(copy));
	return ret ?: ops;
}

static int by_sg(const struct kmr_copy *copy)
{
	struct sg_table sgt;
	int ret;

	/* siw has no eyes for offsets */
	ret = kmr_memory_table(copy->mem, copy->off, &sgt);
	if (ret)
		return ret;
	ret = by_table(copy, &sgt);
	sg_free_table(&sgt);
	return ret;
}

/*
 * A scatterlist goes to MRs only if each entry fits into one and begins and ends with a page;
 * and an IOMMU makes long entries.
 */
static bool may_fail_by_sg(const struct kmr_copy *copy)
{
	struct ib_device *dev = copy->kmr->dev;

	return copy->mem->list_only || (!ib_uses_virt_dma(dev) && copy->len >
		(dev->attrs.max_fast_reg_page_list_len - 1) * PAGE_SIZE);
}

static int compare_copies(const struct kmr_copy *copy)
{
	const char *what = copy->to_mem ? "READ" : "WRITE";
	int phyr, sg;

	kmr_copy_prepare(copy);
	phyr = by_phyr(copy);
	if (phyr <= 0 || kmr_copy_check(copy)) {
		pr_err("%s: %s from byte %llu on by a list: %d\n", copy->mem->name, what,
		       copy->off, phyr);
		return phyr < 0 ? phyr : -EIO;
	}
	kmr_copy_prepare(copy);
	sg = by_sg(copy);
	if (sg == -EINVAL && may_fail_by_sg(copy)) {
		sg = INT_MAX;
	} else if (sg <= 0 || kmr_copy_check(copy)) {
		pr_err("%s: %s from byte %llu on by a scatterlist: %d\n", copy->mem->name, what,
		       copy->off, sg);
		return sg < 0 ? sg : -EIO;
	}
	if (phyr > sg) {
		pr_err("%s: %s takes %d operations, with a scatterlist %d\n", copy->mem->name,
		       what, phyr, sg);
		return -EIO;
	}
	return 0;
}

int kmr_test_rw(struct kmr *kmr, struct kmr_memory *mem)
{
	u64 offs[] = { 0, mem->bytes / 3, mem->bytes - 1 };
	int i, ret = 0;

	for (i = 0; i < 2 * ARRAY_SIZE(offs) && !ret; i++) {
		struct kmr_copy copy = {
			.kmr = kmr, .mem = mem, .off = offs[i / 2],
			.len = mem->bytes - offs[i / 2], .to_mem = i % 2,
		};

		if (copy.len + 333 < kmr->remote.size)
			copy.at = 333;
		ret = compare_copies(&copy);
		/* Not to the end of the mapping: what is behind must not change */
		if (!ret && copy.len > 1) {
			copy.len = copy.len / 2 + 1;
			kmr_copy_prepare(&copy);
			if (by_phyr(&copy) <= 0 || kmr_copy_check(&copy)) {
				pr_err("%s: %llu bytes from byte %llu on by a list\n", mem->name,
				       (u64)copy.len, (u64)copy.off);
				ret = -EIO;
			}
		}
	}
	return ret;
}

#ifdef CONFIG_FAULT_INJECTION
static size_t free_mrs(struct kmr *kmr)
{
	return list_count_nodes(&kmr->qp[0]->rdma_mrs);
}

/*
 * The k-th allocation fails; if there was none @left is not 0 then.  What is done by a single
 * work request, without an MR, needs none at all.
 */
static int fail_nth(const struct kmr_copy *copy, unsigned int k, unsigned int *left, bool *single)
{
	struct dma_phyr_map map = {};
	struct rdma_rw_ctx ctx = {};
	int ret;

	ret = ib_dma_map_phyr(copy->kmr->dev, &copy->mem->list, &map, direction(copy), 0);
	if (ret)
		return ret;
	current->fail_nth = k;
	ret = init_phyr(copy, &ctx, &map);
	*left = current->fail_nth;
	current->fail_nth = 0;
	if (ret > 0) {
		*single = ctx.single.wr.wr.sg_list == &ctx.single.sge;
		rdma_rw_ctx_destroy_phyr(&ctx, copy->kmr->qp[0]);
	}
	dma_unmap_phyr(&map);
	return ret;
}

int kmr_test_rw_failures(struct kmr *kmr, struct kmr_memory *mem)
{
	unsigned int k, left, failures;
	bool single = false;
	size_t before = free_mrs(kmr);
	int i, ret = 0;

	for (i = 0; i < 2; i++) {
		struct kmr_copy copy = { .kmr = kmr, .mem = mem, .len = mem->bytes, .to_mem = i };

		for (k = 1, left = 0, failures = 0; k < 1000 && !left; k++) {
			ret = fail_nth(&copy, k, &left, &single);
			if ((ret <= 0 && ret != -ENOMEM) || free_mrs(kmr) != before) {
				pr_err("%s: allocation %u: %d, %zu of %zu MRs left\n", mem->name,
				       k, ret, free_mrs(kmr), before);
				return -EIO;
			}
			failures += ret < 0;
		}
		if (ret < 0)
			return ret;
		pr_info("# %s: %u allocations\n", mem->name, failures);
		if (!failures != single)
			return -ENODATA;
	}
	return 0;
}
#else
int kmr_test_rw_failures(struct kmr *kmr, struct kmr_memory *mem)
{
	return 0;
}
#endif
