// SPDX-License-Identifier: GPL-2.0
/*
 * Memory regions that the kernel registers: ib_map_mr_phyr() for all of a list, piece by
 * piece, is registered, read, written, used by the other side, and invalidated; then the same
 * by ib_map_mr_sg().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "kmr.h"

/* So that lists need several */
#define KMR_MR_PAGES	16

#define KMR_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE)

/* siw's MRs have entries of any length, others have pages */
static bool counts_stretches(struct kmr *kmr)
{
	return kmr->dev->ops.driver_id == RDMA_DRIVER_SIW;
}

/* What is to fit in an MR, found page by page */
static u64 expect(struct kmr *kmr, const struct dma_phyr_map *map, u64 off)
{
	u64 len = 0, end = 0, next;
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u32 entries = 0;

	dma_phyr_for_each(range, iter, map) {
		u64 addr = range.addr;

		for (; addr < range.addr + range.len; addr = next) {
			next = min(range.addr + range.len, ALIGN_DOWN(addr, PAGE_SIZE) + PAGE_SIZE);
			if (off >= next - addr) {
				off -= next - addr;
				continue;
			}
			addr += off;
			off = 0;
			if (len && addr != end && ((addr | end) & ~PAGE_MASK))
				return len;
			if (!len || addr != end ||
			    (!counts_stretches(kmr) && !(addr & ~PAGE_MASK))) {
				if (entries++ == KMR_MR_PAGES)
					return len;
			}
			len += next - addr;
			end = next;
		}
	}
	return len;
}

static int check_len(struct kmr *kmr, const struct dma_phyr_map *map, u64 off, struct ib_mr *mr,
		     s64 len)
{
	u64 want = expect(kmr, map, off);

	if (len == want && mr->length == want)
		return 0;
	pr_err("from byte %llu on an MR has %lld bytes (%llu), not %llu\n", off, len, mr->length,
	       want);
	return -EIO;
}

/* @far: the MR is what the other QP is to read or write */
static int use_mr(struct kmr *kmr, const struct kmr_copy *copy, struct ib_mr *mr, bool far)
{
	struct kmr_remote *remote = &kmr->remote;
	struct ib_qp *owner = kmr->qp[far];
	struct ib_sge sge = {
		.addr = far ? remote->dma + copy->at : mr->iova, .length = copy->len,
	};
	struct ib_rdma_wr wr = {
		.wr.opcode = copy->to_mem == far ? IB_WR_RDMA_WRITE : IB_WR_RDMA_READ,
		.wr.sg_list = &sge, .wr.num_sge = 1,
		.remote_addr = far ? mr->iova : remote->mr->iova + copy->at,
	};
	struct kmr_wait wait;
	int ret;

	ret = kmr_register(owner, mr, KMR_ACCESS);
	if (ret)
		return ret;
	sge.lkey = far ? kmr->pd->local_dma_lkey : mr->lkey;
	wr.rkey = far ? mr->rkey : remote->mr->rkey;
	ret = kmr_post(kmr->qp[0], &wr.wr, &wait);
	return ret ?: kmr_invalidate(owner, mr);
}

/* Four ways: read or written, by the one or the other QP */
static int by_phyr(struct kmr *kmr, struct kmr_copy *copy, struct ib_mr *mr, bool far)
{
	struct dma_phyr_map map = {};
	s64 len;
	int ret;

	ret = ib_dma_map_phyr(kmr->dev, &copy->mem->list, &map, DMA_BIDIRECTIONAL, 0);
	if (ret)
		return ret;
	len = ib_map_mr_phyr(mr, &map, copy->off, copy->mem->bytes - copy->off, PAGE_SIZE);
	ret = check_len(kmr, &map, copy->off, mr, len);
	if (!ret) {
		copy->len = len;
		kmr_copy_prepare(copy);
		ret = use_mr(kmr, copy, mr, far);
	}
	dma_unmap_phyr(&map);
	return ret ?: kmr_copy_check(copy);
}

static int by_table(struct kmr *kmr, struct kmr_copy *copy, struct ib_mr *mr, bool far,
		    struct sg_table *sgt)
{
	int nents, ret;

	nents = ib_dma_map_sg(kmr->dev, sgt->sgl, sgt->nents, DMA_BIDIRECTIONAL);
	if (!nents)
		return -EIO;
	/* siw refuses more than fit */
	ret = ib_map_mr_sg(mr, sgt->sgl, min(nents, KMR_MR_PAGES), NULL, PAGE_SIZE);
	/* The device maps nothing if the MR is full inside the first entry */
	copy->mapped = ret > 0;
	if (ret > 0) {
		copy->len = mr->length;
		kmr_copy_prepare(copy);
		ret = use_mr(kmr, copy, mr, far);
	}
	ib_dma_unmap_sg(kmr->dev, sgt->sgl, sgt->nents, DMA_BIDIRECTIONAL);
	return ret;
}

static int by_sg(struct kmr *kmr, struct kmr_copy *copy, struct ib_mr *mr, bool far)
{
	struct sg_table sgt;
	int ret;

	ret = kmr_memory_table(copy->mem, 0, &sgt);
	if (ret)
		return ret;
	ret = by_table(kmr, copy, mr, far, &sgt);
	sg_free_table(&sgt);
	if (!ret && !copy->mapped && mr->length)
		return 0;
	return ret ?: kmr_copy_check(copy);
}

static int both(struct kmr *kmr, struct kmr_memory *mem, struct ib_mr *mr)
{
	struct kmr_copy copy = { .kmr = kmr, .mem = mem }, sg;
	int way, ret = 0;
	u64 len;

	/* An MR may have all of it */
	if (mem->bytes + 333 < kmr->remote.size)
		copy.at = 333;
	for (way = 0; way < 4 && !ret; way++) {
		copy.to_mem = way & 1;
		for (copy.off = 0; copy.off < mem->bytes && !ret; copy.off += copy.len)
			ret = by_phyr(kmr, &copy, mr, way & 2);
		if (ret)
			pr_err("%s: way %d from byte %llu on: %d\n", mem->name, way, copy.off, ret);
	}
	/* From the beginning; where entries did not fill it, just as many bytes */
	for (way = 0; way < 4 && !ret; way++) {
		copy.to_mem = way & 1;
		copy.off = 0;
		ret = by_phyr(kmr, &copy, mr, way & 2);
		len = copy.len;
		sg = copy;
		ret = ret ?: by_sg(kmr, &sg, mr, way & 2);
		if (!ret && (sg.len > len || (mem->nr < KMR_MR_PAGES && sg.len + PAGE_SIZE < len)))
			ret = -EIO;
		if (ret)
			pr_err("%s: %llu bytes, by a scatterlist %llu, way %d: %d\n", mem->name,
			       len, sg.len, way, ret);
	}
	return ret;
}

int kmr_test_mr(struct kmr *kmr, struct kmr_memory *mem)
{
	struct ib_mr *mr = ib_alloc_mr(kmr->pd, IB_MR_TYPE_MEM_REG, KMR_MR_PAGES);
	int ret;

	if (IS_ERR(mr))
		return PTR_ERR(mr);
	ret = both(kmr, mem, mr);
	ib_dereg_mr(mr);
	return ret;
}
