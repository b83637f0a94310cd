// SPDX-License-Identifier: GPL-2.0
/*
 * Memory regions of the kernel: ib_phyr_to_pages() of a mapped list is compared with
 * ib_sg_to_pages() of a scatterlist that has the same DMA addresses, in more pieces.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>
#include <rdma/iter.h>

#include "compare.h"
#include "umem_compare.h"

/* An MR whose page list is remembered */
struct recorder {
	struct ib_mr	mr;
	u64		*pages;
	u32		nr;
	u32		max;
};

static int record(struct ib_mr *mr, u64 page)
{
	struct recorder *rec = container_of(mr, struct recorder, mr);

	if (rec->nr == rec->max)
		return -ENOMEM;
	rec->pages[rec->nr++] = page;
	return 0;
}

/* Ranges of @umem from byte @off on, each in two entries if it has more than a page */
static int make_table(struct sg_table *sgt, struct ib_umem *umem, u64 off)
{
	struct ib_umem_dma_iter iter;
	struct scatterlist *sg;
	unsigned int nr = 0;
	int ret;

	ib_umem_dma_iter_start(&iter, umem);
	while (ib_umem_dma_iter_next(&iter))
		nr++;
	ret = sg_alloc_table(sgt, 2 * nr, GFP_KERNEL);
	if (ret)
		return ret;
	sg = sgt->sgl;
	sgt->nents = 0;
	ib_umem_dma_iter_start(&iter, umem);
	while (ib_umem_dma_iter_next(&iter)) {
		u64 len;

		if (off >= iter.len) {
			off -= iter.len;
			continue;
		}
		iter.addr += off;
		iter.len -= off;
		off = 0;
		len = iter.len > PAGE_SIZE ? round_up(iter.addr + 1, PAGE_SIZE) - iter.addr :
					     iter.len;
		for (; iter.len; iter.addr += len, iter.len -= len, len = iter.len) {
			sg_dma_address(sg) = iter.addr;
			sg_dma_len(sg) = len;
			sg = sg_next(sg);
			sgt->nents++;
		}
	}
	return 0;
}

static int compare_pages(struct recorder *phyr, s64 bytes, struct recorder *sg, int nr)
{
	u64 room = (u64)phyr->max * phyr->mr.page_size -
		   (phyr->mr.iova & (phyr->mr.page_size - 1));

	if (bytes <= 0 || (nr < 0 && phyr->nr < phyr->max)) {
		if (bytes == nr)
			return 0;
		pr_err("differs: %lld, not %d\n", bytes, nr);
		return -EIO;
	}
	/* Where the MR is full ib_sg_to_pages() does not count the last page */
	if (phyr->mr.iova != sg->mr.iova || phyr->nr != sg->nr || bytes != phyr->mr.length ||
	    memcmp(phyr->pages, sg->pages, phyr->nr * sizeof(u64)) ||
	    (phyr->nr < phyr->max ? phyr->mr.length != sg->mr.length : phyr->mr.length > room)) {
		pr_err("differs: %u pages, %llu bytes at %#llx, not %u, %llu, %#llx\n", phyr->nr,
		       phyr->mr.length, phyr->mr.iova, sg->nr, sg->mr.length, sg->mr.iova);
		return -EIO;
	}
	return 0;
}

static int compare_regions(struct ib_umem *umem, const struct umem_mr *arg)
{
	struct recorder rec[2] = {
		{ .mr.page_size = arg->page_size, .max = arg->max_pages },
		{ .mr.page_size = arg->page_size, .max = arg->max_pages },
	};
	struct sg_table sgt;
	s64 bytes;
	int ret;

	ret = make_table(&sgt, umem, arg->off);
	if (ret)
		return ret;
	rec[0].pages = kvcalloc(arg->max_pages, sizeof(u64), GFP_KERNEL);
	rec[1].pages = kvcalloc(arg->max_pages, sizeof(u64), GFP_KERNEL);
	ret = -ENOMEM;
	if (!rec[0].pages || !rec[1].pages)
		goto out_free;
	bytes = ib_phyr_to_pages(&rec[0].mr, &umem->map, arg->off, record);
	ret = ib_sg_to_pages(&rec[1].mr, sgt.sgl, sgt.nents, NULL, record);
	ret = compare_pages(&rec[0], bytes, &rec[1], ret);
out_free:
	kvfree(rec[0].pages);
	kvfree(rec[1].pages);
	sg_free_table(&sgt);
	return ret;
}

int umem_compare_mr(const struct umem_mr *arg)
{
	struct ib_device *device = umem_ib_device(arg->device);
	struct ib_umem *umem;
	int ret;

	if (!device || !arg->max_pages || !arg->page_size)
		return -EINVAL;
	umem = ib_umem_get(device, arg->addr, arg->len, 0);
	if (IS_ERR(umem))
		return PTR_ERR(umem);
	ret = compare_regions(umem, arg);
	ib_umem_release(umem);
	return ret;
}
