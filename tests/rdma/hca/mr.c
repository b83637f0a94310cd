// SPDX-License-Identifier: GPL-2.0
/*
 * Memory regions of the test adapter.  What a driver does with user memory is here: a umem,
 * the best page size for it, and a list of its blocks for the device.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/iter.h>
#include <rdma/uverbs_ioctl.h>

#include "hca.h"
#include "hca_abi.h"

static struct hca_mr *hca_new_mr(struct ib_pd *pd, u32 max_pages)
{
	struct hca *hca = to_hca(pd->device);
	struct hca_mr *mr;
	int ret;

	mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->pages = kvcalloc(max_pages, sizeof(*mr->pages), GFP_KERNEL);
	ret = -ENOMEM;
	if (!mr->pages)
		goto out_free;
	mr->max_pages = max_pages;
	/* Nobody can find it yet: it is not valid */
	ret = xa_alloc(&hca->mrs, &mr->id, mr, XA_LIMIT(1, 0xfffffe), GFP_KERNEL);
	if (ret)
		goto out_free;
	mr->key = mr->id << 8;
	mr->ibmr.device = pd->device;
	mr->ibmr.pd = pd;
	mr->ibmr.lkey = mr->key;
	mr->ibmr.rkey = mr->key;
	return mr;

out_free:
	kvfree(mr->pages);
	kfree(mr);
	return ERR_PTR(ret);
}

/* The page list of @umem: what is new of @mr is what there is of it */
static void hca_fill(struct hca_mr *mr, struct ib_umem *umem, u64 page_size)
{
	struct ib_block_iter iter;

	rdma_umem_for_each_dma_block(umem, &iter, page_size) {
		if (WARN_ON_ONCE(mr->nr_pages == mr->max_pages))
			break;
		mr->pages[mr->nr_pages++] = rdma_block_iter_dma_address(&iter);
	}
	mr->umem = umem;
	mr->page_size = page_size;
}

static void hca_validate(struct hca_mr *mr, u64 iova, u64 length, int access)
{
	struct hca *hca = to_hca(mr->ibmr.device);

	mutex_lock(&hca->engine);
	mr->iova = iova;
	mr->length = length;
	mr->access = access;
	mr->valid = true;
	mutex_unlock(&hca->engine);
}

/* Takes over @umem if there is no error */
static struct hca_mr *hca_mr_of_umem(struct ib_pd *pd, struct ib_umem *umem, u64 iova,
				     u64 length, int access)
{
	u64 page_size = ib_umem_find_best_pgsz(umem, HCA_PAGE_SIZES, iova), nr;
	struct hca_mr *mr;

	if (!page_size)
		return ERR_PTR(-EINVAL);
	nr = ib_umem_num_dma_blocks(umem, page_size);
	if (nr > U32_MAX)
		return ERR_PTR(-EINVAL);
	mr = hca_new_mr(pd, nr);
	if (IS_ERR(mr))
		return mr;
	hca_fill(mr, umem, page_size);
	hca_validate(mr, iova, length, access);
	return mr;
}

struct ib_mr *hca_reg_user_mr(struct ib_pd *pd, u64 start, u64 length, u64 iova, int access,
			      struct ib_udata *udata)
{
	struct hca_reg_mr_resp resp;
	struct ib_umem *umem;
	struct hca_mr *mr;
	int ret;

	umem = ib_umem_get(pd->device, start, length, access);
	if (IS_ERR(umem))
		return ERR_CAST(umem);
	mr = hca_mr_of_umem(pd, umem, iova, length, access);
	if (IS_ERR(mr)) {
		ib_umem_release(umem);
		return ERR_CAST(mr);
	}
	resp = (struct hca_reg_mr_resp) {
		.page_shift = ilog2(mr->page_size), .nr_pages = mr->nr_pages,
	};
	ret = ib_copy_to_udata(udata, &resp, min(udata->outlen, sizeof(resp)));
	if (ret) {
		hca_dereg_mr(&mr->ibmr, udata);
		return ERR_PTR(ret);
	}
	return &mr->ibmr;
}

struct ib_mr *hca_reg_user_mr_dmabuf(struct ib_pd *pd, u64 start, u64 length, u64 iova, int fd,
				     int access, struct uverbs_attr_bundle *attrs)
{
	struct ib_umem_dmabuf *umem;
	struct hca_mr *mr;

	umem = ib_umem_dmabuf_get_pinned(pd->device, start, length, fd, access);
	if (IS_ERR(umem))
		return ERR_CAST(umem);
	mr = hca_mr_of_umem(pd, &umem->umem, iova, length, access);
	if (IS_ERR(mr)) {
		ib_umem_release(&umem->umem);
		return ERR_CAST(mr);
	}
	return &mr->ibmr;
}

/* Another MR takes the place of the old one, which remains as it is if that fails */
struct ib_mr *hca_rereg_user_mr(struct ib_mr *ibmr, int flags, u64 start, u64 length, u64 iova,
				int access, struct ib_pd *pd, struct ib_udata *udata)
{
	struct hca_mr *mr = to_hca_mr(ibmr);

	if (mr->umem->is_dmabuf)
		return ERR_PTR(-EOPNOTSUPP);
	if (!(flags & IB_MR_REREG_TRANS)) {
		start = mr->umem->address;
		length = mr->umem->length;
		iova = mr->iova;
	}
	if (!(flags & IB_MR_REREG_ACCESS))
		access = mr->access;
	return hca_reg_user_mr(pd, start, length, iova, access, udata);
}

int hca_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	struct hca *hca = to_hca(ibmr->device);
	struct hca_mr *mr = to_hca_mr(ibmr);

	WRITE_ONCE(mr->valid, false);
	/* The device has then done what it was doing with it */
	mutex_lock(&hca->engine);
	xa_erase(&hca->mrs, mr->id);
	mutex_unlock(&hca->engine);
	ib_umem_release(mr->umem);
	kvfree(mr->pages);
	kfree(mr);
	return 0;
}

/* There is HCA_LOCAL_DMA_LKEY in its place, and nothing for others to name all memory by */
struct ib_mr *hca_get_dma_mr(struct ib_pd *pd, int access)
{
	return ERR_PTR(-EOPNOTSUPP);
}

struct ib_mr *hca_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 max_pages)
{
	struct hca_mr *mr;

	if (type != IB_MR_TYPE_MEM_REG)
		return ERR_PTR(-EOPNOTSUPP);
	if (!max_pages || max_pages > HCA_FAST_REG_PAGES)
		return ERR_PTR(-EINVAL);
	mr = hca_new_mr(pd, max_pages);
	return IS_ERR(mr) ? ERR_CAST(mr) : &mr->ibmr;
}

static int hca_set_page(struct ib_mr *ibmr, u64 addr)
{
	struct hca_mr *mr = to_hca_mr(ibmr);

	if (mr->nr_pages == mr->max_pages)
		return -ENOMEM;
	mr->pages[mr->nr_pages++] = addr;
	return 0;
}

int hca_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg, int nents, unsigned int *off)
{
	int ret;

	to_hca_mr(ibmr)->nr_pages = 0;
	ret = ib_sg_to_pages(ibmr, sg, nents, off, hca_set_page);
	if (ret >= 1)
		return ret;
	/* As hns: what fits of an entry is nothing */
	to_hca_mr(ibmr)->nr_pages = 0;
	return 0;
}

s64 hca_map_mr_phyr(struct ib_mr *ibmr, const struct dma_phyr_map *map, u64 off)
{
	to_hca_mr(ibmr)->nr_pages = 0;
	return ib_phyr_to_pages(ibmr, map, off, hca_set_page);
}
